//! The only room that prints or reads the environment; one file per command.
//!
//! Commands parse their arguments, call the other rooms and hand what comes back to [`output`]. Nothing
//! outside this room knows about terminals, formats or exit codes.

mod again;
mod annotate;
pub mod arguments;
mod cite;
mod completions;
mod config;
mod crawl;
mod db;
mod entities;
mod environment;
mod erase;
mod exit_code;
mod export;
mod extract;
mod failure;
mod jobs;
mod man;
mod moment;
pub mod output;
mod output_flags;
mod page;
mod page_reader;
mod profile;
mod profile_flag;
pub mod progress;
mod report;
mod retry;
mod robots;
mod run;
mod search;
mod session;
mod settings;
mod sources;
mod stderr;
mod summary;
mod transport;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use arguments::{DEFAULT_DATABASE, GlobalArguments};
use exit_code::Exit;
use failure::Failure;
use output::{Question, ShownDatabase};
use settings::Settings;

const EXAMPLES: &str = "\
Examples:
  toolkit run https://example.com          crawl a site, extract it, and say what is missing
  toolkit run ./a-folder                   the same for a folder, with no network
  toolkit report incomplete                what is incomplete, and why
  toolkit report provenance                where everything came from, and which job made it

Exit codes: 0 done, 1 could not, 2 wrong usage, 3 asked to check and the answer is no";

/// Crawl, extract, and always say what is incomplete and where everything came from.
#[derive(Debug, Parser)]
#[command(name = "toolkit", version, after_help = EXAMPLES, max_term_width = 100)]
struct CommandLine {
    #[command(flatten)]
    global: GlobalArguments,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Crawl and extract, then say what is stored and what is incomplete
    Run(run::Arguments),
    /// Fetch pages from sites, folders and files into the database
    Crawl(crawl::Arguments),
    /// Read text, metadata, records and entities out of what was crawled
    Extract(extract::Arguments),
    /// Try again what is incomplete, and say what is left
    Retry(retry::Arguments),
    /// Say what is incomplete, where everything came from, and whether the books balance
    Report(report::Arguments),
    /// Write what is stored to a file for others: rows, provenance, a crate, an archive
    Export(export::Arguments),
    /// List, show and delete jobs
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// List sources, and show one with its text, its bytes and its trail
    #[command(subcommand)]
    Sources(sources::Command),
    /// Print a quote with where it is from: link, fetch time, job and digest
    Cite(cite::Arguments),
    /// Take a source's content away, and keep the record that it was there
    Erase(erase::Arguments),
    /// List entities
    #[command(subcommand)]
    Entities(entities::Command),
    /// Find sources by words of their titles and texts, best first
    Search(search::Arguments),
    /// Print what would be extracted from pages, with no database
    Page(page::Arguments),
    /// List profiles, show, check, begin and try one, with no database
    #[command(subcommand)]
    Profile(profile::Command),
    /// Print the mentions in each line of text, with no database
    Annotate(annotate::Arguments),
    /// Say whether a URL may be fetched, and which line of robots.txt says so
    Robots(robots::Arguments),
    /// Migrate, check and verify the database itself
    #[command(subcommand)]
    Db(db::Command),
    /// Say which value each setting has, and where it comes from
    #[command(subcommand)]
    Config(config::Command),
    /// Print what lets a shell complete commands and options
    Completions(completions::Arguments),
    /// Print a manual page, or write one for each command into a folder
    Man(man::Arguments),
}

/// Parses the command line, runs it, and says what the process ends with.
pub fn main() -> ExitCode {
    environment::arm_faults();
    let typed = match typed() {
        Ok(typed) => typed,
        Err(Refusal::Usage(error)) => {
            let wanted = !error.use_stderr();
            // A closed pipe is no reason to end otherwise than help and version do.
            let _ = error.print();
            return if wanted { Exit::Done } else { Exit::Usage }.into();
        }
        Err(Refusal::Settings(failure)) => return failure.tell(&ShownDatabase::Implied).into(),
    };
    let line = &typed.line;
    let ended = match &line.command {
        Command::Run(arguments) => run::run(&line.global, arguments),
        Command::Crawl(arguments) => crawl::run(&line.global, arguments),
        Command::Extract(arguments) => extract::run(&line.global, arguments),
        Command::Retry(arguments) => retry::run(&line.global, arguments),
        Command::Report(arguments) => report::run(&line.global, arguments),
        Command::Export(arguments) => export::run(&line.global, arguments),
        Command::Jobs(command) => jobs::run(&line.global, command),
        Command::Sources(command) => sources::run(&line.global, command),
        Command::Cite(arguments) => cite::run(&line.global, arguments),
        Command::Erase(arguments) => erase::run(&line.global, arguments),
        Command::Entities(command) => entities::run(&line.global, command),
        Command::Search(arguments) => search::run(&line.global, arguments),
        Command::Page(arguments) => page::run(&line.global, arguments),
        Command::Profile(command) => profile::run(&line.global, command),
        Command::Annotate(arguments) => annotate::run(&line.global, arguments),
        Command::Robots(arguments) => robots::run(&line.global, arguments),
        Command::Db(command) => db::run(&line.global, command),
        Command::Config(command) => config::run(
            &line.global,
            command,
            &typed.settings,
            &definition(),
            &typed.matches,
        ),
        Command::Completions(arguments) => completions::run(arguments, definition()),
        Command::Man(arguments) => man::run(&line.global, arguments, definition()),
    };
    ended
        .unwrap_or_else(|failure: Failure| failure.tell(&line.global.shown_database()))
        .into()
}

/// Returns every command and option there is, for what is made from them.
fn definition() -> clap::Command {
    CommandLine::command()
}

/// What was typed, and what stands in for what was not.
struct Typed {
    line: CommandLine,
    settings: Settings,
    matches: ArgMatches,
}

/// Why a command line cannot be run.
enum Refusal {
    Usage(clap::Error),
    Settings(Failure),
}

impl From<clap::Error> for Refusal {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Settings(failure)
    }
}

/// Reads the command line, and the settings that stand in for what is not typed.
fn typed() -> Result<Typed, Refusal> {
    let mut matches = definition().try_get_matches_from(std::env::args_os())?;
    let line = parsed(&matches)?;
    // These two only tell of the parser itself.
    if matches!(line.command, Command::Completions(_) | Command::Man(_)) {
        return Ok(Typed {
            line,
            settings: Settings::default(),
            matches,
        });
    }
    let settings = Settings::read(
        line.global.config.as_deref(),
        line.global.no_config,
        &definition(),
    )?;
    let words: Vec<String> = settings::words_of(&matches)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut line = line;
    if !settings.is_empty() {
        let command = settings.as_defaults(definition(), &words);
        matches = command.try_get_matches_from(std::env::args_os())?;
        line = parsed(&matches)?;
        environment::imply(settings.implied(&definition(), &words, &matches));
        let found = settings.found_for(&definition(), &words, &matches);
        if let (Some(file), false) = (&settings.file, found.is_empty()) {
            let text = format!("{} sets {}", file.display(), found.join(", "));
            stderr::note(&line.global, &text);
        }
    }
    Ok(Typed {
        line,
        settings,
        matches,
    })
}

/// Reads the command line, and whether it names a database and a format itself.
fn parsed(matches: &ArgMatches) -> Result<CommandLine, clap::Error> {
    let mut line =
        CommandLine::from_arg_matches(matches).map_err(|error| error.format(&mut definition()))?;
    let is_typed = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
    // A file of settings that is named may name the database as well.
    line.global.is_database_typed =
        is_typed("database") || (is_typed("config") && line.global.database != DEFAULT_DATABASE);
    line.global.is_format_typed = is_typed("format");
    stderr::choose(line.global.log_format);
    line.global.question = question(&definition(), matches);
    Ok(line)
}

/// Returns what the command answers, as its help says it.
fn question(command: &clap::Command, matches: &ArgMatches) -> Question {
    let (mut command, mut matches) = (command, matches);
    let mut question = Question {
        command: command.get_name().to_owned(),
        text: String::new(),
    };
    while let Some((name, further)) = matches.subcommand()
        && let Some(found) = command.find_subcommand(name)
    {
        question.command.push(' ');
        question.command.push_str(name);
        let about = found.get_about().map(ToString::to_string);
        question.text = about.unwrap_or_default();
        (command, matches) = (found, further);
    }
    question
}
