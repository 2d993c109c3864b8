//! `toolkit erase`: take a source's content away.

use std::io::Write as _;

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{print, visible};
use super::{db, environment, session};
use crate::model::Timestamp;
use crate::report;
use crate::store::Access;

const WHAT_STAYS: &str = "\
What goes: every content of the source that no other source has, its title, its texts and all that was read out of
them, entities that nothing else mentions, and what the record of events says of it. A SQLite file is then written
anew and its log emptied, so that no byte of it is left there; a server gives the room free and writes over it in time.

What stays: the URI and where it was linked from, the times of its fetches, the digests and sizes of what it held, which
jobs touched it, and command lines as they were typed. `toolkit db verify` still holds and says what was erased. Copies
that lie elsewhere are not touched: archives written with --warc, FILE.before-V… beside the database, backups.

A later crawl that finds the page stores it again; leave it out with --exclude.

Examples:
  toolkit erase https://example.com/people/jane --reason \"asked to on 3 May\"
  toolkit erase last --yes";

/// Take a source's content away: bodies, texts, mentions, and what the record says of it
#[derive(Debug, Args)]
#[command(after_help = WHAT_STAYS)]
pub struct Arguments {
    /// `last`, an id, its unique ending, or a URI
    source: String,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Why, for the record, which keeps it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Write)?;
    let source = store.find_source(&environment::without_userinfo(&arguments.source))?;
    let uri = store.source_facts(source)?.uri;
    if !arguments.yes {
        confirm(&uri)?;
    }
    let why = arguments.reason.as_deref();
    let erased = store.erase_source(source, why, &session::invocation(), Timestamp::now())?;
    print(&report::EraseReport::from(erased), &global.output_options())?;
    // Also when there was nothing left: an earlier one may have been stopped before this.
    db::compact(global, &mut store)?;
    Ok(Exit::Done)
}

fn confirm(uri: &str) -> Result<(), Failure> {
    if !environment::can_ask() {
        return Err(
            Failure::new(format!("erasing {uri} needs a yes"), Exit::Usage)
                .hint(format!("toolkit erase {uri} --yes")),
        );
    }
    let mut stderr = std::io::stderr();
    write!(
        stderr,
        "erase what is stored of {}? It cannot be undone. [y/N] ",
        visible(uri)
    )?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new("nothing was erased", Exit::CouldNot))
}
