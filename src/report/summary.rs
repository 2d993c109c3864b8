//! What is printed at the end of a story: what came of its jobs, what is stored now, what is incomplete and
//! what to type next.

use serde::Serialize;

use super::balance::{self, BalanceReport};
use super::incomplete::{EXTRACT_COMMAND, ReasonTotal, Totals, resume_command};
use super::ledger::Ledger;
use super::line::{Line, lines, table};
use super::{Cell, Column, Report, Table};
use crate::model::{Digest, JobId, JobKind, JobState, Reason};
use crate::store::{IncompleteFilter, Result, Store};

lines! {
    /// A job of the story.
    SummaryJob {
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        state: String => text;
        /// Whether its books balance.
        balances: bool => text;
        /// The digest of its last event: kept elsewhere, it proves later that nothing was rewritten.
        head: Option<Digest> => id;
    }

    /// How the URLs of the story's crawl jobs ended.
    #[derive(Default)]
    CrawlCounts {
        discovered: i64 => number;
        new: i64 => number;
        changed: i64 => number;
        unchanged: i64 => number;
        alias: i64 => number;
        skipped: i64 => number;
        failed: i64 => number;
        pending: i64 => number;
    }

    /// How the sources of the story's extract jobs ended.
    #[derive(Default)]
    ExtractCounts {
        selected: i64 => number;
        extracted: i64 => number;
        empty: i64 => number;
        failed: i64 => number;
        pending: i64 => number;
    }

    /// What the database holds now, of every story.
    StoredCounts {
        sources: i64 => number;
        extractions: i64 => number;
        entities: i64 => number;
        mentions: i64 => number;
    }
}

/// The end of `run`, `crawl` and `extract`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryReport {
    pub jobs: Vec<SummaryJob>,
    /// `None` when no job of the story crawled.
    pub crawl: Option<CrawlCounts>,
    /// `None` when no job of the story extracted.
    pub extract: Option<ExtractCounts>,
    pub stored: StoredCounts,
    /// What is incomplete in the whole database, by reason.
    pub incomplete: Vec<ReasonTotal>,
    /// What to type next.
    pub next: String,
}

/// Sums up `jobs`; `heads` are the heads of their runs, `recognizer_digest` that of the recognizers in use.
pub fn summary(
    store: &mut Store,
    jobs: &[JobId],
    heads: &[(JobId, Digest)],
    recognizer_digest: Digest,
) -> Result<SummaryReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let mut report = SummaryReport {
            jobs: Vec::new(),
            crawl: None,
            extract: None,
            stored: stored_counts(store)?,
            incomplete: incomplete_totals(store, recognizer_digest)?,
            next: String::new(),
        };
        for job in jobs {
            let books = balance::read(store, &ledger, Some(*job), false)?;
            report.add(*job, &books, heads);
        }
        report.next = report.next_command();
        Ok(report)
    })
}

fn incomplete_totals(store: &mut Store, recognizer_digest: Digest) -> Result<Vec<ReasonTotal>> {
    let mut totals = Totals::default();
    let everything = IncompleteFilter::default();
    for one in store.incomplete_counts(&everything, recognizer_digest)? {
        totals.add(&one.stage, &one.reason, &one.class, one.count);
    }
    Ok(totals.into_lines())
}

fn stored_counts(store: &mut Store) -> Result<StoredCounts> {
    let rows = store.row_counts()?;
    let count = |table: &str| {
        let found = rows.iter().find(|(name, _)| *name == table);
        found.map_or(0, |(_, count)| *count)
    };
    Ok(StoredCounts {
        sources: count("sources"),
        extractions: count("extractions"),
        entities: count("entities"),
        mentions: count("extraction_entities"),
    })
}

impl SummaryReport {
    /// Goes on with what was stopped, then reads what was stored; then it is time for the reports.
    fn next_command(&self) -> String {
        let cancelled = |kind: JobKind| {
            let of_kind = self
                .jobs
                .iter()
                .filter(move |job| job.kind == kind.as_str());
            of_kind.filter(|job| job.state == JobState::Cancelled.as_str())
        };
        let crawls = cancelled(JobKind::Crawl).map(|job| resume_command(job.job_id));
        let mut commands: Vec<String> = crawls.collect();
        let waits = self.incomplete.iter().any(|total| {
            [Reason::NotExtracted, Reason::ContentChanged]
                .iter()
                .any(|reason| reason.as_str() == total.reason)
        });
        // Without a job's name it goes on with what was stopped, too.
        if waits || cancelled(JobKind::Extract).next().is_some() {
            commands.push(EXTRACT_COMMAND.to_owned());
        }
        if commands.is_empty() {
            let is_complete = self.incomplete.is_empty();
            let report = if is_complete {
                "provenance"
            } else {
                "incomplete"
            };
            commands.push(format!("toolkit report {report}"));
        }
        commands.join(" && ")
    }

    fn add(&mut self, job: JobId, books: &BalanceReport, heads: &[(JobId, Digest)]) {
        let Some(line) = books.jobs.iter().find(|line| line.job_id == job) else {
            return;
        };
        self.jobs.push(SummaryJob {
            job: line.job,
            job_id: job,
            kind: line.kind.clone(),
            state: line.state.clone(),
            balances: line.closes,
            head: heads.iter().rfind(|head| head.0 == job).map(|head| head.1),
        });
        let count = |outcome: &str| books.count(job, outcome);
        if line.kind == JobKind::Extract.as_str() {
            let sums = self.extract.get_or_insert_default();
            sums.selected += line.selected.unwrap_or(0);
            sums.extracted += count("done");
            sums.empty += count("empty");
            sums.failed += count("failed");
            sums.pending += count("pending");
        } else {
            let sums = self.crawl.get_or_insert_default();
            sums.discovered += line.discovered.unwrap_or(0);
            sums.new += count("new");
            sums.changed += count("changed");
            sums.unchanged += count("unchanged");
            sums.alias += count("alias");
            sums.skipped += count("skipped");
            sums.failed += count("failed");
            sums.pending += count("pending");
        }
    }
}

/// Shows a line from top to bottom: a name and a count a row.
fn upright<L: Line>(name: &'static str, line: &L) -> Table {
    let columns = vec![Column::text("what"), Column::number("count")];
    let mut table = Table::new(name, "", columns);
    for (column, cell) in L::columns().iter().zip(line.cells()) {
        table.push(vec![Cell::from(column.title().into_owned()), cell]);
    }
    table
}

impl Report for SummaryReport {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![table("jobs", "No job has run.", &self.jobs)];
        tables.extend(self.crawl.iter().map(|counts| upright("crawl", counts)));
        tables.extend(self.extract.iter().map(|counts| upright("extract", counts)));
        tables.push(upright("stored", &self.stored));
        tables.push(table(
            "incomplete",
            "Nothing is incomplete.",
            &self.incomplete,
        ));
        tables
    }

    fn volatile_keys(&self) -> &'static [&'static str] {
        // The command to resume a crawl names its id.
        if self.next.contains("--resume") {
            &["next"]
        } else {
            &[]
        }
    }

    fn notes(&self) -> Vec<String> {
        let heads = self.jobs.iter().filter_map(|job| {
            let head = job.head?;
            Some(format!("The {} run's head is {head}", job.kind))
        });
        let next = std::iter::once(format!("Next: {}", self.next));
        heads.chain(next).collect()
    }
}
