//! The invariants of the house, each a short test over the source text. A rule is a function from files
//! to faults, so that each is also shown to notice what it forbids. A room that does not exist has no faults.

mod rules;

use std::path::Path;

use rules::{
    LONGEST_FILE, Rule, drivers_in_more_than_one_file, extractors_touching_the_world, home_paths,
    main_calling_past_cli, printing_outside_cli, pure_rooms_importing_others, sql_outside_store,
    stages_importing_each_other, too_long, unlisted_in_main,
};

use crate::support::source::SourceFile;

fn assert_none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}\n{}", faults.join("\n"));
}

#[test]
fn sql_stands_only_in_store() {
    let faults = sql_outside_store(&SourceFile::all_below("src"));
    assert_none(&faults, "move the SQL to src/store:");
}

#[test]
fn each_driver_is_named_in_one_file() {
    let faults = drivers_in_more_than_one_file(&SourceFile::all_below("src"));
    assert_none(
        &faults,
        "an engine's crate belongs to its one file in src/store:",
    );
}

#[test]
fn only_cli_prints_and_reads_the_environment() {
    let files = SourceFile::all_below("src");
    assert_none(
        &printing_outside_cli(&files),
        "let src/cli do this, and pass the value in:",
    );
    assert_none(&main_calling_past_cli(&files), "main.rs calls cli alone:");
}

#[test]
fn model_and_markup_import_no_room() {
    let faults = pure_rooms_importing_others(&SourceFile::all_below("src"));
    assert_none(
        &faults,
        "src/model and src/markup stand on nothing of the crate:",
    );
}

#[test]
fn stages_do_not_import_each_other() {
    let faults = stages_importing_each_other(&SourceFile::all_below("src"));
    assert_none(&faults, "a stage reads what the one before has stored:");
}

#[test]
fn extractors_take_no_clock_network_or_store() {
    let faults = extractors_touching_the_world(&SourceFile::all_below("src"));
    assert_none(&faults, "pass it in from src/extract/job.rs:");
}

#[test]
fn no_source_file_is_too_long() {
    let mut files = SourceFile::all_below("src");
    for folder in ["tests", "benches", "fuzz/fuzz_targets"] {
        files.extend(SourceFile::all_below(folder));
    }
    assert_none(&too_long(&files), "split by nouns:");
}

#[test]
fn every_test_file_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs").to_owned();
        if name != "main" {
            names.push(name);
        }
    }
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    assert_none(
        &unlisted_in_main(&main, &names),
        "list it in tests/it/main.rs:",
    );
}

#[test]
fn nothing_names_a_home_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Hidden entries are editors' and git's own, but for the two that belong to the tree.
    let is_ours = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let hidden = name.starts_with('.') && ![".ci", ".github"].contains(&name.as_ref());
        entry.depth() == 0 || !(hidden || name == "target")
    };
    let mut faults = Vec::new();
    for entry in walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(is_ours)
    {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let path = entry.path().strip_prefix(root).unwrap().to_string_lossy();
            faults.extend(home_paths(&path, &String::from_utf8_lossy(&bytes)));
        }
    }
    assert_none(&faults, "a path of one machine is of no use on another:");
}

#[test]
fn each_rule_notices_what_it_forbids() {
    for (rule, path, text) in [
        (
            sql_outside_store as Rule,
            "src/report/a.rs",
            "const Q: &str = \"SELECT id\n FROM jobs\";",
        ),
        (
            sql_outside_store,
            "src/cli/a.rs",
            r#"run("INSERT OR IGNORE INTO jobs VALUES (1)")"#,
        ),
        (
            drivers_in_more_than_one_file,
            "src/cli/a.rs",
            "use rusqlite::Connection;",
        ),
        (
            drivers_in_more_than_one_file,
            "src/crawl/a.rs",
            "fn f(c: &postgres::Client) {}",
        ),
        (
            drivers_in_more_than_one_file,
            "src/store/a.rs",
            "use rusqlite as r; use postgres::Client;",
        ),
        (
            printing_outside_cli,
            "src/main.rs",
            r#"fn main() { println!("x") }"#,
        ),
        (
            printing_outside_cli,
            "src/store/mod.rs",
            r#"std::env::var("X")"#,
        ),
        (
            printing_outside_cli,
            "src/crawl/mod.rs",
            "env::args_os().count()",
        ),
        (
            main_calling_past_cli,
            "src/main.rs",
            "fn main() { toolkit::store::open() }",
        ),
        (
            pure_rooms_importing_others,
            "src/model/a.rs",
            "use crate::{model::Job, store::Store};",
        ),
        (
            pure_rooms_importing_others,
            "src/model/a.rs",
            "super::super::crawl::fetch()",
        ),
        (
            pure_rooms_importing_others,
            "src/markup/a.rs",
            "use crate::model::Digest;",
        ),
        (
            stages_importing_each_other,
            "src/crawl/a.rs",
            "use crate::extract::content;",
        ),
        (
            stages_importing_each_other,
            "src/report/a.rs",
            "crate::crawl::fetch::get()",
        ),
        (
            stages_importing_each_other,
            "src/crawl/visit.rs",
            "use crate::store::Store;",
        ),
        (
            stages_importing_each_other,
            "src/extract/a.rs",
            "use crate::cli::output;",
        ),
        (
            extractors_touching_the_world,
            "src/extract/a.rs",
            "use crate::store::Store;",
        ),
        (
            extractors_touching_the_world,
            "src/extract/a/b.rs",
            "let t = Timestamp::now();",
        ),
        (
            extractors_touching_the_world,
            "src/extract/a.rs",
            "use std::{fmt, time::Duration};",
        ),
        (too_long, "src/cli/a.rs", &"\n".repeat(LONGEST_FILE + 1)),
    ] {
        assert_eq!(
            rule(&[SourceFile::new(path, text)]).len(),
            1,
            "{path}: {text}"
        );
    }
}

#[test]
fn each_rule_lets_good_code_pass() {
    for (rule, path, text) in [
        (
            sql_outside_store as Rule,
            "src/store/jobs.rs",
            r#"const Q: &str = "SELECT 1 FROM jobs";"#,
        ),
        (
            sql_outside_store,
            "src/cli/a.rs",
            r#"hint("select a job from the list"); // SELECT 1 FROM x"#,
        ),
        (
            drivers_in_more_than_one_file,
            "src/store/mod.rs",
            "mod postgres; fn f() { postgres::open() }",
        ),
        (
            drivers_in_more_than_one_file,
            "src/cli/a.rs",
            "crate::store::postgres::Postgres::open()",
        ),
        (
            drivers_in_more_than_one_file,
            "src/cli/a.rs",
            r#"starts_with("postgres://")"#,
        ),
        (
            printing_outside_cli,
            "src/cli/output.rs",
            r#"println!("x")"#,
        ),
        (
            printing_outside_cli,
            "src/store/a.rs",
            r#"env!("CARGO_PKG_VERSION"); write!(f, "x")"#,
        ),
        (
            main_calling_past_cli,
            "src/main.rs",
            "fn main() { toolkit::cli::run() }",
        ),
        (
            pure_rooms_importing_others,
            "src/model/a.rs",
            "use super::Job; use crate::model::Gap;",
        ),
        (
            stages_importing_each_other,
            "src/report/a.rs",
            "use crate::crawl::links::links_of;",
        ),
        (
            stages_importing_each_other,
            "src/crawl/job/a.rs",
            "use crate::{model::Job, store::Store};",
        ),
        (
            extractors_touching_the_world,
            "src/extract/job.rs",
            "use crate::store::Store; Instant::now()",
        ),
        (too_long, "src/cli/a.rs", &"\n".repeat(LONGEST_FILE)),
    ] {
        assert_none(&rule(&[SourceFile::new(path, text)]), text);
    }
}

#[test]
fn lists_and_home_paths_are_told_apart() {
    let main = "// Why.\nmod one;\n\nmod two;\n";
    let names = ["one", "two", "three"].map(str::to_owned);
    assert_eq!(unlisted_in_main(main, &names).len(), 2);

    let home = ["", "home", "ada", "x"].join("/");
    for (text, faults) in [
        (home.clone(), 1),
        (format!("file://{home}"), 1),
        (format!("see \"{home}\"\n{home}"), 2),
        (format!("https://example.org{home}"), 0),
        (format!("{}/y", env!("CARGO_PKG_NAME")), 0),
    ] {
        assert_eq!(home_paths("a", &text).len(), faults, "{text}");
    }
}
