use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use rstest::rstest;

use crate::support::document::read;
use crate::support::walkthrough::{Reader, types_all, unknown_flags, wrong_files};

/// Every page of the manual, its list of contents first.
const PAGES: [&str; 11] = [
    "README",
    "automation",
    "crawling",
    "extracting",
    "incompleteness",
    "postgres",
    "provenance",
    "searching",
    "settings",
    "troubleshooting",
    "words",
];

fn page(name: &str) -> String {
    read(&format!("docs/manual/{name}.md"))
}

#[test]
fn every_page_is_read_by_the_tests_and_is_in_the_contents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = PAGES.map(|name| format!("{name}.md"));
    assert_eq!(there, BTreeSet::from(known.clone()));
    let contents = page("README");
    for name in known.iter().filter(|name| *name != "README.md") {
        assert!(contents.contains(&format!("]({name})")), "{name}");
    }
    assert!(read("README.md").contains("(docs/manual/README.md)"));
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)\)").unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual");
    for name in PAGES {
        for found in link.captures_iter(&page(name)) {
            assert!(folder.join(&found[1]).is_file(), "{name}: {}", &found[1]);
        }
    }
}

#[rstest]
fn what_the_manual_shows_can_be_typed(
    #[values(
        "README",
        "automation",
        "crawling",
        "extracting",
        "incompleteness",
        "postgres",
        "provenance",
        "searching",
        "settings",
        "troubleshooting",
        "words"
    )]
    name: &str,
) {
    assert!(PAGES.contains(&name));
    types_all(&mut Reader::new(), name, &page(name));
}

#[test]
fn what_the_manual_names_is_there() {
    for name in PAGES {
        let text = page(name);
        assert_eq!(unknown_flags(&text), Vec::<String>::new(), "{name}");
        assert_eq!(wrong_files(&text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_word_of_a_table_has_one_line() {
    let text = page("words");
    let words: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.split(" |").next())
        .collect();
    let distinct: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words.len(), distinct.len());
    assert!(words.contains(&"gap") && words.contains(&"head"));
}
