//! Servers of which each path answers wrongly in its own way.

use std::time::Duration;

use super::Told;
use crate::support::server::{Answer, Server};

/// A path, how it answers, and what must be told of it.
pub struct Wrong {
    path: &'static str,
    answer: fn() -> Answer,
    pub told: Told,
    /// Whether the host does more than answer: it has a server of its own.
    alone: bool,
}

/// For one try each, and no longer than is needed.
pub const FLAGS: [&str; 9] = [
    "--allow-private",
    "--delay",
    "0",
    "--retries",
    "0",
    "--timeout",
    "2s",
    "--max-wait",
    "1s",
];

/// What is lost | how it is planted | the line
pub const ANSWERS: &[Wrong] = &[
    wrong(
        "/gone",
        || Answer::status(404),
        ("http_not_found", "/gone", ""),
    ),
    wrong(
        "/secret",
        || Answer::status(403),
        ("http_denied", "/secret", ""),
    ),
    wrong(
        "/teapot",
        || Answer::status(418),
        ("http_client_error", "/teapot", ""),
    ),
    wrong(
        "/broken",
        || Answer::status(500),
        ("http_server_error", "/broken", ""),
    ),
    wrong(
        "/odd",
        || Answer::status(204),
        ("http_unexpected_status", "/odd", ""),
    ),
    wrong(
        "/slow",
        || sound().delay(Duration::from_secs(6)),
        ("timeout", "/slow", ""),
    ),
    wrong(
        "/hangs-up",
        Answer::hang_up,
        ("connection_failed", "/hangs-up", ""),
    ),
    wrong(
        "/heads",
        || sound().header("X-Long", &"a".repeat(2_000_000)),
        ("headers_too_large", "/heads", ""),
    ),
    // B3: what came is stored, and the rest is told.
    wrong(
        "/half",
        || sound().claims_length(9_000),
        ("body_incomplete", "/half", "70"),
    ),
    wrong(
        "/packed",
        || sound().header("Content-Encoding", "my-own"),
        ("content_encoding", "/packed", ""),
    ),
    wrong("/bomb", bomb, ("decompression_ratio", "/bomb", "1048576")),
    wrong(
        "/circle",
        || Answer::redirect(302, "/circle"),
        ("redirect_loop", "/circle", ""),
    ),
    wrong(
        "/nowhere",
        || Answer::status(301),
        ("malformed_redirect", "/nowhere", ""),
    ),
    wrong(
        "/hop-0",
        || Answer::redirect(302, "/hop-1"),
        ("too_many_redirects", "/hop-10", ""),
    ),
    alone(
        "/busy",
        || Answer::status(429).header("Retry-After", "3600"),
        ("rate_limited", "/busy", ""),
    ),
    alone(
        "/robots.txt",
        || Answer::status(500),
        ("robots_unreachable", "/page", ""),
    ),
];

/// What runs while the losses are crawled.
pub struct Started {
    pub seeds: Vec<String>,
    _servers: Vec<Server>,
}

/// Starts the servers: one for all that only answer, whose first page links to each, and one for each other.
pub fn start() -> Started {
    let shared = || ANSWERS.iter().filter(|one| !one.alone);
    let links: Vec<String> = shared()
        .map(|one| format!("<a href={0}>{0}</a> ", one.path))
        .collect();
    let first = Answer::page(format!(
        "<title>Links</title><p>All of them: {}</p>",
        links.concat()
    ));
    let builder = shared().fold(Server::builder().answer("/", first), |builder, one| {
        builder.answer(one.path, (one.answer)())
    });
    let builder = (1..11).fold(builder, |builder, hop| {
        let next = Answer::redirect(302, &format!("/hop-{}", hop + 1));
        builder.answer(&format!("/hop-{hop}"), next)
    });
    let mut servers = vec![builder.start()];
    let mut seeds = vec![servers[0].url("/")];
    for one in ANSWERS.iter().filter(|one| one.alone) {
        let server = Server::builder()
            .answer("/page", sound())
            .answer(one.path, (one.answer)())
            .start();
        seeds.push(server.url(one.told.1));
        servers.push(server);
    }
    Started {
        seeds,
        _servers: servers,
    }
}

const fn wrong(path: &'static str, answer: fn() -> Answer, told: Told) -> Wrong {
    Wrong {
        path,
        answer,
        told,
        alone: false,
    }
}

const fn alone(path: &'static str, answer: fn() -> Answer, told: Told) -> Wrong {
    Wrong {
        path,
        answer,
        told,
        alone: true,
    }
}

/// A page that is whole.
fn sound() -> Answer {
    Answer::page("<!doctype html><title>A page</title><p>A page that says something.</p>")
}

/// A page that grows ten-thousandfold when it is unpacked.
fn bomb() -> Answer {
    let page = format!(
        "<!doctype html><title>A page</title><p>Some text.{}",
        " ".repeat(8 << 20)
    );
    let packed = zstd::encode_all(page.as_bytes(), 3).expect("memory takes any bytes");
    Answer::page(packed).header("Content-Encoding", "zstd")
}
