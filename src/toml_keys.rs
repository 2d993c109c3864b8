//! The keys of a table of TOML, each read as what it should be; what is wrong is noted with its place.
//!
//! Knows TOML and nothing of profiles or settings, and imports no other room. A fault never ends the reading, so
//! that one check tells them all.

mod fault;

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use fault::place;
pub use fault::{Fault, Faults};

/// Faults that are told of one text; whoever has more begins with these.
const MOST_ERRORS: usize = 50;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// The text that is read, and what was found wrong with it.
pub(crate) struct Reading<'t> {
    pub text: &'t str,
    errors: RefCell<Vec<Fault>>,
}

impl<'t> Reading<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            errors: RefCell::default(),
        }
    }

    /// Notes a fault of the bytes `span`.
    pub fn fault(&self, span: &Range<usize>, message: impl fmt::Display, fix: impl fmt::Display) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < MOST_ERRORS {
            let (message, fix) = (message.to_string(), fix.to_string());
            errors.push(Fault::at(self.text, span, message, fix));
        }
    }

    /// Notes a fault of a file that the text names.
    pub fn fault_of_file(&self, error: Fault) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < MOST_ERRORS {
            errors.push(error);
        }
    }

    /// Says whether so much is wrong that more is not told.
    pub fn is_hopeless(&self) -> bool {
        self.errors.borrow().len() >= MOST_ERRORS
    }

    /// Returns `value` if nothing was wrong.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok(value);
        }
        errors.sort_by_key(|error| (error.file.clone(), error.line, error.column));
        Err(Faults(errors))
    }

    /// Returns the byte `offset` of a string's value as a place in the text that is read.
    pub fn inside(&self, span: &Range<usize>, offset: usize) -> Range<usize> {
        let written = self.text.get(span.clone()).unwrap_or_default();
        let quotes = match written {
            _ if written.starts_with("'''") || written.starts_with("\"\"\"") => 3,
            _ => 1,
        };
        // Behind an escape the value and its spelling are apart.
        let at = match written {
            _ if written.starts_with('"') && written.contains('\\') => span.start,
            _ => span.start + quotes + offset,
        };
        at..at
    }
}

/// One table, with the keys that it may have.
pub(crate) struct Keys<'r, 't> {
    pub reading: &'r Reading<'t>,
    table: &'r DeTable<'t>,
    /// Of the whole table: where a key is missing.
    pub span: Range<usize>,
}

impl<'r, 't> Keys<'r, 't> {
    /// Takes a table up; a key that is none of `known` is a fault.
    pub fn new(
        reading: &'r Reading<'t>,
        table: &'r DeTable<'t>,
        span: Range<usize>,
        name: &str,
        known: &[&str],
    ) -> Self {
        for key in table.keys() {
            let written: &str = key.get_ref();
            if !known.contains(&written) {
                let fix = match nearest(written, known.iter().copied()) {
                    Some(near) => format!("write `{near}`"),
                    None => format!("{name} takes {}", known.join(", ")),
                };
                reading.fault(
                    &key.span(),
                    format!("unknown key `{}`", shown(written)),
                    fix,
                );
            }
        }
        Self {
            reading,
            table,
            span,
        }
    }

    /// Returns a key's value as it stands.
    pub fn get(&self, key: &str) -> Option<&'r Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    /// Returns where a key's value stands, or the table.
    pub fn place(&self, key: &str) -> Range<usize> {
        self.get(key).map_or(self.span.clone(), Spanned::span)
    }

    /// Returns where a key itself stands, or the table.
    pub fn key_place(&self, key: &str) -> Range<usize> {
        let found = self.table.get_key_value(key);
        found.map_or(self.span.clone(), |(key, _)| key.span())
    }

    /// Reads a string that is not empty.
    pub fn text(&self, key: &str) -> Option<Placed<String>> {
        self.string(key, self.get(key)?)
    }

    /// Reads a string, or a list of them.
    pub fn texts(&self, key: &str) -> Vec<Placed<String>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(values) = value.get_ref() else {
            return self.string(key, value).into_iter().collect();
        };
        if values.is_empty() {
            let fix = "leave the key out, or name at least one";
            self.reading
                .fault(&value.span(), format!("`{key}` is an empty list"), fix);
        }
        values
            .iter()
            .filter_map(|value| self.string(key, value))
            .collect()
    }

    fn string(&self, key: &str, value: &Spanned<DeValue<'t>>) -> Option<Placed<String>> {
        let span = value.span();
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                let fix = "leave the key out, or write something";
                self.reading.fault(&span, format!("`{key}` is empty"), fix);
                None
            }
            DeValue::String(text) => Some(Placed {
                value: text.clone().into_owned(),
                span,
            }),
            other => {
                self.mismatch(key, &span, "a string", other);
                None
            }
        }
    }

    /// Reads `true` or `false`.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                self.mismatch(key, &value.span(), "true or false", other);
                None
            }
        }
    }

    /// Reads a whole number of at least 1.
    pub fn count(&self, key: &str, most: usize) -> Option<usize> {
        let value = self.get(key)?;
        let DeValue::Integer(_) = value.get_ref() else {
            self.mismatch(key, &value.span(), "a whole number", value.get_ref());
            return None;
        };
        let number = plain(value.get_ref()).and_then(|value| value.as_u64());
        let number = number.and_then(|number| usize::try_from(number).ok());
        if !number.is_some_and(|number| (1..=most).contains(&number)) {
            let fix = format!("write a number from 1 to {most}");
            self.reading
                .fault(&value.span(), format!("`{key}` is out of range"), fix);
            return None;
        }
        number
    }

    /// Reads a number, a string, a date, a boolean or a list of these.
    pub fn any(&self, key: &str) -> Option<Placed<Value>> {
        let value = self.get(key)?;
        let span = value.span();
        let read = plain(value.get_ref());
        if read.is_none() {
            let wanted = "a string, a number, a date, a boolean or a list of these";
            self.mismatch(key, &span, wanted, value.get_ref());
        }
        Some(Placed { value: read?, span })
    }

    /// Reads a word that is one of a closed list.
    pub fn word<T: std::str::FromStr>(&self, key: &str, known: &[&str]) -> Option<T> {
        let text = self.text(key)?;
        self.word_of(key, &text, known)
    }

    /// Reads words that are each one of a closed list.
    pub fn words<T: std::str::FromStr>(&self, key: &str, known: &[&str]) -> Vec<T> {
        let texts = self.texts(key);
        texts
            .iter()
            .filter_map(|text| self.word_of(key, text, known))
            .collect()
    }

    fn word_of<T: std::str::FromStr>(
        &self,
        key: &str,
        text: &Placed<String>,
        known: &[&str],
    ) -> Option<T> {
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            let fix = match nearest(&text.value, known.iter().copied()) {
                Some(near) => format!("write \"{near}\""),
                None => format!("write one of {}", known.join(", ")),
            };
            let message = format!("unknown {key} \"{}\"", shown(&text.value));
            self.reading.fault(&text.span, message, fix);
        }
        parsed
    }

    /// Returns the tables of a list that is written with `[[key]]`.
    pub fn tables(&self, key: &str) -> Vec<(&'r DeTable<'t>, Range<usize>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let list = match value.get_ref() {
            DeValue::Array(list) => list,
            other => {
                let message = format!("`{key}` must be a list of tables, not {}", kind(other));
                let fix = format!("write [[{key}]] in two brackets, once for each");
                self.reading.fault(&self.key_place(key), message, fix);
                return Vec::new();
            }
        };
        let table = |value: &'r Spanned<DeValue<'t>>| match value.get_ref() {
            DeValue::Table(table) => Some((table, value.span())),
            other => {
                self.mismatch(key, &value.span(), "a table", other);
                None
            }
        };
        list.iter().filter_map(table).collect()
    }

    /// Returns the table that is written with `[key]`.
    pub fn table(&self, key: &str) -> Option<(&'r DeTable<'t>, Range<usize>)> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some((table, value.span())),
            other => {
                let message = format!("`{key}` must be a table, not {}", kind(other));
                let fix = format!("write [{key}] in single brackets, once");
                self.reading.fault(&self.key_place(key), message, fix);
                None
            }
        }
    }

    fn mismatch(&self, key: &str, span: &Range<usize>, wanted: &str, found: &DeValue<'_>) {
        let message = format!("`{key}` must be {wanted}, not {}", kind(found));
        self.reading.fault(span, message, format!("write {wanted}"));
    }
}

/// Parses a TOML text that is not longer than `most` bytes; `shorter` says what to do about one that is.
pub(crate) fn document<'t>(
    text: &'t str,
    name: &str,
    most: usize,
    shorter: &str,
) -> Result<DeTable<'t>, Faults> {
    let reading = Reading::new(text);
    if text.len() > most {
        let message = format!("{name} has more than {most} bytes");
        reading.fault(&(0..0), message, shorter);
        return reading.finish(DeTable::new());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or_default();
        reading.fault(&span, error.message(), "write TOML: https://toml.io");
    }
    reading.finish(table.into_inner())
}

/// Returns a scalar, or a list of scalars, as JSON.
fn plain(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            json!(i64::from_str_radix(&digits, number.radix()).ok()?)
        }
        DeValue::Float(number) => {
            let number = number.as_str().replace('_', "").parse::<f64>().ok()?;
            json!(Some(number).filter(|number| number.is_finite())?)
        }
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Datetime(time) => json!(time.to_string()),
        DeValue::Array(values) => {
            let values = values.iter().map(|value| match value.get_ref() {
                DeValue::Array(_) | DeValue::Table(_) => None,
                scalar => plain(scalar),
            });
            Value::Array(values.collect::<Option<_>>()?)
        }
        DeValue::Table(_) => return None,
    })
}

/// Says what a value is, with its article.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Returns the first characters of what a user wrote, for a message.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns the known word that `written` is most likely meant to be.
pub(crate) fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let written: String = written.chars().take(40).collect();
    let near = known
        .map(|word| (strsim::osa_distance(&written, word), word))
        .min()?;
    let length = near.1.chars().count().max(written.chars().count());
    (near.0 <= length.div_ceil(3)).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_nothing_far() {
        let known = ["selector", "attribute", "pattern", "required"];
        for (written, near) in [
            ("selctor", Some("selector")),
            ("atribute", Some("attribute")),
            ("requierd", Some("required")),
            ("patterns", Some("pattern")),
            ("xyz", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known.iter().copied()), near, "{written}");
        }
    }
}
