//! `toolkit robots`: may this program fetch a URL, and which line of robots.txt says so. Touches no database.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::arguments::{GlobalArguments, parse_duration};
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::print;
use super::transport::{ACCESS, TransportFlags};
use crate::crawl::{CrawlSettings, ask_robots, read_robots};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  toolkit robots https://example.com/private/
  toolkit robots https://example.com/ --agent examplebot
  toolkit robots https://example.com/a --file robots.txt";

/// May this URL be fetched, and which line of robots.txt says so? Exit 0 allowed, 3 not.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The URL that is asked about
    #[arg(value_name = "URL")]
    url: String,

    /// Whom the answer is for; also what the site is told [default: toolkit/VERSION]
    #[arg(long, value_name = "TEXT")]
    agent: Option<String>,

    /// Read these rules instead of asking the site; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["allow_private", "timeout", "proxy", "proxy_auth", "ca_file"])]
    file: Option<PathBuf>,

    /// Longest wait for an answer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    timeout: Duration,

    /// Allow a host at a private or loopback address
    #[arg(long, help_heading = ACCESS)]
    allow_private: bool,

    #[command(flatten)]
    transport: TransportFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let mut settings = CrawlSettings {
        allow_private: arguments.allow_private,
        timeout: arguments.timeout.as_secs_f64(),
        ..CrawlSettings::default()
    };
    if let Some(agent) = &arguments.agent {
        settings.user_agent.clone_from(agent);
    }
    arguments.transport.apply(&mut settings)?;
    settings.check()?;
    let agent = settings.user_agent.as_str();
    let answer = match &arguments.file {
        Some(path) => {
            let name = format!("file {}", path.display());
            read_robots(&arguments.url, agent, &read(path)?, &name)?
        }
        None => ask_robots(&arguments.url, &settings, &environment::secrets(&settings)?)?,
    };
    let allowed = answer.decision.allowed;
    let report = report::robots(
        answer.uri,
        agent,
        answer.decision,
        answer.crawl_delay,
        answer.sitemaps,
    );
    print(&report, &global.output_options())?;
    Ok(if allowed {
        Exit::Done
    } else {
        Exit::CheckFailed
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut body).map(|_| body)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Failure::new(message, Exit::CouldNot)
    })
}
