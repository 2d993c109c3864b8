//! Sheets of cells as contents: a line for each row, a table in Markdown, and facts where the first row names the columns.
//!
//! Knows nothing of any file: a reader says which cells there are. A sheet may name a million rows and refer to one
//! long text in each, so what all of them come to has a limit.

use serde_json::{Value, json};

use super::table::{Cell, Row, TableFacts, Unread};
use crate::extract::facts::Fact;
use crate::extract::page::{item, words};
use crate::model::{ExtractedItem, ExtractionType, Gap, Reason, clean_text};

/// Bytes of text of one document.
const TEXT_LIMIT: usize = 32 << 20;

/// Columns that a sheet has.
pub(super) const COLUMN_LIMIT: usize = 16_384;

/// Columns of a table in Markdown; a wider one is written as lines.
const TABLE_COLUMNS: usize = 64;

/// Columns that a line leaves free between two cells, at most.
const FREE_LIMIT: usize = 64;

/// The sheet that is read.
#[derive(Debug, Default)]
struct Sheet {
    name: String,
    is_hidden: bool,
    text: String,
    /// The number of each row and where its line begins.
    lines: Vec<(usize, usize)>,
    columns: usize,
    rows: Vec<Row>,
    unread: Unread,
    kept: usize,
}

/// Sheets so far.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    items: Vec<ExtractedItem>,
    facts: TableFacts,
    bytes: usize,
    ordinal: usize,
    open: Option<Sheet>,
}

impl Sheets {
    /// Begins a sheet, which ends the one before.
    pub(super) fn begin(&mut self, name: &str, is_hidden: bool) {
        self.end();
        self.open = Some(Sheet {
            name: clean_text(name.trim()).into_owned(),
            is_hidden,
            ..Sheet::default()
        });
    }

    /// Says why no further row is taken.
    pub(super) fn limit(&self) -> Option<String> {
        (self.bytes >= TEXT_LIMIT)
            .then(|| format!("the text of its cells is longer than {TEXT_LIMIT} bytes"))
    }

    /// Tells of the rows that were not taken.
    pub(super) fn rows_gap(&self, left_out: usize, part: &str) -> Option<Gap> {
        let limit = self.limit();
        let limit = limit
            .as_deref()
            .unwrap_or("they say the same again and again");
        let detail = format!("{left_out} rows not read: {limit}");
        (left_out > 0).then(|| Gap::at(Reason::DocumentCut, part, detail))
    }

    /// Adds the cells of a row, both counted from 1, those that hold something.
    pub(super) fn row(&mut self, number: usize, cells: &[(usize, String)]) {
        let Some(sheet) = &mut self.open else { return };
        let before = sheet.text.len();
        let mut row = Row::new();
        let mut last = 1;
        for (column, text) in cells {
            let text = clean_text(text);
            let words: Vec<&str> = text.split_whitespace().collect();
            if words.is_empty() {
                continue;
            }
            if row.is_empty() && !sheet.text.is_empty() {
                sheet.text.push('\n');
            }
            if row.is_empty() {
                sheet.lines.push((number, sheet.text.len()));
            }
            let free = column.saturating_sub(last).min(FREE_LIMIT);
            sheet.text.extend(std::iter::repeat_n('\t', free));
            last = *column;
            let start = sheet.text.len();
            sheet.text.push_str(&words.join(" "));
            sheet.columns = sheet.columns.max(*column);
            row.push(Cell {
                column: column - 1,
                text: sheet.text[start..].to_owned(),
                span: None,
                locator: place(&sheet.name, *column, number),
            });
        }
        self.bytes += sheet.text.len() - before;
        if row.is_empty() {
            return;
        }
        if sheet.kept < self.facts.room() {
            sheet.kept += if sheet.rows.is_empty() {
                0
            } else {
                row.len().saturating_sub(1)
            };
            sheet.rows.push(row);
        } else {
            sheet.unread.add(&row);
        }
    }

    /// Ends the sheet that is open.
    pub(super) fn end(&mut self) {
        let Some(sheet) = self.open.take() else {
            return;
        };
        let ordinal = self.ordinal;
        self.ordinal += 1;
        if sheet.text.is_empty() {
            return;
        }
        self.facts.add(&sheet.rows, sheet.unread, Some(&sheet.name));
        let ends = sheet
            .lines
            .iter()
            .skip(1)
            .map(|(_, start)| start - 1)
            .chain([sheet.text.len()]);
        let blocks: Vec<Value> = sheet
            .lines
            .iter()
            .zip(ends)
            .map(|((row, start), end)| json!({"locator": place_of_row(&sheet.name, *row), "start": start, "end": end}))
            .collect();
        let mut data = json!({
            "locator": sheet.name,
            "blocks": blocks,
            "words": words(&sheet.text),
            "chosen_by": "whole",
            "rows": sheet.lines.len(),
            "columns": sheet.columns,
        });
        if sheet.is_hidden {
            data["hidden"] = json!(true);
        }
        if sheet.columns <= TABLE_COLUMNS && sheet.text.len() <= TEXT_LIMIT / 4 {
            data["markdown"] = json!(markdown(&sheet));
        }
        let content = ExtractionType::Content;
        self.items
            .push(item(content, ordinal as i64, data, &sheet.text, None));
    }

    /// Returns all contents and facts.
    pub(super) fn finish(mut self) -> (Vec<ExtractedItem>, Option<Gap>) {
        self.end();
        let gap = self.facts.gap();
        if !self.facts.facts.is_empty() {
            let all: Vec<Value> = self.facts.facts.iter().map(Fact::data).collect();
            self.items.push(item(
                ExtractionType::Facts,
                0,
                json!({"facts": all}),
                "",
                None,
            ));
        }
        (self.items, gap)
    }
}

/// Writes a sheet as a table, under its name.
fn markdown(sheet: &Sheet) -> String {
    let escaped = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('|', "\\|")
            .replace('<', "\\<")
    };
    let mut markdown = format!("## {}\n\n", escaped(&sheet.name));
    for (number, line) in sheet.text.lines().enumerate() {
        let mut cells: Vec<String> = line.split('\t').map(escaped).collect();
        cells.resize(sheet.columns, String::new());
        markdown.push_str("| ");
        markdown.push_str(&cells.join(" | "));
        markdown.push_str(" |\n");
        if number == 0 {
            markdown.push('|');
            markdown.push_str(&"---|".repeat(sheet.columns));
            markdown.push('\n');
        }
    }
    markdown.truncate(markdown.trim_end().len());
    markdown
}

/// Returns the name that a spreadsheet gives a cell: `Prices!B7`.
pub(super) fn place(sheet: &str, column: usize, row: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    let column: String = letters.into_iter().rev().collect();
    format!("{}!{column}{row}", quoted(sheet))
}

fn place_of_row(sheet: &str, row: usize) -> String {
    format!("{}!{row}:{row}", quoted(sheet))
}

/// A name with anything but letters, digits and lines below stands in quotes.
fn quoted(sheet: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_';
    if sheet.chars().all(is_plain) {
        sheet.to_owned()
    } else {
        format!("'{}'", sheet.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        assert_eq!(place("Prices", 2, 7), "Prices!B7");
        assert_eq!(place("The year's", 28, 1), "'The year''s'!AB1");
        assert_eq!(place("x", 16_384, 1_048_576), "x!XFD1048576");
    }

    #[test]
    fn a_sheet_is_lines_a_table_and_facts() {
        let row = |cells: &[&str]| -> Vec<(usize, String)> {
            cells
                .iter()
                .enumerate()
                .map(|(at, text)| (at + 1, (*text).to_owned()))
                .collect()
        };
        let mut sheets = Sheets::default();
        sheets.begin("Mills", false);
        sheets.row(1, &row(&["Mill", "Height"]));
        sheets.row(3, &row(&["Tide | old", "12.5 m"]));
        sheets.begin("Empty", false);
        sheets.begin("Notes", true);
        sheets.row(2, &[(3, "far".to_owned())]);
        let (items, gap) = sheets.finish();
        assert_eq!(gap, None);
        assert_eq!(items[0].text, "Mill\tHeight\nTide | old\t12.5 m");
        assert_eq!(
            items[0].data["markdown"],
            "## Mills\n\n| Mill | Height |\n|---|---|\n| Tide \\| old | 12.5 m |"
        );
        assert_eq!(
            items[0].data["blocks"][1],
            json!({"locator": "Mills!3:3", "start": 12, "end": 29})
        );
        assert_eq!((items[1].ordinal, items[1].text.as_str()), (2, "\t\tfar"));
        assert_eq!(items[1].data["hidden"], true);
        let fact = &items[2].data["facts"][0];
        assert_eq!(
            (&fact["subject"], &fact["locator"]),
            (&json!("Tide | old"), &json!("Mills!B3"))
        );
    }
}
