//! JSON Feed, versions 1 and 1.1: the entries of a feed in JSON.

use serde_json::Value;

use super::feed::{ENTRY_LIMIT, Entry, date_of};
use super::finished;
use super::marked::paragraphs;
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

const VERSION: &str = "https://jsonfeed.org/version/";

/// Reads a feed; `None` when the document is none, or broken: it is read as any other JSON then.
pub(super) fn extract(_input: &PageInput<'_>, text: &str) -> Option<PageExtraction> {
    // The name of the version is looked for before a tree is made of some other document.
    memchr::memmem::find(text.as_bytes(), b"jsonfeed.org")?;
    let feed: Value = serde_json::from_str(text).ok()?;
    let is_feed = feed.get("version")?.as_str()?.starts_with(VERSION);
    let entries = feed.get("items").filter(|_| is_feed)?.as_array()?;
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    for (ordinal, entry) in entries.iter().take(ENTRY_LIMIT).enumerate() {
        let (content, more) = entry_of(entry).content(ordinal);
        items.push(content);
        gaps.extend(more);
    }
    if let Some(left) = entries.get(ENTRY_LIMIT..).filter(|left| !left.is_empty()) {
        let bytes: usize = left.iter().map(|entry| entry.to_string().len()).sum();
        let detail =
            format!("{bytes} bytes not read: the feed holds more than {ENTRY_LIMIT} entries");
        let position = format!("entry {}", ENTRY_LIMIT + 1);
        gaps.push(Gap::at(Reason::DocumentCut, position, detail));
    }
    let mut about = entry_of(&feed);
    about.summary = text_at(&feed, "description").map(|text| paragraphs(&text));
    about.language = text_at(&feed, "language");
    items.push(about.metadata());
    Some(finished(items, gaps))
}

fn entry_of(value: &Value) -> Entry {
    let author = |one: &Value| text_at(one, "name");
    let authors = value.get("authors").and_then(Value::as_array);
    let mut names: Vec<String> = authors.into_iter().flatten().filter_map(author).collect();
    names.extend(
        value
            .get("author")
            .and_then(author)
            .filter(|_| names.is_empty()),
    );
    Entry {
        title: text_at(value, "title"),
        link: text_at(value, "url").or_else(|| text_at(value, "external_url")),
        published: text_at(value, "date_published").map(|date| date_of(&date)),
        modified: text_at(value, "date_modified").map(|date| date_of(&date)),
        author: (!names.is_empty()).then(|| names.join("; ")),
        language: None,
        summary: text_at(value, "summary").map(|text| paragraphs(&text)),
        html: text_at(value, "content_html")
            .or_else(|| text_at(value, "content_text").map(|text| paragraphs(&text))),
    }
}

fn text_at(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
