//! The invariants of the house, each a short test over the source text. A rule is a function from files
//! to faults, so that each is also shown to notice what it forbids. A room that does not exist has no faults.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use crate::support::source::SourceFile;

const LONGEST_FILE: usize = 500;

type Rule = fn(&[SourceFile]) -> Vec<String>;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

fn is_in(file: &SourceFile, room: &str) -> bool {
    file.path.starts_with(&format!("src/{room}/")) || file.path == format!("src/{room}.rs")
}

/// Names each file whose code, without its tests, matches.
fn naming<'a>(
    files: impl Iterator<Item = &'a SourceFile>,
    text: &str,
) -> impl Iterator<Item = String> {
    let pattern = pattern(text);
    files.filter_map(move |file| {
        let code = file.without_tests().code;
        let found = pattern.find(&code)?;
        Some(format!("{} names {}", file.path, found.as_str().trim()))
    })
}

fn sql_outside_store(files: &[SourceFile]) -> Vec<String> {
    // Keywords in capitals, as the house writes SQL, and in pairs, so that prose is not taken for it.
    let sql = pattern(
        r"(?sx) \b(?: SELECT\s.*?\sFROM | INSERT\s+(?:OR\s+\w+\s+)?INTO | UPDATE\s+\w+\s+SET | DELETE\s+FROM
          | (?:CREATE|ALTER|DROP)\s+(?:TABLE|INDEX|UNIQUE|VIEW|SCHEMA|TRIGGER) | PRAGMA\s+\w+ | VACUUM\s+INTO )\b",
    );
    let outside = files.iter().filter(|file| !is_in(file, "store"));
    outside
        .flat_map(|file| {
            let literals = file.literals.iter().filter(|literal| sql.is_match(literal));
            literals.map(move |literal| format!("{}: {literal}", file.path))
        })
        .collect()
}

fn files_that_name_sqlite(files: &[SourceFile]) -> BTreeSet<String> {
    let driver = pattern(r"\b(?:rusqlite::|use\s+rusqlite\b)");
    let named = files.iter().filter(|file| driver.is_match(&file.code));
    named.map(|file| file.path.clone()).collect()
}

fn files_that_name_postgres(files: &[SourceFile]) -> BTreeSet<String> {
    let driver = pattern(r"(?:^|[^\w:])(?:::)?(?:postgres|tokio_postgres(?:_rustls)?)(?:::|\s*;)");
    let outright = pattern(r"(?:^|[^\w:])(?:::postgres|tokio_postgres(?:_rustls)?)::");
    let module = pattern(r"\bmod\s+postgres\b");
    let named = files.iter().filter(|file| {
        // Where a module of this name is declared, the bare word means that module.
        if module.is_match(&file.code) {
            outright.is_match(&file.code)
        } else {
            driver.is_match(&file.code)
        }
    });
    named.map(|file| file.path.clone()).collect()
}

fn drivers_in_more_than_one_file(files: &[SourceFile]) -> Vec<String> {
    let [sqlite, postgres] = [
        files_that_name_sqlite(files),
        files_that_name_postgres(files),
    ];
    let mut faults = Vec::new();
    for (name, found) in [("rusqlite", &sqlite), ("postgres", &postgres)] {
        if found.len() > 1 {
            faults.push(format!("{name} is named in {found:?}"));
        }
        let outside = found.iter().filter(|path| !path.starts_with("src/store/"));
        faults.extend(outside.map(|path| format!("{name} is named in {path}")));
    }
    if let Some(path) = sqlite.intersection(&postgres).next() {
        faults.push(format!("{path} names both drivers"));
    }
    faults
}

fn printing_outside_cli(files: &[SourceFile]) -> Vec<String> {
    let outside = files.iter().filter(|file| !is_in(file, "cli"));
    naming(
        outside,
        r"\b(?:e?print(?:ln)?!|dbg!|io::std(?:out|err)\b|std(?:out|err)\(\)|env::(?:set_|remove_)?(?:vars?|args)(?:_os)?\b)",
    )
    .collect()
}

fn main_calling_past_cli(files: &[SourceFile]) -> Vec<String> {
    let main = files.iter().filter(|file| file.path == "src/main.rs");
    let room = pattern(r"\btoolkit::(\w+)");
    main.flat_map(|file| {
        let rooms = room
            .captures_iter(&file.code)
            .map(|found| found[1].to_owned());
        let others = rooms.filter(|room| room != "cli");
        others
            .map(|room| format!("src/main.rs calls {room}"))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// Names each path by which a file of `room` reaches a room that `allows` refuses.
fn reaching(files: &[SourceFile], room: &str, allows: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let inside = files.iter().filter(|file| is_in(file, room));
    let mut faults = Vec::new();
    for file in inside {
        for path in file.without_tests().crate_paths() {
            let mut names = path.split("::");
            let other = names.next().unwrap_or_default();
            if other != room && !allows(other, names.next().unwrap_or_default()) {
                faults.push(format!("{} names {path}", file.path));
            }
        }
    }
    faults
}

fn pure_rooms_importing_others(files: &[SourceFile]) -> Vec<String> {
    let mut faults = reaching(files, "model", |_, _| false);
    faults.extend(reaching(files, "markup", |_, _| false));
    faults
}

fn stages_importing_each_other(files: &[SourceFile]) -> Vec<String> {
    let is_pure = |other: &str, file: &str| other == "crawl" && matches!(file, "links" | "scope");
    let mut faults = reaching(files, "crawl", |other, _| {
        !["extract", "report", "cli"].contains(&other)
    });
    let is_shared = |name: &str| matches!(name, "Error" | "LinkCheck");
    let mut visits = reaching(files, "crawl", |other, name| {
        other != "store" || is_shared(name)
    });
    visits.retain(|fault| !fault.starts_with("src/crawl/job"));
    faults.append(&mut visits);
    faults.extend(reaching(files, "extract", |other, _| {
        !["crawl", "report", "cli"].contains(&other)
    }));
    faults.extend(reaching(files, "report", |other, file| {
        !["crawl", "extract", "cli"].contains(&other) || is_pure(other, file)
    }));
    faults
}

/// Everything in `extract` but the job that feeds the extractors is an extractor.
fn is_extractor(file: &SourceFile) -> bool {
    is_in(file, "extract") && !is_in(file, "extract/job")
}

fn extractors_touching_the_world(files: &[SourceFile]) -> Vec<String> {
    let extractors = files.iter().filter(|file| is_extractor(file));
    let mut faults: Vec<_> = naming(
        extractors.clone(),
        r"\b(?:std::net|Timestamp::now|SystemTime|Instant)\b|\bstd::\{[^;]*\b(?:net|time)\b",
    )
    .collect();
    for file in extractors {
        let paths = file.without_tests().crate_paths();
        let refused = paths.iter().filter(|path| {
            let room = path.split("::").next().unwrap_or_default();
            room == "store" || room == "crawl"
        });
        faults.extend(refused.map(|path| format!("{} names {path}", file.path)));
    }
    faults
}

fn too_long(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect()
}

fn unlisted_in_main(main: &str, names: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in names {
        let declaration = pattern(&format!(r"(?m)^(?:(//[^\n]*)\n)?mod {name};$"));
        match declaration.captures(main) {
            None => faults.push(format!("{name} is not a module of tests/it/main.rs")),
            Some(found) if found.get(1).is_none() => {
                faults.push(format!("{name} has no line above it that says its purpose"));
            }
            Some(_) => {}
        }
    }
    faults
}

fn home_paths(path: &str, text: &str) -> Vec<String> {
    // Not after a letter, a digit, a dot or a hyphen: there it is a path of a URL.
    let home = pattern(r"(?:^|[^\w.-])(/(?:root|home|Users)/\S*)");
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let found = home.captures(line)?;
            Some(format!("{path}:{}: {}", number + 1, &found[1]))
        })
        .collect()
}

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
