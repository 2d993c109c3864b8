//! The whole story, as a folder and over HTTP, told alike by both engines: what is stored, what is
//! incomplete, where everything came from, to the last number of fixtures/README.md.

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::site;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

const FORMATS: [&str; 6] = ["json", "jsonl", "csv", "table", "markdown", "html"];

const REPORTS: [&[&str]; 9] = [
    &["report", "overview"],
    &["report", "incomplete", "--all"],
    &["report", "balance"],
    &["report", "provenance"],
    &["report", "provenance", "--job", "last"],
    &["report", "coverage"],
    &["sources", "list"],
    &["entities", "list"],
    &["jobs", "list"],
];

/// Outcome, reason and count of each line of the first crawl's balance.
fn balance(place: &Workplace) -> Vec<(String, String, i64)> {
    let report = place.json(&["report", "balance"]);
    assert_eq!(report["jobs"][0]["closes"], true);
    lines_where(&report, "rows", |row| row["job"] == 1)
        .into_iter()
        .map(|row| {
            let word = |name: &str| row[name].as_str().unwrap_or("").to_owned();
            let count = row["count"].as_i64().expect("a number");
            (word("outcome"), word("reason"), count)
        })
        .collect()
}

fn expected(lines: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    lines
        .iter()
        .map(|(outcome, reason, count)| ((*outcome).to_owned(), (*reason).to_owned(), *count))
        .collect()
}

fn crawl_of<'a>(command: &'a str, seed: &'a str) -> Vec<&'a str> {
    let mut arguments = vec![command, seed, "--max-body", "200KB"];
    if seed.starts_with("http") {
        arguments.extend(["--allow-private", "--delay", "0"]);
    }
    arguments
}

#[rstest]
fn a_served_site_with_everything_wrong(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    place.succeed(&crawl_of("run", &server.url("/index.html")));

    assert_eq!(
        balance(&place),
        expected(&[
            // The only link to /collection/index.html stands in the logbook, after the cut.
            ("new", "", 16),
            ("alias", "redirect_alias", 1),
            ("skipped", "out_of_scope", 1),
            ("skipped", "robots_disallowed", 1),
            ("failed", "http_not_found", 2),
        ])
    );
    assert_eq!(place.count("sources"), 16);
    assert_eq!(server.count("/robots.txt"), 1);
    assert_eq!(server.count("/private/berths.html"), 0);
    let mut asked = server.requests();
    asked.sort();
    let count = asked.len();
    asked.dedup();
    assert_eq!(asked.len(), count, "each URL is asked for once");
    // robots.txt, llms.txt, 16 pages, the redirect and the two dead links.
    assert_eq!(count, 21);

    let report = place.json(&["report", "incomplete", "--all"]);
    let found = |reason: &str| {
        let lines = lines_where(&report, "rows", |line| line["reason"] == reason);
        let mut paths: Vec<String> = fields(&lines, "uri")
            .iter()
            .map(|uri| uri.replace(&server.url(""), ""))
            .collect();
        paths.sort();
        paths
    };
    for (reason, paths) in [
        ("body_truncated", vec!["/logbook.html"]),
        (
            "http_not_found",
            vec!["/collection/sextant.html", "/season-2025.html"],
        ),
        ("robots_disallowed", vec!["/private/berths.html"]),
        ("redirect_alias", vec!["/boats.html"]),
        ("out_of_scope", vec!["https://tides.example/skerry-sound"]),
        ("charset_errors", vec!["/history.html"]),
        ("json_ld_invalid", vec!["/contact.html"]),
        ("no_content", vec!["/empty.html"]),
    ] {
        assert_eq!(found(reason), paths, "{reason}");
    }
    assert_eq!(report["rows"].as_array().expect("rows").len(), 9);
    place.check();
}

#[rstest]
fn without_a_limit_nothing_is_cut(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    place.succeed(&["crawl", &server.url("/"), "--allow-private"]);
    assert_eq!(balance(&place)[0], ("new".to_owned(), String::new(), 18));
    assert_eq!(place.count("gaps WHERE class = 'limit'"), 0);
    let names =
        "sources WHERE uri LIKE '%/collection/%' OR uri LIKE '%/' OR uri LIKE '%/index.html'";
    assert_eq!(place.count(names), 6);
}

#[rstest]
fn the_same_site_as_a_folder(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&crawl_of("run", text_of(&site("harbor"))));
    // Every file but the image, linked or not; the redirect is nobody's here, so its link is dead.
    assert_eq!(
        balance(&place),
        expected(&[
            ("new", "", 18),
            ("alias", "redirect_alias", 1),
            ("skipped", "media_type", 1),
            ("skipped", "out_of_scope", 2),
            ("failed", "file_not_found", 3),
        ])
    );
    let emails = place.json(&["entities", "list", "--type", "email"]);
    let mut named = fields(&lines_where(&emails, "rows", |_| true), "normalized_value");
    named.sort();
    assert_eq!(
        named,
        [
            "archive@skerrysound.example",
            "boats@skerrysound.example",
            "crew@skerrysound.example",
            "desk@skerrysound.example",
            "guides@skerrysound.example",
            "hej@havnsund.example",
            "press@skerrysound.example",
        ]
    );
    place.check();
}

#[rstest]
fn a_chain_a_cycle_and_a_twin(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    place.succeed(&crawl_of("run", &server.url("/index.html")));
    assert_eq!(balance(&place), expected(&[("new", "", 12)]));
    // Twins are two sources with one body; so are the four pages of the listing.
    assert_eq!(place.count("bodies"), 8);
    let depths = place.database.query_text("SELECT MAX(depth) FROM frontier");
    assert_eq!(depths[0][0].as_deref(), Some("5"));
    place.succeed(&["report", "incomplete", "--check"]);
    place.check();
}

/// The same server or folder, crawled into both engines: every report in every format, byte by byte.
#[rstest]
#[case::served("harbor", true)]
#[case::folder("harbor", false)]
#[case::cycle("club", true)]
fn both_engines_tell_the_same_story(#[case] name: &str, #[case] is_served: bool) {
    let server = is_served.then(|| Server::of(site(name)));
    let folder = site(name);
    let seed = server.as_ref().map_or_else(
        || text_of(&folder).to_owned(),
        |server| server.url("/index.html"),
    );
    let [sqlite, postgres] = [Sqlite, Postgres].map(|engine| {
        let place = Workplace::new(engine);
        let mut told = vec![
            place
                .succeed(&[&crawl_of("run", &seed)[..], &["--stable"]].concat())
                .stdout,
        ];
        for report in REPORTS {
            for format in FORMATS {
                let arguments = [report, &["--stable", "--format", format]].concat();
                told.push(place.succeed(&arguments).stdout);
            }
        }
        told
    });
    assert_eq!(sqlite.len(), 55);
    for (one, other) in sqlite.iter().zip(&postgres) {
        assert_eq!(one, other);
    }
}

/// One URL at a time there is one order of arrival, so even what `--stable` leaves out is equal, but for
/// ids, times and the digests that cover them.
#[rstest]
fn at_concurrency_one_nothing_else_differs(#[values("harbor", "club")] name: &str) {
    let server = Server::of(site(name));
    let seed = server.url("/index.html");
    let [sqlite, postgres] = [Sqlite, Postgres].map(|engine| {
        let place = Workplace::new(engine);
        // The database is not on the command line, which is part of the provenance.
        let address = place.database.address();
        let run = |arguments: Vec<&str>| {
            let command = place.user.command(arguments);
            let output = command.environment("TOOLKIT_DATABASE", &address).run();
            assert_eq!(output.code(), Some(0), "{}", output.snapshot());
            output.snapshot().without_digests().to_string()
        };
        let mut arguments = crawl_of("run", &seed);
        arguments.extend(["--concurrency", "1", "--threads", "1"]);
        let mut told = vec![run([&arguments[..], &["--format", "json"]].concat())];
        told.extend(REPORTS.map(|report| run([report, &["--format", "json"]].concat())));
        told
    });
    for (one, other) in sqlite.iter().zip(&postgres) {
        assert_eq!(one, other);
    }
}

#[rstest]
fn crawl_then_extract_is_run(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::of(site("harbor"));
    let seed = server.url("/index.html");
    let (at_once, in_steps) = (Workplace::new(engine), Workplace::new(engine));
    at_once.succeed(&crawl_of("run", &seed));
    in_steps.succeed(&crawl_of("crawl", &seed));
    in_steps.succeed(&["extract"]);
    for report in REPORTS {
        let arguments = [report, &["--stable"]].concat();
        let [one, other] = [&at_once, &in_steps].map(|place| place.succeed(&arguments).stdout);
        assert_eq!(one, other, "{report:?}");
    }
}

#[rstest]
fn the_summary_says_what_to_type_next(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let summary = place.succeed(&["crawl", text_of(&site("seeds"))]).stdout;
    assert!(summary.contains("Next: toolkit extract\n"), "{summary}");
    assert!(summary.contains("The crawl run's head is "), "{summary}");
    let pending = place.run(&["report", "incomplete", "--check", "--format", "json"]);
    assert_eq!(pending.code(), Some(3));
    assert_eq!(pending.json()["classes"]["pending"], 7);
    assert_eq!(
        pending.stderr,
        "incomplete: 0 loss, 7 pending, 0 limit; next: toolkit extract\n"
    );
    let summary = place.succeed(&["extract"]).stdout;
    assert!(
        summary.contains("Next: toolkit report provenance\n"),
        "{summary}"
    );
    let complete = place.json(&["report", "incomplete", "--check", "--strict"]);
    assert_eq!(complete["rows"], Value::Array(vec![]));
    let club = site("club");
    let limited = place.succeed(&["run", text_of(&club), "--max-pages", "1"]);
    let summary = limited.stdout;
    assert!(
        summary.contains("Next: toolkit report incomplete\n"),
        "{summary}"
    );
}
