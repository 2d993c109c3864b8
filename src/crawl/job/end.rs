//! The end of a job: what is given up at last, and what is written on its row.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::Crawl;
use crate::crawl::Error;
use crate::model::{Digest, JobId, JobState, Reason, Timestamp, WorkerId, chain_text};
use crate::store::Store;

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
        let paused: Vec<(String, Duration)> = self
            .queue
            .paused()
            .map(|(until, host)| (host.to_owned(), until.saturating_duration_since(now)))
            .collect();
        for (host, left) in paused {
            let detail = format!("for {} s more", left.as_secs_f64().ceil());
            self.close(Some(&host), Reason::RateLimited, &detail)?;
            self.queue.forget(&host);
        }
        Ok(())
    }
}

/// Ends the job and its run; `error` is what stopped it, if anything did.
pub(super) fn conclude(
    store: &mut Store,
    job: JobId,
    worker: WorkerId,
    error: Option<&Error>,
) -> Result<(JobState, Option<Digest>), Error> {
    let result = result_of(store, job)?;
    let text = error.map(|error| chain_text(error));
    Ok(store.conclude_job(job, worker, &result, text.as_deref(), Timestamp::now())?)
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
