//! What comes of an attempt at a claimed URL besides a result: it is put off, or cut short.
//!
//! Owns when a URL is to be asked for again although nothing came of it, and what a stop leaves of a fetch that
//! is in flight. The visit itself is next door, and so is what is tried again within it.

use std::time::Duration;

use tokio::time::sleep;
use url::Url;

use super::Visitor;
use super::fetch::Failure;
use super::retry::Remnant;
use super::robots::Known;
use super::visit::Exchange;
use crate::model::{FrontierEntry, PageOutcome, PageResult, Reason, Timestamp, UriKey};

/// What came of the attempt at one claimed URL.
#[derive(Debug)]
pub enum Attempt {
    /// It has a result, to be committed. The host asked to be left alone for `pause`.
    Ended {
        page: Box<PageResult>,
        pause: Option<Duration>,
    },
    /// It is to be asked for again after `pause`, which its host asks for as `reason` and `detail` say. `fetches`
    /// of it were made, with which `received` bytes came.
    Postponed {
        pause: Duration,
        fetches: u32,
        received: u64,
        reason: Reason,
        detail: String,
    },
    /// It was not fetched, or not to its end, because the crawl stops.
    Stopped,
}

impl Visitor {
    /// Says whether a result stands, when its host is to be left alone for `pause` and may then give another.
    pub(super) fn end_of(&self, page: PageResult, pause: Option<Duration>) -> Attempt {
        match (pause, &page.outcome) {
            // What is stored although a pause is asked for is what is left of a body that is not waited for.
            (Some(pause), PageOutcome::Failed { reason, detail })
                if self.may_be_put_off(&page.entry) =>
            {
                Attempt::Postponed {
                    pause,
                    fetches: page.facts.fetches,
                    received: page.facts.received(),
                    reason: *reason,
                    detail: detail.clone(),
                }
            }
            _ => Attempt::Ended {
                page: Box::new(page),
                pause,
            },
        }
    }

    /// Says whether a URL may go back to wait. Its claims do not tell: a worker that was killed has made some.
    fn may_be_put_off(&self, entry: &FrontierEntry) -> bool {
        entry.put_off < self.reader.settings.retries
    }

    /// Takes into an exchange what came of the body in earlier attempts. Of one that is put off it is kept for
    /// the next attempt, or is the outcome where none is to be waited for.
    pub(super) fn with_remnant(&self, entry: &FrontierEntry, mut exchange: Exchange) -> Exchange {
        let mut remnant = self.remnants.take(entry.key);
        let now = std::mem::take(&mut exchange.remnant);
        remnant.keep_answer(now.into_answer());
        let Some(pause) = exchange.pause else {
            exchange.outcome = remnant.or_last(exchange.outcome);
            return exchange;
        };
        let max_wait = self.reader.settings.max_wait;
        let is_waited_for = self.may_be_put_off(entry) && pause.as_secs_f64() <= max_wait;
        let left = if is_waited_for {
            self.remnants.put(entry.key, remnant).err()
        } else {
            Some(remnant)
        };
        if let Some(answer) = left.and_then(Remnant::into_answer) {
            exchange.outcome = Ok(answer);
        }
        exchange
    }

    /// Returns the URLs that are put off and of whose bodies something came.
    pub fn begun(&self) -> Vec<UriKey> {
        self.remnants.keys()
    }

    /// Ends a claimed URL that is not to be asked for again with what came of its body before it was put off.
    pub async fn attempt_without_asking(&self, entry: FrontierEntry) -> Attempt {
        let remnant = self.remnants.take(entry.key).into_answer();
        match remnant {
            Some(answer) => self
                .read_late(entry, answer)
                .await
                .unwrap_or(Attempt::Stopped),
            None => Attempt::Stopped,
        }
    }

    /// Returns how long to wait until a robots.txt that was unreachable is asked for again; `None` when that is
    /// no more to be waited for, or was not what refused.
    pub(super) async fn until_robots_again(
        &self,
        known: Option<&Known>,
        url: &Url,
    ) -> Option<Duration> {
        let Some(Known::Unreachable { reason, .. }) = known else {
            return None;
        };
        if *reason == Reason::AddressRefused {
            return None;
        }
        let (failures, wait) = self.robots.asked_again(url).await?;
        (failures <= self.reader.settings.retries).then(|| wait.max(self.hosts.pause_left(url)))
    }

    /// Waits for `future`, or returns `None` as soon as the crawl stops.
    pub(super) async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            value = future => Some(value),
        }
    }

    /// Waits for `future`, or returns `None` when it has not ended one timeout after the crawl was stopped: a
    /// server that drips must not keep a process from ending.
    pub(super) async fn unless_overdue<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.subscribe();
        let overdue = async {
            // The sender is this visitor's own, so that only a stop ends the wait.
            let _ = stopped.wait_for(|stopped| *stopped).await;
            sleep(self.reader.settings.idle_timeout()).await;
        };
        tokio::select! {
            biased;
            value = future => Some(value),
            () = overdue => None,
        }
    }
}

impl Exchange {
    /// An exchange with a host that is to be left alone for longer than a visit waits.
    pub(super) fn put_off(at: Timestamp, pause: Duration, fetches: u32) -> Self {
        let detail = format!("for {} s", pause.as_secs_f64().ceil());
        Self {
            outcome: Err(Failure {
                reason: Reason::RateLimited,
                detail,
            }),
            fetches,
            received: 0,
            at,
            permit: None,
            pause: Some(pause),
            remnant: Remnant::default(),
        }
    }
}
