//! Gaps: what is incomplete, as a value that travels with the result it is missing from.

use super::Reason;

/// One thing that should be there and is not, as the room that noticed it says it.
///
/// Stage and class follow from the reason. The store adds whose gap it is (URI, source, extraction) and
/// counts how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub reason: Reason,
    /// Where in the source, in words that sort: a byte offset or a range `start..end`; empty for the whole.
    pub position: String,
    /// What was seen, for a person: a status, an error's text. Never a secret.
    pub detail: String,
}

impl Gap {
    /// A gap that concerns the whole.
    pub fn whole(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            position: String::new(),
            detail: detail.into(),
        }
    }

    /// A gap at one place.
    pub fn at(reason: Reason, position: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            reason,
            position: position.into(),
            detail: detail.into(),
        }
    }
}
