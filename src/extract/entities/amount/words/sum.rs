//! Whole numbers in words: what is counted, how often, and how much more may be added.

use super::super::digits;
use super::super::exact::Exact;
use super::fraction::fraction;
use super::vocabulary::{Word, following, next_word, word_at};

/// What was read so far: whole scales, what is being counted, and how much may still be added to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    total: Option<Exact>,
    pub(super) current: Option<Exact>,
    /// What is added to the number in hand must be less.
    room: i128,
    pub(super) scale: Option<u32>,
    pub(super) end: usize,
    pub(super) words: usize,
    pub(super) ordinal: bool,
    /// "280 million first shares" names no place.
    is_of_digits: bool,
}

/// How many bytes a number's words may take: windows are cut by this.
const LONGEST: usize = 150;

impl Sum {
    /// Begins with a number in digits.
    pub(super) fn of_digits(value: Option<Exact>, end: usize) -> Self {
        Self {
            current: value,
            end,
            words: 1,
            is_of_digits: true,
            ..Self::default()
        }
    }

    pub(super) fn read(self, text: &str, start: usize) -> Option<Self> {
        let (word, end) = word_at(text, start)?;
        Some(self.taken(word, end)?.go_on(text))
    }

    pub(super) fn go_on(mut self, text: &str) -> Self {
        let most = self.end + LONGEST;
        while !self.ordinal {
            let Some(next) = self.next(text).filter(|next| next.end <= most) else {
                break;
            };
            self = next;
        }
        self
    }

    fn next(self, text: &str) -> Option<Self> {
        let (word, end) = following(text, self.end)?;
        if word != Word::And {
            return self.taken(word, end);
        }
        if self.room < 100 {
            return None;
        }
        let at = next_word(text, end);
        let added = if text.as_bytes().get(at).is_some_and(u8::is_ascii_digit) {
            let number = digits::read(text, at).ok()?;
            if number.is_ordinal
                || number.value?.as_whole()? >= self.room
                || self.current.is_some() && self.scale.is_none() && self.total.is_some()
            {
                return None;
            }
            self.added(number.value?, number.end, 0)?
        } else {
            let (word, end) = word_at(text, at)?;
            let next = self.taken(word, end)?;
            // "two and one half" adds a half, and "twenty and three fifths" three fifths.
            if fraction(text, at).is_some() {
                return None;
            }
            next
        };
        // "3 hundred and 2 hundred" is two numbers.
        match following(text, added.end) {
            Some((Word::Hundred, _)) if self.scale.is_none() => None,
            _ => Some(added),
        }
    }

    fn added(self, value: Exact, end: usize, room: i128) -> Option<Self> {
        let current = match self.current {
            Some(current) => current.plus(value)?,
            None => value,
        };
        Some(Self {
            current: Some(current),
            room,
            end,
            words: self.words + 1,
            ..self
        })
    }

    /// Takes a word in, or `None` when it does not fit.
    fn taken(self, word: Word, end: usize) -> Option<Self> {
        let fits = |value: i128| self.current.is_none() || value != 0 && value < self.room;
        match word {
            Word::Small(value) if fits(value) => self.added(Exact::whole(value), end, 0),
            Word::Tens(value) if fits(value) => self.added(Exact::whole(value), end, 10),
            Word::Hundred => self.multiplied(100, 100, end),
            Word::Dozen => self.multiplied(12, 0, end),
            Word::Scale(power) => self.at_scale(power, end),
            Word::Ordinal(value, false) => self.finished(value, end),
            _ => None,
        }
    }

    fn multiplied(self, factor: i128, room: i128, end: usize) -> Option<Self> {
        let current = self.current.unwrap_or(Exact::whole(1));
        if self.current.is_none() && self.words > 0 || !current.is_less_than(100) {
            return None;
        }
        Some(Self {
            current: Some(current.times(Exact::whole(factor))?),
            room,
            end,
            words: self.words + 1,
            ..self
        })
    }

    fn at_scale(self, power: u32, end: usize) -> Option<Self> {
        let current = match (self.current, self.total) {
            (Some(current), _) => Some(current),
            (None, None) => Some(Exact::whole(1)),
            (None, Some(_)) => None,
        };
        let shift = |value: Exact| value.shifted(power as i32);
        let total = match (self.total, current) {
            (Some(total), Some(current)) if self.scale > Some(power) => {
                total.plus(shift(current)?)?
            }
            (Some(total), None) if self.scale < Some(power) || self.scale == Some(3) => {
                shift(total)?
            }
            (None, Some(current)) => shift(current)?,
            _ => return None,
        };
        Some(Self {
            total: Some(total),
            current: None,
            room: 10_i128.checked_pow(power)?,
            scale: Some(power),
            end,
            words: self.words + 1,
            ordinal: false,
            ..self
        })
    }

    /// Ends in an ordinal: "one hundred twenty-fifth", "two hundredth".
    fn finished(self, value: i128, end: usize) -> Option<Self> {
        if self.is_of_digits {
            return None;
        }
        let current = self.current;
        let done = if value >= 100 {
            let factor = Exact::whole(value);
            match current {
                // "one hundredth" is a part, "two hundredth" an ordinal.
                Some(count) if count != Exact::whole(1) => Some(count.times(factor)?),
                _ => None,
            }
        } else if current.is_none() && self.total.is_some() {
            Some(Exact::whole(value))
        } else {
            (value < self.room)
                .then(|| current?.plus(Exact::whole(value)))
                .flatten()
        };
        Some(Self {
            current: Some(done?),
            ordinal: true,
            end,
            words: self.words + 1,
            ..self
        })
    }

    pub(super) fn value(&self) -> Option<Exact> {
        match (self.total, self.current) {
            (Some(total), Some(current)) => total.plus(current),
            (total, current) => total.or(current),
        }
    }
}
