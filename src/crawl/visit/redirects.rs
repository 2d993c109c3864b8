//! What this process remembers of redirects, to tell a circle from a way back with a cookie, and another name of
//! a page from a page that is kept behind a cookie.
//!
//! Owns how often a URL is asked again because cookies for it have changed. It neither asks nor reads: whoever
//! does passes in what the cookies are now.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use url::Url;

use crate::crawl::cookies::SentCookies;
use crate::model::{DiscoveredLink, FrontierEntry, UriKey, UrlKind};

/// Redirects in a row that are followed.
pub(super) const MOST_REDIRECTS: i64 = 10;

/// How often a visit asks for its URL again because cookies for it have changed: a page may stand behind two walls,
/// and a server that sets other cookies each time has no end of them.
pub(super) const MOST_ASKED_AGAIN: u32 = 2;

/// Redirects in a row after which none leads back to where another came from: two walls take four.
const MOST_BEFORE_A_WAY_BACK: i64 = 5;

/// How often in a row URLs of an origin may be asked again in vain before no other is: a site that sets a
/// fresh cookie with each answer is not asked twice for each of its redirects.
const MOST_IN_VAIN: u32 = 32;

/// Redirects in a row behind which nothing is asked again with an outcome of its own: each such URL may lead to
/// another, and a server that makes up targets would have them doubled at every step.
const MOST_LED: i64 = 3;

/// Redirects that are remembered, some 20 MB of them. Beyond it all are forgotten: a way back that is then not
/// known for one ends as a circle, which is a loss that is told.
const MOST_REMEMBERED: usize = 1 << 16;

/// A URL that was answered with a redirect.
#[derive(Debug, Clone)]
pub(super) struct Redirected {
    pub(super) uri: String,
    pub(super) kind: UrlKind,
    pub(super) depth: i64,
    pub(super) redirects: i64,
    cookies: SentCookies,
    to: UriKey,
    /// Whether it says so for all time (RFC 9110, 15.4.2 and 15.4.9), and not for whoever has no cookie.
    is_permanent: bool,
    is_asked_again: bool,
}

/// The redirects that this process has met.
#[derive(Debug, Default)]
pub(super) struct Redirects(Mutex<Met>);

#[derive(Debug, Default)]
struct Met {
    by_url: HashMap<UriKey, Redirected>,
    /// The URLs that redirect to one.
    to: HashMap<UriKey, Vec<UriKey>>,
    /// Targets of redirects that only earlier processes of the job have visited.
    visited_before: HashSet<UriKey>,
    /// By origin, how many URLs in a row were asked again by their own visits and said the same: with the cookies
    /// that their own answers had set.
    in_vain: HashMap<String, u32>,
    /// By origin, how many answers in a row had some of its URLs asked again, of which none said anything else.
    /// Counted apart: of many that are in flight when a session begins each says the same at first, and one log-in
    /// helps them all.
    led_in_vain: HashMap<String, u32>,
}

impl Redirects {
    /// Takes note that `entry`, asked for with `cookies`, redirects to `to`.
    pub(super) fn note(
        &self,
        entry: &FrontierEntry,
        cookies: SentCookies,
        to: UriKey,
        is_permanent: bool,
    ) {
        let redirected = Redirected {
            uri: entry.uri.clone(),
            kind: entry.kind,
            depth: entry.depth,
            redirects: entry.redirects,
            cookies,
            to,
            is_permanent,
            is_asked_again: false,
        };
        self.keep(entry.own_key(), redirected);
    }

    /// Takes note of the targets of redirects that earlier processes have visited.
    pub(super) fn note_visited(&self, targets: Vec<UriKey>) {
        self.met().visited_before.extend(targets);
    }

    /// Says, once, that `target` was visited by an earlier process and not by this one, which has no cookies of it.
    pub(super) fn has_no_cookies_of(&self, target: UriKey) -> bool {
        self.met().visited_before.remove(&target)
    }

    /// Takes note of a redirect that an earlier process has met, which had cookies of its own.
    pub(super) fn note_again(&self, link: DiscoveredLink, to: UriKey) {
        let redirected = Redirected {
            kind: link.kind,
            depth: link.depth,
            redirects: link.redirects,
            cookies: SentCookies::default(),
            to,
            is_permanent: false,
            is_asked_again: false,
            uri: link.uri,
        };
        self.keep(link.key, redirected);
    }

    fn keep(&self, from: UriKey, redirected: Redirected) {
        let mut met = self.met();
        if met.by_url.len() >= MOST_REMEMBERED {
            met.by_url.clear();
            met.to.clear();
        }
        let before = met.by_url.get(&from);
        let is_asked_again = before.is_some_and(|before| before.is_asked_again);
        let is_known = before.is_some_and(|before| before.to == redirected.to);
        if !is_known {
            met.to.entry(redirected.to).or_default().push(from);
        }
        let redirected = Redirected {
            is_asked_again,
            ..redirected
        };
        met.by_url.insert(from, redirected);
    }

    /// Says whether the redirects from `target` lead to `entry`, and `target` may be asked again with the cookies
    /// `now`, which are others than those it was asked with.
    pub(super) fn leads_back(
        &self,
        target: UriKey,
        entry: &FrontierEntry,
        now: SentCookies,
    ) -> bool {
        let met = self.met();
        let url = entry.own_key();
        let step = |at: &UriKey| met.by_url.get(at).map(|one| one.to);
        let leads = std::iter::successors(Some(target), step)
            .take(MOST_REDIRECTS as usize + 1)
            .any(|at| at == url);
        // By the redirects alone, so that of many in flight each is told the same.
        let may_be_asked = leads && entry.redirects < MOST_BEFORE_A_WAY_BACK;
        let asked_with = met.by_url.get(&target).map(|one| one.cookies);
        may_be_asked && asked_with.is_some_and(|cookies| cookies != now)
    }

    /// Takes note that a redirect leads back to `target`, which is asked again.
    pub(super) fn came_back(&self, target: UriKey) {
        if let Some(one) = self.met().by_url.get_mut(&target) {
            one.is_asked_again = true;
        }
    }

    /// Returns the URLs that redirect to `url`, directly or through others, and were not asked again yet, with
    /// those that `now` tells other cookies for than they were asked with; counts that they are.
    pub(super) fn behind(&self, url: UriKey, now: impl Fn(&Url) -> SentCookies) -> Vec<Redirected> {
        let mut met = self.met();
        let (mut found, mut origins) = (Vec::new(), BTreeSet::new());
        let mut level = vec![url];
        for _ in 0..MOST_REDIRECTS {
            let before = met.before(&level, url);
            for from in &before {
                let Some(one) = met.by_url.get(from) else {
                    continue;
                };
                let is_new = !one.is_asked_again && one.redirects < MOST_LED && !one.is_permanent;
                let parsed = Url::parse(&one.uri).ok().filter(|_| is_new);
                let other = parsed.filter(|parsed| now(parsed) != one.cookies);
                let other = other.map(|url| url.origin().ascii_serialization());
                let other = other.filter(|origin| has_hope(&met.led_in_vain, origin));
                if let Some(origin) = other {
                    origins.insert(origin);
                    found.push(one.clone());
                    if let Some(one) = met.by_url.get_mut(from) {
                        one.is_asked_again = true;
                    }
                }
            }
            if before.is_empty() {
                break;
            }
            level = before;
        }
        // Until one of them says something else.
        for origin in origins {
            *met.led_in_vain.entry(origin).or_default() += 1;
        }
        found
    }

    /// Says whether there is hope that a URL of the origin of `url` says something else to who comes back with the
    /// cookie that its own answer has set.
    pub(super) fn has_hope(&self, url: &Url) -> bool {
        has_hope(&self.met().in_vain, &url.origin().ascii_serialization())
    }

    /// Takes note that `url`, asked again by its own visit, said the same.
    pub(super) fn was_in_vain(&self, url: &Url) {
        let origin = url.origin().ascii_serialization();
        *self.met().in_vain.entry(origin).or_default() += 1;
    }

    /// Takes note that `url`, asked again, redirects no more.
    pub(super) fn was_good(&self, key: UriKey, url: &Url) {
        self.met().by_url.remove(&key);
        self.gives_hope(url);
    }

    /// Takes note that a URL of the origin of `url`, asked again, redirects no more. What was noted of one that has
    /// an outcome of its own stays: the other one still is a redirect, which others lead back to.
    pub(super) fn gives_hope(&self, url: &Url) {
        let mut met = self.met();
        let origin = url.origin().ascii_serialization();
        met.in_vain.remove(&origin);
        met.led_in_vain.remove(&origin);
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Met {
    /// Returns the URLs that redirect to one of `level`, but for `except`.
    fn before(&self, level: &[UriKey], except: UriKey) -> Vec<UriKey> {
        let mut before = Vec::new();
        for to in level {
            let still = |from: &&UriKey| self.by_url.get(from).is_some_and(|one| one.to == *to);
            let from = self.to.get(to).into_iter().flatten().filter(still);
            before.extend(from.filter(|from| **from != except).copied());
        }
        before
    }
}

fn has_hope(in_vain: &HashMap<String, u32>, origin: &str) -> bool {
    in_vain
        .get(origin)
        .is_none_or(|count| *count < MOST_IN_VAIN)
}
