//! Counts by class of what is incomplete, a line for each reason, stage, job, group or profile.

use std::collections::{BTreeMap, BTreeSet};

use super::ClassCounts;
use super::commands::{is_retried, needs_resume, reason_of, resume_command};
use crate::model::{Class, JobId, Reason, quoted};
use crate::report::ledger::{Ledger, ending};
use crate::report::line::{lines, table as table_of_lines};
use crate::report::{ColumnKind, Table};
use crate::store::IncompleteRow;

/// What the counts are by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    Reason,
    Stage,
    Job,
    Group,
    Profile,
}

lines! {
    /// How many lines of each class there are of one thing.
    DivisionLine {
        /// The reason, stage, group or profile, or the job's number; nothing where a line is of none.
        what: Option<String> => text;
        #[serde(skip_serializing_if = "Option::is_none")]
        job_id: Option<JobId> => id;
        loss: i64 => number;
        pending: i64 => number;
        limit: i64 => number;
        decision: i64 => number;
        /// What to type about it.
        next: String => text;
    }
}

/// Shows the lines; only those of jobs have ids, and commands that name them.
pub(super) fn table(by: Division, lines: &[DivisionLine]) -> Table {
    let mut table = table_of_lines("incomplete", "Nothing is incomplete.", lines);
    if by == Division::Job {
        for column in &mut table.columns {
            column.volatile |= column.key == "next";
        }
        return table;
    }
    if let Some(place) = table
        .columns
        .iter()
        .position(|column| column.kind == ColumnKind::Id)
    {
        table.columns.remove(place);
        for row in &mut table.rows {
            row.remove(place);
        }
    }
    table
}

/// What sorts the lines: what they are of, or nothing; jobs by their number.
type Key = Option<(i64, String)>;

#[derive(Default)]
struct Part {
    counts: ClassCounts,
    job: Option<JobId>,
    is_resumed: bool,
    is_retried: bool,
}

/// Lines while they are counted.
pub(super) struct Divided<'a> {
    by: Division,
    ledger: Option<&'a Ledger>,
    parts: BTreeMap<Key, Part>,
}

impl<'a> Divided<'a> {
    pub fn new(by: Division, ledger: Option<&'a Ledger>) -> Self {
        Self {
            by,
            ledger,
            parts: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, row: &IncompleteRow) {
        let part = self.parts.entry(self.key(row)).or_default();
        part.counts.add(&row.class);
        if self.by == Division::Job {
            part.job = row.job;
        }
        let reason = reason_of(&row.stage, &row.reason);
        part.is_resumed |= reason.is_some_and(needs_resume);
        part.is_retried |= reason.is_some_and(is_retried);
    }

    fn key(&self, row: &IncompleteRow) -> Key {
        let text = match self.by {
            Division::Reason => Some(row.reason.clone()),
            Division::Stage => Some(row.stage.clone()),
            Division::Group => Some(row.source_group.clone()),
            Division::Profile => row.profile.clone(),
            Division::Job => {
                let job = row.job?;
                let number = self.ledger.and_then(|ledger| ledger.number(job));
                return Some((number.unwrap_or(i64::MAX), job.to_string()));
            }
        };
        text.filter(|text| !text.is_empty()).map(|text| (0, text))
    }

    /// Returns a line for each part; a job that a worker is on is left to it.
    pub fn lines(self, at_work: &BTreeSet<JobId>) -> Vec<DivisionLine> {
        let by = self.by;
        let parts = self.parts.into_iter();
        parts
            .map(|(key, part)| {
                let next = next(by, key.as_ref(), &part, at_work);
                let what = key.map(|(number, text)| match by {
                    Division::Job => number.to_string(),
                    _ => text,
                });
                DivisionLine {
                    what,
                    job_id: part.job,
                    loss: part.counts.loss,
                    pending: part.counts.pending,
                    limit: part.counts.limit,
                    decision: part.counts.decision,
                    next,
                }
            })
            .collect()
    }
}

/// Returns what to type about one part.
fn next(
    by: Division,
    key: Option<&(i64, String)>,
    part: &Part,
    at_work: &BTreeSet<JobId>,
) -> String {
    let Some((_, text)) = key else {
        return "toolkit report incomplete".to_owned();
    };
    let retried = part.is_retried || part.is_resumed;
    match (by, part.job) {
        (Division::Job, Some(job)) => {
            let is_free = !at_work.contains(&job);
            if part.is_resumed && is_free {
                resume_command(job)
            } else if part.is_retried && is_free {
                format!("toolkit retry --job {}", ending(job))
            } else {
                format!("toolkit report incomplete --job {}", ending(job))
            }
        }
        (Division::Reason, _) if retried => format!("toolkit retry --reason {text}"),
        (Division::Reason, _) => {
            let decided = text
                .parse::<Reason>()
                .is_ok_and(|reason| reason.class() == Class::Decision);
            let all = if decided { " --all" } else { "" };
            format!("toolkit report incomplete --reason {text}{all}")
        }
        (Division::Stage, _) if retried => format!("toolkit retry --stage {text}"),
        (Division::Stage, _) => format!("toolkit report incomplete --stage {text}"),
        (Division::Group, _) => format!("toolkit report incomplete --group {}", quoted(text)),
        (Division::Profile, _) => format!("toolkit report incomplete --profile {}", quoted(text)),
        (Division::Job, None) => "toolkit report incomplete".to_owned(),
    }
}
