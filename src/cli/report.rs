//! `toolkit report`: what is incomplete, where everything came from, and whether the books balance.

use clap::{Args, Subcommand, ValueEnum};

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::{profile_flag, session, stderr};
use crate::extract::job::current_recognizer_digest;
use crate::model::{Class, Reason, Stage};
use crate::report;
use crate::store::{Access, IncompleteFilter};

/// Say what is incomplete, where everything came from, and whether the books balance.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is incomplete, and why?
    Incomplete(IncompleteArguments),
    /// Which job made this, when, how and from where?
    Provenance {
        /// Only this job and its sources: `last`, an id or its unique ending
        #[arg(long, value_name = "JOB")]
        job: Option<String>,
    },
    /// Which sources hold the same content, or nearly the same?
    Duplicates,
    /// What do the sources say, taken together, and how many agree?
    Facts {
        /// What makes one record: all that a group of sources says of a thing, all that one source does, or all
        /// that is said of a field
        #[arg(long, value_name = "WHAT", default_value = "group")]
        group_by: GroupBy,
        /// Only what was read by this profile: its name or its file
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
        /// Only this group: a site's registrable domain, or a folder's name
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    /// Which blocks do most pages of a group repeat, and how many do?
    Boilerplate {
        /// Only this group: a site's registrable domain, or a folder's name
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    /// Is everything that was discovered accounted for?
    Balance {
        /// Only this job: `last`, an id or its unique ending
        #[arg(long, value_name = "JOB")]
        job: Option<String>,
        /// A line for each of these as well
        #[arg(long, value_name = "WHAT")]
        by: Option<BalanceBy>,
    },
}

/// What a balance can be divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BalanceBy {
    /// A site's registrable domain, or a folder's name.
    Group,
}

/// What the facts of sources are consolidated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    Group,
    Source,
    Field,
}

const EXAMPLES: &str = "\
Examples:
  toolkit report incomplete --class loss
  toolkit report incomplete --check --quiet || echo 'not complete'
  toolkit report incomplete --job last --format csv > gaps.csv";

/// What is incomplete, and why?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct IncompleteArguments {
    /// Only what this job left: `last`, an id or its unique ending
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// Only this stage: crawl, extract, entities
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Only this reason, as in the report
    #[arg(long, value_name = "REASON")]
    reason: Option<Reason>,
    /// Only this class: decision, limit, pending, loss
    #[arg(long, value_name = "CLASS")]
    class: Option<Class>,
    /// Only this group: a site's registrable domain, or a folder's name
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Also what was left out by a decision
    #[arg(long)]
    all: bool,
    /// Exit 3 when anything is lost or pending
    #[arg(long)]
    check: bool,
    /// Like --check, and also when a limit left something out
    #[arg(long)]
    strict: bool,
    /// With --check or --strict: a database in which no job ever ran is complete
    #[arg(long)]
    allow_empty: bool,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Read)?;
    let options = global.output_options();
    match command {
        Command::Incomplete(arguments) => return incomplete(global, &mut store, arguments),
        Command::Provenance { job } => {
            let job = job
                .as_deref()
                .map(|given| store.find_recorded_job(given))
                .transpose()?;
            print(&report::provenance(&mut store, job)?, &options)?;
        }
        Command::Duplicates => print(&report::duplicates(&mut store)?, &options)?,
        Command::Facts {
            group_by,
            profile,
            group,
        } => {
            let by = match group_by {
                GroupBy::Group => report::GroupBy::Group,
                GroupBy::Source => report::GroupBy::Source,
                GroupBy::Field => report::GroupBy::Field,
            };
            let profile = profile.as_deref().map(profile_flag::name_of);
            let report = report::facts(&mut store, by, profile.as_deref(), group.as_deref())?;
            print(&report, &options)?;
        }
        Command::Boilerplate { group } => {
            print(
                &report::boilerplate(&mut store, group.as_deref())?,
                &options,
            )?;
        }
        Command::Balance { job, by } => {
            let job = job
                .as_deref()
                .map(|given| store.find_recorded_job(given))
                .transpose()?;
            print(&report::balance(&mut store, job, by.is_some())?, &options)?;
        }
    }
    Ok(Exit::Done)
}

fn incomplete(
    global: &GlobalArguments,
    store: &mut crate::store::Store,
    arguments: &IncompleteArguments,
) -> Result<Exit, Failure> {
    let job = arguments
        .job
        .as_deref()
        .map(|given| store.find_recorded_job(given))
        .transpose()?;
    let filter = IncompleteFilter {
        job,
        stage: arguments.stage.map(|stage| stage.to_string()),
        reason: arguments.reason.map(|reason| reason.to_string()),
        class: arguments.class.map(|class| class.to_string()),
        group: arguments.group.clone(),
        decisions: arguments.all || arguments.class == Some(Class::Decision),
    };
    let report = report::incomplete(store, &filter, current_recognizer_digest())?;
    print(&report, &global.output_options())?;
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
