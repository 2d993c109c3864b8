//! Parts of a whole in words: "two thirds", "and a half", "point five".

use super::super::exact::Exact;
use super::sum::Sum;
use super::vocabulary::{Word, following, next_word, word_at};

/// "half a million", "two thirds of a million", "three quarters billion", "half a dozen".
pub(super) fn scaled(text: &str, part: Exact, end: usize) -> Option<(Exact, usize)> {
    let of = text
        .as_bytes()
        .get(end..end + 4)
        .filter(|word| word.eq_ignore_ascii_case(b" of "));
    let from = if of.is_some() { end + 3 } else { end };
    let (word, after) = match following(text, from)? {
        (Word::Article, after) => following(text, after)?,
        other => other,
    };
    let scale = match word {
        Word::Scale(power) => Exact::whole(1).shifted(power as i32)?,
        Word::Hundred => Exact::whole(100),
        Word::Dozen => Exact::whole(12),
        _ => return None,
    };
    Some((part.times(scale)?, after))
}

/// Reads "a half", "three quarters", "one fifth", "three twenty-firsts", "half".
pub(super) fn fraction(text: &str, start: usize) -> Option<(Exact, usize)> {
    let (first, end) = word_at(text, start)?;
    let (count, at) = match first {
        Word::Part(below) => return Some((Exact::fraction(1, below)?, end)),
        Word::Article => (1, end),
        Word::Small(count @ 1..) => (count, end),
        _ => return None,
    };
    let (below, end) = match following(text, at)? {
        (Word::Part(below), end) => (below, end),
        (Word::Tens(tens), end) => match following(text, end)? {
            (Word::Ordinal(unit @ 1..10, is_plural), end) if is_plural == (count > 1) => {
                (tens + unit, end)
            }
            _ => return None,
        },
        (Word::Hundred, end) => match following(text, end)? {
            (Word::Ordinal(below @ 1_000.., true), end) => {
                return Some((Exact::fraction(count * 100, below)?, end));
            }
            _ => return None,
        },
        (Word::Ordinal(below @ 3.., is_plural), end) if is_plural == (count > 1) => (below, end),
        _ => return None,
    };
    Some((Exact::fraction(count, below)?, end))
}

/// "five point five", "nought point nought three", "nought point eleven".
pub(super) fn decimals(text: &str, value: Exact, end: usize) -> Option<(Exact, usize)> {
    let (Word::Point, mut end) = following(text, end)? else {
        return None;
    };
    let mut written = String::new();
    while let Some((word, after)) = following(text, end) {
        match word {
            Word::Small(digit @ 0..10) => written.push_str(&digit.to_string()),
            Word::Small(number) | Word::Tens(number) if written.is_empty() => {
                let unit = match following(text, after) {
                    Some((Word::Small(unit @ 1..10), last)) if number >= 20 => Some((unit, last)),
                    _ => None,
                };
                let (number, last) =
                    unit.map_or((number, after), |(unit, last)| (number + unit, last));
                let value = value.plus(Exact::decimal("", &number.to_string())?)?;
                return Some((value, last));
            }
            _ => break,
        }
        end = after;
        if written.len() > 15 {
            break;
        }
    }
    (!written.is_empty()).then_some(())?;
    Some((value.plus(Exact::decimal("", &written)?)?, end))
}

/// "two thirds", "twenty-three fifths", "one eighth", "one hundred thirty-two fifths".
pub(super) fn parts(text: &str, value: Exact, sum: &Sum) -> Option<(Exact, usize)> {
    let is_one = value == Exact::whole(1);
    let (below, end) = match following(text, sum.end)? {
        (Word::Part(below), end) => (below, end),
        (Word::Ordinal(below @ 3.., is_plural), end) if is_plural || is_one => (below, end),
        (Word::Tens(tens), end) => match following(text, end)? {
            (Word::Ordinal(unit @ 1..10, is_plural), end) if is_plural || is_one => {
                (tens + unit, end)
            }
            _ => return None,
        },
        _ => return None,
    };
    // "three half marathons", "two quarter finals", "one quarter" of a year: only where the number agrees.
    let word = &text[..end];
    let is_plural = word.ends_with(['s', 'S']);
    (is_plural != is_one).then_some(())?;
    Some((value.over(Exact::whole(below))?, end))
}

/// "five and a quarter", "three million and a half", "twenty and three fifths".
pub(super) fn mixed(text: &str, value: Exact, sum: &Sum) -> Option<(Exact, usize)> {
    let (Word::And, end) = following(text, sum.end)? else {
        return None;
    };
    let at = next_word(text, end);
    let (part, end) = fraction(text, at)?;
    let (scaled, end) = match (sum.scale, scaled(text, part, end)) {
        (Some(_), Some((scaled, end))) => (scaled, end),
        // "three million and a half" counts millions.
        (Some(scale), None) if sum.current.is_none() => (part.shifted(scale as i32)?, end),
        _ => (part, end),
    };
    Some((value.plus(scaled)?, end))
}
