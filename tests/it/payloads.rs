//! What the body of an archived answer is: in chunks or joined already, packed or not, whole or cut.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;

use crate::support::database::Engine;
use crate::support::workplace::{Workplace, lines_where, text_of};

use Engine::{Postgres, Sqlite};

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const GZIP: &str = "Content-Encoding: gzip\r\n";

/// A record of an answer, two line ends behind it included.
fn record(kind: &str, path: &str, further: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
    let length = head.len() + body.len();
    let fields = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.example/{path}\r\n\
         WARC-Date: 2026-05-01T10:00:00Z\r\n{further}Content-Type: application/http\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    [fields.as_bytes(), head.as_bytes(), body, b"\r\n\r\n"].concat()
}

fn page(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let headers = format!("Content-Type: text/html\r\n{headers}");
    record("response", path, "", &headers, body.as_bytes())
}

fn crawl(place: &Workplace, records: &[Vec<u8>]) {
    let path = place.user.folder().join("made.warc");
    std::fs::write(&path, records.concat()).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    place.check();
}

/// The paths of the pages with the body that `path` has, in order.
fn same_as(place: &Workplace, path: &str) -> String {
    let rows = place.database.query_text(&format!(
        "SELECT uri FROM sources WHERE body_digest = (SELECT body_digest FROM sources \
         WHERE uri = 'http://a.example/{path}') ORDER BY uri COLLATE \"C\""
    ));
    let mut paths = String::new();
    for uri in rows.into_iter().flatten().flatten() {
        let _ = write!(paths, "{} ", uri.trim_start_matches("http://a.example/"));
    }
    paths.trim_end().to_owned()
}

/// The paths of the pages with a gap of this reason, each with its detail, in order.
fn told(place: &Workplace, reason: &str) -> Vec<String> {
    let report = place.json(&["report", "incomplete", "--all"]);
    let lines = lines_where(&report, "rows", |line| line["reason"] == reason);
    let lines = lines.iter().map(|line| {
        let [uri, detail] = ["uri", "detail"].map(|name| line[name].as_str().expect("a text"));
        let path = uri.trim_start_matches("http://a.example/");
        format!(
            "{path}: {}",
            detail.split(" (made").next().unwrap_or_default()
        )
    });
    lines.collect()
}

#[rstest]
fn a_body_in_chunks_is_joined_and_one_that_is_joined_already_is_kept(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let plain = "10 green bottles\r\nhanging on the wall\r\n";
    let chunks = format!("{:x}\r\n{plain}\r\n0\r\n\r\n", plain.len());
    let cut = format!("{:x}\r\n{plain}\r\n7\r\nand ", plain.len());
    crawl(
        &place,
        &[
            page("a-plain", "", plain),
            page("b-chunks", CHUNKED, &chunks),
            // It begins like a chunk of sixteen bytes, and the rest of it is none.
            page("c-joined", CHUNKED, plain),
            page("d-more", CHUNKED, &format!("{chunks}more")),
            page("e-zero", CHUNKED, "0\r\nis a number"),
            page("f-zero", "", "0\r\nis a number"),
            page("g-cut", CHUNKED, &cut),
            page("h-cut", "", &format!("{plain}and ")),
            page(
                "i-broken",
                CHUNKED,
                &chunks.replace("\r\n0\r\n", "\r\nzero\r\n"),
            ),
            page("j-numbers", CHUNKED, "1\r\n5\r\n7\r\n9\r\n"),
            page("k-numbers", "", "1\r\n5\r\n7\r\n9\r\n"),
            page("l-first", CHUNKED, &format!("1f40\r\n{plain}")),
        ],
    );
    assert_eq!(
        same_as(&place, "a-plain"),
        "a-plain b-chunks c-joined d-more i-broken l-first"
    );
    assert_eq!(same_as(&place, "e-zero"), "e-zero f-zero");
    assert_eq!(same_as(&place, "g-cut"), "g-cut h-cut");
    assert_eq!(same_as(&place, "j-numbers"), "j-numbers k-numbers");
    let none = "the head says that the body comes in chunks, and it is no sequence of them: it is \
                kept as it stands";
    assert_eq!(
        told(&place, "archive_damaged"),
        [
            format!("c-joined: {none}"),
            "d-more: 4 bytes follow the last chunk".to_owned(),
            format!("e-zero: {none}"),
            format!("j-numbers: {none}"),
        ]
    );
    assert_eq!(
        told(&place, "body_incomplete"),
        [
            "g-cut: 43 bytes came: a chunk breaks off 3 bytes before its end",
            "i-broken: 39 bytes came: a chunk names no size",
            "l-first: 39 bytes came: a chunk breaks off 7961 bytes before its end",
        ]
    );
}

#[rstest]
fn a_revisit_is_unpacked_as_its_original_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let text = "<title>Tide table</title><p>High water at noon.";
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("to memory");
    let packed = encoder.finish().expect("to memory");
    let html = "Content-Type: text/html\r\n";
    let id = "<urn:uuid:00000000-0000-4000-8000-000000000001>";
    let refers = format!("WARC-Refers-To: {id}\r\n");
    let own = format!("WARC-Record-ID: {id}\r\n");
    crawl(
        &place,
        &[
            record("response", "a", &own, &format!("{html}{GZIP}"), &packed),
            // Neither of the two heads has what the content is.
            record("revisit", "b", &refers, html, b""),
            record("revisit", "c", &refers, "", b""),
            record(
                "revisit",
                "d",
                &refers,
                &format!("{html}Content-Encoding: br\r\n"),
                b"",
            ),
            page("e", "", text),
        ],
    );
    assert_eq!(same_as(&place, "e"), "a b c d e");
    assert_eq!(place.count("sources WHERE title = 'Tide table'"), 5);
    assert_eq!(place.count("sources WHERE media_type = 'text/html'"), 5);
}
