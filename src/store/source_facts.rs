//! Everything that is known of a source, for its list and its own page.
//!
//! Reads only; what writes these rows stands in `sources.rs`, `passes.rs` and `gaps.rs`.

use super::Store;
use super::error::{Error, Result};
use super::value::{Row, Value, values};
use crate::model::{Digest, ExtractionId, JobId, SourceId, Timestamp, UriKey};

/// A row of `sources`, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFacts {
    pub id: SourceId,
    pub uri: String,
    pub source_group: String,
    pub title: Option<String>,
    pub media_type: Option<String>,
    pub charset: Option<String>,
    pub charset_source: Option<String>,
    pub status: Option<i64>,
    pub body_digest: Option<Digest>,
    /// Bytes of the current body, after content decoding.
    pub body_size: Option<i64>,
    pub created_at: Timestamp,
    pub fetched_at: Option<Timestamp>,
    /// The job that stored it first; `None` when that job was deleted or is from before tracking.
    pub created_by_job: Option<JobId>,
    /// The job whose fetch stored the current content.
    pub content_job: Option<JobId>,
    /// Why its current content is not extracted, when it should be.
    pub unpassed_reason: Option<String>,
    /// The URI that the page calls its canonical one, when that is another than its own.
    pub canonical_uri: Option<String>,
    /// A primary language tag, or `unknown` where one was looked for and not found.
    pub language: Option<String>,
    /// Whether it may be extracted.
    pub extractable: bool,
}

/// A row of `gaps`.
#[derive(Debug, Clone, PartialEq)]
pub struct GapRow {
    pub stage: String,
    pub reason: String,
    pub class: String,
    pub position: String,
    pub attempts: i64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub job: Option<JobId>,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by_job: Option<JobId>,
    pub detail: String,
}

const COLUMNS: &str = "id, uri, source_group, title, media_type, charset, charset_source, status, \
    body_digest, body_size, created_at, fetched_at, created_by_job_id, content_job_id, unpassed_reason, \
    canonical_uri, language, extractable";

fn facts(row: &dyn Row) -> Result<SourceFacts> {
    Ok(SourceFacts {
        id: row.get(0)?,
        uri: row.get(1)?,
        source_group: row.get(2)?,
        title: row.get(3)?,
        media_type: row.get(4)?,
        charset: row.get(5)?,
        charset_source: row.get(6)?,
        status: row.get(7)?,
        body_digest: row.get(8)?,
        body_size: row.get(9)?,
        created_at: row.get(10)?,
        fetched_at: row.get(11)?,
        created_by_job: row.get(12)?,
        content_job: row.get(13)?,
        unpassed_reason: row.get(14)?,
        canonical_uri: row.get(15)?,
        language: row.get(16)?,
        extractable: row.get(17)?,
    })
}

impl Store {
    /// Reads sources by group and URI; all of them, or those that a job created or brought the content of.
    pub fn source_list(
        &mut self,
        job: Option<JobId>,
        group: Option<&str>,
        each: &mut dyn FnMut(SourceFacts) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            &format!(
                "SELECT {COLUMNS} FROM sources \
                 WHERE (created_by_job_id = $1 OR content_job_id = $1 OR $2) \
                 AND (source_group = $3 OR $4) \
                 ORDER BY source_group COLLATE \"C\", uri COLLATE \"C\""
            ),
            &values![job, job.is_none(), group, group.is_none()],
            &mut |row| each(facts(row)?),
        )
    }

    /// Reads one source.
    pub fn source_facts(&mut self, id: SourceId) -> Result<SourceFacts> {
        let mut found = None;
        self.engine.query(
            &format!("SELECT {COLUMNS} FROM sources WHERE id = $1"),
            &values![id],
            &mut |row| {
                found = Some(facts(row)?);
                Ok(())
            },
        )?;
        found.ok_or_else(|| Error::NotFound {
            noun: "source",
            given: id.to_string(),
        })
    }

    /// Reads the gaps of a source and of its URI, open and resolved.
    pub fn gaps_of_source(&mut self, id: SourceId, uri: &str) -> Result<Vec<GapRow>> {
        self.gaps_where("source_id = $1 OR what = $2", &values![id, UriKey::of(uri)])
    }

    /// Reads the open gaps of a URL that is not stored.
    pub fn gaps_of_uri(&mut self, uri: &str) -> Result<Vec<GapRow>> {
        // With its condition the index over open gaps is used.
        self.gaps_where(
            "what = $1 AND resolved_at IS NULL",
            &values![UriKey::of(uri)],
        )
    }

    fn gaps_where(&mut self, condition: &str, parameters: &[Value<'_>]) -> Result<Vec<GapRow>> {
        let mut gaps = Vec::new();
        self.engine.query(
            &format!(
                "SELECT stage, reason, class, position, attempts, first_seen, last_seen, job_id, \
                 resolved_at, resolved_by_job_id, detail FROM gaps WHERE {condition} \
                 ORDER BY stage COLLATE \"C\", reason COLLATE \"C\", position COLLATE \"C\", \
                 first_seen, id"
            ),
            parameters,
            &mut |row| {
                gaps.push(GapRow {
                    stage: row.get(0)?,
                    reason: row.get(1)?,
                    class: row.get(2)?,
                    position: row.get(3)?,
                    attempts: row.get(4)?,
                    first_seen: row.get(5)?,
                    last_seen: row.get(6)?,
                    job: row.get(7)?,
                    resolved_at: row.get(8)?,
                    resolved_by_job: row.get(9)?,
                    detail: row.get(10)?,
                });
                Ok(())
            },
        )?;
        Ok(gaps)
    }

    /// Counts the mentions of each extraction of a source.
    pub fn mention_counts(&mut self, id: SourceId) -> Result<Vec<(ExtractionId, i64)>> {
        let mut counts = Vec::new();
        self.engine.query(
            "SELECT extraction_entities.extraction_id, COUNT(*) FROM extraction_entities \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE extractions.source_id = $1 GROUP BY extraction_entities.extraction_id",
            &values![id],
            &mut |row| {
                counts.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        Ok(counts)
    }

    /// Says whether a source is there.
    pub fn holds_source(&mut self, id: SourceId) -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM sources WHERE id = $1";
        Ok(self.count(sql, &values![id])? > 0)
    }

    /// Says whether any source is of this group.
    pub fn holds_group(&mut self, group: &str) -> Result<bool> {
        let sql =
            "SELECT COUNT(*) FROM (SELECT 1 FROM sources WHERE source_group = $1 LIMIT 1) AS one";
        Ok(self.count(sql, &values![group])? > 0)
    }

    /// Says whether the bytes under `digest` are kept.
    pub fn keeps_body(&mut self, digest: Digest) -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM bodies WHERE digest = $1";
        Ok(self.count(sql, &values![digest])? > 0)
    }

    /// Counts the sources whose current content is not extracted, by reason.
    pub fn unpassed_counts(&mut self) -> Result<Vec<(String, i64)>> {
        let mut counts = Vec::new();
        self.engine.query(
            "SELECT unpassed_reason, COUNT(*) FROM sources WHERE unpassed_reason IS NOT NULL \
             GROUP BY unpassed_reason ORDER BY unpassed_reason COLLATE \"C\"",
            &[],
            &mut |row| {
                counts.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        Ok(counts)
    }
}
