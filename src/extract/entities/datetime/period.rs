//! Stretches of the calendar as phrases name them: `March 2024`, `the 1990s`, `next three weeks`, `Q1 2019`.

use super::day::{Read, longer};
use super::holiday;
use super::lexicon::{Direction, Trust, Word};
use super::number::full_year;
use super::token::{Kind, Phrase};
use super::value::{Count, Month, Period, Season, Unit, Year};

impl Phrase<'_> {
    /// Reads a stretch of the calendar.
    pub fn period(&self, at: usize) -> Read<Period> {
        let read = match self.kind(at) {
            Kind::Number { .. } => longer(
                longer(
                    self.year_led_period(at),
                    longer(self.month_number(at), self.era(at)),
                ),
                longer(self.decade(at), longer(self.nth_unit(at), self.counted(at))),
            ),
            Kind::Word(word) => match word {
                Word::Month(..) => self.month_period(at),
                Word::QuarterNumber(_) | Word::Unit(Unit::Hour, _) => self.quarter_sign(at),
                Word::Season(..) => self.season(at, Year::Unsaid),
                Word::Unit(..) | Word::Fiscal | Word::School | Word::Calendar => self.unit_led(at),
                Word::Ordinal(_) | Word::Second => self.nth_unit(at),
                Word::Cardinal(_) => longer(
                    longer(self.nth_unit(at), self.counted(at)),
                    longer(self.year_led_period(at), self.decade(at)),
                ),
                Word::The | Word::My => self.determined(at),
                Word::Direction(_) | Word::Past | Word::Same | Word::That => {
                    let is_last = matches!(word, Word::Direction(Direction::Last));
                    let edge = is_last.then(|| self.edge_units(at, false)).flatten();
                    longer(self.directed(at), longer(self.last_week(at), edge))
                }
                Word::Decades(_) => self.decade(at),
                Word::Ad => self.era(at),
                _ => None,
            },
            Kind::Mark('\'' | '’') => self.decade(at),
            Kind::Unknown => self.week_commencing(at),
            _ => None,
        };
        longer(read, self.holiday_weekend(at))
    }

    /// Reads `March 2024`, `Jan, 2001`, `Dec/2018`, `May`.
    fn month_period(&self, at: usize) -> Read<Period> {
        let ((month, trust), end) = self.month(at)?;
        let pointed = end
            + usize::from(
                self.is_mark(end, '.') && self.is_glued(end) && self.letters(at).len() <= 4,
            );
        // A number beside it that is no day of it makes it no month: `31 February 2024`, `Feb 30`.
        let point = usize::from(self.is_mark(at.wrapping_sub(1), '.'));
        if matches!(
            self.digits(at.wrapping_sub(1 + point)),
            Some((1..=99, 1..=2))
        ) {
            return None;
        }
        if let Some((year, behind)) = self.year_of(pointed).or_else(|| self.year_of(end)) {
            // `you may 2024 times`
            let is_verb = trust == Trust::Doubtful
                && !self.is_capital(at)
                && !self.ends_clause(behind)
                && self.kind(at.wrapping_sub(1)) == Kind::Unknown;
            let is_plain = !is_verb && (trust != Trust::Foreign || matches!(year, Year::Known(_)));
            return is_plain.then_some((Period::Month(year, Month::Known(month)), behind));
        }
        let is_numbered =
            matches!(self.digits(pointed), Some((_, 1..=2))) && self.clock(pointed).is_none();
        if trust == Trust::Foreign
            || is_numbered
            || self.is_part_of_number(end) && !self.is_dash(end)
        {
            return None;
        }
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        let is_led = matches!(
            before,
            Some(
                Word::In
                    | Word::Since
                    | Word::Until
                    | Word::Between
                    | Word::Early
                    | Word::Late
                    | Word::Mid
                    | Word::Of
                    | Word::From
                    | Word::Before
                    | Word::After
                    | Word::By
                    | Word::Through
                    | Word::To
                    | Word::Each
                    | Word::Every
            )
        );
        let is_first =
            self.kind(at.wrapping_sub(1)) == Kind::Break || self.is_mark(at.wrapping_sub(1), '.');
        let is_sure = match trust {
            // `August Wilson`, `June Carter` are people.
            Trust::Plain
                if matches!(month, 4 | 6 | 8) && !is_led && self.kind(end) == Kind::Unknown =>
            {
                self.is_capital(at) && !self.is_capital(end)
            }
            Trust::Plain => self.is_capital(at) || is_led,
            // `may`, `march` are verbs, `May` and `Jan` are people.
            _ if self.letters(at).len() <= 4 && month != 5 => {
                is_led && (self.is_capital(at) || self.is(at - 1, Word::In))
            }
            _ if month == 5 => {
                let is_verb = self.is_capital(at) && matches!(before, Some(Word::By | Word::To));
                is_led && !is_verb && (self.is_capital(at) || self.ends_clause(end))
            }
            _ => {
                self.is_capital(at) && (is_led || !is_first && self.ends_clause(end))
                    || is_led && self.ends_clause(end) && self.is(at - 1, Word::In)
            }
        };
        is_sure.then_some((Period::Month(Year::Unsaid, Month::Known(month)), end))
    }

    /// Reads what has an article: `the 1990s`, `the weekend`, `the week after next`, `the month of May`.
    fn determined(&self, at: usize) -> Read<Period> {
        let start = at + 1;
        let inner = match self.kind(start) {
            Kind::Word(Word::Decades(_) | Word::Cardinal(_))
            | Kind::Number { .. }
            | Kind::Mark('\'' | '’') => longer(self.decade(start), self.nth_unit(start)),
            Kind::Word(Word::Season(season, _)) => self.season(start, Year::Unsaid).or_else(|| {
                let is_season = !self.is(start + 1, Word::Of)
                    && self.ends_clause(start + 1)
                    && season != Season::Spring;
                is_season.then_some((Period::Season(Year::Unsaid, season), start + 1))
            }),
            Kind::Word(Word::Unit(
                Unit::Week | Unit::Month | Unit::Weekend | Unit::Year,
                false,
            )) => {
                let Word::Unit(unit, false) = self.word(start)? else {
                    return None;
                };
                if self.is(start + 1, Word::After)
                    && matches!(self.word(start + 2), Some(Word::Direction(Direction::Next)))
                {
                    return Some((Period::Step(unit, 2), start + 3));
                }
                if self.is(start + 1, Word::Before)
                    && matches!(self.word(start + 2), Some(Word::Direction(Direction::Last)))
                {
                    return Some((Period::Step(unit, -2), start + 3));
                }
                if unit == Unit::Weekend {
                    return Some((Period::Step(Unit::Weekend, 0), start + 1))
                        .filter(|_| !self.is(start + 1, Word::Of));
                }
                self.unit_led(start)
                    .filter(|(period, _)| !matches!(period, Period::Week(..) | Period::Year(_)))
            }
            Kind::Word(Word::Ordinal(_) | Word::Second) => self.nth_unit(start),
            _ => None,
        };
        if let Some(read) = self.last_week(start) {
            return Some(read);
        }
        let is_last = matches!(self.word(start), Some(Word::Direction(Direction::Last)));
        let inner = inner.or_else(|| is_last.then(|| self.edge_units(start, false))?);
        inner.or_else(|| self.spoken(at))
    }

    /// Reads `the week`, `my week`: one that is spoken of, where nothing but the end of a clause follows.
    fn spoken(&self, at: usize) -> Read<Period> {
        let Word::Unit(unit @ (Unit::Week | Unit::Month | Unit::Year), false) =
            self.word(at + 1)?
        else {
            return None;
        };
        let end = at + 2;
        // `song of the week`, `time of the year`: none is spoken of.
        let is_named = self.is(at.wrapping_sub(1), Word::Of);
        let is_over = !is_named && (self.ends_clause(end) || self.letters_are(end, "look"));
        is_over.then_some((Period::Spoken(unit), end))
    }

    /// Reads `next week`, `last 3 years`, `this Oct`, `last fiscal year`, `next year's fourth-quarter`.
    fn directed(&self, at: usize) -> Read<Period> {
        let (step, end) = self.direction(at)?;
        let is_same = matches!(self.word(at), Some(Word::Same | Word::That));
        if is_same {
            let ((unit, false), end) = self.unit(end)? else {
                return None;
            };
            let is_period =
                !unit.is_of_clock() && unit > Unit::BusinessDay && !self.is(end - 1, Word::Quarter);
            return is_period.then_some((Period::Spoken(unit), end));
        }
        if let Some((year, behind)) = self.relative_year(at) {
            let owner = self.skip_possessive(behind);
            if owner > behind
                && let Some((number, end)) = self.ordinal(owner)
            {
                let end = end + usize::from(self.is_mark(end, '-'));
                match self.word(end) {
                    Some(Word::Quarter) if number <= 4 => {
                        return Some((Period::Quarter(year, number as u8), end + 1));
                    }
                    Some(Word::Half) if number <= 2 => {
                        return Some((Period::Half(year, number as u8), end + 1));
                    }
                    _ => {}
                }
            }
        }
        let Some(word) = self.word(end) else {
            return self.stepped(at, end, step);
        };
        match word {
            Word::Month(month, trust) => {
                let is_month = trust == Trust::Plain
                    || trust == Trust::Doubtful
                        && (self.is_capital(end) || self.ends_clause(end + 1));
                let is_day = self.day_number(end + 1).is_some();
                (is_month && !is_day).then_some((
                    Period::Month(Year::Step(step), Month::Known(month)),
                    end + 1,
                ))
            }
            Word::Season(..) => self.season(end, Year::Step(step)),
            Word::Fiscal | Word::School | Word::Calendar => self.named_year(end, Year::Step(step)),
            _ => self.stepped(at, end, step),
        }
    }

    /// Reads the unit, or so many units, behind a direction.
    fn stepped(&self, at: usize, end: usize, step: i32) -> Read<Period> {
        if let Some(((unit, is_plural), behind)) = self.unit(end) {
            let is_second = self.is(end, Word::Second);
            // `last minutes`, `this second`, `next day`, `past years`
            let is_period = !is_plural
                && unit != Unit::Day
                && !(is_second
                    || unit == Unit::Night
                    || unit == Unit::Weekday
                    || unit == Unit::Second);
            // `last minute` is said of what comes late.
            let is_idiom = unit == Unit::Minute && self.letters_are(at, "last")
                || self.letters_are(at, "past") && unit == Unit::Quarter;
            return (is_period && !is_idiom).then_some((Period::Step(unit, step), behind));
        }
        if step == 0 {
            return None;
        }
        let (count, behind) = self
            .count(end)
            .filter(|_| !self.is(end, Word::A) && !self.is(end, Word::Half))?;
        let ((unit, _), behind) = self.unit(behind)?;
        if self.is(behind - 1, Word::Quarter)
            && self.digits(end).is_none()
            && self.word(end).is_none()
        {
            return None;
        }
        let count = match count {
            Count::Some => None,
            Count::Thousandths(_) => Some(u16::try_from(count.as_whole()?).ok()?),
        };
        Some((
            Period::Run {
                unit,
                count,
                forward: step > 0,
            },
            behind,
        ))
    }

    /// Reads `3 next weeks`, `2 upcoming months`.
    fn counted(&self, at: usize) -> Read<Period> {
        let (count, end) = self.cardinal(at)?;
        let (step, end) = self.direction(end).filter(|(step, _)| *step != 0)?;
        let ((unit, true), end) = self.unit(end)? else {
            return None;
        };
        let count = Some(u16::try_from(count).ok()?);
        Some((
            Period::Run {
                unit,
                count,
                forward: step > 0,
            },
            end,
        ))
    }

    fn holiday_weekend(&self, at: usize) -> Read<Period> {
        let (holiday, year, end) = holiday::read(self, at)?;
        self.is(end, Word::Unit(Unit::Weekend, false))
            .then_some((Period::HolidayWeekend(holiday, year), end + 1))
    }
}

/// Returns the first year of a decade of which two digits are said.
pub(super) fn decade_of(two_digits: i16) -> i16 {
    if two_digits >= 100 {
        two_digits
    } else {
        full_year(two_digits as u32)
    }
}
