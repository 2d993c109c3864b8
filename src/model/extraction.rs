//! Extractions: what was read out of a source, and how far its entities got.

use serde_json::Value;

use super::Mention;
use super::job::words;

words! {
    /// What an extraction holds.
    ExtractionType {
        /// The main content: its text is what a reader of the page came for.
        Content = "content",
        /// What the page says about itself: title, author, dates, language …
        Metadata = "metadata",
        /// One structured record, in whatever syntax the page carries it.
        Record = "record",
        /// The facts of a page's tables, lists and labelled lines, in one list; spans are those of its content.
        Facts = "facts",
        /// The fields of one instance of a profile's group, each with its evidence.
        Fields = "fields",
    }
}

/// One extraction, as an extractor returns it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedItem {
    pub extraction_type: ExtractionType,
    /// Counts extractions of one type on one source, from 0.
    pub ordinal: i64,
    /// An object.
    pub data: Value,
    /// The text that spans refer to; empty where there is none.
    pub text: String,
    /// From evidence, 0 to 1; `None` where there is none to judge by.
    pub confidence: Option<f64>,
}

words! {
    /// How far a recognizer got on one window.
    WindowState {
        Pending = "pending",
        Done = "done",
        Failed = "failed",
        Truncated = "truncated",
        Cancelled = "cancelled",
    }
}

/// What a recognizer made of one window of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowResult {
    pub recognizer: &'static str,
    /// Counts the windows of one recognizer over one text, from 0.
    pub ordinal: i64,
    /// First byte in the extraction's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    pub state: WindowState,
    /// Why it is not done.
    pub error: Option<String>,
    /// What was found; empty unless done.
    pub mentions: Vec<Mention>,
}
