//! Years and what is told by years: `2024`, `2016/11`, `the 1990s`, `fiscal year 2008`, `44 BC`.

use super::day::Read;
use super::lexicon::{Trust, Word};
use super::number::LIKELY_YEARS;
use super::token::{Kind, Phrase};
use super::value::{Month, NamedYear, Period, Unit, Year};

impl Phrase<'_> {
    /// Reads a year, and what the year is of, behind a period: `of 2013`, `2013`, `next year`.
    pub fn year_of(&self, at: usize) -> Read<Year> {
        let start = match self.kind(at) {
            Kind::Word(Word::Of | Word::In | Word::Sign(Unit::Second)) | Kind::Mark(',') => at + 1,
            Kind::Mark('-' | '/') if self.is_glued(at) && self.is_glued(at + 1) => at + 1,
            _ => at,
        };
        if let Some((year, end)) = self.year(start) {
            return Some((Year::Known(year), end));
        }
        if self.is_mark(at, ',') {
            return None;
        }
        if let Some((year, end)) = self.short_year(start)
            && (matches!(self.kind(start), Kind::Mark(_))
                || self.is(at, Word::Of) && self.ends_clause(end))
        {
            return Some((Year::Known(year), end));
        }
        let article = self.skip(start, Word::The);
        if self.is(article, Word::Unit(Unit::Year, false))
            && let Some((year, end)) = self.year(article + 1)
        {
            return Some((Year::Known(year), end));
        }
        if start > at && article > start && self.is(article, Word::Unit(Unit::Year, false)) {
            return Some((Year::Step(0), article + 1));
        }
        self.relative_year(article)
    }

    /// Reads what begins with a year: `2016 November`, `2019-Q1`, `2016/11`, `2024-W12`, `2016`.
    pub fn year_led_period(&self, at: usize) -> Read<Period> {
        let (year, end) = self.year(at)?;
        let known = Year::Known(year);
        let joint = match self.kind(end) {
            Kind::Mark('-' | '/' | ',' | '.') => end + 1,
            _ => end,
        };
        if let Some(((month, trust), behind)) = self.month(joint)
            && trust != Trust::Foreign
            && (trust == Trust::Plain
                || joint > end
                || self.is_capital(joint) && self.ends_clause(behind))
            && self.digits(at).is_some()
            && self.digits(behind).is_none()
        {
            return Some((Period::Month(known, Month::Known(month)), behind));
        }
        if let Some((period, behind)) = self.quarter_sign(joint)
            && !self.is_mark(end, '.')
        {
            let period = match period {
                Period::Quarter(Year::Unsaid, number) => Period::Quarter(known, number),
                Period::Half(Year::Unsaid, number) => Period::Half(known, number),
                _ => return None,
            };
            return Some((period, behind));
        }
        if self.is_mark(end, '-')
            && self.letters_are(joint, "w")
            && self.is_glued(joint)
            && let Some((week @ 1..=53, 2)) = self.digits(joint + 1)
        {
            return Some((Period::Week(known, week as u8), joint + 2));
        }
        if let Some((month @ 1..=12, digits)) = self.digits(joint)
            && matches!(self.kind(end), Kind::Mark('-' | '/'))
            && !self.goes_on(joint + 1)
        {
            let is_spaced = !self.is_glued(end);
            let follows = i64::from(year) % 100 + 1 == i64::from(month);
            let is_month = self.is_mark(end, '/') || digits == 2 && !follows;
            if is_month && (digits == 2 || is_spaced || self.is_mark(end, '/')) {
                return Some((Period::Month(known, Month::Known(month as u8)), joint + 1));
            }
        }
        if self.is(end, Word::Sign(Unit::Year)) {
            return match self.digits(end + 1) {
                Some((month @ 1..=12, _)) if self.is(end + 2, Word::Sign(Unit::Month)) => {
                    Some((Period::Month(known, Month::Known(month as u8)), end + 3))
                }
                _ => Some((Period::Year(known), end + 1)),
            };
        }
        if let Some(end) = self.before_christ(end) {
            return Some((Period::Year(Year::Known(-year)), end));
        }
        let is_year = if self.digits(at).is_some() {
            self.is_year_in_place(at, end, year)
        } else {
            self.is_led_to_year(at) || self.ends_clause(end)
        };
        is_year.then_some((Period::Year(known), end))
    }

    fn goes_on(&self, end: usize) -> bool {
        self.is_glued(end)
            && match self.kind(end) {
                Kind::Mark('-' | '/' | ':' | '.' | '_') => {
                    self.is_glued(end + 1) && !matches!(self.kind(end + 1), Kind::Mark(_))
                }
                Kind::Mark('%') => true,
                Kind::Mark(_) | Kind::Break => false,
                _ => true,
            }
    }

    pub fn before_christ(&self, end: usize) -> Option<usize> {
        self.is(end, Word::Bc).then_some(end + 1)
    }

    fn is_led_to_year(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let is_far = |at: Option<usize>| {
            at.is_some_and(|at| {
                matches!(
                    self.word(at),
                    Some(Word::In | Word::Since | Word::Until | Word::From | Word::Between)
                )
            })
        };
        matches!(
            self.word(before),
            Some(
                Word::In
                    | Word::Since
                    | Word::Until
                    | Word::From
                    | Word::Between
                    | Word::By
                    | Word::Around
                    | Word::Early
                    | Word::Late
                    | Word::Mid
                    | Word::Before
                    | Word::After
                    | Word::Unit(Unit::Year, false)
                    | Word::Through
                    | Word::Season(..)
            )
        ) || self.is(before, Word::Of)
            || self.is(before, Word::And) && is_far(at.checked_sub(3))
            || self.is_mark(before, '©')
    }

    /// Says whether four digits that stand alone are a year.
    fn is_year_in_place(&self, at: usize, end: usize, year: i16) -> bool {
        let is_likely = LIKELY_YEARS.contains(&(year as u32));
        if self.goes_on(end) || self.is_part_of_number(end) || self.is_mark(at.wrapping_sub(1), '$')
        {
            return false;
        }
        let before = at.wrapping_sub(1);
        let is_glued_before = self.is_glued(at)
            && !matches!(
                self.kind(before),
                Kind::Mark('(' | '[' | '"' | '“' | '‘' | ',' | '–' | '—' | '©')
            )
            && !self.follows_portion(before);
        if is_glued_before {
            return false;
        }
        // What is left of a date that the calendar does not have: `31 February 2024`, `Feb 30, 2019`.
        let day = if self.is_mark(before, ',') {
            before.wrapping_sub(1)
        } else {
            before
        };
        let month = day.wrapping_sub(usize::from(
            self.digits(day).is_some_and(|(_, digits)| digits <= 2),
        ));
        if matches!(self.word(month), Some(Word::Month(..))) {
            return false;
        }
        // `2000 people`, `in 1500 cases`: what is counted is in the plural.
        let counts = matches!(self.kind(end), Kind::Unknown) && {
            let next = self.letters(end);
            next.ends_with('s')
                && !next.ends_with("ss")
                && next.bytes().all(|byte| byte.is_ascii_lowercase())
                && !matches!(next, "was" | "is" | "has" | "its")
        };
        let is_unit = self.unit(end).is_some() && !self.is(end, Word::Quarter)
            || matches!(
                self.letters(end),
                "people" | "USD" | "EUR" | "GBP" | "CHF" | "euro" | "Euro"
            );
        let is_money = matches!(
            self.kind(before),
            Kind::Mark('$' | '€' | '£' | '¥' | '#' | '№' | '+')
        );
        if is_unit || is_money || counts && (year % 100 == 0 || !is_likely) {
            return false;
        }
        let is_led = self.is_led_to_year(at);
        if !is_likely {
            return is_led
                && (1000..1900).contains(&year)
                && !self.is(before, Word::Of)
                && !self.is(before, Word::By)
                && !self.is(before, Word::From)
                && !counts;
        }
        is_led || !counts
    }

    /// Reads `11/2016`, `12-2015`, `11 - 2016`.
    pub fn month_number(&self, at: usize) -> Read<Period> {
        let (month @ 1..=12, 1..=2) = self.digits(at)? else {
            return None;
        };
        let Kind::Mark('-' | '/') = self.kind(at + 1) else {
            return None;
        };
        let (year, 4) = self.digits(at + 2)? else {
            return None;
        };
        let is_year = LIKELY_YEARS.contains(&year) && !self.goes_on(at + 3);
        is_year.then_some((
            Period::Month(Year::Known(year as i16), Month::Known(month as u8)),
            at + 3,
        ))
    }

    /// Reads `1990s`, `the 90s`, `'90s`, `the nineties`.
    pub fn decade(&self, at: usize) -> Read<Period> {
        let has_mark = matches!(self.kind(at), Kind::Mark('\'' | '’'));
        let start = at + usize::from(has_mark);
        // `in '98`
        if has_mark
            && self.is_led_to_year(at)
            && let Some((year, end)) = self.short_year(at)
            && !self.is_part_of_number(end)
        {
            return Some((Period::Year(Year::Known(year)), end));
        }
        if let (Some(Word::Cardinal(century @ 10..=20)), Some(Word::Decades(decade))) =
            (self.word(start), self.word(start + 1))
        {
            return Some((
                Period::Decade((century * 100) as i16 + i16::from(decade)),
                start + 2,
            ));
        }
        if let Some(Word::Decades(decade)) = self.word(start) {
            let is_led = matches!(
                at.checked_sub(1).and_then(|before| self.word(before)),
                Some(Word::The)
            );
            return (is_led && !self.is(start + 1, Word::Ad))
                .then_some((Period::Decade(i16::from(decade)), start + 1));
        }
        let (value, digits) = self.digits(start)?;
        let plural = match self.kind(start + 1) {
            Kind::Mark('\'' | '’') => start + 2,
            _ => start + 1,
        };
        let is_plural = self.letters_are(plural, "s")
            && self.is_glued(plural)
            && self.is_glued(start + 1)
            && !self.is_glued_word(plural + 1);
        if !is_plural || value % 10 != 0 {
            return None;
        }
        match digits {
            // `the 1800s` are the century.
            4 if value % 100 == 0 && (1000..2000).contains(&value) => {
                Some((Period::Century(value as i16 / 100 + 1), plural + 1))
            }
            4 if (1000..2100).contains(&value) => Some((Period::Decade(value as i16), plural + 1)),
            2 if value >= 10
                && (has_mark
                    || self.is(at.wrapping_sub(1), Word::The)
                    || matches!(
                        self.word(at.wrapping_sub(1)),
                        Some(Word::Early | Word::Late | Word::Mid)
                    )) =>
            {
                Some((Period::Decade(value as i16), plural + 1))
            }
            _ => None,
        }
    }

    fn is_glued_word(&self, at: usize) -> bool {
        self.is_glued(at) && !matches!(self.kind(at), Kind::Mark(_))
    }

    /// Reads `fiscal year 2008`, `FY2019`, `cy 2008`.
    pub fn named_year(&self, at: usize, step: Year) -> Read<Period> {
        let named = match self.word(at)? {
            Word::Fiscal => Some(NamedYear::Fiscal),
            Word::School => Some(NamedYear::School),
            Word::Calendar => None,
            _ => return None,
        };
        let is_sign = self.letters(at).len() == 2;
        let has_year = self.is(at + 1, Word::Unit(Unit::Year, false));
        let end = at + 1 + usize::from(has_year);
        let is_fiscal = named == Some(NamedYear::Fiscal) && self.year(at + 1).is_some();
        if !is_sign && !has_year && !is_fiscal {
            return None;
        }
        let short = || {
            self.short_year(end)
                .filter(|(_, behind)| is_sign && !self.is_part_of_number(*behind))
        };
        let known = self.year(self.skip(end, Word::Of)).or_else(short);
        let (year, end) = match known {
            Some((year, end)) => (Year::Known(year), end),
            None if step != Year::Unsaid => (step, end),
            None => return None,
        };
        Some((
            named.map_or(Period::Year(year), |named| Period::NamedYear(named, year)),
            end,
        ))
    }

    /// `mid-2020`
    fn follows_portion(&self, mark: usize) -> bool {
        let before = mark.checked_sub(1).and_then(|before| self.word(before));
        self.is_mark(mark, '-') && matches!(before, Some(Word::Early | Word::Mid | Word::Late))
    }

    /// Reads `AD 79`.
    pub fn era(&self, at: usize) -> Read<Period> {
        if let Some((year @ 1.., 1..=4)) = self.digits(at) {
            let year = match self.letters(at + 1) {
                "BC" | "BCE" => -(year as i16),
                "AD" | "CE" => year as i16,
                _ => return None,
            };
            return Some((Period::Year(Year::Known(year)), at + 2));
        }
        let is_sign = self.letters(at) == "AD";
        let (year, 1..=4) = self.digits(at + 1)? else {
            return None;
        };
        (is_sign && year > 0 && !self.is_part_of_number(at + 2))
            .then_some((Period::Year(Year::Known(year as i16)), at + 2))
    }
}
