//! `toolkit crawl`: seeds in, sources out.

mod flags;

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::progress::ProgressLine;
use super::{environment, output, session, summary};
use crate::crawl::job::{self, CrawlEnd};
use crate::crawl::{CrawlSettings, Scope, Secrets, seeds};
use crate::model::{DiscoveredLink, JobKind, JobState, StopFlag};
use crate::report::{self, resume_command};
use crate::store::{Access, Invocation, Store};

pub use flags::CrawlFlags;

const EXAMPLES: &str = "\
Examples:
  toolkit crawl https://example.com --max-pages 1000
  toolkit crawl ./site-folder notes.html
  toolkit crawl ./site-folder --exclude draft --dry-run
  toolkit crawl --resume last";

/// Which of your pages could not be stored, and why? This command fetches; `report incomplete` answers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// URLs, folders or files to begin with
    #[arg(value_name = "SEED", required_unless_present_any = ["from", "sitemap", "resume"])]
    pub seeds: Vec<String>,

    /// Take a job on that was cancelled, failed or interrupted, with the settings it was made with
    #[arg(long, value_name = "JOB", conflicts_with_all = ["seeds", "from", "sitemap"])]
    pub resume: Option<String>,

    /// Show which seeds and files would be fetched, and why others not; no network, no database
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,

    #[command(flatten)]
    pub settings: CrawlFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.dry_run {
        return dry_run(&arguments.settings.settings(&arguments.seeds)?, global);
    }
    let stop = session::stop_flag(global);
    let (mut store, end) = if let Some(given) = &arguments.resume {
        let mut store = session::open(global, Access::Write)?;
        let invocation = session::invocation();
        let end = resume(&mut store, given, global, &invocation, &stop)?;
        (store, end)
    } else {
        let settings = arguments.settings.settings(&arguments.seeds)?;
        begin(&settings, global, &stop)?
    };
    summary::print(&mut store, global, &[(end.job, end.head)])?;
    if end.state == JobState::Cancelled {
        summary::go_on_with(&[resume_command(end.job)])?;
    }
    verdict(&mut store, &end)
}

/// Opens the database, makes it where there is none, and crawls as a new job.
pub fn begin(
    settings: &CrawlSettings,
    global: &GlobalArguments,
    stop: &StopFlag,
) -> Result<(Store, CrawlEnd), Failure> {
    // What is wrong with a seed or a variable is said before a database is made.
    let begun = seeds(settings)?;
    let secrets = environment::secrets(settings)?;
    let mut store = session::open(global, Access::Create)?;
    let end = start(&mut store, settings, begun, &secrets, global, stop)?;
    Ok((store, end))
}

/// Crawls into an open database as a new job.
pub fn again(
    store: &mut Store,
    settings: &CrawlSettings,
    global: &GlobalArguments,
    stop: &StopFlag,
) -> Result<CrawlEnd, Failure> {
    let begun = seeds(settings)?;
    let secrets = environment::secrets(settings)?;
    start(store, settings, begun, &secrets, global, stop)
}

/// Prints what a crawl would begin with; whatever keeps it from beginning is told as the crawl itself would.
pub fn dry_run(settings: &CrawlSettings, global: &GlobalArguments) -> Result<Exit, Failure> {
    let (scope, links) = seeds(settings)?;
    environment::secrets(settings)?;
    let report = report::plan(&links, scope.has_archives());
    output::print(&report, &global.output_options())?;
    Ok(Exit::Done)
}

/// Crawls as a new job, showing progress.
fn start(
    store: &mut Store,
    settings: &CrawlSettings,
    begun: (Scope, Vec<DiscoveredLink>),
    secrets: &Secrets,
    global: &GlobalArguments,
    stop: &StopFlag,
) -> Result<CrawlEnd, Failure> {
    let mut line = ProgressLine::new(global.quiet);
    Ok(job::start(
        store,
        settings,
        begun,
        secrets,
        &session::invocation(),
        stop,
        &mut |update| line.update(update),
    )?)
}

/// Takes a crawl on that was cancelled, failed or interrupted.
pub fn resume(
    store: &mut Store,
    given: &str,
    global: &GlobalArguments,
    invocation: &Invocation,
    stop: &StopFlag,
) -> Result<CrawlEnd, Failure> {
    let otherwise = "crawl its seeds again to refresh them";
    let id = session::job_to_resume(global, store, given, JobKind::Crawl, otherwise)?;
    let settings = CrawlSettings::from_json(&store.job(id)?.params)?;
    let secrets = environment::secrets(&settings)?;
    let mut line = ProgressLine::new(global.quiet);
    let mut progress = |update| line.update(update);
    Ok(job::resume(
        store,
        id,
        &secrets,
        invocation,
        stop,
        &mut progress,
    )?)
}

/// A crawl that has stored nothing in all its runs could not do what it was asked.
pub fn verdict(store: &mut Store, end: &CrawlEnd) -> Result<Exit, Failure> {
    let stored = end.stored > 0 || store.frontier_counts(end.job)?.fetched > 0;
    if stored || end.state == JobState::Cancelled {
        return Ok(Exit::Done);
    }
    Err(Failure::new("nothing was stored", Exit::CouldNot).hint("toolkit report incomplete --all"))
}
