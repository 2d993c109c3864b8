//! Turns: how many fetches one host sees at a time, and how far apart.
//!
//! Owns politeness towards a host. It does not know what is fetched, and whoever waits here for a host holds
//! nothing that other hosts need.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::{Host as UrlHost, Url};

use super::CrawlSettings;
use super::address::{is_public, literal};
use super::guard::Guard;
use super::uri::authority;

/// Seconds between two starts on a public host when neither the user nor robots.txt says otherwise.
const PUBLIC_DELAY: f64 = 0.5;

/// The longest pause that a visit waits for; a longer one gives the URL back, so that it holds up no other.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The hosts a crawl has met.
#[derive(Debug)]
pub(super) struct Hosts {
    met: Mutex<HashMap<String, Arc<Host>>>,
    per_host: usize,
    delay: Option<Duration>,
    guard: Guard,
}

#[derive(Debug)]
struct Host {
    permits: Arc<Semaphore>,
    /// When the next fetch may start; held by the one that is next until it does.
    next_start: tokio::sync::Mutex<Instant>,
    /// Asked for by the server; whoever waits for a start waits for it, too.
    paused_until: Mutex<Instant>,
    own_delay: OnceCell<Duration>,
}

/// The right to fetch from one host now, with a slot among all fetches; both are given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) host: Option<OwnedSemaphorePermit>,
    pub(super) slot: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    pub(super) fn new(settings: &CrawlSettings) -> Self {
        Self {
            met: Mutex::default(),
            per_host: settings.per_host,
            delay: settings.delay.map(Duration::from_secs_f64),
            guard: Guard::new(settings),
        }
    }

    /// Waits for a turn at the host of `url`, at least `crawl_delay` seconds after the one before, and for one
    /// of `slots`. A pause of the host that is longer than [`LONGEST_WAIT`] is not waited for, but returned.
    ///
    /// The slot is taken before the start is counted: were it the other way round, starts that had been given
    /// out apart would wait for a slot and then follow each other at once.
    pub(super) async fn turn(
        &self,
        url: &Url,
        crawl_delay: Option<f64>,
        slots: &Arc<Semaphore>,
    ) -> Result<Turn, Duration> {
        let host = self.host(url);
        // The semaphores are never closed; were they, going on without a permit is the lesser evil.
        let permit = Arc::clone(&host.permits).acquire_owned().await.ok();
        let own = *host.own_delay.get_or_init(|| self.delay_of(url)).await;
        let delay = own.max(Duration::from_secs_f64(crawl_delay.unwrap_or(0.0)));
        let mut next_start = host.next_start.lock().await;
        loop {
            let pause = host.pause_left();
            if pause > LONGEST_WAIT {
                return Err(pause);
            }
            let start = host.start(*next_start);
            // A timer of the past fires no earlier than at its next tick, which costs each page a millisecond.
            if start > Instant::now() {
                sleep_until(start).await;
            }
            let slot = Arc::clone(slots).acquire_owned().await.ok();
            let now = Instant::now();
            if host.start(*next_start) <= now {
                *next_start = now + delay;
                return Ok(Turn { host: permit, slot });
            }
        }
    }

    /// Lets no further fetch start at the host of `url` for `wait`.
    pub(super) fn pause(&self, url: &Url, wait: Duration) {
        let until = Instant::now() + wait;
        let host = self.host(url);
        let mut paused = locked(&host.paused_until);
        *paused = until.max(*paused);
    }

    /// Returns how much longer the host of `url` is to be left alone.
    pub(super) fn pause_left(&self, url: &Url) -> Duration {
        self.host(url).pause_left()
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let mut met = locked(&self.met);
        let host = met.entry(authority(url)).or_insert_with(|| {
            Arc::new(Host {
                permits: Arc::new(Semaphore::new(self.per_host)),
                next_start: tokio::sync::Mutex::new(Instant::now()),
                paused_until: Mutex::new(Instant::now()),
                own_delay: OnceCell::new(),
            })
        });
        Arc::clone(host)
    }

    async fn delay_of(&self, url: &Url) -> Duration {
        if let Some(delay) = self.delay {
            return delay;
        }
        if self.guard.exempts(url) && is_private(url).await {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(PUBLIC_DELAY)
    }
}

impl Host {
    fn pause_left(&self) -> Duration {
        locked(&self.paused_until).saturating_duration_since(Instant::now())
    }

    /// Returns when a fetch may start that is next at `next`.
    fn start(&self, next: Instant) -> Instant {
        next.max(*locked(&self.paused_until))
    }
}

/// Says whether every address of the URL's host is private. A name that does not resolve is not: its
/// fetch fails anyway.
async fn is_private(url: &Url) -> bool {
    if let Some(address) = literal(url) {
        return !is_public(address);
    }
    let Some(UrlHost::Domain(name)) = url.host() else {
        return false;
    };
    let addresses: Vec<IpAddr> = match tokio::net::lookup_host((name, 0)).await {
        Ok(found) => found.map(|address| address.ip()).collect(),
        Err(_) => return false,
    };
    !addresses.is_empty() && addresses.into_iter().all(|address| !is_public(address))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing done under these locks can leave the value half-changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn hosts(change: fn(&mut CrawlSettings)) -> Hosts {
        let mut settings = CrawlSettings::default();
        change(&mut settings);
        Hosts::new(&settings)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn slots(count: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(count))
    }

    async fn seconds_for(hosts: &Hosts, urls: &[&str], crawl_delay: Option<f64>) -> f64 {
        let (start, slots) = (Instant::now(), slots(1));
        for text in urls {
            hosts.turn(&url(text), crawl_delay, &slots).await.unwrap();
        }
        start.elapsed().as_secs_f64()
    }

    /// Says whether a turn comes at once, however slow the machine.
    fn is_free(hosts: &Hosts, text: &str) -> bool {
        let (one, slots) = (url(text), slots(1));
        let mut context = Context::from_waker(Waker::noop());
        let turn = pin!(hosts.turn(&one, None, &slots)).poll(&mut context);
        turn.is_ready()
    }

    /// Turns that had passed their time while no slot was free once followed each other at once.
    #[tokio::test]
    async fn starts_stay_apart_when_slots_are_scarce() {
        let hosts = Arc::new(hosts(|settings| settings.delay = Some(0.1)));
        let slots = slots(1);
        let taken = Arc::clone(&slots).acquire_owned().await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let (hosts, slots) = (Arc::clone(&hosts), Arc::clone(&slots));
                tokio::spawn(async move {
                    hosts
                        .turn(&url("http://a.test/"), None, &slots)
                        .await
                        .unwrap();
                    Instant::now()
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(350)).await;
        // Before the first can start; what a busy machine adds comes later than that.
        let freed = Instant::now();
        drop(taken);
        let mut starts = Vec::new();
        for task in waiting {
            starts.push(task.await.unwrap());
        }
        starts.sort();
        for (number, start) in (0..).zip(starts) {
            let waited = start - freed;
            assert!(waited >= Duration::from_millis(95) * number, "{waited:?}");
        }
    }

    #[tokio::test]
    async fn starts_on_one_host_are_apart_and_other_hosts_are_free() {
        let hosts = hosts(|settings| settings.delay = Some(0.1));
        let one = ["http://a.test/1", "http://a.test/2", "http://a.test/3"];
        assert!(seconds_for(&hosts, &one, None).await >= 0.19);
        for other in ["http://b.test/", "http://a.test:81/"] {
            assert!(is_free(&hosts, other), "{other}");
        }
        assert!(!is_free(&hosts, "http://a.test/4"));
        let longer = seconds_for(&hosts, &["http://c.test/", "http://c.test/"], Some(0.25)).await;
        assert!(longer >= 0.24, "{longer}");
    }

    #[tokio::test]
    async fn the_default_spares_public_hosts_alone() {
        let hosts = hosts(|settings| settings.allow_private = true);
        for spared in ["http://127.0.0.1/", "http://localhost/"] {
            // The name is looked up once.
            seconds_for(&hosts, &[spared], None).await;
            assert!(is_free(&hosts, spared), "{spared}");
        }
        assert!(seconds_for(&hosts, &["http://9.9.9.9/", "http://9.9.9.9/"], None).await >= 0.49);
    }

    #[test]
    fn a_turn_that_is_free_waits_for_no_timer() {
        let hosts = hosts(|settings| settings.delay = Some(0.0));
        for _ in 0..3 {
            assert!(is_free(&hosts, "http://a.test/"));
        }
    }

    #[tokio::test]
    async fn no_more_fetches_than_permits() {
        let hosts = hosts(|settings| {
            settings.per_host = 2;
            settings.delay = Some(0.0);
        });
        let (one, slots) = (url("http://a.test/"), slots(9));
        let first = hosts.turn(&one, None, &slots).await.unwrap();
        let _second = hosts.turn(&one, None, &slots).await.unwrap();
        let wait = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(wait, hosts.turn(&one, None, &slots))
                .await
                .is_err()
        );
        drop(first);
        assert!(
            tokio::time::timeout(wait, hosts.turn(&one, None, &slots))
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_pause_holds_up_the_whole_host() {
        let hosts = hosts(|settings| settings.delay = Some(0.0));
        let one = url("http://a.test/");
        hosts.pause(&one, Duration::from_millis(150));
        let start = Instant::now();
        hosts.turn(&one, None, &slots(1)).await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(149));
        // Who waits already hears of a pause that is longer than a visit waits.
        hosts.pause(&one, Duration::from_millis(50));
        let slots = slots(1);
        let (waited, ()) = tokio::join!(hosts.turn(&one, None, &slots), async {
            hosts.pause(&one, LONGEST_WAIT + Duration::from_secs(9));
        });
        assert!(waited.unwrap_err() > LONGEST_WAIT);
        assert!(hosts.pause_left(&one) > LONGEST_WAIT);
    }
}
