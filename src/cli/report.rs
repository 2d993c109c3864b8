//! `toolkit report`: what is incomplete, where everything came from, and whether the books balance.
//!
//! A report with more than a flag or two has a file of its own below; each computes nothing and hands a
//! report's struct to `output`.

mod coverage;
mod diff;
mod facts;
mod incomplete;
mod overview;
mod provenance;
mod reasons;
mod why;

use clap::{Args, Subcommand, ValueEnum};

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::output_flags::OutputFlags;
use super::session;
use crate::model::JobId;
use crate::report;
use crate::store::{Access, Store};

/// Say what is incomplete, where everything came from, and whether the books balance.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    output: OutputFlags,

    #[command(subcommand)]
    command: Command,
}

/// The reports, each by the question that it answers.
#[derive(Debug, Subcommand)]
enum Command {
    /// How far did each job get, what is missing, and what is stored?
    ///
    /// With --format html one page to look at: bars, tables, every source with where it came from and its texts; what
    /// is too much for one file stands in a folder beside that of -o.
    Overview,
    /// What is incomplete, and why?
    Incomplete(incomplete::Arguments),
    /// What does each reason mean, and what can be done about it? Needs no database.
    Reasons(reasons::Arguments),
    Provenance(provenance::Arguments),
    /// Is everything stored that sitemaps list and pages link to?
    Coverage(coverage::Arguments),
    /// What is new, changed or gone since an earlier job?
    Diff(diff::Arguments),
    /// Why is this URL here, or why is it not?
    Why(why::Arguments),
    /// Which sources hold the same content, or nearly the same?
    Duplicates,
    /// What do the sources say, taken together, and how many agree?
    Facts(facts::Arguments),
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

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let global = &GlobalArguments {
        file: arguments.output.file()?,
        ..global.clone()
    };
    let options = global.output_options();
    if let Command::Reasons(arguments) = &arguments.command {
        reasons::run(&options, arguments)?;
        return Ok(Exit::Done);
    }
    let mut store = session::open(global, Access::Read)?;
    let store = &mut store;
    match &arguments.command {
        // Needs no database, so it has been answered above.
        Command::Reasons(_) => {}
        Command::Incomplete(arguments) => return incomplete::run(global, store, arguments),
        Command::Provenance(arguments) => provenance::run(store, &options, arguments)?,
        Command::Coverage(arguments) => coverage::run(store, &options, arguments)?,
        Command::Diff(arguments) => diff::run(store, &options, arguments)?,
        Command::Why(arguments) => why::run(store, &options, arguments)?,
        Command::Overview => overview::run(store, &options)?,
        Command::Duplicates => print(&report::duplicates(store)?, &options)?,
        Command::Facts(arguments) => facts::run(store, &options, arguments)?,
        Command::Boilerplate { group } => {
            print(&report::boilerplate(store, group.as_deref())?, &options)?;
        }
        Command::Balance { job, by } => {
            let job = recorded_job(store, job.as_deref())?;
            print(&report::balance(store, job, by.is_some())?, &options)?;
        }
    }
    Ok(Exit::Done)
}

/// Finds the job that `--job` names, also one that is deleted.
fn recorded_job(store: &mut Store, given: Option<&str>) -> Result<Option<JobId>, Failure> {
    Ok(given
        .map(|given| store.find_recorded_job(given))
        .transpose()?)
}
