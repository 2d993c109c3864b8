//! What the reports read: the same lines as the views show, in natural order.

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::value::{Row, Value, values};
use crate::model::{Digest, JobId, RunId, SourceId, Timestamp, UriKey};

/// How many URLs of a job ended in one way for one reason; the outcome is `pending` where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    pub job: JobId,
    pub source_group: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub count: i64,
}

/// One line of a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub job: JobId,
    pub kind: String,
    /// `None` where the counts are of all groups.
    pub source_group: Option<String>,
    pub outcome: String,
    pub reason: Option<String>,
    pub count: i64,
}

/// A job as the record tells it, also after it was deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvenanceJob {
    pub job: JobId,
    pub kind: String,
    /// `deleted` when the job is no longer there.
    pub state: String,
    pub run: RunId,
    pub worker: String,
    pub host: String,
    pub process: i64,
    pub program_version: String,
    pub command_line: String,
    pub configuration_digest: Digest,
    pub started_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub event_count: Option<i64>,
    pub head: Option<String>,
}

/// A source, with how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvenanceSource {
    pub source: SourceId,
    pub uri: String,
    pub source_group: String,
    pub status: Option<i64>,
    pub fetched_at: Option<Timestamp>,
    pub body_digest: Option<Digest>,
    pub body_size: Option<i64>,
    pub created_by_job: Option<JobId>,
    pub content_job: Option<JobId>,
    pub referrer: Option<String>,
    pub found_uri: Option<String>,
    pub depth: Option<i64>,
    pub extraction_count: i64,
    pub complete_extraction_count: i64,
}

/// An event with the run and the job it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    pub run: RunId,
    pub job: Option<JobId>,
    pub job_kind: Option<String>,
    pub sequence: i64,
    pub kind: String,
    pub source_uri: Option<String>,
    pub at: Timestamp,
    pub payload: Option<Json>,
}

pub(super) fn event_row(row: &dyn Row) -> Result<EventRow> {
    Ok(EventRow {
        run: row.get(0)?,
        job: row.get(1)?,
        job_kind: row.get(2)?,
        sequence: row.get(3)?,
        kind: row.get(4)?,
        source_uri: row.get(5)?,
        at: row.get(6)?,
        payload: row.get(7)?,
    })
}

/// Writes the condition for one job, or for none, with its values: where a planner sees `= $1 OR $2` it reads
/// every row.
pub(super) fn of_job(column: &str, job: Option<JobId>) -> (String, Vec<Value<'static>>) {
    match job {
        Some(job) => (format!("{column} = $1"), values![job].to_vec()),
        None => (format!("{column} IS NOT NULL"), Vec::new()),
    }
}

pub(super) const EVENT_COLUMNS: &str = "runs.id, runs.job_id, runs.job_kind, events.sequence, events.kind, \
    events.source_uri, events.at, events.payload";

impl Store {
    /// Counts how a job's URLs ended, or every job's.
    pub fn outcome_counts(&mut self, job: Option<JobId>) -> Result<Vec<OutcomeCount>> {
        let mut counts = Vec::new();
        let (of_job, parameters) = of_job("job_id", job);
        self.engine.query(
            &format!(
                "SELECT job_id, source_group, COALESCE(outcome, 'pending'), reason, COUNT(*) \
                 FROM frontier WHERE {of_job} \
                 GROUP BY job_id, source_group, COALESCE(outcome, 'pending'), reason \
                 ORDER BY job_id, source_group COLLATE \"C\", \
                 COALESCE(outcome, 'pending') COLLATE \"C\", reason COLLATE \"C\" NULLS FIRST"
            ),
            &parameters,
            &mut |row| {
                counts.push(OutcomeCount {
                    job: row.get(0)?,
                    source_group: row.get(1)?,
                    outcome: row.get(2)?,
                    reason: row.get(3)?,
                    count: row.get(4)?,
                });
                Ok(())
            },
        )?;
        Ok(counts)
    }

    /// Reads every run that worked on a job, by start; those without a job are this program's upkeep.
    pub fn provenance_jobs(&mut self, job: Option<JobId>) -> Result<Vec<ProvenanceJob>> {
        let mut jobs = Vec::new();
        self.engine.query(
            "SELECT runs.job_id, runs.job_kind, COALESCE(jobs.state, 'deleted'), runs.id, \
             CAST(runs.worker_id AS TEXT), runs.host, runs.process, runs.program_version, \
             runs.command_line, runs.configuration_digest, runs.started_at, runs.closed_at, \
             runs.event_count, runs.head FROM runs LEFT JOIN jobs ON jobs.id = runs.job_id \
             WHERE runs.job_id IS NOT NULL AND (runs.job_id = $1 OR $2) ORDER BY runs.started_at, runs.id",
            &values![job, job.is_none()],
            &mut |row| {
                jobs.push(ProvenanceJob {
                    job: row.get(0)?,
                    kind: row.get(1)?,
                    state: row.get(2)?,
                    run: row.get(3)?,
                    worker: row.get(4)?,
                    host: row.get(5)?,
                    process: row.get(6)?,
                    program_version: row.get(7)?,
                    command_line: row.get(8)?,
                    configuration_digest: row.get(9)?,
                    started_at: row.get(10)?,
                    closed_at: row.get(11)?,
                    event_count: row.get(12)?,
                    head: row.get(13)?,
                });
                Ok(())
            },
        )?;
        Ok(jobs)
    }

    /// Reads every source, by URI; with a job, those that its runs' events speak of.
    ///
    /// How it was found is read from the frontier of the job that created it, or of the job asked for;
    /// it is unknown once that job is deleted.
    pub fn provenance_sources(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(ProvenanceSource) -> Result<()>,
    ) -> Result<()> {
        let of_job = if job.is_some() {
            "WHERE sources.uri_key IN (SELECT events.source_key FROM events \
             JOIN runs ON runs.id = events.run_id WHERE runs.job_id = $1) \
             OR sources.created_by_job_id = $1 OR sources.content_job_id = $1"
        } else {
            ""
        };
        let sql = format!(
            "SELECT sources.id, sources.uri, sources.source_group, sources.status, sources.fetched_at, \
             sources.body_digest, sources.body_size, sources.created_by_job_id, sources.content_job_id, \
             frontier.referrer, frontier.found_uri, frontier.depth, \
             (SELECT COUNT(*) FROM extractions WHERE extractions.source_id = sources.id), \
             (SELECT COUNT(*) FROM extractions WHERE extractions.source_id = sources.id \
             AND extractions.entities_extracted IS TRUE) \
             FROM sources LEFT JOIN frontier ON frontier.uri_key = sources.uri_key \
             AND frontier.job_id = COALESCE($1, sources.created_by_job_id) \
             {of_job} ORDER BY sources.uri COLLATE \"C\""
        );
        self.engine.query(&sql, &values![job], &mut |row| {
            each(ProvenanceSource {
                source: row.get(0)?,
                uri: row.get(1)?,
                source_group: row.get(2)?,
                status: row.get(3)?,
                fetched_at: row.get(4)?,
                body_digest: row.get(5)?,
                body_size: row.get(6)?,
                created_by_job: row.get(7)?,
                content_job: row.get(8)?,
                referrer: row.get(9)?,
                found_uri: row.get(10)?,
                depth: row.get(11)?,
                extraction_count: row.get(12)?,
                complete_extraction_count: row.get(13)?,
            })
        })
    }

    /// Reads the events that speak of a URI, in order.
    pub fn events_of_uri(&mut self, uri: &str) -> Result<Vec<EventRow>> {
        let mut events = Vec::new();
        self.engine.query(
            &format!(
                "SELECT {EVENT_COLUMNS} FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.source_key = $1 ORDER BY runs.started_at, runs.id, events.sequence"
            ),
            &values![UriKey::of(uri)],
            &mut |row| {
                events.push(event_row(row)?);
                Ok(())
            },
        )?;
        Ok(events)
    }

    /// Reads the events of one kind, in order; with a job, those of its runs.
    pub fn events_of_kind(
        &mut self,
        kind: &str,
        job: Option<JobId>,
        each: &mut dyn FnMut(EventRow) -> Result<()>,
    ) -> Result<()> {
        let mut parameters = values![kind].to_vec();
        parameters.extend(job.map(Value::from));
        let of_job = if job.is_some() {
            "AND runs.job_id = $2"
        } else {
            ""
        };
        self.engine.query(
            &format!(
                "SELECT {EVENT_COLUMNS} FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.kind = $1 {of_job} \
                 ORDER BY runs.started_at, runs.id, events.sequence"
            ),
            &parameters,
            &mut |row| each(event_row(row)?),
        )
    }

    /// Reads which jobs touched which source: every event that stored, refreshed or extracted it.
    pub fn source_trail(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(String, JobId, String) -> Result<()>,
    ) -> Result<()> {
        let (of_job, parameters) = of_job("runs.job_id", job);
        self.engine.query(
            &format!(
                "SELECT events.source_uri, runs.job_id, events.kind FROM events \
                 JOIN runs ON runs.id = events.run_id \
                 WHERE events.kind IN ('source_created', 'source_changed', 'source_unchanged', \
                 'source_extracted') AND {of_job} \
                 ORDER BY events.source_uri COLLATE \"C\", runs.started_at, runs.id, \
                 events.sequence"
            ),
            &parameters,
            &mut |row| each(row.get(0)?, row.get(1)?, row.get(2)?),
        )
    }

    /// Counts how an extract job's sources ended: `done`, `empty`, `failed`, and `pending` still.
    pub fn pass_counts(&mut self, job: Option<JobId>) -> Result<Vec<BalanceRow>> {
        let mut counts = Vec::new();
        self.engine.query(
            "SELECT job_id, source_group, state, COUNT(*) FROM (\
             SELECT passes.job_id AS job_id, sources.source_group AS source_group, \
             passes.state AS state FROM passes JOIN sources ON sources.id = passes.source_id \
             WHERE passes.job_id IS NOT NULL AND passes.state = 'pending') AS unfinished \
             WHERE (job_id = $1 OR $2) GROUP BY job_id, source_group, state \
             ORDER BY job_id, source_group COLLATE \"C\", state COLLATE \"C\"",
            &values![job, job.is_none()],
            &mut |row| {
                counts.push(BalanceRow {
                    job: row.get(0)?,
                    kind: "extract".to_owned(),
                    source_group: row.get(1)?,
                    outcome: row.get(2)?,
                    reason: None,
                    count: row.get(3)?,
                });
                Ok(())
            },
        )?;
        Ok(counts)
    }
}
