//! Numbers of books (ISBN) and of journals (ISSN), by their check digits.

use serde_json::json;

use super::{Found, Run, grouped_digits};
use crate::model::EntityType;

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    if !run.written().starts_with(|c: char| c.is_ascii_digit())
        || run
            .before()
            .is_some_and(|c| matches!(c, '-' | '.' | ',' | '+'))
    {
        return None;
    }
    let is_told = run.is_behind(&["isbn"]);
    grouped_digits(run.text, run.start, 13)
        .into_iter()
        .find_map(|(digits, end)| {
            if !run.ends_at(end) {
                return None;
            }
            match digits.len() {
                13 => isbn13(run, &digits, end, is_told),
                10 => isbn10(run, &digits, end, is_told),
                8 => issn(run, &digits, end),
                _ => None,
            }
        })
}

fn isbn13(run: Run<'_>, digits: &str, end: usize, is_told: bool) -> Option<Found> {
    let is_book = digits.starts_with("978") || digits.starts_with("979");
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit.wrapping_sub(b'0')) * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    let is_grouped = end - run.start > 13;
    (is_book && !digits.contains('X') && sum.is_multiple_of(10)).then(|| Found {
        entity_type: EntityType::Isbn,
        end,
        normalized: digits.to_owned(),
        attributes: json!({}),
        score: if is_told || is_grouped { 1.0 } else { 0.8 },
    })
}

/// Ten digits with a right check digit are one number in eleven: they must be told to be a book's.
fn isbn10(run: Run<'_>, digits: &str, end: usize, is_told: bool) -> Option<Found> {
    if !is_told || weighted(digits, 10)? % 11 != 0 {
        return None;
    }
    let head = format!("978{}", &digits[..9]);
    let sum: u32 = head
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    Some(Found {
        entity_type: EntityType::Isbn,
        end,
        normalized: format!("{head}{}", (10 - sum % 10) % 10),
        attributes: json!({"isbn10": digits}),
        score: if run.ends_at(end) { 1.0 } else { 0.9 },
    })
}

fn issn(run: Run<'_>, digits: &str, end: usize) -> Option<Found> {
    let is_form = end - run.start == 9 && run.end - run.start == 4;
    (is_form && run.is_behind(&["issn"]) && weighted(digits, 8)? % 11 == 0).then(|| Found {
        entity_type: EntityType::Issn,
        end,
        normalized: format!("{}-{}", &digits[..4], &digits[4..]),
        attributes: json!({}),
        score: 1.0,
    })
}

/// Sums digits with falling weights; an X at the end is ten.
fn weighted(digits: &str, most: u32) -> Option<u32> {
    let last = digits.len() - 1;
    let mut sum = 0;
    for (at, byte) in digits.bytes().enumerate() {
        let value = match byte {
            b'X' if at == last => 10,
            digit if digit.is_ascii_digit() => u32::from(digit - b'0'),
            _ => return None,
        };
        sum += value * (most - at as u32);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::{Isbn, Issn};

    #[test]
    fn the_check_digit_decides() {
        for (text, entity_type, surface, normalized) in [
            (
                "ISBN 978-3-16-148410-0.",
                Isbn,
                "978-3-16-148410-0",
                "9783161484100",
            ),
            ("9780306406157", Isbn, "9780306406157", "9780306406157"),
            (
                "ISBN-10: 0-306-40615-2",
                Isbn,
                "0-306-40615-2",
                "9780306406157",
            ),
            ("ISBN 080442957X", Isbn, "080442957X", "9780804429573"),
            ("ISSN: 0378-5955,", Issn, "0378-5955", "0378-5955"),
            ("e-ISSN 2434-561X", Issn, "2434-561X", "2434-561X"),
        ] {
            assert_eq!(
                found(text),
                [(entity_type, surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "ISBN 978-3-16-148410-1",
            "0-306-40615-2",
            "0378-5955",
            "ISSN 0378-5954",
            "1998-2005",
            "9780306406157-1",
        ] {
            assert!(
                found(text).iter().all(|one| one.0 != Isbn && one.0 != Issn),
                "{text}"
            );
        }
    }
}
