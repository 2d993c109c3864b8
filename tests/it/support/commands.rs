//! The program's commands, as its own help lists them.

use super::toolkit::Toolkit;

/// One command: the words that name it, and its full help.
#[derive(Debug, Clone)]
pub struct Command {
    /// Without `toolkit`; empty for the program itself.
    pub words: Vec<String>,
    pub help: String,
}

impl Command {
    /// Returns the words as they are typed, `toolkit` first.
    pub fn name(&self) -> String {
        let words = std::iter::once("toolkit").chain(self.words.iter().map(String::as_str));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Returns the lines of a part of the help, from below its heading to the next heading.
    pub fn section(&self, heading: &str) -> Vec<&str> {
        let heading = format!("{heading}:");
        let lines = self.help.lines().skip_while(|line| *line != heading);
        let is_inside = |line: &&str| line.is_empty() || line.starts_with(' ');
        let mut inside: Vec<&str> = lines.skip(1).take_while(is_inside).collect();
        while inside.last().is_some_and(|line| line.is_empty()) {
            inside.pop();
        }
        inside
    }

    /// Returns the headings of what the help explains: every one but that of the examples.
    pub fn headings(&self) -> Vec<&str> {
        let lines = self.help.lines().filter(|line| !line.starts_with(' '));
        let headings = lines.filter_map(|line| line.strip_suffix(':'));
        headings.filter(|heading| *heading != "Examples").collect()
    }

    /// Returns the names of its subcommands, but for clap's own `help`.
    pub fn subcommands(&self) -> Vec<String> {
        let lines = self.section("Commands").into_iter();
        let entries = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = entries.filter_map(|line| line.split_whitespace().next());
        names
            .filter(|name| *name != "help")
            .map(str::to_owned)
            .collect()
    }
}

/// Returns every command, the program itself first, by asking each for its help.
pub fn commands(toolkit: &Toolkit) -> Vec<Command> {
    let mut found = vec![command(toolkit, Vec::new())];
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        for name in parent.subcommands() {
            let words = [parent.words.clone(), vec![name]].concat();
            found.push(command(toolkit, words));
        }
        next += 1;
    }
    found
}

fn command(toolkit: &Toolkit, words: Vec<String>) -> Command {
    let asked = words.iter().map(String::as_str).chain(["--help"]);
    let help = toolkit.succeed(asked).stdout;
    Command { words, help }
}
