//! Whose turn it is, of a frontier of which only counts are known.

use super::*;
use crate::crawl::visit_tests::entry;

fn entries(host: &str, count: usize) -> Vec<FrontierEntry> {
    let entry = FrontierEntry {
        host: host.to_owned(),
        ..entry(host, 0)
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

#[test]
fn a_host_that_was_paused_in_the_ring_has_one_turn_behind_the_others() {
    let mut crawl = Crawl::new(&[("a", 10), ("b", 10), ("c", 10)]);
    let until = crawl.now + Duration::from_mins(1);
    crawl.queue.pause("a", until);
    crawl.queue.forget("b");
    assert!(crawl.queue.has_ready() && !crawl.queue.is_asked());
    crawl.queue.feed("b", 0);
    crawl.now = until;
    assert_eq!(crawl.claim(usize::MAX), [("c", 10), ("b", 10), ("a", 10)]);
    assert_eq!(crawl.claim(usize::MAX), []);
    for host in ["a", "b", "c"] {
        crawl.queue.forget(host);
    }
    assert!(crawl.queue.is_asked() && !crawl.queue.has_ready());
}

/// With a search of the ring for each, this took minutes.
#[test]
fn many_hosts_are_paused_and_forgotten() {
    let names: Vec<String> = (0..100_000)
        .map(|number| format!("host{number}.example"))
        .collect();
    let mut queue = Queue::new(64, 4);
    let begun = Instant::now();
    for name in &names {
        queue.feed(name, 0);
    }
    // The last of the ring first, so that a search meets all the others.
    let (paused, forgotten) = names.split_at(names.len() / 2);
    for name in paused.iter().rev() {
        queue.pause(name, begun + Duration::from_hours(1));
    }
    for name in forgotten.iter().rev() {
        queue.forget(name);
    }
    assert!(queue.is_asked());
    assert_eq!(queue.paused().count(), paused.len());
    assert!(begun.elapsed() < Duration::from_secs(20));
}
