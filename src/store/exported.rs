//! The record of exports: what was taken away, and the digest by which it is known again.

use serde_json::{Value as Json, json};

use super::Store;
use super::error::Result;
use super::events::Invocation;
use crate::model::{Digest, Event, EventKind, JobId, Timestamp};

/// An export that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExport {
    /// The kind of rows, or of document.
    pub what: String,
    pub format: String,
    /// The job that it is of, where it is not of all.
    pub job: Option<JobId>,
    pub rows: u64,
    pub bytes: u64,
    /// The SHA-256 of the file.
    pub digest: Digest,
}

impl Store {
    /// Records an export as an event of a run of its own.
    pub fn record_export(
        &mut self,
        export: &NewExport,
        invocation: &Invocation,
        at: Timestamp,
    ) -> Result<()> {
        let payload = json!({
            "what": export.what,
            "format": export.format,
            "job_id": export.job,
            "rows": export.rows,
            "bytes": export.bytes,
            "digest": export.digest,
        });
        self.transaction("record_export", |store| {
            store.open_run(&invocation.run(None, &Json::Null, at))?;
            store.record(&Event {
                kind: EventKind::Exported,
                source_uri: None,
                payload: payload.clone(),
                at,
            })?;
            store.close_run(at)?;
            Ok(())
        })
    }
}
