//! `toolkit db`: the database itself.

use clap::Subcommand;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::progress::ProgressLine;
use super::{session, stderr};
use crate::crawl;
use crate::model::{Digest, Timestamp};
use crate::report;
use crate::store::{Access, Store};

/// Migrate, check and verify the database itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create the tables, or bring them up to this program's version
    Migrate {
        /// Stop at this version instead of the newest
        #[arg(long, value_name = "N")]
        to: Option<i64>,
    },
    /// Say which version of the schema is there, and how many rows
    Status,
    /// Take the schema down to an older version; a file is copied first
    Downgrade {
        /// The version to go down to
        #[arg(long, value_name = "N")]
        to: i64,
        /// Drop tables even where they hold rows
        #[arg(long)]
        yes: bool,
    },
    /// Check every rule that the rows must keep; exit 3 when one is broken
    Check {
        /// Check the links of every stored page, not only of some
        #[arg(long)]
        deep: bool,
    },
    /// Write the file anew, as small as what it holds; on a server, give the room of deleted rows free
    Vacuum {
        /// First drop the bodies that no source has as its current content, as an event
        #[arg(long)]
        bodies: bool,
        /// Only say what would be dropped
        #[arg(long, requires = "bodies")]
        dry_run: bool,
    },
    /// Check that the record of events was not edited, cut or reordered; exit 3 when it was
    Verify {
        /// A digest noted earlier, which must be in the record
        #[arg(long, value_name = "DIGEST")]
        head: Option<Digest>,
    },
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Migrate { to } => migrate(global, *to),
        Command::Status => {
            let mut store = session::open(global, Access::Inspect)?;
            print(&report::status(&mut store)?, &global.output_options())?;
            Ok(Exit::Done)
        }
        Command::Downgrade { to, yes } => downgrade(global, *to, *yes),
        Command::Check { deep } => check(global, *deep),
        Command::Vacuum { bodies, dry_run } => vacuum(global, *bodies, *dry_run),
        Command::Verify { head } => {
            let mut store = session::open(global, Access::Read)?;
            let mut line = ProgressLine::new(global.quiet);
            let report = report::verify(&mut store, *head, &mut |update| line.update(update))?;
            line.finish();
            print(&report, &global.output_options())?;
            Ok(if report.holds() {
                Exit::Done
            } else {
                Exit::CheckFailed
            })
        }
    }
}

fn migrate(global: &GlobalArguments, to: Option<i64>) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Migrate)?;
    let mut line = ProgressLine::new(global.quiet);
    line.begin("copying and migrating");
    let (before, after) = store.migrate(to)?;
    line.finish();
    if let Some(backup) = store.backup() {
        stderr::note(
            global,
            &format!("the database was copied to {} first", backup.display()),
        );
    }
    stderr::note(
        global,
        &match before {
            None => format!("created at version {after}"),
            Some(before) if before == after => format!("already at version {after}"),
            Some(before) => format!("migrated from version {before} to {after}"),
        },
    );
    Ok(Exit::Done)
}

fn downgrade(global: &GlobalArguments, to: i64, yes: bool) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Downgrade)?;
    let plan = store.plan_downgrade(to)?;
    if !plan.drops.is_empty() {
        stderr::note(
            global,
            &format!("going down drops: {}", plan.drops.join(", ")),
        );
    }
    let mut line = ProgressLine::new(global.quiet);
    line.begin("copying and going down");
    let done = store.downgrade(to, yes)?;
    line.finish();
    if let Some(backup) = &done.backup {
        stderr::note(
            global,
            &format!("the database was copied to {} first", backup.display()),
        );
    }
    stderr::note(
        global,
        &format!("went down from version {} to {}", done.from, done.to),
    );
    Ok(Exit::Done)
}

fn vacuum(global: &GlobalArguments, bodies: bool, dry_run: bool) -> Result<Exit, Failure> {
    if dry_run {
        let mut store = session::open(global, Access::Read)?;
        print(
            &report::unused_bodies(&mut store)?,
            &global.output_options(),
        )?;
        return Ok(Exit::Done);
    }
    let mut store = session::open(global, Access::Write)?;
    if bodies {
        let dropped = store.drop_unused_bodies(&session::invocation(), Timestamp::now())?;
        print(
            &report::VacuumReport::of(&dropped, true),
            &global.output_options(),
        )?;
    }
    compact(global, &mut store)?;
    Ok(Exit::Done)
}

/// Gives the room of what was deleted free, and says how to do it later when it cannot be done now.
pub fn compact(global: &GlobalArguments, store: &mut Store) -> Result<(), Failure> {
    store.compact().map_err(|error| {
        Failure::from(error)
            .hint("what was to go is gone; once no other process is at work: toolkit db vacuum")
    })?;
    stderr::note(global, "the room of what was deleted is free again");
    Ok(())
}

fn check(global: &GlobalArguments, deep: bool) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Read)?;
    let mut line = ProgressLine::new(global.quiet);
    let report = report::check(
        &mut store,
        deep,
        &mut |page, body| crawl::links_again(page, body).map_err(|error| error.to_string()),
        &mut |update| line.update(update),
    )?;
    line.finish();
    print(&report, &global.output_options())?;
    Ok(if report.is_clean() {
        Exit::Done
    } else {
        Exit::CheckFailed
    })
}
