//! Each format against values that harm whoever opens them: one test a format.

use std::io::{self, Cursor, Read as _, Write};
use std::sync::{Arc, Mutex};

use super::*;
use crate::model::Timestamp;
use crate::report::CellType;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::RowAccessor as _;

/// An output whose bytes are looked at when it is finished.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What spreadsheets run, terminals obey, browsers render and formats end at.
fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "=HYPERLINK(\"http://evil.example/\",\"x\")",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\u{1b}[2J\u{9b}31m\u{202e}",
        "<script>alert(1)</script>&amp;",
        "a\nb\r\nc",
        "nul \0 and \u{7} and \u{ffff}",
        "_x0041_ is no A",
        "\"quoted\", and commas",
        "",
        " spaces ",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("é😀".repeat(33_334));
    values
}

fn columns() -> Vec<ExportColumn> {
    vec![
        ExportColumn {
            column: Column::text("value"),
            cell_type: CellType::Text,
        },
        ExportColumn {
            column: Column::number("number"),
            cell_type: CellType::Integer,
        },
        ExportColumn {
            column: Column::time("at"),
            cell_type: CellType::Time,
        },
    ]
}

/// Writes the hostile values in a format, twice, because a lost connection begins anew; only the last counts.
fn exported(format: RowFormat, options: RowOptions) -> Vec<u8> {
    let outputs: Arc<Mutex<Vec<Shared>>> = Arc::default();
    let opened = Arc::clone(&outputs);
    let mut writer = RowWriter::new("values", format, options, move || {
        let output = Shared::default();
        opened.lock().unwrap().push(output.clone());
        Ok(output)
    });
    for values in [vec!["left over".to_owned()], hostile()] {
        writer.begin(&columns()).unwrap();
        for (number, value) in (0..).zip(values) {
            let at = Timestamp::from_microseconds(number);
            let cells = vec![
                Cell::Text(value),
                Cell::Integer(i64::MAX - number),
                at.into(),
            ];
            writer.row(cells).unwrap();
        }
    }
    let (output, rows) = writer.finish().unwrap();
    assert_eq!(rows, hostile().len() as u64);
    output.0.lock().unwrap().clone()
}

#[test]
fn csv_holds_hostile_values_whole_and_disarmed() {
    let bytes = exported(RowFormat::Csv, RowOptions::default());
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), hostile().len());
    for (row, value) in rows.iter().zip(hostile()) {
        let runs = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let apostrophe = if runs { "'" } else { "" };
        assert_eq!(row[0], format!("{apostrophe}{value}"));
    }
    assert_eq!(&rows[0][1], "9223372036854775807");
    let to_terminal = RowOptions {
        to_terminal: true,
        stable: true,
    };
    let shown = String::from_utf8(exported(RowFormat::Csv, to_terminal)).unwrap();
    assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\0']));
    // Times are left out with --stable.
    assert_eq!(shown.lines().next(), Some("value,number"));
}

#[test]
fn jsonl_holds_hostile_values_whole_and_obeyed_by_nobody() {
    let text = String::from_utf8(exported(RowFormat::Jsonl, RowOptions::default())).unwrap();
    assert_eq!(text.lines().count(), hostile().len());
    assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\0', '\r']));
    for (line, value) in text.lines().zip(hostile()) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["value"], serde_json::json!(value));
    }
    assert!(text.contains("\"number\":9223372036854775807,\"at\":\"1970-01-01T00:00:00.000000Z\""));
}

#[test]
fn parquet_holds_hostile_values_as_they_are() {
    let bytes = exported(RowFormat::Parquet, RowOptions::default());
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), hostile().len());
    for (number, (row, value)) in rows.iter().zip(hostile()).enumerate() {
        assert_eq!(row.get_string(0).unwrap(), &value);
        assert_eq!(row.get_long(1).unwrap(), i64::MAX - number as i64);
        assert_eq!(row.get_timestamp_micros(2).unwrap(), number as i64);
    }
}

#[test]
fn xlsx_holds_hostile_values_as_texts_and_continues_what_no_cell_holds() {
    let bytes = exported(RowFormat::Xlsx, RowOptions::default());
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>") && !sheet.contains("hyperlink"));
    // What XML 1.0 cannot hold would make the whole workbook unreadable.
    assert!(!sheet.contains(['\0', '\u{7}', '\u{1b}', '\u{ffff}']));
    let texts = texts(&sheet);
    // A header, and a text and a time a row; the number is too large to be exact and so a text as well.
    assert_eq!(texts.len(), 3 + hostile().len() * 3);
    for (number, value) in hostile().iter().enumerate() {
        let text = &texts[3 + number * 3];
        if number + 1 < hostile().len() {
            assert_eq!(text, value);
        } else {
            let (kept, told) = text.split_once('…').unwrap();
            assert!(value.starts_with(kept) && told == " (whole on the sheet \"continued\")");
            assert!(text.encode_utf16().count() <= 32_767);
        }
    }
    let continued = self::texts(&part(&bytes, "xl/worksheets/sheet2.xml"));
    let parts: Vec<&String> = continued[5..].iter().skip(2).step_by(3).collect();
    assert_eq!(continued[5..7], ["values", "value"]);
    assert!(
        parts
            .iter()
            .all(|part| part.encode_utf16().count() <= 32_767)
    );
    assert_eq!(
        &parts.into_iter().cloned().collect::<String>(),
        hostile().last().unwrap()
    );
    assert!(
        part(&bytes, "xl/workbook.xml")
            .contains("<sheet name=\"continued\" sheetId=\"2\" r:id=\"rId2\"/>")
    );
    // Equal rows give equal bytes.
    assert_eq!(exported(RowFormat::Xlsx, RowOptions::default()), bytes);
}

#[test]
fn a_sheet_takes_no_more_columns_than_spreadsheets_read() {
    let mut book = Workbook::new(Shared::default());
    let refused = book.begin_sheet("wide", vec!["x"; 16_385]).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The texts of a sheet, read as a spreadsheet does.
fn texts(sheet: &str) -> Vec<String> {
    let escape = regex::Regex::new("_x([0-9A-F]{4})_").unwrap();
    let cells = sheet.split("<t xml:space=\"preserve\">").skip(1);
    cells
        .map(|cell| {
            let text = cell.split("</t>").next().unwrap();
            let text = text
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            let unescaped = escape.replace_all(&text, |found: &regex::Captures<'_>| {
                let code = u32::from_str_radix(&found[1], 16).unwrap();
                char::from_u32(code).unwrap().to_string()
            });
            unescaped.into_owned()
        })
        .collect()
}
