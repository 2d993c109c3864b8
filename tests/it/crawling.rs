//! What a crawl leaves out, by limits and decisions of the user's, and what servers do to it: each URL ends
//! in one outcome, with the reason in the report.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Crawls `path` of the server with further arguments and returns the report of what is incomplete.
fn crawled(place: &Workplace, server: &Server, path: &str, further: &[&str]) -> Value {
    let seed = server.url(path);
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.succeed(&[&crawl[..], further].concat());
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    place.check();
    place.json(&["report", "incomplete", "--all"])
}

/// The paths that the report gives this reason, in order.
fn paths(report: &Value, server: &Server, reason: &str) -> Vec<String> {
    let lines = lines_where(report, "rows", |line| line["reason"] == reason);
    let uris = fields(&lines, "uri");
    let mut paths: Vec<String> = uris
        .iter()
        .map(|uri| uri.replace(&server.url(""), ""))
        .collect();
    paths.sort();
    paths
}

#[rstest]
fn no_deeper_than_asked(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let report = crawled(&place, &server, "/index.html", &["--max-depth", "2"]);
    assert_eq!(paths(&report, &server, "max_depth"), ["/stage-3.html"]);
    assert_eq!(server.count("/stage-3.html"), 0);
    assert_eq!(place.count("sources"), 9);
    assert_eq!(place.count("frontier"), 10);
    // A limit that the user set is told, and is a fault only to who asks strictly.
    place.succeed(&["extract"]);
    place.succeed(&["report", "incomplete", "--check"]);
    let strict = place.run(&["report", "incomplete", "--check", "--strict"]);
    assert_eq!(strict.code(), Some(3));
}

#[rstest]
fn no_more_pages_than_asked(#[values(Sqlite, Postgres)] engine: Engine) {
    for most in [1, 4] {
        let (place, server) = (Workplace::new(engine), Server::of(site("club")));
        let number = most.to_string();
        let report = crawled(&place, &server, "/index.html", &["--max-pages", &number]);
        assert_eq!(place.count("sources"), most);
        // Two more requests than pages: robots.txt and llms.txt.
        assert_eq!(server.requests().len(), most + 2);
        let left_out = paths(&report, &server, "max_pages").len();
        assert!(left_out > 0);
        assert_eq!(place.count("frontier"), most + left_out);
    }
}

#[rstest]
fn only_what_the_patterns_allow(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let patterns = ["--include", r"stage-\d|rules", "--exclude", "print"];
    let report = crawled(&place, &server, "/index.html", &patterns);
    let listing = [
        "/hikes.html?page=1",
        "/hikes.html?page=2",
        "/hikes.html?page=2&sort=length",
        "/hikes.html?page=3",
        "/rules-print.html",
    ];
    let excluded = paths(&report, &server, "excluded");
    assert!(!excluded.is_empty());
    for path in &excluded {
        assert!(listing.contains(&path.as_str()), "{path}");
        assert_eq!(server.count(path), 0, "{path}");
    }
    assert!(excluded.contains(&"/rules-print.html".to_owned()));
    // The seed, five stages and the rules.
    assert_eq!(place.count("sources"), 7);
    let decided = lines_where(&report, "rows", |line| line["reason"] == "excluded");
    assert!(decided.iter().all(|line| line["class"] == "decision"));
}

#[rstest]
fn a_seed_is_followed_where_the_patterns_would_not_go(#[values(Sqlite, Postgres)] engine: Engine) {
    let home = "<title>Home</title><a href=/moved>moved</a> <a href=/start>start</a>";
    let server = Server::builder()
        .answer("/start", Answer::redirect(302, "/private/login"))
        .answer("/private/login", Answer::redirect(302, "/private/home"))
        .answer("/private/home", Answer::page(home))
        .answer("/moved", Answer::redirect(302, "/private/other"))
        .start();
    let place = Workplace::new(engine);
    let report = crawled(&place, &server, "/start", &["--exclude", "/private/"]);
    assert_eq!(
        place.value("SELECT uri FROM sources"),
        server.url("/private/home")
    );
    assert_eq!(paths(&report, &server, "excluded"), ["/private/other"]);
    assert_eq!(server.count("/private/other"), 0);

    let away = Server::builder()
        .answer("/", Answer::redirect(302, &server.url("/private/home")))
        .start();
    let place = Workplace::new(engine);
    let crawl = ["crawl", &away.url("/"), "--allow-private", "--delay", "0"];
    assert_eq!(place.run(&crawl).code(), Some(1));
    let left = place.value("SELECT reason FROM frontier WHERE outcome = 'skipped'");
    assert_eq!(left, "out_of_scope");
}

#[rstest]
fn a_server_that_recovers_is_asked_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let busy = Answer::status(503).header("Retry-After", "0");
    let server = Server::builder()
        .folder(site("club"))
        .fail_first("/stage-1.html", 2, busy)
        .answer("/stage-2.html", Answer::status(500))
        .start();
    let place = Workplace::new(engine);
    let report = crawled(&place, &server, "/index.html", &[]);
    assert_eq!(server.count("/stage-1.html"), 3);
    assert_eq!(server.count("/stage-2.html"), 1);
    assert_eq!(
        paths(&report, &server, "http_server_error"),
        ["/stage-2.html"]
    );
    assert_eq!(
        place.value("SELECT outcome FROM frontier WHERE uri LIKE '%/stage-1.html'"),
        "new"
    );
}

#[rstest]
fn a_body_that_broke_off_is_asked_for_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let cut = Answer::page("<!doctype html><title>Stage</title>").closes_after(20);
    let server = Server::builder()
        .folder(site("club"))
        .fail_first("/stage-1.html", 1, cut.clone())
        .answer("/stage-2.html", cut)
        .start();
    let place = Workplace::new(engine);
    let report = crawled(&place, &server, "/index.html", &["--retries", "1"]);
    assert_eq!(server.count("/stage-1.html"), 2);
    assert_eq!(server.count("/stage-2.html"), 2);
    assert_eq!(
        paths(&report, &server, "body_incomplete"),
        ["/stage-2.html"]
    );
    let size = |page: &str| {
        let sql = format!("SELECT body_size FROM sources WHERE uri LIKE '%/{page}'");
        place.value(&sql)
    };
    let whole = std::fs::read(site("club").join("stage-1.html")).expect("the page");
    assert_eq!(size("stage-1.html"), whole.len().to_string());
    assert_eq!(size("stage-2.html"), "20");
}

#[rstest]
fn a_later_crawl_repairs_what_an_earlier_one_lost(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .folder(site("club"))
        .fail_first("/stage-5.html", 1, Answer::status(503))
        .start();
    let place = Workplace::new(engine);
    let report = crawled(&place, &server, "/index.html", &["--retries", "0"]);
    assert_eq!(
        paths(&report, &server, "http_server_error"),
        ["/stage-5.html"]
    );
    assert_eq!(server.count("/stage-5.html"), 1);

    let seed = server.url("/index.html");
    place.succeed(&["run", &seed, "--allow-private", "--delay", "0"]);
    place.succeed(&["report", "incomplete", "--check", "--strict"]);
    let repairer = place.value(
        "SELECT id FROM jobs WHERE kind = 'crawl' ORDER BY created_at DESC, id DESC LIMIT 1",
    );
    assert_eq!(
        place.value("SELECT resolved_by_job_id FROM gaps"),
        repairer,
        "the gap stays, and says who closed it"
    );
    place.check();
}

#[rstest]
fn a_private_address_needs_permission(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let refused = place.run(&["run", &server.url("/index.html")]);
    assert_eq!(refused.code(), Some(1), "{}", refused.snapshot());
    assert!(
        refused.stderr.contains("error: nothing was stored"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    assert_eq!(server.requests(), Vec::<String>::new());
    assert_eq!(place.count("sources"), 0);
    let report = place.json(&["report", "incomplete"]);
    assert_eq!(
        paths(&report, &server, "address_refused"),
        ["/index.html"],
        "{report}"
    );
    let told = place.succeed(&["report", "incomplete"]).stdout;
    assert!(told.contains("--allow-private"), "{told}");
    place.check();
}

#[rstest]
fn what_servers_do_is_told_by_its_reason(#[values(Sqlite, Postgres)] engine: Engine) {
    let text =
        "<!doctype html><title>Long</title><main><p>".to_owned() + &"A long page. ".repeat(200);
    let answers = [
        ("/cut", Answer::page(text.clone()).closes_after(700)),
        ("/short", Answer::page(text.clone()).claims_length(9000)),
        ("/endless", Answer::page(text.clone())),
        (
            "/silent",
            Answer::page("late").delay(Duration::from_secs(30)),
        ),
        ("/gone", Answer::hang_up()),
        ("/loop", Answer::redirect(302, "/loop")),
        ("/nowhere", Answer::redirect(302, "http://[")),
        (
            "/packed",
            Answer::page("no gzip").header("Content-Encoding", "gzip"),
        ),
        ("/forbidden", Answer::status(403)),
        ("/removed", Answer::status(410)),
        (
            "/picture",
            Answer::status(200).body("image/png", "\u{89}PNG"),
        ),
    ];
    let links = answers
        .each_ref()
        .map(|(path, _)| format!("<a href=\"{path}\">{path}</a> "))
        .concat();
    let index =
        format!("<!doctype html><title>All</title><p>{links}<a href=\"http://[\">no URL</a>");
    let server = answers
        .iter()
        .fold(Server::builder(), |builder, (path, answer)| {
            builder.answer(path, answer.clone())
        })
        .answer("/", Answer::page(index))
        .start();
    let place = Workplace::new(engine);
    let further = ["--timeout", "2s", "--retries", "0", "--max-body", "2KB"];
    let report = crawled(&place, &server, "/", &further);
    for (path, reason, is_stored) in [
        ("/cut", "body_incomplete", true),
        ("/short", "body_truncated", true),
        ("/endless", "body_truncated", true),
        ("/silent", "timeout", false),
        ("/gone", "connection_failed", false),
        ("/loop", "redirect_loop", false),
        ("/nowhere", "malformed_redirect", false),
        ("/packed", "content_encoding", false),
        ("/forbidden", "http_denied", false),
        ("/removed", "http_not_found", false),
        ("/picture", "media_type", false),
    ] {
        let found = paths(&report, &server, reason);
        assert!(
            found.contains(&path.to_owned()),
            "{path} {reason} {report:#}"
        );
        let stored = place.count(&format!("sources WHERE uri LIKE '%{path}'"));
        assert_eq!(stored, usize::from(is_stored), "{path}");
    }
    let malformed = lines_where(&report, "rows", |line| line["reason"] == "malformed_url");
    // It has no URL of its own, so the page that wrote it has the loss.
    assert_eq!(fields(&malformed, "uri"), [server.url("/")]);
    // What came before a cut is stored, and its size says how much that is.
    let size = place.value("SELECT body_size FROM sources WHERE uri LIKE '%/cut'");
    assert_eq!(size, "700");
    let limit = place.value("SELECT body_size FROM sources WHERE uri LIKE '%/endless'");
    assert_eq!(limit, "2000");
}

#[rstest]
fn a_file_is_stored_once_however_it_is_linked(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    std::fs::create_dir(folder.path().join("sub")).expect("a folder");
    std::fs::write(folder.path().join("sub/p.html"), "<title>P</title>").expect("a page");
    let index = "<a href=sub%2Fp.html>escaped</a> <a href=sub//p.html>doubled</a>";
    std::fs::write(folder.path().join("index.html"), index).expect("a page");
    place.succeed(&["crawl", text_of(folder.path())]);
    place.check();
    assert_eq!(place.count("sources"), 2);
    assert_eq!(place.count("frontier WHERE outcome = 'alias'"), 2);
    assert_eq!(place.count("frontier"), 4);
}
