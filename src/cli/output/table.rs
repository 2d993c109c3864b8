//! Tables for reading: aligned columns, two spaces apart, under a rule of dashes.
//!
//! Values are shortened only where nothing is lost by it (the end of an id is accepted wherever an id is) and
//! wrapped only to a terminal's width; where that is not enough, `upright` takes over. Colour adds weight to
//! titles and never carries meaning.

use std::borrow::Cow;
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::OutputOptions;
use super::text::{real_text, visible};
use super::upright;
use crate::report::{Cell, Column, ColumnKind, Table};

/// Spaces between two columns.
pub(super) const GAP: usize = 2;
/// How much of an id is shown: the random end of a UUIDv7, which tells rows of one moment apart.
const ID_CHARACTERS: usize = 8;
/// Beyond this many columns a value is not waited for: it pushes the rest of its own line to the right,
/// so that one long value does not pad every other line.
const MAXIMUM_ALIGNED: usize = 120;
/// No column is squeezed further than this for the terminal's sake: the longest reason is not split.
const MINIMUM_SQUEEZED: usize = 24;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes all tables, named where there are several, with a blank line between them.
pub(super) fn write(
    tables: &[Table],
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, table) in tables.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if tables.len() > 1 {
            write_title(table.name, options.color, out)?;
        }
        if table.rows.is_empty() || table.columns.is_empty() {
            writeln!(out, "{}", visible(table.empty))?;
        } else {
            let layout = Layout::of(table, options.width);
            if options.width.is_some_and(|width| layout.width() > width) {
                upright::write(table, out)?;
            } else {
                layout.write(table, options.color, out)?;
            }
        }
    }
    Ok(())
}

/// Writes what to do next, a line each, after a blank one.
pub(super) fn write_notes<'a>(
    notes: impl Iterator<Item = Cow<'a, str>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, note) in notes.enumerate() {
        if index == 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", visible(&note))?;
    }
    Ok(())
}

fn write_title(title: &str, color: bool, out: &mut dyn Write) -> io::Result<()> {
    if color {
        writeln!(out, "{BOLD}{title}{PLAIN}")
    } else {
        writeln!(out, "{title}")
    }
}

/// How wide each column is.
struct Layout {
    widths: Vec<usize>,
    /// Values longer than their column continue on the next line instead of pushing the rest.
    wraps: bool,
}

impl Layout {
    fn of(table: &Table, terminal: Option<usize>) -> Self {
        let mut widths: Vec<usize> = table
            .columns
            .iter()
            .map(|column| column.title().width())
            .collect();
        for row in &table.rows {
            for ((width, column), cell) in widths.iter_mut().zip(&table.columns).zip(row) {
                *width = (*width).max(spelled(cell, column.kind).width());
            }
        }
        let total = total_width(&widths);
        if let Some(terminal) = terminal {
            squeeze(&mut widths, &table.columns, total.saturating_sub(terminal));
        } else {
            for width in &mut widths {
                *width = (*width).min(MAXIMUM_ALIGNED);
            }
        }
        Self {
            widths,
            wraps: terminal.is_some(),
        }
    }

    fn width(&self) -> usize {
        total_width(&self.widths)
    }

    fn write(&self, table: &Table, color: bool, out: &mut dyn Write) -> io::Result<()> {
        let titles: Vec<_> = table.columns.iter().map(Column::title).collect();
        let mut header = Vec::new();
        self.write_row(table, &titles, &mut header)?;
        for line in String::from_utf8_lossy(&header).lines() {
            write_title(line, color, out)?;
        }
        let rules: Vec<_> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(out, "{}", rules.join(&" ".repeat(GAP)))?;
        for row in &table.rows {
            let cells = row.iter().chain(std::iter::repeat(&Cell::Empty));
            let values: Vec<_> = table
                .columns
                .iter()
                .zip(cells)
                .map(|(column, cell)| spelled(cell, column.kind))
                .collect();
            self.write_row(table, &values, out)?;
        }
        Ok(())
    }

    fn write_row(
        &self,
        table: &Table,
        values: &[Cow<'_, str>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let pieces: Vec<Vec<&str>> = values
            .iter()
            .zip(&self.widths)
            .map(|(value, width)| {
                if self.wraps {
                    wrapped(value, *width)
                } else {
                    vec![value.as_ref()]
                }
            })
            .collect();
        let height = pieces.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut text = String::new();
            for (index, column) in table.columns.iter().enumerate() {
                let piece = pieces[index].get(line).copied().unwrap_or("");
                let padding = " ".repeat(self.widths[index].saturating_sub(piece.width()));
                let (before, after) = match column.kind {
                    ColumnKind::Number | ColumnKind::Seconds => (padding.as_str(), ""),
                    ColumnKind::Text | ColumnKind::Time | ColumnKind::Id => ("", padding.as_str()),
                };
                text.extend([before, piece, after]);
                text.extend(std::iter::repeat_n(' ', GAP));
            }
            writeln!(out, "{}", text.trim_end_matches(' '))?;
        }
        Ok(())
    }
}

fn total_width(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Takes `excess` columns from the text columns, always from the widest, as far as they can give.
fn squeeze(widths: &mut [usize], columns: &[Column], excess: usize) {
    for _ in 0..excess {
        let widest = widths
            .iter_mut()
            .zip(columns)
            .filter(|(width, column)| column.kind == ColumnKind::Text && **width > MINIMUM_SQUEEZED)
            .map(|(width, _)| width)
            .max();
        match widest {
            Some(width) => *width -= 1,
            None => return,
        }
    }
}

/// Cuts a value into pieces no wider than `width`, after spaces where there are any.
fn wrapped(text: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(end) = overflow(rest, width) {
        let cut = rest[..end]
            .rfind(' ')
            .map(|space| space + 1)
            .filter(|cut| *cut > 1)
            .unwrap_or(end);
        pieces.push(rest[..cut].trim_end_matches(' '));
        rest = &rest[cut..];
    }
    pieces.push(rest);
    pieces
}

/// Returns the byte at which `text` grows wider than `width`; never its first character, so that cutting ends.
fn overflow(text: &str, width: usize) -> Option<usize> {
    let mut used = 0;
    for (start, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > width && start > 0 {
            return Some(start);
        }
    }
    None
}

/// Spells one value.
pub(super) fn spelled(cell: &Cell, kind: ColumnKind) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed("-"),
        Cell::Text(text) => visible(text),
        Cell::Id(id) => visible(ending(id)),
        Cell::Integer(integer) => Cow::Owned(integer.to_string()),
        Cell::Real(real) if kind == ColumnKind::Seconds => Cow::Owned(format!("{real:.3}")),
        Cell::Real(real) => Cow::Owned(real_text(*real)),
        Cell::Boolean(true) => Cow::Borrowed("yes"),
        Cell::Boolean(false) => Cow::Borrowed("no"),
        Cell::Time(time) => {
            // The fraction is of use to programs; the other formats have it.
            let text = time.to_string();
            let whole = text
                .split_once('.')
                .map_or(text.as_str(), |(whole, _)| whole);
            Cow::Owned(format!("{whole}Z"))
        }
    }
}

fn ending(id: &str) -> &str {
    let start = id.char_indices().rev().nth(ID_CHARACTERS - 1);
    &id[start.map_or(0, |(start, _)| start)..]
}
