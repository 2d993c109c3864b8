//! Where an export goes: standard output, or a file that is there whole or not at all.
//!
//! A file is written under another name beside its own and takes its place when it is whole and on the disk: an
//! export that ends early, however it ends, leaves nothing under the name. Everything that passes is counted and
//! digested.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::cli::exit_code::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{give_name, unnamed};
use crate::model::{Digest, StreamHasher};

/// Where an export goes.
pub enum Target {
    Stdout { has_begun: bool },
    File(FileTarget),
}

/// A file that is not there yet.
pub struct FileTarget {
    path: PathBuf,
    temporary: NamedTempFile,
    force: bool,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub bytes: u64,
    pub digest: Digest,
}

/// An output that counts and digests what passes.
pub struct Counted {
    out: BufWriter<Box<dyn Write + Send>>,
    hasher: StreamHasher,
    bytes: u64,
}

impl Target {
    /// Prepares to write to `path`; without one, to standard output.
    pub fn open(path: Option<&Path>, force: bool) -> Result<Self, Failure> {
        match path {
            None => Ok(Self::Stdout { has_begun: false }),
            Some(path) => FileTarget::open(path, force).map(Self::File),
        }
    }

    /// Begins, or begins anew.
    pub fn begin(&mut self) -> io::Result<Counted> {
        match self {
            Self::Stdout { has_begun } => {
                if std::mem::replace(has_begun, true) {
                    return Err(io::Error::other(
                        "the database's connection was lost when rows had been written already; with -o FILE an \
                         export begins anew",
                    ));
                }
                Ok(Counted::new(io::stdout()))
            }
            Self::File(file) => Ok(Counted::new(file.begin()?)),
        }
    }

    /// Ends: what was written is there for good.
    pub fn commit(self, mut counted: Counted) -> Result<Written, Failure> {
        counted.flush()?;
        let written = Written {
            bytes: counted.bytes,
            digest: counted.hasher.clone().finish(),
        };
        if let Self::File(file) = self {
            drop(counted);
            file.commit()?;
        }
        Ok(written)
    }
}

impl FileTarget {
    /// Prepares to write to `path`.
    pub fn open(path: &Path, force: bool) -> Result<Self, Failure> {
        match path.symlink_metadata() {
            Ok(found) if !found.is_file() => {
                return Err(Failure::new(
                    format!("{} is no regular file", path.display()),
                    Exit::CouldNot,
                )
                .hint("name a file with -o FILE"));
            }
            Ok(_) if !force => return Err(exists(path)),
            _ => {}
        }
        Ok(Self {
            path: path.to_owned(),
            temporary: unnamed(path).map_err(|error| cannot_write(path, &error))?,
            force,
        })
    }

    /// Begins, or begins anew.
    pub fn begin(&mut self) -> io::Result<File> {
        let file = self.temporary.as_file_mut();
        file.set_len(0)?;
        file.rewind()?;
        file.try_clone()
    }

    /// Where the file is until it has its name.
    pub fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives the file its name.
    pub fn commit(self) -> Result<(), Failure> {
        let path = self.path;
        give_name(self.temporary, &path, self.force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => cannot_write(&path, &error),
        })
    }
}

fn exists(path: &Path) -> Failure {
    Failure::new(
        format!("{} is there already", path.display()),
        Exit::CouldNot,
    )
    .hint("name another file with -o FILE, or add --force to replace it")
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}", path.display()), Exit::CouldNot)
        .because([error.to_string()])
        .hint("check that the folder exists, may be written and has room")
}

impl Counted {
    fn new(out: impl Write + Send + 'static) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, Box::new(out)),
            hasher: StreamHasher::default(),
            bytes: 0,
        }
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
