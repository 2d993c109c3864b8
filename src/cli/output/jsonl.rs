//! The main table as JSON Lines: one object per row, its keys in the order of the columns.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::json::EscapingWriter;
use crate::report::{Cell, Column, Table};

/// Writes each row of `table` as one line.
pub(super) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for cells in &table.rows {
        let row = Row {
            columns: &table.columns,
            cells,
        };
        serde_json::to_writer(EscapingWriter(&mut *out), &row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

struct Row<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        let cells = self.cells.iter().chain(std::iter::repeat(&Cell::Empty));
        for (column, cell) in self.columns.iter().zip(cells) {
            map.serialize_entry(column.key, cell)?;
        }
        map.end()
    }
}
