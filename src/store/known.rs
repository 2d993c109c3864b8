//! The keys that one worker knows to be in the frontier, so that it need not ask the database.

use std::collections::HashMap;

use crate::model::DiscoveredLink;

/// Seven eighths of 2^20, as many as a table of that many places holds: about 22 MB. Beyond it the links
/// that are found are simply inserted again, which changes nothing.
const MOST_KEYS: usize = 917_504;

/// Keys of committed rows, with the depth they have. Exact as far as it goes: a key that is missing here
/// may be in the database all the same.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    /// Bytes and not the number that a key is: a number is aligned to 16 bytes, and an entry would take
    /// half as much again.
    depths: HashMap<[u8; 16], u32>,
}

impl KnownKeys {
    /// Says whether inserting a link would change nothing.
    pub(super) fn holds(&self, link: &DiscoveredLink) -> bool {
        self.depths
            .get(&link.key.to_bytes())
            .is_some_and(|depth| i64::from(*depth) <= link.depth)
    }

    /// Takes in what is committed, while there is room; returns the links that it did not hold before.
    pub(super) fn remember<'a>(&mut self, links: &'a [DiscoveredLink]) -> Vec<&'a DiscoveredLink> {
        let mut fresh = Vec::new();
        for link in links {
            let Ok(depth) = u32::try_from(link.depth) else {
                fresh.push(link);
                continue;
            };
            let is_full = self.depths.len() >= MOST_KEYS;
            match self.depths.get_mut(&link.key.to_bytes()) {
                Some(known) if *known <= depth => continue,
                Some(known) => *known = depth,
                None if is_full => {}
                None => {
                    self.depths.insert(link.key.to_bytes(), depth);
                }
            }
            fresh.push(link);
        }
        fresh
    }

    pub(super) fn len(&self) -> usize {
        self.depths.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkDecision, UriKey, UrlKind};

    fn link(uri: &str, depth: i64) -> DiscoveredLink {
        DiscoveredLink {
            key: UriKey::of(uri),
            uri: uri.to_owned(),
            found: uri.to_owned(),
            kind: UrlKind::Page,
            locator: None,
            priority: 0,
            host: String::new(),
            source_group: String::new(),
            depth,
            redirects: 0,
            decision: LinkDecision::Fetch,
            detail: String::new(),
        }
    }

    #[test]
    fn a_link_is_known_at_its_least_depth() {
        let mut known = KnownKeys::default();
        assert!(!known.holds(&link("a", 9)));
        let links = [link("a", 3), link("a", 5), link("c", 1), link("a", 1)];
        assert_eq!(
            known.remember(&links[..3]),
            [&links[0], &links[2]],
            "what is new"
        );
        assert!(known.holds(&link("a", 3)) && known.holds(&link("a", 4)));
        assert!(!known.holds(&link("a", 2)) && !known.holds(&link("b", 9)));
        assert_eq!(known.remember(&links[3..]), [&links[3]], "nearer");
        assert!(known.holds(&link("a", 2)));
    }

    #[test]
    fn what_has_no_room_is_merely_not_known() {
        let mut known = KnownKeys::default();
        for number in 0..MOST_KEYS as u64 {
            known.depths.insert(u128::from(number).to_be_bytes(), 1);
        }
        let capacity = known.depths.capacity();
        known.remember(&[link("a", 1)]);
        assert_eq!(
            (known.len(), known.depths.capacity()),
            (MOST_KEYS, capacity)
        );
        assert_eq!(capacity, MOST_KEYS);
        assert!(!known.holds(&link("a", 1)));
    }
}
