//! `report incomplete`: counted by this and that, narrowed down, cut to its first lines, held against a baseline.

use std::fs;

use rstest::rstest;
use tempfile::TempDir;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// A folder with two dead links, a page without text and one with a broken record.
fn folder() -> TempDir {
    let folder = temporary_folder();
    let page = |body: &str| format!("<!doctype html><title>A page</title><main>{body}</main>");
    for (name, body) in [
        (
            "a.html",
            "<p>See <a href=gone.html>this</a> and <a href=lost.html>that</a>.</p>",
        ),
        ("b.html", ""),
        (
            "c.html",
            "<p>Some text.</p><script type=application/ld+json>{\"@type\": </script>",
        ),
    ] {
        fs::write(folder.path().join(name), page(body)).expect("a page");
    }
    folder
}

fn crawled(engine: Engine) -> (Workplace, TempDir) {
    let (place, folder) = (Workplace::new(engine), folder());
    place.succeed(&["crawl", text_of(folder.path())]);
    place.succeed(&["extract", "--source", &last_page(&folder)]);
    (place, folder)
}

fn last_page(folder: &TempDir) -> String {
    format!("file://{}", folder.path().join("c.html").display())
}

const REPORT: [&str; 2] = ["report", "incomplete"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&REPORT[..], more].concat()
}

#[rstest]
fn counts_are_by_what_is_asked_for_and_each_says_what_to_type(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (place, _folder) = crawled(engine);
    for by in ["reason", "stage", "job", "group", "profile"] {
        let report = place.json(&with(&["--by", by]));
        let parts = report["divisions"].as_array().expect("a list").clone();
        let sum = |class: &str| -> i64 { parts.iter().filter_map(|one| one[class].as_i64()).sum() };
        // Two dead links, a broken record and two pages that wait, whatever they are counted by.
        assert_eq!(
            (sum("loss"), sum("pending"), sum("limit")),
            (3, 2, 0),
            "{by}"
        );
        assert_eq!(report["rows"].as_array().expect("rows").len(), 0, "{by}");
        assert_eq!(report["more"], 5, "{by}");
        // What is to be typed can be typed.
        for part in &parts {
            let next = part["next"].as_str().expect("a command");
            let words: Vec<&str> = next.split(' ').skip(1).chain(["--help"]).collect();
            place.succeed(&words);
        }
    }
    let shown = |by: &str| {
        let report = place.json(&with(&["--by", by, "--stable"]));
        let lines = lines_where(&report, "divisions", |_| true);
        let (what, next) = (fields(&lines, "what"), fields(&lines, "next"));
        what.into_iter().zip(next).collect::<Vec<_>>()
    };
    let pair = |what: &str, next: &str| (what.to_owned(), next.to_owned());
    assert_eq!(
        shown("reason"),
        [
            pair(
                "file_not_found",
                "toolkit report incomplete --reason file_not_found"
            ),
            pair(
                "json_ld_invalid",
                "toolkit report incomplete --reason json_ld_invalid"
            ),
            pair("not_extracted", "toolkit retry --reason not_extracted"),
        ]
    );
    assert_eq!(
        shown("profile"),
        [
            pair("null", "toolkit report incomplete"),
            pair("default", "toolkit report incomplete --profile default"),
        ]
    );
    // Commands of jobs name their ids.
    assert_eq!(shown("job"), [pair("1", "null"), pair("2", "null")]);
}

#[rstest]
fn lines_are_narrowed_down_and_cut_where_it_is_asked_for(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (place, _folder) = crawled(engine);
    let count = |more: &[&str]| {
        let report = place.json(&with(more));
        report["rows"].as_array().expect("rows").len()
    };
    assert_eq!(count(&[]), 5);
    assert_eq!(count(&["--profile", "default"]), 1);
    assert_eq!(count(&["--since", "1h"]), 5);
    assert_eq!(count(&["--since", "2125-01-02"]), 0);
    assert_eq!(count(&["--since", "1990-01-02T03:04:05Z"]), 5);
    assert_eq!(count(&["--first", "2"]), 2);

    // What a pipe gets is whole unless it asks for less, and then it says so.
    let whole = place.succeed(&with(&["--format", "csv"]));
    assert_eq!((whole.stdout.lines().count(), &*whole.stderr), (6, ""));
    let cut = place.succeed(&with(&["--format", "csv", "--first", "2"]));
    assert_eq!(cut.stdout.lines().count(), 3);
    assert!(
        cut.stderr.contains("3 more lines are not listed"),
        "{}",
        cut.stderr
    );
    let cut = place.succeed(&with(&["--first", "1"]));
    assert!(
        cut.stdout
            .contains("… and 4 more lines: toolkit report incomplete --format csv")
    );
    assert!(
        cut.stdout.ends_with("Next: toolkit extract\n"),
        "{}",
        cut.stdout
    );
    // The totals are of all, also of what is not listed.
    assert_eq!(
        place.json(&with(&["--first", "0"]))["classes"],
        place.json(&REPORT)["classes"]
    );
    let refused = place.run(&with(&["--since", "yesterday"]));
    assert_eq!(refused.code(), Some(2));
    assert!(refused.stderr.contains("as in 2d"), "{}", refused.stderr);
}

#[rstest]
fn a_baseline_lets_only_what_is_new_fail(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = crawled(engine);
    place.succeed(&["extract"]);
    let known = place.user.folder().join("known.jsonl");
    let known = text_of(&known);
    assert_eq!(place.run(&with(&["--check"])).code(), Some(3));
    place.succeed(&with(&["--write-baseline", known]));
    let text = fs::read_to_string(known).expect("a baseline");
    assert_eq!(text.lines().count(), 5, "{text}");
    place.succeed(&with(&["--check", "--baseline", known]));

    // Another database of the same folder has the same losses: the baseline is of no ids.
    let other = Workplace::new(engine);
    other.succeed(&["run", text_of(folder.path())]);
    other.succeed(&with(&["--check", "--baseline", known]));
    let again = other.user.folder().join("again.jsonl");
    other.succeed(&with(&["--write-baseline", text_of(&again)]));
    assert_eq!(fs::read_to_string(&again).expect("a baseline"), text);

    // What is new fails alone, and what is repaired is counted.
    let page =
        "<!doctype html><title>A page</title><main><p>Only <a href=other.html>one</a>.</p></main>";
    fs::write(folder.path().join("a.html"), page).expect("a page");
    place.succeed(&["run", text_of(folder.path())]);
    let report = place.json(&with(&["--baseline", known]));
    let lines = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&lines, "reason"), ["file_not_found"]);
    assert!(fields(&lines, "uri")[0].ends_with("/other.html"));
    assert_eq!(
        (&report["known"], &report["repaired"]),
        (&2.into(), &2.into())
    );
    let failed = place.run(&with(&["--check", "--baseline", known]));
    assert_eq!(failed.code(), Some(3));
    assert!(
        failed.stderr.contains("1 loss, 0 pending"),
        "{}",
        failed.stderr
    );
    // What may be is told and fails nothing.
    place.succeed(&with(&[
        "--check",
        "--baseline",
        known,
        "--allow",
        "file_not_found",
    ]));
    let allowed = with(&[
        "--check",
        "--allow",
        "file_not_found,no_content",
        "json_ld_invalid",
    ]);
    assert!(place.succeed(&allowed).stdout.contains("other.html"));

    for (content, told) in [
        (None, "cannot read"),
        (Some("stage,reason\n"), "this is no baseline"),
        (Some("{\"baseline\":1}\n[]\n"), "line 2 of the baseline"),
    ] {
        let path = place.user.folder().join("other.jsonl");
        if let Some(content) = content {
            fs::write(&path, content).expect("a file");
        }
        let refused = place.run(&with(&["--check", "--baseline", text_of(&path)]));
        assert_eq!(refused.code(), Some(1));
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("--write-baseline"),
            "{}",
            refused.stderr
        );
    }
}
