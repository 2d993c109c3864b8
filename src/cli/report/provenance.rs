//! `toolkit report provenance`: where everything, or one thing, came from.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::cli::{again, environment};
use crate::report::{self, Subject};
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  toolkit report provenance
  toolkit report provenance --job last
  toolkit report provenance --source https://example.com/a
  toolkit report provenance --entity 3.40_eur --format json";

/// Which job made this, when, how and from where?
///
/// Of one job, source, extraction or entity it answers also what was not done, what changed since, who deleted
/// what, whether the record holds, and how to do it again; jobs and sources that are gone are answered for from
/// the record.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only this job and its sources: `last`, an id or its unique ending
    #[arg(long, value_name = "JOB", group = "subject")]
    job: Option<String>,
    /// Only this source: `last`, an id, its unique ending, or a URI
    #[arg(long, value_name = "SOURCE", group = "subject")]
    source: Option<String>,
    /// Only this extraction: `last`, an id or its unique ending
    #[arg(long, value_name = "EXTRACTION", group = "subject")]
    extraction: Option<String>,
    /// Only this entity: `last`, an id, its unique ending, or its normal form
    #[arg(long, value_name = "ENTITY", group = "subject")]
    entity: Option<String>,
}

/// Runs the command.
pub fn run(
    store: &mut Store,
    options: &OutputOptions,
    arguments: &Arguments,
) -> Result<(), Failure> {
    if let Some(job) = super::recorded_job(store, arguments.job.as_deref())? {
        print(&report::job_origin(store, job, &again::command)?, options)?;
        return Ok(());
    }
    let subject = if let Some(given) = &arguments.source {
        // Sources are known without the password that a seed may have been given with.
        Subject::Source(store.find_recorded_source(&environment::without_userinfo(given))?)
    } else if let Some(given) = &arguments.extraction {
        Subject::Extraction(store.find_recorded_extraction(given)?)
    } else if let Some(given) = &arguments.entity {
        Subject::Entity(store.find_entity(given)?)
    } else {
        print(&report::provenance(store, None)?, options)?;
        return Ok(());
    };
    print(&report::origin(store, &subject, &again::command)?, options)?;
    Ok(())
}
