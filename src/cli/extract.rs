//! `toolkit extract`: sources in, extractions and mentions out.

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::progress::ProgressLine;
use super::{session, summary};
use crate::extract::job::{self, ExtractEnd, ExtractSettings};
use crate::model::{JobKind, JobState, StopFlag};
use crate::report::EXTRACT_COMMAND;
use crate::store::{Access, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit extract
  toolkit extract --resume last";

/// Take every source whose current content was not extracted yet, and finish what was interrupted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Take only this job on, which was cancelled, failed or interrupted
    #[arg(long, value_name = "JOB")]
    pub resume: Option<String>,

    #[command(flatten)]
    pub settings: ExtractFlags,
}

/// The settings of an extraction, as flags.
#[derive(Debug, Args)]
pub struct ExtractFlags {
    /// Threads that read pages [default: one a core]
    #[arg(long = "threads", value_name = "N")]
    pub threads: Option<usize>,
}

impl ExtractFlags {
    /// Turns the flags into the settings that the job keeps.
    pub fn settings(&self) -> ExtractSettings {
        ExtractSettings {
            concurrency: self.threads,
        }
    }
}

/// How the extractions of one command ended.
pub struct Extracted {
    pub ends: Vec<ExtractEnd>,
    /// Whether the user's stop left something undone: in a job, or by a job that was not begun.
    pub is_cut_short: bool,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let stop = session::stop_flag(global);
    let mut store = session::open(global, Access::Create)?;
    let (extracted, command) = if let Some(given) = &arguments.resume {
        let extracted = resume(&mut store, given, global, &stop)?;
        (extracted, format!("{EXTRACT_COMMAND} --resume {given}"))
    } else {
        let settings = arguments.settings.settings();
        let extracted = start(&mut store, &settings, global, &stop)?;
        (extracted, EXTRACT_COMMAND.to_owned())
    };
    let ends = extracted.ends.iter();
    let jobs: Vec<_> = ends.map(|end| (end.job, end.head)).collect();
    summary::print(&mut store, global, &jobs)?;
    if extracted.is_cut_short {
        summary::go_on_with(&[command])?;
    }
    Ok(Exit::Done)
}

fn resume(
    store: &mut Store,
    given: &str,
    global: &GlobalArguments,
    stop: &StopFlag,
) -> Result<Extracted, Failure> {
    let otherwise = "`toolkit extract` takes what is not extracted yet";
    let job = session::job_to_resume(global, store, given, JobKind::Extract, otherwise)?;
    let invocation = session::invocation();
    let mut line = ProgressLine::new(global.quiet);
    let end = job::resume(store, job, &invocation, stop, &mut |update| {
        line.update(update);
    })?;
    Ok(Extracted {
        is_cut_short: end.state == JobState::Cancelled,
        ends: vec![end],
    })
}

/// Finishes interrupted extractions, then extracts what is left as a new job; none is begun once the user
/// wants to stop.
pub fn start(
    store: &mut Store,
    settings: &ExtractSettings,
    global: &GlobalArguments,
    stop: &StopFlag,
) -> Result<Extracted, Failure> {
    let mut line = ProgressLine::new(global.quiet);
    let mut ends = Vec::new();
    let interrupted = store.interrupted_jobs(JobKind::Extract)?;
    for job in interrupted.into_iter().map(Some).chain([None]) {
        if stop.is_set() {
            return Ok(Extracted {
                ends,
                is_cut_short: true,
            });
        }
        let invocation = session::invocation();
        let mut progress = |update| line.update(update);
        ends.push(match job {
            Some(job) => job::resume(store, job, &invocation, stop, &mut progress)?,
            None => job::start(store, settings, &invocation, stop, &mut progress)?,
        });
    }
    let is_cancelled = |end: &ExtractEnd| end.state == JobState::Cancelled;
    Ok(Extracted {
        is_cut_short: ends.last().is_some_and(is_cancelled),
        ends,
    })
}
