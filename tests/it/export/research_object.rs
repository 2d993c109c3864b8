//! All of it as a Process Run Crate: every file is there as the metadata say, and every job is an action.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use rstest::rstest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{exported, with_site};
use crate::support::database::Engine;
use crate::support::site;

use Engine::{Postgres, Sqlite};

fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = fs::File::open(path).expect("the crate");
    let mut archive = zip::ZipArchive::new(file).expect("a zip file");
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).expect("a file");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        let name = entry.name().expect("a name").into_owned();
        files.insert(name, bytes);
    }
    files
}

fn named<'a>(graph: &'a [Value], id: &str) -> &'a Value {
    let mut found = graph.iter().filter(|one| one["@id"] == id);
    let one = found.next().unwrap_or_else(|| panic!("nothing is {id}"));
    assert!(found.next().is_none(), "{id} stands twice");
    one
}

#[rstest]
fn every_file_is_there_and_every_job_is_an_action(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_site(engine, &site("harbor"));
    let mut files = files(&exported(&place, &["ro-crate"], "crate.zip"));
    let metadata = files
        .remove("ro-crate-metadata.json")
        .expect("the metadata");
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    assert_eq!(
        metadata["@context"],
        "https://w3id.org/ro/crate/1.1/context"
    );
    let graph = metadata["@graph"].as_array().expect("a graph");
    // What is referred to within the crate is described in it.
    let mut references = vec![&metadata["@graph"]];
    while let Some(value) = references.pop() {
        match value {
            Value::Array(values) => references.extend(values),
            Value::Object(members) if members.len() == 1 && members.contains_key("@id") => {
                let id = members["@id"].as_str().expect("an id");
                if !id.starts_with("http") {
                    named(graph, id);
                }
            }
            Value::Object(members) => references.extend(members.values()),
            _ => {}
        }
    }
    let root = named(graph, "./");
    assert_eq!(
        root["conformsTo"]["@id"],
        "https://w3id.org/ro/wfrun/process/0.5"
    );
    named(graph, "https://w3id.org/ro/wfrun/process/0.5");
    let parts = root["hasPart"].as_array().expect("the parts");
    assert_eq!(parts.len(), files.len());
    for (name, bytes) in &files {
        let file = named(graph, name);
        assert_eq!(file["contentSize"], bytes.len().to_string());
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
        assert_eq!(file["sha256"], digest, "{name}");
    }
    let sources = String::from_utf8(files["sources.csv"].clone()).expect("text");
    assert_eq!(sources.lines().count(), 1 + place.count("sources"));

    let actions: Vec<&Value> = graph
        .iter()
        .filter(|one| one["@type"] == "CreateAction")
        .collect();
    assert_eq!(actions.len(), 2);
    for action in actions {
        named(
            graph,
            action["instrument"]["@id"].as_str().expect("a program"),
        );
        assert!(action["startTime"].is_string() && action["endTime"].is_string());
        for key in ["object", "result"] {
            assert!(!action[key].is_null(), "{action}");
        }
        let completed = "http://schema.org/CompletedActionStatus";
        assert_eq!(action["actionStatus"], completed);
    }
}

#[test]
fn both_engines_give_equal_crates() {
    let places = [Sqlite, Postgres].map(|engine| with_site(engine, &site("harbor")));
    let [one, other] = places.each_ref().map(|place| {
        fs::read(exported(place, &["ro-crate", "--stable"], "crate.zip")).expect("the crate")
    });
    assert!(one == other);
}
