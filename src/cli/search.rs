//! `toolkit search`: which sources have these words.

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::progress::ProgressLine;
use super::session;
use crate::report;
use crate::search::{self, Query};
use crate::store::{Access, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit search harbour lamp
  toolkit search '\"low tide\" -storm'             the two words together, and no storm
  toolkit search lamp --format jsonl --verbose   with the places of each match in the text";

/// Which sources say this, and where? Titles and texts, best first
///
/// Every word must be there, "words in quotation marks" one after the other, and -what begins with a minus not at all;
/// nothing else has a meaning. Words are whole, and upper and lower case are one. What was extracted since the last search
/// is indexed first; where the database can only be read it is searched all the same, and what is not is counted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Words, "phrases" and -words; several arguments are one query
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,

    /// Sources that are shown
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// Build the index anew first
    #[arg(long)]
    rebuild: bool,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let query = Query::parse(&arguments.query.join(" ")).map_err(|error| {
        Failure::new(error.to_string(), Exit::Usage)
            .hint("toolkit search harbour lamp, or '\"low tide\" -storm'")
    })?;
    let mut store = session::open(global, Access::Read)?;
    if arguments.rebuild {
        let mut writable = session::open(global, Access::Write)?;
        writable.drop_search_index()?;
        index(global, &mut writable)?;
    } else if store.count_unsearched()? > 0
        && let Ok(mut writable) = session::open(global, Access::Write)
    {
        // Who may not write, or not now, has an answer all the same; it says what it does not cover.
        let _ = index(global, &mut writable);
    }
    let report = report::search(&mut store, &query, arguments.limit as usize)?;
    print(&report, &global.output_options())?;
    Ok(Exit::Done)
}

fn index(global: &GlobalArguments, store: &mut Store) -> Result<(), Failure> {
    let mut line = ProgressLine::new(global.quiet);
    search::index(store, &mut |update| line.update(update))?;
    Ok(())
}
