//! Sources: one row a URI, in its current version, whoever found it.

use std::collections::HashMap;

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use crate::model::{
    Body, Declared, Digest, FrontierEntry, PackedLinks, SourceChange, SourceId, Timestamp, UriKey,
};

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
    /// Distinct normalized links of the body.
    pub links: &'a PackedLinks,
    /// Links of schemes that are not followed, counted only.
    pub other_links: u64,
    pub source_group: &'a str,
    pub title: Option<&'a str>,
    pub media_type: &'a str,
    pub charset: Option<&'a str>,
    pub charset_source: Option<&'a str>,
    pub status: Option<u16>,
    /// What its server can be asked about it by.
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
    /// Whether it is of a kind to be extracted.
    pub extractable: bool,
    pub declared: &'a Declared,
    pub at: Timestamp,
}

/// What became of a source that was stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct PutSource {
    pub id: SourceId,
    pub change: SourceChange,
    /// The digest of the content that was replaced.
    pub before: Option<Digest>,
}

/// A source's row before a fetch is compared with it.
struct Stored {
    id: SourceId,
    digest: Option<Digest>,
    media_type: Option<String>,
    charset: Option<String>,
    extractable: bool,
    /// Of what is stored from now on: the later of both fetches.
    fetched_at: Timestamp,
}

impl Fetched<'_> {
    fn is_extractable(&self) -> bool {
        self.extractable && !self.declared.noindex
    }
}

/// What a fetch always changes of a row that is there, unless that was fetched later: two crawls may go on
/// at once, and an archive brings fetches of years ago. What was fetched later than now, which is the first
/// number, was so by a clock that was wrong. A server that says that nothing changed need not name again what it
/// named before.
const ON_CONFLICT: &str = "ON CONFLICT (uri_key) DO UPDATE SET \
    fetched_at = CASE WHEN sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1 THEN sources.fetched_at \
    ELSE excluded.fetched_at END, \
    status = CASE WHEN (sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1) \
    OR excluded.status = 304 \
    THEN sources.status ELSE excluded.status END, \
    etag = CASE WHEN sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1 THEN sources.etag \
    WHEN excluded.status = 304 THEN COALESCE(excluded.etag, sources.etag) ELSE excluded.etag END, \
    last_modified = CASE WHEN sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1 THEN sources.last_modified \
    WHEN excluded.status = 304 THEN COALESCE(excluded.last_modified, sources.last_modified) \
    ELSE excluded.last_modified END, \
    canonical_uri = CASE WHEN sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1 THEN sources.canonical_uri \
    ELSE excluded.canonical_uri END, \
    language = CASE WHEN sources.fetched_at > excluded.fetched_at AND sources.fetched_at <= $1 THEN sources.language \
    ELSE excluded.language END \
    RETURNING uri_key, id, body_digest, media_type, charset, extractable, fetched_at";

impl Store {
    /// Stores what fetches brought, each of another URI; the bodies must be kept already. Tells new, changed
    /// and unchanged apart by digest, in the order of `fetched`.
    pub(super) fn put_sources(&mut self, fetched: &[Fetched<'_>]) -> Result<Vec<PutSource>> {
        let rows: Vec<(SourceId, &Fetched<'_>)> =
            fetched.iter().map(|one| (SourceId::new(), one)).collect();
        let mut stored: HashMap<UriKey, Stored> = HashMap::with_capacity(rows.len());
        // A row that is there is locked and given back as it was but for the time, the status and what the
        // page says of itself, which are the fetch's whatever it brought.
        self.insert_rows_given(
            "sources (id, uri_key, uri, source_group, title, media_type, created_at, \
             created_by_job_id, body_digest, body_size, charset, charset_source, status, fetched_at, \
             content_job_id, unpassed_reason, canonical_uri, language, extractable, etag, \
             last_modified)",
            ON_CONFLICT,
            &values![Timestamp::now()],
            &rows,
            |(id, one)| {
                values![
                    *id,
                    one.entry.own_key(),
                    &one.entry.uri,
                    one.source_group,
                    one.title,
                    one.media_type,
                    one.at,
                    one.entry.claim.job,
                    one.body.digest,
                    one.body.size as i64,
                    one.charset,
                    one.charset_source,
                    one.status.map(i64::from),
                    one.at,
                    one.entry.claim.job,
                    one.is_extractable().then_some("not_extracted"),
                    one.declared.canonical_uri.as_deref(),
                    one.declared.language.as_deref(),
                    one.is_extractable(),
                    one.etag,
                    one.last_modified,
                ]
            },
            &mut |row| {
                let before = Stored {
                    id: row.get(1)?,
                    digest: row.get(2)?,
                    media_type: row.get(3)?,
                    charset: row.get(4)?,
                    extractable: row.get(5)?,
                    fetched_at: row.get(6)?,
                };
                stored.insert(row.get(0)?, before);
                Ok(())
            },
        )?;
        rows.into_iter()
            .map(|(new_id, one)| {
                let before = stored.remove(&one.entry.own_key()).ok_or_else(|| {
                    Error::Decode(format!("the source of {} came back not", one.entry.uri))
                })?;
                let id = before.id;
                let change = if id == new_id {
                    SourceChange::New
                } else if before.digest == Some(one.body.digest) {
                    let read_alike = before.media_type.as_deref() == Some(one.media_type)
                        && before.charset.as_deref() == one.charset;
                    // One that may be another's alias stays as it is until the job's end, when that is
                    // looked at.
                    let may_be_alias = !before.extractable && one.declared.canonical_uri.is_some();
                    if before.fetched_at > one.at {
                        // What the later fetch said of it holds.
                    } else if !read_alike {
                        self.read_otherwise(id, one)?;
                    } else if before.extractable != one.is_extractable() && !may_be_alias {
                        self.set_extractable(id, one.is_extractable())?;
                    }
                    SourceChange::Unchanged
                } else if before.fetched_at > one.at {
                    SourceChange::Older
                } else {
                    self.replace_content(id, one)?;
                    SourceChange::Changed
                };
                Ok(PutSource {
                    id,
                    change,
                    before: before.digest.filter(|_| change == SourceChange::Changed),
                })
            })
            .collect()
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
        self.set_extractable(id, fetched.is_extractable())
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
        self.set_extractable(id, fetched.is_extractable())
    }

    /// Makes a source one that no profile has passed as it is now, and that may or may not be extracted.
    pub(super) fn set_extractable(&mut self, id: SourceId, extractable: bool) -> Result<()> {
        self.engine.execute(
            "UPDATE sources SET extractable = $1, unpassed_reason = CASE WHEN NOT $1 THEN NULL WHEN EXISTS \
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
        let key = UriKey::of(uri);
        Ok(self.sources_by_key(&[key])?.remove(&key))
    }

    /// Returns the ids of those sources that are stored under `keys`.
    pub(super) fn sources_by_key(&mut self, keys: &[UriKey]) -> Result<HashMap<UriKey, SourceId>> {
        let mut found = HashMap::new();
        self.query_among(
            "SELECT uri_key, id FROM sources WHERE uri_key",
            "",
            &[],
            keys,
            &mut |row| {
                found.insert(row.get(0)?, row.get(1)?);
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
