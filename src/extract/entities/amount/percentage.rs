//! Shares of a hundred: "12.5 %", "twenty percent", "3 percentage points".

use serde_json::json;

use super::numeral::Numeral;
use super::phrase;
use super::{Found, ends_word};
use crate::model::EntityType;

const WORDS: &[(&str, &str)] = &[
    ("percentage points", "points"),
    ("percentage point", "points"),
    ("percents", "%"),
    ("percent", "%"),
    ("per cent", "%"),
    ("per-cent", "%"),
    ("pct", "%"),
    ("pct.", "%"),
    ("prozent", "%"),
];

/// Reads the sign or word behind a number.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let value = numeral.value.filter(|_| !numeral.is_ordinal)?;
    let at = phrase::behind(text, numeral.end);
    let rest = &text[at..];
    let (end, unit) = if let Some(sign) = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '%' | '％' | '٪'))
    {
        (at + sign.len_utf8(), "%")
    } else {
        if !rest.starts_with(['p', 'P']) {
            return share_of(text, numeral);
        }
        let (word, unit) = WORDS.iter().find(|(word, _)| {
            let head = rest.as_bytes().get(..word.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
                && ends_word(text, at + word.len())
        })?;
        (at + word.len(), *unit)
    };
    // "%20" is an escape of a URL.
    ends_word(text, end).then_some(())?;
    let normalized = if unit == "%" {
        format!("{value}%")
    } else {
        format!("{value} percentage points")
    };
    Some(Found {
        entity_type: EntityType::Percentage,
        span: (numeral.start, end),
        normalized,
        attributes: json!({"value": value.to_string()}),
        score: 0.95,
    })
}

/// "percent of twenty", as it is said for twenty percent; behind another number it is that number's.
fn share_of(text: &str, numeral: &Numeral) -> Option<Found> {
    let value = numeral.value.filter(|_| !numeral.is_joined)?;
    let head = text[..numeral.start].strip_suffix(" of ")?;
    let word = ["percents", "percent", "per cent"].iter().find(|word| {
        let from = head.len().checked_sub(word.len());
        from.and_then(|from| head.get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(word))
    })?;
    let start = head.len() - word.len();
    // "what percent of 20", "a few percent of 20", "5 percent of 20".
    let is_first =
        head[..start].trim_end_matches(' ').is_empty() || head[..start].ends_with(['\n', '(', '"']);
    is_first.then(|| Found {
        entity_type: EntityType::Percentage,
        span: (start, numeral.end),
        normalized: format!("{value}%"),
        attributes: json!({"value": value.to_string()}),
        score: 0.5,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Percentage;

    #[test]
    fn shares_are_normalized() {
        for (text, surface, normalized) in [
            ("up 12.5 % on the year", "12.5 %", "12.5%"),
            ("by forty percent.", "forty percent", "40%"),
            ("minus 3 per cent", "minus 3 per cent", "-3%"),
            ("a 7-percent stake", "7-percent", "7%"),
            (
                "half a percentage point",
                "half a percentage point",
                "0.5 percentage points",
            ),
        ] {
            assert_eq!(
                found(text, &Percentage),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        let share = found("Percent of forty.", &Percentage);
        assert_eq!(share, [("Percent of forty".to_owned(), "40%".to_owned())]);
        for text in [
            "what percent of 20",
            "a%20b",
            "5%25",
            "the percentage",
            "12 percentile",
        ] {
            assert_eq!(found(text, &Percentage), [], "{text}");
        }
    }
}
