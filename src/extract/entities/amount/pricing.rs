//! What one unit of something costs: "$0.001/request" is `1000_microunits_per_request`, its currency beside it.
//!
//! Millionths of the currency, because prices of single calls have more decimals than cents; an amount for several
//! units is divided by them.

use serde_json::json;

use super::exact::Exact;
use super::money::Amount;
use super::numeral;
use super::phrase;
use super::{Found, limit};
use crate::model::EntityType;

/// Units that "a" may stand before: behind it more follows an amount than units.
const AFTER_ARTICLE: &[&str] = &[
    "share", "piece", "unit", "user", "seat", "person", "head", "night", "dozen", "gallon",
    "barrel", "bushel", "pound", "ounce", "ton", "tonne", "litre", "liter", "kilo", "ticket",
    "copy", "page", "word", "call", "ride", "mile",
];

/// Words behind "per" that are no unit.
const NO_UNITS: &[&str] = &["cent", "se", "capita", "annum"];

/// Reads what an amount is for.
pub(super) fn read(text: &str, amount: &Amount) -> Option<Found> {
    // "$53 million a week" is what comes in, not what a week costs.
    if !amount.value.is_less_than(1_000_000) {
        return None;
    }
    let (count, mut units, mut end) = per(text, amount.span.1, true)?;
    while units.len() < 3
        && let Some((Exact { .. }, more, after)) = per(text, end, false)
    {
        units.extend(more);
        end = after;
    }
    let micro = amount.value.shifted(6)?.over(count)?;
    let per = units.join("_per_");
    Some(Found {
        entity_type: EntityType::Pricing,
        span: (amount.span.0, end),
        normalized: format!("{micro}_microunits_per_{per}"),
        attributes: json!({
            "amount": amount.value.to_string(),
            "count": count.to_string(),
            "currency": amount.currency,
            "per": units,
        }),
        score: 0.85,
    })
}

/// Reads "/request", "per 1,000 calls", "a share", "/user/month".
fn per(text: &str, end: usize, is_first: bool) -> Option<(Exact, Vec<String>, usize)> {
    let rest = &text[end..];
    let joint = ["/", " / ", " per ", "-per-", " a ", " an "]
        .iter()
        .find(|joint| rest.starts_with(**joint))?;
    let is_article = joint.trim() == "a" || joint.trim() == "an";
    let mut at = end + joint.len();
    let mut count = Exact::whole(1);
    if let Some(number) =
        numeral::at(text, at).filter(|number| is_first && !is_article && !number.is_ordinal)
    {
        count = number
            .value
            .filter(|value| !value.is_negative() && !value.is_less_than(1))?;
        at = number.end + usize::from(text[number.end..].starts_with(' '));
    }
    if let Some((time, end)) = phrase::longest(text, at, limit::times()) {
        return Some((count, vec![time.to_owned()], end));
    }
    let letters = text[at..]
        .bytes()
        .take(21)
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let word = text[at..at + letters].to_ascii_lowercase();
    let singular = singular(&word);
    let mut after = text[at + letters..].chars();
    let ends = match after.next() {
        // "$5/example.org" is no price.
        Some('.') => !after.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && c != '_',
        None => true,
    };
    let is_unit = (2..=20).contains(&letters)
        && !NO_UNITS.contains(&singular)
        && (!is_article || AFTER_ARTICLE.contains(&singular));
    (is_unit && ends).then(|| (count, vec![singular.to_owned()], at + letters))
}

fn singular(word: &str) -> &str {
    match word.strip_suffix("ies") {
        Some(_) => word,
        None => word
            .strip_suffix('s')
            .filter(|stem| stem.len() > 2 && !stem.ends_with('s'))
            .unwrap_or(word),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::{Money, Pricing};

    #[test]
    fn prices_are_normalized() {
        for (text, surface, normalized) in [
            (
                "at $0.001/request.",
                "$0.001/request",
                "1000_microunits_per_request",
            ),
            (
                "€12 per user per month",
                "€12 per user per month",
                "12000000_microunits_per_user_per_month",
            ),
            (
                "$8/seat/mo, billed",
                "$8/seat/mo",
                "8000000_microunits_per_seat_per_month",
            ),
            (
                "£3 per 1,000 calls",
                "£3 per 1,000 calls",
                "3000_microunits_per_call",
            ),
            (
                "a net of $2.10 a share",
                "$2.10 a share",
                "2100000_microunits_per_share",
            ),
            (
                "$15 per million tokens",
                "$15 per million tokens",
                "15_microunits_per_token",
            ),
        ] {
            assert_eq!(
                found(text, &Pricing),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
            assert_eq!(found(text, &Money).len(), 1, "{text}");
        }
        for text in [
            "$5 a good deal",
            "$5 per cent",
            "5 per user",
            "$5/2",
            "costs $5 and more",
        ] {
            assert_eq!(found(text, &Pricing), [], "{text}");
        }
    }
}
