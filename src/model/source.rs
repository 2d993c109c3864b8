//! Sources: what was found at a URI, in its current version.

use serde::Serialize;

use super::job::words;
use super::{Digest, JobId, SourceId, Timestamp};

words! {
    /// What fetching a source again showed.
    SourceChange {
        /// Stored for the first time.
        New = "new",
        /// Its content differs from what was stored.
        Changed = "changed",
        /// Its content is what was stored.
        Unchanged = "unchanged",
    }
}

/// A row of `sources`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    pub id: SourceId,
    pub uri: String,
    pub source_group: String,
    pub title: Option<String>,
    pub media_type: Option<String>,
    pub body_digest: Option<Digest>,
    /// Bytes of the current body, after content decoding.
    pub body_size: Option<i64>,
    pub status: Option<i64>,
    pub fetched_at: Option<Timestamp>,
    /// The job that stored it first; `None` when that job was deleted or is from before tracking.
    pub created_by_job_id: Option<JobId>,
    /// The job whose fetch stored the current content.
    pub content_job_id: Option<JobId>,
}
