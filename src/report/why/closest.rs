//! The answer about a URL that nothing is known of: what was looked through, and the URIs that look like it.

use super::{CloseLine, SearchedLine, VerdictLine, WhyReport};
use crate::store::{Result, Store};

/// URIs that are named when a URL is nowhere.
const CLOSEST: usize = 5;

/// A URL that nothing is known of: what was looked through, and what looks like it.
pub(super) fn nowhere(store: &mut Store, typed: &str) -> Result<WhyReport> {
    let mut closest = Closest::to(typed);
    let uris = store.each_known_uri(&mut |uri| closest.look_at(uri))?;
    let refused = store.each_refused_uri(&mut |uri| closest.look_at(uri))?;
    let mut lines = Vec::new();
    for uri in closest.found() {
        let is_stored = store.source_at(&uri)?.is_some();
        lines.push(CloseLine { uri, is_stored });
    }
    let because = "No page that was read links to it, no sitemap lists it, and it was no seed.";
    let next = lines.first().map_or_else(
        || format!("toolkit crawl {typed}"),
        |line| format!("toolkit report why {}, or toolkit crawl {typed}", line.uri),
    );
    Ok(WhyReport {
        verdict: VerdictLine {
            uri: typed.to_owned(),
            verdict: "never found".to_owned(),
            reason: None,
            because: because.to_owned(),
            next,
            source_id: None,
        },
        steps: Vec::new(),
        names: Vec::new(),
        gaps: Vec::new(),
        searched: vec![
            SearchedLine {
                place: "sources and frontiers",
                found: 0,
                of: uris,
            },
            SearchedLine {
                place: "refusals of deleted jobs",
                found: 0,
                of: refused,
            },
        ],
        closest: lines,
    })
}

/// The URIs that look most like one.
struct Closest<'a> {
    typed: &'a str,
    /// The likest first.
    best: Vec<(f64, String)>,
}

impl<'a> Closest<'a> {
    fn to(typed: &'a str) -> Self {
        Self {
            typed,
            best: Vec::new(),
        }
    }

    fn look_at(&mut self, uri: &str) {
        let likeness = likeness(self.typed, uri);
        if likeness < 0.5 {
            return;
        }
        // Of those that are as like the first by their text stay, in whatever order they come.
        if let Some((least, last)) = self.best.get(CLOSEST - 1) {
            let order = likeness.total_cmp(least);
            if order.is_lt() || (order.is_eq() && uri >= last.as_str()) {
                return;
            }
        }
        if self.best.iter().any(|(_, known)| known == uri) {
            return;
        }
        self.best.push((likeness, uri.to_owned()));
        self.best
            .sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        self.best.truncate(CLOSEST);
    }

    fn found(self) -> impl Iterator<Item = String> {
        self.best.into_iter().map(|(_, uri)| uri)
    }
}

/// How much of two URIs is the same from either end, of 1; the scheme and `www.` say nothing.
fn likeness(one: &str, other: &str) -> f64 {
    let bare = |uri: &str| {
        let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let rest = rest.strip_prefix("www.").unwrap_or(rest);
        rest.trim_end_matches('/').to_owned().into_bytes()
    };
    let (one, other) = (bare(one), bare(other));
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    let same = |pairs: usize| pairs.min(one.len()).min(other.len());
    let ahead = one
        .iter()
        .zip(&other)
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b));
    let ahead = ahead.count();
    let behind = one.iter().rev().zip(other.iter().rev());
    let behind = behind
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
        .count();
    same(ahead + behind) as f64 / longest as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_come_first_and_each_once() {
        let mut closest = Closest::to("https://example.com/lmap.html");
        for uri in [
            "https://other.test/",
            "https://example.com/lamp.html",
            "http://www.example.com/lamp.html",
            "https://example.com/lamp.html",
            "https://example.com/lmap",
            "https://example.com/x",
        ] {
            closest.look_at(uri);
        }
        let found: Vec<String> = closest.found().collect();
        assert_eq!(found[0], "http://www.example.com/lamp.html");
        assert_eq!(found[1], "https://example.com/lamp.html");
        assert!(
            !found.contains(&"https://other.test/".to_owned()),
            "{found:?}"
        );
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn the_order_of_arrival_makes_no_difference() {
        let uris: Vec<String> = (0..9).map(|n| format!("https://e.com/page-{n}")).collect();
        let found = |uris: &mut dyn Iterator<Item = &String>| {
            let mut closest = Closest::to("https://e.com/page-x");
            uris.for_each(|uri| closest.look_at(uri));
            closest.found().collect::<Vec<String>>()
        };
        assert_eq!(found(&mut uris.iter()), uris[..5]);
        assert_eq!(found(&mut uris.iter().rev()), uris[..5]);
    }

    #[test]
    fn a_difference_in_the_middle_is_small() {
        assert!(likeness("https://e.com/a/lamp", "https://e.com/b/lamp") > 0.9);
        assert!(likeness("https://e.com/a", "https://e.com/a/") > 0.99);
        assert!(likeness("https://e.com/a", "ftp://x") < 0.5);
        assert!(likeness("aaaa", "aa") <= 0.5);
    }
}
