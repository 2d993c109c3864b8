//! Whether each job's books balance: what it took up against how each of it ended.
//!
//! The tables are held against the events, which other code wrote at the same moment: a sum that only agreed
//! with itself would prove nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::ledger::{Entry, Ledger};
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::JobId;
use crate::store::{Result, Store, WordCount};

lines! {
    /// How many units of a job ended in one way for one reason.
    BalanceLine {
        /// The job's number, by the start of its first run.
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        /// `None` where the counts are of all groups.
        source_group: Option<String> => text;
        outcome: String => text;
        reason: Option<String> => text;
        count: i64 => number;
    }

    /// Whether one job balances.
    BalanceJob {
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        state: String => text;
        /// URLs that a crawl job knows.
        discovered: Option<i64> => number;
        /// Sources that an extract job took up.
        selected: Option<i64> => number;
        /// How many of them the lines account for.
        sum: i64 => number;
        pending: i64 => number;
        /// Ends of units that the events tell of.
        events: i64 => number;
        /// Links that are neither http, https nor file on the pages a crawl job stored, counted only.
        other_scheme_links: Option<i64> => number;
        closes: bool => text;
    }

    /// Where the tables and the events do not agree.
    Difference {
        job: i64 => number;
        job_id: JobId => id;
        outcome: String => text;
        counted: i64 => number;
        events: i64 => number;
    }
}

/// `report balance`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BalanceReport {
    pub rows: Vec<BalanceLine>,
    pub jobs: Vec<BalanceJob>,
    pub differences: Vec<Difference>,
    #[serde(skip)]
    by_group: bool,
}

/// The outcomes of a crawl job, in the order of the equation, with the event that each has.
const CRAWL_OUTCOMES: [(&str, &str); 6] = [
    ("new", "source_created"),
    ("changed", "source_changed"),
    ("unchanged", "source_unchanged"),
    ("alias", "url_aliased"),
    ("skipped", "url_skipped"),
    ("failed", "url_failed"),
];

const PENDING: &str = "pending";

/// Reads the balance of one job, or of every job that is known, by group of sources if asked.
pub fn balance(store: &mut Store, job: Option<JobId>, by_group: bool) -> Result<BalanceReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let mut report = read(store, &ledger, job, by_group)?;
        let links = store.other_link_counts(job)?;
        for one in &mut report.jobs {
            if let Some(count) = &mut one.other_scheme_links {
                *count = count_of(&links, one.job_id, "links");
            }
        }
        Ok(report)
    })
}

/// Reads the balance inside a snapshot, without the links of other schemes: they stand with the bodies, all of
/// which would be read for a summary that does not tell them.
pub(super) fn read(
    store: &mut Store,
    ledger: &Ledger,
    job: Option<JobId>,
    by_group: bool,
) -> Result<BalanceReport> {
    let evidence = Evidence::read(store, job)?;
    let mut report = BalanceReport {
        rows: Vec::new(),
        jobs: Vec::new(),
        differences: Vec::new(),
        by_group,
    };
    for entry in ledger.wanted(job) {
        let account = match entry.kind.as_str() {
            "extract" => extract_account(entry, &evidence),
            _ => crawl_account(store, entry, &evidence)?,
        };
        report.add(entry, account);
    }
    Ok(report)
}

/// Counts by group, outcome and reason.
type Counts = BTreeMap<(String, String, Option<String>), i64>;

/// What was read of all jobs at once.
struct Evidence {
    frontier: BTreeMap<JobId, Counts>,
    turns: Vec<WordCount>,
    events: Vec<WordCount>,
    passes: BTreeMap<JobId, Counts>,
    /// What each run selected, in order: the job, how many, and whether it went on with an earlier selection.
    selections: Vec<(JobId, i64, bool)>,
}

impl Evidence {
    fn read(store: &mut Store, job: Option<JobId>) -> Result<Self> {
        let mut frontier: BTreeMap<JobId, Counts> = BTreeMap::new();
        for row in store.outcome_counts(job)? {
            let place = (row.source_group, row.outcome, row.reason);
            frontier
                .entry(row.job)
                .or_default()
                .insert(place, row.count);
        }
        let mut passes: BTreeMap<JobId, Counts> = BTreeMap::new();
        store.pass_ends(job, &mut |end| {
            let payload = end.payload.unwrap_or(Json::Null);
            let (outcome, reason) = if end.kind == "extraction_failed" {
                let reason = payload["gaps"][0]["reason"].as_str().map(str::to_owned);
                ("failed", reason)
            } else {
                (payload["state"].as_str().unwrap_or("done"), None)
            };
            let place = (end.source_group, outcome.to_owned(), reason);
            *passes.entry(end.job).or_default().entry(place).or_default() += 1;
            Ok(())
        })?;
        for row in store.pass_counts(job)? {
            let place = (row.source_group.unwrap_or_default(), row.outcome, None);
            passes.entry(row.job).or_default().insert(place, row.count);
        }
        let mut selections = Vec::new();
        store.events_of_kind("sources_selected", job, &mut |event| {
            let payload = event.payload.unwrap_or(Json::Null);
            let count = payload["count"].as_i64().unwrap_or(0);
            let resumed = payload["resumed"].as_bool().unwrap_or(false);
            selections.extend(event.job.map(|job| (job, count, resumed)));
            Ok(())
        })?;
        Ok(Self {
            frontier,
            turns: store.turn_counts(job)?,
            events: store.ending_event_counts(job)?,
            passes,
            selections,
        })
    }
}

fn count_of(counts: &[WordCount], job: JobId, word: &str) -> i64 {
    counts
        .iter()
        .filter(|one| one.job == job && one.word == word)
        .map(|one| one.count)
        .sum()
}

/// One job's books.
struct Account {
    counts: Counts,
    discovered: Option<i64>,
    selected: Option<i64>,
    events: i64,
    other_scheme_links: Option<i64>,
    /// Outcome, count of the tables, count of the events.
    differences: Vec<(&'static str, i64, i64)>,
}

fn crawl_account(store: &mut Store, entry: &Entry, evidence: &Evidence) -> Result<Account> {
    let counts = if entry.is_deleted() {
        deleted_counts(entry)
    } else {
        evidence
            .frontier
            .get(&entry.id)
            .cloned()
            .unwrap_or_default()
    };
    let discovered = if entry.is_deleted() {
        counts.values().sum()
    } else {
        store.frontier_counts(entry.id)?.discovered
    };
    let mut differences = Vec::new();
    let mut events = 0;
    for (outcome, kind) in CRAWL_OUTCOMES {
        let told = count_of(&evidence.events, entry.id, kind);
        events += told;
        let counted = if entry.is_deleted() {
            let ended = outcome_sum(&counts, outcome);
            // What was refused when it was found has no event of its own, and which those were went with
            // the frontier: there may be more refused than told, and never less.
            let refused = matches!(outcome, "skipped" | "failed");
            if refused { ended.min(told) } else { ended }
        } else {
            count_of(&evidence.turns, entry.id, outcome)
        };
        if counted != told {
            differences.push((outcome, counted, told));
        }
    }
    Ok(Account {
        counts,
        discovered: Some(discovered),
        selected: None,
        events,
        other_scheme_links: (!entry.is_deleted()).then_some(0),
        differences,
    })
}

/// Reads the balance that the deletion of a job wrote down.
fn deleted_counts(entry: &Entry) -> Counts {
    let mut counts = Counts::new();
    let Some(deletion) = &entry.deletion else {
        return counts;
    };
    for line in deletion.payload["balance"].as_array().into_iter().flatten() {
        let word = |key: &str| line[key].as_str().map(str::to_owned);
        let place = (
            word("source_group").unwrap_or_default(),
            word("outcome").unwrap_or_default(),
            word("reason"),
        );
        *counts.entry(place).or_default() += line["count"].as_i64().unwrap_or(0);
    }
    counts
}

fn extract_account(entry: &Entry, evidence: &Evidence) -> Account {
    let mut counts = evidence.passes.get(&entry.id).cloned().unwrap_or_default();
    if entry.is_deleted() {
        // Only what was pending is written down there: how the others ended is in the events.
        for (place, count) in deleted_counts(entry) {
            *counts.entry(place).or_default() += count;
        }
    }
    let selections = &mut evidence.selections.iter();
    let first = selections.find(|(job, _, resumed)| *job == entry.id && !resumed);
    let selected = first.map_or(0, |(_, count, _)| *count);
    Account {
        counts,
        discovered: None,
        selected: Some(selected),
        events: count_of(&evidence.events, entry.id, "source_extracted")
            + count_of(&evidence.events, entry.id, "extraction_failed"),
        other_scheme_links: None,
        differences: Vec::new(),
    }
}

fn outcome_sum(counts: &Counts, outcome: &str) -> i64 {
    counts
        .iter()
        .filter(|((_, ended, _), _)| ended == outcome)
        .map(|(_, count)| count)
        .sum()
}

/// The place of an outcome in the equation that it stands in.
fn outcome_order(outcome: &str) -> usize {
    const ORDER: [&str; 9] = [
        "new",
        "changed",
        "unchanged",
        "alias",
        "skipped",
        "done",
        "empty",
        "failed",
        PENDING,
    ];
    ORDER
        .iter()
        .position(|one| *one == outcome)
        .unwrap_or(ORDER.len())
}

impl BalanceReport {
    /// Says whether every job balances.
    pub fn closes(&self) -> bool {
        self.jobs.iter().all(|job| job.closes)
    }

    /// Sums a job's lines of one outcome.
    pub fn count(&self, job: JobId, outcome: &str) -> i64 {
        self.rows
            .iter()
            .filter(|row| row.job_id == job && row.outcome == outcome)
            .map(|row| row.count)
            .sum()
    }

    fn add(&mut self, entry: &Entry, account: Account) {
        let sum: i64 = account.counts.values().sum();
        let pending = outcome_sum(&account.counts, PENDING);
        let unfinished = entry.state == "completed" && pending > 0 && account.discovered.is_some();
        let taken_up = account.discovered.or(account.selected);
        self.jobs.push(BalanceJob {
            job: entry.number,
            job_id: entry.id,
            kind: entry.kind.clone(),
            state: entry.state.clone(),
            discovered: account.discovered,
            selected: account.selected,
            sum,
            pending,
            events: account.events,
            other_scheme_links: account.other_scheme_links,
            closes: taken_up == Some(sum) && account.differences.is_empty() && !unfinished,
        });
        self.add_lines(entry, account.counts);
        for (outcome, counted, events) in account.differences {
            self.differences.push(Difference {
                job: entry.number,
                job_id: entry.id,
                outcome: outcome.to_owned(),
                counted,
                events,
            });
        }
    }

    fn add_lines(&mut self, entry: &Entry, counts: Counts) {
        let mut summed: BTreeMap<(Option<String>, usize, String, Option<String>), i64> =
            BTreeMap::new();
        for ((group, outcome, reason), count) in counts {
            let place = (
                self.by_group.then_some(group),
                outcome_order(&outcome),
                outcome,
                reason,
            );
            *summed.entry(place).or_default() += count;
        }
        for ((source_group, _, outcome, reason), count) in summed {
            self.rows.push(BalanceLine {
                job: entry.number,
                job_id: entry.id,
                kind: entry.kind.clone(),
                source_group,
                outcome,
                reason,
                count,
            });
        }
    }

    /// Returns the lines as a table, with the group only where the counts are by group.
    pub(super) fn line_table(&self) -> Table {
        let mut lines = table("balance", "No job has taken anything up.", &self.rows);
        let group = lines
            .columns
            .iter()
            .position(|one| one.key == "source_group");
        if let Some(group) = group.filter(|_| !self.by_group) {
            lines.columns.remove(group);
            for row in &mut lines.rows {
                row.remove(group);
            }
        }
        lines
    }

    /// Returns the jobs, and the differences where there are any.
    pub(super) fn job_tables(&self) -> Vec<Table> {
        let mut tables = vec![table("jobs", "There are no jobs.", &self.jobs)];
        if !self.differences.is_empty() {
            tables.push(table("differences", "", &self.differences));
        }
        tables
    }
}

impl Report for BalanceReport {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.line_table()];
        tables.extend(self.job_tables());
        tables
    }

    fn notes(&self) -> Vec<String> {
        let open: Vec<String> = self
            .jobs
            .iter()
            .filter(|job| !job.closes)
            .map(|job| job.job.to_string())
            .collect();
        if open.is_empty() {
            return Vec::new();
        }
        let note = format!("The books of job {} do not close.", open.join(", "));
        vec![note, "toolkit db check names what differs.".to_owned()]
    }
}
