//! Numbers that stand for themselves, as plain decimals, or as a fraction where they have no end.

use serde_json::json;

use super::Found;
use super::numeral::Numeral;
use crate::model::EntityType;

/// Words before which, and behind which, "one" is a pronoun.
const BEFORE_PRONOUN: &[&str] = &[
    "the", "this", "that", "which", "every", "each", "any", "no", "some", "another", "last",
    "next", "other", "only", "right", "wrong", "first", "new", "old", "good", "bad", "best",
    "such", "what", "as", "if", "when", "only", "current", "previous",
];
const BEHIND_PRONOUN: &[&str] = &[
    "of", "another", "is", "was", "who", "that", "which", "can", "should", "must", "may", "might",
    "would", "has", "needs", "day", "could", "does", "by",
];

/// Reads a number, wherever it stands; what makes more of it overlaps it.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let rest = &text[numeral.end..];
    let is_part_of_word = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        || (numeral.form.is_none()
            && rest
                .strip_prefix('-')
                .is_some_and(|tail| tail.starts_with(char::is_alphabetic) && numeral.is_bare_one));
    if numeral.is_ordinal
        || numeral.is_bare_part
        || numeral.is_joined
        || numeral.letters.is_some()
        || is_part_of_word
    {
        return None;
    }
    if numeral.is_bare_one && is_pronoun(text, numeral) {
        return None;
    }
    let written = &text[numeral.start..numeral.end];
    let normalized = match numeral.value {
        Some(value) => value.to_string(),
        // More digits than are counted with: they are the number as they are.
        None => written
            .chars()
            .filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}'))
            .collect(),
    };
    Some(Found {
        entity_type: EntityType::Number,
        span: (numeral.start, numeral.end),
        attributes: json!({"value": normalized}),
        normalized,
        score: if numeral.is_bare_one { 0.6 } else { 0.9 },
    })
}

fn is_pronoun(text: &str, numeral: &Numeral) -> bool {
    let word_before = |head: &str| {
        let head = head.strip_suffix(' ').unwrap_or_default();
        head.rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let before = word_before(&text[..numeral.start]);
    let tail = &text[numeral.end..];
    let behind: String = tail
        .strip_prefix(' ')
        .unwrap_or_default()
        .chars()
        .take_while(|c| c.is_alphanumeric())
        .take(12)
        .collect();
    BEFORE_PRONOUN.contains(&before.as_str())
        || BEHIND_PRONOUN.contains(&behind.to_ascii_lowercase().as_str())
        || tail.starts_with(['\'', '’'])
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Number;

    #[test]
    fn numbers_are_plain_decimals() {
        for (text, surface, normalized) in [
            ("All 3,072 of them", "3,072", "3072"),
            ("at 7.50 apiece", "7.50", "7.5"),
            ("9 876 543 ants", "9 876 543", "9876543"),
            ("5.678.901,25 of it", "5.678.901,25", "5678901.25"),
            ("It is -17.", "-17", "-17"),
            ("2.4 million ants", "2.4 million", "2400000"),
            ("25k followers", "25k", "25000"),
            ("1.5e3 ants", "1.5e3", "1500"),
            ("4.2x10^-3 ants", "4.2x10^-3", "0.0042"),
            ("3 3/4 turns", "3 3/4", "3.75"),
            ("a score of two thirds.", "two thirds", "2/3"),
            ("1,2,33 ", "1", "1"),
        ] {
            let all = found(text, &Number);
            assert_eq!(
                all[0],
                (surface.to_owned(), normalized.to_owned()),
                "{text}"
            );
        }
        let long = "9".repeat(60);
        assert_eq!(found(&long, &Number), [(long.clone(), long)]);
    }

    #[test]
    fn what_is_no_number_of_its_own_is_left() {
        for text in [
            "the one who",
            "one of us",
            "3D film",
            "mp3",
            "A-4 paper",
            "v2_1",
            "1.2.3.4.5",
            "anyone",
            "one-way",
        ] {
            assert_eq!(found(text, &Number), [], "{text}");
        }
    }
}
