//! `report why`: one page about one URL, whether it is stored, was left out, or was never found.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::copied_site;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

fn site() -> Server {
    Server::builder()
        .answer(
            "/robots.txt",
            Answer::status(200).body("text/plain", "User-agent: *\nDisallow: /secret\n"),
        )
        .answer(
            "/",
            Answer::page(
                "<title>Start</title><a href=/old>o</a> <a href=/secret/plan>s</a> <a href=/gone>g</a> \
                 <a href=https://elsewhere.example/>e</a> <a href=/one>1</a> <a href=/large>l</a>",
            ),
        )
        .answer("/old", Answer::redirect(301, "/older"))
        .answer("/older", Answer::redirect(302, "/one"))
        .answer("/one", Answer::page("<title>One</title><a href=/two>2</a> words of the page"))
        .answer("/two", Answer::page("<title>Two</title><p>deeper words"))
        .answer("/large", Answer::page("x".repeat(5000)))
        .start()
}

fn why(place: &Workplace, url: &str) -> Value {
    place.json(&["report", "why", url])
}

fn crawled(engine: Engine) -> (Workplace, Server) {
    let (place, server) = (Workplace::new(engine), site());
    place.succeed(&[
        "crawl",
        &server.url("/"),
        "--allow-private",
        "--no-llms-txt",
        "--max-depth=1",
        "--max-body=2KB",
    ]);
    (place, server)
}

#[rstest]
fn each_url_has_its_reason(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = crawled(engine);
    for (path, verdict, reason, part) in [
        ("/", "stored", "not_extracted", "it is a seed"),
        ("/one", "stored", "not_extracted", "led here"),
        (
            "/old",
            "alias",
            "redirect_alias",
            "redirects to another one",
        ),
        (
            "/secret/plan",
            "skipped",
            "robots_disallowed",
            "Line 2 says: Disallow: /secret",
        ),
        ("/gone", "failed", "http_not_found", "the link is dead"),
        ("/two", "skipped", "max_depth", "deeper than --max-depth"),
        ("/large", "stored", "body_truncated", "not whole"),
    ] {
        let report = why(&place, &server.url(path));
        let line = &report["verdict"];
        assert_eq!(line["verdict"], verdict, "{path}: {line}");
        assert_eq!(line["reason"], reason, "{path}: {line}");
        let because = line["because"].as_str().unwrap_or_default();
        assert!(because.contains(part), "{path}: {because}");
        assert!(
            !line["next"].as_str().unwrap_or_default().is_empty(),
            "{line}"
        );
    }
    let elsewhere = why(&place, "elsewhere.example");
    assert_eq!(elsewhere["verdict"]["reason"], "out_of_scope");
    assert_eq!(elsewhere["steps"][0]["referrer"], server.url("/"));

    // From name to name, to what is stored; and typed as nobody normalizes it.
    let typed = server
        .url("/old?utm_source=x#top")
        .replace("http://", "HTTP://");
    let names = why(&place, &typed);
    let uris = fields(&lines_where(&names, "names", |_| true), "uri");
    assert_eq!(uris, [server.url("/older"), server.url("/one")]);
    assert_eq!(names["names"][1]["is_stored"], true);
    assert_eq!(
        names["verdict"]["next"],
        format!("toolkit report why {}", server.url("/one"))
    );
}

#[rstest]
fn what_was_never_found_names_what_looks_like_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = crawled(engine);
    let report = why(&place, &server.url("/secret/plans"));
    assert_eq!(report["verdict"]["verdict"], "never found");
    assert_eq!(report["closest"][0]["uri"], server.url("/secret/plan"));
    assert_eq!(report["closest"][0]["is_stored"], false);
    // Every URI of the frontier, and those of the sources once more.
    assert_eq!(report["searched"][0]["of"], 12);
    let next = report["verdict"]["next"].as_str().expect("a command");
    assert!(next.starts_with("toolkit report why http"), "{next}");

    let shown = place
        .succeed(&["report", "why", "https://xyz.invalid/q"])
        .stdout;
    assert!(
        shown.contains("Nothing that is known looks like it"),
        "{shown}"
    );
    assert!(
        shown.contains("toolkit crawl https://xyz.invalid/q"),
        "{shown}"
    );
}

#[rstest]
fn it_is_known_after_the_job_is_deleted(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = crawled(engine);
    let paths = ["/", "/old", "/secret/plan", "/gone", "/two"];
    let before = paths.map(|path| why(&place, &server.url(path)));
    place.succeed(&["jobs", "delete", "last", "--yes"]);
    for (path, before) in paths.iter().zip(before) {
        let after = why(&place, &server.url(path));
        assert_eq!(after["verdict"], before["verdict"], "{path}");
        for key in [
            "outcome",
            "reason",
            "referrer",
            "depth",
            "robots_rule",
            "job",
        ] {
            assert_eq!(
                after["steps"][0][key], before["steps"][0][key],
                "{path}: {key}"
            );
        }
    }
    // What had no turn stands in what the deletion wrote down.
    let deep = why(&place, &server.url("/two"));
    assert_eq!(deep["steps"][0]["evidence"], "deletion");
    let near = why(&place, &server.url("/twoo"));
    assert_eq!(near["closest"][0]["uri"], server.url("/two"));
}

#[rstest]
fn a_file_is_asked_for_by_its_path(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    let kale = site.path().join("kale.html");
    let report = why(&place, text_of(&kale));
    assert_eq!(report["verdict"]["verdict"], "stored");
    assert_eq!(report["verdict"]["reason"], Value::Null);
    assert_eq!(report["gaps"], json!([]));
}
