//! What one job saw otherwise than another: new, changed, unchanged, gone, and the values that are others
//! because of it.
//!
//! URIs are compared in their order, some at a time; what changed and what is gone is listed, what stayed is
//! only counted unless it is asked for.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value as Json;

use super::ledger::{Entry, Ledger};
use super::line::{lines, table};
use super::values::{Fields, field_texts, superseded};
use super::{Report, Table};
use crate::model::{Digest, JobId, UriKey};
use crate::store::{EventRow, FrontierEnd, Result, Store};

/// URIs whose events are in memory at once.
const URIS_AT_ONCE: usize = 500;

lines! {
    /// One URI that two jobs saw.
    DiffLine {
        uri: String => text;
        /// `new`, `changed`, `unchanged`, `gone`, or `pending` where the later job has not got there.
        change: &'static str => text;
        /// Why one of the jobs has it not.
        reason: Option<String> => text;
        before_digest: Option<String> => id.stable;
        after_digest: Option<String> => id.stable;
        before_size: Option<i64> => number;
        after_size: Option<i64> => number;
        /// Values that are others because of it.
        values: usize => number;
    }

    /// A value that is another because of what changed.
    DiffValueLine {
        uri: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        field: String => text;
        before: String => text;
        /// `None` where nothing took its place.
        after: Option<String> => text;
        before_digest: String => id.stable;
        after_digest: Option<String> => id.stable;
        /// The job that extracted it anew.
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
    }

    /// How many URIs there are of each kind.
    DiffCount {
        change: &'static str => text;
        count: i64 => number;
    }

    /// One of the jobs that are compared.
    DiffJob {
        side: &'static str => text;
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        state: String => text;
    }
}

/// `report diff`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffReport {
    pub rows: Vec<DiffLine>,
    pub values: Vec<DiffValueLine>,
    pub counts: Vec<DiffCount>,
    pub jobs: Vec<DiffJob>,
    /// Changed sources that were not extracted since.
    pub not_extracted: i64,
}

/// What is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffFilter {
    pub group: Option<String>,
    /// Also what stayed the same.
    pub unchanged: bool,
}

const CHANGES: [&str; 5] = ["new", "changed", "unchanged", "gone", "pending"];

/// Why two jobs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("job {0} is a {1} job and job {2} is a {3} job: they saw different things")]
pub struct NotComparable(i64, String, i64, String);

/// Compares what two jobs of one kind saw, the earlier first.
pub fn diff(
    store: &mut Store,
    jobs: [JobId; 2],
    filter: &DiffFilter,
) -> Result<std::result::Result<DiffReport, NotComparable>> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let sides: Vec<&Entry> = jobs.iter().filter_map(|job| ledger.entry(*job)).collect();
        let [before, after] = sides[..] else {
            // Both were found in the record just now.
            return Ok(Ok(DiffReport::of(Vec::new())));
        };
        if before.kind != after.kind {
            return Ok(Err(NotComparable(
                before.number,
                before.kind.clone(),
                after.number,
                after.kind.clone(),
            )));
        }
        let names = [("before", before), ("after", after)];
        let lines = names.map(|(side, entry)| DiffJob {
            side,
            job: entry.number,
            job_id: entry.id,
            kind: entry.kind.clone(),
            state: entry.state.clone(),
        });
        let mut comparison = Comparison {
            jobs,
            is_crawl: after.kind == "crawl",
            refused: if after.is_deleted() {
                store.refusals_by(after.id)?
            } else {
                HashMap::new()
            },
            filter,
            ledger: &ledger,
            counts: BTreeMap::new(),
            report: DiffReport::of(lines.to_vec()),
        };
        let uris = store.compared_uris(jobs, filter.group.as_deref())?;
        for some in uris.chunks(URIS_AT_ONCE) {
            comparison.compare(store, some)?;
        }
        let counts = comparison.counts;
        let mut report = comparison.report;
        report.counts = CHANGES
            .iter()
            .map(|change| DiffCount {
                change,
                count: counts.get(change).copied().unwrap_or_default(),
            })
            .collect();
        Ok(Ok(report))
    })
}

/// What a job saw of a URI.
struct Seen {
    digest: String,
    size: Option<i64>,
    /// Which of the URI's events says so.
    event: usize,
}

struct Comparison<'a> {
    jobs: [JobId; 2],
    is_crawl: bool,
    /// What the later job had refused, where its frontier is gone.
    refused: HashMap<String, FrontierEnd>,
    filter: &'a DiffFilter,
    ledger: &'a Ledger,
    counts: BTreeMap<&'static str, i64>,
    report: DiffReport,
}

impl Comparison<'_> {
    fn compare(&mut self, store: &mut Store, uris: &[String]) -> Result<()> {
        let mut events = store.events_among(uris)?;
        let keys: Vec<UriKey> = uris.iter().map(|uri| UriKey::of(uri)).collect();
        let ends = if self.is_crawl {
            store.frontier_ends(self.jobs[1], &keys)?
        } else {
            HashMap::new()
        };
        for (uri, key) in uris.iter().zip(keys) {
            let events = events.remove(uri).unwrap_or_default();
            let [before, after] = self.jobs.map(|job| self.seen(&events, job));
            let end = ends.get(&key).or_else(|| self.refused.get(uri)).cloned();
            let (change, reason) = match (&before, &after) {
                (None, None) => continue,
                (None, Some(_)) => ("new", refusal(&events, self.jobs[0])),
                (Some(before), Some(after)) if before.digest == after.digest => ("unchanged", None),
                (Some(_), Some(_)) => ("changed", None),
                (Some(_), None) => self.gone(&events, end),
            };
            *self.counts.entry(change).or_default() += 1;
            if change == "unchanged" && !self.filter.unchanged {
                continue;
            }
            let first = self.report.values.len();
            if let Some(after) = after.as_ref().filter(|_| change == "changed") {
                self.values(store, uri, &events, after.event)?;
            }
            let digest = |seen: &Option<Seen>| seen.as_ref().map(|seen| seen.digest.clone());
            let size = |seen: &Option<Seen>| seen.as_ref().and_then(|seen| seen.size);
            self.report.rows.push(DiffLine {
                uri: uri.clone(),
                change,
                reason,
                before_digest: digest(&before),
                after_digest: digest(&after),
                before_size: size(&before),
                after_size: size(&after),
                values: self.report.values.len() - first,
            });
        }
        Ok(())
    }

    /// What a job stored of a URI, or extracted from it.
    fn seen(&self, events: &[EventRow], job: JobId) -> Option<Seen> {
        let of_job = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.job == Some(job));
        let mut seen = None;
        for (number, event) in of_job {
            let payload = event.payload.as_ref();
            let said = payload.and_then(|payload| payload["body_digest"].as_str());
            match event.kind.as_str() {
                "source_created" | "source_changed" | "source_unchanged" if self.is_crawl => {
                    seen = said.map(|digest| Seen {
                        digest: digest.to_owned(),
                        size: payload.and_then(|payload| payload["body_size"].as_i64()),
                        event: number,
                    });
                }
                "source_extracted" if !self.is_crawl => {
                    seen = payload.map(|payload| Seen {
                        digest: made_digest(payload),
                        size: payload["extractions"].as_i64(),
                        event: number,
                    });
                }
                // Another name of a page is no page of its own.
                "source_aliased" | "url_aliased" => seen = None,
                _ => {}
            }
        }
        seen
    }

    /// Why the later job has a URI no more that the earlier had.
    fn gone(
        &self,
        events: &[EventRow],
        end: Option<FrontierEnd>,
    ) -> (&'static str, Option<String>) {
        if let Some(reason) = refusal(events, self.jobs[1]) {
            return ("gone", Some(reason));
        }
        match end {
            Some(FrontierEnd { outcome: None, .. }) => ("pending", Some("not_fetched".to_owned())),
            Some(end) => ("gone", end.reason),
            None if self.is_crawl => ("gone", Some("not found by the later job".to_owned())),
            None => ("gone", Some("not selected by the later job".to_owned())),
        }
    }

    /// The values that are others because of the event numbered `from`: those that were superseded before the
    /// content changed again.
    fn values(
        &mut self,
        store: &mut Store,
        uri: &str,
        events: &[EventRow],
        from: usize,
    ) -> Result<()> {
        let range = if self.is_crawl {
            let later = &events[from + 1..];
            let next = later
                .iter()
                .position(|event| event.kind == "source_changed");
            let end = next.map_or(events.len(), |next| from + 1 + next);
            let is_read = |event: &EventRow| event.kind == "source_extracted";
            if !events[from..end].iter().any(is_read) {
                self.report.not_extracted += 1;
                return Ok(());
            }
            from..end
        } else {
            let job = Some(self.jobs[1]);
            let first = events.iter().position(|event| event.job == job);
            first.unwrap_or(from)..from
        };
        let is_superseding = |event: &EventRow| event.kind == "extraction_superseded";
        if !events[range.clone()].iter().any(is_superseding) {
            return Ok(());
        }
        let mut now = Fields::new();
        if let Some(source) = store.source_at(uri)? {
            for row in store.extractions(source)? {
                let fields = field_texts(&row.text, &row.data).collect();
                now.insert((row.profile, row.extraction_type, row.ordinal), fields);
            }
        }
        for value in superseded(events, &now) {
            if !range.contains(&value.event) {
                continue;
            }
            self.report.values.push(DiffValueLine {
                uri: uri.to_owned(),
                profile: value.profile,
                extraction_type: value.extraction_type,
                ordinal: value.ordinal,
                field: value.field,
                before: value.before,
                after: value.after,
                before_digest: value.before_digest,
                after_digest: value.after_digest,
                job: value.job.and_then(|job| self.ledger.number(job)),
                job_id: value.job,
            });
        }
        Ok(())
    }
}

/// One digest for all texts that a pass made.
fn made_digest(payload: &Json) -> String {
    let made = payload["made"].as_array().into_iter().flatten();
    let texts: Vec<&str> = made.filter_map(|one| one["text_digest"].as_str()).collect();
    Digest::of(texts.join("\n")).to_string()
}

/// The reason for which a job did not store a URI whose turn came.
fn refusal(events: &[EventRow], job: JobId) -> Option<String> {
    let of_job = events.iter().rev().filter(|event| event.job == Some(job));
    let mut refused = of_job.filter(|event| {
        matches!(
            event.kind.as_str(),
            "url_skipped" | "url_failed" | "url_aliased" | "source_aliased" | "extraction_failed"
        )
    });
    let event = refused.next()?;
    match event.kind.as_str() {
        "url_aliased" => Some("redirect_alias".to_owned()),
        "source_aliased" => Some("canonical_alias".to_owned()),
        "extraction_failed" => {
            let payload = event.payload.as_ref()?;
            payload["gaps"][0]["reason"].as_str().map(str::to_owned)
        }
        _ => event.payload.as_ref()?["reason"]
            .as_str()
            .map(str::to_owned),
    }
}

impl DiffReport {
    fn of(jobs: Vec<DiffJob>) -> Self {
        Self {
            rows: Vec::new(),
            values: Vec::new(),
            counts: Vec::new(),
            jobs,
            not_extracted: 0,
        }
    }

    /// Returns how many URIs there are of one kind.
    fn count(&self, change: &str) -> i64 {
        let of_kind = self.counts.iter().filter(|line| line.change == change);
        of_kind.map(|line| line.count).sum()
    }
}

impl Report for DiffReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("changes", "Both jobs saw the same.", &self.rows),
            table("values", "No value is another because of it.", &self.values),
            table("counts", "", &self.counts),
            table("jobs", "", &self.jobs),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!(
            "{} new, {} changed, {} unchanged, {} gone",
            self.count("new"),
            self.count("changed"),
            self.count("unchanged"),
            self.count("gone")
        )];
        if self.not_extracted > 0 {
            let count = self.not_extracted;
            notes.push(format!(
                "{count} changed sources are not extracted since, so their values are not told: toolkit extract"
            ));
        }
        if self.count("pending") > 0 {
            notes.push("The later job is not done: toolkit crawl --resume JOB".to_owned());
        }
        notes
    }
}
