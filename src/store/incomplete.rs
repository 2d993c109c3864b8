//! What `report incomplete` reads: the lines of the view of that name, and those that only the program knows of.
//!
//! Nothing here writes. Every absence stands in a partial index; nothing is looked for among what is complete.

use super::Store;
use super::error::Result;
use super::value::{Row, Value, values};
use crate::model::{Class, Digest, ExtractionId, JobId, Reason, SourceId, Timestamp};

/// Which lines of `report incomplete` are wanted; `None` is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncompleteFilter {
    pub job: Option<JobId>,
    pub stage: Option<String>,
    pub reason: Option<String>,
    pub class: Option<String>,
    pub group: Option<String>,
    pub profile: Option<String>,
    /// Only what was seen first after this.
    pub since: Option<Timestamp>,
    /// Also what was left out by a decision.
    pub decisions: bool,
}

/// One line of `report incomplete`.
#[derive(Debug, Clone, PartialEq)]
pub struct IncompleteRow {
    pub stage: String,
    pub reason: String,
    pub class: String,
    pub uri: String,
    pub source_group: String,
    pub source: Option<SourceId>,
    pub extraction: Option<ExtractionId>,
    pub position: String,
    pub attempts: i64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub job: Option<JobId>,
    pub detail: String,
    /// Whose reading it is, where a profile or its recognizers read.
    pub profile: Option<String>,
}

/// How many lines of `report incomplete` there are of one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncompleteCount {
    pub stage: String,
    pub reason: String,
    pub class: String,
    pub count: i64,
}

fn incomplete_row(row: &dyn Row) -> Result<IncompleteRow> {
    Ok(IncompleteRow {
        stage: row.get(0)?,
        reason: row.get(1)?,
        class: row.get(2)?,
        uri: row.get(3)?,
        source_group: row.get(4)?,
        source: row.get(5)?,
        extraction: row.get(6)?,
        position: row.get(7)?,
        attempts: row.get(8)?,
        first_seen: row.get(9)?,
        last_seen: row.get(10)?,
        job: row.get(11)?,
        detail: row.get(12)?,
        profile: row.get(13)?,
    })
}

/// What crawls left out by a decision, or stored and left unextracted. Limits and losses are gaps, in the
/// view already.
fn decision_lines() -> String {
    let reasons: Vec<String> = Reason::ALL
        .iter()
        .filter(|reason| reason.class() == Class::Decision)
        .map(|reason| format!("'{reason}'"))
        .collect();
    format!(
        " UNION ALL SELECT 'crawl', frontier.reason, 'decision', frontier.uri, \
         frontier.source_group, frontier.source_id, NULL, '', \
         CASE WHEN frontier.attempt > 0 THEN 1 ELSE 0 END, jobs.created_at, \
         jobs.created_at, frontier.job_id, COALESCE(frontier.detail, ''), NULL \
         FROM frontier JOIN jobs ON jobs.id = frontier.job_id \
         WHERE frontier.outcome IS NOT NULL AND frontier.reason IN ({})",
        reasons.join(", ")
    )
}

/// What jobs left at their very end: every unit has its outcome, and the job has none. A job with units left is
/// told by those.
fn job_lines(count: usize, first: usize) -> String {
    let numbers: Vec<String> = (first..first + count)
        .map(|number| format!("${number}"))
        .collect();
    format!(
        " UNION ALL SELECT CASE WHEN jobs.kind = 'crawl' THEN 'crawl' ELSE 'extract' END, \
         CASE WHEN jobs.state = 'failed' AND jobs.kind = 'crawl' THEN 'crawl_failed' \
         WHEN jobs.state = 'failed' THEN 'extraction_failed' \
         WHEN jobs.kind = 'crawl' THEN 'crawl_interrupted' ELSE 'extraction_interrupted' END, \
         CASE WHEN jobs.state = 'failed' THEN 'loss' ELSE 'pending' END, \
         COALESCE((SELECT frontier.uri FROM frontier WHERE frontier.job_id = jobs.id \
         ORDER BY frontier.depth, frontier.uri COLLATE \"C\" LIMIT 1), ''), \
         COALESCE((SELECT frontier.source_group FROM frontier WHERE frontier.job_id = jobs.id \
         ORDER BY frontier.depth, frontier.uri COLLATE \"C\" LIMIT 1), ''), \
         NULL, NULL, '', 1, jobs.created_at, COALESCE(jobs.finished_at, jobs.created_at), jobs.id, \
         COALESCE(jobs.error, ''), NULL FROM jobs WHERE jobs.id IN ({})",
        numbers.join(", ")
    )
}

/// The lines of `report incomplete` that a filter wants, as a table with its condition; the values are those of
/// [`IncompleteFilter::values`].
///
/// What is stale is looked for by its digest first: `SQLite` takes the tables of a CROSS JOIN in their order, and left
/// to itself it reads every source for it, because it takes two ranges of a column for half of its rows.
fn wanted_lines(filter: &IncompleteFilter, jobs: usize) -> String {
    let fixed = filter.values(Digest::of(""), &[]).len();
    let mut more = String::new();
    if filter.decisions {
        more.push_str(&decision_lines());
    }
    if jobs > 0 {
        more.push_str(&job_lines(jobs, fixed + 1));
    }
    format!(
        "(SELECT stage, reason, class, uri, source_group, source_id, extraction_id, position, \
         attempts, first_seen, last_seen, job_id, detail, profile FROM incomplete \
         UNION ALL SELECT 'entities', 'entities_stale', 'pending', sources.uri, \
         sources.source_group, sources.id, extractions.id, \
         extractions.profile || '/' || extractions.extraction_type || '/' || \
         CAST(extractions.ordinal AS TEXT), 0, extractions.created_at, extractions.created_at, \
         extractions.job_id, '', extractions.profile \
         FROM extractions CROSS JOIN sources WHERE sources.id = extractions.source_id \
         AND extractions.entities_extracted IS TRUE AND (extractions.recognizer_digest < $1 \
         OR extractions.recognizer_digest > $1){more}) AS lines \
         WHERE (job_id = $2 OR $3) AND (stage = $4 OR $5) AND (reason = $6 OR $7) \
         AND (class = $8 OR $9) AND (source_group = $10 OR $11) \
         AND (profile = $12 OR $13) AND (first_seen > $14 OR $15) \
         AND (class <> 'decision' OR $16)"
    )
}

impl IncompleteFilter {
    fn values<'a>(&'a self, recognizer_digest: Digest, jobs: &'a [JobId]) -> Vec<Value<'a>> {
        let mut values = values![
            recognizer_digest,
            self.job,
            self.job.is_none(),
            self.stage.as_deref(),
            self.stage.is_none(),
            self.reason.as_deref(),
            self.reason.is_none(),
            self.class.as_deref(),
            self.class.is_none(),
            self.group.as_deref(),
            self.group.is_none(),
            self.profile.as_deref(),
            self.profile.is_none(),
            self.since,
            self.since.is_none(),
            self.decisions,
        ]
        .to_vec();
        values.extend(jobs.iter().map(|job| Value::from(*job)));
        values
    }
}

impl Store {
    /// Reads what is incomplete, by stage, reason, URI and position.
    ///
    /// `recognizer_digest` is that of the recognizers in use: complete extractions made by others are stale.
    pub fn incomplete(
        &mut self,
        filter: &IncompleteFilter,
        recognizer_digest: Digest,
        each: &mut dyn FnMut(IncompleteRow) -> Result<()>,
    ) -> Result<()> {
        let jobs = self.jobs_without_end()?;
        let sql = format!(
            "SELECT stage, reason, class, uri, source_group, source_id, extraction_id, position, \
             attempts, first_seen, last_seen, job_id, detail, profile FROM {} \
             ORDER BY stage COLLATE \"C\", reason COLLATE \"C\", uri COLLATE \"C\", \
             position COLLATE \"C\", extraction_id NULLS FIRST, job_id NULLS FIRST",
            wanted_lines(filter, jobs.len())
        );
        self.engine
            .query(&sql, &filter.values(recognizer_digest, &jobs), &mut |row| {
                each(incomplete_row(row)?)
            })
    }

    /// Counts what [`Store::incomplete`] reads, by stage, reason and class.
    pub fn incomplete_counts(
        &mut self,
        filter: &IncompleteFilter,
        recognizer_digest: Digest,
    ) -> Result<Vec<IncompleteCount>> {
        let jobs = self.jobs_without_end()?;
        let sql = format!(
            "SELECT stage, reason, class, COUNT(*) FROM {} GROUP BY stage, reason, class \
             ORDER BY stage COLLATE \"C\", reason COLLATE \"C\", class COLLATE \"C\"",
            wanted_lines(filter, jobs.len())
        );
        let mut counts = Vec::new();
        self.engine
            .query(&sql, &filter.values(recognizer_digest, &jobs), &mut |row| {
                counts.push(IncompleteCount {
                    stage: row.get(0)?,
                    reason: row.get(1)?,
                    class: row.get(2)?,
                    count: row.get(3)?,
                });
                Ok(())
            })?;
        Ok(counts)
    }

    /// Returns the jobs that failed, or that nobody is on any more, with an outcome for every unit.
    fn jobs_without_end(&mut self) -> Result<Vec<JobId>> {
        let mut open: Vec<(JobId, bool)> = Vec::new();
        self.engine.query(
            "SELECT jobs.id, jobs.state = 'failed' FROM jobs \
             WHERE jobs.state IN ('queued', 'running', 'cancelling', 'failed') \
             AND NOT EXISTS (SELECT 1 FROM frontier WHERE frontier.job_id = jobs.id \
             AND frontier.outcome IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM passes WHERE passes.job_id = jobs.id \
             AND passes.state = 'pending') ORDER BY jobs.id",
            &[],
            &mut |row| {
                open.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        let mut without_end = Vec::new();
        for (job, failed) in open {
            if failed || !self.job_is_alive(job)? {
                without_end.push(job);
            }
        }
        Ok(without_end)
    }
}
