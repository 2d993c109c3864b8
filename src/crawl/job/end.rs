//! The end of a job: what is given up at last, and what is written on its row.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::Crawl;
use crate::crawl::Error;
use crate::model::{Digest, JobId, JobState, Reason, Timestamp, WorkerId, chain_text};
use crate::store::{Closing, Store, WorkEnd};

impl Crawl<'_> {
    /// With nothing left but hosts that ask to be left alone: ends their URLs when none of them is to be asked
    /// again soon.
    pub(super) fn give_up_on_paused(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let Some((first, _)) = self.queue.paused().next() else {
            return Ok(());
        };
        let is_only_hope = self.held_up || !self.queue.has_ready();
        if !is_only_hope || first.saturating_duration_since(now) <= self.max_wait {
            return Ok(());
        }
        if self.end_begun()? {
            return Ok(());
        }
        let paused: Vec<(String, Duration)> = self
            .queue
            .paused()
            .map(|(until, host)| (host.to_owned(), until.saturating_duration_since(now)))
            .collect();
        let closings: Vec<Closing> = paused
            .into_iter()
            .map(|(host, left)| {
                let (reason, detail) = match self.put_off.awaited(&host) {
                    Some(awaited) if awaited.reason == Reason::RobotsUnreachable => {
                        (awaited.reason, awaited.detail.clone())
                    }
                    _ => {
                        let detail = format!("for {} s more", left.as_secs_f64().ceil());
                        (Reason::RateLimited, detail)
                    }
                };
                Closing {
                    host: Some(host),
                    reason,
                    detail,
                }
            })
            .collect();
        self.close(&closings)?;
        for host in closings
            .iter()
            .filter_map(|closing| closing.host.as_deref())
        {
            self.queue.forget(host);
        }
        Ok(())
    }

    /// Takes up the URLs of whose bodies something came before they were put off: that is stored, whatever their
    /// hosts ask for. Says whether there are any.
    fn end_begun(&mut self) -> Result<bool, Error> {
        let mut is_any = false;
        for key in self.visitor.begun() {
            if let Some(entry) = self.store.claim_unit(&self.claims, key)? {
                let visitor = Arc::clone(&self.visitor);
                let visited = entry.clone();
                self.begin(entry, async move {
                    visitor.attempt_without_asking(visited).await
                });
                is_any = true;
            }
        }
        Ok(is_any)
    }

    /// Ends what waits without a visit; a stop leaves the rest of it waiting.
    pub(super) fn close(&mut self, closings: &[Closing]) -> Result<(), Error> {
        let (store, claims) = (&mut *self.store, &self.claims);
        let mut left = closings;
        while !left.is_empty() && !self.watch.is_stopping(store, claims)? {
            self.watch.stay_alive(store, claims)?;
            let done = store.close_urls(claims, left, Timestamp::now())?;
            left = &left[done..];
        }
        Ok(())
    }

    /// Looks once, when every URL has its outcome, which pages are other names of another; returns whether
    /// nothing of that is left, which a resume would begin again.
    pub(super) fn settle_canonicals(&mut self) -> Result<bool, Error> {
        let (store, claims) = (&mut *self.store, &self.claims);
        if store.unfinished_units(claims.job)? > 0 {
            return Ok(true);
        }
        let mut after = None;
        loop {
            after = store.settle_canonicals(claims, after, Timestamp::now())?;
            if after.is_none() {
                return Ok(true);
            }
            if self.watch.is_stopping(store, claims)? {
                return Ok(false);
            }
            self.watch.stay_alive(store, claims)?;
        }
    }
}

/// How the work on a job came to its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended<'a> {
    /// Nothing of it is left, but for URLs that still wait.
    Done,
    /// Somebody wanted it to stop before that.
    Stopped,
    Failed(&'a Error),
}

/// Ends the job and its run.
pub(super) fn conclude(
    store: &mut Store,
    job: JobId,
    worker: WorkerId,
    end: Ended<'_>,
) -> Result<(JobState, Option<Digest>), Error> {
    let result = result_of(store, job)?;
    let text = match end {
        Ended::Failed(error) => chain_text(error),
        Ended::Done | Ended::Stopped => String::new(),
    };
    let end = match end {
        Ended::Done => WorkEnd::Done,
        Ended::Stopped => WorkEnd::Stopped,
        Ended::Failed(_) => WorkEnd::Failed(&text),
    };
    Ok(store.conclude_job(job, worker, &result, end, Timestamp::now())?)
}

/// The balance, as it stands on the job's row.
fn result_of(store: &mut Store, job: JobId) -> Result<Json, Error> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for row in store.outcome_counts(Some(job))? {
        *counts.entry(row.outcome).or_default() += row.count;
        *counts.entry("discovered".to_owned()).or_default() += row.count;
    }
    Ok(json!(counts))
}
