//! Whether the database keeps this program's promises, and what work is left in it.
//!
//! The rules over rows stand in the store. What is added here needs more than rows: the stored bodies, held
//! against their digests and parsed again by a function that the caller hands in, and each job's balance.

use std::collections::HashSet;

use serde::Serialize;

use super::balance;
use super::ledger::{Entry, Ledger, ending, is_interrupted};
use super::line::{lines, table};
use super::{Report, Table, verify};
use crate::model::{Digest, JobId, ProgressUpdate, UriKey};
use crate::store::{ChainReading, Error, LinkCheck, Result, Store, Violation};

/// Pages of each job whose links are parsed again unless all are asked for.
const SAMPLED_PAGES: i64 = 50;

lines! {
    /// One rule, and how often it is broken.
    RuleLine {
        rule: &'static str => text;
        /// How many things it was held against, where that is a number.
        checked: Option<i64> => number;
        violations: i64 => number;
    }

    /// One thing that breaks a rule.
    ViolationLine {
        rule: &'static str => text;
        what: String => text;
    }

    /// Work that can be gone on with; no violation.
    WorkLine {
        /// What waits: `urls`, `sources`, or a `job` that is only to be closed.
        waiting: &'static str => text;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        /// The job's state, or why the sources wait.
        state: String => text;
        count: i64 => number;
        /// What to type; nothing while a worker is on it.
        next: Option<String> => text.volatile;
    }
}

/// `db check`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    pub rules: Vec<RuleLine>,
    pub violations: Vec<ViolationLine>,
    pub work: Vec<WorkLine>,
}

/// Gives the in-scope links of a stored page, from its bytes; an error says why it cannot be parsed.
pub type LinksOf<'a> =
    dyn FnMut(&LinkCheck, &[u8]) -> std::result::Result<Vec<(UriKey, String)>, String> + 'a;

/// Checks every rule; with `deep`, the links of every stored page rather than of a sample.
pub fn check(
    store: &mut Store,
    deep: bool,
    links_of: &mut LinksOf<'_>,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<CheckReport> {
    store.snapshot(|store| {
        progress(update("reading the tables", 0, None));
        let ledger = Ledger::read(store)?;
        let mut violations = store.check_rows()?;
        let ChainReading { faults, events, .. } = verify::walked(store, None, progress)?;
        violations.extend(faults.into_iter().map(|fault| Violation {
            rule: "chain",
            what: format!(
                "run {}, event {}: {}",
                fault.run, fault.sequence, fault.what
            ),
        }));
        let jobs = check_balance(store, &ledger, &mut violations)?;
        let (bodies, links) =
            check_links(store, &ledger, deep, links_of, progress, &mut violations)?;
        let counts = [
            ("events", events as i64),
            ("balanced", jobs),
            ("read", bodies),
            ("links", links),
        ];
        Ok(CheckReport {
            rules: rule_lines(store, &counts, &violations)?,
            violations: violations.into_iter().map(ViolationLine::from).collect(),
            work: work_lines(store, &ledger)?,
        })
    })
}

/// How far a check is: it belongs to no job.
pub(super) fn update(label: &'static str, done: u64, total: Option<u64>) -> ProgressUpdate {
    ProgressUpdate {
        done,
        failed: 0,
        total,
        label,
        job: None,
    }
}

/// Every rule, and what it is held against.
const RULES: [(&str, Option<&str>); 14] = [
    ("integrity", None),
    ("flag", Some("extractions")),
    ("extraction_source", Some("extractions")),
    ("extraction_unique", Some("extractions")),
    ("span", Some("extraction_entities")),
    ("outcome_event", Some("frontier")),
    ("event_outcome", Some("events")),
    ("outcome_once", Some("events")),
    ("pass_event", Some("passes")),
    ("stored_source", Some("frontier")),
    ("balance", Some("balanced")),
    ("body_digest", Some("read")),
    ("link_frontier", Some("links")),
    ("chain", Some("events")),
];

fn rule_lines(
    store: &mut Store,
    counts: &[(&str, i64)],
    violations: &[Violation],
) -> Result<Vec<RuleLine>> {
    let rows = store.row_counts()?;
    let checked = |what: &str| {
        let found = counts.iter().chain(&rows).find(|(name, _)| *name == what);
        found.map(|(_, count)| *count)
    };
    let line = |rule: &'static str, what: Option<&str>| RuleLine {
        rule,
        checked: what.and_then(checked),
        violations: violations.iter().filter(|one| one.rule == rule).count() as i64,
    };
    let mut lines: Vec<RuleLine> = RULES.iter().map(|(rule, what)| line(rule, *what)).collect();
    for violation in violations {
        if lines.iter().all(|known| known.rule != violation.rule) {
            lines.push(line(violation.rule, None));
        }
    }
    Ok(lines)
}

fn check_balance(
    store: &mut Store,
    ledger: &Ledger,
    violations: &mut Vec<Violation>,
) -> Result<i64> {
    let report = balance::read(store, ledger, None, false)?;
    for job in report.jobs.iter().filter(|job| !job.closes) {
        let taken_up = job.discovered.or(job.selected).unwrap_or(0);
        let mut what = format!(
            "{} job {}: {taken_up} taken up, {} accounted for, {} of them pending, state {}",
            job.kind, job.job_id, job.sum, job.pending, job.state
        );
        for one in report.differences.iter().filter(|one| one.job == job.job) {
            what = format!(
                "{what}; {}: {} by the tables, {} by the events",
                one.outcome, one.counted, one.events
            );
        }
        violations.push(Violation {
            rule: "balance",
            what,
        });
    }
    Ok(report.jobs.len() as i64)
}

/// Holds the bodies of the pages against their digests, and looks for every link of theirs in their jobs'
/// frontiers; returns how many bodies were read and how many links were looked for.
fn check_links(
    store: &mut Store,
    ledger: &Ledger,
    deep: bool,
    links_of: &mut LinksOf<'_>,
    progress: &mut dyn FnMut(ProgressUpdate),
    violations: &mut Vec<Violation>,
) -> Result<(i64, i64)> {
    let mut violated = |rule, what| violations.push(Violation { rule, what });
    let (mut read, mut checked) = (0, 0);
    let mut known: HashSet<(JobId, UriKey)> = HashSet::new();
    let pages = store.pages_to_check((!deep).then_some(SAMPLED_PAGES))?;
    let total = pages.len() as u64;
    for (done, page) in (0..).zip(pages) {
        progress(update("reading pages again", done, Some(total)));
        if !store.body_is_of_job(&page)? {
            continue;
        }
        let body = match sound_body(store, page.body_digest)? {
            Ok(Some(body)) => body,
            Ok(None) => {
                let what = format!("{}: its body is not kept", page.uri);
                violated("link_frontier", what);
                continue;
            }
            Err(fault) => {
                read += 1;
                violated("body_digest", format!("{}: {fault}", page.uri));
                continue;
            }
        };
        read += 1;
        let links = match links_of(&page, &body) {
            Ok(links) => links,
            Err(error) => {
                let what = format!("{}: cannot be parsed again: {error}", page.uri);
                violated("link_frontier", what);
                continue;
            }
        };
        for (key, uri) in links {
            checked += 1;
            if known.contains(&(page.job, key)) {
                continue;
            }
            if store.frontier_knows(page.job, key)? {
                known.insert((page.job, key));
            } else {
                let job = ledger.number(page.job).unwrap_or_default();
                let what = format!(
                    "{} links to {uri}, which job {job} ({}) does not know",
                    page.uri,
                    ending(page.job)
                );
                violated("link_frontier", what);
            }
        }
    }
    Ok((read, checked))
}

/// Reads a body that is kept under `digest`; the inner error says why it is not the one that was stored.
fn sound_body(
    store: &mut Store,
    digest: Digest,
) -> Result<std::result::Result<Option<Vec<u8>>, String>> {
    Ok(match store.body(digest) {
        Ok(Some(body)) if Digest::of(&body) != digest => {
            Err(format!("its body has the digest {}", Digest::of(&body)))
        }
        Ok(body) => Ok(body),
        Err(Error::Decode(cause)) => Err(format!("its body cannot be read: {cause}")),
        Err(error) => return Err(error),
    })
}

fn work_lines(store: &mut Store, ledger: &Ledger) -> Result<Vec<WorkLine>> {
    let mut lines = Vec::new();
    for entry in &ledger.entries {
        lines.extend(job_work(store, entry)?);
    }
    for (reason, count) in store.unpassed_counts()? {
        lines.push(WorkLine {
            waiting: "sources",
            job: None,
            job_id: None,
            state: reason,
            count,
            next: Some("toolkit extract".to_owned()),
        });
    }
    Ok(lines)
}

fn job_work(store: &mut Store, entry: &Entry) -> Result<Option<WorkLine>> {
    let Some(row) = &entry.row else {
        return Ok(None);
    };
    let interrupted = is_interrupted(store, row)?;
    let count = store.unfinished_units(entry.id)?;
    if count == 0 && !interrupted {
        return Ok(None);
    }
    let waiting = match (count, entry.kind.as_str()) {
        (0, _) => "job",
        (_, "crawl") => "urls",
        _ => "sources",
    };
    let alive = store.job_is_alive(entry.id)?;
    Ok(Some(WorkLine {
        waiting,
        job: Some(entry.number),
        job_id: Some(entry.id),
        state: entry.state.clone(),
        count,
        next: (!alive).then(|| format!("toolkit {} --resume {}", entry.kind, ending(entry.id))),
    }))
}

impl CheckReport {
    /// Says whether no rule is broken.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

impl From<Violation> for ViolationLine {
    fn from(violation: Violation) -> Self {
        Self {
            rule: violation.rule,
            what: violation.what,
        }
    }
}

impl Report for CheckReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("checks", "No rule was checked.", &self.rules),
            table("violations", "No rule is broken.", &self.violations),
            table("work", "No work is left.", &self.work),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut next: Vec<String> = Vec::new();
        for command in self.work.iter().filter_map(|work| work.next.clone()) {
            if !next.contains(&command) {
                next.push(command);
            }
        }
        next
    }
}
