//! `toolkit report coverage`: what sitemaps list and pages link to, against what is stored.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::report;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  toolkit report coverage
  toolkit report coverage --group example.com --format json";

/// Is everything stored that sitemaps list and pages link to?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only what this job found: `last`, an id or its unique ending
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// Only this group: a site's registrable domain, or a folder's name
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
}

/// Runs the command.
pub fn run(
    store: &mut Store,
    options: &OutputOptions,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let job = super::recorded_job(store, arguments.job.as_deref())?;
    print(
        &report::coverage(store, job, arguments.group.as_deref())?,
        options,
    )?;
    Ok(())
}
