//! Revisits: which record holds the content that one repeats.
//!
//! Owns the names under which a record may be meant, and the originals that are known by them. What is kept
//! grows with the originals that some revisit means; of a revisit that has to wait for one, its number alone.

use std::collections::{BTreeSet, HashMap, HashSet};

use url::Url;

use super::Locator;
use crate::crawl::Scope;
use crate::crawl::warc::{Fields, Library, Name, Place, date_of, response};
use crate::model::{Timestamp, UriKey};

/// Captures of a URL that are looked at for the one of which its server said that it still holds.
const MOST_LOOKED_AT: usize = 16;

/// What a revisit repeats, as far as it says so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meant {
    /// Keys of the record itself, the surest first.
    keys: Vec<UriKey>,
    version: Option<Version>,
}

/// A capture of a URL, by its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    url: UriKey,
    at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// The one of this time, in microseconds.
    Named(i64),
    /// The last one that is no later: what a server knew when it said that nothing had changed.
    Before(i64),
}

/// The keys of what revisits mean, by the first half of each: one of another key costs a little room.
#[derive(Debug, Default)]
pub(super) struct Wanted(HashSet<u64>);

/// A record with content.
#[derive(Debug)]
struct Original {
    /// Its number among the names.
    name: u32,
    place: Place,
    length: Option<u64>,
}

/// The originals that were come by, and the revisits that none was known for.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    names: Vec<Name>,
    originals: Vec<Original>,
    by_key: HashMap<UriKey, u32>,
    by_time: BTreeSet<(UriKey, i64, u32)>,
    /// The numbers of their records, ascending.
    pub(super) waiting: Vec<u64>,
}

impl Meant {
    /// Reads what a revisit of `uri` says.
    pub(super) fn of(revisit: &Fields, uri: &str, scope: &Scope) -> Self {
        let mut keys = Vec::new();
        keys.extend(revisit.get("warc-refers-to").map(id_key));
        keys.extend(revisit.get("warc-payload-digest").map(digest_key));
        let target = revisit.get("warc-refers-to-target-uri");
        let target = target.and_then(|text| Url::parse(text.trim_matches(['<', '>'])).ok());
        let url = target.map_or_else(
            || UriKey::of(uri),
            |target| UriKey::of(&scope.normalize(&target)),
        );
        let is_unmodified = revisit
            .get("warc-profile")
            .is_some_and(|profile| profile.contains("server-not-modified"));
        let own = revisit.get("warc-date").and_then(date_of);
        let own = own.map_or(i64::MAX, Timestamp::microseconds);
        let named = revisit.get("warc-refers-to-date").and_then(date_of);
        let at = match named {
            Some(date) => Some(Moment::Named(date.microseconds())),
            None => is_unmodified.then_some(Moment::Before(own)),
        };
        let version = at.map(|at| Version { url, at });
        Self { keys, version }
    }
}

impl Wanted {
    pub(super) fn add(&mut self, meant: &Meant) {
        let version = meant.version.map(|version| version.url);
        let keys = meant.keys.iter().copied().chain(version);
        self.0.extend(keys.map(half));
    }

    fn contains(&self, key: UriKey) -> bool {
        self.0.contains(&half(key))
    }
}

impl Repeats {
    /// Takes note of a record of `uri` that has content, if some revisit means it.
    pub(super) fn learn(&mut self, fields: &Fields, uri: &str, locator: &Locator, wanted: &Wanted) {
        let mut keys: Vec<UriKey> = Vec::new();
        keys.extend(fields.get("warc-record-id").map(id_key));
        keys.extend(fields.get("warc-payload-digest").map(digest_key));
        keys.retain(|key| wanted.contains(*key) && !self.by_key.contains_key(key));
        let url = UriKey::of(uri);
        if keys.is_empty() && !wanted.contains(url) {
            return;
        }
        if self.names.last() != Some(&locator.name) {
            self.names.push(locator.name.clone());
        }
        let original = self.originals.len() as u32;
        self.originals.push(Original {
            name: self.names.len() as u32 - 1,
            place: locator.place,
            length: locator.length,
        });
        for key in keys {
            self.by_key.insert(key, original);
        }
        self.date(fields, url, original, wanted);
    }

    /// Takes note that a record of `url` has the content of `original`, as its own or repeated.
    pub(super) fn date(&mut self, fields: &Fields, url: UriKey, original: u32, wanted: &Wanted) {
        if wanted.contains(url) {
            let date = fields.get("warc-date").and_then(date_of);
            let date = date.map_or(0, Timestamp::microseconds);
            self.by_time.insert((url, date, original));
        }
    }

    /// Returns what a revisit repeats if that is known for sure: what else it may mean may stand further on.
    pub(super) fn surest(&self, meant: &Meant) -> Option<u32> {
        self.by_key.get(meant.keys.first()?).copied()
    }

    /// Returns what a revisit repeats, once every record was come by.
    pub(super) fn best(&self, meant: &Meant, library: &Library) -> Option<u32> {
        let by_key = meant.keys.iter().find_map(|key| self.by_key.get(key));
        by_key.copied().or_else(|| {
            let version = meant.version?;
            match version.at {
                Moment::Named(at) => {
                    // Some tools write one of two dates without its fraction.
                    let second = at - at.rem_euclid(1_000_000);
                    let exact = self.between(version.url, at, at).next();
                    exact.or_else(|| self.between(version.url, second, second + 999_999).next())
                }
                Moment::Before(at) => self
                    .between(version.url, i64::MIN, at)
                    .take(MOST_LOOKED_AT)
                    .find(|original| self.holds_a_page(*original, library)),
            }
        })
    }

    /// Returns where an original is.
    pub(super) fn locator(&self, original: u32) -> Locator {
        let Original {
            name,
            place,
            length,
        } = &self.originals[original as usize];
        Locator {
            name: self.names[*name as usize].clone(),
            place: *place,
            length: *length,
            payload: None,
        }
    }

    /// Returns the captures of a URL between two times, the latest first.
    fn between(&self, url: UriKey, from: i64, to: i64) -> impl Iterator<Item = u32> {
        let captures = self.by_time.range((url, from, 0)..=(url, to, u32::MAX));
        captures.rev().map(|(_, _, original)| *original)
    }

    /// Says whether a server may speak of an original's content: that of an error it does not mean.
    fn holds_a_page(&self, original: u32, library: &Library) -> bool {
        let locator = self.locator(original);
        let opened = library.record(&locator.name, locator.place, locator.length);
        let Ok(mut opened) = opened else {
            return false;
        };
        let kind = opened.fields.get("warc-type").unwrap_or_default();
        if kind.eq_ignore_ascii_case("resource") {
            return true;
        }
        let mut block = std::io::BufReader::new(&mut opened.block);
        let read = response(&mut block).ok().flatten();
        read.is_some_and(|response| (200..300).contains(&response.status))
    }
}

fn half(key: UriKey) -> u64 {
    let bytes = key.to_bytes();
    bytes
        .iter()
        .take(8)
        .fold(0, |half, byte| half << 8 | u64::from(*byte))
}

fn id_key(id: &str) -> UriKey {
    UriKey::of(&format!("id {}", id.trim_matches(['<', '>'])))
}

fn digest_key(digest: &str) -> UriKey {
    UriKey::of(&format!("digest {}", digest.to_ascii_lowercase()))
}
