//! Rows as comma-separated values by RFC 4180: a header, CRLF, quotes where needed.
//!
//! Values stay whole with two exceptions, both against harm where a person opens the file: cells that a
//! spreadsheet would run get an apostrophe, and on a terminal what it would obey is escaped.

use std::borrow::Cow;
use std::io::{self, Write};

use ::csv::{ErrorKind, Terminator, Writer, WriterBuilder};

use super::text::{plain, visible_lines};
use crate::report::{Cell, Table};

/// Rows on their way out, after their header.
pub(super) struct CsvRows<W: Write> {
    writer: Writer<W>,
    to_terminal: bool,
}

impl<W: Write> CsvRows<W> {
    /// Writes the header.
    pub(super) fn new(
        keys: impl Iterator<Item = &'static str>,
        to_terminal: bool,
        out: W,
    ) -> io::Result<Self> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(out);
        writer.write_record(keys).map_err(io_error)?;
        Ok(Self {
            writer,
            to_terminal,
        })
    }

    /// Writes one row, a cell for each key.
    pub(super) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a Cell>) -> io::Result<()> {
        for cell in cells {
            let mut value = disarmed(cell);
            if self.to_terminal {
                value = Cow::Owned(visible_lines(&value).into_owned());
            }
            self.writer
                .write_field(value.as_bytes())
                .map_err(io_error)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(io_error)
    }

    /// Writes what is held back, and returns what is written to.
    pub(super) fn into_output(mut self) -> io::Result<W> {
        self.writer.flush()?;
        self.writer
            .into_inner()
            .map_err(|error| io::Error::new(error.error().kind(), error.error().to_string()))
    }
}

/// Writes `table` row by row, its header even when there are no rows.
pub(super) fn write(table: &Table, to_terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    let keys = table.columns.iter().map(|column| column.key);
    let mut rows = CsvRows::new(keys, to_terminal, out)?;
    for row in &table.rows {
        let cells = row.iter().chain(std::iter::repeat(&Cell::Empty));
        rows.row(cells.take(table.columns.len()))?;
    }
    rows.into_output().map(|_| ())
}

/// Spells a cell so that no spreadsheet takes it for a formula (OWASP, "CSV Injection").
fn disarmed(cell: &Cell) -> Cow<'_, str> {
    let value = plain(cell);
    let is_text = matches!(cell, Cell::Text(_) | Cell::Id(_));
    if is_text && value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(&value) {
        Cow::Owned(format!("'{value}"))
    } else {
        value
    }
}

/// Says whether a text is a decimal number; `-inf`, which Rust would parse too, is a formula to a spreadsheet.
fn is_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && text.parse::<f64>().is_ok()
}

/// Takes an I/O error out as it is: the crate's own conversion would hide that a pipe was closed.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        for (text, spelled) in [
            ("=1+1", "'=1+1"),
            ("+SUM(A1)", "'+SUM(A1)"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("@import", "'@import"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("-1.5", "-1.5"),
            ("+49", "+49"),
            ("-1e3", "-1e3"),
            ("-inf", "'-inf"),
            ("+", "'+"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(disarmed(&Cell::from(text)), spelled);
        }
        assert_eq!(disarmed(&Cell::Integer(-5)), "-5");
        assert_eq!(disarmed(&Cell::Real(-1.5)), "-1.5");
    }
}
