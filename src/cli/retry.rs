//! `toolkit retry`: tries again what is incomplete, stage by stage.

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::progress::ProgressLine;
use super::{crawl, environment, output, profile_flag, session, summary};
use crate::crawl::CrawlSettings;
use crate::extract::Profile;
use crate::extract::job::{self, Again, ExtractEnd, current_recognizer_digest, profile_of};
use crate::model::{Digest, JobId, JobKind, JobState, Reason, Stage, StopFlag};
use crate::report::{self, RetryWork, resume_command};
use crate::store::{Access, IncompleteFilter, Store};

const EXAMPLES: &str = "\
Examples:
  toolkit retry --dry-run
  toolkit retry --stage entities
  toolkit retry --reason http_server_error --job last";

/// Try again what is incomplete, and say what is left
///
/// Without --reason, everything that trying again can help. Pages are crawled again with the settings of the job that
/// missed them, and no further than they are; sources and texts are read again by the profile that they were read by.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only this reason, whether trying again usually helps or not
    #[arg(long, value_name = "REASON")]
    reason: Option<Reason>,
    /// Only this stage: crawl, extract, entities
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Only what this job left: `last`, its number, an id or its unique ending
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// Only this source: `last`, an id, its unique ending, or a URI
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Show what would be tried again, and by what, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// The jobs that were made or gone on with, and what a user types to go on after a stop.
#[derive(Default)]
struct Done {
    jobs: Vec<(JobId, Option<Digest>)>,
    next: Vec<String>,
}

impl Done {
    fn add_extraction(&mut self, end: &ExtractEnd) {
        self.jobs.push((end.job, end.head));
        if end.state == JobState::Cancelled {
            let command = format!("{} --resume {}", report::EXTRACT_COMMAND, end.job);
            self.next.push(command);
        }
    }
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let access = if arguments.dry_run {
        Access::Read
    } else {
        Access::Write
    };
    let mut store = session::open(global, access)?;
    let plan = plan(&mut store, arguments)?;
    if arguments.dry_run || plan.rows.is_empty() {
        output::print(&plan, &global.output_options())?;
        return Ok(Exit::Done);
    }
    let stop = session::stop_flag(global);
    let mut done = Done::default();
    crawl_again(&mut store, &plan.work, global, &stop, &mut done)?;
    let mut work = plan.work;
    // What an interrupted job has selected is that job's to end.
    let mut interrupted: Vec<JobId> = work.extractions.iter().copied().collect();
    if work.reads() {
        let others = store.interrupted_jobs(JobKind::Extract)?.into_iter();
        interrupted.extend(others.filter(|job| !work.extractions.contains(job)));
    }
    for job in interrupted {
        let invocation = session::invocation();
        let mut line = ProgressLine::new(global.quiet);
        let end = job::resume(&mut store, job, &invocation, &stop, &mut |update| {
            line.update(update);
        })?;
        done.add_extraction(&end);
        work = self::plan(&mut store, arguments)?.work;
    }
    extract_again(&mut store, &work, global, &stop, &mut done)?;
    summary::print(&mut store, global, &done.jobs)?;
    summary::go_on_with(&done.next)?;
    Ok(Exit::Done)
}

fn plan(store: &mut Store, arguments: &Arguments) -> Result<report::RetryReport, Failure> {
    let job = arguments
        .job
        .as_deref()
        .map(|given| store.find_recorded_job(given))
        .transpose()?;
    let source = arguments
        .source
        .as_deref()
        .map(|given| store.find_source(&environment::without_userinfo(given)))
        .transpose()?;
    let filter = IncompleteFilter {
        job,
        stage: arguments.stage.map(|stage| stage.to_string()),
        reason: arguments.reason.map(|reason| reason.to_string()),
        ..IncompleteFilter::default()
    };
    let digest = current_recognizer_digest();
    Ok(report::retry(store, &filter, source, digest)?)
}

fn crawl_again(
    store: &mut Store,
    work: &RetryWork,
    global: &GlobalArguments,
    stop: &StopFlag,
    done: &mut Done,
) -> Result<(), Failure> {
    let resumes = work.resumes.iter().map(|job| (*job, None));
    let crawls = work.crawls.iter().map(|(job, uris)| (*job, Some(uris)));
    for (job, uris) in resumes.chain(crawls) {
        if stop.is_set() {
            done.next.push("toolkit retry".to_owned());
            return Ok(());
        }
        let end = match uris {
            None => crawl::resume(
                store,
                &job.to_string(),
                global,
                &session::invocation(),
                stop,
            )?,
            Some(uris) => {
                let settings = CrawlSettings::from_json(&store.job(job)?.params)?;
                let settings = settings.for_some(uris.iter().cloned().collect());
                crawl::again(store, &settings, global, stop)?
            }
        };
        done.jobs.push((end.job, end.head));
        if end.state == JobState::Cancelled {
            done.next.push(resume_command(end.job));
        }
    }
    Ok(())
}

fn extract_again(
    store: &mut Store,
    work: &RetryWork,
    global: &GlobalArguments,
    stop: &StopFlag,
    done: &mut Done,
) -> Result<(), Failure> {
    let mut names: Vec<&String> = work.sources.keys().chain(work.texts.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        if stop.is_set() {
            done.next.push("toolkit retry".to_owned());
            return Ok(());
        }
        let again = Again {
            profile: kept_profile(store, name)?,
            sources: work
                .sources
                .get(name)
                .into_iter()
                .flatten()
                .copied()
                .collect(),
            texts: work
                .texts
                .get(name)
                .into_iter()
                .flatten()
                .copied()
                .collect(),
        };
        let mut line = ProgressLine::new(global.quiet);
        let invocation = session::invocation();
        let end = job::retry(store, &again, &invocation, stop, &mut |update| {
            line.update(update);
        })?;
        done.add_extraction(&end);
    }
    Ok(())
}

/// Returns the profile of this name as it was used last.
fn kept_profile(store: &mut Store, name: &str) -> Result<Profile, Failure> {
    match store.last_profile(name)? {
        Some(params) => Ok(profile_of(&params)),
        None => profile_flag::load(name),
    }
}
