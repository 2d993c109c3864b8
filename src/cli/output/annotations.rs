//! The mentions of a text as one line of JSON.
//!
//! Owns how a mention is spelled, and that its place is told in code points as well as in bytes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::json::EscapingWriter;
use crate::model::{Mention, Offset, WindowResult};

/// A line: a text by its id, with what was found in it and what could not be read.
#[derive(Debug, Serialize)]
pub struct Annotated<'a> {
    id: &'a Value,
    entities: Vec<ShownMention<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incomplete: Vec<ShownWindow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ShownMention<'a> {
    start: usize,
    end: usize,
    start_byte: usize,
    end_byte: usize,
    #[serde(rename = "type")]
    label: String,
    text: &'a str,
    normalized: &'a str,
    attributes: &'a Value,
    score: f64,
    recognizer: &'a str,
}

/// A part of the text that one recognizer could not read.
#[derive(Debug, Serialize)]
struct ShownWindow<'a> {
    recognizer: &'a str,
    start_byte: usize,
    end_byte: usize,
    error: &'a str,
}

impl<'a> Annotated<'a> {
    /// Spells what was found in `text`, in the order of the text.
    pub fn of(id: &'a Value, text: &str, results: &'a [WindowResult]) -> Self {
        let mut mentions: Vec<&Mention> =
            results.iter().flat_map(|result| &result.mentions).collect();
        mentions.sort_by(|one, other| {
            let place = |mention: &Mention| (mention.start, std::cmp::Reverse(mention.end));
            place(one)
                .cmp(&place(other))
                .then(one.entity_type.cmp(&other.entity_type))
        });
        let mut start = Offset::default();
        let shown = mentions.into_iter().map(|mention| {
            start = start.moved_to(text, mention.start).unwrap_or(start);
            let end = start.moved_to(text, mention.end).unwrap_or(start);
            ShownMention {
                start: start.code_point,
                end: end.code_point,
                start_byte: mention.start,
                end_byte: mention.end,
                label: mention.entity_type.label(),
                text: &mention.surface,
                normalized: &mention.normalized,
                attributes: &mention.attributes,
                score: mention.score,
                recognizer: mention.recognizer,
            }
        });
        let failed = results.iter().filter_map(|result| {
            Some(ShownWindow {
                recognizer: result.recognizer,
                start_byte: result.start,
                end_byte: result.end,
                error: result.error.as_deref()?,
            })
        });
        Self {
            id,
            entities: shown.collect(),
            incomplete: failed.collect(),
            error: None,
        }
    }

    /// Spells a line that is no text: it has no entities because nobody could look.
    pub fn unreadable(id: &'a Value, why: &'a str) -> Self {
        Self {
            id,
            entities: Vec::new(),
            incomplete: Vec::new(),
            error: Some(why),
        }
    }

    /// Names each part that could not be read.
    pub fn faults(&self) -> Vec<String> {
        let told = |window: &ShownWindow| {
            let ShownWindow {
                recognizer,
                start_byte,
                end_byte,
                error,
            } = window;
            format!("{recognizer} could not read bytes {start_byte} to {end_byte}: {error}")
        };
        self.incomplete.iter().map(told).collect()
    }

    /// Writes the line.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(EscapingWriter(&mut *out), self)?;
        out.write_all(b"\n")
    }
}
