//! Ranges and what is open at one end: `from May to July`, `2014–2018`, `since last week`, `within 2 days`.

use super::day::{Read, longer};
use super::edge::is_of_calendar;
use super::lexicon::{Trust, Word};
use super::number::LIKELY_YEARS;
use super::token::{Kind, Phrase};
use super::value::{Day, Edge, Month, Period, Unit, Value, Year};

impl Phrase<'_> {
    /// Reads a range with both its ends.
    pub fn range(&self, at: usize) -> Read<Value> {
        let is_between = self.is(at, Word::Between);
        let is_led = is_between || self.is(at, Word::From);
        let start = at + usize::from(is_led);
        let read = longer(
            self.day_numbers(start, is_led, is_between),
            self.month_with_days(at),
        );
        let read = longer(read, self.years(start, is_led, is_between));
        let read = longer(read, self.months(start, is_between));
        let read = longer(read, self.edges(start, is_led, is_between));
        longer(read, self.weekdays_of_week(at))
    }

    /// Reads `A to B` where both say enough by themselves, or one lends the other its month or year.
    fn edges(&self, start: usize, is_led: bool, is_between: bool) -> Read<Value> {
        let (from, end) = self.range_edge(start)?;
        let joint = self.joint(end, is_between)?;
        let is_dashed = self.is_dash(joint - 1);
        let (to, behind) = match self.range_edge(joint) {
            // `Mon-Fri 9am-5pm`: the hours are of all the days.
            Some((to, _))
                if !is_led
                    && matches!(from, Edge::Day(Day::Weekday { .. }))
                    && matches!(
                        to,
                        Edge::ClocksOf(..) | Edge::Moment(..) | Edge::DayPartOf(..)
                    ) =>
            {
                let (day, end) = self.day(joint)?;
                (Edge::Day(day), end)
            }
            Some(read) => read,
            None => self.number_behind(from, joint, is_led)?,
        };
        // `2024-03/12` is no range from a year to a day.
        if is_dashed && matches!(from, Edge::Period(Period::Year(_))) && matches!(to, Edge::Day(_))
        {
            return None;
        }
        let is_timed = |edge| !is_of_calendar(edge);
        // Two times of day without a day are a matter of clocks.
        if matches!(
            (from, to),
            (Edge::Clock(_) | Edge::DayPart(_), Edge::Clock(_))
        ) && !matches!(from, Edge::DayPart(_))
        {
            return None;
        }
        let is_loose = !is_led
            && (matches!(from, Edge::Clock(_) | Edge::Now | Edge::DayPart(_))
                || is_timed(from) != is_timed(to) && is_dashed && to != Edge::Now);
        if is_loose && !matches!(to, Edge::Moment(..)) {
            return None;
        }
        if !is_led
            && !is_dashed
            && matches!(from, Edge::Period(Period::Year(_)))
            && !matches!(to, Edge::Period(_) | Edge::Day(_) | Edge::Now)
        {
            return None;
        }
        Some((lend(from, to), behind))
    }

    /// Reads `May to March`, `Jan - Feb 2016`, where the other month says that both are months.
    pub fn months(&self, start: usize, is_between: bool) -> Read<Value> {
        let month = |at: usize| {
            let ((month, trust), end) = self.month(at)?;
            let pointed = end
                + usize::from(
                    self.is_mark(end, '.') && self.is_glued(end) && self.letters(at).len() <= 4,
                );
            let year = self.year(self.skip_mark(pointed, ','));
            let (year, end) =
                year.map_or((Year::Unsaid, end), |(year, end)| (Year::Known(year), end));
            let end = if year == Year::Unsaid && self.joint(pointed, is_between).is_some() {
                pointed
            } else {
                end
            };
            (trust != Trust::Foreign).then_some((Period::Month(year, Month::Known(month)), end))
        };
        let (from, end) = month(start)?;
        let (to, end) = month(self.joint(end, is_between)?)?;
        let is_day = self.day_number(end).is_some_and(|(_, behind)| behind > end)
            && self.year(end).is_none();
        let is_name =
            self.is_capital(start) || is_between || self.is(start.wrapping_sub(1), Word::From);
        (is_name && !is_day).then_some((lend(Edge::Period(from), Edge::Period(to)), end))
    }

    /// Reads an end of a range, with the part of it that is meant.
    fn range_edge(&self, at: usize) -> Read<Edge> {
        let year = self.year(at).filter(|(year, end)| {
            self.digits(at).is_some()
                && LIKELY_YEARS.contains(&u32::from(year.unsigned_abs()))
                && !self.is_part_of_number(*end)
                && self.unit(*end).is_none()
        });
        let year = year.map(|(year, end)| (Edge::Period(Period::Year(Year::Known(year))), end));
        let read = longer(self.edge(at), year);
        let read = longer(
            read,
            self.slashed_day(at).map(|(day, end)| (Edge::Day(day), end)),
        );
        if let Some((portion, start)) = self.portion(self.skip(at, Word::The))
            && let Some((period, end)) = self.portioned(start, portion)
        {
            return longer(read, Some((Edge::Period(period), end)));
        }
        read
    }

    /// Reads the number of a day, or a time of day, behind the joint: `April 9th through 17th`, `Monday to 5`.
    fn number_behind(&self, from: Edge, at: usize, is_led: bool) -> Read<Edge> {
        match from {
            Edge::Day(Day::Calendar { year, month, .. })
                if year == Year::Unsaid || !self.is_dash(at - 1) =>
            {
                let (day, end) = self.day_number(self.skip(at, Word::The))?;
                if self.is_part_of_number(end) {
                    return None;
                }
                let (year, end) = match self
                    .year(self.skip_mark(end, ','))
                    .filter(|_| year == Year::Unsaid)
                {
                    Some((year, end)) => (Year::Known(year), end),
                    None => (year, end),
                };
                Some((Edge::Day(Day::calendar(year, month, day)), end))
            }
            Edge::Moment(..) => {
                let (clock, end) = self.clock(at).or_else(|| self.bare_clock(at))?;
                (self.ends_clause(end) || is_led || self.clock(at).is_some())
                    .then_some((Edge::Clock(clock), end))
            }
            Edge::Period(Period::Month(Year::Unsaid | Year::Known(_), _) | Period::Year(_))
                if self.is(at, Word::Date) =>
            {
                Some((Edge::Now, at + 1))
            }
            _ => None,
        }
    }

    /// Reads `from 3 until 12 of Sept`, `4-22 January 2017`, `between 4 and 22 this month`.
    fn day_numbers(&self, start: usize, is_led: bool, is_between: bool) -> Read<Value> {
        let (first, end) = self.day_number(self.skip(start, Word::The))?;
        // `12.–14. Juni`
        let end = end + usize::from(self.is_mark(end, '.') && self.is_dash(end + 1));
        let joint = self.joint(end, is_between)?;
        let next = self.skip(joint, Word::The);
        let read = self
            .dated(next)
            .or_else(|| self.spoken_days(start, next, is_led))
            .or_else(|| {
                let (day, end) = self.day_number(next)?;
                let (step, behind) =
                    self.direction(self.skip(self.skip(end, Word::Of), Word::The))?;
                let is_month = self.is(behind, Word::Unit(Unit::Month, false)) && is_led;
                let (year, month) = (Year::Step(0), Month::Step(step));
                is_month.then_some((Day::calendar(year, month, day), behind + 1))
            })?;
        let (
            Day::Calendar {
                year,
                month,
                day,
                swaps: false,
                ..
            },
            end,
        ) = read
        else {
            return None;
        };
        let is_numeric =
            matches!(self.kind(next + 1), Kind::Mark('/' | '.')) && self.digits(next + 2).is_some();
        if is_numeric {
            return None;
        }
        // `from the 27th to the third of April`: the first is in the month before.
        let (year, month) = match (year, month) {
            (Year::Known(year), Month::Known(1)) if first > day => {
                (Year::Known(year - 1), Month::Known(12))
            }
            (year, Month::Known(month)) if first > day => {
                (year, Month::Known((month + 10) % 12 + 1))
            }
            read => read,
        };
        let from = Day::calendar(year, month, first);
        Some((Value::Between(Edge::Day(from), Edge::Day(read.0)), end))
    }

    /// Reads the end of `from the 5th to the 7th`, of a month that is not said.
    fn spoken_days(&self, start: usize, next: usize, is_led: bool) -> Read<Day> {
        let (day, end) = self.ordinal(next).filter(|(day, _)| *day <= 31)?;
        let is_first = is_led && self.ordinal(self.skip(start, Word::The)).is_some();
        let is_day = is_first && self.ends_clause(end);
        is_day.then(|| (Day::calendar(Year::Unsaid, Month::Unsaid, day as u8), end))
    }

    /// Reads `November between 19 and 20`, `Feb 2-7 2018`.
    fn month_with_days(&self, at: usize) -> Read<Value> {
        let ((month, _), end) = self.month(at)?;
        let is_between = self.is(end, Word::Between);
        let start = self.skip(
            end + usize::from(is_between || self.is(end, Word::From)),
            Word::The,
        );
        let (first, end) = self.day_number(start)?;
        let joint = self.joint(end, is_between)?;
        let (last, end) = self.day_number(self.skip(joint, Word::The))?;
        if last <= first || self.is_part_of_number(end) || self.is_dash(end) && self.is_glued(end) {
            return None;
        }
        let year = self.year(self.skip_mark(end, ','));
        let (year, end) = year.map_or((Year::Unsaid, end), |(year, end)| (Year::Known(year), end));
        let day = |day| Edge::Day(Day::calendar(year, Month::Known(month), day));
        Some((Value::Between(day(first), day(last)), end))
    }

    /// Reads `2014-2018`, `2014/15`, `between 2014 and 2018`.
    pub fn years(&self, start: usize, is_led: bool, is_between: bool) -> Read<Value> {
        let (first, end) = self.year(start)?;
        let is_slash = self.is_mark(end, '/') && self.is_glued(end);
        let joint = if is_slash {
            end + 1
        } else {
            self.joint(end, is_between)?
        };
        let (last, behind) = match self.digits(joint)? {
            (last, 4) if !is_slash => (i16::try_from(last).ok()?, joint + 1),
            (last, 2) if self.is_glued(joint) && is_short_range(first, last, is_slash) => {
                (first / 100 * 100 + last as i16, joint + 1)
            }
            _ => return None,
        };
        let is_range = first < last
            && last < 2200
            && (is_led
                || LIKELY_YEARS.contains(&u32::from(first.unsigned_abs()))
                || last - first < 150 && !self.is(end, Word::To));
        if !is_range
            || self.is_part_of_number(behind)
            || self.is_dash(behind) && self.is_glued(behind)
            || self.unit(behind).is_some()
        {
            return None;
        }
        let year = |year| Edge::Period(Period::Year(Year::Known(year)));
        Some((Value::Between(year(first), year(last)), behind))
    }

    /// Reads `next week between Wednesday and Friday`.
    fn weekdays_of_week(&self, at: usize) -> Read<Value> {
        let (step, end) = self.direction(at)?;
        if !self.is(end, Word::Unit(Unit::Week, false)) {
            return None;
        }
        let is_between = self.is(end + 1, Word::Between);
        let start = end + 1 + usize::from(is_between || self.is(end + 1, Word::From));
        let (first, end) = self.weekday(start)?;
        let (last, end) = self.weekday(self.joint(end, is_between)?)?;
        let day = |weekday| {
            Edge::Day(Day::Weekday {
                weekday,
                week: Some(step),
            })
        };
        Some((Value::Between(day(first), day(last)), end))
    }
}

/// Says whether two digits end a range of years: the next year, or one that can be no month.
fn is_short_range(first: i16, last: u32, is_slash: bool) -> bool {
    let first = u32::from(first.unsigned_abs()) % 100;
    first + 1 == last || last > 12 && last > first && !is_slash
}

/// Takes the order of day and month from the other end, where only that one is sure: `12/06/21–14/06/21`.
fn in_order_of(edge: Edge, other: Edge) -> Edge {
    match (edge, other) {
        (
            Edge::Day(Day::Calendar {
                year,
                month: Month::Known(month),
                day,
                swaps: true,
                weekday,
            }),
            Edge::Day(Day::Calendar {
                month: Month::Known(of_other),
                swaps: false,
                ..
            }),
        ) if day == of_other && month != of_other => Edge::Day(Day::Calendar {
            year,
            month: Month::Known(day),
            day: month,
            swaps: false,
            weekday,
        }),
        _ => edge,
    }
}

/// Gives each end of a range what only the other says.
fn lend(from: Edge, to: Edge) -> Value {
    let (from, to) = (in_order_of(from, to), in_order_of(to, from));
    let year_of = |edge| match edge {
        Edge::Day(Day::Calendar { year, .. })
        | Edge::Period(Period::Month(year, _) | Period::Quarter(year, _) | Period::Week(year, _)) => {
            year
        }
        _ => Year::Unsaid,
    };
    let with_year = |edge, with: Year| match edge {
        Edge::Day(Day::Calendar {
            year: Year::Unsaid,
            month,
            day,
            swaps,
            weekday,
        }) => Edge::Day(Day::Calendar {
            year: with,
            month,
            day,
            swaps,
            weekday,
        }),
        Edge::Period(Period::Month(Year::Unsaid, month)) => {
            Edge::Period(Period::Month(with, month))
        }
        Edge::Period(Period::Quarter(Year::Unsaid, number)) => {
            Edge::Period(Period::Quarter(with, number))
        }
        edge => edge,
    };
    let month_of = |edge| match edge {
        Edge::Day(Day::Calendar {
            month: Month::Known(month),
            ..
        })
        | Edge::Period(Period::Month(_, Month::Known(month))) => month,
        _ => 0,
    };
    let (month, last) = (month_of(from), month_of(to));
    if month <= last {
        if let year @ Year::Known(_) = year_of(to) {
            return Value::Between(with_year(from, year), to);
        }
    } else if let Year::Known(year) = year_of(to) {
        return Value::Between(with_year(from, Year::Known(year - 1)), to);
    }
    if let year @ Year::Known(_) = year_of(from)
        && month <= last
    {
        return Value::Between(from, with_year(to, year));
    }
    Value::Between(from, to)
}
