//! What a site says about itself besides its pages: the sitemaps that its robots.txt names, and its llms.txt.
//!
//! Owns when sitemaps are handed to the frontier. They go with each page of the site until one such page is
//! committed: a process that dies before has told the frontier nothing, and the next one tells it again.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use url::Url;

use super::Scope;
use super::page::Reading;
use super::robots::Known;
use super::uri::{is_web, same_site, source_group, without_secrets};
use crate::model::{
    DiscoveredLink, FrontierEntry, LinkDecision, PageOutcome, PageResult, Reason, RobotsDecision,
    UrlKind, clean_text,
};

/// Indexes and redirects that may stand between the first sitemap and one that is read. The protocol has
/// one index; a server that makes them up has no end of them.
const MOST_STEPS: i64 = 5;

/// What a site says about itself comes before its pages: what sitemaps list is fetched in the order of its
/// depth, and a limit on pages leaves out none of it that is known in time.
const PRIORITY: i64 = 1;

/// The sites whose sitemaps are in the frontier, and those that were asked for their llms.txt.
#[derive(Debug, Default)]
pub(super) struct SiteFiles {
    told: Mutex<HashSet<String>>,
    asked: Mutex<HashSet<String>>,
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

    /// Says, once, that the origin of `url` is to be asked for its llms.txt.
    pub(super) fn asks_for_llms_txt(&self, url: &Url) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(origin(url))
    }

    /// Tells the sitemaps of the origin of `url` again, because its robots.txt is read anew.
    pub(super) fn forget(&self, url: &Url) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.remove(&origin(url));
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
    let named = name_of(known, url)?;
    let mut decision = known.decide("", url);
    decision.allowed = true;
    decision.line = None;
    decision.rule = Some(format!("Sitemap: {}", super::redacted(named)));
    Some(decision)
}

/// Says whether the robots.txt of a URL's own host names it as a sitemap.
pub(super) fn names(known: &Known, url: &Url) -> bool {
    name_of(known, url).is_some()
}

/// Returns the line of the robots.txt of a URL's own host that names it as a sitemap, as written.
fn name_of<'a>(known: &'a Known, url: &Url) -> Option<&'a str> {
    let mut lines = known.sitemaps().iter().map(String::as_str);
    lines.find(|written| {
        if !may_end_like(written, url) {
            return false;
        }
        let named = url.join("/robots.txt").and_then(|base| base.join(written));
        named.is_ok_and(|named| without_secrets(&named) == url.as_str())
    })
}

/// Says whether a line may name `url`, by its end: there may be thousands of lines, and every page is asked of.
fn may_end_like(written: &str, url: &Url) -> bool {
    let is_plain = written.is_ascii() && !written.contains(['%', '#', ' ']);
    let tail = &url.as_str()[url.as_str().len().saturating_sub(4)..];
    !is_plain || url.path() == "/" || written.ends_with(tail)
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

/// Makes a link one to an llms.txt.
pub(super) fn as_llms_txt(link: DiscoveredLink) -> DiscoveredLink {
    DiscoveredLink {
        kind: UrlKind::LlmsTxt,
        priority: PRIORITY,
        ..link
    }
}

/// A line of robots.txt that names a sitemap and holds no address of one.
fn unreadable(page: &Url, written: &str, depth: i64) -> DiscoveredLink {
    let shown = clean_text(super::redacted(written).as_str()).into_owned();
    as_sitemap(DiscoveredLink {
        kind: UrlKind::Sitemap,
        source_group: source_group(page, "/").into(),
        depth,
        decision: LinkDecision::Skip(Reason::MalformedUrl),
        detail: "a Sitemap line of robots.txt".to_owned(),
        ..DiscoveredLink::to(shown)
    })
}

/// Says whether a site's llms.txt would be at `url`.
pub(super) fn is_llms_txt(url: &Url) -> bool {
    url.path() == "/llms.txt" && url.query().is_none()
}

/// Returns what came of a site's llms.txt: no site need have one, and a page of HTML in its place is none.
pub(super) fn of_llms_txt(reading: Reading) -> Reading {
    let absent = |detail: &str| Reading::skipped(Reason::LlmsTxtAbsent, detail);
    match &reading.outcome {
        // Any other failure may have kept one from being read.
        PageOutcome::Failed { reason, detail } if *reason == Reason::HttpNotFound => {
            absent(&format!("{reason}: {detail}"))
        }
        PageOutcome::Skipped { reason, detail } if *reason == Reason::MediaType => absent(detail),
        PageOutcome::Stored { media_type, .. } if media_type.contains("html") => absent(media_type),
        _ => reading,
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::super::{CrawlSettings, seeds};
    use super::*;
    use crate::crawl::robots::Known;
    use crate::crawl::rules::Robots;
    use crate::crawl::visit_tests::entry;
    use crate::model::{FetchFacts, Timestamp};

    fn known(lines: &[&str]) -> Known {
        let lines = lines.iter().map(|line| format!("Sitemap: {line}\n"));
        let text: String = lines.collect();
        Known::of_text(Robots::parse(text.as_bytes()), "200 OK")
    }

    #[test]
    fn a_sitemap_is_known_by_its_line() {
        let known = known(&[
            "https://e.test/maps/a.txt",
            "b%20c.gz",
            "/d.xml ",
            "HTTPS://E.test/x/../é.txt#part",
            "https://e.test",
        ]);
        for (uri, is_named) in [
            ("https://e.test/maps/a.txt", true),
            ("https://e.test/b%20c.gz", true),
            ("https://e.test/d.xml", true),
            ("https://e.test/%C3%A9.txt", true),
            ("https://e.test/", true),
            ("https://e.test/a.txt", false),
            ("https://e.test/maps/a.txt?b", false),
            ("http://e.test/maps/a.txt", false),
        ] {
            assert_eq!(names(&known, &Url::parse(uri).unwrap()), is_named, "{uri}");
        }
    }

    #[test]
    fn sitemaps_are_told_once_of_each_reading_of_robots_txt() {
        let settings = CrawlSettings {
            seeds: vec!["https://e.test/".to_owned()],
            ..CrawlSettings::default()
        };
        let (scope, _) = seeds(&settings).unwrap();
        let (files, url) = (SiteFiles::default(), Url::parse("https://e.test/").unwrap());
        let entry = entry(url.as_str(), 0);
        let told = |known: &Known| files.announced(&scope, &entry, &url, known);
        let (before, now) = (known(&["/a.xml"]), known(&["/a.xml", "/b.xml"]));
        let first = told(&before);
        assert_eq!(
            (first.len(), told(&before).len()),
            (1, 1),
            "until it is committed"
        );
        files.committed(&PageResult {
            entry: entry.clone(),
            source_group: String::new(),
            outcome: PageOutcome::Unmodified,
            facts: FetchFacts::default(),
            fetched_at: Timestamp::now(),
            discovered: first,
            gaps: Vec::new(),
        });
        assert_eq!(told(&now).len(), 0);
        files.forget(&url);
        assert_eq!(told(&now).len(), 2);
    }
}
