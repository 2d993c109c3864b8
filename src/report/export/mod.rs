//! Exports: the rows of one kind, whole and typed, handed on one at a time.
//!
//! Owns which columns an export has and in which order rows come. Each row carries where it came from: the job
//! that made it, the digests it was made with, the times. How a row is spelled and where it goes is the business
//! of whoever takes it; nothing is collected here, except facts, which have to be compared.

mod copies;
mod prov;
mod research_object;
mod rows;
mod sheets;
mod typed;
mod written;

use std::io;

use super::facts::{GroupBy, each_fact};
use super::ledger::Ledger;
use crate::model::{Digest, JobId};
use crate::store::{Error, EventOrder, IncompleteFilter, Result, Store};

pub use copies::{CopySink, copies};
pub use prov::{Attributes, PREFIXES as PROV_PREFIXES, StatementSink, prov};
pub use research_object::{CrateFile, CratePart, CrateSink, METADATA_FILE, research_object};
pub use sheets::{SheetSink, fact_sheets};
pub use typed::{CellType, ExportColumn};
pub use written::{ExportReport, ExportedLine};

use rows::{EntityRow, EventRow, ExtractionRow, FactRow, GapRow, MentionRow, SourceRow};
use typed::ExportRow;

use super::Cell;

/// What the rows of an export are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    Sources,
    Extractions,
    Entities,
    Mentions,
    /// The values that sources give for fields, by the record they belong to.
    Facts,
    /// What is incomplete, and what was until a later job repaired it.
    Gaps,
    /// The record: every event of every run.
    Events,
}

/// Which rows are exported.
#[derive(Debug, Clone, Copy)]
pub struct ExportSettings {
    pub kind: RowKind,
    /// Only what this job made.
    pub job: Option<JobId>,
    /// Whether the order may depend on nothing but what is stored.
    pub stable: bool,
    /// That of the recognizers in use: complete extractions made by others are stale.
    pub recognizer_digest: Digest,
}

/// Takes the rows of an export.
pub trait RowSink {
    /// Begins; also anew, when the connection was lost on the way: what came before counts no more.
    fn begin(&mut self, columns: &[ExportColumn]) -> io::Result<()>;

    /// Takes the next row, a cell for each column.
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()>;
}

impl RowKind {
    /// Returns the word that commands and files name it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Extractions => "extractions",
            Self::Entities => "entities",
            Self::Mentions => "mentions",
            Self::Facts => "facts",
            Self::Gaps => "gaps",
            Self::Events => "events",
        }
    }

    /// Returns the columns of its rows.
    pub fn columns(self) -> Vec<ExportColumn> {
        match self {
            Self::Sources => SourceRow::columns(),
            Self::Extractions => ExtractionRow::columns(),
            Self::Entities => EntityRow::columns(),
            Self::Mentions => MentionRow::columns(),
            Self::Facts => FactRow::columns(),
            Self::Gaps => GapRow::columns(),
            Self::Events => EventRow::columns(),
        }
    }
}

/// Hands the rows of one state of the database on, in natural order.
pub fn export(store: &mut Store, settings: &ExportSettings, sink: &mut dyn RowSink) -> Result<()> {
    store.snapshot(|store| rows_within(store, settings, sink))
}

/// As [`export`], within what is read together already.
fn rows_within(store: &mut Store, settings: &ExportSettings, sink: &mut dyn RowSink) -> Result<()> {
    let ledger = Ledger::read(store)?;
    sink.begin(&settings.kind.columns())
        .map_err(Error::Output)?;
    hand_on(store, &ledger, settings, sink)
}

fn hand_on(
    store: &mut Store,
    ledger: &Ledger,
    settings: &ExportSettings,
    sink: &mut dyn RowSink,
) -> Result<()> {
    let job = settings.job;
    let mut put = |cells: Vec<Cell>| sink.row(cells).map_err(Error::Output);
    match settings.kind {
        RowKind::Sources => store.source_list(job, None, &mut |row| {
            put(SourceRow::of(row, ledger).into_cells())
        }),
        RowKind::Extractions => store.export_extractions(job, &mut |row| {
            put(ExtractionRow::of(row, ledger).into_cells())
        }),
        RowKind::Entities => {
            store.export_entities(job, &mut |row| put(EntityRow::of(row, ledger).into_cells()))
        }
        RowKind::Mentions => {
            store.export_mentions(
                job,
                &mut |row| put(MentionRow::of(row, ledger).into_cells()),
            )
        }
        RowKind::Facts => each_fact(store, GroupBy::Group, None, None, job, &mut |line| {
            put(FactRow::from(line).into_cells())
        }),
        RowKind::Gaps => {
            let filter = IncompleteFilter {
                job,
                ..IncompleteFilter::default()
            };
            store.incomplete(&filter, settings.recognizer_digest, &mut |row| {
                put(GapRow::open(row, ledger).into_cells())
            })?;
            store.resolved_gaps(job, &mut |row| {
                put(GapRow::resolved(row, ledger).into_cells())
            })
        }
        RowKind::Events => {
            let order = if settings.stable {
                EventOrder::Natural
            } else {
                EventOrder::Recorded
            };
            store.export_events(job, order, &mut |row| {
                put(EventRow::of(row, ledger).into_cells())
            })
        }
    }
}
