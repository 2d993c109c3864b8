//! Days of the week: `next Friday`, `Friday of next week`, `Friday, 12 March`, `the last Friday in May`.

use super::day::{Read, longer};
use super::lexicon::{Direction, Trust, Word};
use super::token::{Kind, Phrase};
use super::value::{Day, Month, Unit, Year};

impl Phrase<'_> {
    /// Reads a day of the week as a word that is to be trusted.
    pub fn weekday(&self, at: usize) -> Read<u8> {
        match self.word(at)? {
            Word::Weekday(day, Trust::Plain) => Some((day, at + 1)),
            Word::Weekday(day, _) if self.is_capital(at) || self.is_mark(at + 1, ',') => {
                Some((day, self.past_point_of_weekday(at + 1)))
            }
            _ => None,
        }
    }

    fn past_point_of_weekday(&self, at: usize) -> usize {
        let goes_on = self.is_mark(at, '.')
            && self.is_glued(at)
            && (self.digits(at + 1).is_some()
                || self.month(at + 1).is_some()
                || self.is_mark(at + 1, ',')
                || self.joint(at + 1, false).is_some());
        at + usize::from(goes_on)
    }

    /// Reads `Friday`, `next Friday`, `Friday the 22nd`, `Friday, 12 March`, `Friday of next week`.
    pub fn weekday_led(&self, at: usize) -> Read<Day> {
        if let Some((step, end)) = self.direction(at) {
            if let Some((weekday, end)) = self.any_weekday(end) {
                let is_coming = self
                    .letters(end - 2)
                    .to_ascii_lowercase()
                    .ends_with("coming");
                let day = if is_coming {
                    Day::Coming(weekday)
                } else {
                    Day::Weekday {
                        weekday,
                        week: Some(step),
                    }
                };
                let bare = (day, end);
                return longer(
                    Some(bare),
                    self.dated_behind(end, weekday).filter(|_| step >= 0),
                );
            }
            // `next week Sunday`
            let (weekday, end) = self
                .is(end, Word::Unit(Unit::Week, false))
                .then(|| self.any_weekday(self.skip(self.skip_mark(end + 1, ','), Word::On)))??;
            return Some((
                Day::Weekday {
                    weekday,
                    week: Some(step),
                },
                end,
            ));
        }
        if let Some(read) = self.counted_weekday(at) {
            return Some(read);
        }
        let (weekday, end) = self.any_weekday(at)?;
        let of = self.skip(self.skip(end, Word::Of), Word::The);
        if let Some((step, behind)) = self.direction(of)
            && self.is(behind, Word::Unit(Unit::Week, false))
        {
            return Some((
                Day::Weekday {
                    weekday,
                    week: Some(step),
                },
                behind + 1,
            ));
        }
        if let Some(found) = self.dated_behind(end, weekday) {
            return Some(found);
        }
        let is_sure = self.weekday(at).is_some() && self.is_weekday_in_place(at, end);
        is_sure.then_some((
            Day::Weekday {
                weekday,
                week: None,
            },
            end,
        ))
    }

    /// Reads `two Mondays ago`, `three Fridays from now`.
    fn counted_weekday(&self, at: usize) -> Read<Day> {
        let (count, end) = self
            .cardinal(at)
            .filter(|(count, _)| (1..100).contains(count))?;
        let (Word::Weekday(weekday, Trust::Plain) | Word::Weekdays(weekday)) = self.word(end)?
        else {
            return None;
        };
        let (week, end) = match (self.word(end + 1)?, self.word(end + 2)) {
            (Word::Ago, _) => (-(count as i32), end + 2),
            (Word::Later, _) => (count as i32, end + 2),
            (Word::From, Some(Word::Now | Word::Today)) => (count as i32, end + 3),
            _ => return None,
        };
        Some((
            Day::Weekday {
                weekday,
                week: Some(week),
            },
            end,
        ))
    }

    pub fn any_weekday(&self, at: usize) -> Read<u8> {
        match self.word(at)? {
            Word::Weekday(day, Trust::Plain) => Some((day, at + 1)),
            Word::Weekday(day, _) => Some((day, self.past_point_of_weekday(at + 1))),
            _ => None,
        }
    }

    /// Short names of days are names of other things, too: what stands beside them has to be of a date.
    fn is_weekday_in_place(&self, at: usize, end: usize) -> bool {
        if matches!(self.word(at), Some(Word::Weekday(_, Trust::Plain))) {
            return true;
        }
        let joins = |at: usize| {
            self.is_dash(at)
                || matches!(
                    self.kind(at),
                    Kind::Mark(',' | '/' | '&')
                        | Kind::Word(Word::To | Word::Or | Word::And | Word::Through)
                )
        };
        let is_day = |at: usize| matches!(self.word(at), Some(Word::Weekday(..)));
        let is_day_before = |at: usize| is_day(at - usize::from(self.is_mark(at, '.')));
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        matches!(
            before,
            Some(Word::On | Word::By | Word::Until | Word::Since | Word::From)
        ) || joins(end) && is_day(end + 1)
            || at >= 3 && joins(at - 1) && is_day_before(at - 2)
            || at == 2 && joins(1) && is_day(0)
            || self.clock(end).is_some()
            || self.clocks(end, true).is_some()
            || matches!(self.word(end), Some(Word::PartOfDay(..)))
    }

    /// Reads the date that follows the name of its day.
    fn dated_behind(&self, end: usize, stated: u8) -> Read<Day> {
        let is_bracketed = self.is_mark(end, '(');
        let next = if is_bracketed || self.is_mark(end, ',') {
            end + 1
        } else {
            end
        };
        let next = self.skip(next, Word::The);
        let short = || {
            // `Friday 22nd`, `Friday the fifteen`, `Sunday 31`
            let (day, behind) = self.day_number(next)?;
            let is_number = self.digits(next).is_some() && behind == next + 1;
            let is_day =
                !is_number || self.ends_clause(behind) && next == end && self.digits(next)?.1 == 2;
            let is_word = self.digits(next).is_none() && self.ordinal(next).is_none();
            if !is_day || is_word && !self.is(next - 1, Word::The) || self.is_part_of_number(behind)
            {
                return None;
            }
            let (year, month) = (Year::Unsaid, Month::Unsaid);
            Some((Day::calendar(year, month, day), behind))
        };
        let dashed = || {
            let (month, 1..=2) = self.digits(next)? else {
                return None;
            };
            let (day, 1..=2) = self.digits(next + 2)? else {
                return None;
            };
            let is_date = self.is_mark(next + 1, '-')
                && self.is_glued(next + 2)
                && !self.is_part_of_number(next + 3)
                && !matches!(self.word(next + 3), Some(Word::Am | Word::Pm))
                && next == end
                && day > 12;
            is_date.then(|| self.ordered(Year::Unsaid, month, day, '-', next + 3))?
        };
        let (mut day, behind) = self
            .dated(next)
            .or_else(|| self.slashed_day(next))
            .or_else(dashed)
            .or_else(short)?;
        if let Day::Calendar { weekday, .. } = &mut day {
            *weekday = Some(stated);
        }
        if is_bracketed {
            return self.is_mark(behind, ')').then_some((day, behind + 1));
        }
        Some((day, behind))
    }

    /// Reads `first Monday of next month`, `the last Friday in May 2024`.
    pub fn nth_weekday(&self, at: usize) -> Read<Day> {
        let start = self.skip(at, Word::The);
        let (nth, end) = match self.word(start)? {
            Word::Direction(Direction::Last) => (-1, start + 1),
            _ => self
                .ordinal(start)
                .filter(|(nth, _)| *nth <= 5)
                .map(|(nth, end)| (nth as i8, end))?,
        };
        let (weekday, end) = self.any_weekday(end)?;
        if let Some(Word::Of | Word::In) = self.word(end) {
            let place = self.skip(end + 1, Word::The);
            if let Some((step, behind)) = self.direction(place)
                && self.is(behind, Word::Unit(Unit::Month, false))
            {
                let (year, month) = (Year::Step(0), Month::Step(step));
                return Some((
                    Day::NthWeekday {
                        nth,
                        weekday,
                        year,
                        month,
                    },
                    behind + 1,
                ));
            }
            if self.is(place, Word::Unit(Unit::Month, false)) && place > end + 1 {
                let (year, month) = (Year::Step(0), Month::Step(0));
                let day = Day::NthWeekday {
                    nth,
                    weekday,
                    year,
                    month,
                };
                return Some((day, place + 1));
            }
            if let Some(((month, _), behind)) = self.month(place) {
                let (year, end) = self.joined_year(behind).unwrap_or((Year::Unsaid, behind));
                let month = Month::Known(month);
                return Some((
                    Day::NthWeekday {
                        nth,
                        weekday,
                        year,
                        month,
                    },
                    end,
                ));
            }
        }
        let (year, month) = (Year::Unsaid, Month::Unsaid);
        (nth > 0 && start == at).then_some((
            Day::NthWeekday {
                nth,
                weekday,
                year,
                month,
            },
            end,
        ))
    }
}
