//! A table's cells in rows and columns, row and column spans laid out (HTML, 4.9.12), and what they look like.

use crate::extract::facts::VALUE_BYTES;
use crate::extract::inner_text;
use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// Places of one table; a cell that spans takes one for each.
pub(super) const PLACE_LIMIT: usize = 20_000;

/// Places of one table with those that cells from rows above take in empty rows.
const LAID_LIMIT: usize = 10 * PLACE_LIMIT;

/// The most columns that a cell may span (HTML, 4.9.11).
const SPAN_LIMIT: usize = 1_000;

/// A name in a row's first cell is short.
const NAME_BYTES: usize = 60;

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub node: NodeIndex,
    /// Columns that it spans.
    pub width: usize,
    /// A `th`.
    pub is_header: bool,
    names_row: bool,
    is_in_head: bool,
    is_bold: bool,
    pub is_empty: bool,
    /// Too long for a value.
    pub is_long: bool,
    is_short: bool,
    /// Holds what only a page's layout puts into a cell.
    pub lays_out: bool,
    pub is_link: bool,
    /// Begins with a number.
    pub is_figure: bool,
    text: String,
}

/// The cells of a table, and by rows and columns which stands where.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub cells: Vec<Cell>,
    pub rows: Vec<Vec<Option<usize>>>,
    pub columns: usize,
    pub left_out: usize,
    laid: usize,
}

impl Grid {
    /// Lays a table out; tables inside it are their own.
    pub fn of(tree: &Tree, table: NodeIndex) -> Self {
        let mut grid = Self::default();
        // What each column still owes to a cell from a row above, and how many rows.
        let mut hanging: Vec<(usize, usize)> = Vec::new();
        let mut places = 0;
        let mut at = table + 1;
        let (mut head_end, mut row_end) = (0, 0);
        let mut row: Vec<Option<usize>> = Vec::new();
        let mut is_open = false;
        while at < tree.end(table) {
            if is_open && at >= row_end {
                grid.close(&mut row, &mut hanging);
                is_open = false;
            }
            match tree.tag(at) {
                Tag::Table => {
                    at = tree.end(at);
                    continue;
                }
                Tag::Thead => head_end = tree.end(at),
                Tag::Tr => {
                    is_open = true;
                    row_end = tree.end(at);
                }
                Tag::Td | Tag::Th if is_open => {
                    while hanging.get(row.len()).is_some_and(|(_, rows)| *rows > 0) {
                        row.push(Some(hanging[row.len()].0));
                    }
                    let width = span(tree, at, "colspan").clamp(1, SPAN_LIMIT);
                    if places + width > PLACE_LIMIT || grid.laid > LAID_LIMIT {
                        grid.left_out += 1;
                    } else {
                        places += width;
                        let cell = grid.cells.len();
                        grid.cells.push(Cell::of(tree, at, width, at < head_end));
                        let height = span(tree, at, "rowspan");
                        for _ in 0..width {
                            if hanging.len() <= row.len() {
                                hanging.resize(row.len() + 1, (0, 0));
                            }
                            hanging[row.len()] = (cell, height.max(1));
                            row.push(Some(cell));
                        }
                    }
                    at = tree.end(at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        if is_open {
            grid.close(&mut row, &mut hanging);
        }
        grid
    }

    fn close(&mut self, row: &mut Vec<Option<usize>>, hanging: &mut [(usize, usize)]) {
        if self.laid > LAID_LIMIT {
            return row.clear();
        }
        self.laid += hanging.len();
        for (column, (cell, rows)) in hanging.iter_mut().enumerate() {
            if *rows > 0 {
                *rows -= 1;
                if row.len() <= column && self.rows.len() * (column + 1) < PLACE_LIMIT {
                    row.resize(column + 1, None);
                    row[column] = Some(*cell);
                }
            }
        }
        self.columns = self.columns.max(row.len());
        let row = std::mem::take(row);
        if row.iter().flatten().any(|cell| !self.cells[*cell].is_empty) {
            self.rows.push(row);
        }
    }

    /// Returns the cells of a row, each once.
    pub fn distinct(&self, row: usize) -> Vec<usize> {
        let mut cells: Vec<usize> = self.rows[row].iter().flatten().copied().collect();
        cells.dedup();
        cells
    }

    /// Returns how many rows at the top name the columns.
    pub fn header_rows(&self) -> usize {
        let declared = (0..self.rows.len())
            .take_while(|row| {
                let filled = self.filled(*row);
                let names = |cell: &&Cell| cell.is_in_head || (cell.is_header && !cell.names_row);
                filled.len() > 1 && filled.iter().all(names) || self.is_section_of_head(*row)
            })
            .count();
        let declared = declared.min(self.rows.len().saturating_sub(1));
        if declared > 0 {
            // A lone cell over the whole width heads the table, not its columns.
            let names_columns = (0..declared).any(|row| self.filled(row).len() > 1);
            return if names_columns { declared } else { 0 };
        }
        usize::from(self.looks_like_header())
    }

    /// Says whether the first row is told from the rest by its type, where no markup tells.
    fn looks_like_header(&self) -> bool {
        let [first, second, ..] = [self.filled_or_none(0), self.filled_or_none(1)];
        if first.len() < 2 || first.len() != self.columns || self.rows.len() < 2 {
            return false;
        }
        let all_bold = |cells: &[&Cell]| cells.iter().all(|cell| cell.is_bold);
        if first.iter().any(|cell| cell.is_figure || !cell.is_short) {
            return false;
        }
        if all_bold(&first) && !all_bold(&second) {
            return true;
        }
        // Words above columns of figures.
        let figures = second.iter().filter(|cell| cell.is_figure).count();
        self.columns > 2 && figures * 2 >= self.columns
    }

    /// Says whether the first cell of each row below the headers names what the row is about.
    pub fn has_row_names(&self, headers: usize) -> bool {
        let rows = &self.rows[headers.min(self.rows.len())..];
        let first: Vec<&Cell> = rows
            .iter()
            .filter_map(|row| row.first().copied().flatten())
            .map(|cell| &self.cells[cell])
            .filter(|cell| !cell.is_empty && cell.width < self.columns)
            .collect();
        if first.is_empty() || first.len() * 3 < rows.len() * 2 {
            return false;
        }
        if first.iter().all(|cell| cell.is_header || cell.names_row) {
            return true;
        }
        let short = first.iter().all(|cell| cell.is_short);
        let texts: std::collections::HashSet<&str> =
            first.iter().map(|cell| cell.text.as_str()).collect();
        let are_distinct = texts.len() == first.len();
        let figures = first.iter().filter(|cell| cell.is_figure).count();
        if headers > 0 {
            return short && are_distinct && figures * 2 <= first.len();
        }
        let told = first
            .iter()
            .all(|cell| cell.is_bold || cell.text.ends_with([':', '：']));
        let others_bold = self.cells.iter().filter(|cell| cell.is_bold).count() > first.len();
        // Two columns without any mark: names, if what stands beside them differs in kind.
        let beside = self
            .rows
            .iter()
            .filter_map(|row| row.get(1).copied().flatten())
            .filter(|cell| self.cells[*cell].is_figure)
            .count();
        let by_kind = self.columns == 2 && figures == 0 && beside * 2 >= rows.len();
        short && are_distinct && rows.len() > 1 && ((told && !others_bold) || by_kind)
    }

    /// Says whether a row goes name, value, name, value.
    pub fn alternates(&self, cells: &[usize]) -> bool {
        cells.len() >= 4
            && cells.len().is_multiple_of(2)
            && cells
                .iter()
                .enumerate()
                .all(|(place, cell)| self.cells[*cell].is_header == (place % 2 == 0))
    }

    fn is_section_of_head(&self, row: usize) -> bool {
        let filled = self.filled(row);
        matches!(filled.as_slice(), [only] if only.is_in_head || (only.is_header && only.width == self.columns && row == 0))
    }

    fn filled(&self, row: usize) -> Vec<&Cell> {
        let cells = self.distinct(row).into_iter().map(|cell| &self.cells[cell]);
        cells.filter(|cell| !cell.is_empty).collect()
    }

    fn filled_or_none(&self, row: usize) -> Vec<&Cell> {
        if row < self.rows.len() {
            self.filled(row)
        } else {
            Vec::new()
        }
    }
}

impl Cell {
    fn of(tree: &Tree, node: NodeIndex, width: usize, is_in_head: bool) -> Self {
        let text = inner_text::of(tree, node, VALUE_BYTES + 1);
        let is_long = text.is_none();
        let text = text.unwrap_or_default();
        let inside = node + 1..tree.end(node);
        let lays_out = inside.clone().any(|at| {
            matches!(
                tree.tag(at),
                Tag::Table
                    | Tag::Form
                    | Tag::Input
                    | Tag::Select
                    | Tag::Textarea
                    | Tag::H1
                    | Tag::H2
                    | Tag::Iframe
            )
        });
        let (mut bold_end, mut link_end) = (0, 0);
        let (mut is_bold, mut is_link) = (!text.is_empty(), !text.is_empty());
        for at in inside {
            match tree.tag(at) {
                Tag::B | Tag::Strong => bold_end = tree.end(at).max(bold_end),
                Tag::A => link_end = tree.end(at).max(link_end),
                _ => {}
            }
            if tree.kind(at) == NodeKind::Text && !tree.text(at).trim().is_empty() {
                is_bold &= at < bold_end;
                is_link &= at < link_end;
            }
        }
        let is_header = tree.tag(node) == Tag::Th;
        let scope = tree.attribute(node, "scope").unwrap_or_default();
        Self {
            node,
            width,
            is_header,
            names_row: matches!(scope, "row" | "rowgroup"),
            is_in_head,
            is_bold,
            is_empty: text.is_empty() && !is_long,
            is_long,
            is_short: !is_long && text.len() <= NAME_BYTES,
            lays_out,
            is_link,
            is_figure: text
                .trim_start_matches(['+', '-', '−', '$', '€', '£', '<', '>', '~', ' '])
                .starts_with(|c: char| c.is_ascii_digit()),
            text,
        }
    }
}

fn span(tree: &Tree, node: NodeIndex, name: &str) -> usize {
    let span = tree.attribute(node, name).map(|span| span.trim().parse());
    match span {
        Some(Ok(0)) if name == "rowspan" => usize::MAX,
        Some(Ok(span)) => span,
        _ => 1,
    }
}
