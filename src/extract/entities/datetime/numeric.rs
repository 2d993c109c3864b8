//! Days in digits: `2024-03-12`, `12/03/2024`, `13.5.2015`, `20240312`, `2024年3月12日`, `5/12`.

use super::day::Read;
use super::lexicon::Word;
use super::number::full_year;
use super::token::{Kind, Phrase};
use super::value::{Day, Unit, Year};

/// Years of which eight digits in a row are taken for a date.
const LIKELY_COMPACT: std::ops::RangeInclusive<u32> = 1900..=2099;

impl Phrase<'_> {
    /// Reads `2024-03-12`, `2024/3/12`, `2019/aug/01`, `20240312`, `2024年3月12日`.
    pub fn year_led(&self, at: usize) -> Read<Day> {
        if let Some((value, 8)) = self.digits(at) {
            let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
            let is_likely = LIKELY_COMPACT.contains(&year);
            return is_likely.then(|| {
                Self::calendar(Year::Known(year as i16), month as u8, day as u8, at + 1)
            })?;
        }
        let (value, 4) = self.digits(at)? else {
            return None;
        };
        let year = Year::Known(i16::try_from(value).ok()?);
        if self.is(at + 1, Word::Sign(Unit::Year)) {
            let (month, 1..=2) = self.digits(at + 2)? else {
                return None;
            };
            let (day, 1..=2) = self.digits(at + 4)? else {
                return None;
            };
            let is_signed =
                self.is(at + 3, Word::Sign(Unit::Month)) && self.is(at + 5, Word::Sign(Unit::Day));
            return is_signed.then(|| Self::calendar(year, month as u8, day as u8, at + 6))?;
        }
        let Kind::Mark(joint @ ('-' | '/' | '.')) = self.kind(at + 1) else {
            return None;
        };
        let is_glued = (1..=4).all(|step| self.is_glued(at + step));
        if !is_glued || !self.is_mark(at + 3, joint) {
            return None;
        }
        let month = match self.kind(at + 2) {
            Kind::Number {
                value,
                digits: 1..=2,
            } => value as u8,
            Kind::Word(Word::Month(month, _)) => month,
            _ => return None,
        };
        let (day, 1..=2) = self.digits(at + 4)? else {
            return None;
        };
        Self::calendar(year, month, day as u8, at + 5)
    }

    /// Reads `12/03/2024`, `9-18-15`, `13.5.2015`.
    pub fn numeric(&self, at: usize) -> Read<Day> {
        let (first, 1..=2) = self.digits(at)? else {
            return None;
        };
        let Kind::Mark(joint @ ('-' | '/' | '.')) = self.kind(at + 1) else {
            return None;
        };
        let is_loose = joint == '.' && !self.is_glued(at + 2);
        if !self.is_glued(at + 1) || !(is_loose || self.is_glued(at + 2)) {
            return None;
        }
        let (second, 1..=2) = self.digits(at + 2)? else {
            return self.slashed(at);
        };
        if !self.is_mark(at + 3, joint) || !self.is_glued(at + 3) {
            // `on 4-22`, `on 22.4`
            let is_led = matches!(
                self.word(at.wrapping_sub(1)),
                Some(Word::On | Word::Since | Word::Until)
            );
            let is_day =
                is_led && joint != '/' && first.max(second) > 12 && self.ends_clause(at + 3);
            return if is_day {
                self.ordered(Year::Unsaid, first, second, joint, at + 3)
            } else {
                self.slashed(at)
            };
        }
        let year = match self.digits(at + 4)? {
            (year, 4) => i16::try_from(year).ok()?,
            (year, 2) if joint != '.' && self.is_glued(at + 4) => full_year(year),
            _ => return None,
        };
        if !is_loose && !self.is_glued(at + 4) || !(1000..2200).contains(&year) {
            return None;
        }
        self.ordered(Year::Known(year), first, second, joint, at + 5)
    }

    /// Decides which of two numbers is the day.
    pub fn ordered(
        &self,
        year: Year,
        first: u32,
        second: u32,
        joint: char,
        end: usize,
    ) -> Read<Day> {
        let (first, second) = (first as u8, second as u8);
        let day_first = Self::calendar(year, second, first, end);
        let month_first = Self::calendar(year, first, second, end);
        let prefers_day = self.day_first || joint == '.';
        match (day_first, month_first) {
            (Some(one), Some(other)) if first != second => {
                let (mut day, end) = if prefers_day { one } else { other };
                if let Day::Calendar { swaps, .. } = &mut day {
                    *swaps = joint != '.';
                }
                Some((day, end))
            }
            (one, other) => one.or(other),
        }
    }

    /// Reads `5/12`, a day without its year, where what stands around it is of a date.
    pub fn slashed(&self, at: usize) -> Read<Day> {
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        let is_led = matches!(
            before,
            Some(
                Word::On
                    | Word::By
                    | Word::Until
                    | Word::Since
                    | Word::From
                    | Word::Before
                    | Word::After
                    | Word::Between
                    | Word::Weekday(..)
                    | Word::Starting
                    | Word::Direction(_)
            )
        );
        let is_listed = self.is_mark(at.wrapping_sub(1), ',')
            || matches!(before, Some(Word::Or | Word::And | Word::To));
        let stands_alone =
            self.kind(at.wrapping_sub(1)) == Kind::Break && self.kind(at + 3) == Kind::Break;
        let counts = matches!(self.kind(at + 3), Kind::Unknown);
        let follows_day = is_listed
            && !counts
            && at >= 4
            && self.digits(at - 2).is_some()
            && self.is_mark(at - 3, '/');
        let is_ranged = self.is_dash(at.wrapping_sub(1)) && self.is_mark(at.wrapping_sub(3), '/')
            || self.is_dash(at + 3) && self.is_mark(at + 5, '/');
        // `4/22` at the end of a clause is no fraction that anybody writes.
        let is_odd = || {
            let (Some((first, one)), Some((second, two))) = (self.digits(at), self.digits(at + 2))
            else {
                return false;
            };
            let is_padded =
                one == 2 && two == 2 && (first < 10 || second < 10 || first.max(second) > 12);
            let is_fraction = [16, 20, 24, 25, 30].contains(&second) || first == 24;
            let is_day = first.max(second) > 12 && first.min(second) <= 12 && !is_fraction;
            (is_padded && !is_fraction || is_day)
                && self.ends_clause(at + 3)
                && !self.is_mark(at + 3, ')')
        };
        if is_led || follows_day || stands_alone || is_ranged || is_odd() {
            self.slashed_day(at)
        } else {
            None
        }
    }

    /// Reads `5/12` whatever stands around it.
    pub fn slashed_day(&self, at: usize) -> Read<Day> {
        let (first, 1..=2) = self.digits(at)? else {
            return None;
        };
        let (second, 1..=2) = self.digits(at + 2)? else {
            return None;
        };
        let is_joined = self.is_mark(at + 1, '/') && self.is_glued(at + 1) && self.is_glued(at + 2);
        if !is_joined || self.is_part_of_number(at + 3) {
            return None;
        }
        self.ordered(Year::Unsaid, first, second, '/', at + 3)
    }
}
