//! What stands in for options that are not typed: variables of the environment, then `toolkit.toml`.
//!
//! Owns where such a value comes from and what it may reach. It becomes the option's default in the parser, so that
//! no command knows of it; what a value must look like stays the parser's to say.

mod file;
mod names;
mod value;

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use names::{SECTIONS, Section, places};
use value::{check, is_list, is_switch, split, switch};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Environment(String),
    File { path: PathBuf, line: usize },
}

/// A value that stands in for an option.
#[derive(Debug, Clone)]
struct Entry {
    section: &'static str,
    key: &'static str,
    values: Vec<String>,
    origin: Origin,
}

/// Everything that stands in for options.
#[derive(Debug, Default)]
pub struct Settings {
    /// Those of the environment first.
    entries: Vec<Entry>,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Whether the user named it, so that nothing in it surprises him.
    pub is_named: bool,
}

/// An option as it stands, for who asks where its value comes from.
#[derive(Debug)]
pub struct Standing {
    pub setting: String,
    /// `None` where an option is not given and has no default.
    pub value: Option<String>,
    /// `flag`, a variable, `FILE:LINE` or `default`.
    pub origin: String,
}

impl Settings {
    /// Reads the environment and the file: the one that is named, or else the one that is found.
    pub fn read(
        named: Option<&Path>,
        without_file: bool,
        definition: &Command,
    ) -> Result<Self, Failure> {
        let mut settings = Self {
            entries: of_environment(definition)?,
            ..Self::default()
        };
        if without_file {
            return Ok(settings);
        }
        let here = std::env::current_dir()?;
        settings.is_named = named.is_some();
        let path = match named {
            Some(path) => path.to_owned(),
            None => match file::find(&here, environment::home().as_deref()) {
                Some(path) => path,
                None => return Ok(settings),
            },
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let message = format!("cannot read {}: {error}", path.display());
            Failure::new(message, Exit::Usage)
                .hint("--config names a file of settings; --no-config reads none")
        })?;
        let absolute = std::path::absolute(&path)?;
        let folder = absolute.parent().unwrap_or(Path::new(""));
        // Where the file is here, paths stay as they were written.
        let folder = if folder == here {
            Path::new("")
        } else {
            folder
        };
        let read = file::entries(&text, &absolute, folder, settings.is_named, definition);
        let read = read.map_err(|faults| {
            let told = faults.0.iter().map(|fault| {
                let place = format!("{}:{}:{}", path.display(), fault.line, fault.column);
                format!("{place}: {} ({})", fault.message, fault.fix)
            });
            Failure::new(format!("{} has faults", path.display()), Exit::Usage)
                .because(told)
                .hint("put them right, or leave the file out with --no-config")
        })?;
        settings.entries.extend(read);
        settings.file = Some(absolute);
        Ok(settings)
    }

    /// Says whether nothing stands in for any option.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns what stands in for an option of a command, and whether for that command alone.
    fn entry(&self, command: &[&str], option: &'static str) -> Option<&Entry> {
        let places = places(command, option);
        let is_of_file = |entry: &Entry| matches!(entry.origin, Origin::File { .. });
        [false, true].into_iter().find_map(|of_file| {
            places.iter().find_map(|(section, key)| {
                self.entries.iter().find(|entry| {
                    is_of_file(entry) == of_file && (entry.section, entry.key) == (*section, *key)
                })
            })
        })
    }

    /// Makes what stands in for options the defaults of the parser: of those of every command, and of `command`'s.
    pub fn as_defaults(&self, definition: Command, command: &[&str]) -> Command {
        let definition = self.at(definition, &[]);
        if command.is_empty() {
            return definition;
        }
        self.below(definition, command, 0)
    }

    fn below(&self, definition: Command, command: &[&str], depth: usize) -> Command {
        let Some(word) = command.get(depth) else {
            return self.at(definition, command);
        };
        definition.mut_subcommand(word, |inner| self.below(inner, command, depth + 1))
    }

    /// Sets the defaults of one command.
    fn at(&self, mut definition: Command, command: &[&str]) -> Command {
        let keys: Vec<&'static str> = sections_of(command).flat_map(Section::keys).collect();
        for key in keys {
            let found = definition
                .get_arguments()
                .find(|one| one.get_long() == Some(key));
            if let (Some(option), Some(entry)) = (found, self.entry(command, key)) {
                let id = option.get_id().clone();
                let values = entry.values.clone();
                definition = definition.mut_arg(id, |option| option.default_values(values));
            }
        }
        definition
    }

    /// Returns the options of `command` that were not typed and for which something stands in, as they would be typed:
    /// so that what is recorded of a run says how it was done.
    pub fn implied(
        &self,
        definition: &Command,
        command: &[&str],
        matches: &ArgMatches,
    ) -> Vec<String> {
        let mut words = Vec::new();
        for (key, entry) in self.standing_in(definition, command, matches) {
            for value in &entry.values {
                match (value.as_str(), entry_is_switch(definition, command, key)) {
                    ("true", true) => words.push(format!("--{key}")),
                    (_, true) => {}
                    (value, false) => words.push(format!("--{key}={value}")),
                }
            }
        }
        words
    }

    /// Returns what a file that nobody named says about the command itself, for a word to the user.
    pub fn found_for(
        &self,
        definition: &Command,
        command: &[&str],
        matches: &ArgMatches,
    ) -> Vec<&'static str> {
        if self.is_named {
            return Vec::new();
        }
        let standing = self.standing_in(definition, command, matches).into_iter();
        standing
            .filter(|(_, entry)| matches!(entry.origin, Origin::File { .. }))
            .map(|(key, _)| key)
            .collect()
    }

    fn standing_in(
        &self,
        definition: &Command,
        command: &[&str],
        matches: &ArgMatches,
    ) -> Vec<(&'static str, &Entry)> {
        let mut inner = matches;
        for _ in command {
            let Some((_, below)) = inner.subcommand() else {
                break;
            };
            inner = below;
        }
        let keys = sections_of(command)
            .filter(|one| !one.name.is_empty())
            .flat_map(Section::keys);
        let standing = keys.filter_map(|key| {
            let entry = self.entry(command, key)?;
            let option = option_at(definition, command, key)?;
            let is_typed =
                inner.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine);
            (!is_typed).then_some((key, entry))
        });
        standing.collect()
    }

    /// Returns every option that may be set, as it stands for the command line `matches`.
    pub fn standing(&self, definition: &Command, matches: &ArgMatches) -> Vec<Standing> {
        let mut all = Vec::new();
        for section in SECTIONS {
            for key in section.keys() {
                let Some(option) = option_of(definition, section, key) else {
                    continue;
                };
                let typed = section
                    .name
                    .is_empty()
                    .then(|| typed(option, matches))
                    .flatten();
                // What is set for crawl and extract holds for `run`, and need not be said twice.
                let entry = if section.name == "run" {
                    let own = self.entries.iter();
                    own.clone()
                        .find(|entry| (entry.section, entry.key) == ("run", key))
                } else {
                    self.entry(section.command, key)
                };
                let (value, origin) = match (typed, entry) {
                    (Some(typed), _) => typed,
                    (None, Some(entry)) => {
                        (Some(entry.values.join(", ")), entry.origin.to_string())
                    }
                    (None, None) if section.name == "run" => continue,
                    (None, None) => (default_of(option), "default".to_owned()),
                };
                all.push(Standing {
                    setting: section.path(key),
                    value: value.map(|value| environment::without_secrets(key, &value)),
                    origin,
                });
            }
        }
        all
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(name) => formatter.write_str(name),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
        }
    }
}

/// Returns the words of the command that was typed.
pub fn words_of(matches: &ArgMatches) -> Vec<&str> {
    let mut words = Vec::new();
    let mut inner = matches;
    while let Some((word, below)) = inner.subcommand() {
        words.push(word);
        inner = below;
    }
    words
}

fn sections_of<'c>(command: &'c [&'c str]) -> impl Iterator<Item = &'static Section> + 'c {
    SECTIONS
        .iter()
        .filter(move |section| section.command == command)
}

/// Returns the definition of an option of a section's command.
fn option_of<'d>(definition: &'d Command, section: &Section, key: &str) -> Option<&'d Arg> {
    option_at(definition, section.command, key)
}

fn option_at<'d>(definition: &'d Command, command: &[&str], key: &str) -> Option<&'d Arg> {
    let mut inner = definition;
    for word in command {
        inner = inner.find_subcommand(word)?;
    }
    inner
        .get_arguments()
        .find(|one| one.get_long() == Some(key))
}

fn entry_is_switch(definition: &Command, command: &[&str], key: &str) -> bool {
    option_at(definition, command, key).is_some_and(is_switch)
}

/// Returns the value of an option that stands on the command line or in a variable that the parser reads itself.
fn typed(option: &Arg, matches: &ArgMatches) -> Option<(Option<String>, String)> {
    let id = option.get_id().as_str();
    let origin = match matches.value_source(id)? {
        ValueSource::CommandLine => "flag".to_owned(),
        ValueSource::EnvVariable => option.get_env()?.to_string_lossy().into_owned(),
        _ => return None,
    };
    let values = matches.get_raw(id)?;
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    let value = if is_switch(option) {
        "true".to_owned()
    } else {
        values.join(", ")
    };
    Some((Some(value), origin))
}

fn default_of(option: &Arg) -> Option<String> {
    let values = option.get_default_values();
    let values: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
    match values.as_slice() {
        [] if is_switch(option) => Some("false".to_owned()),
        [] => None,
        values => Some(values.join(", ")),
    }
}

/// Reads every variable that stands in for an option.
fn of_environment(definition: &Command) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for section in SECTIONS {
        for key in section.keys() {
            let Some(option) = option_of(definition, section, key) else {
                continue;
            };
            let name = section.variable(key);
            // The parser reads those itself.
            if option.get_env().is_some() {
                continue;
            }
            let Some(text) = environment::variable(&name) else {
                continue;
            };
            let values = values_of_variable(option, &text).map_err(|(message, fix)| {
                let cause = format!("{message} ({fix})");
                Failure::new(format!("{name} has a fault"), Exit::Usage).because([cause])
            })?;
            entries.push(Entry {
                section: section.name,
                key,
                values,
                origin: Origin::Environment(name),
            });
        }
    }
    Ok(entries)
}

/// Reads a variable; where several values may be given, each has a line.
fn values_of_variable(option: &Arg, text: &str) -> Result<Vec<String>, value::Wrong> {
    if is_switch(option) {
        let flag = switch(text).ok_or_else(|| {
            let message = format!(
                "\"{}\" is neither true nor false",
                crate::toml_keys::shown(text)
            );
            (message, "write true or false".to_owned())
        })?;
        return Ok(vec![flag.to_string()]);
    }
    let lines: Vec<&str> = if is_list(option) {
        text.lines().filter(|line| !line.is_empty()).collect()
    } else {
        vec![text]
    };
    let values: Vec<String> = lines
        .into_iter()
        .flat_map(|line| split(option, line))
        .collect();
    for value in &values {
        check(option, value)?;
    }
    Ok(values)
}
