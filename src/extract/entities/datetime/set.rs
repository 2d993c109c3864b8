//! Times that come again: `every other Friday`, `daily`, `Mondays at 4 pm`, `twice a week`.

use super::day::Read;
use super::lexicon::{Trust, Word};
use super::token::{Kind, Phrase};
use super::value::{Amount, Clock, Count, Every, Set, Unit};

impl Phrase<'_> {
    /// Reads a set, with the time of day that goes with it.
    pub fn set(&self, at: usize) -> Read<Set> {
        if let Some((set, end)) = self
            .each(at)
            .or_else(|| self.named_set(at))
            .or_else(|| self.counted_set(at))
        {
            return Some(self.with_clock(set, end));
        }
        // `6am every day`
        let (clock, end) = self.clock(at).or_else(|| self.led_clock(at))?;
        let (set, end) = self
            .each(end)
            .or_else(|| self.named_set(end).filter(|_| !self.is(end, Word::Annual)))?;
        (set.at.is_none() && set.times.is_none()).then_some((
            Set {
                at: Some(clock),
                ..set
            },
            end,
        ))
    }

    fn with_clock(&self, set: Set, end: usize) -> (Set, usize) {
        let joint = match self.kind(end) {
            Kind::Word(Word::At) | Kind::Mark(',') => end + 1,
            _ => end,
        };
        let clock: Read<Clock> = self.clock(joint).or_else(|| self.clock(end)).or_else(|| {
            let bare = self.is(end, Word::At).then(|| self.bare_clock(end + 1))??;
            self.ends_clause(bare.1).then_some(bare)
        });
        match clock {
            Some((clock, behind)) if !self.is_mark(end, ',') => (
                Set {
                    at: Some(clock),
                    ..set
                },
                behind,
            ),
            _ => (set, end),
        }
    }

    /// Reads `every day`, `each of`, `every 3 weeks`, `every other Friday`, `every weekend`.
    fn each(&self, at: usize) -> Read<Set> {
        if self.is(at, Word::Everyday) {
            return Some((plain(Every::Amount(days(1))), at + 1));
        }
        let (Word::Every | Word::Each) = self.word(at)? else {
            return None;
        };
        let mut start = at + 1;
        let mut skips = 1;
        if self.is(start, Word::Other)
            || self.is(start, Word::Second) && !self.ends_clause(start + 1)
        {
            (start, skips) = (start + 1, 2);
        } else if let Some((nth, end)) = self.ordinal(start).filter(|(nth, _)| *nth <= 31) {
            (start, skips) = (end, nth as u16);
        }
        if self.letters_are(start, "single") {
            start += 1;
        }
        match self.word(start).unwrap_or(Word::Of) {
            Word::Weekday(day, _)
                if skips > 2 && skips <= 5
                    || self.ordinal(at + 1).is_some() && self.is(start + 1, Word::Of) =>
            {
                // `every third Friday of the month`
                let of = self.is(start + 1, Word::Of);
                let month = self.skip(self.skip(start + 2, Word::The), Word::Each);
                let is_whole = of && matches!(self.word(month), Some(Word::Unit(Unit::Month, _)));
                let end = if is_whole { month + 1 } else { start + 1 };
                return Some((plain(Every::NthWeekday(skips as u8, day)), end));
            }
            Word::Weekday(day, _) => {
                let part = match self.word(start + 1) {
                    Some(Word::PartOfDay(part, _)) => Some(part),
                    _ => None,
                };
                return Some((
                    plain(Every::Weekday(day, skips, part)),
                    start + 1 + usize::from(part.is_some()),
                ));
            }
            Word::Month(month, trust) if trust != Trust::Foreign => {
                return Some((plain(Every::Month(month)), start + 1));
            }
            Word::PartOfDay(part, false) => {
                return Some((plain(Every::PartOfDay(part)), start + 1));
            }
            Word::Season(season, _) => return Some((plain(Every::Season(season)), start + 1)),
            _ => {}
        }
        if let Some((holiday, _, end)) = super::holiday::read(self, start) {
            return Some((plain(Every::Holiday(holiday)), end));
        }
        if let Some(((unit, _), end)) = self.unit(start) {
            let is_set = !self.is(start, Word::Second) && unit != Unit::Quarter
                || skips > 1
                || self.ends_clause(end);
            return is_set.then_some((
                plain(Every::Amount(Amount::one(
                    Count::whole(u32::from(skips)),
                    unit,
                ))),
                end,
            ));
        }
        let (count, end) = self.count(start).filter(|_| skips == 1)?;
        if let Some(((unit, _), end)) = self.unit(end) {
            return Some((plain(Every::Amount(Amount::one(count, unit))), end));
        }
        let Word::Weekdays(day) = self.word(end)? else {
            return None;
        };
        let weeks = u16::try_from(count.as_whole()?).ok()?;
        Some((plain(Every::Weekday(day, weeks, None)), end + 1))
    }

    /// Reads `daily`, `bi-monthly`, `annual`, `Mondays`, `weekends`, `Tuesday afternoons`.
    fn named_set(&self, at: usize) -> Read<Set> {
        let units = |count: u32, unit| plain(Every::Amount(Amount::one(Count::whole(count), unit)));
        let is_plain = !self.is_capital(at) || !self.is_capital(at + 1) && !self.is_glued(at + 1);
        match self.word(at)? {
            Word::Frequency(unit, count) if is_plain => {
                Some((units(u32::from(count), unit), at + 1))
            }
            Word::Annual if is_plain => Some((units(1, Unit::Year), at + 1)),
            Word::Twice if self.is_mark(at + 1, '-') => match self.word(at + 2)? {
                Word::Frequency(unit, 1) => Some((units(2, unit), at + 3)),
                Word::Annual => Some((units(2, Unit::Year), at + 3)),
                _ => None,
            },
            Word::Half
                if self.is_mark(at + 1, '-')
                    && matches!(
                        self.word(at + 2),
                        Some(Word::Annual | Word::Frequency(Unit::Year, 1))
                    ) =>
            {
                Some((units(6, Unit::Month), at + 3))
            }
            Word::Weekdays(day) => {
                let part = match self.word(at + 1) {
                    Some(Word::PartOfDay(part, _)) => Some(part),
                    _ => None,
                };
                Some((
                    plain(Every::Weekday(day, 1, part)),
                    at + 1 + usize::from(part.is_some()),
                ))
            }
            Word::Weekday(day, Trust::Plain) => match self.word(at + 1)? {
                Word::PartOfDay(part, true) => {
                    Some((plain(Every::Weekday(day, 1, Some(part))), at + 2))
                }
                _ => None,
            },
            Word::Unit(unit @ (Unit::Weekend | Unit::Weekday), true) => {
                Some((units(1, unit), at + 1))
            }
            _ => None,
        }
    }

    /// Reads `once a day`, `three times per week`, `one a day`.
    fn counted_set(&self, at: usize) -> Read<Set> {
        let (times, end) = match self.word(at) {
            Some(Word::Once) => (1, at + 1),
            Some(Word::Twice) if !self.is_mark(at + 1, '-') => (2, at + 1),
            _ => {
                let (count, end) = self.cardinal(at)?;
                let is_counted = self.is(end, Word::Times);
                let is_alone = count == 1 && self.digits(at).is_none();
                (is_counted || is_alone)
                    .then_some((u16::try_from(count).ok()?, end + usize::from(is_counted)))?
            }
        };
        if let Some((set, behind)) = self.each(end) {
            return Some((
                Set {
                    times: Some(times),
                    ..set
                },
                behind,
            ));
        }
        // `twice daily`
        if let Word::Frequency(unit, 1) = self.word(end)? {
            let every = Every::Amount(Amount::one(Count::whole(1), unit));
            return Some((
                Set {
                    times: Some(times),
                    ..plain(every)
                },
                end + 1,
            ));
        }
        let (Word::A | Word::Per) = self.word(end)? else {
            return None;
        };
        let ((unit, false), behind) = self.unit(end + 1)? else {
            return None;
        };
        let is_sure = unit != Unit::Second && !self.is(end + 1, Word::Quarter);
        let set = Set {
            times: Some(times),
            ..plain(Every::Amount(Amount::one(Count::whole(1), unit)))
        };
        is_sure.then_some((set, behind))
    }
}

fn plain(every: Every) -> Set {
    Set {
        every,
        at: None,
        times: None,
    }
}

fn days(count: u32) -> Amount {
    Amount::one(Count::whole(count), Unit::Day)
}
