//! `toolkit profile`: which profiles there are, what one says, what is wrong with it, what it finds. Touches no database.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::GlobalArguments;
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{Format, print, visible};
use super::page_reader::{PageReader, ReaderFlags};
use super::profile_flag::{self, Unusable};
use super::stderr::tell;
use crate::extract::{NEW_PROFILE, Profile};
use crate::model::ExtractionType;
use crate::report::{
    ProfileCheckReport, ProfileFaultLine, ProfileLine, ProfileTestReport, ProfilesReport,
};

const SHOW_EXAMPLES: &str = "\
Examples:
  toolkit profile show product
  toolkit profile show product > mine.toml        begin with it";

const CHECK_EXAMPLES: &str = "\
Examples:
  toolkit profile check mine.toml
  toolkit profile check mine.toml --format json";

const NEW_EXAMPLES: &str = "\
Examples:
  toolkit profile new mine                        writes mine.toml, with every key explained
  toolkit profile new mine --from product         writes the built-in profile there, to be changed";

const TEST_EXAMPLES: &str = "\
Examples:
  toolkit profile test mine.toml page.html
  toolkit profile test product https://example.com/item/1 --check";

/// List profiles, show, check, begin and try one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the built-in profiles
    List,
    /// Print a profile as it is written
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The name of a built-in profile, or a file
        profile: String,
    },
    /// Tell everything that is wrong with profiles, each with line, column and what to write; exit 3 if anything is
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// Files, or names of built-in profiles
        #[arg(value_name = "FILE", required = true)]
        files: Vec<String>,
    },
    /// Write a new profile into this folder
    #[command(after_help = NEW_EXAMPLES)]
    New {
        /// What it is to be called
        name: String,
        /// Begin with this built-in profile
        #[arg(long, value_name = "PROFILE")]
        from: Option<String>,
    },
    /// Show what a profile finds on pages, on which evidence, and what it misses
    Test(TestArguments),
}

/// What `profile test` takes.
#[derive(Debug, Args)]
#[command(after_help = TEST_EXAMPLES)]
pub struct TestArguments {
    /// A file, or the name of a built-in profile
    #[arg(value_name = "PROFILE")]
    profile: String,

    /// Files, http(s) URLs, and - for standard input
    #[arg(value_name = "PAGE", required = true)]
    pages: Vec<String>,

    /// Exit 3 when a field is missing, wrong or in conflict
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    reader: ReaderFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List => {
            let profiles = Profile::built_in_names().filter_map(Profile::built_in);
            let rows = profiles.map(|profile| line(&profile)).collect();
            print(&ProfilesReport { rows }, &global.output_options())?;
            Ok(Exit::Done)
        }
        Command::Show { profile } => show(global, profile),
        Command::Check { files } => check(global, files),
        Command::New { name, from } => new(name, from.as_deref()),
        Command::Test(arguments) => test(global, arguments),
    }
}

fn line(profile: &Profile) -> ProfileLine {
    let groups = profile.groups().map(|(name, fields)| {
        let count = fields.count();
        let noun = if count == 1 { "field" } else { "fields" };
        format!("{name} ({count} {noun})")
    });
    ProfileLine {
        profile: profile.name.to_string(),
        groups: groups.collect::<Vec<_>>().join(", "),
        description: profile.description().map(str::to_owned),
        digest: profile.digest,
    }
}

fn show(global: &GlobalArguments, given: &str) -> Result<Exit, Failure> {
    let profile = profile_flag::load(given)?;
    let mut out = std::io::stdout().lock();
    match global.format {
        Format::Table | Format::Markdown => out.write_all(profile.text().as_bytes())?,
        Format::Json | Format::Jsonl => {
            let shown = json!({
                "profile": &*profile.name,
                "digest": profile.digest,
                "text": profile.text(),
                "files": profile.files(),
            });
            writeln!(out, "{shown}")?;
        }
        Format::Csv | Format::Html => {
            let message = "a profile is no table of values";
            return Err(
                Failure::new(message, Exit::Usage).hint("--format takes text, json or jsonl here")
            );
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn check(global: &GlobalArguments, files: &[String]) -> Result<Exit, Failure> {
    let mut report = ProfileCheckReport {
        faults: Vec::new(),
        profiles: Vec::new(),
    };
    let mut exit = Exit::Done;
    for given in files {
        match profile_flag::read(given) {
            Ok(profile) => report.profiles.push(line(&profile)),
            Err(Unusable::Wrong { file, errors }) => {
                report
                    .faults
                    .extend(errors.0.into_iter().map(|error| ProfileFaultLine {
                        file: error.file.unwrap_or_else(|| file.display().to_string()),
                        line: error.line as i64,
                        column: error.column as i64,
                        message: error.message,
                        fix: error.fix,
                    }));
            }
            Err(Unusable::Unread(failure)) => {
                exit = failure.tell(&global.shown_database());
            }
        }
    }
    print(&report, &global.output_options())?;
    if exit == Exit::Done && !report.faults.is_empty() {
        exit = Exit::CheckFailed;
    }
    Ok(exit)
}

fn new(name: &str, from: Option<&str>) -> Result<Exit, Failure> {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let is_name = !stem.is_empty()
        && stem
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    if !is_name {
        let message = format!("{name:?} is no name of a profile");
        return Err(Failure::new(message, Exit::Usage).hint("write letters, digits, - and _"));
    }
    let text = match from {
        None => NEW_PROFILE.to_owned(),
        Some(given) => profile_flag::load(given)?.text().to_owned(),
    };
    let path = format!("{stem}.toml");
    let cannot = |error: &std::io::Error| {
        let failure = Failure::new(format!("cannot write {path}: {error}"), Exit::CouldNot);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                failure.hint("name another; that one is left as it is")
            }
            _ => failure,
        }
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(Path::new(&path))
        .map_err(|error| cannot(&error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| cannot(&error))?;
    writeln!(std::io::stdout().lock(), "{path}")?;
    Ok(Exit::Done)
}

fn test(global: &GlobalArguments, arguments: &TestArguments) -> Result<Exit, Failure> {
    let profile = profile_flag::load(&arguments.profile)?;
    let mut reader = PageReader::new(&arguments.reader, &arguments.pages, profile)?;
    let mut report = ProfileTestReport {
        fields: Vec::new(),
        gaps: Vec::new(),
    };
    let mut exit = Exit::Done;
    for page in &arguments.pages {
        let name = environment::without_userinfo(page);
        match reader.read(page) {
            Ok((_, found)) => {
                let items = found.items.iter();
                let fields = items.filter(|item| item.extraction_type == ExtractionType::Fields);
                let gaps = found.gaps.iter().filter(|gap| gap.reason.is_of_profile());
                report.add(&name, fields.map(|item| &item.data), gaps);
            }
            Err(why) => {
                tell(&format!("error: cannot read {}: {why}", visible(&name)));
                exit = Exit::CouldNot;
            }
        }
    }
    print(&report, &global.output_options())?;
    if exit == Exit::Done && arguments.check && report.has_losses() {
        exit = Exit::CheckFailed;
    }
    Ok(exit)
}
