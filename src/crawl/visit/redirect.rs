//! Where an answer sends a visit on to: another name of the page, a page that is kept behind a cookie, or nowhere
//! that can be followed.
//!
//! A URL that redirects, and for which other cookies are there now than it was asked with, is asked once more: by
//! its own visit where they came before its answer did, and with an outcome of its own where they came with the
//! answer of what it redirects to. Of several that are in flight when one of them is led through a log-in, the
//! others would end as other names of it.

use url::Url;

use super::Visitor;
use super::exchange::{Exchange, Request};
use super::judgement::is_redirect;
use super::redirects::{MOST_ASKED_AGAIN, MOST_REDIRECTS, Redirected};
use crate::crawl::archive::Trail;
use crate::crawl::archived::Locator;
use crate::crawl::fetch::{Answer, Head};
use crate::crawl::page::Reading;
use crate::crawl::site_files::{self, as_sitemap};
use crate::crawl::uri::{is_web, without_secrets};
use crate::model::{DiscoveredLink, FrontierEntry, LinkDecision, Reason, UriKey, UrlKind};

/// What the locator begins with of a URL that is asked again.
const ASKED_AGAIN: &str = "redirect:";

impl Visitor {
    pub(super) fn redirect(&self, url: &Url, entry: &FrontierEntry, head: &Head) -> Reading {
        let target = match target_of(url, head) {
            Ok(target) => target,
            Err(detail) => return Reading::failed(Reason::MalformedRedirect, detail),
        };
        let found = without_secrets(&target);
        let is_captured = is_capture(entry);
        // Captures were asked for by somebody else.
        let came_back = !is_captured && self.came_back(entry, &target, head);
        // Of an archive the store tells, which knows whether the URL was captured again.
        let is_circle = self.reader.scope.normalize(&target) == entry.uri && !is_captured;
        if !came_back && is_circle {
            return Reading::failed(Reason::RedirectLoop, format!("to {found}"));
        }
        if entry.redirects >= MOST_REDIRECTS {
            return Reading::failed(Reason::TooManyRedirects, format!("on to {found}"));
        }
        let link = self.redirected(url, entry, &target);
        if came_back {
            return Reading::alias(asked_again(link));
        }
        // What an earlier process was shown behind it is shown to none that has not been there.
        let is_shown_again = !is_captured
            && !is_permanent(head.status)
            && link.decision == LinkDecision::Fetch
            && self.redirects.has_no_cookies_of(link.key);
        let again = is_shown_again.then(|| asked_again(link.clone()));
        let mut reading = Reading::alias(link);
        reading.discovered.extend(again);
        reading
    }

    /// Takes note of the other names that earlier processes have found: of URLs that they have not visited, and
    /// which ones they have.
    pub fn remember_aliases(&self, aliases: Vec<(DiscoveredLink, UriKey)>, ended: Vec<UriKey>) {
        self.redirects.note_visited(ended);
        for (link, to) in aliases {
            self.redirects.note_again(link, to);
        }
    }

    fn redirected(&self, url: &Url, entry: &FrontierEntry, target: &Url) -> DiscoveredLink {
        let scope = &self.reader.scope;
        match entry.kind {
            UrlKind::Sitemap => site_files::moved_sitemap(scope, url, target, entry),
            UrlKind::Page | UrlKind::LlmsTxt => DiscoveredLink {
                kind: entry.kind,
                ..scope.redirected(
                    target,
                    &without_secrets(target),
                    entry.depth,
                    entry.redirects + 1,
                )
            },
        }
    }

    /// Says whether a redirect leads back to where it came from, where another answer may be had now.
    fn came_back(&self, entry: &FrontierEntry, target: &Url, head: &Head) -> bool {
        let to = self.key_of(target);
        self.redirects
            .note(entry, head.cookies, to, is_permanent(head.status));
        let now = self.fetcher.cookies_now(target);
        // Its own visit has asked it again already.
        let is_own = to == entry.own_key();
        let came_back = !is_own && self.redirects.leads_back(to, entry, now);
        if came_back {
            self.redirects.came_back(to);
        }
        came_back
    }

    /// Asks for a URL again whose answer is a redirect, while other cookies are there for it than it was asked
    /// with. Adds to `passed` where its first answer would have led, when the last is no redirect.
    pub(super) async fn with_cookies(
        &self,
        request: Request<'_>,
        wanted: impl Fn(&Head) -> bool + Sync,
        entry: &FrontierEntry,
        mut exchange: Exchange,
        (trail, passed): (&mut Trail, &mut Vec<DiscoveredLink>),
    ) -> Option<Exchange> {
        let url = request.url;
        for _ in 0..MOST_ASKED_AGAIN {
            let Some(target) = self.asks_again(url, entry, &exchange) else {
                break;
            };
            let has_try = entry
                .most_fetches
                .is_none_or(|most| exchange.fetches < most);
            if !has_try {
                break;
            }
            // Its slot is what the next exchange may wait for.
            drop(exchange.permit.take());
            let mut next = self.exchange(request, &wanted, trail).await?;
            next.fetches += exchange.fetches;
            next.received += exchange.received;
            let is_circle = self.key_of(&target) == entry.own_key();
            let led = redirect_in(url, &next);
            exchange = next;
            if led.is_some() {
                // One target alone, or a server that names another each time has no end of them.
                self.redirects.was_in_vain(url);
            } else {
                self.redirects.was_good(entry.own_key(), url);
                let link = (!is_circle).then(|| self.redirected(url, entry, &target));
                passed.extend(link);
            }
            if !is_circle {
                break;
            }
        }
        Some(exchange)
    }

    /// Returns where an answer redirects to, when the URL is to be asked again before that counts.
    fn asks_again(&self, url: &Url, entry: &FrontierEntry, exchange: &Exchange) -> Option<Url> {
        let answer = exchange.outcome.as_ref().ok()?;
        let target = redirect_in(url, exchange)?;
        let head = &answer.head;
        let (own, to) = (entry.own_key(), self.key_of(&target));
        // Before the cookies are looked at: those that are set after that find it.
        self.redirects
            .note(entry, head.cookies, to, is_permanent(head.status));
        if head.cookies == self.fetcher.cookies_now(url) {
            return None;
        }
        if to == own {
            return Some(target);
        }
        let now = self.fetcher.cookies_now(&target);
        let has_hope =
            !is_permanent(head.status) && (!head.sets_cookies || self.redirects.has_hope(url));
        // A way back is gone by itself.
        let is_way_back = self.redirects.leads_back(to, entry, now);
        (has_hope && !is_way_back && !is_asked_again(entry)).then_some(target)
    }

    /// Returns the links by which the URLs are asked again that redirect to the one of `entry`, whose answer has
    /// set cookies.
    pub(super) fn behind_cookies(&self, entry: &FrontierEntry) -> Vec<DiscoveredLink> {
        let behind = self
            .redirects
            .behind(entry.own_key(), |url| self.fetcher.cookies_now(url));
        behind
            .iter()
            .filter_map(|one| self.once_more(one))
            .collect()
    }

    /// Makes the link by which a URL is asked again.
    fn once_more(&self, one: &Redirected) -> Option<DiscoveredLink> {
        let url = Url::parse(&one.uri).ok()?;
        let scope = &self.reader.scope;
        let link = scope.redirected(&url, &one.uri, one.depth, one.redirects + 1);
        let link = match one.kind {
            UrlKind::Sitemap => as_sitemap(link),
            kind => DiscoveredLink { kind, ..link },
        };
        Some(asked_again(DiscoveredLink {
            // It was asked for before.
            decision: LinkDecision::Fetch,
            detail: String::new(),
            ..link
        }))
    }

    /// Takes note of what came of a URL that is asked again with an outcome of its own.
    pub(super) fn came_of_cookies(&self, url: &Url, entry: &FrontierEntry, answer: &Answer) {
        if is_asked_again(entry) && !is_redirect(answer.head.status) {
            self.redirects.gives_hope(url);
        }
    }

    fn key_of(&self, url: &Url) -> UriKey {
        UriKey::of(&self.reader.scope.normalize(url))
    }
}

/// Returns where an answer sends on to, or in words why that cannot be followed.
fn target_of(url: &Url, head: &Head) -> Result<Url, String> {
    let Some(location) = head.header("location") else {
        return Err(format!("{} without a Location", head.status_text()));
    };
    match url.join(location) {
        Ok(target) if is_web(&target) => Ok(target),
        Ok(target) => Err(format!("to scheme {:?}", target.scheme())),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns where an exchange ended in a redirect to.
fn redirect_in(url: &Url, exchange: &Exchange) -> Option<Url> {
    let answer = exchange.outcome.as_ref().ok()?;
    let is_redirect = is_redirect(answer.head.status);
    (is_redirect && exchange.pause.is_none())
        .then(|| target_of(url, &answer.head).ok())
        .flatten()
}

fn is_permanent(status: u16) -> bool {
    matches!(status, 301 | 308)
}

fn is_capture(entry: &FrontierEntry) -> bool {
    let locator = entry.locator.as_deref();
    locator.and_then(Locator::parse).is_some()
}

fn is_asked_again(entry: &FrontierEntry) -> bool {
    let locator = entry.locator.as_deref();
    locator.is_some_and(|locator| locator.starts_with(ASKED_AGAIN))
}

/// Makes of the link to a URL that has its outcome one that gets another: by the number of redirects before
/// it, which ends what a server would go on with.
fn asked_again(mut link: DiscoveredLink) -> DiscoveredLink {
    let redirects = u32::try_from(link.redirects).unwrap_or_default();
    // From the other end than the captures of an archive are numbered from.
    link.key = link.key.capture(u32::MAX - redirects);
    link.locator = Some(format!("{ASKED_AGAIN}{redirects}"));
    link
}
