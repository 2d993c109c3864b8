//! `toolkit completions`: what a shell completes with, made from the parser. Touches no database.

use std::io::Write as _;

use clap::Args;
use clap_complete::Shell;

use super::exit_code::Exit;
use super::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  toolkit completions bash > ~/.local/share/bash-completion/completions/toolkit
  toolkit completions zsh > ~/.zfunc/_toolkit
  toolkit completions fish > ~/.config/fish/completions/toolkit.fish";

/// What can be typed here? Print a script that lets a shell complete commands, options and their values
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell that is to complete
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub fn run(arguments: &Arguments, mut definition: clap::Command) -> Result<Exit, Failure> {
    let name = definition.get_name().to_owned();
    // The generator stops the process where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition, name, &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Exit::Done)
}
