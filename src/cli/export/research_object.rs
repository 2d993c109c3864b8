//! All of it as one zip file: rows, statements, and what they are.

use std::io::{self, Write};

use serde_json::Value as Json;

use crate::cli::arguments::GlobalArguments;
use crate::cli::failure::Failure;
use crate::cli::output::{ProvWriter, RowFormat, RowOptions, RowWriter, ZipPart, ZipParts};
use crate::extract::job::current_recognizer_digest;
use crate::model::{JobId, Timestamp};
use crate::report::{
    self, CrateFile, CratePart, CrateSink, ExportSettings, METADATA_FILE, RowKind, RowSink,
    StatementSink,
};
use crate::store::Store;

use super::Exported;
use super::target::{Counted, Target};

type Opener = Box<dyn FnMut() -> io::Result<ZipPart<Counted>>>;

/// Writes a crate; of one job, if asked.
pub(super) fn write(
    global: &GlobalArguments,
    store: &mut Store,
    job: Option<JobId>,
    mut target: Target,
) -> Result<Exported, Failure> {
    let settings = ExportSettings {
        kind: RowKind::Sources,
        job,
        stable: global.stable,
        recognizer_digest: current_recognizer_digest(),
    };
    let mut parts = Parts {
        target: &mut target,
        stable: global.stable,
        zip: None,
        open: None,
        files: 0,
    };
    report::research_object(store, &settings, Timestamp::now(), &mut parts)?;
    let files = parts.files;
    let counted = parts.zip()?.finish()?;
    Ok(Exported {
        what: "ro-crate",
        format: "zip",
        rows: files,
        written: target.commit(counted)?,
    })
}

/// The files of a crate on their way into the zip file.
struct Parts<'a> {
    target: &'a mut Target,
    stable: bool,
    zip: Option<ZipParts<Counted>>,
    open: Option<(CratePart, Open)>,
    files: u64,
}

/// The file that is being written.
enum Open {
    Rows(Box<RowWriter<ZipPart<Counted>, Opener>>),
    Statements(Box<ProvWriter<ZipPart<Counted>, Opener>>),
}

impl Parts<'_> {
    fn zip(&self) -> io::Result<ZipParts<Counted>> {
        let missing = || io::Error::other("no crate was begun");
        self.zip.clone().ok_or_else(missing)
    }

    fn opener(&self, name: String) -> io::Result<Opener> {
        let zip = self.zip()?;
        Ok(Box::new(move || zip.begin(&name)))
    }
}

impl CrateSink for Parts<'_> {
    fn begin(&mut self) -> io::Result<()> {
        (self.open, self.zip, self.files) = (None, None, 0);
        self.zip = Some(ZipParts::new(self.target.begin()?));
        Ok(())
    }

    fn rows(&mut self, part: CratePart) -> io::Result<&mut dyn RowSink> {
        let opener = self.opener(part.file_name())?;
        let format = if part.is_csv() {
            RowFormat::Csv
        } else {
            RowFormat::Jsonl
        };
        let options = RowOptions {
            stable: self.stable,
            to_terminal: false,
        };
        let writer = Box::new(RowWriter::new("rows", format, options, opener));
        match &mut self.open.insert((part, Open::Rows(writer))).1 {
            Open::Rows(writer) => Ok(writer.as_mut()),
            Open::Statements(_) => Err(io::Error::other("the file holds statements")),
        }
    }

    fn statements(&mut self, part: CratePart) -> io::Result<&mut dyn StatementSink> {
        let writer = Box::new(ProvWriter::new(self.opener(part.file_name())?));
        match &mut self.open.insert((part, Open::Statements(writer))).1 {
            Open::Statements(writer) => Ok(writer.as_mut()),
            Open::Rows(_) => Err(io::Error::other("the file holds rows")),
        }
    }

    fn end(&mut self) -> io::Result<CrateFile> {
        let missing = || io::Error::other("no file was begun");
        let (part, open) = self.open.take().ok_or_else(missing)?;
        let written = match open {
            Open::Rows(writer) => writer.finish()?.0,
            Open::Statements(writer) => writer.finish()?.0,
        };
        self.files += 1;
        let (bytes, digest) = written.finish();
        Ok(CrateFile {
            part,
            bytes,
            digest,
        })
    }

    fn metadata(&mut self, metadata: &Json) -> io::Result<()> {
        let mut part = self.zip()?.begin(METADATA_FILE)?;
        serde_json::to_writer_pretty(&mut part, metadata)?;
        part.write_all(b"\n")
    }
}
