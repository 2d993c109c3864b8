//! Rows of exports: one declaration gives the columns, what type each of them holds, and the cells.
//!
//! Formats with types of their own (Parquet) need to know a column's before its first row, so the type is that of
//! the field and never guessed from values.

use serde_json::Value as Json;

use crate::model::{Digest, EntityId, ExtractionId, GapId, JobId, RunId, SourceId, Timestamp};
use crate::report::{Cell, Column};

/// What the cells of a column are, where they are not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellType {
    /// Text; also ids and digests, and values of any shape as canonical JSON.
    Text,
    Integer,
    Real,
    Boolean,
    Time,
}

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumn {
    pub column: Column,
    pub cell_type: CellType,
}

/// A type that a column can hold.
pub(super) trait Held: Into<Cell> {
    const TYPE: CellType;
}

macro_rules! held {
    ($($type:ident: $($held:ty),+;)+) => {
        $($(impl Held for $held {
            const TYPE: CellType = CellType::$type;
        })+)+
    };
}

held! {
    Text: String, &'static str, Digest, Json, EntityId, ExtractionId, GapId, JobId, RunId, SourceId;
    Integer: i64;
    Real: f64;
    Boolean: bool;
    Time: Timestamp;
}

impl<T: Held> Held for Option<T> {
    const TYPE: CellType = T::TYPE;
}

/// A row of an export.
pub(super) trait ExportRow {
    /// Returns a column for each field.
    fn columns() -> Vec<ExportColumn>;

    /// Returns a cell for each field.
    fn into_cells(self) -> Vec<Cell>;
}

/// Declares structs with a column for each field: `field: Type => kind.mark.mark`.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty => $kind:ident $(.$mark:ident)*;)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub(super) struct $name {
            $($(#[$field_doc])* $field: $type),+
        }

        impl $crate::report::export::typed::ExportRow for $name {
            fn columns() -> Vec<$crate::report::export::ExportColumn> {
                vec![$($crate::report::export::ExportColumn {
                    column: $crate::report::Column::$kind(stringify!($field))$(.$mark())*,
                    cell_type: <$type as $crate::report::export::typed::Held>::TYPE,
                }),+]
            }

            fn into_cells(self) -> Vec<$crate::report::Cell> {
                vec![$($crate::report::Cell::from(self.$field)),+]
            }
        }
    )+};
}
pub(super) use rows;
