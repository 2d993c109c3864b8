//! Calendar dates, as ISO 8601 (`2024-03-12`, or `2024-03` for a month).
//!
//! A date that the calendar does not have is none. Where day and month could be either, nothing is said.

use std::fmt;
use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention, neighbours};
use crate::model::{EntityType, Mention};

/// Finds dates.
pub(super) struct Dates;

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
    fn valid(year: i16, month: i8, day: Option<i8>) -> Option<Self> {
        jiff::civil::Date::new(year, month, day.unwrap_or(1)).ok()?;
        (1500..2200)
            .contains(&year)
            .then_some(Self { year, month, day })
    }
}

/// Names of months by their first letters; enough letters to tell them apart in English and German.
const MONTHS: &[(&str, i8)] = &[
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("mär", 3),
    ("apr", 4),
    ("may", 5),
    ("mai", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
];

const MONTH: &str = "(?:Jan(?:uary|uar|\\.)?|Feb(?:ruary|ruar|\\.)?|Mar(?:ch|\\.)?|März|Apr(?:il|\\.)?|May|Mai|\
    Jun[ei]?\\.?|Jul[yi]?\\.?|Aug(?:ust|\\.)?|Sept?(?:ember|\\.)?|O[ck]t(?:ober|\\.)?|Nov(?:ember|\\.)?|\
    De[cz](?:ember|\\.)?|JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|\
    SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)";

/// One pattern with a named group for each way of writing. Boundaries are checked by hand: the engine is
/// slow at Unicode ones.
fn pattern() -> Result<&'static Regex, RecognizerError> {
    static PATTERN: OnceLock<Result<Regex, RecognizerError>> = OnceLock::new();
    let gap = "[ \\t\u{a0}\u{202f}]{1,3}";
    PATTERN
        .get_or_init(|| {
            let written = format!(
                "(?P<year_first>(?P<y1>[0-9]{{4}})(?P<s1>[-/.])(?P<m1>[0-9]{{1,2}})(?P<s2>[-/.])(?P<d1>[0-9]{{1,2}}))\
                 |(?P<day_word>(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th|\\.)?(?:{gap}of)?(?:{gap}|-)(?P<m2>{MONTH})(?:,?{gap}|-)(?P<y2>[0-9]{{4}}))\
                 |(?P<word_day>(?P<m3>{MONTH}){gap}(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?,?{gap}(?P<y3>[0-9]{{4}}))\
                 |(?P<year_last>(?P<a4>[0-9]{{1,2}})(?P<s4>[-/.])[ ]?(?P<b4>[0-9]{{1,2}})(?P<s5>[-/.])[ ]?(?P<y4>[0-9]{{4}}))\
                 |(?P<month>(?P<m5>{MONTH}),?{gap}(?P<y5>[0-9]{{4}}))"
            );
            Regex::new(&written).map_err(|error| RecognizerError::Pattern("date", error.to_string()))
        })
        .as_ref()
        .map_err(Clone::clone)
}

impl Recognizer for Dates {
    fn name(&self) -> &'static str {
        "date"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Date]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let found = pattern()?.captures_iter(text).filter_map(|captures| {
            let whole = captures.get(0)?;
            let span = (whole.start(), whole.end());
            stands_alone(text, span.0, span.1).then_some(())?;
            let date = read(&captures)?;
            let score = if captures.name("year_last").is_some() {
                0.8
            } else {
                0.95
            };
            let parts = json!({"year": date.year, "month": date.month, "day": date.day});
            Some(mention(
                self.name(),
                EntityType::Date,
                text,
                span,
                (date.to_string(), parts),
                score,
            ))
        });
        Ok(found.collect())
    }
}

/// Returns the first date in a short text, such as a byline.
pub fn first_date(text: &str) -> Option<Date> {
    pattern().ok()?.captures_iter(text).find_map(|captures| {
        let whole = captures.get(0)?;
        stands_alone(text, whole.start(), whole.end()).then_some(())?;
        read(&captures)
    })
}

/// Says whether the span is no part of a longer number, version, path or word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = neighbours(text, start, end);
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '_');
    let time_follows =
        text[end..].starts_with('T') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit());
    let number_follows = after.is_some_and(|c| matches!(c, '.' | ','))
        && text[end + 1..].starts_with(|c: char| c.is_ascii_digit());
    before.is_none_or(|c| !joins(c) && c != '.' && c != '+')
        && (time_follows || after.is_none_or(|c| !joins(c)))
        && !number_follows
}

fn read(captures: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| captures.name(name)?.as_str().parse::<i16>().ok();
    let small = |name: &str| i8::try_from(number(name)?).ok();
    let same = |one: &str, other: &str| {
        captures.name(one).map(|found| found.as_str())
            == captures.name(other).map(|found| found.as_str())
    };
    if captures.name("year_first").is_some() {
        return same("s1", "s2")
            .then(|| Date::valid(number("y1")?, small("m1")?, Some(small("d1")?)))?;
    }
    if captures.name("day_word").is_some() {
        return Date::valid(
            number("y2")?,
            month(captures.name("m2")?.as_str())?,
            Some(small("d2")?),
        );
    }
    if captures.name("word_day").is_some() {
        return Date::valid(
            number("y3")?,
            month(captures.name("m3")?.as_str())?,
            Some(small("d3")?),
        );
    }
    if captures.name("month").is_some() {
        return Date::valid(number("y5")?, month(captures.name("m5")?.as_str())?, None);
    }
    if !same("s4", "s5") {
        return None;
    }
    let (year, first, second) = (number("y4")?, small("a4")?, small("b4")?);
    let day_first = Date::valid(year, second, Some(first));
    if captures.name("s4")?.as_str() == "." {
        return day_first;
    }
    match (day_first, Date::valid(year, first, Some(second))) {
        (Some(one), Some(other)) if one != other => None,
        (day_first, month_first) => day_first.or(month_first),
    }
}

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    MONTHS
        .iter()
        .find_map(|(start, month)| word.starts_with(start).then_some(*month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        Dates
            .find(text, &Context::default())
            .unwrap()
            .into_iter()
            .map(|mention| (mention.surface, mention.normalized))
            .collect()
    }

    #[test]
    fn dates_are_normalized() {
        let cases = [
            ("on 2024-03-12, at", "2024-03-12"),
            ("2024-03-12T10:00:00Z", "2024-03-12"),
            ("12 March 2024.", "2024-03-12"),
            ("12th of March, 2024", "2024-03-12"),
            ("March 12, 2024", "2024-03-12"),
            ("Sept. 3rd, 2019", "2019-09-03"),
            ("12. März 2024", "2024-03-12"),
            ("12.03.2024", "2024-03-12"),
            ("2024/03/12", "2024-03-12"),
            ("25/12/2023", "2023-12-25"),
            ("12/25/2023", "2023-12-25"),
            ("04/04/2024", "2024-04-04"),
            ("29 February 2024", "2024-02-29"),
            ("in March 2024", "2024-03"),
            ("03-Dec-1999", "1999-12-03"),
        ];
        for (text, date) in cases {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].1, date, "{text}");
        }
        assert_eq!(found("12 March 2024.")[0].0, "12 March 2024");
    }

    #[test]
    fn what_is_no_date_is_left() {
        let cases = [
            "31 February 2024",
            "03/04/2024",
            "29.02.2023",
            "1.2.3.2024",
            "version 2024-13-01",
            "2024-03/12",
            "in 2024",
            "you may 2024 times",
            "978-3-16-148410-0",
            "12024-03-12",
            "2024-03-123",
            "31/31/2024",
            "10.12.2024.5",
        ];
        for text in cases {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
