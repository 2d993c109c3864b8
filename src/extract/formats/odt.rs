//! ODT (OpenDocument 1.3): the text of a document with its headings, lists, tables and notes.

use quick_xml::events::BytesStart;

use super::markup::{Markup, Role};
use super::package::Package;
use super::properties::Properties;
use super::xml::{self, attribute};
use super::{document, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// Spaces that one element stands for, at most.
const SPACE_LIMIT: usize = 100;

/// Reads a document.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let mut package = match Package::open(input.body).and_then(decrypted) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let mut markup = Markup::default();
    if let Some(text) = package.required("content.xml") {
        let mut reader = Reader::default();
        let fault = xml::walk(&text, "content.xml", |step| reader.step(&step, &mut markup));
        package.gaps.extend(fault);
    }
    let properties = package.optional("meta.xml").unwrap_or_default();
    document(
        &mut markup,
        Properties::read(&properties),
        package.gaps,
        "content.xml",
    )
}

/// Hands a package on unless it opens with a password.
pub(super) fn decrypted(mut package: Package<'_>) -> Result<Package<'_>, Gap> {
    let manifest = package
        .optional("META-INF/manifest.xml")
        .unwrap_or_default();
    if manifest.contains(":encryption-data") {
        let gap = Gap::whole(Reason::DocumentEncrypted, "it opens with a password");
        return Err(gap);
    }
    Ok(package)
}

/// Reads the text of a document or of a slide, one step after the other.
#[derive(Debug, Default)]
pub(super) struct Reader {
    lists: usize,
    paragraphs: usize,
}

impl Reader {
    pub(super) fn step(&mut self, step: &xml::Step<'_>, markup: &mut Markup) -> xml::Next {
        match step {
            xml::Step::Start(tag) => match tag.name().as_ref() {
                "text:h" => {
                    let level = attribute(tag, "text:outline-level");
                    let level = level.and_then(|level| level.parse().ok()).unwrap_or(1);
                    markup.begin(Role::Heading(level));
                    self.paragraphs += 1;
                }
                "text:p" => {
                    markup.begin(if self.lists > 0 {
                        Role::ListItem
                    } else {
                        Role::Text
                    });
                    self.paragraphs += 1;
                }
                "text:list" => self.lists += 1,
                "text:s" => markup.text(&" ".repeat(spaces(tag))),
                "text:tab" => markup.text("\t"),
                "text:line-break" => markup.line_break(),
                "table:table" => markup.tag("<table>"),
                "table:table-row" => markup.tag("<tr>"),
                "table:table-cell" => markup.tag("<td>"),
                "text:tracked-changes" | "office:annotation" | "text:note-citation" => {
                    return xml::Next::Skip;
                }
                _ => {}
            },
            xml::Step::Text(part) if self.paragraphs > 0 => markup.text(part),
            xml::Step::Text(_) => {}
            xml::Step::End(name) => match *name {
                "text:h" | "text:p" => {
                    markup.end();
                    self.paragraphs = self.paragraphs.saturating_sub(1);
                }
                "text:list" => self.lists = self.lists.saturating_sub(1),
                "table:table" => markup.tag("</table>"),
                "table:table-row" => markup.tag("</tr>"),
                "table:table-cell" => markup.tag("</td>"),
                _ => {}
            },
        }
        xml::Next::On
    }
}

fn spaces(tag: &BytesStart<'_>) -> usize {
    let count = attribute(tag, "text:c").and_then(|count| count.parse().ok());
    count.unwrap_or(1).min(SPACE_LIMIT)
}
