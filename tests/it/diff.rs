//! `report diff`: what one job saw otherwise than another, and which values are others because of it.

use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::copied_site;
use crate::support::database::Engine;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// Edits one page, removes one, adds one and links it.
fn edit(site: &Path) {
    let read = |name: &str| std::fs::read_to_string(site.join(name)).expect("a page");
    let write = |name: &str, text: &str| {
        std::fs::write(site.join(name), text).expect("cannot write a page");
    };
    write("tomato.html", &read("tomato.html").replace("3.40", "3.95"));
    std::fs::remove_file(site.join("squash.html")).expect("cannot remove a page");
    write(
        "leek.html",
        "<!doctype html><title>Leek</title><p>A new page about leeks.",
    );
    let linked = read("index.html").replacen("<a ", "<a href=\"leek.html\">Leek</a> <a ", 1);
    write("index.html", &linked);
}

fn jobs(place: &Workplace, kind: &str) -> Vec<String> {
    let report = place.json(&["report", "provenance"]);
    fields(
        &lines_where(&report, "jobs", |line| line["kind"] == kind),
        "job_id",
    )
}

fn counts(report: &Value) -> Vec<(String, i64)> {
    let lines = lines_where(report, "counts", |_| true).into_iter();
    let count = |line: &Value| line["count"].as_i64().unwrap_or(-1);
    lines
        .map(|line| {
            (
                line["change"].as_str().unwrap_or_default().to_owned(),
                count(line),
            )
        })
        .filter(|(_, count)| *count != 0)
        .collect()
}

fn named<'a>(report: &'a Value, name: &str) -> &'a Value {
    let ends = |line: &Value| line["uri"].as_str().is_some_and(|uri| uri.ends_with(name));
    lines_where(report, "rows", ends)[0]
}

#[rstest]
fn what_changed_and_the_values_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    edit(site.path());
    place.succeed(&["crawl", text_of(site.path())]);
    let crawls = jobs(&place, "crawl");
    let diff = |further: &[&str]| {
        let words = ["report", "diff", &crawls[0], &crawls[1]];
        place.json(&[&words[..], further].concat())
    };
    // Before it is read again nobody knows which values are others.
    let early = diff(&[]);
    assert_eq!(early["not_extracted"], 2);
    assert_eq!(early["values"], json!([]));
    place.succeed(&["extract"]);

    let report = diff(&[]);
    let expected = [("new", 1), ("changed", 2), ("unchanged", 4), ("gone", 1)];
    assert_eq!(
        counts(&report),
        expected.map(|(word, count)| (word.to_owned(), count))
    );
    let uris = fields(&lines_where(&report, "rows", |_| true), "uri");
    assert_eq!(uris.len(), 4, "{uris:?}");
    assert!(uris.is_sorted(), "{uris:?}");
    for (name, change, reason) in [
        ("/leek.html", "new", Value::Null),
        ("/tomato.html", "changed", Value::Null),
        ("/squash.html", "gone", json!("file_not_found")),
    ] {
        let line = named(&report, name);
        assert_eq!(
            (&line["change"], &line["reason"]),
            (&json!(change), &reason),
            "{name}"
        );
    }
    let tomato = named(&report, "/tomato.html");
    assert_ne!(tomato["before_digest"], tomato["after_digest"]);
    let price = lines_where(&report, "values", |line| {
        line["extraction_type"] == "content"
            && line["field"] == "text"
            && line["uri"] == tomato["uri"]
    });
    assert_eq!(price.len(), 1, "{report}");
    assert!(tomato["values"].as_i64() >= Some(2), "{tomato}");
    // The price stands in a record as well, before and after.
    let record = lines_where(&report, "values", |line| {
        let says =
            |key: &str, text: &str| line[key].as_str().is_some_and(|value| value.contains(text));
        says("before", "3.40") && says("after", "3.95")
    });
    assert!(!record.is_empty(), "{report}");
    assert_eq!(record[0]["job"], 4);
    assert_eq!(lines_where(&diff(&["--all"]), "rows", |_| true).len(), 8);

    // The other way round: what is new was gone.
    let back = place.json(&["report", "diff", &crawls[1], &crawls[0]]);
    assert_eq!(named(&back, "/leek.html")["change"], "gone");
    assert_eq!(
        named(&back, "/leek.html")["reason"],
        "not found by the later job"
    );
    assert_eq!(named(&back, "/squash.html")["change"], "new");

    // The record tells as much when both jobs are deleted.
    for job in &crawls {
        place.succeed(&["jobs", "delete", job, "--yes"]);
    }
    assert_eq!(diff(&[])["rows"], report["rows"]);
    assert_eq!(diff(&[])["values"], report["values"]);
}

#[rstest]
fn two_extractions(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    edit(site.path());
    place.succeed(&["crawl", text_of(site.path())]);
    place.succeed(&["extract", "--force"]);
    let extracts = jobs(&place, "extract");
    let report = place.json(&["report", "diff", &extracts[0], &extracts[1]]);
    assert_eq!(named(&report, "/tomato.html")["change"], "changed");
    assert_eq!(named(&report, "/leek.html")["change"], "new");
    assert!(!lines_where(&report, "values", |line| line["job"] == 4).is_empty());
    let crawl = &jobs(&place, "crawl")[0];
    let mixed = place.run(&["report", "diff", crawl, &extracts[0]]);
    assert_eq!(mixed.code(), Some(2));
    assert!(mixed.stderr.contains("hint:"), "{}", mixed.stderr);
}
