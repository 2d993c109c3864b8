//! All of it as a research object: a Process Run Crate (RO-Crate 1.1, profile 0.5), for handing a finished crawl to
//! others.
//!
//! Owns which files a crate has and what its metadata says: each job is an action of this program, with when it ran,
//! on what and with which result; each file has its size and its digest. The files are the same rows and
//! statements that are exported alone, all of one state of the database.

use std::collections::BTreeSet;
use std::io;

use serde_json::{Value as Json, json};
use url::Url;

use super::prov::{StatementSink, prov_within};
use super::{ExportSettings, RowKind, RowSink, rows_within};
use crate::model::{Digest, JobState, Timestamp};
use crate::report::ledger::{Entry, Ledger};
use crate::store::{Error, Result, Store};

const RO_CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PROCESS_RUN: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// Where the metadata of a crate stand.
pub const METADATA_FILE: &str = "ro-crate-metadata.json";

/// A file of a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CratePart {
    Rows(RowKind),
    Statements,
}

/// What is known of a file of a crate once it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateFile {
    pub part: CratePart,
    pub bytes: u64,
    pub digest: Digest,
}

impl CratePart {
    /// The files of a crate, in their order.
    pub const ALL: [Self; 8] = [
        Self::Rows(RowKind::Sources),
        Self::Rows(RowKind::Extractions),
        Self::Rows(RowKind::Entities),
        Self::Rows(RowKind::Mentions),
        Self::Rows(RowKind::Facts),
        Self::Rows(RowKind::Gaps),
        Self::Rows(RowKind::Events),
        Self::Statements,
    ];

    /// The name of the file.
    pub fn file_name(self) -> String {
        match self {
            Self::Rows(kind) => format!(
                "{}.{}",
                kind.as_str(),
                if self.is_csv() { "csv" } else { "jsonl" }
            ),
            Self::Statements => "prov.json".to_owned(),
        }
    }

    /// Says whether the file is a table; long texts and objects are told as JSON.
    pub fn is_csv(self) -> bool {
        !matches!(
            self,
            Self::Statements | Self::Rows(RowKind::Extractions | RowKind::Events)
        )
    }

    fn encoding(self) -> &'static str {
        match self {
            Self::Statements => "application/json",
            Self::Rows(_) if self.is_csv() => "text/csv",
            Self::Rows(_) => "application/jsonl",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Rows(RowKind::Sources) => {
                "What was stored: one row a source, in its current version"
            }
            Self::Rows(RowKind::Extractions) => {
                "What was read out of the sources: one object an extraction"
            }
            Self::Rows(RowKind::Entities) => "What the texts name: one row a distinct thing",
            Self::Rows(RowKind::Mentions) => {
                "Where the texts name it: one row a mention, with its place in bytes"
            }
            Self::Rows(RowKind::Facts) => "What the sources say, taken together: one row a value",
            Self::Rows(RowKind::Gaps) => "What is incomplete, and what was until a job repaired it",
            Self::Rows(RowKind::Events) => "The record: one object an event, in chains of digests",
            Self::Statements => "The record as W3C PROV: one bundle a job",
        }
    }

    /// Whether a job of this kind makes what the file tells.
    fn is_made_by(self, kind: &str) -> bool {
        match self {
            Self::Rows(RowKind::Sources) => kind == "crawl",
            Self::Rows(RowKind::Gaps | RowKind::Events) | Self::Statements => true,
            Self::Rows(_) => kind == "extract",
        }
    }
}

/// Takes the files of a crate, one after the other.
pub trait CrateSink {
    /// Begins; also anew, when the connection was lost on the way: what came before counts no more.
    fn begin(&mut self) -> io::Result<()>;

    /// Begins a file of rows, and gives what takes them.
    fn rows(&mut self, part: CratePart) -> io::Result<&mut dyn RowSink>;

    /// Begins the file of statements, and gives what takes them.
    fn statements(&mut self, part: CratePart) -> io::Result<&mut dyn StatementSink>;

    /// Ends the file that was begun last.
    fn end(&mut self) -> io::Result<CrateFile>;

    /// Takes the metadata, which come last.
    fn metadata(&mut self, metadata: &Json) -> io::Result<()>;
}

/// Hands a crate on, made `at` this time: of all jobs, or of one.
pub fn research_object(
    store: &mut Store,
    settings: &ExportSettings,
    at: Timestamp,
    sink: &mut dyn CrateSink,
) -> Result<()> {
    store.snapshot(|store| {
        sink.begin().map_err(Error::Output)?;
        let ledger = Ledger::read(store)?;
        let mut files = Vec::new();
        for part in CratePart::ALL {
            match part {
                CratePart::Rows(kind) => {
                    let settings = ExportSettings { kind, ..*settings };
                    let rows = sink.rows(part).map_err(Error::Output)?;
                    rows_within(store, &settings, rows)?;
                }
                CratePart::Statements => {
                    let statements = sink.statements(part).map_err(Error::Output)?;
                    prov_within(store, settings.job, settings.stable, statements)?;
                }
            }
            files.push(sink.end().map_err(Error::Output)?);
        }
        let jobs: Vec<&Entry> = ledger.wanted(settings.job).collect();
        let at = if settings.stable {
            Timestamp::from_microseconds(0)
        } else {
            at
        };
        let metadata = metadata(&files, &jobs, settings.stable, at);
        sink.metadata(&metadata).map_err(Error::Output)
    })
}

/// What the crate says of its files and of the jobs that made what they tell.
fn metadata(files: &[CrateFile], jobs: &[&Entry], stable: bool, at: Timestamp) -> Json {
    let parts: Vec<Json> = files
        .iter()
        .map(|file| reference(&file.part.file_name()))
        .collect();
    let actions: Vec<Json> = jobs.iter().map(|job| reference(&action_id(job))).collect();
    let mut graph = vec![
        json!({
            "@id": METADATA_FILE,
            "@type": "CreativeWork",
            "about": reference("./"),
            "conformsTo": reference(RO_CRATE),
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": "What toolkit has crawled and extracted",
            "description": "Sources, what was read out of them, what is incomplete, and the record of every job",
            "datePublished": time(at),
            "conformsTo": reference(PROCESS_RUN),
            "license": reference("#rights"),
            "hasPart": parts,
            "mentions": values(actions),
        }),
        json!({
            "@id": "#rights",
            "@type": "CreativeWork",
            "name": "Rights of the sources",
            "description": "The contents belong to the owners of the sources that each row names.",
        }),
        json!({
            "@id": PROCESS_RUN,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        }),
    ];
    for file in files {
        graph.push(json!({
            "@id": file.part.file_name(),
            "@type": "File",
            "name": file.part.file_name(),
            "description": file.part.description(),
            "encodingFormat": file.part.encoding(),
            "contentSize": file.bytes.to_string(),
            "sha256": file.digest,
        }));
    }
    let mut versions: Vec<&str> = jobs.iter().filter_map(|job| version_of(job)).collect();
    versions.sort_unstable();
    versions.dedup();
    for version in versions {
        graph.push(json!({
            "@id": software_id(version),
            "@type": "SoftwareApplication",
            "name": "toolkit",
            "softwareVersion": version,
            "description": env!("CARGO_PKG_DESCRIPTION"),
        }));
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    for job in jobs {
        let seeds = seeds(job);
        for seed in &seeds {
            if known.insert(seed.clone()) {
                graph.push(json!({"@id": seed, "@type": "CreativeWork", "name": seed}));
            }
        }
        graph.push(action(job, &seeds, files, stable));
    }
    json!({"@context": format!("{RO_CRATE}/context"), "@graph": graph})
}

fn action(job: &Entry, seeds: &[String], files: &[CrateFile], stable: bool) -> Json {
    let made = files.iter().filter(|file| file.part.is_made_by(&job.kind));
    let results: Vec<Json> = made.map(|file| reference(&file.part.file_name())).collect();
    let mut objects: Vec<Json> = seeds.iter().map(|seed| reference(seed)).collect();
    if objects.is_empty() && job.kind != "crawl" {
        objects.push(reference(&CratePart::Rows(RowKind::Sources).file_name()));
    }
    let mut action = json!({
        "@id": action_id(job),
        "@type": "CreateAction",
        "name": format!("{} job {}", job.kind, job.number),
        "description": format!("Job {} ({}) in {} attempts, now {}", job.number, job.kind, job.runs.len(), job.state),
        "result": values(results),
    });
    let mut further = vec![("object", (!objects.is_empty()).then(|| values(objects)))];
    further.push((
        "instrument",
        version_of(job).map(|version| reference(&software_id(version))),
    ));
    further.push(("actionStatus", status_of(job).map(|status| json!(status))));
    let error = job.row.as_ref().and_then(|row| row.error.as_deref());
    further.push(("error", error.map(|error| json!(error))));
    if !stable {
        further.push(("startTime", job.started_at().map(time)));
        further.push(("endTime", job.finished_at().map(time)));
        further.push(("identifier", Some(json!(job.id))));
    }
    for (key, value) in further {
        if let Some(value) = value {
            action[key] = value;
        }
    }
    action
}

/// What a crawl began with, as far as its job is still there to tell.
fn seeds(job: &Entry) -> Vec<String> {
    let seeds = job.row.as_ref().map(|row| &row.params["seeds"]);
    let seeds = seeds.and_then(Json::as_array).into_iter().flatten();
    let uris = seeds.filter_map(Json::as_str).filter_map(|seed| {
        if seed.contains("://") {
            return Some(seed.to_owned());
        }
        Url::from_file_path(seed).ok().map(String::from)
    });
    uris.collect()
}

/// How a job ended, in the two words that the profile has; of one that has not, or was deleted, nothing is said.
fn status_of(job: &Entry) -> Option<&'static str> {
    match job.state.parse::<JobState>().ok()? {
        JobState::Completed => Some("http://schema.org/CompletedActionStatus"),
        JobState::Failed | JobState::Cancelled => Some("http://schema.org/FailedActionStatus"),
        JobState::Queued | JobState::Running | JobState::Cancelling => None,
    }
}

/// A time as the profile wants it: with milliseconds and an offset. The record has it whole.
fn time(at: Timestamp) -> Json {
    let text = at.to_string();
    let milliseconds = text.get(..23).unwrap_or(&text);
    json!(format!("{milliseconds}+00:00"))
}

/// Several values as a list, and one as itself.
fn values(mut all: Vec<Json>) -> Json {
    if all.len() == 1 {
        all.remove(0)
    } else {
        Json::Array(all)
    }
}

fn version_of(job: &Entry) -> Option<&str> {
    job.runs.last().map(|run| run.program_version.as_str())
}

fn software_id(version: &str) -> String {
    format!("#toolkit-{version}")
}

fn action_id(job: &Entry) -> String {
    format!("#job-{}", job.number)
}

fn reference(id: &str) -> Json {
    json!({"@id": id})
}
