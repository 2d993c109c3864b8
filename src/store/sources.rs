//! Sources: one row a URI, in its current version, whoever found it.

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{Body, Digest, FrontierEntry, SourceChange, SourceId, Timestamp, UriKey};

/// The bytes of a source and the charset that they are in.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBody {
    pub charset: Option<String>,
    pub bytes: Vec<u8>,
}

/// What a fetch says of a source.
pub(super) struct Fetched<'a> {
    pub entry: &'a FrontierEntry,
    pub body: &'a Body,
    pub source_group: &'a str,
    pub title: Option<&'a str>,
    pub media_type: &'a str,
    pub charset: Option<&'a str>,
    pub charset_source: Option<&'a str>,
    pub status: Option<u16>,
    pub extractable: bool,
    pub at: Timestamp,
}

impl Store {
    /// Stores what a fetch brought; the body must be kept already. Tells new, changed and unchanged apart
    /// by digest, and what was there before.
    pub(super) fn put_source(
        &mut self,
        fetched: &Fetched<'_>,
    ) -> Result<(SourceId, SourceChange, Option<Digest>)> {
        let job = fetched.entry.claim.job;
        let pending = fetched.extractable.then_some("not_extracted");
        let mut id = SourceId::new();
        let inserted = self.engine.execute(
            "INSERT INTO sources (id, uri_key, uri, source_group, title, media_type, created_at, \
             created_by_job_id, body_digest, body_size, charset, charset_source, status, fetched_at, \
             content_job_id, unpassed_reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $7, $8, $14) \
             ON CONFLICT (uri_key) DO NOTHING",
            &values![
                id,
                fetched.entry.key,
                &fetched.entry.uri,
                fetched.source_group,
                fetched.title,
                fetched.media_type,
                fetched.at,
                job,
                fetched.body.digest,
                fetched.body.size as i64,
                fetched.charset,
                fetched.charset_source,
                fetched.status.map(i64::from),
                pending,
            ],
        )?;
        if inserted == 1 {
            return Ok((id, SourceChange::New, None));
        }
        let mut before: Option<Digest> = None;
        let mut read_alike = false;
        let lock = self.engine.row_lock_suffix();
        self.engine.query(
            &format!(
                "SELECT id, body_digest, media_type, charset FROM sources WHERE uri_key = $1{lock}"
            ),
            &values![fetched.entry.key],
            &mut |row| {
                id = row.get(0)?;
                before = row.get(1)?;
                let (media_type, charset): (Option<String>, Option<String>) =
                    (row.get(2)?, row.get(3)?);
                read_alike = media_type.as_deref() == Some(fetched.media_type)
                    && charset.as_deref() == fetched.charset;
                Ok(())
            },
        )?;
        if before == Some(fetched.body.digest) {
            self.engine.execute(
                "UPDATE sources SET fetched_at = $1, status = $2 WHERE id = $3",
                &values![fetched.at, fetched.status.map(i64::from), id],
            )?;
            if !read_alike {
                self.read_otherwise(id, fetched)?;
            }
            return Ok((id, SourceChange::Unchanged, before));
        }
        self.replace_content(id, fetched)?;
        Ok((id, SourceChange::Changed, before))
    }

    /// The same bytes under another media type or charset are another text.
    fn read_otherwise(&mut self, id: SourceId, fetched: &Fetched<'_>) -> Result<()> {
        self.engine.execute(
            "UPDATE sources SET title = $1, media_type = $2, charset = $3, charset_source = $4 \
             WHERE id = $5",
            &values![
                fetched.title,
                fetched.media_type,
                fetched.charset,
                fetched.charset_source,
                id,
            ],
        )?;
        self.unpass(id, fetched.extractable)
    }

    fn replace_content(&mut self, id: SourceId, fetched: &Fetched<'_>) -> Result<()> {
        self.engine.execute(
            "UPDATE sources SET title = $1, media_type = $2, body_digest = $3, body_size = $4, \
             charset = $5, charset_source = $6, status = $7, fetched_at = $8, content_job_id = $9 \
             WHERE id = $10",
            &values![
                fetched.title,
                fetched.media_type,
                fetched.body.digest,
                fetched.body.size as i64,
                fetched.charset,
                fetched.charset_source,
                fetched.status.map(i64::from),
                fetched.at,
                fetched.entry.claim.job,
                id,
            ],
        )?;
        self.unpass(id, fetched.extractable)
    }

    /// Makes a source one that no profile has passed as it is now.
    fn unpass(&mut self, id: SourceId, extractable: bool) -> Result<()> {
        self.engine.execute(
            "UPDATE sources SET unpassed_reason = CASE WHEN NOT $1 THEN NULL WHEN EXISTS \
             (SELECT 1 FROM extractions WHERE extractions.source_id = sources.id) \
             THEN 'content_changed' ELSE 'not_extracted' END WHERE id = $2",
            &values![extractable, id],
        )?;
        // Whoever is extracting the old content has lost the claim with this. A job that had passed the
        // old content is done with it: the new content is for the next job to select.
        self.engine.execute(
            "UPDATE passes SET job_id = CASE WHEN state = 'pending' THEN job_id END, \
             state = 'pending', worker_id = NULL, attempt = attempt + 1 WHERE source_id = $1",
            &values![id],
        )?;
        Ok(())
    }

    pub(super) fn source_by_uri(&mut self, uri: &str) -> Result<Option<SourceId>> {
        let mut found = None;
        self.engine.query(
            "SELECT id FROM sources WHERE uri_key = $1",
            &values![UriKey::of(uri)],
            &mut |row| {
                found = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Returns the bytes of a source's current body, if they are kept.
    pub fn stored_body(&mut self, id: SourceId) -> Result<Option<StoredBody>> {
        let facts = self.source_facts(id)?;
        let Some(digest) = facts.body_digest else {
            return Ok(None);
        };
        let charset = facts.charset;
        Ok(self
            .body(digest)?
            .map(|bytes| StoredBody { charset, bytes }))
    }
}
