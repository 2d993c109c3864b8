//! `toolkit entities`: the distinct things that the texts name.

use clap::Subcommand;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::session;
use crate::model::EntityType;
use crate::report;
use crate::store::Access;

/// List entities.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every entity with how often it is mentioned, by group, type and normal form
    List {
        /// Only this group
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
        /// Only this type, such as date, money or email
        #[arg(long = "type", value_name = "TYPE")]
        entity_type: Option<EntityType>,
    },
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    let Command::List { group, entity_type } = command;
    let mut store = session::open(global, Access::Read)?;
    let entity_type = entity_type.map(EntityType::as_str);
    let report = report::entities(&mut store, group.as_deref(), entity_type)?;
    print(&report, &global.output_options())?;
    Ok(Exit::Done)
}
