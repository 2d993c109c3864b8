//! URLs that are ended without a visit: what a limit leaves out, and what is given up.
//!
//! Owns their outcomes, gaps and events, some URLs in one transaction: a frontier of any size can be closed
//! while its worker stays alive, and hears that it is to stop.

use std::collections::HashMap;

use serde_json::json;

use super::Store;
use super::batch::in_few_sizes;
use super::error::Result;
use super::frontier::Claims;
use super::gaps::{GapOwner, Settlement};
use super::value::{Row, values};
use crate::model::{
    Class, Event, EventKind, Gap, JobId, Outcome, Reason, Stage, Timestamp, UriKey,
};

/// URLs after which a transaction takes no further host, and most that it takes of a few hosts.
const URLS_AT_ONCE: usize = 1000;

/// Most hosts that are looked at in one transaction.
const HOSTS_AT_ONCE: usize = 1024;

/// Which URLs are ended without a visit, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Those of one host; `None` for all, which stands alone.
    pub host: Option<String>,
    pub reason: Reason,
    pub detail: String,
}

/// A URL that waits and that nobody is on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    key: UriKey,
    uri: String,
    source_group: String,
    host: String,
}

impl Store {
    /// Ends some of the URLs that wait and that nobody is on; returns how many of `closings`, from the first
    /// on, are done. Called again with the rest until none is left.
    pub fn close_urls(
        &mut self,
        claims: &Claims,
        closings: &[Closing],
        at: Timestamp,
    ) -> Result<usize> {
        let closings = &closings[..closings.len().min(HOSTS_AT_ONCE)];
        self.transaction("close_frontier", |store| {
            store.hold_lease(claims.worker)?;
            let (mut urls, mut done) = (Vec::new(), 0);
            for some in in_few_sizes(closings) {
                let before = urls.len();
                store.waiting_urls(claims.job, some, &mut urls)?;
                if urls.len() - before >= URLS_AT_ONCE {
                    break;
                }
                done += some.len();
                if urls.len() >= URLS_AT_ONCE {
                    break;
                }
            }
            urls.sort();
            store.end_waiting(claims.job, &urls, closings, at)?;
            Ok(done)
        })
    }

    /// Reads URLs that nobody is on, and keeps others off them until the transaction ends.
    fn waiting_urls(
        &mut self,
        job: JobId,
        closings: &[Closing],
        urls: &mut Vec<Waiting>,
    ) -> Result<()> {
        let columns = "SELECT uri_key, uri, source_group, host FROM frontier WHERE job_id = $1 \
             AND outcome IS NULL AND worker_id IS NULL";
        let rest = format!(
            " ORDER BY host, priority DESC, depth, ordinal LIMIT {URLS_AT_ONCE}{}",
            self.engine.claim_suffix()
        );
        let mut push = |row: &dyn Row| {
            urls.push(Waiting {
                key: row.get(0)?,
                uri: row.get(1)?,
                source_group: row.get(2)?,
                host: row.get(3)?,
            });
            Ok(())
        };
        let hosts: Option<Vec<&str>> = closings.iter().map(|one| one.host.as_deref()).collect();
        match hosts {
            Some(hosts) => self.query_among(
                &format!("{columns} AND host"),
                &rest,
                &values![job],
                &hosts,
                &mut push,
            )?,
            None => self
                .engine
                .query(&format!("{columns}{rest}"), &values![job], &mut push)?,
        }
        Ok(())
    }

    fn end_waiting(
        &mut self,
        job: JobId,
        urls: &[Waiting],
        closings: &[Closing],
        at: Timestamp,
    ) -> Result<()> {
        let by_host: HashMap<Option<&str>, &Closing> = closings
            .iter()
            .map(|closing| (closing.host.as_deref(), closing))
            .collect();
        let mut alike: HashMap<(Reason, &str), Vec<UriKey>> = HashMap::new();
        let mut settlements: Vec<Settlement<'_>> = Vec::with_capacity(urls.len());
        let mut events = Vec::new();
        for url in urls {
            let closing = by_host
                .get(&Some(url.host.as_str()))
                .or_else(|| by_host.get(&None));
            let Some(&closing) = closing else { continue };
            let (reason, detail) = (closing.reason, closing.detail.as_str());
            alike.entry((reason, detail)).or_default().push(url.key);
            settlements.push(Settlement {
                owner: GapOwner {
                    what: url.key,
                    uri: &url.uri,
                    source_group: &url.source_group,
                    source: None,
                    extraction: None,
                    profile: None,
                },
                gaps: vec![Gap::whole(reason, detail)],
                read: false,
                at,
            });
            if outcome_of(reason) == Outcome::Failed {
                events.push(Event {
                    kind: EventKind::UrlFailed,
                    source_uri: Some(url.uri.clone()),
                    payload: json!({"job_id": job, "reason": reason, "detail": detail}),
                    at,
                });
            }
        }
        for ((reason, detail), keys) in alike {
            let outcome = outcome_of(reason);
            // A loss is an event, and so the URL's turn; what a limit ends has none.
            let turns = i64::from(outcome == Outcome::Failed);
            // Their rows are held, so that the key says it all: with a condition on the outcome Postgres may
            // read all that waits instead of going by it.
            self.execute_among(
                "UPDATE frontier SET outcome = $1, reason = $2, detail = $3, attempt = attempt + $4 \
                 WHERE job_id = $5 AND uri_key",
                "",
                &values![outcome.as_str(), reason.as_str(), detail, turns, job],
                &keys,
            )?;
        }
        // One that was found too deep first and nearer then is left out by what ends it now.
        let keys: Vec<UriKey> = urls.iter().map(|url| url.key).collect();
        self.execute_among(
            "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE resolved_at IS NULL \
             AND stage = 'crawl' AND reason = 'max_depth' AND job_id = $2 AND what",
            "",
            &values![at, job],
            &keys,
        )?;
        self.open_all(Stage::Crawl, &settlements, job)?;
        self.record_all(&events)
    }
}

/// How a URL ends that is not fetched for `reason`.
fn outcome_of(reason: Reason) -> Outcome {
    match reason.class() {
        Class::Loss => Outcome::Failed,
        _ => Outcome::Skipped,
    }
}
