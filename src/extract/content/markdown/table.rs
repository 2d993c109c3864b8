//! A table that holds data, row by row; one that lays out the page is no table here.

use crate::extract::tree::{NodeIndex, Tag, Tree};

/// Cells that an attribute may span; more is a mistake or an attack.
const MOST_SPANNED: usize = 50;

/// Columns that are told apart; a table is as wide as its widest row, and each of its rows is written so wide.
const MOST_COLUMNS: usize = 200;

/// Says whether a table has rows and columns of short cells, and nothing that lays out a page.
pub(super) fn holds_data(tree: &Tree, table: NodeIndex) -> bool {
    let (mut rows, mut cells, mut most, mut in_row) = (0, 0, 0, 0);
    for node in table + 1..tree.end(table) {
        match tree.tag(node) {
            Tag::Table | Tag::Pre | Tag::Blockquote | Tag::Form => return false,
            tag if tag.is_heading() => return false,
            Tag::Tr => {
                rows += 1;
                in_row = 0;
            }
            Tag::Td | Tag::Th => {
                cells += 1;
                in_row += 1;
                most = most.max(in_row);
            }
            _ => {}
        }
    }
    most >= 2 && rows >= 2 && cells > rows && most * rows <= 4 * cells.max(1)
}

/// Says whether an element is a part of the table itself.
pub(super) fn is_part(tree: &Tree, node: NodeIndex) -> bool {
    matches!(
        tree.tag(node),
        Tag::Td | Tag::Th | Tag::Tr | Tag::Caption | Tag::Thead | Tag::Tbody | Tag::Tfoot
    )
}

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Table {
    node: NodeIndex,
    rows: Vec<Row>,
    caption: String,
    /// What the text that is read now belongs to.
    part: Part,
    /// For each column, in how many further rows a cell above goes on.
    going_on: Vec<usize>,
}

#[derive(Debug, Default)]
struct Row {
    cells: Vec<String>,
    is_header: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Caption,
    Cell { columns: usize, rows: usize },
}

impl Table {
    pub fn new(node: NodeIndex) -> Self {
        Self {
            node,
            rows: Vec::new(),
            caption: String::new(),
            part: Part::None,
            going_on: Vec::new(),
        }
    }

    pub fn node(&self) -> NodeIndex {
        self.node
    }

    /// Enters a part of the table.
    pub fn open(&mut self, tree: &Tree, node: NodeIndex) {
        match tree.tag(node) {
            Tag::Tr => {
                let in_head = tree.tag(tree.parent(node)) == Tag::Thead;
                self.rows.push(Row {
                    cells: Vec::new(),
                    is_header: in_head || only_headers(tree, node),
                });
                self.fill();
            }
            Tag::Td | Tag::Th => {
                let span = |name| {
                    let span = tree
                        .attribute(node, name)
                        .and_then(|text| text.trim().parse::<usize>().ok());
                    span.unwrap_or(1).clamp(1, MOST_SPANNED)
                };
                self.part = Part::Cell {
                    columns: span("colspan"),
                    rows: span("rowspan"),
                };
            }
            Tag::Caption => self.part = Part::Caption,
            _ => {}
        }
    }

    /// Takes the text that was read since the last part began.
    pub fn end_cell(&mut self, text: String) {
        match self.part {
            Part::Cell { columns, rows } if !self.rows.is_empty() => {
                self.add(text, columns, rows);
            }
            // What stands in no cell is kept before the table.
            _ if !text.is_empty() => {
                if !self.caption.is_empty() {
                    self.caption.push(' ');
                }
                self.caption.push_str(&text);
            }
            _ => {}
        }
    }

    fn add(&mut self, text: String, columns: usize, rows: usize) {
        self.part = Part::None;
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        if row.cells.len() >= MOST_COLUMNS {
            // One cell takes what does not fit, so that nothing of it is lost.
            if let Some(last) = row.cells.last_mut() {
                last.push(' ');
                last.push_str(&text);
            }
            return;
        }
        let begin = row.cells.len();
        row.cells.push(text);
        let end = (begin + columns).min(MOST_COLUMNS);
        row.cells.resize(end, String::new());
        if self.going_on.len() < end {
            self.going_on.resize(end, 0);
        }
        for column in begin..end {
            self.going_on[column] = rows - 1;
        }
        self.fill();
    }

    /// Leaves room for cells of rows above.
    fn fill(&mut self) {
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        while let Some(left) = self.going_on.get_mut(row.cells.len())
            && *left > 0
        {
            *left -= 1;
            row.cells.push(String::new());
        }
    }

    /// Returns what stands before the table, and the table.
    pub fn finish(mut self) -> (String, String) {
        self.rows
            .retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let width = self.rows.iter().map(|row| row.cells.len()).max();
        let Some(width) = width else {
            return (self.caption, String::new());
        };
        let has_header = self.rows.first().is_some_and(|row| row.is_header);
        let empty = Row::default();
        let mut lines = Vec::with_capacity(self.rows.len() + 2);
        if !has_header {
            lines.push(line(&empty, width));
        }
        for (number, row) in self.rows.iter().enumerate() {
            if number == usize::from(has_header) {
                lines.push("|---".repeat(width) + "|");
            }
            lines.push(line(row, width));
        }
        if has_header && self.rows.len() == 1 {
            lines.push("|---".repeat(width) + "|");
        }
        (self.caption, lines.join("\n"))
    }
}

fn line(row: &Row, width: usize) -> String {
    let mut line = String::from("|");
    for column in 0..width {
        let cell = row.cells.get(column).map_or("", String::as_str);
        line.push(' ');
        line.push_str(cell);
        if !cell.is_empty() {
            line.push(' ');
        }
        line.push('|');
    }
    line
}

/// Says whether a row has header cells and no others.
fn only_headers(tree: &Tree, row: NodeIndex) -> bool {
    let holds = |wanted| tree.children(row).any(|cell| tree.tag(cell) == wanted);
    holds(Tag::Th) && !holds(Tag::Td)
}
