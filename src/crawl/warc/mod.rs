//! Web archives: WARC records of versions 0.18 to 1.1, in files that are plain, packed record by record or
//! packed as a whole, and WACZ files that hold such files.
//!
//! Owns the reading of records at any place of an archive, whole or damaged, in memory that does not grow
//! with the file. It knows nothing of jobs, scopes and rows: what a record means for a crawl is said beside it.
//!
//! Facts are from ISO 28500:2017 (WARC/1.1, iipc.github.io/warc-specifications) and WACZ 1.1.1
//! (specs.webrecorder.net/wacz).

mod descriptor;
mod digest;
mod fields;
mod http;
mod library;
mod measure;
mod record;
mod repeated;
mod salvage;
mod scan;
mod search;
mod section;
mod unpacked;
mod wacz;

#[cfg(test)]
mod made;
#[cfg(test)]
mod scan_tests;

pub(super) use digest::Checked;
pub(super) use fields::{Fields, date_of};
pub(super) use http::{Joined, Response, response};
pub(super) use library::{Library, Name};
pub(super) use record::Opened;
pub(super) use scan::{BlockEnd, Item, Record, Scanner};
pub(super) use section::Section;
pub(super) use wacz::{Departures, Wacz};

/// Returns where each record of an archive begins, and each damage, with whether it is a record: what the
/// fuzz target looks at. `named_packed` when the file's name says that it is packed.
#[doc(hidden)]
pub fn scanned(file: std::fs::File, named_packed: bool) -> std::io::Result<Vec<(u64, u64, bool)>> {
    let mut scanner = Scanner::new(Section::whole(file)?, named_packed)?;
    let mut found = Vec::new();
    while let Some(item) = scanner.next()? {
        found.push(match item {
            Item::Record(record) => (record.place.offset, record.place.inner, true),
            Item::Damage { place, .. } | Item::Excess { place, .. } => {
                (place.offset, place.inner, false)
            }
        });
    }
    Ok(found)
}

/// What a WACZ holds.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unzipped {
    /// The members by name, each archive among them with how many records and damages it has.
    pub members: Vec<(String, Option<usize>)>,
    pub differing: Vec<String>,
    pub missing: Vec<String>,
}

/// Reads a WACZ and every archive in it: what the fuzz target looks at.
#[doc(hidden)]
pub fn unzipped(file: std::fs::File) -> std::io::Result<Unzipped> {
    let mut wacz = Wacz::open(Section::whole(file)?)?;
    let scratch = section::Scratch::default();
    let Departures {
        differing, missing, ..
    } = wacz.departures()?;
    let mut members = Vec::new();
    for member in wacz.members()? {
        let mut items = None;
        if member.is_archive {
            let (wacz::Contents::Stored(text) | wacz::Contents::Packed(text, _)) =
                wacz.member(&member.name, &scratch)?;
            let mut scanner = Scanner::new(text, member.name.ends_with("gz"))?;
            let mut count = 0;
            while scanner.next()?.is_some() {
                count += 1;
            }
            items = Some(count);
        }
        members.push((member.name, items));
    }
    Ok(Unzipped {
        members,
        differing,
        missing,
    })
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// In the file: of the record itself, or of the gzip member that it is in.
    pub(super) offset: u64,
    /// In what the member holds, unpacked; 0 for the first record of a member and in plain files.
    pub(super) inner: u64,
}
