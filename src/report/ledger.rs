//! Every job the record knows, live or deleted, each with a number that is the same in every run of the same
//! story: reports show it where ids are left out.

use serde_json::Value as Json;

use crate::model::{Job, JobId, JobState, Timestamp};
use crate::store::{ProvenanceJob, Result, Store};

/// The state that is shown of a job that is no longer there.
pub(super) const DELETED: &str = "deleted";

/// Every known job, in the order in which they began.
#[derive(Debug)]
pub(super) struct Ledger {
    pub entries: Vec<Entry>,
}

/// One job, as its row, its runs and its deletion tell it.
#[derive(Debug)]
pub(super) struct Entry {
    /// From 1, by the start of the first run.
    pub number: i64,
    pub id: JobId,
    pub kind: String,
    pub state: String,
    pub row: Option<Job>,
    pub runs: Vec<ProvenanceJob>,
    pub deletion: Option<Deletion>,
}

/// How a job went.
#[derive(Debug, Clone)]
pub(super) struct Deletion {
    pub at: Timestamp,
    pub command_line: String,
    pub host: String,
    /// What the job was, in the keys of its deletion's event.
    pub payload: Json,
}

impl Entry {
    fn new(id: JobId, kind: String, state: String) -> Self {
        Self {
            number: 0,
            id,
            kind,
            state,
            row: None,
            runs: Vec::new(),
            deletion: None,
        }
    }

    /// When work on it began.
    pub fn started_at(&self) -> Option<Timestamp> {
        let of_runs = self.runs.first().map(|run| run.started_at);
        of_runs
            .or(self.row.as_ref().map(|row| row.created_at))
            .or(self.deleted_time("created_at"))
    }

    /// When it ended.
    pub fn finished_at(&self) -> Option<Timestamp> {
        match &self.row {
            Some(row) => row.finished_at,
            None => self.deleted_time("finished_at"),
        }
    }

    /// What it worked by: of a deleted job as its deletion wrote it down; `None` when that was erased.
    pub fn params(&self) -> Option<&Json> {
        let of_row = self.row.as_ref().map(|row| &row.params);
        of_row.or(self
            .deletion
            .as_ref()
            .map(|deletion| &deletion.payload["params"]))
    }

    /// Says whether it is no longer there.
    pub fn is_deleted(&self) -> bool {
        self.row.is_none()
    }

    fn deleted_time(&self, key: &str) -> Option<Timestamp> {
        let payload = &self.deletion.as_ref()?.payload;
        payload[key].as_str()?.parse().ok()
    }
}

impl Ledger {
    /// Reads the jobs, their runs and the deletions.
    pub fn read(store: &mut Store) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        for row in store.jobs()? {
            let (kind, state) = (row.kind.to_string(), row.state.to_string());
            let mut entry = Entry::new(row.id, kind, state);
            entry.row = Some(row);
            entries.push(entry);
        }
        for run in store.provenance_jobs(None)? {
            let entry = entry_of(&mut entries, run.job, &run.kind);
            entry.runs.push(run);
        }
        for deletion in store.job_deletions()? {
            let Some(payload) = deletion.payload else {
                continue;
            };
            let Some(id) = payload["job_id"].as_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let kind = payload["kind"].as_str().unwrap_or_default().to_owned();
            entry_of(&mut entries, id, &kind).deletion = Some(Deletion {
                at: deletion.at,
                command_line: deletion.command_line,
                host: deletion.host,
                payload,
            });
        }
        entries.sort_by_key(|entry| (entry.started_at(), entry.id));
        for (number, entry) in (1..).zip(&mut entries) {
            entry.number = number;
        }
        Ok(Self { entries })
    }

    /// Returns one job.
    pub fn entry(&self, id: JobId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Returns a job's number.
    pub fn number(&self, id: JobId) -> Option<i64> {
        self.entry(id).map(|entry| entry.number)
    }

    /// Returns the jobs a report is about: one, or all.
    pub fn wanted(&self, job: Option<JobId>) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| job.is_none_or(|job| entry.id == job))
    }
}

fn entry_of<'a>(entries: &'a mut Vec<Entry>, id: JobId, kind: &str) -> &'a mut Entry {
    let place = entries.iter().position(|entry| entry.id == id);
    let place = place.unwrap_or_else(|| {
        entries.push(Entry::new(id, kind.to_owned(), DELETED.to_owned()));
        entries.len() - 1
    });
    &mut entries[place]
}

/// The end of an id, as the tables show it and as commands accept it.
pub(super) fn ending(id: JobId) -> String {
    let text = id.to_string();
    text[text.len() - 8..].to_owned()
}

/// Says whether a job counts as being worked on while no worker is.
pub(super) fn is_interrupted(store: &mut Store, job: &Job) -> Result<bool> {
    let at_work = matches!(
        job.state,
        JobState::Queued | JobState::Running | JobState::Cancelling
    );
    Ok(at_work && !store.job_is_alive(job.id)?)
}
