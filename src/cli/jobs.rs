//! `toolkit jobs`: what was asked for, and how far it got.

use std::io::Write as _;

use clap::Subcommand;

use super::arguments::GlobalArguments;
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::{session, stderr};
use crate::model::{JobId, JobState, Timestamp};
use crate::report;
use crate::store::{Access, Store};

/// List, show, cancel and delete jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every job, the oldest first
    List,
    /// Show one job: its settings, its runs and its balance
    Show {
        /// `last`, its number, an id or its unique ending
        job: String,
    },
    /// Stop a job, whichever process is on it; it can be resumed
    Cancel {
        /// `last`, its number, an id or its unique ending
        job: String,
    },
    /// Delete a job; its sources stay, and the record keeps what it did
    Delete {
        /// `last`, its number, an id or its unique ending
        job: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    let options = global.output_options();
    match command {
        Command::List => {
            let mut store = session::open(global, Access::Read)?;
            print(&report::jobs(&mut store)?, &options)?;
        }
        Command::Show { job } => {
            let mut store = session::open(global, Access::Read)?;
            let job = store.find_job(job)?;
            print(&report::job(&mut store, job)?, &options)?;
        }
        Command::Cancel { job } => {
            let mut store = session::open(global, Access::Write)?;
            let job = store.find_job(job)?;
            cancel(&mut store, global, job)?;
        }
        Command::Delete { job, yes, reason } => {
            let mut store = session::open(global, Access::Write)?;
            let job = store.find_job(job)?;
            if !yes {
                confirm(job)?;
            }
            delete(&mut store, global, job, reason.as_deref())?;
        }
    }
    Ok(Exit::Done)
}

fn cancel(store: &mut Store, global: &GlobalArguments, job: JobId) -> Result<(), Failure> {
    let invocation = session::invocation();
    let state = store.transaction("end_job", |store| {
        store.cancel_job(job, &invocation, Timestamp::now())
    })?;
    let told = match state {
        JobState::Cancelling => format!("job {job} is asked to stop; its worker ends it"),
        JobState::Cancelled => format!("job {job} is cancelled"),
        _ => {
            let message = format!("job {job} is {state}: there is nothing to cancel");
            return Err(Failure::new(message, Exit::CouldNot).hint("toolkit jobs list"));
        }
    };
    stderr::note(global, &told);
    Ok(())
}

fn confirm(job: JobId) -> Result<(), Failure> {
    if !environment::can_ask() {
        return Err(
            Failure::new(format!("deleting job {job} needs a yes"), Exit::Usage)
                .hint(format!("toolkit jobs delete {job} --yes")),
        );
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "delete job {job}? Its sources stay. [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new("nothing was deleted", Exit::CouldNot))
}

fn delete(
    store: &mut Store,
    global: &GlobalArguments,
    job: JobId,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let invocation = session::invocation();
    if store.job_is_alive(job)? {
        return Err(
            Failure::new(format!("a worker is on job {job}"), Exit::CouldNot).hint(
                "toolkit jobs cancel JOB stops it; the lease of a worker that died ends within a minute",
            ),
        );
    }
    let at = Timestamp::now();
    let deleted = store.transaction("delete_job", |store| {
        store.open_run(&invocation.run(None, &serde_json::Value::Null, at))?;
        let deleted = store.delete_job(job, reason, at)?;
        store.close_run(at)?;
        Ok(deleted)
    })?;
    stderr::note(
        global,
        &format!(
            "deleted job {job} and its {} known URLs; {} sources stay",
            deleted.urls, deleted.sources_kept
        ),
    );
    Ok(())
}
