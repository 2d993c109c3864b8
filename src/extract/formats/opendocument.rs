//! ODS and ODP (OpenDocument 1.3): the sheets of a spreadsheet and the slides of a presentation.

use quick_xml::events::BytesStart;

use super::odt;
use super::package::Package;
use super::properties::Properties;
use super::sheets::{COLUMN_LIMIT, Sheets};
use super::slides::Slides;
use super::xml::{self, Next, Step, attribute};
use super::{finished, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{ExtractedItem, Gap};

/// Rows that one which holds something is repeated over.
const REPEAT_LIMIT: usize = 10_000;

/// Reads a spreadsheet.
pub(super) fn spreadsheet(input: &PageInput<'_>) -> PageExtraction {
    document(input, |text| {
        let mut sheets = Sheets::default();
        let mut gaps = cells(text, &mut sheets);
        let (items, more) = sheets.finish();
        gaps.extend(more);
        (items, gaps)
    })
}

/// Reads a presentation.
pub(super) fn presentation(input: &PageInput<'_>) -> PageExtraction {
    document(input, |text| {
        let mut slides = Slides::default();
        let mut reader = odt::Reader::default();
        let fault = xml::walk(text, "content.xml", |step| {
            if let Step::Start(tag) = &step
                && tag.name().as_ref() == "draw:page"
            {
                slides.begin();
            }
            reader.step(&step, &mut slides.markup)
        });
        slides.finish(fault)
    })
}

fn document(
    input: &PageInput<'_>,
    read: impl FnOnce(&str) -> (Vec<ExtractedItem>, Vec<Gap>),
) -> PageExtraction {
    let mut package = match Package::open(input.body).and_then(odt::decrypted) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let content = package.required("content.xml");
    let (mut items, mut gaps) = content.map(|text| read(&text)).unwrap_or_default();
    let properties = package.optional("meta.xml").unwrap_or_default();
    items.push(Properties::read(&properties).metadata());
    gaps.extend(package.gaps);
    finished(items, gaps)
}

/// The cell that is read.
#[derive(Default)]
struct Open {
    /// What it holds as a value of its own: a date.
    value: Option<String>,
    text: String,
    columns: usize,
}

fn cells(text: &str, sheets: &mut Sheets) -> Vec<Gap> {
    let (mut row, mut rows, mut column) = (1_usize, 1_usize, 1_usize);
    let mut cells: Vec<(usize, String)> = Vec::new();
    let mut open: Option<Open> = None;
    let mut left_out = 0;
    let fault = xml::walk(text, "content.xml", |step| {
        match step {
            Step::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    let is_hidden =
                        attribute(tag, "table:display").is_some_and(|shown| shown == "false");
                    sheets.begin(&attribute(tag, "table:name").unwrap_or_default(), is_hidden);
                    row = 1;
                }
                "table:table-row" => {
                    rows = count(tag, "table:number-rows-repeated");
                    column = 1;
                    cells.clear();
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    open = Some(Open {
                        value: attribute(tag, "office:date-value"),
                        text: String::new(),
                        columns: count(tag, "table:number-columns-repeated"),
                    });
                }
                "text:p" => {
                    if let Some(cell) = open.as_mut().filter(|cell| !cell.text.is_empty()) {
                        cell.text.push(' ');
                    }
                }
                "text:s" | "text:tab" | "text:line-break" => {
                    if let Some(cell) = &mut open {
                        cell.text.push(' ');
                    }
                }
                "office:annotation" | "table:tracked-changes" => return Next::Skip,
                _ => {}
            },
            Step::Text(part) => {
                if let Some(cell) = &mut open {
                    cell.text.push_str(part);
                }
            }
            Step::End(name) => match name {
                "table:table-cell" | "table:covered-table-cell" => {
                    let Some(cell) = open.take() else {
                        return Next::On;
                    };
                    let text = cell.value.unwrap_or(cell.text);
                    let end = column.saturating_add(cell.columns).min(COLUMN_LIMIT + 1);
                    if !text.trim().is_empty() {
                        cells.extend((column..end).map(|column| (column, text.clone())));
                    }
                    column = end;
                }
                "table:table-row" => {
                    let kept = if cells.is_empty() {
                        0
                    } else {
                        rows.min(REPEAT_LIMIT)
                    };
                    for ordinal in 0..kept {
                        if sheets.limit().is_some() {
                            left_out += rows - ordinal;
                            break;
                        }
                        sheets.row(row + ordinal, &cells);
                    }
                    if !cells.is_empty() {
                        left_out += rows.saturating_sub(REPEAT_LIMIT);
                    }
                    row += rows;
                }
                "table:table" => sheets.end(),
                _ => {}
            },
        }
        Next::On
    });
    let mut gaps = Vec::from_iter(fault);
    gaps.extend(sheets.rows_gap(left_out, "content.xml"));
    gaps
}

fn count(tag: &BytesStart<'_>, name: &str) -> usize {
    let count = attribute(tag, name).and_then(|count| count.parse().ok());
    count.unwrap_or(1).clamp(1, 1 << 24)
}
