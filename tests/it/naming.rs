//! What a profile's `[[entity]]` rules name is found, stored and accounted for like any other mention.

use std::fmt::Write as _;
use std::fs;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::toolkit::Toolkit;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

const PROFILE: &str = r#"
[[entity]]
type = "Vessel"
terms = ["Sea Otter", "otter", "Ōtaki"]

[[entity]]
type = "organization"
file = "owners.csv"
case = true

[[entity]]
type = "berth"
pattern = 'quay (?<quay>[A-Z])[- ](?<number>\d+)'
normalize = "${quay}/${number}"
"#;

const OWNERS: &str = "Skerry Sound Ltd,Skerry Sound Limited\nSSL,Skerry Sound Limited\n";

fn with_profile(user: &Toolkit) -> String {
    fs::write(user.folder().join("owners.csv"), OWNERS).expect("a file");
    let profile = user.folder().join("boats.toml");
    fs::write(&profile, PROFILE).expect("a profile");
    text_of(&profile).to_owned()
}

fn told(line: &Value) -> Vec<[&str; 3]> {
    let mentions = line["entities"].as_array().expect("a list").iter();
    mentions
        .map(|one| ["type", "text", "normalized"].map(|name| one[name].as_str().expect("a text")))
        .collect()
}

#[test]
fn annotate_finds_what_a_profile_names() {
    let user = Toolkit::new();
    let profile = with_profile(&user);
    let text = "The sea otter of SSL, not ssl, lies at Quay C-12; otters and ŌTAKI do not.\n";
    let output = user
        .command(["annotate", "--profile", &profile])
        .input(text)
        .run();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(
        told(&output.json_lines()[0]),
        [
            ["VESSEL", "sea otter", "Sea Otter"],
            ["ORGANIZATION", "SSL", "Skerry Sound Limited"],
            ["BERTH", "Quay C-12", "C/12"],
            ["VESSEL", "ŌTAKI", "Ōtaki"],
        ]
    );
    let output = user
        .command(["annotate", "--profile", &profile, "--types", "berth"])
        .input(text)
        .run();
    assert_eq!(
        told(&output.json_lines()[0]),
        [["BERTH", "Quay C-12", "C/12"]]
    );
    let output = user
        .command(["annotate", "--types", "berth"])
        .input(text)
        .run();
    assert_eq!(output.code(), Some(2), "{}", output.snapshot());
}

#[test]
fn a_pattern_that_matches_without_end_is_told_and_not_cut() {
    let user = Toolkit::new();
    let profile = user.folder().join("all.toml");
    fs::write(&profile, "[[entity]]\ntype = 'all'\npattern = 'from .*'\n").expect("a profile");
    let text = format!("from {}\nfrom here\n", "word ".repeat(200));
    let output = user
        .command(["annotate", "--profile", text_of(&profile)])
        .input(text)
        .run();
    assert_eq!(output.code(), Some(1), "{}", output.snapshot());
    let lines = output.json_lines();
    let error = lines[0]["incomplete"][0]["error"].as_str();
    assert_eq!(
        error,
        Some("profile_patterns failed: the pattern of all matches more than 400 bytes")
    );
    assert_eq!(told(&lines[1]), [["ALL", "from here", "from here"]]);
}

#[test]
fn a_rule_that_cannot_be_followed_is_told_by_check() {
    let user = Toolkit::new();
    let profile = user.folder().join("wrong.toml");
    let long = "x".repeat(401);
    let text = format!(
        "[[entity]]\ntype = 'a'\npattern = '(?<n>x)'\nnormalize = '${{m}}'\n\
         [[entity]]\ntype = 'b'\nterms = ['{long}']\n[[entity]]\ntype = 'a b'\nterms = 'x'\n"
    );
    fs::write(&profile, text).expect("a profile");
    let output = user.command(["profile", "check", text_of(&profile)]).run();
    assert_eq!(output.code(), Some(3), "{}", output.snapshot());
    for fault in [
        "`pattern` has no group \"m\"",
        "a term has more than 400 bytes",
        "\"a b\" is no type",
    ] {
        assert!(
            output.snapshot().to_string().contains(fault),
            "{}",
            output.snapshot()
        );
    }
}

/// Counts the mentions of each type.
fn mentions(place: &Workplace) -> Vec<Vec<Option<String>>> {
    place.database.query_text(
        "SELECT entity_type, CAST(COUNT(*) AS TEXT) FROM extraction_entities \
         JOIN entities ON entities.id = entity_id GROUP BY entity_type ORDER BY 1",
    )
}

#[rstest]
fn the_flag_waits_for_the_profile_and_a_retry_reads_by_it(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("error:1", "panic:0", "crash")] fault: &str,
) {
    let place = Workplace::new(engine);
    let profile = with_profile(&place.user);
    let folder = temporary_folder();
    let mut page = String::from("<!doctype html><title>Berths</title><article>");
    for number in 0..400 {
        let _ = write!(
            page,
            "<p>The Sea Otter of Skerry Sound Ltd left quay C-{number} and will be back.</p>"
        );
    }
    fs::write(folder.path().join("berths.html"), page).expect("a page");
    place.succeed(&["crawl", text_of(folder.path())]);
    let extract = &["extract", "--profile", &profile][..];
    if fault == "crash" {
        let point = "store_extractions.before_commit:1";
        place
            .command(extract)
            .environment("TOOLKIT_CRASH_AT", point)
            .run();
        assert_eq!(place.count("extractions"), 0);
    } else {
        place
            .command(extract)
            .environment("TOOLKIT_FAULT_AT", fault)
            .run();
        // What the other windows hold is stored, and the flag says that it is not all.
        assert!(place.count("extraction_entities WHERE recognizer = 'profile_terms'") > 0);
        assert_eq!(
            place.count("extractions WHERE entities_extracted IS FALSE"),
            1
        );
        let report = place.json(&["report", "incomplete"]);
        let positions = fields(&lines_where(&report, "rows", |_| true), "position");
        for recognizer in ["profile_terms:", "profile_patterns:", "email:"] {
            let named = positions.iter().filter(|one| one.starts_with(recognizer));
            assert_eq!(named.count(), 1, "{positions:?}");
        }
    }
    // The rules are those that the job was made with, wherever their file went.
    fs::remove_file(&profile).expect("it was there");
    place.succeed(&["retry"]);
    with_profile(&place.user);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    assert_eq!(
        place.count("gaps WHERE resolved_at IS NULL AND stage = 'entities'"),
        0
    );
    assert_eq!(place.count("windows"), 0);
    let all = |count: &str, kind: &str| vec![Some(kind.to_owned()), Some(count.to_owned())];
    let expected = [
        all("400", "Vessel"),
        all("400", "berth"),
        all("400", "organization"),
    ];
    let mut found = mentions(&place);
    found.sort();
    assert_eq!(found, expected);
    let vessels = place.json(&["entities", "list", "--type", "Vessel"]);
    assert_eq!(vessels["rows"][0]["normalized_value"], "Sea Otter");
    assert_eq!(vessels["rows"][0]["mentions"], 400);
    let output = place.run(&["entities", "list", "--type", "vesel"]);
    assert_eq!(output.code(), Some(2));
    assert!(
        output.snapshot().to_string().contains("berth"),
        "{}",
        output.snapshot()
    );
    place.succeed(&["db", "check"]);

    // The same rules find the same again; others make the source pending.
    place.succeed(extract);
    assert_eq!(place.json(&["report", "incomplete"])["rows"], json!([]));
    fs::write(&profile, PROFILE.replace("Sea Otter", "Skerry Sound")).expect("a profile");
    place.succeed(extract);
    let vessels = place.json(&["entities", "list", "--type", "Vessel"]);
    assert_eq!(vessels["rows"][0]["normalized_value"], "otter");
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    place.check();
}
