//! Where a member of a zip file ends whose size stands behind it, in a descriptor.
//!
//! Owns the reading of descriptors (APPNOTE 6.3.10, 4.3.9): a checksum and two sizes, of four bytes each or of
//! eight, with a signature before them or without. One is told from chance by the packed size in it, which
//! has to be the member's.

use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use super::Section;

/// How a descriptor begins, where it has a signature.
const SIGNATURE: [u8; 4] = *b"PK\x07\x08";

/// What may stand behind a descriptor: the next member, or the file's directory.
const NEXT: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x01\x02"];

/// The bytes of a descriptor without its signature, and of each size in it.
const FORMS: [(usize, usize); 2] = [(12, 4), (20, 8)];

/// What is read at a time.
const STEP: usize = 64 * 1024;

/// Looks for the descriptor of the member whose bytes begin at `start`. Returns the member's size and where
/// its descriptor ends.
pub(super) fn find(whole: &Section, start: u64) -> io::Result<Option<(u64, u64)>> {
    let mut bytes = BufReader::with_capacity(STEP, whole.clone());
    bytes.seek(SeekFrom::Start(start))?;
    let mut last = [0; 4];
    let mut at = start;
    loop {
        let buffer = bytes.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let length = buffer.len();
        for byte in buffer {
            last = [last[1], last[2], last[3], *byte];
            at += 1;
            if last[..2] != *b"PK" || at < start + 4 {
                continue;
            }
            let found = if last == SIGNATURE {
                let size = at - 4 - start;
                read(whole, at - 4, size)?.map(|end| (size, end))
            } else if NEXT.contains(&last) {
                before(whole, start, at - 4)?
            } else {
                None
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        bytes.consume(length);
    }
}

/// Reads the descriptor at `at` of a member of `size` bytes, and returns where it ends; `None` when none
/// stands there.
pub(super) fn read(whole: &Section, at: u64, size: u64) -> io::Result<Option<u64>> {
    let bytes = bytes_at(whole, at, 24)?;
    let signature = if bytes.starts_with(&SIGNATURE) { 4 } else { 0 };
    for (length, width) in FORMS {
        let end = at + (signature + length) as u64;
        // The file may end here, or in what follows.
        let next = bytes_at(whole, end, 4)?;
        let is_end = NEXT.iter().any(|one| one.starts_with(&next));
        if is_end && names(bytes.get(signature..), width, size) {
            return Ok(Some(end));
        }
    }
    // What stands behind it is damaged, or cut.
    let names_it = |width| signature > 0 && names(bytes.get(signature..), width, size);
    let form = FORMS.iter().rev().find(|(_, width)| names_it(*width));
    Ok(form.map(|(length, _)| at + (signature + length) as u64))
}

/// Looks for a descriptor without a signature that ends at `end`.
fn before(whole: &Section, start: u64, end: u64) -> io::Result<Option<(u64, u64)>> {
    for (length, width) in FORMS {
        let Some(at) = end.checked_sub(length as u64).filter(|at| *at >= start) else {
            continue;
        };
        let size = at - start;
        if names(Some(&bytes_at(whole, at, length)?), width, size) {
            return Ok(Some((size, end)));
        }
    }
    Ok(None)
}

/// Says whether a descriptor, behind its signature, names `size` in a field of `width` bytes.
fn names(descriptor: Option<&[u8]>, width: usize, size: u64) -> bool {
    // A checksum of four bytes comes first.
    let Some(field) = descriptor.and_then(|bytes| bytes.get(4..4 + width)) else {
        return false;
    };
    let mut named = [0; 8];
    named[..width].copy_from_slice(field);
    u64::from_le_bytes(named) == size
}

/// Returns up to `count` bytes from `at` on.
fn bytes_at(whole: &Section, at: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut reader = whole.clone();
    reader.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(count);
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A file whose first member, of these bytes, begins at its first byte.
    fn file(bytes: &[u8], rest: &[u8]) -> Section {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.write_all(rest).unwrap();
        Section::whole(file).unwrap()
    }

    fn descriptor(size: u64, width: usize) -> Vec<u8> {
        let size = &size.to_le_bytes()[..width];
        [b"sum!", size, size].concat()
    }

    #[test]
    fn the_end_is_where_a_descriptor_names_the_size() {
        // Both signatures may stand in a member, which is an archive of archives.
        let mut member = b"a PK\x07\x08 of PK\x03\x04 and ".to_vec();
        member.resize(100_000, b'x');
        let size = member.len() as u64;
        for width in [4, 8] {
            for signature in [&b""[..], &SIGNATURE] {
                for next in [&b"PK\x03\x04more"[..], b"PK\x01\x02more"] {
                    let before = [signature, &descriptor(size, width)].concat();
                    let whole = file(&member, &[&before[..], next].concat());
                    let end = size + before.len() as u64;
                    assert_eq!(find(&whole, 0).unwrap(), Some((size, end)));
                    assert_eq!(read(&whole, size, size).unwrap(), Some(end));
                }
            }
        }
    }

    #[test]
    fn a_descriptor_may_be_the_last_of_the_file_or_none() {
        let last = [&SIGNATURE[..], &descriptor(3, 4)].concat();
        assert_eq!(find(&file(b"abc", &last), 0).unwrap(), Some((3, 19)));
        let damaged = [&last[..], b"damage"].concat();
        assert_eq!(find(&file(b"abc", &damaged), 0).unwrap(), Some((3, 19)));
        for rest in [&b""[..], b"PK\x03\x04", &last[..10]] {
            assert_eq!(find(&file(b"abc", rest), 0).unwrap(), None);
            assert_eq!(read(&file(b"abc", rest), 3, 3).unwrap(), None);
        }
        assert_eq!(
            find(&file(b"", &[&SIGNATURE[..], &descriptor(0, 4)].concat()), 0).unwrap(),
            Some((0, 16))
        );
    }
}
