//! Crawls that leave something out: by a limit, at a sitemap, of an archive, or everything.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Planted, planted};
use crate::support::server::{Answer, Server};
use crate::support::tls::TlsServer;
use crate::support::workplace::{Workplace, text_of};

/// What is lost | how it is planted | the lines
pub const CRAWLS: &[Planted] = &[
    // B5: the next page of results is known and not followed.
    planted(
        "results beyond the depth",
        |place| chain(place, &["--max-depth", "1"]),
        &[("max_depth", "/page-2", "")],
    ),
    planted(
        "pages beyond their number",
        |place| chain(place, &["--max-pages", "2"]),
        &[("max_pages", "/page-2", "")],
    ),
    planted(
        "pages beyond the number of a host",
        |place| chain(place, &["--max-pages-per-host", "2"]),
        &[("max_pages_per_host", "/page-2", "")],
    ),
    planted(
        "pages beyond the bytes",
        |place| chain(place, &["--max-bytes", "1B"]),
        &[("max_bytes", "/page-1", "")],
    ),
    planted(
        "pages beyond the time",
        |place| chain(place, &["--max-duration", "1ms"]),
        &[("max_duration", "", "")],
    ),
    planted(
        "pages beyond the day's quota",
        |place| chain(place, &["--daily-quota", "1"]),
        &[("daily_quota", "/page-1", "")],
    ),
    // Pages that only a sitemap knows.
    planted(
        "a page of a sitemap",
        |place| {
            let pages =
                |server: &str| format!("<urlset><url><loc>{server}/unseen</loc></url></urlset>");
            sitemap(place, |server| vec![("/sitemap.xml", pages(server))]);
        },
        &[("http_not_found", "/unseen", "")],
    ),
    planted(
        "the rest of a sitemap",
        |place| {
            sitemap(place, |server| {
                let page = format!("{server}/page");
                vec![(
                    "/sitemap.xml",
                    format!("<urlset><url><loc>{page}</loc></url><url><lo"),
                )]
            });
        },
        &[("sitemap_invalid", "/sitemap.xml", "…")],
    ),
    planted(
        "a sitemap behind too many others",
        |place| {
            const PATHS: [&str; 8] = ["/sitemap.xml", "/1", "/2", "/3", "/4", "/5", "/6", "/7"];
            sitemap(place, |server| {
                let nested = PATHS.windows(2).map(|pair| {
                    let next = pair[1];
                    let index = format!(
                        "<sitemapindex><sitemap><loc>{server}{next}</loc></sitemap></sitemapindex>"
                    );
                    (pair[0], index)
                });
                nested.collect()
            });
        },
        &[("sitemap_nesting", "/6", "…")],
    ),
    // Of archives.
    planted(
        "a record of an archive",
        |place| archive(place, &[response(""), "no record".to_owned(), response("")]),
        &[("archive_damaged", "", "…")],
    ),
    planted(
        "what an archive's digest was of",
        |place| {
            archive(
                place,
                &[response(&format!(
                    "WARC-Payload-Digest: sha1:{}\r\n",
                    "A".repeat(32)
                ))],
            );
        },
        &[("digest_mismatch", "http://a.example/", "…")],
    ),
    planted(
        "what a revisit repeats",
        |place| archive(place, &[revisit()]),
        &[("revisit_unresolved", "http://a.example/", "…")],
    ),
    // Hosts that are not reached.
    planted(
        "a host at a private address",
        |place| {
            let server = served("<p>A page.</p>");
            let allowed = server.url("").replace("http://", "");
            let seeds = [server.url("/"), "http://192.168.255.1/".to_owned()];
            place.succeed(&[
                "run",
                &seeds[0],
                &seeds[1],
                "--allow-host",
                &allowed,
                "--retries",
                "0",
            ]);
        },
        &[("address_refused", "http://192.168.255.1/", "")],
    ),
    planted(
        "a host whose certificate nobody knows",
        |place| {
            let server = TlsServer::start(&[("/", "<p>A page.</p>")]);
            let flags = ["--allow-private", "--ignore-robots", "--retries", "0"];
            let seed = server.url("/");
            place.run(&[&["run", &*seed][..], &flags].concat());
        },
        &[("tls_failed", "/", "")],
    ),
    planted(
        "a file that cannot be read",
        |place| {
            let folder = folder(place, &[("page.html", "<p>A page.</p>")]);
            symlink("round.html", folder.join("round.html")).expect("a link to itself");
            place.succeed(&["run", text_of(&folder)]);
        },
        &[("file_unreadable", "/round.html", "")],
    ),
    // B6: a crawl of nothing is completed.
    planted(
        "a site that robots.txt forbids",
        |place| {
            let server = Server::builder()
                .answer(
                    "/robots.txt",
                    Answer::status(200).body("text/plain", "User-agent: *\nDisallow: /\n"),
                )
                .answer("/", Answer::page("<p>A page.</p>"))
                .start();
            place.run(&["run", &server.url("/"), "--allow-private"]);
        },
        &[("nothing_stored", "/", "seed")],
    ),
    planted(
        "a folder with nothing in it",
        |place| {
            let folder = folder(place, &[]);
            place.run(&["run", text_of(&folder)]);
        },
        &[("nothing_stored", "/pages/", "seed")],
    ),
    planted(
        "one of two sites, while the other is stored",
        |place| {
            let rules = Answer::status(200).body("text/plain", "User-agent: *\nDisallow: /\n");
            let closed = Server::builder()
                .answer("/robots.txt", rules)
                .answer("/closed", Answer::page("<p>A page.</p>"))
                .start();
            let open = served("<p>A page.</p>");
            place.succeed(&[
                "run",
                &closed.url("/closed"),
                &open.url("/"),
                "--allow-private",
            ]);
        },
        &[("nothing_stored", "/closed", "seed")],
    ),
];

fn page(body: &str) -> String {
    format!("<!doctype html><title>A page</title><main>{body}</main>")
}

fn served(body: &str) -> Server {
    Server::builder()
        .answer("/", Answer::page(page(body)))
        .start()
}

/// Crawls three pages of results, each of which leads to the next.
fn chain(place: &Workplace, flags: &[&str]) {
    let builder = (0..3).fold(Server::builder(), |builder, number| {
        let next = format!(
            "<p>Results {number}.</p><a rel=next href=/page-{}>next</a>",
            number + 1
        );
        let last = "<p>The last results.</p>".to_owned();
        let body = if number < 2 { next } else { last };
        builder.answer(&format!("/page-{number}"), Answer::page(page(&body)))
    });
    let server = builder.start();
    let seed = server.url("/page-0");
    let mut run = vec!["run", &seed, "--allow-private", "--delay", "0"];
    run.extend(flags);
    place.run(&run);
}

/// Crawls a site of one page whose robots.txt names a sitemap.
fn sitemap(place: &Workplace, files: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let server = served("<p>A page.</p>");
    server.set("/page", Answer::page(page("<p>Another page.</p>")));
    let root = server.url("");
    for (path, text) in files(&root) {
        server.set(path, Answer::status(200).body("application/xml", text));
    }
    let robots = format!("Sitemap: {root}/sitemap.xml\n");
    server.set(
        "/robots.txt",
        Answer::status(200).body("text/plain", robots),
    );
    place.succeed(&["run", &server.url("/"), "--allow-private", "--delay", "0"]);
}

/// Crawls an archive of these records.
fn archive(place: &Workplace, records: &[String]) {
    let path = place.user.folder().join("made.warc");
    fs::write(&path, records.concat()).expect("an archive");
    place.run(&["run", text_of(&path)]);
}

fn record(kind: &str, further: &str, block: &str) -> String {
    let length = block.len();
    format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.example/\r\n\
         WARC-Date: 2026-05-01T10:00:00Z\r\n{further}Content-Type: application/http\r\n\
         Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
}

fn response(further: &str) -> String {
    let body = page("<p>An archived page.</p>");
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
    record("response", further, &block)
}

fn revisit() -> String {
    let profile = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n";
    record("revisit", profile, "HTTP/1.1 304 Not Modified\r\n\r\n")
}

/// Makes a folder of these pages beside the user's.
pub fn folder(place: &Workplace, pages: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = place.user.folder().join("pages");
    fs::create_dir_all(&folder).expect("a folder");
    for (name, body) in pages {
        fs::write(folder.join(name), page(body)).expect("a page");
    }
    folder
}
