//! Which of two mentions stays where they overlap.
//!
//! Owns that one decision, for all recognizers together, so that none has to know another. Changes no mention.

use std::collections::BTreeMap;

use super::rules;
use crate::model::{EntityType, Mention, WindowResult};

/// Changes whenever the same mentions may leave others.
pub(super) const VERSION: &str = "1";

/// What may stand inside a longer mention, and inside which: both say something of their own.
const INSIDE: &[(EntityType, EntityType)] = &[
    (EntityType::Money, EntityType::Plan),
    (EntityType::Money, EntityType::Pricing),
    (EntityType::Quantity, EntityType::Feature),
    (EntityType::Quantity, EntityType::Limit),
];

/// Leaves out each mention that a longer one makes redundant.
///
/// The longer mention stays, of two as long the one that a profile asks for, then the one that is more than a number, then the surer one, then the one whose
/// type comes first. A number in a
/// date and a host in an address say nothing that the date and the address do not.
pub(super) fn resolve(results: &mut [WindowResult]) {
    let mut order: Vec<(usize, usize)> = results
        .iter()
        .enumerate()
        .flat_map(|(window, result)| (0..result.mentions.len()).map(move |at| (window, at)))
        .collect();
    let mention = |&(window, at): &(usize, usize)| &results[window].mentions[at];
    order.sort_by(|one, other| precedence(mention(one), mention(other)));
    // By first byte: mentions that stay do not overlap, but for the pairs of `INSIDE`, whose inner ones wait.
    let mut taken: BTreeMap<usize, (usize, &EntityType)> = BTreeMap::new();
    let mut kept: Vec<Vec<bool>> = results
        .iter()
        .map(|result| vec![false; result.mentions.len()])
        .collect();
    let mut inner: BTreeMap<usize, usize> = BTreeMap::new();
    for place in order {
        let found = mention(&place);
        let outer = taken
            .range(..found.end)
            .next_back()
            .filter(|(_, (end, _))| *end > found.start);
        let stays = match outer {
            None => {
                taken.insert(found.start, (found.end, &found.entity_type));
                true
            }
            Some((start, (end, outer))) => {
                let is_within = *start <= found.start && found.end <= *end;
                let may = may_stand_inside(&found.entity_type, outer);
                let is_free = inner
                    .range(..found.end)
                    .next_back()
                    .is_none_or(|(_, end)| *end <= found.start);
                if is_within && may && is_free {
                    inner.insert(found.start, found.end);
                }
                is_within && may && is_free
            }
        };
        kept[place.0][place.1] = stays;
    }
    for (result, kept) in results.iter_mut().zip(kept) {
        let mut kept = kept.into_iter();
        result.mentions.retain(|_| kept.next().unwrap_or(true));
    }
}

fn may_stand_inside(inner: &EntityType, outer: &EntityType) -> bool {
    INSIDE
        .iter()
        .any(|(one, other)| one == inner && other == outer)
}

fn precedence(one: &Mention, other: &Mention) -> std::cmp::Ordering {
    let length = |mention: &Mention| mention.end - mention.start;
    let is_asked = |mention: &Mention| rules::is_of_profile(mention.recognizer);
    let is_number = |mention: &Mention| mention.entity_type == EntityType::Number;
    length(other)
        .cmp(&length(one))
        .then(is_asked(other).cmp(&is_asked(one)))
        .then(is_number(one).cmp(&is_number(other)))
        .then(other.score.total_cmp(&one.score))
        .then(one.entity_type.cmp(&other.entity_type))
        .then(one.start.cmp(&other.start))
        .then(one.recognizer.cmp(other.recognizer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Role, WindowState};
    use proptest::prelude::*;
    use serde_json::json;

    fn found(entity_type: EntityType, (start, end): (usize, usize), score: f64) -> Mention {
        Mention {
            entity_type,
            role: Role::Mention,
            start,
            end,
            surface: String::new(),
            normalized: String::new(),
            attributes: json!({}),
            score,
            recognizer: "test",
        }
    }

    fn window(mentions: Vec<Mention>) -> WindowResult {
        WindowResult {
            recognizer: "test",
            ordinal: 0,
            start: 0,
            end: 100,
            state: WindowState::Done,
            error: None,
            mentions,
        }
    }

    fn kept(windows: Vec<Vec<Mention>>) -> Vec<(EntityType, usize, usize)> {
        let mut results: Vec<_> = windows.into_iter().map(window).collect();
        resolve(&mut results);
        results
            .iter()
            .flat_map(|result| &result.mentions)
            .map(|mention| (mention.entity_type.clone(), mention.start, mention.end))
            .collect()
    }

    #[test]
    fn the_longer_mention_stays_whatever_found_it() {
        use EntityType::{Date, DateRange, Number};
        let left = kept(vec![
            vec![found(Number, (5, 7), 0.9), found(Number, (40, 42), 0.9)],
            vec![found(Date, (3, 12), 0.9), found(Date, (15, 25), 0.9)],
            vec![found(DateRange, (0, 25), 0.8)],
        ]);
        assert_eq!(left, [(Number, 40, 42), (DateRange, 0, 25)]);
    }

    #[test]
    fn of_one_span_what_is_more_than_a_number_stays_once() {
        use EntityType::{Card, Number, Phone};
        let twice = vec![found(Phone, (0, 9), 0.5), found(Phone, (0, 9), 0.5)];
        let left = kept(vec![vec![found(Number, (0, 9), 0.9)], twice.clone()]);
        assert_eq!(left, [(Phone, 0, 9)]);
        assert_eq!(
            kept(vec![vec![found(Card, (0, 9), 0.9)], twice]),
            [(Card, 0, 9)]
        );
    }

    #[test]
    fn what_says_something_of_its_own_stays_inside() {
        use EntityType::{Money, Number, Pricing};
        let left = kept(vec![vec![
            found(Pricing, (0, 14), 0.9),
            found(Money, (0, 6), 0.9),
            found(Number, (1, 6), 0.9),
        ]]);
        assert_eq!(left, [(Pricing, 0, 14), (Money, 0, 6)]);
    }

    proptest! {
        #[test]
        fn what_stays_never_contradicts(spans in prop::collection::vec((0usize..60, 1usize..12, 0usize..4), 0..60)) {
            let types = [EntityType::Money, EntityType::Pricing, EntityType::Number, EntityType::Date];
            let mentions = spans
                .iter()
                .map(|(start, length, kind)| found(types[*kind].clone(), (*start, start + length), 0.5))
                .collect();
            let left = kept(vec![mentions]);
            prop_assert!(spans.is_empty() || !left.is_empty());
            for (at, one) in left.iter().enumerate() {
                for other in &left[at + 1..] {
                    let apart = one.2 <= other.1 || other.2 <= one.1;
                    let may = may_stand_inside(&one.0, &other.0) || may_stand_inside(&other.0, &one.0);
                    prop_assert!(apart || may, "{one:?} {other:?}");
                }
            }
        }
    }
}
