//! Dates, times, ranges of them, durations and sets, as ISO 8601.
//!
//! Tokens of stretches that hold a number or a word of time are read by a grammar that looks a bounded number
//! of tokens ahead from each place, so that the work grows with the text and nothing else; what is read is
//! resolved against the reference time, else the page's date. The normal forms are told in `normal`. English
//! as a whole; of other languages dates in digits and with the names of their months.
//!
//! Which of two numbers is the day: by the region, where it is known; else the month comes first, as English
//! has it on the web, and the other reading is kept as an attribute. With points the day comes first.

mod amount;
mod clock;
mod clocks;
mod dated;
mod day;
mod day_part;
mod edge;
mod form;
mod holiday;
mod iso;
mod lexicon;
mod mention;
mod normal;
mod number;
mod numeric;
mod open;
mod part;
mod period;
mod range;
mod resolve;
mod set;
mod token;
mod value;
mod weekday;
mod year;

use super::{Context, Date, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};
use resolve::Resolver;
use token::{Phrase, Stretches};
use value::{Day, Edge, Month, Period, Value, Year};

/// Finds phrases of time.
pub(super) struct DateTimes;

/// The longest mention in bytes; windows are cut by this.
const LONGEST_MENTION: usize = 200;

/// Countries that write the month before the day.
const MONTH_FIRST: [&str; 7] = ["US", "PH", "BZ", "FM", "MH", "PW", "PR"];

impl Recognizer for DateTimes {
    fn name(&self) -> &'static str {
        "datetime"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[
            EntityType::Date,
            EntityType::DateRange,
            EntityType::Datetime,
            EntityType::DatetimeRange,
            EntityType::Duration,
            EntityType::Set,
            EntityType::Time,
            EntityType::TimeRange,
        ]
    }

    fn find(&self, text: &str, context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        Ok(read(text, context).0)
    }
}

/// Returns the mentions of a text in order, and how many tokens were asked for to find them.
fn read(text: &str, context: &Context) -> (Vec<Mention>, u64) {
    let resolver = Resolver {
        reference: context.reference_time(),
    };
    let region = context.region.as_deref();
    let day_first = region.is_some_and(|region| {
        !MONTH_FIRST
            .iter()
            .any(|one| region.eq_ignore_ascii_case(one))
    });
    let mut mentions: Vec<Mention> = Vec::new();
    let asked = walk(text, day_first, |value, span| {
        if span.1 - span.0 <= LONGEST_MENTION {
            let normal = resolver.normal(value);
            let parts = (normal.text, normal.attributes);
            mentions.push(mention(
                "datetime",
                normal.entity_type,
                text,
                span,
                parts,
                normal.score,
            ));
        }
        true
    });
    (mentions, asked)
}

/// Hands out what is found, in order, for as long as it is wanted; returns how many tokens were asked for.
fn walk(text: &str, day_first: bool, mut found: impl FnMut(&Value, (usize, usize)) -> bool) -> u64 {
    let mut stretches = Stretches::new(text);
    let (mut read_to, mut asked) = (0, 0);
    while let Some((carried, tokens)) = stretches.next() {
        let phrase = Phrase::new(text, tokens, day_first);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let read = (token.start >= read_to)
                .then(|| phrase.mention(at))
                .flatten();
            let Some((value, end)) = read.filter(|(_, end)| *end > at.max(carried)) else {
                at += 1;
                continue;
            };
            read_to = tokens[end - 1].end;
            at = end;
            if matches!(value, Value::Edge(Edge::Clock(_))) {
                phrase.last_time.set(Some(end));
            }
            if !found(&value, (token.start, read_to)) {
                return asked + phrase.asked.get();
            }
        }
        asked += phrase.asked.get();
    }
    asked
}

/// Returns the first date with its year in a short text, such as a byline.
///
/// Where day and month could be either, nothing is said.
pub fn first_date(text: &str) -> Option<Date> {
    let mut first = None;
    walk(text, false, |value, _| {
        first = date_of(value);
        first.is_none()
    });
    first
}

fn date_of(value: &Value) -> Option<Date> {
    let (Value::Edge(edge) | Value::Between(edge, _) | Value::Open(_, edge)) = value else {
        return None;
    };
    match *edge {
        Edge::Day(day)
        | Edge::Moment(day, _)
        | Edge::DayPartOf(day, _)
        | Edge::ClocksOf(day, ..) => match day {
            Day::Calendar {
                year: Year::Known(year),
                month: Month::Known(month),
                day,
                swaps: false,
                ..
            } => Date::valid(year, month as i8, Some(day as i8)),
            _ => None,
        },
        Edge::Period(Period::Month(Year::Known(year), Month::Known(month))) => {
            Date::valid(year, month as i8, None)
        }
        _ => None,
    }
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod range_tests;
#[cfg(test)]
mod tests;
