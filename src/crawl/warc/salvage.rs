//! The members of a zip file whose directory is lost, which is at its end: each has a head of its own.
//!
//! Owns the reading of these heads (APPNOTE 6.3.10, 4.3.7), one after the other from the file's first byte. A
//! member that the file ends in is given as far as it goes.

use std::io::{self, Read as _, Seek as _, SeekFrom};

use super::{Section, descriptor};

/// How a member's head begins.
const HEAD: [u8; 4] = *b"PK\x03\x04";

/// Bytes of a head before the name.
const FIXED: usize = 30;

/// Most members that are looked for.
const MOST_MEMBERS: usize = 100_000;

/// The field that holds sizes of four gigabytes and more.
const LONG_SIZES: u16 = 1;

/// A member, by its head.
#[derive(Debug, Clone)]
pub(super) struct Salvaged {
    pub(super) name: String,
    pub(super) method: u16,
    /// Its bytes, packed if `method` says so.
    pub(super) bytes: Section,
}

/// Returns the members up to where no head stands any more.
pub(super) fn salvaged(whole: &Section) -> io::Result<Vec<Salvaged>> {
    let mut members = Vec::new();
    let mut at = 0;
    while members.len() < MOST_MEMBERS {
        let mut head = [0; FIXED];
        let mut reader = whole.clone();
        reader.seek(SeekFrom::Start(at))?;
        if reader.read_exact(&mut head).is_err() || head[..4] != HEAD {
            break;
        }
        let short = |place: usize| u16::from_le_bytes([head[place], head[place + 1]]);
        let (flags, method) = (short(6), short(8));
        let size = u32::from_le_bytes([head[18], head[19], head[20], head[21]]);
        let mut name = vec![0; usize::from(short(26))];
        let mut extra = vec![0; usize::from(short(28))];
        if reader.read_exact(&mut name).is_err() || reader.read_exact(&mut extra).is_err() {
            break;
        }
        let start = at + (FIXED + name.len() + extra.len()) as u64;
        let size = long_size(&extra)
            .filter(|_| size == u32::MAX)
            .unwrap_or(u64::from(size));
        let has_descriptor = flags & 8 != 0;
        let (bytes, next) = if has_descriptor {
            described(whole, start, size)?
        } else {
            let bytes = whole.part(start, size);
            let next = start + bytes.length();
            (bytes, next)
        };
        at = next;
        members.push(Salvaged {
            name: String::from_utf8_lossy(&name).into_owned(),
            method,
            bytes,
        });
    }
    Ok(members)
}

/// Returns the member at `start` whose size stands behind it, and perhaps in its head, and where the next head
/// is to be. One that has no end is given to the end of the file.
fn described(whole: &Section, start: u64, size: u64) -> io::Result<(Section, u64)> {
    if size == 0
        && let Some((size, next)) = descriptor::find(whole, start)?
    {
        return Ok((whole.part(start, size), next));
    }
    let bytes = whole.part(start, if size == 0 { u64::MAX } else { size });
    let at = start + bytes.length();
    let next = descriptor::read(whole, at, size)?;
    Ok((bytes, next.unwrap_or(at)))
}

/// Returns the packed size that stands in a head's extra fields, behind the other one.
fn long_size(mut extra: &[u8]) -> Option<u64> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let id = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let field = rest.get(..length)?;
        if id == LONG_SIZES {
            return field.get(8..16)?.try_into().ok().map(u64::from_le_bytes);
        }
        extra = &rest[length..];
    }
    None
}
