//! Archives made by hand, for the tests of their reading.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Section;

/// Writes a record, two line ends behind it included.
pub(in crate::crawl) fn record(kind: &str, uri: &str, further: &str, block: &[u8]) -> Vec<u8> {
    let length = block.len();
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2026-05-01T10:00:00Z\r\n\
         {further}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// Writes a response record whose block is an HTTP response.
pub(in crate::crawl) fn page(uri: &str, body: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
    record(
        "response",
        uri,
        "Content-Type: application/http\r\n",
        block.as_bytes(),
    )
}

pub(in crate::crawl) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file with these bytes, open.
pub(in crate::crawl) fn section(bytes: &[u8]) -> Section {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Section::whole(file).unwrap()
}
