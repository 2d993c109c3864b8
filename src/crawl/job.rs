//! The crawl's job loop: claims URLs, lets the visitor fetch them, and commits what comes back.
//!
//! With the files of its folder the only part of this room that touches the store, on the thread that
//! called it. Fetching runs on a runtime of its own and reaches this loop through a channel; what is in
//! flight is bounded by the claims.

mod archive;
mod captures;
mod queue;
mod unmodified;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use archive::Archive;
use queue::Queue;

use super::{CrawlSettings, Error, Secrets, Visitor, seeds};
use crate::model::{
    Digest, FrontierEntry, JobId, JobKind, JobState, LinkDecision, Outcome, PageOutcome,
    PageResult, ProgressUpdate, Reason, StopFlag, Timestamp, UriKey, UrlKind, WorkerId, chain_text,
};
use crate::store::{Claims, Committed, HostShare, Invocation, NewJob, Store, commit_batch_halving};

/// Most pages written in one transaction.
const PAGES_PER_TRANSACTION: usize = 256;
/// Pages that are written at once; for fewer the loop waits a moment, because a transaction writes the
/// same pages of its indexes however few rows it has.
const WORTH_A_TRANSACTION: usize = 32;
/// That moment.
const GATHERING: Duration = Duration::from_millis(20);
/// How long the loop waits for a page before it looks at the stop flag and the lease again.
const WAIT: Duration = Duration::from_millis(100);
/// A third of a lease: two heartbeats may fail before the work counts as left.
const HEARTBEAT: Duration = Duration::from_secs(20);

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

/// Crawls the seeds of `settings` as a new job; `secrets` are what its settings only name.
pub fn start(
    store: &mut Store,
    settings: &CrawlSettings,
    secrets: &Secrets,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<CrawlEnd, Error> {
    let (scope, links) = seeds(settings)?;
    let visitor = Visitor::new(settings.clone(), scope, secrets)?;
    let params = settings.to_json();
    let job = JobId::new();
    let archive = Archive::begin(settings, job)?;
    let at = Timestamp::now();
    let mut claims = store.transaction("create_job", |store| {
        let new = NewJob {
            id: job,
            kind: JobKind::Crawl,
            params: params.clone(),
            at,
        };
        store.begin_job(invocation, &new)?;
        if let Some(path) = &settings.warc {
            store.begin_archive(job, path)?;
        }
        let mut claims = store.take_frontier(job, invocation.worker.id)?;
        store.add_urls(&mut claims, None, &links, at)?;
        Ok(claims)
    })?;
    claims.remember(&links);
    let scope = visitor.scope();
    let read = captures::read(store, &mut claims, settings, &scope, stop, progress);
    told(store, job, invocation, read)?;
    Crawl::new(store, claims, visitor, settings, archive, stop, progress)?.run(invocation)
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
    let settings = CrawlSettings::from_json(&stored.params)?;
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
    let scope = visitor.scope();
    let read = captures::read(store, &mut claims, &settings, &scope, stop, progress);
    told(store, job, invocation, read)?;
    Crawl::new(store, claims, visitor, &settings, archive, stop, progress)?.run(invocation)
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
        let _ = conclude(store, job, invocation.worker.id, Some(error));
    }
    done
}

struct Crawl<'a> {
    store: &'a mut Store,
    claims: Claims,
    visitor: Arc<Visitor>,
    archive: Option<Archive>,
    runtime: Runtime,
    stop: &'a StopFlag,
    progress: &'a mut dyn FnMut(ProgressUpdate),
    max_pages: Option<i64>,
    level_by_level: bool,
    queue: Queue,
    /// The largest stored body that a server is asked about; `None` when none is.
    ask_up_to: Option<u64>,
    in_flight: HashMap<UriKey, FrontierEntry>,
    sender: Sender<(UriKey, Option<Box<PageResult>>)>,
    receiver: Receiver<(UriKey, Option<Box<PageResult>>)>,
    /// Pages of the whole job that count against `max_pages`.
    fetched: i64,
    stored: u64,
    failed: u64,
    done: u64,
    /// `None` before the first, which shows at once whether the lease can be renewed.
    heartbeat_at: Option<Instant>,
}

impl<'a> Crawl<'a> {
    fn new(
        store: &'a mut Store,
        mut claims: Claims,
        visitor: Visitor,
        settings: &CrawlSettings,
        archive: Option<Archive>,
        stop: &'a StopFlag,
        progress: &'a mut dyn FnMut(ProgressUpdate),
    ) -> Result<Self, Error> {
        let has_archives = visitor.scope().has_archives();
        claims.keep_link_rows = settings.link_rows;
        let fetched = store.frontier_counts(claims.job)?.fetched;
        // One URL at a time means one order of arrival, so nothing is claimed ahead.
        let most_in_flight = if settings.concurrency <= 1 {
            1
        } else {
            settings.concurrency * 4
        };
        let mut queue = Queue::new(most_in_flight, settings.per_host);
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
            stop,
            progress,
            max_pages: settings.max_pages,
            // A URL's captures are as deep as their number, and the earlier ones go first.
            level_by_level: settings.max_depth.is_some() || has_archives,
            queue,
            // What is larger than may be kept now would be cut now.
            ask_up_to: (!settings.refetch).then_some(settings.max_body),
            in_flight: HashMap::new(),
            sender,
            receiver,
            fetched,
            stored: 0,
            failed: 0,
            done: 0,
            heartbeat_at: None,
        })
    }

    fn run(mut self, invocation: &Invocation) -> Result<CrawlEnd, Error> {
        let mut worked = self.work().and_then(|()| self.settle_canonicals());
        self.runtime.shutdown_background();
        if let Some(archive) = self.archive.take() {
            worked = worked.and_then(|()| archive.finish(self.store));
        }
        let worker = invocation.worker.id;
        if let Err(error) = worked {
            // What stopped the crawl is the error to tell; the job can be resumed either way.
            let _ = conclude(self.store, self.claims.job, worker, Some(&error));
            return Err(error);
        }
        let (state, head) = conclude(self.store, self.claims.job, worker, None)?;
        Ok(CrawlEnd {
            job: self.claims.job,
            state,
            head,
            stored: self.stored,
        })
    }

    /// Which pages are other names of another is looked at once, when every URL has its outcome.
    fn settle_canonicals(&mut self) -> Result<(), Error> {
        let (job, worker) = (self.claims.job, self.claims.worker);
        if self.store.unfinished_units(job)? == 0 {
            self.store
                .settle_canonicals(job, worker, Timestamp::now())?;
        }
        Ok(())
    }

    fn work(&mut self) -> Result<(), Error> {
        loop {
            let stopping = self.stop.is_set();
            if stopping {
                self.visitor.stop();
            }
            let claimed = if stopping { 0 } else { self.claim()? };
            if self.in_flight.is_empty() {
                if stopping {
                    return Ok(());
                }
                if claimed == 0 {
                    if self.queue.go_deeper() {
                        continue;
                    }
                    if self.is_over()? {
                        return Ok(());
                    }
                }
            }
            let pages = self.wait_for_pages()?;
            self.commit(pages)?;
            if self.heartbeat_at.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
                self.store.heartbeat(self.claims.worker)?;
                self.heartbeat_at = Some(Instant::now());
            }
        }
    }

    /// Claims URLs while there is room, host by host, and sends the visitor to them.
    fn claim(&mut self) -> Result<usize, Error> {
        let room = self.pages_left().unwrap_or(usize::MAX);
        let shares = self.queue.shares(room, Instant::now());
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
        let now = Timestamp::now();
        let mut claimed = self
            .store
            .claim_urls(&self.claims, &hosts, self.level_by_level, now)?;
        self.queue.claimed(shares, &claimed.entries, claimed.level);
        let count = claimed.entries.len();
        self.name_versions(&mut claimed.entries)?;
        for entry in claimed.entries {
            let (visitor, sender) = (Arc::clone(&self.visitor), self.sender.clone());
            let visited = entry.clone();
            self.in_flight.insert(entry.key, entry);
            self.runtime.spawn(async move {
                let key = visited.key;
                let page = visitor.visit(visited).await;
                // Nobody listens any more once the loop has given up.
                let _ = sender.send((key, page.map(Box::new)));
            });
        }
        Ok(count)
    }

    /// How many more pages `max_pages` lets begin: each one in flight may become a page.
    fn pages_left(&self) -> Option<usize> {
        let left = self.max_pages? - self.fetched - self.in_flight.len() as i64;
        Some(usize::try_from(left).unwrap_or(0))
    }

    /// With nothing in flight and nothing claimed: says whether the job has nothing left to do.
    fn is_over(&mut self) -> Result<bool, Error> {
        if self.max_pages.is_some_and(|most| self.fetched >= most) {
            let detail = format!("--max-pages {}", self.fetched);
            let at = Timestamp::now();
            self.store
                .close_frontier(&self.claims, Reason::MaxPages, &detail, at)?;
        }
        if !self.store.has_unfinished_urls(self.claims.job)? {
            return Ok(true);
        }
        // An empty claim on a shared database does not mean an empty frontier; and what a worker that is
        // gone still holds would be waited for without end.
        self.store.free_left_urls(&self.claims)?;
        self.fill_queue()?;
        Ok(false)
    }

    /// Puts the hosts into the ring of which the database has URLs that wait, by whomever they were found.
    fn fill_queue(&mut self) -> Result<(), Error> {
        for host in self.store.pending_hosts(self.claims.job)? {
            self.queue.feed(&host, 0);
        }
        Ok(())
    }

    fn wait_for_pages(&mut self) -> Result<Vec<PageResult>, Error> {
        let mut pages = Vec::new();
        let mut returned = Vec::new();
        let mut arrived = self.receiver.recv_timeout(WAIT).ok();
        let begun = Instant::now();
        while let Some((key, page)) = arrived {
            match page {
                Some(page) if page.outcome == PageOutcome::Unmodified => self.read_again(*page)?,
                page => {
                    let entry = self.in_flight.remove(&key);
                    if let Some(entry) = &entry {
                        self.queue.returned(&entry.host);
                    }
                    match page {
                        Some(page) => pages.push(*page),
                        None => returned.extend(entry),
                    }
                }
            }
            if pages.len() >= PAGES_PER_TRANSACTION {
                break;
            }
            arrived = self.receiver.try_recv().ok();
            if arrived.is_none() && pages.len() < WORTH_A_TRANSACTION && !self.in_flight.is_empty()
            {
                let left = GATHERING.saturating_sub(begun.elapsed());
                arrived = self.receiver.recv_timeout(left).ok();
            }
        }
        if !returned.is_empty() {
            // A failure here leaves the URLs claimed; the next resume takes them over.
            let _ = self.store.release_urls(&returned);
        }
        Ok(pages)
    }

    fn commit(&mut self, mut pages: Vec<PageResult>) -> Result<(), Error> {
        if pages.is_empty() {
            return Ok(());
        }
        // Two jobs that upsert the same sources in different orders deadlock.
        pages.sort_by_key(|page| page.entry.key);
        let claims = &mut self.claims;
        let archive = &mut self.archive;
        let committed = commit_batch_halving(self.store, "store_pages", &pages, |store, pages| {
            if let Some(archive) = archive {
                archive.append(store, pages)?;
            }
            store.store_pages(claims, pages)
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
        (self.progress)(ProgressUpdate {
            done: self.done,
            failed: self.failed,
            total: Some(self.done.max(self.claims.known() as u64)),
            label: "crawling",
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
                self.fetched += 1;
                self.stored += 1;
            }
            Outcome::Failed => self.failed += 1,
            _ => {}
        }
    }
}

fn conclude(
    store: &mut Store,
    job: JobId,
    worker: WorkerId,
    error: Option<&Error>,
) -> Result<(JobState, Option<Digest>), Error> {
    let result = result_of(store, job)?;
    let text = error.map(|error| chain_text(error));
    Ok(store.conclude_job(job, worker, &result, text.as_deref(), Timestamp::now())?)
}

/// The balance, as it stands on the job's row.
fn result_of(store: &mut Store, job: JobId) -> Result<Json, Error> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for row in store.outcome_counts(Some(job))? {
        *counts.entry(row.outcome).or_default() += row.count;
        *counts.entry("discovered".to_owned()).or_default() += row.count;
    }
    Ok(json!(counts))
}
