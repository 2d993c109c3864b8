//! `toolkit report incomplete`: what is incomplete, and whether that fails a check.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::arguments::GlobalArguments;
use crate::cli::exit_code::Exit;
use crate::cli::failure::Failure;
use crate::cli::moment::parse_moment_from_now;
use crate::cli::output::{Format, print_taking, terminal_height};
use crate::cli::profile_flag;
use crate::cli::stderr;
use crate::extract::job::current_recognizer_digest;
use crate::model::{Class, Reason, Stage, Timestamp};
use crate::report::{self, Baseline, Division, IncompleteOptions, IncompleteReport};
use crate::store::{IncompleteFilter, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit report incomplete --class loss
  toolkit report incomplete --by reason --since 2d
  toolkit report incomplete --check --quiet || echo 'not complete'
  toolkit report incomplete --strict --allow http_not_found,max_depth
  toolkit report incomplete --write-baseline known.jsonl
  toolkit report incomplete --check --baseline known.jsonl
  toolkit report incomplete --job last --format csv > gaps.csv";

const CHECKING: &str = "Checking";

/// Least lines that a terminal shows of a list that does not fit.
const LEAST_LINES: usize = 10;

/// What is incomplete, and why?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only what this job left: `last`, an id or its unique ending
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// Only this stage: crawl, extract, entities
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Only this reason: `toolkit report reasons` lists them
    #[arg(long, value_name = "REASON")]
    reason: Option<Reason>,
    /// Only this class: decision, limit, pending, loss
    #[arg(long, value_name = "CLASS")]
    class: Option<Class>,
    /// Only this group: a site's registrable domain, or a folder's name
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Only what this profile, its name or its file, misses
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Only what was seen first after this: 2026-01-02, 2026-01-02T03:04:05Z, or how long ago, as in 2d
    #[arg(long, value_name = "TIME", value_parser = parse_moment_from_now)]
    since: Option<Timestamp>,
    /// Also what was left out by a decision
    #[arg(long)]
    all: bool,
    /// Counts by this instead of the lines, each with what to type about it
    #[arg(long, value_name = "WHAT")]
    by: Option<By>,
    /// List no more than the first N lines; all are counted [default: all, or what fits on the terminal]
    #[arg(long, value_name = "N")]
    first: Option<usize>,
    /// Exit 3 when anything is lost or pending
    #[arg(long, help_heading = CHECKING)]
    check: bool,
    /// Like --check, and also when a limit left something out
    #[arg(long, help_heading = CHECKING)]
    strict: bool,
    /// With --check or --strict: these reasons are told and fail nothing
    #[arg(long, help_heading = CHECKING, value_name = "REASON", value_delimiter = ',', num_args = 1..)]
    allow: Vec<Reason>,
    /// Leave out what this file knows, so that only what is new is told and fails
    #[arg(long, help_heading = CHECKING, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is incomplete into this file, for --baseline: JSON lines, without ids and times
    #[arg(long, help_heading = CHECKING, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// With --check or --strict: a database in which no job ever ran is complete
    #[arg(long, help_heading = CHECKING)]
    allow_empty: bool,
}

/// What counts can be by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Reason,
    Stage,
    Job,
    /// A site's registrable domain, or a folder's name.
    Group,
    Profile,
}

/// Runs the command.
pub fn run(
    global: &GlobalArguments,
    store: &mut Store,
    arguments: &Arguments,
) -> Result<Exit, Failure> {
    let filter = filter(store, arguments)?;
    let options = IncompleteOptions {
        first: arguments.first.or_else(|| lines_that_fit(global)),
        by: arguments.by.map(Division::from),
        allowed: arguments.allow.iter().copied().collect(),
        baseline: arguments.baseline.as_deref().map(read).transpose()?,
        makes_baseline: arguments.write_baseline.is_some(),
    };
    let mut report = report::incomplete_as(store, &filter, &options, current_recognizer_digest())?;
    if let (Some(path), Some(baseline)) = (&arguments.write_baseline, &report.baseline) {
        write(path, baseline)?;
    }
    print_taking(&mut report, &global.output_options())?;
    tell_of_cut(global, arguments, &report);
    verdict(global, arguments, &report)
}

fn filter(store: &mut Store, arguments: &Arguments) -> Result<IncompleteFilter, Failure> {
    Ok(IncompleteFilter {
        job: super::recorded_job(store, arguments.job.as_deref())?,
        stage: arguments.stage.map(|stage| stage.to_string()),
        reason: arguments.reason.map(|reason| reason.to_string()),
        class: arguments.class.map(|class| class.to_string()),
        group: arguments.group.clone(),
        profile: arguments
            .profile
            .as_deref()
            .map(|given| profile_flag::name_of(given).into_owned()),
        since: arguments.since,
        decisions: arguments.all || arguments.class == Some(Class::Decision),
    })
}

/// How many lines a terminal has room for beside the counts and what to type next; all of them elsewhere.
fn lines_that_fit(global: &GlobalArguments) -> Option<usize> {
    let to_terminal = global.format == Format::Table && global.file.is_none();
    let height = terminal_height().filter(|_| to_terminal)?;
    Some((height / 2).max(LEAST_LINES))
}

/// Lists without notes say on standard error that they were cut, as it was asked for.
fn tell_of_cut(global: &GlobalArguments, arguments: &Arguments, report: &IncompleteReport) {
    let has_notes = global.format == Format::Table && !global.stable && !global.quiet;
    if arguments.first.is_some() && report.more > 0 && !has_notes && arguments.by.is_none() {
        stderr::tell(&format!(
            "{} more lines are not listed (--first)",
            report.more
        ));
    }
}

fn verdict(
    global: &GlobalArguments,
    arguments: &Arguments,
    report: &IncompleteReport,
) -> Result<Exit, Failure> {
    if !arguments.check && !arguments.strict {
        return Ok(Exit::Done);
    }
    if !report.has_any_job && !arguments.allow_empty {
        return Err(
            Failure::new("no job ever ran on this database", Exit::CouldNot)
                .hint("toolkit run SEED, or --allow-empty where that is meant"),
        );
    }
    if report.verdict(arguments.strict) {
        return Ok(Exit::Done);
    }
    let line = report.one_line();
    stderr::tell(&global.shown_database().in_commands(&line));
    Ok(Exit::CheckFailed)
}

fn read(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("cannot read {shown}: {error}"), Exit::CouldNot)
            .hint("toolkit report incomplete --write-baseline FILE makes one")
    })?;
    Baseline::parse(&text).map_err(|error| {
        Failure::new(format!("{shown}: {error}"), Exit::CouldNot)
            .hint("toolkit report incomplete --write-baseline FILE makes one")
    })
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    fs::write(path, baseline.to_text()).map_err(|error| {
        let shown = path.display();
        Failure::new(format!("cannot write {shown}: {error}"), Exit::CouldNot)
    })
}

impl From<By> for Division {
    fn from(by: By) -> Self {
        match by {
            By::Reason => Self::Reason,
            By::Stage => Self::Stage,
            By::Job => Self::Job,
            By::Group => Self::Group,
            By::Profile => Self::Profile,
        }
    }
}
