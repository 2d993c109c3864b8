//! What is wrong with a TOML text, where, and how it is put right.

use std::fmt;
use std::ops::Range;

/// One fault of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file beside the text that has the fault; `None` for the text itself.
    pub file: Option<String>,
    /// Counts lines from 1.
    pub line: usize,
    /// Counts characters of the line from 1.
    pub column: usize,
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

impl Fault {
    /// Makes a fault of the bytes `span` of a text.
    pub(crate) fn at(text: &str, span: &Range<usize>, message: String, fix: String) -> Self {
        let (line, column) = place(text, span.start);
        Self {
            file: None,
            line,
            column,
            message,
            fix,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(formatter, "{file}: ")?;
        }
        let (line, column) = (self.line, self.column);
        write!(formatter, "line {line}, column {column}: {}", self.message)
    }
}

/// Every fault of a text, in its order; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ordinal, error) in self.0.iter().enumerate() {
            let separator = if ordinal == 0 { "" } else { "; " };
            write!(formatter, "{separator}{error} ({})", error.fix)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Returns line and column of a byte of `text`, each from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
