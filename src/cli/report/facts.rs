//! `toolkit report facts`: what the sources say, taken together.

use clap::{Args, ValueEnum};

use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::cli::profile_flag;
use crate::report;
use crate::store::Store;

/// What do the sources say, taken together, and how many agree?
#[derive(Debug, Args)]
pub struct Arguments {
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
}

/// What the facts of sources are consolidated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GroupBy {
    Group,
    Source,
    Field,
}

/// Runs the command.
pub fn run(
    store: &mut Store,
    options: &OutputOptions,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let by = match arguments.group_by {
        GroupBy::Group => report::GroupBy::Group,
        GroupBy::Source => report::GroupBy::Source,
        GroupBy::Field => report::GroupBy::Field,
    };
    let profile = arguments.profile.as_deref().map(profile_flag::name_of);
    let group = arguments.group.as_deref();
    let report = report::facts(store, by, profile.as_deref(), group)?;
    print(&report, options)?;
    Ok(())
}
