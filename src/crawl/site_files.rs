//! What a site says about itself besides its pages: the sitemaps that its robots.txt names, and its llms.txt.
//!
//! Owns when sitemaps are handed to the frontier. They go with each page of the site until one such page is
//! committed: a process that dies before has told the frontier nothing, and the next one tells it again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::Scope;
use super::page::Reading;
use super::robots::Known;
use super::uri::{is_web, same_site, source_group, without_secrets};
use crate::model::{
    DiscoveredLink, FrontierEntry, LinkDecision, PageOutcome, PageResult, Reason, RobotsDecision,
    UriKey, UrlKind, clean_text,
};

/// Indexes and redirects that may stand between the first sitemap and one that is read. The protocol has
/// one index; a server that makes them up has no end of them.
const MOST_STEPS: i64 = 5;

/// Sitemaps come before pages: what they list is fetched in the order of its depth.
const PRIORITY: i64 = 1;

/// The sites whose sitemaps are in the frontier.
#[derive(Debug, Default)]
pub(super) struct SiteFiles {
    told: Mutex<HashSet<String>>,
}

impl SiteFiles {
    /// Returns the sitemaps that go with the page `entry` at `url`.
    pub(super) fn announced(
        &self,
        scope: &Scope,
        entry: &FrontierEntry,
        url: &Url,
        known: &Known,
    ) -> Vec<DiscoveredLink> {
        // A sitemap may lie on a host whose own sitemaps are of no concern here.
        if entry.kind != UrlKind::Page || known.sitemaps().is_empty() {
            return Vec::new();
        }
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.contains(&origin(url)) {
            return Vec::new();
        }
        drop(told);
        let written = known.sitemaps().iter();
        written
            .map(|written| announced_sitemap(scope, url, written, entry.depth))
            .collect()
    }

    /// Takes note that a page's result is in the database.
    pub(super) fn committed(&self, page: &PageResult) {
        let first = page.discovered.first();
        let has_announced = page.entry.kind == UrlKind::Page
            && first.is_some_and(|link| link.kind == UrlKind::Sitemap);
        if has_announced && let Ok(url) = Url::parse(&page.entry.uri) {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.insert(origin(&url));
        }
    }
}

/// Returns the decision about a sitemap that its own host's robots.txt names: that is an invitation, whatever
/// the rules say of the folder that it lies in.
pub(super) fn invited(entry: &FrontierEntry, url: &Url, known: &Known) -> Option<RobotsDecision> {
    if entry.kind != UrlKind::Sitemap {
        return None;
    }
    let named = known.sitemaps().iter().find(|written| {
        let named = url.join("/robots.txt").and_then(|base| base.join(written));
        named.is_ok_and(|named| without_secrets(&named) == url.as_str())
    })?;
    let mut decision = known.decide("", url);
    decision.allowed = true;
    decision.line = None;
    decision.rule = Some(format!("Sitemap: {}", super::redacted(named)));
    Some(decision)
}

/// Makes the frontier's entry for a sitemap that the robots.txt of `page`'s site names, on whatever host and
/// whatever the patterns say: it is read for its addresses, and those are subject to them. It is as deep as
/// the page, so that what it lists is one step from there.
fn announced_sitemap(scope: &Scope, page: &Url, written: &str, depth: i64) -> DiscoveredLink {
    let target = page.join("/robots.txt").and_then(|base| base.join(written));
    match target {
        Ok(target) if is_web(&target) => {
            let found = without_secrets(&target);
            let mut link = scope.discovered(&target, &found, depth, 0);
            link.decision = LinkDecision::Fetch;
            link.detail.clear();
            as_sitemap(link)
        }
        _ => unreadable(page, written, depth),
    }
}

/// Makes the frontier's entry for a sitemap that another one at `parent` lists, after `steps`: one of the
/// crawl's sites, or of the parent's.
pub(super) fn nested_sitemap(
    scope: &Scope,
    parent: &Url,
    target: &Url,
    depth: i64,
    steps: i64,
) -> DiscoveredLink {
    let mut link = scope.discovered(target, target.as_str(), depth, steps);
    if steps > MOST_STEPS {
        link.decision = LinkDecision::Skip(Reason::SitemapNesting);
        link.detail = format!("after {MOST_STEPS} others");
    } else if link.decision != LinkDecision::Skip(Reason::OutOfScope) || same_site(parent, target) {
        link.decision = LinkDecision::Fetch;
        link.detail.clear();
    }
    as_sitemap(link)
}

/// Makes the frontier's entry for the place that the sitemap `entry` at `url` has moved to.
pub(super) fn moved_sitemap(
    scope: &Scope,
    url: &Url,
    target: &Url,
    entry: &FrontierEntry,
) -> DiscoveredLink {
    nested_sitemap(scope, url, target, entry.depth, entry.redirects + 1)
}

/// Makes a link one to a sitemap.
pub(super) fn as_sitemap(link: DiscoveredLink) -> DiscoveredLink {
    DiscoveredLink {
        kind: UrlKind::Sitemap,
        priority: PRIORITY,
        ..link
    }
}

/// A line of robots.txt that names a sitemap and holds no address of one.
fn unreadable(page: &Url, written: &str, depth: i64) -> DiscoveredLink {
    let shown = clean_text(super::redacted(written).as_str()).into_owned();
    as_sitemap(DiscoveredLink {
        key: UriKey::of(&shown),
        found: None,
        uri: shown,
        kind: UrlKind::Sitemap,
        locator: None,
        priority: 0,
        host: Arc::default(),
        source_group: source_group(page, "/").into(),
        depth,
        redirects: 0,
        decision: LinkDecision::Skip(Reason::MalformedUrl),
        detail: "a Sitemap line of robots.txt".to_owned(),
    })
}

/// Returns what came of a site's llms.txt: no site need have one, and a page of HTML in its place is none.
pub(super) fn of_llms_txt(reading: Reading) -> Reading {
    let absent = |detail: &str| Reading::skipped(Reason::LlmsTxtAbsent, detail);
    match &reading.outcome {
        PageOutcome::Failed { reason, .. } if *reason == Reason::CrawlPanicked => reading,
        PageOutcome::Failed { reason, detail } => absent(&format!("{reason}: {detail}")),
        PageOutcome::Skipped { reason, detail } if *reason == Reason::MediaType => absent(detail),
        PageOutcome::Stored { media_type, .. } if media_type.contains("html") => absent(media_type),
        _ => reading,
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
