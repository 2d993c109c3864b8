//! Parts of years and months: `Q1 2019`, `second half of 2020`, `3rd week of June`, `week of the 18th`, and
//! which part of a period is meant: `early`, `the end of`, `rest of the`.

use super::day::{Read, anchor};
use super::lexicon::{Direction, Trust, Word};
use super::token::{Kind, Phrase};
use super::value::{Anchor, Month, Period, Portion, Unit, Year};

impl Phrase<'_> {
    /// Reads `Q1`, `H2`, `Q1 2019`, `q1-2019`.
    pub fn quarter_sign(&self, at: usize) -> Read<Period> {
        let is_quarter = self.is(at, Word::QuarterNumber(0));
        if !is_quarter && !self.letters_are(at, "h") || !self.is_glued(at + 1) {
            return None;
        }
        let (number @ 1..=4, 1) = self.digits(at + 1)? else {
            return None;
        };
        let is_after_year =
            at > 0 && self.year(at - 1).is_some() || at > 1 && self.year(at - 2).is_some();
        let year = self.year_of(at + 2);
        if !is_quarter && (number > 2 || year.is_none() && !is_after_year)
            || self.is_glued(at + 2) && year.is_none() && !self.ends_clause(at + 2)
        {
            return None;
        }
        let (year, end) = year.unwrap_or((Year::Unsaid, at + 2));
        let number = number as u8;
        Some((
            if is_quarter {
                Period::Quarter(year, number)
            } else {
                Period::Half(year, number)
            },
            end,
        ))
    }

    /// Reads a season with its year.
    pub fn season(&self, at: usize, year: Year) -> Read<Period> {
        let Some(Word::Season(season, trust)) = self.word(at) else {
            return None;
        };
        let end = at + 1;
        if let Some((year, end)) = self.year_of(end) {
            return Some((Period::Season(year, season), end));
        }
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        let is_led = matches!(
            before,
            Some(
                Word::In
                    | Word::Early
                    | Word::Late
                    | Word::Mid
                    | Word::Since
                    | Word::Until
                    | Word::By
            )
        );
        let is_noun = !matches!(self.kind(end), Kind::Unknown) || self.is_mark(end, ',');
        let is_sure = year != Year::Unsaid
            || is_led && (trust == Trust::Plain || is_noun)
            || trust == Trust::Plain && is_noun;
        is_sure.then_some((Period::Season(year, season), end))
    }

    /// Reads `first quarter of 2013`, `second half of the year`, `3rd week of Jan`, `21st century`.
    pub fn nth_unit(&self, at: usize) -> Read<Period> {
        let (number, end) = self.ordinal(at)?;
        let end = end + usize::from(self.is_mark(end, '-') && self.is_glued(end));
        let Some(word) = self.word(end) else {
            return self.edge_units(at, true);
        };
        match word {
            Word::Century if number <= 40 => {
                let behind = end + 1;
                let is_before = self.is(behind, Word::Bc);
                let century = if is_before {
                    -(number as i16)
                } else {
                    number as i16
                };
                Some((Period::Century(century), behind + usize::from(is_before)))
            }
            Word::Quarter if number <= 4 => {
                let (year, end) = self.year_of(end + 1).unwrap_or((Year::Unsaid, end + 1));
                let is_sure = year != Year::Unsaid || self.is_led_by_time(at);
                is_sure.then_some((Period::Quarter(year, number as u8), end))
            }
            Word::Half if number <= 2 => {
                let (year, end) = self.year_of(end + 1)?;
                Some((Period::Half(year, number as u8), end))
            }
            Word::Unit(Unit::Week, false) if number <= 53 => {
                let of = self
                    .word(end + 1)
                    .filter(|word| matches!(word, Word::Of | Word::In));
                of?;
                let year = self
                    .year(end + 2)
                    .map(|(year, end)| (Period::Week(Year::Known(year), number as u8), end));
                let month = self.week_of_month(end + 2, number as i8);
                month.filter(|_| number <= 5).or(year)
            }
            _ => self.edge_units(at, true),
        }
    }

    fn is_led_by_time(&self, at: usize) -> bool {
        matches!(
            at.checked_sub(1).and_then(|before| self.word(before)),
            Some(Word::The | Word::In | Word::Of | Word::For)
        )
    }

    fn week_of_month(&self, at: usize, week: i8) -> Read<Period> {
        let at = self.skip(at, Word::The);
        if let Some((step, end)) = self.direction(at)
            && self.is(end, Word::Unit(Unit::Month, false))
        {
            return Some((
                Period::WeekOfMonth(Year::Step(0), Month::Step(step), week),
                end + 1,
            ));
        }
        let ((month, _), end) = self.month(at)?;
        let (year, end) = self.year_of(end).unwrap_or((Year::Unsaid, end));
        Some((Period::WeekOfMonth(year, Month::Known(month), week), end))
    }

    /// Reads `first 2 weeks of 2021`, `last three days of May`.
    pub fn edge_units(&self, at: usize, first: bool) -> Read<Period> {
        let start = at + 1;
        let (count, end) = self
            .cardinal(start)
            .filter(|(count, _)| (1..=200).contains(count))?;
        let ((unit, _), end) = self.unit(end)?;
        if unit.is_of_clock() || !matches!(self.word(end)?, Word::Of | Word::In) {
            return None;
        }
        let count = count as u8;
        let place = self.skip(end + 1, Word::The);
        if let Some(((month, _), behind)) = self.month(place) {
            let (year, end) = self.year_of(behind).unwrap_or((Year::Unsaid, behind));
            let month = Month::Known(month);
            return Some((
                Period::Edge {
                    count,
                    unit,
                    first,
                    year,
                    month,
                },
                end,
            ));
        }
        let (year, end) = self.year_of(end)?;
        Some((
            Period::Edge {
                count,
                unit,
                first,
                year,
                month: Month::Unsaid,
            },
            end,
        ))
    }

    /// Reads what begins with a unit: `week 31`, `month of May`, `year 2008`, `fiscal year 2008`, `week of the 18th`.
    pub fn unit_led(&self, at: usize) -> Read<Period> {
        match self.word(at)? {
            Word::Unit(Unit::Week, false) => {
                if let Some((week @ 1..=53, 1..=2)) = self.digits(at + 1)
                    && !self.is_part_of_number(at + 2)
                {
                    let (year, end) = self.year_of(at + 2).unwrap_or((Year::Unsaid, at + 2));
                    return Some((Period::Week(year, week as u8), end));
                }
                self.week_at(at)
            }
            Word::Unit(Unit::Month, false) if self.is(at + 1, Word::Of) => {
                let ((month, _), end) = self.month(at + 2)?;
                let (year, end) = self.year_of(end).unwrap_or((Year::Unsaid, end));
                Some((Period::Month(year, Month::Known(month)), end))
            }
            Word::Unit(Unit::Year, false) => {
                if let Some((year, end)) = self.year(at + 1) {
                    return Some((
                        Period::Year(Year::Known(year)),
                        self.before_christ(end).unwrap_or(end),
                    ));
                }
                let (year, digits @ 2..=3) = self.digits(at + 1)? else {
                    return None;
                };
                let is_year = digits == 3 && !self.is_part_of_number(at + 2);
                is_year.then_some((Period::Year(Year::Known(year as i16)), at + 2))
            }
            Word::Fiscal | Word::School | Word::Calendar => self.named_year(at, Year::Unsaid),
            _ => None,
        }
    }

    /// Reads `week of the 18th`, `week starting on February 4`.
    fn week_at(&self, at: usize) -> Read<Period> {
        if !self.is(at, Word::Unit(Unit::Week, false)) {
            return None;
        }
        let is_joined = matches!(
            self.word(at + 1)?,
            Word::Of | Word::Starting | Word::Commencing | Word::Beginning
        ) || self.letters_are(at + 1, "beginning");
        let start = self.skip(at + 2, Word::On);
        if !is_joined {
            return None;
        }
        self.week_from(start)
    }

    fn week_from(&self, start: usize) -> Read<Period> {
        if let Some((day, end)) = self.day(start) {
            return Some((Period::WeekOf(anchor(day)?), end));
        }
        let article = self.skip(start, Word::The);
        let (day, end) = self.ordinal(article).filter(|(day, _)| *day <= 31)?;
        Some((
            Period::WeekOf(Anchor::Calendar(Year::Unsaid, 0, day as u8)),
            end,
        ))
    }

    /// Reads `w/c Feb 4`.
    pub fn week_commencing(&self, at: usize) -> Read<Period> {
        let is_sign =
            self.letters_are(at, "w") && self.is_mark(at + 1, '/') && self.letters_are(at + 2, "c");
        is_sign.then(|| self.week_from(at + 3))?
    }

    /// Reads `last week of July`.
    pub fn last_week(&self, at: usize) -> Read<Period> {
        let is_last = matches!(self.word(at), Some(Word::Direction(Direction::Last)));
        let is_week = is_last
            && self.is(at + 1, Word::Unit(Unit::Week, false))
            && matches!(self.word(at + 2), Some(Word::Of | Word::In));
        is_week.then(|| self.week_of_month(at + 3, -1))?
    }

    /// Reads which part of a period is meant, before the period: `early`, `the end of`, `rest of the`.
    pub fn portion(&self, at: usize) -> Read<Portion> {
        let start = at;
        let of = |at: usize| self.is(at, Word::Of).then_some(at + 1);
        let glued = |at: usize| at + usize::from(self.is_mark(at, '-'));
        match self.word(start)? {
            Word::Early => Some((Portion::Early, glued(start + 1))),
            Word::Mid => Some((Portion::Mid, glued(start + 1))),
            Word::Late => Some((Portion::Late, glued(start + 1))),
            Word::Later if start == at => Some((Portion::Late, self.skip(start + 1, Word::In))),
            Word::Earlier if start == at => Some((Portion::Early, self.skip(start + 1, Word::In))),
            Word::Beginning => Some((Portion::Early, of(start + 1)?)),
            Word::Middle => Some((Portion::Mid, of(start + 1)?)),
            Word::End => Some((Portion::Late, of(start + 1)?)),
            Word::Rest => Some((Portion::Rest, self.skip(start + 1, Word::Of))),
            _ => None,
        }
    }

    /// Reads a unit of which a part is meant: `the week`, `current week`, `this year`.
    pub fn portioned(&self, at: usize, portion: Portion) -> Read<Period> {
        if let Some(read) = self.period(at) {
            return Some(read);
        }
        let start = match self.word(at)? {
            Word::The | Word::My => at + 1,
            _ => at,
        };
        let ((unit, false), end) = self.unit(start)? else {
            return None;
        };
        // `the end of year`
        let is_named = self.is(at.wrapping_sub(1), Word::Of);
        let is_whole = start > at || is_named || portion == Portion::Rest;
        let is_period = matches!(
            unit,
            Unit::Week | Unit::Month | Unit::Year | Unit::Quarter | Unit::Decade | Unit::Weekend
        );
        (is_whole && is_period && !self.is(end, Word::Of)).then_some((Period::Step(unit, 0), end))
    }
}
