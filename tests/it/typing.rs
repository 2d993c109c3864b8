//! Commands that the program shows can be typed as they are: they name the database that was named.

use rstest::rstest;

use crate::support::database::{Engine, TestDatabase};
use crate::support::document::words;
use crate::support::toolkit::{Output, Toolkit};
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

/// Returns what follows `before` on a line of a text.
fn shown<'a>(text: &'a str, before: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.split_once(before));
    line.unwrap_or_else(|| panic!("no {before:?} in {text}")).1
}

/// Runs a command that was shown.
fn typed(user: &Toolkit, command: &str) -> Output {
    let words = words(command);
    assert_eq!(words[0], "toolkit", "{command}");
    user.run(&words[1..])
}

fn notes(user: &Toolkit) -> String {
    let folder = user.folder().join("notes");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("a.html"), "<title>A</title><p>A note.").expect("a page");
    "notes".to_owned()
}

#[rstest]
#[case(&["--database=a b.db"], "toolkit --database 'a b.db' extract")]
#[case(&[], "toolkit extract")]
fn a_database_that_was_typed_is_named(#[case] flags: &[&str], #[case] next: &str) {
    let user = Toolkit::new();
    let seed = notes(&user);
    let run = |arguments: &[&str]| {
        let command = user.command([arguments, flags].concat());
        command.environment("TOOLKIT_DATABASE", "a b.db").run()
    };
    let crawled = run(&["crawl", &seed]);
    assert_eq!(shown(&crawled.stdout, "Next: "), next);
    let checked = run(&["report", "incomplete", "--check"]);
    assert_eq!(shown(&checked.stderr, "next: "), next);
    // Data stay as they are.
    let data = run(&["crawl", &seed, "--format", "json"]).json();
    assert_eq!(data["next"], "toolkit extract");
    if !flags.is_empty() {
        let output = typed(&user, shown(&crawled.stdout, "Next: "));
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
        let unknown = run(&["jobs", "show", "nobody"]);
        let command = shown(&unknown.stderr, "hint: `");
        let command = command.split('`').next().unwrap_or_default();
        assert_eq!(typed(&user, command).code(), Some(0), "{command}");
    }
    let other = user.folder().join("toolkit.db");
    assert!(!other.exists(), "another database was made");
}

/// Whatever the list of jobs shows of one names it: its number, the end of its id, and `last` for the last.
#[rstest]
fn a_job_is_named_by_what_the_list_shows(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let seed = notes(&place.user);
    for _ in 0..3 {
        place.succeed(&["crawl", &seed]);
    }
    let listed = place.json(&["jobs", "list"]);
    for line in listed["rows"].as_array().expect("jobs") {
        let id = line["id"].as_str().expect("an id");
        let number = line["job"].to_string();
        for given in [number.as_str(), &id[28..], id] {
            let shown = place.json(&["jobs", "show", given]);
            assert_eq!(shown["job"]["id"], line["id"], "{given}");
            let balance = place.json(&["report", "balance", "--job", given]);
            assert_eq!(balance["jobs"][0]["job_id"], line["id"], "{given}");
        }
    }
    // A deleted job keeps its number, and the others theirs.
    let ids: Vec<&str> = (0..3)
        .map(|at| listed["rows"][at]["id"].as_str().expect("an id"))
        .collect();
    place.succeed(&["jobs", "delete", "2", "--yes"]);
    assert_eq!(place.json(&["jobs", "show", "3"])["job"]["id"], ids[2]);
    let balance = place.json(&["report", "balance", "--job", "2"]);
    assert_eq!(balance["jobs"][0]["job_id"], ids[1]);
    let gone = place.run(&["jobs", "show", "2"]);
    assert_eq!(gone.code(), Some(1), "{}", gone.snapshot());
    place.succeed(&["jobs", "delete", "last", "--yes"]);
    assert_eq!(place.count("jobs"), 1);
}

#[test]
fn an_address_with_a_password_is_not_repeated() {
    let (user, database) = (Toolkit::new(), TestDatabase::new(Postgres));
    let seed = notes(&user);
    let address = database.address();
    let with_password = address.replacen("://postgres@", "://postgres:low-tide@", 1);
    assert_ne!(address, with_password);
    for (address, is_named) in [(address, true), (with_password, false)] {
        let output = user.run(["crawl", &seed, "--database", &address]);
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
        let next = shown(&output.stdout, "Next: ");
        assert!(!next.contains("low-tide"), "{next}");
        if is_named {
            assert_eq!(typed(&user, next).code(), Some(0), "{next}");
        } else {
            let expected =
                "toolkit report provenance (with the database's address in TOOLKIT_DATABASE)";
            assert_eq!(next, expected);
        }
    }
}
