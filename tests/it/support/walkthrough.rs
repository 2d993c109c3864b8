//! Readers of the README and of the manual: what is shown to be typed is typed, and what it is said to print is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::commands::commands;
use super::copy_site;
use super::database::{Engine, TestDatabase};
use super::document::{flags, words};
use super::snapshot::{normalized, without_digests};
use super::toolkit::{Output, Toolkit};

/// What a document writes where a reader puts an address of his own.
const EXAMPLE_ADDRESS: &str = "postgres://me@localhost/pages";
/// What a document writes where a reader puts a digest that he has noted.
const EXAMPLE_HEAD: &str = "HEAD";
/// A document's way to run a program that is not installed yet.
const UNINSTALLED: &str = "cargo run --release -- ";
/// What else a reader is told to type.
const OTHER_PROGRAMS: [&str; 2] = ["scripts/test", "createdb"];

/// A line to be typed, and what the document says that it does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub line: String,
    pub code: i32,
    /// What is shown right below it.
    pub output: Option<String>,
}

/// Reads the steps of a document: the lines of its `sh` blocks; a `text` block that follows belongs to the
/// last of them.
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = document;
    while let Some((before, begun)) = rest.split_once("```") {
        let (language, body) = begun.split_once('\n').expect("a block has lines");
        let (block, after) = body.split_once("```").expect("a block is closed");
        match language {
            "sh" => steps.extend(block.lines().map(step)),
            // Files that a reader may write; they are checked by themselves.
            "toml" => {}
            "text" => {
                assert!(before.trim().is_empty(), "an output with no command above");
                let last = steps.last_mut().expect("an output follows a command");
                last.output = Some(block.to_owned());
            }
            other => panic!("a block is of kind {other:?}"),
        }
        rest = after;
    }
    steps
}

fn step(line: &str) -> Step {
    let (line, code) = match line.split_once("# exit ") {
        Some((line, code)) => (line, code.trim().parse().expect("an exit code")),
        None => (line, 0),
    };
    let line = line.trim().replacen(UNINSTALLED, "toolkit ", 1);
    Step {
        line,
        code,
        output: None,
    }
}

static HEAD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"head is ([0-9a-f]{64})").expect("a fixed pattern"));

/// A reader who types one line after the other.
pub struct Reader {
    pub toolkit: Toolkit,
    server: TestDatabase,
    environment: BTreeMap<String, String>,
    pub head: Option<String>,
}

impl Reader {
    /// Makes one with the sites that documents speak of.
    pub fn new() -> Self {
        let toolkit = Toolkit::new();
        let folder = toolkit.folder().join("fixtures/sites");
        for site in ["harbor", "seeds", "club"] {
            copy_site(site, &folder.join(site));
        }
        Self {
            toolkit,
            server: TestDatabase::new(Engine::Postgres),
            environment: BTreeMap::new(),
            head: None,
        }
    }

    /// Types a line; returns the program's output where the line is one of its commands.
    pub fn types(&mut self, line: &str) -> Option<Output> {
        let line = line.replace(EXAMPLE_ADDRESS, &self.server.address());
        let words = words(&line);
        let (program, arguments) = words.split_first()?;
        match program.as_str() {
            "toolkit" => Some(self.runs(arguments)),
            "export" => {
                let (name, value) = arguments[0].split_once('=').expect("a value");
                self.environment.insert(name.to_owned(), value.to_owned());
                None
            }
            "unset" => {
                self.environment.remove(&arguments[0]);
                None
            }
            other => {
                assert!(OTHER_PROGRAMS.contains(&other), "unknown: {line}");
                None
            }
        }
    }

    fn runs(&mut self, arguments: &[String]) -> Output {
        let noted = self.head.as_deref().unwrap_or(EXAMPLE_HEAD);
        let arguments = arguments.iter().map(|word| match word.as_str() {
            EXAMPLE_HEAD => noted,
            word => word,
        });
        let mut command = self.toolkit.command(arguments);
        for (name, value) in &self.environment {
            command = command.environment(name, value);
        }
        let output = command.run();
        if let (None, Some(found)) = (&self.head, HEAD.captures(&output.stdout)) {
            self.head = Some(found[1].to_owned());
        }
        output
    }
}

/// Replaces what differs from reader to reader: ids, times, where the folder is, and so how wide columns are.
pub fn comparable(text: &str, toolkit: &Toolkit) -> String {
    static RULES: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
        [
            (r"\b[0-9a-f]{8}\b", "[ID]"),
            (r"file://\S*?/fixtures/", "file://[FOLDER]/fixtures/"),
            (r"-{2,}", "--"),
            (r" +", " "),
        ]
        .map(|(pattern, word)| (Regex::new(pattern).expect("a fixed pattern"), word))
    });
    let text = without_digests(&normalized(text, &toolkit.folder()));
    let replaced = RULES.iter().fold(text, |text, (pattern, word)| {
        pattern.replace_all(&text, *word).into_owned()
    });
    replaced
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// Returns the pieces of code in a document: the lines of its blocks, and what stands between backticks.
pub fn code(document: &str) -> Vec<String> {
    let parts = document.split("```").enumerate();
    let mut found = Vec::new();
    for (number, part) in parts {
        if number % 2 == 1 {
            found.extend(part.lines().skip(1).map(str::to_owned));
        } else {
            found.extend(part.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Types every line of a document as one reader would; returns how many outputs were compared.
pub fn types_all(reader: &mut Reader, name: &str, document: &str) -> usize {
    let mut shown = 0;
    for step in &steps(document) {
        let Some(output) = reader.types(&step.line) else {
            continue;
        };
        assert_eq!(
            output.code(),
            Some(step.code),
            "{name}: {}\n{}",
            step.line,
            output.snapshot()
        );
        if let Some(expected) = &step.output {
            let printed = format!("{}{}", output.stdout, output.stderr);
            let [printed, expected] =
                [&printed, expected].map(|text| comparable(text, &reader.toolkit));
            assert_eq!(
                printed, expected,
                "{name} shows another output of {}",
                step.line
            );
            shown += 1;
        }
    }
    shown
}

/// Returns the flags that a document names and its command does not take.
pub fn unknown_flags(document: &str) -> Vec<String> {
    let toolkit = Toolkit::new();
    let commands = commands(&toolkit);
    let everywhere: BTreeSet<String> = commands.iter().flat_map(|one| flags(&one.help)).collect();
    let mut faults = Vec::new();
    for piece in code(document) {
        let piece = piece.replacen(UNINSTALLED, "toolkit ", 1);
        let named = piece.trim();
        let is_ours = named.starts_with("toolkit ") || named.starts_with("--");
        // `db verify --head` and `crawl --resume last` go without the program's name in a sentence.
        let of_command = commands
            .iter()
            .filter(|command| !command.words.is_empty())
            .filter(|command| {
                let words = command.words.join(" ");
                let rest = named.strip_prefix("toolkit ").unwrap_or(named);
                rest.strip_prefix(words.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
            .max_by_key(|command| command.words.len());
        let known = of_command.map_or_else(|| everywhere.clone(), |command| flags(&command.help));
        if of_command.is_some() || is_ours {
            let missing = flags(named)
                .into_iter()
                .filter(|flag| !known.contains(flag));
            faults.extend(missing.map(|flag| format!("{flag}: {named}")));
        }
    }
    faults
}

/// Says what is wrong with the files that a document shows: settings, and profiles where they have a group.
pub fn wrong_files(document: &str) -> Vec<String> {
    let toolkit = Toolkit::new();
    let mut faults = Vec::new();
    let blocks = document.split("```toml\n").skip(1);
    for block in blocks.filter_map(|rest| rest.split("```").next()) {
        std::fs::write(toolkit.folder().join("shown.toml"), block).expect("cannot write");
        let output = if block.contains("[[group]]") || block.contains("[[entity]]") {
            toolkit.run(["profile", "check", "shown.toml"])
        } else {
            toolkit.run(["config", "show", "--config", "shown.toml"])
        };
        if output.code() != Some(0) {
            faults.push(format!("{block}\n{}", output.snapshot()));
        }
    }
    faults
}
