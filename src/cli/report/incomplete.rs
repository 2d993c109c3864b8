//! `toolkit report incomplete`: what is incomplete, and whether that fails a check.

use clap::Args;

use crate::cli::arguments::GlobalArguments;
use crate::cli::exit_code::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::stderr;
use crate::extract::job::current_recognizer_digest;
use crate::model::{Class, Reason, Stage};
use crate::report;
use crate::store::{IncompleteFilter, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit report incomplete --class loss
  toolkit report incomplete --check --quiet || echo 'not complete'
  toolkit report incomplete --job last --format csv > gaps.csv";

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
pub fn run(
    global: &GlobalArguments,
    store: &mut Store,
    arguments: &Arguments,
) -> Result<Exit, Failure> {
    let job = super::recorded_job(store, arguments.job.as_deref())?;
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
