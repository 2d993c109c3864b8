//! Days of the calendar as phrases name them: `12 March`, `next Friday`, `the day after tomorrow`.

use super::holiday;
use super::lexicon::{Direction, Word};
use super::token::{Kind, Phrase};
use super::value::{Amount, Anchor, Count, Day, Month, Shift, Unit, Year};

/// What stands at a place, with the place behind it.
pub(super) type Read<T> = Option<(T, usize)>;

/// Returns which of two readings goes further; the first where they go as far.
pub(super) fn longer<T>(one: Read<T>, other: Read<T>) -> Read<T> {
    match (one, other) {
        (Some(one), Some(other)) if other.1 > one.1 => Some(other),
        (None, other) => other,
        (one, _) => one,
    }
}

impl Phrase<'_> {
    /// Reads a day, whatever way it is named.
    pub fn day(&self, at: usize) -> Read<Day> {
        self.last_day.or_read(at, || self.any_day(at))
    }

    fn any_day(&self, at: usize) -> Read<Day> {
        let plain = longer(self.dated(at), self.near(at));
        let plain = longer(plain, self.weekday_led(at));
        let plain = longer(plain, self.nth_weekday(at));
        let plain = longer(
            plain,
            holiday::read(self, at).map(|(holiday, year, end)| (Day::Holiday(holiday, year), end)),
        );
        longer(plain, longer(self.day_of_month(at), self.nth_day(at)))
    }

    /// Reads days that are counted from today: `tomorrow`, `the day before yesterday`.
    fn near(&self, at: usize) -> Read<Day> {
        let start = self.skip(at, Word::The);
        let read = match self.word(start)? {
            Word::Today if start == at => (0, at + 1),
            Word::Tomorrow if start == at => (1, at + 1),
            Word::Yesterday if start == at => (-1, at + 1),
            Word::Day => match (self.word(start + 1)?, self.word(start + 2)) {
                (Word::After, Some(Word::Tomorrow)) => (2, start + 3),
                (Word::Before, Some(Word::Yesterday)) => (-2, start + 3),
                (side @ (Word::After | Word::Before), Some(Word::Holiday)) => {
                    let (holiday, year, end) = holiday::read(self, start + 2)?;
                    let shift = Shift {
                        amount: Amount::one(Count::whole(1), Unit::Day),
                        forward: side == Word::After,
                        from: Anchor::Holiday(holiday, year),
                    };
                    return Some((Day::Shift(shift), end));
                }
                (Word::After | Word::Before, _) if start > at && self.ends_clause(start + 2) => {
                    return Some((Day::Spoken, start + 2));
                }
                _ => return None,
            },
            Word::Same | Word::That if start == at && self.is(at + 1, Word::Day) => {
                return Some((Day::Spoken, at + 2));
            }
            Word::Direction(_) | Word::Past if start == at => {
                let (step, end) = self.direction(at)?;
                if !self.is(end, Word::Day) {
                    return None;
                }
                (step, end + 1)
            }
            _ => return None,
        };
        Some((Day::Step(read.0), read.1))
    }

    /// Reads `first day of next month`, `the last day of May`.
    fn nth_day(&self, at: usize) -> Read<Day> {
        let (nth, end) = match self.word(at) {
            Some(Word::Direction(Direction::Last)) => (-1, at + 1),
            _ => self
                .ordinal(at)
                .filter(|(nth, _)| *nth <= 366)
                .map(|(nth, end)| (nth as i16, end))?,
        };
        let is_day =
            self.is(end, Word::Day) && matches!(self.word(end + 1), Some(Word::Of | Word::In));
        let place = self.skip(end + 2, Word::The);
        if !is_day {
            return None;
        }
        if let Some(((month, _), behind)) = self.month(place) {
            let (year, end) = self.joined_year(behind).unwrap_or((Year::Unsaid, behind));
            return Some((
                Day::Nth {
                    nth,
                    year,
                    month: Month::Known(month),
                },
                end,
            ));
        }
        let (step, unit) = self.direction(place).unwrap_or((0, place));
        match self.word(unit)? {
            Word::Unit(Unit::Month, false) => Some((
                Day::Nth {
                    nth,
                    year: Year::Step(0),
                    month: Month::Step(step),
                },
                unit + 1,
            )),
            Word::Unit(Unit::Year, false) => Some((
                Day::Nth {
                    nth,
                    year: Year::Step(step),
                    month: Month::Unsaid,
                },
                unit + 1,
            )),
            _ => {
                let (year, end) = self.year(end + 2)?;
                Some((
                    Day::Nth {
                        nth,
                        year: Year::Known(year),
                        month: Month::Unsaid,
                    },
                    end,
                ))
            }
        }
    }

    /// Reads `the 27th` where what stands around it leaves nothing else; `20th this month`.
    fn day_of_month(&self, at: usize) -> Read<Day> {
        let start = self.skip(at, Word::The);
        let (day, end) = self.day_number(start)?;
        let is_ordinal = self.ordinal(start).is_some();
        let is_number = self.digits(start).is_some();
        if let Some((step, behind)) = self.direction(end)
            && self.is(behind, Word::Unit(Unit::Month, false))
            && is_ordinal
            && is_number
        {
            let (year, month) = (Year::Step(0), Month::Step(step));
            return Some((Day::calendar(year, month, day), behind + 1));
        }
        let is_followed = matches!(
            self.word(end),
            Some(
                Word::At
                    | Word::From
                    | Word::Between
                    | Word::Until
                    | Word::And
                    | Word::Or
                    | Word::For
                    | Word::To
                    | Word::Through
            )
        );
        let is_over = self.ends_clause(end) || is_ordinal && is_number && is_followed;
        let has_article = start > at;
        let is_written = match (is_ordinal, is_number) {
            (true, true) => true,
            (true, false) => has_article,
            (false, true) => {
                has_article && self.digits(start).is_some_and(|(_, digits)| digits == 2)
            }
            (false, false) => false,
        };
        let is_sure = is_over
            && is_written
            && self.is_led_to_day(at, has_article && is_number && !is_followed);
        (is_sure && !self.is_part_of_number(end))
            .then(|| (Day::calendar(Year::Unsaid, Month::Unsaid, day), end))
    }

    /// Says whether what stands before the number of a day lets it be one: `on the 27th`, `he left the 27th`,
    /// not `she was the 5th`.
    fn is_led_to_day(&self, at: usize, is_plain: bool) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        match self.kind(before) {
            Kind::Word(Word::Of) => {
                let part = before.checked_sub(1).and_then(|part| self.word(part));
                matches!(part, Some(Word::PartOfDay(..)))
            }
            Kind::Word(word) => matches!(
                word,
                Word::On
                    | Word::For
                    | Word::By
                    | Word::Until
                    | Word::Since
                    | Word::Before
                    | Word::After
            ),
            Kind::Unknown => {
                is_plain && !matches!(self.letters(before), "is" | "was" | "as" | "be" | "are")
            }
            _ => false,
        }
    }
}

/// Returns what a day is as something to count from.
pub(super) fn anchor(day: Day) -> Option<Anchor> {
    Some(match day {
        Day::Calendar {
            year,
            month: Month::Known(month),
            day,
            ..
        } => Anchor::Calendar(year, month, day),
        Day::Calendar {
            year: Year::Unsaid,
            month: Month::Unsaid,
            day,
            ..
        } => Anchor::Calendar(Year::Unsaid, 0, day),
        Day::Weekday { weekday, week } => Anchor::Weekday(weekday, week),
        Day::Step(step) => Anchor::Step(step),
        Day::Holiday(holiday, year) => Anchor::Holiday(holiday, year),
        _ => return None,
    })
}
