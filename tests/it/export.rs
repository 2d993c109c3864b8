//! `toolkit export`: whole, typed, the same from both engines, and nothing left behind when it fails.

mod prov;
mod research_object;
mod warc;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::workplace::{Workplace, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

pub const KINDS: [&str; 7] = [
    "sources",
    "extractions",
    "entities",
    "mentions",
    "facts",
    "gaps",
    "events",
];

/// A place with a site, part of which no crawl could have.
pub fn with_site(engine: Engine, folder: &Path) -> Workplace {
    let place = Workplace::new(engine);
    place.succeed(&["run", text_of(folder)]);
    place
}

/// Exports to a file and returns its path.
pub fn exported(place: &Workplace, arguments: &[&str], name: &str) -> PathBuf {
    place.succeed(&[&["export"], arguments, &["-o", name]].concat());
    place.user.folder().join(name)
}

fn rows(place: &Workplace, arguments: &[&str]) -> Vec<Value> {
    let export = [&["export"], arguments].concat();
    place.succeed(&export).json_lines()
}

#[test]
fn both_engines_give_equal_bytes() {
    let folder = site("harbor");
    let places = [Sqlite, Postgres].map(|engine| with_site(engine, &folder));
    for kind in KINDS {
        for format in ["csv", "jsonl", "parquet", "xlsx"] {
            let name = format!("{kind}.{format}");
            let [one, other] = places.each_ref().map(|place| {
                let path = exported(place, &[kind, "--stable"], &name);
                fs::read(path).expect("the export")
            });
            assert!(one == other, "{name} differs");
            assert!(one.len() > 100, "{name} has {} bytes", one.len());
        }
    }
}

#[rstest]
fn every_row_is_there_and_says_where_it_is_from(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_site(engine, &site("harbor"));
    for (kind, table) in [
        ("sources", "sources"),
        ("extractions", "extractions"),
        ("entities", "entities"),
        ("mentions", "extraction_entities"),
        ("events", "events"),
        ("gaps", "incomplete"),
    ] {
        let rows = rows(&place, &[kind]);
        assert_eq!(rows.len(), place.count(table), "{kind}");
        assert!(!rows.is_empty(), "{kind}");
    }
    let job = |kind: &str| {
        place.value(&format!(
            "SELECT CAST(id AS TEXT) FROM jobs WHERE kind = '{kind}'"
        ))
    };
    for source in rows(&place, &["sources"]) {
        assert_eq!(source["created_by_job"], 1);
        assert_eq!(source["created_by_job_id"], job("crawl"));
        assert_eq!(source["body_digest"].as_str().expect("a digest").len(), 64);
        assert!(source["fetched_at"].is_string());
    }
    let mention = &rows(&place, &["mentions"])[0];
    assert_eq!(mention["made_by_job_id"], job("extract"));
    let text = rows(&place, &["extractions"])
        .into_iter()
        .find(|row| row["extraction_id"] == mention["extraction_id"])
        .expect("its text");
    let at =
        |name: &str| usize::try_from(mention[name].as_u64().expect("a byte")).expect("it fits");
    let said = &text["text"].as_str().expect("a text")[at("start")..at("end")];
    assert_eq!(mention["surface"], said);

    // Of a job: what it made, and nothing else.
    assert!(!rows(&place, &["extractions", "--job", "last"]).is_empty());
    assert!(rows(&place, &["extractions", "--job", &job("crawl")]).is_empty());
    assert!(rows(&place, &["sources", "--job", "last"]).is_empty());
    let of_crawl = rows(&place, &["events", "--job", &job("crawl")]);
    let kinds: BTreeSet<&str> = of_crawl
        .iter()
        .filter_map(|row| row["kind"].as_str())
        .collect();
    assert!(kinds.contains("source_created") && !kinds.contains("source_extracted"));
}

#[rstest]
fn a_gap_that_was_repaired_is_told_with_the_job_that_did(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let folder = temporary_folder();
    fs::write(
        folder.path().join("index.html"),
        "<p>See <a href=gone.html>more</a>.",
    )
    .expect("a page");
    let place = with_site(engine, folder.path());
    let open = rows(&place, &["gaps"]);
    assert!(open.iter().all(|gap| gap["state"] == "open"), "{open:?}");
    let missing = |gaps: &[Value]| {
        let of_page = |gap: &&Value| gap["reason"] == "file_not_found";
        gaps.iter().find(of_page).cloned().expect("its gap")
    };
    assert_eq!(missing(&open)["class"], "loss");
    fs::write(folder.path().join("gone.html"), "<p>Here it is again.").expect("a page");
    place.succeed(&["crawl", text_of(folder.path())]);
    let gap = missing(&rows(&place, &["gaps"]));
    assert_eq!(gap["state"], "resolved");
    assert_eq!([&gap["job"], &gap["resolved_by_job"]], [1, 3]);
}

#[rstest]
fn facts_are_three_sheets_of_one_shape(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = temporary_folder();
    for (name, height) in [("a", "31 cm"), ("b", "31 cm"), ("c", "28 cm")] {
        let page = format!(
            "<title>Lamp</title><h1>Lamp</h1><p>A lamp for the harbour that burns for nine hours.</p>\
             <dl><dt>Height</dt><dd>{height}</dd><dt>Maker</dt><dd>=1+1</dd></dl>"
        );
        fs::write(folder.path().join(format!("{name}.html")), page).expect("a page");
    }
    let place = with_site(engine, folder.path());
    let path = exported(&place, &["facts"], "facts.xlsx");
    let mut book = zip::ZipArchive::new(fs::File::open(path).expect("a file")).expect("a workbook");
    let mut part =
        |name: &str| std::io::read_to_string(book.by_name(name).expect("a part")).expect("a text");
    let names = part("xl/workbook.xml");
    let place_of = |name: &str| {
        names
            .find(&format!("<sheet name=\"{name}\""))
            .expect("a sheet")
    };
    assert!(place_of("data") < place_of("quality") && place_of("quality") < place_of("sources"));
    let sheets: Vec<String> = (1..=3)
        .map(|number| part(&format!("xl/worksheets/sheet{number}.xml")))
        .collect();
    // A cell is on one sheet if it is on all.
    let cell = regex::Regex::new("<c r=\"([A-Z]+[0-9]+)\"").expect("a pattern");
    let places = |sheet: &str| -> Vec<String> {
        cell.captures_iter(sheet)
            .map(|found| found[1].to_owned())
            .collect()
    };
    assert!(places(&sheets[0]).len() > 10);
    assert_eq!(places(&sheets[0]), places(&sheets[1]));
    assert_eq!(places(&sheets[0]), places(&sheets[2]));
    let value_at = |sheet: &str, place: &str| {
        let from = &sheet[sheet.find(&format!("<c r=\"{place}\"")).expect("the cell")..];
        from.split("</c>")
            .next()
            .and_then(|cell| cell.split_once("preserve\">"))
            .map(|(_, text)| text.split("</t>").next().unwrap_or_default().to_owned())
    };
    let height = places(&sheets[0])
        .into_iter()
        .find(|place| value_at(&sheets[0], place).as_deref() == Some("31 cm"))
        .expect("the height");
    let quality = value_at(&sheets[1], &height).expect("a text");
    assert!(quality.contains("agree 2, disagree 1"), "{quality}");
    let source = value_at(&sheets[2], &height).expect("a text");
    assert!(source.ends_with("/a.html"), "{source}");
    // A formula of a page is a text.
    assert!(sheets[0].contains(">=1+1</t>") && !sheets[0].contains("<f>"));
}

#[rstest]
fn a_file_is_there_whole_or_not_at_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_site(engine, &site("club"));
    let told = place
        .succeed(&["export", "sources", "-o", "out.csv", "--format", "json"])
        .json();
    let path = place.user.folder().join("out.csv");
    let bytes = fs::read(&path).expect("the export");
    let line = &told["rows"][0];
    assert_eq!(line["rows"], place.count("sources"));
    assert_eq!(line["bytes"], bytes.len());
    assert_eq!(line["format"], "csv");

    // What is there stays, unless it is to be replaced.
    let refused = place.run(&["export", "entities", "-o", "out.csv"]);
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused.stderr.contains("hint: ") && refused.stderr.contains("--force"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read(&path).expect("the export"), bytes);
    place.succeed(&["export", "entities", "-o", "out.csv", "--force"]);
    assert_ne!(fs::read(&path).expect("the export"), bytes);

    // A device that is full, or a limit that is met, leaves nothing under the name.
    for format in ["csv", "jsonl", "parquet", "xlsx"] {
        let name = format!("cut.{format}");
        let cut = place
            .command(&["export", "extractions", "-o", &name])
            .file_size(1)
            .run();
        assert_ne!(cut.code(), Some(0), "{format}");
        assert!(!place.user.folder().join(&name).exists(), "{format}");
    }
    for (name, status) in [("no/such/folder.csv", 1), (".", 1)] {
        let refused = place.run(&["export", "sources", "-o", name]);
        assert_eq!(refused.code(), Some(status), "{name}");
        assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    }
    let usage = place.run(&["export", "sources", "--format", "json"]);
    assert_eq!(usage.code(), Some(2), "{}", usage.stderr);
}

#[rstest]
fn nothing_is_written_to_the_database(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_site(engine, &site("club"));
    let before = place.count("events");
    for kind in KINDS {
        place.succeed(&["export", kind]);
    }
    assert_eq!(place.count("events"), before);
}

#[rstest]
fn an_export_is_recorded_when_that_is_asked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_site(engine, &site("club"));
    let told = place.json(&[
        "export", "sources", "--record", "--job", "last", "-o", "out.csv",
    ]);
    let payload = place.value("SELECT payload FROM events WHERE kind = 'exported'");
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    let file = fs::read(place.user.folder().join("out.csv")).expect("the export");
    assert_eq!(payload["digest"], told["rows"][0]["digest"]);
    assert_eq!(payload["bytes"], file.len());
    assert_eq!(payload["what"], "sources");
    place.succeed(&["db", "verify"]);
}
