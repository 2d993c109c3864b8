//! Days with the name of their month: `12 March 2024`, `March the 12th`, `12. März`, `20th of next month`.

use super::day::{Read, longer};
use super::lexicon::{Direction, Trust, Word};
use super::token::{Kind, Phrase};
use super::value::{Day, Month, Unit, Year};

impl Phrase<'_> {
    /// Reads a day with its month.
    pub fn dated(&self, at: usize) -> Read<Day> {
        match self.kind(at) {
            Kind::Number { .. } => longer(
                longer(self.numeric(at), self.day_led(at)),
                self.year_led(at),
            ),
            Kind::Word(Word::Month(..)) => self.month_led(at),
            Kind::Word(Word::Cardinal(_) | Word::Ordinal(_) | Word::Second) => self.day_led(at),
            Kind::Word(Word::The) => self
                .day_led(at + 1)
                .filter(|_| !self.is_counted_day(at + 1)),
            Kind::Word(Word::Direction(Direction::This | Direction::Next)) => {
                let day = longer(self.dated_inner(at + 1), self.slashed(at + 1))?;
                Some(day)
            }
            _ => None,
        }
    }

    /// `twenty third day of September` goes without its article.
    fn is_counted_day(&self, at: usize) -> bool {
        self.day_number(at)
            .is_some_and(|(_, end)| self.is(end, Word::Day))
    }

    fn dated_inner(&self, at: usize) -> Read<Day> {
        match self.kind(at) {
            Kind::Number { .. } => self.day_led(at),
            _ => None,
        }
    }

    /// Reads the name of a month.
    pub fn month(&self, at: usize) -> Read<(u8, Trust)> {
        match self.word(at)? {
            Word::Month(month, trust) => Some(((month, trust), at + 1)),
            _ => None,
        }
    }

    /// Steps over the point of a month that is cut short, where something follows it.
    fn past_point(&self, at: usize) -> usize {
        let is_short = self.letters(at.wrapping_sub(1)).len() <= 4;
        at + usize::from(is_short && self.is_mark(at, '.') && self.is_glued(at))
    }

    /// Reads the number of a day: `22`, `22nd`, `twenty-second`, `twenty two`.
    pub fn day_number(&self, at: usize) -> Read<u8> {
        let read = self.ordinal(at).or_else(|| match self.digits(at) {
            Some((value, 1..=2)) => Some((value, at + 1)),
            Some(_) => None,
            None => self.cardinal(at),
        });
        read.filter(|(day, _)| (1..=31).contains(day))
            .map(|(day, end)| (day as u8, end))
    }

    /// Reads a year behind a day and month, with what joins it.
    pub fn joined_year(&self, at: usize) -> Read<Year> {
        let known = |(year, end): (i16, usize)| (Year::Known(year), end);
        if let Kind::Mark(mark) = self.kind(at) {
            let is_joint =
                matches!(mark, '-' | '/' | '.') && self.is_glued(at) && self.is_glued(at + 1);
            return match mark {
                ',' => self.year(at + 1).map(known).or_else(|| {
                    let has_mark = matches!(self.kind(at + 1), Kind::Mark('\'' | '’'));
                    has_mark.then(|| self.short_year(at + 1).map(known))?
                }),
                '-' | '/' | '.' if is_joint => {
                    let full = self.year(at + 1).map(known);
                    full.or_else(|| self.short_year(at + 1).map(known))
                        .filter(|(_, end)| !self.is_glued(*end) || !self.is_dash(*end))
                }
                '\'' | '’' => self.short_year(at).map(known),
                _ => None,
            };
        }
        match self.word(at) {
            Some(Word::Of | Word::In | Word::Sign(Unit::Second)) => {
                let year = self.year(at + 1).map(known);
                let year = year.or_else(|| self.relative_year(self.skip(at + 1, Word::The)));
                year.or_else(|| {
                    let short = self.short_year(at + 1).filter(|_| self.is(at, Word::Of));
                    short.filter(|(_, end)| self.ends_clause(*end)).map(known)
                })
            }
            Some(Word::Direction(_)) => self.relative_year(at),
            _ => self.year(at).map(known),
        }
    }

    /// Reads `next year`.
    pub fn relative_year(&self, at: usize) -> Read<Year> {
        let (step, end) = self.direction(at)?;
        self.is(end, Word::Unit(Unit::Year, false))
            .then_some((Year::Step(step), end + 1))
    }

    /// Reads which way: `next`, `this`, `last`, `this coming`, `past`.
    pub fn direction(&self, at: usize) -> Read<i32> {
        let (step, end) = match self.word(at)? {
            Word::Direction(Direction::This) => match self.word(at + 1) {
                Some(Word::Direction(Direction::Next)) => (1, at + 2),
                Some(Word::Past) => (-1, at + 2),
                _ => (0, at + 1),
            },
            Word::Direction(Direction::Next | Direction::Following) => (1, at + 1),
            Word::Direction(Direction::Last) | Word::Past => (-1, at + 1),
            Word::Same | Word::That => (0, at + 1),
            _ => return None,
        };
        Some((step, end))
    }

    pub fn calendar(year: Year, month: u8, day: u8, end: usize) -> Read<Day> {
        let longest = match (month, year) {
            (2, Year::Known(year)) if !is_leap(year) => 28,
            (2, _) => 29,
            (4 | 6 | 9 | 11, _) => 30,
            _ => 31,
        };
        let is_day = (1..=12).contains(&month) && (1..=longest).contains(&day);
        is_day.then_some((Day::calendar(year, Month::Known(month), day), end))
    }

    /// Reads `March 12, 2024`, `march the 12th`, `Sep-23-2020`.
    fn month_led(&self, at: usize) -> Read<Day> {
        let ((month, trust), end) = self.month(at)?;
        let end = self.past_point(end);
        let joint = match self.kind(end) {
            Kind::Mark('-' | '/') if self.is_glued(end) && self.is_glued(end + 1) => end + 1,
            _ => self.skip(end, Word::The),
        };
        // `September-2020-23`
        if joint > end
            && let Some((year, behind)) = self.year(joint)
            && self.is_dash(behind)
            && let Some((day, 2)) = self.digits(behind + 1)
        {
            return Self::calendar(Year::Known(year), month, day as u8, behind + 2);
        }
        let (day, behind) = self.day_number(joint)?;
        let is_plain_number = self.digits(joint).is_some() && behind == joint + 1;
        let (year, end) = self.joined_year(behind).unwrap_or((Year::Unsaid, behind));
        // `from May 2:30 on`, `May 5%`, `March 3.5`
        if end == behind && is_plain_number && self.is_part_of_number(end) {
            return None;
        }
        let is_sure = match trust {
            Trust::Foreign => false,
            Trust::Plain => true,
            Trust::Doubtful => {
                end > behind
                    || !is_plain_number
                    || self.is_capital(at)
                    || self.ends_clause(end)
                    || self.word(end).is_some()
            }
        };
        let read = is_sure.then(|| Self::calendar(year, month, day, end))??;
        Some(self.with_weekday(read))
    }

    /// Adds the day of the week that stands in brackets behind a date.
    fn with_weekday(&self, (mut day, end): (Day, usize)) -> (Day, usize) {
        let start = end + usize::from(self.is_mark(end, ','));
        let is_bracketed = self.is_mark(start, '(');
        if let Day::Calendar { weekday, .. } = &mut day
            && is_bracketed
            && let Some((stated, behind)) = self.any_weekday(start + 1)
            && self.is_mark(behind, ')')
        {
            *weekday = Some(stated);
            return (day, behind + 1);
        }
        (day, end)
    }

    /// Says whether a number goes on behind its digits as something else than a day.
    pub fn is_part_of_number(&self, end: usize) -> bool {
        if !self.is_glued(end) {
            return self.is_mark(end, '%');
        }
        match self.kind(end) {
            Kind::Mark(':' | '.' | ',' | '/') => {
                self.is_glued(end + 1) && self.digits(end + 1).is_some()
            }
            Kind::Mark('%' | '°' | '$' | '€' | '£')
            | Kind::Unknown
            | Kind::Number { .. }
            | Kind::Word(_) => true,
            _ => false,
        }
    }

    /// Reads `12 March 2024`, `12th of March`, `12. März 2024`, `20th of next month`.
    fn day_led(&self, at: usize) -> Read<Day> {
        let (day, end) = self.day_number(at)?;
        let is_digits = self.digits(at).is_some();
        let is_pointed = is_digits && end == at + 1 && self.is_mark(end, '.') && self.is_glued(end);
        let end = end + usize::from(is_pointed);
        let end = self.skip(end, Word::Day);
        let end = match self.kind(end) {
            Kind::Word(Word::Of | Word::Sign(Unit::Second)) => end + 1,
            Kind::Mark('-' | '/') if self.is_glued(end) && self.is_glued(end + 1) => end + 1,
            _ => end,
        };
        if self.is_mark(end - 1, '-')
            && let Some((year, behind)) = self.year(end)
            && self.is_mark(behind, '-')
            && let Some(((month, _), behind)) = self.month(behind + 1)
        {
            return Self::calendar(Year::Known(year), month, day, behind);
        }
        if let Some((step, behind)) = self.direction(end)
            && self.is(behind, Word::Unit(Unit::Month, false))
            && (self.is(end - 1, Word::Of) || self.ordinal(at).is_some())
        {
            let month = Month::Step(step);
            return Some((Day::calendar(Year::Step(0), month, day), behind + 1));
        }
        if self.is(end - 1, Word::Of)
            && self.is(end, Word::The)
            && self.is(end + 1, Word::Unit(Unit::Month, false))
            && self.ordinal(at).is_some()
        {
            return Some((Day::calendar(Year::Step(0), Month::Step(0), day), end + 2));
        }
        let ((month, trust), behind) = self.month(end)?;
        let pointed = self.past_point(behind);
        let (year, end) = self
            .joined_year(pointed)
            .or_else(|| self.joined_year(behind))
            .unwrap_or((Year::Unsaid, behind));
        let is_sure = match trust {
            Trust::Plain => true,
            // `2 may not`: as a month it is written with a capital or goes on as a date does.
            Trust::Doubtful => {
                end > behind
                    || self.is_capital(at + (behind - 1 - at))
                    || self.ordinal(at).is_some()
                    || self.ends_clause(end)
            }
            Trust::Foreign => is_digits && (end > behind || is_pointed),
        };
        let read = is_sure.then(|| Self::calendar(year, month, day, end))??;
        Some(self.with_weekday(read))
    }
}

fn is_leap(year: i16) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
