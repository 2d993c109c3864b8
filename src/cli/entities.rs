//! `toolkit entities`: the distinct things that the texts name.

use std::collections::BTreeSet;

use clap::Subcommand;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::session;
use crate::model::{EntityType, Timestamp};
use crate::report;
use crate::store::{Access, Store};

/// List entities, show one with its mentions, and say that several are one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every entity with how often it is mentioned, by group, type and normal form
    List {
        /// Only this group
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
        /// Only this type, such as date, money or email, or one of a profile's own
        #[arg(long = "type", value_name = "TYPE")]
        entity_type: Option<EntityType>,
    },
    /// Show one entity: its normal form, the names merged into it, and every mention with its place
    Show {
        /// `last`, an id, its unique ending, or its normal form
        entity: String,
    },
    /// Make entities of one group one: their mentions move, now and whenever they are extracted again
    Merge {
        /// The one that stays: `last`, an id, its unique ending, or its normal form
        kept: String,
        /// Those that become it
        #[arg(required = true)]
        others: Vec<String>,
    },
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    let options = global.output_options();
    match command {
        Command::List { group, entity_type } => {
            let mut store = session::open(global, Access::Read)?;
            let word = entity_type.as_ref().map(EntityType::as_str);
            let report = report::entities(&mut store, group.as_deref(), word)?;
            if let Some(unknown @ EntityType::Own(_)) = entity_type
                && report.rows.is_empty()
            {
                return Err(no_such_type(&mut store, unknown)?);
            }
            print(&report, &options)?;
        }
        Command::Show { entity } => {
            let mut store = session::open(global, Access::Read)?;
            let entity = store.find_entity(entity)?;
            print(&report::entity(&mut store, entity)?, &options)?;
        }
        Command::Merge { kept, others } => {
            let mut store = session::open(global, Access::Write)?;
            let kept = store.find_entity(kept)?;
            let others: Vec<_> = others
                .iter()
                .map(|other| store.find_entity(other))
                .collect::<Result<_, _>>()?;
            let at = Timestamp::now();
            store.merge_entities(kept, &others, &session::invocation(), at)?;
            print(&report::entity(&mut store, kept)?, &options)?;
        }
    }
    Ok(Exit::Done)
}

/// Nothing is of a type that is not built in: most likely it is misspelled.
fn no_such_type(store: &mut Store, unknown: &EntityType) -> Result<Failure, Failure> {
    let stored = report::entities(store, None, None)?;
    let types: BTreeSet<&str> = stored
        .rows
        .iter()
        .map(|row| row.entity_type.as_str())
        .collect();
    let failure = Failure::new(
        format!("no entity of type {unknown} is stored"),
        Exit::Usage,
    );
    Ok(if types.is_empty() {
        failure
    } else {
        let types: Vec<&str> = types.into_iter().collect();
        failure.hint(format!("--type takes {}", types.join(", ")))
    })
}
