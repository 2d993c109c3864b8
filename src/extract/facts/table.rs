//! Facts of data tables: which cells are names and which are values.
//!
//! A table without any sign of what names what gives none: its text is in the content. `grid` lays the cells out.

mod grid;

use self::grid::{Cell, Grid};
use super::{ATTRIBUTE_BYTES, Finder, Origin};
use crate::extract::inner_text;
use crate::extract::tree::{NodeIndex, Tag, Tree};
use crate::model::{Gap, Reason};

/// Adds the facts of every data table of the page; returns what was left out of tables.
pub(super) fn read(finder: &mut Finder<'_>) -> Vec<Gap> {
    let tree = finder.tree();
    let tables: Vec<NodeIndex> = tree.elements(0, Tag::Table).collect();
    let mut gaps = Vec::new();
    for (ordinal, table) in tables.into_iter().enumerate() {
        let grid = Grid::of(tree, table);
        if grid.left_out > 0 {
            let detail = format!(
                "{} cells beyond {} places",
                grid.left_out,
                grid::PLACE_LIMIT
            );
            gaps.push(Gap::at(
                Reason::FactsCut,
                format!("table {}", ordinal + 1),
                detail,
            ));
        }
        if is_data(tree, table, &grid) {
            read_table(finder, table, &grid);
        }
    }
    gaps
}

/// Says whether a table holds data: one that lays a page out has forms, tables or texts in its cells, or one
/// row or column.
fn is_data(tree: &Tree, table: NodeIndex, grid: &Grid) -> bool {
    let role = tree.attribute(table, "role").unwrap_or_default();
    if matches!(role, "presentation" | "none") || grid.rows.len() < 2 && grid.columns < 2 {
        return false;
    }
    let cells = || grid.cells.iter();
    let filled = cells().filter(|cell| !cell.is_empty).count();
    let lays_out = cells().filter(|cell| cell.lays_out || cell.is_long).count();
    if filled < 2 || lays_out * 3 > filled {
        return false;
    }
    // Calendars and keypads are all numbers, menus all links.
    let links = cells().filter(|cell| cell.is_link).count();
    let figures = cells().filter(|cell| cell.is_figure).count();
    links * 10 < filled * 9 && (figures < filled || cells().any(|cell| cell.is_header))
}

fn read_table(finder: &mut Finder<'_>, table: NodeIndex, grid: &Grid) {
    let tree = finder.tree();
    let caption = tree
        .elements(table, Tag::Caption)
        .find(|caption| tree.parent(*caption) == table)
        .and_then(|caption| inner_text::of(tree, caption, ATTRIBUTE_BYTES + 1))
        .filter(|text| !text.is_empty());
    let mut subject = caption.or_else(|| finder.heading_before(table));
    let headers = grid.header_rows();
    let has_names = grid.has_row_names(headers);
    for (row, places) in grid.rows.iter().enumerate().skip(headers) {
        let cells = grid.distinct(row);
        // One cell over the whole width names what the rows below it are about.
        if let [only] = cells.as_slice() {
            let only = &grid.cells[*only];
            if grid.columns > 1 && !only.is_empty && !only.is_long && only.width == grid.columns {
                subject = finder.piece(only.node).map(|piece| piece.text).or(subject);
            }
            continue;
        }
        if grid.alternates(&cells) {
            for pair in cells.chunks_exact(2) {
                add(
                    finder,
                    subject.clone(),
                    &grid.cells[pair[0]],
                    &grid.cells[pair[1]],
                );
            }
        } else if headers > 0 && grid.columns > 1 {
            read_row(finder, grid, headers, places, subject.as_ref(), has_names);
        } else if has_names {
            for value in &cells[1..] {
                add(
                    finder,
                    subject.clone(),
                    &grid.cells[cells[0]],
                    &grid.cells[*value],
                );
            }
        }
    }
}

/// Reads a row under headers: its first cell says what the others are said of.
fn read_row(
    finder: &mut Finder<'_>,
    grid: &Grid,
    headers: usize,
    places: &[Option<usize>],
    subject: Option<&String>,
    has_names: bool,
) {
    let name = places
        .first()
        .copied()
        .flatten()
        .map(|cell| &grid.cells[cell]);
    let name = name.filter(|name| has_names && !name.is_empty);
    let named = name
        .and_then(|name| finder.piece(name.node))
        .map(|piece| piece.text);
    let of_row = named.or_else(|| subject.cloned());
    let first = usize::from(name.is_some());
    for (column, cell) in places.iter().enumerate().skip(first) {
        let Some(cell) = cell.map(|cell| &grid.cells[cell]) else {
            continue;
        };
        if cell.is_empty || cell.is_long || name.is_some_and(|name| name.node == cell.node) {
            continue;
        }
        let attribute = attribute(finder.tree(), grid, headers, column);
        if let Some(piece) = finder.piece(cell.node) {
            finder.add(Origin::Table, of_row.clone(), &attribute, piece);
        }
    }
}

/// Joins what the header rows say of a column, from the general to the particular.
fn attribute(tree: &Tree, grid: &Grid, headers: usize, column: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for row in &grid.rows[..headers] {
        let cell = row
            .get(column)
            .copied()
            .flatten()
            .map(|cell| &grid.cells[cell]);
        let text = cell.and_then(|cell| inner_text::of(tree, cell.node, ATTRIBUTE_BYTES + 1));
        if let Some(text) = text.filter(|text| !text.is_empty())
            && parts.last() != Some(&text)
        {
            parts.push(text);
        }
    }
    parts.join(" / ")
}

fn add(finder: &mut Finder<'_>, subject: Option<String>, name: &Cell, value: &Cell) {
    if name.is_empty || name.is_long || value.is_empty || value.is_long {
        return;
    }
    let attribute = inner_text::of(finder.tree(), name.node, ATTRIBUTE_BYTES + 1);
    if let (Some(attribute), Some(piece)) = (attribute, finder.piece(value.node)) {
        finder.add(Origin::Table, subject, &attribute, piece);
    }
}
