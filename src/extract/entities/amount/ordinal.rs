//! Places in an order: "3rd", "twenty-first", and those counted from here or from the end ("next", "last").

use serde_json::json;

use super::numeral::Numeral;
use super::{Found, ends_word};
use crate::model::EntityType;

/// Reads the place that a number names.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let value = numeral
        .value
        .filter(|_| numeral.is_ordinal && !numeral.is_joined)?;
    // "second to last"
    if let Some(found) = relative(text, numeral.start).filter(|_| numeral.form.is_none()) {
        return Some(found);
    }
    let is_word_second =
        numeral.form.is_none() && text[numeral.start..numeral.end].eq_ignore_ascii_case("second");
    if is_word_second && is_of_time(text, numeral) {
        return None;
    }
    Some(Found {
        entity_type: EntityType::Ordinal,
        span: (numeral.start, numeral.end),
        normalized: value.to_string(),
        attributes: json!({"value": value.to_string()}),
        score: if numeral.form.is_some() { 0.95 } else { 0.85 },
    })
}

/// "a second", "per second", "each second" is a time.
fn is_of_time(text: &str, numeral: &Numeral) -> bool {
    let head = text[..numeral.start].trim_end_matches([' ', '/']);
    let word = head
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let goes_on = text[numeral.end..]
        .trim_start_matches(' ')
        .starts_with(char::is_alphabetic);
    let is_counted = word.ends_with(|c: char| c.is_ascii_digit());
    is_counted
        || ["per", "each", "every"].contains(&word)
        || (["a", "an", "one"].contains(&word) && !goes_on)
}

/// Places that are counted from here (`current`) or from the end, and how far.
const RELATIVE: &[(&str, &str, i64)] = &[
    ("next to last", "end", -1),
    ("second to last", "end", -1),
    ("third to last", "end", -2),
    ("penultimate", "end", -1),
    ("previous", "current", -1),
    ("current", "current", 0),
    ("next", "current", 1),
    ("last", "end", 0),
];

/// Words before which "last" is a verb, and between which it is a phrase.
const OTHERWISE: &[&str] = &[
    "at", "to", "will", "would", "can", "could", "not", "must", "may", "should", "that", "they",
    "it", "very",
];

/// Says whether a word may begin a relative place.
pub(super) fn may_be_relative(word: &[u8]) -> bool {
    let known: &[u8] = match word[0] | 0x20 {
        b'n' => b"next",
        b'l' => b"last",
        b'c' => b"current",
        b'p' if word.len() > 8 => b"penultimate",
        b'p' => b"previous",
        _ => return false,
    };
    word.eq_ignore_ascii_case(known)
}

/// Reads a relative place where a letter stands that may begin one; it is one where it tells which of some things.
pub(super) fn relative(text: &str, start: usize) -> Option<Found> {
    let rest = &text.as_bytes()[start..];
    let (word, base, offset) = RELATIVE.iter().find(|(word, _, _)| {
        rest.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
            && ends_word(text, start + word.len())
    })?;
    let end = start + word.len();
    let before = text[..start]
        .trim_end_matches(' ')
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    // Behind a full stop nothing goes before.
    let is_behind = text[..start].ends_with(' ')
        && *word == "last"
        && OTHERWISE
            .iter()
            .any(|other| other.eq_ignore_ascii_case(before));
    let tells = word.contains(' ')
        || text[end..]
            .strip_prefix(' ')
            .is_some_and(|after| after.starts_with(char::is_alphanumeric));
    let is_next_to = *word == "next" && text[end..].starts_with(" to ");
    (tells && !is_behind && !is_next_to).then(|| Found {
        entity_type: EntityType::Ordinal,
        span: (start, end),
        normalized: if *offset < 0 {
            format!("{base}{offset}")
        } else {
            format!("{base}+{offset}")
        },
        attributes: json!({"base": base, "offset": offset}),
        score: 0.5,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Ordinal;

    #[test]
    fn places_are_normalized() {
        for (text, surface, normalized) in [
            ("the 22nd try", "22nd", "22"),
            ("her forty-third book", "forty-third", "43"),
            ("on the second floor", "second", "2"),
            ("open the previous chapter", "previous", "current-1"),
            ("the next to last door", "next to last", "end-1"),
            ("Last one out", "Last", "end+0"),
        ] {
            assert_eq!(
                found(text, &Ordinal),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "wait a second",
            "it will last long",
            "at last we",
            "next to me",
            "ten per second.",
            "two thirds",
            "currently",
        ] {
            assert_eq!(found(text, &Ordinal), [], "{text}");
        }
    }
}
