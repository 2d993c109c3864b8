//! Records that repeat another's content: what a crawl writes when nothing has changed, and which record
//! the reader takes for the one that is meant.

use std::path::{Path, PathBuf};

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::readers::read_archive;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

fn crawl(place: &Workplace, server: &Server, name: &str) -> PathBuf {
    let seed = server.url("/");
    place.succeed(&[
        "crawl",
        &seed,
        "--allow-private",
        "--delay",
        "0",
        "--warc",
        name,
    ]);
    place.user.folder().join(name)
}

/// A record of a page at a minute of a day, two line ends behind it included.
fn record(kind: &str, minute: u32, further: &str, block: &str) -> String {
    let length = block.len();
    format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.example/\r\n\
         WARC-Date: 2026-05-01T10:{minute:02}:00Z\r\n{further}Content-Type: application/http\r\n\
         Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
}

fn page(minute: u32, status: &str, body: &str) -> String {
    let block = format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n{body}");
    record("response", minute, "", &block)
}

fn unmodified(minute: u32, further: &str) -> String {
    let further = format!("WARC-Profile: {NOT_MODIFIED}\r\n{further}");
    record(
        "revisit",
        minute,
        &further,
        "HTTP/1.1 304 Not Modified\r\n\r\n",
    )
}

fn crawl_records(place: &Workplace, records: &[String]) {
    let path = place.user.folder().join("made.warc");
    std::fs::write(&path, records.concat()).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    place.check();
}

/// What happened to the only page, in its order.
fn trail(place: &Workplace) -> Vec<String> {
    let show = place.json(&["sources", "show", "http://a.example/"]);
    fields(&lines_where(&show, "trail", |_| true), "event")
}

#[rstest]
fn a_page_that_has_not_changed_is_a_revisit_that_is_read_back(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("warc", "warc.gz")] ending: &str,
) {
    let server = Server::builder()
        .answer(
            "/",
            Answer::page("<title>Start</title><a href=/dated>d</a>").header("ETag", "\"v1\""),
        )
        .answer(
            "/dated",
            Answer::page("dated").header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
        )
        .start();
    let place = Workplace::new(engine);
    let [first, second, third] = ["first", "second", "third"]
        .map(|name| crawl(&place, &server, &format!("{name}.{ending}")));
    let before = read_archive(&first);
    // What the third refers to is what came whole, not the answer in between that brought nothing.
    for later in [&second, &third] {
        let read = read_archive(later);
        for path in ["/", "/dated"] {
            let revisit = &read.only("revisit", path)["fields"];
            let original = &before.only("response", path)["fields"];
            assert_eq!(revisit["WARC-Profile"], NOT_MODIFIED);
            assert_eq!(
                revisit["WARC-Refers-To-Target-URI"],
                original["WARC-Target-URI"]
            );
            assert_eq!(revisit["WARC-Refers-To-Date"], original["WARC-Date"]);
            assert_eq!(read.only("revisit", path)["status"], "304");
        }
    }
    let stored = "SELECT uri, body_digest, CAST(fetched_at AS TEXT) FROM sources \
                  WHERE uri NOT LIKE '%/robots.txt' ORDER BY uri_key";
    let expected = place.database.query_text(stored);
    assert_eq!(expected.len(), 2);
    // Whatever comes first on the command line.
    for order in [[&first, &second, &third], [&third, &first, &second]] {
        let again = Workplace::new(engine);
        let [one, two, three] = order.map(|path: &PathBuf| text_of(path));
        again.succeed(&["crawl", one, two, three]);
        assert_eq!(again.database.query_text(stored), expected);
        assert_eq!(
            again.count("frontier WHERE reason = 'revisit_unresolved'"),
            0
        );
        again.check();
    }
    let alone = Workplace::new(engine);
    assert_eq!(crawl_alone(&alone, &second), 2);
}

fn crawl_alone(place: &Workplace, archive: &Path) -> usize {
    place.run(&["crawl", text_of(archive)]);
    place.check();
    place.count("frontier WHERE reason = 'revisit_unresolved'")
}

#[rstest]
fn what_has_not_changed_is_the_capture_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    crawl_records(
        &place,
        &[
            // Not the first one in the file, nor the last one before it that is an error.
            page(30, "200 OK", "<p>the second version"),
            unmodified(20, ""),
            page(10, "200 OK", "<p>the first version"),
            page(40, "500 Internal Server Error", "<p>broken"),
            unmodified(50, ""),
            unmodified(5, ""),
        ],
    );
    assert_eq!(
        trail(&place),
        [
            "source_created",
            "source_unchanged",
            "source_changed",
            "url_failed",
            "source_unchanged"
        ]
    );
    // Of what was there before the first one nothing is known.
    assert_eq!(
        place.count("frontier WHERE reason = 'revisit_unresolved'"),
        1
    );
    assert_eq!(
        place.count("frontier WHERE reason = 'http_server_error'"),
        1
    );
}

#[rstest]
fn a_revisit_that_names_a_time_means_the_capture_of_that_time(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let refers = |date: &str| format!("WARC-Refers-To-Date: 2026-05-01T{date}Z\r\n");
    crawl_records(
        &place,
        &[
            page(10, "200 OK", "<p>the first version"),
            page(30, "200 OK", "<p>the second version"),
            // Named with a fraction that the record's own date has not.
            unmodified(40, &refers("10:10:00.120000")),
            // Named by a revisit's time, which stands for what that repeats.
            unmodified(50, &refers("10:40:00")),
            unmodified(55, &refers("10:11:00")),
        ],
    );
    assert_eq!(
        trail(&place),
        [
            "source_created",
            "source_changed",
            "source_changed",
            "source_unchanged"
        ]
    );
    assert_eq!(
        place.count("frontier WHERE reason = 'revisit_unresolved'"),
        1
    );
}
