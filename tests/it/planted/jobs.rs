//! Jobs that die, that the database refuses something, and rows of another time.

use std::fs;

use super::crawls::folder;
use super::{Planted, planted};
use crate::support::database::Engine;
use crate::support::workplace::{Workplace, text_of};

const PAGE: &str = "<p>Write to desk@mill.example about the tide.</p>";

/// What is lost | how it is planted | the lines
pub const JOBS: &[Planted] = &[
    // A process that dies.
    planted(
        "the rest of a crawl that died",
        |place| {
            let pages = folder(place, &[("a.html", PAGE), ("b.html", PAGE)]);
            let crawl = ["crawl", text_of(&pages), "--concurrency", "1"];
            die(place, &crawl, "store_pages.after_commit:1");
        },
        &[
            ("not_extracted", "/a.html", ""),
            ("not_fetched", "/b.html", ""),
        ],
    ),
    planted(
        "the end of a crawl that died",
        |place| {
            die(place, &["crawl", &one(place)], "end_job.begun");
            extract(place);
        },
        &[("crawl_interrupted", "/page.html", "")],
    ),
    planted(
        "the end of an extraction that died",
        |place| {
            crawl(place);
            die(place, &["extract"], "end_job.begun");
        },
        &[("extraction_interrupted", "", "")],
    ),
    // B2: a source counts as done although nothing came of it.
    planted(
        "what an extraction had taken when it died",
        |place| {
            crawl(place);
            die(place, &["extract"], "claim_passes.after_commit");
        },
        &[("not_extracted", "/page.html", "")],
    ),
    planted(
        "what was to be read again",
        |place| {
            crawl(place);
            extract(place);
            die(place, &["extract", "--force"], "claim_passes.after_commit");
        },
        &[("pass_pending", "/page.html", "default")],
    ),
    planted(
        "an extraction",
        crawl_alone,
        &[("not_extracted", "/page.html", "")],
    ),
    planted(
        "the extraction of what has changed since",
        |place| {
            crawl(place);
            extract(place);
            let changed = "<!doctype html><title>Other</title><p>Another text about the tide.</p>";
            fs::write(place.user.folder().join("pages/page.html"), changed).expect("a page");
            crawl_again(place);
        },
        &[("content_changed", "/page.html", "")],
    ),
    // A job that failed at its end.
    planted(
        "the end of a crawl that failed",
        |place| {
            let here = place.user.folder().join("pages");
            let twin = format!(
                "<link rel=canonical href='file://{}/b.html'>{PAGE}",
                here.display()
            );
            folder(
                place,
                &[
                    ("a.html", &twin),
                    ("b.html", "<p>Quite another page about sails and masts.</p>"),
                ],
            );
            refuse(place, "gaps", "INSERT", "NEW.reason = 'canonical_conflict'");
            place.run(&["crawl", text_of(&here)]);
            cure(place, "gaps");
            extract(place);
        },
        &[("crawl_failed", "/a.html", "")],
    ),
    planted(
        "the end of an extraction that failed",
        |place| {
            crawl(place);
            refuse(place, "workers", "UPDATE", "1 = 1");
            place.run(&["extract"]);
            cure(place, "workers");
        },
        &[("extraction_failed", "", "")],
    ),
    // Rows that the database refuses.
    planted(
        "a page that the database refuses",
        |place| {
            place.succeed(&["db", "migrate"]);
            refuse(place, "sources", "INSERT", "NEW.uri LIKE '%/b.html'");
            let pages = folder(place, &[("a.html", PAGE), ("b.html", PAGE)]);
            place.succeed(&["run", text_of(&pages)]);
            cure(place, "sources");
        },
        &[("store_rejected", "/b.html", "")],
    ),
    planted(
        "an extraction that the database refuses",
        |place| {
            crawl(place);
            refuse(place, "extractions", "INSERT", "1 = 1");
            extract(place);
            cure(place, "extractions");
        },
        &[("extraction_rejected", "/page.html", "")],
    ),
    planted(
        "mentions that the database refuses",
        |place| {
            crawl(place);
            refuse(place, "extraction_entities", "INSERT", "1 = 1");
            extract(place);
            cure(place, "extraction_entities");
        },
        &[("mentions_rejected", "/page.html", "")],
    ),
    // B11: a part of a text that no recognizer has read.
    planted(
        "what stands behind the first window",
        |place| {
            let long =
                "<p>The mill stands where the river bends, and its keeper answers letters.</p>"
                    .repeat(1_500);
            let pages = folder(place, &[("page.html", &long)]);
            place.succeed(&["crawl", text_of(&pages)]);
            let extract = place.command(&["extract"]);
            extract.environment("TOOLKIT_FAULT_AT", "error:2").run();
            one_recognizer(place);
        },
        &[("window_failed", "/page.html", "email:…")],
    ),
    // Rows of another time.
    planted(
        "entities from before they were tracked",
        |place| flag(place, "entities_extracted = NULL"),
        &[("entities_unknown", "/page.html", "default/content/0")],
    ),
    planted(
        "entities that nobody vouches for",
        |place| flag(place, "entities_extracted = FALSE"),
        &[("entities_incomplete", "/page.html", "default/content/0")],
    ),
    planted(
        "entities that older recognizers found",
        |place| flag(place, "recognizer_digest = 'older'"),
        &[("entities_stale", "/page.html", "default/content/0")],
    ),
    planted(
        "the body of a source from before bodies were kept",
        |place| {
            place.succeed(&["db", "migrate", "--to", "1"]);
            place.database.execute(
                "INSERT INTO jobs (id, kind, state, priority, params, created_at) VALUES \
                 ('01990000-0000-7000-8000-000000000001', 'crawl', 'completed', 0, '{}', \
                 '2026-01-02T03:04:05.000000Z'); INSERT INTO sources (id, uri_key, uri, source_group, created_at) VALUES \
                 ('01990000-0000-7000-8000-000000000002', 'k2', 'https://old.example/', 'old.example', \
                 '2026-01-02T03:04:05.000000Z')",
            );
            place.succeed(&["db", "migrate"]);
        },
        &[("no_body", "https://old.example/", "")],
    ),
    planted(
        "a body that was damaged where it is stored",
        |place| {
            crawl(place);
            let bytes = match place.database.engine() {
                Engine::Sqlite => "x'00'",
                Engine::Postgres => "'\\x00'",
            };
            place
                .database
                .execute(&format!("UPDATE bodies SET content = {bytes}"));
            extract(place);
        },
        &[("body_unreadable", "/page.html", "")],
    ),
];

/// Makes a folder of one page and returns its path.
fn one(place: &Workplace) -> String {
    text_of(&folder(place, &[("page.html", PAGE)])).to_owned()
}

fn crawl(place: &Workplace) {
    place.succeed(&["crawl", &one(place)]);
}

fn crawl_alone(place: &Workplace) {
    crawl(place);
}

fn crawl_again(place: &Workplace) {
    let pages = place.user.folder().join("pages");
    place.succeed(&["crawl", text_of(&pages)]);
}

fn extract(place: &Workplace) {
    place.succeed(&["extract"]);
}

/// Runs a command that dies at this point.
fn die(place: &Workplace, command: &[&str], point: &str) {
    let command = place.command(command);
    let output = command.environment("TOOLKIT_CRASH_AT", point).run();
    assert_ne!(output.code(), Some(0), "{point}: {}", output.snapshot());
}

/// Makes the database refuse to insert or update such rows.
fn refuse(place: &Workplace, table: &str, change: &str, condition: &str) {
    place.succeed(&["db", "migrate"]);
    place.database.execute(&match place.database.engine() {
        Engine::Sqlite => format!(
            "CREATE TRIGGER refusal BEFORE {change} ON {table} WHEN {condition} \
             BEGIN SELECT RAISE(ABORT, 'a refused row'); END"
        ),
        Engine::Postgres => format!(
            "CREATE FUNCTION refusal() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'a refused row' USING ERRCODE = '23514'; END $$; \
             CREATE TRIGGER refusal BEFORE {change} ON {table} FOR EACH ROW WHEN ({condition}) \
             EXECUTE FUNCTION refusal()"
        ),
    });
}

/// Takes the refusal away.
fn cure(place: &Workplace, table: &str) {
    place.database.execute(
        match place.database.engine() {
            Engine::Sqlite => "DROP TRIGGER refusal".to_owned(),
            Engine::Postgres => format!("DROP TRIGGER refusal ON {table}; DROP FUNCTION refusal()"),
        }
        .as_str(),
    );
}

/// Extracts a page and changes the row of its content.
fn flag(place: &Workplace, change: &str) {
    crawl(place);
    extract(place);
    place.database.execute(&format!(
        "UPDATE extractions SET {change} WHERE extraction_type = 'content'"
    ));
}

/// Of the lines of all recognizers, which fail alike, leaves one: the test's table is of one.
fn one_recognizer(place: &Workplace) {
    let count = place.count("gaps WHERE resolved_at IS NULL AND reason = 'window_failed'");
    let positions = place
        .count("(SELECT DISTINCT position FROM gaps WHERE reason = 'window_failed') AS places");
    assert!(
        count > 5 && count == positions,
        "{count} lines of {positions} places"
    );
    place
        .database
        .execute("UPDATE gaps SET resolved_at = last_seen WHERE position NOT LIKE 'email:%'");
}
