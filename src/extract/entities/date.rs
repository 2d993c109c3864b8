//! A calendar date by itself, for those who ask a short text for one.
//!
//! Owns the type and nothing of how a text is read: that is `datetime`'s.

use std::fmt;

/// A day or a month that the calendar has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub year: i16,
    pub month: i8,
    pub day: Option<i8>,
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)?;
        self.day
            .map_or(Ok(()), |day| write!(formatter, "-{day:02}"))
    }
}

impl Date {
    /// Returns the date if the calendar has it and a page can mean it.
    pub(super) fn valid(year: i16, month: i8, day: Option<i8>) -> Option<Self> {
        jiff::civil::Date::new(year, month, day.unwrap_or(1)).ok()?;
        (1500..2200)
            .contains(&year)
            .then_some(Self { year, month, day })
    }
}
