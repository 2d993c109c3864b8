//! A text put together from the parts of a document, with the place of each part.
//!
//! Knows nothing of any format: what a place is called is the format's to say.

use std::ops::Range;

use serde_json::{Value, json};

use crate::extract::page::{item, words};
use crate::model::{ExtractedItem, ExtractionType, clean_text};

/// Parts of one document that are told apart.
const PLACE_LIMIT: usize = 20_000;

/// Bytes of all their places: each repeats the names around its part, however long those are.
const PLACE_BYTES: usize = 8 << 20;

/// Parts so far, each on a line of its own.
#[derive(Debug, Default)]
pub(super) struct Passages {
    text: String,
    places: Vec<(Range<usize>, String)>,
    place_bytes: usize,
}

impl Passages {
    /// Returns the limit that keeps out any further part; `what` says what the parts are.
    pub(super) fn limit(&self, what: &str) -> Option<String> {
        if self.places.len() >= PLACE_LIMIT {
            Some(format!("the document holds more than {PLACE_LIMIT} {what}"))
        } else if self.place_bytes >= PLACE_BYTES {
            Some(format!(
                "the paths of its {what} are longer than {PLACE_BYTES} bytes"
            ))
        } else {
            None
        }
    }

    /// Adds what stands at `place`; white space around it is taken off, and nothing else is changed.
    pub(super) fn add(&mut self, place: impl FnOnce() -> String, part: &str) {
        // Cleaned before the span is known, and not after: the replacement has more bytes.
        let part = clean_text(part.trim());
        if part.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(&part);
        let place = place();
        self.place_bytes += place.len();
        self.places.push((start..self.text.len(), place));
    }

    /// Returns the one content of the document; `None` when it holds no text.
    pub(super) fn content(self) -> Option<ExtractedItem> {
        if self.text.is_empty() {
            return None;
        }
        let blocks: Vec<Value> = self
            .places
            .iter()
            .map(|(span, place)| json!({"locator": place, "start": span.start, "end": span.end}))
            .collect();
        let data = json!({
            "blocks": blocks,
            "words": words(&self.text),
            "chosen_by": "whole",
        });
        let content = ExtractionType::Content;
        Some(item(content, 0, data, &self.text, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_found_in_the_text() {
        let mut passages = Passages::default();
        for (place, part) in [
            ("a", " x\0y "),
            ("b", "  "),
            ("c", "Größe\nzwei"),
            ("d", "z"),
        ] {
            passages.add(|| place.to_owned(), part);
        }
        let content = passages.content().unwrap();
        assert_eq!(content.text, "x\u{fffd}y\nGröße\nzwei\nz");
        let found: Vec<_> = content.data["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| {
                let at = |name: &str| place[name].as_u64().unwrap() as usize;
                (
                    place["locator"].as_str().unwrap(),
                    &content.text[at("start")..at("end")],
                )
            })
            .collect();
        assert_eq!(
            found,
            [("a", "x\u{fffd}y"), ("c", "Größe\nzwei"), ("d", "z")]
        );
    }

    #[test]
    fn long_places_are_bounded() {
        let mut passages = Passages::default();
        let mut count = 0;
        while passages.limit("values").is_none() {
            passages.add(|| "x".repeat(1 << 20), "1");
            count += 1;
        }
        assert_eq!(count, 8);
        assert!(passages.limit("values").unwrap().contains("8388608 bytes"));
    }

    #[test]
    fn nothing_is_no_content() {
        assert_eq!(Passages::default().content(), None);
    }
}
