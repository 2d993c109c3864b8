//! Rows as JSON Lines: one object per row, its keys in the order of the columns.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::json::EscapingWriter;
use crate::report::{Cell, Table};

/// Writes each row of `table` as one line.
pub(super) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for cells in &table.rows {
        write_row(table.columns.iter().map(|column| column.key), cells, out)?;
    }
    Ok(())
}

/// Writes one row as a line; cells that are missing at its end are null.
pub(super) fn write_row(
    keys: impl Iterator<Item = &'static str> + Clone,
    cells: &[Cell],
    out: &mut dyn Write,
) -> io::Result<()> {
    serde_json::to_writer(EscapingWriter(&mut *out), &Row { keys, cells })?;
    out.write_all(b"\n")
}

struct Row<'a, K> {
    keys: K,
    cells: &'a [Cell],
}

impl<K: Iterator<Item = &'static str> + Clone> Serialize for Row<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let cells = self.cells.iter().chain(std::iter::repeat(&Cell::Empty));
        for (key, cell) in self.keys.clone().zip(cells) {
            map.serialize_entry(key, cell)?;
        }
        map.end()
    }
}
