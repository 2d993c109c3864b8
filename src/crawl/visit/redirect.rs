//! Where an answer sends a visit on to: another name of the page, or nowhere that can be followed.
//!
//! Owns what this process remembers of redirects, to tell a circle from a way back with a cookie: a URL that
//! is led back to is asked again, with an outcome of its own, when the cookies for it have changed since.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

use super::Visitor;
use crate::crawl::archived::Locator;
use crate::crawl::cookies::SentCookies;
use crate::crawl::fetch::Head;
use crate::crawl::page::Reading;
use crate::crawl::site_files;
use crate::crawl::uri::{is_web, without_secrets};
use crate::model::{DiscoveredLink, FrontierEntry, Reason, UriKey, UrlKind};

/// Redirects in a row that are followed.
const MOST_REDIRECTS: i64 = 10;

/// Redirects that are remembered, 3 MB of them. Beyond it all are forgotten: a way back that is then not
/// known for one ends as a circle, which is a loss that is told.
const MOST_REMEMBERED: usize = 1 << 16;

/// The redirects that this process has met: from which URL, asked with which cookies, to which.
#[derive(Debug, Default)]
pub(super) struct Redirects(Mutex<HashMap<UriKey, (SentCookies, UriKey)>>);

impl Redirects {
    fn note(&self, from: UriKey, cookies: SentCookies, to: UriKey) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(from, (cookies, to));
    }

    /// Returns the cookies that `target` was last asked with, when its redirects lead to `url`.
    fn asked_with(&self, target: UriKey, url: UriKey) -> Option<SentCookies> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (cookies, _) = *known.get(&target)?;
        let step = |at: &UriKey| known.get(at).map(|(_, to)| *to);
        std::iter::successors(Some(target), step)
            .take(MOST_REDIRECTS as usize + 1)
            .any(|at| at == url)
            .then_some(cookies)
    }
}

impl Visitor {
    pub(super) fn redirect(&self, url: &Url, entry: &FrontierEntry, head: &Head) -> Reading {
        let Some(location) = head.header("location") else {
            return Reading::failed(
                Reason::MalformedRedirect,
                format!("{} without a Location", head.status_text()),
            );
        };
        let target = match url.join(location) {
            Ok(target) if is_web(&target) => target,
            Ok(target) => {
                let detail = format!("to scheme {:?}", target.scheme());
                return Reading::failed(Reason::MalformedRedirect, detail);
            }
            Err(error) => return Reading::failed(Reason::MalformedRedirect, error.to_string()),
        };
        let found = without_secrets(&target);
        let came_back = self.came_back(entry, &target, head);
        if !came_back && self.reader.scope.normalize(&target) == entry.uri {
            return Reading::failed(Reason::RedirectLoop, format!("to {found}"));
        }
        if entry.redirects >= MOST_REDIRECTS {
            return Reading::failed(Reason::TooManyRedirects, format!("on to {found}"));
        }
        let redirects = entry.redirects + 1;
        let scope = &self.reader.scope;
        let link = match entry.kind {
            UrlKind::Sitemap => site_files::moved_sitemap(scope, url, &target, entry),
            UrlKind::Page | UrlKind::LlmsTxt => DiscoveredLink {
                kind: entry.kind,
                ..scope.redirected(&target, &found, entry.depth, redirects)
            },
        };
        Reading::alias(if came_back { asked_again(link) } else { link })
    }

    /// Says whether a redirect leads back to where it came from, where another answer may be had now.
    fn came_back(&self, entry: &FrontierEntry, target: &Url, head: &Head) -> bool {
        // Captures were asked for by somebody else.
        let locator = entry.locator.as_deref();
        if locator.and_then(Locator::parse).is_some() {
            return false;
        }
        let (url, to) = (
            entry.own_key(),
            UriKey::of(&self.reader.scope.normalize(target)),
        );
        self.redirects.note(url, head.cookies, to);
        self.redirects
            .asked_with(to, url)
            .is_some_and(|cookies| cookies != self.fetcher.cookies_now(target))
    }
}

/// Makes of the link to a URL that has its outcome one that gets another: by the number of redirects before
/// it, which ends what a server would go on with.
fn asked_again(mut link: DiscoveredLink) -> DiscoveredLink {
    let redirects = u32::try_from(link.redirects).unwrap_or_default();
    // From the other end than the captures of an archive are numbered from.
    link.key = link.key.capture(u32::MAX - redirects);
    link.locator = Some(format!("redirect:{redirects}"));
    link
}
