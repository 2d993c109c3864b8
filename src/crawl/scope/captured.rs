//! The archives among the seeds, and the entries of the frontier for their captures.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::Scope;
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
            None => (LinkDecision::Fetch, String::new()),
        };
        link.key = link.key.capture(ordinal);
        link.locator = Some(locator);
        // No host is asked, so none is to be waited for.
        link.host = Arc::default();
        link
    }
}
