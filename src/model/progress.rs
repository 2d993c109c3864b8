//! How far a stage has got, as the value it hands to whoever started it.

use super::JobId;

/// One report of progress; stages call an `FnMut(ProgressUpdate)` with it and never print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressUpdate {
    /// Units that have an outcome, failed ones included.
    pub done: u64,
    /// Units among them that failed.
    pub failed: u64,
    /// All units known so far, where that can be said; it may grow.
    pub total: Option<u64>,
    /// What the units are: `pages`, `sources`.
    pub label: &'static str,
    /// The job that they belong to, where one does it.
    pub job: Option<JobId>,
}
