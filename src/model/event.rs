//! Runs and events: the append-only record that outlives what it speaks of.

use serde::Serialize;
use serde_json::Value;

use super::job::words;
use super::{Digest, Hasher, JobId, JobKind, RunId, Timestamp, WorkerId, canonical_json};

words! {
    /// What happened.
    EventKind {
        /// A run began; names the heads of runs closed since the last one began.
        RunOpened = "run_opened",
        /// A run ended.
        RunClosed = "run_closed",
        /// A job was taken on again.
        JobResumed = "job_resumed",
        /// A job reached an end; carries its balance.
        JobEnded = "job_ended",
        /// A job was deleted; carries its identity, its balance and what it refused.
        JobDeleted = "job_deleted",
        /// URLs that a deleted job did not store, with their reasons; several when there are many.
        JobRefusals = "job_refusals",
        /// A source was stored for the first time.
        SourceCreated = "source_created",
        /// A source's content was replaced by a newer one.
        SourceChanged = "source_changed",
        /// A source was fetched and is what was stored.
        SourceUnchanged = "source_unchanged",
        /// A stored source is another name of its canonical URL's, whose content agrees.
        SourceAliased = "source_aliased",
        /// A URL redirects to another.
        UrlAliased = "url_aliased",
        /// A URL was not stored, by a decision or a limit made when its turn came.
        UrlSkipped = "url_skipped",
        /// A URL should have been stored and could not be.
        UrlFailed = "url_failed",
        /// A job took up its sources.
        SourcesSelected = "sources_selected",
        /// A source was extracted.
        SourceExtracted = "source_extracted",
        /// A source could not be extracted.
        ExtractionFailed = "extraction_failed",
        /// An extraction was replaced or removed; carries what it held, shortened.
        ExtractionSuperseded = "extraction_superseded",
        /// An extraction's entities were taken up again from its stored text.
        EntitiesExtracted = "entities_extracted",
        /// A user said that two entities are one; carries both.
        EntityMerged = "entity_merged",
        /// What is stored was written for others; carries what it was and the digest of the file.
        Exported = "exported",
        /// Bodies that no source had as its current content were dropped; carries their digests and sizes.
        BodiesDropped = "bodies_dropped",
        /// A source's content was taken away on request; carries digests, counts and which payloads went.
        SourceErased = "source_erased",
    }
}

/// A row of `runs`: one worker's attempt at one job, described once and never changed but to close it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    pub id: RunId,
    /// A copy, not a key: it stays when the job goes.
    pub job_id: Option<JobId>,
    pub job_kind: Option<JobKind>,
    pub worker_id: WorkerId,
    pub host: String,
    pub process: i64,
    pub program_version: String,
    /// As typed, without secrets.
    pub command_line: String,
    pub configuration_digest: Digest,
    pub started_at: Timestamp,
}

/// A row of `events`, not yet chained.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub kind: EventKind,
    /// The URI it speaks of, if it speaks of one.
    pub source_uri: Option<String>,
    pub payload: Value,
    pub at: Timestamp,
}

impl Event {
    /// Returns the payload's stored text and its digest.
    pub fn sealed_payload(&self) -> (String, Digest) {
        let text = canonical_json(&self.payload);
        let digest = Digest::of(&text);
        (text, digest)
    }

    /// Returns the digest that chains an event to the one before it.
    ///
    /// It covers the payload's digest and not the payload, so a payload can be erased on request and the
    /// chain still verifies.
    pub fn chained(
        run: RunId,
        sequence: i64,
        kind: &str,
        source_uri: Option<&str>,
        at: Timestamp,
        payload: Digest,
        previous: Digest,
    ) -> Digest {
        Hasher::default()
            .part(previous.to_string())
            .part(run.to_string())
            .part(sequence.to_string())
            .part(kind)
            .part(source_uri.unwrap_or(""))
            .part(at.to_string())
            .part(payload.to_string())
            .finish()
    }
}
