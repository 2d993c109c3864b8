//! All of a database on one page: how far each job got, what is incomplete and since when, and every source.
//!
//! Computes nothing anew: the balance, the totals and the ledger are those of the other reports.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::balance::{self, BalanceLine, BalanceReport};
use super::incomplete::{ReasonTotal, Totals};
use super::ledger::Ledger;
use super::line::{Line as _, lines, table};
use super::{Bar, Bars, Column, Figure, Part, Report, Table};
use crate::model::{Digest, JobId, JobKind, SourceId, Stage, Timestamp, UriKey};
use crate::store::{IncompleteFilter, Result, Store};

lines! {
    /// How far a job got.
    OverviewJob {
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        state: String => text;
        started_at: Option<Timestamp> => time;
        finished_at: Option<Timestamp> => time;
        /// URLs that a crawl knew, sources that an extraction took up.
        units: i64 => number;
        pending: i64 => number;
        /// Whether its books balance.
        balances: bool => text;
    }

    /// What was missing when a job had ended.
    HistoryLine {
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        opened: i64 => number;
        resolved: i64 => number;
        open_loss: i64 => number;
        open_pending: i64 => number;
        open_limit: i64 => number;
    }

    /// A source with its counts.
    OverviewSource {
        uri: String => text;
        source_id: SourceId => id;
        source_group: String => text;
        title: Option<String> => text;
        status: Option<i64> => number;
        extractions: i64 => number;
        /// Those whose entities are all stored.
        complete: i64 => number;
        mentions: i64 => number;
        /// What is open, but for decisions.
        gaps: i64 => number;
        /// Why its current content is not extracted, when it should be.
        waits: Option<String> => text;
    }
}

/// `report overview`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverviewReport {
    pub jobs: Vec<OverviewJob>,
    pub outcomes: Vec<BalanceLine>,
    pub incomplete: Vec<ReasonTotal>,
    pub history: Vec<HistoryLine>,
    pub sources: Vec<OverviewSource>,
    /// What tells each source from others in the name of a file.
    #[serde(skip)]
    pub keys: Vec<UriKey>,
}

/// Reads the overview; `recognizer_digest` is that of the recognizers in use.
pub fn overview(store: &mut Store, recognizer_digest: Digest) -> Result<OverviewReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let books = balance::read(store, &ledger, None, false)?;
        let mut totals = Totals::default();
        let everything = IncompleteFilter::default();
        for one in store.incomplete_counts(&everything, recognizer_digest)? {
            totals.add(&one.stage, &one.reason, &one.class, one.count);
        }
        let (mut sources, mut keys) = (Vec::new(), Vec::new());
        store.source_counts(&mut |row| {
            keys.push(row.uri_key);
            sources.push(OverviewSource {
                uri: row.uri,
                source_id: row.source,
                source_group: row.source_group,
                title: row.title,
                status: row.status,
                extractions: row.extractions,
                complete: row.complete_extractions,
                mentions: row.mentions,
                gaps: row.gaps,
                waits: row.unpassed_reason,
            });
            Ok(())
        })?;
        Ok(OverviewReport {
            jobs: jobs(&ledger, &books),
            history: history(store, &ledger)?,
            outcomes: books.rows,
            incomplete: totals.into_lines(),
            sources,
            keys,
        })
    })
}

fn jobs(ledger: &Ledger, books: &BalanceReport) -> Vec<OverviewJob> {
    let entries = ledger.entries.iter();
    entries
        .filter_map(|entry| {
            let book = books.jobs.iter().find(|book| book.job_id == entry.id)?;
            Some(OverviewJob {
                job: entry.number,
                job_id: entry.id,
                kind: entry.kind.clone(),
                state: entry.state.clone(),
                started_at: entry.started_at(),
                finished_at: entry.finished_at(),
                units: book.discovered.or(book.selected).unwrap_or(0),
                pending: book.pending,
                balances: book.closes,
            })
        })
        .collect()
}

/// Follows the gaps from job to job, in the order in which the jobs began. A gap was opened by the job of its
/// stage that had begun last when it was first seen: its row names the job that saw it last.
fn history(store: &mut Store, ledger: &Ledger) -> Result<Vec<HistoryLine>> {
    let entries = &ledger.entries;
    let begun = |kind: JobKind| -> Vec<(Option<Timestamp>, usize)> {
        let entries = entries.iter().enumerate();
        entries
            .filter(|(_, entry)| entry.kind == kind.as_str())
            .map(|(index, entry)| (entry.started_at(), index))
            .collect()
    };
    let (crawls, extractions) = (begun(JobKind::Crawl), begun(JobKind::Extract));
    let places: HashMap<JobId, usize> = (entries.iter().enumerate())
        .map(|(index, entry)| (entry.id, index))
        .collect();
    let mut changes: Vec<BTreeMap<String, (i64, i64)>> = vec![BTreeMap::new(); entries.len()];
    store.gap_turns(&mut |gap| {
        let is_crawl = gap.stage == Stage::Crawl.as_str();
        let jobs = if is_crawl { &crawls } else { &extractions };
        let later = jobs.partition_point(|(at, _)| *at <= Some(gap.first_seen));
        let opener = jobs
            .get(later.saturating_sub(1))
            .map_or(0, |(_, index)| *index);
        if let Some(change) = changes.get_mut(opener) {
            change.entry(gap.class.clone()).or_default().0 += 1;
        }
        let resolver = gap.resolved_by.and_then(|job| places.get(&job));
        if let Some(change) = resolver.and_then(|index| changes.get_mut(*index)) {
            change.entry(gap.class).or_default().1 += 1;
        }
        Ok(())
    })?;
    let mut open: BTreeMap<String, i64> = BTreeMap::new();
    let lines = entries.iter().zip(changes).map(|(entry, change)| {
        let (mut opened, mut resolved) = (0, 0);
        for (class, (more, less)) in change {
            opened += more;
            resolved += less;
            *open.entry(class).or_default() += more - less;
        }
        let left = |class: &str| open.get(class).copied().unwrap_or(0);
        HistoryLine {
            job: entry.number,
            job_id: entry.id,
            kind: entry.kind.clone(),
            opened,
            resolved,
            open_loss: left("loss"),
            open_pending: left("pending"),
            open_limit: left("limit"),
        }
    });
    Ok(lines.collect())
}

/// The names of a job's parts, in the order of the equation.
const OUTCOMES: [&str; 9] = [
    "new",
    "changed",
    "unchanged",
    "alias",
    "skipped",
    "done",
    "empty",
    "failed",
    "pending",
];

impl OverviewReport {
    /// Returns the sources as a table: too long for a first screen, and the last of a page.
    pub fn source_table(&self) -> Table {
        table("sources", "No source is stored.", &self.sources)
            .answering("What is stored, and how much of it is whole?")
    }

    fn job_bars(&self) -> Bars {
        let bars = self.jobs.iter().map(|job| {
            let of_job = || self.outcomes.iter().filter(|line| line.job == job.job);
            let count = |outcome: &str| {
                of_job()
                    .filter(|line| line.outcome == outcome)
                    .map(|line| line.count)
                    .sum()
            };
            Bar {
                label: format!("Job {}, {}, {}", job.job, job.kind, job.state),
                parts: OUTCOMES
                    .map(|name| Part {
                        name: name.to_owned(),
                        count: count(name),
                    })
                    .into(),
            }
        });
        Bars {
            title: "how far each job got",
            question: "Of all that a job took up, how did each end? Whatever has not ended is pending.",
            empty: "No job has run: toolkit run SEED begins one.",
            compares: false,
            bars: bars.collect(),
        }
    }

    fn reason_bars(&self) -> Bars {
        let totals = self
            .incomplete
            .iter()
            .filter(|total| total.class != "decision");
        let bars = totals.map(|total| Bar {
            label: format!("{} ({})", total.reason, total.stage),
            parts: vec![Part {
                name: total.class.clone(),
                count: total.count,
            }],
        });
        Bars {
            title: "what is incomplete",
            question: "Why is something missing, and is it lost, not reached yet, or left out by a limit?",
            empty: "Nothing is incomplete.",
            compares: true,
            bars: bars.collect(),
        }
    }

    fn history_bars(&self) -> Bars {
        let bars = self.history.iter().map(|line| {
            let part = |name: &str, count| Part {
                name: name.to_owned(),
                count,
            };
            Bar {
                label: format!(
                    "After job {}, {} (+{} −{})",
                    line.job, line.kind, line.opened, line.resolved
                ),
                parts: vec![
                    part("loss", line.open_loss),
                    part("pending", line.open_pending),
                    part("limit", line.open_limit),
                ],
            }
        });
        Bars {
            title: "what was missing over time",
            question: "How many gaps were open when each job had ended, and how many did it open (+) and resolve (−)?",
            empty: "No job has run.",
            compares: true,
            bars: bars.collect(),
        }
    }
}

impl Report for OverviewReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("jobs", "No job has run.", &self.jobs)
                .answering("Which jobs were there, and do their books balance?"),
            table("outcomes", "No job has taken anything up.", &self.outcomes)
                .answering("How did what they took up end, and for which reason?"),
            table("incomplete", "Nothing is incomplete.", &self.incomplete)
                .answering("What is missing now, by reason?"),
            table("history", "No job has run.", &self.history)
                .answering("What was missing after each job?"),
        ]
    }

    /// Those of the sources, too, which are no table of a first screen.
    fn columns(&self) -> Vec<Column> {
        let tables = self.tables().into_iter().flat_map(|table| table.columns);
        tables.chain(OverviewSource::columns()).collect()
    }

    fn figures(&self) -> Vec<Figure> {
        vec![
            Figure::Bars(self.job_bars()),
            Figure::Bars(self.reason_bars()),
            Figure::Bars(self.history_bars()),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let next = if self.jobs.is_empty() {
            "toolkit run SEED"
        } else if self.incomplete.is_empty() {
            "toolkit report provenance"
        } else {
            "toolkit report incomplete"
        };
        vec![
            format!("Next: {next}"),
            "As one page to look at: toolkit report overview --format html -o overview.html"
                .to_owned(),
        ]
    }
}
