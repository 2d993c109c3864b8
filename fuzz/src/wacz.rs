//! Laws of a WACZ: any bytes are read to their end, what is told of its members is of its members, and what
//! was put into one is found in it.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use toolkit::crawl::unzipped;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::holding;
use super::first_line;

/// The first byte chooses whether the rest is a WACZ as it is, or what one is made of: its package on the
/// first line, its only archive behind that. The second byte and the third may break what was made.
pub fn wacz(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else {
        return;
    };
    if choice % 5 == 0 {
        let _ = read(rest);
        return;
    }
    let (&[at, change], rest) = rest.split_first_chunk().unwrap_or((&[0, 0], &[]));
    let (package, archive) = first_line(rest);
    let stored = choice % 2 == 0;
    let mut bytes = made(package, archive, stored);
    if choice % 5 > 2 {
        // The directory of the file is at its end.
        let place = bytes.len() - 1 - usize::from(at).min(bytes.len() - 1);
        bytes[place] ^= change;
        let _ = read(&bytes);
        return;
    }
    let Some(names) = read(&bytes) else {
        panic!("what was written is read");
    };
    assert_eq!(names, ["archive/a.warc", "datapackage.json"]);
}

/// Returns the names of the members.
fn read(bytes: &[u8]) -> Option<Vec<String>> {
    let found = unzipped(holding(bytes)).ok()?;
    let names: Vec<String> = found.members.iter().map(|(name, _)| name.clone()).collect();
    assert!(names.is_sorted());
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert!(
        found
            .differing
            .iter()
            .all(|name| distinct.contains(name) || name == "datapackage.json")
    );
    assert!(found.missing.iter().all(|name| !distinct.contains(name)));
    for (name, items) in found.members {
        // Deflate packs at most a thousandfold, and no record has fewer than eight bytes.
        let most = 1100 * bytes.len() / 8 + 2;
        assert!(items.is_none_or(|items| items <= most), "{name}: {items:?}");
    }
    Some(names)
}

fn made(package: &[u8], archive: &[u8], stored: bool) -> Vec<u8> {
    let method = if stored {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    };
    let options = SimpleFileOptions::default().compression_method(method);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("archive/a.warc", archive), ("datapackage.json", package)] {
        let begun = zip.start_file(name, options);
        let written = begun.map(|()| zip.write_all(bytes));
        assert!(matches!(written, Ok(Ok(()))), "a Vec takes any bytes");
    }
    let finished = zip.finish();
    finished.map_or_else(
        |error| panic!("a Vec takes any bytes: {error}"),
        Cursor::into_inner,
    )
}
