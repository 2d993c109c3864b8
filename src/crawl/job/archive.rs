//! The archive of a job: appended to with each commit, and never ahead of it for good.
//!
//! Records are appended, and on the disk, before the transaction ends that stores their pages and the new
//! lengths of the files. The lengths in the database decide what counts: what a transaction that was given
//! up has appended is cut off before anything else is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::crawl::archive::{ArchiveError, ArchiveWriter, Lengths, Record, Recorder};
use crate::crawl::{CrawlSettings, Error};
use crate::model::{JobId, PageResult, UriKey};
use crate::store::{self, Store};

/// A job's archive while the job runs.
pub(super) struct Archive {
    job: JobId,
    writer: ArchiveWriter,
    recorder: Arc<Recorder>,
    /// Records that belong to no page, until they are committed.
    others: Vec<Record>,
    /// Records of the pages that are being committed.
    pages: HashMap<UriKey, Vec<Record>>,
}

impl Archive {
    /// Begins the archive of a new job, if its settings name one.
    pub(super) fn begin(settings: &CrawlSettings, job: JobId) -> Result<Option<Self>, Error> {
        Self::open(settings, job, |_| Ok(None))
    }

    /// Takes the archive of a job on; what was appended and not committed is cut off.
    pub(super) fn take_on(
        settings: &CrawlSettings,
        job: JobId,
        store: &mut Store,
    ) -> Result<Option<Self>, Error> {
        Self::open(settings, job, |_| {
            let row = store.archive(job)?;
            Ok(row.map(|row| Lengths {
                archive: row.length,
                index: row.index_length,
            }))
        })
    }

    fn open(
        settings: &CrawlSettings,
        job: JobId,
        committed: impl FnOnce(&Path) -> Result<Option<Lengths>, Error>,
    ) -> Result<Option<Self>, Error> {
        let Some(path) = settings.warc.as_deref().map(Path::new) else {
            return Ok(None);
        };
        let writer = ArchiveWriter::open(path, committed(path)?)?;
        let recorder = Recorder::new(settings, job, &writer)
            .map_err(|source| ArchiveError::of(path, source))?;
        Ok(Some(Self {
            job,
            writer,
            recorder: Arc::new(recorder),
            others: Vec::new(),
            pages: HashMap::new(),
        }))
    }

    /// Returns what makes the records.
    pub(super) fn recorder(&self) -> Arc<Recorder> {
        Arc::clone(&self.recorder)
    }

    /// Appends the records of `pages`, inside the transaction that stores them.
    pub(super) fn append(&mut self, store: &mut Store, pages: &[PageResult]) -> store::Result<()> {
        self.settle(store)?;
        let others = self.recorder.take_others();
        self.others
            .extend(others.map_err(|source| self.told(source))?);
        for page in pages {
            let key = page.entry.key;
            let recorder = &self.recorder;
            self.pages
                .entry(key)
                .or_insert_with(|| recorder.take_page(key));
        }
        let of_pages = pages
            .iter()
            .filter_map(|page| self.pages.get(&page.entry.key));
        let records = self.others.iter().chain(of_pages.flatten());
        self.writer.append(records).map_err(into_store)?;
        let lengths = self.writer.sync().map_err(into_store)?;
        store.set_archive_lengths(self.job, lengths.archive, lengths.index)
    }

    /// Notes that a batch of pages has come to its end, stored or not.
    pub(super) fn end_batch(&mut self, store: &mut Store) -> store::Result<()> {
        self.settle(store)?;
        self.pages.clear();
        Ok(())
    }

    /// Writes what belongs to no page, and sorts the index.
    pub(super) fn finish(mut self, store: &mut Store) -> Result<(), Error> {
        store
            .transaction("store_archive", |store| self.append(store, &[]))
            .and_then(|()| self.settle(store))
            .map_err(Self::failure)?;
        Ok(self.writer.close()?)
    }

    /// Brings the files in line with the database: what was appended last is kept if its transaction was
    /// committed, and cut off if not.
    fn settle(&mut self, store: &mut Store) -> store::Result<()> {
        let row = store.archive(self.job)?;
        let committed = row.map(|row| Lengths {
            archive: row.length,
            index: row.index_length,
        });
        if committed == Some(self.writer.appended()) {
            if self.writer.commit() {
                self.others.clear();
            }
            Ok(())
        } else {
            self.writer.roll_back().map_err(into_store)
        }
    }

    fn told(&self, source: std::io::Error) -> store::Error {
        store::Error::File {
            path: self.writer.path().to_owned(),
            source,
        }
    }
}

impl Archive {
    /// Tells a failed commit as what it is: the database had no part in a file that cannot be written.
    pub(super) fn failure(error: store::Error) -> Error {
        match error {
            store::Error::File { path, source } => ArchiveError::File { path, source }.into(),
            other => other.into(),
        }
    }
}

/// An archive that cannot be written gives a transaction up, and is told as what it is.
fn into_store(error: ArchiveError) -> store::Error {
    match error {
        ArchiveError::File { path, source } => store::Error::File { path, source },
        other => store::Error::File {
            path: other.path().to_owned(),
            source: std::io::Error::other(other.to_string()),
        },
    }
}
