//! robots.txt as a visit meets it: asked for on the way to a page, and what it makes of the page.
//!
//! What the file means is next door in `robots`; here stand its fetch, in its host's turn, and the bytes that
//! came with it.

use std::sync::atomic::{AtomicU64, Ordering};

use url::Url;

use super::{Request, Visitor};
use crate::crawl::archive::Trail;
use crate::crawl::fetch::{Answer, Failure, Head};
use crate::crawl::page::Reading;
use crate::crawl::robots::{self, Ask, Known};
use crate::model::{Reason, RobotsDecision};

/// Asks servers for their robots.txt, on the way of one visit.
pub(in crate::crawl) struct Asking<'a> {
    visitor: &'a Visitor,
    received: AtomicU64,
}

impl<'a> Asking<'a> {
    pub(in crate::crawl) fn of(visitor: &'a Visitor) -> Self {
        Self {
            visitor,
            received: AtomicU64::new(0),
        }
    }

    /// Returns what the origin's robots.txt says; the inner `None` when it is not to be read.
    pub(super) async fn robots_for(&self, url: &Url) -> Option<Option<Known>> {
        if self.visitor.reader.settings.ignore_robots {
            return Some(None);
        }
        // Its fetch sees the stop, and with it those who wait for the same file.
        self.visitor.robots.known(url, self).await.map(Some)
    }

    /// Bytes that came for it.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

impl Ask for Asking<'_> {
    async fn ask(&self, url: Url) -> Option<Result<Answer, Failure>> {
        let visitor = self.visitor;
        // What it names as sitemaps may be other ones than before.
        visitor.site_files.forget(&url);
        let wanted = |head: &Head| (200..300).contains(&head.status);
        // Of the site and not of the page that happens to ask: what the trail holds is no page's.
        let mut trail = Trail::new(visitor.recorder.as_ref());
        let request = Request {
            url: &url,
            stored: None,
            crawl_delay: None,
            cap: robots::BODY_CAP,
            retries: visitor.reader.settings.retries,
        };
        let exchange = visitor.exchange(request, wanted, &mut trail).await?;
        self.received
            .fetch_add(exchange.received, Ordering::Relaxed);
        Some(exchange.outcome)
    }
}

pub(super) fn unasked() -> RobotsDecision {
    RobotsDecision {
        allowed: true,
        fetch_status: "ignored".to_owned(),
        line: None,
        rule: None,
    }
}

/// Returns the outcome of a URL that robots.txt does not let be fetched.
pub(super) fn refusal(known: Option<&Known>, decision: &RobotsDecision) -> Option<Reading> {
    if decision.allowed {
        return None;
    }
    Some(match known {
        Some(Known::Unreachable {
            reason: Reason::AddressRefused,
            detail,
        }) => Reading::failed(Reason::AddressRefused, detail),
        Some(Known::Unreachable { .. }) => {
            Reading::failed(Reason::RobotsUnreachable, &decision.fetch_status)
        }
        _ => {
            let rule = decision.rule.as_deref().unwrap_or_default();
            let line = decision.line.unwrap_or_default();
            Reading::skipped(Reason::RobotsDisallowed, format!("line {line}: {rule}"))
        }
    })
}
