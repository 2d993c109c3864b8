//! `report coverage`: sitemaps and links against what is stored.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, lines_where};

use Engine::{Postgres, Sqlite};

/// A site whose sitemap lists `/one`, `/two` and `/gone` (dead), whose start links `/one`, `/three` and
/// `/secret` (disallowed) and leads to `/moved` by a redirect; `/four` is a second seed that nothing leads to.
fn site() -> Server {
    let builder = Server::builder().answer(
        "/",
        Answer::page(
            "<title>Start</title><a href=/one>1</a> <a href=/three>3</a> <a href=/secret>s</a> <a href=/away>a</a>",
        ),
    );
    let builder = builder.answer("/away", Answer::redirect(301, "/moved"));
    let pages = ["/one", "/two", "/three", "/four", "/moved"];
    let builder = pages.iter().fold(builder, |builder, path| {
        builder.answer(
            path,
            Answer::page(format!("<title>{path}</title><p>Words of {path} alone.")),
        )
    });
    let server = builder.start();
    let robots = format!(
        "User-agent: *\nDisallow: /secret\nSitemap: {}\n",
        server.url("/sitemap.xml")
    );
    server.set(
        "/robots.txt",
        Answer::status(200).body("text/plain", robots),
    );
    let listed: String = ["/one", "/two", "/gone"]
        .map(|path| format!("<url><loc>{}</loc></url>", server.url(path)))
        .concat();
    let sitemap =
        format!("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{listed}</urlset>");
    server.set(
        "/sitemap.xml",
        Answer::status(200).body("application/xml", sitemap),
    );
    server
}

fn crawl(place: &Workplace, server: &Server) {
    let (start, four) = (server.url("/"), server.url("/four"));
    place.succeed(&[
        "crawl",
        &start,
        &four,
        "--allow-private",
        "--no-llms-txt",
        "--delay=0",
    ]);
}

fn expected_group(line: &Value) {
    for (key, count) in [
        ("sitemaps", 1),
        ("listed", 3),
        // One, three, the disallowed, the redirect, and where it leads.
        ("linked", 5),
        ("stored", 6),
        ("listed_stored", 2),
        ("linked_stored", 3),
        ("listed_not_stored", 1),
        ("linked_not_stored", 2),
        ("listed_only", 2),
        ("linked_only", 4),
        // The seeds.
        ("unled", 2),
    ] {
        assert_eq!(line[key], count, "{key} in {line}");
    }
}

#[rstest]
fn listed_and_linked_against_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), site());
    crawl(&place, &server);
    let report = place.json(&["report", "coverage"]);
    assert_eq!(
        report["groups"].as_array().map(Vec::len),
        Some(1),
        "{report}"
    );
    expected_group(&report["groups"][0]);
    let reason = |name: &str| {
        let line = lines_where(&report, "reasons", |line| line["reason"] == name)[0];
        (
            line["count"].clone(),
            line["listed"].clone(),
            line["linked"].clone(),
        )
    };
    assert_eq!(reason("http_not_found"), (json!(1), json!(1), json!(0)));
    assert_eq!(reason("robots_disallowed"), (json!(1), json!(0), json!(1)));
    assert_eq!(reason("redirect_alias"), (json!(1), json!(0), json!(1)));
    let page = |path: &str| {
        let url = server.url(path);
        let line = lines_where(&report, "pages", |line| line["uri"] == url)[0];
        (line["what"].clone(), line["reason"].clone())
    };
    assert_eq!(
        page("/gone"),
        (json!("listed, not stored"), json!("http_not_found"))
    );
    assert_eq!(page("/four").0, "stored, nothing leads to it");
    assert_eq!(page("/four").1, "a seed, or a file of a seed's folder");
    assert_eq!(report["pages"].as_array().map(Vec::len), Some(3));

    let group = report["groups"][0]["source_group"]
        .as_str()
        .expect("a group");
    let of_group = place.json(&["report", "coverage", "--group", group, "--job", "last"]);
    assert_eq!(of_group["groups"], report["groups"]);
    let elsewhere = place.json(&["report", "coverage", "--group", "elsewhere.example"]);
    assert_eq!(elsewhere["groups"], json!([]));
}

#[rstest]
fn a_deleted_job_is_counted_from_the_record(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), site());
    crawl(&place, &server);
    let before = place.json(&["report", "coverage"]);
    place.succeed(&["jobs", "delete", "last", "--yes"]);
    let after = place.json(&["report", "coverage"]);
    let line = &after["groups"][0];
    for key in [
        "sitemaps",
        "listed",
        "stored",
        "listed_stored",
        "listed_not_stored",
    ] {
        assert_eq!(line[key], before["groups"][0][key], "{key} in {line}");
    }
    let gone = lines_where(&after, "pages", |line| line["what"] == "listed, not stored");
    assert_eq!(
        (gone.len(), &gone[0]["uri"]),
        (1, &json!(server.url("/gone")))
    );
    assert_eq!(gone[0]["reason"], "http_not_found");
}
