//! Members of a zip file that its directory lists under one name: all but one are out of a reader's reach.
//!
//! Owns the walk over the directory (APPNOTE 6.3.10, 4.3.12) for names alone.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

use super::Section;

/// How an entry of the directory begins.
const ENTRY: [u8; 4] = *b"PK\x01\x02";

/// Bytes of an entry before the name.
const FIXED: usize = 46;

/// Returns each name that the directory at `start` lists more than once.
pub(super) fn repeated(whole: &Section, start: u64) -> io::Result<BTreeSet<String>> {
    let mut directory = BufReader::new(whole.clone());
    directory.seek(SeekFrom::Start(start))?;
    let (mut seen, mut repeated) = (HashSet::new(), BTreeSet::new());
    let mut entry = [0; FIXED];
    while directory.read_exact(&mut entry).is_ok() && entry[..4] == ENTRY {
        let short = |place: usize| u16::from_le_bytes([entry[place], entry[place + 1]]);
        let mut name = vec![0; usize::from(short(28))];
        if directory.read_exact(&mut name).is_err() {
            break;
        }
        directory.seek_relative(i64::from(short(30)) + i64::from(short(32)))?;
        let shown = String::from_utf8_lossy(&name).into_owned();
        if !seen.insert(name) {
            repeated.insert(shown);
        }
    }
    Ok(repeated)
}
