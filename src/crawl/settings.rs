//! The settings of one crawl, as they are kept with its job.
//!
//! Owns the defaults and the check of ranges. It reads no environment and no file, and holds no secret:
//! what is in it is stored and shown.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::archived::is_archive;
use super::scope::base_url;
use super::uri::host_url;
use super::{Error, MalformedLine, guard, language, secret_variables, transport};

/// What a crawl is asked to do; a job keeps it as its parameters and a resume reads it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CrawlSettings {
    /// URLs, folders and files to begin with; [`super::absolute_seeds`] gives the form to store.
    pub seeds: Vec<String>,
    /// Lines of a list of seeds that are none. They have their outcome as soon as the job begins, so the
    /// job's parameters leave them out.
    #[serde(skip)]
    pub malformed: Vec<MalformedLine>,
    /// What the one folder among the seeds stands for: its files have URLs below this one, and no server
    /// is asked.
    pub base_url: Option<String>,
    /// Sitemaps to begin with, URLs or files; the sites they are on are in scope.
    pub sitemap_seeds: Vec<String>,
    /// Whether the sitemaps that robots.txt names are read.
    pub sitemaps: bool,
    /// Whether the seeds' sites are asked for their `/llms.txt`.
    pub llms_txt: bool,
    /// Links deeper than this are not fetched; a seed has depth 0, and what a sitemap of depth 0 lists 1.
    pub max_depth: Option<i64>,
    /// How many pages to fetch; counted by the job, not by a visit.
    pub max_pages: Option<i64>,
    /// Bytes after which no fetch begins, as transferred, over all runs of the job.
    pub max_bytes: Option<u64>,
    /// Seconds of a run after which no fetch begins.
    pub max_duration: Option<f64>,
    /// How many pages of one host to fetch.
    pub max_pages_per_host: Option<i64>,
    /// Fetches that one host may see on one day (UTC), by all jobs on this database; robots.txt apart.
    pub daily_quota: Option<i64>,
    /// Seconds to wait for hosts that ask to be left alone, when nothing else is left to do.
    pub max_wait: f64,
    /// Fetches in flight, over all hosts.
    pub concurrency: usize,
    /// Fetches in flight on one host. Four keep a connection busy while others wait for their answer,
    /// and stay below the six that browsers open.
    pub per_host: usize,
    /// Seconds between the starts of two fetches on one host; `None` means half a second on public
    /// hosts and none on private ones and files.
    pub delay: Option<f64>,
    /// Further tries after a failure that may pass.
    pub retries: u32,
    /// Sent with each request; its leading product token is what robots.txt groups are matched with.
    pub user_agent: String,
    /// Regular expressions; when there are any, a found URL must match one.
    pub include: Vec<String>,
    /// Regular expressions; a found URL must match none.
    pub exclude: Vec<String>,
    /// Whether hosts below a seed's host are in scope as well.
    pub subdomains: bool,
    /// Paths below which web pages are in scope; when there is none, all are.
    pub path_prefix: Vec<String>,
    /// Further hosts in scope, with their port where it is not the default one.
    pub hosts: Vec<String>,
    /// Primary language tags (`de`) of the pages that are wanted; when there is none, all are.
    pub language: Vec<String>,
    /// Whether links are followed that ask not to be.
    pub ignore_nofollow: bool,
    /// Whether pages are extracted that ask not to be indexed.
    pub ignore_noindex: bool,
    /// Whether URLs that a server makes up without end are left out.
    pub trap_guard: bool,
    /// Whether a row is kept for each link of a stored page.
    pub link_rows: bool,
    /// Whether hosts at private addresses may be fetched.
    pub allow_private: bool,
    /// Hosts, addresses and `HOST:PORT` that may be fetched wherever they are.
    pub allow_hosts: Vec<String>,
    /// `HOST=NAME:env:VARIABLE`: a header for one host. The variable's value is read again by a resume and
    /// stands nowhere.
    pub headers: Vec<String>,
    /// `HOST=env:VARIABLE`: a log-in for one host.
    pub auth: Vec<String>,
    /// Where every request goes, robots.txt included.
    pub proxy: Option<String>,
    /// `env:VARIABLE`: the log-in of the proxy.
    pub proxy_auth: Option<String>,
    /// A PEM file of root certificates that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// Whether cookies are neither kept nor sent.
    pub no_cookies: bool,
    /// Whether a server is never asked if what is stored still holds.
    pub refetch: bool,
    /// Whether robots.txt is left unread.
    pub ignore_robots: bool,
    /// Seconds until an answer begins, and between two parts of a body.
    pub timeout: f64,
    /// Seconds for an answer as a whole; `None` means ten times `timeout`.
    pub total_timeout: Option<f64>,
    /// Bytes kept of a body, both as transferred and as decoded.
    pub max_body: u64,
    /// Whether files and folders whose name begins with a dot are read.
    pub hidden: bool,
    /// Whether tracking parameters (`utm_source`, `gclid` …) and session ids stay part of a URL.
    pub keep_tracking: bool,
    /// The absolute path of the WARC file that every exchange is written to.
    pub warc: Option<String>,
}

impl Default for CrawlSettings {
    fn default() -> Self {
        Self {
            seeds: Vec::new(),
            malformed: Vec::new(),
            base_url: None,
            sitemap_seeds: Vec::new(),
            sitemaps: true,
            llms_txt: true,
            max_depth: None,
            max_pages: None,
            max_bytes: None,
            max_duration: None,
            max_pages_per_host: None,
            daily_quota: None,
            max_wait: 300.0,
            concurrency: 16,
            per_host: 4,
            delay: None,
            retries: 2,
            user_agent: concat!("toolkit/", env!("CARGO_PKG_VERSION")).to_owned(),
            include: Vec::new(),
            exclude: Vec::new(),
            subdomains: false,
            path_prefix: Vec::new(),
            hosts: Vec::new(),
            language: Vec::new(),
            ignore_nofollow: false,
            ignore_noindex: false,
            trap_guard: true,
            link_rows: false,
            allow_private: false,
            allow_hosts: Vec::new(),
            headers: Vec::new(),
            auth: Vec::new(),
            proxy: None,
            proxy_auth: None,
            ca_file: None,
            no_cookies: false,
            refetch: false,
            ignore_robots: false,
            timeout: 30.0,
            total_timeout: None,
            max_body: 16 * 1024 * 1024,
            hidden: false,
            keep_tracking: false,
            warc: None,
        }
    }
}

impl CrawlSettings {
    /// The longest time that any setting in seconds may name: a day.
    const LONGEST: f64 = 86_400.0;

    /// How many things may be asked to go on at once; beyond the end a machine runs out of sockets first.
    const PARALLEL: std::ops::RangeInclusive<usize> = 1..=10_000;

    /// Returns the form that is kept with the job.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Reads what a job keeps.
    pub fn from_json(kept: &serde_json::Value) -> Result<Self, Error> {
        Self::deserialize(kept).map_err(Error::Settings)
    }

    /// Returns the settings of a crawl of some URIs that a crawl by these has missed, and of no page that they lead
    /// to. What came out of archives, or of a folder that stands for a site, is in no other place: those are read
    /// anew.
    #[must_use]
    pub fn for_some(&self, uris: Vec<String>) -> Self {
        let mut some = Self {
            warc: None,
            sitemaps: false,
            sitemap_seeds: Vec::new(),
            llms_txt: false,
            ..self.clone()
        };
        let is_local = |seed: &String| is_archive(Path::new(seed));
        if self.base_url.is_none() && !self.seeds.iter().any(is_local) {
            some.seeds = uris;
            some.max_depth = Some(0);
            some.max_pages = None;
            some.max_bytes = None;
        }
        some
    }

    /// Checks that every number is in its range.
    pub fn check(&self) -> Result<(), Error> {
        let checks = [
            (
                "concurrency",
                "from 1 to 10000",
                Self::PARALLEL.contains(&self.concurrency),
            ),
            (
                "per-host",
                "from 1 to 10000",
                Self::PARALLEL.contains(&self.per_host),
            ),
            (
                "max-duration",
                "more than 0 seconds and at most a year",
                self.max_duration
                    .is_none_or(|most| most > 0.0 && most <= 366.0 * Self::LONGEST),
            ),
            (
                "max-wait",
                "from 0 to 86400 seconds",
                (0.0..=Self::LONGEST).contains(&self.max_wait),
            ),
            (
                "timeout",
                "more than 0 and at most 86400 seconds",
                self.timeout > 0.0 && self.timeout <= Self::LONGEST,
            ),
            (
                "total-timeout",
                "more than 0 and at most 864000 seconds",
                self.total_timeout
                    .is_none_or(|total| total > 0.0 && total <= 10.0 * Self::LONGEST),
            ),
            (
                "delay",
                "from 0 to 86400 seconds",
                self.delay
                    .is_none_or(|delay| (0.0..=Self::LONGEST).contains(&delay)),
            ),
            ("max-body", "at least 1 byte", self.max_body >= 1),
            (
                "path-prefix",
                "a path that begins with /",
                self.path_prefix.iter().all(|path| path.starts_with('/')),
            ),
            (
                "path-prefix",
                NO_LOGIN,
                !self.path_prefix.iter().any(|path| begins_login(path)),
            ),
            (
                "base-url",
                "an http or https URL without a user, a query and a fragment",
                self.base_url
                    .as_deref()
                    .is_none_or(|url| base_url(url).is_some()),
            ),
            (
                "hosts",
                "names of hosts, as in example.com or localhost:8080",
                self.hosts.iter().all(|host| host_url(host).is_some()),
            ),
            (
                "language",
                "language tags, as in de or en",
                self.language
                    .iter()
                    .all(|tag| language::primary(tag).is_some()),
            ),
            (
                "include",
                NO_LOGIN,
                !self.include.iter().any(|pattern| begins_login(pattern)),
            ),
            (
                "exclude",
                NO_LOGIN,
                !self.exclude.iter().any(|pattern| begins_login(pattern)),
            ),
            (
                "user-agent",
                "without a user and a password in a URL",
                !holds_login(&self.user_agent),
            ),
            (
                "user-agent",
                "visible ASCII",
                !self.user_agent.is_empty()
                    && self
                        .user_agent
                        .bytes()
                        .all(|byte| (0x20..0x7f).contains(&byte)),
            ),
        ];
        if let Some((name, expected, _)) = checks.into_iter().find(|(_, _, holds)| !holds) {
            return Err(Error::Setting { name, expected });
        }
        guard::check(self)?;
        transport::check_proxy(self)?;
        secret_variables(self).map(drop)
    }

    /// Returns the time an answer may take to begin, and a body to go on.
    pub(super) fn idle_timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout)
    }

    /// Returns the time a whole body may take: a server that drips one byte at a time must not hold a
    /// connection for ever.
    pub(super) fn total_timeout(&self) -> Duration {
        self.total_timeout
            .map_or_else(|| self.idle_timeout() * 10, Duration::from_secs_f64)
    }
}

const NO_LOGIN: &str = "without a user and a password: URLs are kept without them";

/// Says whether a text holds a URL with a user and a password, also one without a scheme and one whose slashes
/// are escaped for a pattern: what is kept with a job is shown, and no URL that is matched has them.
fn holds_login(text: &str) -> bool {
    let text = text.replace('\\', "");
    text.split("//").skip(1).any(is_login)
}

/// Says so of what narrows a crawl, where a part of a URL may stand by itself.
fn begins_login(text: &str) -> bool {
    let first = text.replace('\\', "");
    holds_login(text) || is_login(first.trim_start_matches(['^', '(', '/']))
}

/// Says whether what follows the slashes of a URL begins with a user and a password.
fn is_login(rest: &str) -> bool {
    let ends = |letter: char| letter.is_whitespace() || "/#;,<>()\"".contains(letter);
    let authority = rest.split(ends).next().unwrap_or_default();
    let userinfo = authority.rsplit_once('@').map(|(before, _)| before);
    userinfo.is_some_and(|before| before.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_and_missing_ones_take_their_default() {
        let settings = CrawlSettings {
            seeds: vec!["https://example.com/".into()],
            delay: Some(0.25),
            ..CrawlSettings::default()
        };
        let json = serde_json::to_value(&settings).unwrap();
        assert_eq!(
            serde_json::from_value::<CrawlSettings>(json).unwrap(),
            settings
        );
        let older: CrawlSettings = serde_json::from_str(r#"{"retries": 5}"#).unwrap();
        assert_eq!((older.retries, older.concurrency), (5, 16));
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let refused = |change: fn(&mut CrawlSettings)| {
            let mut settings = CrawlSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert!(CrawlSettings::default().check().is_ok());
        assert_eq!(
            refused(|s| s.concurrency = 0),
            "concurrency must be from 1 to 10000"
        );
        assert!(refused(|s| s.per_host = usize::MAX).starts_with("per-host must be"));
        assert!(refused(|s| s.timeout = f64::NAN).starts_with("timeout must be"));
        assert!(refused(|s| s.delay = Some(-1.0)).starts_with("delay must be"));
        assert!(refused(|s| s.user_agent = "a\r\nb".into()).starts_with("user-agent"));
    }

    #[test]
    fn what_is_kept_and_shown_holds_no_password() {
        for (text, holds) in [
            ("https://u:hush@h.test/", true),
            (r"^https?:\/\/u:hush@h\.test", true),
            ("bot/1 (+HTTP://u:h?sh@h.test/)", true),
            ("https://h.test/@u:x@y", false),
            ("https://u@h.test/", false),
            ("bot/1 (+https://h.test:80; mailto:a@h.test)", false),
            (r"^https?://[^/]+:8080/.*@", false),
            ("//u:hush@h.test", true),
            (r"^\/\/u:hush@h\.test", true),
            ("/docs/", false),
            ("/@u", false),
        ] {
            assert_eq!(holds_login(text), holds, "{text}");
            for change in [
                |s: &mut CrawlSettings, text: String| s.include = vec![text],
                |s: &mut CrawlSettings, text: String| s.exclude = vec![text],
                |s: &mut CrawlSettings, text: String| s.user_agent = text,
            ] {
                let mut settings = CrawlSettings::default();
                change(&mut settings, text.to_owned());
                let error = settings.check().err().map(|error| error.to_string());
                assert_eq!(error.is_some(), holds, "{text}: {error:?}");
                assert!(!error.unwrap_or_default().contains("hush"));
            }
        }
        for text in ["/u:hush@h.test", "//u:hush@h.test/docs", "/docs"] {
            for change in [
                |s: &mut CrawlSettings, text: String| s.include = vec![text],
                |s: &mut CrawlSettings, text: String| s.exclude = vec![text],
                |s: &mut CrawlSettings, text: String| s.path_prefix = vec![text],
                |s: &mut CrawlSettings, text: String| s.hosts = vec![text],
            ] {
                let mut settings = CrawlSettings::default();
                change(&mut settings, text.to_owned());
                let error = settings.check().err().map(|error| error.to_string());
                let is_host = !settings.hosts.is_empty();
                assert_eq!(
                    error.is_some(),
                    text != "/docs" || is_host,
                    "{text}: {error:?}"
                );
                assert!(!error.unwrap_or_default().contains("hush"));
            }
        }
    }
}
