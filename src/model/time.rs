//! One instant, in UTC, to the microsecond, with one spelling.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp as JiffTimestamp};
use serde::{Serialize, Serializer};

/// An instant in UTC with microseconds, always written `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
///
/// The width is fixed so that the order of the text is the order of time on SQLite, and nanoseconds are
/// cut when it is made because Postgres drops them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Reads this machine's clock.
    pub fn now() -> Self {
        Self(JiffTimestamp::now().as_microsecond())
    }

    /// Makes an instant from microseconds since 1970-01-01T00:00:00Z.
    pub fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// Returns microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// Returns the instant `seconds` later, or earlier when negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1e6) as i64))
    }

    /// Returns the seconds from `earlier` to this instant.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        SignedDuration::from_micros(self.0 - earlier.0).as_secs_f64()
    }

    /// Returns the calendar date in UTC as `(year, month, day)`.
    pub fn date(self) -> (i16, i8, i8) {
        let date = jiff::tz::TimeZone::UTC.to_datetime(self.jiff()).date();
        (date.year(), date.month(), date.day())
    }

    fn jiff(self) -> JiffTimestamp {
        JiffTimestamp::from_microsecond(self.0).unwrap_or(JiffTimestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}",
            self.jiff().strftime("%Y-%m-%dT%H:%M:%S.%6fZ")
        )
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<JiffTimestamp>()
            .map(|time| Self(time.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_one_width_and_reads_back() {
        for microseconds in [0, 1, 1_767_312_000_120_000, 1_767_312_000_000_000] {
            let time = Timestamp::from_microseconds(microseconds);
            let text = time.to_string();
            assert_eq!(text.len(), "2026-01-02T00:00:00.120000Z".len(), "{text}");
            assert_eq!(text.parse::<Timestamp>().unwrap(), time);
        }
    }
}
