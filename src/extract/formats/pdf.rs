//! PDF (ISO 32000-2): each page with a text is a content of its own, with its headings, paragraphs and list items.
//!
//! Own code and not a library's, because of what the public readers do with a hostile file: a chain of object streams
//! overflows the stack and so ends the process, a few kilobytes unpack to gigabytes, and time grows with the square of
//! the objects. Here all of that has a budget (`pdf::file`, `pdf::content`), and what is behind it is a gap.

mod about;
mod character_map;
mod content;
mod encoding;
mod file;
mod filter;
mod font;
mod glyphs;
mod lines;
mod object;
mod pages;
mod state;
mod table;
mod widths;

use std::collections::BTreeMap;

use file::{File, Unreadable};
use lines::Paragraph;
use pages::{ReadPage, ReadPages};

use super::markup::{Markup, Role};
use super::{finished, invalid, marked, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// A heading is at least this much larger than the text, by its level.
const HEADINGS: &[f64] = &[1.7, 1.35, 1.12];

/// A heading is short.
const HEADING_BYTES: usize = 300;

/// Pages with a fault of their own that are told one by one.
const FAULT_LIMIT: usize = 100;

/// Reads a document.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let file = match File::open(input.body) {
        Ok(file) => file,
        Err(Unreadable::Encrypted) => {
            let gap = Gap::whole(Reason::DocumentEncrypted, "it opens with a password");
            return unreadable(gap);
        }
        Err(Unreadable::NoPages) => {
            return unreadable(invalid(0, input.body.len(), "no pages are found in it"));
        }
    };
    let read = pages::read(&file);
    let mut gaps = gaps(&file, &read);
    let usual = usual_size(&read.pages);
    let mut items = Vec::new();
    let mut first_heading = None;
    for (ordinal, page) in read.pages.iter().enumerate() {
        let (html, heading) = markup(&page.paragraphs, usual);
        let locator = format!("page {}", ordinal + 1);
        let (content, more) = marked::content(&html, ordinal, &locator);
        items.extend(content);
        gaps.extend(more);
        // A title stands on the first pages or nowhere.
        first_heading = first_heading.or(heading.filter(|_| ordinal < 3));
    }
    let mut properties = about::read(&file);
    properties.title = properties.title.or(first_heading);
    items.push(properties.metadata());
    let has_pages = !read.pages.is_empty();
    let mut extraction = finished(items, gaps);
    if !has_pages && extraction.gaps.is_empty() {
        let gap = Gap::whole(Reason::NoContent, "the document has no pages");
        extraction.gaps.push(gap);
    }
    extraction
}

/// Returns the size in which most of the text is set.
fn usual_size(pages: &[ReadPage]) -> f64 {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for paragraph in pages.iter().flat_map(|page| &page.paragraphs) {
        *sizes.entry((paragraph.size * 4.0) as u32).or_default() += paragraph.text.len();
    }
    let most = sizes.iter().max_by_key(|(_, count)| **count);
    most.map_or(0.0, |(size, _)| f64::from(*size) / 4.0)
}

/// Writes a page as markup; with it comes its first heading.
fn markup(paragraphs: &[Paragraph], usual: f64) -> (String, Option<String>) {
    let mut markup = Markup::default();
    for paragraph in paragraphs {
        markup.begin(role(paragraph, usual));
        markup.text(&paragraph.text);
        markup.end();
    }
    (markup.finish(), markup.heading)
}

fn role(paragraph: &Paragraph, usual: f64) -> Role {
    let is_short = paragraph.text.len() <= HEADING_BYTES;
    let is_text = paragraph.text.chars().any(char::is_alphabetic);
    let level = HEADINGS
        .iter()
        .position(|least| paragraph.size >= least * usual);
    match level {
        _ if paragraph.is_list_item => Role::ListItem,
        Some(level) if is_short && is_text && usual > 0.0 => Role::Heading(level as u8 + 1),
        _ => Role::Text,
    }
}

/// Tells of all that could not be read.
fn gaps(file: &File<'_>, read: &ReadPages) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if file.was_repaired {
        let detail = "its table of objects is broken; they were looked for one by one";
        gaps.push(Gap::at(Reason::DocumentInvalid, "table of objects", detail));
    }
    if read.missing > 0 {
        let detail = format!("{} pages not read: they are not in the file", read.missing);
        gaps.push(Gap::at(Reason::DocumentInvalid, "tree of pages", detail));
    }
    if read.left_out > 0 {
        let detail = format!(
            "{} pages not read: the document holds more than are read of one",
            read.left_out
        );
        gaps.push(Gap::at(Reason::DocumentCut, "tree of pages", detail));
    }
    let faults = read.pages.iter().enumerate().filter_map(|(at, page)| {
        let reason = if page.seen.is_cut {
            Reason::DocumentCut
        } else {
            Reason::DocumentInvalid
        };
        Some(Gap::at(
            reason,
            format!("page {}", at + 1),
            page.seen.fault?,
        ))
    });
    let faults: Vec<Gap> = faults.collect();
    let (told, rest) = faults.split_at(faults.len().min(FAULT_LIMIT));
    gaps.extend(told.iter().cloned());
    if let Some(first) = rest.first() {
        let detail = format!("and {} further pages: {}", rest.len(), first.detail);
        gaps.push(Gap::at(first.reason, "further pages", detail));
    } else if file.was_cut.get() && told.is_empty() {
        let detail = "the document holds more objects than are read of one";
        gaps.push(Gap::at(Reason::DocumentCut, "objects", detail));
    }
    gaps.extend(pictures(&read.pages));
    let unknown = read
        .pages
        .iter()
        .enumerate()
        .filter(|(_, page)| page.seen.unknown > 0);
    let unknown: Vec<(usize, usize)> = unknown.map(|(at, page)| (at, page.seen.unknown)).collect();
    if let Some((first, _)) = unknown.first() {
        let count: usize = unknown.iter().map(|(_, count)| count).sum();
        let detail = format!("{count} glyphs on {}", counted(unknown.len()));
        gaps.push(Gap::at(
            Reason::GlyphsUnknown,
            format!("page {}", first + 1),
            detail,
        ));
    }
    gaps
}

/// Tells of the pages that show pictures and no text, those that follow one another together.
fn pictures(pages: &[ReadPage]) -> Vec<Gap> {
    let is_picture = |page: &ReadPage| page.paragraphs.is_empty() && page.seen.pictures > 0;
    let mut gaps = Vec::new();
    let mut at = 0;
    while at < pages.len() {
        let count = pages[at..]
            .iter()
            .take_while(|page| is_picture(page))
            .count();
        if count > 0 {
            let detail = format!("{} without text", counted(count));
            gaps.push(Gap::at(
                Reason::ImageOnly,
                format!("page {}", at + 1),
                detail,
            ));
        }
        at += count + 1;
    }
    gaps
}

fn counted(pages: usize) -> String {
    match pages {
        1 => "1 page".to_owned(),
        several => format!("{several} pages"),
    }
}

#[cfg(test)]
mod tests;
