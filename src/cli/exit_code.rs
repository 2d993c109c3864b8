//! What the process ends with.

use std::process::ExitCode;

/// Every exit code there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, with gaps or without.
    Done = 0,
    /// Could not: no seed read, nothing stored, no database; or interrupted, with work left.
    CouldNot = 1,
    /// Wrong usage.
    Usage = 2,
    /// Asked to check, and the answer is no.
    CheckFailed = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
