//! What a profile's `[[entity]]` rules find: its terms, all in one pass, and its patterns.
//!
//! Owns how a rule becomes mentions; how rules are written is the profile's, how terms are compared the dictionary's.

use std::borrow::Cow;

use regex::Regex;
use serde_json::json;

use super::dictionary::{Dictionary, Term, is_whole};
use super::{Context, Recognizer, RecognizerError, mention};
use crate::extract::profile::EntityRule;
use crate::model::{EntityType, Mention};

/// Changes whenever the same rules may find other mentions; part of the digest of a profile that has rules.
pub const VERSION: &str = "1";

/// The most bytes that a mention of a rule may have: windows are cut by this.
pub const MOST_BYTES: usize = 400;

const TERMS: &str = "profile_terms";
const PATTERNS: &str = "profile_patterns";

/// How much of a line a pattern is asked for at once. Where matches are looked for again and again to the end of what
/// is there, that is what it costs.
const PIECE_BYTES: usize = 4 * 1024;
/// What a pattern sees of the line on both sides of a piece: more than a mention before, and what follows one.
const AROUND_BYTES: usize = 1024;

/// Returns the recognizers of a profile's rules; none where it has none.
pub fn of_rules(rules: &[EntityRule]) -> Vec<Box<dyn Recognizer>> {
    let mut recognizers: Vec<Box<dyn Recognizer>> = Vec::new();
    if rules.iter().any(|rule| !rule.terms.is_empty()) {
        recognizers.push(Box::new(Terms::of(rules)));
    }
    if rules.iter().any(|rule| rule.pattern.is_some()) {
        recognizers.push(Box::new(Patterns::of(rules)));
    }
    recognizers
}

/// Says whether a recognizer of this name is one of a profile's.
pub(super) fn is_of_profile(recognizer: &str) -> bool {
    matches!(recognizer, TERMS | PATTERNS)
}

/// Finds the terms of all rules.
struct Terms {
    /// Why it could not be made, else the dictionary.
    dictionary: Result<Dictionary, String>,
    /// Of each term the type and the form that it stands for.
    meanings: Vec<(EntityType, String)>,
    types: Vec<EntityType>,
}

impl Terms {
    fn of(rules: &[EntityRule]) -> Self {
        let (mut terms, mut meanings, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for rule in rules.iter().filter(|rule| !rule.terms.is_empty()) {
            types.push(rule.entity_type.clone());
            for (text, form) in &rule.terms {
                let form = form.as_ref().unwrap_or(text).clone();
                meanings.push((rule.entity_type.clone(), form));
                terms.push(Term {
                    text: text.clone(),
                    case: rule.case,
                    whole_words: rule.whole_words,
                });
            }
        }
        types.sort_unstable();
        types.dedup();
        Self {
            dictionary: Dictionary::new(terms).map_err(|error| error.to_string()),
            meanings,
            types,
        }
    }
}

impl Recognizer for Terms {
    fn name(&self) -> &'static str {
        TERMS
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn types(&self) -> &[EntityType] {
        &self.types
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let dictionary = self
            .dictionary
            .as_ref()
            .map_err(|why| RecognizerError::Pattern(TERMS, why.clone()))?;
        let places = dictionary.find(text).into_iter();
        let found = places.map(|place| {
            let (entity_type, form) = &self.meanings[place.term];
            let span = (place.start, place.end);
            named(TERMS, entity_type, text, span, form, 1.0)
        });
        Ok(found.collect())
    }
}

/// Finds what the patterns of all rules match.
struct Patterns {
    rules: Vec<PatternRule>,
    types: Vec<EntityType>,
}

struct PatternRule {
    entity_type: EntityType,
    pattern: Regex,
    case: bool,
    whole_words: bool,
    normalize: Option<String>,
}

impl Patterns {
    fn of(rules: &[EntityRule]) -> Self {
        let with_pattern = rules.iter().filter_map(|rule| {
            Some(PatternRule {
                entity_type: rule.entity_type.clone(),
                pattern: rule.pattern.clone()?,
                case: rule.case,
                whole_words: rule.whole_words,
                normalize: rule.normalize.clone(),
            })
        });
        let rules: Vec<PatternRule> = with_pattern.collect();
        let mut types: Vec<EntityType> =
            rules.iter().map(|rule| rule.entity_type.clone()).collect();
        types.sort_unstable();
        types.dedup();
        Self { rules, types }
    }
}

impl Recognizer for Patterns {
    fn name(&self) -> &'static str {
        PATTERNS
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn types(&self) -> &[EntityType] {
        &self.types
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut all = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let whole = (start, start + line.trim_end_matches('\n').len());
            for piece in pieces(text, whole) {
                for rule in &self.rules {
                    rule.find(text, &piece, &mut all)?;
                }
            }
            start += line.len();
        }
        all.sort_by_key(|mention| (mention.start, mention.end));
        Ok(all)
    }
}

/// A part of a line: what is read, and which beginnings of matches count.
struct Piece {
    start: usize,
    end: usize,
    owned_from: usize,
    owned_to: usize,
}

/// Cuts a line, so that no match is lost at a cut.
fn pieces(text: &str, (start, end): (usize, usize)) -> impl Iterator<Item = Piece> {
    let mut from = start;
    std::iter::from_fn(move || {
        if from >= end {
            return None;
        }
        let to = text.floor_char_boundary((from + PIECE_BYTES).min(end));
        let piece = Piece {
            start: text.floor_char_boundary(from.saturating_sub(AROUND_BYTES).max(start)),
            end: text.floor_char_boundary((to + AROUND_BYTES).min(end)),
            owned_from: from,
            owned_to: to,
        };
        from = to;
        Some(piece)
    })
}

impl PatternRule {
    fn find(
        &self,
        text: &str,
        piece: &Piece,
        all: &mut Vec<Mention>,
    ) -> Result<(), RecognizerError> {
        let read = &text[piece.start..piece.end];
        for captures in self.pattern.captures_iter(read) {
            let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                continue;
            };
            let (start, end) = (piece.start + whole.start(), piece.start + whole.end());
            if !(piece.owned_from..piece.owned_to).contains(&start) {
                continue;
            }
            if whole.len() > MOST_BYTES {
                let why = format!(
                    "the pattern of {} matches more than {MOST_BYTES} bytes",
                    self.entity_type
                );
                return Err(RecognizerError::Failed(PATTERNS, why));
            }
            if self.whole_words && !is_whole(text, start, end) {
                continue;
            }
            let mut form = String::new();
            match &self.normalize {
                Some(template) => captures.expand(template, &mut form),
                None if self.case => form.push_str(whole.as_str()),
                None => form = whole.as_str().to_lowercase(),
            }
            let folded = form.split_whitespace().collect::<Vec<_>>().join(" ");
            let form = if folded.is_empty() {
                whole.as_str()
            } else {
                &folded
            };
            all.push(named(
                PATTERNS,
                &self.entity_type,
                text,
                (start, end),
                form,
                0.95,
            ));
        }
        Ok(())
    }
}

/// Makes a mention of a rule. A card stays masked whoever finds it.
fn named(
    recognizer: &'static str,
    entity_type: &EntityType,
    text: &str,
    span: (usize, usize),
    form: &str,
    score: f64,
) -> Mention {
    let form: Cow<'_, str> = entity_type.surface_of(form);
    let parts = (form.into_owned(), json!({}));
    mention(recognizer, entity_type.clone(), text, span, parts, score)
}
