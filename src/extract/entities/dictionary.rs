//! Many terms looked for at once: one pass over a text, however many they are.
//!
//! Owns how a term is compared with a text and which of those that overlap are told; what a term stands for is its
//! owner's to say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

/// A term and how it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub text: String,
    /// Whether upper and lower case differ.
    pub case: bool,
    /// Whether it has to stand alone.
    pub whole_words: bool,
}

/// Where a term stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub start: usize,
    pub end: usize,
    /// Which of the terms it is, counted from 0.
    pub term: usize,
}

/// Terms, ready to be looked for.
pub(super) struct Dictionary {
    terms: Vec<Term>,
    exact: Option<Automaton>,
    folded: Option<Automaton>,
}

/// The terms that are compared in one way.
struct Automaton {
    search: AhoCorasick,
    /// Which term each of its patterns is.
    terms: Vec<usize>,
}

impl Dictionary {
    /// Makes a dictionary; a term that is empty is never found.
    pub fn new(terms: Vec<Term>) -> Result<Self, BuildError> {
        let of_case = |case: bool| {
            let wanted = terms
                .iter()
                .enumerate()
                .filter(|(_, term)| term.case == case && !term.text.is_empty());
            let (places, texts): (Vec<usize>, Vec<String>) = wanted
                .map(|(at, term)| {
                    let folded = || term.text.chars().flat_map(lower_case).collect();
                    (at, if case { term.text.clone() } else { folded() })
                })
                .unzip();
            if places.is_empty() {
                return Ok(None);
            }
            // All matches and not the leftmost: what is within a longer term has to be seen when that one is no word.
            let search = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(texts)?;
            let terms = places;
            Ok(Some(Automaton { search, terms }))
        };
        let (exact, folded) = (of_case(true)?, of_case(false)?);
        Ok(Self {
            terms,
            exact,
            folded,
        })
    }

    /// Finds terms, in order. Where several begin at one place the longest is told, of equal ones the first of the
    /// dictionary; one that lies within another is not.
    pub fn find(&self, text: &str) -> Vec<Place> {
        let mut longest: BTreeMap<usize, Place> = BTreeMap::new();
        let mut keep = |place: Place| {
            let may_join = !self.terms[place.term].whole_words;
            if may_join || is_whole(text, place.start, place.end) {
                let rank = |place: &Place| (place.end, std::cmp::Reverse(place.term));
                let known = longest.entry(place.start).or_insert(place);
                if rank(&place) > rank(known) {
                    *known = place;
                }
            }
        };
        if let Some(exact) = &self.exact {
            for (start, end, term) in exact.places(text) {
                keep(Place { start, end, term });
            }
        }
        if let Some(automaton) = &self.folded {
            let folded = Folded::of(text);
            for (start, end, term) in automaton.places(&folded.text) {
                let span = (folded.original(start), folded.original(end));
                if let (Some(start), Some(end)) = span {
                    keep(Place { start, end, term });
                }
            }
        }
        let mut reached = 0;
        let mut outermost = Vec::with_capacity(longest.len());
        for place in longest.into_values() {
            if place.end > reached {
                reached = place.end;
                outermost.push(place);
            }
        }
        outermost
    }
}

impl Automaton {
    fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
        let found = self.search.find_overlapping_iter(text);
        found.map(|one| {
            let term = self.terms[one.pattern().as_usize()];
            (one.start(), one.end(), term)
        })
    }
}

/// A text in lower case, with the way back to the bytes that it was made of.
struct Folded<'t> {
    text: Cow<'t, str>,
    /// The characters whose lower case is of another length: first and last byte folded, and the last as written.
    uneven: Vec<(usize, usize, usize)>,
}

impl<'t> Folded<'t> {
    fn of(text: &'t str) -> Self {
        if text.is_ascii() {
            let text = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(text.to_ascii_lowercase())
            } else {
                Cow::Borrowed(text)
            };
            let uneven = Vec::new();
            return Self { text, uneven };
        }
        let mut folded = String::with_capacity(text.len() + 16);
        let mut uneven = Vec::new();
        for (at, c) in text.char_indices() {
            let start = folded.len();
            folded.extend(lower_case(c));
            if folded.len() - start != c.len_utf8() {
                uneven.push((start, folded.len(), at + c.len_utf8()));
            }
        }
        Self {
            text: Cow::Owned(folded),
            uneven,
        }
    }

    /// Returns the byte of the text as it is written; `None` within a character.
    fn original(&self, byte: usize) -> Option<usize> {
        let passed = self.uneven.partition_point(|(_, end, _)| *end <= byte);
        if let Some((start, ..)) = self.uneven.get(passed)
            && *start < byte
        {
            return None;
        }
        let (folded, written) = match passed.checked_sub(1) {
            Some(last) => (self.uneven[last].1, self.uneven[last].2),
            None => (0, 0),
        };
        Some(written + (byte - folded))
    }
}

/// Returns the lower case of a character; the two small sigmas are one.
fn lower_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

/// Says whether what stands there stands alone.
pub(super) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    is_edge(text, start) && is_edge(text, end)
}

/// Says whether a word may begin or end here: no two word characters meet, or one is of a script that puts no space
/// between its words.
fn is_edge(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    let joins = |c| is_word(c) && !has_no_spaces(c);
    !(joins(before) && joins(after))
}

/// A character of a word, as Unicode's Annex C to UTS 18 has it.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    regex_syntax::try_is_word_character(c).unwrap_or_else(|_| c.is_alphanumeric())
}

fn has_no_spaces(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Myanmar, Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, Bopomofo, Han with its extensions and compatibility forms, half-width kana.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn term(text: &str, case: bool, whole_words: bool) -> Term {
        let text = text.to_owned();
        Term {
            text,
            case,
            whole_words,
        }
    }

    fn found<'t>(terms: &[&str], case: bool, whole_words: bool, text: &'t str) -> Vec<&'t str> {
        let terms = terms.iter().map(|text| term(text, case, whole_words));
        let places = Dictionary::new(terms.collect()).unwrap().find(text);
        places
            .iter()
            .map(|place| &text[place.start..place.end])
            .collect()
    }

    #[test]
    fn words_stand_alone_in_every_script() {
        for (terms, text, expected) in [
            (
                &["york", "new yorker"][..],
                "A new yorkers' York.",
                &["York"][..],
            ),
            (
                &["new york", "york city"],
                "New York City",
                &["New York", "York City"],
            ),
            (&["york", "new york"], "new york", &["new york"]),
            (&["élan"], "élans Élan d'élan é́lan", &["Élan", "élan"]),
            (&["c++", ".net"], "C++ and .NET, cc++", &["C++", ".NET"]),
            (&["東京"], "私は東京都にいます", &["東京"]),
            (&["กรุงเทพ"], "ที่กรุงเทพมหานคร", &["กรุงเทพ"]),
            (&["ΟΔΟΣ"], "η οδος, οδοσ", &["οδος", "οδοσ"]),
            (&["snake"], "snake_case snake", &["snake"]),
            (&[""], "nothing", &[]),
        ] {
            assert_eq!(found(terms, false, true, text), expected, "{text}");
        }
        assert_eq!(found(&["York"], true, false, "york Yorkers"), ["York"]);
        assert_eq!(
            found(&["a", "aa", "aaa"], true, false, "aaaa"),
            ["aaa", "aaa"]
        );
    }

    #[test]
    fn places_are_of_the_text_as_it_is_written() {
        // Each of the first three is longer or shorter in lower case.
        let text = "İİẞK İstanbul, istanbul";
        assert_eq!(
            found(&["i̇stanbul", "istanbul"], false, true, text),
            ["İstanbul", "istanbul"]
        );
        // Half of a character is none.
        assert_eq!(found(&["i"], false, false, "İ"), Vec::<&str>::new());
    }

    #[test]
    fn of_equal_terms_the_first_is_meant() {
        let terms = vec![term("mercury", false, true), term("Mercury", true, true)];
        let places = Dictionary::new(terms).unwrap().find("Mercury");
        assert_eq!(
            places,
            [Place {
                start: 0,
                end: 7,
                term: 0
            }]
        );
    }

    #[test]
    fn what_is_found_of_many_terms_costs_no_square() {
        let terms: Vec<String> = (1..400).map(|length| "a".repeat(length)).collect();
        let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
        let text = "a".repeat(100_000);
        assert_eq!(found(&terms, false, true, &text), Vec::<&str>::new());
        let places = found(&terms, true, false, &text[..2_000]);
        assert_eq!(places.len(), 2_000 - 398);
    }

    proptest! {
        #[test]
        fn what_is_found_is_a_term(text in "[aAßİẞK東 ]{0,40}", terms in prop::collection::vec("[aAßİẞk東 ]{0,3}", 0..6)) {
            let all = terms.iter().map(|text| term(text, false, false)).collect();
            let fold = |text: &str| text.chars().flat_map(lower_case).collect::<String>();
            let mut covered = vec![false; text.len()];
            for place in Dictionary::new(all).unwrap().find(&text) {
                prop_assert_eq!(fold(&text[place.start..place.end]), fold(&terms[place.term]));
                covered[place.start..place.end].fill(true);
            }
            // Whatever plain comparison finds at a character is covered.
            for (at, _) in text.char_indices() {
                for term in terms.iter().filter(|term| !term.is_empty()) {
                    let mut ends = text[at..].char_indices().map(|(end, c)| at + end + c.len_utf8());
                    let same = ends.rfind(|end| fold(&text[at..*end]) == fold(term));
                    prop_assert!(same.is_none_or(|end| covered[at..end].iter().all(|one| *one)), "{term:?}");
                }
            }
        }
    }
}
