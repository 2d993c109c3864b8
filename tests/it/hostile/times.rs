//! Servers that take their time: a byte now and then, a head that does not come, TLS that is begun and not
//! gone on with, and a Retry-After that lies years ahead.

use std::time::{Duration, Instant};

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::raw::{Act, RawServer, TLS, head};
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

const PAGE: &[u8] =
    b"<!doctype html><title>Page</title><p>A page that comes one byte at a time, and takes \
                      so long that nobody wants to wait for it to be here as a whole.";

/// Each takes longer than its limit and ends there: the whole job takes little more than the longest.
#[rstest]
fn slowness_is_waited_for_only_so_long(#[values(Sqlite, Postgres)] engine: Engine) {
    let apart = Duration::from_millis(50);
    let start = head("200 OK", &["Content-Type: text/html"]);
    let slow_head = [start.clone(), PAGE.to_vec()].concat();
    let server = RawServer::start([
        ("/never", vec![Act::Silence]),
        ("/slow-head", vec![Act::Drip(slow_head, apart)]),
        (
            "/slow-body",
            vec![Act::Send(start.clone()), Act::Drip(PAGE.repeat(10), apart)],
        ),
        (
            "/stops",
            vec![
                Act::Send(start.clone()),
                Act::Send(PAGE.to_vec()),
                Act::Silence,
            ],
        ),
        ("/head-only", vec![Act::Send(start), Act::Silence]),
    ]);
    let stalled = RawServer::start([(TLS, vec![Act::Silence])]);
    let babbling = RawServer::start([(TLS, vec![Act::Send(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec())])]);
    let tls = |server: &RawServer| server.url("/").replace("http:", "https:");
    let cases = [
        (server.url("/never"), "timeout", false),
        (server.url("/slow-head"), "timeout", false),
        (server.url("/slow-body"), "body_incomplete", true),
        (server.url("/stops"), "body_incomplete", true),
        (server.url("/head-only"), "timeout", false),
        (tls(&stalled), "robots_unreachable", false),
        (tls(&babbling), "robots_unreachable", false),
    ];
    let uris: Vec<_> = cases.iter().map(|(uri, ..)| uri.clone()).collect();
    let begin = Instant::now();
    let met = met(engine, &uris, &["--retries", "0", "--timeout", "500ms"]);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    for (uri, reason, is_stored) in &cases {
        assert_eq!(met.reasons(uri), [*reason], "{uri}");
        assert_eq!(met.stored(uri).is_some(), *is_stored, "{uri}");
    }
    let detail = |uri: &str| {
        let sql = format!("SELECT detail FROM frontier WHERE uri = '{uri}'");
        met.place.value(&sql)
    };
    assert!(
        detail(&tls(&stalled)).contains("timeout"),
        "{}",
        detail(&tls(&stalled))
    );
    assert!(
        detail(&tls(&babbling)).contains("tls_failed"),
        "{}",
        detail(&tls(&babbling))
    );
}

/// Nobody waits for years: what such a host has is a loss that a later crawl can mend, and other hosts go on.
#[rstest]
fn a_retry_after_far_in_the_future(#[values(Sqlite, Postgres)] engine: Engine) {
    let later = |status, value: &str| {
        let answer = Answer::status(status).header("Retry-After", value);
        Server::builder().answer("/busy", answer).start()
    };
    let servers = [
        later(503, "315360000"),
        later(429, "99999999999999999999999999"),
        later(503, "Tue, 31 Dec 2199 23:59:59 GMT"),
        later(429, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ];
    let other = Server::builder()
        .answer("/page", Answer::page("<title>Page</title>"))
        .start();
    let mut uris: Vec<_> = servers.iter().map(|server| server.url("/busy")).collect();
    uris.push(other.url("/page"));
    let begin = Instant::now();
    let met = met(engine, &uris, &["--per-host", "1"]);
    assert!(
        begin.elapsed() < Duration::from_mins(1),
        "{:?}",
        begin.elapsed()
    );
    for (server, uri) in servers.iter().zip(&uris) {
        assert_eq!(met.reasons(uri), ["rate_limited"], "{uri}");
        assert_eq!(server.count("/busy"), 1, "{uri}");
    }
    assert_eq!(met.outcome(&other.url("/page")), "new");
}
