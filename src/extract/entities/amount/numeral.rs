//! The numbers in a text, one after the other, each with what stands around it.
//!
//! Owns where a number begins, its sign, and the letters that multiply it. What it counts is for the nouns to say.

use super::digits::{self, Form};
use super::exact::Exact;
use super::{ordinal, words};

/// A number in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numeral {
    pub(super) start: usize,
    pub(super) end: usize,
    /// `None` where it has more digits than are counted with.
    pub(super) value: Option<Exact>,
    /// How its digits are written; `None` for one in words.
    pub(super) form: Option<Form>,
    pub(super) is_ordinal: bool,
    /// The word "one" alone, which is a pronoun as often as a number.
    pub(super) is_bare_one: bool,
    /// A half or a quarter, which is a number only of something: "half a mile".
    pub(super) is_bare_part: bool,
    /// Whether a scale is part of it: "5 million", "10k".
    pub(super) is_scaled: bool,
    /// Where letters begin that stand before the digits with nothing between: "USD115".
    pub(super) letters: Option<usize>,
    /// Whether it is joined to a word before it by a hyphen: "covid-19".
    pub(super) is_joined: bool,
}

/// Letters right behind digits that multiply them.
const MULTIPLIERS: &[(&str, i32)] = &[
    ("million", 6),
    ("billion", 9),
    ("trillion", 12),
    ("bln", 9),
    ("tln", 12),
    ("mln", 6),
    ("bn", 9),
    ("mn", 6),
    ("MM", 6),
    ("k", 3),
    ("K", 3),
    ("M", 6),
];

/// Goes through a text and gives each number.
pub(super) struct Numerals<'a> {
    text: &'a str,
    at: usize,
    /// Where words begin that may be places in an order; they are met on the way.
    relative: Vec<usize>,
}

impl<'a> Numerals<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            relative: Vec::new(),
        }
    }

    /// Returns where words began, so far, that may be places in an order.
    pub(super) fn relative_words(&self) -> &[usize] {
        &self.relative
    }

    /// Goes on behind what a noun took beside the number.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.at = self.at.max(end);
    }
}

impl Iterator for Numerals<'_> {
    type Item = Numeral;

    fn next(&mut self) -> Option<Numeral> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let at = self.at;
            if byte.is_ascii_alphabetic() {
                let letters = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic())
                    .count();
                let end = at + letters;
                let is_digit = bytes.get(end).is_some_and(u8::is_ascii_digit);
                if is_digit && letters <= 4 && starts_word(self.text, at) {
                    match digits::read(self.text, end) {
                        Ok(found) => {
                            let mut numeral = of_digits(self.text, end, &found);
                            numeral.letters = Some(at);
                            self.at = numeral.end;
                            return Some(numeral);
                        }
                        Err(end) => self.at = end,
                    }
                    continue;
                }
                if let Some(found) = words::read(self.text, at)
                    && starts_word(self.text, at)
                {
                    self.at = found.end;
                    return Some(Numeral {
                        start: at,
                        end: found.end,
                        value: found.value,
                        form: None,
                        is_ordinal: found.is_ordinal,
                        is_bare_one: found.is_bare_one,
                        is_bare_part: found.is_bare_part,
                        is_scaled: false,
                        letters: None,
                        is_joined: is_joined(self.text, at),
                    });
                }
                if ordinal::may_be_relative(&bytes[at..end]) {
                    self.relative.push(at);
                }
                self.at = end
                    + bytes[end..]
                        .iter()
                        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                        .count();
                continue;
            }
            let is_point = byte == b'.'
                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
                && !is_behind_number(bytes, at);
            if byte.is_ascii_digit() || is_point {
                if !starts_word(self.text, at) {
                    self.at = digits::run(bytes, at).max(at + 1);
                    continue;
                }
                match digits::read(self.text, at) {
                    Ok(found) => {
                        let numeral = of_digits(self.text, at, &found);
                        self.at = numeral.end;
                        return Some(numeral);
                    }
                    Err(end) => self.at = end,
                }
                continue;
            }
            if (byte == 0xC2 || byte == 0xE2)
                && let Some((value, end)) = digits::vulgar(self.text, at)
            {
                self.at = end;
                return Some(Numeral {
                    start: at,
                    end,
                    value: Some(value),
                    form: Some(Form::Other),
                    is_ordinal: false,
                    is_bare_one: false,
                    is_bare_part: false,
                    is_scaled: false,
                    letters: None,
                    is_joined: false,
                });
            }
            self.at += if byte < 0x80 {
                1
            } else {
                self.text[at..].chars().next().map_or(1, char::len_utf8)
            };
        }
        None
    }
}

/// Reads the number that begins right at `at`, if one does.
pub(super) fn at(text: &str, at: usize) -> Option<Numeral> {
    let byte = text.as_bytes().get(at)?;
    if !byte.is_ascii_alphanumeric() {
        return None;
    }
    let mut numerals = Numerals {
        at,
        ..Numerals::new(text)
    };
    // Reading on from here would go through the text to the next number.
    let is_number = byte.is_ascii_digit() || words::read(text, at).is_some();
    is_number
        .then(|| numerals.next())
        .flatten()
        .filter(|found| found.start == at && found.letters.is_none())
}

fn is_behind_number(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'.')
}

fn starts_word(text: &str, at: usize) -> bool {
    let Some(before) = text.as_bytes()[..at].last() else {
        return true;
    };
    if *before < 0x80 {
        return !before.is_ascii_alphanumeric() && *before != b'_';
    }
    !text[..at]
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric)
}

fn is_joined(text: &str, start: usize) -> bool {
    let mut before = text[..start].chars().rev();
    matches!(before.next(), Some('-' | '\u{2010}' | '\u{2011}'))
        && before.next().is_some_and(char::is_alphabetic)
}

fn of_digits(text: &str, start: usize, found: &digits::Digits) -> Numeral {
    let worded = words::behind_digits(text, found);
    let mut numeral = Numeral {
        start,
        end: worded.end,
        value: worded.value,
        form: Some(if worded.end == found.end {
            found.form
        } else {
            Form::Other
        }),
        is_ordinal: worded.is_ordinal,
        is_bare_one: false,
        is_bare_part: false,
        is_scaled: worded.end > found.end,
        letters: None,
        is_joined: is_joined(text, start),
    };
    let rest = &text[numeral.end..];
    let has_letter = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    if has_letter && !numeral.is_scaled && !numeral.is_ordinal {
        let known = MULTIPLIERS.iter().find(|(letters, _)| {
            rest.starts_with(letters)
                && !rest[letters.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        });
        if let Some((letters, power)) = known {
            numeral.end += letters.len();
            numeral.value = numeral.value.and_then(|value| value.shifted(*power));
            numeral.is_scaled = true;
            numeral.form = Some(Form::Other);
        }
    }
    signed(text, &mut numeral);
    numeral
}

/// Takes in a sign that is one: not the hyphen of a word, nor the dash of a range.
fn signed(text: &str, numeral: &mut Numeral) {
    let head = &text[..numeral.start];
    let Some(head) = head.strip_suffix('-').or_else(|| head.strip_suffix('−')) else {
        return;
    };
    let mut before = head.chars().rev();
    let is_sign = match before.next() {
        None | Some('(' | '[' | '$' | '€' | '£' | '=' | '<' | '>' | ':') => true,
        Some(space) if space.is_whitespace() => !before
            .next()
            .is_some_and(|c| c.is_ascii_digit() || c == '-'),
        Some(_) => false,
    };
    if is_sign && !numeral.is_ordinal {
        numeral.start = head.len();
        numeral.value = numeral.value.map(Exact::negated);
    }
}
