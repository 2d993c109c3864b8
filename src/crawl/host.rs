//! Turns: how many fetches one host sees at a time, and how far apart.
//!
//! Owns politeness towards a host. It does not know what is fetched, and waits here hold nothing that
//! other hosts need.

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
    /// When the next fetch may start.
    next_start: Mutex<Instant>,
    /// Asked for by the server; starts given out before it was set wait for it, too.
    paused_until: Mutex<Instant>,
    own_delay: OnceCell<Duration>,
}

/// The right to fetch from one host now; given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
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

    /// Waits for a turn at the host of `url`, at least `crawl_delay` seconds after the one before.
    pub(super) async fn turn(&self, url: &Url, crawl_delay: Option<f64>) -> Turn {
        let host = self.host(url);
        // The semaphore is never closed; were it, going on without a permit is the lesser evil.
        let permit = host.permits.clone().acquire_owned().await.ok();
        let own = *host.own_delay.get_or_init(|| self.delay_of(url)).await;
        let delay = own.max(Duration::from_secs_f64(crawl_delay.unwrap_or(0.0)));
        let mut start = host.reserve(delay);
        while Instant::now() < start {
            sleep_until(start).await;
            start = start.max(*locked(&host.paused_until));
        }
        Turn { _permit: permit }
    }

    /// Lets no further fetch start at the host of `url` for `wait`.
    pub(super) fn pause(&self, url: &Url, wait: Duration) {
        let until = Instant::now() + wait;
        let host = self.host(url);
        let mut paused = locked(&host.paused_until);
        *paused = until.max(*paused);
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let mut met = locked(&self.met);
        let host = met.entry(authority(url)).or_insert_with(|| {
            Arc::new(Host {
                permits: Arc::new(Semaphore::new(self.per_host)),
                next_start: Mutex::new(Instant::now()),
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
    /// Takes the next start, `delay` after the one before it, and returns when it is.
    fn reserve(&self, delay: Duration) -> Instant {
        let paused = *locked(&self.paused_until);
        let mut next = locked(&self.next_start);
        let start = Instant::now().max(*next).max(paused);
        *next = start + delay;
        start
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
    use super::*;

    fn hosts(change: fn(&mut CrawlSettings)) -> Hosts {
        let mut settings = CrawlSettings::default();
        change(&mut settings);
        Hosts::new(&settings)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    async fn seconds_for(hosts: &Hosts, urls: &[&str], crawl_delay: Option<f64>) -> f64 {
        let start = Instant::now();
        for text in urls {
            hosts.turn(&url(text), crawl_delay).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test]
    async fn starts_on_one_host_are_apart_and_other_hosts_are_free() {
        let hosts = hosts(|settings| settings.delay = Some(0.1));
        let one = ["http://a.test/1", "http://a.test/2", "http://a.test/3"];
        assert!(seconds_for(&hosts, &one, None).await >= 0.19);
        assert!(seconds_for(&hosts, &["http://b.test/", "http://a.test:81/"], None).await < 0.09);
        let longer = seconds_for(&hosts, &["http://c.test/", "http://c.test/"], Some(0.25)).await;
        assert!(longer >= 0.24, "{longer}");
    }

    #[tokio::test]
    async fn the_default_spares_public_hosts_alone() {
        let hosts = hosts(|settings| settings.allow_private = true);
        assert!(seconds_for(&hosts, &["http://127.0.0.1/", "http://127.0.0.1/"], None).await < 0.2);
        assert!(seconds_for(&hosts, &["http://localhost/", "http://localhost/"], None).await < 0.2);
        assert!(seconds_for(&hosts, &["http://9.9.9.9/", "http://9.9.9.9/"], None).await >= 0.49);
    }

    #[tokio::test]
    async fn no_more_fetches_than_permits() {
        let hosts = hosts(|settings| {
            settings.per_host = 2;
            settings.delay = Some(0.0);
        });
        let one = url("http://a.test/");
        let first = hosts.turn(&one, None).await;
        let _second = hosts.turn(&one, None).await;
        let wait = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(wait, hosts.turn(&one, None))
                .await
                .is_err()
        );
        drop(first);
        assert!(
            tokio::time::timeout(wait, hosts.turn(&one, None))
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
        hosts.turn(&one, None).await;
        assert!(start.elapsed() >= Duration::from_millis(149));
    }
}
