//! What one site's robots.txt says of one URL, for someone who asks without crawling.
//!
//! Owns the question alone: the file's meaning is in `rules`, that of its fetch in `robots`, and the fetch is
//! a crawl's. It stores nothing.

use tokio::runtime::Builder;
use url::Url;

use super::robots::{self, Known};
use super::rules::Robots;
use super::uri::is_web;
use super::visit::Asking;
use super::{CrawlSettings, Error, Scope, Secrets, Visitor};
use crate::model::RobotsDecision;

/// What a robots.txt says to one agent about one URL.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotsAnswer {
    /// The URL as its parser writes it, without user name and password.
    pub uri: String,
    pub decision: RobotsDecision,
    /// Seconds that the agent is asked to leave between two fetches.
    pub crawl_delay: Option<f64>,
    /// What the file names as sitemaps, as written.
    pub sitemaps: Vec<String>,
}

/// Asks the site of `url` for its robots.txt, as a crawl under `settings` would, and decides.
pub fn ask_robots(
    url: &str,
    settings: &CrawlSettings,
    secrets: &Secrets,
) -> Result<RobotsAnswer, Error> {
    let url = web_url(url)?;
    let scope = Scope::new(settings, &[], Vec::new())?;
    let visitor = Visitor::new(settings.clone(), scope, secrets)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    // Nothing stops this visitor, so an answer always comes.
    let known = runtime.block_on(robots::learn(&url, &Asking::of(&visitor)));
    let known = known.unwrap_or_else(|| Known::of_text(Robots::default(), "stopped"));
    Ok(answer(&url, &settings.user_agent, &known))
}

/// Decides about `url` by the robots.txt `body`, called `name`.
pub fn read_robots(url: &str, agent: &str, body: &[u8], name: &str) -> Result<RobotsAnswer, Error> {
    let known = Known::of_text(Robots::parse(body), name);
    Ok(answer(&web_url(url)?, agent, &known))
}

fn answer(url: &Url, agent: &str, known: &Known) -> RobotsAnswer {
    RobotsAnswer {
        uri: super::uri::without_secrets(url),
        decision: known.decide(agent, url),
        crawl_delay: known.crawl_delay(agent),
        sitemaps: known.sitemaps().to_vec(),
    }
}

fn web_url(text: &str) -> Result<Url, Error> {
    let seed = super::redacted(text);
    match Url::parse(text) {
        Ok(url) if is_web(&url) => Ok(url),
        Ok(url) => Err(Error::NotAWebUrl {
            scheme: url.scheme().to_owned(),
            url: seed,
        }),
        Err(cause) => Err(Error::MalformedUrl { url: seed, cause }),
    }
}
