//! What a phrase of time says, before it is counted from anywhere: days, clocks, periods, amounts.
//!
//! Small copies without text. What they come to in the calendar is decided in `resolve`, never here.

/// What a whole mention says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    Edge(Edge),
    /// Part of a period or of a day that is said to be early in it, late in it …
    Portion(Portion, Edge),
    /// From one to the other, both within.
    Between(Edge, Edge),
    /// Before, after, since or until something.
    Open(Bound, Edge),
    /// An amount of time from something on, or up to it.
    Run {
        amount: Amount,
        forward: bool,
        from: Anchor,
    },
    Duration(Amount, Option<Comparison>),
    /// From so much to so much.
    Durations(Amount, Amount),
    Set(Set),
}

/// Something with a beginning and an end in time that can stand at either end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edge {
    Day(Day),
    Clock(Clock),
    DayPart(DayPart),
    Moment(Day, Clock),
    /// The evening of a day, two to four on a day.
    DayPartOf(Day, DayPart),
    Clocks(Clock, Clock),
    ClocksOf(Day, Clock, Clock),
    /// A moment that is counted in hours, minutes or seconds.
    Shift(Shift),
    Now,
    Period(Period),
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Day {
    Calendar {
        year: Year,
        month: Month,
        day: u8,
        /// Day and month could be the other way round.
        swaps: bool,
        weekday: Option<u8>,
    },
    /// The day of some week, or of the week so many weeks from this one.
    Weekday {
        weekday: u8,
        week: Option<i32>,
    },
    /// The next such day from the reference on.
    Coming(u8),
    /// The n-th day of a month or year; the last is -1.
    Nth {
        nth: i16,
        year: Year,
        month: Month,
    },
    /// The n-th such day of a month; the last is -1.
    NthWeekday {
        nth: i8,
        weekday: u8,
        year: Year,
        month: Month,
    },
    Step(i32),
    Shift(Shift),
    Holiday(u8, Year),
    /// The day that is spoken of, where nothing says which.
    Spoken,
}

impl Day {
    /// Returns a day by its numbers, with no doubt about them and no day of the week beside.
    pub fn calendar(year: Year, month: Month, day: u8) -> Self {
        Self::Calendar {
            year,
            month,
            day,
            swaps: false,
            weekday: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Year {
    Unsaid,
    Known(i16),
    /// So many years from this one.
    Step(i32),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Month {
    Unsaid,
    Known(u8),
    /// So many months from this one.
    Step(i32),
}

/// An amount of time before or after something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    pub amount: Amount,
    pub forward: bool,
    pub from: Anchor,
}

/// What an amount is counted from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Reference,
    /// Days from the reference.
    Step(i32),
    Calendar(Year, u8, u8),
    Weekday(u8, Option<i32>),
    Holiday(u8, Year),
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Clock {
    pub hour: u8,
    pub minute: Option<u8>,
    pub second: Option<u8>,
    /// Nothing says which half of the day is meant.
    pub is_open: bool,
    /// Minutes east of Greenwich.
    pub offset: Option<i16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartOfDay {
    Morning,
    Midmorning,
    Lunch,
    Afternoon,
    Midafternoon,
    Evening,
    Night,
    Daytime,
    Breakfast,
    Dinner,
    /// The first and the second half, as `am` and `pm` after a day.
    FirstHalf,
    SecondHalf,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DayPart {
    pub part: PartOfDay,
    pub portion: Option<Portion>,
}

/// A part of something longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    Early,
    Mid,
    Late,
    /// From the reference to the end.
    Rest,
    /// From the beginning to the reference.
    ToDate,
    /// The last moment or so.
    End,
    Around,
}

/// A longer stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Period {
    Year(Year),
    Month(Year, Month),
    Quarter(Year, u8),
    Half(Year, u8),
    Season(Year, Season),
    /// The first year; below 100 where the century is unsaid.
    Decade(i16),
    Century(i16),
    /// A week by its number in the year.
    Week(Year, u8),
    WeekOfMonth(Year, Month, i8),
    /// The week that holds a day.
    WeekOf(Anchor),
    /// A year of an organisation: fiscal, school.
    NamedYear(NamedYear, Year),
    /// The unit that is so many from this one.
    Step(Unit, i32),
    /// So many units on or back from the one that the reference is in.
    Run {
        unit: Unit,
        count: Option<u16>,
        forward: bool,
    },
    /// The first or last so many units of a year or month.
    Edge {
        count: u8,
        unit: Unit,
        first: bool,
        year: Year,
        month: Month,
    },
    /// The weekend at a holiday.
    HolidayWeekend(u8, Year),
    /// A unit that is spoken of, where nothing says which.
    Spoken(Unit),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedYear {
    Fiscal,
    School,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Night,
    Day,
    BusinessDay,
    Weekday,
    Weekend,
    Week,
    WorkWeek,
    Fortnight,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
}

impl Unit {
    /// Says whether it is shorter than a day.
    pub fn is_of_clock(self) -> bool {
        self <= Self::Hour
    }
}

/// An amount of time: up to four counts with their units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Amount {
    pub parts: [Option<(Count, Unit)>; 4],
}

impl Amount {
    pub fn one(count: Count, unit: Unit) -> Self {
        Self {
            parts: [Some((count, unit)), None, None, None],
        }
    }

    /// Adds a part; says no where there is no place for it.
    pub fn push(&mut self, count: Count, unit: Unit) -> bool {
        self.parts
            .iter_mut()
            .find(|part| part.is_none())
            .map(|part| *part = Some((count, unit)))
            .is_some()
    }

    pub fn parts(&self) -> impl DoubleEndedIterator<Item = (Count, Unit)> {
        self.parts.iter().copied().flatten()
    }

    /// Returns the shortest unit that is named.
    pub fn finest(&self) -> Unit {
        self.parts()
            .map(|(_, unit)| unit)
            .min()
            .unwrap_or(Unit::Day)
    }
}

/// How many, in thousandths; or not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Thousandths(u64),
    Some,
}

impl Count {
    pub fn whole(number: u32) -> Self {
        Self::Thousandths(u64::from(number) * 1000)
    }

    pub fn as_whole(self) -> Option<u32> {
        match self {
            Self::Thousandths(count) if count % 1000 == 0 => u32::try_from(count / 1000).ok(),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Before,
    Until,
    After,
    Since,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    More,
    Less,
}

/// Something that comes again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Set {
    pub every: Every,
    pub at: Option<Clock>,
    /// How often within each.
    pub times: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Every {
    Amount(Amount),
    /// A day of the week, every so many weeks, perhaps a part of it.
    Weekday(u8, u16, Option<PartOfDay>),
    /// The n-th such day of each month.
    NthWeekday(u8, u8),
    Month(u8),
    PartOfDay(PartOfDay),
    Season(Season),
    Holiday(u8),
}
