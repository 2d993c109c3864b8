//! The ring of hosts: whose turn it is, and how much of each host may be in flight.
//!
//! Owns fairness between hosts. It knows which hosts have URLs that wait and no URL itself: those stay in the
//! database, which this file does not touch. Its work per call grows with what is in flight alone.

use std::collections::{BTreeSet, HashMap, VecDeque};
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
    /// In the ring.
    Ready,
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
    ring: VecDeque<Arc<str>>,
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
            ring: VecDeque::new(),
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
            let Some(host) = self.ring.pop_front() else {
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
            Some(Place::Ready) => self.ring.retain(|other| *other != host),
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
            Some(Place::Ready) => self.ring.retain(|other| &**other != host),
            Some(Place::Deeper) => {
                self.deeper.remove(host);
            }
            Some(Place::Busy) | None => {}
        }
    }

    fn make_ready(&mut self, host: Arc<str>) {
        let is_full = self.in_flight_of(&host) * 2 > self.cap();
        let place = if is_full { Place::Busy } else { Place::Ready };
        if self.places.insert(Arc::clone(&host), place) == Some(Place::Deeper) {
            self.deeper.remove(&host);
        }
        if !is_full {
            self.ring.push_back(host);
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
            .filter(|host| self.places.get(*host) != Some(&Place::Ready))
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
mod tests {
    use super::*;
    use crate::model::{Claim, JobId, UriKey, UrlKind, WorkerId};

    fn entries(host: &str, count: usize) -> Vec<FrontierEntry> {
        let entry = FrontierEntry {
            claim: Claim {
                job: JobId::new(),
                worker: WorkerId::new(),
                attempt: 1,
            },
            key: UriKey::of(host),
            uri: String::new(),
            kind: UrlKind::Page,
            locator: None,
            host: host.to_owned(),
            depth: 0,
            redirects: 0,
            stored: None,
            referrer: None,
            put_off: 0,
            most_fetches: None,
        };
        vec![entry; count]
    }

    /// A frontier of which only counts are known.
    struct Crawl {
        queue: Queue,
        waiting: Vec<(&'static str, usize)>,
        now: Instant,
    }

    impl Crawl {
        fn new(waiting: &[(&'static str, usize)]) -> Self {
            let mut queue = Queue::new(64, 4);
            for (host, _) in waiting {
                queue.feed(host, 0);
            }
            Self {
                queue,
                waiting: waiting.to_vec(),
                now: Instant::now(),
            }
        }

        /// Claims once, and says what came of each host.
        fn claim(&mut self, room: usize) -> Vec<(&'static str, usize)> {
            self.now += BETWEEN_REFILLS;
            let any = |_: &str, _| Ok::<_, ()>(usize::MAX);
            let shares = self.queue.shares(room, self.now, any).unwrap();
            let (mut came, mut claimed) = (Vec::new(), Vec::new());
            for share in &shares {
                let (host, left) = self
                    .waiting
                    .iter_mut()
                    .find(|(host, _)| *host == &*share.host)
                    .unwrap();
                let count = share.most.min(*left);
                *left -= count;
                came.push((*host, count));
                claimed.extend(entries(host, count));
            }
            self.queue.claimed(shares, &claimed, None);
            came
        }

        fn returned(&mut self, host: &str, count: usize) {
            for _ in 0..count {
                self.queue.returned(host);
            }
        }
    }

    #[test]
    fn one_host_has_all_the_room_and_is_refilled_by_halves() {
        let mut crawl = Crawl::new(&[("a", 1000)]);
        assert_eq!(crawl.claim(usize::MAX), [("a", 64)]);
        crawl.returned("a", 31);
        assert_eq!(crawl.claim(usize::MAX), []);
        crawl.returned("a", 1);
        assert_eq!(crawl.claim(usize::MAX), [("a", 32)]);
        crawl.returned("a", 64);
        assert_eq!(crawl.claim(3), [("a", 3)], "no more than may begin");
    }

    #[test]
    fn a_host_that_is_slow_fills_its_share_alone() {
        let mut crawl = Crawl::new(&[("slow", 1000)]);
        crawl.claim(usize::MAX);
        // Its 64 are in flight when another host is found.
        crawl.queue.feed("quick", 1);
        crawl.waiting.push(("quick", 1000));
        assert_eq!(crawl.claim(usize::MAX), [("quick", 32)]);
        for _ in 0..10 {
            crawl.returned("quick", 16);
            assert_eq!(crawl.claim(usize::MAX), [("quick", 16)]);
        }
        let hosts = ["c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        for host in hosts {
            crawl.queue.feed(host, 1);
            crawl.waiting.push((host, 1000));
        }
        // Twelve hosts: eight each, of which the slow one's and the quick one's are taken.
        crawl.returned("quick", 32);
        let came = crawl.claim(usize::MAX);
        assert_eq!(came.len(), 11, "{came:?}");
        assert!(came.iter().all(|(_, count)| *count == 5), "{came:?}");
    }

    #[test]
    fn many_hosts_take_turns() {
        let names: Vec<&'static str> = (0..200)
            .map(|number| &*format!("host{number:03}").leak())
            .collect();
        let waiting: Vec<_> = names.iter().map(|name| (*name, 3)).collect();
        let mut crawl = Crawl::new(&waiting);
        let mut order = Vec::new();
        while order.len() < 400 {
            let came = crawl.claim(usize::MAX);
            for (host, count) in came {
                order.extend(vec![host; count]);
                crawl.returned(host, count);
            }
        }
        assert_eq!(order[..200], names, "each once before any twice");
        assert_eq!(order[200..400], names);
    }

    #[test]
    fn a_host_that_gave_less_than_asked_waits_for_new_links() {
        let mut crawl = Crawl::new(&[("a", 1)]);
        assert_eq!(crawl.claim(usize::MAX), [("a", 1)]);
        crawl.waiting[0].1 = 5;
        crawl.returned("a", 1);
        assert_eq!(crawl.claim(usize::MAX), []);
        crawl.queue.feed("a", 1);
        crawl.queue.feed("a", 1);
        assert_eq!(crawl.claim(usize::MAX), [("a", 5)]);
    }

    #[test]
    fn deeper_urls_wait_for_their_level() {
        let mut queue = Queue::new(64, 4);
        let mut now = Instant::now();
        let mut asked = |queue: &mut Queue| {
            now += BETWEEN_REFILLS;
            let any = |_: &str, _| Ok::<_, ()>(usize::MAX);
            queue.shares(usize::MAX, now, any).unwrap()
        };
        queue.feed("a", 0);
        let shares = asked(&mut queue);
        queue.claimed(shares, &entries("a", 2), Some(0));
        queue.feed("a", 1);
        assert_eq!(asked(&mut queue), [], "the level is not done");
        queue.returned("a");
        queue.returned("a");
        assert!(queue.go_deeper());
        let shares = asked(&mut queue);
        assert_eq!(shares.len(), 1);
        queue.claimed(shares, &entries("a", 1), Some(1));
        queue.feed("a", 0);
        assert_eq!(asked(&mut queue).len(), 1, "something nearer was found");
    }

    #[test]
    fn a_paused_host_is_left_alone_and_then_asked_again() {
        let mut crawl = Crawl::new(&[("a", 10), ("b", 10)]);
        let until = crawl.now + Duration::from_mins(1);
        crawl.queue.pause("a", until);
        crawl.queue.pause("a", crawl.now);
        assert_eq!(crawl.claim(usize::MAX), [("b", 10)]);
        crawl.queue.feed("a", 1);
        assert_eq!(crawl.claim(usize::MAX), []);
        assert_eq!(crawl.queue.paused().collect::<Vec<_>>(), [(until, "a")]);
        crawl.now = until;
        assert_eq!(crawl.claim(usize::MAX), [("a", 10)]);
        assert_eq!(crawl.queue.paused().count(), 0);
        crawl.queue.pause("a", until);
        crawl.queue.forget("a");
        crawl.returned("a", 10);
        assert_eq!(crawl.claim(usize::MAX), []);
    }

    #[test]
    fn a_host_gets_no_more_than_it_may_have() {
        let mut queue = Queue::new(64, 4);
        queue.feed("a", 0);
        queue.feed("b", 0);
        let mut now = Instant::now();
        let mut asked = |queue: &mut Queue, most: usize| {
            now += BETWEEN_REFILLS;
            let room = |host: &str, in_flight: usize| {
                Ok::<_, ()>(if host == "a" { most - in_flight } else { 0 })
            };
            queue.shares(usize::MAX, now, room).unwrap()
        };
        let shares = asked(&mut queue, 3);
        assert_eq!(shares.len(), 1);
        assert_eq!((&*shares[0].host, shares[0].most), ("a", 3));
        queue.claimed(shares, &entries("a", 3), None);
        assert_eq!(asked(&mut queue, 3), []);
        queue.returned("a");
        let shares = asked(&mut queue, 3);
        assert_eq!(shares[0].most, 1, "one came back and was no page");
    }
}
