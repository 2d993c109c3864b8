//! Numbers in words, alone and behind digits: "two hundred and five", "3 hundred", "half a dozen".
//!
//! Owns what English number words are worth and how they join. A number ends where the next word does not fit,
//! so each is read once.

mod fraction;
mod sum;
mod vocabulary;

use super::digits;
use super::exact::Exact;
use fraction::{decimals, fraction, mixed, parts, scaled};
use sum::Sum;
use vocabulary::{Word, following, next_word, word_at};

/// Where a number in words ends and what it is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worded {
    pub(super) end: usize,
    pub(super) value: Option<Exact>,
    pub(super) is_ordinal: bool,
    /// A single small word, which may be no number at all: "one".
    pub(super) is_bare_one: bool,
    /// A half or a quarter, which is a number only of something: "half a mile".
    pub(super) is_bare_part: bool,
}

/// Reads the number in words that begins at `start`.
pub(super) fn read(text: &str, start: usize) -> Option<Worded> {
    let (first, end) = word_at(text, start)?;
    match first {
        Word::Minus => {
            let at = next_word(text, end);
            let inner = match text.as_bytes().get(at) {
                Some(byte) if byte.is_ascii_digit() && at > end => {
                    behind_digits(text, &digits::read(text, at).ok()?)
                }
                Some(_) => read(text, at)
                    .filter(|_| !matches!(word_at(text, at), Some((Word::Minus, _))))?,
                None => return None,
            };
            (!inner.is_ordinal && !inner.is_bare_part).then(|| Worded {
                value: inner.value.map(Exact::negated),
                is_bare_one: false,
                ..inner
            })
        }
        Word::And | Word::Point | Word::Ordinal(_, true) => None,
        Word::Article | Word::Part(_) => article_or_part(text, start, first, end),
        Word::Ordinal(value, false) => Some(Worded {
            end,
            value: Some(Exact::whole(value)),
            is_ordinal: true,
            is_bare_one: false,
            is_bare_part: false,
        }),
        // "Hundreds of", "millions of" are no number.
        Word::Hundred | Word::Scale(_) | Word::Dozen if text[..end].ends_with(['s', 'S']) => None,
        Word::Scale(_) if end - start < 4 => None,
        _ => {
            let sum = Sum::default().read(text, start)?;
            Some(with_fraction(
                text,
                &sum,
                first == Word::Small(1) && sum.words == 1,
            ))
        }
    }
}

/// Goes on behind a number in digits: "3 hundred and 21", "6 crore", "3 million and a half".
pub(super) fn behind_digits(text: &str, number: &digits::Digits) -> Worded {
    let sum = Sum::of_digits(number.value, number.end);
    let plain = Worded {
        end: number.end,
        value: number.value,
        is_ordinal: number.is_ordinal,
        is_bare_one: false,
        is_bare_part: false,
    };
    if number.value.is_none() || number.is_ordinal {
        return plain;
    }
    let sum = sum.go_on(text);
    if sum.words > 1 {
        with_fraction(text, &sum, false)
    } else {
        over(text, plain)
    }
}

/// "a hundred", "half a million", "a quarter million", "half a dozen"; "a fifth" where nothing is counted by it.
fn article_or_part(text: &str, start: usize, first: Word, end: usize) -> Option<Worded> {
    let made = |value: Option<Exact>, end| Worded {
        end,
        value,
        is_ordinal: false,
        is_bare_one: false,
        is_bare_part: false,
    };
    if first == Word::Article {
        match following(text, end)? {
            (Word::Hundred | Word::Scale(3..) | Word::Dozen, after)
                if !text[..after].ends_with(['s', 'S']) =>
            {
                let at = next_word(text, end);
                let sum = Sum::default().read(text, at)?;
                return Some(with_fraction(text, &sum, false));
            }
            _ => {}
        }
    }
    let (part, end) = fraction(text, start)?;
    if let Some((scaled, end)) = scaled(text, part, end) {
        return Some(made(Some(scaled), end));
    }
    // A half and a quarter alone are words of time and of sport as often as numbers.
    let ends = !text[end..]
        .trim_start_matches(' ')
        .starts_with(|c: char| c.is_alphanumeric());
    let is_named = text[start..end].contains(' ') && !text[start..end].ends_with("second");
    if is_named && (ends || text[end..].starts_with(" of ")) {
        return Some(made(Some(part), end));
    }
    // "half a mile"
    let end = match following(text, end) {
        Some((Word::Article, after)) if first != Word::Article => after,
        _ => end,
    };
    Some(Worded {
        is_bare_part: true,
        ..made(Some(part), end)
    })
}

/// Adds what may follow a number: a fraction, decimals in words, what it is divided by.
fn with_fraction(text: &str, sum: &Sum, is_bare_one: bool) -> Worded {
    let value = sum.value();
    let made = |value: Option<Exact>, end| Worded {
        end,
        value,
        is_ordinal: false,
        is_bare_one: false,
        is_bare_part: false,
    };
    if sum.ordinal {
        return Worded {
            is_ordinal: true,
            ..made(value, sum.end)
        };
    }
    let Some(value) = value else {
        return made(None, sum.end);
    };
    let found = decimals(text, value, sum.end)
        .or_else(|| parts(text, value, sum))
        .or_else(|| mixed(text, value, sum));
    if let Some((value, end)) = found {
        return match scaled(text, value, end).filter(|_| sum.scale.is_none()) {
            Some((value, end)) => made(Some(value), end),
            None => made(Some(value), end),
        };
    }
    let plain = Worded {
        is_bare_one,
        ..made(Some(value), sum.end)
    };
    over(text, plain)
}

/// "one over twenty", "one out of three": the number is divided, where nothing is counted by what divides it.
fn over(text: &str, number: Worded) -> Worded {
    divided(text, &number).unwrap_or(number)
}

fn divided(text: &str, number: &Worded) -> Option<Worded> {
    let rest = text.as_bytes().get(number.end..)?;
    let starts =
        |word: &[u8]| rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    let is_out_of = starts(b" out of ");
    let at = match () {
        () if starts(b" over ") => number.end + 6,
        () if is_out_of => number.end + 8,
        () => return None,
    };
    let below = if text.as_bytes()[at].is_ascii_digit() {
        let found = digits::read(text, at).ok()?;
        (found.value?, found.end, found.is_ordinal)
    } else {
        let (word, _) = word_at(text, at)?;
        if !matches!(word, Word::Small(_) | Word::Tens(_) | Word::Hundred) {
            return None;
        }
        let sum = Sum::default().read(text, at)?;
        (sum.value()?, sum.end, sum.ordinal)
    };
    let (below, end, is_ordinal) = below;
    let counts = text[end..]
        .trim_start_matches([' ', '-'])
        .starts_with(char::is_alphanumeric);
    let value = number.value?.over(below)?;
    let is_part = !is_out_of || value.is_less_than(1);
    (!is_ordinal && (is_out_of || !counts) && is_part).then_some(Worded {
        end,
        value: Some(value),
        is_ordinal: false,
        is_bare_one: false,
        is_bare_part: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_whole(text: &str) -> Option<(String, bool)> {
        let found = read(text, 0)?;
        assert_eq!(found.end, text.len(), "{text}");
        Some((found.value?.to_string(), found.is_ordinal))
    }

    #[test]
    fn words_are_worth_what_they_say() {
        for (text, value) in [
            ("seventeen", "17"),
            ("forty-seven", "47"),
            ("Six Hundred and Forty Two", "642"),
            ("nine thousand and eighty", "9080"),
            ("three hundred thousand", "300000"),
            ("seven billion four hundred", "7000000400"),
            ("a thousand", "1000"),
            ("half a billion", "500000000"),
            ("half a dozen", "6"),
            ("four dozen", "48"),
            ("eight and a half", "8.5"),
            ("seven thirds", "7/3"),
            ("one sixteenth", "0.0625"),
            ("four million and a quarter", "4250000"),
            ("minus forty", "-40"),
            ("negative 12", "-12"),
            ("six point two five", "6.25"),
            ("one over eight", "0.125"),
            ("two out of five", "0.4"),
            ("nine crore", "90000000"),
            ("five sixths of a million", "2500000/3"),
        ] {
            assert_eq!(read_whole(text), Some((value.to_owned(), false)), "{text}");
        }
    }

    #[test]
    fn ordinals_are_told_apart_from_parts() {
        for (text, value) in [
            ("ninth", "9"),
            ("thirty-second", "32"),
            ("six hundredth", "600"),
            ("two hundred and fifth", "205"),
        ] {
            assert_eq!(read_whole(text), Some((value.to_owned(), true)), "{text}");
        }
    }

    #[test]
    fn a_number_ends_where_the_next_word_does_not_fit() {
        for (text, part) in [
            ("six seven", "six"),
            ("six and seven", "six"),
            ("four hundred and three hundred", "four hundred"),
            ("ten twenty", "ten"),
            ("forty and more", "forty"),
            ("two over three years", "two"),
        ] {
            let found = read(text, 0).unwrap();
            assert_eq!(&text[..found.end], part);
        }
        for text in [
            "and",
            "point",
            "a",
            "an apple",
            "hundreds of them",
            "a second",
            "millions",
            "bn",
            "halfway",
            "oneself",
        ] {
            assert!(read(text, 0).is_none(), "{text}");
        }
    }
}
