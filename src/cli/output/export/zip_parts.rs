//! Files that go into one zip file, one after the other, each counted and digested.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::Output;
use crate::model::{Digest, StreamHasher};

/// How every file of a zip file is written: at a fixed time, or equal files would not give equal bytes.
pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .large_file(true)
}

/// A zip file that is being written; its clones are the same.
pub struct ZipParts<W: Output>(Arc<Mutex<Option<ZipWriter<StreamWriter<W>>>>>);

/// The file in it that is being written.
pub struct ZipPart<W: Output> {
    parts: ZipParts<W>,
    hasher: StreamHasher,
    bytes: u64,
}

impl<W: Output> Clone for ZipParts<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Output> ZipParts<W> {
    /// Begins a zip file.
    pub fn new(out: W) -> Self {
        Self(Arc::new(Mutex::new(Some(ZipWriter::new_stream(out)))))
    }

    /// Begins a file in it, which ends the one before.
    pub fn begin(&self, name: &str) -> io::Result<ZipPart<W>> {
        self.with(|zip| zip.start_file(name, options()).map_err(io::Error::from))?;
        Ok(ZipPart {
            parts: self.clone(),
            hasher: StreamHasher::default(),
            bytes: 0,
        })
    }

    /// Ends the zip file and returns what it was written to.
    pub fn finish(&self) -> io::Result<W> {
        let zip = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let zip = zip.ok_or_else(is_over)?;
        let mut out = zip.finish().map_err(io::Error::from)?.into_inner();
        out.flush()?;
        Ok(out)
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut ZipWriter<StreamWriter<W>>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut zip = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(zip.as_mut().ok_or_else(is_over)?)
    }
}

fn is_over() -> io::Error {
    io::Error::other("the zip file is finished")
}

impl<W: Output> ZipPart<W> {
    /// Returns how many bytes were written, and their digest.
    pub fn finish(self) -> (u64, Digest) {
        (self.bytes, self.hasher.finish())
    }
}

impl<W: Output> Write for ZipPart<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.parts.with(|zip| zip.write_all(bytes))?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
