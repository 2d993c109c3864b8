//! Archives in great number and of many records: neither open files nor time run out.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;

use crate::support::database::Engine;
use crate::support::random::Random;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

/// A record of a page, without the line ends that follow one.
fn record(uri: &str, body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let length = head.len() + body.len();
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {uri}\r\n\
         WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
         Content-Length: {length}\r\n\r\n{head}{body}"
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("to memory");
    encoder.finish().expect("to memory")
}

#[rstest]
fn more_archives_are_read_than_files_may_be_open(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    // Each is packed as a whole, and its last record lies far behind its beginning.
    let padding = " ".repeat(1 << 20);
    let paths: Vec<_> = (0..60)
        .map(|number| {
            let path = place.user.folder().join(format!("{number}.warc.gz"));
            let pages = ["first", "second", "third"].map(|name| {
                record(
                    &format!("http://a{number}.example/{name}"),
                    &format!("<p>{name} {number}{padding}"),
                )
            });
            std::fs::write(&path, gzip(&pages.join("\r\n\r\n"))).expect("an archive");
            path
        })
        .collect();
    let seeds: Vec<&str> = paths.iter().map(|path| text_of(path)).collect();
    let output = place
        .command(&[&["crawl"], &seeds[..]].concat())
        .open_files(60)
        .run();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(place.count("sources"), 180);
    place.check();
}

#[rstest]
fn records_without_line_ends_between_them_are_read_in_one_pass(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    // What does not compress takes its time to be unpacked.
    let mut random = Random::new(5);
    let mut body = || -> String {
        let letters = "0123456789abcdef".as_bytes();
        let letter = |_| char::from(letters[random.below(16) as usize]);
        (0..2500).map(letter).collect()
    };
    let pages: String = (0..3000)
        .map(|number| record(&format!("http://a.example/{number}"), &body()))
        .collect();
    let path = place.user.folder().join("dense.warc.gz");
    std::fs::write(&path, gzip(&pages)).expect("an archive");
    let begun = Instant::now();
    // What is left out is not read again, so that it is the scan alone that takes its time.
    place.run(&["crawl", text_of(&path), "--exclude", "/[1-9]"]);
    let took = begun.elapsed();
    assert_eq!(place.count("frontier WHERE reason = 'excluded'"), 2999);
    assert_eq!(place.count("sources"), 1);
    // Unpacked anew for each record, it took minutes.
    assert!(took < Duration::from_mins(1), "{took:?}");
}
