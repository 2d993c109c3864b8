//! Reports to standard output: one file per format, all of them over the same struct.
//!
//! What `--stable` and `--verbose` leave out is decided here, once, by key; the formats only spell what they
//! are given. Nothing here asks a database or computes a figure.

mod annotations;
mod citations;
mod commands;
mod csv;
mod export;
mod file;
mod html;
mod json;
mod jsonl;
mod markdown;
mod omit;
mod pages;
mod side_folder;
mod table;
mod terminal;
mod text;
mod upright;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};

use crate::report::{Column, Figure, Report, Table};

pub use annotations::Annotated;
pub use citations::{CitationStyle, write_citations};
pub use commands::ShownDatabase;
pub use export::{
    Output, ProvWriter, RowFormat, RowOptions, RowWriter, Workbook, ZipPart, ZipParts, kept_columns,
};
pub use file::{OutputFile, give_name, unnamed};
pub use html::{OverviewPage, Question};
pub use pages::{PageWriter, ShownPage};
pub use terminal::{
    color_is_wanted, stderr_is_terminal, stdout_is_terminal, terminal_height, terminal_width,
};
pub use text::visible;

/// How a report is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for reading; of a page, its text (also: text)
    #[default]
    #[value(alias = "text")]
    Table,
    /// The whole report as one JSON document
    Json,
    /// The main table, one JSON object per line
    Jsonl,
    /// The main table as comma-separated values (RFC 4180)
    Csv,
    /// Every table as GitHub Markdown
    #[value(alias = "md")]
    Markdown,
    /// One self-contained page to open in a browser
    Html,
}

/// What is shown of a report, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutputOptions {
    pub format: Format,
    /// Leave out whatever differs between two runs of the same story.
    pub stable: bool,
    /// Show engine, host, process and worker.
    pub verbose: bool,
    /// Leave out notes.
    pub quiet: bool,
    /// Columns of the terminal that is written to; `None` when it is no terminal.
    pub width: Option<usize>,
    pub color: bool,
    /// The database that commands in notes have to name.
    pub database: ShownDatabase,
    /// What is answered, and by which command.
    pub question: Question,
    /// The file that takes the place of standard output.
    pub file: Option<OutputFile>,
}

/// Keys that are left out of everything that is shown.
type OmittedKeys = BTreeSet<&'static str>;

/// Writes `report` to `out` in the format asked for.
pub fn render(
    report: &impl Report,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    if options.format == Format::Json {
        let omitted = omitted_keys(report, &report.columns(), options);
        return json::write(report, &omitted, out);
    }
    render_tables(report, report.tables(), options, out)
}

/// Writes `tables` of `report` in a format that is made of them.
fn render_tables(
    report: &impl Report,
    tables: Vec<Table>,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let columns: Vec<Column> = tables.iter().flat_map(|one| one.columns.clone()).collect();
    let omitted = omitted_keys(report, &columns, options);
    let tables: Vec<Table> = tables
        .into_iter()
        .map(|table| without(table, &omitted))
        .collect();
    match options.format {
        Format::Json => Ok(()),
        Format::Table => {
            table::write(&tables, options, out)?;
            let notes = notes(report, options);
            table::write_notes(in_commands(&notes, options), out)
        }
        Format::Jsonl => tables
            .first()
            .map_or(Ok(()), |main| jsonl::write(main, out)),
        Format::Csv => tables.first().map_or(Ok(()), |main| {
            csv::write(main, options.width.is_some(), out)
        }),
        Format::Markdown => markdown::write(&tables, out),
        Format::Html => {
            let notes = notes(report, options);
            let notes = in_commands(&notes, options);
            let figures = shown_figures(report, options);
            let parts = html::Parts {
                figures: &figures,
                tables: &tables,
                texts: report.texts(),
            };
            html::write(&options.question, &parts, notes, out)
        }
    }
}

/// Returns the pictures of a report, without what is left out.
fn shown_figures(report: &impl Report, options: &OutputOptions) -> Vec<Figure> {
    let figures = report.figures().into_iter();
    if options.stable {
        return figures.map(Figure::stable).collect();
    }
    figures.collect()
}

/// Returns the pictures and tables of a report, without what is left out.
fn shown(report: &impl Report, options: &OutputOptions) -> (Vec<Figure>, Vec<Table>) {
    let tables = report.tables();
    let columns: Vec<Column> = tables.iter().flat_map(|one| one.columns.clone()).collect();
    let omitted = omitted_keys(report, &columns, options);
    let tables = tables.into_iter().map(|table| without(table, &omitted));
    (shown_figures(report, options), tables.collect())
}

/// Returns a table that a report has beside its own, without what is left out.
fn shown_table(report: &impl Report, table: Table, options: &OutputOptions) -> Table {
    let omitted = omitted_keys(report, &table.columns, options);
    without(table, &omitted)
}

/// Returns the notes that are wanted; they name ids.
fn notes(report: &impl Report, options: &OutputOptions) -> Vec<String> {
    if options.quiet || options.stable {
        return Vec::new();
    }
    report.notes()
}

fn in_commands<'a>(
    notes: &'a [String],
    options: &'a OutputOptions,
) -> impl Iterator<Item = Cow<'a, str>> {
    notes.iter().map(|note| options.database.in_commands(note))
}

/// Writes `report` to its file, or to standard output; a reader that has gone away is no failure.
pub fn print(report: &impl Report, options: &OutputOptions) -> io::Result<()> {
    to_place(options, |out| render(report, options, out))
}

/// As [`print()`], for a report of any number of rows: they are in memory once, and gone from the report then.
pub fn print_taking(report: &mut impl Report, options: &OutputOptions) -> io::Result<()> {
    if options.format == Format::Json {
        return print(report, options);
    }
    let tables = report.take_tables();
    to_place(options, |out| render_tables(report, tables, options, out))
}

fn to_place(
    options: &OutputOptions,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(file) = &options.file {
        return file.write(write);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    written.or_else(|error| {
        if is_broken_pipe(&error) {
            Ok(())
        } else {
            Err(error)
        }
    })
}

/// Says whether the reader of the output has closed its end, as `head` does when it has enough.
pub fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn omitted_keys(report: &impl Report, columns: &[Column], options: &OutputOptions) -> OmittedKeys {
    let mut omitted = OmittedKeys::new();
    let columns = || columns.iter();
    if options.stable {
        omitted.extend(report.volatile_keys());
        omitted.extend(columns().filter(|one| one.volatile).map(|one| one.key));
    }
    if !options.verbose {
        omitted.extend(report.verbose_keys());
        omitted.extend(columns().filter(|one| one.verbose).map(|one| one.key));
    }
    omitted
}

fn without(mut table: Table, omitted: &OmittedKeys) -> Table {
    let kept: Vec<bool> = table
        .columns
        .iter()
        .map(|column| !omitted.contains(column.key))
        .collect();
    if kept.iter().all(|kept| *kept) {
        return table;
    }
    let mut of_columns = kept.iter();
    table
        .columns
        .retain(|_| of_columns.next().copied().unwrap_or(true));
    for row in &mut table.rows {
        let mut of_cells = kept.iter();
        row.retain(|_| of_cells.next().copied().unwrap_or(true));
    }
    table
}

#[cfg(test)]
mod tests;
