//! The archives of a job, opened once and read at many places.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::unpacked::Unpacked;
use super::{Opened, Place, Section, Wacz};

/// Archives that are held open; the least that keeps a job of many files from opening each for each record.
const MOST_OPEN: usize = 32;

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

/// A member's unpacked text, once somebody has unpacked it.
type Slot = Arc<Mutex<Option<Section>>>;

/// Archives that are open.
#[derive(Debug, Default)]
pub(in crate::crawl) struct Library {
    open: Mutex<HashMap<Name, Section>>,
    unpacked: Mutex<HashMap<(Name, u64), Slot>>,
}

impl Library {
    /// Opens an archive.
    pub(in crate::crawl) fn section(&self, name: &Name) -> io::Result<Section> {
        // Held while a member is unpacked, so that it is unpacked once.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(section) = open.get(name) {
            return Ok(section.clone());
        }
        let whole = Section::whole(File::open(&name.path)?)?;
        let section = match &name.member {
            None => whole,
            Some(member) => Wacz::open(whole)?.section(member)?,
        };
        if open.len() >= MOST_OPEN {
            open.clear();
        }
        open.insert(name.clone(), section.clone());
        Ok(section)
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
        let slot = {
            let mut unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(unpacked.entry(place).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(section) = &*slot {
            return Ok(section.clone());
        }
        let mut text = Unpacked::open(section, true, offset)?;
        let mut file = tempfile::tempfile()?;
        // A member that breaks off is read up to there; what a record lacks shows when it is read.
        let copied = io::copy(&mut text, &mut file);
        if let Err(error) = copied
            && error.kind() == io::ErrorKind::StorageFull
        {
            return Err(error);
        }
        let section = Section::whole(file)?;
        *slot = Some(section.clone());
        Ok(section)
    }
}
