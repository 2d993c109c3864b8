//! The frontier: which URLs a job knows, and how each ended. Who is on them is next door in `claims`.

use serde_json::json;

use super::Store;
use super::error::Result;
use super::gaps::GapOwner;
use super::known::KnownKeys;
use super::value::{Value, values};
use crate::model::{
    Class, DiscoveredLink, Event, EventKind, Gap, JobId, Outcome, Reason, Stage, Timestamp, UriKey,
    WorkerId,
};

/// What one worker knows of a job's frontier besides what the database holds.
#[derive(Debug)]
pub struct Claims {
    pub job: JobId,
    pub worker: WorkerId,
    /// Whether a row is kept for each link of a stored page.
    pub keep_link_rows: bool,
    pub(super) next_ordinal: i64,
    /// Keys whose rows are committed: an insert that would change nothing is skipped.
    pub(super) known: KnownKeys,
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrontierCounts {
    pub discovered: i64,
    /// New, changed and unchanged pages; sitemaps and the like are none.
    pub fetched: i64,
}

impl Claims {
    /// Counts the URLs that this worker knows.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// Takes a committed batch of links into the known keys; returns those that were not, or not as near.
    pub fn remember<'a>(&mut self, links: &'a [DiscoveredLink]) -> Vec<&'a DiscoveredLink> {
        self.known.remember(links)
    }
}

impl Store {
    /// Begins, or begins again, to work on a job's frontier: what an earlier worker held is taken over by
    /// raising its attempt, so that a late write of that worker is refused; and that worker is dismissed,
    /// so that it claims no more and leaves the job's state alone.
    pub fn take_frontier(&mut self, job: JobId, worker: WorkerId) -> Result<Claims> {
        // First, because it waits for a claim that is being made: what that brings is taken over as well.
        self.dismiss_other_workers(job, worker)?;
        self.engine.execute(
            "UPDATE frontier SET worker_id = NULL, attempt = attempt + 1 \
             WHERE job_id = $1 AND outcome IS NULL AND worker_id IS NOT NULL",
            &values![job],
        )?;
        let next_ordinal = self.count(
            "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM frontier WHERE job_id = $1",
            &values![job],
        )?;
        Ok(Claims {
            job,
            worker,
            keep_link_rows: false,
            next_ordinal,
            known: KnownKeys::default(),
        })
    }

    /// Ends every unclaimed, unfinished URL of a job, or of one host of it, with `reason`; returns how many.
    pub fn close_frontier(
        &mut self,
        claims: &Claims,
        host: Option<&str>,
        reason: Reason,
        detail: &str,
        at: Timestamp,
    ) -> Result<u64> {
        let mut closed = 0;
        loop {
            // A large frontier takes longer than a lease.
            self.heartbeat(claims.worker)?;
            let batch = self.transaction("close_frontier", |store| {
                store.close_some(claims, host, reason, detail, at)
            })?;
            closed += batch;
            if batch == 0 {
                return Ok(closed);
            }
        }
    }

    fn close_some(
        &mut self,
        claims: &Claims,
        host: Option<&str>,
        reason: Reason,
        detail: &str,
        at: Timestamp,
    ) -> Result<u64> {
        self.hold_lease(claims.worker)?;
        let mut rows: Vec<(UriKey, String, String)> = Vec::new();
        let one_host = if host.is_some() { "AND host = $2 " } else { "" };
        let mut parameters: Vec<Value<'_>> = values![claims.job].into();
        parameters.extend(host.map(Value::from));
        self.engine.query(
            &format!(
                "SELECT uri_key, uri, source_group FROM frontier WHERE job_id = $1 {one_host}\
                 AND outcome IS NULL AND worker_id IS NULL ORDER BY host, priority DESC, depth, ordinal LIMIT 500"
            ),
            &parameters,
            &mut |row| {
                rows.push((row.get(0)?, row.get(1)?, row.get(2)?));
                Ok(())
            },
        )?;
        rows.sort();
        let outcome = outcome_of(reason);
        // A loss is an event, and so the URL's turn; what a limit ends has none.
        let turns = i64::from(outcome == Outcome::Failed);
        let mut closed = 0;
        for (key, uri, source_group) in &rows {
            let updated = self.engine.execute(
                "UPDATE frontier SET outcome = $5, reason = $1, detail = $2, attempt = attempt + $6 WHERE job_id = $3 \
                 AND uri_key = $4 AND outcome IS NULL AND worker_id IS NULL",
                &values![reason.as_str(), detail, claims.job, *key, outcome.as_str(), turns],
            )?;
            closed += updated;
            if updated == 1 {
                let owner = GapOwner {
                    what: *key,
                    uri,
                    source_group,
                    source: None,
                    extraction: None,
                };
                let gap = Gap::whole(reason, detail);
                self.open_gap(Stage::Crawl, &owner, &gap, claims.job, at)?;
                if outcome == Outcome::Failed {
                    self.record(&Event {
                        kind: EventKind::UrlFailed,
                        source_uri: Some(uri.clone()),
                        payload: json!({"job_id": claims.job, "reason": reason, "detail": detail}),
                        at,
                    })?;
                }
            }
        }
        Ok(closed)
    }

    /// Counts how far a job's frontier is.
    pub fn frontier_counts(&mut self, job: JobId) -> Result<FrontierCounts> {
        let mut counts = FrontierCounts::default();
        self.engine.query(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE outcome IN ('new', 'changed', 'unchanged') AND kind = 'page') \
             FROM frontier WHERE job_id = $1",
            &values![job],
            &mut |row| {
                counts = FrontierCounts {
                    discovered: row.get(0)?,
                    fetched: row.get(1)?,
                };
                Ok(())
            },
        )?;
        Ok(counts)
    }
}

/// How a URL ends that is not fetched for `reason`.
pub(super) fn outcome_of(reason: Reason) -> Outcome {
    match reason.class() {
        Class::Loss => Outcome::Failed,
        _ => Outcome::Skipped,
    }
}
