//! Times that a user types: an instant, a day, or how long ago.

use crate::model::Timestamp;

use super::arguments::parse_duration;

/// Reads a time: RFC 3339 (`2026-01-02T03:04:05Z`), a day (`2026-01-02`, from its begin in UTC), or a duration
/// (`2d`), counted back from `now`.
pub fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let refused = || {
        format!(
            "{text:?} is no time; write 2026-01-02, 2026-01-02T03:04:05Z, or how long ago, as in 2d"
        )
    };
    if let Ok(ago) = parse_duration(text) {
        return Ok(now.plus_seconds(-ago.as_secs_f64()));
    }
    let day = format!("{text}T00:00:00Z");
    text.parse().or_else(|_| day.parse()).map_err(|_| refused())
}

/// Reads a time, counted from now where it is a duration.
pub fn parse_moment_from_now(text: &str) -> Result<Timestamp, String> {
    parse_moment(text, Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_each_form() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2d", "2026-02-27T12:00:00.000000Z"),
            ("90m", "2026-03-01T10:30:00.000000Z"),
            ("2026-01-02", "2026-01-02T00:00:00.000000Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000000Z"),
        ] {
            assert_eq!(parse_moment(text, now).unwrap().to_string(), expected);
        }
        for text in ["", "yesterday", "2026-13-01", "2026-01-02T03:04:05", "-1d"] {
            let error = parse_moment(text, now).unwrap_err();
            assert!(error.contains("as in 2d"), "{text}: {error}");
        }
    }
}
