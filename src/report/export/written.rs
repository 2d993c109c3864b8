//! What an export came to: what was written where, and the digest by which it is known again.

use serde::Serialize;

use crate::model::Digest;
use crate::report::line::{lines, table};
use crate::report::{Report, Table};

lines! {
    /// A file that an export wrote.
    ExportedLine {
        what: String => text;
        format: String => text;
        /// As it was named.
        file: String => text.volatile;
        rows: u64 => number;
        bytes: u64 => number;
        /// The SHA-256 of the file.
        digest: Digest => id.stable;
    }
}

/// `export … -o FILE`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportReport {
    pub rows: Vec<ExportedLine>,
}

impl Report for ExportReport {
    fn tables(&self) -> Vec<Table> {
        vec![table("exported", "Nothing was exported.", &self.rows)]
    }
}
