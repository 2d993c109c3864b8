//! Jobs: what was asked for, taken on, ended and deleted.

use serde_json::{Value as Json, json};

use super::Store;
use super::error::{Error, Result};
use super::events::Invocation;
use super::value::{Row, values};
use super::workers::is_known_gone;
use crate::model::{Digest, Event, EventKind, Job, JobId, JobKind, JobState, Timestamp, WorkerId};

/// Refused URLs named in one event; more go into further events.
const REFUSALS_PER_EVENT: usize = 500;

const COLUMNS: &str =
    "id, kind, state, priority, params, result, error, created_at, started_at, finished_at";

/// A job that is about to be made.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: JobId,
    pub kind: JobKind,
    pub params: Json,
    pub at: Timestamp,
}

/// How the work on a job came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkEnd<'a> {
    /// Nothing was left to do, but for units that another worker may be on.
    Done,
    /// Somebody wanted it to stop before that.
    Stopped,
    /// This error stopped it.
    Failed(&'a str),
}

/// What went with a deleted job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedJob {
    pub job: JobId,
    /// URLs of its frontier, now kept only as counts and refusals in its deletion's events.
    pub urls: i64,
    /// Sources that stay, without their creator's key.
    pub sources_kept: i64,
}

/// One line of the balance that a deletion writes down.
fn balance_line(group: &str, outcome: &str, reason: Option<&str>, count: i64) -> Json {
    json!({"source_group": group, "outcome": outcome, "reason": reason, "count": count})
}

fn job(row: &dyn Row) -> Result<Job> {
    Ok(Job {
        id: row.get(0)?,
        kind: row.get(1)?,
        state: row.get(2)?,
        priority: row.get(3)?,
        params: row.get(4)?,
        result: row.get(5)?,
        error: row.get(6)?,
        created_at: row.get(7)?,
        started_at: row.get(8)?,
        finished_at: row.get(9)?,
    })
}

impl Store {
    /// Makes a job as running, taken on by the process that makes it: its worker, its row and its run.
    pub fn begin_job(&mut self, invocation: &Invocation, new: &NewJob) -> Result<()> {
        self.register_worker(&invocation.worker)?;
        self.insert_job(new)?;
        self.open_run(&invocation.run(Some((new.id, new.kind)), &new.params, new.at))?;
        Ok(())
    }

    /// Takes a job on again, whatever became of the worker it had.
    pub fn take_job_on(&mut self, invocation: &Invocation, job: &Job, at: Timestamp) -> Result<()> {
        self.register_worker(&invocation.worker)?;
        self.restart_job(job.id, at)?;
        self.open_run(&invocation.run(Some((job.id, job.kind)), &job.params, at))?;
        let payload = json!({"job_id": job.id, "state": job.state});
        self.record(&Event {
            kind: EventKind::JobResumed,
            source_uri: None,
            payload,
            at,
        })
    }

    /// Stores a job as running: the process that makes it takes it on.
    pub fn insert_job(&mut self, new: &NewJob) -> Result<()> {
        self.engine.execute(
            "INSERT INTO jobs (id, kind, state, priority, params, created_at, started_at) \
             VALUES ($1, $2, $3, 0, $4, $5, $5)",
            &values![
                new.id,
                new.kind.as_str(),
                JobState::Running.as_str(),
                &new.params,
                new.at
            ],
        )?;
        Ok(())
    }

    /// Returns every job, the oldest first.
    pub fn jobs(&mut self) -> Result<Vec<Job>> {
        let mut jobs = Vec::new();
        self.engine.query(
            &format!("SELECT {COLUMNS} FROM jobs ORDER BY created_at, id"),
            &[],
            &mut |row| {
                jobs.push(job(row)?);
                Ok(())
            },
        )?;
        Ok(jobs)
    }

    /// Returns one job.
    pub fn job(&mut self, id: JobId) -> Result<Job> {
        let mut found = None;
        self.engine.query(
            &format!("SELECT {COLUMNS} FROM jobs WHERE id = $1"),
            &values![id],
            &mut |row| {
                found = Some(job(row)?);
                Ok(())
            },
        )?;
        found.ok_or_else(|| Error::NotFound {
            noun: "job",
            given: id.to_string(),
        })
    }

    /// Marks a job as running again.
    fn restart_job(&mut self, id: JobId, at: Timestamp) -> Result<()> {
        self.engine.execute(
            "UPDATE jobs SET state = $1, finished_at = NULL, result = NULL, error = NULL, \
             started_at = COALESCE(started_at, $2) WHERE id = $3",
            &values![JobState::Running.as_str(), at, id],
        )?;
        Ok(())
    }

    /// Says whether somebody wants the job to stop.
    pub fn is_cancelling(&mut self, id: JobId) -> Result<bool> {
        // A worker that was thought gone finds the job cancelled already.
        let sql =
            "SELECT COUNT(*) FROM jobs WHERE id = $1 AND state IN ('cancelling', 'cancelled')";
        Ok(self.count(sql, &values![id])? == 1)
    }

    /// Asks the worker that is on a job to stop; a job that nobody is on is cancelled at once. Returns the state
    /// that the job has then: another one than these two if it has ended.
    pub fn cancel_job(
        &mut self,
        id: JobId,
        invocation: &Invocation,
        at: Timestamp,
    ) -> Result<JobState> {
        let asked = self.engine.execute(
            "UPDATE jobs SET state = 'cancelling' WHERE id = $1 AND state IN ('queued', 'running', 'cancelling')",
            &values![id],
        )?;
        if asked == 1 && !self.job_is_alive(id)? {
            self.engine.execute(
                "UPDATE jobs SET state = 'cancelled', finished_at = $1 WHERE id = $2",
                &values![at, id],
            )?;
            self.open_run(&invocation.run(None, &Json::Null, at))?;
            let payload =
                json!({"job_id": id, "state": JobState::Cancelled, "result": null, "error": null});
            self.record(&Event {
                kind: EventKind::JobEnded,
                source_uri: None,
                payload,
                at,
            })?;
            self.close_run(at)?;
        }
        Ok(self.job(id)?.state)
    }

    /// Ends a job: failed with an error, completed if its work is done and no unit lacks an outcome, else
    /// cancelled.
    ///
    /// The update takes the row's lock, so no other worker can end the job between check and change.
    pub fn end_job(
        &mut self,
        id: JobId,
        result: &Json,
        end: WorkEnd<'_>,
        at: Timestamp,
    ) -> Result<JobState> {
        let (mut state, error) = match end {
            WorkEnd::Done => (JobState::Completed, None),
            WorkEnd::Stopped => (JobState::Cancelled, None),
            WorkEnd::Failed(error) => (JobState::Failed, Some(error)),
        };
        self.engine.execute(
            "UPDATE jobs SET state = $1, result = $2, error = $3, finished_at = $4 WHERE id = $5",
            &values![state.as_str(), result, error, at, id],
        )?;
        if state == JobState::Completed && self.unfinished_units(id)? > 0 {
            state = JobState::Cancelled;
            self.engine.execute(
                "UPDATE jobs SET state = $1 WHERE id = $2",
                &values![state.as_str(), id],
            )?;
        }
        Ok(state)
    }

    /// Ends a job and the run that worked on it, in one transaction; returns its state and its chain's head.
    pub fn conclude_job(
        &mut self,
        id: JobId,
        worker: WorkerId,
        result: &Json,
        end: WorkEnd<'_>,
        at: Timestamp,
    ) -> Result<(JobState, Option<Digest>)> {
        // Only advice to the planner: a busy file is no reason not to end the job.
        let _ = self.engine.gather_statistics();
        self.transaction("end_job", |store| {
            // The job's row first, as whoever takes a job on does: in another order the two deadlock.
            store.hold_job(id)?;
            if !store.holds_lease(worker)? {
                // The job is another worker's now, and so is its end.
                return Ok((store.job(id)?.state, store.close_run(at)?));
            }
            let state = store.end_job(id, result, end, at)?;
            let error = match end {
                WorkEnd::Failed(error) => Some(error),
                WorkEnd::Done | WorkEnd::Stopped => None,
            };
            if state == JobState::Completed {
                store.resolve_unlinked(id, at)?;
                store.settle_barren(id, at)?;
            }
            let payload = json!({"job_id": id, "state": state, "result": result, "error": error});
            store.record(&Event {
                kind: EventKind::JobEnded,
                source_uri: None,
                payload,
                at,
            })?;
            let head = store.close_run(at)?;
            store.dismiss_worker(worker)?;
            Ok((state, head))
        })
    }

    /// Lets nobody else change a job's row until the transaction ends.
    fn hold_job(&mut self, id: JobId) -> Result<()> {
        let lock = self.engine.row_lock_suffix();
        self.engine.query(
            &format!("SELECT id FROM jobs WHERE id = $1{lock}"),
            &values![id],
            &mut |_| Ok(()),
        )
    }

    /// Returns unfinished jobs of a kind that no live worker is on, the oldest first.
    pub fn interrupted_jobs(&mut self, kind: JobKind) -> Result<Vec<JobId>> {
        let mut interrupted = Vec::new();
        for job in self.jobs()? {
            // A job that died at its very end has nothing left to do but to end.
            let is_open = job.state == JobState::Running || self.unfinished_units(job.id)? > 0;
            if job.kind == kind
                && job.state.is_resumable()
                && is_open
                && !self.job_is_alive(job.id)?
            {
                interrupted.push(job.id);
            }
        }
        Ok(interrupted)
    }

    /// Counts the units of a job that lack an outcome.
    pub fn unfinished_units(&mut self, id: JobId) -> Result<i64> {
        self.count(
            "SELECT (SELECT COUNT(*) FROM frontier WHERE job_id = $1 AND outcome IS NULL) + \
             (SELECT COUNT(*) FROM passes WHERE job_id = $1 AND state = 'pending')",
            &values![id],
        )
    }

    /// Reads one number.
    pub(super) fn count(
        &mut self,
        sql: &str,
        parameters: &[super::value::Value<'_>],
    ) -> Result<i64> {
        let mut count = 0;
        self.engine.query(sql, parameters, &mut |row| {
            count = row.get(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Says whether a worker whose lease has not expired is on the job; one of this very machine counts
    /// only while its process is there.
    pub fn job_is_alive(&mut self, id: JobId) -> Result<bool> {
        let now = self.engine.clock()?;
        let mut alive = false;
        self.engine.query(
            "SELECT workers.host, workers.process FROM runs JOIN workers ON workers.id = runs.worker_id \
             WHERE runs.job_id = $1 AND runs.closed_at IS NULL AND workers.expires_at > $2",
            &values![id, now],
            &mut |row| {
                let (host, process): (String, i64) = (row.get(0)?, row.get(1)?);
                alive |= !is_known_gone(&host, process);
                Ok(())
            },
        )?;
        Ok(alive)
    }

    /// Deletes a job inside an open run: first its balance and its refusals as events, then its frontier.
    /// Sources stay, and their `created_by_job_id` becomes NULL.
    pub fn delete_job(
        &mut self,
        id: JobId,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<DeletedJob> {
        let job = self.job(id)?;
        let mut balance = Vec::new();
        for row in self.outcome_counts(Some(id))? {
            balance.push(balance_line(
                &row.source_group,
                &row.outcome,
                row.reason.as_deref(),
                row.count,
            ));
        }
        for row in self.pass_counts(Some(id))? {
            let group = row.source_group.unwrap_or_default();
            balance.push(balance_line(
                &group,
                &row.outcome,
                row.reason.as_deref(),
                row.count,
            ));
        }
        let urls = self.count(
            "SELECT COUNT(*) FROM frontier WHERE job_id = $1",
            &values![id],
        )?;
        let sources_kept = self.count(
            "SELECT COUNT(*) FROM sources WHERE created_by_job_id = $1",
            &values![id],
        )?;
        let payload = json!({
            "job_id": job.id,
            "kind": job.kind,
            "state": job.state,
            "params": job.params,
            "result": job.result,
            "error": job.error,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
            "balance": balance,
            "sources_kept": sources_kept,
            "why": reason,
        });
        self.record(&Event {
            kind: EventKind::JobDeleted,
            source_uri: None,
            payload,
            at,
        })?;
        self.record_refusals(id, at)?;
        // What it had selected and not passed is for the next job to select.
        self.engine.execute(
            "UPDATE passes SET job_id = NULL, worker_id = NULL, attempt = attempt + 1 \
             WHERE job_id = $1 AND state = 'pending'",
            &values![id],
        )?;
        self.engine
            .execute("DELETE FROM jobs WHERE id = $1", &values![id])?;
        Ok(DeletedJob {
            job: id,
            urls,
            sources_kept,
        })
    }

    fn record_refusals(&mut self, id: JobId, at: Timestamp) -> Result<()> {
        let mut refusals = Vec::new();
        self.engine.query(
            "SELECT uri, COALESCE(outcome, 'pending'), reason, detail, referrer, depth, \
             source_group FROM frontier \
             WHERE job_id = $1 AND (outcome IS NULL OR outcome IN ('skipped', 'failed')) \
             ORDER BY uri COLLATE \"C\"",
            &values![id],
            &mut |row| {
                let (uri, outcome): (String, String) = (row.get(0)?, row.get(1)?);
                let (reason, detail): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
                let (referrer, depth): (Option<String>, i64) = (row.get(4)?, row.get(5)?);
                refusals.push(json!({
                    "uri": uri,
                    "outcome": outcome,
                    "reason": reason,
                    "detail": detail,
                    "referrer": referrer,
                    "depth": depth,
                    "source_group": row.get::<String>(6)?,
                }));
                Ok(())
            },
        )?;
        for refused in refusals.chunks(REFUSALS_PER_EVENT) {
            let payload = json!({"job_id": id, "refused": refused});
            self.record(&Event {
                kind: EventKind::JobRefusals,
                source_uri: None,
                payload,
                at,
            })?;
        }
        Ok(())
    }
}
