//! Words behind a number, looked up in a table: the longest phrase counts.
//!
//! Owns how words are parted and folded; the tables are the nouns'.

use std::collections::HashMap;

use super::super::around;

/// A table of phrases in lower case, words parted by one space.
pub(super) type Phrases<T> = HashMap<String, T>;

/// More letters than any phrase of a table has.
const LONGEST: usize = 40;

/// Returns what the longest phrase from `at` on is in the table, and its end. A plural `s` is folded away.
pub(super) fn longest<T: Copy>(text: &str, at: usize, table: &Phrases<T>) -> Option<(T, usize)> {
    let rest = text.get(at..)?;
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
        if gap(&rest[end..]).is_none() {
            break;
        }
    }
    best
}

/// Finds the phrase as it is, without the full stop of a sentence, and in the singular; gives its length, too.
fn look_up<T: Copy>(folded: &str, table: &Phrases<T>) -> Option<(T, usize)> {
    let found = |phrase: &str| table.get(phrase).copied();
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
