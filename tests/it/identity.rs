//! Which pages are one page, which are left alone because they ask for it, and how wide a crawl goes.

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

/// Crawls the server's front page with further arguments.
fn crawled(place: &Workplace, server: &Server, further: &[&str]) {
    let seed = server.url("/");
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.succeed(&[&crawl[..], further].concat());
    place.check();
}

/// The paths that `report incomplete --all` gives this reason, in order.
fn paths(place: &Workplace, server: &Server, reason: &str) -> Vec<String> {
    let report: Value = place.json(&["report", "incomplete", "--all"]);
    let lines = lines_where(&report, "rows", |line| line["reason"] == reason);
    let uris = fields(&lines, "uri");
    uris.iter()
        .map(|uri| uri.replace(&server.url(""), ""))
        .collect()
}

/// A page with these links and some words.
fn page(title: &str, links: &str) -> Answer {
    Answer::page(format!(
        "<!doctype html><title>{title}</title><p>{title} {links}"
    ))
}

#[rstest]
fn a_link_that_asks_not_to_be_followed_is_a_decision(#[values(Sqlite, Postgres)] engine: Engine) {
    let links = "<a rel=nofollow href=/only>a</a> <a rel=nofollow href=/later>b</a> \
                 <a rel=ugc href=/ugc>c</a> <a href=/meta>d</a> <a href=/header>e</a> <a href=/next>f</a>";
    let meta = Answer::page("<meta name=robots content=nofollow><a href=/by-meta>x</a>");
    let header = page("Header", "<a href=/by-header>x</a>")
        .header("X-Robots-Tag", "otherbot: noindex, toolkit: nofollow");
    let server = Server::builder()
        .answer("/", page("Home", links))
        .answer("/ugc", page("Ugc", ""))
        .answer("/meta", meta)
        .answer("/header", header)
        .answer("/next", page("Next", "<a href=/later>b</a>"))
        .answer("/later", page("Later", "<a rel=nofollow href=/>home</a>"))
        .answer("/only", page("Only", ""))
        .answer("/by-meta", page("By meta", ""))
        .answer("/by-header", page("By header", ""))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    let left_out = ["/by-header", "/by-meta", "/only"];
    assert_eq!(paths(&place, &server, "nofollow"), left_out);
    for path in left_out {
        assert_eq!(server.count(path), 0, "{path}");
    }
    // A link on a page that comes later leads there after all.
    assert_eq!(server.count("/later"), 1);
    assert_eq!(place.count("sources"), 6);

    crawled(&place, &server, &["--ignore-nofollow"]);
    assert_eq!(place.count("sources"), 9);
}

#[rstest]
fn what_was_lost_is_no_loss_once_no_link_may_be_followed(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let before = Server::builder()
        .answer("/", page("Home", "<a href=/dead>x</a>"))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &before, &[]);
    assert_eq!(paths(&place, &before, "http_not_found"), ["/dead"]);
    before.set("/", page("Home", "<a rel=nofollow href=/dead>x</a>"));
    crawled(&place, &before, &[]);
    assert_eq!(
        paths(&place, &before, "http_not_found"),
        Vec::<String>::new()
    );
}

#[rstest]
fn a_page_that_asks_not_to_be_indexed_is_stored_and_not_extracted(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let words = "The club was founded in 1924 and keeps several huts. Write to club@example.com.";
    let hidden = format!("<a href=/linked>x</a><p>{words}</p>");
    let server = Server::builder()
        .answer(
            "/",
            page(
                "Home",
                "<a href=/header>a</a><a href=/meta>b</a><a href=/past>c</a>",
            ),
        )
        .answer(
            "/header",
            page("Header", &hidden).header("X-Robots-Tag", "noindex"),
        )
        .answer(
            "/meta",
            page("Meta", &format!("<meta name=robots content=none>{words}")),
        )
        .answer(
            "/past",
            page("Past", words).header(
                "X-Robots-Tag",
                "unavailable_after: 25 Jun 2010 15:00:00 GMT",
            ),
        )
        .answer("/linked", page("Linked", words))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    assert_eq!(
        paths(&place, &server, "noindex"),
        ["/header", "/meta", "/past"]
    );
    assert_eq!(server.count("/linked"), 1, "its links are followed");
    assert_eq!(place.count("sources"), 5);
    assert_eq!(place.count("sources WHERE body_digest IS NULL"), 0);

    let unextracted = "sources WHERE NOT EXISTS (SELECT 1 FROM extractions \
                       WHERE extractions.source_id = sources.id)";
    place.succeed(&["extract"]);
    assert_eq!(place.count(unextracted), 3);
    place.succeed(&["report", "incomplete", "--check", "--strict"]);

    // The header is gone, the bytes are the same.
    server.set("/header", page("Header", &hidden));
    crawled(&place, &server, &[]);
    assert_eq!(place.count("sources WHERE unpassed_reason IS NOT NULL"), 1);
    place.succeed(&["extract"]);
    assert_eq!(place.count(unextracted), 2);

    // It comes back, and so does the decision.
    server.set(
        "/header",
        page("Header", &hidden).header("X-Robots-Tag", "noindex"),
    );
    crawled(&place, &server, &[]);
    assert_eq!(place.count("sources WHERE NOT extractable"), 3);
    place.succeed(&["report", "incomplete", "--check", "--strict"]);
    crawled(&place, &server, &["--ignore-noindex"]);
    place.succeed(&["extract"]);
    assert_eq!(place.count(unextracted), 0);
    place.check();
}

#[rstest]
fn only_pages_in_the_languages_asked_for_are_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let english = "The club was founded in 1924 and keeps several huts, which are reached by marked \
                   paths. Most of the walks begin at the railway station of the village nearby.";
    let german = "Der Verein wurde im Jahr 1924 gegründet und unterhält mehrere Hütten, zu denen \
                  markierte Wege führen. Die Wanderungen beginnen meist am Bahnhof des Ortes.";
    let links = "<a href=/fr/a>1</a><a href=/attribute>2</a><a href=/words>3</a><a href=/short>4</a>\
                 <a href=/english>5</a>";
    let utf_8 = "<!doctype html><meta charset=utf-8>";
    let server = Server::builder()
        .answer("/", page("Home", links).header("Content-Language", "en"))
        .answer("/attribute", Answer::page("<html lang=de-AT><p>Kurz"))
        .answer("/words", Answer::page(format!("{utf_8}<p>{german}")))
        .answer("/short", Answer::page("<p>17"))
        .answer("/english", Answer::page(format!("{utf_8}<p>{english}")))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &["--language", "de,it"]);
    // The front page is in another language, and leads to what is wanted all the same.
    assert_eq!(
        paths(&place, &server, "language"),
        ["/", "/english", "/fr/a"]
    );
    assert_eq!(server.count("/fr/a"), 0);
    let languages = "SELECT language FROM sources WHERE uri LIKE";
    assert_eq!(place.value(&format!("{languages} '%/attribute'")), "de");
    assert_eq!(place.value(&format!("{languages} '%/words'")), "de");
    assert_eq!(place.value(&format!("{languages} '%/short'")), "unknown");
    assert_eq!(place.count("sources"), 3);
}

#[rstest]
fn the_scope_is_as_wide_as_the_flags_say(#[values(Sqlite, Postgres)] engine: Engine) {
    let other = Server::builder().answer("/docs/b", page("B", "")).start();
    let links = format!(
        "<a href=/docs/a>a</a><a href=/docs2>2</a><a href={}>b</a>",
        other.url("/docs/b")
    );
    let server = Server::builder()
        .answer("/", page("Home", &links))
        .answer("/docs/a", page("A", ""))
        .start();
    let host = other.url("").replace("http://", "");
    let place = Workplace::new(engine);
    crawled(
        &place,
        &server,
        &["--path-prefix", "/docs", "--hosts", &host],
    );
    assert_eq!(paths(&place, &server, "out_of_scope"), ["/docs2"]);
    assert_eq!(place.count("sources"), 3);
}

#[rstest]
fn a_calendar_without_end_is_left_at_its_edge(#[values(Sqlite, Postgres)] engine: Engine) {
    // Relative links that nest, sessions that change, and a query that grows: each page makes new URLs.
    let calendar = |year: i32| {
        let next = format!("<a href=/cal/{}/01>next</a>", year + 1);
        page(&format!("Year {year}"), &next)
    };
    let home = "<a href=/cal/2026/01>c</a><a href=/deep/deep/deep/deep/>d</a>\
                <a href='/s?PHPSESSID=1'>s</a><a href='/s?PHPSESSID=2'>s</a><a href=/page-20000.html>p</a>";
    let mut builder = Server::builder()
        .answer("/", page("Home", home))
        .answer("/s", page("Session", ""))
        .answer("/page-20000.html", page("Page", ""));
    for year in 2026..2060 {
        builder = builder.answer(&format!("/cal/{year}/01"), calendar(year));
    }
    let server = builder.start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    let traps = paths(&place, &server, "trap");
    assert_eq!(traps.len(), 2, "{traps:?}");
    assert_eq!(traps[1], "/deep/deep/deep/deep/");
    assert!(place.count("sources") < 15);
    assert_eq!(server.count("/s"), 1);
    assert_eq!(server.count("/page-20000.html"), 1);

    crawled(&place, &server, &["--no-trap-guard"]);
    assert_eq!(server.count("/cal/2059/01"), 1);
}

/// A text that is long enough to be compared; its one word changes little.
fn text(word: &str) -> String {
    let sentences =
        (0..300).map(|number| format!("sentence {} has {} words, ", number * 7919, number));
    format!("{} {word}", sentences.collect::<String>())
}

#[rstest]
fn a_canonical_url_is_an_alias_only_where_the_content_agrees(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let naming = |target: &str, body: &str| {
        Answer::page(format!(
            "<link rel=canonical href={target}><title>T</title><p>{body}"
        ))
    };
    let links = [
        "print", "near", "other", "ring-a", "ring-b", "moved", "header", "gone",
    ]
    .map(|name| format!("<a href=/{name}>{name}</a>"))
    .concat();
    let server = Server::builder()
        .answer("/", page("Home", &links))
        .answer("/print", naming("/page", &text("one")))
        .answer("/near", naming("/page", &text("two")))
        .answer("/other", naming("/page", "Something else altogether."))
        .answer("/page", naming("/page", &text("one")))
        .answer("/ring-a", naming("/ring-b", &text("ring")))
        .answer("/ring-b", naming("/ring-a", &text("ring")))
        .answer("/moved", naming("/old", &text("moved")))
        .answer("/old", Answer::redirect(301, "/moved"))
        .answer(
            "/header",
            page("H", &text("one")).header("Link", "</page>; rel=\"canonical\""),
        )
        .answer("/gone", naming("/nowhere", &text("gone")))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    let aliases = ["/header", "/near", "/print", "/ring-b"];
    assert_eq!(paths(&place, &server, "canonical_alias"), aliases);
    assert_eq!(paths(&place, &server, "canonical_conflict"), ["/other"]);
    // A decision and no loss: nobody has to do anything.
    let open = place.json(&["report", "incomplete"]);
    assert!(lines_where(&open, "rows", |line| line["class"] == "decision").is_empty());
    assert_eq!(place.count("sources WHERE NOT extractable"), 4);
    let balance = place.json(&["report", "balance"]);
    assert_eq!(balance["jobs"][0]["closes"], true, "{balance:#}");

    place.succeed(&["extract"]);
    let extracted =
        "sources WHERE EXISTS (SELECT 1 FROM passes WHERE passes.source_id = sources.id)";
    assert_eq!(place.count(extracted), place.count("sources") - 4);

    // Found unchanged, they stay what they were, and nothing is to be extracted again.
    crawled(&place, &server, &[]);
    assert_eq!(place.count("sources WHERE unpassed_reason IS NOT NULL"), 0);
    assert_eq!(place.count("frontier WHERE reason = 'canonical_alias'"), 8);
    assert_eq!(place.count("gaps WHERE reason = 'canonical_conflict'"), 1);

    // The canonical page changes: its other name stands alone, and the conflict that was is none.
    server.set(
        "/page",
        naming("/page", &text("one").replace("has", "had no")),
    );
    server.set("/other", naming("/other", "Something else altogether."));
    crawled(&place, &server, &[]);
    let conflicts = paths(&place, &server, "canonical_conflict");
    assert_eq!(conflicts, ["/header", "/near", "/print"]);
    assert_eq!(place.count("sources WHERE NOT extractable"), 1);
    place.succeed(&["jobs", "delete", "last", "--yes"]);
    place.check();
}

#[rstest]
fn a_page_whose_canonical_page_is_not_indexed_stands_alone(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let naming = |target: &str| {
        Answer::page(format!(
            "<link rel=canonical href={target}><title>T</title><p>{}",
            text("one")
        ))
    };
    let server = Server::builder()
        .answer("/", page("Home", "<a href=/print>p</a><a href=/page>a</a>"))
        .answer("/print", naming("/page"))
        .answer("/page", naming("/page").header("X-Robots-Tag", "noindex"))
        .start();
    let place = Workplace::new(engine);
    for crawl in ["first", "again"] {
        crawled(&place, &server, &[]);
        let aliases = paths(&place, &server, "canonical_alias");
        assert_eq!(aliases, [""; 0], "{crawl}");
        assert_eq!(place.count("sources WHERE NOT extractable"), 1, "{crawl}");
        let hidden = "sources WHERE NOT extractable AND uri LIKE '%/page'";
        assert_eq!(place.count(hidden), 1, "{crawl}");
    }
}

#[rstest]
fn duplicates_are_reported_in_groups(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .answer(
            "/",
            page(
                "Home",
                "<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a><a href=/d>d</a>",
            ),
        )
        .answer("/a", page("Same", &text("one")))
        .answer("/b", page("Same", &text("one")))
        .answer("/c", page("Same", &text("two")))
        .answer("/d", page("Same", "Short."))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    let report = place.json(&["report", "duplicates"]);
    let lines = lines_where(&report, "rows", |_| true);
    let seen: Vec<String> = lines
        .iter()
        .map(|line| {
            let uri = line["uri"].as_str().unwrap_or_default();
            let path = uri.replace(&server.url(""), "");
            format!("{} {path} {}", line["duplicates"], line["likeness"])
        })
        .collect();
    assert_eq!(seen, ["1 /a \"first\"", "1 /b \"exact\"", "1 /c \"near\""]);
    for format in ["table", "csv", "markdown", "jsonl"] {
        let shown = place.succeed(&["report", "duplicates", "--stable", "--format", format]);
        assert!(shown.stdout.contains("near"), "{format}");
    }
}

#[rstest]
fn a_row_is_kept_for_each_link_when_asked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .answer(
            "/",
            page(
                "Home",
                "<a href=/a>a</a><a href=/a#x>a</a><a href=//e.test/>e</a>",
            ),
        )
        .answer("/a", page("A", "<a href=/>home</a>"))
        .start();
    let place = Workplace::new(engine);
    crawled(&place, &server, &[]);
    assert_eq!(place.count("links"), 0);
    crawled(&place, &server, &["--link-rows"]);
    assert_eq!(place.count("links"), 3);
    let outward = "links WHERE target_uri = 'http://e.test/' AND ordinal = 1";
    assert_eq!(place.count(outward), 1);
    server.set("/", page("Home", "<a href=/a>a</a>"));
    crawled(&place, &server, &["--link-rows"]);
    assert_eq!(place.count("links"), 2);
}
