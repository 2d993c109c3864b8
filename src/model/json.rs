//! Canonical JSON and text that both engines can hold.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// Writes `value` with sorted keys, no white space and one spelling for each number.
///
/// Postgres' `jsonb` rewrites numbers (`1e3` becomes `1000`, `1.50` stays) and SQLite keeps what it was
/// given, so a number with an integral value below 10^21 is written as an integer and any other in the
/// shortest form that reads back: what comes out is the same whichever engine held it.
pub fn canonical_json(value: &Value) -> String {
    // Only a number has more than one spelling, and only one that is no integer: the rest need no copy.
    if has_float(value) {
        canonical(value).to_string()
    } else {
        value.to_string()
    }
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        Value::Number(number) => number.is_f64(),
        _ => false,
    }
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        // serde_json's map is a BTreeMap here (no `preserve_order`), so keys come out sorted by bytes.
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, item)| (key.clone(), canonical(item)))
                .collect::<Map<_, _>>(),
        ),
        Value::Number(number) => Value::Number(canonical_number(number)),
        other => other.clone(),
    }
}

fn canonical_number(number: &Number) -> Number {
    if let Some(float) = number.as_f64()
        && !number.is_i64()
        && !number.is_u64()
    {
        // Beyond the 64-bit integers the value is a float on the way back in as well.
        if float.fract() == 0.0 && float.abs() < 9.0e15 {
            return Number::from(float as i64);
        }
    }
    number.clone()
}

/// Replaces what Postgres text refuses: NUL becomes U+FFFD.
///
/// Done before any span is computed, so spans refer to the text that is stored. Lone surrogates cannot
/// occur in a Rust string: the decoders have replaced them already.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Applies [`clean_text`] to every key and string of `value`.
#[must_use]
pub fn clean_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean_text(&text).into_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(clean_json).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, item)| (clean_text(&key).into_owned(), clean_json(item)))
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_numbers_have_one_spelling() {
        let value = json!({"b": 1.0, "a": [1e3, 0.5, -7, 1e300]});
        assert_eq!(
            canonical_json(&value),
            r#"{"a":[1000,0.5,-7,1e+300],"b":1}"#
        );
    }

    #[test]
    fn nul_becomes_the_replacement_character() {
        assert_eq!(clean_text("a\0b"), "a\u{fffd}b");
        assert_eq!(
            clean_json(json!({"\0": ["\0"]})),
            json!({"\u{fffd}": ["\u{fffd}"]})
        );
    }
}
