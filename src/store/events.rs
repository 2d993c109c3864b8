//! Runs and events: the append-only record, one chain of digests per run.
//!
//! The head of a chain lives in the memory of the run's only writer, in the [`Store`]; a transaction that
//! is rolled back puts it back.

use serde_json::{Value as Json, json};

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use super::workers::WorkerIdentity;
use crate::model::{
    Digest, Event, EventKind, JobId, JobKind, Run, RunId, Timestamp, UriKey, WorkerId,
    canonical_json,
};

/// The end of the run that is being written.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    run: RunId,
    next: i64,
    head: Digest,
}

impl Chain {
    /// Says whether two chains end with the same event.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.run == other.run && self.head == other.head
    }

    fn append<'a>(&mut self, event: &'a Event) -> Link<'a> {
        let (payload, payload_digest) = event.sealed_payload();
        let digest = Event::chained(
            self.run,
            self.next,
            event.kind.as_str(),
            event.source_uri.as_deref(),
            event.at,
            payload_digest,
            self.head,
        );
        let after = self.clone();
        self.next += 1;
        self.head = digest;
        Link {
            event,
            after,
            payload,
            payload_digest,
            digest,
        }
    }
}

/// An event with its place in a chain.
struct Link<'a> {
    event: &'a Event,
    /// The chain that it was appended to.
    after: Chain,
    payload: String,
    payload_digest: Digest,
    digest: Digest,
}

/// What a run is about to be.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub job: Option<(JobId, JobKind)>,
    pub worker: WorkerId,
    pub host: String,
    pub process: i64,
    pub program_version: String,
    pub command_line: String,
    pub configuration_digest: Digest,
    pub at: Timestamp,
}

/// Who is at work, and on what command.
#[derive(Debug, Clone)]
pub struct Invocation {
    pub worker: WorkerIdentity,
    /// As typed, without secrets.
    pub command_line: String,
}

impl Invocation {
    /// Describes a run of this invocation.
    pub fn run(
        &self,
        job: Option<(JobId, JobKind)>,
        configuration: &Json,
        at: Timestamp,
    ) -> NewRun {
        NewRun {
            job,
            worker: self.worker.id,
            host: self.worker.host.clone(),
            process: self.worker.process,
            program_version: self.worker.version.clone(),
            command_line: self.command_line.clone(),
            configuration_digest: Digest::of(canonical_json(configuration)),
            at,
        }
    }
}

impl Store {
    /// Opens a run: its row, and a first event that names the heads of runs closed since the last opened.
    pub fn open_run(&mut self, new: &NewRun) -> Result<RunId> {
        let run = Run {
            id: RunId::new(),
            job_id: new.job.map(|(job, _)| job),
            job_kind: new.job.map(|(_, kind)| kind),
            worker_id: new.worker,
            host: new.host.clone(),
            process: new.process,
            program_version: new.program_version.clone(),
            command_line: new.command_line.clone(),
            configuration_digest: new.configuration_digest,
            started_at: new.at,
        };
        let closed = self.heads_closed_since_last_opened()?;
        self.engine.execute(
            "INSERT INTO runs (id, job_id, job_kind, worker_id, host, process, program_version, \
             command_line, configuration_digest, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &values![
                run.id,
                run.job_id,
                run.job_kind.map(JobKind::as_str),
                run.worker_id,
                &run.host,
                run.process,
                &run.program_version,
                &run.command_line,
                run.configuration_digest,
                run.started_at,
            ],
        )?;
        self.chain = Some(Chain {
            run: run.id,
            next: 1,
            head: Digest::ZERO,
        });
        let payload = json!({
            "command_line": run.command_line,
            "configuration_digest": run.configuration_digest,
            "job_id": run.job_id,
            "job_kind": run.job_kind,
            "program_version": run.program_version,
            "closed_runs": closed,
            "host": run.host,
            "process": run.process,
            "worker_id": run.worker_id,
        });
        self.record(&Event {
            kind: EventKind::RunOpened,
            source_uri: None,
            payload,
            at: new.at,
        })?;
        Ok(run.id)
    }

    fn heads_closed_since_last_opened(&mut self) -> Result<Vec<Json>> {
        let mut closed = Vec::new();
        self.engine.query(
            "SELECT id, head FROM runs WHERE closed_at IS NOT NULL AND closed_at >= \
             COALESCE((SELECT MAX(started_at) FROM runs), closed_at) ORDER BY closed_at, id",
            &[],
            &mut |row| {
                let (run, head): (RunId, String) = (row.get(0)?, row.get(1)?);
                closed.push(json!({"run_id": run, "head": head}));
                Ok(())
            },
        )?;
        Ok(closed)
    }

    /// Appends one event to the open run.
    pub fn record(&mut self, event: &Event) -> Result<()> {
        self.record_all(std::slice::from_ref(event))
    }

    /// Appends events to the open run, in their order.
    pub(super) fn record_all(&mut self, events: &[Event]) -> Result<()> {
        let Some(mut chain) = self.chain.clone() else {
            return Err(Error::Decode("no run is open".to_owned()));
        };
        let links: Vec<Link<'_>> = events.iter().map(|event| chain.append(event)).collect();
        self.insert_rows(
            "events (run_id, sequence, kind, source_key, source_uri, at, payload, payload_digest, \
             previous_digest, digest)",
            "",
            &links,
            |link| {
                let uri = link.event.source_uri.as_deref();
                values![
                    link.after.run,
                    link.after.next,
                    link.event.kind.as_str(),
                    uri.map(UriKey::of),
                    uri,
                    link.event.at,
                    link.payload.as_str(),
                    link.payload_digest,
                    link.after.head,
                    link.digest,
                ]
            },
            &mut |_| Ok(()),
        )?;
        self.chain = Some(chain);
        Ok(())
    }

    /// Closes the open run with a last event; returns the head of its chain.
    pub fn close_run(&mut self, at: Timestamp) -> Result<Option<Digest>> {
        let payload = json!({});
        self.record(&Event {
            kind: EventKind::RunClosed,
            source_uri: None,
            payload,
            at,
        })?;
        let Some(chain) = self.chain.take() else {
            return Ok(None);
        };
        self.engine.execute(
            "UPDATE runs SET closed_at = $1, event_count = $2, head = $3 WHERE id = $4",
            &values![at, chain.next - 1, chain.head, chain.run],
        )?;
        Ok(Some(chain.head))
    }

    /// Returns the command line of a run.
    pub fn command_of_run(&mut self, run: RunId) -> Result<Option<String>> {
        let mut command = None;
        self.engine.query(
            "SELECT command_line FROM runs WHERE id = $1",
            &values![run],
            &mut |row| {
                command = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(command)
    }

    /// Says whether the last event that a chain holds in memory is in the database.
    pub(super) fn is_recorded(&mut self, chain: &Chain) -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM events WHERE run_id = $1 AND digest = $2";
        Ok(self.count(sql, &values![chain.run, chain.head])? > 0)
    }
}
