//! Asking a server if what is stored still holds: what has not changed is not sent again, and nothing that
//! hangs on it is lost. An older fetch does not take the place of a newer one.

use std::time::Duration;

use rstest::rstest;
use toolkit::model::Timestamp;

use crate::support::database::Engine;
use crate::support::server::{Answer, Request, Server};
use crate::support::wait_until;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

fn crawl(place: &Workplace, server: &Server, further: &[&str]) {
    let seed = server.url("/");
    let crawl = [
        "crawl",
        &seed,
        "--allow-private",
        "--delay",
        "0",
        "--retries",
        "0",
    ];
    place.succeed(&[&crawl[..], further].concat());
    place.check();
}

/// A site of three pages: one with a tag, one with a date, one with neither.
fn three_pages() -> Server {
    let start = "<title>Start</title><a href=/dated>d</a> <a href='http://['>broken</a>";
    Server::builder()
        .answer("/", Answer::page(start).header("ETag", "W/\"v1\""))
        .answer(
            "/dated",
            Answer::page("<a href=/plain>p</a>").header("Last-Modified", MODIFIED),
        )
        .answer("/plain", Answer::page("plain"))
        .start()
}

fn asked(server: &Server, target: &str) -> (Option<String>, Option<String>) {
    let request: Request = server.last_request(target).expect("a request");
    let value = |name| request.header(name).map(str::to_owned);
    (value("if-none-match"), value("if-modified-since"))
}

fn last_outcomes(place: &Workplace) -> Vec<String> {
    let rows = place.database.query_text(
        "SELECT uri, outcome, COALESCE(reason, '') FROM frontier WHERE job_id = \
         (SELECT id FROM jobs ORDER BY created_at DESC LIMIT 1) ORDER BY uri COLLATE \"C\"",
    );
    rows.into_iter()
        .map(|row| {
            let words: Vec<String> = row.into_iter().flatten().collect();
            let path = words[0].splitn(4, '/').nth(3).unwrap_or_default();
            format!("/{path} {} {}", words[1], words[2])
                .trim_end()
                .to_owned()
        })
        .collect()
}

#[rstest]
fn what_has_not_changed_is_not_sent_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), three_pages());
    let unchanged = ["/ unchanged", "/dated unchanged", "/plain unchanged"];
    crawl(&place, &server, &[]);
    assert_eq!(asked(&server, "/"), (None, None));
    assert_eq!(last_outcomes(&place), ["/ new", "/dated new", "/plain new"]);
    let gaps = place.count("gaps WHERE resolved_at IS NULL");
    assert!(gaps > 0);
    place
        .database
        .execute("UPDATE sources SET fetched_at = '2020-01-01T00:00:00.000000Z'");
    // The second time shows that the tag is still known after an answer that brought no page.
    for run in 1..3 {
        crawl(&place, &server, &[]);
        assert_eq!(
            asked(&server, "/"),
            (Some("W/\"v1\"".to_owned()), None),
            "{run}"
        );
        assert_eq!(
            asked(&server, "/dated"),
            (None, Some(MODIFIED.to_owned())),
            "{run}"
        );
        assert_eq!(asked(&server, "/plain"), (None, None), "{run}");
        assert_eq!(last_outcomes(&place), unchanged, "{run}");
        assert_eq!(
            place.count("events WHERE CAST(payload AS TEXT) LIKE '%\"status\":304%'"),
            2 * run
        );
    }
    assert_eq!(place.count("bodies"), 3);
    assert_eq!(
        place.count("sources WHERE status = 200 AND fetched_at > '2025-01-01T00:00:00.000000Z'"),
        3
    );
    assert_eq!(
        place.count("sources WHERE title = 'Start' AND charset_source IS NOT NULL"),
        1
    );
    assert_eq!(place.count("gaps WHERE resolved_at IS NULL"), gaps);

    let second = Answer::page("<title>Second</title><a href=/dated>d</a>");
    server.set("/", second.header("ETag", "\"v2\""));
    crawl(&place, &server, &[]);
    assert_eq!(
        last_outcomes(&place),
        ["/ changed", "/dated unchanged", "/plain unchanged"]
    );
    crawl(&place, &server, &[]);
    assert_eq!(asked(&server, "/"), (Some("\"v2\"".to_owned()), None));

    crawl(&place, &server, &["--refetch"]);
    assert_eq!(asked(&server, "/"), (None, None));
    assert_eq!(asked(&server, "/dated"), (None, None));
    assert_eq!(last_outcomes(&place), unchanged);
}

#[rstest]
fn nobody_is_asked_about_a_part(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = format!("<title>Long</title>{}", "x".repeat(500));
    let server = Server::builder()
        .answer("/", Answer::page(page).header("ETag", "\"v1\""))
        .start();
    let place = Workplace::new(engine);
    crawl(&place, &server, &["--max-body", "100B"]);
    crawl(&place, &server, &["--max-body", "100B"]);
    assert_eq!(asked(&server, "/"), (None, None));
    crawl(&place, &server, &[]);
    assert_eq!(asked(&server, "/"), (None, None));
    assert_eq!(last_outcomes(&place), ["/ changed"]);
    // Whole now, and larger than is wanted.
    crawl(&place, &server, &["--max-body", "100B"]);
    assert_eq!(asked(&server, "/"), (None, None));
    crawl(&place, &server, &[]);
    crawl(&place, &server, &[]);
    assert_eq!(asked(&server, "/"), (Some("\"v1\"".to_owned()), None));
}

#[rstest]
fn what_cannot_be_read_again_is_fetched_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), three_pages());
    crawl(&place, &server, &[]);
    place.database.execute("UPDATE events SET payload = NULL");
    let before = server.requests().len();
    let seed = server.url("/");
    place.succeed(&["crawl", &seed, "--allow-private", "--delay", "0"]);
    assert_eq!(
        last_outcomes(&place),
        ["/ unchanged", "/dated unchanged", "/plain unchanged"]
    );
    // robots.txt, llms.txt, three pages, and two of them once more without a condition.
    assert_eq!(server.requests().len(), before + 7);
    assert_eq!(asked(&server, "/"), (None, None));
    assert_eq!(asked(&server, "/dated"), (None, None));
}

#[test]
fn an_answer_to_a_question_that_nobody_asked_is_a_failure() {
    let (place, server) = (Workplace::new(Sqlite), three_pages());
    crawl(&place, &server, &[]);
    server.set("/plain", Answer::status(304));
    crawl(&place, &server, &[]);
    assert_eq!(
        last_outcomes(&place),
        [
            "/ unchanged",
            "/dated unchanged",
            "/plain failed http_unexpected_status"
        ]
    );
}

#[rstest]
fn an_older_version_stands_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), three_pages());
    crawl(&place, &server, &[]);
    let stored = "SELECT CAST(body_digest AS TEXT) || ' ' || COALESCE(title, '') || ' ' || \
                  COALESCE(etag, '') FROM sources WHERE uri LIKE '%/'";
    let before = place.value(stored);
    let other = "<title>Other</title><a href=/dated>d</a><a href=/more>m</a>";
    let slow = Answer::page(other).delay(Duration::from_secs(1));
    server.set("/", slow.header("ETag", "\"v0\""));
    server.set("/more", Answer::page("more"));
    let asked = server.count("/");
    let running = place.start_crawl(&server.url("/"), &["--delay", "0"]);
    wait_until("it is asked for", || server.count("/") > asked);
    // As if another crawl had been here while this one waits for the answer.
    let later = Timestamp::now();
    place.database.execute(&format!(
        "UPDATE sources SET fetched_at = '{later}' WHERE uri LIKE '%/'"
    ));
    let output = running.finish();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(
        last_outcomes(&place),
        [
            "/ skipped older_version",
            "/dated unchanged",
            "/more new",
            "/plain unchanged"
        ]
    );
    assert_eq!(place.value(stored), before);
    assert_eq!(
        place.count(&format!("sources WHERE fetched_at = '{later}'")),
        1
    );
    // The other body is kept, and the record names it.
    assert_eq!(place.count("bodies"), 5);
    let named = place.count(
        "events JOIN bodies ON CAST(events.payload AS TEXT) LIKE \
         '%' || CAST(bodies.digest AS TEXT) || '%' WHERE events.kind = 'url_skipped'",
    );
    assert_eq!(named, 1);
    place.succeed(&["report", "balance"]);
}

/// A clock that was wrong once does not keep a page from being replaced until its time comes.
#[rstest]
fn a_version_of_a_time_to_come_is_replaced(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), three_pages());
    crawl(&place, &server, &[]);
    place
        .database
        .execute("UPDATE sources SET fetched_at = '2099-01-01T00:00:00.000000Z'");
    let other = "<title>Other</title><a href=/dated>d</a>";
    server.set("/", Answer::page(other).header("ETag", "\"v2\""));
    crawl(&place, &server, &[]);
    assert_eq!(
        last_outcomes(&place),
        ["/ changed", "/dated unchanged", "/plain unchanged"]
    );
    let stored = "SELECT title || ' ' || etag FROM sources WHERE uri LIKE '%/'";
    assert_eq!(place.value(stored), "Other \"v2\"");
    assert_eq!(
        place.count("sources WHERE fetched_at > '2098-01-01T00:00:00.000000Z'"),
        0
    );
    place.check();
}

/// What a page asked for when it came, it asks for still: it is not extracted because a canonical URL of it
/// was looked at.
#[rstest]
fn a_page_that_asks_not_to_be_indexed_stays_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let links =
        "<title>Start</title><a href=/by-header>h</a><a href=/by-markup>m</a><a href=/other>o</a>";
    let page = |robots: &str, path: &str| {
        let canonical = "<link rel=canonical href=/other>";
        Answer::page(format!("{robots}{canonical}<p>{path}")).header("ETag", path)
    };
    let server = Server::builder()
        .answer("/", Answer::page(links))
        .answer(
            "/by-header",
            page("", "\"h\"").header("X-Robots-Tag", "noindex"),
        )
        .answer(
            "/by-markup",
            page("<meta name=robots content=noindex>", "\"m\""),
        )
        .answer(
            "/other",
            Answer::page("<p>Something else.").header("ETag", "\"o\""),
        )
        .start();
    let place = Workplace::new(engine);
    for run in 0..3 {
        crawl(&place, &server, &[]);
        let outcome = if run == 0 { "new" } else { "unchanged" };
        assert_eq!(
            last_outcomes(&place),
            [
                format!("/ {outcome}"),
                format!("/by-header {outcome} noindex"),
                format!("/by-markup {outcome} noindex"),
                format!("/other {outcome}"),
            ]
        );
        assert_eq!(place.count("sources WHERE extractable"), 2, "run {run}");
        let conflicts = "gaps WHERE reason = 'canonical_conflict'";
        assert_eq!(place.count(conflicts), 0, "run {run}");
        if run > 0 {
            assert_eq!(asked(&server, "/by-header").0.as_deref(), Some("\"h\""));
            assert_eq!(asked(&server, "/by-markup").0.as_deref(), Some("\"m\""));
        }
    }
}
