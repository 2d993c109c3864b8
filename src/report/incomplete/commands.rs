//! What to type about what is incomplete: the commands that may repair it, and the remedy of each reason.

use std::collections::BTreeSet;

use super::ReasonTotal;
use crate::model::{Class, JobId, Reason, Stage};
use crate::report::ledger::ending;

/// The command that extracts what is not extracted yet, and what was stopped.
pub const EXTRACT_COMMAND: &str = "toolkit extract";

/// The command that tries again what has failed.
pub(super) const RETRY_COMMAND: &str = "toolkit retry";

/// Returns the command that takes a crawl on.
pub fn resume_command(job: JobId) -> String {
    format!("toolkit crawl --resume {}", ending(job))
}

/// Says whether a line of this reason is repaired by taking its crawl on.
pub(in crate::report) fn needs_resume(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NotFetched | Reason::CrawlInterrupted | Reason::CrawlFailed
    )
}

/// Says whether `toolkit retry` tries a line of this reason again, and no plainer command does.
pub(super) fn is_retried(reason: Reason) -> bool {
    reason.retry_can_help()
        && reason.class() != Class::Decision
        && reason != Reason::NoBody
        && !needs_resume(reason)
}

/// Finds a reason by its code within its stage.
pub(super) fn reason_of(stage: &str, code: &str) -> Option<Reason> {
    let stage: Stage = stage.parse().ok()?;
    Reason::ALL
        .iter()
        .copied()
        .find(|reason| reason.as_str() == code && reason.stage() == stage)
}

/// What repairs a report's lines.
pub(super) struct Repairs<'a> {
    pub totals: &'a [ReasonTotal],
    /// The crawls to go on with, and those of them that a worker is on.
    pub unended: &'a BTreeSet<JobId>,
    pub at_work: &'a BTreeSet<JobId>,
}

impl Repairs<'_> {
    fn reasons(&self) -> impl Iterator<Item = (Reason, i64)> {
        let known = self.totals.iter();
        known.filter_map(|total| Some((reason_of(&total.stage, &total.reason)?, total.count)))
    }

    fn resumes(&self) -> Vec<String> {
        let resumed = self.unended.difference(self.at_work).copied();
        resumed.map(resume_command).collect()
    }

    /// Returns the commands that may repair what is counted, in the order to type them.
    pub fn commands(&self) -> Vec<String> {
        let mut commands = self.resumes();
        let is_extracted = |reason: Reason| reason.remedy() == EXTRACT_COMMAND;
        if self.reasons().any(|(reason, _)| is_extracted(reason)) {
            commands.push(EXTRACT_COMMAND.to_owned());
        }
        if self
            .reasons()
            .any(|(reason, _)| is_retried(reason) && !is_extracted(reason))
        {
            commands.push(RETRY_COMMAND.to_owned());
        }
        commands
    }

    /// Says which jobs need no command, because a worker is on them.
    pub fn waiting(&self) -> Option<String> {
        let jobs: Vec<String> = self.at_work.iter().copied().map(ending).collect();
        let noun = if jobs.len() == 1 { "job" } else { "jobs" };
        (!jobs.is_empty()).then(|| format!("a worker is on {noun} {}", jobs.join(", ")))
    }

    /// Returns what can be done about each reason.
    pub fn remedies(&self) -> Vec<String> {
        let resumes = self.resumes();
        let resumes = (!resumes.is_empty()).then(|| resumes.join(" && "));
        let of_crawls: Vec<String> = self.waiting().into_iter().chain(resumes).collect();
        self.reasons()
            .filter(|(reason, _)| reason.class() != Class::Decision)
            .map(|(reason, count)| {
                let remedy = if reason == Reason::NotFetched && !of_crawls.is_empty() {
                    of_crawls.join("; ")
                } else {
                    reason.remedy().to_owned()
                };
                format!("{reason} ({count}): {remedy}")
            })
            .collect()
    }

    /// Returns what to type next, where anything is incomplete.
    pub fn next(&self) -> Option<String> {
        if self.totals.is_empty() {
            return None;
        }
        let mut commands = self.commands();
        if commands.is_empty() {
            let waits = !self.at_work.is_empty();
            let other = if waits { "jobs list" } else { "report reasons" };
            commands.push(format!("toolkit {other}"));
        }
        Some(format!("Next: {}", commands.join(" && ")))
    }
}
