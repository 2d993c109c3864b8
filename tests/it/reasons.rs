//! The registry of reasons: whatever is recorded or read is in it, and the manual has all of it.

use std::collections::BTreeSet;

use regex::Regex;
use toolkit::model::{EventKind, Reason};

use crate::support::document::read;
use crate::support::source::SourceFile;
use crate::support::toolkit::Toolkit;
use crate::support::workplace::{fields, lines_where};

#[test]
fn the_manual_has_the_whole_registry() {
    let toolkit = Toolkit::new();
    let registry = toolkit.succeed(["report", "reasons", "--format", "markdown"]);
    assert!(
        read("docs/reasons.md").ends_with(&registry.stdout),
        "the table at the end of docs/reasons.md is what this prints:\n\
         toolkit report reasons --format markdown\n{}",
        registry.stdout
    );
    for reason in Reason::ALL {
        let row = format!("| {reason} |");
        assert!(registry.stdout.contains(&row), "{reason}");
    }
    // It was asked without a database, and has made none.
    assert_eq!(std::fs::read_dir(toolkit.folder()).unwrap().count(), 0);
}

#[test]
fn reasons_are_chosen_by_stage_and_class() {
    let toolkit = Toolkit::new();
    let chosen = "report reasons --stage entities --class loss --format json";
    let report = toolkit.succeed(chosen.split(' ')).json();
    let lines = lines_where(&report, "rows", |_| true);
    assert_eq!(
        fields(&lines, "reason"),
        ["mentions_rejected", "window_failed"]
    );
    assert_eq!(fields(&lines, "retry_can_help"), ["true", "true"]);
    let empty = toolkit.succeed("report reasons --stage entities --class limit".split(' '));
    assert!(
        empty.stdout.starts_with("No reason is of this"),
        "{}",
        empty.stdout
    );
}

/// Returns the reasons that SQL names: what is compared with the column, or selected as a stage's reason.
fn named(text: &str) -> BTreeSet<String> {
    let compared = Regex::new(r"\b(?:unpassed_)?reason(?:, '')?\)? (?:=|<>) '(\w+)'")
        .expect("a fixed pattern");
    let listed =
        Regex::new(r"\breason(?:, '')?\)? (?:NOT )?IN \(([^)$]*)\)").expect("a fixed pattern");
    let selected =
        Regex::new(r"SELECT '(?:crawl|extract|entities)',\s+(?:CASE [^,]*THEN )?'(\w+)'")
            .expect("a fixed pattern");
    let chosen = Regex::new(r"(?:THEN|ELSE) '(\w+_\w+)'").expect("a fixed pattern");
    let word = Regex::new(r"'(\w+)'").expect("a fixed pattern");
    let mut found = BTreeSet::new();
    for pattern in [&compared, &selected, &chosen] {
        found.extend(pattern.captures_iter(text).map(|one| one[1].to_owned()));
    }
    for list in listed.captures_iter(text) {
        found.extend(word.captures_iter(&list[1]).map(|one| one[1].to_owned()));
    }
    found
}

/// Code records a `Reason`, so that nothing else can be stored; what SQL spells by hand is held against it here.
#[test]
fn sql_names_no_other_reason() {
    let mut texts: Vec<String> = SourceFile::all_below("src/store")
        .into_iter()
        .map(|file| file.text)
        .collect();
    for entry in std::fs::read_dir("migrations").expect("the migrations") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "sql") {
            texts.push(std::fs::read_to_string(path).expect("a migration"));
        }
    }
    let named: BTreeSet<String> = texts.iter().flat_map(|text| named(text)).collect();
    let unknown: Vec<&String> = named
        .iter()
        .filter(|word| word.parse::<Reason>().is_err() && word.parse::<EventKind>().is_err())
        .collect();
    assert!(unknown.is_empty(), "not in the registry: {unknown:?}");
    for expected in [
        "not_fetched",
        "entities_stale",
        "pass_pending",
        "crawl_failed",
        "no_body",
    ] {
        assert!(
            named.contains(expected),
            "{expected} is not found: {named:?}"
        );
    }
}

#[test]
fn a_reason_that_is_none_is_found() {
    for (sql, found) in [
        ("WHERE gaps.reason = 'made_up'", "made_up"),
        ("reason <> 'made_up'", "made_up"),
        (
            "COALESCE(reason, '') NOT IN ('archive', 'made_up')",
            "made_up",
        ),
        ("SELECT 'crawl', 'made_up', 'pending'", "made_up"),
        (
            "SELECT 'entities',\n CASE WHEN x IS NULL THEN 'made_up' END",
            "made_up",
        ),
    ] {
        assert!(named(sql).contains(found), "{sql}");
    }
}
