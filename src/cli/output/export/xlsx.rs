//! Rows as a workbook of Office Open XML (ECMA-376): each row goes into the file as it comes.
//!
//! Written here and not by a library, because those that write in flat memory end the process when a device is
//! full. Every value is a text, a number or a boolean in a cell of that type: none is a formula or a link, whatever
//! it begins with. A text longer than a cell holds begins in its cell and stands whole, in parts, on the sheet
//! `continued`.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};

use zip::ZipWriter;
use zip::write::StreamWriter;

use super::Output;
use super::zip_parts::options;
use crate::cli::output::text::{plain, real_text};
use crate::report::Cell;

/// What one cell and one sheet can hold (Excel specifications and limits).
const CELL_UNITS: usize = 32_767;
const SHEET_ROWS: u32 = 1_048_576;
const SHEET_COLUMNS: usize = 16_384;
/// What of a long text stays in its own cell.
const KEPT_UNITS: usize = 32_000;
/// Whole numbers beyond are not exact in a cell, whose numbers are floating ones.
const EXACT: i64 = 1 << 53;

const CONTINUED: &str = "continued";
const CONTINUED_KEYS: [&str; 5] = ["sheet", "row", "column", "part", "text"];

const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A workbook that is being written, sheet by sheet and row by row.
pub struct Workbook<W: Output> {
    zip: ZipWriter<StreamWriter<W>>,
    sheets: Vec<String>,
    /// Whether the last of them is still being written.
    is_open: bool,
    /// The rows of the current sheet, its header included.
    rows: u32,
    keys: Vec<String>,
    /// Texts longer than a cell, a JSON line each, until the sheets before are whole.
    long: Option<BufWriter<File>>,
}

impl<W: Output> Workbook<W> {
    /// Begins a workbook without sheets.
    pub fn new(out: W) -> Self {
        Self {
            zip: ZipWriter::new_stream(out),
            sheets: Vec::new(),
            is_open: false,
            rows: 0,
            keys: Vec::new(),
            long: None,
        }
    }

    /// Begins a sheet with a header of `keys`.
    pub fn begin_sheet<K: Into<String>>(
        &mut self,
        name: &str,
        keys: impl IntoIterator<Item = K>,
    ) -> io::Result<()> {
        self.end_sheet()?;
        self.keys = keys.into_iter().map(Into::into).collect();
        if self.keys.len() > SHEET_COLUMNS {
            return Err(too_large(format!(
                "{} columns are more than the {SHEET_COLUMNS} that a sheet of a workbook holds",
                self.keys.len()
            )));
        }
        self.sheets.push(name.to_owned());
        self.start(&format!("xl/worksheets/sheet{}.xml", self.sheets.len()))?;
        write!(
            self.zip,
            "{DECLARATION}<worksheet xmlns=\"{SPREADSHEET}\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
             </sheetView></sheetViews><sheetData>"
        )?;
        self.is_open = true;
        self.rows = 0;
        let header: Vec<Cell> = self.keys.iter().map(Cell::from).collect();
        self.row(&header)
    }

    /// Writes the next row.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if self.rows == SHEET_ROWS {
            return Err(too_large(format!(
                "there are more rows than the {SHEET_ROWS} that a sheet of a workbook holds"
            )));
        }
        self.rows += 1;
        let mut row = Vec::new();
        write!(row, "<row r=\"{}\">", self.rows)?;
        for (column, cell) in cells.iter().enumerate() {
            self.push_cell(&mut row, column, cell)?;
        }
        row.extend_from_slice(b"</row>");
        self.zip.write_all(&row)
    }

    /// Ends the workbook and returns what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_sheet()?;
        if let Some(long) = self.long.take() {
            self.continue_long(long)?;
        }
        self.write_parts()?;
        let out = self.zip.finish().map_err(io::Error::from)?;
        let mut out = out.into_inner();
        out.flush()?;
        Ok(out)
    }

    fn start(&mut self, name: &str) -> io::Result<()> {
        self.zip
            .start_file(name, options())
            .map_err(io::Error::from)
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        self.zip.write_all(b"</sheetData></worksheet>")
    }

    fn push_cell(&mut self, row: &mut Vec<u8>, column: usize, cell: &Cell) -> io::Result<()> {
        let place = format!("{}{}", letters(column), self.rows);
        match cell {
            Cell::Empty => {}
            Cell::Integer(number) if (-EXACT..=EXACT).contains(number) => {
                write!(row, "<c r=\"{place}\"><v>{number}</v></c>")?;
            }
            Cell::Real(real) => {
                write!(row, "<c r=\"{place}\"><v>{}</v></c>", real_text(*real))?;
            }
            Cell::Boolean(boolean) => {
                let digit = u8::from(*boolean);
                write!(row, "<c r=\"{place}\" t=\"b\"><v>{digit}</v></c>")?;
            }
            text => {
                let text = plain(text);
                let shown = if units(&text) > CELL_UNITS {
                    self.hold_long(column, &text)?;
                    let (kept, _) = split_at_units(&text, KEPT_UNITS);
                    format!("{kept}… (whole on the sheet \"{CONTINUED}\")")
                } else {
                    text.into_owned()
                };
                write!(
                    row,
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
                )?;
                write_escaped(row, &shown)?;
                row.extend_from_slice(b"</t></is></c>");
            }
        }
        Ok(())
    }

    /// Keeps a text that no cell holds, with its place.
    fn hold_long(&mut self, column: usize, text: &str) -> io::Result<()> {
        let long = match &mut self.long {
            Some(long) => long,
            none => none.insert(BufWriter::new(tempfile::tempfile()?)),
        };
        let sheet = self.sheets.last().map(String::as_str);
        let line = (sheet, self.rows, self.keys.get(column), text);
        serde_json::to_writer(&mut *long, &line)?;
        long.write_all(b"\n")
    }

    /// Writes the sheet of the long texts, each in as many parts as it needs.
    fn continue_long(&mut self, long: BufWriter<File>) -> io::Result<()> {
        let mut file = long.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.begin_sheet(CONTINUED, CONTINUED_KEYS)?;
        for line in BufReader::new(file).lines() {
            let (sheet, row, column, text): (String, i64, String, String) =
                serde_json::from_str(&line?)?;
            let mut rest = text.as_str();
            let mut part = 1;
            while !rest.is_empty() {
                let (head, tail) = split_at_units(rest, CELL_UNITS);
                self.row(&[
                    Cell::from(sheet.as_str()),
                    Cell::Integer(row),
                    Cell::from(column.as_str()),
                    Cell::Integer(part),
                    Cell::from(head),
                ])?;
                rest = tail;
                part += 1;
            }
        }
        self.end_sheet()
    }

    /// Writes what makes a workbook of the sheets.
    fn write_parts(&mut self) -> io::Result<()> {
        let mut types = Vec::new();
        write!(
            types,
            "{DECLARATION}<Types xmlns=\"{PACKAGE}/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Override PartName=\"/xl/workbook.xml\" ContentType=\"{MEDIA}.sheet.main+xml\"/>\
             <Override PartName=\"/xl/styles.xml\" ContentType=\"{MEDIA}.styles+xml\"/>"
        )?;
        let mut book = Vec::new();
        write!(
            book,
            "{DECLARATION}<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{RELATIONS}\"><sheets>"
        )?;
        let mut relations = Vec::new();
        write!(
            relations,
            "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">"
        )?;
        for (number, name) in (1..).zip(&self.sheets) {
            write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{MEDIA}.worksheet+xml\"/>"
            )?;
            write!(
                book,
                "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"
            )?;
            write!(
                relations,
                "<Relationship Id=\"rId{number}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            )?;
        }
        let styles = self.sheets.len() + 1;
        types.extend_from_slice(b"</Types>");
        book.extend_from_slice(b"</sheets></workbook>");
        write!(
            relations,
            "<Relationship Id=\"rId{styles}\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
        )?;
        let root = format!(
            "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
             Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        let styles = format!(
            "{DECLARATION}<styleSheet xmlns=\"{SPREADSHEET}\"><fonts count=\"1\"><font><sz val=\"11\"/>\
             <name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
             <fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/>\
             <top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>\
             <cellXfs count=\"1\"><xf/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" \
             builtinId=\"0\"/></cellStyles></styleSheet>"
        );
        for (name, text) in [
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", relations),
            ("xl/styles.xml", styles.into_bytes()),
            ("_rels/.rels", root.into_bytes()),
            ("[Content_Types].xml", types),
        ] {
            self.start(name)?;
            self.zip.write_all(&text)?;
        }
        Ok(())
    }
}

fn too_large(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// The letters of a column, from 0: A to Z, AA to ZZ, AAA …
fn letters(column: usize) -> String {
    let mut left = column + 1;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

/// How long a text is to Excel, which counts UTF-16 units.
fn units(text: &str) -> usize {
    // Nothing has more units than bytes.
    if text.len() <= CELL_UNITS {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    }
}

/// Splits a text after so many characters as have at most `most` units.
fn split_at_units(text: &str, most: usize) -> (&str, &str) {
    let mut left = most;
    for (at, character) in text.char_indices() {
        match left.checked_sub(character.len_utf16()) {
            Some(after) => left = after,
            None => return text.split_at(at),
        }
    }
    (text, "")
}

/// Writes a text as XML; what XML cannot hold is spelled `_xHHHH_` as the format does (ECMA-376, ST_Xstring),
/// and so is the beginning of what only looks like it.
fn write_escaped(xml: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        let spelled: &[u8] = match character {
            '&' => b"&amp;",
            '<' => b"&lt;",
            '>' => b"&gt;",
            '_' if is_escape(&text[at..]) => b"_x005F_",
            '\t' | '\n' => continue,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => b"",
            _ => continue,
        };
        xml.extend_from_slice(&text.as_bytes()[written..at]);
        xml.extend_from_slice(spelled);
        if spelled.is_empty() {
            write!(xml, "_x{:04X}_", u32::from(character))?;
        }
        written = at + character.len_utf8();
    }
    xml.extend_from_slice(&text.as_bytes()[written..]);
    Ok(())
}

/// Says whether a text begins with `_xHHHH_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[1].eq_ignore_ascii_case(&b'x')
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}
