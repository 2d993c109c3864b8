use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::support::document::read;
use crate::support::toolkit::Toolkit;
use crate::support::walkthrough::{
    Reader, Step, code, steps, types_all, unknown_flags, wrong_files,
};

#[test]
fn what_the_readme_shows_is_what_happens() {
    let mut reader = Reader::new();
    let shown = types_all(&mut reader, "README.md", &read("README.md"));
    assert!(shown >= 3, "README.md shows {shown} outputs");
    assert!(reader.head.is_some());
}

#[test]
fn every_flag_that_the_readme_names_is_in_its_commands_help() {
    let faults = unknown_flags(&read("README.md"));
    assert!(faults.is_empty(), "no such flags:\n{}", faults.join("\n"));
}

#[test]
fn every_file_that_the_readme_shows_is_sound() {
    assert_eq!(wrong_files(&read("README.md")), Vec::<String>::new());
    assert_eq!(wrong_files("```toml\ndatbase = 'x'\n```\n").len(), 1);
}

/// Reads the registry's reasons by class, from its own text.
fn registry() -> BTreeMap<String, BTreeSet<String>> {
    let line = Regex::new(r#"(?m)^    \w+ = "(\w+)", \w+, (\w+), retry"#).expect("a fixed pattern");
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in line.captures_iter(&read("src/model/reason.rs")) {
        let class = classes.entry(found[2].to_lowercase()).or_default();
        class.insert(found[1].to_owned());
    }
    classes
}

#[test]
fn the_readme_lists_every_reason_under_its_class() {
    let toolkit = Toolkit::new();
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in read("README.md")
        .lines()
        .filter(|line| line.starts_with("| "))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (class, reasons) = (cells[0].split(':').next().unwrap(), cells[cells.len() - 1]);
        if ["decision", "limit", "pending", "loss"].contains(&class) {
            let reasons = code(reasons).into_iter().collect();
            listed.insert(class.to_owned(), reasons);
        }
    }
    assert_eq!(listed, registry());
    // And the program knows each by that name.
    for reason in listed.values().flatten() {
        toolkit.succeed([
            "report",
            "incomplete",
            "--reason",
            reason.as_str(),
            "--help",
        ]);
    }
}

#[test]
fn a_document_is_read_as_it_is_meant() {
    let document = "See `--all`.\n\n```sh\ntoolkit a b  # exit 3\ncargo run --release -- c\n```\n\n\
                    ```text\nshown\n```\n\nMore.\n";
    let expected = [
        Step {
            line: "toolkit a b".to_owned(),
            code: 3,
            output: None,
        },
        Step {
            line: "toolkit c".to_owned(),
            code: 0,
            output: Some("shown\n".to_owned()),
        },
    ];
    assert_eq!(steps(document), expected);
    assert_eq!(code(document)[0], "--all");
    assert_eq!(code(document)[1], "toolkit a b  # exit 3");
}
