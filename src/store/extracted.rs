//! What extracting a source brought, as it is handed to the store.

use std::sync::Arc;

use crate::model::{
    Claim, Digest, ExtractedItem, Gap, Reason, SourceId, Timestamp, WindowResult, WindowState,
};

/// How a pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassState {
    /// The profile found something.
    Done,
    /// The profile read it all and found nothing.
    Empty,
    /// The profile could not read it.
    Failed,
}

impl PassState {
    /// Returns the word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Empty => "empty",
            Self::Failed => "failed",
        }
    }
}

/// The whole result of one pass, to be committed in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedSource {
    pub claim: Claim,
    pub source: SourceId,
    pub uri: String,
    pub source_group: String,
    pub body_digest: Digest,
    pub profile: Arc<str>,
    pub profile_digest: Digest,
    pub recognizer_digest: Digest,
    pub state: PassState,
    pub texts: Vec<ExtractedText>,
    /// Gaps of the stage extract.
    pub gaps: Vec<Gap>,
    pub at: Timestamp,
}

/// One extraction with what the recognizers made of its text.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedText {
    pub item: ExtractedItem,
    /// Every window of every recognizer that reads this type; none when no recognizer does.
    pub windows: Vec<WindowResult>,
    /// Why no mention of it can be stored, when the database has refused them before.
    pub refused: Option<String>,
}

impl ExtractedText {
    /// Says whether every window is done, so that the flag may be TRUE.
    pub fn is_complete(&self) -> bool {
        self.refused.is_none()
            && self
                .windows
                .iter()
                .all(|one| one.state == WindowState::Done)
    }

    /// Says whether no recognizer reads it, so that there is nothing to find.
    pub fn is_unread(&self) -> bool {
        self.windows.is_empty() && self.refused.is_none()
    }

    /// Counts the mentions found.
    pub fn mention_count(&self) -> usize {
        if self.refused.is_some() {
            return 0;
        }
        self.windows
            .iter()
            .map(|window| window.mentions.len())
            .sum()
    }

    /// What is missing of its entities.
    pub fn gaps(&self) -> Vec<Gap> {
        if let Some(why) = &self.refused {
            return vec![Gap::whole(Reason::MentionsRejected, why.clone())];
        }
        self.windows
            .iter()
            .filter(|window| window.state != WindowState::Done)
            .map(|window| {
                let position = format!("{}:{}..{}", window.recognizer, window.start, window.end);
                let detail = window
                    .error
                    .clone()
                    .unwrap_or_else(|| window.state.to_string());
                Gap::at(Reason::WindowFailed, position, detail)
            })
            .collect()
    }
}
