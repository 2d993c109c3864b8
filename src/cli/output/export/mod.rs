//! Exports in the formats that carry them on: rows as they come, never all of them at once.
//!
//! What `--stable` and `--verbose` leave out is decided here, by the same marks as for reports. The formats
//! only spell what they are given, and no value is cut: what a format cannot hold is an error that says so, or
//! is continued where it can be found.

mod parquet;
mod prov;
mod xlsx;
mod zip_parts;

use std::io::{self, Write};

use crate::report::{Cell, Column, ExportColumn, RowSink};

use super::csv::CsvRows;
use super::jsonl::write_row;

pub use prov::ProvWriter;
pub use xlsx::Workbook;
pub use zip_parts::{ZipPart, ZipParts};

/// How the rows of an export are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RowFormat {
    /// Comma-separated values (RFC 4180); what a spreadsheet would run is disarmed
    Csv,
    /// One JSON object per line, each value as it is
    Jsonl,
    /// Apache Parquet with typed columns
    Parquet,
    /// A workbook for Excel and LibreOffice; facts as three sheets of the same shape
    Xlsx,
}

impl RowFormat {
    /// Returns the format that a file's extension names.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Returns the word that names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
        }
    }

    /// Says whether it is no text, which a terminal cannot show.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Xlsx)
    }
}

/// How rows are shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowOptions {
    /// Leave out whatever differs between two runs of the same story.
    pub stable: bool,
    /// Whether a terminal reads it, which obeys what it is given.
    pub to_terminal: bool,
}

/// Where the bytes of an export go.
pub trait Output: Write + Send + Sized + 'static {}
impl<W: Write + Send + 'static> Output for W {}

/// Rows on their way into one format.
enum Rows<W: Output> {
    Csv(Box<CsvRows<W>>),
    Jsonl(W),
    Parquet(Box<parquet::ParquetRows<W>>),
    Xlsx(Box<Workbook<W>>),
}

/// Writes the rows of an export; `open` makes the output, anew each time that the rows begin.
pub struct RowWriter<W: Output, F: FnMut() -> io::Result<W>> {
    format: RowFormat,
    name: &'static str,
    options: RowOptions,
    open: F,
    rows: Option<Rows<W>>,
    kept: Vec<bool>,
    columns: Vec<ExportColumn>,
    count: u64,
}

impl<W: Output, F: FnMut() -> io::Result<W>> RowWriter<W, F> {
    /// Prepares to write the rows that `name` names.
    pub fn new(name: &'static str, format: RowFormat, options: RowOptions, open: F) -> Self {
        Self {
            format,
            name,
            options,
            open,
            rows: None,
            kept: Vec::new(),
            columns: Vec::new(),
            count: 0,
        }
    }

    /// Ends the export; returns the output and how many rows there are.
    pub fn finish(self) -> io::Result<(W, u64)> {
        let count = self.count;
        let out = match self.rows {
            None => return Err(io::Error::other("no rows were begun")),
            Some(Rows::Csv(rows)) => rows.into_output()?,
            Some(Rows::Jsonl(mut out)) => {
                out.flush()?;
                out
            }
            Some(Rows::Parquet(rows)) => rows.finish()?,
            Some(Rows::Xlsx(book)) => book.finish()?,
        };
        Ok((out, count))
    }
}

/// Says which of `columns` are shown.
pub fn kept_columns(columns: &[ExportColumn], stable: bool) -> Vec<bool> {
    let is_kept = |column: &Column| !(stable && column.volatile);
    columns.iter().map(|one| is_kept(&one.column)).collect()
}

impl<W: Output, F: FnMut() -> io::Result<W>> RowSink for RowWriter<W, F> {
    fn begin(&mut self, columns: &[ExportColumn]) -> io::Result<()> {
        self.kept = kept_columns(columns, self.options.stable);
        let kept = columns.iter().zip(&self.kept);
        self.columns = kept
            .filter(|(_, kept)| **kept)
            .map(|(column, _)| column.clone())
            .collect();
        self.count = 0;
        self.rows = None;
        let out = (self.open)()?;
        let keys = self.columns.iter().map(|one| one.column.key);
        self.rows = Some(match self.format {
            RowFormat::Csv => {
                Rows::Csv(Box::new(CsvRows::new(keys, self.options.to_terminal, out)?))
            }
            RowFormat::Jsonl => Rows::Jsonl(out),
            RowFormat::Parquet => Rows::Parquet(Box::new(parquet::ParquetRows::new(
                self.name,
                &self.columns,
                out,
            )?)),
            RowFormat::Xlsx => {
                let mut book = Workbook::new(out);
                book.begin_sheet(self.name, keys)?;
                Rows::Xlsx(Box::new(book))
            }
        });
        Ok(())
    }

    fn row(&mut self, mut cells: Vec<Cell>) -> io::Result<()> {
        let mut kept = self.kept.iter();
        cells.retain(|_| kept.next().copied().unwrap_or(true));
        self.count += 1;
        match &mut self.rows {
            None => Err(io::Error::other("no rows were begun")),
            Some(Rows::Csv(rows)) => rows.row(&cells),
            Some(Rows::Jsonl(out)) => {
                let keys = self.columns.iter().map(|one| one.column.key);
                write_row(keys, &cells, out)
            }
            Some(Rows::Parquet(rows)) => rows.row(cells),
            Some(Rows::Xlsx(book)) => book.row(&cells),
        }
    }
}

#[cfg(test)]
mod tests;
