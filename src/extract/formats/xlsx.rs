//! XLSX (ECMA-376, part 1, 18): the cells of each sheet.
//!
//! Own code on the package reader that is here: the public reader of workbooks brings a second backend for deflate with
//! it. What is taken of a cell is what it shows, as far as that is a value: a formula's last result, a date in ISO 8601,
//! a truth value in words. Colours, widths and the digits that a format rounds to are not.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use super::number_format::{NumberFormat, builtin, shown};
use super::package::Package;
use super::properties::Properties;
use super::relations;
use super::sheets::{COLUMN_LIMIT, Sheets, place};
use super::xml::{self, Next, Step, attribute};
use super::{finished, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// Reads a workbook.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let mut package = match Package::open(input.body) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let main = relations::main_part(&mut package, "xl/workbook.xml");
    let mut gaps: Vec<Gap> = Vec::new();
    let text = package.required(&main).unwrap_or_default();
    let (listed, has_1904) = sheets_of(&text);
    let parts = relations::of_part(&mut package, &main);
    let of_kind = |kind: &str| {
        parts
            .iter()
            .find(|one| one.kind == kind)
            .map(|one| one.part.clone())
    };
    let strings = of_kind("sharedStrings").and_then(|part| package.required(&part));
    let styles = of_kind("styles").and_then(|part| package.required(&part));
    let cells = Cells {
        strings: strings
            .map(|text| shared_strings(&text))
            .unwrap_or_default(),
        formats: styles.map(|text| formats(&text)).unwrap_or_default(),
        has_1904,
    };
    let mut found = Sheets::default();
    for sheet in listed {
        let part = parts.iter().find(|one| one.id == sheet.relation);
        // A chart has a sheet of its own, which has no cells.
        let Some(part) = part.filter(|part| part.kind == "worksheet") else {
            continue;
        };
        let Some(text) = package.required(&part.part) else {
            continue;
        };
        found.begin(&sheet.name, sheet.is_hidden);
        gaps.extend(cells.read(&text, &part.part, &sheet.name, &mut found));
    }
    let (mut items, more) = found.finish();
    gaps.extend(more);
    let properties = package.optional("docProps/core.xml").unwrap_or_default();
    items.push(Properties::read(&properties).metadata());
    gaps.extend(package.gaps);
    finished(items, gaps)
}

/// A sheet that the workbook lists.
struct Listed {
    name: String,
    relation: String,
    is_hidden: bool,
}

/// Returns the sheets in their order, and whether days count from 1904.
fn sheets_of(text: &str) -> (Vec<Listed>, bool) {
    let (mut listed, mut has_1904) = (Vec::new(), false);
    xml::walk(text, "", |step| {
        if let Step::Start(tag) = step {
            match tag.local_name().as_ref() {
                "sheet" => listed.push(Listed {
                    name: attribute(tag, "name").unwrap_or_default(),
                    relation: attribute(tag, "r:id").unwrap_or_default(),
                    is_hidden: attribute(tag, "state").is_some_and(|state| state != "visible"),
                }),
                "workbookPr" => {
                    let since_1904 = attribute(tag, "date1904");
                    has_1904 = since_1904.is_some_and(|yes| yes == "1" || yes == "true");
                }
                _ => {}
            }
        }
        Next::On
    });
    (listed, has_1904)
}

/// Reads the texts that cells share, without how they are pronounced.
fn shared_strings(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut is_text = false;
    xml::walk(text, "", |step| {
        match step {
            Step::Start(tag) => match tag.local_name().as_ref() {
                "si" => all.push(String::new()),
                "t" => is_text = true,
                "rPh" => return Next::Skip,
                _ => {}
            },
            Step::Text(part) => {
                if let Some(last) = all.last_mut().filter(|_| is_text) {
                    last.push_str(part);
                }
            }
            Step::End(name) => is_text &= !name.ends_with('t'),
        }
        Next::On
    });
    all
}

/// Returns how the numbers of each style of cells are shown.
fn formats(text: &str) -> Vec<NumberFormat> {
    let (mut own, mut of_cells) = (HashMap::new(), Vec::new());
    let mut is_cells = false;
    xml::walk(text, "", |step| {
        match step {
            Step::Start(tag) => match tag.local_name().as_ref() {
                "numFmt" => {
                    if let (Some(id), Some(code)) =
                        (attribute(tag, "numFmtId"), attribute(tag, "formatCode"))
                    {
                        own.insert(id, NumberFormat::of_code(&code));
                    }
                }
                "cellXfs" => is_cells = true,
                "xf" if is_cells => {
                    let id = attribute(tag, "numFmtId").unwrap_or_default();
                    let format = own.get(&id).copied();
                    of_cells.push(format.unwrap_or_else(|| builtin(id.parse().unwrap_or(0))));
                }
                _ => {}
            },
            Step::Text(_) => {}
            Step::End(name) => is_cells &= !name.ends_with("cellXfs"),
        }
        Next::On
    });
    of_cells
}

/// What the cells of all sheets refer to.
struct Cells {
    strings: Vec<String>,
    formats: Vec<NumberFormat>,
    has_1904: bool,
}

/// The cell that is read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    style: usize,
    value: String,
    has_formula: bool,
}

impl Cells {
    /// Reads the rows of one sheet.
    fn read(&self, text: &str, part: &str, sheet: &str, found: &mut Sheets) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let (mut row, mut cells) = (0_usize, Vec::new());
        let (mut open, mut is_value) = (Open::default(), false);
        let (mut without_result, mut first_without) = (0, String::new());
        let mut left_out = 0;
        let fault = xml::walk(text, part, |step| {
            match step {
                Step::Start(tag) => match tag.local_name().as_ref() {
                    "row" => {
                        if found.limit().is_some() {
                            left_out += 1;
                            return Next::Skip;
                        }
                        row = attribute(tag, "r")
                            .and_then(|row| row.parse().ok())
                            .unwrap_or(row + 1);
                        open.column = 0;
                    }
                    "c" => open = next_cell(tag, open.column),
                    "v" | "t" => is_value = true,
                    "f" => {
                        open.has_formula = true;
                        return Next::Skip;
                    }
                    "rPh" | "extLst" => return Next::Skip,
                    _ => {}
                },
                Step::Text(part) if is_value => open.value.push_str(part),
                Step::Text(_) => {}
                Step::End(name) => match name.rsplit(':').next().unwrap_or_default() {
                    "v" | "t" => is_value = false,
                    "c" if (1..=COLUMN_LIMIT).contains(&open.column) => {
                        if open.has_formula && open.value.is_empty() && open.kind != "str" {
                            without_result += 1;
                            if without_result == 1 {
                                first_without = place(sheet, open.column, row);
                            }
                        }
                        cells.push((open.column, self.shown(&open)));
                    }
                    "row" => {
                        found.row(row, &cells);
                        cells.clear();
                    }
                    _ => {}
                },
            }
            Next::On
        });
        // What of the last row stands before a fault is kept.
        found.row(row, &cells);
        gaps.extend(fault);
        gaps.extend(found.rows_gap(left_out, part));
        if without_result > 0 {
            let detail = format!("{without_result} formulas of the sheet have no stored result");
            gaps.push(Gap::at(Reason::DocumentInvalid, first_without, detail));
        }
        gaps
    }

    fn shown(&self, cell: &Open) -> String {
        match cell.kind.as_str() {
            "s" => {
                let index = cell.value.trim().parse::<usize>().ok();
                index
                    .and_then(|index| self.strings.get(index))
                    .cloned()
                    .unwrap_or_default()
            }
            "b" => if cell.value.trim() == "1" {
                "TRUE"
            } else {
                "FALSE"
            }
            .to_owned(),
            "" | "n" => {
                let format = self.formats.get(cell.style).copied().unwrap_or_default();
                shown(cell.value.trim(), format, self.has_1904)
            }
            // Texts, dates as ISO 8601 writes them, and faults such as `#DIV/0!`.
            _ => cell.value.clone(),
        }
    }
}

fn next_cell(tag: &BytesStart<'_>, last: usize) -> Open {
    let column = attribute(tag, "r").map(|name| {
        let letters = name.bytes().take(3).take_while(u8::is_ascii_alphabetic);
        letters.fold(0, |column, letter| {
            column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
        })
    });
    Open {
        column: column.filter(|column| *column > last).unwrap_or(last + 1),
        kind: attribute(tag, "t").unwrap_or_default(),
        style: attribute(tag, "s")
            .and_then(|style| style.parse().ok())
            .unwrap_or(0),
        ..Open::default()
    }
}
