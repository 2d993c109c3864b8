//! The archives among the seeds, and the entries of the frontier for their captures.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::Scope;
use crate::crawl::uri::is_web;
use crate::model::{DiscoveredLink, LinkDecision, Reason};

impl Scope {
    /// Adds the archives among the seeds, by their canonical paths.
    pub(in crate::crawl) fn with_archives(mut self, archives: Vec<PathBuf>) -> Self {
        self.archives = archives;
        self
    }

    /// Returns the archives among the seeds.
    pub(in crate::crawl) fn archives(&self) -> &[PathBuf] {
        &self.archives
    }

    /// Says whether there is an archive among the seeds.
    pub fn has_archives(&self) -> bool {
        !self.archives.is_empty()
    }

    /// Says whether `url` names a file that a seed on disk holds, or an archive among the seeds.
    pub(in crate::crawl) fn is_on_disk(&self, url: &Url) -> bool {
        let path = if url.scheme() == "file" {
            url.to_file_path().ok()
        } else {
            None
        };
        path.is_some_and(|path| self.root_of(&path).is_some() || self.archives.contains(&path))
    }

    /// Makes the frontier's entry for a capture of `url` in an archive, at `locator`; `ordinal` counts the
    /// earlier ones of that URL in the job. Captures are read whatever site they are of.
    pub(in crate::crawl) fn archived(
        &self,
        url: &Url,
        found: &str,
        ordinal: u32,
        locator: String,
    ) -> DiscoveredLink {
        let mut link = self.discovered(url, found, i64::from(ordinal), 0);
        (link.decision, link.detail) = match self.excluded(&link.uri) {
            Some(detail) => (LinkDecision::Skip(Reason::Excluded), detail),
            None if is_robots_txt(&link.uri) => {
                (LinkDecision::Skip(Reason::ArchivedRobots), String::new())
            }
            None => (LinkDecision::Fetch, String::new()),
        };
        link.key = link.key.capture(ordinal);
        link.locator = Some(locator);
        // No host is asked, so none is to be waited for.
        link.host = Arc::default();
        link
    }
}

/// Says so of a normalized URL: an archive may spell the name with escapes.
fn is_robots_txt(uri: &str) -> bool {
    Url::parse(uri)
        .is_ok_and(|url| is_web(&url) && url.path() == "/robots.txt" && url.query().is_none())
}
