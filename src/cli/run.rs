//! `toolkit run`: crawl and extract, then the whole story in one summary.

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::{crawl, extract, session, summary};
use crate::model::JobState;
use crate::report::{EXTRACT_COMMAND, resume_command};

const EXAMPLES: &str = "\
Examples:
  toolkit run https://example.com
  toolkit run fixtures/sites/harbor --max-body 200KB
  toolkit run ./archive --database 'postgres://me@localhost/pages'";

/// Crawl the seeds, extract what was stored, and say what is stored and what is incomplete.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// URLs, folders or files to begin with
    #[arg(value_name = "SEED", required_unless_present_any = ["from", "sitemap"])]
    pub seeds: Vec<String>,

    /// Show which seeds and files would be fetched, and why others not; no network, no database
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub crawl: crawl::CrawlFlags,

    #[command(flatten)]
    pub extract: extract::ExtractFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let stop = session::stop_flag(global);
    let settings = arguments.crawl.settings(&arguments.seeds)?;
    if arguments.dry_run {
        return crawl::dry_run(&settings, global);
    }
    let extraction = arguments.extract.settings()?;
    let (mut store, crawled) = crawl::begin(&settings, global, &stop)?;
    let extracted = extract::start(&mut store, &extraction, global, &stop)?;
    let mut jobs = vec![(crawled.job, crawled.head)];
    jobs.extend(extracted.ends.iter().map(|end| (end.job, end.head)));
    summary::print(&mut store, global, &jobs)?;
    let mut commands = Vec::new();
    if crawled.state == JobState::Cancelled {
        commands.push(resume_command(crawled.job));
    }
    if extracted.is_cut_short {
        commands.push(EXTRACT_COMMAND.to_owned());
    }
    summary::go_on_with(&commands)?;
    crawl::verdict(&mut store, &crawled)
}
