//! `toolkit report reasons`: what each reason means. Touches no database.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::model::{Class, Stage};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  toolkit report reasons
  toolkit report reasons --stage extract --class loss
  toolkit report reasons --format markdown > reasons.md";

/// What does each reason mean, what can be done about it, and does trying again help? Needs no database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only this stage: crawl, extract, entities
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Only this class: decision, limit, pending, loss
    #[arg(long, value_name = "CLASS")]
    class: Option<Class>,
}

/// Runs the command.
pub fn run(options: &OutputOptions, arguments: &Arguments) -> Result<(), Failure> {
    let report = report::reasons(arguments.stage, arguments.class);
    Ok(print(&report, options)?)
}
