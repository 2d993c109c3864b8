//! What a crawl would begin with, told without a network and without a database.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::server::{Answer, Server};
use crate::support::toolkit::Toolkit;
use crate::support::workplace::text_of;
use crate::support::{archive, temporary_folder};

/// Asks a command for its plan.
fn plan(user: &Toolkit, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--dry-run", "--format", "json"]);
    user.succeed(all).json()
}

/// Each line's last part of the path, decision, class and detail.
fn lines(report: &Value) -> Vec<(String, String, String, String)> {
    let rows = report["rows"].as_array().expect("rows");
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| {
            let uri = text(row, "uri");
            let name = uri.trim_end_matches('/').rsplit('/').next();
            let name = name.unwrap_or_default().to_owned();
            (
                name,
                text(row, "decision"),
                text(row, "class"),
                text(row, "detail"),
            )
        })
        .collect()
}

fn line(name: &str, decision: &str, class: &str, detail: &str) -> (String, String, String, String) {
    [name, decision, class, detail].map(str::to_owned).into()
}

/// Says whether the user's folder and home hold nothing.
fn is_untouched(user: &Toolkit) -> bool {
    [user.folder(), user.home()]
        .iter()
        .all(|place| fs::read_dir(place).expect("a folder").count() == 0)
}

#[test]
fn a_folder_is_told_file_by_file() {
    let (user, place) = (Toolkit::new(), temporary_folder());
    let (inside, outside) = (place.path().join("inside"), place.path().join("outside"));
    for folder in [inside.join(".git"), inside.join("sub"), outside.clone()] {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in [".env", ".git/config", "a.html", "draft.html", "sub/b.html"] {
        fs::write(inside.join(file), "x").expect("a file");
    }
    fs::write(outside.join("secret.html"), "x").expect("a file");
    symlink(outside.join("secret.html"), inside.join("leaves.html")).expect("a link");
    symlink(inside.join("a.html"), inside.join("stays.html")).expect("a link");
    let target = outside.canonicalize().expect("a path").join("secret.html");

    let seed = text_of(&inside);
    let without_drafts = ["crawl", seed, "--exclude", "draft"];
    let report = plan(&user, &without_drafts);
    assert_eq!(
        lines(&report),
        [
            line(".env", "hidden_file", "decision", ".env"),
            line(".git", "hidden_file", "decision", ".git"),
            line("a.html", "fetch", "", ""),
            line(
                "draft.html",
                "excluded",
                "decision",
                "matches --exclude draft"
            ),
            line("leaves.html", "symbolic_link", "decision", text_of(&target)),
            line("stays.html", "fetch", "", ""),
            line("b.html", "fetch", "", ""),
        ]
    );
    assert_eq!(report["rows"][0]["depth"], 0);
    let totals = report["totals"].as_array().expect("totals");
    let counts: Vec<_> = totals
        .iter()
        .map(|total| (total["decision"].as_str(), total["count"].as_i64()))
        .collect();
    assert_eq!(
        counts,
        [
            (Some("excluded"), Some(1)),
            (Some("fetch"), Some(3)),
            (Some("hidden_file"), Some(2)),
            (Some("symbolic_link"), Some(1)),
        ]
    );
    assert_eq!(plan(&user, &["run", seed, "--exclude", "draft"]), report);
    assert!(is_untouched(&user));

    // The crawl itself decides alike.
    user.succeed(without_drafts);
    let incomplete = ["report", "incomplete", "--all", "--format", "json"];
    let told = user.succeed(incomplete).json();
    for row in report["rows"].as_array().expect("rows") {
        let same = |one: &&Value| one["uri"] == row["uri"] && one["reason"] == row["decision"];
        let found = told["rows"].as_array().expect("rows").iter().find(same);
        assert_eq!(found.is_some(), row["decision"] != "fetch", "{row}");
    }
}

#[test]
fn sites_are_named_and_not_asked() {
    let user = Toolkit::new();
    let server = Server::builder().answer("/", Answer::page("x")).start();
    let (page, map) = (server.url("/"), server.url("/map.xml"));
    let secret = page.replace("http://", "http://me:hush@");
    let held = archive("harbor.warc.gz");
    let arguments = [
        "crawl",
        &secret,
        &page,
        text_of(&held),
        "--sitemap",
        &map,
        "--allow-private",
        "--warc",
        "kept.warc",
    ];
    let report = plan(&user, &arguments);
    let rows = report["rows"].as_array().expect("rows");
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["uri"].as_str().expect("a URI"),
                row["kind"].as_str(),
                row["decision"].as_str(),
            )
        })
        .collect();
    let fetch = Some("fetch");
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert_eq!(shown[0], (map.as_str(), Some("sitemap"), fetch));
    assert_eq!(shown[1], (page.as_str(), Some("page"), fetch));
    assert!(shown[2].0.ends_with("/harbor.warc.gz"), "{shown:?}");

    // Neither the database that is named nor the archive is made, nor is anybody asked.
    for database in ["other.db", "postgres://nobody@127.0.0.1:1/none"] {
        let mut all = arguments.to_vec();
        all.extend(["--dry-run", "--database", database]);
        for format in ["table", "json", "jsonl", "csv", "markdown"] {
            let output = user.succeed([&all[..], &["--format", format]].concat());
            assert!(output.stdout.contains(&page), "{}", output.snapshot());
            assert!(!output.stdout.contains("hush"), "{}", output.snapshot());
        }
    }
    let table = user
        .succeed([&arguments[..], &["--dry-run"]].concat())
        .stdout;
    for later in [
        "robots.txt",
        "redirect",
        "Media types",
        "web archive",
        "no database was opened",
    ] {
        assert!(table.contains(later), "{later}:\n{table}");
    }
    assert!(is_untouched(&user));
    assert_eq!((server.connection_count(), server.request_count()), (0, 0));
}

#[test]
fn a_list_is_told_line_by_line() {
    let (user, place) = (Toolkit::new(), temporary_folder());
    let list = place.path().join("seeds.txt");
    fs::write(&list, "https://site.test/a\nftp://me:hush@site.test/\n").expect("a list");
    let report = plan(&user, &["crawl", "--from", text_of(&list)]);
    let mut decisions: Vec<_> = lines(&report)
        .into_iter()
        .map(|(_, decision, class, _)| (decision, class))
        .collect();
    decisions.sort();
    let expected = [("fetch", ""), ("malformed_url", "loss")];
    assert_eq!(
        decisions,
        expected.map(|(one, other)| (one.to_owned(), other.to_owned()))
    );
    assert!(!report.to_string().contains("hush"), "{report}");
    assert!(is_untouched(&user));
}

#[test]
fn a_plan_is_of_a_new_crawl_and_its_mistakes_are_told() {
    let user = Toolkit::new();
    for (arguments, code) in [
        (&["crawl", "--resume", "last", "--dry-run"][..], 2),
        (&["crawl", "--dry-run"], 2),
        (&["crawl", "no/such/folder", "--dry-run"], 1),
        (
            &[
                "crawl",
                "https://site.test/",
                "--auth",
                "site.test=env:UNSET",
                "--dry-run",
            ],
            1,
        ),
    ] {
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(code), "{}", output.snapshot());
    }
    assert!(is_untouched(&user));
}
