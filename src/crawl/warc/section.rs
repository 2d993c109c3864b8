//! A stretch of a file, read as if it were one, and the file that holds what had to be unpacked.
//!
//! Owns nothing but the window: several readers share the file behind it, each with a position of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::measure::spare;

/// A window on an open file.
#[derive(Debug, Clone)]
pub(in crate::crawl) struct Section {
    file: Arc<Mutex<File>>,
    start: u64,
    length: u64,
    at: u64,
    /// How much of what is packed in it is unpacked, however little it is packed.
    spare: u64,
}

impl Section {
    /// The whole of `file`.
    pub(in crate::crawl) fn whole(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            start: 0,
            length,
            at: 0,
            spare: u64::MAX,
        })
    }

    /// The same window for a job that keeps `max_body` bytes of a body.
    pub(in crate::crawl) fn measured(self, max_body: u64) -> Self {
        let spare = spare(max_body);
        Self { spare, ..self }
    }

    /// The `length` bytes from `start` on, as far as the file has them.
    pub(super) fn part(&self, start: u64, length: u64) -> Self {
        let start = start.min(self.length);
        Self {
            file: Arc::clone(&self.file),
            start: self.start + start,
            length: length.min(self.length - start),
            at: 0,
            spare: self.spare,
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns how far it was read.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    pub(super) fn spare(&self) -> u64 {
        self.spare
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let wanted = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.start + self.at))?;
        let count = file.read(&mut buffer[..wanted])?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// What is copied at a time.
const STEP: usize = 64 * 1024;

/// A temporary file without a name for all that is unpacked: one file, because a process may have few open.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    whole: Mutex<Option<Section>>,
    /// What went wrong first.
    failure: OnceLock<(io::ErrorKind, String)>,
}

impl Scratch {
    /// Returns why something could not be kept: the device is full, or there is no folder for the file.
    pub(super) fn failure(&self) -> Option<io::Error> {
        let (kind, text) = self.failure.get()?;
        Some(io::Error::new(*kind, text.as_str()))
    }

    /// Keeps what `text` holds, up to its end or to the error that breaks it, which is given back. `Err` is
    /// the temporary file's.
    pub(super) fn keep(&self, text: &mut dyn Read) -> io::Result<(Section, Option<io::Error>)> {
        self.append(text).inspect_err(|error| {
            let _ = self.failure.set((error.kind(), error.to_string()));
        })
    }

    fn append(&self, text: &mut dyn Read) -> io::Result<(Section, Option<io::Error>)> {
        let mut scratch = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = match &mut *scratch {
            Some(whole) => whole,
            none => none.insert(Section::whole(tempfile::tempfile()?)?),
        };
        let start = whole.length;
        let mut step = vec![0; STEP];
        let broken = loop {
            let count = match text.read(&mut step) {
                Ok(0) => break None,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Some(error),
            };
            let mut file = whole.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(whole.length))?;
            file.write_all(&step[..count])?;
            drop(file);
            whole.length += count as u64;
        };
        Ok((whole.part(start, whole.length - start), broken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_while_more_is_added() {
        let scratch = Scratch::default();
        let read = |mut section: Section| {
            let mut text = String::new();
            section.read_to_string(&mut text).map(|_| text)
        };
        let (one, broken) = scratch.keep(&mut "one".as_bytes()).unwrap();
        assert!(broken.is_none());
        let (none, _) = scratch.keep(&mut io::empty()).unwrap();
        let long = "two ".repeat(50_000);
        let (two, _) = scratch.keep(&mut long.as_bytes()).unwrap();
        assert_eq!(read(one.clone()).unwrap(), "one");
        assert_eq!(read(none).unwrap(), "");
        assert_eq!(read(two).unwrap(), long);
        assert_eq!(read(one).unwrap(), "one");
    }
}
