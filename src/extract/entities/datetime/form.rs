//! Normal forms of days, periods and moments; what nothing says or resolves stays symbolic.

use super::holiday;
use super::iso::{
    clock_text, duration, hours, moment_text, plain_year, season_code, step_text, week_text,
};
use super::resolve::{Resolver, week_of};
use super::value::{Amount, Anchor, Count, Day, Edge, Month, NamedYear, Period, Shift, Unit, Year};

impl Resolver {
    pub fn edge(self, edge: Edge) -> String {
        match edge {
            Edge::Day(day) => self.day_text(day),
            Edge::Clock(clock) => clock_text(clock),
            Edge::DayPart(part) => {
                let (start, end) = hours(part);
                format!("T{start:02}/T{end:02}")
            }
            Edge::Moment(day, clock) => format!("{}{}", self.day_text(day), clock_text(clock)),
            Edge::DayPartOf(day, part) => {
                let (start, end) = hours(part);
                let day = self.day_text(day);
                format!("{day}T{start:02}/{day}T{end:02}")
            }
            Edge::Clocks(from, to) => format!("{}/{}", clock_text(from), clock_text(to)),
            Edge::ClocksOf(day, from, to) => {
                let is_past_midnight =
                    (to.hour, to.minute) < (from.hour, from.minute) && !to.is_open;
                let next = self
                    .day(day)
                    .filter(|_| is_past_midnight)
                    .and_then(|day| day.tomorrow().ok());
                let day = self.day_text(day);
                let last = next.map_or_else(|| day.clone(), |next| next.to_string());
                format!("{day}{}/{last}{}", clock_text(from), clock_text(to))
            }
            Edge::Shift(shift) => match self.moment(shift) {
                Some(moment) => moment_text(moment),
                None => self.shift_text(shift),
            },
            Edge::Now => self.reference_text(),
            Edge::Period(period) => self.period_text(period),
        }
    }

    pub fn reference_text(self) -> String {
        self.reference.map_or_else(|| "REF".to_owned(), moment_text)
    }

    fn shift_text(self, shift: Shift) -> String {
        let sign = if shift.forward { '+' } else { '-' };
        format!(
            "{}{sign}{}",
            self.anchor_text(shift.from),
            duration(shift.amount)
        )
    }

    pub fn anchor_text(self, anchor: Anchor) -> String {
        if let Some(day) = self.anchor(anchor) {
            return day.to_string();
        }
        match anchor {
            Anchor::Reference => "REF".to_owned(),
            Anchor::Step(step) => step_text(step, "D"),
            Anchor::Calendar(_, 0, day) => format!("XXXX-XX-{day:02}"),
            Anchor::Calendar(year, month, day) => {
                format!("{}-{month:02}-{day:02}", self.year_text(year))
            }
            Anchor::Weekday(weekday, None) => format!("XXXX-WXX-{weekday}"),
            Anchor::Weekday(weekday, Some(week)) => format!("{}-{weekday}", step_text(week, "W")),
            Anchor::Holiday(holiday, year) => self.day_text(Day::Holiday(holiday, year)),
        }
    }

    fn year_text(self, year: Year) -> String {
        match (self.year(year), year) {
            (Some(year), _) => plain_year(year),
            (None, Year::Step(step)) => step_text(step, "Y"),
            (None, _) => "XXXX".to_owned(),
        }
    }

    fn month_text(self, year: Year, month: Month) -> String {
        match month {
            Month::Unsaid => format!("{}-XX", self.year_text(year)),
            Month::Known(month) => format!("{}-{month:02}", self.year_text(year)),
            Month::Step(step) => match self.period(Period::Month(year, month)) {
                Some((first, _)) => format!("{}-{:02}", plain_year(first.year()), first.month()),
                None => step_text(step, "M"),
            },
        }
    }

    pub fn day_text(self, day: Day) -> String {
        if let Some(day) = self.day(day) {
            return day.to_string();
        }
        match day {
            Day::Calendar {
                year, month, day, ..
            } => format!("{}-{day:02}", self.month_text(year, month)),
            Day::Weekday { weekday, week } => self.anchor_text(Anchor::Weekday(weekday, week)),
            Day::Coming(weekday) => format!("REF>{weekday}"),
            Day::Nth { nth, year, month } => {
                let whole = if month == Month::Unsaid {
                    self.year_text(year)
                } else {
                    self.month_text(year, month)
                };
                format!("{whole}#{nth}")
            }
            Day::NthWeekday {
                nth,
                weekday,
                year,
                month,
            } => format!("{}#{nth}-{weekday}", self.month_text(year, month)),
            Day::Step(step) => step_text(step, "D"),
            Day::Shift(shift) => self.shift_text(shift),
            Day::Holiday(holiday, year) => {
                let year = self.year_text(year);
                match holiday::fixed(holiday) {
                    Some((month, day)) => format!("{year}-{month:02}-{day:02}"),
                    None => format!("{year}-{}", holiday::key(holiday)),
                }
            }
            Day::Spoken => "XXXX-XX-XX".to_owned(),
        }
    }

    fn period_text(self, period: Period) -> String {
        match period {
            Period::Year(year) => self.year_text(year),
            Period::Month(year, month) => self.month_text(year, month),
            Period::Quarter(year, number) => format!("{}-Q{number}", self.year_text(year)),
            Period::Half(year, number) => format!("{}-H{number}", self.year_text(year)),
            Period::Season(year, season) => {
                format!("{}-{}", self.year_text(year), season_code(season))
            }
            Period::Decade(first) if first < 100 => format!("XX{}X", first / 10),
            Period::Decade(first) => format!("{}X", first / 10),
            Period::Century(number) if number > 0 => format!("{:02}XX", number - 1),
            Period::Century(number) => format!("-{:02}XX", -number - 1),
            Period::Week(year, week) => format!("{}-W{week:02}", self.year_text(year)),
            Period::WeekOfMonth(year, month, week) if week < 0 => {
                format!("{}-W#{week}", self.month_text(year, month))
            }
            Period::WeekOfMonth(year, month, week) => {
                format!("{}-W{week:02}", self.month_text(year, month))
            }
            Period::WeekOf(anchor) => match self.anchor(anchor).and_then(week_of) {
                Some((monday, _)) => week_text(monday),
                None => format!("week({})", self.anchor_text(anchor)),
            },
            Period::NamedYear(NamedYear::Fiscal, year) => format!("FY{}", self.year_text(year)),
            Period::NamedYear(NamedYear::School, year) => format!("SY{}", self.year_text(year)),
            Period::Step(unit, step) => self.unit_text(unit, step, period),
            Period::Run {
                unit,
                count,
                forward,
            } => {
                let amount = Amount::one(
                    count.map_or(Count::Some, |count| Count::whole(u32::from(count))),
                    unit,
                );
                let reference = if unit.is_of_clock() {
                    self.reference_text()
                } else {
                    self.anchor_text(Anchor::Reference)
                };
                if forward {
                    format!("{reference}/{}", duration(amount))
                } else {
                    format!("{}/{reference}", duration(amount))
                }
            }
            Period::Edge {
                count,
                unit,
                first,
                year,
                month,
            } => {
                if let Some((start, end)) = self.period(period) {
                    return format!("{start}/{end}");
                }
                let whole = if month == Month::Unsaid {
                    self.year_text(year)
                } else {
                    self.month_text(year, month)
                };
                let amount = duration(Amount::one(Count::whole(u32::from(count)), unit));
                format!("{}({whole},{amount})", if first { "first" } else { "last" })
            }
            Period::HolidayWeekend(holiday, year) => match self.period(period) {
                Some((saturday, _)) => format!("{}-WE", week_text(saturday)),
                None => format!("weekend({})", self.day_text(Day::Holiday(holiday, year))),
            },
            Period::Spoken(unit) => match unit {
                Unit::Week | Unit::WorkWeek | Unit::Fortnight => "XXXX-WXX".to_owned(),
                Unit::Weekend => "XXXX-WXX-WE".to_owned(),
                Unit::Month => "XXXX-XX".to_owned(),
                Unit::Quarter => "XXXX-QX".to_owned(),
                _ => "XXXX".to_owned(),
            },
        }
    }

    /// Writes a unit that is so many from this one as the calendar names it.
    fn unit_text(self, unit: Unit, step: i32, period: Period) -> String {
        let code = match unit {
            Unit::Second => "S",
            Unit::Minute => "MIN",
            Unit::Hour => "H",
            Unit::Night | Unit::Day | Unit::Weekday | Unit::BusinessDay => "D",
            Unit::Week => "W",
            Unit::WorkWeek => "WW",
            Unit::Weekend => "WE",
            Unit::Fortnight => "FN",
            Unit::Month => "M",
            Unit::Quarter => "Q",
            Unit::Year => "Y",
            Unit::Decade => "DE",
            Unit::Century => "CE",
            Unit::Millennium => "ML",
        };
        if unit.is_of_clock() && step != 0 {
            let amount = duration(Amount::one(Count::whole(step.unsigned_abs()), unit));
            let reference = self.reference_text();
            return if step > 0 {
                format!("{reference}/{amount}")
            } else {
                format!("{amount}/{reference}")
            };
        }
        let Some((start, end)) = self.period(period) else {
            return step_text(step, code);
        };
        match unit {
            Unit::Week => week_text(start),
            Unit::Weekend => format!("{}-WE", week_text(start)),
            Unit::Month => format!("{}-{:02}", plain_year(start.year()), start.month()),
            Unit::Quarter => format!("{}-Q{}", plain_year(start.year()), (start.month() + 2) / 3),
            Unit::Year => plain_year(start.year()),
            Unit::Decade => format!("{}X", start.year() / 10),
            Unit::Century => format!("{:02}XX", start.year() / 100),
            _ => format!("{start}/{end}"),
        }
    }
}
