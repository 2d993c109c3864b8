//! Statements as PROV-JSON (W3C member submission of 2013-04-24), a line each.
//!
//! Kinds of which nothing is said are left out, and so are empty bundles.

use std::io;

use super::Output;
use crate::cli::output::json::EscapingWriter;
use crate::report::{Attributes, PROV_PREFIXES, StatementSink};

/// Statements on their way into a document; `open` makes the output, anew each time that they begin.
pub struct ProvWriter<W: Output, F: FnMut() -> io::Result<W>> {
    open: F,
    out: Option<W>,
    /// The kind of the next statement.
    kind: &'static str,
    is_kind_open: bool,
    has_kinds: bool,
    has_bundles: bool,
    /// How many relations have been named.
    relations: u64,
    statements: u64,
}

impl<W: Output, F: FnMut() -> io::Result<W>> ProvWriter<W, F> {
    /// Prepares to write a document.
    pub fn new(open: F) -> Self {
        Self {
            open,
            out: None,
            kind: "",
            is_kind_open: false,
            has_kinds: false,
            has_bundles: false,
            relations: 0,
            statements: 0,
        }
    }

    /// Ends the document; returns the output and how many statements there are.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.end_kind()?;
        let has_bundles = self.has_bundles;
        let out = self.out()?;
        if has_bundles {
            out.write_all(b"\n}")?;
            out.write_all(b"\n}")?;
        }
        out.write_all(b"\n}\n")?;
        out.flush()?;
        let missing = || io::Error::other("no document was begun");
        Ok((self.out.ok_or_else(missing)?, self.statements))
    }

    fn out(&mut self) -> io::Result<&mut W> {
        let missing = || io::Error::other("no document was begun");
        self.out.as_mut().ok_or_else(missing)
    }

    fn end_kind(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_kind_open) {
            self.out()?.write_all(b"\n}")?;
        }
        Ok(())
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        let out = self.out()?;
        serde_json::to_writer(EscapingWriter(out), name)?;
        self.out()?.write_all(b": ")
    }
}

impl<W: Output, F: FnMut() -> io::Result<W>> StatementSink for ProvWriter<W, F> {
    fn begin(&mut self) -> io::Result<()> {
        self.out = None;
        let mut out = (self.open)()?;
        out.write_all(b"{\n\"prefix\": {")?;
        for (number, (prefix, meaning)) in PROV_PREFIXES.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            write!(out, "{comma}\n\"{prefix}\": \"{meaning}\"")?;
        }
        out.write_all(b"\n}")?;
        self.out = Some(out);
        self.is_kind_open = false;
        self.has_kinds = true;
        self.has_bundles = false;
        (self.relations, self.statements) = (0, 0);
        Ok(())
    }

    fn bundle(&mut self, name: &str) -> io::Result<()> {
        self.end_kind()?;
        let before: &[u8] = if std::mem::replace(&mut self.has_bundles, true) {
            b"\n},\n"
        } else {
            b",\n\"bundle\": {\n"
        };
        self.out()?.write_all(before)?;
        self.name(name)?;
        self.out()?.write_all(b"{")?;
        self.has_kinds = false;
        Ok(())
    }

    fn kind(&mut self, kind: &'static str) -> io::Result<()> {
        self.end_kind()?;
        self.kind = kind;
        Ok(())
    }

    fn statement(&mut self, name: Option<&str>, attributes: Attributes) -> io::Result<()> {
        let before: &[u8] = if self.is_kind_open { b",\n" } else { b"" };
        self.out()?.write_all(before)?;
        if !std::mem::replace(&mut self.is_kind_open, true) {
            let before: &[u8] = if std::mem::replace(&mut self.has_kinds, true) {
                b",\n"
            } else {
                b"\n"
            };
            self.out()?.write_all(before)?;
            let kind = self.kind;
            self.name(kind)?;
            self.out()?.write_all(b"{\n")?;
        }
        self.statements += 1;
        if let Some(name) = name {
            self.name(name)?;
        } else {
            self.relations += 1;
            let name = format!("_:r{}", self.relations);
            self.name(&name)?;
        }
        let out = self.out()?;
        serde_json::to_writer(EscapingWriter(out), &attributes)?;
        Ok(())
    }
}
