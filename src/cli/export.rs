//! `toolkit export`: what is stored, in forms that others read.
//!
//! Streams: rows go from the database to the file one at a time. Writes nothing to the database, and to standard
//! output only what was asked for there.

mod rows;
mod target;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{RowFormat, print, stdout_is_terminal};
use super::session;
use crate::model::JobId;
use crate::report::{self, RowKind};
use crate::store::Access;

use target::{Target, Written};

const EXAMPLES: &str = "\
Examples:
  toolkit export sources -o sources.csv             one row a source, for a spreadsheet
  toolkit export mentions --as jsonl | head         one JSON object a mention
  toolkit export extractions -o texts.parquet       typed columns, compressed
  toolkit export facts -o facts.xlsx                three sheets: data, quality, sources

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
}

impl What {
    fn rows(self) -> RowKind {
        match self {
            Self::Sources => RowKind::Sources,
            Self::Extractions => RowKind::Extractions,
            Self::Entities => RowKind::Entities,
            Self::Mentions => RowKind::Mentions,
            Self::Facts => RowKind::Facts,
            Self::Gaps => RowKind::Gaps,
            Self::Events => RowKind::Events,
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
    let path = arguments.path();
    let mut store = session::open(global, Access::Read)?;
    let given = arguments.job.as_deref();
    let job: Option<JobId> = given
        .map(|given| store.find_recorded_job(given))
        .transpose()?;
    let format = arguments.row_format();
    refuse_terminal(path, format.is_binary(), format.as_str())?;
    let target = Target::open(path, arguments.force)?;
    let wanted = (arguments.what.rows(), format, job);
    let exported = rows::write(global, &mut store, wanted, target)?;
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
