//! The keys that one worker knows to be in the frontier, so that it need not ask the database.

use std::collections::HashMap;

use crate::model::DiscoveredLink;

/// Seven eighths of 2^20, as many as a table of that many places holds: about 22 MB. Beyond it the links
/// that are found are simply inserted again, which changes nothing.
const MOST_KEYS: usize = 917_504;

/// Keys of committed rows, with the rank of the link that decided about each. Exact as far as it goes: a key that is missing here
/// may be in the database all the same.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    /// Bytes and not the number that a key is: a number is aligned to 16 bytes, and an entry would take
    /// half as much again.
    ranks: HashMap<[u8; 16], u32>,
}

impl KnownKeys {
    /// Says whether inserting a link would change nothing.
    pub(super) fn holds(&self, link: &DiscoveredLink) -> bool {
        self.ranks
            .get(&link.key.to_bytes())
            .is_some_and(|rank| i64::from(*rank) <= link.rank())
    }

    /// Takes in what is committed, while there is room; returns the links that it did not hold before.
    pub(super) fn remember<'a>(&mut self, links: &'a [DiscoveredLink]) -> Vec<&'a DiscoveredLink> {
        let mut fresh = Vec::new();
        for link in links {
            let Ok(rank) = u32::try_from(link.rank()) else {
                fresh.push(link);
                continue;
            };
            let is_full = self.ranks.len() >= MOST_KEYS;
            match self.ranks.get_mut(&link.key.to_bytes()) {
                Some(known) if *known <= rank => continue,
                Some(known) => *known = rank,
                None if is_full => {}
                None => {
                    self.ranks.insert(link.key.to_bytes(), rank);
                }
            }
            fresh.push(link);
        }
        fresh
    }

    pub(super) fn len(&self) -> usize {
        self.ranks.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkDecision, Reason};

    fn link(uri: &str, depth: i64) -> DiscoveredLink {
        DiscoveredLink {
            depth,
            ..DiscoveredLink::to(uri.to_owned())
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
    fn a_link_that_was_left_out_is_not_known_to_one_that_may_be_followed() {
        let left_out = DiscoveredLink {
            decision: LinkDecision::Skip(Reason::Nofollow),
            ..link("a", 1)
        };
        let mut known = KnownKeys::default();
        known.remember(std::slice::from_ref(&left_out));
        assert!(known.holds(&left_out) && !known.holds(&link("a", 9)));
        known.remember(&[link("a", 9)]);
        assert!(known.holds(&left_out) && known.holds(&link("a", 9)));
    }

    #[test]
    fn what_has_no_room_is_merely_not_known() {
        let mut known = KnownKeys::default();
        for number in 0..MOST_KEYS as u64 {
            known.ranks.insert(u128::from(number).to_be_bytes(), 1);
        }
        let capacity = known.ranks.capacity();
        known.remember(&[link("a", 1)]);
        assert_eq!((known.len(), known.ranks.capacity()), (MOST_KEYS, capacity));
        assert_eq!(capacity, MOST_KEYS);
        assert!(!known.holds(&link("a", 1)));
    }
}
