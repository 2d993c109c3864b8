//! Rows of one kind, in any of their formats.

use std::io;

use crate::cli::arguments::GlobalArguments;
use crate::cli::failure::Failure;
use crate::cli::output::{RowFormat, RowOptions, RowWriter, Workbook, stdout_is_terminal};
use crate::extract::job::current_recognizer_digest;
use crate::model::JobId;
use crate::report::{self, Cell, ExportSettings, RowKind, SheetSink};
use crate::store::Store;

use super::Exported;
use super::target::{Counted, Target};

/// Writes the rows of a kind in a format; of one job, if asked.
pub(super) fn write(
    global: &GlobalArguments,
    store: &mut Store,
    (kind, format, job): (RowKind, RowFormat, Option<JobId>),
    mut target: Target,
) -> Result<Exported, Failure> {
    let (counted, rows) = if kind == RowKind::Facts && format == RowFormat::Xlsx {
        let mut sheets = Sheets {
            target: &mut target,
            book: None,
            rows: 0,
        };
        report::fact_sheets(store, job, &mut sheets)?;
        sheets.finish()?
    } else {
        let options = RowOptions {
            stable: global.stable,
            to_terminal: matches!(target, Target::Stdout { .. }) && stdout_is_terminal(),
        };
        let settings = ExportSettings {
            kind,
            job,
            stable: global.stable,
            recognizer_digest: current_recognizer_digest(),
        };
        let mut writer = RowWriter::new(kind.as_str(), format, options, || target.begin());
        report::export(store, &settings, &mut writer)?;
        writer.finish()?
    };
    Ok(Exported {
        what: kind.as_str(),
        format: format.as_str(),
        rows,
        written: target.commit(counted)?,
    })
}

/// The sheets of facts on their way into a workbook.
struct Sheets<'a> {
    target: &'a mut Target,
    book: Option<Workbook<Counted>>,
    /// The rows of the current sheet; all have the same.
    rows: u64,
}

impl Sheets<'_> {
    fn book(&mut self) -> io::Result<&mut Workbook<Counted>> {
        let missing = || io::Error::other("no workbook was begun");
        self.book.as_mut().ok_or_else(missing)
    }

    fn finish(self) -> io::Result<(Counted, u64)> {
        let missing = || io::Error::other("no workbook was begun");
        let counted = self.book.ok_or_else(missing)?.finish()?;
        Ok((counted, self.rows))
    }
}

impl SheetSink for Sheets<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.book = None;
        self.book = Some(Workbook::new(self.target.begin()?));
        Ok(())
    }

    fn sheet(&mut self, name: &'static str, keys: Vec<String>) -> io::Result<()> {
        self.rows = 0;
        self.book()?.begin_sheet(name, keys)
    }

    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        self.rows += 1;
        self.book()?.row(&cells)
    }
}
