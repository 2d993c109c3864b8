//! How much of something a service lets one use in a time: "10,000 requests/min" is `10000_per_minute`.

use std::sync::OnceLock;

use serde_json::json;

use super::numeral::{self, Numeral};
use super::phrase::{self, Phrases};
use super::{Found, ends_word, units};
use crate::model::EntityType;

/// What services count.
const COUNTED: &[(&str, &str)] = &[
    ("request", "request"),
    ("req", "request"),
    ("req.", "request"),
    ("api request", "request"),
    ("http request", "request"),
    ("call", "call"),
    ("api call", "call"),
    ("query", "query"),
    ("queries", "query"),
    ("search", "search"),
    ("searches", "search"),
    ("lookup", "lookup"),
    ("message", "message"),
    ("email", "email"),
    ("e-mail", "email"),
    ("sms", "sms"),
    ("notification", "notification"),
    ("transaction", "transaction"),
    ("operation", "operation"),
    ("op", "operation"),
    ("read", "read"),
    ("write", "write"),
    ("event", "event"),
    ("token", "token"),
    ("credit", "credit"),
    ("invocation", "invocation"),
    ("execution", "execution"),
    ("run", "run"),
    ("job", "job"),
    ("build", "build"),
    ("build minute", "build minute"),
    ("deployment", "deployment"),
    ("upload", "upload"),
    ("download", "download"),
    ("image", "image"),
    ("page", "page"),
    ("pageview", "pageview"),
    ("page view", "pageview"),
    ("visit", "visit"),
    ("visitor", "visitor"),
    ("session", "session"),
    ("record", "record"),
    ("row", "row"),
    ("document", "document"),
    ("file", "file"),
    ("connection", "connection"),
    ("attempt", "attempt"),
    ("login", "login"),
    ("hit", "hit"),
    ("task", "task"),
    ("conversion", "conversion"),
    ("contact", "contact"),
    ("post", "post"),
];

/// Times by their spellings.
pub(super) const TIMES: &[(&str, &str)] = &[
    ("second", "second"),
    ("sec", "second"),
    ("s", "second"),
    ("minute", "minute"),
    ("min", "minute"),
    ("hour", "hour"),
    ("hr", "hour"),
    ("h", "hour"),
    ("day", "day"),
    ("week", "week"),
    ("wk", "week"),
    ("month", "month"),
    ("mo", "month"),
    ("mo.", "month"),
    ("mth", "month"),
    ("quarter", "quarter"),
    ("year", "year"),
    ("yr", "year"),
];

/// Rates of one word.
const RATES: &[(&str, &str)] = &[("rps", "request"), ("qps", "query"), ("tps", "transaction")];

fn table(
    rows: &'static [(&str, &str)],
    cell: &'static OnceLock<Phrases<&'static str>>,
) -> &'static Phrases<&'static str> {
    cell.get_or_init(|| {
        let mut table = Phrases::new();
        for (name, word) in rows {
            table.add(name, *word);
        }
        table
    })
}

pub(super) fn times() -> &'static Phrases<&'static str> {
    static CELL: OnceLock<Phrases<&'static str>> = OnceLock::new();
    table(TIMES, &CELL)
}

/// Reads what is counted behind a number, and in which time.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    static CELL: OnceLock<Phrases<&'static str>> = OnceLock::new();
    let value = numeral
        .value
        .filter(|value| !numeral.is_ordinal && !numeral.is_joined && !value.is_negative())?;
    let at = phrase::behind(text, numeral.end);
    let rest = &text[at..];
    let made = |unit: &str, period: &str, end: usize| Found {
        entity_type: EntityType::Limit,
        span: (numeral.start, end),
        normalized: format!("{value}_per_{}", period.replace(' ', "_")),
        attributes: json!({"value": value.to_string(), "unit": unit, "period": period}),
        score: 0.85,
    };
    if let Some((word, unit)) = RATES.iter().find(|(word, _)| {
        rest.as_bytes()
            .get(..3)
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    }) {
        return ends_word(text, at + word.len()).then(|| made(unit, "second", at + word.len()));
    }
    if let Some((unit, end)) = phrase::longest(text, at, table(COUNTED, &CELL)) {
        let (period, end) = period(text, end)?;
        return Some(made(unit, &period, end));
    }
    let (unit, None, end) = units::behind(text, numeral.end, true)? else {
        return None;
    };
    (unit.dimension == "data").then_some(())?;
    let (period, end) = period(text, end)?;
    let mut found = made(&unit.to_string(), &period, end);
    found.normalized = format!("{value}_{unit}_per_{}", period.replace(' ', "_"));
    Some(found)
}

/// Reads "/min", "per day", "a month", "every 10 seconds".
fn period(text: &str, end: usize) -> Option<(String, usize)> {
    let rest = &text[end..];
    let joint = ["/", " / ", " per ", " a ", " an ", " each ", " every "]
        .iter()
        .find(|joint| rest.starts_with(**joint))?;
    let at = end + joint.len();
    if let Some((time, end)) = phrase::longest(text, at, times()) {
        return Some((time.to_owned(), end));
    }
    let count = numeral::at(text, at).filter(|count| !count.is_ordinal)?;
    let (time, end) = phrase::longest(text, phrase::behind(text, count.end), times())?;
    Some((format!("{} {time}s", count.value?), end))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::{Limit, Quantity};

    #[test]
    fn limits_are_normalized() {
        for (text, surface, normalized) in [
            (
                "up to 10,000 requests/min for",
                "10,000 requests/min",
                "10000_per_minute",
            ),
            (
                "five API calls per second.",
                "five API calls per second",
                "5_per_second",
            ),
            (
                "300 queries every 15 minutes",
                "300 queries every 15 minutes",
                "300_per_15_minutes",
            ),
            ("2k messages a day", "2k messages a day", "2000_per_day"),
            ("50 rps", "50 rps", "50_per_second"),
            ("100 GB per month", "100 GB per month", "100_GB_per_month"),
        ] {
            assert_eq!(
                found(text, &Limit),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "10,000 requests",
            "500 barrels a day",
            "3 calls peri",
            "5 per day",
        ] {
            assert_eq!(found(text, &Limit), [], "{text}");
        }
        assert_eq!(found("10 GB per month", &Quantity)[0].0, "10 GB");
    }
}
