//! What robots.txt lets be fetched: as `toolkit robots` tells it, and as a crawl keeps it with each URL.

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::toolkit::Toolkit;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const RULES: &str = "User-agent: *\nDisallow: /private\nCrawl-delay: 0.5\n\
                     Sitemap: https://example.com/sitemap.xml\n";

/// Asks the program about `url`; returns the exit code and the decision.
fn asked(user: &Toolkit, arguments: &[&str]) -> (i32, Value) {
    let all = [&["robots"], arguments, &["--format", "json"]].concat();
    let output = user.run(&all);
    let code = output.code().expect("no signal");
    (code, output.json())
}

#[test]
fn a_file_is_asked_without_network_and_database() {
    let user = Toolkit::new();
    std::fs::write(user.folder().join("robots.txt"), RULES).expect("a file");
    let long = format!("https://example.com/private/{}", "x".repeat(100_000));
    for (url, code, line) in [
        ("https://example.com/private/a", 3, Value::from(2)),
        (&long, 3, Value::from(2)),
        ("https://example.com/public", 0, Value::Null),
        ("https://example.com/robots.txt", 0, Value::Null),
    ] {
        let (seen, report) = asked(&user, &[url, "--file", "robots.txt"]);
        let row = &report["rows"][0];
        assert_eq!((seen, &row["line"]), (code, &line), "{url}");
        assert_eq!(row["allowed"], code == 0);
        assert_eq!(row["crawl_delay_seconds"], 0.5);
        assert_eq!(row["fetch_status"], "file robots.txt");
        let sitemap = &report["sitemaps"][0]["sitemap"];
        assert_eq!(sitemap, "https://example.com/sitemap.xml");
    }
    let rule = asked(&user, &["https://e.com/private", "--file", "robots.txt"]).1;
    assert_eq!(rule["rows"][0]["rule"], "Disallow: /private");
    let left = std::fs::read_dir(user.folder()).expect("the folder");
    assert_eq!(left.count(), 1, "no database is made");
}

#[test]
fn the_answer_is_for_the_agent_that_is_named() {
    let user = Toolkit::new();
    let rules = "user-agent: examplebot\ndisallow: /\nuser-agent: *\nallow: /";
    for (agent, code) in [("ExampleBot/2.0", 3), ("other", 0)] {
        let url = "https://example.com/";
        let command = ["robots", url, "--file", "-", "--agent", agent];
        let output = user.command(command).input(rules).run();
        assert_eq!(output.code(), Some(code), "{}", output.snapshot());
    }
}

#[test]
fn what_is_no_url_is_wrong_usage_and_shows_no_password() {
    let user = Toolkit::new();
    for url in [
        "nonsense",
        "ftp://u:secret@example.com/",
        "https://u:secret@:x/",
    ] {
        let output = user.run(["robots", url, "--file", "-"]);
        assert_eq!(output.code(), Some(2), "{}", output.snapshot());
        assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    }
    let output = user.run(["robots", "https://example.com/", "--file", "none"]);
    assert_eq!(output.code(), Some(1), "{}", output.snapshot());
}

#[test]
fn a_site_is_asked_as_a_crawl_asks_it() {
    let user = Toolkit::new();
    let refusal = Answer::status(503).header("Retry-After", "99");
    for (answer, code, status) in [
        (Answer::status(200).body("text/plain", RULES), 3, "200 OK"),
        (Answer::page("<html>Disallow: /"), 0, "200 OK"),
        (Answer::status(404), 0, "404 Not Found"),
        (Answer::status(403), 0, "403 Forbidden"),
        (Answer::status(500), 3, "http_server_error: 500"),
        (refusal, 3, "http_server_error: 503"),
        (Answer::redirect(302, "/rules"), 3, "200 OK"),
        (Answer::redirect(302, "/robots.txt"), 0, "more than 5"),
    ] {
        let server = Server::builder()
            .answer("/robots.txt", answer)
            .answer("/rules", Answer::status(200).body("text/plain", RULES))
            .start();
        let url = server.url("/private");
        let (seen, report) = asked(&user, &[&url, "--allow-private", "--agent", "probe/1"]);
        let told = report["rows"][0]["fetch_status"].as_str().expect("a text");
        assert!(told.starts_with(status), "{told}, not {status}");
        assert_eq!(seen, code, "{status}");
        let request = server.last_request("/robots.txt").expect("a request");
        assert_eq!(request.header("user-agent"), Some("probe/1"));
        assert_eq!(server.count("/private"), 0);
    }
    let server = Server::builder().start();
    let (code, report) = asked(&user, &[&server.url("/")]);
    let told = report["rows"][0]["fetch_status"].as_str().expect("a text");
    assert!(told.starts_with("address_refused"), "{told}");
    assert_eq!((code, server.requests().len()), (3, 0));
}

#[rstest]
fn the_decision_is_kept_with_each_url(#[values(Sqlite, Postgres)] engine: Engine) {
    let links = "<a href=/private/a>a</a> <a href=/missing>b</a>";
    let rules = "user-agent: *\ndisallow: /private\0/never\n";
    let server = Server::builder()
        .answer("/", Answer::page(links))
        .answer("/robots.txt", Answer::status(200).body("text/plain", rules))
        .start();
    let place = Workplace::new(engine);
    let seed = server.url("/");
    place.succeed(&["crawl", &seed, "--allow-private", "--delay", "0"]);
    place.check();
    for (path, kind, allowed, rule) in [
        ("/", "source_created", true, Value::Null),
        ("/missing", "url_failed", true, Value::Null),
        (
            "/private/a",
            "url_skipped",
            false,
            "disallow: /private".into(),
        ),
    ] {
        let uri = server.url(path);
        let sql =
            format!("SELECT payload FROM events WHERE source_uri = '{uri}' AND kind = '{kind}'");
        let payload: Value = serde_json::from_str(&place.value(&sql)).expect("a payload");
        let decision = &payload["fetch"]["robots"];
        assert_eq!(decision["allowed"], allowed, "{path} {payload}");
        assert_eq!(decision["rule"], rule, "{path}");
        assert_eq!(decision["fetch_status"], "200 OK", "{path}");
    }
    assert_eq!(server.count("/private/a"), 0);
}
