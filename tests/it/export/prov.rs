//! The record as PROV-JSON, held against the rules of the submission's schema.

use std::collections::BTreeSet;
use std::fs;

use rstest::rstest;
use serde_json::{Map, Value};

use super::{exported, with_site};
use crate::support::database::Engine;
use crate::support::workplace::{Workplace, text_of};
use crate::support::{copied_site, site};

use Engine::{Postgres, Sqlite};

/// What each kind of statement must name (PROV-JSON schema, `required`), and what it may name besides.
const KINDS: [(&str, &[&str], &[&str]); 8] = [
    ("entity", &[], &[]),
    ("activity", &[], &["prov:startTime", "prov:endTime"]),
    ("agent", &[], &[]),
    (
        "wasGeneratedBy",
        &["prov:entity"],
        &["prov:activity", "prov:time"],
    ),
    ("used", &["prov:entity"], &["prov:activity", "prov:time"]),
    (
        "wasDerivedFrom",
        &["prov:generatedEntity", "prov:usedEntity"],
        &["prov:activity"],
    ),
    ("wasAttributedTo", &["prov:entity", "prov:agent"], &[]),
    (
        "wasAssociatedWith",
        &["prov:activity"],
        &["prov:agent", "prov:plan"],
    ),
];

fn object(value: &Value) -> &Map<String, Value> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"))
}

/// Holds a document, or a bundle of it, against the schema, and its names against each other.
fn check(part: &Map<String, Value>, prefixes: &BTreeSet<String>, is_bundle: bool) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut told: Vec<&str> = Vec::new();
    for (kind, statements) in part {
        if !is_bundle && (kind == "prefix" || kind == "bundle") {
            continue;
        }
        let known = KINDS.iter().find(|known| known.0 == kind);
        let (_, required, further) = known.unwrap_or_else(|| panic!("a kind {kind:?}"));
        for (name, attributes) in object(statements) {
            let prefix = name.split(':').next().expect("a prefix");
            assert!(prefix == "_" || prefixes.contains(prefix), "{name}");
            if ["entity", "activity", "agent"].contains(&kind.as_str()) {
                assert!(named.insert(name), "{name} is declared twice");
            }
            let attributes = object(attributes);
            for key in *required {
                assert!(
                    attributes.contains_key(*key),
                    "{kind} {name} names no {key}"
                );
            }
            for (key, value) in attributes {
                let prefix = key.split(':').next().expect("a prefix");
                assert!(prefix == "prov" || prefixes.contains(prefix), "{key}");
                if required.contains(&key.as_str()) || further.contains(&key.as_str()) {
                    let text = value
                        .as_str()
                        .unwrap_or_else(|| panic!("{key} of {name}: {value}"));
                    if !key.ends_with("ime") {
                        told.push(text);
                    }
                    continue;
                }
                let is_literal = value.is_string() || value.is_number() || value.is_boolean();
                let is_typed = value["$"].is_string() && value["type"].is_string();
                assert!(is_literal || is_typed, "{key} of {name}: {value}");
            }
        }
    }
    for name in told {
        assert!(named.contains(name), "nothing is said of {name}");
    }
}

fn document(place: &Workplace, arguments: &[&str]) -> Value {
    let text = place
        .succeed(&[&["export", "prov"], arguments].concat())
        .stdout;
    // A key that stands twice is lost without a word by those who read it.
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let prefixes: BTreeSet<String> = object(&document["prefix"]).keys().cloned().collect();
    check(object(&document), &prefixes, false);
    for bundle in object(&document["bundle"]).values() {
        check(object(bundle), &prefixes, true);
    }
    let lines = text
        .lines()
        .filter(|line| line.starts_with("\"_:") || line.starts_with("\"version:"));
    let statements = object(&document["bundle"])
        .values()
        .flat_map(|bundle| object(bundle).values().flat_map(|kind| object(kind).keys()));
    let counted = statements.filter(|name| name.starts_with("_:") || name.starts_with("version:"));
    let own = object(&document["wasAttributedTo"]).len();
    assert_eq!(lines.count(), counted.count() + own, "a name stands twice");
    document
}

#[rstest]
fn each_job_is_a_bundle_of_what_it_used_and_made(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = copied_site("harbor");
    let place = with_site(engine, folder.path());
    fs::write(
        folder.path().join("index.html"),
        "<title>New</title><p>All is new.",
    )
    .expect("a page");
    place.succeed(&["run", text_of(folder.path())]);
    let told = document(&place, &[]);
    let bundles = object(&told["bundle"]);
    assert_eq!(bundles.len(), 4);
    assert_eq!(object(&told["entity"]).len(), 4);
    let count = |bundle: &Value, kind: &str| bundle[kind].as_object().map_or(0, Map::len);
    let of = |state: &str| place.count(&format!("events WHERE kind = '{state}'"));
    let sum = |kind: &str, of_kind: &str| -> usize {
        let of_kind = |bundle: &&Value| {
            let activity = object(&bundle["activity"])
                .values()
                .next()
                .expect("its job");
            activity["prov:type"]["$"] == format!("toolkit:{of_kind}")
        };
        bundles
            .values()
            .filter(of_kind)
            .map(|bundle| count(bundle, kind))
            .sum()
    };
    assert_eq!(
        sum("wasGeneratedBy", "crawl"),
        of("source_created") + of("source_changed")
    );
    assert_eq!(sum("used", "crawl"), of("source_unchanged"));
    assert_eq!(sum("wasDerivedFrom", "crawl"), 1);
    assert_eq!(sum("wasGeneratedBy", "extract"), of("source_extracted"));
    assert_eq!(sum("wasDerivedFrom", "extract"), of("source_extracted"));

    // One job's is one bundle, and stays so when the job is gone.
    let job =
        place.value("SELECT CAST(id AS TEXT) FROM jobs WHERE kind = 'crawl' ORDER BY id LIMIT 1");
    let before = document(&place, &["--job", &job]);
    assert_eq!(object(&before["bundle"]).len(), 1);
    place.succeed(&["jobs", "delete", &job, "--yes"]);
    let after = document(&place, &["--job", &job]);
    let made = |told: &Value| told["bundle"][format!("job:{job}.record")]["wasGeneratedBy"].clone();
    assert!(made(&before).is_object());
    assert_eq!(made(&before), made(&after));
}

#[test]
fn both_engines_say_the_same() {
    let places = [Sqlite, Postgres].map(|engine| with_site(engine, &site("harbor")));
    let [one, other] = places.each_ref().map(|place| {
        let path = exported(place, &["prov", "--stable"], "prov.json");
        fs::read_to_string(path).expect("the export")
    });
    assert_eq!(one, other);
    document(&places[0], &["--stable"]);
}
