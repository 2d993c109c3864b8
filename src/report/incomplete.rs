//! What is incomplete, one line a loss, and what to type to repair it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ledger::ending;
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Class, Digest, ExtractionId, JobId, Reason, SourceId, Stage, Timestamp};
use crate::store::{IncompleteFilter, IncompleteRow, Result, Store};

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
    }

    /// How many lines there are for one reason.
    ReasonTotal {
        stage: String => text;
        reason: String => text;
        class: String => text;
        count: i64 => number;
    }
}

/// How many lines there are of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    pub loss: i64,
    pub pending: i64,
    pub limit: i64,
    pub decision: i64,
}

/// `report incomplete`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncompleteReport {
    pub rows: Vec<IncompleteLine>,
    pub totals: Vec<ReasonTotal>,
    pub classes: ClassCounts,
    /// Whether any job was ever worked on: nothing incomplete means nothing without one.
    #[serde(skip)]
    pub has_any_job: bool,
    /// The jobs with URLs to fetch that a worker is on: a resume would take them away from it.
    #[serde(skip)]
    pub at_work: BTreeSet<JobId>,
}

/// Reads what is incomplete; `recognizer_digest` is that of the recognizers in use.
pub fn incomplete(
    store: &mut Store,
    filter: &IncompleteFilter,
    recognizer_digest: Digest,
) -> Result<IncompleteReport> {
    store.snapshot(|store| {
        let mut rows = Vec::new();
        let mut totals = Totals::default();
        store.incomplete(filter, recognizer_digest, &mut |row| {
            totals.add(&row.stage, &row.reason, &row.class, 1);
            rows.push(IncompleteLine::from(row));
            Ok(())
        })?;
        let mut at_work = BTreeSet::new();
        for job in unfetched_jobs(&rows) {
            if store.job_is_alive(job)? {
                at_work.insert(job);
            }
        }
        Ok(IncompleteReport {
            at_work,
            totals: totals.into_lines(),
            classes: ClassCounts::of(&rows),
            rows,
            has_any_job: store.has_any_job()?,
        })
    })
}

/// The jobs that have not fetched all they know.
fn unfetched_jobs(rows: &[IncompleteLine]) -> BTreeSet<JobId> {
    rows.iter()
        .filter(|row| row.reason == Reason::NotFetched.as_str())
        .filter_map(|row| row.job_id)
        .collect()
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

    /// Says whether all is complete; with `strict`, also that no limit left anything out.
    pub fn verdict(&self, strict: bool) -> bool {
        self.losses() == 0 && self.pending() == 0 && !(strict && self.limits() > 0)
    }

    /// Returns the counts by class and the command that repairs them, in one line.
    pub fn one_line(&self) -> String {
        let ClassCounts {
            loss,
            pending,
            limit,
            ..
        } = self.classes;
        if loss + pending + limit == 0 {
            return "complete: 0 loss, 0 pending, 0 limit".to_owned();
        }
        let counts = format!("incomplete: {loss} loss, {pending} pending, {limit} limit");
        let commands = self.commands();
        let mut parts = vec![counts];
        parts.extend(self.waiting());
        if !commands.is_empty() {
            parts.push(format!("next: {}", commands.join(" && ")));
        } else if self.at_work.is_empty() {
            parts.push("no command repairs that, see the remedies in the report".to_owned());
        }
        parts.join("; ")
    }

    /// Says which jobs need no command, because a worker is on them.
    fn waiting(&self) -> Option<String> {
        let jobs: Vec<String> = self.at_work.iter().copied().map(ending).collect();
        let noun = if jobs.len() == 1 { "job" } else { "jobs" };
        (!jobs.is_empty()).then(|| format!("a worker is on {noun} {}", jobs.join(", ")))
    }

    /// Returns the commands that may repair what is listed, in the order to type them.
    pub fn commands(&self) -> Vec<String> {
        let unfetched = unfetched_jobs(&self.rows);
        let resumed = unfetched.difference(&self.at_work).copied();
        let mut commands: Vec<String> = resumed.map(resume_command).collect();
        let extracts = self.totals.iter().any(|total| {
            reason_of(&total.stage, &total.reason)
                .is_some_and(|reason| reason.remedy() == EXTRACT_COMMAND)
        });
        if extracts {
            commands.push(EXTRACT_COMMAND.to_owned());
        }
        commands
    }
}

/// The command that extracts what is not extracted yet, and what was stopped.
pub const EXTRACT_COMMAND: &str = "toolkit extract";

/// Returns the command that takes a crawl on.
pub fn resume_command(job: JobId) -> String {
    format!("toolkit crawl --resume {}", ending(job))
}

impl ClassCounts {
    fn of(rows: &[IncompleteLine]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            match row.class.parse() {
                Ok(Class::Pending) => counts.pending += 1,
                Ok(Class::Limit) => counts.limit += 1,
                Ok(Class::Decision) => counts.decision += 1,
                // A class that a newer version made up is no reason to call anything complete.
                Ok(Class::Loss) | Err(_) => counts.loss += 1,
            }
        }
        counts
    }
}

/// Counts lines by stage, reason and class.
#[derive(Debug, Default)]
pub(super) struct Totals(BTreeMap<(String, String, String), i64>);

impl Totals {
    /// Counts lines of one reason.
    pub fn add(&mut self, stage: &str, reason: &str, class: &str, count: i64) {
        let place = (stage.to_owned(), reason.to_owned(), class.to_owned());
        *self.0.entry(place).or_default() += count;
    }

    /// Returns a line for each reason.
    pub fn into_lines(self) -> Vec<ReasonTotal> {
        self.0
            .into_iter()
            .map(|((stage, reason, class), count)| ReasonTotal {
                stage,
                reason,
                class,
                count,
            })
            .collect()
    }
}

/// Finds a reason by its code within its stage.
fn reason_of(stage: &str, code: &str) -> Option<Reason> {
    let stage: Stage = stage.parse().ok()?;
    Reason::ALL
        .iter()
        .copied()
        .find(|reason| reason.as_str() == code && reason.stage() == stage)
}

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
        }
    }
}

impl Report for IncompleteReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("incomplete", "Nothing is incomplete.", &self.rows),
            table("totals", "No reasons to count.", &self.totals),
        ]
    }

    fn notes(&self) -> Vec<String> {
        if !self.has_any_job {
            return vec!["No job has run on this database: toolkit run SEED".to_owned()];
        }
        let mut resumes = self.commands();
        resumes.retain(|command| command != EXTRACT_COMMAND);
        let resumes = (!resumes.is_empty()).then(|| resumes.join(" && "));
        let unfetched: Vec<String> = self.waiting().into_iter().chain(resumes).collect();
        self.totals
            .iter()
            .filter_map(|total| {
                let reason = reason_of(&total.stage, &total.reason)?;
                let remedy = if reason == Reason::NotFetched && !unfetched.is_empty() {
                    unfetched.join("; ")
                } else {
                    reason.remedy().to_owned()
                };
                let wanted = reason.class() != Class::Decision;
                wanted.then(|| format!("{reason} ({}): {remedy}", total.count))
            })
            .collect()
    }
}
