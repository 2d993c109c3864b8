//! DOCX (ECMA-376): the text of a document with its headings, lists, tables and notes.
//!
//! What stands on every page (headers and footers), comments and deleted text are left out.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::markup::{Markup, Role};
use super::package::Package;
use super::properties::Properties;
use super::relations;
use super::xml::{self, attribute};
use super::{document, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::Gap;

/// Reads a document.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let mut package = match Package::open(input.body) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let main = relations::main_part(&mut package, "word/document.xml");
    let styles = package.optional("word/styles.xml").unwrap_or_default();
    let headings = headings(&styles);
    let mut markup = Markup::default();
    if let Some(text) = package.required(&main) {
        let fault = read(&text, &headings, &mut markup, &main);
        package.gaps.extend(fault);
    }
    for notes in ["word/footnotes.xml", "word/endnotes.xml"] {
        if let Some(text) = package.optional(notes) {
            let fault = read(&text, &headings, &mut markup, notes);
            package.gaps.extend(fault);
        }
    }
    let properties = package.optional("docProps/core.xml").unwrap_or_default();
    document(
        &mut markup,
        Properties::read(&properties),
        package.gaps,
        &main,
    )
}

/// Returns the level of each style that is a heading's. Its id is in the language of the program that wrote it,
/// its name is not.
fn headings(styles: &str) -> HashMap<String, u8> {
    let mut levels = HashMap::new();
    let mut style = None;
    let mut reader = xml::reader(styles);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.local_name().as_ref() {
                "style" => style = attribute(&tag, "w:styleId"),
                "name" => {
                    let name = attribute(&tag, "w:val")
                        .unwrap_or_default()
                        .to_ascii_lowercase();
                    let level = match name.as_str() {
                        "title" => Some(1),
                        _ => name
                            .strip_prefix("heading ")
                            .and_then(|level| level.parse().ok()),
                    };
                    if let (Some(style), Some(level)) = (&style, level) {
                        levels.insert(style.clone(), level);
                    }
                }
                "outlineLvl" => {
                    if let (Some(style), Some(level)) = (&style, outline(&tag)) {
                        levels.entry(style.clone()).or_insert(level);
                    }
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return levels,
            Ok(_) => {}
        }
    }
}

/// Returns an outline level, from 1; 10 is that of a text.
fn outline(tag: &BytesStart<'_>) -> Option<u8> {
    let level: u8 = attribute(tag, "w:val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}

/// Reads one part; a gap says where it breaks off.
fn read(
    text: &str,
    headings: &HashMap<String, u8>,
    markup: &mut Markup,
    part: &str,
) -> Option<Gap> {
    let mut is_text = false;
    xml::walk(text, part, |step| {
        match step {
            xml::Step::Start(tag) => match tag.local_name().as_ref() {
                "p" if is_word(tag) => markup.begin(Role::Text),
                "pStyle" => {
                    let style = attribute(tag, "w:val").unwrap_or_default();
                    if let Some(level) = headings.get(&style) {
                        markup.set_role(Role::Heading(*level));
                    }
                }
                "outlineLvl" => {
                    if let Some(level) = outline(tag) {
                        markup.set_role(Role::Heading(level));
                    }
                }
                // Number 0 takes a paragraph out of its list; a heading may be numbered.
                "numId" if attribute(tag, "w:val").is_some_and(|id| id != "0") => {
                    markup.set_list_item();
                }
                "t" if is_word(tag) => is_text = true,
                "tab" => markup.text("\t"),
                "br" | "cr" if is_word(tag) => markup.line_break(),
                "noBreakHyphen" => markup.text("-"),
                "tbl" => markup.tag("<table>"),
                "tr" if is_word(tag) => markup.tag("<tr>"),
                "tc" if is_word(tag) => markup.tag("<td>"),
                // The same content again for older programs, and what was moved elsewhere.
                "Fallback" | "moveFrom" | "tabs" => return xml::Next::Skip,
                _ => {}
            },
            xml::Step::Text(part) if is_text => markup.text(part),
            xml::Step::Text(_) => {}
            xml::Step::End(name) => match name {
                "w:p" => markup.end(),
                "w:t" => is_text = false,
                "w:tbl" => markup.tag("</table>"),
                "w:tr" => markup.tag("</tr>"),
                "w:tc" => markup.tag("</td>"),
                _ => {}
            },
        }
        xml::Next::On
    })
}

/// Says whether an element is the word processor's: pictures and formulas have elements of the same names.
fn is_word(tag: &BytesStart<'_>) -> bool {
    tag.name().as_ref().starts_with("w:")
}
