//! Stored contents with what is known of each, one at a time, by group and URI.
//!
//! Holds the ids of the sources, 16 bytes each, and one content: a query that sorts contents would write all of them
//! to the disk once more.

use std::io;

use crate::model::{JobId, SourceId};
use crate::report::ledger::Ledger;
use crate::store::{Error, Result, SourceCopy, Store};

/// Takes stored contents.
pub trait CopySink {
    /// Begins; also anew, when the connection was lost on the way: what came before counts no more.
    fn begin(&mut self) -> io::Result<()>;

    /// Takes the next source; its content is `None` where it is kept no more. With the numbers of the job that
    /// created it and of the one that brought this content.
    fn copy(
        &mut self,
        source: &SourceCopy,
        created_by: Option<i64>,
        brought_by: Option<i64>,
    ) -> io::Result<()>;
}

/// Hands the current contents of sources on: of all, or of those that a job created or changed last.
pub fn copies(store: &mut Store, job: Option<JobId>, sink: &mut dyn CopySink) -> Result<()> {
    store.snapshot(|store| {
        sink.begin().map_err(Error::Output)?;
        let ledger = Ledger::read(store)?;
        let mut ids: Vec<SourceId> = Vec::new();
        store.source_list(job, None, &mut |row| {
            ids.push(row.id);
            Ok(())
        })?;
        for id in ids {
            let Some(copy) = store.source_copy(id)? else {
                continue;
            };
            let number = |job: Option<JobId>| job.and_then(|job| ledger.number(job));
            let (created, brought) = (number(copy.created_by_job), number(copy.content_job));
            sink.copy(&copy, created, brought).map_err(Error::Output)?;
        }
        Ok(())
    })
}
