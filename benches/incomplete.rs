//! Measures `report incomplete` over a million extractions of which ten thousand are incomplete: the whole command
//! up to its first screen, and up to its last line.
//!
//! The rows are made by one statement a table, with all that grows beside what is incomplete: sources that are
//! whole, mentions' extractions, and gaps that were repaired.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and ends where it cannot go on"
)]

#[path = "support/place.rs"]
mod place;

use std::process::Command;
use std::time::Instant;

use place::{Engine, Place, engines};
use postgres::{Client, NoTls};
use rusqlite::Connection;
use toolkit::extract::job::current_recognizer_digest;
use toolkit::store::{Access, Credentials, DatabaseAddress, Store};

const EXTRACTIONS: usize = 1_000_000;
/// Of each source the content, the metadata, the facts and a record.
const TYPES: usize = 4;
/// Extractions with a gap of their own, without one, unknown, and of older recognizers.
const FAILED: usize = 5_000;
const UNFINISHED: usize = 4_000;
const UNKNOWN: usize = 500;
const STALE: usize = 500;
/// Gaps that a later job has repaired.
const REPAIRED: usize = 200_000;
const ROUNDS: usize = 9;

/// What is asked for, and whether it is a first screen.
const COMMANDS: [(&str, &[&str]); 4] = [
    (
        "the first screen",
        &["report", "incomplete", "--first", "20"],
    ),
    (
        "counts by reason",
        &["report", "incomplete", "--by", "reason"],
    ),
    (
        "one reason's first screen",
        &[
            "report",
            "incomplete",
            "--reason",
            "entities_stale",
            "--first",
            "20",
        ],
    ),
    (
        "every line as CSV",
        &["report", "incomplete", "--format", "csv"],
    ),
];

fn main() {
    for engine in engines() {
        let place = Place::new(engine);
        let begun = Instant::now();
        fill(engine, &place);
        println!(
            "\n{engine:?}: {EXTRACTIONS} extractions, {} incomplete, made in {:.0} s; medians of {ROUNDS} runs, range in brackets",
            FAILED + UNFINISHED + UNKNOWN + STALE,
            begun.elapsed().as_secs_f64()
        );
        for (what, command) in COMMANDS {
            let mut taken: Vec<f64> = (0..ROUNDS).map(|_| run(&place, command)).collect();
            taken.sort_by(f64::total_cmp);
            println!(
                "{what:<28} {:>7.1} ms ({:.1}-{:.1})",
                taken[ROUNDS / 2],
                taken[0],
                taken[ROUNDS - 1]
            );
        }
    }
}

/// Runs the program and returns its milliseconds, from its start to its end.
fn run(place: &Place, arguments: &[&str]) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolkit"));
    command
        .args(arguments)
        .env("TOOLKIT_DATABASE", place.address());
    let begun = Instant::now();
    let output = command.output().expect("cannot run the program");
    let taken = begun.elapsed().as_secs_f64() * 1e3;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.stdout.is_empty());
    taken
}

/// Makes the rows.
fn fill(engine: Engine, place: &Place) {
    let address = DatabaseAddress::parse(&place.address()).expect("an address");
    drop(Store::open(&address, &Credentials::default(), Access::Create).expect("a database"));
    let statements = statements(engine, &current_recognizer_digest().to_string());
    match engine {
        Engine::Sqlite => {
            let connection = Connection::open(place.file()).expect("the file");
            for statement in statements {
                connection.execute_batch(&statement).expect("the rows");
            }
        }
        Engine::Postgres => {
            let mut client = Client::connect(&place.address(), NoTls).expect("the server");
            for statement in statements {
                client.batch_execute(&statement).expect("the rows");
            }
        }
    }
}

/// Returns the statements that make the rows; only the type of an id is spelled as each engine wants it.
fn statements(engine: Engine, recognizers: &str) -> Vec<String> {
    let id = |table: usize, number: &str| {
        let text = format!(
            "'0199000{table}-0000-7000-8000-' || substr(CAST(1000000000000 + {number} AS TEXT), 2)"
        );
        match engine {
            Engine::Sqlite => text,
            Engine::Postgres => format!("CAST({text} AS UUID)"),
        }
    };
    let numbers = |count: usize| {
        format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count} - 1) "
        )
    };
    let sources = EXTRACTIONS / TYPES;
    let uri = |number: &str| {
        format!(
            "'https://site-' || CAST(({number}) % 97 AS TEXT) || '.example/page/' || CAST({number} AS TEXT)"
        )
    };
    let first_unfinished = FAILED;
    let first_unknown = first_unfinished + UNFINISHED;
    let first_stale = first_unknown + UNKNOWN;
    let gap = |count: usize, resolved: &str, extraction: &str| {
        // Every so many, so that what is incomplete lies among what is whole.
        let number = format!("n * {}", EXTRACTIONS / 10_000);
        let source = format!("({number}) / {TYPES}");
        format!(
            "INSERT INTO gaps (id, stage, reason, class, what, position, uri, source_group, source_id, extraction_id, \
             detail, attempts, first_seen, last_seen, job_id, resolved_at, profile) {}SELECT {}, 'entities', \
             'window_failed', 'loss', CAST(n AS TEXT), 'email:0..400', {}, 'site.example', {}, {extraction}, \
             'a recognizer failed', 1, '2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z', {}, {resolved}, \
             'default' FROM numbers",
            numbers(count),
            id(if resolved == "NULL" { 4 } else { 5 }, "n"),
            uri(&source),
            id(2, &format!("({source}) % {sources}")),
            id(1, "0"),
        )
    };
    let step = EXTRACTIONS / 10_000;
    let end = |one: usize, what: &str, otherwise: &str| {
        format!("CASE WHEN n % {step} = 0 AND n / {step} < {one} THEN {what} ELSE {otherwise} END")
    };
    let flag = end(first_unknown, "FALSE", &end(first_stale, "NULL", "TRUE"));
    let digest = format!(
        "CASE WHEN n % {step} = 0 AND n / {step} >= {first_stale} THEN 'older' ELSE '{recognizers}' END"
    );
    let open_extraction = id(3, &format!("n * {step}"));
    vec![
        format!(
            "INSERT INTO jobs (id, kind, state, priority, params, created_at) VALUES ({}, 'extract', 'completed', 0, \
             '{{}}', '2026-01-02T03:04:05.000000Z')",
            id(1, "0")
        ),
        format!(
            "INSERT INTO sources (id, uri_key, uri, source_group, created_at) {}SELECT {}, CAST(n AS TEXT), {}, \
             'site-' || CAST(n % 97 AS TEXT) || '.example', '2026-01-02T03:04:05.000000Z' FROM numbers",
            numbers(sources),
            id(2, "n"),
            uri("n"),
        ),
        format!(
            "INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, created_at, \
             job_id, recognizer_digest, entities_extracted, windows_done) {}SELECT {}, {}, 'default', \
             CASE n % {TYPES} WHEN 0 THEN 'content' WHEN 1 THEN 'metadata' WHEN 2 THEN 'facts' ELSE 'record' END, 0, \
             '{{}}', 'Some text of the page, as long as a sentence or two of it would be, and no longer.', \
             '2026-01-02T03:04:05.000000Z', {}, {digest}, {flag}, 1 FROM numbers",
            numbers(EXTRACTIONS),
            id(3, "n"),
            id(2, &format!("n / {TYPES}")),
            id(1, "0"),
        ),
        gap(FAILED, "NULL", &open_extraction),
        gap(REPAIRED, "'2026-01-03T03:04:05.000000Z'", "NULL"),
        "ANALYZE".to_owned(),
    ]
}
