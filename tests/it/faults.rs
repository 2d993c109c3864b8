//! The flag is TRUE only for a text of which every mention is stored, whatever goes wrong: what is not whole is told
//! with its reason, and `retry` makes it whole once the fault is gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;
use toolkit::model::{EntityId, UriKey};

use crate::support::database::Engine;
use crate::support::random::{Random, seed_or};
use crate::support::toolkit::Output;
use crate::support::workplace::{Workplace, lines_where, text_of};
use crate::support::{series_length, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Runs of each kind on each engine; twice as many where it depends on the moment whether anything is hit.
const RUNS: usize = 24;

const CRASHES: [&str; 9] = [
    "create_job.after_commit",
    "claim_passes.after_commit",
    "store_extractions.begun",
    "store_extractions.before_commit",
    "store_extractions.after_commit",
    "end_job.begun",
    "end_job.before_commit",
    "end_job.after_commit",
    "heartbeat.after_commit",
];

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Crash,
    Kill,
    DiskFull,
    DatabaseGone,
    RecognizerError,
    RecognizerPanic,
    Timeout,
    DuplicateEntity,
    PoisonMention,
}

/// A folder of pages: two short ones, and two whose text is of several windows.
fn pages() -> TempDir {
    let folder = temporary_folder();
    for (name, paragraphs) in [("a", 1), ("b", 2), ("c", 200), ("d", 360)] {
        let mut text = String::new();
        for number in 0..paragraphs {
            let _ = write!(
                text,
                "<p>Berth {number} of quay {name} is let by keeper{number}@{name}.example, who asks for \
                 ${number}.50 a night and answers at https://{name}.example/berth/{number} in summer.</p>"
            );
        }
        let page = format!(
            "<!doctype html><title>Quay {name}</title><article><h1>Quay {name}</h1>{text}</article>"
        );
        fs::write(folder.path().join(format!("{name}.html")), page).expect("a page");
    }
    folder
}

/// Counts the mentions of each text whose flag is TRUE, by URI, type and ordinal.
fn complete(place: &Workplace) -> BTreeMap<String, usize> {
    let rows = place.database.query_text(
        "SELECT sources.uri || ' ' || extractions.extraction_type || ' ' || CAST(extractions.ordinal AS TEXT), \
         CAST((SELECT COUNT(*) FROM extraction_entities WHERE extraction_id = extractions.id) AS TEXT) \
         FROM extractions JOIN sources ON sources.id = extractions.source_id \
         WHERE extractions.entities_extracted IS TRUE",
    );
    let rows = rows.into_iter().map(|row| match &row[..] {
        [Some(text), Some(count)] => (text.clone(), count.parse().expect("a count")),
        other => panic!("{other:?}"),
    });
    rows.collect()
}

fn crawled(engine: Engine, folder: &TempDir) -> Workplace {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(folder.path())]);
    place
}

/// Extracts on a device that is full: no file of `SQLite`'s may grow beyond a part of what it needs, and the server
/// says so itself.
fn extract_on_full_device(place: &Workplace, random: &mut Random) -> Output {
    let extract = &["extract"];
    if place.database.engine() == Sqlite {
        let blocks = 100 + random.below(300);
        return place.command(extract).file_size(blocks).run();
    }
    place.database.execute(
        "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; \
         CREATE TRIGGER device BEFORE INSERT ON extractions FOR EACH ROW EXECUTE FUNCTION no_space()",
    );
    let output = place.run(extract);
    place
        .database
        .execute("DROP TRIGGER device ON extractions; DROP FUNCTION no_space()");
    output
}

/// Makes the database refuse the mentions of one page, or takes that away.
fn poison(place: &Workplace, poisoned: bool) {
    let sql = match (place.database.engine(), poisoned) {
        (Sqlite, true) => {
            "CREATE TRIGGER poison BEFORE INSERT ON extraction_entities WHEN NEW.surface LIKE '%@c.example' \
             BEGIN SELECT RAISE(ABORT, 'a poisoned row'); END"
        }
        (Sqlite, false) => "DROP TRIGGER poison",
        (Postgres, true) => {
            "ALTER TABLE extraction_entities ADD CONSTRAINT poison CHECK (surface NOT LIKE '%@c.example')"
        }
        (Postgres, false) => "ALTER TABLE extraction_entities DROP CONSTRAINT poison",
    };
    place.database.execute(sql);
}

/// Hides a table from the program while it works, for as long as the rest of its run.
fn hide(place: &Workplace, hidden: bool) {
    let (from, to) = if hidden {
        ("extraction_entities", "hidden")
    } else {
        ("hidden", "extraction_entities")
    };
    place
        .database
        .execute(&format!("ALTER TABLE {from} RENAME TO {to}"));
}

/// Extracts with the fault, and takes the fault away.
fn extract_with(place: &Workplace, fault: Fault, random: &mut Random) -> Output {
    let extract = &["extract"];
    let with = |name: &str, value: String| place.command(extract).environment(name, value).run();
    match fault {
        Fault::Crash => {
            let point = CRASHES[random.below(CRASHES.len() as u64) as usize];
            with(
                "TOOLKIT_CRASH_AT",
                format!("{point}:{}", 1 + random.below(2)),
            )
        }
        Fault::Kill => place.command(extract).kill_after(random.below(120)),
        Fault::DiskFull => extract_on_full_device(place, random),
        Fault::DatabaseGone => {
            let mut running = place.command(extract).start();
            std::thread::sleep(Duration::from_millis(random.below(60)));
            hide(place, true);
            running.wait_for(Duration::from_mins(1));
            hide(place, false);
            running.finish()
        }
        Fault::RecognizerError | Fault::DuplicateEntity => {
            with("TOOLKIT_FAULT_AT", format!("error:{}", random.below(3)))
        }
        Fault::RecognizerPanic => with("TOOLKIT_FAULT_AT", format!("panic:{}", random.below(3))),
        Fault::Timeout => with("TOOLKIT_FAULT_AT", format!("timeout:{}", random.below(3))),
        Fault::PoisonMention => {
            poison(place, true);
            let output = place.run(extract);
            poison(place, false);
            output
        }
    }
}

/// The reasons that are right for a source or a text that the fault has left incomplete.
fn right_reasons(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::Crash | Fault::Kill => &["not_extracted"],
        Fault::DiskFull | Fault::DatabaseGone => &["not_extracted", "extraction_rejected"],
        Fault::RecognizerError
        | Fault::RecognizerPanic
        | Fault::Timeout
        | Fault::DuplicateEntity => &["window_failed"],
        Fault::PoisonMention => &["mentions_rejected"],
    }
}

#[rstest]
fn no_fault_leaves_a_flag_that_lies(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(
        Fault::Crash,
        Fault::Kill,
        Fault::DiskFull,
        Fault::DatabaseGone,
        Fault::RecognizerError,
        Fault::RecognizerPanic,
        Fault::Timeout,
        Fault::DuplicateEntity,
        Fault::PoisonMention
    )]
    fault: Fault,
) {
    let mut random = Random::new(seed_or(fault as u64 + 1));
    let folder = pages();
    let undisturbed = crawled(engine, &folder);
    undisturbed.succeed(&["extract"]);
    let whole = complete(&undisturbed);
    assert!(whole.values().sum::<usize>() > 900, "{whole:?}");
    let depends = matches!(fault, Fault::Crash | Fault::Kill | Fault::DatabaseGone);
    let (runs, mut struck) = (series_length(RUNS) * if depends { 2 } else { 1 }, 0);
    for run in 0..runs {
        let place = crawled(engine, &folder);
        let output = extract_with(&place, fault, &mut random);
        let at = format!("{fault:?}, run {run}\n{}", output.snapshot());

        // What is TRUE is whole.
        for (text, mentions) in complete(&place) {
            assert_eq!(Some(&mentions), whole.get(&text), "{text} after {at}");
        }
        // What is not whole is told, once and with the right reason.
        let report = place.json(&["report", "incomplete"]);
        let uris = incomplete_uris(&place, &whole);
        struck += usize::from(!uris.is_empty());
        for uri in uris {
            let lines = lines_where(&report, "rows", |line| line["uri"] == uri.as_str());
            assert!(!lines.is_empty(), "{uri} is not told after {at}");
            for line in lines {
                let reason = line["reason"].as_str().expect("a reason");
                assert!(
                    right_reasons(fault).contains(&reason),
                    "{uri}: {reason} after {at}"
                );
            }
        }
        let lost = place.count("gaps WHERE resolved_at IS NULL AND stage <> 'crawl'");
        if fault == Fault::DuplicateEntity {
            plant_entities(&place);
        }

        place.succeed(&["retry"]);
        assert_eq!(complete(&place), whole, "after {at}");
        assert_eq!(
            place.count("extractions WHERE entities_extracted IS NOT TRUE"),
            0,
            "{at}"
        );
        assert_eq!(place.count("gaps WHERE resolved_at IS NULL"), 0, "{at}");
        assert_eq!(
            place.count("gaps WHERE resolved_by_job_id IS NOT NULL AND stage <> 'crawl'"),
            lost,
            "{at}"
        );
        place.succeed(&["db", "check"]);
    }
    // A series that hits nothing proves nothing.
    let least = if depends {
        series_length(RUNS) / 3
    } else {
        runs
    };
    assert!(struck >= least, "{struck} of {runs} struck");
    println!("{fault:?} on {engine:?}: {struck} of {runs} runs left something incomplete");
}

/// Stores what the retry is about to find, as another worker would have meanwhile.
fn plant_entities(place: &Workplace) {
    for (number, quay) in (0..20).flat_map(|number| ["c", "d"].map(|quay| (number, quay))) {
        let value = format!("keeper{number}@{quay}.example");
        place.database.execute(&format!(
            "INSERT INTO entities (id, source_group, entity_type, normalized_key, value, normalized_value, \
             attributes, created_at) SELECT '{}', source_group, 'email', '{}', '{value}', '{value}', '{{}}', \
             '2026-01-02T03:04:05.000000Z' FROM sources WHERE uri LIKE '%/c.html' \
             ON CONFLICT (source_group, entity_type, normalized_key) DO NOTHING",
            EntityId::new(),
            UriKey::of(&value),
        ));
    }
}

/// Returns the URIs of which a text is missing or not whole.
fn incomplete_uris(place: &Workplace, whole: &BTreeMap<String, usize>) -> Vec<String> {
    let complete = complete(place);
    let mut uris: Vec<String> = whole
        .keys()
        .filter(|text| !complete.contains_key(*text))
        .filter_map(|text| text.split(' ').next().map(str::to_owned))
        .collect();
    uris.dedup();
    uris
}
