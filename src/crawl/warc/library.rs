//! The archives of a job, opened once and read at many places.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::measure::is_excess;
use super::section::Scratch;
use super::unpacked::Unpacked;
use super::wacz::Contents;
use super::{Opened, Place, Section, Wacz};
use crate::crawl::Error;

/// Archives that are held open: enough for a job of some files not to open each for each record, and few
/// enough for one of many not to run out of what a process may open.
const MOST_OPEN: usize = 16;

/// From here on a packed member is unpacked into a temporary file, because each record in it would have
/// to be reached from its beginning anew.
const FARTHEST_PASS: u64 = 1 << 20;

/// An archive in a file, or in a member of a WACZ file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::crawl) struct Name {
    pub(in crate::crawl) path: PathBuf,
    pub(in crate::crawl) member: Option<String>,
}

impl Name {
    /// Says whether the name is one of a packed archive.
    pub(in crate::crawl) fn is_packed(&self) -> bool {
        let named = self
            .member
            .as_deref()
            .map_or(self.path.as_path(), Path::new);
        named
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
    }
}

/// A gzip member's unpacked text, once somebody has unpacked it.
type Slot = Arc<Mutex<Option<Section>>>;

/// Archives that are open.
#[derive(Debug)]
pub(in crate::crawl) struct Library {
    /// How many bytes of a body the job keeps.
    max_body: u64,
    open: Mutex<HashMap<Name, Section>>,
    /// Of members of WACZ files that are packed, the text and what broke it off.
    members: Mutex<HashMap<Name, Unzipped>>,
    unpacked: Mutex<HashMap<(Name, u64), Slot>>,
    scratch: Scratch,
}

#[derive(Debug, Clone)]
struct Unzipped {
    text: Section,
    broken: Option<Broken>,
}

/// What broke an archive off that had to be unpacked.
#[derive(Debug, Clone)]
pub(in crate::crawl) struct Broken {
    pub(in crate::crawl) error: String,
    /// Whether it was not unpacked any further, because it had grown too much.
    pub(in crate::crawl) is_excess: bool,
}

impl Library {
    /// Opens nothing yet, for a job that keeps `max_body` bytes of a body.
    pub(in crate::crawl) fn new(max_body: u64) -> Self {
        Self {
            max_body,
            open: Mutex::default(),
            members: Mutex::default(),
            unpacked: Mutex::default(),
            scratch: Scratch::default(),
        }
    }

    /// Opens an archive.
    pub(in crate::crawl) fn section(&self, name: &Name) -> io::Result<Section> {
        let mut open = lock(&self.open);
        if let Some(section) = open.get(name) {
            return Ok(section.clone());
        }
        let mut members = lock(&self.members);
        if let Some(member) = members.get(name) {
            return Ok(member.text.clone());
        }
        let whole = Section::whole(File::open(&name.path)?)?.measured(self.max_body);
        let section = match &name.member {
            None => whole,
            Some(member) => match Wacz::open(whole)?.member(member, &self.scratch)? {
                // Both locks are held meanwhile, so that it is unpacked once.
                Contents::Packed(text, broken) => {
                    let broken = broken.map(|error| Broken {
                        error: error.to_string(),
                        is_excess: is_excess(&error),
                    });
                    let member = Unzipped { text, broken };
                    members.insert(name.clone(), member.clone());
                    return Ok(member.text);
                }
                Contents::Stored(text) => text,
            },
        };
        if open.len() >= MOST_OPEN {
            open.clear();
        }
        open.insert(name.clone(), section.clone());
        Ok(section)
    }

    /// Returns what broke an archive off that was opened.
    pub(in crate::crawl) fn broken(&self, name: &Name) -> Option<Broken> {
        lock(&self.members).get(name)?.broken.clone()
    }

    /// Returns why something could not be unpacked, when no archive is to blame for it.
    pub(in crate::crawl) fn failure(&self) -> Option<Error> {
        let source = self.scratch.failure()?;
        let folder = std::env::temp_dir();
        Some(Error::Unpack { folder, source })
    }

    /// Opens the record at a place; `length` replaces what its head says of its block's length.
    pub(in crate::crawl) fn record(
        &self,
        name: &Name,
        place: Place,
        length: Option<u64>,
    ) -> io::Result<Opened> {
        let section = self.section(name)?;
        let packed = Unpacked::is_packed(&section, name.is_packed())?;
        let text = if place.inner > FARTHEST_PASS {
            let section = self.unpacked(name, section, place.offset)?;
            Unpacked::open(section, false, place.inner)?
        } else {
            let mut text = Unpacked::open(section, packed, place.offset)?;
            text.return_to(place)?;
            text
        };
        Opened::read(text, length)
    }

    /// Unpacks a member that holds much more than one record, as far as it goes.
    fn unpacked(&self, name: &Name, section: Section, offset: u64) -> io::Result<Section> {
        let place = (name.clone(), offset);
        let slot = Arc::clone(lock(&self.unpacked).entry(place).or_default());
        let mut slot = lock(&slot);
        if let Some(section) = &*slot {
            return Ok(section.clone());
        }
        let mut text = Unpacked::open(section, true, offset)?;
        // A member that breaks off is read up to there; what a record lacks shows when it is read.
        let (section, _) = self.scratch.keep(&mut text)?;
        *slot = Some(section.clone());
        Ok(section)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
