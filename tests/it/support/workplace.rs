//! A user with a database of their own: what most tests of behaviour begin with. Commands find
//! it in the environment; rows are counted past the program.

use serde_json::Value;

use super::database::{Engine, TestDatabase};
use super::toolkit::{Invocation, Output, Running, Toolkit};

/// A user and their database.
pub struct Workplace {
    pub database: TestDatabase,
    pub user: Toolkit,
}

impl Workplace {
    /// Makes both; the database is empty.
    pub fn new(engine: Engine) -> Self {
        Self {
            database: TestDatabase::new(engine),
            user: Toolkit::new(),
        }
    }

    /// Prepares a command on this database.
    pub fn command(&self, arguments: &[&str]) -> Invocation {
        let command = self.user.command(arguments);
        command.environment("TOOLKIT_DATABASE", self.database.address())
    }

    /// Starts a crawl of a server on this machine.
    pub fn start_crawl(&self, url: &str, further: &[&str]) -> Running {
        let crawl = ["crawl", url, "--allow-private"];
        self.command(&[&crawl[..], further].concat()).start()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).run()
    }

    /// Runs a command and stops the test unless it ends with 0.
    pub fn succeed(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert_eq!(
            output.code(),
            Some(0),
            "{arguments:?}\n{}",
            output.snapshot()
        );
        output
    }

    /// Runs a command that must end with 0 and returns what it prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        self.succeed(&all).json()
    }

    /// Counts rows: `rows` is a table, with a condition if need be.
    pub fn count(&self, rows: &str) -> usize {
        let sql = format!("SELECT COUNT(*) FROM {rows}");
        let count = self.database.query_one(&sql);
        count
            .and_then(|text| text.parse().ok())
            .expect("COUNT gives a number")
    }

    /// Returns the single value of a query, which must not be NULL.
    pub fn value(&self, sql: &str) -> String {
        let value = self.database.query_one(sql);
        value.unwrap_or_else(|| panic!("{sql:?} gave NULL"))
    }

    /// Stops the test unless every rule holds, for every stored page.
    pub fn check(&self) {
        self.succeed(&["db", "check", "--deep"]);
    }
}

/// Returns the lines of a JSON report's list for which `keep` says yes.
pub fn lines_where<'a>(
    report: &'a Value,
    list: &str,
    mut keep: impl FnMut(&Value) -> bool,
) -> Vec<&'a Value> {
    let lines = report[list]
        .as_array()
        .unwrap_or_else(|| panic!("no list {list:?} in {report}"));
    lines.iter().filter(|line| keep(line)).collect()
}

/// Returns one field of each line, as text.
pub fn fields(lines: &[&Value], name: &str) -> Vec<String> {
    lines
        .iter()
        .map(|line| match &line[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// Returns the path as the text that goes on a command line.
pub fn text_of(path: &std::path::Path) -> &str {
    path.to_str().expect("a path of the tests is UTF-8")
}
