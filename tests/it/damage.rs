//! Every rule of `db check`, broken by hand past the program: the check names it and ends with 3. Work that
//! is only left to do breaks none.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::site;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// One extraction, one URL, one run: what the damage is done to.
const SOME_TEXT: &str =
    "(SELECT id FROM extractions WHERE extraction_type = 'content' ORDER BY id LIMIT 1)";
const KALE: &str = "LIKE '%/kale.html'";
const BODY_OF_KALE: &str = "(SELECT body_digest FROM sources WHERE uri LIKE '%/kale.html')";
const BODY_OF_HOME: &str = "(SELECT body_digest FROM sources WHERE uri LIKE '%/index.html')";
const CRAWL_RUN: &str = "(SELECT id FROM runs WHERE job_kind = 'crawl')";
const LAST_RUN: &str = "(SELECT id FROM runs WHERE job_kind = 'extract')";

/// An id that nothing has.
const NOBODY: &str = "'01990000-0000-7000-8000-0000000000ff'";

/// A workplace with a sound database: a site without faults, crawled and extracted.
fn sound(engine: Engine) -> Workplace {
    let place = Workplace::new(engine);
    place.succeed(&["run", text_of(&site("seeds"))]);
    place
}

/// Does the damage with foreign keys off, as a tool that knows nothing of them would.
fn damage(place: &Workplace, sql: &str) {
    let keys_off = match place.database.engine() {
        Sqlite => "PRAGMA foreign_keys = OFF;",
        Postgres => "SET session_replication_role = replica;",
    };
    let sql = sql
        .replace("SOME_TEXT", SOME_TEXT)
        .replace("BODY_OF_KALE", BODY_OF_KALE)
        .replace("BODY_OF_HOME", BODY_OF_HOME)
        .replace("KALE", KALE)
        .replace("CRAWL_RUN", CRAWL_RUN)
        .replace("LAST_RUN", LAST_RUN)
        .replace("NOBODY", NOBODY);
    place.database.execute(&format!("{keys_off} {sql}"));
}

/// Runs the check and returns the rules that it names as broken.
fn broken(place: &Workplace) -> BTreeSet<String> {
    let output = place.run(&["db", "check", "--deep", "--format", "json"]);
    let report = output.json();
    let named = fields(&lines_where(&report, "violations", |_| true), "rule");
    let counted = lines_where(&report, "rules", |line| line["violations"] != 0);
    let named: BTreeSet<String> = named.into_iter().collect();
    assert_eq!(
        fields(&counted, "rule")
            .into_iter()
            .collect::<BTreeSet<_>>(),
        named
    );
    let expected = if named.is_empty() { 0 } else { 3 };
    assert_eq!(output.code(), Some(expected), "{}", output.snapshot());
    named
}

#[rstest]
#[case::a_key_to_nothing(
    "DELETE FROM jobs WHERE kind = 'crawl'",
    &["balance", "integrity"]
)]
#[case::true_with_an_open_gap(
    "INSERT INTO gaps (id, stage, reason, class, what, position, uri, source_group, source_id, \
     extraction_id, detail, attempts, first_seen, last_seen) SELECT NOBODY, 'entities', \
     'window_failed', 'loss', 'k', '', 'https://x.example/', 'x', source_id, id, '', 1, created_at, \
     created_at FROM extractions WHERE id = SOME_TEXT",
    &["flag"]
)]
#[case::true_with_a_window_left(
    "INSERT INTO windows (extraction_id, recognizer, ordinal, span_start, span_end, state, attempts) \
     SELECT id, 'email', 0, 0, 1, 'pending', 0 FROM extractions WHERE id = SOME_TEXT",
    &["flag"]
)]
#[case::a_surface_that_is_not_there(
    "UPDATE extraction_entities SET surface = 'nothing like it'",
    &["span"]
)]
#[case::a_span_beyond_the_text(
    "UPDATE extraction_entities SET span_start = span_start + 1000000, span_end = span_end + 1000000",
    &["span"]
)]
#[case::an_extraction_of_nothing(
    "UPDATE extractions SET source_id = NOBODY WHERE id = SOME_TEXT",
    &["extraction_source", "integrity"]
)]
#[case::an_outcome_without_event(
    "DELETE FROM events WHERE kind = 'source_created' AND source_uri KALE",
    &["balance", "chain", "outcome_event"]
)]
#[case::an_event_without_outcome(
    "DELETE FROM frontier WHERE uri KALE",
    &["balance", "event_outcome", "link_frontier"]
)]
#[case::two_outcomes_in_one_job(
    "INSERT INTO events (run_id, sequence, kind, source_key, source_uri, at, payload, payload_digest, \
     previous_digest, digest) SELECT run_id, 1000, kind, source_key, source_uri, at, payload, \
     payload_digest, previous_digest, digest FROM events \
     WHERE kind = 'source_created' AND source_uri KALE",
    &["balance", "chain", "outcome_once"]
)]
#[case::a_pass_without_event(
    "DELETE FROM events WHERE kind = 'source_extracted' AND source_uri KALE",
    &["balance", "chain", "pass_event"]
)]
#[case::a_stored_url_without_source(
    "UPDATE frontier SET source_id = NULL WHERE uri KALE",
    &["stored_source"]
)]
#[case::a_link_nobody_followed(
    "DELETE FROM events WHERE source_uri KALE AND kind = 'source_created'; \
     DELETE FROM frontier WHERE uri KALE",
    &["chain", "link_frontier"]
)]
#[case::an_outcome_told_otherwise(
    "UPDATE frontier SET outcome = 'skipped', reason = 'excluded' WHERE uri KALE",
    &["balance", "event_outcome", "outcome_event"]
)]
#[case::a_completed_job_with_work_left(
    "UPDATE frontier SET outcome = NULL WHERE uri KALE",
    &["balance", "event_outcome"]
)]
#[case::a_body_under_anothers_digest(
    "UPDATE bodies SET content = home.content, size = home.size \
     FROM bodies AS home WHERE home.digest = BODY_OF_HOME AND bodies.digest = BODY_OF_KALE",
    &["body_digest"]
)]
#[case::a_body_that_cannot_be_decompressed(
    "UPDATE bodies SET content = substr(content, 1, length(content) - 9) WHERE digest = BODY_OF_KALE",
    &["body_digest"]
)]
#[case::a_body_of_less_than_its_size(
    "UPDATE bodies SET size = 1 WHERE digest = BODY_OF_KALE",
    &["body_digest"]
)]
#[case::an_edited_payload(
    "UPDATE events SET payload = replace(payload, 'toolkit run', 'toolkit fun') \
     WHERE kind = 'run_opened' AND run_id = CRAWL_RUN",
    &["chain"]
)]
#[case::an_edited_time(
    "UPDATE events SET at = '2020-01-02T03:04:05.000000Z' WHERE source_uri KALE",
    &["chain"]
)]
#[case::events_in_another_order(
    "UPDATE events SET sequence = 1003 WHERE run_id = CRAWL_RUN AND sequence = 3; \
     UPDATE events SET sequence = 3 WHERE run_id = CRAWL_RUN AND sequence = 4; \
     UPDATE events SET sequence = 4 WHERE run_id = CRAWL_RUN AND sequence = 1003",
    &["chain"]
)]
#[case::the_last_event_cut_off(
    "DELETE FROM events WHERE kind = 'run_closed' AND run_id = LAST_RUN",
    &["chain"]
)]
#[case::an_end_cut_off_and_its_run_told_so(
    "DELETE FROM events WHERE kind = 'run_closed' AND run_id = CRAWL_RUN; \
     UPDATE runs SET event_count = event_count - 1, head = (SELECT digest FROM events \
     WHERE run_id = CRAWL_RUN ORDER BY sequence DESC LIMIT 1) WHERE id = CRAWL_RUN",
    &["chain"]
)]
fn a_broken_rule_is_named(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] sql: &str,
    #[case] rules: &[&str],
) {
    let place = sound(engine);
    damage(&place, sql);
    let expected: BTreeSet<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
    assert_eq!(broken(&place), expected);
}

/// The unique key must go first, and on SQLite it goes with its table alone.
#[rstest]
fn a_doubled_extraction_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = sound(engine);
    damage(
        &place,
        match engine {
            Sqlite => {
                "PRAGMA legacy_alter_table = ON; CREATE TABLE copy AS SELECT * FROM extractions; \
                 DROP TABLE extractions; ALTER TABLE copy RENAME TO extractions; \
                 CREATE UNIQUE INDEX copied_id ON extractions (id);"
            }
            Postgres => {
                "ALTER TABLE extractions DROP CONSTRAINT \
                 extractions_source_id_profile_extraction_type_ordinal_key"
            }
        },
    );
    damage(
        &place,
        "INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, \
         created_at, entities_extracted) SELECT NOBODY, source_id, profile, extraction_type, ordinal, \
         data, content, created_at, entities_extracted FROM extractions WHERE id = SOME_TEXT",
    );
    assert_eq!(
        broken(&place),
        BTreeSet::from(["extraction_unique".to_owned()])
    );
}

#[rstest]
fn a_sound_database_breaks_no_rule(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = sound(engine);
    assert_eq!(broken(&place), BTreeSet::new());
    let report = place.json(&["db", "check"]);
    let unchecked = lines_where(&report, "rules", |line| {
        line["checked"] == 0 || line["violations"] != 0
    });
    assert!(unchecked.is_empty(), "{unchecked:?}");
    assert_eq!(report["work"], Value::Array(vec![]));

    // A payload may be erased on request, and only so: its digest still holds the chain together.
    place.succeed(&["erase", "last", "--yes"]);
    assert!(place.count("events WHERE payload IS NULL") > 0);
    assert_eq!(broken(&place), BTreeSet::new());
    damage(
        &place,
        "UPDATE events SET payload = NULL WHERE kind = 'run_closed'",
    );
    assert_eq!(broken(&place), BTreeSet::from(["chain".to_owned()]));
}

#[rstest]
fn work_to_go_on_with_is_listed_and_breaks_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let report = place.json(&["db", "check"]);
    let work = lines_where(&report, "work", |_| true);
    assert_eq!(work.len(), 1);
    assert_eq!(work[0]["waiting"], "sources");
    assert_eq!(work[0]["state"], "not_extracted");
    assert_eq!(work[0]["count"], 7);
    assert_eq!(work[0]["next"], "toolkit extract");
}

#[rstest]
fn a_head_noted_earlier_is_looked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let summary = place.json(&["run", text_of(&site("seeds"))]);
    let heads = fields(&lines_where(&summary, "jobs", |_| true), "head");
    assert_eq!(heads.len(), 2);
    for head in &heads {
        place.succeed(&["db", "verify", "--head", head]);
    }
    let wrong = place.run(&["db", "verify", "--head", &"0".repeat(64)]);
    assert_eq!(wrong.code(), Some(3));
    assert!(
        wrong.stdout.contains("No event has that digest"),
        "{}",
        wrong.stdout
    );
    let no_digest = place.run(&["db", "verify", "--head", "latest"]);
    assert_eq!(no_digest.code(), Some(2));

    // Whoever takes the whole last run away leaves chains that hold; a noted head tells.
    damage(
        &place,
        "DELETE FROM events WHERE run_id = LAST_RUN; DELETE FROM runs WHERE id = LAST_RUN",
    );
    place.succeed(&["db", "verify"]);
    place.succeed(&["db", "verify", "--head", &heads[0]]);
    let gone = place.run(&["db", "verify", "--head", &heads[1]]);
    assert_eq!(gone.code(), Some(3));
}

#[rstest]
fn verify_names_the_place(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = sound(engine);
    damage(
        &place,
        "UPDATE events SET source_uri = 'https://elsewhere.example/' \
         WHERE kind = 'source_created' AND source_uri KALE",
    );
    let output = place.run(&["db", "verify", "--format", "json"]);
    assert_eq!(output.code(), Some(3));
    let report = output.json();
    assert_eq!(report["summary"]["faults"], 1);
    let sequence =
        place.value("SELECT sequence FROM events WHERE source_uri = 'https://elsewhere.example/'");
    assert_eq!(report["faults"][0]["sequence"].to_string(), sequence);
    assert_eq!(report["faults"][0]["what"], "it was edited");
}

/// Damage to the record as a whole, which each event by itself does not show; and what of it is left to find.
#[rstest]
#[case::a_run_in_the_middle_taken_away(
    "DELETE FROM events WHERE run_id = CRAWL_RUN; DELETE FROM runs WHERE id = CRAWL_RUN",
    "its head is not the one that a later run names"
)]
#[case::all_events_of_a_run(
    "DELETE FROM events WHERE run_id = CRAWL_RUN",
    "the closed run's last event is not the one its row names"
)]
#[case::all_events_of_a_run_that_is_made_an_open_one(
    "DELETE FROM events WHERE run_id = LAST_RUN; \
     UPDATE runs SET closed_at = NULL, event_count = NULL, head = NULL WHERE id = LAST_RUN",
    "its events are gone"
)]
#[case::another_command_in_its_row(
    "UPDATE runs SET command_line = 'toolkit crawl elsewhere' WHERE id = CRAWL_RUN",
    "its row is not what its first event says"
)]
#[case::another_job_in_its_row(
    "UPDATE runs SET job_id = NOBODY WHERE id = CRAWL_RUN",
    "its row is not what its first event says"
)]
#[case::another_start_in_its_row(
    "UPDATE runs SET started_at = '2020-01-02T03:04:05.000000Z' WHERE id = CRAWL_RUN",
    "its row is not what its first event says"
)]
#[case::two_events_exchanged(
    "UPDATE events SET sequence = 1003 WHERE run_id = CRAWL_RUN AND sequence = 3; \
     UPDATE events SET sequence = 3 WHERE run_id = CRAWL_RUN AND sequence = 4; \
     UPDATE events SET sequence = 4 WHERE run_id = CRAWL_RUN AND sequence = 1003",
    "it does not follow the event before it"
)]
#[case::an_event_taken_out(
    "DELETE FROM events WHERE run_id = CRAWL_RUN AND sequence = 3",
    "an event before this one is missing"
)]
fn verify_says_what_is_wrong_with_the_record(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] sql: &str,
    #[case] what: &str,
) {
    let place = sound(engine);
    place.succeed(&["db", "verify"]);
    damage(&place, sql);
    let output = place.run(&["db", "verify", "--format", "json"]);
    assert_eq!(output.code(), Some(3));
    let found = fields(&lines_where(&output.json(), "faults", |_| true), "what");
    assert!(found.iter().any(|one| one == what), "{found:?}");
}
