//! What is incomplete is tried again, stage by stage, and what is whole then is no gap any more.

use std::fs;

use rstest::rstest;
use serde_json::json;
use toolkit::model::UriKey;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

fn page(body: &str) -> Answer {
    Answer::page(format!(
        "<!doctype html><title>Page</title><p>The ferry to the island leaves at noon, and returns in the evening.</p>{body}"
    ))
}

#[rstest]
fn a_page_that_failed_is_fetched_again_and_no_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/", page("<a href=/a>a</a> <a href=/b>b</a>"))
        .answer("/a", Answer::status(500))
        .answer("/b", page("<a href=/>home</a>"))
        .start();
    let flags = ["--allow-private", "--delay", "0", "--retries", "0"];
    place.succeed(&[&["run", &server.url("/")][..], &flags].concat());
    let lines = place.json(&["retry", "--dry-run"]);
    let planned = lines_where(&lines, "rows", |_| true);
    assert_eq!(fields(&planned, "reason"), ["http_server_error"]);
    assert_eq!(fields(&planned, "by"), ["crawl"]);
    assert_eq!(place.count("jobs"), 2);

    // Nothing is better yet: one more attempt is counted.
    place.run(&["retry"]);
    assert_eq!(
        place.value("SELECT attempts FROM gaps WHERE resolved_at IS NULL"),
        "2"
    );

    server.set("/a", page("<a href=/c>c</a> <a href=/b>b</a>"));
    place.succeed(&["retry", "--stage", "crawl"]);
    assert_eq!(server.count("/"), 1, "{:?}", server.requests());
    assert_eq!(server.count("/b"), 1);
    assert_eq!(server.count("/c"), 0);
    let resolved =
        "SELECT CAST(resolved_by_job_id AS TEXT) FROM gaps WHERE reason = 'http_server_error'";
    let last = "SELECT CAST(id AS TEXT) FROM jobs ORDER BY created_at DESC, id DESC LIMIT 1";
    assert_eq!(place.value(resolved), place.value(last));
    // What it leads to is told, and the new page waits for its extraction.
    let report = place.json(&["report", "incomplete"]);
    let open = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&open, "reason"), ["max_depth", "not_extracted"]);
    place.succeed(&["retry", "--stage", "extract"]);
    assert_eq!(place.count("passes WHERE state = 'done'"), 3);
    place.check();
}

#[rstest]
fn a_text_whose_window_failed_is_read_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    for name in ["a", "b"] {
        let text = format!(
            "<title>{name}</title><meta property=article:published_time content=2024-03-12><p>Write to {name}@skerrysound.example before noon, \
             or come next Friday.</p>"
        );
        fs::write(folder.path().join(format!("{name}.html")), text).expect("a page");
    }
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(place.json(&["retry", "--dry-run"])["rows"], json!([]));
    let before = place.count("extraction_entities");
    // What is relative counts from the page's own date, also when the text alone is read again.
    let friday = "entities WHERE normalized_value = '2024-03-22'";
    assert_eq!(place.count(friday), 1);

    // As a crash of the recognizer would have left the text of one page.
    let uri = format!("file://{}/a.html", folder.path().display());
    let what = UriKey::of(&format!("{uri}\ndefault\ncontent\n0"));
    let of_page = format!(
        "(SELECT extractions.id FROM extractions JOIN sources ON sources.id = source_id \
         WHERE uri = '{uri}' AND extraction_type = 'content')"
    );
    place.database.execute(&format!(
        "UPDATE extractions SET entities_extracted = FALSE WHERE id = {of_page};
         DELETE FROM extraction_entities WHERE extraction_id = {of_page};
         INSERT INTO windows (extraction_id, recognizer, ordinal, span_start, span_end, state, attempts, error)
         VALUES ({of_page}, 'email', 0, 0, 10, 'failed', 1, 'panicked: met poison');
         INSERT INTO gaps (id, stage, reason, class, what, position, uri, source_group, source_id, extraction_id,
         detail, attempts, first_seen, last_seen) SELECT '01990000-0000-7000-8000-000000000009', 'entities',
         'window_failed', 'loss', '{what}', 'email:0..10', sources.uri, source_group, sources.id, {of_page},
         'panicked: met poison', 1, '2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z' FROM sources
         WHERE uri = '{uri}';"
    ));
    let planned = place.json(&["retry", "--dry-run", "--source", &uri]);
    let lines = lines_where(&planned, "rows", |_| true);
    assert_eq!(fields(&lines, "reason"), ["window_failed"]);
    assert_eq!(fields(&lines, "by"), ["entities"]);
    assert_eq!(
        place.json(&["retry", "--dry-run", "--stage", "crawl"])["rows"],
        json!([])
    );

    place.succeed(&["retry"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    assert_eq!(place.count("extraction_entities"), before);
    assert_eq!(place.count(friday), 1);
    assert_eq!(
        place.count("entities WHERE normalized_value LIKE 'REF%'"),
        0
    );
    assert_eq!(place.count("windows"), 0);
    let resolved = "SELECT CAST(resolved_by_job_id AS TEXT) FROM gaps";
    let last = "SELECT CAST(id AS TEXT) FROM jobs ORDER BY created_at DESC, id DESC LIMIT 1";
    assert_eq!(place.value(resolved), place.value(last));
    place.check();
}

#[rstest]
fn a_source_is_read_again_by_the_profile_it_was_read_by(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    fs::write(
        folder.path().join("lamp.html"),
        "<title>Lamp</title><p>A lamp that burns for nine hours in the night.</p>",
    )
    .expect("a page");
    let profile = place.user.folder().join("lamps.toml");
    fs::write(
        &profile,
        "[[group]]\nname = 'lamp'\n[[group.field]]\nname = 'height'\nlabels = ['Height']\nrequired = true\n\
         [[group.field]]\nname = 'name'\nmetadata = 'title'\n",
    )
    .expect("a profile");
    place.succeed(&[
        "run",
        text_of(folder.path()),
        "--profile",
        text_of(&profile),
    ]);
    fs::remove_file(&profile).expect("it was there");
    // Trying again does not help here, unless it is asked for by name.
    assert_eq!(place.json(&["retry", "--dry-run"])["rows"], json!([]));
    place.succeed(&["retry", "--reason", "field_missing"]);
    assert_eq!(
        place.value("SELECT attempts FROM gaps WHERE reason = 'field_missing'"),
        "2"
    );
    assert_eq!(place.count("passes"), 1);
    assert_eq!(
        place.count("passes WHERE profile = 'lamps' AND state = 'done'"),
        1
    );
    place.check();
}
