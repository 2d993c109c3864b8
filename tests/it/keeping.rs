//! Contents that a source no longer has: printed by digest and by time, dropped with a record of who did it.

use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

/// Both engines show the same.
macro_rules! assert_shown {
    ($shown:expr, @$expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($shown, @$expected) }
    };
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("cannot write a page");
}

fn page(title: &str) -> Vec<u8> {
    format!(
        "<!doctype html><title>{title}</title><main><h1>{title}</h1><p>A page about {title}, with \
         enough words in it to be taken for content by whoever reads it.</p></main>"
    )
    .into_bytes()
}

/// Crawls a folder of two pages twice, one of which has changed in between, and its charset with it.
fn crawled_twice(engine: Engine) -> (Workplace, TempDir, Value) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    write(folder.path(), "still.html", &page("Anchor"));
    let latin = b"<!doctype html><meta charset=iso-8859-1><title>Caf\xe9</title><p>Caf\xe9 au quai";
    write(folder.path(), "tide.html", latin);
    place.succeed(&["crawl", text_of(folder.path())]);
    write(folder.path(), "tide.html", &page("Ebb"));
    place.succeed(&["crawl", text_of(folder.path())]);
    let uri = place.value("SELECT uri FROM sources WHERE uri LIKE '%/tide.html'");
    let shown = place.json(&["sources", "show", &uri]);
    (place, folder, shown)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} in {value}"))
}

#[rstest]
fn an_old_content_is_printed_by_digest_and_by_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, _folder, shown) = crawled_twice(engine);
    let uri = text(&shown["source"], "uri");
    let versions = shown["versions"].as_array().expect("versions");
    assert_eq!(versions.len(), 2);
    let (old, new) = (&versions[0], &versions[1]);
    assert_eq!(
        (&old["current"], &old["kept"]),
        (&json!(false), &json!(true))
    );

    // The end of a digest, as the table shows it.
    let ending = &text(old, "body_digest")[56..];
    let printed = place.succeed(&["sources", "show", uri, "--version", ending]);
    assert!(printed.stdout_bytes.ends_with(b"Caf\xe9 au quai"));
    // Its text is read in the charset that it had, and not in that of the content of now.
    let printed = place.succeed(&["sources", "show", uri, "--version", ending, "--text"]);
    assert!(
        printed.stdout.contains("Café au quai"),
        "{}",
        printed.stdout
    );

    let at = |time: &str| {
        place
            .succeed(&["sources", "show", uri, "--at", time])
            .stdout_bytes
    };
    assert!(at(text(old, "first_seen")).ends_with(b"quai"));
    assert_eq!(at(text(new, "first_seen")), page("Ebb"));
    assert_eq!(at("2126-01-01"), page("Ebb"));

    let early = place.run(&["sources", "show", uri, "--at", "2001-02-03"]);
    assert_shown!(early.snapshot(), @r"
    -- stderr
    error: at that time nothing of this source was stored: it was first fetched at [TIME]
    hint: `toolkit sources show SOURCE` lists its contents, and which are kept
    -- exit 1
    ");
    let unknown = place.run(&["sources", "show", uri, "--version", "00000000"]);
    assert_shown!(unknown.snapshot(), @r"
    -- stderr
    error: this source never had a content whose digest ends so
    hint: `toolkit sources show SOURCE` lists its contents, and which are kept
    -- exit 1
    ");
}

#[rstest]
fn bodies_without_a_source_are_dropped_as_an_event(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, _folder, shown) = crawled_twice(engine);
    let uri = text(&shown["source"], "uri");
    let digest = text(&shown["versions"][0], "body_digest");
    assert_eq!(place.count("bodies"), 3);

    let planned = place.succeed(&["db", "vacuum", "--bodies", "--dry-run"]);
    assert_shown!(planned.snapshot().without_digests(), @r"
    -- stdout
    summary
    bodies  body size  stored size  dropped
    ------  ---------  -----------  -------
         1         74           83  no

    bodies
    body digest  body size  stored size
    -----------  ---------  -----------
    980370fb            74           83

    drop them: toolkit db vacuum --bodies
    -- exit 0
    ");
    assert_eq!(place.count("bodies"), 3);
    let dropped = place.succeed(&["db", "vacuum", "--bodies"]);
    assert_shown!(dropped.snapshot().without_digests(), @r"
    -- stdout
    summary
    bodies  body size  stored size  dropped
    ------  ---------  -----------  -------
         1         74           83  yes

    bodies
    body digest  body size  stored size
    -----------  ---------  -----------
    980370fb            74           83
    -- stderr
    the room of what was deleted is free again
    -- exit 0
    ");
    assert_eq!(place.count("bodies"), 2);

    let payload = place.value("SELECT payload FROM events WHERE kind = 'bodies_dropped'");
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    assert_eq!(payload["bodies"][0]["digest"], digest);
    let after = place.json(&["sources", "show", uri]);
    let version = &after["versions"][0];
    assert_eq!(
        (&version["kept"], &version["dropped_by"]),
        (&json!(false), &json!("toolkit db vacuum --bodies"))
    );
    let gone = place.run(&["sources", "show", uri, "--version", &digest[50..]]);
    assert_shown!(gone.snapshot().without_digests(), @r"
    -- stderr
    error: the content [DIGEST] is not kept: dropped at [TIME] by `toolkit db vacuum --bodies`
    hint: `toolkit sources show SOURCE` lists its contents, and which are kept
    -- exit 1
    ");
    assert_eq!(
        place
            .succeed(&["sources", "show", uri, "--raw"])
            .stdout_bytes,
        page("Ebb")
    );

    // There is nothing left to drop, and nothing to record.
    let runs = place.count("runs");
    let again = place.json(&["db", "vacuum", "--bodies"]);
    assert_eq!(again["summary"]["bodies"], 0);
    assert_eq!(place.count("runs"), runs);
    place.check();
    place.succeed(&["db", "verify"]);
    place.succeed(&["extract"]);
    place.check();
}

/// A body that is dropped while a crawl brings it again is stored again, and no source goes without.
#[rstest]
fn a_dropped_body_comes_back_with_its_content(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder, shown) = crawled_twice(engine);
    let uri = text(&shown["source"], "uri");
    place.succeed(&["db", "vacuum", "--bodies"]);
    let latin = b"<!doctype html><meta charset=iso-8859-1><title>Caf\xe9</title><p>Caf\xe9 au quai";
    write(folder.path(), "tide.html", latin);
    place.succeed(&["crawl", text_of(folder.path())]);
    let after = place.json(&["sources", "show", uri]);
    let version = &after["versions"][0];
    assert_eq!(version["body_digest"], shown["versions"][0]["body_digest"]);
    assert_eq!(
        (&version["kept"], &version["current"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(version["dropped_by"], Value::Null);
    place.check();
}
