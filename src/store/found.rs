//! Links that were found, on their way into the frontier.
//!
//! Owns the insertion of URLs, their twins within a batch, and what a decision about them settles. Who
//! works on them is `frontier.rs`'s.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Store;
use super::error::Result;
use super::frontier::Claims;
use super::gaps::{GapOwner, Settlement};
use super::value::{Row, values};
use crate::model::{
    Class, DiscoveredLink, Gap, LinkDecision, Outcome, Reason, Stage, Timestamp, UriKey,
};

/// The links of one page, or the seeds.
pub(super) struct FoundOn<'a> {
    pub referrer: Option<&'a str>,
    pub links: &'a [DiscoveredLink],
    pub at: Timestamp,
}

/// A URL that may be new to the frontier.
struct NewUrl<'a> {
    ordinal: i64,
    referrer: Option<&'a str>,
    /// As it was found first.
    link: &'a DiscoveredLink,
    /// The least depth at which a link that counts was found.
    depth: i64,
    /// The least rank of its links.
    rank: i64,
    /// The finding whose decision counts.
    decided: &'a DiscoveredLink,
    at: Timestamp,
}

impl<'a> NewUrl<'a> {
    /// Takes in that it was found once more, as the upsert does with a row that is there.
    fn found_again(&mut self, link: &'a DiscoveredLink) {
        if link.rank() >= self.rank {
            return;
        }
        (self.depth, self.rank) = (link.depth, link.rank());
        if matches!(self.decided.decision, LinkDecision::Skip(reason) if is_provisional(reason)) {
            self.decided = link;
        }
    }

    fn skipped(&self) -> Option<Reason> {
        match self.decided.decision {
            LinkDecision::Fetch => None,
            LinkDecision::Skip(reason) => Some(reason),
        }
    }
}

impl Store {
    /// Adds links to a job's frontier; those that are there already keep their outcome.
    ///
    /// A link that was too deep and is now found nearer is taken up after all, and so is one that was left
    /// out because of the page it stood on.
    pub fn add_urls(
        &mut self,
        claims: &mut Claims,
        referrer: Option<&str>,
        links: &[DiscoveredLink],
        at: Timestamp,
    ) -> Result<()> {
        let page = FoundOn {
            referrer,
            links,
            at,
        };
        self.add_found(claims, &[page])
    }

    /// Adds the links of several pages, each URL once: what one page of a batch leads to, its neighbours
    /// lead to as well.
    pub(super) fn add_found(&mut self, claims: &mut Claims, pages: &[FoundOn<'_>]) -> Result<()> {
        let mut by_key: HashMap<UriKey, NewUrl<'_>> = HashMap::new();
        for page in pages {
            for link in page.links.iter().filter(|link| !claims.known.holds(link)) {
                match by_key.entry(link.key) {
                    Entry::Occupied(mut there) => there.get_mut().found_again(link),
                    Entry::Vacant(place) => {
                        place.insert(NewUrl {
                            ordinal: claims.next_ordinal,
                            referrer: page.referrer,
                            link,
                            depth: link.depth,
                            rank: link.rank(),
                            decided: link,
                            at: page.at,
                        });
                        claims.next_ordinal += 1;
                    }
                }
            }
        }
        // In the order of the unique key: upserts in different orders deadlock. The ordinal keeps the
        // order in which the links were found.
        let mut urls: Vec<NewUrl<'_>> = by_key.into_values().collect();
        urls.sort_by_key(|url| url.link.key);
        let ended = self.insert_urls(claims, &urls)?;
        self.settle_decisions(claims, &urls, &ended)
    }

    /// Inserts URLs; returns how those that are new, or nearer than before, have ended.
    fn insert_urls(
        &mut self,
        claims: &Claims,
        urls: &[NewUrl<'_>],
    ) -> Result<HashMap<UriKey, Reason>> {
        let left_out = left_out_by_referrer();
        let rank = |row: &str| format!("CASE WHEN {row}.reason IN ({left_out}) THEN 1 ELSE 0 END");
        let (before, now) = (rank("frontier"), rank("excluded"));
        let provisional = provisional_reasons();
        let mut rest = format!(
            "ON CONFLICT (job_id, uri_key) DO UPDATE SET depth = excluded.depth, \
             outcome = CASE WHEN frontier.reason IN ({provisional}) THEN excluded.outcome \
             ELSE frontier.outcome END, \
             detail = CASE WHEN frontier.reason IN ({provisional}) THEN excluded.detail \
             ELSE frontier.detail END, \
             reason = CASE WHEN frontier.reason IN ({provisional}) THEN excluded.reason \
             ELSE frontier.reason END \
             WHERE {now} < {before} OR ({now} = {before} AND excluded.depth < frontier.depth)",
        );
        if urls.iter().any(is_loss_or_limit) {
            rest.push_str(" RETURNING uri_key, reason");
        }
        let mut ended = HashMap::new();
        self.insert_rows(
            "frontier (job_id, referrer, uri_key, uri, found_uri, kind, locator, priority, host, \
             source_group, depth, redirects, ordinal, outcome, reason, detail)",
            &rest,
            urls,
            |url| {
                let (link, skipped) = (url.link, url.skipped());
                let outcome = skipped.map(|reason| match reason.class() {
                    Class::Loss => Outcome::Failed,
                    _ => Outcome::Skipped,
                });
                let detail = Some(url.decided.detail.as_str());
                values![
                    claims.job,
                    url.referrer,
                    link.key,
                    &link.uri,
                    link.found.as_deref(),
                    link.kind.as_str(),
                    link.locator.as_deref(),
                    link.priority,
                    &*link.host,
                    &*link.source_group,
                    url.depth,
                    link.redirects,
                    url.ordinal,
                    outcome.map(Outcome::as_str),
                    skipped.map(Reason::as_str),
                    skipped.and(detail.filter(|detail| !detail.is_empty())),
                ]
            },
            &mut |row: &dyn Row| {
                if let Some(reason) = row.get(1)? {
                    ended.insert(row.get(0)?, reason);
                }
                Ok(())
            },
        )?;
        Ok(ended)
    }

    /// Opens gaps for URLs that a limit keeps out, and resolves those of URLs that a rule now leaves out.
    fn settle_decisions(
        &mut self,
        claims: &Claims,
        urls: &[NewUrl<'_>],
        ended: &HashMap<UriKey, Reason>,
    ) -> Result<()> {
        let left_out: Vec<UriKey> = urls
            .iter()
            .filter(|url| {
                // Where another link may still lead there, what was missing is looked at at the job's end.
                url.skipped().is_some_and(|reason| {
                    reason.class() == Class::Decision && !reason.hangs_on_referrer()
                })
            })
            .map(|url| url.link.key)
            .collect();
        if let Some(at) = urls.iter().map(|url| url.at).max() {
            self.resolve_left_out(&left_out, claims.job, at)?;
        }
        // A URL that was known before may have ended otherwise, or have its gap already.
        let kept_out: Vec<&NewUrl<'_>> = urls
            .iter()
            .filter(|url| is_loss_or_limit(url))
            .filter(|url| ended.get(&url.link.key).copied() == url.skipped())
            .collect();
        // What an earlier crawl has stored is not missing because this one goes less far.
        let too_deep: Vec<UriKey> = kept_out
            .iter()
            .filter(|url| url.skipped() == Some(Reason::MaxDepth))
            .map(|url| url.link.key)
            .collect();
        let stored = self.sources_by_key(&too_deep)?;
        let kept_out = kept_out
            .into_iter()
            .filter(|url| !stored.contains_key(&url.link.key));
        let openings: Vec<Settlement<'_>> = kept_out
            .filter_map(|url| {
                let owner = GapOwner {
                    what: url.link.key,
                    uri: &url.link.uri,
                    source_group: &url.link.source_group,
                    source: None,
                    extraction: None,
                    profile: None,
                };
                Some(Settlement {
                    owner,
                    gaps: vec![Gap::whole(url.skipped()?, url.decided.detail.clone())],
                    read: false,
                    at: url.at,
                })
            })
            .collect();
        self.open_all(Stage::Crawl, &openings, claims.job)
    }
}

fn is_loss_or_limit(url: &NewUrl<'_>) -> bool {
    url.skipped()
        .is_some_and(|reason| reason.class() != Class::Decision)
}

/// Says whether a URL that ended for `reason` when it was found is taken up by a link that leads further.
fn is_provisional(reason: Reason) -> bool {
    reason == Reason::MaxDepth || reason.hangs_on_referrer()
}

fn provisional_reasons() -> String {
    quoted(is_provisional)
}

/// The reasons by which a URL is left out until another link leads there, as a list of SQL.
pub(super) fn left_out_by_referrer() -> String {
    quoted(Reason::hangs_on_referrer)
}

fn quoted(wanted: impl Fn(Reason) -> bool) -> String {
    let reasons = Reason::ALL.iter().filter(|reason| wanted(**reason));
    let quoted: Vec<String> = reasons.map(|reason| format!("'{reason}'")).collect();
    quoted.join(", ")
}
