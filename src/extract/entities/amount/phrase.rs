//! Words behind a number, looked up in a table: the longest phrase counts.
//!
//! Owns how words are parted and folded; the tables are the nouns'.

use std::collections::{HashMap, HashSet};

use super::super::around;

/// A table of phrases in lower case, words parted by one space.
pub(super) struct Phrases<T> {
    meanings: HashMap<String, T>,
    /// The first words of phrases of several.
    openings: HashSet<String>,
    /// Which second letters the phrases have that begin with a letter: most words of a text begin none, and two letters
    /// are all that is looked at of these.
    letters: [u32; 26],
}

impl<T> Phrases<T> {
    pub(super) fn new() -> Self {
        Self {
            meanings: HashMap::new(),
            openings: HashSet::new(),
            letters: [0; 26],
        }
    }

    /// Adds a phrase; one that is there already stays.
    pub(super) fn add(&mut self, phrase: &str, meaning: T) {
        if let Some((opening, _)) = phrase.split_once(' ') {
            self.openings.insert(opening.to_owned());
        }
        if let Some((first, second)) = letters(phrase) {
            self.letters[first] |= second;
        }
        let place = self.meanings.entry(phrase.to_owned());
        place.or_insert(meaning);
    }

    fn may_begin(&self, text: &str) -> bool {
        match letters(text) {
            Some((first, second)) => self.letters[first] & second != 0,
            // The first letter of no phrase, or one beyond ASCII.
            None => text.starts_with(|c: char| !c.is_ascii()),
        }
    }
}

/// Returns the place of the first letter, and a bit for the second; what is no letter of ASCII has one bit together.
fn letters(text: &str) -> Option<(usize, u32)> {
    let place = |byte: Option<&u8>| {
        let letter = byte.filter(|byte| byte.is_ascii_alphabetic())?;
        Some(usize::from((letter | 0x20) - b'a'))
    };
    let bytes = text.as_bytes();
    Some((
        place(bytes.first())?,
        1 << place(bytes.get(1)).unwrap_or(26),
    ))
}

/// More letters than any phrase of a table has.
const LONGEST: usize = 40;

/// Returns what the longest phrase from `at` on is in the table, and its end. A plural `s` is folded away.
pub(super) fn longest<T: Copy>(text: &str, at: usize, table: &Phrases<T>) -> Option<(T, usize)> {
    let rest = text.get(at..)?;
    if !table.may_begin(rest) {
        return None;
    }
    let mut folded = String::new();
    let (mut best, mut end) = (None, 0);
    for _ in 0..4 {
        let tail = &rest[end..];
        let space = if end == 0 { 0 } else { gap(tail)? };
        let word: usize = tail[space..]
            .chars()
            .take_while(|c| c.is_alphabetic() || matches!(c, '.' | '\''))
            .map(char::len_utf8)
            .take(LONGEST)
            .sum();
        if word == 0 || folded.len() > LONGEST {
            break;
        }
        if end > 0 {
            folded.push(' ');
        }
        folded.extend(
            tail[space..space + word]
                .chars()
                .flat_map(char::to_lowercase),
        );
        end += space + word;
        let ends = !rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if !ends {
            break;
        }
        if let Some((found, length)) = look_up(&folded, table) {
            best = Some((found, at + end - (folded.len() - length)));
        }
        let is_opening = folded.contains(' ') || table.openings.contains(&folded);
        if !is_opening || gap(&rest[end..]).is_none() {
            break;
        }
    }
    best
}

/// Finds the phrase as it is, without the full stop of a sentence, and in the singular; gives its length, too.
fn look_up<T: Copy>(folded: &str, table: &Phrases<T>) -> Option<(T, usize)> {
    let found = |phrase: &str| table.meanings.get(phrase).copied();
    let bare = folded.trim_end_matches(['.', '\'']);
    let dotted = folded.len() > bare.len();
    if dotted && let Some(known) = found(&folded[..=bare.len()]) {
        return Some((known, bare.len() + 1));
    }
    let singular = bare.strip_suffix('s').filter(|stem| stem.len() > 1);
    let known = found(bare).or_else(|| found(singular?))?;
    Some((known, bare.len()))
}

fn gap(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    matches!(first, ' ' | '-' | '\u{a0}').then(|| first.len_utf8())
}

/// Returns where a word may begin behind a number: at once, behind a space, or behind a hyphen.
pub(super) fn behind(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let spaced = rest.strip_prefix([' ', '\u{a0}', '\u{202f}', '\u{2009}', '-', '\u{2011}']);
    spaced.map_or(end, |after| text.len() - after.len())
}

/// Says whether one of these words stands within some bytes on either side of a span, ASCII case aside.
pub(super) fn is_near(text: &str, span: (usize, usize), words: &[&str]) -> bool {
    let (before, after) = around(text, span, 60);
    [before, after].iter().any(|side| {
        let lower = side.to_ascii_lowercase();
        words.iter().any(|word| lower.contains(word))
    })
}
