//! The main table as comma-separated values by RFC 4180: a header, CRLF, quotes where needed.
//!
//! Values stay whole with two exceptions, both against harm where a person opens the file: cells that a
//! spreadsheet would run get an apostrophe, and on a terminal what it would obey is escaped.

use std::borrow::Cow;
use std::io::{self, Write};

use ::csv::{ErrorKind, Terminator, WriterBuilder};

use super::text::{plain, visible_lines};
use crate::report::{Cell, Table};

/// Writes `table` row by row, its header even when there are no rows.
pub(super) fn write(table: &Table, to_terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out);
    writer
        .write_record(table.columns.iter().map(|column| column.key))
        .map_err(io_error)?;
    for row in &table.rows {
        let cells = row.iter().chain(std::iter::repeat(&Cell::Empty));
        for (_, cell) in table.columns.iter().zip(cells) {
            let mut value = disarmed(cell);
            if to_terminal {
                value = Cow::Owned(visible_lines(&value).into_owned());
            }
            writer.write_field(value.as_bytes()).map_err(io_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)?;
    }
    writer.flush()
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
