use std::collections::BTreeSet;

use crate::support::commands::{Command, commands};
use crate::support::document::words;
use crate::support::toolkit::Toolkit;

/// The heading of the options that every command takes.
const SHARED: &str = "Options of every command";

/// Names options and commands that their help does not explain.
fn unexplained(command: &Command) -> Vec<String> {
    let mut faults = Vec::new();
    for heading in command.headings() {
        let lines = command.section(heading);
        for (at, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            // Deeper lines belong to the entry above them.
            if line.is_empty() || indent > 6 {
                continue;
            }
            let beside = line.trim_start().contains("  ");
            let below = lines.get(at + 1).is_some_and(|next| !next.is_empty());
            if !beside && !below {
                faults.push(format!("{}: {}", command.name(), line.trim()));
            }
        }
    }
    faults
}

/// Returns the command lines of a command's examples, without what explains them.
fn examples(command: &Command) -> Vec<String> {
    let lines = command.section("Examples").into_iter();
    lines
        .filter(|line| !line.is_empty())
        .map(str::trim_start)
        .map(|line| line.split_once("   ").map_or(line, |(typed, _)| typed))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_help_of_every_command_is_as_it_was_read_last() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let found = commands(&Toolkit::new());
    let shared = found[0].section(SHARED).join("\n");
    for command in &found {
        // Once is enough to read; that each command takes them is another test.
        let help = if command.words.is_empty() {
            command.help.clone()
        } else {
            command.help.replace(&shared, "  [...]")
        };
        let name = format!("help of {}", command.name()).replace(' ', "_");
        settings.bind(|| insta::assert_snapshot!(name, help));
    }
}

#[test]
fn every_command_takes_what_every_command_takes() {
    let found = commands(&Toolkit::new());
    let shared = found[0].section(SHARED);
    for option in ["--database", "--format", "--stable", "--quiet", "--verbose"] {
        assert!(shared.iter().any(|line| line.contains(option)), "{option}");
    }
    for command in &found {
        assert_eq!(command.section(SHARED), shared, "{}", command.name());
    }
}

#[test]
fn every_command_and_option_is_explained() {
    let found = commands(&Toolkit::new());
    assert!(found.len() > 20, "{} commands are found", found.len());
    for command in &found {
        let first = command.help.lines().next().unwrap_or_default();
        assert!(
            first.len() > 10 && !first.starts_with("Usage"),
            "{}: {first}",
            command.name()
        );
    }
    let faults: Vec<String> = found.iter().flat_map(unexplained).collect();
    assert!(faults.is_empty(), "no help for\n{}", faults.join("\n"));
}

#[test]
fn what_is_not_explained_is_found() {
    let help = "Does it\n\nUsage: toolkit\n\nOptions:\n      --one <N>\n          First\n\n      --two\n\n\
                \x20     --three   Third\n  -f\n\nMore:\n  --four\n\nExamples:\n  toolkit\n";
    let command = Command {
        words: Vec::new(),
        help: help.to_owned(),
    };
    assert_eq!(
        unexplained(&command),
        ["toolkit: --two", "toolkit: -f", "toolkit: --four"]
    );
}

#[test]
fn the_examples_can_be_typed() {
    let toolkit = Toolkit::new();
    let mut with_examples = BTreeSet::new();
    for command in commands(&toolkit) {
        for example in examples(&command) {
            let words = words(&example);
            let [program, arguments @ ..] = words.as_slice() else {
                panic!("{}: an example is empty", command.name());
            };
            assert_eq!(program, "toolkit", "{example}");
            // Asked for help after everything else, the program has read all of it and does nothing.
            let asked = arguments.iter().map(String::as_str).chain(["--help"]);
            toolkit.succeed(asked);
            with_examples.insert(command.name());
        }
    }
    for command in ["toolkit", "toolkit run", "toolkit crawl", "toolkit extract"] {
        assert!(with_examples.contains(command), "{command} has no example");
    }
}

#[test]
fn an_example_that_cannot_be_typed_is_found() {
    let toolkit = Toolkit::new();
    for arguments in [
        vec!["run", "a", "--max-bodies", "1", "--help"],
        vec!["run", "a", "--max-body", "much", "--help"],
        vec!["report", "complete", "--help"],
    ] {
        assert_eq!(toolkit.run(&arguments).code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn help_and_version_need_no_database_and_end_well() {
    let toolkit = Toolkit::new();
    let version = toolkit.succeed(["--version"]);
    insta::assert_snapshot!(version.snapshot(), @"
    -- stdout
    toolkit [VERSION]
    -- exit 0
    ");
    assert_eq!(toolkit.run(["report"]).code(), Some(2));
    assert_eq!(std::fs::read_dir(toolkit.folder()).unwrap().count(), 0);
}
