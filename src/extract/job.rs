//! The extraction's job loop: takes up sources, lets every core read them, and commits what they hold.
//!
//! The only file of this room that touches the store, on the thread that called it. Readers run on threads
//! of their own; what waits between them and the store is bounded.

mod again;
mod reader;
mod settings;
mod texts;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::entities::{of_rules, recognizers, recognizers_digest};
use crate::model::{
    Claim, Digest, Event, EventKind, ExtractionId, Gap, JobId, JobKind, JobState, ProgressUpdate,
    Reason, SourceId, StopFlag, Timestamp, WorkerId, chain_text,
};
use crate::store::{
    ClaimedPass, Committed, Error as StoreError, ExtractedSource, Invocation, NewJob, PassState,
    Selection, Store, WorkEnd, commit_batch_halving,
};

pub use again::{Again, retry};
pub use reader::context_of;
pub use settings::{ExtractSettings, profile_of};

use reader::Reader;

const PASSES_PER_CLAIM: usize = 32;
/// How many passes the readers may have, so that they have enough while a batch of theirs is committed and the
/// database writes its log back.
const PASSES_IN_FLIGHT: usize = 128;
/// How many bytes those may hold together, for each reader; a larger one is read alone. What is read of a page takes
/// up to a hundred times its size.
const BYTES_PER_READER: i64 = 1 << 20;
/// How many make a batch; the rest is what readers go on with.
const SOURCES_PER_TRANSACTION: usize = 32;
/// How long a batch waits to become full.
const GATHER: Duration = Duration::from_millis(100);
/// How long the loop waits for a source before it looks at the lease again.
const WAIT: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Between two looks whether the job is to be cancelled.
const LOOK: Duration = Duration::from_millis(250);

/// An error of an extraction's job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("job {0} is no extraction")]
    NotAnExtraction(JobId),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How an extraction ended.
#[derive(Debug, Clone)]
pub struct ExtractEnd {
    pub job: JobId,
    pub state: JobState,
    /// The head of the run's chain of events.
    pub head: Option<Digest>,
    pub counts: ExtractCounts,
}

/// How the sources of an extraction ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ExtractCounts {
    pub selected: i64,
    pub done: i64,
    pub empty: i64,
    pub failed: i64,
    /// Stored texts whose entities were taken up again, and are complete now.
    pub texts_completed: i64,
}

/// The digest of the recognizers in use; extractions made by others are stale.
pub fn current_recognizer_digest() -> Digest {
    recognizers_digest(&recognizers())
}

/// Extracts every source whose current content the profile has not passed, as a new job.
pub fn start(
    store: &mut Store,
    settings: &ExtractSettings,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<ExtractEnd, Error> {
    let profile = &settings.profile;
    let (job, selected) = begin(store, &settings.params(), invocation, |store, job| {
        store.select_passes(job, &profile.name, profile.digest, &settings.selection)
    })?;
    let settings = settings.clone();
    Extraction::new(store, job, selected, settings, invocation, stop, progress).run()
}

/// Makes a job and lets it select its passes, in one transaction; returns it with how many they are.
fn begin(
    store: &mut Store,
    params: &Json,
    invocation: &Invocation,
    select: impl Fn(&mut Store, JobId) -> Result<i64, StoreError>,
) -> Result<(JobId, i64), StoreError> {
    let job = JobId::new();
    let at = Timestamp::now();
    let selected = store.transaction("create_job", |store| {
        let new = NewJob {
            id: job,
            kind: JobKind::Extract,
            params: params.clone(),
            at,
        };
        store.begin_job(invocation, &new)?;
        let selected = select(store, job)?;
        record_selected(store, job, selected, false, at)?;
        Ok(selected)
    })?;
    Ok((job, selected))
}

/// Takes a job on that was cancelled, failed or interrupted.
pub fn resume(
    store: &mut Store,
    job: JobId,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<ExtractEnd, Error> {
    let stored = store.job(job)?;
    if stored.kind != JobKind::Extract {
        return Err(Error::NotAnExtraction(job));
    }
    let settings = ExtractSettings::of_params(&stored.params);
    let at = Timestamp::now();
    let selected = store.transaction("resume_job", |store| {
        store.take_job_on(invocation, &stored, at)?;
        store.take_passes(job, invocation.worker.id)?;
        let pending = store.unfinished_units(job)?;
        record_selected(store, job, pending, true, at)?;
        Ok(pending)
    })?;
    Extraction::new(store, job, selected, settings, invocation, stop, progress).run()
}

/// Waits for a source, then for as many as make a batch, at most half of the `expected`, but not for long.
fn gather(
    read: &Receiver<ExtractedSource>,
    expected: usize,
) -> Result<Vec<ExtractedSource>, RecvTimeoutError> {
    let mut batch = vec![read.recv_timeout(WAIT)?];
    let until = Instant::now() + GATHER;
    while batch.len() < SOURCES_PER_TRANSACTION.min(expected.div_ceil(2)) {
        match read.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(next) => batch.push(next),
            Err(_) => break,
        }
    }
    Ok(batch)
}

fn record_selected(
    store: &mut Store,
    job: JobId,
    count: i64,
    resumed: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let payload = json!({"job_id": job, "count": count, "resumed": resumed});
    store.record(&Event {
        kind: EventKind::SourcesSelected,
        source_uri: None,
        payload,
        at,
    })
}

struct Extraction<'a> {
    store: &'a mut Store,
    job: JobId,
    worker: WorkerId,
    reader: Arc<Reader>,
    threads: usize,
    selection: Selection,
    /// The texts to take up again; `None` means all that are incomplete.
    named: Option<Vec<ExtractionId>>,
    stop: &'a StopFlag,
    progress: &'a mut dyn FnMut(ProgressUpdate),
    counts: ExtractCounts,
    /// `None` before the first, which shows at once whether the lease can be renewed.
    heartbeat_at: Option<Instant>,
    looked_at: Instant,
    is_cancelled: bool,
}

impl<'a> Extraction<'a> {
    fn new(
        store: &'a mut Store,
        job: JobId,
        selected: i64,
        settings: ExtractSettings,
        invocation: &Invocation,
        stop: &'a StopFlag,
        progress: &'a mut dyn FnMut(ProgressUpdate),
    ) -> Self {
        let mut recognizers = recognizers();
        // What the profile adds is in the profile's own digest.
        let recognizer_digest = recognizers_digest(&recognizers);
        recognizers.extend(of_rules(settings.profile.entities()));
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            store,
            job,
            worker: invocation.worker.id,
            reader: Arc::new(Reader {
                profile: settings.profile,
                recognizers,
                recognizer_digest,
            }),
            threads: settings.concurrency.unwrap_or(cores).max(1),
            selection: settings.selection,
            named: None,
            stop,
            progress,
            counts: ExtractCounts {
                selected,
                ..ExtractCounts::default()
            },
            heartbeat_at: None,
            looked_at: Instant::now(),
            is_cancelled: false,
        }
    }

    fn run(mut self) -> Result<ExtractEnd, Error> {
        let worked = self.pass_sources().and_then(|()| match self.named.take() {
            Some(named) => self.complete_named(&named),
            None => self.complete_texts(),
        });
        if let Err(error) = worked {
            // What stopped the job is the error to tell; it can be resumed either way.
            let _ = self.conclude(Some(&error));
            return Err(error.into());
        }
        let (state, head) = self.conclude(None)?;
        Ok(ExtractEnd {
            job: self.job,
            state,
            head,
            counts: self.counts,
        })
    }

    fn conclude(
        &mut self,
        error: Option<&StoreError>,
    ) -> Result<(JobState, Option<Digest>), StoreError> {
        let result: Json = json!(self.counts);
        let text = error.map(|error| chain_text(error));
        let end = text.as_deref().map_or(WorkEnd::Done, WorkEnd::Failed);
        let at = Timestamp::now();
        self.store
            .conclude_job(self.job, self.worker, &result, end, at)
    }

    /// Takes up every pending pass of the job.
    fn pass_sources(&mut self) -> Result<(), StoreError> {
        let (to_readers, claimed) = sync_channel::<ClaimedPass>(PASSES_IN_FLIGHT);
        let (to_store, read) = sync_channel::<ExtractedSource>(PASSES_IN_FLIGHT);
        let claimed = Arc::new(Mutex::new(claimed));
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                let (claimed, to_store) = (Arc::clone(&claimed), to_store.clone());
                let reader = Arc::clone(&self.reader);
                scope.spawn(move || reader.read_all(&claimed, &to_store));
            }
            drop(to_store);
            let fed = self.feed(to_readers, &read);
            // Readers end when nothing more can come; what they still hold is given back.
            let left: Vec<(Claim, SourceId)> =
                read.iter().map(|one| (one.claim, one.source)).collect();
            fed?;
            self.store.release_passes(&left, &self.reader.profile.name)
        })
    }

    /// Sends claimed passes to the readers and commits what they return, until nothing is left or the
    /// user asks to stop.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "dropping the sender ends the readers"
    )]
    fn feed(
        &mut self,
        to_readers: SyncSender<ClaimedPass>,
        read: &Receiver<ExtractedSource>,
    ) -> Result<(), StoreError> {
        let mut waiting: Vec<ClaimedPass> = Vec::new();
        let mut sizes: HashMap<SourceId, i64> = HashMap::new();
        let most_bytes = BYTES_PER_READER.saturating_mul(self.threads as i64);
        loop {
            if self.is_stopping()? {
                let back: Vec<(Claim, SourceId)> = waiting
                    .drain(..)
                    .map(|pass| (pass.claim, pass.source))
                    .collect();
                self.store
                    .release_passes(&back, &self.reader.profile.name)?;
            } else if waiting.is_empty() {
                let profile = &self.reader.profile.name;
                waiting =
                    self.store
                        .claim_passes(self.job, self.worker, profile, PASSES_PER_CLAIM)?;
                waiting.reverse();
            }
            let mut bytes: i64 = sizes.values().sum();
            while let Some(pass) = waiting.pop() {
                let fits = sizes.len() < PASSES_IN_FLIGHT && bytes + pass.size <= most_bytes;
                if !(fits || sizes.is_empty()) {
                    waiting.push(pass);
                    break;
                }
                bytes += pass.size;
                sizes.insert(pass.source, pass.size);
                // Room for all that may be in flight: a reader that is gone has ended them all.
                if to_readers.send(pass).is_err() {
                    return Ok(());
                }
            }
            if sizes.is_empty() {
                return Ok(());
            }
            let batch = match gather(read, sizes.len()) {
                Ok(batch) => batch,
                Err(RecvTimeoutError::Timeout) => {
                    // One page may take longer than a lease.
                    self.beat()?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            for one in &batch {
                sizes.remove(&one.source);
            }
            self.commit(batch)?;
        }
    }

    /// Says whether the user or another process wants the job to stop.
    fn is_stopping(&mut self) -> Result<bool, StoreError> {
        if !self.is_cancelled && self.looked_at.elapsed() >= LOOK {
            self.looked_at = Instant::now();
            self.is_cancelled = self.store.is_cancelling(self.job)?;
        }
        Ok(self.is_cancelled || self.stop.is_set())
    }

    fn commit(&mut self, batch: Vec<ExtractedSource>) -> Result<(), StoreError> {
        let committed =
            commit_batch_halving(self.store, "store_extractions", &batch, Store::store_passes)?;
        for (extracted, committed) in batch.into_iter().zip(committed) {
            let state = match committed {
                Committed::Stored(()) => Some(extracted.state),
                Committed::ClaimLost => None,
                Committed::Rejected(error) => {
                    self.commit_without(extracted, &chain_text(&error))?
                }
            };
            match state {
                Some(PassState::Done) => self.counts.done += 1,
                Some(PassState::Empty) => self.counts.empty += 1,
                Some(PassState::Failed) => self.counts.failed += 1,
                None => {}
            }
        }
        self.beat()?;
        let done = self.counts.done + self.counts.empty + self.counts.failed;
        (self.progress)(ProgressUpdate {
            done: done.unsigned_abs(),
            failed: self.counts.failed.unsigned_abs(),
            total: Some(self.counts.selected.unsigned_abs()),
            label: "extracting",
            job: Some(self.job),
        });
        Ok(())
    }

    /// Stores what the database refused once more, first without its mentions, then as a failure.
    fn commit_without(
        &mut self,
        mut extracted: ExtractedSource,
        why: &str,
    ) -> Result<Option<PassState>, StoreError> {
        for text in extracted
            .texts
            .iter_mut()
            .filter(|text| text.mention_count() > 0)
        {
            text.refused = Some(why.to_owned());
        }
        let mut failed = extracted.clone();
        failed.state = PassState::Failed;
        failed.texts = Vec::new();
        failed.gaps = vec![Gap::whole(Reason::ExtractStoreRejected, why)];
        for attempt in [extracted, failed] {
            let one = std::slice::from_ref(&attempt);
            let committed =
                commit_batch_halving(self.store, "store_extractions", one, Store::store_passes)?;
            match committed.first() {
                Some(Committed::Stored(())) => return Ok(Some(attempt.state)),
                Some(Committed::Rejected(_)) => {}
                Some(Committed::ClaimLost) | None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Renews the lease when its time has come.
    fn beat(&mut self) -> Result<(), StoreError> {
        if self.heartbeat_at.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
            self.store.heartbeat(self.worker)?;
            self.heartbeat_at = Some(Instant::now());
        }
        Ok(())
    }
}
