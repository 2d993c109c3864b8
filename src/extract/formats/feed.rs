//! Feeds: RSS 0.9x, 1.0 and 2.0, and Atom. One content for each entry, in the order of the document.
//!
//! Owns what an entry is and what is kept of it; `json_feed` makes the same entries out of another syntax.

use quick_xml::events::{BytesStart, Event};
use serde_json::{Value, json};

use super::marked::{self, escaped, paragraphs};
use super::xml::{self, Entities, attribute};
use super::{cut, finished, invalid, metadata};
use crate::extract::PageExtraction;
use crate::extract::entities::first_date;
use crate::extract::page::item;
use crate::extract::tree;
use crate::model::{ExtractedItem, ExtractionType, Gap};

/// Entries that are read of one feed.
pub(super) const ENTRY_LIMIT: usize = 5_000;

/// One entry, or what the feed says of itself.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) title: Option<String>,
    pub(super) link: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) author: Option<String>,
    pub(super) language: Option<String>,
    /// As HTML; the whole text where there is one, else the summary.
    pub(super) summary: Option<String>,
    pub(super) html: Option<String>,
}

impl Entry {
    /// Returns the entry's content; its title begins the text.
    pub(super) fn content(&self, ordinal: usize) -> (ExtractedItem, Vec<Gap>) {
        let locator = format!("entry {}", ordinal + 1);
        let heading = self.title.as_deref().map(escaped);
        let heading = heading.map(|title| format!("<h2>{title}</h2>"));
        let body = self.html.as_ref().or(self.summary.as_ref());
        let html = format!(
            "<main>{}{}</main>",
            heading.unwrap_or_default(),
            body.map_or("", String::as_str)
        );
        let (content, gaps) = marked::content(&html, ordinal, &locator);
        // An entry without a text is one nevertheless: its link and date are all there is to it.
        let mut content = content.unwrap_or_else(|| {
            let data = json!({"locator": locator});
            item(ExtractionType::Content, ordinal as i64, data, "", None)
        });
        for (name, value) in [
            ("title", &self.title),
            ("link", &self.link),
            ("published", &self.published),
            ("modified", &self.modified),
            ("author", &self.author),
        ] {
            if let Some(value) = value {
                content.data[name] = Value::String(crate::model::clean_text(value).into_owned());
            }
        }
        (content, gaps)
    }

    /// Returns what a feed as a whole says about itself.
    pub(super) fn metadata(&self) -> ExtractedItem {
        let description = self.summary.as_deref().map(text_of);
        metadata(&[
            ("title", self.title.as_deref()),
            ("author", self.author.as_deref()),
            ("published", self.published.as_deref()),
            ("modified", self.modified.as_deref()),
            ("language", self.language.as_deref()),
            ("description", description.as_deref()),
        ])
    }

    /// Takes the value of an element right below the entry, if it is one of those that are kept.
    fn take(&mut self, field: &Field) {
        let value = field.value.trim();
        if value.is_empty() {
            return;
        }
        let set = |slot: &mut Option<String>, value: String| {
            slot.get_or_insert(value);
        };
        match field.name.as_str() {
            "title" => set(&mut self.title, text_of(&field.html())),
            "link" => set(&mut self.link, value.to_owned()),
            "pubDate" | "published" | "issued" | "dc:date" => {
                set(&mut self.published, date_of(value));
            }
            "updated" | "modified" | "lastBuildDate" => set(&mut self.modified, date_of(value)),
            "author" | "dc:creator" => set(&mut self.author, text_of(&field.html())),
            "language" | "dc:language" => set(&mut self.language, value.to_owned()),
            "content" | "content:encoded" => set(&mut self.html, field.html()),
            "description" | "summary" | "subtitle" | "tagline" => {
                set(&mut self.summary, field.html());
            }
            _ => {}
        }
    }
}

/// Returns a date in ISO 8601, or what stands there where it is none.
pub(super) fn date_of(text: &str) -> String {
    let text = text.trim();
    match first_date(text).map(|date| date.to_string()) {
        Some(date) if !text.starts_with(&date) => date,
        _ => text.to_owned(),
    }
}

/// Returns the text of a piece of markup, on one line.
pub(super) fn text_of(html: &str) -> String {
    tree::parse(html).folded_text(0)
}

/// What stands in an element right below an entry.
struct Field {
    name: String,
    value: String,
    /// Atom says of a text what it is; RSS does not, and means HTML.
    is_plain: bool,
}

impl Field {
    fn html(&self) -> String {
        if self.is_plain {
            paragraphs(&self.value)
        } else {
            self.value.clone()
        }
    }
}

/// An element right below an entry, while it is read.
struct OpenField {
    field: Field,
    depth: usize,
    /// Where its content begins.
    start: usize,
    has_elements: bool,
}

/// Reads a feed; the caller has seen that its root is that of one.
pub(super) fn extract(text: &str) -> PageExtraction {
    let mut feed = Entry::default();
    let mut entry: Option<(Entry, usize)> = None;
    let mut field: Option<OpenField> = None;
    let mut entities = Entities::default();
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    let mut reader = xml::reader(text);
    loop {
        let at = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                gaps.push(invalid(at, text.len(), &error.to_string()));
                break;
            }
        };
        match event {
            Event::Start(start) => {
                depth += 1;
                if let Some(open) = &mut field {
                    open.has_elements = true;
                } else if entry.is_none() && is_entry(&start) {
                    if items.len() == ENTRY_LIMIT {
                        let limit = format!("the feed holds more than {ENTRY_LIMIT} entries");
                        gaps.push(cut(at, text.len(), &limit));
                        break;
                    }
                    entry = Some((Entry::default(), depth));
                } else if entry.as_ref().is_none_or(|(_, level)| depth == level + 1) {
                    add_link(entry.as_mut().map_or(&mut feed, |(entry, _)| entry), &start);
                    field = OpenField::of(&start, depth, reader.buffer_position() as usize);
                }
            }
            Event::Empty(start) => {
                if let Some(open) = &mut field {
                    open.has_elements = true;
                } else if entry.as_ref().is_none_or(|(_, level)| depth == *level) {
                    add_link(entry.as_mut().map_or(&mut feed, |(entry, _)| entry), &start);
                }
            }
            Event::End(_) => {
                if let Some(mut open) = field.take_if(|open| open.depth >= depth) {
                    if open.has_elements {
                        text[open.start..at].clone_into(&mut open.field.value);
                        open.field.is_plain = false;
                    }
                    entry
                        .as_mut()
                        .map_or(&mut feed, |(entry, _)| entry)
                        .take(&open.field);
                }
                if let Some((entry, _)) = entry.take_if(|(_, level)| *level >= depth) {
                    let (content, more) = entry.content(items.len());
                    items.push(content);
                    gaps.extend(more);
                }
                depth = depth.saturating_sub(1);
            }
            Event::Eof => {
                if depth > 0 {
                    gaps.push(invalid(at, text.len(), "it ends within an element"));
                }
                break;
            }
            other => {
                if let (Some(open), Some(part)) = (&mut field, entities.text_of(&other, at)) {
                    open.field.value.push_str(&part);
                }
            }
        }
    }
    // What of the last entry stands before the fault is kept.
    if let Some((entry, _)) = entry {
        items.push(entry.content(items.len()).0);
    }
    gaps.extend(entities.gap());
    items.push(feed.metadata());
    finished(items, gaps)
}

impl OpenField {
    /// Returns the field that begins here; what merely holds fields is none.
    fn of(start: &BytesStart<'_>, depth: usize, at: usize) -> Option<Self> {
        let name = name_of(start);
        let is_kept = !matches!(
            name.as_str(),
            "rss"
                | "feed"
                | "RDF"
                | "channel"
                | "items"
                | "image"
                | "textInput"
                | "textinput"
                | "cloud"
        );
        let kind = attribute(start, "type");
        let is_atom = matches!(name.as_str(), "title" | "subtitle" | "summary" | "content");
        let is_plain = is_atom
            && kind
                .as_deref()
                .is_some_and(|kind| matches!(kind, "text" | "text/plain"));
        is_kept.then(|| Self {
            field: Field {
                name,
                value: String::new(),
                is_plain,
            },
            depth,
            start: at,
            has_elements: false,
        })
    }
}

fn is_entry(start: &BytesStart<'_>) -> bool {
    matches!(start.local_name().as_ref(), "item" | "entry")
}

/// Returns an element's name, without the prefixes that feeds give their own names.
fn name_of(start: &BytesStart<'_>) -> String {
    let name = start.name();
    let name: &str = name.as_ref();
    let bare = ["atom:", "rss:", "rdf:", "a10:"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    bare.unwrap_or(name).to_owned()
}

/// Takes the link that an Atom element has in an attribute.
fn add_link(entry: &mut Entry, start: &BytesStart<'_>) {
    let is_alternate = || attribute(start, "rel").is_none_or(|relation| relation == "alternate");
    if name_of(start) == "link" && entry.link.is_none() && is_alternate() {
        entry.link = attribute(start, "href");
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
