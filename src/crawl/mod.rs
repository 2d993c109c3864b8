//! The crawl room: seeds in, sources out.
//!
//! It turns seeds into a scope and first links, and one claimed URL after the other into a page result:
//! robots.txt, the host's turn, the fetch, the body, its links. It writes no row and prints nothing:
//! what to fetch next and where results go is the job loop's and the store's business.

mod about;
mod address;
mod archive;
mod archived;
mod ask_robots;
mod attempt;
mod backlog;
mod cookies;
mod credentials;
mod directives;
mod encoding;
mod fetch;
mod folder;
mod guard;
mod host;
pub mod job;
mod language;
mod links;
mod list;
mod media;
mod page;
mod panics;
mod pattern;
mod recheck;
mod refresh;
mod retry;
mod robots;
mod rules;
mod scan;
mod scope;
mod seeds;
mod settings;
mod simhash;
mod single;
mod site_files;
mod sitemap;
mod sitemap_page;
mod title;
mod transport;
mod traps;
mod unmodified;
mod uri;
mod visit;
mod warc;

#[cfg(test)]
mod cap_tests;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod visit_tests;

pub use crate::markup::Syntax;
pub use address::is_public;
pub use archive::{ArchiveError, CopyWriter, StoredCopy, index_path, sort_index};
pub use ask_robots::{RobotsAnswer, ask_robots, read_robots};
pub use attempt::Attempt;
pub use credentials::{Secrets, secret_variables};
pub use links::{FoundLink, FoundLinks, find_links};
pub use list::{MalformedLine, SeedList, read_list};
pub use media::Media;
pub use recheck::links_again;
pub use rules::{Robots, Verdict};
pub use scope::Scope;
pub use seeds::{absolute_seeds, seeds};
pub use settings::CrawlSettings;
pub use single::{Named, SinglePage, SingleVisitor, Unread};
// For the fuzz targets.
#[doc(hidden)]
pub use encoding::{Decoded, decode as decode_body};
#[doc(hidden)]
pub use sitemap::{Listing, read_listing};
pub use transport::check_transport;
pub use uri::{normalize, redacted, same_site, source_group};
pub use visit::Visitor;
#[doc(hidden)]
pub use warc::{Unzipped, scanned, unzipped};

/// Why a crawl cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to begin with.
    #[error("no seed given")]
    NoSeeds,
    /// A seed is no URL.
    #[error("seed {seed:?} is not a URL: {cause}")]
    MalformedSeed {
        seed: String,
        cause: url::ParseError,
    },
    /// A seed's scheme is one this program does not speak.
    #[error("seed {seed:?} has scheme {scheme:?}; http, https and file are supported")]
    UnsupportedScheme { seed: String, scheme: String },
    /// A seed names a file or folder that cannot be read.
    #[error("cannot read seed {seed:?}: {cause}")]
    UnreadableSeed { seed: String, cause: std::io::Error },
    /// A seed is neither a folder nor a regular file.
    #[error("seed {seed:?} is neither a folder nor a file")]
    NotAFile { seed: String },
    /// A list of seeds holds none, and nothing that is meant to be one.
    #[error("{list} holds no seed")]
    EmptyList { list: String },
    /// No line of a list is a seed.
    #[error("no line of {list} is a seed; line {line} ({text:?}): {why}")]
    UnusableList {
        list: String,
        /// The first one that is none, from 1.
        line: u64,
        text: String,
        why: String,
    },
    /// A list of seeds cannot be read.
    #[error("cannot read the list of seeds {list:?}")]
    UnreadableList {
        list: String,
        #[source]
        cause: std::io::Error,
    },
    /// A base URL is given, and the seeds are not one folder.
    #[error("--base-url takes one folder as the only seed, and {given}")]
    NotOneFolder { given: String },
    /// A path cannot be written as a URL.
    #[error("path {0:?} cannot be written as a file URL")]
    UnspeakablePath(String),
    /// A pattern of --include or --exclude is no regular expression.
    #[error("pattern {pattern:?} is not a regular expression: {}", in_a_line(.cause))]
    Pattern {
        pattern: String,
        cause: Box<regex::Error>,
    },
    /// What is asked about is no URL.
    #[error("{url:?} is not a URL: {cause}")]
    MalformedUrl { url: String, cause: url::ParseError },
    /// What is asked about is no URL of the web.
    #[error("{url:?} has scheme {scheme:?}; only http and https have a robots.txt")]
    NotAWebUrl { url: String, scheme: String },
    /// A setting is out of its range.
    #[error("{name} must be {expected}")]
    Setting {
        name: &'static str,
        expected: &'static str,
    },
    /// A variable of the environment that the settings name is not there.
    #[error("the variable {0} is not set")]
    NoSecret(String),
    /// A variable of the environment holds what cannot be sent.
    #[error("the variable {variable} must hold {expected}")]
    UnusableSecret {
        variable: String,
        expected: &'static str,
    },
    /// The file of further roots cannot be read.
    #[error("cannot read the root certificates in {path:?}")]
    UnreadableRoots {
        path: String,
        #[source]
        cause: std::io::Error,
    },
    /// The file of further roots holds none, or one that is broken.
    #[error("{path:?} holds no usable root certificate")]
    UnusableRoots {
        path: String,
        #[source]
        cause: crate::tls::Error,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] crate::tls::Error),
    /// A job that is to be resumed is of another kind.
    #[error("job {0} is no crawl")]
    NotACrawl(crate::model::JobId),
    /// A job's settings cannot be read back.
    #[error("the settings of the job cannot be read: {0}")]
    Settings(#[source] serde_json::Error),
    /// The threads that fetch could not be started.
    #[error("cannot start the threads that fetch")]
    Runtime(#[source] std::io::Error),
    /// There is no room for what an archive holds packed.
    #[error("cannot unpack an archive in the temporary folder {}", .folder.display())]
    Unpack {
        folder: std::path::PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// The reason alone: the whole message draws the pattern over several lines, and an error is told in one.
fn in_a_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
