//! What days and periods come to in the calendar, counted from a reference time where they need one.
//!
//! What the calendar does not have (year 10000, a fifth Friday that is none) comes to nothing and keeps its
//! symbolic form; nothing here can overflow.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan};

use super::holiday;
use super::period::decade_of;
use super::value::{Amount, Anchor, Count, Day, Month, Period, Season, Shift, Unit, Year};

/// The first and the last day of something.
pub(super) type Days = (Date, Date);

/// Counts from a reference time, if there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver {
    pub reference: Option<DateTime>,
}

impl Resolver {
    fn today(self) -> Option<Date> {
        self.reference.map(DateTime::date)
    }

    pub fn year(self, year: Year) -> Option<i16> {
        match year {
            Year::Unsaid => None,
            Year::Known(year) => (-9999..=9999).contains(&year).then_some(year),
            Year::Step(step) => self.today()?.checked_add(step.years()).ok().map(Date::year),
        }
    }

    /// Returns the first day of a month.
    pub fn month(self, year: Year, month: Month) -> Option<Date> {
        match month {
            Month::Unsaid => None,
            Month::Known(month) => Date::new(self.year(year)?, month as i8, 1).ok(),
            Month::Step(step) => self
                .today()?
                .first_of_month()
                .checked_add(step.months())
                .ok(),
        }
    }

    pub fn day(self, day: Day) -> Option<Date> {
        match day {
            Day::Calendar {
                year, month, day, ..
            } => {
                let first = self.month(year, month)?;
                Date::new(first.year(), first.month(), day as i8).ok()
            }
            Day::Weekday { weekday, week } => self.weekday(weekday, week?),
            Day::Coming(weekday) => {
                let today = self.today()?;
                let days =
                    (i64::from(weekday) - i64::from(today.weekday().to_monday_one_offset()) - 1)
                        .rem_euclid(7)
                        + 1;
                today.checked_add(days.days()).ok()
            }
            Day::Nth { nth, year, month } => {
                let (start, end) = match month {
                    Month::Unsaid => years(self.year(year)?, 1)?,
                    month => months(self.month(year, month)?, 1)?,
                };
                let day = if nth > 0 {
                    start.checked_add(i64::from(nth - 1).days())
                } else {
                    Ok(end)
                };
                day.ok().filter(|day| *day <= end)
            }
            Day::NthWeekday {
                nth,
                weekday,
                year,
                month,
            } => self
                .month(year, month)?
                .nth_weekday_of_month(nth, day_of_week(weekday)?)
                .ok(),
            Day::Step(step) => self.today()?.checked_add(step.days()).ok(),
            Day::Shift(shift) => {
                let start = self
                    .anchor(shift.from)?
                    .to_datetime(jiff::civil::Time::midnight());
                shifted(start, shift).map(DateTime::date)
            }
            Day::Holiday(holiday, year) => holiday::in_year(holiday, self.year(year)?),
            Day::Spoken => None,
        }
    }

    pub fn weekday(self, weekday: u8, week: i32) -> Option<Date> {
        let monday = self.week(week)?.0;
        monday.checked_add(i64::from(weekday - 1).days()).ok()
    }

    pub fn week(self, step: i32) -> Option<Days> {
        let today = self.today()?;
        let monday = week_of(today)?.0.checked_add(step.weeks()).ok()?;
        week_of(monday)
    }

    pub fn anchor(self, anchor: Anchor) -> Option<Date> {
        match anchor {
            Anchor::Reference => self.today(),
            Anchor::Step(step) => self.day(Day::Step(step)),
            Anchor::Calendar(year, month, day) => {
                Date::new(self.year(year)?, month as i8, day as i8).ok()
            }
            Anchor::Weekday(weekday, week) => self.weekday(weekday, week?),
            Anchor::Holiday(holiday, year) => holiday::in_year(holiday, self.year(year)?),
        }
    }

    /// Returns the moment that a shift of hours, minutes or seconds leads to.
    pub fn moment(self, shift: Shift) -> Option<DateTime> {
        let start = match shift.from {
            Anchor::Reference => self.reference?,
            anchor => self
                .anchor(anchor)?
                .to_datetime(jiff::civil::Time::midnight()),
        };
        shifted(start, shift)
    }

    /// Returns the last such day before the reference and the next one from it on, where no year is said.
    pub fn candidates(self, day: Day) -> Option<Days> {
        let today = self.today()?;
        match day {
            Day::Calendar {
                year: Year::Unsaid,
                month: Month::Known(month),
                day,
                ..
            } => {
                let near = |step: i16| {
                    (0..9).find_map(|years| {
                        let date = Date::new(
                            today.year().checked_add(step * years)?,
                            month as i8,
                            day as i8,
                        )
                        .ok()?;
                        let fits = if step < 0 {
                            date < today
                        } else {
                            date >= today
                        };
                        fits.then_some(date)
                    })
                };
                Some((near(-1)?, near(1)?))
            }
            Day::Weekday {
                weekday,
                week: None,
            } => {
                let on = (i64::from(weekday) - i64::from(today.weekday().to_monday_one_offset()))
                    .rem_euclid(7);
                let next = today.checked_add(on.days()).ok()?;
                Some((next.checked_sub(1.week()).ok()?, next))
            }
            Day::Holiday(holiday, Year::Unsaid) => {
                let in_year =
                    |step: i16| holiday::in_year(holiday, today.year().checked_add(step)?);
                let this = in_year(0)?;
                Some(if this < today {
                    (this, in_year(1)?)
                } else {
                    (in_year(-1)?, this)
                })
            }
            _ => None,
        }
    }

    pub fn period(self, period: Period) -> Option<Days> {
        match period {
            Period::Year(year) => years(self.year(year)?, 1),
            Period::Month(year, month) => months(self.month(year, month)?, 1),
            Period::Quarter(year, number) => months(
                Date::new(self.year(year)?, (number as i8 - 1) * 3 + 1, 1).ok()?,
                3,
            ),
            Period::Half(year, number) => months(
                Date::new(self.year(year)?, (number as i8 - 1) * 6 + 1, 1).ok()?,
                6,
            ),
            Period::Season(year, season) => {
                let month = match season {
                    Season::Spring => 3,
                    Season::Summer => 6,
                    Season::Autumn => 9,
                    Season::Winter => 12,
                };
                months(Date::new(self.year(year)?, month, 1).ok()?, 3)
            }
            Period::Decade(first) => years(decade_of(first), 10),
            Period::Century(number) => years(century(number)?, 100),
            Period::Week(year, week) => week_of_year(self.year(year)?, week),
            Period::WeekOfMonth(year, month, week) => {
                let first = self.month(year, month)?;
                if week < 0 {
                    return week_of(first.last_of_month());
                }
                let monday = week_of(first.checked_add(3.days()).ok()?)?.0;
                week_of(monday)
                    .and_then(|_| week_from(monday.checked_add(i64::from(week - 1).weeks()).ok()?))
            }
            Period::WeekOf(anchor) => week_of(self.anchor(anchor)?),
            Period::NamedYear(..) | Period::Spoken(_) => None,
            Period::Step(unit, step) => self.step(unit, step),
            Period::Run {
                unit,
                count,
                forward,
            } => {
                let today = self.today()?;
                let amount = Amount::one(Count::whole(u32::from(count?)), unit);
                let from = today.to_datetime(jiff::civil::Time::midnight());
                let other = shifted(
                    from,
                    Shift {
                        amount,
                        forward,
                        from: Anchor::Reference,
                    },
                )?
                .date();
                Some(if forward {
                    (today, other)
                } else {
                    (other, today)
                })
            }
            Period::Edge {
                count,
                unit,
                first,
                year,
                month,
            } => {
                let (start, end) = match month {
                    Month::Unsaid => years(self.year(year)?, 1)?,
                    month => months(self.month(year, month)?, 1)?,
                };
                let amount = Amount::one(Count::whole(u32::from(count)), unit);
                let move_from = |day: Date, forward| {
                    let from = day.to_datetime(jiff::civil::Time::midnight());
                    shifted(
                        from,
                        Shift {
                            amount,
                            forward,
                            from: Anchor::Reference,
                        },
                    )
                    .map(DateTime::date)
                };
                if first {
                    Some((start, move_from(start, true)?.yesterday().ok()?))
                } else {
                    Some((move_from(end, false)?.tomorrow().ok()?, end))
                }
            }
            Period::HolidayWeekend(holiday, year) => {
                let day = holiday::in_year(holiday, self.year(year)?)?;
                let monday = week_of(day.checked_sub(1.day()).ok()?)?.0;
                Some((
                    monday.checked_add(5.days()).ok()?,
                    monday.checked_add(6.days()).ok()?,
                ))
            }
        }
    }

    fn step(self, unit: Unit, step: i32) -> Option<Days> {
        let today = self.today()?;
        match unit {
            Unit::Week => self.week(step),
            Unit::WorkWeek => {
                let monday = self.week(step)?.0;
                Some((monday, monday.checked_add(4.days()).ok()?))
            }
            Unit::Weekend => {
                let sunday = self.week(step)?.1;
                Some((sunday.yesterday().ok()?, sunday))
            }
            Unit::Fortnight => {
                let start = today
                    .checked_add(14.days().checked_mul(i64::from(step)).ok()?)
                    .ok()?;
                Some((start, start.checked_add(13.days()).ok()?))
            }
            Unit::Month => months(self.month(Year::Unsaid, Month::Step(step))?, 1),
            Unit::Quarter => {
                let first = Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?;
                months(first.checked_add(step.checked_mul(3)?.months()).ok()?, 3)
            }
            Unit::Year => years(self.year(Year::Step(step))?, 1),
            Unit::Decade => years(
                today
                    .year()
                    .div_euclid(10)
                    .checked_mul(10)?
                    .checked_add(i16::try_from(step.checked_mul(10)?).ok()?)?,
                10,
            ),
            Unit::Century => years(
                (today.year() - 1)
                    .div_euclid(100)
                    .checked_mul(100)?
                    .checked_add(i16::try_from(step.checked_mul(100)?).ok()?)?
                    .checked_add(1)?,
                100,
            ),
            Unit::Millennium => {
                years((today.year() - 1) / 1000 * 1000 + 1, 1000).filter(|_| step == 0)
            }
            Unit::Day | Unit::BusinessDay | Unit::Weekday | Unit::Night => {
                let day = today.checked_add(step.days()).ok()?;
                Some((day, day))
            }
            Unit::Hour | Unit::Minute | Unit::Second => None,
        }
    }
}

/// Returns the first year of a century; the first century before Christ is -1.
fn century(number: i16) -> Option<i16> {
    if number > 0 {
        number.checked_sub(1)?.checked_mul(100)?.checked_add(1)
    } else {
        number.checked_mul(100)?.checked_add(1)
    }
}

fn years(first: i16, count: i16) -> Option<Days> {
    let start = Date::new(first, 1, 1).ok()?;
    let last = Date::new(first.checked_add(count)?.checked_sub(1)?, 12, 31).ok()?;
    Some((start, last))
}

fn months(first: Date, count: i32) -> Option<Days> {
    let last = first
        .checked_add((count - 1).months())
        .ok()?
        .last_of_month();
    Some((first, last))
}

/// Returns Monday and Sunday of the week of a day.
pub(super) fn week_of(day: Date) -> Option<Days> {
    let monday = day
        .checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
        .ok()?;
    week_from(monday)
}

fn week_from(monday: Date) -> Option<Days> {
    Some((monday, monday.checked_add(6.days()).ok()?))
}

fn week_of_year(year: i16, week: u8) -> Option<Days> {
    let monday = jiff::civil::ISOWeekDate::new(year, week as i8, Weekday::Monday)
        .ok()?
        .date();
    week_from(monday)
}

/// Returns the day of the week by its number in ISO 8601.
fn day_of_week(number: u8) -> Option<Weekday> {
    Weekday::from_monday_one_offset(number as i8).ok()
}

/// Moves a time by an amount, as the calendar counts; work days are counted one by one.
pub(super) fn shifted(start: DateTime, shift: Shift) -> Option<DateTime> {
    shift.amount.parts().try_fold(start, |at, (count, unit)| {
        let Count::Thousandths(count) = count else {
            return None;
        };
        if matches!(unit, Unit::BusinessDay | Unit::Weekday) {
            return work_days(at, count / 1000, shift.forward);
        }
        let span = span_of(i64::try_from(count).ok()?, unit)?;
        if shift.forward {
            at.checked_add(span).ok()
        } else {
            at.checked_sub(span).ok()
        }
    })
}

/// Returns so many thousandths of a unit as a span; parts of months are days of a thirtieth.
fn span_of(thousandths: i64, unit: Unit) -> Option<Span> {
    let seconds = |each: i64| {
        let seconds = thousandths.checked_mul(each)? / 1000;
        // Whole days stay days: the clock keeps its hour.
        if thousandths % 1000 == 0 && each % 86_400 == 0 {
            Span::new().try_days(seconds / 86_400).ok()
        } else {
            Span::new().try_seconds(seconds).ok()
        }
    };
    let months = |each: i64| {
        let all = thousandths.checked_mul(each)?;
        let whole = Span::new().try_months(all / 1000).ok()?;
        whole.try_days(all % 1000 * 30 / 1000).ok()
    };
    match unit {
        Unit::Second => seconds(1),
        Unit::Minute => seconds(60),
        Unit::Hour => seconds(3600),
        Unit::Day | Unit::Night | Unit::BusinessDay | Unit::Weekday => seconds(86_400),
        Unit::Week | Unit::WorkWeek | Unit::Weekend => seconds(7 * 86_400),
        Unit::Fortnight => seconds(14 * 86_400),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1200),
        Unit::Millennium => months(12_000),
    }
}

/// The most work days that are counted.
const MOST_WORK_DAYS: u64 = 5000;

fn work_days(start: DateTime, count: u64, forward: bool) -> Option<DateTime> {
    if count > MOST_WORK_DAYS {
        return None;
    }
    let step = if forward { 1.day() } else { -1.day() };
    let mut at = start;
    let mut left = count;
    while left > 0 {
        at = at.checked_add(step).ok()?;
        left -= u64::from(at.weekday().to_monday_one_offset() <= 5);
    }
    Some(at)
}
