//! The reading of a page of which its server said that what is stored still holds.
//!
//! Owns the answer that is made of the stored one and of the headers that came now. It reads no store: what is
//! stored is handed in by the job loop.

use std::sync::Arc;

use url::Url;

use super::Visitor;
use super::fetch::{Answer, BodyEnd, Head};
use super::page::Reading;
use crate::model::{FetchFacts, PageResult, Reason};

impl Visitor {
    /// Reads a page from what is stored of it, after its server has said that this still holds. `None` when
    /// the runtime is going down.
    pub(super) async fn read_again(&self, page: PageResult, answer: Answer) -> Option<PageResult> {
        self.backlog.room().await;
        let permits = Arc::clone(&self.permits);
        // What has been answered is read to its end, also when the crawl stops.
        let permit = permits.acquire_owned().await.ok();
        let reading = match Url::parse(&page.entry.uri) {
            Ok(url) => self.read_body(url, &page.entry, answer).await?,
            Err(error) => Reading::failed(Reason::MalformedUrl, error.to_string()),
        };
        drop(permit);
        let page = PageResult {
            outcome: reading.outcome,
            // What robots.txt names was found with the answer.
            discovered: [page.discovered, reading.discovered].concat(),
            gaps: reading.gaps,
            ..page
        };
        self.backlog.add(&page);
        Some(page)
    }
}

/// Makes the answer that a server spared itself: the headers and the body as they came before, with the
/// headers that came now in their place (RFC 9111, 4.3.4).
pub(super) fn again(now: &FetchFacts, before: Vec<(String, String)>, body: Vec<u8>) -> Answer {
    // What speaks of the content came with the content; servers send such headers with a 304 by default,
    // and browsers pass over them, too.
    let is_of_content = |name: &str| name.starts_with("content-");
    let newer = now.headers.iter().filter(|(name, _)| !is_of_content(name));
    let mut headers: Vec<(String, String)> = before
        .into_iter()
        .filter(|(name, _)| {
            is_of_content(name) || !now.headers.iter().any(|(newer, _)| newer == name)
        })
        // The stored body has no encoding any more.
        .filter(|(name, _)| name != "content-encoding")
        .chain(newer.cloned())
        .collect();
    headers.sort();
    Answer {
        head: Head {
            status: 200,
            headers,
            remote_address: now.remote_address.clone(),
            ..Head::default()
        },
        body,
        end: BodyEnd::Whole,
    }
}
