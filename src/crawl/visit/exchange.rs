//! The exchange with a server: in its host's turn, and again while that may help.
//!
//! Owns the tries of one request. What is tried again, and after how long, is `retry`'s to say; what an answer
//! means is the visit's.

use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use url::Url;

use super::Visitor;
use crate::crawl::archive::Trail;
use crate::crawl::fetch::{Answer, Failure, Head};
use crate::crawl::retry::{self, Next, Remnant};
use crate::model::{StoredVersion, Timestamp};

/// What is to be fetched.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) url: &'a Url,
    pub(super) stored: Option<&'a StoredVersion>,
    pub(super) crawl_delay: Option<f64>,
    /// Most bytes of a body that are taken.
    pub(super) cap: u64,
    /// How often it is tried again.
    pub(super) retries: u32,
}

/// An exchange that came to an end, with the permit under which its body is read.
pub(in crate::crawl) struct Exchange {
    pub(in crate::crawl) outcome: Result<Answer, Failure>,
    pub(in crate::crawl) fetches: u32,
    /// Bytes of bodies that came with all of them.
    pub(in crate::crawl) received: u64,
    /// When the request was sent that was answered with the outcome.
    pub(in crate::crawl) at: Timestamp,
    pub(in crate::crawl) permit: Option<OwnedSemaphorePermit>,
    /// How long the host is to be left alone, when that is longer than a visit waits.
    pub(in crate::crawl) pause: Option<Duration>,
    /// What came of the body before it was put off.
    pub(in crate::crawl) remnant: Remnant,
}

impl Visitor {
    /// Fetches a URL in its host's turn, and again while that may help.
    pub(super) async fn exchange(
        &self,
        request: Request<'_>,
        wanted: impl Fn(&Head) -> bool + Sync,
        trail: &mut Trail,
    ) -> Option<Exchange> {
        let Request {
            url,
            stored,
            crawl_delay,
            cap,
            retries,
        } = request;
        let (mut attempt, mut received) = (0, 0);
        let mut remnant = Remnant::default();
        loop {
            let turn = self.hosts.turn(url, crawl_delay, &self.permits);
            let at = Timestamp::now();
            let turn = match self.unless_stopped(turn).await? {
                Ok(turn) => turn,
                Err(pause) => {
                    return Some(Exchange {
                        received,
                        remnant,
                        ..Exchange::put_off(at, pause, attempt)
                    });
                }
            };
            let at = Timestamp::now();
            let mut wire = trail.wire(url, at, stored);
            let fetch = self.fetcher.fetch(url, stored, cap, &wanted, wire.as_mut());
            let outcome = self.unless_overdue(fetch).await?;
            drop(turn.host);
            let outcome = trail.add(wire, outcome).await;
            received += outcome
                .as_ref()
                .map_or(0, |answer| answer.body.len() as u64);
            let asked = retry::asked_wait(&outcome, Timestamp::now());
            if let Some(wait) = asked {
                self.hosts.pause(url, wait);
            }
            match retry::next(&outcome, attempt, retries, asked) {
                Next::Later => {
                    let pause = self.hosts.pause_left(url);
                    return Some(Exchange {
                        outcome,
                        received,
                        remnant,
                        ..Exchange::put_off(at, pause, attempt + 1)
                    });
                }
                Next::Take => {
                    return Some(Exchange {
                        outcome: remnant.or_last(outcome),
                        fetches: attempt + 1,
                        received,
                        at,
                        permit: turn.slot,
                        pause: None,
                        remnant: Remnant::default(),
                    });
                }
                Next::Again { wait } => {
                    drop(turn.slot);
                    remnant.keep(outcome);
                    self.unless_stopped(sleep(wait)).await?;
                    attempt += 1;
                }
            }
        }
    }
}
