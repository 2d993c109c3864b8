//! The ring of hosts: whose turn it is, and how much of each host may be in flight.
//!
//! Owns fairness between hosts. It knows which hosts have URLs that wait and no URL itself: those stay in the
//! database, which this file does not touch. Its work per call grows with what is in flight alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::FrontierEntry;

/// Between two refills that do not fill half of the room: a claim costs a transaction.
const BETWEEN_REFILLS: Duration = Duration::from_millis(50);

/// The part of the next claim that is one host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) host: Arc<str>,
    pub(super) most: usize,
}

/// Where a host stands that has URLs waiting, or may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the ring, by this ticket.
    Ready(u64),
    /// It has its share in flight.
    Busy,
    /// It asked to be left alone until then.
    Paused(Instant),
    /// What it has left is deeper than the level that the job is at.
    Deeper,
}

/// The hosts of a job that have URLs waiting.
#[derive(Debug)]
pub(super) struct Queue {
    /// By tickets that count up: the first is whose turn it is, and any is found without a search.
    ring: BTreeMap<u64, Arc<str>>,
    tickets: u64,
    places: HashMap<Arc<str>, Place>,
    paused: BTreeSet<(Instant, Arc<str>)>,
    deeper: BTreeSet<Arc<str>>,
    level: Option<i64>,
    /// Hosts with URLs in flight, and how many.
    in_flight: HashMap<Arc<str>, usize>,
    /// The most that is in flight of all hosts together.
    most: usize,
    /// What a host may always have in flight: enough to keep its connections busy.
    least_share: usize,
    refilled_at: Option<Instant>,
}

impl Queue {
    /// Makes a ring for `most` URLs in flight, `per_host` fetches on one host at a time.
    pub(super) fn new(most: usize, per_host: usize) -> Self {
        Self {
            ring: BTreeMap::new(),
            tickets: 0,
            places: HashMap::new(),
            paused: BTreeSet::new(),
            deeper: BTreeSet::new(),
            level: None,
            in_flight: HashMap::new(),
            most,
            least_share: per_host.saturating_mul(2).min(most / 2).max(1),
            refilled_at: None,
        }
    }

    /// Takes note of a URL at `depth` that waits at `host`.
    pub(super) fn feed(&mut self, host: &str, depth: i64) {
        match self.places.get(host) {
            None => self.make_ready(host.into()),
            Some(Place::Deeper) if self.level.is_none_or(|level| depth <= level) => {
                self.make_ready(host.into());
            }
            Some(_) => {}
        }
    }

    /// Says what to claim of which host, `room` URLs at most; [`Queue::claimed`] must follow with what came.
    ///
    /// The room is shared out evenly, and a host gets no more than its share of what may be in flight: one that
    /// is slow fills its own share and nobody else's. `host_room` says how many more one host may have, given
    /// how many it has in flight; a host that may have none is dropped as soon as it has none in flight.
    pub(super) fn shares<E>(
        &mut self,
        room: usize,
        now: Instant,
        mut host_room: impl FnMut(&str, usize) -> Result<usize, E>,
    ) -> Result<Vec<Share>, E> {
        self.wake(now);
        let free = self.free();
        let room = room.min(free);
        let is_filled_by_halves = free * 2 >= self.most || self.in_flight.is_empty();
        let is_due = self
            .refilled_at
            .is_none_or(|at| now.duration_since(at) >= BETWEEN_REFILLS);
        if room == 0 || self.ring.is_empty() || !(is_filled_by_halves || is_due) {
            return Ok(Vec::new());
        }
        self.refilled_at = Some(now);
        let (even, cap) = ((room / self.ring.len()).max(1), self.cap());
        let mut left = room;
        let mut shares = Vec::new();
        for _ in 0..self.ring.len() {
            if left == 0 {
                break;
            }
            let Some((_, host)) = self.ring.pop_first() else {
                break;
            };
            let in_flight = self.in_flight_of(&host);
            let allowed = host_room(&host, in_flight)?;
            let most = even
                .min(left)
                .min(cap.saturating_sub(in_flight))
                .min(allowed);
            if most == 0 && in_flight == 0 {
                self.places.remove(&host);
                continue;
            }
            if most == 0 {
                self.places.insert(host, Place::Busy);
                continue;
            }
            left -= most;
            shares.push(Share { host, most });
        }
        Ok(shares)
    }

    /// Takes note of what came of a claim. A host that gave less than was asked for has no more.
    pub(super) fn claimed(
        &mut self,
        shares: Vec<Share>,
        entries: &[FrontierEntry],
        level: Option<i64>,
    ) {
        for entry in entries {
            match self.in_flight.get_mut(entry.host.as_str()) {
                Some(count) => *count += 1,
                None => {
                    self.in_flight.insert(entry.host.as_str().into(), 1);
                }
            }
        }
        if level != self.level {
            self.level = level;
            self.go_deeper();
        }
        let mut came: HashMap<&str, usize> = HashMap::new();
        for entry in entries {
            *came.entry(entry.host.as_str()).or_default() += 1;
        }
        for Share { host, most } in shares {
            if came.get(&*host).copied().unwrap_or(0) == most {
                self.make_ready(host);
            } else if level.is_some() {
                self.places.insert(Arc::clone(&host), Place::Deeper);
                self.deeper.insert(host);
            } else {
                self.places.remove(&host);
            }
        }
    }

    /// Takes note of a claimed URL that is in flight no more.
    pub(super) fn returned(&mut self, host: &str) {
        let Some(count) = self.in_flight.get_mut(host) else {
            return;
        };
        *count = count.saturating_sub(1);
        let is_half_empty = *count * 2 <= self.cap();
        if self.in_flight_of(host) == 0 {
            self.in_flight.remove(host);
        }
        if is_half_empty && self.places.get(host) == Some(&Place::Busy) {
            self.make_ready(host.into());
        }
    }

    /// Lets nothing be claimed of `host` before `until`; a later time that was set before stays.
    pub(super) fn pause(&mut self, host: &str, until: Instant) {
        let host: Arc<str> = host.into();
        match self.places.get(&host) {
            Some(Place::Paused(earlier)) if *earlier >= until => return,
            Some(Place::Paused(earlier)) => {
                self.paused.remove(&(*earlier, Arc::clone(&host)));
            }
            Some(Place::Ready(ticket)) => {
                self.ring.remove(ticket);
            }
            Some(Place::Deeper) => {
                self.deeper.remove(&host);
            }
            Some(Place::Busy) | None => {}
        }
        self.places.insert(Arc::clone(&host), Place::Paused(until));
        self.paused.insert((until, host));
    }

    /// Puts hosts whose remaining URLs are deeper than the level back into the ring; says whether there were any.
    pub(super) fn go_deeper(&mut self) -> bool {
        let deeper = std::mem::take(&mut self.deeper);
        let any = !deeper.is_empty();
        for host in deeper {
            self.make_ready(host);
        }
        any
    }

    /// Says whether no host is left to ask at this level.
    pub(super) fn is_asked(&self) -> bool {
        self.ring.is_empty()
    }

    /// Says whether any host is to be claimed from.
    pub(super) fn has_ready(&self) -> bool {
        !self.ring.is_empty() || !self.deeper.is_empty()
    }

    /// The paused hosts with the time until which they are, the earliest first.
    pub(super) fn paused(&self) -> impl Iterator<Item = (Instant, &str)> {
        self.paused.iter().map(|(until, host)| (*until, &**host))
    }

    /// Forgets a host of which nothing waits any more.
    pub(super) fn forget(&mut self, host: &str) {
        match self.places.remove(host) {
            Some(Place::Paused(until)) => {
                self.paused.remove(&(until, host.into()));
            }
            Some(Place::Ready(ticket)) => {
                self.ring.remove(&ticket);
            }
            Some(Place::Deeper) => {
                self.deeper.remove(host);
            }
            Some(Place::Busy) | None => {}
        }
    }

    fn make_ready(&mut self, host: Arc<str>) {
        let is_full = self.in_flight_of(&host) * 2 > self.cap();
        self.tickets += 1;
        let place = if is_full {
            Place::Busy
        } else {
            Place::Ready(self.tickets)
        };
        match self.places.insert(Arc::clone(&host), place) {
            Some(Place::Deeper) => {
                self.deeper.remove(&host);
            }
            // One turn each.
            Some(Place::Ready(ticket)) => {
                self.ring.remove(&ticket);
            }
            _ => {}
        }
        if !is_full {
            self.ring.insert(self.tickets, host);
        }
    }

    fn wake(&mut self, now: Instant) {
        while let Some((until, host)) = self.paused.first().cloned()
            && until <= now
        {
            self.paused.remove(&(until, Arc::clone(&host)));
            self.make_ready(host);
        }
    }

    /// What one host may have in flight: its even share, and never less than keeps its connections busy.
    fn cap(&self) -> usize {
        let others = self
            .in_flight
            .keys()
            .filter(|host| !matches!(self.places.get(*host), Some(Place::Ready(_))))
            .count();
        let hosts = (self.ring.len() + others).max(1);
        (self.most / hosts).max(self.least_share)
    }

    /// What may be claimed. What a host holds beyond its share, from a time when it was alone, takes nothing
    /// away from the others.
    fn free(&self) -> usize {
        let cap = self.cap();
        let held: usize = self.in_flight.values().map(|count| cap.min(*count)).sum();
        self.most.saturating_sub(held)
    }

    fn in_flight_of(&self, host: &str) -> usize {
        self.in_flight.get(host).copied().unwrap_or(0)
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
