//! What `db check` asks of the rows themselves: each rule is a query that finds what breaks it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::Store;
use super::error::Result;
use super::limits::CLOSING_LIMITS;
use super::value::{Row, values};
use crate::model::{Digest, EntityType, ExtractionId, JobId, UriKey, UrlKind};

/// Extractions whose spans are read at a time.
const TEXTS_PER_READ: i64 = 200;

/// The event that goes with each outcome of a URL whose turn had come.
const EVENT_OF_OUTCOME: &str = "CASE WHEN frontier.reason = 'canonical_alias' THEN 'source_aliased' \
    ELSE CASE frontier.outcome WHEN 'new' THEN 'source_created' \
    WHEN 'changed' THEN 'source_changed' WHEN 'unchanged' THEN 'source_unchanged' \
    WHEN 'alias' THEN 'url_aliased' WHEN 'skipped' THEN 'url_skipped' ELSE 'url_failed' END END";

const OUTCOME_EVENTS: &str = "('source_created', 'source_changed', 'source_unchanged', 'url_aliased', \
    'url_skipped', 'url_failed')";

/// Whether an event speaks of the URL whose later capture in an archive a row is: their keys have the same
/// first 96 bits (`UriKey::capture`). A range and not a comparison of parts, so that an index serves.
const OF_CAPTURE: &str = "frontier.locator IS NOT NULL \
    AND events.source_key >= substr(frontier.uri_key, 1, 24) || '00000000' \
    AND events.source_key <= substr(frontier.uri_key, 1, 24) || 'ffffffff'";

/// The same, looked for from the event.
const CAPTURE_OF: &str = "frontier.locator IS NOT NULL \
    AND frontier.uri_key >= substr(events.source_key, 1, 24) || '00000000' \
    AND frontier.uri_key <= substr(events.source_key, 1, 24) || 'ffffffff'";

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name.
    pub rule: &'static str,
    /// What breaks it.
    pub what: String,
}

/// A page whose links are to be found in its job's frontier.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkCheck {
    pub job: JobId,
    /// One for all pages of a job: it may name a hundred thousand seeds.
    pub params: Arc<serde_json::Value>,
    pub uri: String,
    pub kind: UrlKind,
    pub depth: i64,
    pub media_type: String,
    pub charset: String,
    pub body_digest: Digest,
}

impl Store {
    /// Checks every rule that rows alone can break.
    pub fn check_rows(&mut self) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        for fault in self.engine.integrity_faults()? {
            violations.push(Violation {
                rule: "integrity",
                what: fault,
            });
        }
        self.violations_of(
            "flag",
            "SELECT sources.uri || ' ' || extractions.extraction_type || ': the flag is TRUE and ' || \
             CASE WHEN EXISTS (SELECT 1 FROM windows WHERE windows.extraction_id = extractions.id \
             AND windows.state <> 'done') THEN 'a window is not done' ELSE 'a gap is open' END \
             FROM extractions JOIN sources ON sources.id = extractions.source_id \
             WHERE extractions.entities_extracted IS TRUE AND (EXISTS (SELECT 1 FROM windows \
             WHERE windows.extraction_id = extractions.id AND windows.state <> 'done') \
             OR EXISTS (SELECT 1 FROM gaps WHERE gaps.extraction_id = extractions.id \
             AND gaps.stage = 'entities' AND gaps.resolved_at IS NULL))",
            &mut violations,
        )?;
        self.violations_of(
            "extraction_source",
            "SELECT 'extraction ' || CAST(extractions.id AS TEXT) || ' has no source' FROM extractions \
             LEFT JOIN sources ON sources.id = extractions.source_id WHERE sources.id IS NULL",
            &mut violations,
        )?;
        self.violations_of(
            "extraction_unique",
            "SELECT 'source ' || CAST(source_id AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT) || \
             ' extractions ' || profile || '/' || extraction_type || '/' || CAST(ordinal AS TEXT) \
             FROM extractions GROUP BY source_id, profile, extraction_type, ordinal HAVING COUNT(*) > 1",
            &mut violations,
        )?;
        self.check_outcomes(&mut violations)?;
        self.check_spans(&mut violations)?;
        Ok(violations)
    }

    fn check_outcomes(&mut self, violations: &mut Vec<Violation>) -> Result<()> {
        // A URL decided when it was found, or closed by a limit, had no turn and has no event of its own.
        self.violations_of(
            "outcome_event",
            &format!(
                "SELECT frontier.uri || ' ended as ' || frontier.outcome || ' and no event says so' \
                 FROM frontier WHERE frontier.outcome IS NOT NULL AND frontier.attempt > 0 \
                 AND (frontier.reason IS NULL OR frontier.reason NOT IN {CLOSING_LIMITS}) \
                 AND NOT EXISTS (SELECT 1 FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.source_key = frontier.uri_key AND runs.job_id = frontier.job_id \
                 AND events.kind = {EVENT_OF_OUTCOME}) \
                 AND NOT (frontier.locator IS NOT NULL AND EXISTS (SELECT 1 FROM events \
                 JOIN runs ON runs.id = events.run_id WHERE {OF_CAPTURE} \
                 AND runs.job_id = frontier.job_id AND events.kind = {EVENT_OF_OUTCOME}))"
            ),
            violations,
        )?;
        self.violations_of(
            "event_outcome",
            &format!(
                "SELECT events.source_uri || ': the event ' || events.kind || ' has no outcome' \
                 FROM events JOIN runs ON runs.id = events.run_id JOIN jobs ON jobs.id = runs.job_id \
                 WHERE (events.kind IN {OUTCOME_EVENTS} OR events.kind = 'source_aliased') \
                 AND NOT EXISTS (SELECT 1 FROM frontier \
                 WHERE frontier.job_id = jobs.id AND frontier.uri_key = events.source_key \
                 AND (events.kind = {EVENT_OF_OUTCOME} OR (frontier.reason = 'canonical_alias' \
                 AND events.kind IN ('source_created', 'source_changed', 'source_unchanged')))) \
                 AND NOT EXISTS (SELECT 1 FROM frontier WHERE frontier.job_id = jobs.id \
                 AND {CAPTURE_OF} AND events.kind = {EVENT_OF_OUTCOME})"
            ),
            violations,
        )?;
        self.violations_of(
            "outcome_once",
            &format!(
                "SELECT ends.uri || ' has ' || CAST(ends.count AS TEXT) || ' outcomes in one job' \
                 FROM (SELECT runs.job_id AS job_id, events.source_key AS source_key, \
                 MIN(events.source_uri) AS uri, COUNT(*) AS count \
                 FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.kind IN {OUTCOME_EVENTS} AND runs.job_id IS NOT NULL \
                 GROUP BY runs.job_id, events.source_key HAVING COUNT(*) > 1) AS ends \
                 WHERE ends.count > (SELECT COUNT(*) FROM frontier WHERE frontier.job_id = ends.job_id \
                 AND (frontier.uri_key = ends.source_key OR frontier.locator IS NOT NULL) \
                 AND frontier.uri_key >= substr(ends.source_key, 1, 24) || '00000000' \
                 AND frontier.uri_key <= substr(ends.source_key, 1, 24) || 'ffffffff')"
            ),
            violations,
        )?;
        self.violations_of(
            "pass_event",
            "SELECT sources.uri || ': its pass is ' || passes.state || ' and no event says so' \
             FROM passes JOIN sources ON sources.id = passes.source_id \
             JOIN jobs ON jobs.id = passes.job_id WHERE passes.state <> 'pending' \
             AND NOT EXISTS (SELECT 1 FROM events JOIN runs ON runs.id = events.run_id \
             WHERE events.source_key = sources.uri_key AND runs.job_id = passes.job_id \
             AND events.kind IN ('source_extracted', 'extraction_failed'))",
            violations,
        )?;
        self.violations_of(
            "balance",
            "SELECT 'job ' || CAST(jobs.id AS TEXT) || ' is completed and ' || \
             CAST(COUNT(*) AS TEXT) || ' of its URLs have no outcome' FROM jobs \
             JOIN frontier ON frontier.job_id = jobs.id WHERE jobs.state = 'completed' \
             AND frontier.outcome IS NULL GROUP BY jobs.id",
            violations,
        )?;
        self.violations_of(
            "stored_source",
            "SELECT frontier.uri || ' ended as ' || frontier.outcome || ' and has no source' \
             FROM frontier WHERE frontier.outcome IN ('new', 'changed', 'unchanged') \
             AND frontier.source_id IS NULL",
            violations,
        )
    }

    fn violations_of(
        &mut self,
        rule: &'static str,
        sql: &str,
        violations: &mut Vec<Violation>,
    ) -> Result<()> {
        self.engine.query(sql, &[], &mut |row| {
            violations.push(Violation {
                rule,
                what: row.get(0)?,
            });
            Ok(())
        })
    }

    fn check_spans(&mut self, violations: &mut Vec<Violation>) -> Result<()> {
        let mut after: Option<ExtractionId> = None;
        loop {
            let mut texts: Vec<(ExtractionId, String)> = Vec::new();
            self.engine.query(
                "SELECT id, content FROM extractions WHERE (id > $1 OR $2) ORDER BY id LIMIT $3",
                &values![after, after.is_none(), TEXTS_PER_READ],
                &mut |row| {
                    texts.push((row.get(0)?, row.get(1)?));
                    Ok(())
                },
            )?;
            let Some(last) = texts.last().map(|text| text.0) else {
                return Ok(());
            };
            self.engine.query(
                "SELECT extraction_entities.extraction_id, extraction_entities.span_start, \
                 extraction_entities.span_end, extraction_entities.surface, entities.entity_type \
                 FROM extraction_entities JOIN entities ON entities.id = extraction_entities.entity_id \
                 WHERE (extraction_entities.extraction_id > $1 OR $2) \
                 AND extraction_entities.extraction_id <= $3",
                &values![after, after.is_none(), last],
                &mut |row| {
                    violations.extend(span_violation(row, &texts)?);
                    Ok(())
                },
            )?;
            after = Some(last);
        }
    }

    /// Reads the pages whose links are to be checked: every one, or at most `sample` a job, evenly spread.
    pub fn pages_to_check(&mut self, sample: Option<i64>) -> Result<Vec<LinkCheck>> {
        let mut params = HashMap::new();
        self.engine.query(
            "SELECT id, params FROM jobs WHERE EXISTS \
             (SELECT 1 FROM frontier WHERE frontier.job_id = jobs.id)",
            &values![],
            &mut |row| {
                let (job, kept): (JobId, serde_json::Value) = (row.get(0)?, row.get(1)?);
                params.insert(job, Arc::new(kept));
                Ok(())
            },
        )?;
        let mut pages = Vec::new();
        self.engine.query(
            "SELECT numbered.job_id, numbered.uri, numbered.depth, numbered.media_type, \
             numbered.charset, numbered.body_digest, numbered.kind FROM (SELECT frontier.job_id AS job_id, \
             frontier.uri AS uri, frontier.kind AS kind, frontier.depth AS depth, COALESCE(sources.media_type, '') AS media_type, \
             COALESCE(sources.charset, '') AS charset, sources.body_digest AS body_digest, \
             ROW_NUMBER() OVER (PARTITION BY frontier.job_id ORDER BY frontier.uri_key) AS place \
             FROM frontier JOIN sources ON sources.id = frontier.source_id \
             WHERE (frontier.outcome IN ('new', 'changed', 'unchanged') \
             OR frontier.reason = 'canonical_alias') \
             AND sources.body_digest IS NOT NULL) AS numbered JOIN jobs ON jobs.id = numbered.job_id \
             WHERE numbered.place <= $1 OR $2 ORDER BY numbered.job_id, numbered.uri COLLATE \"C\"",
            &values![sample, sample.is_none()],
            &mut |row| {
                let job = row.get(0)?;
                pages.push(LinkCheck {
                    job,
                    params: params.get(&job).cloned().unwrap_or_default(),
                    uri: row.get(1)?,
                    depth: row.get(2)?,
                    media_type: row.get(3)?,
                    charset: row.get(4)?,
                    body_digest: row.get(5)?,
                    kind: row.get(6)?,
                });
                Ok(())
            },
        )?;
        Ok(pages)
    }

    /// Says whether `job` saw the page with the body that it has now, read as it is read now.
    ///
    /// A later job may have stored newer content, or been told another type, whose links the earlier one
    /// never saw.
    pub fn body_is_of_job(&mut self, page: &LinkCheck) -> Result<bool> {
        let mut same = false;
        self.engine.query(
            "SELECT events.payload FROM events JOIN runs ON runs.id = events.run_id \
             WHERE events.source_key = $1 AND runs.job_id = $2 AND events.payload IS NOT NULL \
             AND events.kind IN ('source_created', 'source_changed', 'source_unchanged')",
            &values![UriKey::of(&page.uri), page.job],
            &mut |row| {
                let payload: serde_json::Value = row.get(0)?;
                let said = |member: &str| payload[member].as_str().unwrap_or_default();
                same |= said("body_digest") == page.body_digest.to_string()
                    && said("media_type") == page.media_type
                    && said("charset") == page.charset;
                Ok(())
            },
        )?;
        Ok(same)
    }

    /// Says whether a job knows a URL.
    pub fn frontier_knows(&mut self, job: JobId, key: UriKey) -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM frontier WHERE job_id = $1 AND uri_key = $2";
        Ok(self.count(sql, &values![job, key])? > 0)
    }
}

fn span_violation(row: &dyn Row, texts: &[(ExtractionId, String)]) -> Result<Option<Violation>> {
    let id: ExtractionId = row.get(0)?;
    let (start, end): (i64, i64) = (row.get(1)?, row.get(2)?);
    let surface: String = row.get(3)?;
    let found = texts.iter().find(|text| text.0 == id).and_then(|text| {
        text.1
            .get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    });
    // A type that this version does not know is one whose surface it keeps as it is.
    let entity_type: Option<EntityType> = row.get::<String>(4)?.parse().ok();
    let kept = found.map(|covered| match &entity_type {
        Some(entity_type) => entity_type.surface_of(covered),
        None => Cow::Borrowed(covered),
    });
    if kept.as_deref() == Some(surface.as_str()) {
        return Ok(None);
    }
    let what = format!("extraction {id}: the span {start}..{end} does not give {surface:?}");
    Ok(Some(Violation { rule: "span", what }))
}
