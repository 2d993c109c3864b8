//! Plain text and Markdown: the text as it stands, with its paragraphs and headings by the number of their line.

use serde_json::{Value, json};

use crate::extract::PageExtraction;
use crate::extract::page::{item, words};
use crate::model::{ExtractionType, Gap, Reason};

/// A text that is its own content; only the space around it is taken off.
pub(in crate::extract) fn read(text: &str, is_markdown: bool) -> PageExtraction {
    let title = is_markdown.then(|| markdown_title(text)).flatten();
    let text = text.trim();
    if text.is_empty() {
        return PageExtraction {
            items: Vec::new(),
            gaps: vec![Gap::whole(Reason::NoContent, "the text is empty")],
        };
    }
    let blocks = text_blocks(text, is_markdown);
    let data = json!({"blocks": blocks, "words": words(text), "chosen_by": "whole"});
    let title = title.map_or_else(|| json!({}), |title| json!({"title": title}));
    PageExtraction {
        items: vec![
            item(ExtractionType::Content, 0, data, text, None),
            item(ExtractionType::Metadata, 0, title, "", None),
        ],
        gaps: Vec::new(),
    }
}

/// Returns where the stretches between empty lines are, by the number of their first line; a heading of Markdown is
/// one of its own.
fn text_blocks(text: &str, is_markdown: bool) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    let (mut at, mut in_fence, mut is_open) = (0, false, false);
    for (number, line) in text.split('\n').enumerate() {
        let (start, end) = (at, at + line.len());
        at = end + 1;
        let bare = line.trim();
        let level = heading_level(bare).filter(|_| is_markdown && !in_fence);
        in_fence ^= bare.starts_with("```") || bare.starts_with("~~~");
        if line.is_empty() || (bare.is_empty() && !is_open) {
            is_open = false;
            continue;
        }
        if let Some(last) = blocks.last_mut().filter(|_| is_open && level.is_none()) {
            last["end"] = json!(end);
            continue;
        }
        let locator = format!("line {}", number + 1);
        let mut block = json!({"locator": locator, "start": start, "end": end});
        if let Some(level) = level {
            block["heading"] = json!(level);
        }
        blocks.push(block);
        is_open = level.is_none();
    }
    blocks
}

/// Returns how deep a line's heading is, if it is one (CommonMark 4.2).
fn heading_level(line: &str) -> Option<usize> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let is_heading = (1..=6).contains(&level) && line[level..].starts_with([' ', '\t']);
    is_heading.then_some(level)
}

/// Returns the first heading (CommonMark 4.2 and 4.3), else the first line.
fn markdown_title(text: &str) -> Option<String> {
    let mut lines = text.lines().peekable();
    let mut first = None;
    let mut in_fence = false;
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_fence = !in_fence;
        }
        if in_fence || line.is_empty() {
            continue;
        }
        if let Some(level) = heading_level(line) {
            let heading = line[level..].trim().trim_end_matches('#').trim_end();
            return Some(heading.to_owned()).filter(|heading| !heading.is_empty());
        }
        let underlined = lines.peek().is_some_and(|next| {
            let next = next.trim();
            !next.is_empty()
                && (next.bytes().all(|byte| byte == b'=')
                    || (next.len() > 1 && next.bytes().all(|byte| byte == b'-')))
        });
        if underlined {
            return Some(line.to_owned());
        }
        first.get_or_insert_with(|| line.to_owned());
    }
    first
}
