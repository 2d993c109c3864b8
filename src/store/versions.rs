//! What is stored of a URL already, so that its server can be asked if that still holds.
//!
//! Reads only. A version counts when its body is whole: of a part nobody knows if the rest has changed.

use std::collections::HashMap;

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{Digest, StoredVersion, Timestamp, UriKey};

/// Events of a source that are looked through for the answer that brought its body.
const EVENTS_READ: i64 = 64;

/// An answer as it came when its body was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The headers that were kept, by lower-case name.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// When an answer was asked for, and its headers.
type Brought = (Timestamp, Vec<(String, String)>);

impl Store {
    /// Returns what is stored whole under `keys`, no larger than `most` bytes, and can be asked about.
    pub fn stored_versions(
        &mut self,
        keys: &[UriKey],
        most: u64,
    ) -> Result<HashMap<UriKey, StoredVersion>> {
        let mut versions = HashMap::new();
        self.query_among(
            "SELECT uri_key, etag, last_modified, body_digest FROM sources WHERE body_size <= $1 \
             AND uri_key",
            " AND (etag IS NOT NULL OR last_modified IS NOT NULL) AND body_digest IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM gaps WHERE gaps.what = sources.uri_key \
             AND gaps.resolved_at IS NULL AND gaps.position <> '' AND gaps.reason IN \
             ('body_incomplete', 'body_truncated', 'content_encoding', 'decompression_ratio'))",
            &values![i64::try_from(most).unwrap_or(i64::MAX)],
            keys,
            &mut |row| {
                let version = StoredVersion {
                    etag: row.get(1)?,
                    last_modified: row.get(2)?,
                    body_digest: row.get(3)?,
                    fetched_at: None,
                };
                versions.insert(row.get(0)?, version);
                Ok(())
            },
        )?;
        Ok(versions)
    }

    /// Looks up when each version was asked for; the record of one may be erased, and then nobody knows.
    pub fn date_versions(&mut self, versions: &mut HashMap<UriKey, StoredVersion>) -> Result<()> {
        for (key, version) in versions {
            let brought = self.brought(*key, version.body_digest)?;
            version.fetched_at = brought.map(|(at, _)| at);
        }
        Ok(())
    }

    /// Returns the answer that brought the body under `digest` from a URL; `None` when its body is not kept
    /// any more, or no event tells how it came.
    pub fn stored_answer(&mut self, key: UriKey, digest: Digest) -> Result<Option<StoredAnswer>> {
        let Some((_, headers)) = self.brought(key, digest)? else {
            return Ok(None);
        };
        let body = self.body(digest)?;
        Ok(body.map(|body| StoredAnswer { headers, body }))
    }

    /// Returns when a body was brought last, and the headers that came with it.
    fn brought(&mut self, key: UriKey, digest: Digest) -> Result<Option<Brought>> {
        let digest = digest.to_string();
        let mut found = None;
        self.engine.query(
            "SELECT payload, at FROM events WHERE source_key = $1 AND payload IS NOT NULL \
             AND kind IN ('source_created', 'source_changed', 'source_unchanged') \
             ORDER BY at DESC, sequence DESC LIMIT $2",
            &values![key, EVENTS_READ],
            &mut |row| {
                let payload: serde_json::Value = row.get(0)?;
                let fetch = &payload["fetch"];
                let brought_it = payload["body_digest"].as_str() == Some(&digest)
                    && fetch["status"].as_i64().is_some_and(|status| status != 304);
                if brought_it && found.is_none() {
                    let headers = fetch["headers"].clone();
                    let headers = serde_json::from_value(headers).unwrap_or_default();
                    found = Some((row.get(1)?, headers));
                }
                Ok(())
            },
        )?;
        Ok(found)
    }
}
