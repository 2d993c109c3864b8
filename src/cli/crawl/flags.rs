//! The settings of a crawl as flags, under the headings that its help shows them with.
//!
//! Owns what a flag is called and how its text is read; ranges are the settings' own.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::cli::arguments::{parse_duration, parse_size};
use crate::cli::failure::Failure;
use crate::cli::transport::{ACCESS, TransportFlags, absolute};
use crate::crawl::{self, CrawlSettings, SeedList, absolute_seeds, read_list};

const SEEDS: &str = "Seeds";
const SCOPE: &str = "Scope";
const LIMITS: &str = "Limits";
const POLITENESS: &str = "Politeness";
const FETCHING: &str = "Fetching";
const ROBOTS: &str = "Robots and sitemaps";
const OUTPUT: &str = "Output";

/// The settings of a crawl, as flags.
#[derive(Debug, Args)]
pub struct CrawlFlags {
    /// Begin with the seeds of a list, one a line; - reads it from standard input
    #[arg(long, help_heading = SEEDS, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// Give the files of the one folder seed URLs below this one; no server is asked
    #[arg(long, help_heading = SEEDS, value_name = "URL")]
    pub base_url: Option<String>,

    /// Begin with what this sitemap lists; its site is in scope (repeatable)
    #[arg(long, help_heading = SEEDS, value_name = "URL")]
    pub sitemap: Vec<String>,

    /// Fetch only URLs that match this regular expression (repeatable)
    #[arg(long, help_heading = SCOPE, value_name = "REGEX")]
    pub include: Vec<String>,

    /// Do not fetch URLs that match this regular expression (repeatable)
    #[arg(long, help_heading = SCOPE, value_name = "REGEX")]
    pub exclude: Vec<String>,

    /// Fetch only web pages below this path (repeatable)
    #[arg(long, help_heading = SCOPE, value_name = "PATH")]
    pub path_prefix: Vec<String>,

    /// Also fetch from hosts below a seed's: docs.example.com for example.com (www. makes no difference)
    #[arg(long, help_heading = SCOPE)]
    pub subdomains: bool,

    /// Also fetch from these hosts (repeatable)
    #[arg(long, help_heading = SCOPE, value_name = "HOST[,HOST]", value_delimiter = ',')]
    pub hosts: Vec<String>,

    /// Store only pages in these languages, and those whose language cannot be told (repeatable)
    #[arg(long, help_heading = SCOPE, value_name = "TAG[,TAG]", value_delimiter = ',')]
    pub language: Vec<String>,

    /// Read files and folders whose name begins with a dot
    #[arg(long, help_heading = SCOPE)]
    pub hidden: bool,

    /// Keep utm_*, gclid, session ids and other tracking parameters apart as different URLs
    #[arg(long, help_heading = SCOPE)]
    pub keep_tracking: bool,

    /// Follow URLs that look as if the server made them up without end
    #[arg(long, help_heading = SCOPE)]
    pub no_trap_guard: bool,

    /// Do not follow links deeper than this; a seed has depth 0 [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub max_depth: Option<i64>,

    /// Stop after this many pages [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub max_pages: Option<i64>,

    /// Fetch no more pages than this of one host [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub max_pages_per_host: Option<i64>,

    /// Begin no fetch once this many bytes have come [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "SIZE", value_parser = parse_size)]
    pub max_bytes: Option<u64>,

    /// Most bytes kept of a body; what is cut is recorded
    #[arg(long, help_heading = LIMITS, value_name = "SIZE", default_value = "16MiB", value_parser = parse_size)]
    pub max_body: u64,

    /// Begin no fetch once this time is over; counted anew by a resume [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "TIME", value_parser = parse_duration)]
    pub max_duration: Option<Duration>,

    /// Let no host see more fetches than this on one day (UTC), by all jobs together; robots.txt apart [default: no limit]
    #[arg(long, help_heading = LIMITS, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub daily_quota: Option<i64>,

    /// Between the starts of two fetches on one host; a bare number is seconds [default: 500ms, and
    /// none for files and for private hosts that were allowed]
    #[arg(long, help_heading = POLITENESS, value_name = "TIME", value_parser = parse_duration)]
    pub delay: Option<Duration>,

    /// Connections to one host
    #[arg(long, help_heading = POLITENESS, value_name = "N", default_value_t = 4, value_parser = at_least_one)]
    pub per_host: usize,

    /// Fetches in flight, over all hosts
    #[arg(long, help_heading = POLITENESS, value_name = "N", default_value_t = 16, value_parser = at_least_one)]
    pub concurrency: usize,

    /// How long to wait for hosts that ask to be left alone when nothing else is left to do
    #[arg(long, help_heading = POLITENESS, value_name = "TIME", default_value = "5m", value_parser = parse_duration)]
    pub max_wait: Duration,

    /// What to call this program towards servers [default: toolkit/VERSION]
    #[arg(long, help_heading = POLITENESS, value_name = "TEXT")]
    pub user_agent: Option<String>,

    /// Further tries after a failure that may pass
    #[arg(long, help_heading = FETCHING, value_name = "N", default_value_t = 2)]
    pub retries: u32,

    /// Longest wait for an answer, and between two parts of a body
    #[arg(long, help_heading = FETCHING, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub timeout: Duration,

    /// Longest time for an answer as a whole [default: ten times --timeout]
    #[arg(long, help_heading = FETCHING, value_name = "TIME", value_parser = parse_duration)]
    pub total_timeout: Option<Duration>,

    /// Fetch every body again, also where the server would say that nothing changed
    #[arg(long, help_heading = FETCHING)]
    pub refetch: bool,

    /// Allow hosts at private and loopback addresses
    #[arg(long, help_heading = ACCESS)]
    pub allow_private: bool,

    /// Allow this host alone at a private address: a name, an address or HOST:PORT (repeatable)
    #[arg(long, help_heading = ACCESS, value_name = "HOST")]
    pub allow_host: Vec<String>,

    /// Send a header to one host (default ports, or HOST:PORT): HOST=NAME:env:VARIABLE (repeatable)
    #[arg(long, help_heading = ACCESS, value_name = "HOST=NAME:env:VAR")]
    pub header: Vec<String>,

    /// Log in at one host: a variable that holds user:password or 'Bearer TOKEN' (repeatable)
    #[arg(long, help_heading = ACCESS, value_name = "HOST=env:VAR")]
    pub auth: Vec<String>,

    /// Neither keep cookies nor send them; they are kept for the job alone
    #[arg(long, help_heading = ACCESS)]
    pub no_cookies: bool,

    #[command(flatten)]
    pub transport: TransportFlags,

    /// Do not read robots.txt; stands in the job's trail
    #[arg(long, help_heading = ROBOTS)]
    pub ignore_robots: bool,

    /// Follow links that ask not to be followed
    #[arg(long, help_heading = ROBOTS)]
    pub ignore_nofollow: bool,

    /// Extract pages that ask not to be indexed
    #[arg(long, help_heading = ROBOTS)]
    pub ignore_noindex: bool,

    /// Do not read the sitemaps that robots.txt names
    #[arg(long, help_heading = ROBOTS)]
    pub no_sitemap: bool,

    /// Do not ask the seeds' sites for /llms.txt; where there is one it is recorded, and overrides nothing
    #[arg(long, help_heading = ROBOTS)]
    pub no_llms_txt: bool,

    /// Keep a row for each link of a stored page, in the table `links`
    #[arg(long, help_heading = OUTPUT)]
    pub link_rows: bool,

    /// Write every exchange to a WARC file, packed if its name ends in .gz, and an index to FILE.cdxj
    #[arg(long, help_heading = OUTPUT, value_name = "FILE")]
    pub warc: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1 is needed".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is needed".to_owned()),
    }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// What a list of seeds is called where its lines are spoken of.
fn name_of(list: &Path) -> String {
    if is_standard_input(list) {
        return "standard input".to_owned();
    }
    let name = list.file_name().unwrap_or(list.as_os_str());
    name.to_string_lossy().into_owned()
}

fn read_seeds(list: &Path) -> Result<SeedList, Failure> {
    let mut bytes = Vec::new();
    let read = if is_standard_input(list) {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(list).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|cause| crawl::Error::UnreadableList {
        list: name_of(list),
        cause,
    })?;
    Ok(read_list(&name_of(list), &bytes))
}

impl CrawlFlags {
    /// Turns the flags into the settings that the job keeps.
    pub fn settings(&self, seeds: &[String]) -> Result<CrawlSettings, Failure> {
        let defaults = CrawlSettings::default();
        let mut seeds = absolute_seeds(seeds)?;
        let list = self.from.as_deref().map(read_seeds).transpose()?;
        let SeedList {
            seeds: listed,
            malformed,
        } = list.unwrap_or_default();
        seeds.extend(listed);
        let mut settings = CrawlSettings {
            seeds,
            malformed,
            base_url: self.base_url.clone(),
            sitemap_seeds: absolute_seeds(&self.sitemap)?,
            sitemaps: !self.no_sitemap,
            llms_txt: !self.no_llms_txt,
            max_depth: self.max_depth,
            max_pages: self.max_pages,
            max_bytes: self.max_bytes,
            max_duration: self.max_duration.map(|most| most.as_secs_f64()),
            max_pages_per_host: self.max_pages_per_host,
            daily_quota: self.daily_quota,
            max_wait: self.max_wait.as_secs_f64(),
            concurrency: self.concurrency,
            per_host: self.per_host,
            delay: self.delay.map(|delay| delay.as_secs_f64()),
            retries: self.retries,
            user_agent: self.user_agent.clone().unwrap_or(defaults.user_agent),
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            subdomains: self.subdomains,
            path_prefix: self.path_prefix.clone(),
            hosts: self.hosts.clone(),
            language: self.language.clone(),
            ignore_nofollow: self.ignore_nofollow,
            ignore_noindex: self.ignore_noindex,
            trap_guard: !self.no_trap_guard,
            link_rows: self.link_rows,
            allow_private: self.allow_private,
            allow_hosts: self.allow_host.clone(),
            headers: self.header.clone(),
            auth: self.auth.clone(),
            no_cookies: self.no_cookies,
            refetch: self.refetch,
            ignore_robots: self.ignore_robots,
            timeout: self.timeout.as_secs_f64(),
            total_timeout: self.total_timeout.map(|time| time.as_secs_f64()),
            max_body: self.max_body,
            hidden: self.hidden,
            keep_tracking: self.keep_tracking,
            warc: self.warc.as_deref().map(absolute).transpose()?,
            ..defaults
        };
        self.transport.apply(&mut settings)?;
        if let Some(path) = &self.from
            && settings.seeds.is_empty()
            && settings.sitemap_seeds.is_empty()
        {
            return Err(SeedList::refusal(&settings.malformed, &name_of(path)).into());
        }
        settings.check()?;
        Ok(settings)
    }
}
