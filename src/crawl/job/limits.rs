//! The limits that end a job, or its work on one host, before its frontier is empty.
//!
//! Owns the counting: what was fetched, how much came and since when, over all runs of the job, and what one
//! host has had. It asks the database for what earlier runs and other jobs did; what is done about a limit that
//! is reached is the loop's to say.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::crawl::CrawlSettings;
use crate::model::{FetchFacts, FrontierEntry, JobId, Reason, Timestamp};
use crate::store::{Closing, Result, Store};

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) reason: Reason,
    pub(super) detail: String,
    /// Whether what was claimed and has not begun is given back.
    pub(super) at_once: bool,
}

impl Reached {
    /// Ends what waits, as the limit of one host.
    pub(super) fn of_host(self, host: &str) -> Closing {
        Closing {
            host: Some(host.to_owned()),
            reason: self.reason,
            detail: self.detail,
        }
    }

    /// Ends all that waits.
    pub(super) fn of_all(&self) -> Closing {
        Closing {
            host: None,
            reason: self.reason,
            detail: self.detail.clone(),
        }
    }
}

/// How far a job is from its limits.
#[derive(Debug)]
pub(super) struct Limits {
    max_pages: Option<i64>,
    max_bytes: Option<u64>,
    max_duration: Option<Duration>,
    max_pages_per_host: Option<i64>,
    daily_quota: Option<i64>,
    started: Instant,
    /// Pages of the whole job that count against `max_pages`.
    pages: i64,
    /// Bytes that came over the network or from the disk, in all runs.
    bytes: u64,
    /// Pages by host; kept only where a limit asks for it.
    host_pages: HashMap<String, i64>,
}

impl Limits {
    /// Reads how far the job is.
    pub(super) fn of(store: &mut Store, job: JobId, settings: &CrawlSettings) -> Result<Self> {
        let host_pages = match settings.max_pages_per_host {
            Some(_) => store.pages_by_host(job)?,
            None => HashMap::new(),
        };
        let bytes = match settings.max_bytes {
            Some(_) => store.transferred_bytes(job)?,
            None => 0,
        };
        Ok(Self {
            max_pages: settings.max_pages,
            max_bytes: settings.max_bytes,
            max_duration: settings.max_duration.map(Duration::from_secs_f64),
            max_pages_per_host: settings.max_pages_per_host,
            daily_quota: settings.daily_quota,
            started: Instant::now(),
            pages: store.frontier_counts(job)?.fetched,
            bytes,
            host_pages,
        })
    }

    /// Counts a page of `host` that is stored.
    pub(super) fn count_page(&mut self, host: &str) {
        self.pages += 1;
        if self.max_pages_per_host.is_some() {
            match self.host_pages.get_mut(host) {
                Some(pages) => *pages += 1,
                None => {
                    self.host_pages.insert(host.to_owned(), 1);
                }
            }
        }
    }

    /// Counts what came of a fetch, stored or not.
    pub(super) fn count_bytes(&mut self, facts: &FetchFacts) {
        self.bytes += facts.transferred_size.unwrap_or(0);
    }

    /// Returns the limit that the job has reached; it stays reached.
    pub(super) fn reached(&self, now: Instant) -> Option<Reached> {
        let reached = |reason, detail, at_once| {
            Some(Reached {
                reason,
                detail,
                at_once,
            })
        };
        if let Some(most) = self.max_pages
            && self.pages >= most
        {
            return reached(Reason::MaxPages, format!("--max-pages {most}"), false);
        }
        if let Some(most) = self.max_bytes
            && self.bytes >= most
        {
            let detail = format!("--max-bytes {most}, {} came", self.bytes);
            return reached(Reason::MaxBytes, detail, true);
        }
        if let Some(most) = self.max_duration
            && now.duration_since(self.started) >= most
        {
            let detail = format!("--max-duration {} s", most.as_secs_f64());
            return reached(Reason::MaxDuration, detail, true);
        }
        None
    }

    /// Returns how many more pages may begin: each of those in flight may become a page.
    pub(super) fn room(&self, in_flight: usize) -> usize {
        self.max_pages.map_or(usize::MAX, |most| {
            usize::try_from(most - self.pages - in_flight as i64).unwrap_or(0)
        })
    }

    /// Returns how many more pages of `host` may begin with `in_flight` on their way, and the limit that says so.
    pub(super) fn host_room(
        &self,
        store: &mut Store,
        host: &str,
        in_flight: usize,
        now: Timestamp,
    ) -> Result<(usize, Option<Reached>)> {
        let mut least = (usize::MAX, None);
        let mut narrow = |most: i64, had: i64, reason, flag: &str| {
            let room = usize::try_from(most - had - in_flight as i64).unwrap_or(0);
            if room < least.0 {
                let reached = Reached {
                    reason,
                    detail: format!("{flag} {most}"),
                    at_once: false,
                };
                least = (room, Some(reached));
            }
        };
        if let Some(most) = self.max_pages_per_host {
            let had = self.host_pages.get(host).copied().unwrap_or(0);
            narrow(most, had, Reason::MaxPagesPerHost, "--max-pages-per-host");
        }
        // Files have no host, and nobody who could be asked too often.
        if let Some(most) = self.daily_quota
            && !host.is_empty()
        {
            let had = store.fetches_today(host, now)?;
            narrow(most, had, Reason::DailyQuota, "--daily-quota");
        }
        Ok(least)
    }
}

/// Fetches by host, for the daily quotas of this job and of later ones.
pub(super) fn fetches_by_host<'a>(
    visits: impl Iterator<Item = (&'a FrontierEntry, u32)>,
) -> Vec<(String, i64)> {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for (entry, fetches) in visits {
        if fetches > 0 && !entry.host.is_empty() {
            *counts.entry(&entry.host).or_default() += i64::from(fetches);
        }
    }
    let mut counts: Vec<(String, i64)> = counts
        .into_iter()
        .map(|(host, count)| (host.to_owned(), count))
        .collect();
    // In one order, or two jobs that count the same hosts deadlock.
    counts.sort();
    counts
}
