//! The two files of an archive, the records and their index, and how much of them is committed.
//!
//! Owns the files. What is appended stands there for good only when the caller has written the new lengths
//! into the database and says so; until then it can be taken back, and a process that dies leaves no more
//! than a tail behind the committed lengths, which the next one cuts off.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::index;
use super::written::Written;
use super::{ArchiveError, Record};
use crate::model::Digest;

/// Bytes of the two files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lengths {
    pub archive: u64,
    pub index: u64,
}

/// An archive that is being written.
#[derive(Debug)]
pub struct ArchiveWriter {
    path: PathBuf,
    index_path: PathBuf,
    name: String,
    archive: File,
    index: File,
    committed: Lengths,
    appended: Lengths,
    /// Whether something may stand behind the committed lengths.
    has_tail: bool,
    /// Payloads that were appended and not committed: digest and place in the index.
    captures: Vec<(Digest, u64)>,
    written: Arc<Written>,
}

impl ArchiveWriter {
    /// Opens the archive at `path` and its index beside it; `committed` says how much of an earlier run's
    /// work counts, and the rest is cut off. Without it both files must be missing or empty.
    ///
    /// The file stays locked for other processes while this value lives.
    pub fn open(path: &Path, committed: Option<Lengths>) -> Result<Self, ArchiveError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| ArchiveError::NotAFile(path.to_owned()))?;
        let index_path = index_path(path);
        for (path, length) in [
            (path, committed.map(|committed| committed.archive)),
            (&index_path, committed.map(|committed| committed.index)),
        ] {
            check(path, length)?;
        }
        let committed = committed.unwrap_or_default();
        let archive = open(path)?;
        match archive.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(ArchiveError::InUse(path.to_owned())),
            // Some network file systems have no locks; the database's claims still tell late workers.
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        let index = open(&index_path)?;
        let written = Written::read(&index_path, committed.index);
        let written = written.map_err(|error| ArchiveError::of(&index_path, error))?;
        let mut writer = Self {
            path: path.to_owned(),
            index_path,
            name: name.to_owned(),
            archive,
            index,
            committed,
            appended: committed,
            has_tail: true,
            captures: Vec::new(),
            written: Arc::new(written),
        };
        writer.cut()?;
        sync_folder(path);
        Ok(writer)
    }

    /// The path of the archive.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The lengths with what was appended and not committed.
    pub fn appended(&self) -> Lengths {
        self.appended
    }

    /// The file's name, without its folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn written(&self) -> Arc<Written> {
        Arc::clone(&self.written)
    }

    /// Appends `records`. When it fails, what it has written can be taken back.
    pub fn append<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<(), ArchiveError> {
        let mut lines = String::new();
        self.has_tail = true;
        for record in records {
            let length = record.bytes.len() as u64;
            if let Some(capture) = &record.capture {
                let at = self.appended.index + lines.len() as u64;
                lines.push_str(&capture.line(self.appended.archive, length, &self.name));
                self.captures
                    .extend(record.payload.map(|payload| (payload, at)));
            }
            self.archive
                .write_all(&record.bytes)
                .map_err(|error| ArchiveError::of(&self.path, error))?;
            self.appended.archive += length;
        }
        self.index
            .write_all(lines.as_bytes())
            .map_err(|error| ArchiveError::of(&self.index_path, error))?;
        self.appended.index += lines.len() as u64;
        Ok(())
    }

    /// Waits until what was appended is on the disk; returns the lengths to commit.
    pub fn sync(&mut self) -> Result<Lengths, ArchiveError> {
        if self.has_tail {
            for (file, path) in [(&self.archive, &self.path), (&self.index, &self.index_path)] {
                file.sync_data()
                    .map_err(|error| ArchiveError::of(path, error))?;
            }
        }
        Ok(self.appended)
    }

    /// Takes note that the lengths which `sync` returned stand in the database; says whether that is news.
    pub fn commit(&mut self) -> bool {
        let is_news = self.has_tail;
        self.committed = self.appended;
        self.has_tail = false;
        self.written.add(self.captures.drain(..));
        is_news
    }

    /// Takes back what was appended and not committed.
    pub fn roll_back(&mut self) -> Result<(), ArchiveError> {
        if self.has_tail {
            self.cut()?;
        }
        Ok(())
    }

    /// Ends the work on the archive: takes back what is not committed and sorts the index, whose length
    /// stays what it is.
    pub fn close(mut self) -> Result<(), ArchiveError> {
        self.roll_back()?;
        index::sort(&self.index_path).map_err(|error| ArchiveError::of(&self.index_path, error))?;
        sync_folder(&self.index_path);
        Ok(())
    }

    fn cut(&mut self) -> Result<(), ArchiveError> {
        let committed = self.committed;
        for (file, length, path) in [
            (&mut self.archive, committed.archive, &self.path),
            (&mut self.index, committed.index, &self.index_path),
        ] {
            file.set_len(length)
                .and_then(|()| file.seek(SeekFrom::Start(length)))
                .map_err(|error| ArchiveError::of(path, error))?;
        }
        self.appended = committed;
        self.captures.clear();
        self.has_tail = false;
        Ok(())
    }
}

/// Returns the path of the index that lies beside the archive at `path`.
pub fn index_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".cdxj");
    PathBuf::from(name)
}

/// Refuses a file that holds something else, or less than was committed.
fn check(path: &Path, committed: Option<u64>) -> Result<(), ArchiveError> {
    let length = match path.metadata() {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err(ArchiveError::NotAFile(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(ArchiveError::of(path, error)),
    };
    match committed {
        None if length > 0 => Err(ArchiveError::Exists(path.to_owned())),
        Some(committed) if length < committed => Err(ArchiveError::Short {
            path: path.to_owned(),
            length,
            committed,
        }),
        _ => Ok(()),
    }
}

fn open(path: &Path) -> Result<File, ArchiveError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
        .open(path)
        .map_err(|error| ArchiveError::of(path, error))
}

/// A new name outlives a power cut only when its folder is on the disk, too. Where folders cannot be
/// opened they need not be.
fn sync_folder(path: &Path) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}
