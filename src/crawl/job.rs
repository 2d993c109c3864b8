//! The crawl's job loop: claims URLs, lets the visitor fetch them, and commits what comes back.
//!
//! With the files of its folder the only part of this room that touches the store, on the thread that
//! called it. Fetching runs on a runtime of its own and reaches this loop through a channel; what is in
//! flight is bounded by the claims.

mod archive;
mod arrivals;
mod captures;
mod end;
mod limits;
mod put_off;
mod queue;
mod unmodified;
mod visits;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use archive::Archive;
use arrivals::by_url;
use end::{Ended, conclude};
use limits::{Limits, Reached, fetches_by_host};
use put_off::PutOff;
use queue::Queue;
use watch::{Seldom, Watch};

use super::seeds::without_gone_files;
use super::{Attempt, CrawlSettings, Error, Scope, Secrets, Visitor, seeds};
use crate::model::{
    Digest, DiscoveredLink, FrontierEntry, JobId, JobKind, JobState, LinkDecision, Outcome,
    PageResult, ProgressUpdate, StopFlag, Timestamp, UriKey, UrlKind, chain_text,
};
use crate::store::{Claims, Committed, HostShare, Invocation, NewJob, Store, commit_batch_halving};

/// Most pages written in one transaction.
pub const PAGES_PER_TRANSACTION: usize = 512;
/// How long the loop waits for a page before it looks out again.
const WAIT: Duration = Duration::from_millis(100);

/// URLs done before the engine is told for the first time how large its tables are; then at each fourfold.
const FIRST_ANNOUNCED: u64 = 500;

/// How a crawl ended.
#[derive(Debug, Clone)]
pub struct CrawlEnd {
    pub job: JobId,
    pub state: JobState,
    /// The head of the run's chain of events.
    pub head: Option<Digest>,
    /// New, changed and unchanged pages of this run.
    pub stored: u64,
}

/// Links that are added to the frontier at once: of a long list of seeds not all rows are in memory twice.
const FIRST_LINKS_AT_ONCE: usize = 5000;

/// Crawls what [`super::seeds`] made of `settings` as a new job; `secrets` are what its settings only name.
pub fn start(
    store: &mut Store,
    settings: &CrawlSettings,
    (scope, links): (Scope, Vec<DiscoveredLink>),
    secrets: &Secrets,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<CrawlEnd, Error> {
    let visitor = Visitor::new(settings.clone(), scope, secrets)?;
    let job = JobId::new();
    let archive = Archive::begin(settings, job)?;
    let at = Timestamp::now();
    let new = NewJob {
        id: job,
        kind: JobKind::Crawl,
        params: settings.to_json(),
        at,
    };
    let mut claims = store.transaction("create_job", |store| {
        store.begin_job(invocation, &new)?;
        if let Some(path) = &settings.warc {
            store.begin_archive(job, path)?;
        }
        store.prune_host_days(at)?;
        let mut claims = store.take_frontier(job, invocation.worker.id)?;
        for some in links.chunks(FIRST_LINKS_AT_ONCE) {
            store.add_urls(&mut claims, None, some, at)?;
        }
        Ok(claims)
    })?;
    claims.remember(&links);
    drop((new, links));
    let (scope, mut watch) = (visitor.scope(), Watch::new(stop));
    let read = captures::read(store, &mut claims, settings, &scope, &mut watch, progress);
    told(store, job, invocation, read)?;
    Crawl::new(store, claims, visitor, settings, archive, watch, progress)?.run(invocation)
}

/// Takes a job on that was cancelled, failed or interrupted, with the settings it was made with.
pub fn resume(
    store: &mut Store,
    job: JobId,
    secrets: &Secrets,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<CrawlEnd, Error> {
    let stored = store.job(job)?;
    if stored.kind != JobKind::Crawl {
        return Err(Error::NotACrawl(job));
    }
    let settings = without_gone_files(CrawlSettings::from_json(&stored.params)?);
    // Folders may have changed since; what is new in them is for a new crawl.
    let (scope, _) = seeds(&settings)?;
    let visitor = Visitor::new(settings.clone(), scope, secrets)?;
    // Before anything is taken over: whoever holds the file is at work.
    let archive = Archive::take_on(&settings, job, store)?;
    let at = Timestamp::now();
    let mut claims = store.transaction("resume_job", |store| {
        store.take_job_on(invocation, &stored, at)?;
        store.take_frontier(job, invocation.worker.id)
    })?;
    visitor.remember_aliases(store.waiting_aliases(job)?, store.ended_targets(job)?);
    let (scope, mut watch) = (visitor.scope(), Watch::new(stop));
    let read = captures::read(store, &mut claims, &settings, &scope, &mut watch, progress);
    told(store, job, invocation, read)?;
    Crawl::new(store, claims, visitor, &settings, archive, watch, progress)?.run(invocation)
}

/// Ends the job with what kept it from beginning.
fn told(
    store: &mut Store,
    job: JobId,
    invocation: &Invocation,
    done: Result<(), Error>,
) -> Result<(), Error> {
    if let Err(error) = &done {
        // What stopped the crawl is the error to tell; the job can be resumed either way.
        let end = Ended::Failed(error);
        let _ = conclude(store, job, invocation.worker.id, end);
    }
    done
}

struct Crawl<'a> {
    store: &'a mut Store,
    claims: Claims,
    visitor: Arc<Visitor>,
    archive: Option<Archive>,
    runtime: Runtime,
    watch: Watch<'a>,
    progress: &'a mut dyn FnMut(ProgressUpdate),
    limits: Limits,
    /// How long hosts that ask to be left alone are waited for when nothing else is left.
    max_wait: Duration,
    level_by_level: bool,
    queue: Queue,
    put_off: PutOff,
    /// When to look for what others have left, with nothing to do.
    look_for_left: Seldom,
    /// The largest stored body that a server is asked about; `None` when none is.
    ask_up_to: Option<u64>,
    /// What visits are on, and since when.
    in_flight: HashMap<UriKey, (FrontierEntry, Instant)>,
    sender: Sender<(UriKey, Attempt)>,
    receiver: Receiver<(UriKey, Attempt)>,
    stored: u64,
    failed: u64,
    done: u64,
    /// How many URLs are done when the engine is told next how large its tables are.
    announced_next: u64,
    /// Whether every URL of the least unfinished depth is of a host that is paused.
    held_up: bool,
}

impl<'a> Crawl<'a> {
    fn new(
        store: &'a mut Store,
        mut claims: Claims,
        visitor: Visitor,
        settings: &CrawlSettings,
        archive: Option<Archive>,
        watch: Watch<'a>,
        progress: &'a mut dyn FnMut(ProgressUpdate),
    ) -> Result<Self, Error> {
        let has_archives = visitor.scope().has_archives();
        claims.keep_link_rows = settings.link_rows;
        let limits = Limits::of(store, claims.job, settings)?;
        // One URL at a time means one order of arrival, so nothing is claimed ahead.
        let most_in_flight = match settings.concurrency {
            0 | 1 => 1,
            several => (several * 32).min(PAGES_PER_TRANSACTION).max(several * 2),
        };
        let mut queue = Queue::new(most_in_flight, settings.per_host);
        let (at, now) = (Timestamp::now(), Instant::now());
        store.announce_waiting(claims.job)?;
        let mut put_off = PutOff::default();
        for (host, until, awaited) in store.paused_hosts(claims.job, at)? {
            let left = Duration::from_secs_f64(until.seconds_since(at).max(0.0));
            queue.pause(&host, now + left);
            put_off.await_again(host, awaited);
        }
        for host in store.pending_hosts(claims.job)? {
            queue.feed(&host, 0);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("crawl")
            .build()
            .map_err(Error::Runtime)?;
        let (sender, receiver) = channel();
        Ok(Self {
            store,
            claims,
            visitor: Arc::new(visitor.recorded_by(archive.as_ref().map(Archive::recorder))),
            archive,
            runtime,
            watch,
            progress,
            limits,
            max_wait: Duration::from_secs_f64(settings.max_wait),
            // A URL's captures are as deep as their number, and the earlier ones go first.
            level_by_level: settings.max_depth.is_some() || has_archives,
            queue,
            put_off,
            look_for_left: Seldom::default(),
            // What is larger than may be kept now would be cut now.
            ask_up_to: (!settings.refetch).then_some(settings.max_body),
            in_flight: HashMap::new(),
            sender,
            receiver,
            stored: 0,
            failed: 0,
            done: 0,
            announced_next: FIRST_ANNOUNCED,
            held_up: false,
        })
    }

    fn run(mut self, invocation: &Invocation) -> Result<CrawlEnd, Error> {
        let mut worked = self.work().and_then(|()| self.settle_canonicals());
        self.runtime.shutdown_background();
        if let Some(archive) = self.archive.take() {
            worked = worked.and_then(|is_done| archive.finish(self.store).map(|()| is_done));
        }
        let worker = invocation.worker.id;
        let end = match worked {
            Ok(true) => Ended::Done,
            Ok(false) => Ended::Stopped,
            Err(error) => {
                // What stopped the crawl is the error to tell; the job can be resumed either way.
                let end = Ended::Failed(&error);
                let _ = conclude(self.store, self.claims.job, worker, end);
                return Err(error);
            }
        };
        let (state, head) = conclude(self.store, self.claims.job, worker, end)?;
        Ok(CrawlEnd {
            job: self.claims.job,
            state,
            head,
            stored: self.stored,
        })
    }

    fn work(&mut self) -> Result<(), Error> {
        loop {
            if let Some(error) = self.visitor.failure() {
                return Err(error);
            }
            let stopping = self.watch.is_stopping(self.store, &self.claims)?;
            let reached = self.limits.reached(Instant::now());
            if stopping || reached.as_ref().is_some_and(|limit| limit.at_once) {
                self.visitor.stop();
            }
            let claimed = if stopping || reached.is_some() {
                0
            } else {
                self.claim()?
            };
            if self.in_flight.is_empty() {
                if stopping {
                    return Ok(());
                }
                if claimed == 0 {
                    if reached.is_none() && self.queue.is_asked() {
                        // Once at a level: what is deeper may have to wait for a host that is paused.
                        let was_held_up = self.held_up;
                        self.held_up = self.queue.go_deeper();
                        if self.held_up && !was_held_up {
                            continue;
                        }
                    }
                    if self.is_over(reached.as_ref())? {
                        return Ok(());
                    }
                }
            }
            if claimed > 0 {
                self.held_up = false;
                self.look_for_left = Seldom::default();
            }
            let pages = self.wait_for_pages()?;
            self.commit(pages)?;
            self.watch.stay_alive(self.store, &self.claims)?;
        }
    }

    /// Claims URLs while there is room, host by host, and sends the visitor to them.
    fn claim(&mut self) -> Result<usize, Error> {
        let room = self.limits.room(self.in_flight.len());
        let (store, limits, mut full) = (&mut *self.store, &mut self.limits, Vec::new());
        let at = Timestamp::now();
        let shares = self.queue.shares(room, Instant::now(), |host, in_flight| {
            let (room, limit) = limits.host_room(store, host, in_flight, at)?;
            if room == 0 && in_flight == 0 {
                full.extend(limit.map(|limit| limit.of_host(host)));
            }
            Ok::<_, Error>(room)
        })?;
        self.close(&full)?;
        if shares.is_empty() {
            return Ok(0);
        }
        let hosts: Vec<HostShare<'_>> = shares
            .iter()
            .map(|share| HostShare {
                host: &share.host,
                most: share.most,
            })
            .collect();
        let mut claimed = self
            .store
            .claim_urls(&self.claims, &hosts, self.level_by_level, at)?;
        self.queue.claimed(shares, &claimed.entries, claimed.level);
        let count = claimed.entries.len();
        for entry in &mut claimed.entries {
            entry.put_off = self.put_off.times(entry.key);
        }
        self.limits.allow(&mut claimed.entries);
        self.name_versions(&mut claimed.entries)?;
        for entry in claimed.entries {
            let visitor = Arc::clone(&self.visitor);
            let visited = entry.clone();
            self.begin(entry, async move { visitor.attempt(visited).await });
        }
        Ok(count)
    }

    /// Sends the visitor on a claimed URL.
    fn begin(
        &mut self,
        entry: FrontierEntry,
        visit: impl Future<Output = Attempt> + Send + 'static,
    ) {
        let scope = self.visitor.scope();
        visits::begin(
            &self.runtime,
            entry.clone(),
            move |uri| visits::group_of(&scope, uri),
            self.sender.clone(),
            visit,
        );
        self.in_flight.insert(entry.key, (entry, Instant::now()));
    }

    /// With nothing in flight and nothing claimed: says whether the job has nothing left to do.
    fn is_over(&mut self, reached: Option<&Reached>) -> Result<bool, Error> {
        if let Some(limit) = reached {
            self.close(&[limit.of_all()])?;
        }
        if !self.store.has_unfinished_urls(self.claims.job)? {
            if self.store.is_dismissed(self.claims.worker)? {
                // Whoever took the job over has finished it: the end is theirs to tell.
                return Err(crate::store::Error::ClaimLost.into());
            }
            return Ok(true);
        }
        // An empty claim on a shared database does not mean an empty frontier; and what a worker that is
        // gone still holds would be waited for without end.
        if self.look_for_left.is_due(Instant::now()) {
            self.store.free_left_urls(&self.claims)?;
            for host in self.store.pending_hosts(self.claims.job)? {
                self.queue.feed(&host, 0);
            }
            self.give_up_on_paused()?;
        }
        Ok(false)
    }

    fn commit(&mut self, pages: Vec<PageResult>) -> Result<(), Error> {
        let mut left = pages;
        while !left.is_empty() {
            let (now, later) = by_url(left);
            self.commit_by_url(now)?;
            left = later;
        }
        Ok(())
    }

    /// Commits pages that each are of another URL.
    fn commit_by_url(&mut self, mut pages: Vec<PageResult>) -> Result<(), Error> {
        // Two jobs that upsert the same sources in different orders deadlock.
        pages.sort_by_key(|page| page.entry.key);
        let claims = &mut self.claims;
        let archive = &mut self.archive;
        let committed = commit_batch_halving(self.store, "store_pages", &pages, |store, pages| {
            if let Some(archive) = archive {
                archive.append(store, pages)?;
            }
            let outcomes = store.store_pages(claims, pages)?;
            let visits = pages.iter().map(|page| (&page.entry, page.facts.fetches));
            store.count_fetches(&fetches_by_host(visits), Timestamp::now())?;
            Ok(outcomes)
        })
        .map_err(Archive::failure)?;
        if let Some(archive) = archive {
            archive.end_batch(self.store).map_err(Archive::failure)?;
        }
        for (page, committed) in pages.iter().zip(committed) {
            match committed {
                Committed::Stored(outcome) => self.count(page, outcome),
                Committed::ClaimLost => {}
                Committed::Rejected(error) => {
                    match self
                        .store
                        .refuse_page(&mut self.claims, page, &chain_text(&error))
                    {
                        // Taken over in the meantime: it is the other worker's to tell.
                        Err(crate::store::Error::ClaimLost) => {}
                        refused => refused?,
                    }
                    self.failed += 1;
                }
            }
            self.done += 1;
        }
        if self.done >= self.announced_next {
            self.announced_next = self.done * 4;
            self.store.announce_growth();
        }
        (self.progress)(ProgressUpdate {
            done: self.done,
            failed: self.failed,
            total: Some(self.done.max(self.claims.known() as u64)),
            label: "crawling",
            job: Some(self.claims.job),
        });
        Ok(())
    }

    fn count(&mut self, page: &PageResult, outcome: Outcome) {
        self.visitor.committed(page);
        for link in self.claims.remember(&page.discovered) {
            if link.decision == LinkDecision::Fetch {
                self.queue.feed(&link.host, link.depth);
            }
        }
        match outcome {
            Outcome::New | Outcome::Changed | Outcome::Unchanged
                if page.entry.kind == UrlKind::Page =>
            {
                self.limits.count_page(&page.entry.host);
                self.stored += 1;
            }
            Outcome::Failed => self.failed += 1,
            _ => {}
        }
    }
}
