//! The rules of the house as functions from files to faults. What they are held against is told in `house`.

use std::collections::BTreeSet;

use regex::Regex;

use crate::support::source::SourceFile;

pub const LONGEST_FILE: usize = 500;

pub type Rule = fn(&[SourceFile]) -> Vec<String>;

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

pub fn is_in(file: &SourceFile, room: &str) -> bool {
    file.path.starts_with(&format!("src/{room}/")) || file.path == format!("src/{room}.rs")
}

/// Names each file whose code, without its tests, matches.
pub fn naming<'a>(
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

pub fn sql_outside_store(files: &[SourceFile]) -> Vec<String> {
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

pub fn files_that_name_sqlite(files: &[SourceFile]) -> BTreeSet<String> {
    let driver = pattern(r"\b(?:rusqlite::|use\s+rusqlite\b)");
    let named = files.iter().filter(|file| driver.is_match(&file.code));
    named.map(|file| file.path.clone()).collect()
}

pub fn files_that_name_postgres(files: &[SourceFile]) -> BTreeSet<String> {
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

pub fn drivers_in_more_than_one_file(files: &[SourceFile]) -> Vec<String> {
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

pub fn printing_outside_cli(files: &[SourceFile]) -> Vec<String> {
    let outside = files.iter().filter(|file| !is_in(file, "cli"));
    naming(
        outside,
        r"\b(?:e?print(?:ln)?!|dbg!|io::std(?:out|err)\b|std(?:out|err)\(\)|env::(?:set_|remove_)?(?:vars?|args)(?:_os)?\b)",
    )
    .collect()
}

pub fn main_calling_past_cli(files: &[SourceFile]) -> Vec<String> {
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
pub fn reaching(
    files: &[SourceFile],
    room: &str,
    allows: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
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

pub fn pure_rooms_importing_others(files: &[SourceFile]) -> Vec<String> {
    let mut faults = reaching(files, "model", |_, _| false);
    faults.extend(reaching(files, "markup", |_, _| false));
    faults.extend(reaching(files, "toml_keys", |_, _| false));
    faults
}

pub fn stages_importing_each_other(files: &[SourceFile]) -> Vec<String> {
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
pub fn is_extractor(file: &SourceFile) -> bool {
    is_in(file, "extract") && !is_in(file, "extract/job")
}

pub fn extractors_touching_the_world(files: &[SourceFile]) -> Vec<String> {
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

pub fn too_long(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect()
}

pub fn unlisted_in_main(main: &str, names: &[String]) -> Vec<String> {
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

pub fn home_paths(path: &str, text: &str) -> Vec<String> {
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
