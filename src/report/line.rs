//! Lines of reports: one declaration gives the struct that is serialized and the columns that are shown.
//!
//! A column's key and a JSON key can so never come apart.

use super::{Cell, Column, Table};

/// A struct that is a row of a table.
pub(super) trait Line {
    /// Returns a column for each field.
    fn columns() -> Vec<Column>;

    /// Returns a cell for each field.
    fn cells(&self) -> Vec<Cell>;

    /// Returns a cell for each field, and keeps nothing.
    fn into_cells(self) -> Vec<Cell>;
}

/// Makes a table of `lines`.
pub(super) fn table<L: Line>(name: &'static str, empty: &'static str, lines: &[L]) -> Table {
    table_of(name, empty, L::columns(), lines.iter().map(L::cells))
}

/// Makes a table of the cells of lines.
pub(super) fn table_of(
    name: &'static str,
    empty: &'static str,
    columns: Vec<Column>,
    cells: impl Iterator<Item = Vec<Cell>>,
) -> Table {
    let mut table = Table::new(name, empty, columns);
    cells.for_each(|cells| table.push(cells));
    table
}

/// Declares structs with a column for each field: `field: Type => kind.mark.mark`.
macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty => $kind:ident $(.$mark:ident)*;)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type),+
        }

        impl $crate::report::line::Line for $name {
            fn columns() -> Vec<$crate::report::Column> {
                vec![$($crate::report::Column::$kind(stringify!($field))$(.$mark())*),+]
            }

            fn cells(&self) -> Vec<$crate::report::Cell> {
                self.clone().into_cells()
            }

            fn into_cells(self) -> Vec<$crate::report::Cell> {
                vec![$($crate::report::Cell::from(self.$field)),+]
            }
        }
    )+};
}
pub(super) use lines;
