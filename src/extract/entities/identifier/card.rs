//! Numbers of payment cards, by their issuer's range and Luhn's check digit.
//!
//! The number itself is kept nowhere: normal form and surface hold its last four digits.

use serde_json::json;

use super::{Found, Run, grouped_digits};
use crate::model::EntityType;

/// Issuers by the first digits of their numbers, and how long these are.
const ISSUERS: &[(&str, u32, u32, &[usize])] = &[
    ("visa", 4, 4, &[13, 16, 19]),
    ("mastercard", 51, 55, &[16]),
    ("mastercard", 2221, 2720, &[16]),
    ("american express", 34, 34, &[15]),
    ("american express", 37, 37, &[15]),
    ("discover", 6011, 6011, &[16, 19]),
    ("discover", 644, 649, &[16, 19]),
    ("discover", 65, 65, &[16, 19]),
    ("jcb", 3528, 3589, &[16, 19]),
    ("diners club", 300, 305, &[14]),
    ("diners club", 36, 36, &[14]),
    ("diners club", 38, 39, &[14]),
    ("unionpay", 62, 62, &[16, 17, 18, 19]),
    ("maestro", 5018, 5018, &[13, 14, 15, 16, 17, 18, 19]),
    ("maestro", 5020, 5020, &[13, 14, 15, 16, 17, 18, 19]),
    ("maestro", 6304, 6304, &[13, 14, 15, 16, 17, 18, 19]),
];

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    let is_start = run.written().bytes().all(|byte| byte.is_ascii_digit());
    if !is_start
        || run
            .before()
            .is_some_and(|c| matches!(c, '-' | '.' | ',' | '+' | '/' | '='))
    {
        return None;
    }
    grouped_digits(run.text, run.start, 19)
        .into_iter()
        .find_map(|(digits, end)| {
            let is_card = (13..=19).contains(&digits.len()) && run.ends_at(end) && is_luhn(&digits);
            let issuer = is_card.then(|| issuer(&digits)).flatten()?;
            // Sixteen digits in a row are a card's in one case of ten by chance, groups of four are hardly anything else.
            let is_grouped = end - run.start > digits.len();
            let is_told = run.is_behind(&["card", "visa", "mastercard", "amex", "pan"]);
            let last = &digits[digits.len() - 4..];
            Some(Found {
                entity_type: EntityType::Card,
                end,
                normalized: format!("{}{last}", "*".repeat(digits.len() - 4)),
                attributes: json!({"issuer": issuer, "last_digits": last}),
                score: if is_grouped || is_told { 0.95 } else { 0.7 },
            })
        })
}

fn issuer(digits: &str) -> Option<&'static str> {
    let found = ISSUERS.iter().find(|(_, first, last, lengths)| {
        let width = first.to_string().len();
        let head: u32 = digits[..width].parse().unwrap_or(0);
        (*first..=*last).contains(&head) && lengths.contains(&digits.len())
    });
    found.map(|(issuer, ..)| *issuer)
}

fn is_luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (at, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let value = u32::from(byte - b'0') * if at % 2 == 0 { 1 } else { 2 };
        sum += value / 10 + value % 10;
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Card;

    #[test]
    fn cards_are_masked() {
        for (text, surface, normalized) in [
            (
                "card 4111 1111 1111 1111.",
                "**** **** **** 1111",
                "************1111",
            ),
            (
                "5500-0000-0000-0004",
                "****-****-****-0004",
                "************0004",
            ),
            ("amex 378282246310005", "***********0005", "***********0005"),
        ] {
            assert_eq!(
                found(text),
                [(Card, surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "4111 1111 1111 1112",
            "1234 5678 9012 3452",
            "4111 1111 1111 1111-1",
            "x4111111111111111",
        ] {
            assert!(found(text).iter().all(|one| one.0 != Card), "{text}");
        }
    }
}
