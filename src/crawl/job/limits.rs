//! The limits that end a job, or its work on one host, before its frontier is empty.
//!
//! Owns the counting: what was fetched, how much came and since when, over all runs of the job, and what one
//! host has had. It asks the database for what earlier runs and other jobs did; what is done about a limit that
//! is reached is the loop's to say.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::crawl::CrawlSettings;
use crate::model::{FrontierEntry, JobId, Reason, Timestamp};
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
    /// How often a URL is tried again, which counts as well.
    retries: u32,
    /// Fetches that the quotas of hosts had room for when they were asked last.
    quota_room: HashMap<String, i64>,
    /// Fetches by host that URLs in flight may still make.
    under_way: HashMap<String, i64>,
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
            retries: settings.retries,
            quota_room: HashMap::new(),
            under_way: HashMap::new(),
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

    /// Lets claimed URLs be fetched as often as the quotas of their hosts have room for, each once at least.
    pub(super) fn allow(&mut self, entries: &mut [FrontierEntry]) {
        if self.daily_quota.is_none() {
            return;
        }
        let mut spare = std::mem::take(&mut self.quota_room);
        for entry in &*entries {
            if let Some(spare) = spare.get_mut(&entry.host) {
                *spare -= 1;
            }
        }
        for entry in entries {
            let Some(spare) = spare.get_mut(&entry.host) else {
                continue;
            };
            let further = (*spare).clamp(0, i64::from(self.retries));
            *spare -= further;
            let most = 1 + further;
            entry.most_fetches = u32::try_from(most).ok();
            *self.under_way.entry(entry.host.clone()).or_default() += most;
        }
    }

    /// Takes note that a claimed URL is in flight no more, with how many bytes came.
    pub(super) fn came_back(&mut self, entry: &FrontierEntry, received: u64) {
        self.bytes += received;
        if let Some(most) = entry.most_fetches
            && let Some(under_way) = self.under_way.get_mut(&entry.host)
        {
            *under_way -= i64::from(most);
        }
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
        &mut self,
        store: &mut Store,
        host: &str,
        in_flight: usize,
        now: Timestamp,
    ) -> Result<(usize, Option<Reached>)> {
        let mut least = (usize::MAX, None);
        let mut narrow = |most: i64, room: i64, reason, flag: &str| {
            let room = usize::try_from(room).unwrap_or(0);
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
            let room = most - had - in_flight as i64;
            narrow(most, room, Reason::MaxPagesPerHost, "--max-pages-per-host");
        }
        // Files have no host, and nobody who could be asked too often.
        if let Some(most) = self.daily_quota
            && !host.is_empty()
        {
            let had = store.fetches_today(host, now)?;
            let room = most - had - self.under_way.get(host).copied().unwrap_or(0);
            self.quota_room.insert(host.to_owned(), room);
            narrow(most, room, Reason::DailyQuota, "--daily-quota");
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
