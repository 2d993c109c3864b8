//! What a number in a cell shows: a workbook keeps dates and shares as numbers, and says beside it which they are.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// What a number stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum NumberFormat {
    #[default]
    Number,
    /// Hundred times as much, with its sign.
    Share,
    /// Days since the beginning of the calendar.
    Day,
    /// Parts of a day, or days with parts.
    Time,
}

/// Returns what the formats show that every program has (ECMA-376, part 1, 18.8.30).
pub(super) fn builtin(id: u32) -> NumberFormat {
    match id {
        9 | 10 => NumberFormat::Share,
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => NumberFormat::Day,
        18..=22 | 32..=35 | 45..=47 | 55 | 56 => NumberFormat::Time,
        _ => NumberFormat::Number,
    }
}

impl NumberFormat {
    /// Reads the code of a format, its part for positive numbers.
    pub(super) fn of_code(code: &str) -> Self {
        let (mut has_day, mut has_time, mut is_share) = (false, false, false);
        let mut characters = code.chars();
        while let Some(c) = characters.next() {
            match c.to_ascii_lowercase() {
                ';' => break,
                '"' => {
                    characters.by_ref().find(|c| *c == '"');
                }
                '\\' | '_' | '*' => {
                    characters.next();
                }
                // A colour, a condition or a language, or hours that go on behind 24.
                '[' => {
                    let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                    has_time |= matches!(
                        inside.to_ascii_lowercase().as_str(),
                        "h" | "hh" | "m" | "mm" | "s" | "ss"
                    );
                }
                'd' | 'y' => has_day = true,
                'h' | 's' => has_time = true,
                '%' => is_share = true,
                _ => {}
            }
        }
        // `General` is a word of the language; a month alone has no other letter to be known by.
        if code.eq_ignore_ascii_case("general") {
            Self::Number
        } else if has_time {
            Self::Time
        } else if has_day || code.to_ascii_lowercase().starts_with("mmm") {
            Self::Day
        } else if is_share {
            Self::Share
        } else {
            Self::Number
        }
    }
}

/// Returns what a number shows; what is no number shows itself.
pub(super) fn shown(value: &str, format: NumberFormat, has_1904: bool) -> String {
    let Ok(number) = value.parse::<f64>() else {
        return value.to_owned();
    };
    let moment = match format {
        NumberFormat::Number => None,
        NumberFormat::Share => return format!("{}%", rounded(number * 100.0)),
        NumberFormat::Day | NumberFormat::Time => moment(number, format, has_1904),
    };
    moment.unwrap_or_else(|| rounded(number))
}

/// Fifteen digits are all that such a number holds for certain.
fn rounded(number: f64) -> String {
    let rounded = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    let is_plain = rounded == 0.0 || (1e-9..1e15).contains(&rounded.abs());
    if is_plain {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

/// Writes a count of days as ISO 8601; `None` for what no calendar has.
fn moment(days: f64, format: NumberFormat, has_1904: bool) -> Option<String> {
    const SECONDS: f64 = 86_400.0;
    if !(0.0..3_000_000.0).contains(&days) {
        return None;
    }
    let seconds = (days * SECONDS).round();
    let (day, seconds) = ((seconds / SECONDS).floor() as i64, seconds % SECONDS);
    let clock = {
        let seconds = seconds as u32;
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    };
    if format == NumberFormat::Time && day == 0 {
        return Some(clock);
    }
    let start: Date = match (has_1904, day) {
        (true, _) => date(1904, 1, 1),
        // The other calendar counts a 29 February 1900, which there never was.
        (false, ..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    let day = start.checked_add(day.days()).ok()?;
    Some(if seconds == 0.0 {
        day.to_string()
    } else {
        format!("{day}T{clock}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_what_numbers_stand_for() {
        for (code, format) in [
            ("General", NumberFormat::Number),
            ("#,##0.00 \"days\"", NumberFormat::Number),
            ("[Red]0.00", NumberFormat::Number),
            ("0.0%", NumberFormat::Share),
            ("dd/mm/yyyy", NumberFormat::Day),
            ("mmm", NumberFormat::Day),
            ("[$-409]d\\-mmm;@", NumberFormat::Day),
            ("yyyy-mm-dd hh:mm", NumberFormat::Time),
            ("[h]:mm", NumberFormat::Time),
        ] {
            assert_eq!(NumberFormat::of_code(code), format, "{code}");
        }
    }

    #[test]
    fn numbers_are_shown_as_what_they_stand_for() {
        use NumberFormat::{Day, Number, Share, Time};
        for (value, format, has_1904, expected) in [
            ("12.5", Number, false, "12.5"),
            ("0.30000000000000004", Number, false, "0.3"),
            ("1E3", Number, false, "1000"),
            ("0.055", Share, false, "5.5%"),
            ("45363", Day, false, "2024-03-12"),
            ("43901", Day, true, "2024-03-12"),
            ("1", Day, false, "1900-01-01"),
            ("61", Day, false, "1900-03-01"),
            ("45363.5", Time, false, "2024-03-12T12:00:00"),
            ("0.75", Time, false, "18:00:00"),
            ("-1", Day, false, "-1"),
            ("1e300", Day, false, "1e300"),
            ("x", Day, false, "x"),
        ] {
            let found = shown(value, format, has_1904);
            assert_eq!(found, expected, "{value}");
        }
    }
}
