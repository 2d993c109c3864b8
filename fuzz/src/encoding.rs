//! Laws of content encodings: any bytes under any header are undone up to the cap, a smaller cap gives the
//! same beginning, and what was packed comes back.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use toolkit::crawl::{Decoded, decode_body};

use super::first_line;

/// More than fuzzed input grows to without a bomb in it.
const CAP: u64 = 1 << 22;

/// Below this size growth is not looked at.
const FLOOR: usize = 1 << 20;

/// The first byte chooses what the body is packed in besides, the rest of the first line is the header, and
/// what follows is the body.
pub fn encoding(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else {
        return;
    };
    let (header, body) = first_line(rest);
    let header = String::from_utf8_lossy(header);
    a_cap_cuts_and_changes_nothing(body, &header);
    what_was_packed_comes_back(body, choice);
}

fn a_cap_cuts_and_changes_nothing(body: &[u8], header: &str) {
    let Ok(whole) = decode_body(body.to_vec(), header, CAP) else {
        return;
    };
    kept_within(&whole, CAP, body.len());
    let cap = whole.bytes.len() as u64 / 2;
    let half = decode_body(body.to_vec(), header, cap);
    let half = half.unwrap_or_else(|error| panic!("the header did not change: {error}"));
    kept_within(&half, cap, body.len());
    assert!(whole.bytes.starts_with(&half.bytes));
    assert_eq!(half.cut, cap < whole.bytes.len() as u64);
}

fn kept_within(decoded: &Decoded, cap: u64, transferred: usize) {
    assert!(decoded.bytes.len() as u64 <= cap);
    assert!(!decoded.cut || decoded.bytes.len() as u64 == cap);
    assert!(decoded.bytes.len() <= FLOOR.max(1000 * transferred));
    assert!(!(decoded.cut && decoded.inflated));
}

fn what_was_packed_comes_back(body: &[u8], choice: u8) {
    let packed = match choice % 4 {
        0 => ("gzip", gzip(body)),
        1 => ("deflate", zlib(body)),
        2 => ("deflate", deflate(body)),
        _ => ("deflate, gzip", gzip(&zlib(body))),
    };
    // Without a header, deflate may begin like the other form.
    if choice % 4 == 2 && packed.1.first().is_none_or(|byte| byte & 0x0f == 8) {
        return;
    }
    let decoded = decode_body(packed.1, packed.0, CAP);
    let decoded = decoded.unwrap_or_else(|error| panic!("{}: {error}", packed.0));
    assert_eq!(decoded.error, None, "{}", packed.0);
    assert!(decoded.bytes == body, "{}", packed.0);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.unwrap_or_else(|error| panic!("a Vec takes any bytes: {error}"))
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.unwrap_or_else(|error| panic!("a Vec takes any bytes: {error}"))
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.unwrap_or_else(|error| panic!("a Vec takes any bytes: {error}"))
}
