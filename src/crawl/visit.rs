//! The visit of one URL: robots.txt, the host's turn, the fetch with its retries, and the reading.
//!
//! Owns the order of these steps, redirects and stopping. It writes nothing: the job loop commits what a
//! visit returns.

mod archived;
mod exchange;
mod file;
mod judgement;
mod llms_txt;
mod redirect;
mod redirects;
mod robots_txt;
mod taken;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::spawn_blocking;
use url::Url;

pub(super) use exchange::Exchange;
use exchange::Request;
use file::located;
use judgement::{Judgement, judge_head};
use redirects::Redirects;
pub(super) use robots_txt::Asking;
use robots_txt::{refusal, unasked};
use taken::Taken;

use super::archive::{Recorder, Trail};
use super::archived::Locator;
use super::attempt::Attempt;
use super::backlog::Backlog;
use super::fetch::{Answer, Fetcher, Head};
use super::host::Hosts;
use super::media::Media;
use super::page::{Content, Reader, Reading};
use super::retry::{self, Remnants};
use super::robots::{Known, RobotsCache};
use super::site_files::{self, SiteFiles};
use super::sitemap;
use super::uri::{authority, is_web};
use super::warc::Library;
use super::{CrawlSettings, Error, Scope, Secrets, panics};
use crate::model::{
    DiscoveredLink, FetchFacts, FrontierEntry, PageResult, Reason, Timestamp, UrlKind,
};

/// Bytes of a body that is read where it arrived: to hand it to another thread costs as much as to read
/// it. One with a content encoding may be of any length.
const READ_AT_ONCE: usize = 64 << 10;

/// Visits URLs under one job's settings; shared by all of its tasks.
#[derive(Debug)]
pub struct Visitor {
    pub(super) reader: Arc<Reader>,
    fetcher: Fetcher,
    pub(super) hosts: Hosts,
    pub(super) robots: RobotsCache,
    site_files: SiteFiles,
    redirects: Redirects,
    pub(super) remnants: Remnants,
    library: Arc<Library>,
    pub(super) permits: Arc<Semaphore>,
    pub(super) backlog: Backlog,
    pub(super) stopped: watch::Sender<bool>,
    /// What every exchange is handed to when an archive is written.
    recorder: Option<Arc<Recorder>>,
}

impl Visitor {
    /// Makes a visitor for the links that `scope` holds.
    pub fn new(settings: CrawlSettings, scope: Scope, secrets: &Secrets) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self {
            fetcher: Fetcher::new(&settings, secrets)?,
            hosts: Hosts::new(&settings),
            robots: RobotsCache::default(),
            site_files: SiteFiles::default(),
            redirects: Redirects::default(),
            remnants: Remnants::default(),
            library: Arc::new(Library::new(settings.max_body)),
            permits: Arc::new(Semaphore::new(settings.concurrency)),
            backlog: Backlog::default(),
            stopped: watch::Sender::new(false),
            recorder: None,
            reader: Arc::new(Reader {
                settings,
                scope: Arc::new(scope),
            }),
        })
    }

    /// Makes every visit hand its exchanges to `recorder`.
    #[must_use]
    pub fn recorded_by(mut self, recorder: Option<Arc<Recorder>>) -> Self {
        self.recorder = recorder;
        self
    }

    /// Returns what decides about found links.
    pub(super) fn scope(&self) -> Arc<Scope> {
        Arc::clone(&self.reader.scope)
    }

    /// Returns what keeps every further visit of an archive from its record.
    pub(super) fn failure(&self) -> Option<Error> {
        self.library.failure()
    }

    /// Makes visits that still wait for anything end at once; a fetch that is in flight has one timeout more.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Takes note that a page's result has reached whoever commits it.
    pub fn taken(&self, page: &PageResult) {
        self.backlog.remove(page);
    }

    /// Takes note that a page's result is in the database, and with it what it says of its site.
    pub fn committed(&self, page: &PageResult) {
        self.site_files.committed(page);
    }

    /// Makes an attempt at one claimed URL.
    pub async fn attempt(&self, entry: FrontierEntry) -> Attempt {
        self.visit_once(entry).await.unwrap_or(Attempt::Stopped)
    }

    /// `None` means that the crawl stops.
    async fn visit_once(&self, mut entry: FrontierEntry) -> Option<Attempt> {
        let mut facts = FetchFacts::default();
        let mut trail = Trail::new(self.recorder.as_ref());
        let parsed = Url::parse(&entry.uri);
        let source_group = parsed
            .as_ref()
            .map_or_else(|_| String::new(), |url| self.reader.scope.group_of(url));
        let record = entry.locator.as_deref().and_then(Locator::parse);
        let reading = match parsed {
            Ok(url) if let Some(record) = record => {
                self.visit_record(&url, &entry, record, &mut facts).await?
            }
            Ok(url) if let Some(file) = located(&entry) => {
                facts.locator.clone_from(&entry.locator);
                self.visit_file(url, file, &entry, &mut facts, &mut trail)
                    .await?
            }
            Ok(url) if self.reader.scope.is_based() => {
                Answered::now(Reading::skipped(Reason::OutOfScope, authority(&url)))
            }
            Ok(url) if is_web(&url) => {
                self.visit_web(&url, &mut entry, &mut facts, &mut trail)
                    .await?
            }
            Ok(url) if url.scheme() == "file" => {
                let file = url.clone();
                self.visit_file(url, file, &entry, &mut facts, &mut trail)
                    .await?
            }
            Ok(url) => Answered::now(Reading::failed(
                Reason::MalformedUrl,
                format!("scheme {:?} is not supported", url.scheme()),
            )),
            Err(error) => Answered::now(Reading::failed(Reason::MalformedUrl, error.to_string())),
        };
        let reading = reading.judged(entry.kind);
        let page = PageResult {
            entry,
            source_group,
            outcome: reading.reading.outcome,
            facts,
            fetched_at: reading.at,
            discovered: reading.reading.discovered,
            gaps: reading.reading.gaps,
        };
        let attempt = self.end_of(page, reading.pause);
        if let Attempt::Ended { page, .. } = &attempt {
            trail.finish(page);
            self.backlog.add(page);
        }
        Some(attempt)
    }

    async fn visit_web(
        &self,
        url: &Url,
        entry: &mut FrontierEntry,
        facts: &mut FetchFacts,
        trail: &mut Trail,
    ) -> Option<Answered> {
        let agent = &self.reader.settings.user_agent;
        let asking = Asking::of(self);
        let known = asking.robots_for(url).await?;
        facts.came(asking.received());
        let announced = self.announced(url, entry, known.as_ref());
        let taken = self.take_for_sitemap(url, entry, known.as_ref());
        let decision = known.as_ref().map_or_else(unasked, |known| {
            site_files::invited(entry, url, known).unwrap_or_else(|| known.decide(agent, url))
        });
        let refusal = refusal(known.as_ref(), &decision);
        facts.robots = Some(decision);
        if let Some(refusal) = refusal {
            let refused = Answered {
                pause: self.until_robots_again(known.as_ref(), url).await,
                ..Answered::now(refusal)
            };
            return Some(refused.with(announced));
        }
        let crawl_delay = known.as_ref().and_then(|known| known.crawl_delay(agent));
        let cap = match entry.kind {
            UrlKind::Sitemap => sitemap::SIZE_LIMIT,
            UrlKind::Page | UrlKind::LlmsTxt => self.reader.settings.max_body,
        };
        let wanted = |head: &Head| judge_head(head, url, entry).is_none();
        let retries = self.reader.settings.retries;
        let request = Request {
            url,
            stored: entry.stored.as_ref(),
            crawl_delay,
            cap,
            retries: entry
                .most_fetches
                .map_or(retries, |most| retries.min(most.saturating_sub(1))),
        };
        let exchange = self.exchange(request, wanted, trail).await?;
        let mut passed = Vec::new();
        let exchange = self
            .with_cookies(request, wanted, entry, exchange, (trail, &mut passed))
            .await?;
        let exchange = self.with_remnant(entry, exchange);
        self.backlog.room().await;
        let at = exchange.at;
        facts.fetches = exchange.fetches;
        if let Ok(answer) = &exchange.outcome {
            note(answer, facts);
            self.came_of_cookies(url, entry, answer);
            if taken.is_some_and(|taken| taken.is_refuted_by(answer)) {
                entry.kind = UrlKind::Page;
            }
        }
        facts.came(asking.received() + exchange.received);
        let sets_cookies = matches!(&exchange.outcome, Ok(answer) if answer.head.sets_cookies);
        let reading = match exchange.outcome {
            Ok(answer) if exchange.pause.is_some() && !retry::is_broken(&answer) => {
                Reading::failed(Reason::RateLimited, answer.head.status_text())
            }
            Ok(answer) => self.read_answer(url, entry, answer).await?,
            Err(failure) => Reading::failed(failure.reason, failure.detail),
        };
        drop(exchange.permit);
        if sets_cookies && exchange.pause.is_none() {
            // Behind the reading, which goes back to where a redirect came from.
            passed.extend(self.behind_cookies(entry));
        }
        let known = known.as_ref();
        let llms_txt = self
            .llms_txt_beside(url, entry, known, &reading, facts)
            .await;
        let pause = exchange.pause;
        let answered = Answered { reading, at, pause };
        Some(
            answered
                .with(passed)
                .with(Vec::from_iter(llms_txt))
                .with(announced),
        )
    }

    /// Returns the sitemaps that robots.txt names, while they are not known to be in the frontier.
    fn announced(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        known: Option<&Known>,
    ) -> Vec<DiscoveredLink> {
        let known = known.filter(|_| self.reader.settings.sitemaps);
        known.map_or_else(Vec::new, |known| {
            self.site_files
                .announced(&self.reader.scope, entry, url, known)
        })
    }

    /// Takes for a sitemap what was found like any page and may be one.
    fn take_for_sitemap(
        &self,
        url: &Url,
        entry: &mut FrontierEntry,
        known: Option<&Known>,
    ) -> Option<Taken> {
        let may_be_one = entry.kind == UrlKind::Page && self.reader.settings.sitemaps;
        let taken = Taken::of(url, known).filter(|_| may_be_one)?;
        entry.kind = UrlKind::Sitemap;
        // What is stored of it may have been read as a page.
        entry.stored = None;
        Some(taken)
    }

    async fn read_answer(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        answer: Answer,
    ) -> Option<Reading> {
        match judge_head(&answer.head, url, entry) {
            Some(Judgement::Unmodified) => Some(Reading::unmodified()),
            Some(Judgement::Redirect) => Some(self.redirect(url, entry, &answer.head)),
            Some(Judgement::Failed(reason)) => {
                Some(Reading::failed(reason, answer.head.status_text()))
            }
            Some(Judgement::Skipped(media)) => {
                Some(Reading::skipped(Reason::MediaType, media.essence))
            }
            None => self.read_body(url.clone(), entry, answer).await,
        }
    }

    pub(super) async fn read_body(
        &self,
        url: Url,
        entry: &FrontierEntry,
        Answer { head, body, end }: Answer,
    ) -> Option<Reading> {
        let header = |name| head.header(name).unwrap_or_default();
        let (media, charset_label) = Media::of_header(header("content-type"));
        let content = Content {
            encoding: header("content-encoding").to_owned(),
            bytes: body,
            end,
            media,
            charset_label,
            headers: head.headers,
        };
        let reader = Arc::clone(&self.reader);
        let (kind, depth, redirects) = (entry.kind, entry.depth, entry.redirects);
        // A sitemap may be packed whatever its headers say.
        let is_plain = content.encoding.is_empty() && kind != UrlKind::Sitemap;
        let at_once = is_plain && content.bytes.len() <= READ_AT_ONCE;
        let read = move || match kind {
            UrlKind::Sitemap => reader.read_sitemap(&url, depth, redirects, content),
            UrlKind::Page | UrlKind::LlmsTxt => reader.read_body(&url, depth, content),
        };
        if at_once {
            return Some(panics::read(read));
        }
        let turn = self.backlog.turn().await;
        let read = spawn_blocking(read).await;
        drop(turn);
        match read {
            Ok(reading) => Some(reading),
            Err(error) => panics::unread(error),
        }
    }

    /// Reads what is left of an answer that came earlier.
    pub(super) async fn read_late(&self, entry: FrontierEntry, answer: Answer) -> Option<Attempt> {
        let url = Url::parse(&entry.uri).ok()?;
        let permit = self.permit().await?;
        let mut facts = FetchFacts::default();
        note(&answer, &mut facts);
        let reading = self.read_answer(&url, &entry, answer).await?;
        drop(permit);
        let page = PageResult {
            source_group: self.reader.scope.group_of(&url),
            entry,
            outcome: reading.outcome,
            facts,
            fetched_at: Timestamp::now(),
            discovered: reading.discovered,
            gaps: reading.gaps,
        };
        self.backlog.add(&page);
        Some(self.end_of(page, None))
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.backlog.room().await;
        let permits = Arc::clone(&self.permits);
        self.unless_stopped(permits.acquire_owned()).await?.ok()
    }
}

/// What a visit came to and when.
struct Answered {
    reading: Reading,
    at: Timestamp,
    pause: Option<Duration>,
}

impl Answered {
    fn judged(mut self, kind: UrlKind) -> Self {
        if kind == UrlKind::LlmsTxt {
            self.reading = site_files::of_llms_txt(self.reading);
        }
        self
    }

    /// Puts links before those that were found: of two to one URL the first counts.
    fn with(mut self, mut first: Vec<DiscoveredLink>) -> Self {
        if !first.is_empty() {
            first.append(&mut self.reading.discovered);
            self.reading.discovered = first;
        }
        self
    }

    fn now(reading: Reading) -> Self {
        Self {
            reading,
            at: Timestamp::now(),
            pause: None,
        }
    }
}

fn note(answer: &Answer, facts: &mut FetchFacts) {
    facts.status = Some(answer.head.status);
    facts.headers.clone_from(&answer.head.headers);
    facts.remote_address.clone_from(&answer.head.remote_address);
    facts.transferred_size = Some(answer.body.len() as u64);
}
