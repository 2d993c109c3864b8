//! A table of a report in HTML: readable as it stands, sorted and filtered where scripts run.
//!
//! The kind of a column decides how it is aligned and what it is sorted by. Columns without any value are
//! named below the table and take no room in it.

use std::io::{self, Write};

use super::text::{attribute, link, text};
use crate::cli::output::table::spelled;
use crate::report::{Cell, Column, ColumnKind, Table};

/// A column that may hold values as long as this is given room for them.
const WIDE: usize = 24;
/// A value longer than this scrolls in its cell.
const LONG: usize = 400;
/// The rules that align columns know this many; no report has as many.
pub(super) const ALIGNED_COLUMNS: usize = 40;
/// A single row with more columns than this is written upright.
const UPRIGHT: usize = 4;

/// Writes the rows of `table`, or the sentence that stands for none. `label` is the id of its heading.
pub(super) fn write(table: &Table, label: &str, out: &mut dyn Write) -> io::Result<()> {
    write_with(table, label, &Further::default(), out)
}

/// Writes `table` with an id on each row, which is its heading's with the row's number.
pub(super) fn write_with_ids(table: &Table, label: &str, out: &mut dyn Write) -> io::Result<()> {
    let further = Further {
        ids: true,
        ..Further::default()
    };
    write_with(table, label, &further, out)
}

/// What the rows of a table have beside their values.
#[derive(Debug, Default)]
pub(super) struct Further<'a> {
    /// Whether each can be led to.
    pub ids: bool,
    /// Where the first column of each row leads; empty where it leads nowhere else.
    pub links: &'a [String],
}

/// Writes `table` and what its rows have beside their values.
pub(super) fn write_with(
    table: &Table,
    label: &str,
    further: &Further<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if table.rows.is_empty() || table.columns.is_empty() {
        return writeln!(out, "<p class=\"muted\">{}</p>", text(table.empty));
    }
    let columns: Vec<Shown<'_>> = shown_columns(table);
    let is_plain = !further.ids && further.links.is_empty();
    if table.rows.len() == 1 && columns.len() > UPRIGHT && is_plain {
        write_upright(table, &columns, out)?;
    } else {
        write_rows(table, &columns, label, further, out)?;
    }
    write_absent(table, &columns, out)
}

/// Says how many rows there are.
pub(super) fn counted(rows: usize) -> String {
    match rows {
        0 => "none".to_owned(),
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// A column with a value in some row.
struct Shown<'a> {
    index: usize,
    column: &'a Column,
    is_wide: bool,
}

fn shown_columns(table: &Table) -> Vec<Shown<'_>> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter_map(|(index, column)| {
            let mut cells = table.rows.iter().filter_map(|row| row.get(index));
            cells.clone().any(|cell| !is_empty(cell)).then(|| Shown {
                index,
                column,
                is_wide: cells.any(|cell| matches!(cell, Cell::Text(text) if text.len() > WIDE)),
            })
        })
        .collect()
}

fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.is_empty(),
        _ => false,
    }
}

fn write_rows(
    table: &Table,
    columns: &[Shown<'_>],
    label: &str,
    further: &Further<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{label}\" tabindex=\"0\"><table class=\"rows"
    )?;
    for (place, shown) in (1..=ALIGNED_COLUMNS).zip(columns) {
        if is_number(shown.column.kind) {
            write!(out, " n{place}")?;
        }
    }
    out.write_all(b"\"><thead><tr>")?;
    for shown in columns {
        let kind = kind_name(shown.column.kind);
        let title = shown.column.title();
        write!(
            out,
            "<th scope=\"col\" data-kind=\"{kind}\">{}</th>",
            text(&title)
        )?;
    }
    out.write_all(b"</tr></thead><tbody>\n")?;
    for (index, row) in table.rows.iter().enumerate() {
        if further.ids {
            write!(out, "<tr id=\"{label}-{}\">", index + 1)?;
        } else {
            out.write_all(b"<tr>")?;
        }
        for (place, shown) in columns.iter().enumerate() {
            let wide = if shown.is_wide { " class=\"w\"" } else { "" };
            write!(out, "<td{wide}>")?;
            let link = further.links.get(index).filter(|_| place == 0);
            if let (Some(href), Some(Cell::Text(value))) = (link, row.get(shown.index)) {
                write!(
                    out,
                    "<a href=\"{}\">{}</a></td>",
                    attribute(href),
                    text(value)
                )?;
                continue;
            }
            write_cell(
                row.get(shown.index).unwrap_or(&Cell::Empty),
                shown.column,
                out,
            )?;
            out.write_all(b"</td>")?;
        }
        out.write_all(b"</tr>\n")?;
    }
    out.write_all(b"</tbody></table></div>\n")
}

fn write_upright(table: &Table, columns: &[Shown<'_>], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<div class=\"scroll\"><table><tbody>\n")?;
    let Some(row) = table.rows.first() else {
        return Ok(());
    };
    for shown in columns {
        let title = shown.column.title();
        write!(out, "<tr><th scope=\"row\">{}</th><td>", text(&title))?;
        write_cell(
            row.get(shown.index).unwrap_or(&Cell::Empty),
            shown.column,
            out,
        )?;
        out.write_all(b"</td></tr>\n")?;
    }
    out.write_all(b"</tbody></table></div>\n")
}

/// Names the columns that no row has a value for.
fn write_absent(table: &Table, columns: &[Shown<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut absent = table.columns.iter().enumerate();
    let is_shown = |index: &usize| columns.iter().any(|shown| shown.index == *index);
    let names: Vec<_> = absent
        .by_ref()
        .filter(|(index, _)| !is_shown(index))
        .map(|(_, column)| column.title())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let names = names.join(", ");
    writeln!(
        out,
        "<p class=\"muted\">Without a value in any row: {}.</p>",
        text(&names)
    )
}

/// Writes a value; what is shown of it is less than all only where a `title` and `data-v` have the rest.
fn write_cell(cell: &Cell, column: &Column, out: &mut dyn Write) -> io::Result<()> {
    match cell {
        Cell::Empty => Ok(()),
        Cell::Text(value) => write_text(value, column, out),
        Cell::Id(id) => {
            let whole = attribute(id);
            let end = spelled(cell, column.kind);
            write!(
                out,
                "<span class=\"id\" title=\"{whole}\" data-v=\"{whole}\">{}</span>",
                text(&end)
            )
        }
        Cell::Time(time) => {
            let seconds = spelled(cell, column.kind);
            let shown = seconds.replacen('T', " ", 1);
            write!(out, "<time datetime=\"{time}\">{}</time>", text(&shown))
        }
        Cell::Integer(_) | Cell::Real(_) | Cell::Boolean(_) => {
            write!(out, "{}", text(&spelled(cell, column.kind)))
        }
    }
}

fn write_text(value: &str, column: &Column, out: &mut dyn Write) -> io::Result<()> {
    if let Some(address) = link(value) {
        let href = attribute(address);
        return write!(
            out,
            "<a href=\"{href}\" rel=\"noreferrer\">{}</a>",
            text(value)
        );
    }
    if value.len() > LONG {
        return write!(
            out,
            "<div class=\"long\" tabindex=\"0\">{}</div>",
            text(value)
        );
    }
    // Weight for what is missing; the word itself says it, the colour only helps to find it.
    if matches!(column.key, "class" | "outcome")
        && matches!(value, "loss" | "failed" | "pending" | "limit")
    {
        return write!(out, "<span class=\"{value}\">{value}</span>");
    }
    write!(out, "{}", text(value))
}

fn is_number(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Number | ColumnKind::Seconds)
}

fn kind_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Number => "number",
        ColumnKind::Seconds => "seconds",
        ColumnKind::Time => "time",
        ColumnKind::Id => "id",
    }
}
