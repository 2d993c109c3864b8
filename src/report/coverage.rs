//! What sitemaps list and pages link to, held against what is stored.
//!
//! Each URL is a few bytes in memory while the links of all pages go by; the lists name only what does not fit.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::ledger::Ledger;
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{JobId, UriKey};
use crate::store::{Result, Store};

lines! {
    /// One group.
    CoverageLine {
        source_group: String => text;
        sitemaps: i64 => number;
        /// URLs that a stored sitemap lists.
        listed: i64 => number;
        /// URLs that a stored page links to, or that one redirects to.
        linked: i64 => number;
        /// Pages that are stored.
        stored: i64 => number;
        listed_stored: i64 => number;
        linked_stored: i64 => number;
        listed_not_stored: i64 => number;
        linked_not_stored: i64 => number;
        /// Listed, and linked from nowhere.
        listed_only: i64 => number;
        /// Linked, and in no sitemap.
        linked_only: i64 => number;
        /// Stored pages that no sitemap lists and no other page links to.
        unled: i64 => number;
        /// The share of what is listed that is stored, of 1.
        listed_share: Option<f64> => number;
    }

    /// How many URLs of a group are not stored for one reason.
    CoverageReasonLine {
        source_group: String => text;
        reason: String => text;
        count: i64 => number;
        listed: i64 => number;
        linked: i64 => number;
    }

    /// A URL that does not fit.
    CoveragePageLine {
        uri: String => text;
        source_group: String => text;
        /// `listed, not stored` or `stored, nothing leads to it`.
        what: &'static str => text;
        /// Why it is not stored, or how it was found all the same.
        reason: String => text;
    }
}

/// `report coverage`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverageReport {
    pub groups: Vec<CoverageLine>,
    pub reasons: Vec<CoverageReasonLine>,
    pub pages: Vec<CoveragePageLine>,
}

const LISTED: u8 = 1;
const LINKED: u8 = 2;
const STORED: u8 = 4;
const SEED: u8 = 8;
const SITEMAP: u8 = 16;
/// Neither a page nor a list of pages: what a site says to language models.
const NO_PAGE: u8 = 32;

/// What is known of one URL.
#[derive(Clone, Copy)]
struct Known {
    /// Its group and its reason, by their numbers.
    group: u32,
    reason: u32,
    marks: u8,
}

impl Known {
    fn has(self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    fn is_page(self) -> bool {
        !self.has(SITEMAP) && !self.has(NO_PAGE)
    }

    fn is_left_out(self) -> bool {
        self.is_page() && self.has(LISTED) && !self.has(STORED)
    }

    fn is_unled(self) -> bool {
        self.is_page() && self.has(STORED) && !self.has(LISTED) && !self.has(LINKED)
    }
}

/// Texts by number: there are few, and each URL has two.
#[derive(Default)]
struct Words {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Words {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Survey {
    words: Words,
    urls: HashMap<UriKey, Known>,
}

/// Holds what is listed and linked against what is stored; of one job or one group, if asked.
pub fn coverage(
    store: &mut Store,
    job: Option<JobId>,
    group: Option<&str>,
) -> Result<CoverageReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let mut survey = Survey::default();
        survey.read_urls(store, &ledger, job)?;
        survey.read_links(store, job)?;
        let pages = survey.pages(store, &ledger, job, group)?;
        let (groups, reasons) = survey.counts(group);
        Ok(CoverageReport {
            groups,
            reasons,
            pages,
        })
    })
}

/// The crawls that are looked at: one, or all that are there, the oldest first.
fn crawls(ledger: &Ledger, job: Option<JobId>) -> impl Iterator<Item = JobId> {
    let wanted = ledger.wanted(job);
    wanted
        .filter(|entry| entry.kind == "crawl" && !entry.is_deleted())
        .map(|entry| entry.id)
}

impl Survey {
    fn read_urls(&mut self, store: &mut Store, ledger: &Ledger, job: Option<JobId>) -> Result<()> {
        store.each_refused_url(job, &mut |url| {
            let seed = if url.is_seed { SEED } else { 0 };
            let reason = url.reason.unwrap_or_default();
            self.put(&url.uri, &url.source_group, &reason, seed);
        })?;
        let mut led_by_redirects: Vec<UriKey> = Vec::new();
        for crawl in crawls(ledger, job) {
            store.each_found_url(crawl, &mut |url| {
                let kind = match url.kind.as_str() {
                    "sitemap" => SITEMAP,
                    "llms_txt" => NO_PAGE,
                    _ => 0,
                };
                let seed = if url.is_seed { SEED } else { 0 };
                let reason = url.reason.unwrap_or_default();
                self.put(&url.uri, &url.source_group, &reason, kind | seed);
                led_by_redirects.extend(url.alias_of);
                Ok(())
            })?;
        }
        for target in led_by_redirects {
            if let Some(known) = self.urls.get_mut(&target) {
                known.marks |= LINKED;
            }
        }
        store.each_stored_url(job, &mut |url| {
            let key = UriKey::of(&url.uri);
            if let Some(known) = self.urls.get_mut(&key) {
                known.marks |= STORED;
                return;
            }
            let kind = if url.looks_like_sitemap { SITEMAP } else { 0 };
            self.put(&url.uri, &url.source_group, "", kind | STORED);
        })
    }

    /// Takes in what a job says of a URL; the later job is right.
    fn put(&mut self, uri: &str, group: &str, reason: &str, marks: u8) {
        let (group, reason) = (self.words.number(group), self.words.number(reason));
        let known = self.urls.entry(UriKey::of(uri)).or_insert(Known {
            group,
            reason,
            marks: 0,
        });
        known.group = group;
        known.reason = reason;
        known.marks |= marks;
    }

    fn read_links(&mut self, store: &mut Store, job: Option<JobId>) -> Result<()> {
        store.each_links_of_source(job, &mut |uri, links| {
            let key = UriKey::of(uri);
            let Some(known) = self.urls.get(&key).copied() else {
                return;
            };
            let mark = if known.has(SITEMAP) { LISTED } else { LINKED };
            for link in links {
                let target = UriKey::of(link);
                // A page that links to itself leads nobody there.
                if target == key {
                    continue;
                }
                if let Some(known) = self.urls.get_mut(&target) {
                    known.marks |= mark;
                }
            }
        })
    }

    fn counts(&self, group: Option<&str>) -> (Vec<CoverageLine>, Vec<CoverageReasonLine>) {
        let mut lines: BTreeMap<&str, CoverageLine> = BTreeMap::new();
        let mut reasons: BTreeMap<(&str, &str), CoverageReasonLine> = BTreeMap::new();
        for known in self.urls.values() {
            let source_group = self.words.text(known.group);
            if group.is_some_and(|group| group != source_group) {
                continue;
            }
            let line = lines
                .entry(source_group)
                .or_insert_with(|| CoverageLine::of(source_group));
            line.add(*known);
            if known.has(STORED) || !known.is_page() {
                continue;
            }
            let reason = self.words.text(known.reason);
            let line =
                reasons
                    .entry((source_group, reason))
                    .or_insert_with(|| CoverageReasonLine {
                        source_group: source_group.to_owned(),
                        reason: reason.to_owned(),
                        count: 0,
                        listed: 0,
                        linked: 0,
                    });
            line.count += 1;
            line.listed += i64::from(known.has(LISTED));
            line.linked += i64::from(known.has(LINKED));
        }
        let mut lines: Vec<CoverageLine> = lines.into_values().collect();
        for line in &mut lines {
            if line.listed > 0 {
                line.listed_share = Some(line.listed_stored as f64 / line.listed as f64);
            }
        }
        (lines, reasons.into_values().collect())
    }

    /// Names the URLs that do not fit, by URI.
    fn pages(
        &self,
        store: &mut Store,
        ledger: &Ledger,
        job: Option<JobId>,
        group: Option<&str>,
    ) -> Result<Vec<CoveragePageLine>> {
        let mut pages: BTreeMap<String, CoveragePageLine> = BTreeMap::new();
        let mut look = |uri: String| {
            let Some(known) = self.urls.get(&UriKey::of(&uri)) else {
                return;
            };
            let source_group = self.words.text(known.group);
            if group.is_some_and(|group| group != source_group) {
                return;
            }
            let (what, reason) = if known.is_left_out() {
                ("listed, not stored", self.words.text(known.reason))
            } else if known.is_unled() && known.has(SEED) {
                (UNLED, "a seed, or a file of a seed's folder")
            } else if known.is_unled() {
                (UNLED, "what led to it has changed, or is gone")
            } else {
                return;
            };
            let line = CoveragePageLine {
                uri: uri.clone(),
                source_group: source_group.to_owned(),
                what,
                reason: reason.to_owned(),
            };
            pages.insert(uri, line);
        };
        store.each_refused_url(job, &mut |url| look(url.uri))?;
        for crawl in crawls(ledger, job) {
            store.each_found_url(crawl, &mut |url| {
                look(url.uri);
                Ok(())
            })?;
        }
        store.each_stored_url(job, &mut |url| look(url.uri))?;
        Ok(pages.into_values().collect())
    }
}

const UNLED: &str = "stored, nothing leads to it";

impl CoverageLine {
    fn of(source_group: &str) -> Self {
        Self {
            source_group: source_group.to_owned(),
            sitemaps: 0,
            listed: 0,
            linked: 0,
            stored: 0,
            listed_stored: 0,
            linked_stored: 0,
            listed_not_stored: 0,
            linked_not_stored: 0,
            listed_only: 0,
            linked_only: 0,
            unled: 0,
            listed_share: None,
        }
    }

    fn add(&mut self, known: Known) {
        if !known.is_page() {
            self.sitemaps += i64::from(known.has(SITEMAP) && known.has(STORED));
            return;
        }
        let [listed, linked, stored] = [LISTED, LINKED, STORED].map(|mark| known.has(mark));
        self.listed += i64::from(listed);
        self.linked += i64::from(linked);
        self.stored += i64::from(stored);
        self.listed_stored += i64::from(listed && stored);
        self.linked_stored += i64::from(linked && stored);
        self.listed_not_stored += i64::from(listed && !stored);
        self.linked_not_stored += i64::from(linked && !stored);
        self.listed_only += i64::from(listed && !linked);
        self.linked_only += i64::from(linked && !listed);
        self.unled += i64::from(known.is_unled());
    }
}

impl Report for CoverageReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("groups", "Nothing was found.", &self.groups),
            table(
                "not stored",
                "Everything that was found is stored.",
                &self.reasons,
            ),
            table(
                "pages",
                "Every listed page is stored, and something leads to every stored one.",
                &self.pages,
            ),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let left_out: i64 = self.groups.iter().map(|line| line.listed_not_stored).sum();
        if left_out == 0 {
            return Vec::new();
        }
        vec![format!(
            "{left_out} listed pages are not stored; why one is not: toolkit report why URL"
        )]
    }
}
