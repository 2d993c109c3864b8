//! The visit of one URL: robots.txt, the host's turn, the fetch with its retries, and the reading.
//!
//! Owns the order of these steps, redirects and stopping. It writes nothing: the job loop commits what a
//! visit returns.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::sleep;
use url::Url;

use super::fetch::{Answer, Failure, Fetcher, Head};
use super::host::Hosts;
use super::media::Media;
use super::page::{Content, Reader, Reading};
use super::retry::{self, Next, Remnant};
use super::robots::{self, Ask, Known, RobotsCache};
use super::uri::{is_web, without_secrets};
use super::{CrawlSettings, Error, Scope, Secrets};
use crate::model::{
    FetchFacts, FrontierEntry, PageResult, Reason, RobotsDecision, StoredVersion, Timestamp,
};

/// Redirects in a row that are followed.
const MOST_REDIRECTS: i64 = 10;

/// Visits URLs under one job's settings; shared by all of its tasks.
#[derive(Debug)]
pub struct Visitor {
    reader: Arc<Reader>,
    fetcher: Fetcher,
    hosts: Hosts,
    robots: RobotsCache,
    permits: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
}

/// An exchange that came to an end, with the permit under which its body is read.
struct Exchange {
    outcome: Result<Answer, Failure>,
    fetches: u32,
    permit: Option<OwnedSemaphorePermit>,
}

impl Visitor {
    /// Makes a visitor for the links that `scope` holds.
    pub fn new(settings: CrawlSettings, scope: Scope, secrets: &Secrets) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self {
            fetcher: Fetcher::new(&settings, secrets)?,
            hosts: Hosts::new(&settings),
            robots: RobotsCache::default(),
            permits: Arc::new(Semaphore::new(settings.concurrency)),
            stopped: watch::Sender::new(false),
            reader: Arc::new(Reader {
                settings,
                scope: Arc::new(scope),
            }),
        })
    }

    /// Makes visits that still wait for a turn return `None`; those in flight finish.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Visits one claimed URL. `None` means that it was not fetched because the crawl stops, and that its
    /// entry goes back to the frontier.
    pub async fn visit(&self, entry: FrontierEntry) -> Option<PageResult> {
        let mut facts = FetchFacts::default();
        let parsed = Url::parse(&entry.uri);
        let source_group = parsed
            .as_ref()
            .map_or_else(|_| String::new(), |url| self.reader.scope.group_of(url));
        let reading = match parsed {
            Ok(url) if is_web(&url) => self.visit_web(&url, &entry, &mut facts).await?,
            Ok(url) if url.scheme() == "file" => self.visit_file(url, &entry, &mut facts).await?,
            Ok(url) => Answered::now(Reading::failed(
                Reason::MalformedUrl,
                format!("scheme {:?} is not supported", url.scheme()),
            )),
            Err(error) => Answered::now(Reading::failed(Reason::MalformedUrl, error.to_string())),
        };
        Some(PageResult {
            entry,
            source_group,
            outcome: reading.reading.outcome,
            facts,
            fetched_at: reading.at,
            discovered: reading.reading.discovered,
            gaps: reading.reading.gaps,
        })
    }

    async fn visit_file(
        &self,
        url: Url,
        entry: &FrontierEntry,
        facts: &mut FetchFacts,
    ) -> Option<Answered> {
        let permit = self.permit().await?;
        let reader = Arc::clone(&self.reader);
        let (depth, redirects) = (entry.depth, entry.redirects);
        facts.fetches = 1;
        let at = Timestamp::now();
        let read = spawn_blocking(move || reader.read_file(&url, depth, redirects)).await;
        drop(permit);
        let reading = match read {
            Ok((reading, size)) => {
                facts.transferred_size = size;
                reading
            }
            Err(error) => unread(error)?,
        };
        Some(Answered { reading, at })
    }

    async fn visit_web(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        facts: &mut FetchFacts,
    ) -> Option<Answered> {
        let agent = &self.reader.settings.user_agent;
        let known = self.robots_for(url).await?;
        let decision = known
            .as_ref()
            .map_or_else(unasked, |known| known.decide(agent, url));
        let refusal = refusal(known.as_ref(), &decision);
        facts.robots = Some(decision);
        if let Some(refusal) = refusal {
            return Some(Answered::now(refusal));
        }
        let crawl_delay = known.and_then(|known| known.crawl_delay(agent));
        let cap = self.reader.settings.max_body;
        let wanted = |head: &Head| judge_head(head, url).is_none();
        let exchange = self.exchange(url, None, crawl_delay, cap, wanted).await?;
        let at = Timestamp::now();
        facts.fetches = exchange.fetches;
        let reading = match exchange.outcome {
            Ok(answer) => {
                note(&answer, facts);
                self.read_answer(url, entry, answer).await?
            }
            Err(failure) => Reading::failed(failure.reason, failure.detail),
        };
        drop(exchange.permit);
        Some(Answered { reading, at })
    }

    /// Returns what the origin's robots.txt says; the inner `None` when it is not to be read.
    async fn robots_for(&self, url: &Url) -> Option<Option<Known>> {
        if self.reader.settings.ignore_robots {
            return Some(None);
        }
        // Its fetch sees the stop, and with it those who wait for the same file.
        self.robots.known(url, self).await.map(Some)
    }

    /// Fetches `url` in its host's turn, and again while that may help.
    async fn exchange(
        &self,
        url: &Url,
        stored: Option<&StoredVersion>,
        crawl_delay: Option<f64>,
        cap: u64,
        wanted: impl Fn(&Head) -> bool + Sync,
    ) -> Option<Exchange> {
        let mut attempt = 0;
        let mut remnant = Remnant::default();
        loop {
            let turn = self.hosts.turn(url, crawl_delay, &self.permits);
            let turn = self.unless_stopped(turn).await?;
            let outcome = self.fetcher.fetch(url, stored, cap, &wanted).await;
            drop(turn.host);
            let retries = self.reader.settings.retries;
            match retry::next(&outcome, attempt, retries, Timestamp::now()) {
                Next::Take => {
                    return Some(Exchange {
                        outcome: remnant.or_last(outcome),
                        fetches: attempt + 1,
                        permit: turn.slot,
                    });
                }
                Next::Again { wait, host_wide } => {
                    drop(turn.slot);
                    remnant.keep(outcome);
                    if host_wide {
                        self.hosts.pause(url, wait);
                    }
                    self.unless_stopped(sleep(wait)).await?;
                    attempt += 1;
                }
            }
        }
    }

    async fn read_answer(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        answer: Answer,
    ) -> Option<Reading> {
        match judge_head(&answer.head, url) {
            Some(Judgement::Redirect) => Some(self.redirect(url, entry, &answer.head)),
            Some(Judgement::Failed(reason)) => {
                Some(Reading::failed(reason, answer.head.status_text()))
            }
            Some(Judgement::Skipped(media)) => {
                Some(Reading::skipped(Reason::MediaType, media.essence))
            }
            None => self.read_body(url.clone(), entry.depth, answer).await,
        }
    }

    async fn read_body(&self, url: Url, depth: i64, answer: Answer) -> Option<Reading> {
        let header = |name| answer.head.header(name).unwrap_or_default();
        let (media, charset_label) = Media::of_header(header("content-type"));
        let content = Content {
            encoding: header("content-encoding").to_owned(),
            bytes: answer.body,
            end: answer.end,
            media,
            charset_label,
        };
        let reader = Arc::clone(&self.reader);
        let read = spawn_blocking(move || reader.read_body(&url, depth, content)).await;
        match read {
            Ok(reading) => Some(reading),
            Err(error) => unread(error),
        }
    }

    fn redirect(&self, url: &Url, entry: &FrontierEntry, head: &Head) -> Reading {
        let Some(location) = head.header("location") else {
            return Reading::failed(
                Reason::MalformedRedirect,
                format!("{} without a Location", head.status_text()),
            );
        };
        let target = match url.join(location) {
            Ok(target) if is_web(&target) => target,
            Ok(target) => {
                let detail = format!("to scheme {:?}", target.scheme());
                return Reading::failed(Reason::MalformedRedirect, detail);
            }
            Err(error) => return Reading::failed(Reason::MalformedRedirect, error.to_string()),
        };
        let found = without_secrets(&target);
        if self.reader.scope.normalize(&target) == entry.uri {
            return Reading::failed(Reason::RedirectLoop, format!("to {found}"));
        }
        if entry.redirects >= MOST_REDIRECTS {
            return Reading::failed(Reason::TooManyRedirects, format!("on to {found}"));
        }
        let redirects = entry.redirects + 1;
        Reading::alias(
            self.reader
                .scope
                .redirected(&target, found, entry.depth, redirects),
        )
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let permits = Arc::clone(&self.permits);
        self.unless_stopped(permits.acquire_owned()).await?.ok()
    }

    /// Waits for `future`, or returns `None` as soon as the crawl stops.
    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            value = future => Some(value),
        }
    }
}

impl Ask for Visitor {
    async fn ask(&self, url: Url) -> Option<Result<Answer, Failure>> {
        let wanted = |head: &Head| (200..300).contains(&head.status);
        let exchange = self
            .exchange(&url, None, None, robots::BODY_CAP, wanted)
            .await?;
        Some(exchange.outcome)
    }
}

/// What a visit came to and when.
struct Answered {
    reading: Reading,
    at: Timestamp,
}

impl Answered {
    fn now(reading: Reading) -> Self {
        Self {
            reading,
            at: Timestamp::now(),
        }
    }
}

/// What an answer's head says without its body.
enum Judgement {
    Redirect,
    Failed(Reason),
    Skipped(Media),
}

/// Judges an answer by its head; `None` when the body is wanted.
fn judge_head(head: &Head, url: &Url) -> Option<Judgement> {
    match head.status {
        200 | 201 | 203 => {
            let declared = Media::of_header(head.header("content-type").unwrap_or_default()).0;
            let media = declared.or_else(|| Media::of_extension(url.path().as_ref()))?;
            (!media.is_stored()).then_some(Judgement::Skipped(media))
        }
        301 | 302 | 303 | 307 | 308 => Some(Judgement::Redirect),
        404 | 410 => Some(Judgement::Failed(Reason::HttpNotFound)),
        401 | 403 => Some(Judgement::Failed(Reason::HttpDenied)),
        400..=499 => Some(Judgement::Failed(Reason::HttpClientError)),
        500..=599 => Some(Judgement::Failed(Reason::HttpServerError)),
        _ => Some(Judgement::Failed(Reason::HttpUnexpectedStatus)),
    }
}

fn note(answer: &Answer, facts: &mut FetchFacts) {
    facts.status = Some(answer.head.status);
    facts.headers.clone_from(&answer.head.headers);
    facts.remote_address.clone_from(&answer.head.remote_address);
    facts.transferred_size = Some(answer.body.len() as u64);
}

fn unasked() -> RobotsDecision {
    RobotsDecision {
        allowed: true,
        fetch_status: "ignored".to_owned(),
        line: None,
        rule: None,
    }
}

/// Returns the outcome of a URL that robots.txt does not let be fetched.
fn refusal(known: Option<&Known>, decision: &RobotsDecision) -> Option<Reading> {
    if decision.allowed {
        return None;
    }
    Some(match known {
        Some(Known::Unreachable {
            reason: Reason::AddressRefused,
            detail,
        }) => Reading::failed(Reason::AddressRefused, detail),
        Some(Known::Unreachable { .. }) => {
            Reading::failed(Reason::RobotsUnreachable, &decision.fetch_status)
        }
        _ => {
            let rule = decision.rule.as_deref().unwrap_or_default();
            let line = decision.line.unwrap_or_default();
            Reading::skipped(Reason::RobotsDisallowed, format!("line {line}: {rule}"))
        }
    })
}

/// Returns the outcome of a page that this program failed on; `None` when the runtime is going down.
fn unread(error: JoinError) -> Option<Reading> {
    let panic = error.try_into_panic().ok()?;
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Some(Reading::failed(Reason::CrawlPanicked, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageOutcome;

    #[tokio::test]
    async fn a_panic_is_a_failed_page() {
        for message in ["plain", "with 1"] {
            let words = message.to_owned();
            let error = spawn_blocking(move || panic!("{words}")).await.unwrap_err();
            match unread(error).unwrap().outcome {
                PageOutcome::Failed { reason, detail } => {
                    assert_eq!((reason, detail.as_str()), (Reason::CrawlPanicked, message));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
