//! `toolkit report diff`: what one job saw otherwise than another.

use clap::Args;

use crate::cli::exit_code::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::report::{self, DiffFilter};
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  toolkit report diff 1f3a9c02 last
  toolkit report diff 1f3a9c02 last --format json";

/// What is new, changed or gone since an earlier job, and which values are others because of it?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The earlier job: an id or its unique ending; it may be deleted
    #[arg(value_name = "JOB_A")]
    before: String,
    /// The later job, of the same kind: `last`, an id or its unique ending
    #[arg(value_name = "JOB_B")]
    after: String,
    /// Only this group: a site's registrable domain, or a folder's name
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Also list what stayed the same
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub fn run(
    store: &mut Store,
    options: &OutputOptions,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let jobs = [
        store.find_recorded_job(&arguments.before)?,
        store.find_recorded_job(&arguments.after)?,
    ];
    let filter = DiffFilter {
        group: arguments.group.clone(),
        unchanged: arguments.all,
    };
    let report = report::diff(store, jobs, &filter)?.map_err(|error| {
        Failure::new(error.to_string(), Exit::Usage)
            .hint("`toolkit jobs list` shows the kinds; compare two crawls, or two extractions")
    })?;
    print(&report, options)?;
    Ok(())
}
