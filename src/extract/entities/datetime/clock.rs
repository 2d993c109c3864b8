//! Times of day as phrases name them: `7 p.m.`, `19:00`, `half past seven`, `in the late evening`.

use super::day::Read;
use super::lexicon::Word;
use super::token::{Kind, Phrase};
use super::value::{Clock, PartOfDay, Unit};

impl Phrase<'_> {
    /// Reads a time of day with what says which half of the day it is in.
    pub fn clock(&self, at: usize) -> Read<Clock> {
        self.last_clock.or_read(at, || self.any_clock(at))
    }

    fn any_clock(&self, at: usize) -> Read<Clock> {
        let (clock, end) = match self.kind(at) {
            Kind::Number { .. } => self
                .clock_digits(at)
                .or_else(|| self.counted_from_hour(at))?,
            Kind::Word(Word::At) => self.dotted(at)?,
            Kind::Word(Word::Half | Word::Quarter | Word::A) => self.counted_from_hour(at)?,
            Kind::Word(Word::Cardinal(_)) => self
                .counted_from_hour(at)
                .or_else(|| self.clock_words(at))?,
            Kind::Word(Word::Noon | Word::Midnight | Word::Mid) => return self.named_clock(at),
            Kind::Word(Word::In | Word::PartOfDay(..)) => return self.clock_behind_part(at),
            _ => return None,
        };
        Some(self.with_part(clock, end))
    }

    /// Reads a time of which nothing but its place says that it is one: `seven`, `4`.
    pub fn bare_clock(&self, at: usize) -> Read<Clock> {
        let (hour, end) = self.hour(at)?;
        if self.is_part_of_number(end) {
            return None;
        }
        let clock = Clock {
            hour,
            is_open: hour <= 12,
            ..Clock::default()
        };
        Some(self.with_part(clock, end))
    }

    /// Reads a number of an hour in digits or words.
    pub fn hour(&self, at: usize) -> Read<u8> {
        let (hour, end) = match self.digits(at) {
            Some((hour, 1..=2)) => (hour, at + 1),
            Some(_) => return None,
            None => self.cardinal(at)?,
        };
        (hour <= 24).then_some((hour as u8, end))
    }

    /// Reads `15:30`, `8:00:01am`, `1140 a.m.`, `7 pm`, `4 o'clock`, `11-ish`.
    fn clock_digits(&self, at: usize) -> Read<Clock> {
        let (value, digits) = self.digits(at)?;
        let colon = self.is_mark(at + 1, ':') && self.is_glued(at + 1) && self.is_glued(at + 2);
        if colon && digits <= 2 && value <= 24 {
            let (minute, 2) = self.digits(at + 2)? else {
                return None;
            };
            // `0:41` is how long something takes.
            if minute >= 60 || value == 0 && digits == 1 {
                return None;
            }
            let mut clock = Clock {
                hour: value as u8,
                minute: Some(minute as u8),
                is_open: value <= 12 && value > 0 && digits == 1
                    || value == 12
                    || (10..12).contains(&value),
                ..Clock::default()
            };
            let mut end = at + 3;
            if self.is_mark(end, ':') && self.is_glued(end) && self.is_glued(end + 1) {
                let (second, 2) = self.digits(end + 1)? else {
                    return None;
                };
                clock.second = (second <= 60).then_some(second as u8);
                clock.second?;
                end += 2;
                if self.is_mark(end, '.')
                    && self.is_glued(end + 1)
                    && self.digits(end + 1).is_some()
                {
                    end += 2;
                }
            }
            if let Some((is_late, behind)) = self.half_of_day(end) {
                return Some((in_half(clock, is_late)?, behind));
            }
            // `John 3:16`
            let before = at.wrapping_sub(1);
            if digits == 1
                && self.kind(before) == Kind::Unknown
                && self.is_capital(before)
                && self.kind(before.wrapping_sub(1)) != Kind::Break
            {
                return None;
            }
            let is_longer = self.is_part_of_number(end)
                && !self.is_unit_behind(end)
                && self.offset(end, clock).is_none();
            return (!is_longer).then_some((clock, end));
        }
        if digits <= 2 && value <= 24 {
            let clock = Clock {
                hour: value as u8,
                is_open: value <= 12,
                ..Clock::default()
            };
            // `8.30pm`
            if self.is_mark(at + 1, '.')
                && self.is_glued(at + 1)
                && self.is_glued(at + 2)
                && let Some((minute @ 0..60, 2)) = self.digits(at + 2)
                && let Some((is_late, end)) = self.half_of_day(at + 3)
            {
                let clock = Clock {
                    minute: Some(minute as u8),
                    ..clock
                };
                return Some((in_half(clock, is_late)?, end));
            }
            if let Some((is_late, end)) = self.half_of_day(at + 1) {
                return Some((in_half(clock, is_late)?, end));
            }
            if let Some(end) = self.oclock(at + 1) {
                return Some((clock, end));
            }
            let ish = at + 1 + usize::from(self.is_mark(at + 1, '-'));
            if self.is(ish, Word::Ish) && self.is_glued(ish) {
                return Some((clock, ish + 1));
            }
            if let Some(Word::Noon | Word::Midnight) = self.word(at + 1)
                && value == 12
            {
                return self.named_clock(at + 1);
            }
            let part_end = self
                .in_part(at + 1)
                .filter(|_| (1..=12).contains(&value))?
                .1;
            return (part_end > at + 1).then_some((clock, at + 1));
        }
        if matches!(digits, 3 | 4) {
            let (hour, minute) = (value / 100, value % 100);
            if digits == 4
                && hour < 24
                && matches!(self.letters(at + 1), "h" | "hrs" | "hours")
                && (value < 1000 || self.is(at.wrapping_sub(1), Word::At))
            {
                return self.compact_clock(at).map(|(clock, _)| (clock, at + 2));
            }
            let (is_late, end) = self.half_of_day(at + 1)?;
            let clock = Clock {
                hour: u8::try_from(hour).ok()?,
                minute: Some(minute as u8),
                ..Clock::default()
            };
            return (hour <= 12 && minute < 60).then(|| Some((in_half(clock, is_late)?, end)))?;
        }
        None
    }

    fn is_unit_behind(&self, at: usize) -> bool {
        matches!(self.word(at), Some(Word::Unit(Unit::Hour, _)))
    }

    /// Reads four digits as an hour and minutes, `0730`, where its place says that it is a time.
    pub fn compact_clock(&self, at: usize) -> Read<Clock> {
        let (value, 4) = self.digits(at)? else {
            return None;
        };
        let (hour, minute) = ((value / 100) as u8, (value % 100) as u8);
        let clock = Clock {
            hour,
            minute: Some(minute),
            ..Clock::default()
        };
        (hour < 24 && minute < 60).then_some((clock, at + 1))
    }

    /// Reads `at 6.45`, which without `at` would be any number.
    fn dotted(&self, at: usize) -> Read<Clock> {
        let (hour @ 0..=24, 1..=2) = self.digits(at + 1)? else {
            return None;
        };
        let (minute @ 0..60, 2) = self.digits(at + 3)? else {
            return None;
        };
        let is_joined = self.is_mark(at + 2, '.') && self.is_glued(at + 2) && self.is_glued(at + 3);
        let clock = Clock {
            hour: hour as u8,
            minute: Some(minute as u8),
            is_open: hour <= 12,
            ..Clock::default()
        };
        let end = at + 4;
        if !is_joined {
            return None;
        }
        if let Some((is_late, end)) = self.half_of_day(end) {
            return Some((in_half(clock, is_late)?, end));
        }
        let stands = self.ends_clause(end)
            || self.in_part(end).is_some()
            || self.day(end).is_some()
            || matches!(self.word(end), Some(Word::Zone(_)));
        (stands && !self.is_part_of_number(end)).then_some((clock, end))
    }

    /// Reads `seven thirty pm`, `ten am`, `eleven o'clock`, `six forty-three minutes`.
    fn clock_words(&self, at: usize) -> Read<Clock> {
        let (hour, end) = self.hour(at).filter(|(hour, _)| *hour <= 12)?;
        if hour == 12 && matches!(self.word(end), Some(Word::Noon | Word::Midnight)) {
            return self.named_clock(end);
        }
        let mut clock = Clock {
            hour,
            is_open: true,
            ..Clock::default()
        };
        if let Some(end) = self.oclock(end) {
            return Some((clock, end));
        }
        let minutes = self
            .cardinal(end)
            .filter(|(minute, _)| *minute < 60 && self.digits(end).is_none());
        if let Some((minute, behind)) = minutes {
            clock.minute = Some(minute as u8);
            if let Some((is_late, end)) = self.half_of_day(behind) {
                return Some((in_half(clock, is_late)?, end));
            }
            let is_led = matches!(
                at.checked_sub(1).and_then(|before| self.word(before)),
                Some(Word::At | Word::PartOfDay(..))
            );
            let is_time = is_led && (minute >= 5)
                || self.in_part(behind).is_some()
                || self.is(behind, Word::Unit(Unit::Minute, true)) && is_led;
            let end = behind + usize::from(self.is(behind, Word::Unit(Unit::Minute, true)));
            return is_time.then_some((clock, end));
        }
        if let Some((is_late, end)) = self.half_of_day(end) {
            return Some((in_half(clock, is_late)?, end));
        }
        self.in_part(end).map(|_| (clock, end))
    }

    /// Reads `half past seven`, `a quarter to 8`, `20 min past eight`.
    fn counted_from_hour(&self, at: usize) -> Read<Clock> {
        let start = self.skip(at, Word::A);
        let (minutes, end) = match self.word(start) {
            Some(Word::Half) => (30, start + 1),
            Some(Word::Quarter) => (15, start + 1),
            _ => {
                let (minutes, end) = self
                    .cardinal(at)
                    .filter(|(minutes, _)| (1..60).contains(minutes))?;
                let has_unit = matches!(self.word(end), Some(Word::Unit(Unit::Minute, _)));
                if !has_unit && !minutes.is_multiple_of(5) {
                    return None;
                }
                (minutes, end + usize::from(has_unit))
            }
        };
        let is_past = match self.word(end)? {
            Word::Past | Word::After => true,
            Word::To if minutes != 30 => false,
            _ => return None,
        };
        let (hour, behind) = self
            .hour(end + 1)
            .filter(|(hour, _)| (1..=12).contains(hour))?;
        // `5 to seven in the morning` is from five to seven; `20 minutes to three` is not.
        let is_told = matches!(self.letters(at.wrapping_sub(1)), "is" | "s" | "at" | "was");
        let is_named = end > start + 1
            || is_told && minutes < 30
            || matches!(self.word(start), Some(Word::Half | Word::Quarter));
        if self.is_part_of_number(behind) || !is_named && !is_past {
            return None;
        }
        let (hour, minute) = if is_past {
            (hour, minutes)
        } else {
            ((hour + 11) % 12, 60 - minutes)
        };
        let hour = if hour == 0 { 12 } else { hour };
        let clock = Clock {
            hour,
            minute: Some(minute as u8),
            is_open: true,
            ..Clock::default()
        };
        let behind = self.oclock(behind).unwrap_or(behind);
        if let Some((is_late, end)) = self.half_of_day(behind) {
            return Some((in_half(clock, is_late)?, end));
        }
        Some((clock, behind))
    }

    /// Reads `noon`, `midnight`.
    fn named_clock(&self, at: usize) -> Read<Clock> {
        let hyphened = self.is(at, Word::Mid) && self.is_mark(at + 1, '-');
        let (hour, end) = match self.word(at)? {
            Word::Noon => (12, at + 1),
            Word::Midnight => (0, at + 1),
            Word::Mid if hyphened => match self.word(at + 2)? {
                Word::PartOfDay(PartOfDay::Night, false) => (0, at + 3),
                Word::Day => (12, at + 3),
                _ => return None,
            },
            _ => return None,
        };
        Some((
            Clock {
                hour,
                ..Clock::default()
            },
            end,
        ))
    }

    /// Reads `in the afternoon at 7`, `morning 9 o'clock`, `in the night five thirty`.
    fn clock_behind_part(&self, at: usize) -> Read<Clock> {
        let (part, end) = self.in_part(at).or_else(|| self.part_of_day(at))?;
        let start = self.skip(end, Word::At);
        let read = match self.kind(start) {
            Kind::Number { .. } => self.clock_digits(start),
            Kind::Word(Word::Cardinal(_)) => self.clock_words(start).or_else(|| {
                let (hour, middle) = self.hour(start)?;
                let (minute, end) = self.cardinal(middle)?;
                let clock = Clock {
                    hour,
                    minute: Some(u8::try_from(minute).ok()?),
                    is_open: true,
                    ..Clock::default()
                };
                (minute < 60).then_some((clock, end))
            }),
            _ => None,
        };
        let (clock, end) = read.or_else(|| (start > end).then(|| self.bare_clock(start))?)?;
        Some((in_part_of_day(clock, part.part), end))
    }

    /// Adds what part of the day a time is in, where that is said behind it, and its zone.
    fn with_part(&self, clock: Clock, end: usize) -> (Clock, usize) {
        let bare = || {
            self.part_of_day(end)
                .filter(|(part, _)| part.portion.is_none())
        };
        let (mut clock, end) = match self.in_part(end).or_else(bare) {
            Some((part, behind)) => (in_part_of_day(clock, part.part), behind),
            None => (clock, end),
        };
        let is_noon = clock.hour == 12 && matches!(self.word(end), Some(Word::Noon));
        let end = end + usize::from(is_noon);
        clock.is_open &= !is_noon;
        match self.word(end) {
            Some(Word::Zone(offset)) => clock.offset = Some(offset),
            _ => {
                if let Some((offset, end)) = self.offset(end, clock) {
                    clock.offset = Some(offset);
                    return (clock, end);
                }
            }
        }
        (clock, end)
    }

    /// Reads `Z` or `+02:00` right behind a time; `-12:30` is one only where the time is written in full,
    /// else it is the end of a range.
    fn offset(&self, at: usize, clock: Clock) -> Read<i16> {
        if !self.is_glued(at) {
            return None;
        }
        if self.letters(at) == "Z" && !self.is_glued(at + 1) {
            return Some((0, at + 1));
        }
        let sign = match self.kind(at) {
            Kind::Mark('+') => 1,
            Kind::Mark('-')
                if clock.second.is_some() || self.letters(at.wrapping_sub(4)) == "T" =>
            {
                -1
            }
            _ => return None,
        };
        let (hours, minutes, end) = match self.digits(at + 1)? {
            (value, 4) => (value / 100, value % 100, at + 2),
            (hours, 2) if self.is_mark(at + 2, ':') => {
                let (minutes, 2) = self.digits(at + 3)? else {
                    return None;
                };
                (hours, minutes, at + 4)
            }
            _ => return None,
        };
        let is_offset = hours <= 14 && minutes < 60 && self.is_glued(at + 1);
        is_offset.then_some((sign * (hours * 60 + minutes) as i16, end))
    }

    /// Reads `am`, `p.m.`, `p m`; the last point belongs to it where the first one stands.
    fn half_of_day(&self, at: usize) -> Read<bool> {
        let is_late = match self.word(at)? {
            Word::Am => return Some((false, at + 1)),
            Word::Pm => return Some((true, at + 1)),
            Word::A => false,
            Word::P => true,
            _ => return None,
        };
        let middle = self.skip_mark(at + 1, '.');
        if self.letters_are(middle, "m") {
            let end = middle + 1;
            let takes_point = middle > at + 1 && self.is_mark(end, '.');
            return Some((is_late, end + usize::from(takes_point)));
        }
        let is_over = self.ends_clause(at + 1) || !self.is_glued(at + 1) || self.is_dash(at + 1);
        // `9a` is a time only behind `at`; `9p` is hardly anything else.
        let is_told = is_late || self.is(at.wrapping_sub(2), Word::At);
        (self.is_glued(at) && is_told && is_over).then_some((is_late, at + 1))
    }

    fn oclock(&self, at: usize) -> Option<usize> {
        if self.is(at, Word::Oclock) {
            return Some(at + 1);
        }
        let has_mark = matches!(self.kind(at + 1), Kind::Mark('\'' | '’'));
        let clock = at + 1 + usize::from(has_mark);
        (self.is(at, Word::O) && self.is(clock, Word::Clock)).then_some(clock + 1)
    }
}

/// Puts an hour of twelve into one half of the day; there is no 15 am.
fn in_half(clock: Clock, is_late: bool) -> Option<Clock> {
    let hour = match (clock.hour, is_late) {
        (12, false) => 0,
        (hour @ 1..=11, true) => hour + 12,
        (hour @ 0..=12, _) | (hour @ 13..=23, true) => hour,
        _ => return None,
    };
    Some(Clock {
        hour,
        is_open: false,
        ..clock
    })
}

/// Takes the half of the day from the part that is named.
pub(super) fn in_part_of_day(clock: Clock, part: PartOfDay) -> Clock {
    if !clock.is_open {
        return clock;
    }
    let is_late = match part {
        PartOfDay::Morning
        | PartOfDay::Midmorning
        | PartOfDay::Breakfast
        | PartOfDay::FirstHalf => false,
        PartOfDay::Night => (6..12).contains(&clock.hour),
        PartOfDay::Lunch | PartOfDay::Daytime => clock.hour == 12 || clock.hour < 6,
        PartOfDay::Afternoon
        | PartOfDay::Midafternoon
        | PartOfDay::Evening
        | PartOfDay::Dinner
        | PartOfDay::SecondHalf => true,
    };
    in_half(clock, is_late).unwrap_or(clock)
}
