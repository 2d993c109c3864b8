//! What a crawl would begin with: each seed, and each file below a seed's folder, with what is decided about it.
//!
//! Stands on no row: the links are handed in, in the order in which a crawl would take them up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{DiscoveredLink, LinkDecision};

/// The decision about what is to be fetched; anything else is a reason of the registry.
const FETCH: &str = "fetch";

lines! {
    /// One URL that a crawl would begin with.
    PlanLine {
        uri: String => text;
        /// `page`, `sitemap` or `llms_txt`.
        kind: String => text;
        /// `fetch`, or the reason why not.
        decision: String => text;
        /// The reason's; `None` when it is to be fetched.
        class: Option<String> => text;
        depth: i64 => number;
        /// The rule that decided, or what it found.
        detail: String => text;
    }

    /// How many lines there are of one decision.
    PlanTotal {
        decision: String => text;
        class: Option<String> => text;
        count: i64 => number;
    }
}

/// `crawl --dry-run`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    pub rows: Vec<PlanLine>,
    /// By decision, in the order of their words.
    pub totals: Vec<PlanTotal>,
    #[serde(skip)]
    asks_the_web: bool,
    #[serde(skip)]
    reads_archives: bool,
}

/// Makes the report of a crawl that would begin with `links`; `reads_archives` says whether some of them are
/// web archives.
pub fn plan(links: &[DiscoveredLink], reads_archives: bool) -> PlanReport {
    let rows: Vec<PlanLine> = links.iter().map(PlanLine::from).collect();
    let mut counts: BTreeMap<(&str, Option<&str>), i64> = BTreeMap::new();
    for row in &rows {
        *counts
            .entry((&row.decision, row.class.as_deref()))
            .or_default() += 1;
    }
    let totals = counts
        .into_iter()
        .map(|((decision, class), count)| PlanTotal {
            decision: decision.to_owned(),
            class: class.map(str::to_owned),
            count,
        });
    PlanReport {
        totals: totals.collect(),
        asks_the_web: links.iter().any(is_asked_of_the_web),
        reads_archives,
        rows,
    }
}

fn is_asked_of_the_web(link: &DiscoveredLink) -> bool {
    // Whatever its URL is, what has a locator is read there.
    let is_file = link.locator.is_some() || link.uri.starts_with("file:");
    link.decision == LinkDecision::Fetch && !is_file
}

impl From<&DiscoveredLink> for PlanLine {
    fn from(link: &DiscoveredLink) -> Self {
        let (decision, class) = match link.decision {
            LinkDecision::Fetch => (FETCH, None),
            LinkDecision::Skip(reason) => (reason.as_str(), Some(reason.class())),
        };
        Self {
            uri: link.uri.clone(),
            kind: link.kind.as_str().to_owned(),
            decision: decision.to_owned(),
            class: class.map(|class| class.as_str().to_owned()),
            depth: link.depth,
            detail: link.detail.clone(),
        }
    }
}

impl Report for PlanReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("plan", "There is nothing to begin with.", &self.rows),
            table("totals", "", &self.totals),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec!["Nothing was fetched, and no database was opened.".to_owned()];
        if self.asks_the_web {
            let later =
                "What robots.txt, a sitemap or a redirect says is known only when a site is asked.";
            notes.push(later.to_owned());
        }
        if self.reads_archives {
            let later = "What a web archive holds is decided record by record when it is read.";
            notes.push(later.to_owned());
        }
        if self.rows.iter().any(|row| row.decision == FETCH) {
            let later = "Media types, links and limits are judged as pages come in.";
            notes.push(later.to_owned());
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    fn link(uri: &str, decision: LinkDecision, detail: &str) -> DiscoveredLink {
        DiscoveredLink {
            decision,
            detail: detail.to_owned(),
            ..DiscoveredLink::to(uri.to_owned())
        }
    }

    #[test]
    fn only_what_a_server_is_asked_for_hangs_on_robots_txt() {
        let site = link("https://e.test/", LinkDecision::Fetch, "");
        let copy = DiscoveredLink {
            locator: Some("file:///copy/index.html".to_owned()),
            ..site.clone()
        };
        assert!(plan(&[copy.clone(), site], false).asks_the_web);
        assert!(!plan(&[copy], false).asks_the_web);
    }

    #[test]
    fn lines_keep_their_order_and_totals_have_their_own() {
        let hidden = LinkDecision::Skip(Reason::HiddenFile);
        let links = [
            link("file:///b/.x", hidden, ".x"),
            link("file:///b/y", LinkDecision::Fetch, ""),
            link("file:///a/.z", hidden, ".z"),
        ];
        let report = plan(&links, false);
        let shown: Vec<_> = report
            .rows
            .iter()
            .map(|row| {
                (
                    row.uri.as_str(),
                    row.decision.as_str(),
                    row.class.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("file:///b/.x", "hidden_file", Some("decision")),
                ("file:///b/y", "fetch", None),
                ("file:///a/.z", "hidden_file", Some("decision")),
            ]
        );
        let totals: Vec<_> = report
            .totals
            .iter()
            .map(|total| (total.decision.as_str(), total.count))
            .collect();
        assert_eq!(totals, [("fetch", 1), ("hidden_file", 2)]);
    }

    #[test]
    fn notes_speak_of_what_the_plan_holds() {
        let hidden = link("file:///.x", LinkDecision::Skip(Reason::HiddenFile), ".x");
        let file = link("file:///x", LinkDecision::Fetch, "");
        let page = link("https://site.test/", LinkDecision::Fetch, "");
        for (links, reads_archives, count) in [
            (vec![hidden], false, 1),
            (vec![file.clone()], false, 2),
            (vec![file.clone()], true, 3),
            (vec![file.clone(), page.clone()], false, 3),
            (vec![file, page], true, 4),
        ] {
            let notes = plan(&links, reads_archives).notes();
            assert_eq!(notes.len(), count, "{notes:?}");
        }
    }
}
