//! The visit of a file: no robots.txt, no turn, no network.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use url::Url;

use super::{Answered, Visitor};
use crate::crawl::archive::Trail;
use crate::crawl::panics;
use crate::model::{FetchFacts, FrontierEntry, Timestamp, UrlKind};

/// Returns where the file of an entry is that has another URL.
pub(super) fn located(entry: &FrontierEntry) -> Option<Url> {
    let file = Url::parse(entry.locator.as_deref()?).ok()?;
    (file.scheme() == "file").then_some(file)
}

impl Visitor {
    /// Visits `url`, which is read from `file`, a `file:` URL.
    pub(super) async fn visit_file(
        &self,
        url: Url,
        file: Url,
        entry: &FrontierEntry,
        facts: &mut FetchFacts,
        trail: &mut Trail,
    ) -> Option<Answered> {
        let permit = self.permit().await?;
        let reader = Arc::clone(&self.reader);
        let (kind, depth, redirects) = (entry.kind, entry.depth, entry.redirects);
        facts.fetches = 1;
        let at = Timestamp::now();
        let recorder = self.recorder.clone();
        let read = spawn_blocking(move || {
            let mut captured = None;
            let record = |bytes: &[u8], is_cut| {
                captured = recorder.and_then(|recorder| recorder.file(&url, at, bytes, is_cut));
            };
            let (reading, size) = match kind {
                UrlKind::Sitemap => reader.read_sitemap_file(&url, &file, depth, redirects, record),
                UrlKind::Page | UrlKind::LlmsTxt => {
                    reader.read_file(&url, &file, depth, redirects, record)
                }
            };
            (reading, size, captured)
        });
        let read = read.await;
        drop(permit);
        let reading = match read {
            Ok((reading, size, captured)) => {
                facts.transferred_size = size;
                trail.add_file(captured);
                reading
            }
            Err(error) => panics::unread(error)?,
        };
        let pause = None;
        Some(Answered { reading, at, pause })
    }
}
