//! URLs that were put off in this run: how often each, and what their hosts are waited for.
//!
//! Kept in memory: a claim also counts as an attempt when its worker was killed or stopped, so the attempts in
//! the database do not tell how often a host asked for patience. A resume begins with all of it again, and knows
//! what hosts are waited for from the URLs that wait.

use std::collections::HashMap;

use crate::model::{Awaited, FrontierEntry, UriKey};

/// The postponements of one run.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    times: HashMap<UriKey, u32>,
    awaited: HashMap<String, Awaited>,
}

impl PutOff {
    /// Takes note that a URL goes back to wait.
    pub(super) fn add(&mut self, entry: &FrontierEntry, awaited: Awaited) {
        *self.times.entry(entry.key).or_default() += 1;
        self.awaited.insert(entry.host.clone(), awaited);
    }

    /// Takes note of what an earlier process of the job waited for at a host.
    pub(super) fn await_again(&mut self, host: String, awaited: Option<Awaited>) {
        if let Some(awaited) = awaited {
            self.awaited.insert(host, awaited);
        }
    }

    /// Returns how often a URL has gone back to wait.
    pub(super) fn times(&self, key: UriKey) -> u32 {
        self.times.get(&key).copied().unwrap_or(0)
    }

    /// Forgets a URL that waits no more.
    pub(super) fn remove(&mut self, key: UriKey) {
        self.times.remove(&key);
    }

    /// Returns what a host was waited for last, where that is known.
    pub(super) fn awaited(&self, host: &str) -> Option<&Awaited> {
        self.awaited.get(host)
    }
}
