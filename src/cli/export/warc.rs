//! Stored contents as a web archive, with the index that replay needs beside it.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::cli::arguments::GlobalArguments;
use crate::cli::exit_code::Exit;
use crate::cli::failure::Failure;
use crate::cli::stderr::note;
use crate::crawl::{CopyWriter, StoredCopy, index_path, sort_index};
use crate::model::{JobId, Timestamp};
use crate::report::{self, CopySink};
use crate::store::{SourceCopy, Store};

use super::Exported;
use super::target::{Counted, FileTarget, Target};

/// Writes the current contents of sources; of those that a job created or changed last, if asked.
pub(super) fn write(
    global: &GlobalArguments,
    store: &mut Store,
    job: Option<JobId>,
    (path, force): (Option<&Path>, bool),
) -> Result<Exported, Failure> {
    let named = path.and_then(|path| Some((path, path.file_name()?.to_str()?)));
    let Some((path, name)) = named else {
        let message = "an archive is two files, itself and its index";
        return Err(Failure::new(message, Exit::Usage).hint("toolkit export warc -o pages.warc.gz"));
    };
    let mut copies = Copies {
        target: Target::open(Some(path), force)?,
        index: FileTarget::open(&index_path(path), force)?,
        name,
        stable: global.stable,
        writer: None,
        copied: 0,
        missing: 0,
    };
    report::copies(store, job, &mut copies)?;
    let missing = || io::Error::other("no archive was begun");
    let (counted, lines) = copies.writer.take().ok_or_else(missing)?.finish()?;
    drop(lines);
    sort_index(copies.index.temporary_path())?;
    copies.index.commit()?;
    let written = copies.target.commit(counted)?;
    if copies.missing > 0 {
        let told = format!(
            "{} sources are not in it, because their contents are kept no more",
            copies.missing
        );
        note(global, &told);
    }
    Ok(Exported {
        what: "warc",
        format: "warc",
        rows: copies.copied,
        written,
    })
}

/// Contents on their way into an archive.
struct Copies<'a> {
    target: Target,
    index: FileTarget,
    name: &'a str,
    stable: bool,
    writer: Option<CopyWriter<Counted, BufWriter<File>>>,
    copied: u64,
    missing: u64,
}

impl CopySink for Copies<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.writer = None;
        (self.copied, self.missing) = (0, 0);
        let archive = self.target.begin()?;
        let index = BufWriter::new(self.index.begin()?);
        let at = self.time(Timestamp::now());
        self.writer = Some(CopyWriter::new(self.name, at, archive, index)?);
        Ok(())
    }

    fn copy(
        &mut self,
        source: &SourceCopy,
        created_by: Option<i64>,
        brought_by: Option<i64>,
    ) -> io::Result<()> {
        let (Some(bytes), Some(digest)) = (&source.content, source.body_digest) else {
            self.missing += 1;
            return Ok(());
        };
        let job_id = |id: Option<JobId>| id.filter(|_| !self.stable).map(|id| id.to_string());
        let notes: Vec<(&'static str, String)> = [
            ("status", source.status.map(|status| status.to_string())),
            ("charset", source.charset.clone()),
            ("createdByJob", created_by.map(|job| job.to_string())),
            ("contentJob", brought_by.map(|job| job.to_string())),
            ("createdByJobId", job_id(source.created_by_job)),
            ("contentJobId", job_id(source.content_job)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
        let copy = StoredCopy {
            uri: &source.uri,
            // Of rows from before tracking nobody knows when.
            fetched_at: self.time(source.fetched_at.unwrap_or(Timestamp::from_microseconds(0))),
            media_type: source
                .media_type
                .as_deref()
                .unwrap_or("application/octet-stream"),
            digest,
            bytes,
            is_cut: source.is_cut,
            notes: &notes,
        };
        self.copied += 1;
        let missing = || io::Error::other("no archive was begun");
        self.writer.as_mut().ok_or_else(missing)?.copy(&copy)
    }
}

impl Copies<'_> {
    /// The time that a record names, which it must: with `--stable` the same for all.
    fn time(&self, at: Timestamp) -> Timestamp {
        if self.stable {
            Timestamp::from_microseconds(0)
        } else {
            at
        }
    }
}
