//! Formats that are no page: plain text, data, feeds and documents.
//!
//! Owns which type is read by which file below; each of those turns bytes into items and gaps as `page` does.
//! Every item says by its `locator` which entry, sheet or page of the document it is from, or by its `blocks`
//! where in the document each part of its text stands. No reader unpacks, nests or counts without a limit, and
//! what lies behind a limit is a gap with the bytes that were not read.

mod csv;
mod docx;
mod epub;
mod feed;
mod json;
mod json_feed;
mod marked;
mod markup;
mod number_format;
mod odt;
mod opendocument;
mod package;
mod passages;
mod pdf;
mod properties;
mod relations;
mod sheets;
mod slides;
mod table;
mod text;
mod xlsx;
mod xml;

use serde_json::Value;

pub(super) use epub::without_empty_tags;
pub(super) use text::read as read_text;

use markup::Markup;
use properties::Properties;

use super::page::{charset_gap, item};
use super::{PageExtraction, PageInput};
use crate::model::{ExtractedItem, ExtractionType, Gap, Reason, clean_text, decode_text};

/// Reads a document of a type that is neither page nor plain text; `None` when nothing here reads it.
pub(super) fn read(input: &PageInput<'_>, essence: &str) -> Option<PageExtraction> {
    match essence {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
            return Some(docx::extract(input));
        }
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => {
            return Some(xlsx::extract(input));
        }
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => {
            return Some(slides::extract(input));
        }
        "application/vnd.oasis.opendocument.spreadsheet" => {
            return Some(opendocument::spreadsheet(input));
        }
        "application/vnd.oasis.opendocument.presentation" => {
            return Some(opendocument::presentation(input));
        }
        "application/vnd.oasis.opendocument.text" => return Some(odt::extract(input)),
        "application/epub+zip" => return Some(epub::extract(input)),
        "application/pdf" | "application/x-pdf" => return Some(pdf::extract(input)),
        _ => {}
    }
    let extract: fn(&PageInput<'_>, &str) -> PageExtraction = match essence {
        "text/csv" | "application/csv" => csv::extract,
        "application/x-ndjson" | "application/jsonl" => json::extract_lines,
        "application/json" | "text/json" => json::extract,
        _ if essence.ends_with("+json") => json::extract,
        "application/xml" | "text/xml" => xml::extract,
        _ if essence.ends_with("+xml") => xml::extract,
        _ => return None,
    };
    let decoded = decode_text(input.body, input.charset);
    let text = clean_text(&decoded.text);
    let mut extraction = extract(input, text.trim_start_matches('\u{feff}'));
    extraction.gaps.extend(charset_gap(&decoded));
    Some(extraction)
}

/// A gap for the rest of a document that is behind a limit.
fn cut(at: usize, length: usize, limit: &str) -> Gap {
    let left = length.saturating_sub(at);
    let detail = format!("{left} bytes not read: {limit}");
    Gap::at(Reason::DocumentCut, at.to_string(), detail)
}

/// A gap for a document that is not sound from `at` on.
fn invalid(at: usize, length: usize, fault: &str) -> Gap {
    let left = length.saturating_sub(at);
    let detail = format!("{left} bytes not read: {fault}");
    Gap::at(Reason::DocumentInvalid, at.to_string(), detail)
}

/// What a document says about itself.
fn metadata(fields: &[(&str, Option<&str>)]) -> ExtractedItem {
    let found = fields.iter().filter_map(|(name, value)| {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        Some(((*name).to_owned(), Value::String(value.to_owned())))
    });
    let data = Value::Object(found.collect());
    item(ExtractionType::Metadata, 0, data, "", None)
}

/// Adds a gap when nothing of the document became content.
fn finished(items: Vec<ExtractedItem>, mut gaps: Vec<Gap>) -> PageExtraction {
    let has_content = items
        .iter()
        .any(|item| item.extraction_type == ExtractionType::Content);
    if !has_content && gaps.is_empty() {
        gaps.push(Gap::whole(Reason::NoContent, "the document holds no text"));
    }
    PageExtraction { items, gaps }
}

/// Nothing of a document, and why.
fn unreadable(gap: Gap) -> PageExtraction {
    PageExtraction {
        items: Vec::new(),
        gaps: vec![gap],
    }
}

/// A document that was written as markup, and what it says about itself.
fn document(
    markup: &mut Markup,
    mut properties: Properties,
    mut gaps: Vec<Gap>,
    part: &str,
) -> PageExtraction {
    let html = markup.finish();
    properties.title = properties.title.or(markup.heading.take());
    let (mut items, more) = marked::document(&html, properties.title.as_deref(), part);
    gaps.extend(more);
    items.push(properties.metadata());
    finished(items, gaps)
}

#[cfg(test)]
mod document_tests;
