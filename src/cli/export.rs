//! `toolkit export`: what is stored, in forms that others read.
//!
//! Streams: rows go from the database to the file one at a time. Writes nothing to the database, and to standard
//! output only what was asked for there.

mod prov;
mod research_object;
mod rows;
mod target;
mod warc;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{RowFormat, print, stdout_is_terminal};
use super::session;
use crate::model::{JobId, Timestamp};
use crate::report::{self, RowKind};
use crate::store::{Access, NewExport};

use target::{Target, Written};

const EXAMPLES: &str = "\
Examples:
  toolkit export sources -o sources.csv             one row a source, for a spreadsheet
  toolkit export mentions --as jsonl | head         one JSON object a mention
  toolkit export extractions -o texts.parquet       typed columns, compressed
  toolkit export facts -o facts.xlsx                three sheets: data, quality, sources
  toolkit export prov -o prov.json                  the record as W3C PROV, a bundle a job
  toolkit export ro-crate -o crawl.zip              all of it with its description, to hand on
  toolkit export warc -o pages.warc.gz              the contents as an archive, with an index

Columns are named as in the reports. --stable leaves out ids and times, and gives equal bytes for
equal content, from SQLite and from Postgres.";

/// Write what is stored to a file for others: rows, provenance, a crate, an archive.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to export
    #[arg(value_name = "WHAT")]
    what: What,
    /// How rows are written; without it by the ending of FILE, else jsonl
    #[arg(long = "as", value_name = "FORMAT")]
    row_format: Option<RowFormat>,
    /// Only what this job made: `last`, an id or its unique ending
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The file to write, which is there when it is whole; without it standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace FILE when it is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Record in the database that this was exported, and the digest it has; else nothing is written to it
    #[arg(long)]
    record: bool,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// One row a source, in its current version
    Sources,
    /// One row an extraction, with its text and its data
    Extractions,
    /// One row a distinct thing that texts name
    Entities,
    /// One row a mention, with its place in bytes
    Mentions,
    /// One row a value, consolidated by group and record
    Facts,
    /// One row a thing that is incomplete, or was until a job repaired it
    Gaps,
    /// One row an event of the record
    Events,
    /// The record as PROV-JSON (W3C): one bundle a job, of what it used and what it made
    Prov,
    /// Rows, record and what they are, as a Process Run Crate in one zip file
    RoCrate,
    /// The contents of sources as WARC 1.1, with a CDXJ index beside it
    Warc,
}

impl What {
    fn rows(self) -> Option<RowKind> {
        match self {
            Self::Sources => Some(RowKind::Sources),
            Self::Extractions => Some(RowKind::Extractions),
            Self::Entities => Some(RowKind::Entities),
            Self::Mentions => Some(RowKind::Mentions),
            Self::Facts => Some(RowKind::Facts),
            Self::Gaps => Some(RowKind::Gaps),
            Self::Events => Some(RowKind::Events),
            Self::Prov | Self::RoCrate | Self::Warc => None,
        }
    }
}

/// What an export came to.
struct Exported {
    what: &'static str,
    format: &'static str,
    rows: u64,
    written: Written,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    if global.is_format_typed && arguments.output.is_none() {
        let message =
            "--format is for what is said about an export, and this one writes to standard output";
        return Err(Failure::new(message, Exit::Usage).hint("--as csv, jsonl, parquet or xlsx"));
    }
    if arguments.row_format.is_some() && arguments.what.rows().is_none() {
        let message = "--as is for rows, and this is no list of them";
        return Err(Failure::new(message, Exit::Usage).hint("leave --as out"));
    }
    let path = arguments.path();
    let access = if arguments.record {
        Access::Write
    } else {
        Access::Read
    };
    let mut store = session::open(global, access)?;
    let given = arguments.job.as_deref();
    let job: Option<JobId> = given
        .map(|given| store.find_recorded_job(given))
        .transpose()?;
    let force = arguments.force;
    let exported = match (arguments.what, arguments.what.rows()) {
        (_, Some(kind)) => {
            let format = arguments.row_format();
            refuse_terminal(path, format.is_binary(), format.as_str())?;
            let target = Target::open(path, force)?;
            rows::write(global, &mut store, (kind, format, job), target)?
        }
        (What::Warc, _) => warc::write(global, &mut store, job, (path, force))?,
        (What::RoCrate, _) => {
            refuse_terminal(path, true, "a zip file")?;
            research_object::write(global, &mut store, job, Target::open(path, force)?)?
        }
        _ => prov::write(global, &mut store, job, Target::open(path, force)?)?,
    };
    if arguments.record {
        let export = NewExport {
            what: exported.what.to_owned(),
            format: exported.format.to_owned(),
            job,
            rows: exported.rows,
            bytes: exported.written.bytes,
            digest: exported.written.digest,
        };
        store.record_export(&export, &session::invocation(), Timestamp::now())?;
    }
    if let Some(path) = path {
        let line = report::ExportedLine {
            what: exported.what.to_owned(),
            format: exported.format.to_owned(),
            file: path.display().to_string(),
            rows: exported.rows,
            bytes: exported.written.bytes,
            digest: exported.written.digest,
        };
        let told = report::ExportReport { rows: vec![line] };
        print(&told, &global.output_options())?;
    }
    Ok(Exit::Done)
}

impl Arguments {
    /// The file to write; `-` is standard output, as elsewhere.
    fn path(&self) -> Option<&Path> {
        let path = self.output.as_deref();
        path.filter(|path| *path != Path::new("-"))
    }

    fn row_format(&self) -> RowFormat {
        let of_ending = || {
            let extension = self.path()?.extension()?.to_str()?;
            RowFormat::of_extension(extension)
        };
        self.row_format
            .or_else(of_ending)
            .unwrap_or(RowFormat::Jsonl)
    }
}

/// Refuses to write what is no text to a terminal.
fn refuse_terminal(path: Option<&Path>, is_binary: bool, format: &str) -> Result<(), Failure> {
    if path.is_none() && is_binary && stdout_is_terminal() {
        let message = format!("{format} is no text, and this is a terminal");
        return Err(Failure::new(message, Exit::Usage).hint("name a file with -o FILE"));
    }
    Ok(())
}
