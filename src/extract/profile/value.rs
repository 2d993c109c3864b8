//! What a page writes, read as what a field is to be, and checked by the field's rules.
//!
//! A text that is none of the field's type, and one that the rules refuse, are faults; nothing is guessed.

mod number;
mod text;

use std::borrow::Cow;
use std::sync::OnceLock;

use jiff::civil;
use serde_json::{Value, json};
use url::Url;

use super::definition::{Bound, Field, FieldType};
use crate::extract::entities::{Context, Recognizer, first_date, recognizers};
use crate::extract::facts::quantity;
use crate::extract::records::shortened;
use crate::model::EntityType;
use number::{Separators, only_number};

pub(super) use text::opening;

/// A value as it was found, with what stands beside it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written<'r> {
    pub text: &'r str,
    /// Whether it was written for programs, where a point is a decimal one.
    pub by_machine: bool,
    pub unit: Option<&'r str>,
    pub currency: Option<&'r str>,
}

/// What is known of the page that a value is from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings<'a> {
    /// A language tag.
    pub language: Option<&'a str>,
    pub base: Option<&'a Url>,
}

/// A value in the form of its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    pub value: Value,
    pub unit: Option<String>,
    pub currency: Option<String>,
}

/// Why a value is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not of the field's type.
    Unparsable(String),
    /// It is, and the field's rules exclude it.
    Invalid(String),
}

/// Reads one value; one of a list if that is the field's type.
pub(super) fn read(
    field: &Field,
    written: Written<'_>,
    surroundings: Surroundings<'_>,
) -> Result<Typed, Refusal> {
    let kept = match &field.lookup {
        None => None,
        Some(lookup) => {
            let form = lookup.get(shortened(written.text));
            let refused = || Refusal::Invalid("is not in the lookup table".to_owned());
            Some(form.ok_or_else(refused)?.to_owned())
        }
    };
    let written = match &kept {
        Some(form) => Written {
            text: form,
            by_machine: true,
            ..written
        },
        None => written,
    };
    let typed = typed(field, written, surroundings)?;
    check(field, &typed.value)?;
    Ok(typed)
}

fn typed(field: &Field, written: Written<'_>, page: Surroundings<'_>) -> Result<Typed, Refusal> {
    let separators = Separators::of(written.by_machine, page.language);
    let text = if written.by_machine {
        text::without_markup(written.text)
    } else {
        Cow::Borrowed(written.text)
    };
    let text = text.trim();
    let plain = |value: Value| Typed {
        value,
        unit: None,
        currency: None,
    };
    let unparsable = |what: &str| Refusal::Unparsable(format!("is no {what}"));
    Ok(match field.kind {
        FieldType::Text | FieldType::List => plain(json!(allowed(field, &text::spaced(text))?)),
        FieldType::Summary => plain(json!(text::summary(text, most_characters(field)))),
        FieldType::Enum => plain(json!(allowed(field, shortened(text))?)),
        FieldType::Boolean => plain(json!(
            text::boolean(shortened(text)).ok_or_else(|| unparsable("boolean"))?
        )),
        FieldType::Integer => {
            let number = only_number(text, separators).map_err(Refusal::Unparsable)?;
            let is_whole = number.fract() == 0.0 && number.abs() < 9.0e15;
            if !is_whole {
                return Err(unparsable("whole number"));
            }
            plain(json!(number as i64))
        }
        FieldType::Float => plain(json!(
            only_number(text, separators).map_err(Refusal::Unparsable)?
        )),
        FieldType::Date => plain(json!(
            date(text).ok_or_else(|| unparsable("date that can be told"))?
        )),
        FieldType::Url => plain(json!(
            address(text, page.base).ok_or_else(|| unparsable("address"))?
        )),
        FieldType::Money => money(text, written.currency)?,
        FieldType::Quantity => measure(text, written.unit, separators)?,
    })
}

/// Returns a text in the spelling that `allowed` has.
fn allowed(field: &Field, text: &str) -> Result<String, Refusal> {
    if field.allowed.is_empty() {
        return Ok(text.to_owned());
    }
    let wanted = text::essence(text);
    let known = field
        .allowed
        .iter()
        .find(|one| text::essence(one) == wanted);
    known
        .cloned()
        .ok_or_else(|| Refusal::Invalid(format!("is none of {}", field.allowed.join(", "))))
}

pub(super) fn most_characters(field: &Field) -> usize {
    match field.max {
        Some(Bound::Number(most)) if most >= 1.0 => most as usize,
        _ => text::SUMMARY_CHARACTERS,
    }
}

/// Checks a value against `min` and `max`; a list's are of its length.
pub(super) fn check(field: &Field, value: &Value) -> Result<(), Refusal> {
    let refused = |what: &str, bound: &str| Err(Refusal::Invalid(format!("is {what} {bound}")));
    let number = match value {
        Value::String(text) if field.kind == FieldType::Date => {
            return match (&field.min, &field.max) {
                (Some(Bound::Date(min)), _) if text < min => refused("earlier than", min),
                // A day's end is not before the day.
                (_, Some(Bound::Date(max))) if text > max && !text.starts_with(max.as_str()) => {
                    refused("later than", max)
                }
                _ => Ok(()),
            };
        }
        // The length of a list's one value is not bounded.
        Value::String(_) if field.kind == FieldType::List => return Ok(()),
        Value::String(text) => text.chars().count() as f64,
        Value::Array(values) => values.len() as f64,
        Value::Number(number) => number.as_f64().unwrap_or_default(),
        _ => return Ok(()),
    };
    match (&field.min, &field.max) {
        (Some(Bound::Number(min)), _) if number < *min => refused("less than", &min.to_string()),
        (_, Some(Bound::Number(max))) if number > *max && field.kind != FieldType::Summary => {
            refused("more than", &max.to_string())
        }
        _ => Ok(()),
    }
}

/// Returns a date as ISO 8601 has it, with its time if it has one.
fn date(text: &str) -> Option<String> {
    let head = text
        .get(..10)
        .filter(|head| head.parse::<civil::Date>().is_ok());
    if let Some(head) = head {
        let time = &text[10..];
        if time.is_empty() {
            return Some(head.to_owned());
        }
        let joined = format!("{head}T{}", time.trim_start_matches(['T', 't', ' ']));
        if joined.parse::<jiff::Timestamp>().is_ok() {
            return Some(joined);
        }
        if let Ok(local) = joined.parse::<civil::DateTime>() {
            return Some(local.to_string());
        }
        // A text goes on behind it.
        return (!time.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
            .then(|| head.to_owned());
    }
    let is_year = |year: &str| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let is_partial = match text.split_once('-') {
        None => is_year(text),
        Some((year, month)) => {
            is_year(year) && month.len() == 2 && matches!(month.parse(), Ok(1_u8..=12))
        }
    };
    if is_partial {
        return Some(text.to_owned());
    }
    (text.len() <= 500)
        .then(|| first_date(text))?
        .map(|date| date.to_string())
}

fn address(text: &str, base: Option<&Url>) -> Option<String> {
    let url = match base {
        Some(base) => base.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    let is_address = matches!(url.scheme(), "http" | "https" | "ftp" | "mailto" | "tel");
    (is_address && !text.is_empty()).then(|| url.to_string())
}

/// Reads an amount; one that a program wrote is a number beside its currency.
fn money(text: &str, currency: Option<&str>) -> Result<Typed, Refusal> {
    let of = |amount: f64, currency: Option<String>| Typed {
        value: json!(amount),
        unit: None,
        currency,
    };
    let beside = currency.map(str::trim).filter(|code| !code.is_empty());
    let beside = beside.map(str::to_uppercase);
    if let Ok(amount) = text.parse::<f64>()
        && amount.is_finite()
    {
        return Ok(of(amount, beside));
    }
    let mut found = amounts(text);
    found.dedup();
    match found.as_slice() {
        [(amount, currency)] => return Ok(of(*amount, Some(currency.clone()))),
        [_, _, ..] => {
            let amounts = found
                .iter()
                .map(|(amount, currency)| format!("{amount} {currency}"));
            let amounts: Vec<_> = amounts.take(5).collect();
            let why = format!("is several amounts: {}", amounts.join(", "));
            return Err(Refusal::Unparsable(why));
        }
        [] => {}
    }
    let amount = only_number(text, Separators::OF_MONEY).map_err(Refusal::Unparsable)?;
    Ok(of(amount, beside))
}

/// Returns the amounts of money in a text, as the recognizer of mentions reads them.
fn amounts(text: &str) -> Vec<(f64, String)> {
    static MONEY: OnceLock<Option<Box<dyn Recognizer>>> = OnceLock::new();
    let recognizer = MONEY.get_or_init(|| {
        let mut all = recognizers().into_iter();
        all.find(|one| one.types().contains(&EntityType::Money))
    });
    let found = recognizer
        .as_ref()
        .map(|one| one.find(text, &Context::default()));
    let mentions = found.and_then(Result::ok).unwrap_or_default().into_iter();
    mentions
        .filter(|mention| mention.entity_type == EntityType::Money)
        .filter_map(|mention| {
            let amount = mention.attributes.get("amount")?.as_str()?.parse().ok()?;
            let currency = mention.attributes.get("currency")?.as_str()?.to_owned();
            Some((amount, currency))
        })
        .collect()
}

/// Reads a number with the unit behind it.
fn measure(text: &str, unit: Option<&str>, separators: Separators) -> Result<Typed, Refusal> {
    let value = only_number(text, separators).map_err(Refusal::Unparsable)?;
    let from = text.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let unit = unit.or_else(|| quantity(text).unit);
    let unit = unit.or_else(|| quantity(&text[from..]).unit);
    Ok(Typed {
        value: json!(value),
        unit: unit.map(str::to_owned),
        currency: None,
    })
}

/// Says whether two values say the same: what one of two pieces of evidence says, and what the other.
pub(super) fn agree(field: &Field, one: &Typed, other: &Typed) -> bool {
    let both = |left: &Option<String>, right: &Option<String>| match (left, right) {
        (Some(left), Some(right)) => left == right,
        _ => true,
    };
    if !both(&one.currency, &other.currency) || !both(&one.unit, &other.unit) {
        return false;
    }
    match (&one.value, &other.value) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap_or(0.0), other.as_f64().unwrap_or(0.0));
            (one - other).abs() <= one.abs().max(other.abs()) * 1e-9
        }
        (Value::String(one), Value::String(other)) => match field.kind {
            FieldType::Date => {
                one.starts_with(other.get(..10).unwrap_or(other))
                    || other.starts_with(one.get(..10).unwrap_or(one))
            }
            FieldType::Url => text::same_address(one, other),
            FieldType::Enum => one == other,
            // Two summaries of one text need not be the same.
            FieldType::Summary => true,
            _ => text::says_the_same(one, other),
        },
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests;
