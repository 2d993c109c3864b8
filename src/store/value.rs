//! Values on their way into a statement and out of a row, the same on both engines.

use std::borrow::Cow;
use std::str::FromStr;

use uuid::Uuid;

use super::error::{Error, Result};
use crate::model::{
    Digest, EntityId, ExtractionId, GapId, JobId, RunId, SearchSegmentId, SourceId, Timestamp,
    UriKey, WorkerId, canonical_json,
};

/// A parameter. JSON goes as canonical text; the engine knows the column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
    Uuid(Uuid),
    Time(Timestamp),
}

macro_rules! from {
    ($($type:ty, $value:ident => $converted:expr;)+) => {$(
        impl<'a> From<$type> for Value<'a> {
            fn from($value: $type) -> Self {
                $converted
            }
        }
    )+};
}

from! {
    bool, value => Value::Boolean(value);
    i64, value => Value::Integer(value);
    f64, value => Value::Real(value);
    &'a str, value => Value::Text(Cow::Borrowed(value));
    &'a String, value => Value::Text(Cow::Borrowed(value));
    String, value => Value::Text(Cow::Owned(value));
    &'a [u8], value => Value::Blob(Cow::Borrowed(value));
    Vec<u8>, value => Value::Blob(Cow::Owned(value));
    Timestamp, value => Value::Time(value);
    Digest, value => Value::Text(Cow::Owned(value.to_string()));
    UriKey, value => Value::Text(Cow::Owned(value.to_string()));
    &serde_json::Value, value => Value::Text(Cow::Owned(canonical_json(value)));
    JobId, value => Value::Uuid(value.uuid());
    SourceId, value => Value::Uuid(value.uuid());
    ExtractionId, value => Value::Uuid(value.uuid());
    EntityId, value => Value::Uuid(value.uuid());
    GapId, value => Value::Uuid(value.uuid());
    WorkerId, value => Value::Uuid(value.uuid());
    RunId, value => Value::Uuid(value.uuid());
    SearchSegmentId, value => Value::Uuid(value.uuid());
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Makes a list of parameters out of anything that converts to [`Value`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::value::Value::from($value)),*] };
}
pub(super) use values;

/// A row while it is being read. `None` is NULL.
pub trait Row {
    fn is_null(&self, column: usize) -> Result<bool>;
    fn boolean(&self, column: usize) -> Result<Option<bool>>;
    fn integer(&self, column: usize) -> Result<Option<i64>>;
    fn real(&self, column: usize) -> Result<Option<f64>>;
    fn text(&self, column: usize) -> Result<Option<&str>>;
    fn blob(&self, column: usize) -> Result<Option<&[u8]>>;
    fn uuid(&self, column: usize) -> Result<Option<Uuid>>;
    fn time(&self, column: usize) -> Result<Option<Timestamp>>;
}

impl dyn Row + '_ {
    /// Reads a column as the type that is asked for.
    pub fn get<T: FromColumn>(&self, column: usize) -> Result<T> {
        T::from_column(self, column)
    }
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    fn from_column(row: &dyn Row, column: usize) -> Result<Self>;
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(row: &dyn Row, column: usize) -> Result<Self> {
        if row.is_null(column)? {
            Ok(None)
        } else {
            T::from_column(row, column).map(Some)
        }
    }
}

fn not_null<T>(value: Option<T>, column: usize) -> Result<T> {
    value.ok_or_else(|| Error::Decode(format!("column {column} is NULL")))
}

macro_rules! from_column {
    ($($type:ty, $row:ident, $column:ident => $read:expr;)+) => {$(
        impl FromColumn for $type {
            fn from_column($row: &dyn Row, $column: usize) -> Result<Self> {
                not_null($read, $column)
            }
        }
    )+};
}

from_column! {
    bool, row, column => row.boolean(column)?;
    i64, row, column => row.integer(column)?;
    f64, row, column => row.real(column)?;
    String, row, column => row.text(column)?.map(str::to_owned);
    Vec<u8>, row, column => row.blob(column)?.map(<[u8]>::to_vec);
    Timestamp, row, column => row.time(column)?;
    Uuid, row, column => row.uuid(column)?;
    JobId, row, column => row.uuid(column)?.map(JobId::from_uuid);
    SourceId, row, column => row.uuid(column)?.map(SourceId::from_uuid);
    ExtractionId, row, column => row.uuid(column)?.map(ExtractionId::from_uuid);
    EntityId, row, column => row.uuid(column)?.map(EntityId::from_uuid);
    GapId, row, column => row.uuid(column)?.map(GapId::from_uuid);
    WorkerId, row, column => row.uuid(column)?.map(WorkerId::from_uuid);
    RunId, row, column => row.uuid(column)?.map(RunId::from_uuid);
    SearchSegmentId, row, column => row.uuid(column)?.map(SearchSegmentId::from_uuid);
}

/// A type that is stored as a word or as hexadecimal text.
macro_rules! from_text {
    ($($type:ty),+ $(,)?) => {$(
        impl FromColumn for $type {
            fn from_column(row: &dyn Row, column: usize) -> Result<Self> {
                let text = not_null(row.text(column)?, column)?;
                <$type>::from_str(text).map_err(|error| Error::Decode(error.to_string()))
            }
        }
    )+};
}

from_text!(
    Digest,
    UriKey,
    crate::model::JobKind,
    crate::model::JobState,
    crate::model::UrlKind,
    crate::model::Outcome,
    crate::model::Reason,
    crate::model::Class,
    crate::model::Stage,
    crate::model::ExtractionType,
);

impl FromColumn for serde_json::Value {
    fn from_column(row: &dyn Row, column: usize) -> Result<Self> {
        let text = not_null(row.text(column)?, column)?;
        serde_json::from_str(text).map_err(|error| Error::Decode(error.to_string()))
    }
}
