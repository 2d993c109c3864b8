//! What can go wrong between this program and a database, in words that do not name one engine's types.

use std::path::PathBuf;

/// How a failed statement is to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Deadlock, serialization failure or a lock that was not got in time: the same work may succeed now.
    Retry,
    /// The connection is gone.
    ConnectionLost,
    /// A unique, foreign or check rule, or a value that the engine refuses: this row will never do.
    Rejected,
    /// The database may only be read.
    ReadOnly,
    /// No room left on the device.
    Full,
    /// The file or its structure is damaged.
    Corrupt,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// Judges an SQLSTATE (PostgreSQL manual, appendix A).
    pub(super) fn of_sqlstate(code: &str) -> Self {
        match code {
            "40001" | "40P01" | "55P03" => Self::Retry,
            "25006" | "42501" => Self::ReadOnly,
            "53100" => Self::Full,
            "57P01" | "57P02" | "57P03" => Self::ConnectionLost,
            _ => match code.get(..2) {
                Some("22" | "23" | "54") => Self::Rejected,
                Some("08") => Self::ConnectionLost,
                Some("XX") => Self::Corrupt,
                _ => Self::Other,
            },
        }
    }
}

/// A statement that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StatementError {
    pub kind: FailureKind,
    /// The engine's own words, with its code.
    pub message: String,
}

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database address cannot be read: {0}")]
    Address(String),
    #[error("there is no database at {0}")]
    Missing(String),
    #[error("cannot open the database {address}")]
    Open {
        address: String,
        #[source]
        source: StatementError,
    },
    #[error("the server at {address} refused the user or the password")]
    Authentication {
        address: String,
        #[source]
        source: StatementError,
    },
    #[error("cannot connect to {address}")]
    Connect {
        address: String,
        #[source]
        source: StatementError,
    },
    #[error("{address} holds version {found} of the schema, newer than this program's {supported}")]
    NewerSchema {
        address: String,
        found: i64,
        supported: i64,
    },
    #[error("{address} holds version {found} of the schema, and this program needs {needed}")]
    OlderSchema {
        address: String,
        found: i64,
        needed: i64,
    },
    #[error("{address} holds tables that are not this program's ({found})")]
    ForeignTables { address: String, found: String },
    #[error("the schema could not be migrated")]
    Migration {
        #[source]
        source: StatementError,
    },
    #[error("there is no version {0} to go down to")]
    NoSuchVersion(i64),
    #[error("going down would drop tables that hold rows: {0}")]
    RowsWouldGo(String),
    #[error("cannot write {path}")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Whoever takes the rows could not, so reading them ends.
    #[error("what was read cannot be written")]
    Output(#[source] std::io::Error),
    #[error("the database refused a statement")]
    Statement(#[from] StatementError),
    #[error("the database holds a value that cannot be read: {0}")]
    Decode(String),
    #[error("the span {start}..{end} of {recognizer} does not give its surface")]
    Span {
        recognizer: &'static str,
        start: usize,
        end: usize,
    },
    #[error("another worker has taken this work over")]
    ClaimLost,
    #[error("job {job} has still to extract this source")]
    Selected { job: crate::model::JobId },
    #[error("no {noun} has an id that ends in {given:?}")]
    NotFound { noun: &'static str, given: String },
    #[error("{given} is of the group {group}, and not of {kept}")]
    OtherGroup {
        given: String,
        group: String,
        kept: String,
    },
    #[error("more than one {noun} has an id that ends in {given:?}")]
    Ambiguous { noun: &'static str, given: String },
}

impl Error {
    /// Returns how the failure is to be judged.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Statement(error)
            | Self::Open { source: error, .. }
            | Self::Connect { source: error, .. }
            | Self::Migration { source: error } => error.kind,
            // One recognizer's mistake must not stop the sources that wait beside it.
            Self::Span { .. } => FailureKind::Rejected,
            _ => FailureKind::Other,
        }
    }

    /// Says whether the fault lies in the rows given, so that other rows may still be stored.
    pub fn is_rejection(&self) -> bool {
        self.kind() == FailureKind::Rejected
    }
}

/// The result of a call to the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;
