//! `toolkit extract`: sources in, extractions and mentions out.

use std::num::NonZeroUsize;

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::profile_flag::ProfileFlag;
use super::progress::ProgressLine;
use super::{environment, session, summary};
use crate::extract::job::{self, ExtractEnd, ExtractSettings};
use crate::model::{JobKind, JobState, StopFlag};
use crate::report::EXTRACT_COMMAND;
use crate::store::{Access, Scope, Selection, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit extract
  toolkit extract --profile product --group shop.example
  toolkit extract --source https://shop.example/lamp --force
  toolkit extract --resume last";

const SELECTION: &str = "Which sources";

/// Take every source whose current content was not extracted yet, and finish what was interrupted
///
/// With --source, --group or --job only those sources are taken, and no interrupted job is gone on with.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Take only this job on, which was cancelled, failed or interrupted
    #[arg(long, value_name = "JOB", conflicts_with_all = ["profile", "source", "group", "job", "stale", "force"])]
    pub resume: Option<String>,

    #[command(flatten)]
    pub profile: ProfileFlag,

    /// Only this source: `last`, an id, its unique ending, or a URI
    #[arg(long, help_heading = SELECTION, value_name = "SOURCE")]
    source: Option<String>,

    /// Only this group of sources
    #[arg(long, help_heading = SELECTION, value_name = "GROUP")]
    group: Option<String>,

    /// Only sources that this job created or brought the content of
    #[arg(long, help_heading = SELECTION, value_name = "JOB")]
    job: Option<String>,

    /// Only what was extracted before and has changed since: the content, the profile or the recognizers
    #[arg(long, help_heading = SELECTION)]
    stale: bool,

    /// Also what is up to date
    #[arg(long, help_heading = SELECTION, conflicts_with = "stale")]
    force: bool,

    /// Threads that read pages [default: one a core]
    #[arg(long, alias = "threads", value_name = "N")]
    concurrency: Option<NonZeroUsize>,
}

/// The settings of an extraction that follows a crawl, as flags.
#[derive(Debug, Args)]
pub struct ExtractFlags {
    #[command(flatten)]
    pub profile: ProfileFlag,

    /// Threads that read pages [default: one a core]
    #[arg(long = "threads", value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl ExtractFlags {
    /// Turns the flags into the settings that the job keeps.
    pub fn settings(&self) -> Result<ExtractSettings, Failure> {
        Ok(ExtractSettings {
            concurrency: self.threads.map(NonZeroUsize::get),
            selection: Selection::default(),
            profile: self.profile.load()?,
        })
    }
}

impl Arguments {
    fn settings(&self, store: &mut Store) -> Result<ExtractSettings, Failure> {
        let scope = match (self.stale, self.force) {
            (true, _) => Scope::Stale,
            (_, true) => Scope::All,
            _ => Scope::NotPassed,
        };
        let source = self.source.as_deref().map(|given| {
            // Sources are known without the password that a seed may have been given with.
            store.find_source(&environment::without_userinfo(given))
        });
        let source = source.transpose()?;
        let job = self.job.as_deref().map(|given| store.find_job(given));
        let job = job.transpose()?;
        if let Some(group) = &self.group
            && !store.holds_group(group)?
        {
            let message = format!("there is no source of the group {group}");
            return Err(Failure::new(message, Exit::CouldNot).hint("toolkit sources list"));
        }
        Ok(ExtractSettings {
            concurrency: self.concurrency.map(NonZeroUsize::get),
            selection: Selection {
                scope,
                source,
                group: self.group.clone(),
                job,
            },
            profile: self.profile.load()?,
        })
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
        let settings = arguments.settings(&mut store)?;
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
    // Who asks for certain sources does not ask for what others have begun.
    let interrupted = if settings.selection.is_partial() {
        Vec::new()
    } else {
        store.interrupted_jobs(JobKind::Extract)?
    };
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
