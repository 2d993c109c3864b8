//! Bodies that grow when they are unpacked, never end, or are not as long as they say.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::raw::{Act, RawServer, head};
use crate::support::server::{Answer, Server};
use crate::support::workplace::{fields, lines_where};

use Engine::{Postgres, Sqlite};

const MIB: usize = 1 << 20;

/// 256 MiB of spaces as one brotli stream (RFC 7932). It was made with the crate `brotli` 9.1, quality 11,
/// window 24; the program has only the decoder.
const BROTLI_BOMB: &[u8] = b"\
    \xcf\xff\xff\x7f\xf8\x25\x40\xe2\xb1\x40\x20\xf7\xfe\x9f\xff\xff\xff\xf0\x4b\x00\xc4\x61\x01\x80\
    \xee\xfd\x3f\xff\xff\xff\xe1\x97\x00\x88\xc3\x22\x00\xdd\xfb\x7f\xfe\xff\xff\xc3\x2f\x01\x10\x87\
    \x05\x00\xba\xf7\xff\xfc\xff\xff\x87\x5f\x02\x20\x0e\x0b\x00\x74\xef\xff\xf9\xff\xff\x0f\xbf\x04\
    \x40\x1c\x16\x00\xe8\xde\xff\xf3\xff\xff\x1f\x7e\x09\x80\x38\x2c\x00\xd0\xbd\xff\xe7\xff\xff\x3f\
    \xfc\x12\x00\x71\x58\x00\xa0\x7b\xff\xcf\xff\xff\x7f\xf8\x25\x00\xe2\xb0\x00\x40\xf7\xfe\x9f\xff\
    \xff\xff\xf0\x4b\x00\xc4\x61\x01\x80\xee\xfd\x3f\xff\xff\xff\xe1\x97\x00\x88\xc3\x02\x00\xdd\xfb\
    \x7f\xfe\xff\xff\xc3\x2f\x01\x10\x87\x05\x00\xba\xf7\xff\xfc\xff\xff\x87\x5f\x02\x20\x0e\x0b\x00\
    \x74\xef\xff\xf9\xff\xff\x0f\xbf\x04\x40\x1c\x16\x00\xe8\xde\xff\xf3\xff\xff\x1f\x7e\x09\x80\x38\
    \x2c\x00\xd0\xbd\xff\xe7\xff\xff\x3f\xfc\x12\x00\x71\x58\x00\xa0\x7b\xff\x6f\x00\x03";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a Vec takes any bytes");
    encoder.finish().expect("a Vec takes any bytes")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a Vec takes any bytes");
    encoder.finish().expect("a Vec takes any bytes")
}

/// Bombs of 256 MiB and more, which a program that unpacks them whole would show in its memory.
#[rstest]
fn a_bomb_is_cut_and_memory_stays_flat(#[values(Sqlite, Postgres)] engine: Engine) {
    let spaces = vec![b' '; 16 * MIB];
    let gzipped = gzip(&spaces).repeat(16);
    let packed =
        |encoding: &str, bytes: Vec<u8>| Answer::page(bytes).header("Content-Encoding", encoding);
    let zstd = zstd::encode_all(spaces.as_slice(), 3).expect("memory takes any bytes");
    let bombs = [
        ("/gzip", packed("gzip", gzipped.clone())),
        ("/deflate", packed("deflate", deflate(&spaces.repeat(16)))),
        ("/brotli", packed("br", BROTLI_BOMB.to_vec())),
        ("/zstd", packed("zstd", zstd.repeat(16))),
        ("/nested", packed("gzip, gzip", gzip(&gzipped))),
    ];
    for (path, bomb) in bombs {
        let server = Server::builder().answer(path, bomb).start();
        let uri = server.url(path);
        let met = met(engine, std::slice::from_ref(&uri), &["--max-body", "4MiB"]);
        let reasons = met.reasons(&uri);
        let is_told = reasons == ["decompression_ratio"] || reasons == ["body_truncated"];
        assert!(is_told, "{path}: {reasons:?}");
        let stored = met.stored(&uri).expect("what came before the cut");
        assert!(stored > 0 && stored <= 4 * MIB as u64, "{path}: {stored}");
        println!("{path}: {reasons:?}, {stored} bytes");
    }
}

#[rstest]
fn encodings_on_top_of_each_other_end_at_three(#[values(Sqlite, Postgres)] engine: Engine) {
    let text = b"<!doctype html><title>Packed</title><p>Three times.";
    let packed = gzip(&gzip(&gzip(text)));
    let answer = |encodings, bytes: &[u8]| {
        Answer::page(bytes.to_vec()).header("Content-Encoding", encodings)
    };
    let server = Server::builder()
        .answer("/three", answer("gzip, gzip, gzip", &packed))
        .answer("/four", answer("gzip, gzip, gzip, gzip", &gzip(&packed)))
        .start();
    let [three, four] = ["/three", "/four"].map(|path| server.url(path));
    let met = met(engine, &[three.clone(), four.clone()], &[]);
    assert_eq!(met.stored(&three), Some(text.len() as u64));
    assert_eq!(met.reasons(&three), [""; 0]);
    assert_eq!(met.reasons(&four), ["content_encoding"]);
}

#[rstest]
fn a_body_without_end_is_cut(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = b"<!doctype html><title>More</title><p>".to_vec();
    let more = b"More of the same. ".repeat(4_000);
    let chunk = [format!("{:x}\r\n", more.len()).as_bytes(), &more, b"\r\n"].concat();
    let answers = |headers: &[&str], rest: Vec<u8>| {
        let headers = [&["Content-Type: text/html"], headers].concat();
        vec![Act::Send(head("200 OK", &headers)), Act::Endless(rest)]
    };
    let server = RawServer::start([
        (
            "/until-close",
            answers(&[], [page.clone(), more.clone()].concat()),
        ),
        (
            "/long",
            answers(&["Content-Length: 1000000000000"], more.clone()),
        ),
        ("/chunked", answers(&["Transfer-Encoding: chunked"], chunk)),
    ]);
    let uris = ["/until-close", "/long", "/chunked"].map(|path| server.url(path));
    let met = met(engine, &uris, &["--max-body", "1MiB"]);
    for uri in &uris {
        assert_eq!(met.reasons(uri), ["body_truncated"], "{uri}");
        assert_eq!(met.stored(uri), Some(MIB as u64), "{uri}");
    }
}

/// What is longer than it says ends where it says; what is shorter is not whole, and that is told.
#[rstest]
fn a_length_that_is_wrong(#[values(Sqlite, Postgres)] engine: Engine) {
    let text = "<!doctype html><title>Length</title><p>Forty bytes and some more.";
    let length = text.len();
    let answer = |headers: &[&str], body: &str| {
        let headers = [&["Content-Type: text/html"], headers].concat();
        let head = head("200 OK", &headers);
        vec![Act::Send([head, body.as_bytes().to_vec()].concat())]
    };
    let says = |length: usize| format!("Content-Length: {length}");
    let garbage = format!("{text}HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyou");
    let chunked = "Transfer-Encoding: chunked";
    let server = RawServer::start([
        ("/more", answer(&[&says(40)], text)),
        ("/less", answer(&[&says(1000)], text)),
        ("/pipelined", answer(&[&says(length)], &garbage)),
        ("/two", answer(&[&says(40), &says(41)], text)),
        ("/negative", answer(&["Content-Length: -1"], text)),
        ("/words", answer(&["Content-Length: many"], text)),
        (
            "/huge",
            answer(&["Content-Length: 99999999999999999999999"], text),
        ),
        ("/no-size", answer(&[chunked], "tide\r\nwater\r\n0\r\n\r\n")),
        (
            "/large-size",
            answer(&[chunked], "ffffffffffffffffff\r\nwater\r\n"),
        ),
        ("/no-end", answer(&[chunked], "5\r\nwater\r\n")),
        (
            "/both",
            answer(&[chunked, &says(3)], "5\r\nwater\r\n0\r\n\r\n"),
        ),
    ]);
    let cases = [
        ("/more", "new", Some(40)),
        ("/less", "new body_incomplete", Some(length)),
        ("/pipelined", "new", Some(length)),
        ("/two", "failed connection_failed", None),
        ("/negative", "failed connection_failed", None),
        ("/words", "failed connection_failed", None),
        ("/huge", "failed connection_failed", None),
        ("/no-size", "failed connection_failed", None),
        ("/large-size", "failed connection_failed", None),
        ("/no-end", "new body_incomplete", Some(5)),
        // RFC 9112, 6.3: chunks win.
        ("/both", "new", Some(5)),
    ];
    let uris = cases.map(|(path, ..)| server.url(path));
    let met = met(engine, &uris, &["--retries", "0"]);
    let seen: Vec<_> = cases
        .iter()
        .zip(&uris)
        .map(|((path, ..), uri)| {
            let reasons = met.reasons(uri).join(" ");
            let stored = met.stored(uri);
            (*path, reasons, stored)
        })
        .collect();
    let expected: Vec<_> = cases
        .iter()
        .map(|(path, outcome, stored)| {
            let reasons = outcome.split_once(' ').map_or("", |(_, reason)| reason);
            (*path, reasons.to_owned(), stored.map(|size| size as u64))
        })
        .collect();
    assert_eq!(seen, expected);
}

#[rstest]
fn a_type_that_lies(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = "<!doctype html><title>Page</title><p>A page.";
    let picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01".to_vec();
    let server = Server::builder()
        .answer("/page", Answer::status(200).body("image/png", page))
        .answer("/picture", Answer::page(picture.clone()))
        .answer("/untyped", Answer::status(200).body("", picture))
        .answer("/nonsense", Answer::status(200).body(";;;=\"", page))
        .answer(
            "/stream.html",
            Answer::status(200).body("application/octet-stream", page),
        )
        .answer("/empty", Answer::page(""))
        .start();
    let cases = [
        ("/page", "skipped media_type"),
        // It is stored as what the server calls it; that it holds no text is for the extraction to tell.
        ("/picture", "new"),
        ("/untyped", "skipped media_type"),
        ("/nonsense", "new"),
        ("/stream.html", "new"),
        ("/empty", "new"),
    ];
    let uris = cases.map(|(path, _)| server.url(path));
    let met = met(engine, &uris, &[]);
    for ((path, outcome), uri) in cases.iter().zip(&uris) {
        assert_eq!(met.outcome(uri), *outcome, "{path}");
    }
    assert_eq!(met.stored(&uris[5]), Some(0));
    // That a page holds nothing is told by the extraction.
    met.place.succeed(&["extract"]);
    let report = met.place.json(&["report", "incomplete"]);
    let lines = lines_where(&report, "rows", |line| line["uri"] == uris[5]);
    assert_eq!(fields(&lines, "reason"), ["no_content"]);
    met.place.check();
}
