//! Answers whose head is wrong: no HTTP at all, no end, too much, statuses that mean nothing.

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::http2::{Http2Server, Length};
use crate::support::raw::{Act, RawServer, head};
use crate::support::temporary_folder;
use crate::support::workplace::text_of;

use Engine::{Postgres, Sqlite};

const PAGE: &[u8] = b"<!doctype html><title>Page</title><p>A page.";

fn send(parts: &[&[u8]]) -> Vec<Act> {
    vec![Act::Send(parts.concat())]
}

#[rstest]
fn what_is_no_http(#[values(Sqlite, Postgres)] engine: Engine) {
    let garbage: Vec<u8> = (0..20_000_u32).map(|at| ((at * 7919) >> 3) as u8).collect();
    let line = b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    let one_long = [b"X-Long: ".as_slice(), &vec![b'a'; 2_000_000], b"\r\n\r\n"].concat();
    let ok = b"HTTP/1.1 200 OK\r\n".as_slice();
    let server = RawServer::start([
        ("/garbage", send(&[&garbage])),
        ("/zeros", send(&[&[0; 5000]])),
        ("/old", send(&[PAGE])),
        ("/nothing", Vec::new()),
        ("/cut", send(&[b"HTTP/1.1 200 OK\r\nContent-Ty"])),
        (
            "/many-lines",
            send(&[ok, &line.repeat(5_000), b"\r\n", PAGE]),
        ),
        ("/long-line", send(&[ok, &one_long, PAGE])),
        (
            "/no-end",
            vec![Act::Send(ok.to_vec()), Act::Endless(line.to_vec())],
        ),
        ("/no-colon", send(&[ok, b"this is no header\r\n\r\n", PAGE])),
        ("/nul", send(&[ok, b"X-Nul: a\0b\r\n\r\n", PAGE])),
    ]);
    let paths = [
        "/garbage",
        "/zeros",
        "/old",
        "/nothing",
        "/cut",
        "/many-lines",
        "/long-line",
        "/no-end",
        "/no-colon",
        "/nul",
    ];
    let uris = paths.map(|path| server.url(path));
    let met = met(engine, &uris, &["--retries", "0", "--timeout", "5s"]);
    for (path, uri) in paths.iter().zip(&uris) {
        let reason = match *path {
            "/many-lines" | "/long-line" | "/no-end" => "headers_too_large",
            _ => "connection_failed",
        };
        assert_eq!(met.outcome(uri), format!("failed {reason}"), "{path}");
    }
}

#[rstest]
fn statuses_that_are_neither_content_nor_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let status = |status: &str| {
        let head = head(status, &["Content-Type: text/html", "Content-Length: 44"]);
        send(&[&head, PAGE])
    };
    let hints = head("103 Early Hints", &["Link: </style.css>; rel=preload"]);
    let go_on = head("100 Continue", &[]);
    let whole = [head("200 OK", &["Content-Type: text/html"]), PAGE.to_vec()].concat();
    let server = RawServer::start([
        ("/204", send(&[&head("204 No Content", &[])])),
        ("/205", status("205 Reset Content")),
        ("/206", status("206 Partial Content")),
        ("/299", status("299 Fine")),
        ("/300", status("300 Multiple Choices")),
        ("/304", send(&[&head("304 Not Modified", &[])])),
        ("/999", status("999 Denied")),
        (
            "/101",
            send(&[&head(
                "101 Switching Protocols",
                &["Upgrade: tide", "Connection: upgrade"],
            )]),
        ),
        ("/099", status("099 Low")),
        ("/hints", send(&[&hints, &go_on, &whole])),
        ("/hints-only", vec![Act::Endless(go_on.clone())]),
    ]);
    let cases = [
        ("/204", "failed http_unexpected_status"),
        ("/205", "failed http_unexpected_status"),
        ("/206", "failed http_unexpected_status"),
        ("/299", "failed http_unexpected_status"),
        ("/300", "failed http_unexpected_status"),
        ("/304", "failed http_unexpected_status"),
        ("/999", "failed http_unexpected_status"),
        ("/101", "failed http_unexpected_status"),
        ("/099", "failed connection_failed"),
        ("/hints", "new"),
        ("/hints-only", "failed timeout"),
    ];
    let uris = cases.map(|(path, _)| server.url(path));
    let met = met(engine, &uris, &["--retries", "0", "--timeout", "1s"]);
    for ((path, outcome), uri) in cases.iter().zip(&uris) {
        assert_eq!(met.outcome(uri), *outcome, "{path}");
    }
}

/// A server may close a connection that it said it would keep; that costs a further try and no page.
#[rstest]
fn connections_that_are_kept_in_word_only(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = |links: &str| {
        let body = format!("<!doctype html><title>Page</title>{links}");
        let length = format!("Content-Length: {}", body.len());
        let keeps = "Connection: keep-alive";
        let head = head("200 OK", &["Content-Type: text/html", keeps, &length]);
        send(&[&head, body.as_bytes()])
    };
    let paths = ["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"];
    let links = paths
        .map(|path| format!("<a href={path}>{path}</a> "))
        .concat();
    let script = paths.map(|path| (path, page("")));
    let server = RawServer::start(script.into_iter().chain([("/", page(&links))]));
    let met = met(engine, &[server.url("/")], &["--per-host", "1"]);
    for path in paths {
        assert_eq!(met.outcome(&server.url(path)), "new", "{path}");
    }
}

/// What is too much over HTTP/1 is too much over HTTP/2.
#[rstest]
fn long_heads_over_http_2(#[values(Sqlite, Postgres)] engine: Engine) {
    let cases = [
        (Length::Bytes(200_000), "new"),
        (Length::Bytes(600_000), "failed headers_too_large"),
        (Length::Bytes(3_000_000), "failed headers_too_large"),
        // Few bytes that stand for many.
        (Length::Repeated(500), "failed headers_too_large"),
        (Length::Repeated(10_000), "failed headers_too_large"),
        (Length::Endless, "failed headers_too_large"),
    ];
    let folder = temporary_folder();
    let roots = folder.path().join("roots.pem");
    let servers = cases.map(|(head, _)| Http2Server::start(head));
    let authorities: String = servers.iter().map(Http2Server::authority).collect();
    std::fs::write(&roots, authorities).expect("a file");
    let uris = servers.each_ref().map(Http2Server::url);
    let flags = [
        "--retries",
        "0",
        "--timeout",
        "5s",
        "--ignore-robots",
        "--ca-file",
    ];
    let met = met(engine, &uris, &[&flags[..], &[text_of(&roots)]].concat());
    for ((head, outcome), uri) in cases.iter().zip(&uris) {
        assert_eq!(met.outcome(uri), *outcome, "{head:?}");
    }
}
