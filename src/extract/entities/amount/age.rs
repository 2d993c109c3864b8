//! How old someone or something is, as an ISO 8601 duration: "five years old" is `P5Y`.

use serde_json::json;

use super::numeral::Numeral;
use super::phrase;
use super::{Found, ends_word};
use crate::model::EntityType;

const TIMES: &[(&str, &str, &str)] = &[
    ("years", "Y", "year"),
    ("year", "Y", "year"),
    ("yrs", "Y", "year"),
    ("yr", "Y", "year"),
    ("months", "M", "month"),
    ("month", "M", "month"),
    ("weeks", "W", "week"),
    ("week", "W", "week"),
    ("days", "D", "day"),
    ("day", "D", "day"),
];

/// What may follow a time that tells an age.
const ENDINGS: &[&str] = &[" old", "-old", " olds", "-olds", " of age", "s of age"];

/// Reads an age: a number with a time and "old", or behind "aged".
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let value = numeral
        .value
        .filter(|value| !numeral.is_ordinal && !value.is_negative())?;
    let at = phrase::behind(text, numeral.end);
    let rest = &text[at..];
    let (span, designator, unit) = match told_after(rest) {
        Some((length, designator, unit)) => ((numeral.start, at + length), designator, unit),
        None => ((told_before(text, numeral)?, numeral.end), "Y", "year"),
    };
    Some(Found {
        entity_type: EntityType::Age,
        span,
        normalized: format!("P{value}{designator}"),
        attributes: json!({"value": value.to_string(), "unit": unit}),
        score: 0.9,
    })
}

fn told_after(rest: &str) -> Option<(usize, &'static str, &'static str)> {
    for short in ["y/o", "yo", "y.o."] {
        if starts(rest, short) && ends_word(rest, short.len()) {
            return Some((short.len(), "Y", "year"));
        }
    }
    let (word, designator, unit) = TIMES.iter().find(|(word, _, _)| starts(rest, word))?;
    let tail = &rest[word.len()..];
    let ending = ENDINGS
        .iter()
        .find(|ending| starts(tail, ending) && ends_word(tail, ending.len()))?;
    Some((word.len() + ending.len(), designator, unit))
}

/// "aged 30", "age 30", "at the age of thirty", as no other number does.
fn told_before(text: &str, numeral: &Numeral) -> Option<usize> {
    let head = text[..numeral.start].trim_end_matches(' ');
    let is_likely =
        numeral.value.is_some_and(|value| value.is_less_than(130)) && !numeral.is_joined;
    let ends = !text[numeral.end..]
        .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '-' | '/' | ':'));
    let word = ["age of", "aged", "age:", "age"].iter().find(|word| {
        let from = head.len().checked_sub(word.len());
        from.and_then(|from| head.get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(word))
    })?;
    let start = head.len() - word.len();
    let begins = !head[..start].ends_with(char::is_alphanumeric);
    (is_likely && ends && begins && head.len() + 1 >= numeral.start).then_some(start)
}

fn starts(text: &str, word: &str) -> bool {
    text.as_bytes()
        .get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Age;

    #[test]
    fn ages_are_durations() {
        for (text, surface, normalized) in [
            ("He was 41 years old then", "41 years old", "P41Y"),
            ("a six-month-old kitten", "six-month-old", "P6M"),
            ("the 30-year-olds", "30-year-olds", "P30Y"),
            ("at eighty years of age", "eighty years of age", "P80Y"),
            ("Ann, aged 52, and", "aged 52", "P52Y"),
            ("at the age of nine.", "age of nine", "P9Y"),
            ("M, 23 y/o", "23 y/o", "P23Y"),
        ] {
            assert_eq!(
                found(text, &Age),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "page 30",
            "5 years older",
            "the year 12",
            "aged 1990",
            "3 years ago",
            "average 5",
        ] {
            assert_eq!(found(text, &Age), [], "{text}");
        }
    }
}
