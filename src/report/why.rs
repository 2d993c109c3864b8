//! Why one URL is here, or why it is not: on one page, from whatever the database knows of it.

mod closest;

use serde::Serialize;

use closest::nowhere;

use super::ledger::Ledger;
use super::line::{Line as _, lines, table};
use super::sources::{SourceGapLine, gap_line};
use super::{Report, Table};
use crate::model::{JobId, Reason, SourceId, Timestamp};
use crate::store::{EventRow, FrontierRow, Refusal, Result, Store};

/// Names of names that are followed.
const MOST_NAMES: usize = 20;

lines! {
    /// The answer.
    VerdictLine {
        uri: String => text;
        /// `stored`, `without content`, `alias`, `skipped`, `failed`, `pending`, `deleted`, or `never found`.
        verdict: String => text;
        /// The reason, as the registry names it.
        reason: Option<String> => text;
        /// What that means, in one sentence.
        because: String => text;
        /// What there is to do about it.
        next: String => text;
        source_id: Option<SourceId> => id;
    }

    /// What one job made of it.
    WhyLine {
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        /// Where that is written: `frontier`, `event`, or `deletion`.
        evidence: &'static str => text;
        at: Option<Timestamp> => time;
        outcome: String => text;
        reason: Option<String> => text;
        detail: Option<String> => text;
        /// The page whose link led here first; none is a seed.
        referrer: Option<String> => text.volatile;
        depth: Option<i64> => number.volatile;
        /// The URI that it is another name of.
        alias_of: Option<String> => text;
        robots_line: Option<i64> => number;
        robots_rule: Option<String> => text;
        status: Option<i64> => number;
        body_digest: Option<String> => id.stable;
    }

    /// Another name that leads from the URL, in order.
    NameLine {
        uri: String => text;
        reason: String => text;
        is_stored: bool => text;
    }

    /// A URI that is known and looks like the one that is not.
    CloseLine {
        uri: String => text;
        is_stored: bool => text;
    }

    /// A place where the URL was looked for.
    SearchedLine {
        place: &'static str => text;
        found: i64 => number;
        /// How many were looked through.
        of: i64 => number;
    }
}

/// `report why`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyReport {
    pub verdict: VerdictLine,
    pub steps: Vec<WhyLine>,
    pub names: Vec<NameLine>,
    pub gaps: Vec<SourceGapLine>,
    pub searched: Vec<SearchedLine>,
    pub closest: Vec<CloseLine>,
}

/// Says why a URL is here, or why not. `spellings` are the ways in which it may be known, as it was typed
/// first; the first of them that is known is the one that is answered for.
pub fn why(store: &mut Store, spellings: &[String]) -> Result<WhyReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        for uri in spellings {
            let known = Known::read(store, uri)?;
            if !known.is_nothing() {
                return known.answer(store, &ledger);
            }
        }
        let typed = spellings.first().map_or("", String::as_str);
        nowhere(store, typed)
    })
}

/// Everything that is known of one URI.
struct Known {
    uri: String,
    source: Option<SourceId>,
    has_content: bool,
    extractable: bool,
    unpassed: Option<String>,
    frontier: Vec<FrontierRow>,
    events: Vec<EventRow>,
    refusals: Vec<Refusal>,
}

impl Known {
    fn read(store: &mut Store, uri: &str) -> Result<Self> {
        let source = store.source_at(uri)?;
        let facts = source.map(|id| store.source_facts(id)).transpose()?;
        let frontier = store.frontier_rows_of(uri)?;
        let events = store.events_of_uri(uri)?;
        // What a deletion wrote down is looked through only where nothing else tells.
        let refusals = if facts.is_none() && frontier.is_empty() {
            store.refusals_of(uri)?
        } else {
            Vec::new()
        };
        Ok(Self {
            uri: uri.to_owned(),
            source,
            has_content: facts
                .as_ref()
                .is_some_and(|facts| facts.body_digest.is_some()),
            extractable: facts.as_ref().is_none_or(|facts| facts.extractable),
            unpassed: facts.and_then(|facts| facts.unpassed_reason),
            frontier,
            events,
            refusals,
        })
    }

    fn is_nothing(&self) -> bool {
        self.source.is_none()
            && self.frontier.is_empty()
            && self.events.is_empty()
            && self.refusals.is_empty()
    }

    fn answer(self, store: &mut Store, ledger: &Ledger) -> Result<WhyReport> {
        let steps = self.steps(ledger);
        let names = self.names(store, &steps)?;
        let gaps = match self.source {
            Some(id) => store.gaps_of_source(id, &self.uri)?,
            None => store.gaps_of_uri(&self.uri)?,
        };
        let mut verdict = self.verdict(&steps, &names);
        // A body that is cut is stored, and not all of it.
        let open = gaps.iter().find(|gap| gap.resolved_at.is_none());
        if let Some(gap) = open
            && verdict.verdict == "stored"
        {
            let reason: Option<Reason> = gap.reason.parse().ok();
            verdict.reason = Some(gap.reason.clone());
            if let Some(reason) = reason {
                let how = if self.has_content {
                    "It is stored, but not whole."
                } else {
                    "without content".clone_into(&mut verdict.verdict);
                    "It is known, and its content is not stored."
                };
                verdict.because = format!("{how} {}", reason.meaning());
                reason.remedy().clone_into(&mut verdict.next);
            }
        }
        Ok(WhyReport {
            verdict,
            names,
            gaps: gaps.into_iter().map(|gap| gap_line(gap, ledger)).collect(),
            searched: Vec::new(),
            closest: Vec::new(),
            steps,
        })
    }

    /// What each job made of it, the oldest first.
    fn steps(&self, ledger: &Ledger) -> Vec<WhyLine> {
        let mut steps = Vec::new();
        for row in &self.frontier {
            let event = self.events.iter().rev().find(|event| {
                event.job == Some(row.job) && (event.kind.starts_with("url_") || brings(event))
            });
            let payload = event.and_then(|event| event.payload.as_ref());
            let robots = payload.map(|payload| &payload["fetch"]["robots"]);
            steps.push(WhyLine {
                job: ledger.number(row.job),
                job_id: Some(row.job),
                evidence: "frontier",
                at: event.map(|event| event.at),
                outcome: row.outcome.clone().unwrap_or_else(|| "pending".to_owned()),
                reason: row.reason.clone(),
                detail: row.detail.clone(),
                referrer: row.referrer.clone(),
                depth: Some(row.depth),
                alias_of: row.alias_of.clone(),
                robots_line: robots.and_then(|robots| robots["line"].as_i64()),
                robots_rule: robots
                    .and_then(|robots| robots["rule"].as_str())
                    .map(str::to_owned),
                status: payload.and_then(|payload| payload["fetch"]["status"].as_i64()),
                body_digest: payload
                    .and_then(|payload| payload["body_digest"].as_str())
                    .map(str::to_owned),
            });
        }
        for event in &self.events {
            let is_told = steps
                .iter()
                .any(|step| step.evidence == "frontier" && step.job_id == event.job);
            let Some(outcome) = outcome_of(&event.kind).filter(|_| !is_told) else {
                continue;
            };
            let empty = serde_json::Value::Null;
            let payload = event.payload.as_ref().unwrap_or(&empty);
            let said = |key: &str| payload[key].as_str().map(str::to_owned);
            let fetch = &payload["fetch"];
            steps.push(WhyLine {
                job: event.job.and_then(|job| ledger.number(job)),
                job_id: event.job,
                evidence: "event",
                at: Some(event.at),
                outcome: outcome.to_owned(),
                reason: said("reason").or_else(|| alias_reason(&event.kind)),
                detail: said("detail"),
                referrer: said("referrer"),
                depth: payload["depth"].as_i64(),
                alias_of: said("target"),
                robots_line: fetch["robots"]["line"].as_i64(),
                robots_rule: fetch["robots"]["rule"].as_str().map(str::to_owned),
                status: fetch["status"].as_i64(),
                body_digest: said("body_digest"),
            });
        }
        for refusal in &self.refusals {
            let is_told = steps.iter().any(|step| step.job_id == refusal.job);
            if is_told {
                continue;
            }
            steps.push(WhyLine {
                job: refusal.job.and_then(|job| ledger.number(job)),
                job_id: refusal.job,
                evidence: "deletion",
                at: Some(refusal.at),
                outcome: refusal.outcome.clone(),
                reason: refusal.reason.clone(),
                detail: refusal.detail.clone(),
                referrer: refusal.referrer.clone(),
                depth: refusal.depth,
                alias_of: None,
                robots_line: None,
                robots_rule: None,
                status: None,
                body_digest: None,
            });
        }
        steps.sort_by_key(|step| step.job);
        steps
    }

    /// Follows the names that the URL leads to.
    fn names(&self, store: &mut Store, steps: &[WhyLine]) -> Result<Vec<NameLine>> {
        let mut names: Vec<NameLine> = Vec::new();
        let named = |steps: &[WhyLine]| {
            let last = steps.iter().rev().find(|step| step.alias_of.is_some())?;
            Some((last.alias_of.clone()?, last.reason.clone()))
        };
        let mut next = named(steps);
        while let Some((uri, reason)) = next.take() {
            let is_round = uri == self.uri || names.iter().any(|name| name.uri == uri);
            if is_round || names.len() == MOST_NAMES {
                break;
            }
            let is_stored = store.source_at(&uri)?.is_some();
            next = led_to(store, &uri)?;
            names.push(NameLine {
                uri,
                reason: reason.unwrap_or_else(|| Reason::RedirectAlias.to_string()),
                is_stored,
            });
        }
        Ok(names)
    }

    fn verdict(&self, steps: &[WhyLine], names: &[NameLine]) -> VerdictLine {
        let last = steps.iter().rev().find(|step| step.outcome != "deleted");
        let line =
            |verdict: &str, reason: Option<String>, because: String, next: String| VerdictLine {
                uri: self.uri.clone(),
                verdict: verdict.to_owned(),
                reason,
                because,
                next,
                source_id: self.source,
            };
        if let Some(source) = self.source {
            return self.stored(source, last, line);
        }
        let Some(step) = last else {
            let because = "Events speak of it, and none says how it ended.".to_owned();
            let next = format!("toolkit report provenance --source {}", self.uri);
            return line("deleted", None, because, next);
        };
        if matches!(step.outcome.as_str(), "new" | "changed" | "unchanged") {
            let because = "It was stored, and its source is no longer there.".to_owned();
            let next = format!("toolkit report provenance --source {}", self.uri);
            return line("deleted", None, because, next);
        }
        if step.outcome == "pending" {
            let reason = Reason::NotFetched;
            let next = step.job_id.map_or_else(
                || reason.remedy().to_owned(),
                |job| format!("toolkit crawl --resume {job}"),
            );
            let because = reason.meaning().to_owned();
            return line("pending", Some(reason.to_string()), because, next);
        }
        let reason: Option<Reason> = step.reason.as_deref().and_then(|text| text.parse().ok());
        let mut because = reason.map_or("", Reason::meaning).to_owned();
        if let (Some(number), Some(rule)) = (step.robots_line, &step.robots_rule)
            && reason == Some(Reason::RobotsDisallowed)
        {
            because = format!("{because} Line {number} says: {rule}");
        } else if let Some(detail) = &step.detail {
            because = format!("{because} ({detail})");
        }
        let mut next = reason.map_or("nothing to do", Reason::remedy).to_owned();
        let end = names.last();
        if let Some(end) = end.filter(|_| step.outcome == "alias") {
            next = format!("toolkit report why {}", end.uri);
        }
        line(&step.outcome, step.reason.clone(), because, next)
    }

    fn stored(
        &self,
        source: SourceId,
        last: Option<&WhyLine>,
        line: impl Fn(&str, Option<String>, String, String) -> VerdictLine,
    ) -> VerdictLine {
        let show = format!("toolkit sources show {source}");
        let led = |step: &WhyLine| match &step.referrer {
            Some(referrer) => format!("It is stored: {referrer} led here."),
            None => "It is stored: it is a seed.".to_owned(),
        };
        let found = |step: &&WhyLine| step.outcome == "new" || step.evidence == "frontier";
        let because = last
            .filter(found)
            .map_or_else(|| "It is stored.".to_owned(), led);
        let aliased = last.filter(|step| step.outcome == "alias");
        if let Some(target) = aliased.and_then(|step| step.alias_of.as_ref()) {
            let reason = aliased.and_then(|step| step.reason.clone());
            let because = format!("{because} It is not extracted, as another name of {target}.");
            return line(
                "stored",
                reason,
                because,
                format!("toolkit report why {target}"),
            );
        }
        if !self.extractable {
            let reason = last.and_then(|step| step.reason.clone());
            let said: Option<Reason> = reason.as_deref().and_then(|text| text.parse().ok());
            let because = format!(
                "{because} It is not extracted. {}",
                said.map_or("", Reason::meaning)
            );
            let next = said.map_or(show, |reason| reason.remedy().to_owned());
            return line("stored", reason, because.trim_end().to_owned(), next);
        }
        if let Some(unpassed) = &self.unpassed {
            let said: Option<Reason> = unpassed.parse().ok();
            let because = format!("{because} {}", said.map_or("", Reason::meaning));
            let next = said.map_or(show, |reason| reason.remedy().to_owned());
            return line(
                "stored",
                Some(unpassed.clone()),
                because.trim_end().to_owned(),
                next,
            );
        }
        line("stored", None, because, show)
    }
}

fn brings(event: &EventRow) -> bool {
    outcome_of(&event.kind).is_some()
}

/// The outcome that an event of a URL stands for.
fn outcome_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "source_created" => "new",
        "source_changed" => "changed",
        "source_unchanged" => "unchanged",
        "url_aliased" | "source_aliased" => "alias",
        "url_skipped" => "skipped",
        "url_failed" => "failed",
        _ => return None,
    })
}

/// The reason that a frontier gives for what an event tells of another name.
fn alias_reason(kind: &str) -> Option<String> {
    match kind {
        "url_aliased" => Some(Reason::RedirectAlias.to_string()),
        "source_aliased" => Some(Reason::CanonicalAlias.to_string()),
        _ => None,
    }
}

/// Returns the name that a URL is another one of, and why: by the last frontier that says so, else by the events.
fn led_to(store: &mut Store, uri: &str) -> Result<Option<(String, Option<String>)>> {
    let rows = store.frontier_rows_of(uri)?;
    for row in rows.into_iter().rev() {
        if let Some(target) = row.alias_of {
            return Ok(Some((target, row.reason)));
        }
    }
    let events = store.events_of_uri(uri)?;
    let aliased = events.into_iter().rev().find_map(|event| {
        let reason = alias_reason(&event.kind)?;
        let target = event.payload?["target"].as_str()?.to_owned();
        Some((target, Some(reason)))
    });
    Ok(aliased)
}

impl Report for WhyReport {
    fn tables(&self) -> Vec<Table> {
        let mut verdict = Table::new("verdict", "", VerdictLine::columns());
        verdict.push(self.verdict.cells());
        let mut tables = vec![verdict];
        if !self.steps.is_empty() {
            tables.push(table("jobs", "", &self.steps));
        }
        if !self.names.is_empty() {
            tables.push(table("names", "", &self.names));
        }
        if !self.gaps.is_empty() {
            tables.push(table("gaps", "", &self.gaps));
        }
        if !self.searched.is_empty() {
            tables.push(table("searched", "", &self.searched));
            let none = "Nothing that is known looks like it.";
            tables.push(table("closest", none, &self.closest));
        }
        tables
    }

    fn notes(&self) -> Vec<String> {
        vec![
            self.verdict.because.clone(),
            format!("Next: {}", self.verdict.next),
        ]
    }

    /// A command that names an id.
    fn volatile_keys(&self) -> &'static [&'static str] {
        if self.verdict.source_id.is_some() || self.verdict.verdict == "pending" {
            &["next"]
        } else {
            &[]
        }
    }
}
