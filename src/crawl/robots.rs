//! What each origin's robots.txt says, fetched once and kept.
//!
//! Owns the meaning of a robots.txt fetch (which status allows, which forbids), its redirects and its
//! life time. Rules themselves are next door in `rules`; the fetch is handed in by the visit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::encoding;
use super::fetch::{Answer, BodyEnd, Failure};
use super::rules::Robots;
use super::uri::is_web;
use crate::model::{Reason, RobotsDecision};

/// Bytes of a robots.txt that are read: one more than are parsed, so that the parser sees a cut.
pub(super) const BODY_CAP: u64 = 500 * 1024 + 1;

/// RFC 9309, 2.3.1.2: at least five redirects are to be followed.
const REDIRECTS: usize = 5;

/// RFC 9309, 2.4: not to be used for longer than a day.
const LIFE: Duration = Duration::from_hours(24);

/// After at most this time an unreachable robots.txt is asked for again.
const UNREACHABLE_LIFE: Duration = Duration::from_mins(1);

/// Seconds after the first failure to reach a robots.txt until it is asked for again: long enough for a server
/// that restarts, short enough for a user who has mistyped a host. Each further failure takes five times as long.
const FIRST_AGAIN: u64 = 2;

/// What is known of one origin's robots.txt.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// Rules, possibly none; `status` is that of the fetch.
    Rules {
        robots: Arc<Robots>,
        status: String,
        /// Whether a later fetch found no answer.
        is_old: bool,
    },
    /// No answer to go by: everything counts as disallowed (RFC 9309, 2.3.1.4).
    Unreachable { reason: Reason, detail: String },
}

/// How a robots.txt is fetched.
pub(super) trait Ask: Sync {
    /// Fetches `url` once, without following redirects; `None` when the crawl stops.
    fn ask(&self, url: Url) -> impl Future<Output = Option<Result<Answer, Failure>>> + Send;
}

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// An answer about one origin, or that there was none.
#[derive(Debug)]
struct Kept {
    since: Instant,
    known: Known,
    /// Asks in a row that found no answer.
    failures: u32,
}

/// The robots.txt files of one crawl, by origin.
#[derive(Debug, Default)]
pub(super) struct RobotsCache {
    slots: Mutex<HashMap<String, Slot>>,
}

impl RobotsCache {
    /// Returns what the origin of `url` says, asking `server` when nothing fresh is known; `None` when
    /// the crawl stops. Of several that ask at once, one fetches.
    pub(super) async fn known(&self, url: &Url, server: &impl Ask) -> Option<Known> {
        let slot = self.slot(url);
        let mut kept = slot.lock().await;
        if let Some(kept) = kept.as_ref()
            && kept.since.elapsed() < kept.life()
        {
            return Some(kept.known.clone());
        }
        let learned = learn(url, server).await?;
        let older = kept.take();
        let failures = match learned {
            Known::Rules { .. } => 0,
            Known::Unreachable { .. } => older.as_ref().map_or(0, |older| older.failures) + 1,
        };
        let known = learned.or_older(older.map(|older| older.known));
        *kept = Some(Kept {
            since: Instant::now(),
            known: known.clone(),
            failures,
        });
        Some(known)
    }

    /// Returns how many asks in a row found no answer at the origin of `url`, and when it is asked again.
    pub(super) async fn asked_again(&self, url: &Url) -> Option<(u32, Duration)> {
        let slot = self.slot(url);
        let kept = slot.lock().await;
        let kept = kept.as_ref()?;
        let left = kept.life().saturating_sub(kept.since.elapsed());
        Some((kept.failures, left))
    }

    fn slot(&self, url: &Url) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(url.origin().ascii_serialization()).or_default())
    }
}

impl Kept {
    fn life(&self) -> Duration {
        match self.known {
            Known::Rules { is_old: false, .. } => LIFE,
            Known::Rules { .. } => UNREACHABLE_LIFE,
            Known::Unreachable { .. } => {
                let factor = 5_u64.saturating_pow(self.failures.saturating_sub(1));
                Duration::from_secs(FIRST_AGAIN.saturating_mul(factor)).min(UNREACHABLE_LIFE)
            }
        }
    }
}

impl Known {
    /// RFC 9309, 2.4: rules outlive their day while their file is unreachable.
    fn or_older(self, older: Option<Self>) -> Self {
        match (self, older) {
            (Self::Unreachable { .. }, Some(Self::Rules { robots, status, .. })) => Self::Rules {
                robots,
                status,
                is_old: true,
            },
            (known, _) => known,
        }
    }

    /// Decides about `url`, in the words that are kept with its facts.
    pub(super) fn decide(&self, agent: &str, url: &Url) -> RobotsDecision {
        match self {
            Self::Rules { robots, status, .. } => {
                let verdict = robots.decide(
                    agent,
                    &url[url::Position::BeforePath..url::Position::AfterQuery],
                );
                RobotsDecision {
                    allowed: verdict.allowed,
                    fetch_status: status.clone(),
                    line: verdict.line,
                    rule: verdict.rule,
                }
            }
            Self::Unreachable { reason, detail } => RobotsDecision {
                allowed: false,
                fetch_status: format!("{reason}: {detail}"),
                line: None,
                rule: None,
            },
        }
    }

    /// Returns the delay that the file asks `agent` for.
    pub(super) fn crawl_delay(&self, agent: &str) -> Option<f64> {
        match self {
            Self::Rules { robots, .. } => robots.crawl_delay(agent),
            Self::Unreachable { .. } => None,
        }
    }

    /// Returns what the file names as sitemaps, as written.
    pub(super) fn sitemaps(&self) -> &[String] {
        match self {
            Self::Rules { robots, .. } => robots.sitemaps(),
            Self::Unreachable { .. } => &[],
        }
    }

    /// Rules that were read, with what is to be told of where.
    pub(super) fn of_text(robots: Robots, status: impl Into<String>) -> Self {
        Self::Rules {
            robots: Arc::new(robots),
            status: status.into(),
            is_old: false,
        }
    }

    fn free(status: impl Into<String>) -> Self {
        Self::of_text(Robots::default(), status)
    }
}

/// Fetches what the origin of `url` says; `None` when the crawl stops.
pub(super) async fn learn(url: &Url, server: &impl Ask) -> Option<Known> {
    let Ok(mut target) = url.join("/robots.txt") else {
        return Some(Known::free("no address"));
    };
    for followed in 0..=REDIRECTS {
        let answer = match server.ask(target.clone()).await? {
            Ok(answer) => answer,
            Err(failure) => return Some(unreachable(failure, followed)),
        };
        match answer.head.status {
            300..=399 => {
                let next = answer.head.header("location").map(|to| target.join(to));
                match next {
                    Some(Ok(next)) if is_web(&next) => target = next,
                    _ => return Some(Known::free(answer.head.status_text())),
                }
            }
            _ => return Some(read(&answer)),
        }
    }
    // RFC 9309, 2.3.1.2: more redirects than are followed make the file unavailable, which allows.
    Some(Known::free(format!("more than {REDIRECTS} redirects")))
}

fn read(answer: &Answer) -> Known {
    let head = &answer.head;
    match head.status {
        200..=299 => {
            if let BodyEnd::Broken(error) = &answer.end {
                // The rules that did not come are as good as those that did.
                return Known::Unreachable {
                    reason: Reason::BodyIncomplete,
                    detail: error.clone(),
                };
            }
            let header = head.header("content-encoding").unwrap_or_default();
            match encoding::decode(answer.body.clone(), header, BODY_CAP) {
                Ok(decoded) if !decoded.bytes.is_empty() || decoded.error.is_none() => {
                    Known::of_text(Robots::parse(&decoded.bytes), head.status_text())
                }
                Ok(decoded) => Known::Unreachable {
                    reason: Reason::ContentEncoding,
                    detail: decoded.error.unwrap_or_default(),
                },
                Err(detail) => Known::Unreachable {
                    reason: Reason::ContentEncoding,
                    detail,
                },
            }
        }
        400..=499 => Known::free(head.status_text()),
        _ => Known::Unreachable {
            reason: Reason::HttpServerError,
            detail: head.status_text(),
        },
    }
}

/// A host at a refused address is not to be fetched from at all, unless only a redirect led there.
fn unreachable(failure: Failure, followed: usize) -> Known {
    let reason = if failure.reason == Reason::AddressRefused && followed > 0 {
        Reason::RobotsUnreachable
    } else {
        failure.reason
    };
    Known::Unreachable {
        reason,
        detail: failure.detail,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::crawl::fetch::{BodyEnd, Head};

    fn answer(status: u16, location: Option<&str>, body: &str) -> Answer {
        let headers = location.map(|to| ("location".to_owned(), to.to_owned()));
        Answer {
            head: Head {
                status,
                headers: headers.into_iter().collect(),
                ..Head::default()
            },
            body: body.as_bytes().to_vec(),
            end: BodyEnd::Whole,
        }
    }

    /// A server whose answers are computed; `None` stands for a crawl that stops.
    struct Scripted<F>(F);

    impl<F: Fn(&Url) -> Option<Result<Answer, Failure>> + Sync> Ask for Scripted<F> {
        async fn ask(&self, url: Url) -> Option<Result<Answer, Failure>> {
            (self.0)(&url)
        }
    }

    async fn decided(respond: impl Fn(&Url) -> Result<Answer, Failure> + Sync) -> (bool, String) {
        let page = Url::parse("http://e.com/a?b").unwrap();
        let server = Scripted(|url: &Url| Some(respond(url)));
        let known = learn(&page, &server).await.unwrap();
        let decision = known.decide("toolkit/0.1", &page);
        (decision.allowed, decision.fetch_status)
    }

    #[tokio::test]
    async fn the_status_decides_when_there_are_no_rules() {
        let disallow = "user-agent: *\ndisallow: /a?b";
        for (status, allowed) in [
            (200, false),
            (404, true),
            (403, true),
            (429, true),
            (500, false),
            (503, false),
            (304, true),
        ] {
            let (seen, text) = decided(|_| Ok(answer(status, None, disallow))).await;
            assert_eq!(seen, allowed, "{status}");
            assert!(text.contains(&status.to_string()), "{text}");
        }
        let failure = |reason| Failure {
            reason,
            detail: "why".to_owned(),
        };
        let (allowed, text) = decided(|_| Err(failure(Reason::DnsFailed))).await;
        assert_eq!((allowed, text.as_str()), (false, "dns_failed: why"));
    }

    #[tokio::test]
    async fn rules_that_broke_off_are_none_to_go_by() {
        let (allowed, text) = decided(|_| {
            let mut cut = answer(200, None, "user-agent: *\ndisallow: /b");
            cut.end = BodyEnd::Broken("reset".to_owned());
            Ok(cut)
        })
        .await;
        assert_eq!((allowed, text.as_str()), (false, "body_incomplete: reset"));
    }

    #[test]
    fn rules_outlive_their_day_while_nothing_answers() {
        let rules = || Known::of_text(Robots::parse(b"user-agent: *\ndisallow: /a"), "200 OK");
        let down = || Known::Unreachable {
            reason: Reason::Timeout,
            detail: String::new(),
        };
        let page = Url::parse("http://e.com/b").unwrap();
        for (learned, older, allowed, life) in [
            (rules(), None, true, LIFE),
            (down(), None, false, UNREACHABLE_LIFE),
            (down(), Some(rules()), true, UNREACHABLE_LIFE),
            (down(), Some(down()), false, UNREACHABLE_LIFE),
            (rules(), Some(down()), true, LIFE),
        ] {
            let known = learned.or_older(older);
            assert_eq!(known.decide("toolkit", &page).allowed, allowed);
            let since = Instant::now();
            let kept = |failures| Kept {
                since,
                known: known.clone(),
                failures,
            };
            assert_eq!(kept(9).life(), life);
            if !allowed {
                let seconds = [1, 2, 3].map(|failures| kept(failures).life().as_secs());
                assert_eq!(seconds, [2, 10, 50]);
            }
        }
    }

    #[tokio::test]
    async fn five_redirects_are_followed() {
        for (last, allowed) in [(5, false), (6, true)] {
            let (seen, text) = decided(|url| {
                let step: u32 = url.path().trim_start_matches("/r").parse().unwrap_or(0);
                if step == last {
                    Ok(answer(200, None, "user-agent: *\ndisallow: /"))
                } else {
                    Ok(answer(
                        301,
                        Some(&format!("http://other.test/r{}", step + 1)),
                        "",
                    ))
                }
            })
            .await;
            assert_eq!(seen, allowed, "{last} redirects: {text}");
        }
        assert!(decided(|_| Ok(answer(301, None, ""))).await.0);
        assert!(
            decided(|_| Ok(answer(302, Some("ftp://e.com/"), "")))
                .await
                .0
        );
    }

    #[tokio::test]
    async fn an_origin_is_asked_once() {
        let cache = RobotsCache::default();
        let asked = AtomicU32::new(0);
        let server = Scripted(|_: &Url| {
            asked.fetch_add(1, Ordering::Relaxed);
            Some(Ok(answer(404, None, "")))
        });
        for (url, times) in [
            ("http://e.com/a", 1),
            ("http://e.com/b", 1),
            ("https://e.com/a", 2),
            ("http://e.com:81/a", 3),
        ] {
            let url = Url::parse(url).unwrap();
            assert!(cache.known(&url, &server).await.is_some());
            assert_eq!(asked.load(Ordering::Relaxed), times, "{url}");
        }
        let stopped = Scripted(|_: &Url| None);
        let other = Url::parse("http://stopped.test/").unwrap();
        assert!(cache.known(&other, &stopped).await.is_none());
        assert!(cache.known(&other, &server).await.is_some());
    }
}
