//! Rows in, one report struct out: what is incomplete, where things came from, whether the books balance.
//!
//! A report is a plain value that can be serialized and shown as tables. This room prints nothing, knows no
//! format and opens no database; `cli/output` renders what it returns.

mod balance;
mod boilerplate;
mod check;
mod cite;
mod config;
mod coverage;
mod diff;
mod duplicates;
mod entities;
mod erase;
mod export;
mod facts;
mod figure;
mod incomplete;
mod jobs;
mod ledger;
mod line;
mod overview;
mod plan;
mod profiles;
mod provenance;
mod reasons;
mod retry;
mod robots;
mod search;
mod sources;
mod status;
mod summary;
mod table;
mod text_fragment;
mod texts;
mod vacuum;
mod values;
mod verify;
mod versions;
mod why;

pub use balance::{BalanceJob, BalanceLine, BalanceReport, Difference, balance};
pub use boilerplate::{BoilerplateLine, BoilerplateReport, boilerplate};
pub use check::{CheckReport, LinksOf, RuleLine, ViolationLine, WorkLine, check};
pub use cite::{Citation, CiteReport, cite};
pub use config::{ConfigReport, SettingLine, config};
pub use coverage::{CoverageLine, CoveragePageLine, CoverageReasonLine, CoverageReport, coverage};
pub use diff::{
    DiffCount, DiffFilter, DiffJob, DiffLine, DiffReport, DiffValueLine, NotComparable, diff,
};
pub use duplicates::{DuplicateLine, DuplicatesReport, duplicates};
pub use entities::{
    EntitiesReport, EntityLine, EntityReport, MentionLine, MergedLine, entities, entity,
};
pub use erase::{EraseLine, EraseReport};
pub use export::{
    Attributes, CellType, CopySink, CrateFile, CratePart, CrateSink, ExportColumn, ExportReport,
    ExportSettings, ExportedLine, METADATA_FILE, PROV_PREFIXES, RowKind, RowSink, SheetSink,
    StatementSink, copies, export, fact_sheets, prov, research_object,
};
pub use facts::{FactLine, FactsReport, GroupBy, facts};
pub use figure::{Bar, Bars, Figure, Graph, Node, Part};
pub use incomplete::{
    Baseline, BaselineError, ClassCounts, Division, DivisionLine, EXTRACT_COMMAND, IncompleteLine,
    IncompleteOptions, IncompleteReport, ReasonTotal, incomplete, incomplete_as, resume_command,
};
pub use jobs::{JobLine, JobReport, JobsReport, ResultCounts, RunLine, job, jobs};
pub use overview::{HistoryLine, OverviewJob, OverviewReport, OverviewSource, overview};
pub use plan::{PlanLine, PlanReport, PlanTotal, plan};
pub use profiles::{
    FieldGapLine, FoundFieldLine, ProfileCheckReport, ProfileFaultLine, ProfileLine,
    ProfileTestReport, ProfilesReport,
};
pub use provenance::{
    AgainLine, AttemptLine, ChainLine, ChangeLine, CommandOf, ContentLine, DeletionLine,
    EvidenceLine, FetchLine, JobOriginReport, JobSettingLine, MadeLine, OriginReport,
    ProvenanceJobLine, ProvenanceReport, ProvenanceSourceLine, Record, StepLine, Subject,
    SubjectLine, TouchLine, job_origin, origin, provenance,
};
pub use reasons::{ReasonLine, ReasonsReport, reasons};
pub use retry::{RetryLine, RetryReport, RetryWork, retry};
pub use robots::{RobotsLine, RobotsReport, SitemapLine, robots};
pub use search::{FoundLine, SearchReport, SearchScopeLine, search};
pub use sources::{
    ExtractionLine, RepeatedLine, SourceGapLine, SourceLine, SourceReader, SourceReport,
    SourceState, SourcesReport, TrailLine, source, sources,
};
pub use status::{DatabaseLine, MigrationLine, StatusReport, TableLine, status};
pub use summary::{CrawlCounts, ExtractCounts, StoredCounts, SummaryJob, SummaryReport, summary};
pub use table::{Cell, Column, ColumnKind, Report, Table};
pub use texts::{ExtractedPart, SourceText, SpanLine, source_texts, texts};
pub use vacuum::{DroppedBodyLine, VacuumLine, VacuumReport, unused_bodies};
pub use verify::{ErasedLine, FaultLine, VerifyLine, VerifyReport, verify};
pub use versions::{FoundVersion, VersionLine, WantedVersion, version};
pub use why::{CloseLine, NameLine, SearchedLine, VerdictLine, WhyLine, WhyReport, why};

#[cfg(test)]
mod tests;
