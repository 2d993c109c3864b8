//! The texts of a source with every place that names an entity or holds a value, and what each place stands for.
//!
//! Made of what was extracted, stored or not; computes no span of its own.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Table;
use super::line::{lines, table};
use crate::model::{ExtractionId, ExtractionType, Mention, SourceId};
use crate::store::{Result, Store};

lines! {
    /// A place in a text and what it stands for.
    SpanLine {
        /// First byte in the text.
        start: i64 => number;
        end: i64 => number;
        /// The entity's type, or the field that was read from here.
        kind: String => text;
        surface: String => text;
        /// The normal form.
        value: String => text;
        score: Option<f64> => number;
        /// The recognizer, or the way in which the field was found.
        found_by: String => text;
        locator: Option<String> => text;
    }
}

/// A text of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceText {
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub text: String,
    /// In the order of the text.
    pub spans: Vec<SpanLine>,
}

/// What was extracted, before the places in its text are known together.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedPart {
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub text: String,
    pub data: Json,
    pub mentions: Vec<SpanLine>,
}

impl From<&Mention> for SpanLine {
    fn from(mention: &Mention) -> Self {
        Self {
            start: mention.start as i64,
            end: mention.end as i64,
            kind: mention.entity_type.as_str().to_owned(),
            surface: mention.surface.clone(),
            value: mention.normalized.clone(),
            score: Some(mention.score),
            found_by: mention.recognizer.to_owned(),
            locator: None,
        }
    }
}

impl SourceText {
    /// Returns the places as a table.
    pub fn table(&self) -> Table {
        let empty = "No mention and no value was found in it.";
        table("what was found in it", empty, &self.spans)
    }
}

/// Reads the texts of a stored source.
pub fn source_texts(store: &mut Store, source: SourceId) -> Result<Vec<SourceText>> {
    let mut mentions: HashMap<ExtractionId, Vec<SpanLine>> = HashMap::new();
    store.mentions_in_source(source, &mut |row| {
        let span = SpanLine {
            start: row.start,
            end: row.end,
            kind: row.entity_type,
            surface: row.surface,
            value: row.normalized_value,
            score: row.score,
            found_by: row.recognizer,
            locator: None,
        };
        mentions.entry(row.extraction).or_default().push(span);
        Ok(())
    })?;
    let rows = store.extractions(source)?.into_iter();
    let parts = rows.map(|row| ExtractedPart {
        mentions: mentions.remove(&row.id).unwrap_or_default(),
        profile: row.profile,
        extraction_type: row.extraction_type,
        ordinal: row.ordinal,
        text: row.text,
        data: row.data,
    });
    Ok(texts(parts.collect()))
}

/// Puts the values that were read from a text beside the mentions in it; contents come first.
pub fn texts(parts: Vec<ExtractedPart>) -> Vec<SourceText> {
    let mut values: HashMap<(String, i64), Vec<SpanLine>> = HashMap::new();
    for part in &parts {
        for (content, span) in values_of(part) {
            let place = (part.profile.clone(), content);
            values.entry(place).or_default().push(span);
        }
    }
    let is_content =
        |part: &ExtractedPart| part.extraction_type == ExtractionType::Content.as_str();
    let (contents, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_content);
    let others = others.into_iter().filter(|part| !part.mentions.is_empty());
    contents
        .into_iter()
        .chain(others)
        .filter(|part| !part.text.is_empty())
        .map(|part| {
            let mut spans = part.mentions;
            if part.extraction_type == ExtractionType::Content.as_str() {
                let place = (part.profile.clone(), part.ordinal);
                spans.extend(values.remove(&place).unwrap_or_default());
            }
            for span in spans.iter_mut().filter(|span| span.surface.is_empty()) {
                let place = usize::try_from(span.start)
                    .ok()
                    .zip(usize::try_from(span.end).ok());
                let there = place.and_then(|(start, end)| part.text.get(start..end));
                there.unwrap_or_default().clone_into(&mut span.surface);
            }
            spans.sort_by(|one, other| {
                let place = |span: &SpanLine| (span.start, std::cmp::Reverse(span.end));
                let name = |span: &SpanLine| (span.kind.clone(), span.found_by.clone());
                place(one)
                    .cmp(&place(other))
                    .then_with(|| name(one).cmp(&name(other)))
            });
            SourceText {
                profile: part.profile,
                extraction_type: part.extraction_type,
                ordinal: part.ordinal,
                text: part.text,
                spans,
            }
        })
        .collect()
}

/// Returns the fields and facts that were read from a place in a content, with that content's ordinal.
fn values_of(part: &ExtractedPart) -> Vec<(i64, SpanLine)> {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let shown = |value: &Json| {
        let bare = value.as_str().map(str::to_owned);
        bare.unwrap_or_else(|| value.to_string())
    };
    let data = &part.data;
    let mut found = Vec::new();
    for field in data["fields"].as_array().into_iter().flatten() {
        let place = (field["start"].as_i64(), field["end"].as_i64());
        let (Some(start), Some(end)) = place else {
            continue;
        };
        let group = text(&data["group"]).unwrap_or_default();
        let name = text(&field["field"]).unwrap_or_default();
        let span = SpanLine {
            start,
            end,
            kind: format!("{group}.{name}"),
            surface: text(&field["raw"]).unwrap_or_default(),
            value: shown(&field["value"]),
            score: field["confidence"].as_f64(),
            found_by: text(&field["evidence"]).unwrap_or_default(),
            locator: text(&field["locator"]),
        };
        found.push((field["content"].as_i64().unwrap_or(0), span));
    }
    for fact in data["facts"].as_array().into_iter().flatten() {
        let place = (fact["span"][0].as_i64(), fact["span"][1].as_i64());
        let (Some(start), Some(end)) = place else {
            continue;
        };
        let span = SpanLine {
            start,
            end,
            kind: text(&fact["attribute"]).unwrap_or_default(),
            surface: String::new(),
            value: shown(&fact["value"]),
            score: None,
            found_by: text(&fact["from"]).unwrap_or_default(),
            locator: text(&fact["locator"]),
        };
        found.push((0, span));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(extraction_type: &str, text: &str, data: Json) -> ExtractedPart {
        ExtractedPart {
            profile: "default".to_owned(),
            extraction_type: extraction_type.to_owned(),
            ordinal: 0,
            text: text.to_owned(),
            data,
            mentions: Vec::new(),
        }
    }

    #[test]
    fn values_stand_in_the_text_that_they_were_read_from() {
        let fields = json!({"group": "mill", "fields": [
            {"field": "height", "start": 5, "end": 9, "content": 0, "value": 12.5, "raw": "12.5",
             "confidence": 0.9, "evidence": "selector", "locator": "p"},
            {"field": "owner", "value": "nobody"},
        ]});
        let facts = json!({"facts": [
            {"attribute": "Age", "value": "3", "span": [0, 1], "from": "table", "locator": "td"},
            {"attribute": "Name", "value": "x", "span": null},
        ]});
        let found = texts(vec![
            part("fields", "", fields),
            part("facts", "", facts),
            part("content", "3 is 12.5", json!({})),
        ]);
        assert_eq!(found.len(), 1);
        let shown: Vec<_> = found[0]
            .spans
            .iter()
            .map(|span| {
                (
                    span.start,
                    span.end,
                    span.kind.as_str(),
                    span.value.as_str(),
                )
            })
            .collect();
        assert_eq!(shown, [(0, 1, "Age", "3"), (5, 9, "mill.height", "12.5")]);
    }
}
