//! `toolkit man`: manual pages, made from the parser. Touches no database.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap_mangen::Man;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::stderr::note;

/// What the foot of each page says.
const MANUAL: &str = "toolkit manual";

const EXAMPLES: &str = "\
Examples:
  toolkit man report incomplete
  toolkit man --output man1

`toolkit man COMMAND | man -l -` shows a page; the files of a folder that `manpath` lists are found by
`man toolkit-report-incomplete`.";

/// How is a command used? Print its manual page, or write the pages of all commands into a folder
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command whose page is printed: report incomplete [default: toolkit itself]
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    command: Vec<String>,

    /// Write the pages of all commands into this folder; it is made where there is none
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(
    global: &GlobalArguments,
    arguments: &Arguments,
    definition: clap::Command,
) -> Result<Exit, Failure> {
    // `help` explains the others, and has nothing of its own to explain.
    let mut definition = definition.disable_help_subcommand(true);
    definition.build();
    if let Some(folder) = &arguments.output {
        let written = write_all(&definition, folder).map_err(|error| {
            let message = format!("cannot write into {}: {error}", folder.display());
            Failure::new(message, Exit::CouldNot).hint("check that the folder may be written")
        })?;
        note(
            global,
            &format!("{written} pages are in {}", folder.display()),
        );
    } else {
        let wanted = find(&definition, &arguments.command)?;
        io::stdout().lock().write_all(&page(wanted)?)?;
    }
    Ok(Exit::Done)
}

/// Follows the words of a command to its definition.
fn find<'d>(definition: &'d clap::Command, words: &[String]) -> Result<&'d clap::Command, Failure> {
    let mut found = definition;
    for word in words {
        found = found.find_subcommand(word).ok_or_else(|| {
            let message = format!("there is no command {:?}", words.join(" "));
            Failure::new(message, Exit::Usage).hint("`toolkit --help` lists the commands")
        })?;
    }
    Ok(found)
}

/// Writes the page of each command below `definition`; returns how many there are.
fn write_all(definition: &clap::Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut left = vec![definition];
    let mut written = 0;
    while let Some(command) = left.pop() {
        fs::write(folder.join(format!("{}.1", name(command))), page(command)?)?;
        written += 1;
        left.extend(command.get_subcommands().filter(|one| !one.is_hide_set()));
    }
    Ok(written)
}

/// Returns what a page is called: `toolkit-report-incomplete`.
fn name(command: &clap::Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let version = concat!("toolkit ", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone())
        .source(version)
        .manual(MANUAL)
        .render(&mut page)?;
    Ok(page)
}
