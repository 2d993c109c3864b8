//! Numbers of a phrase, in digits and in words: cardinals, ordinals, counts, years.
//!
//! Each reader takes the place of a token and returns what stands there with the place behind it.

use super::lexicon::Word;
use super::token::{Kind, Phrase};
use super::value::Count;

/// Years that are taken for years where four digits are all there is.
pub(super) const LIKELY_YEARS: std::ops::RangeInclusive<u32> = 1900..=2049;

impl Phrase<'_> {
    /// Reads a whole number; `1,000` is one, too.
    pub fn cardinal(&self, at: usize) -> Option<(u32, usize)> {
        let Some((mut value, digits)) = self.digits(at) else {
            return self.cardinal_words(at);
        };
        let mut end = at + 1;
        if digits <= 3 {
            while self.is_mark(end, ',') && self.is_glued(end) && self.is_glued(end + 1) {
                let Some((group, 3)) = self.digits(end + 1) else {
                    break;
                };
                value = value.checked_mul(1000)?.checked_add(group)?;
                end += 2;
            }
        }
        (digits <= 9).then_some((value, end))
    }

    fn cardinal_words(&self, at: usize) -> Option<(u32, usize)> {
        let (mut value, mut end) = self.below_hundred(at)?;
        for (scale, size) in [(100, 100), (1000, 1000)] {
            if !self.is(end, Word::Cardinal(scale)) {
                continue;
            }
            value *= size;
            end += 1;
            let rest = self.skip(end, Word::And);
            if let Some((more, behind)) = self.below_hundred(rest) {
                value += more;
                end = behind;
            }
        }
        Some((value, end))
    }

    /// Reads up to ninety-nine in words.
    fn below_hundred(&self, at: usize) -> Option<(u32, usize)> {
        let Some(Word::Cardinal(value @ 0..=90)) = self.word(at) else {
            return None;
        };
        let next = at + 1 + usize::from(self.is_mark(at + 1, '-'));
        match self.word(next) {
            Some(Word::Cardinal(ones @ 1..=9)) if value >= 20 => {
                Some((u32::from(value + ones), next + 1))
            }
            _ => Some((u32::from(value), at + 1)),
        }
    }

    /// Reads `22nd`, `twenty-second` or `first`.
    pub fn ordinal(&self, at: usize) -> Option<(u32, usize)> {
        if let Some((value, digits)) = self.digits(at) {
            let is_ordinal = self.is(at + 1, Word::OrdinalEnd) && self.is_glued(at + 1);
            return (is_ordinal && digits <= 3).then_some((value, at + 2));
        }
        let next = at + 1 + usize::from(self.is_mark(at + 1, '-'));
        match self.word(at)? {
            Word::Ordinal(value) => Some((u32::from(value), at + 1)),
            Word::Second => Some((2, at + 1)),
            Word::Cardinal(tens @ (20 | 30)) => match self.word(next)? {
                Word::Ordinal(ones @ 1..=9) => Some((u32::from(tens) + u32::from(ones), next + 1)),
                Word::Second => Some((u32::from(tens) + 2, next + 1)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Reads how many of something: `3`, `3.5`, `two and a half`, `a`, `half a`, `a few`, `a couple of`.
    pub fn count(&self, at: usize) -> Option<(Count, usize)> {
        match self.word(at) {
            Some(Word::A) => {
                return Some(match self.word(at + 1) {
                    Some(Word::Few) => (Count::Some, at + 2),
                    Some(Word::Couple) => (Count::whole(2), self.skip(at + 2, Word::Of)),
                    Some(Word::Half) => (Count::Thousandths(500), at + 2),
                    Some(Word::Cardinal(scale @ (100 | 1000))) => {
                        (Count::whole(u32::from(scale)), at + 2)
                    }
                    _ => (Count::whole(1), at + 1),
                });
            }
            Some(Word::Few) => return Some((Count::Some, at + 1)),
            Some(Word::Couple) => return Some((Count::whole(2), self.skip(at + 1, Word::Of))),
            Some(Word::Half) => {
                return Some((Count::Thousandths(500), self.skip(at + 1, Word::A)));
            }
            Some(Word::Quarter) if self.is(at + 1, Word::Of) => {
                return Some((Count::Thousandths(250), self.skip(at + 2, Word::A)));
            }
            _ => {}
        }
        let (whole, end) = self.cardinal(at)?;
        let thousandths = u64::from(whole) * 1000;
        if self.digits(at).is_some() && self.is_mark(end, '.') && self.is_glued(end) {
            if let Some((fraction, digits @ 1..=3)) = self.digits(end + 1)
                && self.is_glued(end + 1)
            {
                let scale = 10_u64.pow(3 - u32::from(digits));
                let count = Count::Thousandths(thousandths + u64::from(fraction) * scale);
                return Some((count, end + 2));
            }
            return Some((Count::Thousandths(thousandths), end));
        }
        // `2 1/2`
        if let (Some((over @ 1..=3, 1)), Some((under @ 2..=4, 1))) =
            (self.digits(end), self.digits(end + 2))
            && self.is_mark(end + 1, '/')
            && self.is_glued(end + 1)
            && over < under
        {
            return Some((
                Count::Thousandths(thousandths + u64::from(over) * 1000 / u64::from(under)),
                end + 3,
            ));
        }
        // `two and a half`, `five-and-a-half`
        let and = self.skip_mark(end, '-');
        let article = self.skip_mark(and + 1, '-');
        let half = self.skip_mark(article + 1, '-');
        if self.is(and, Word::And) && self.is(article, Word::A) && self.is(half, Word::Half) {
            return Some((Count::Thousandths(thousandths + 500), half + 1));
        }
        // `twenty and four`: tens and ones with a word between.
        if whole >= 20
            && whole.is_multiple_of(10)
            && self.is(end, Word::And)
            && let Some(Word::Cardinal(ones @ 1..=9)) = self.word(end + 1)
            && self.digits(at).is_none()
        {
            return Some((Count::whole(whole + u32::from(ones)), end + 2));
        }
        Some((Count::Thousandths(thousandths), end))
    }

    /// Reads a year of four digits or in words.
    pub fn year(&self, at: usize) -> Option<(i16, usize)> {
        if let Some((value, digits)) = self.digits(at) {
            let is_longer = self.is_mark(at + 1, '.')
                && self.is_glued(at + 1)
                && self.is_glued(at + 2)
                && self.digits(at + 2).is_some();
            return (digits == 4 && (1000..2200).contains(&value) && !is_longer)
                .then_some((value as i16, at + 1));
        }
        self.year_words(at)
    }

    /// Reads `nineteen ninety six`, `two thousand and fifteen`.
    fn year_words(&self, at: usize) -> Option<(i16, usize)> {
        let Some(Word::Cardinal(first)) = self.word(at) else {
            return None;
        };
        if first == 2 && self.is(at + 1, Word::Cardinal(1000)) {
            let (value, end) = self.cardinal_words(at)?;
            return (value < 2200).then_some((value as i16, end));
        }
        let (century, end) = self.below_hundred(at)?;
        if !(10..=21).contains(&century) {
            return None;
        }
        let (rest, end) = if self.is(end, Word::Cardinal(100)) {
            self.below_hundred(self.skip(end + 1, Word::And))
                .unwrap_or((0, end + 1))
        } else if self.is(end, Word::Cardinal(0)) || self.is(end, Word::O) {
            self.below_hundred(end + 1).filter(|(ones, _)| *ones < 10)?
        } else {
            self.below_hundred(end).filter(|(rest, _)| *rest >= 10)?
        };
        Some(((century * 100 + rest) as i16, end))
    }

    /// Reads a year of which only the last two digits stand there, as in `'87`.
    pub fn short_year(&self, at: usize) -> Option<(i16, usize)> {
        let has_mark = matches!(self.kind(at), Kind::Mark('\'' | '’'));
        let at = at + usize::from(has_mark);
        if has_mark && !self.is_glued(at) {
            return None;
        }
        let (value, 2) = self.digits(at)? else {
            return None;
        };
        Some((full_year(value), at + 1))
    }
}

/// Returns the year that two digits stand for; up to 49 they are of this century.
pub(super) fn full_year(two_digits: u32) -> i16 {
    (two_digits + if two_digits < 50 { 2000 } else { 1900 }) as i16
}
