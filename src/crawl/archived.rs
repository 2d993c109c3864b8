//! Archives as seeds: what each record of a web archive means for a crawl.
//!
//! Owns the names of places in archives, the order of a URL's captures, and the reading of one capture as if
//! a server had sent it. Nothing here touches the network or the store: rows are handed on one by one.

mod capture;
mod captures;
mod content;
mod locator;
mod repeats;
mod survey;

pub(super) use capture::read;
pub(super) use captures::links;
pub(super) use locator::Locator;
pub(super) use survey::Survey;

use std::path::Path;

/// Bytes at the beginning of a file by which an archive is known.
const FIRST_BYTES: u64 = 32;

/// Says whether a file is an archive: by its name, or by its first bytes.
pub(super) fn is_archive(path: &Path) -> bool {
    is_named_archive(path) || first_bytes(path).is_ok_and(|first| begins_archive(&first))
}

/// Says whether a file's name is that of an archive.
pub(super) fn is_named_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    let named = [".warc", ".warc.gz", ".wacz"];
    named.iter().any(|ending| name.ends_with(ending))
}

/// Says whether an archive begins with these bytes.
pub(super) fn begins_archive(bytes: &[u8]) -> bool {
    // A text about archives may begin with the name of the format, and not go on like a record.
    let version = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .and_then(|line| line.strip_prefix(b"WARC/"))
        .map(<[u8]>::trim_ascii_end);
    version.is_some_and(|version| {
        matches!(version.first(), Some(b'0' | b'1'))
            && version.get(1) == Some(&b'.')
            && version
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

fn first_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut first = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(FIRST_BYTES).read_to_end(&mut first)?;
    Ok(first)
}

/// Says whether a file is read as a WACZ.
fn is_wacz(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("wacz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_begins_with_a_line_that_names_its_version() {
        for (bytes, expected) in [
            (&b"WARC/1.1\r\nWARC-Type: response\r\n"[..], true),
            (b"WARC/1.0\n", true),
            (b"WARC/0.18\r\n", true),
            (b"WARC/1.1 explained: a note\n", false),
            (b"WARC/x", false),
            (b"", false),
        ] {
            assert_eq!(begins_archive(bytes), expected, "{bytes:?}");
        }
    }
}
