//! `toolkit config`: the settings that stand, and where each comes from. Touches no database.

use clap::{ArgMatches, Subcommand};

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::settings::Settings;
use crate::report::{self, SettingLine};

const EXAMPLES: &str = "\
Examples:
  toolkit config show
  toolkit config show --changed
  toolkit config show --config team.toml --format json";

/// Show settings and where they come from.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Which value does each setting have, and where does it come from?
    ///
    /// A flag wins over a variable of the environment, that over toolkit.toml, that over what the program does by
    /// itself. toolkit.toml is the nearest one from this folder upward, as far as the repository or the home folder
    /// goes; what reaches beyond its folder (a proxy, credentials, a database server) may stand only in a file that is
    /// named with --config or TOOLKIT_CONFIG.
    #[command(after_help = EXAMPLES)]
    Show {
        /// Only what is not as the program does by itself
        #[arg(long)]
        changed: bool,
    },
}

/// Runs the command.
pub fn run(
    global: &GlobalArguments,
    command: &Command,
    settings: &Settings,
    definition: &clap::Command,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let Command::Show { changed } = command;
    let standing = settings.standing(definition, matches).into_iter();
    let rows = standing
        .map(|one| SettingLine {
            setting: one.setting,
            value: one.value,
            origin: one.origin,
        })
        .filter(|row| !changed || row.origin != "default")
        .collect();
    let file = settings
        .file
        .as_ref()
        .map(|path| path.display().to_string());
    print(&report::config(rows, file), &global.output_options())?;
    Ok(Exit::Done)
}
