//! URLs that were put off in this run: how often each, and what their hosts are waited for.
//!
//! Kept in memory: a claim also counts as an attempt when its worker was killed or stopped, so the attempts in
//! the database do not tell how often a host asked for patience. A resume begins with all of it again.

use std::collections::HashMap;

use crate::model::{FrontierEntry, Reason, UriKey};

/// What a host that is paused is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Awaited {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

/// The postponements of one run.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    times: HashMap<UriKey, u32>,
    awaited: HashMap<String, Awaited>,
}

impl PutOff {
    /// Takes note that a URL goes back to wait.
    pub(super) fn add(&mut self, entry: &FrontierEntry, reason: Reason, detail: String) {
        *self.times.entry(entry.key).or_default() += 1;
        let awaited = Awaited { reason, detail };
        self.awaited.insert(entry.host.clone(), awaited);
    }

    /// Returns how often a URL has gone back to wait.
    pub(super) fn times(&self, key: UriKey) -> u32 {
        self.times.get(&key).copied().unwrap_or(0)
    }

    /// Forgets a URL that waits no more.
    pub(super) fn remove(&mut self, key: UriKey) {
        self.times.remove(&key);
    }

    /// Returns what a host was waited for last, where that was seen in this run.
    pub(super) fn awaited(&self, host: &str) -> Option<&Awaited> {
        self.awaited.get(host)
    }
}
