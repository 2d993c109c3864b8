//! What a crawl hands to the store: claims, outcomes, fetch facts and discovered links.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::job::words;
use super::{Digest, Gap, JobId, PackedLinks, Reason, Simhash, Timestamp, UriKey, WorkerId};

/// The right to write the result of one claimed unit.
///
/// Every write of a result updates its unit where worker and attempt still match, in the same
/// transaction; when no row matches, another worker has taken over and nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    pub job: JobId,
    pub worker: WorkerId,
    pub attempt: i64,
}

words! {
    /// What a URL is asked for as.
    UrlKind {
        /// For its content.
        Page = "page",
        /// For the URLs that it lists.
        Sitemap = "sitemap",
        /// For what its site says to language models; recorded, and obeyed in nothing.
        LlmsTxt = "llms_txt",
    }
}

/// A whole body that is stored under a URL, with what its server can be asked about it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// The `ETag` that came with it, as it was written.
    pub etag: Option<String>,
    /// The `Last-Modified` that came with it, as it was written.
    pub last_modified: Option<String>,
    pub body_digest: Digest,
    /// When it was asked for, where that was looked up.
    pub fetched_at: Option<Timestamp>,
}

/// What a host is waited for that is to be left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    pub reason: Reason,
    pub detail: String,
}

impl fmt::Display for Awaited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason, self.detail)
    }
}

impl Awaited {
    /// Reads back what [`Display`](fmt::Display) wrote.
    pub fn of_text(text: &str) -> Option<Self> {
        let (reason, detail) = text.split_once(": ")?;
        Some(Self {
            reason: reason.parse().ok()?,
            detail: detail.to_owned(),
        })
    }
}

/// A URL of the frontier, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontierEntry {
    pub claim: Claim,
    pub key: UriKey,
    /// The normalized URI.
    pub uri: String,
    pub kind: UrlKind,
    /// Where the document is, when it is not at the URI itself; or, where redirects led back to the URI,
    /// after how many it is asked for again.
    pub locator: Option<String>,
    /// Host and port, by which claims are shared out.
    pub host: String,
    pub depth: i64,
    /// Redirects followed to get here.
    pub redirects: i64,
    /// What is stored there already, when the server may be asked if it still holds.
    pub stored: Option<StoredVersion>,
    /// The page on which the URL was found first; `None` for a seed.
    pub referrer: Option<String>,
    /// The link as it was written there, where that is another text than the URI.
    pub found: Option<String>,
    /// How often it was put off in this run, because its host asked for patience.
    pub put_off: u32,
    /// How many fetches of it a daily quota has room for; `None` for any number.
    pub most_fetches: Option<u32>,
}

impl FrontierEntry {
    /// The key of the URL itself, under which its source, gaps and events stand: that of a URL's later
    /// captures in an archive, or of its being asked for again, is the frontier's alone.
    pub fn own_key(&self) -> UriKey {
        match self.locator {
            Some(_) => UriKey::of(&self.uri),
            None => self.key,
        }
    }
}

words! {
    /// How a URL of the frontier ended; each ends in exactly one.
    Outcome {
        /// Stored for the first time.
        New = "new",
        /// Stored; its content differs from an earlier crawl's.
        Changed = "changed",
        /// Fetched; its content is what was stored already.
        Unchanged = "unchanged",
        /// Another name of a URL that has its own outcome.
        Alias = "alias",
        /// Not fetched or not stored, by a decision or a limit.
        Skipped = "skipped",
        /// Should have been stored and could not be.
        Failed = "failed",
    }
}

/// Whether a robots.txt let a URL be fetched, and what said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RobotsDecision {
    pub allowed: bool,
    /// The status of the fetch of robots.txt, or why there was none.
    pub fetch_status: String,
    /// The number of the line that decided, from 1.
    pub line: Option<u32>,
    /// That line, as written.
    pub rule: Option<String>,
}

/// What a fetch showed, besides the body. Kept in the event, so that a refresh does not erase it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FetchFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers that matter later, by lower-case name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The address that was connected to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robots: Option<RobotsDecision>,
    /// Bytes as they came over the network, before content decoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_size: Option<u64>,
    /// Bytes that came in this attempt in all, where that is another number: with tries that brought nothing
    /// to keep, and with the robots.txt that was asked for on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_size: Option<u64>,
    /// The record of an archive that this was read from, or the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// Fetches made in this attempt, retries included.
    pub fetches: u32,
}

/// A body, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Digest of the bytes after content decoding.
    pub digest: Digest,
    pub size: u64,
    /// The bytes, zstd-compressed.
    pub compressed: Vec<u8>,
    /// Of the visible text; none of a text that is too short to be compared, and of what is no text.
    pub simhash: Option<Simhash>,
}

/// What a page says of itself to those who store it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The normalized URI that it calls its canonical one, when that is another than its own.
    pub canonical_uri: Option<String>,
    /// A primary language tag (`de`), or `unknown` where one was looked for and not found.
    pub language: Option<String>,
    /// It asks not to be indexed, and is heard.
    pub noindex: bool,
}

/// What was decided about a link when it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkDecision {
    /// It is in scope and is to be fetched.
    Fetch,
    /// It is not fetched, for this reason.
    Skip(Reason),
}

/// A link found on a page, or a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredLink {
    pub key: UriKey,
    /// The normalized URI.
    pub uri: String,
    /// The link as it was written, made absolute, where that is another text.
    pub found: Option<String>,
    pub kind: UrlKind,
    /// Where the document is, when it is not at the URI itself.
    pub locator: Option<String>,
    /// Larger ones are fetched first; links found on pages have 0.
    pub priority: i64,
    /// One text for all links to a host: a page may have thousands.
    pub host: Arc<str>,
    /// The group that a source at this URI would belong to.
    pub source_group: Arc<str>,
    pub depth: i64,
    pub redirects: i64,
    pub decision: LinkDecision,
    pub detail: String,
}

/// How the fetch of one URL ended.
#[derive(Debug, Clone, PartialEq)]
pub enum PageOutcome {
    /// A body came; the store tells whether it is new, changed or unchanged.
    Stored {
        body: Body,
        title: Option<String>,
        media_type: String,
        charset: Option<String>,
        /// `bom`, `header`, `meta` or `detected`.
        charset_source: Option<String>,
        /// Whether an extractor can be expected to read it.
        extractable: bool,
        declared: Box<Declared>,
        /// Distinct normalized http, https and file links of this body.
        links: PackedLinks,
        /// Links of other schemes (mailto, javascript, data …), counted only.
        other_links: u64,
    },
    /// The URL redirects to `target`, which is among the discovered links.
    Alias { target: UriKey, target_uri: String },
    /// The server says that what is stored still holds. The job loop has it read again, so that this never
    /// reaches the store.
    Unmodified,
    /// Not stored, by a decision or a limit.
    Skipped { reason: Reason, detail: String },
    /// Should have been stored and could not be.
    Failed { reason: Reason, detail: String },
}

/// The whole result of one claimed URL, to be committed in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct PageResult {
    pub entry: FrontierEntry,
    /// The group that a source at this URL belongs to.
    pub source_group: String,
    pub outcome: PageOutcome,
    pub facts: FetchFacts,
    pub fetched_at: Timestamp,
    /// Links to add to the frontier.
    pub discovered: Vec<DiscoveredLink>,
    /// What is missing from a stored body.
    pub gaps: Vec<Gap>,
}

impl DiscoveredLink {
    /// A link to a page at `uri`, to be fetched: a seed of no host and no group.
    pub fn to(uri: String) -> Self {
        Self {
            key: UriKey::of(&uri),
            uri,
            found: None,
            kind: UrlKind::Page,
            locator: None,
            priority: 0,
            host: Arc::default(),
            source_group: Arc::default(),
            depth: 0,
            redirects: 0,
            decision: LinkDecision::Fetch,
            detail: String::new(),
        }
    }

    /// Returns a link as it was written, where that is another text than its URI.
    pub fn found(written: &str, uri: &str) -> Option<String> {
        (written != uri).then(|| written.to_owned())
    }

    /// Returns which of two links to one URL decides about it: that of the smaller rank. What may be followed
    /// comes before what may not because of the page it stands on, and then the nearer one.
    pub fn rank(&self) -> i64 {
        /// More than any depth.
        const LEFT_OUT: i64 = 1 << 31;
        match self.decision {
            LinkDecision::Skip(reason) if reason.hangs_on_referrer() => self.depth + LEFT_OUT,
            _ => self.depth,
        }
    }
}

impl FetchFacts {
    /// Takes note of how many bytes came in this attempt in all.
    pub fn came(&mut self, bytes: u64) {
        self.received_size = Some(bytes).filter(|all| *all != self.transferred_size.unwrap_or(0));
    }

    /// Returns how many bytes came in this attempt in all.
    pub fn received(&self) -> u64 {
        self.received_size.or(self.transferred_size).unwrap_or(0)
    }

    /// Returns the facts as an event's payload part.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}
