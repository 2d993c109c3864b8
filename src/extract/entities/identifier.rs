//! Identifiers that something else gave out: books, articles, people, accounts, cards, faults, versions, checksums.
//!
//! One recognizer, because all of them are found at runs of letters and digits, which are looked for once. A noun is a
//! file: it says whether a run begins one of its own, by its check digit where it has one.

mod card;
mod checksum;
mod cve;
mod doi;
mod iban;
mod isbn;
mod orcid;
mod release;

use serde_json::Value;

use super::{Context, Recognizer, RecognizerError, around, mention};
use crate::model::{EntityType, Mention};

/// Finds identifiers.
pub(super) struct Identifiers;

/// What a noun found.
struct Found {
    entity_type: EntityType,
    end: usize,
    normalized: String,
    attributes: Value,
    score: f64,
}

/// A maximal run of ASCII letters and digits, and the text around it.
#[derive(Clone, Copy)]
struct Run<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Run<'a> {
    fn written(self) -> &'a str {
        &self.text[self.start..self.end]
    }

    fn tail(self) -> &'a str {
        &self.text[self.end..]
    }

    fn before(self) -> Option<char> {
        self.text[..self.start].chars().next_back()
    }

    /// Says whether one of these words, in lower case, stands shortly before.
    fn is_behind(self, words: &[&str]) -> bool {
        const REACH: usize = 24;
        let (head, _) = around(self.text, (self.start, self.end), REACH);
        let head = head.to_ascii_lowercase();
        words.iter().any(|word| head.contains(word))
    }

    /// Says whether what ends at `end` is joined to nothing longer.
    fn ends_at(self, end: usize) -> bool {
        let mut after = self.text[end..].chars();
        match after.next() {
            Some('-' | '.' | '/' | ',' | ':') => !after.next().is_some_and(|c| c.is_ascii_digit()),
            Some(c) => !c.is_alphanumeric() && c != '_',
            None => true,
        }
    }
}

const NOUNS: &[fn(Run<'_>) -> Option<Found>] = &[
    checksum::read,
    cve::read,
    doi::read,
    orcid::read,
    isbn::read,
    iban::read,
    card::read,
    release::read,
];

impl Recognizer for Identifiers {
    fn name(&self) -> &'static str {
        "identifier"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[
            EntityType::Guid,
            EntityType::Isbn,
            EntityType::Issn,
            EntityType::Doi,
            EntityType::Orcid,
            EntityType::Cve,
            EntityType::Iban,
            EntityType::Card,
            EntityType::Version,
            EntityType::Digest,
        ]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let bytes = text.as_bytes();
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(found) = bytes[from..].iter().position(u8::is_ascii_digit) {
            let is_of_run = |byte: &&u8| byte.is_ascii_alphanumeric();
            let digit = from + found;
            let before = bytes[from..digit].iter().rev();
            let after = bytes[digit..].iter();
            let start = digit - before.take_while(is_of_run).count();
            let mut end = digit + after.take_while(is_of_run).count();
            let run = cve::named_before(Run { text, start, end });
            let at = run.start;
            let is_whole = !run
                .before()
                .is_some_and(|c| c.is_alphanumeric() || c == '_');
            if is_whole && let Some(found) = NOUNS.iter().find_map(|noun| noun(run)) {
                let parts = (found.normalized, found.attributes);
                all.push(mention(
                    self.name(),
                    found.entity_type,
                    text,
                    (at, found.end),
                    parts,
                    found.score,
                ));
                end = end.max(found.end);
            }
            from = end;
        }
        Ok(all)
    }
}

/// Reads digits in groups that single spaces or hyphens part, up to `most` of them; the last may be an X.
///
/// Gives the digits and where they end, for each group that they may end with, the longest first.
fn grouped_digits(text: &str, start: usize, most: usize) -> Vec<(String, usize)> {
    let bytes = text.as_bytes();
    let mut digits = String::new();
    let mut ends = Vec::new();
    let mut at = start;
    while digits.len() <= most {
        let length = bytes[at..]
            .iter()
            .take(most + 1)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        digits.push_str(&text[at..at + length]);
        at += length;
        if length > 0 {
            ends.push((digits.clone(), at));
        }
        if let Some(b'X' | b'x') = bytes.get(at) {
            digits.push('X');
            ends.push((digits.clone(), at + 1));
            break;
        }
        let separator = match bytes.get(at) {
            Some(b'-' | b' ') => 1,
            _ if text[at..].starts_with('\u{a0}') => '\u{a0}'.len_utf8(),
            _ if text[at..].starts_with(['\u{2010}', '\u{2011}', '\u{2013}']) => 3,
            _ => break,
        };
        if length == 0
            || !bytes
                .get(at + separator)
                .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'X' | b'x'))
        {
            break;
        }
        at += separator;
    }
    ends.reverse();
    ends.retain(|(digits, _)| digits.len() <= most);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns type, surface and normal form of each mention.
    pub(super) fn found(text: &str) -> Vec<(EntityType, String, String)> {
        let all = Identifiers.find(text, &Context::default()).unwrap();
        all.into_iter()
            .map(|mention| (mention.entity_type, mention.surface, mention.normalized))
            .collect()
    }
}
