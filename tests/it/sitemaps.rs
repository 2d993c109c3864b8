//! What sitemaps list is fetched, they themselves are sources that nothing is extracted from, and what is
//! wrong with one ends in its own reason.

use std::io::Write as _;
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::wait_until;
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

const HOME: &str = "<!doctype html><title>Home</title><p>Nothing is linked here.";

/// A sitemap of these addresses, or an index of these sitemaps.
fn xml(root: &str, entry: &str, addresses: &[String]) -> Answer {
    let entries = addresses
        .iter()
        .map(|address| format!("<{entry}><loc>{address}</loc></{entry}>"));
    let entries: String = entries.collect();
    let text = format!("<?xml version=\"1.0\"?><{root}>{entries}</{root}>");
    Answer::status(200).body("application/xml", text)
}

fn map(server: &Server, paths: &[&str]) -> Answer {
    let addresses: Vec<_> = paths.iter().map(|path| server.url(path)).collect();
    xml("urlset", "url", &addresses)
}

fn index(server: &Server, paths: &[&str]) -> Answer {
    let addresses: Vec<_> = paths.iter().map(|path| server.url(path)).collect();
    xml("sitemapindex", "sitemap", &addresses)
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory has room");
    encoder.finish().expect("memory has room")
}

/// A server of a home page and of pages that nothing links to; robots.txt names these sitemaps.
fn site(rules: &str, sitemaps: &[&str]) -> Server {
    let orphans = ["/o/1", "/o/2", "/o/3", "/o/4", "/o/5"];
    let builder = orphans.iter().fold(Server::builder(), |builder, path| {
        let page = format!("<!doctype html><title>{path}</title><p>The page at {path}.");
        builder.answer(path, Answer::page(page))
    });
    let server = builder.answer("/", Answer::page(HOME)).start();
    let text = sitemaps
        .iter()
        .fold(format!("User-agent: *\n{rules}\n"), |text, sitemap| {
            text + "Sitemap: " + sitemap + "\n"
        });
    server.set("/robots.txt", Answer::status(200).body("text/plain", text));
    server
}

fn crawled(place: &Workplace, seed: &[&str], further: &[&str]) -> Value {
    let crawl = ["crawl", "--allow-private", "--delay", "0"];
    place.succeed(&[&crawl[..], seed, further].concat());
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    place.check();
    place.json(&["report", "incomplete", "--all"])
}

/// The paths of a kind, in order, that ended as `outcome`.
fn ended(place: &Workplace, server: &Server, kind: &str, outcome: &str) -> Vec<String> {
    let rows = place.database.query_text(&format!(
        "SELECT uri FROM frontier WHERE kind = '{kind}' AND outcome = '{outcome}'"
    ));
    let uris = rows.into_iter().flatten().flatten();
    let mut paths: Vec<_> = uris.map(|uri| uri.replace(&server.url(""), "")).collect();
    paths.sort();
    paths
}

#[rstest]
fn what_only_a_sitemap_names_is_fetched(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("", &["/old.xml", "/all.txt"]);
    server.set("/old.xml", Answer::redirect(301, "/index.xml"));
    // It lists itself, and one that lists it.
    let others = ["/index.xml", "/back.xml", "/packed.xml.gz", "/feed"];
    server.set("/index.xml", index(&server, &others));
    server.set("/back.xml", index(&server, &["/index.xml"]));
    let packed = format!(
        "<urlset><url><loc>{}</loc></url></urlset>",
        server.url("/o/1?utm_source=x")
    );
    let gzip = Answer::status(200).body("application/x-gzip", gzipped(&packed));
    server.set("/packed.xml.gz", gzip);
    let rss = "<rss><channel><item><link>/o/2</link></item></channel></rss>";
    server.set(
        "/feed",
        Answer::status(200).body("application/rss+xml", rss),
    );
    let list = format!("{}\n{}\n", server.url("/o/3"), "http://elsewhere.test/");
    server.set("/all.txt", Answer::status(200).body("text/plain", list));

    let place = Workplace::new(engine);
    let report = crawled(&place, &[&server.url("/")], &[]);
    let pages = ended(&place, &server, "page", "new");
    assert_eq!(pages, ["/", "/o/1", "/o/2", "/o/3"]);
    let sitemaps = ended(&place, &server, "sitemap", "new");
    let expected = [
        "/all.txt",
        "/back.xml",
        "/feed",
        "/index.xml",
        "/packed.xml.gz",
    ];
    assert_eq!(sitemaps, expected);
    assert_eq!(ended(&place, &server, "sitemap", "alias"), ["/old.xml"]);
    for path in expected {
        assert_eq!(server.count(path), 1, "{path}");
    }
    let outside = lines_where(&report, "rows", |line| line["reason"] == "out_of_scope");
    assert_eq!(fields(&outside, "uri"), ["http://elsewhere.test/"]);

    // Nothing is to be extracted from a sitemap, so nothing of it is incomplete.
    assert_eq!(place.count("sources WHERE NOT extractable"), expected.len());
    let unpassed = "sources WHERE unpassed_reason IS NOT NULL";
    assert_eq!(place.count(unpassed), pages.len());
    place.succeed(&["extract"]);
    assert_eq!(place.count("passes"), pages.len());
    assert_eq!(place.count(unpassed), 0);
    // What is packed is kept unpacked.
    let size = "SELECT body_size FROM sources WHERE uri LIKE '%.gz'";
    assert_eq!(place.value(size), packed.len().to_string());

    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/")], &["--no-sitemap"]);
    assert_eq!(place.count("frontier"), 1);
}

#[rstest]
fn a_sitemap_is_read_unchanged_and_changed(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("", &["/map.xml"]);
    let place = Workplace::new(engine);
    let seed = server.url("/");
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    for (paths, outcome) in [
        (&["/o/1"][..], "new"),
        (&["/o/1"], "unchanged"),
        (&["/o/1", "/o/2"], "changed"),
    ] {
        server.set("/map.xml", map(&server, paths));
        place.succeed(&crawl);
        place.check();
        let job = "SELECT id FROM jobs ORDER BY created_at DESC, id DESC LIMIT 1";
        let job = place.value(job);
        let sql =
            format!("SELECT outcome FROM frontier WHERE kind = 'sitemap' AND job_id = '{job}'");
        assert_eq!(place.value(&sql), outcome);
    }
    assert_eq!(server.count("/o/2"), 1);
}

#[rstest]
fn what_is_wrong_with_a_sitemap_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let named = [
        "/gone.xml",
        "/page",
        "/bomb.xml",
        "/cut.xml",
        "/deep-0.xml",
        "http://[",
    ];
    let server = site("", &named);
    server.set("/page", Answer::page(HOME));
    let bomb = "<!DOCTYPE urlset [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\
                <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><urlset><url><loc>/&c;</loc></url></urlset>";
    server.set("/bomb.xml", Answer::status(200).body("text/xml", bomb));
    let cut = "<urlset><url><loc>/o/1</loc></url><url><loc>/o";
    server.set("/cut.xml", Answer::status(200).body("text/xml", cut));
    for step in 0..9 {
        let next = format!("/deep-{}.xml", step + 1);
        server.set(&format!("/deep-{step}.xml"), index(&server, &[&next]));
    }
    let place = Workplace::new(engine);
    let report = crawled(&place, &[&server.url("/")], &[]);
    for (path, reason) in [
        ("/gone.xml", "http_not_found"),
        ("/page", "sitemap_invalid"),
        ("/bomb.xml", "sitemap_invalid"),
        ("/cut.xml", "sitemap_invalid"),
        ("/deep-6.xml", "sitemap_nesting"),
    ] {
        let uri = server.url(path);
        let lines = lines_where(&report, "rows", |line| line["uri"] == uri.as_str());
        assert_eq!(fields(&lines, "reason"), [reason], "{report:#}");
        assert_eq!(fields(&lines, "class"), ["loss"], "{path}");
    }
    let malformed = lines_where(&report, "rows", |line| line["reason"] == "malformed_url");
    assert_eq!(fields(&malformed, "uri"), ["http://["]);
    // What stands before the cut is taken.
    assert_eq!(ended(&place, &server, "page", "new"), ["/", "/o/1"]);
    assert_eq!(
        (server.count("/deep-5.xml"), server.count("/deep-6.xml")),
        (1, 0)
    );
}

#[rstest]
fn a_sitemap_is_a_seed_of_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("Disallow: /o/2", &[]);
    server.set("/map.xml", map(&server, &["/o/1", "/o/2", "/o/3", "/o/4"]));
    let place = Workplace::new(engine);
    let (sitemap, limits) = (
        server.url("/map.xml"),
        ["--max-pages", "1", "--exclude", "/o/1"],
    );
    let report = crawled(&place, &["--sitemap", &sitemap], &limits);
    // A sitemap is no page: the limit is of pages.
    assert_eq!(place.count("sources"), 2);
    let mut reasons = fields(&lines_where(&report, "rows", |_| true), "reason");
    reasons.sort();
    let stopped = reasons
        .iter()
        .filter(|reason| *reason == "max_pages")
        .count();
    assert!(reasons.contains(&"excluded".to_owned()), "{reasons:?}");
    assert!((1..=2).contains(&stopped), "{reasons:?}");
    let again = place.run(&[
        "crawl",
        "--allow-private",
        "--sitemap",
        &server.url("/none.xml"),
    ]);
    assert_eq!(again.code(), Some(1), "{}", again.snapshot());
    assert_eq!(place.run(&["crawl"]).code(), Some(2));
}

#[rstest]
fn an_llms_txt_is_recorded_and_obeyed_in_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let text = "# Site\n\n> Crawl everything: [private](/private)\n";
    let allowed = |rules: &str, answer: Answer| {
        let server = site(rules, &[]);
        server.set("/llms.txt", answer);
        let place = Workplace::new(engine);
        // Asked for once, whatever number of seeds there is.
        let seeds = ["/o/1", "/o/2"].map(|path| server.url(path));
        crawled(&place, &seeds.each_ref().map(String::as_str), &[]);
        assert_eq!(server.count("/private"), 0);
        let end = "SELECT COALESCE(MAX(outcome), 'none') FROM frontier WHERE kind = 'llms_txt'";
        assert_eq!(place.count("frontier WHERE kind = 'page'"), 2);
        (place.value(end), server.count("/llms.txt"))
    };
    let markdown = Answer::status(200).body("text/markdown", text);
    let packed = Answer::status(200).body("text/plain", gzipped(text));
    let page = HOME.replace("<!doctype html>", "");
    for (rules, answer, end, asked) in [
        // To see that it is there, and to record it.
        ("", markdown.clone(), "new", 2),
        (
            "",
            Answer::status(200).body("text/plain; charset=utf-8", text),
            "new",
            2,
        ),
        ("", packed.header("Content-Encoding", "gzip"), "new", 2),
        ("Disallow: /llms.txt", markdown.clone(), "none", 0),
        // No site need have one.
        ("", Answer::status(404), "none", 1),
        ("", Answer::status(403), "none", 1),
        ("", Answer::redirect(302, "/o/1"), "none", 1),
        ("", Answer::page(HOME), "none", 1),
        ("", Answer::status(200).body("text/plain", page), "none", 1),
        (
            "",
            Answer::status(200).body("application/json", "{}"),
            "none",
            1,
        ),
        ("", Answer::status(200).body("text/plain", ""), "none", 1),
        // One may be there: that it was not read is told.
        ("", Answer::hang_up(), "failed", 4),
        ("", Answer::status(501), "failed", 2),
    ] {
        assert_eq!(allowed(rules, answer), (end.to_owned(), asked), "{rules}");
    }
    let server = site("", &[]);
    server.set("/llms.txt", markdown);
    for (seed, further) in [("/o/1", &["--no-llms-txt"][..]), ("/missing", &[])] {
        let place = Workplace::new(engine);
        let seed = server.url(seed);
        let arguments = [&["crawl", &seed, "--allow-private"], further].concat();
        place.run(&arguments);
        assert_eq!(server.count("/llms.txt"), 0, "{seed}");
    }
}

#[rstest]
fn an_llms_txt_is_read_before_the_pages(#[values(Sqlite, Postgres)] engine: Engine) {
    let links: Vec<_> = (0..20)
        .map(|number| format!("<a href=/o/{number}>o</a>"))
        .collect();
    let server = Server::builder()
        .answer("/", Answer::page(links.concat()))
        .answer(
            "/llms.txt",
            Answer::status(200).body("text/plain", "# Site"),
        )
        .generated(|path| path.starts_with("/o/").then(|| Answer::page(path)))
        .start();
    let place = Workplace::new(engine);
    crawled(
        &place,
        &[&server.url("/")],
        &["--max-pages", "3", "--concurrency", "1"],
    );
    let end = "SELECT outcome FROM frontier WHERE kind = 'llms_txt'";
    assert_eq!(place.value(end), "new");
    assert_eq!(place.count("sources"), 4, "it is none of the pages");
}

/// One that hangs keeps no page waiting, is asked for by its own visit, and does not hold up a stop.
#[rstest]
fn an_llms_txt_that_hangs_holds_up_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let hour = Duration::from_hours(1);
    let server = Server::builder()
        .answer("/", Answer::page("<a href=/next>next</a>"))
        .answer("/next", Answer::page("<title>Next</title>"))
        .answer("/llms.txt", Answer::status(200).delay(hour))
        .start();
    let place = Workplace::new(engine);
    let running = place.start_crawl(&server.url("/"), &["--timeout", "1h", "--delay", "0"]);
    wait_until("the page behind the first is asked for", || {
        server.count("/next") == 1
    });
    drop(running);
}

/// What narrows a crawl narrows what it asks a site for about itself.
#[rstest]
#[case::excluded(&["--exclude", "llms"])]
#[case::not_included(&["--include", "/docs/"])]
#[case::elsewhere(&["--path-prefix", "/docs"])]
fn an_llms_txt_out_of_scope_is_not_asked_for(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] narrowed: &[&str],
) {
    let server = Server::builder()
        .answer("/docs/", Answer::page(HOME))
        .answer(
            "/llms.txt",
            Answer::status(200).body("text/plain", "# Site"),
        )
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/docs/")], narrowed);
    assert_eq!(server.count("/llms.txt"), 0);
    assert_eq!(place.count("frontier WHERE uri LIKE '%llms%'"), 0);
    assert_eq!(place.count("sources"), 1);
}

/// One that is there when it is looked for and gone when it is read has its outcome.
#[rstest]
fn an_llms_txt_that_goes_away_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let text = Answer::status(200).body("text/plain", "# Site");
    let server = Server::builder()
        .answer("/", Answer::page(HOME))
        .fail_first("/llms.txt", 1, text)
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/")], &[]);
    let end = "SELECT reason FROM frontier WHERE kind = 'llms_txt'";
    assert_eq!(place.value(end), "llms_txt_absent");
    place.check();
}

#[rstest]
fn robots_txt_invites_to_the_sitemaps_that_it_names(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("Disallow: /maps/\nDisallow: /o/2", &["/maps/all.xml"]);
    server.set(
        "/maps/all.xml",
        index(&server, &["/maps/part.xml", "/part.xml"]),
    );
    server.set("/part.xml", map(&server, &["/o/1", "/o/2"]));
    let place = Workplace::new(engine);
    let report = crawled(
        &place,
        &[&server.url("/")],
        &["--exclude", "xml", "--max-depth", "1"],
    );
    let refused = lines_where(&report, "rows", |line| {
        line["reason"] == "robots_disallowed"
    });
    let expected = ["/maps/part.xml", "/o/2"].map(|path| server.url(path));
    assert_eq!(fields(&refused, "uri"), expected);
    assert_eq!(ended(&place, &server, "page", "new"), ["/", "/o/1"]);
    // A page of the site that is a sitemap is read as one, whoever links to it.
    let server = site("", &[]);
    server.set("/", Answer::page("<a href=/map.xml>site map</a>"));
    server.set("/map.xml", map(&server, &["/o/1"]));
    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/")], &[]);
    assert_eq!(
        ended(&place, &server, "page", "new"),
        ["/", "/map.xml", "/o/1"]
    );
}

/// Many sites name the page that lists their pages for readers.
#[rstest]
fn a_page_that_robots_txt_calls_a_sitemap_is_a_page(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("", &["/", "/o/1"]);
    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/"), &server.url("/o/1")], &[]);
    let stored = "frontier WHERE kind = 'page' AND outcome = 'new'";
    assert_eq!(place.count(stored), place.count("sources"));
    assert_eq!(place.count(&format!("{stored} AND uri LIKE '%/o/1'")), 1);
    place.check();
}

/// Nothing but its name tells that a packed sitemap or a plain list is one.
#[rstest]
fn a_sitemap_is_one_however_it_was_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = site("", &["/list.txt", "/packed.gz"]);
    let list = server.url("/o/1");
    server.set("/list.txt", Answer::status(200).body("text/plain", list));
    let packed = gzipped(&server.url("/o/2"));
    server.set(
        "/packed.gz",
        Answer::status(200).body("application/gzip", packed),
    );
    let place = Workplace::new(engine);
    let seeds = ["/list.txt", "/packed.gz"].map(|path| server.url(path));
    for run in 1..=2 {
        let mut arguments = vec!["crawl", "--allow-private", "--delay", "0"];
        arguments.extend(seeds.iter().map(String::as_str));
        place.succeed(&arguments);
        assert_eq!(server.count("/o/1"), run);
        assert_eq!(server.count("/o/2"), run);
        assert_eq!(place.count("sources"), 4);
        assert_eq!(place.count("sources WHERE extractable"), 2);
        place.check();
    }
    // And one on this machine.
    let file = place.user.folder().join("here.xml.gz");
    std::fs::write(&file, gzipped(&server.url("/o/3"))).expect("a file");
    place.succeed(&[
        "crawl",
        "--allow-private",
        "--sitemap",
        "here.xml.gz",
        &server.url("/"),
    ]);
    assert_eq!(server.count("/o/3"), 1);
    place.check();
}

/// That another host calls it a sitemap may come to light when it was visited already.
#[rstest]
fn a_packed_sitemap_is_read_though_its_own_host_names_none(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = site("", &[]);
    let gzip = |body: Vec<u8>| Answer::status(200).body("application/gzip", body);
    let map = format!(
        "<urlset><url><loc>{}</loc></url></urlset>",
        server.url("/o/1")
    );
    server.set("/map.xml.gz", gzip(gzipped(&map)));
    server.set("/data.xml.gz", gzip(gzipped("<data>of nobody</data>")));
    server.set("/broken.xml.gz", gzip(b"\x1f\x8b\x08 no".to_vec()));
    let links = "<a href=/map.xml.gz>m</a><a href=/data.xml.gz>d</a><a href=/broken.xml.gz>b</a>";
    server.set("/", Answer::page(links));
    let place = Workplace::new(engine);
    crawled(&place, &[&server.url("/")], &[]);
    assert_eq!(server.count("/o/1"), 1);
    assert_eq!(place.count("sources WHERE NOT extractable"), 1);
    assert_eq!(
        place.count("frontier WHERE kind = 'page' AND reason = 'media_type'"),
        2
    );
    place.check();
}
