//! What a report shows itself as: tables of typed cells beside its serialized form.
//!
//! The columns carry what every format must agree on (key, kind, what `--stable` and `--verbose` decide).
//! How a cell is spelled, escaped or aligned is the business of `cli/output`, not of this file.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::{Figure, SourceText};
use crate::model::{
    Digest, EntityId, ExtractionId, GapId, JobId, RunId, SourceId, Timestamp, WorkerId,
    canonical_json,
};

/// A value that every output format can show.
pub trait Report: Serialize {
    /// Returns the report as tables, the main one first.
    fn tables(&self) -> Vec<Table>;

    /// Returns the tables and keeps their rows no longer: a report of very many lines is in memory once.
    fn take_tables(&mut self) -> Vec<Table> {
        self.tables()
    }

    /// Returns the columns of all tables.
    fn columns(&self) -> Vec<Column> {
        let tables = self.tables();
        tables.into_iter().flat_map(|table| table.columns).collect()
    }

    /// Returns what the reader may want to do or know next, one sentence each.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns pictures of what the tables tell, for the formats that can show them.
    fn figures(&self) -> Vec<Figure> {
        Vec::new()
    }

    /// Returns texts with the places marked that name or hold something, for the formats that can show them.
    fn texts(&self) -> &[SourceText] {
        &[]
    }

    /// Returns keys that `--stable` leaves out wherever they occur, beyond those of volatile columns.
    ///
    /// Keys are matched by name at any depth, so a map whose keys are data must not share their names.
    fn volatile_keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns keys that only `--verbose` shows, beyond those of verbose columns.
    fn verbose_keys(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Rows under named columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the rows are, in words; a heading where there are several tables.
    pub name: &'static str,
    /// The sentence that is shown instead of no rows.
    pub empty: &'static str,
    /// The question that the rows answer, where the name alone does not say it.
    pub question: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Makes a table without rows.
    pub fn new(name: &'static str, empty: &'static str, columns: Vec<Column>) -> Self {
        Self {
            name,
            empty,
            question: "",
            columns,
            rows: Vec::new(),
        }
    }

    /// Says which question the rows answer.
    #[must_use]
    pub fn answering(mut self, question: &'static str) -> Self {
        self.question = question;
        self
    }

    /// Adds a row, one cell a column.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row of {:?}", self.name);
        self.rows.push(row);
    }
}

/// What kind of value a column holds, which decides how it is aligned and shortened for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Number,
    /// A duration.
    Seconds,
    Time,
    Id,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The JSON key of the same value and the CSV header.
    pub key: &'static str,
    pub kind: ColumnKind,
    /// Differs between two runs of the same story; `--stable` leaves it out.
    pub volatile: bool,
    /// Shown with `--verbose` only.
    pub verbose: bool,
    title: Option<&'static str>,
}

impl Column {
    /// Makes a column of `kind`; ids, times and durations are volatile from the start.
    pub fn new(key: &'static str, kind: ColumnKind) -> Self {
        Self {
            key,
            kind,
            volatile: !matches!(kind, ColumnKind::Text | ColumnKind::Number),
            verbose: false,
            title: None,
        }
    }

    /// Makes a column of text.
    pub fn text(key: &'static str) -> Self {
        Self::new(key, ColumnKind::Text)
    }

    /// Makes a column of numbers.
    pub fn number(key: &'static str) -> Self {
        Self::new(key, ColumnKind::Number)
    }

    /// Makes a column of durations.
    pub fn seconds(key: &'static str) -> Self {
        Self::new(key, ColumnKind::Seconds)
    }

    /// Makes a column of instants.
    pub fn time(key: &'static str) -> Self {
        Self::new(key, ColumnKind::Time)
    }

    /// Makes a column of ids.
    pub fn id(key: &'static str) -> Self {
        Self::new(key, ColumnKind::Id)
    }

    /// Gives the column a title of its own.
    #[must_use]
    pub fn titled(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    /// Marks the column as depending on ids, time or the order of arrival.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Marks the column as the same in every run of the same story, whatever its kind.
    #[must_use]
    pub fn stable(mut self) -> Self {
        self.volatile = false;
        self
    }

    /// Marks the column as shown with `--verbose` only.
    #[must_use]
    pub fn verbose(mut self) -> Self {
        self.verbose = true;
        self
    }

    /// Returns the words over the column: its title, or its key with spaces.
    pub fn title(&self) -> Cow<'static, str> {
        self.title
            .map_or_else(|| Cow::Owned(self.key.replace('_', " ")), Cow::Borrowed)
    }
}

/// One value in a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Integer(i64),
    Real(f64),
    Boolean(bool),
    Time(Timestamp),
    /// A whole id; the table format shows its end.
    Id(String),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_unit(),
            Self::Text(text) | Self::Id(text) => serializer.serialize_str(text),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
            Self::Real(real) => serializer.serialize_f64(*real),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Time(time) => time.serialize(serializer),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Cell {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<u64> for Cell {
    fn from(integer: u64) -> Self {
        i64::try_from(integer).map_or_else(|_| Self::Text(integer.to_string()), Self::Integer)
    }
}

impl From<usize> for Cell {
    fn from(integer: usize) -> Self {
        Self::from(integer as u64)
    }
}

impl From<f64> for Cell {
    /// JSON has no spelling for infinities and NaN and writes null, so no format shows them.
    fn from(real: f64) -> Self {
        if real.is_finite() {
            Self::Real(real)
        } else {
            Self::Empty
        }
    }
}

impl From<bool> for Cell {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Digest> for Cell {
    /// A digest is shown like an id: its end tells it apart.
    fn from(digest: Digest) -> Self {
        Self::Id(digest.to_string())
    }
}

impl From<Vec<i64>> for Cell {
    fn from(integers: Vec<i64>) -> Self {
        let texts: Vec<String> = integers.iter().map(i64::to_string).collect();
        Self::Text(texts.join(", "))
    }
}

impl From<serde_json::Value> for Cell {
    /// A string is shown bare, anything else as canonical JSON.
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Empty,
            serde_json::Value::String(text) => Self::Text(text),
            other => Self::Text(canonical_json(&other)),
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

macro_rules! id_cells {
    ($($id:ty),+ $(,)?) => {$(
        impl From<$id> for Cell {
            fn from(id: $id) -> Self {
                Self::Id(id.to_string())
            }
        }
    )+};
}

id_cells!(
    EntityId,
    ExtractionId,
    GapId,
    JobId,
    RunId,
    SourceId,
    WorkerId,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_decide_what_is_volatile_unless_told() {
        for (column, volatile) in [
            (Column::text("uri"), false),
            (Column::number("count"), false),
            (Column::id("source_id"), true),
            (Column::time("first_seen"), true),
            (Column::seconds("duration_seconds"), true),
            (Column::number("depth").volatile(), true),
            (Column::seconds("timeout_seconds").stable(), false),
        ] {
            assert_eq!(column.volatile, volatile, "{}", column.key);
        }
    }

    #[test]
    fn titles_are_derived_from_keys_unless_given() {
        assert_eq!(Column::time("first_seen").title(), "first seen");
        assert_eq!(Column::text("uri").titled("page").title(), "page");
    }

    #[test]
    fn values_become_cells_without_loss() {
        let time = Timestamp::from_microseconds(1);
        for (cell, json) in [
            (Cell::from(None::<i64>), "null"),
            (Cell::from(Some("x")), "\"x\""),
            (Cell::from(-3_i64), "-3"),
            (Cell::from(u64::MAX), "\"18446744073709551615\""),
            (Cell::from(0.1), "0.1"),
            (Cell::from(f64::NAN), "null"),
            (Cell::from(true), "true"),
            (Cell::from(time), "\"1970-01-01T00:00:00.000001Z\""),
        ] {
            assert_eq!(serde_json::to_string(&cell).unwrap(), json);
        }
        let job = JobId::new();
        assert_eq!(Cell::from(job), Cell::Id(job.to_string()));
    }
}
