//! Laws of a web archive: any bytes are read to their end, and each record begins behind the one before.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use toolkit::crawl::scanned;

/// The first byte chooses how the rest is packed, or that it is packed already; the rest is the archive.
pub fn archive(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else {
        return;
    };
    let half = text.len() / 2;
    let packed = match choice % 4 {
        0 => gzip(text),
        1 => [gzip(&text[..half]), gzip(&text[half..])].concat(),
        _ => text.to_vec(),
    };
    let Ok(found) = scanned(holding(&packed), choice % 4 != 3) else {
        return;
    };
    assert!(found.len() <= 2 * data.len() + 2, "{} items", found.len());
    let mut before = None;
    for (offset, inner, is_record) in found {
        let place = Some((offset, inner));
        if is_record {
            assert!(place > before, "{place:?} behind {before:?}");
            before = place;
        }
        assert!(offset <= packed.len() as u64, "{offset}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.unwrap_or_else(|error| panic!("a Vec takes any bytes: {error}"))
}

/// A file without a name that holds these bytes.
pub(super) fn holding(bytes: &[u8]) -> File {
    let written = tempfile::tempfile().and_then(|mut file| {
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    });
    written.unwrap_or_else(|error| panic!("no temporary file: {error}"))
}
