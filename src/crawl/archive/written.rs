//! Which payloads stand in an archive already, so that a second one is only referred to.
//!
//! Exact: a digest is known once the record that holds its payload is committed, and what it says of that
//! record is read from the index, never guessed. A digest and a place are kept in memory, not the URL.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::index::Members;
use crate::model::Digest;

/// The payloads that are committed, by digest.
#[derive(Debug)]
pub(super) struct Written {
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    /// Where the capture's line begins in the index. A prefix of the digest is enough of a key: the line
    /// holds all of it.
    lines: HashMap<u64, u64>,
    /// Opened apart from the handle that is written through, which has its own position.
    index: File,
}

/// The capture that a later one refers to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) uri: String,
    pub(super) date: String,
}

impl Written {
    /// Reads the index at `path`, whose first `length` bytes are committed.
    pub(super) fn read(path: &Path, length: u64) -> io::Result<Self> {
        let index = File::open(path)?;
        let mut reader = BufReader::new(&index);
        let mut lines = HashMap::new();
        let mut at = 0;
        let mut line = String::new();
        while at < length {
            line.clear();
            let read = reader.read_line(&mut line)? as u64;
            if read == 0 {
                break;
            }
            if let Some(digest) = Members::of_line(&line).and_then(|members| members.referable()) {
                lines.entry(digest.prefix()).or_insert(at);
            }
            at += read;
        }
        Ok(Self {
            known: Mutex::new(Known { lines, index }),
        })
    }

    /// Takes committed captures in: digest and place of the line.
    pub(super) fn add(&self, captures: impl IntoIterator<Item = (Digest, u64)>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (digest, at) in captures {
            known.lines.entry(digest.prefix()).or_insert(at);
        }
    }

    /// Returns the capture that holds the payload with this digest. An index that cannot be read costs
    /// room, not truth: the payload is then written again.
    pub(super) fn origin(&self, digest: &Digest) -> Option<Origin> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = *known.lines.get(&digest.prefix())?;
        known.index.seek(SeekFrom::Start(at)).ok()?;
        let mut line = String::new();
        BufReader::new(&known.index).read_line(&mut line).ok()?;
        let members = Members::of_line(&line)?;
        (members.referable()? == *digest).then_some(Origin {
            uri: members.url,
            date: members.date,
        })
    }
}
