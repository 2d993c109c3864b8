//! Which texts have what is looked for, and how well: BM25, with a word of the title counting for several.
//!
//! Computed here and not by a database, so that both engines answer alike, to the last digit.

use std::collections::{BTreeMap, HashMap};

use super::postings::{Length, Posting};
use super::query::{Phrase, Query};

/// How soon a word that comes again stops to count.
const SATURATION: f64 = 1.2;

/// How much a long text is held against it.
const LENGTH_WEIGHT: f64 = 0.75;

/// What a word of the title counts for.
const TITLE_WEIGHT: f64 = 3.0;

/// The texts that are searched, and where the words of the query stand in them.
#[derive(Debug, Default)]
pub struct Index {
    /// Numbers across all segments.
    pub lengths: Vec<Length>,
    /// By word; the numbers are those of `lengths`, ascending.
    pub postings: HashMap<String, Vec<Posting>>,
}

/// A text that has what is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its number in the index.
    pub number: u32,
    pub score: f64,
}

impl Index {
    /// Returns the texts that have everything wanted and nothing unwanted, in the order of their numbers.
    pub fn hits(&self, query: &Query) -> Vec<Hit> {
        let total: f64 = self.lengths.iter().map(|one| f64::from(one.words)).sum();
        let texts = self.lengths.len() as f64;
        let average = (total / texts).max(1.0);
        let mut scores: Option<BTreeMap<u32, f64>> = None;
        for phrase in &query.wanted {
            let found = self.weights(phrase);
            let with = found.len() as f64;
            let rarity = (1.0 + (texts - with + 0.5) / (with + 0.5)).ln();
            let mut next = BTreeMap::new();
            for (number, weight) in found {
                let before = match &scores {
                    None => 0.0,
                    Some(scores) => match scores.get(&number) {
                        Some(before) => *before,
                        None => continue,
                    },
                };
                let length = f64::from(self.lengths[number as usize].words) / average;
                let damped = SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
                let score = rarity * weight * (SATURATION + 1.0) / (weight + damped);
                next.insert(number, before + score);
            }
            scores = Some(next);
        }
        let mut scores = scores.unwrap_or_default();
        for phrase in &query.unwanted {
            for number in self.weights(phrase).keys() {
                scores.remove(number);
            }
        }
        let hits = scores.into_iter();
        hits.map(|(number, score)| Hit { number, score }).collect()
    }

    /// Returns how much each text has of a phrase.
    fn weights(&self, phrase: &Phrase) -> BTreeMap<u32, f64> {
        let lists: Option<Vec<&[Posting]>> = phrase
            .iter()
            .map(|word| self.postings.get(word).map(Vec::as_slice))
            .collect();
        let Some((first, others)) = lists.as_ref().and_then(|lists| lists.split_first()) else {
            return BTreeMap::new();
        };
        let mut weights = BTreeMap::new();
        for posting in *first {
            let further: Option<Vec<&Posting>> = others
                .iter()
                .map(|list| {
                    let at = list.binary_search_by_key(&posting.number, |one| one.number);
                    at.ok().map(|at| &list[at])
                })
                .collect();
            let Some(further) = further else { continue };
            let Some(length) = self.lengths.get(posting.number as usize) else {
                continue;
            };
            let begins_here = |place: &&u32| {
                further.iter().zip(1..).all(|(posting, distance)| {
                    let wanted = place.saturating_add(distance);
                    posting.places.binary_search(&wanted).is_ok()
                })
            };
            let weight: f64 = posting
                .places
                .iter()
                .filter(begins_here)
                .map(|place| {
                    if *place < length.title_words {
                        TITLE_WEIGHT
                    } else {
                        1.0
                    }
                })
                .sum();
            if weight > 0.0 {
                weights.insert(posting.number, weight);
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::super::postings::{Builder, postings};
    use super::*;

    fn index(texts: &[(&str, &str)]) -> Index {
        let mut builder = Builder::default();
        let lengths = texts
            .iter()
            .map(|(title, text)| builder.add(title, text))
            .collect();
        let lists = builder.finish().into_iter();
        Index {
            lengths,
            postings: lists
                .map(|(word, bytes)| (word, postings(&bytes)))
                .collect(),
        }
    }

    fn found(texts: &[(&str, &str)], query: &str) -> Vec<u32> {
        let mut hits = index(texts).hits(&Query::parse(query).unwrap());
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.iter().map(|hit| hit.number).collect()
    }

    const TEXTS: [(&str, &str); 4] = [
        ("Tide", "the lamp is lit at low tide by the harbour master"),
        ("Lamp", "the harbour has one"),
        ("", "low and slow, the tide and the lamp and the lamp"),
        ("Boats", "no light at all"),
    ];

    #[test]
    fn all_words_must_be_there_and_the_title_counts_more() {
        assert_eq!(found(&TEXTS, "lamp"), [1, 2, 0]);
        assert_eq!(found(&TEXTS, "harbour lamp"), [1, 0]);
        assert_eq!(found(&TEXTS, "lamp missing"), [0_u32; 0]);
        assert_eq!(found(&TEXTS, "lamp -tide"), [1]);
    }

    #[test]
    fn a_phrase_stands_in_one_piece() {
        assert_eq!(found(&TEXTS, "\"low tide\""), [0]);
        assert_eq!(found(&TEXTS, "lamp -\"low tide\""), [1, 2]);
        // Not from the title into the text.
        assert_eq!(found(&TEXTS, "\"lamp the harbour\""), [0_u32; 0]);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(found(&[], "lamp"), [0_u32; 0]);
    }
}
