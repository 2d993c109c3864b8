//! What is incomplete, one line a loss, and what to type to repair it.
//!
//! Every line is read once and counted; only those that are asked for are kept.

mod baseline;
mod commands;
mod division;
mod totals;

use std::collections::BTreeSet;

use serde::Serialize;

use super::ledger::Ledger;
use super::line::{Line as _, lines, table, table_of};
use super::{Column, Report, Table};
use crate::model::{Digest, ExtractionId, JobId, Reason, SourceId, Timestamp};
use crate::store::{IncompleteFilter, IncompleteRow, Result, Store};

pub use baseline::{Baseline, BaselineError};
pub use commands::{EXTRACT_COMMAND, resume_command};
pub use division::{Division, DivisionLine};
pub(super) use totals::Totals;
pub use totals::{ClassCounts, ReasonTotal};

use commands::Repairs;
pub(super) use commands::needs_resume;
use division::Divided;

lines! {
    /// One thing that is incomplete.
    IncompleteLine {
        stage: String => text;
        reason: String => text;
        class: String => text;
        uri: String => text;
        source_id: Option<SourceId> => id;
        extraction_id: Option<ExtractionId> => id;
        position: String => text;
        attempts: i64 => number;
        first_seen: Timestamp => time;
        last_seen: Timestamp => time;
        job_id: Option<JobId> => id;
        detail: String => text;
        /// Whose reading it is, where a profile or its recognizers read.
        profile: Option<String> => text.verbose;
    }
}

/// How `report incomplete` is told.
#[derive(Debug, Clone, Default)]
pub struct IncompleteOptions {
    /// No more lines than these are kept; all are counted.
    pub first: Option<usize>,
    /// Counts by this stand in the place of the lines.
    pub by: Option<Division>,
    /// Reasons that are told and fail no check.
    pub allowed: BTreeSet<Reason>,
    /// What is known already is left out and fails no check.
    pub baseline: Option<Baseline>,
    /// Whether a baseline is to be made of all that is read.
    pub makes_baseline: bool,
}

/// `report incomplete`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IncompleteReport {
    pub rows: Vec<IncompleteLine>,
    /// Counts by what was asked for, in the place of the lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub divisions: Vec<DivisionLine>,
    pub totals: Vec<ReasonTotal>,
    pub classes: ClassCounts,
    /// Lines that are counted and stand in no list here.
    pub more: i64,
    /// Lines that the baseline knows; they are not counted.
    pub known: i64,
    /// Lines of the baseline that are repaired.
    pub repaired: i64,
    /// Whether any job was ever worked on: nothing incomplete means nothing without one.
    #[serde(skip)]
    pub has_any_job: bool,
    /// The jobs with URLs to fetch that a worker is on: a resume would take them away from it.
    #[serde(skip)]
    pub at_work: BTreeSet<JobId>,
    /// The counts that a check judges: those without what is allowed.
    #[serde(skip)]
    pub judged: ClassCounts,
    /// What the counts are by.
    #[serde(skip)]
    pub by: Option<Division>,
    /// The baseline that was asked for.
    #[serde(skip)]
    pub baseline: Option<Baseline>,
    /// The crawls to go on with.
    #[serde(skip)]
    pub unended: BTreeSet<JobId>,
}

/// Reads all that is incomplete; `recognizer_digest` is that of the recognizers in use.
pub fn incomplete(
    store: &mut Store,
    filter: &IncompleteFilter,
    recognizer_digest: Digest,
) -> Result<IncompleteReport> {
    incomplete_as(
        store,
        filter,
        &IncompleteOptions::default(),
        recognizer_digest,
    )
}

/// Reads what is incomplete, told as `options` say.
pub fn incomplete_as(
    store: &mut Store,
    filter: &IncompleteFilter,
    options: &IncompleteOptions,
    recognizer_digest: Digest,
) -> Result<IncompleteReport> {
    store.snapshot(|store| {
        let ledger = match options.by {
            Some(Division::Job) => Some(Ledger::read(store)?),
            _ => None,
        };
        let mut report = IncompleteReport {
            by: options.by,
            baseline: options.makes_baseline.then(Baseline::default),
            ..IncompleteReport::default()
        };
        let mut totals = Totals::default();
        let mut divided = options.by.map(|by| Divided::new(by, ledger.as_ref()));
        let mut left = options.baseline.clone().unwrap_or_default();
        let first = match options.by {
            Some(_) => 0,
            None => options.first.unwrap_or(usize::MAX),
        };
        store.incomplete(filter, recognizer_digest, &mut |row| {
            if let Some(made) = &mut report.baseline {
                made.add(&row);
            }
            if left.take(&row) {
                report.known += 1;
                return Ok(());
            }
            totals.add(&row.stage, &row.reason, &row.class, 1);
            report.classes.add(&row.class);
            let reason: Option<Reason> = row.reason.parse().ok();
            if !reason.is_some_and(|reason| options.allowed.contains(&reason)) {
                report.judged.add(&row.class);
            }
            if reason.is_some_and(needs_resume) {
                report.unended.extend(row.job);
            }
            if let Some(divided) = &mut divided {
                divided.add(&row);
            }
            if report.rows.len() < first {
                report.rows.push(IncompleteLine::from(row));
            } else {
                report.more += 1;
            }
            Ok(())
        })?;
        report.repaired = left.len();
        for job in &report.unended {
            if store.job_is_alive(*job)? {
                report.at_work.insert(*job);
            }
        }
        report.divisions = divided.map_or_else(Vec::new, |divided| divided.lines(&report.at_work));
        report.totals = totals.into_lines();
        report.has_any_job = store.has_any_job()?;
        Ok(report)
    })
}

impl IncompleteReport {
    /// Counts what should be there and is not.
    pub fn losses(&self) -> i64 {
        self.classes.loss
    }

    /// Counts what has not been reached yet.
    pub fn pending(&self) -> i64 {
        self.classes.pending
    }

    /// Counts what a cap of the user's left out.
    pub fn limits(&self) -> i64 {
        self.classes.limit
    }

    /// Counts what a rule left out.
    pub fn decisions(&self) -> i64 {
        self.classes.decision
    }

    /// Says whether all is complete but for what is allowed; with `strict`, also that no limit left anything out.
    pub fn verdict(&self, strict: bool) -> bool {
        let ClassCounts {
            loss,
            pending,
            limit,
            ..
        } = self.judged;
        loss + pending == 0 && !(strict && limit > 0)
    }

    /// Returns the counts by class and the command that repairs them, in one line.
    pub fn one_line(&self) -> String {
        let ClassCounts {
            loss,
            pending,
            limit,
            ..
        } = self.judged;
        if loss + pending + limit == 0 {
            return "complete: 0 loss, 0 pending, 0 limit".to_owned();
        }
        let counts = format!("incomplete: {loss} loss, {pending} pending, {limit} limit");
        let repairs = self.repairs();
        let commands = repairs.commands();
        let mut parts = vec![counts];
        parts.extend(repairs.waiting());
        if !commands.is_empty() {
            parts.push(format!("next: {}", commands.join(" && ")));
        } else if self.at_work.is_empty() {
            parts.push("no command repairs that, see the remedies in the report".to_owned());
        }
        parts.join("; ")
    }

    /// Returns the commands that may repair what is counted, in the order to type them.
    pub fn commands(&self) -> Vec<String> {
        self.repairs().commands()
    }

    fn repairs(&self) -> Repairs<'_> {
        Repairs {
            totals: &self.totals,
            unended: &self.unended,
            at_work: &self.at_work,
        }
    }

    /// What is not listed, and how to see it.
    fn left_out(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.more > 0 && self.by.is_none() {
            let noun = if self.more == 1 { "line" } else { "lines" };
            notes.push(format!(
                "… and {} more {noun}: toolkit report incomplete --format csv, or --by reason",
                self.more
            ));
        }
        if self.known > 0 {
            notes.push(format!("The baseline knows {} more.", self.known));
        }
        if self.repaired > 0 {
            notes.push(format!(
                "Of the baseline {} are repaired: --write-baseline makes a new one.",
                self.repaired
            ));
        }
        notes
    }

    fn tables_with(&self, rows: Table) -> Vec<Table> {
        match self.by {
            Some(by) => vec![division::table(by, &self.divisions)],
            None => vec![rows, table("totals", "No reasons to count.", &self.totals)],
        }
    }
}

const NAME: &str = "incomplete";
const EMPTY: &str = "Nothing is incomplete.";

impl From<IncompleteRow> for IncompleteLine {
    fn from(row: IncompleteRow) -> Self {
        Self {
            stage: row.stage,
            reason: row.reason,
            class: row.class,
            uri: row.uri,
            source_id: row.source,
            extraction_id: row.extraction,
            position: row.position,
            attempts: row.attempts,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
            job_id: row.job,
            detail: row.detail,
            profile: row.profile,
        }
    }
}

impl Report for IncompleteReport {
    fn tables(&self) -> Vec<Table> {
        self.tables_with(table(NAME, EMPTY, &self.rows))
    }

    fn take_tables(&mut self) -> Vec<Table> {
        let rows = std::mem::take(&mut self.rows);
        let cells = rows.into_iter().map(IncompleteLine::into_cells);
        self.tables_with(table_of(NAME, EMPTY, IncompleteLine::columns(), cells))
    }

    fn columns(&self) -> Vec<Column> {
        let tables = self.tables_with(table::<IncompleteLine>(NAME, EMPTY, &[]));
        tables.into_iter().flat_map(|table| table.columns).collect()
    }

    fn volatile_keys(&self) -> &'static [&'static str] {
        // What to type about a job names its id.
        match self.by {
            Some(Division::Job) => &["next"],
            _ => &[],
        }
    }

    fn notes(&self) -> Vec<String> {
        if !self.has_any_job {
            return vec!["No job has run on this database: toolkit run SEED".to_owned()];
        }
        let mut notes = self.left_out();
        let repairs = self.repairs();
        if self.by.is_none() {
            notes.extend(repairs.remedies());
        }
        notes.extend(repairs.next());
        notes
    }
}
