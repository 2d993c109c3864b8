//! Which sources hold the same content, or nearly the same.
//!
//! Near duplicates are found without comparing each with each: two simhashes that differ in at most three
//! bits have one of their four quarters in common, and only those that share a quarter are compared.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Digest, Simhash, SourceId};
use crate::store::{ContentOwner, Result, Store, StoredContent};

lines! {
    /// One source of a group of duplicates.
    DuplicateLine {
        /// The group's number, by the first of its URIs.
        duplicates: i64 => number;
        uri: String => text;
        /// `first` by its URI, or what it is to that one: `exact`, or `near`.
        likeness: String => text;
        /// In how many of 64 bits its simhash differs from the first one's; a chain of near ones may lead
        /// further than one step.
        distance: Option<i64> => number;
        body_size: i64 => number;
        body_digest: Digest => id.stable;
        source_group: String => text;
        /// The URI that the page calls its canonical one, when that is another than its own.
        canonical_uri: Option<String> => text;
        /// Whether it is extracted: what asks not to be indexed is not, nor is a canonical URL's alias.
        extractable: bool => text;
        id: SourceId => id;
    }
}

/// `report duplicates`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DuplicatesReport {
    pub rows: Vec<DuplicateLine>,
}

/// Reads the groups of sources whose contents are the same or near duplicates, by URI.
pub fn duplicates(store: &mut Store) -> Result<DuplicatesReport> {
    store.snapshot(|store| {
        let contents = store.contents()?;
        let groups = groups(&contents);
        let mut owners: BTreeMap<usize, Vec<ContentOwner>> = BTreeMap::new();
        store.content_owners(&mut |owner| {
            if let Some(group) = groups.get(&owner.digest) {
                owners.entry(*group).or_default().push(owner);
            }
            Ok(())
        })?;
        let simhashes: HashMap<Digest, Simhash> = contents
            .iter()
            .filter(|content| groups.contains_key(&content.digest))
            .filter_map(|content| Some((content.digest, content.simhash?)))
            .collect();
        let mut groups: Vec<Vec<ContentOwner>> = owners.into_values().collect();
        groups.sort_by(|one, other| first_uri(one).cmp(&first_uri(other)));
        let numbered = (1..).zip(groups);
        let rows = numbered.flat_map(|(number, group)| group_lines(number, group, &simhashes));
        Ok(DuplicatesReport {
            rows: rows.collect(),
        })
    })
}

fn first_uri(group: &[ContentOwner]) -> Option<&str> {
    group.first().map(|owner| owner.uri.as_str())
}

fn group_lines(
    number: i64,
    group: Vec<ContentOwner>,
    simhashes: &HashMap<Digest, Simhash>,
) -> Vec<DuplicateLine> {
    let Some(first) = group.first().map(|owner| owner.digest) else {
        return Vec::new();
    };
    let lines = group.into_iter().enumerate().map(|(place, owner)| {
        let distance = || {
            let (one, other) = (simhashes.get(&first)?, simhashes.get(&owner.digest)?);
            Some(i64::from(one.distance(*other)))
        };
        let (likeness, distance) = match (place, owner.digest == first) {
            (0, _) => ("first", None),
            (_, true) => ("exact", Some(0)),
            (_, false) => ("near", distance()),
        };
        DuplicateLine {
            duplicates: number,
            uri: owner.uri,
            likeness: likeness.to_owned(),
            distance,
            body_size: owner.size,
            body_digest: owner.digest,
            source_group: owner.source_group,
            canonical_uri: owner.canonical_uri,
            extractable: owner.extractable,
            id: owner.id,
        }
    });
    lines.collect()
}

/// Returns, for each content that has a duplicate, which group it belongs to.
fn groups(contents: &[StoredContent]) -> HashMap<Digest, usize> {
    let mut sets = Sets::new(contents.len());
    // Contents of one simhash are compared once.
    let mut firsts: HashMap<Simhash, usize> = HashMap::new();
    for (place, content) in contents.iter().enumerate() {
        if let Some(simhash) = content.simhash {
            let first = *firsts.entry(simhash).or_insert(place);
            sets.join(first, place);
        }
    }
    for quarter in 0..4 {
        let mut alike: HashMap<u16, Vec<(Simhash, usize)>> = HashMap::new();
        for (&simhash, &place) in &firsts {
            let sharing = alike.entry(simhash.quarters()[quarter]).or_default();
            for &(other, other_place) in &*sharing {
                if simhash.is_near(other) {
                    sets.join(place, other_place);
                }
            }
            sharing.push((simhash, place));
        }
    }
    let mut sources: HashMap<usize, i64> = HashMap::new();
    let roots: Vec<usize> = (0..contents.len()).map(|place| sets.root(place)).collect();
    for (content, root) in contents.iter().zip(&roots) {
        *sources.entry(*root).or_default() += content.sources;
    }
    let members = contents.iter().zip(roots);
    members
        .filter(|(_, root)| sources[root] > 1)
        .map(|(content, root)| (content.digest, root))
        .collect()
}

/// Sets of places that are joined two by two.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other)] = one.min(other);
    }
}

impl Report for DuplicatesReport {
    fn tables(&self) -> Vec<Table> {
        let empty = "No two sources hold the same content.";
        vec![table("duplicates", empty, &self.rows)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(name: &str, simhash: Option<u64>, sources: i64) -> StoredContent {
        StoredContent {
            digest: Digest::of(name),
            simhash: simhash.map(Simhash),
            sources,
        }
    }

    /// The names of each group's contents.
    fn grouped(contents: &[(&str, Option<u64>, i64)]) -> Vec<Vec<String>> {
        let stored: Vec<StoredContent> = contents
            .iter()
            .map(|(name, simhash, sources)| content(name, *simhash, *sources))
            .collect();
        let groups = groups(&stored);
        let mut named: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (name, ..) in contents {
            if let Some(group) = groups.get(&Digest::of(name)) {
                named.entry(*group).or_default().push((*name).to_owned());
            }
        }
        named.into_values().collect()
    }

    #[test]
    fn contents_are_grouped_when_they_are_the_same_or_near() {
        let base = 0x5555_5555_5555_5555;
        let found = grouped(&[
            ("alone", Some(!base), 1),
            ("twice", None, 2),
            ("a", Some(base), 1),
            ("three bits", Some(base ^ (1 | 1 << 17 | 1 << 50)), 1),
            (
                "four bits",
                Some(base ^ (1 << 2 | 1 << 18 | 1 << 34 | 1 << 51)),
                1,
            ),
            (
                "by a chain",
                Some(base ^ (1 | 1 << 17 | 1 << 50 | 1 << 51)),
                1,
            ),
            ("short", None, 1),
        ]);
        assert_eq!(
            found,
            [vec!["twice"], vec!["a", "three bits", "by a chain"]]
        );
    }

    proptest::proptest! {
        #[test]
        fn quarters_find_what_each_with_each_would(
            hashes in proptest::collection::vec((0_u64..4, 0_u64..1 << 16), 0..30),
        ) {
            // Few bits differ, so that many are near.
            let names: Vec<String> = (0..hashes.len()).map(|n| n.to_string()).collect();
            let near = |(base, noise): &(u64, u64)| {
                (base * 0x1111_0000_1111_0000) ^ ((noise & (noise >> 1) & (noise >> 2)) << 20)
            };
            let hashes: Vec<u64> = hashes.iter().map(near).collect();
            let contents: Vec<StoredContent> = names
                .iter()
                .zip(&hashes)
                .map(|(name, hash)| content(name, Some(*hash), 1))
                .collect();
            let found = groups(&contents);
            for (one, a) in contents.iter().zip(&hashes) {
                for (other, b) in contents.iter().zip(&hashes) {
                    if one.digest != other.digest && (a ^ b).count_ones() <= 3 {
                        proptest::prop_assert_eq!(found.get(&one.digest), found.get(&other.digest));
                        proptest::prop_assert!(found.contains_key(&one.digest));
                    }
                }
            }
        }
    }
}
