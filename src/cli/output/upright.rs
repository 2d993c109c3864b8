//! Tables that are wider than the terminal: a block for each row, a line for each value.
//!
//! A value is neither cut nor wrapped here, so that it can be copied. What is empty takes no line.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::table::{GAP, spelled};
use crate::report::{Cell, Column, Table};

/// Writes the rows of `table`, an empty line between two.
pub(super) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let titles: Vec<_> = table.columns.iter().map(Column::title).collect();
    let widest = titles.iter().map(|title| title.width()).max().unwrap_or(0);
    for (index, row) in table.rows.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for ((column, title), cell) in table.columns.iter().zip(&titles).zip(row) {
            let value = spelled(cell, column.kind);
            if !matches!(cell, Cell::Empty) && !value.is_empty() {
                let padding = " ".repeat(widest - title.width() + GAP);
                writeln!(out, "{title}{padding}{value}")?;
            }
        }
    }
    Ok(())
}
