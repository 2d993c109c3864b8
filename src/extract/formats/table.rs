//! Tables of data: which row names the columns, and the facts that the others are.
//!
//! Knows rows of cells and nothing of where they come from; a table on a page is read by `facts`.

use std::collections::HashSet;
use std::ops::Range;

use crate::extract::facts::{
    ATTRIBUTE_BYTES, FACT_LIMIT, Fact, Origin, Quantity, VALUE_BYTES, quantity,
};
use crate::model::{Gap, Reason};

/// A cell that holds something.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// From 0.
    pub(super) column: usize,
    pub(super) text: String,
    /// Bytes of the content's text, where facts and content are told together.
    pub(super) span: Option<Range<usize>>,
    pub(super) locator: String,
}

/// The cells of one row, by column.
pub(super) type Row = Vec<Cell>;

/// Rows that are not read because there can be no facts of theirs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unread {
    pub(super) rows: usize,
    pub(super) cells: usize,
}

impl Unread {
    /// Counts a row that holds something.
    pub(super) fn add(&mut self, row: &Row) {
        self.rows += usize::from(!row.is_empty());
        self.cells += row.len();
    }
}

/// Facts of the tables of one document.
#[derive(Debug, Default)]
pub(super) struct TableFacts {
    pub(super) facts: Vec<Fact>,
    cut: usize,
}

impl TableFacts {
    /// Says how many facts more are kept.
    pub(super) fn room(&self) -> usize {
        FACT_LIMIT.saturating_sub(self.facts.len())
    }

    /// Adds the facts of one table, if its first row names its columns; `unread` is what of it is behind the limit.
    pub(super) fn add(&mut self, rows: &[Row], unread: Unread, subject: Option<&str>) {
        let Some((header, rows)) = rows.split_first().filter(|_| has_header(rows)) else {
            return;
        };
        let has_names = has_row_names(header, rows);
        self.cut += unread.cells - if has_names { unread.rows } else { 0 };
        for row in rows {
            let name = row.first().filter(|cell| has_names && cell.column == 0);
            let subject = name.map_or(subject, |cell| Some(cell.text.as_str()));
            for cell in row.iter().skip(usize::from(name.is_some())) {
                let attribute = header.iter().find(|one| one.column == cell.column);
                let Some(attribute) = attribute.filter(|_| cell.text.len() <= VALUE_BYTES) else {
                    continue;
                };
                if self.facts.len() >= FACT_LIMIT {
                    self.cut += 1;
                    continue;
                }
                let Quantity { value, unit } = quantity(&cell.text);
                self.facts.push(Fact {
                    origin: Origin::Table,
                    subject: subject.map(str::to_owned),
                    attribute: attribute.text.clone(),
                    value: value.to_owned(),
                    unit: unit.map(str::to_owned),
                    text: cell.text.clone(),
                    span: cell.span.clone(),
                    locator: Some(cell.locator.clone()),
                });
            }
        }
    }

    /// Tells of the facts that are not kept.
    pub(super) fn gap(&self) -> Option<Gap> {
        let detail = format!("{} beyond {FACT_LIMIT} facts of the document", self.cut);
        (self.cut > 0).then(|| Gap::at(Reason::FactsCut, "facts", detail))
    }
}

/// Says whether the first row names the columns: two or more short texts, no two alike, none a figure.
fn has_header(rows: &[Row]) -> bool {
    let [header, _, ..] = rows else { return false };
    let mut seen = HashSet::new();
    let is_name = |cell: &Cell| {
        let is_figure = quantity(&cell.text).value.parse::<f64>().is_ok();
        !is_figure && cell.text.len() <= ATTRIBUTE_BYTES
    };
    header.len() > 1
        && header
            .iter()
            .all(|cell| is_name(cell) && seen.insert(&cell.text))
}

/// Says whether the first cell of each row tells it from the others.
fn has_row_names(header: &Row, rows: &[Row]) -> bool {
    let mut seen = HashSet::new();
    header.len() > 1
        && rows.iter().all(|row| {
            row.first().is_some_and(|cell| {
                cell.column == 0 && cell.text.len() <= ATTRIBUTE_BYTES && seen.insert(&cell.text)
            })
        })
}
