//! A source's content taken away on request: nothing of it is left anywhere, and the record says that it was
//! there, and who took it away.

use std::path::Path;

use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;

use crate::support::database::{Engine, TestDatabase};
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// Stands in every part of the page that is erased, and nowhere else.
const CANARY: &str = "zqmarrowfat";

/// Both engines show the same.
macro_rules! assert_shown {
    ($shown:expr, @$expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($shown, @$expected) }
    };
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("cannot write a page");
}

/// A page that holds the canary in its title, its text, its markup and its addresses, and a day that another
/// page has as well.
fn page(version: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>About {CANARY}</title>\
         <meta name=author content='{CANARY}'>\
         <script type='application/ld+json'>{{\"@type\": \"Person\", \"@context\": \"https://schema.org\", \
         \"name\": \"{CANARY}\", \"email\": \"{CANARY}@example.org\"}}</script>\
         <main><h1>About {CANARY}</h1><p>In the {version} version {CANARY} is met on 5 March 2026 at the \
         harbor, and answers letters to {CANARY}@example.org, or to {CANARY}@example.net when the first \
         is full, as it has been since {CANARY} began to answer letters.</p></main></html>"
    )
}

/// Crawls and extracts a folder twice, in between which the page with the canary has changed; two names of it
/// are merged.
fn prepared(engine: Engine) -> (Workplace, TempDir, String) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    let other = "<!doctype html><title>Tides</title><main><h1>Tides</h1><p>High water comes at the \
                 harbor on 5 March 2026, and this page says nothing of anybody who lives there.</p></main>";
    write(folder.path(), "tides.html", other);
    for version in ["first", "second"] {
        write(folder.path(), "person.html", &page(version));
        place.succeed(&["run", text_of(folder.path())]);
    }
    // By their ids: a command line stays as it was typed.
    let addresses = ["org", "net"].map(|end| {
        let sql = "SELECT CAST(id AS TEXT) FROM entities WHERE normalized_value = ";
        place.value(&format!("{sql}'{CANARY}@example.{end}'"))
    });
    place.succeed(&["entities", "merge", &addresses[0], &addresses[1]]);
    let uri = place.value("SELECT uri FROM sources WHERE uri LIKE '%/person.html'");
    (place, folder, uri)
}

/// Counts the canary in everything that the database keeps: each byte of the file and what lies beside it, or
/// each row of each table.
fn canaries(database: &TestDatabase) -> usize {
    let count = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        text.matches(CANARY).count()
    };
    match database.engine() {
        Sqlite => std::fs::read_dir(database.folder())
            .expect("the folder")
            .map(|entry| count(&std::fs::read(entry.expect("an entry").path()).expect("a file")))
            .sum(),
        Postgres => {
            let tables = database.query_text(
                "SELECT table_name FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
            );
            let names = tables
                .into_iter()
                .map(|row| row[0].clone().expect("a name"));
            names
                .flat_map(|name| {
                    database.query_text(&format!("SELECT CAST(one AS TEXT) FROM {name} AS one"))
                })
                .map(|row| count(row[0].as_deref().unwrap_or_default().as_bytes()))
                .sum()
        }
    }
}

#[rstest]
fn nothing_of_an_erased_source_is_left(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, _folder, uri) = prepared(engine);
    assert!(canaries(&place.database) > 10);
    assert_eq!(place.count("bodies"), 3);

    let erased = place.succeed(&["erase", &uri, "--yes", "--reason", "asked to"]);
    assert_eq!(canaries(&place.database), 0);
    let shown = erased.snapshot().to_string();
    let notes = shown.split_once("\n\n").map_or("", |(_, notes)| notes);
    let notes = notes.replace("[TEMPORARY]", "");
    assert_shown!(notes, @r"
    A later crawl that finds the page stores it again: leave it out with --exclude.
    what stays: toolkit sources show file:///person.html
    -- stderr
    the room of what was deleted is free again
    -- exit 0
    ");
    let counts = "2              0            3         5         3     0         6";
    assert!(shown.contains(counts), "{shown}");
    assert_eq!(place.count("bodies"), 1);
    // What the other page says as well stays an entity.
    assert_eq!(place.count("entities"), 1);
    assert_eq!(place.count("entity_merges"), 0);

    // The books, the rules and the chains hold, and say what is gone.
    place.check();
    let verified = place.json(&["db", "verify"]);
    assert_eq!(verified["summary"]["faults"], 0);
    let line = &verified["erased"][0];
    assert_eq!(line["source_uri"], json!(uri));
    assert_eq!(line["payloads"], verified["summary"]["erased_payloads"]);
    let by = line["erased_by"].as_str().expect("a command");
    assert!(
        by.starts_with("toolkit erase ") && by.ends_with("--yes --reason 'asked to'"),
        "{by}"
    );
    let gone = place.count("events WHERE payload IS NULL");
    assert_eq!(line["payloads"], json!(gone));

    // What stays: that it was there, when, by which jobs, under which digests.
    let shown = place.json(&["sources", "show", &uri]);
    let versions = shown["versions"].as_array().expect("versions");
    assert_eq!(versions.len(), 2);
    for version in versions {
        assert_eq!(
            (&version["kept"], &version["dropped_by"]),
            (&json!(false), &json!(by))
        );
        let digest = version["body_digest"].as_str().expect("a digest");
        assert_eq!(digest.len(), 64);
        let printed = place.run(&["sources", "show", &uri, "--version", digest]);
        assert!(
            printed.stderr.contains("is not kept: dropped at"),
            "{}",
            printed.stderr
        );
    }
    assert_eq!(shown["state"]["created_by_job"], 1);
    let early = place.run(&["sources", "show", &uri, "--at", "2126-01-01"]);
    assert!(early.stderr.contains("was erased at"), "{}", early.stderr);
    let provenance = place.json(&["report", "provenance"]);
    let line = lines_where(&provenance, "sources", |line| line["uri"] == json!(uri))[0];
    assert_eq!(
        (&line["created_by_job"], &line["extractions"]),
        (&json!(1), &json!(0))
    );

    // It is missing on purpose, which is no loss and nothing to go on with.
    place.succeed(&["report", "incomplete", "--strict"]);
    let all = place.json(&["report", "incomplete", "--all"]);
    let lines = lines_where(&all, "rows", |line| line["uri"] == json!(uri));
    assert_eq!(fields(&lines, "reason"), ["erased"]);
    place.succeed(&["extract"]);
    place.check();

    // Once more there is nothing left to erase, and nothing to record.
    let events = place.count("events");
    place.succeed(&["erase", &uri, "--yes"]);
    assert_eq!(place.count("events"), events);
}

#[rstest]
fn what_was_erased_can_be_crawled_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder, uri) = prepared(engine);
    place.succeed(&["erase", &uri, "--yes"]);
    place.succeed(&["run", text_of(folder.path())]);
    let shown = place.json(&["sources", "show", &uri]);
    let current = lines_where(&shown, "versions", |version| {
        version["current"] == json!(true)
    });
    assert_eq!(fields(&current, "kept"), ["true"]);
    assert_eq!(fields(&current, "dropped_by"), ["null"]);
    assert!(
        !shown["extractions"]
            .as_array()
            .expect("extractions")
            .is_empty()
    );
    let all = place.json(&["report", "incomplete", "--all"]);
    assert!(lines_where(&all, "rows", |line| line["reason"] == "erased").is_empty());
    place.check();
    place.succeed(&["db", "verify"]);
}

#[rstest]
fn a_content_that_another_source_has_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder, uri) = prepared(engine);
    write(folder.path(), "twin.html", &page("second"));
    place.succeed(&["run", text_of(folder.path())]);
    let erased = place.json(&["erase", &uri, "--yes"]);
    assert_eq!(
        (
            &erased["erased"]["bodies"],
            &erased["erased"]["shared_bodies"]
        ),
        (&json!(1), &json!(1))
    );
    let twin = uri.replace("person", "twin");
    let printed = place.succeed(&["sources", "show", &twin, "--raw"]);
    assert_eq!(printed.stdout, page("second"));
    // Of the erased source it is shown no more.
    let shown = place.json(&["sources", "show", &uri]);
    let kept = lines_where(&shown, "versions", |version| version["kept"] == json!(true));
    assert!(kept.is_empty());
    place.check();
}

#[rstest]
fn a_source_that_a_job_has_still_to_extract_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    write(folder.path(), "person.html", &page("first"));
    place.succeed(&["crawl", text_of(folder.path())]);
    let crash = place
        .command(&["extract"])
        .environment("TOOLKIT_CRASH_AT", "store_extractions.begun:1");
    crash.run();
    let refused = place.run(&["erase", "last", "--yes"]);
    assert_shown!(refused.snapshot(), @r"
    -- stderr
    error: job [UUID] has still to extract this source
    hint: `toolkit extract` goes on with that job, and `toolkit jobs delete JOB` gives it up; then try again
    -- exit 1
    ");
    place.succeed(&["extract"]);
    place.succeed(&["erase", "last", "--yes"]);
    assert_eq!(canaries(&place.database), 0);
    place.check();
}

#[rstest]
fn a_payload_that_no_erasure_names_is_missed(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, _folder, uri) = prepared(engine);
    place.succeed(&["erase", &uri, "--yes"]);
    let one =
        "SELECT MIN(sequence) FROM events WHERE kind = 'source_created' AND payload IS NOT NULL";
    let sequence = place.value(one);
    place.database.execute(&format!(
        "UPDATE events SET payload = NULL WHERE kind = 'source_created' AND sequence = {sequence} \
         AND payload IS NOT NULL"
    ));
    let verified = place.run(&["db", "verify", "--format", "json"]);
    assert_eq!(verified.code(), Some(3));
    assert_eq!(
        verified.json()["faults"][0]["what"],
        "its payload is gone, and no erasure names it"
    );
}

#[test]
fn nobody_is_asked_where_nobody_answers() {
    let place = Workplace::new(Sqlite);
    let folder = temporary_folder();
    write(folder.path(), "person.html", &page("first"));
    place.succeed(&["crawl", text_of(folder.path())]);
    let refused = place.run(&["erase", "last"]);
    assert_eq!(refused.code(), Some(2));
    assert!(
        refused.stderr.contains("hint: toolkit erase file:///"),
        "{}",
        refused.stderr
    );
    assert_eq!(place.count("bodies"), 1);
}
