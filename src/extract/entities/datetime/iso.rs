//! The signs of ISO 8601, and of TIMEX3 for what it lacks.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};

use super::holiday;
use super::value::{Amount, Clock, Count, DayPart, Every, PartOfDay, Portion, Season, Set, Unit};

/// Writes a year as ISO 8601 counts: there is a year 0 before the first.
pub(super) fn plain_year(year: i16) -> String {
    if year < 0 {
        format!("-{:04}", -(year + 1))
    } else {
        format!("{year:04}")
    }
}

pub(super) fn step_text(step: i32, unit: &str) -> String {
    if step == 0 && unit == "D" {
        "REF".to_owned()
    } else {
        format!("REF{step:+}{unit}")
    }
}

pub(super) fn week_text(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

pub(super) fn moment_text(moment: DateTime) -> String {
    let (hour, minute, second) = (moment.hour(), moment.minute(), moment.second());
    let mut text = format!("{}T{hour:02}:{minute:02}", moment.date());
    if second != 0 {
        let _ = write!(text, ":{second:02}");
    }
    text
}

pub(super) fn clock_text(clock: Clock) -> String {
    let mut text = format!("T{:02}", clock.hour);
    for part in [clock.minute, clock.second].into_iter().flatten() {
        let _ = write!(text, ":{part:02}");
    }
    match clock.offset {
        Some(0) => text.push('Z'),
        Some(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs();
            let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        }
        None => {}
    }
    text
}

/// Returns the hours of a part of the day, the last one not within.
pub(super) fn hours(part: DayPart) -> (u8, u8) {
    let (start, end) = match part.part {
        PartOfDay::Morning => (6, 12),
        PartOfDay::Midmorning => (9, 11),
        PartOfDay::Lunch => (12, 14),
        PartOfDay::Afternoon => (12, 18),
        PartOfDay::Midafternoon => (14, 16),
        PartOfDay::Evening => (18, 22),
        PartOfDay::Night => (20, 24),
        PartOfDay::Daytime => (8, 18),
        PartOfDay::Breakfast => (6, 10),
        PartOfDay::Dinner => (18, 21),
        PartOfDay::FirstHalf => (0, 12),
        PartOfDay::SecondHalf => (12, 24),
    };
    match part.portion {
        Some(Portion::Early) => (start, u8::midpoint(start, end)),
        Some(Portion::Late) => (u8::midpoint(start, end), end),
        Some(Portion::Mid) => {
            let third = (end - start) / 3;
            (start + third, end - third)
        }
        _ => (start, end),
    }
}

pub(super) fn season_code(season: Season) -> &'static str {
    match season {
        Season::Spring => "SP",
        Season::Summer => "SU",
        Season::Autumn => "FA",
        Season::Winter => "WI",
    }
}

/// Writes an amount as an ISO 8601 duration, its units from long to short.
pub(super) fn duration(amount: Amount) -> String {
    // Years, months, weeks, days, work days, weekends; hours, minutes, seconds.
    let mut totals: [Option<Count>; 9] = [None; 9];
    for (count, unit) in amount.parts() {
        let (place, each) = match unit {
            Unit::Millennium => (0, 1000),
            Unit::Century => (0, 100),
            Unit::Decade => (0, 10),
            Unit::Year => (0, 1),
            Unit::Quarter => (1, 3),
            Unit::Month => (1, 1),
            Unit::Fortnight => (2, 2),
            Unit::Week | Unit::WorkWeek => (2, 1),
            Unit::Day | Unit::Night => (3, 1),
            Unit::BusinessDay | Unit::Weekday => (4, 1),
            Unit::Weekend => (5, 1),
            Unit::Hour => (6, 1),
            Unit::Minute => (7, 1),
            Unit::Second => (8, 1),
        };
        totals[place] = Some(match (totals[place], count) {
            (None, Count::Thousandths(count)) => Count::Thousandths(count.saturating_mul(each)),
            (Some(Count::Thousandths(sum)), Count::Thousandths(count)) => {
                Count::Thousandths(sum.saturating_add(count.saturating_mul(each)))
            }
            _ => Count::Some,
        });
    }
    let mut text = "P".to_owned();
    for (place, (total, code)) in totals
        .into_iter()
        .zip(["Y", "M", "W", "D", "BD", "WE", "H", "M", "S"])
        .enumerate()
    {
        let Some(total) = total else { continue };
        if place >= 6 && !text.contains('T') {
            text.push('T');
        }
        match total {
            Count::Some => text.push('X'),
            Count::Thousandths(count) if count % 1000 == 0 => {
                let _ = write!(text, "{}", count / 1000);
            }
            Count::Thousandths(count) => {
                let fraction = format!("{:03}", count % 1000);
                let _ = write!(text, "{}.{}", count / 1000, fraction.trim_end_matches('0'));
            }
        }
        text.push_str(code);
    }
    text
}

pub(super) fn set_text(set: Set) -> String {
    let at = set.at.map(clock_text);
    let part_hours = |part| {
        let (start, end) = hours(DayPart {
            part,
            portion: None,
        });
        (format!("T{start:02}"), format!("T{end:02}"))
    };
    match set.every {
        Every::Amount(amount) => {
            let times = set
                .times
                .filter(|times| *times > 1)
                .map_or_else(String::new, |times| format!("*{times}"));
            match at {
                Some(at) => format!("R/{at}/{}{times}", duration(amount)),
                None => format!("R/{}{times}", duration(amount)),
            }
        }
        Every::Weekday(weekday, weeks, part) => {
            let day = format!("XXXX-WXX-{weekday}");
            let when = match (at, part) {
                (Some(at), _) => format!("{day}{at}"),
                (None, Some(part)) => {
                    let (start, end) = part_hours(part);
                    format!("{day}{start}/{day}{end}")
                }
                (None, None) => day,
            };
            if weeks == 1 {
                when
            } else {
                format!("R/{when}/P{weeks}W")
            }
        }
        Every::NthWeekday(nth, weekday) => {
            format!("XXXX-XX#{nth}-{weekday}{}", at.unwrap_or_default())
        }
        Every::Month(month) => format!("XXXX-{month:02}"),
        Every::PartOfDay(part) => {
            let (start, end) = part_hours(part);
            at.map_or_else(|| format!("R/{start}/{end}"), |at| format!("R/{at}/P1D"))
        }
        Every::Season(season) => format!("XXXX-{}", season_code(season)),
        Every::Holiday(holiday) => match holiday::fixed(holiday) {
            Some((month, day)) => format!("XXXX-{month:02}-{day:02}"),
            None => format!("XXXX-{}", holiday::key(holiday)),
        },
    }
}
