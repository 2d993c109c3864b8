//! Where everything came from: each job, also a deleted one, and each source with the jobs that made it what
//! it is.

mod fetches;
mod origin;
mod record;
mod trace;

use std::collections::HashMap;

use serde::Serialize;

use super::balance::{self, BalanceReport};
use super::ledger::{Entry, Ledger};
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Digest, JobId, JobKind, SourceId, Timestamp};
use crate::store::{ProvenanceSource, Result, Store};

pub use origin::{
    ChangeLine, ContentLine, EvidenceLine, FetchLine, MadeLine, OriginReport, StepLine,
    SubjectLine, TouchLine,
};
pub use record::{
    AgainLine, AttemptLine, ChainLine, CommandOf, DeletionLine, JobSettingLine, Record,
};
pub use trace::{Subject, origin};

/// What is said of what nobody wrote down: never nothing.
const UNKNOWN: &str = "unknown, before tracking";

/// What is said of what was written down and taken away.
const ERASED: &str = "erased on request";

lines! {
    /// A job, as the record tells it.
    ProvenanceJobLine {
        /// The job's number, by the start of its first run.
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        /// `deleted` when the job is no longer there.
        state: String => text;
        /// How often a worker took it on.
        attempts: i64 => number;
        started_at: Option<Timestamp> => time;
        finished_at: Option<Timestamp> => time;
        /// As typed; it names the database, so it is not the same on two of them.
        command_line: Option<String> => text.volatile;
        program_version: Option<String> => text;
        configuration_digest: Option<Digest> => id.stable;
        new: i64 => number;
        changed: i64 => number;
        unchanged: i64 => number;
        alias: i64 => number;
        skipped: i64 => number;
        failed: i64 => number;
        /// Sources that it extracted.
        extracted: i64 => number;
        extraction_failed: i64 => number;
        deleted_at: Option<Timestamp> => time;
        /// The command that deleted it, which names it by its id.
        deleted_by: Option<String> => text.volatile;
        deleted_why: Option<String> => text;
        host: Option<String> => text.volatile.verbose;
        process: Option<i64> => number.volatile.verbose;
        worker_id: Option<String> => id.verbose;
    }

    /// A source, and which jobs made it what it is. Jobs are named by their numbers.
    ProvenanceSourceLine {
        uri: String => text;
        source_id: SourceId => id;
        source_group: String => text;
        /// The page whose link led here first; which one that is depends on the order of arrival.
        referrer: Option<String> => text.volatile;
        /// The link as it was written there, where it differs from the URI.
        found_uri: Option<String> => text.volatile;
        depth: Option<i64> => number.volatile;
        fetched_at: Option<Timestamp> => time;
        status: Option<i64> => number;
        body_digest: Option<Digest> => id.stable;
        body_size: Option<i64> => number;
        created_by_job: Option<i64> => number;
        created_by_job_id: Option<JobId> => id;
        /// What is known of its creator: `present`, `deleted`, or `unknown, before tracking`.
        creator: &'static str => text;
        refreshed_by_jobs: Vec<i64> => text;
        extracted_by_jobs: Vec<i64> => text;
        extractions: i64 => number;
        /// Those whose entities are all stored.
        complete_extractions: i64 => number;
    }
}

/// `report provenance`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvenanceReport {
    pub sources: Vec<ProvenanceSourceLine>,
    pub jobs: Vec<ProvenanceJobLine>,
}

/// `report provenance --job`: the ten questions of one job. Its sources' fetches and contents are asked about
/// source by source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobOriginReport {
    #[serde(flatten)]
    pub made: ProvenanceReport,
    #[serde(flatten)]
    pub record: Record,
}

/// Reads where one job's sources came from, and everything that is known of the job.
pub fn job_origin(
    store: &mut Store,
    job: JobId,
    command_of: &CommandOf,
) -> Result<JobOriginReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        Ok(JobOriginReport {
            made: read(store, &ledger, Some(job))?,
            record: Record::read(store, &ledger, &[job], command_of)?,
        })
    })
}

impl Report for JobOriginReport {
    fn tables(&self) -> Vec<Table> {
        let mut tables = self.made.tables();
        tables.extend(self.record.tables());
        tables
    }

    fn notes(&self) -> Vec<String> {
        self.made.notes()
    }
}

/// Reads where one job's sources, or all, came from.
pub fn provenance(store: &mut Store, job: Option<JobId>) -> Result<ProvenanceReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        read(store, &ledger, job)
    })
}

fn read(store: &mut Store, ledger: &Ledger, job: Option<JobId>) -> Result<ProvenanceReport> {
    let books = balance::read(store, ledger, job, false)?;
    let jobs = ledger
        .wanted(job)
        .map(|entry| job_line(entry, &books))
        .collect();
    let mut trails: HashMap<String, Trail> = HashMap::new();
    store.source_trail(None, &mut |uri, job, kind| {
        trails.entry(uri).or_default().follow(job, &kind);
        Ok(())
    })?;
    let mut sources = Vec::new();
    store.provenance_sources(job, &mut |row| {
        let trail = trails.remove(&row.uri).unwrap_or_default();
        sources.push(source_line(row, &trail, ledger));
        Ok(())
    })?;
    Ok(ProvenanceReport { sources, jobs })
}

/// Which jobs touched one source, in order.
#[derive(Debug, Default)]
struct Trail {
    creator: Option<JobId>,
    refreshers: Vec<JobId>,
    extractors: Vec<JobId>,
}

impl Trail {
    fn follow(&mut self, job: JobId, kind: &str) {
        let jobs = match kind {
            // A source that was deleted and found again begins anew.
            "source_created" => {
                *self = Self::default();
                self.creator = Some(job);
                return;
            }
            "source_extracted" => &mut self.extractors,
            _ => &mut self.refreshers,
        };
        if !jobs.contains(&job) {
            jobs.push(job);
        }
    }
}

fn source_line(row: ProvenanceSource, trail: &Trail, ledger: &Ledger) -> ProvenanceSourceLine {
    let creator = row.created_by_job.or(trail.creator);
    let numbers = |jobs: &[JobId]| jobs.iter().filter_map(|job| ledger.number(*job)).collect();
    ProvenanceSourceLine {
        uri: row.uri,
        source_id: row.source,
        source_group: row.source_group,
        referrer: row.referrer,
        found_uri: row.found_uri,
        depth: row.depth,
        fetched_at: row.fetched_at,
        status: row.status,
        body_digest: row.body_digest,
        body_size: row.body_size,
        created_by_job: creator.and_then(|job| ledger.number(job)),
        created_by_job_id: creator,
        creator: match creator.map(|job| ledger.entry(job)) {
            None => UNKNOWN,
            Some(Some(entry)) if !entry.is_deleted() => "present",
            Some(_) => "deleted",
        },
        refreshed_by_jobs: numbers(&trail.refreshers),
        extracted_by_jobs: numbers(&trail.extractors),
        extractions: row.extraction_count,
        complete_extractions: row.complete_extraction_count,
    }
}

fn job_line(entry: &Entry, books: &BalanceReport) -> ProvenanceJobLine {
    let crawled = entry.kind == JobKind::Crawl.as_str();
    let of_crawl = |outcome| {
        if crawled {
            books.count(entry.id, outcome)
        } else {
            0
        }
    };
    let of_extract = |outcome| {
        if crawled {
            0
        } else {
            books.count(entry.id, outcome)
        }
    };
    let first = entry.runs.first();
    let last = entry.runs.last();
    let deletion = entry.deletion.as_ref();
    let why = deletion.and_then(|deletion| deletion.payload["why"].as_str());
    ProvenanceJobLine {
        job: entry.number,
        job_id: entry.id,
        kind: entry.kind.clone(),
        state: entry.state.clone(),
        attempts: entry.runs.len() as i64,
        started_at: entry.started_at(),
        finished_at: entry.finished_at(),
        command_line: first.map(|run| run.command_line.clone()),
        program_version: last.map(|run| run.program_version.clone()),
        configuration_digest: first.map(|run| run.configuration_digest),
        new: of_crawl("new"),
        changed: of_crawl("changed"),
        unchanged: of_crawl("unchanged"),
        alias: of_crawl("alias"),
        skipped: of_crawl("skipped"),
        failed: of_crawl("failed"),
        extracted: of_extract("done") + of_extract("empty"),
        extraction_failed: of_extract("failed"),
        deleted_at: deletion.map(|deletion| deletion.at),
        deleted_by: deletion.map(|deletion| deletion.command_line.clone()),
        deleted_why: why.map(str::to_owned),
        host: last.map(|run| run.host.clone()),
        process: last.map(|run| run.process),
        worker_id: last.map(|run| run.worker.clone()),
    }
}

impl Report for ProvenanceReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("sources", "No source is stored.", &self.sources),
            table("jobs", "No job has run.", &self.jobs),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let unknown = self
            .sources
            .iter()
            .any(|source| source.created_by_job_id.is_none());
        let deleted = self.jobs.iter().any(|job| job.deleted_at.is_some());
        let mut notes = Vec::new();
        if unknown {
            notes
                .push("Sources of unknown origin were stored before jobs were tracked.".to_owned());
        }
        if deleted {
            let note = "Sources of deleted jobs are kept; how one was found: toolkit report provenance --source URI";
            notes.push(note.to_owned());
        }
        notes
    }
}
