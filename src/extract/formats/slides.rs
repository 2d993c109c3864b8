//! Slides as contents, one for each, and PPTX (ECMA-376, part 1, 19), whose slides and notes are parts of their own.

use super::markup::{Markup, Role};
use super::package::Package;
use super::properties::Properties;
use super::relations;
use super::xml::{self, Next, Step, attribute};
use super::{finished, marked, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{ExtractedItem, Gap, Reason};

/// Slides that are read of one presentation.
const SLIDE_LIMIT: usize = 5_000;

/// Slides so far.
#[derive(Debug, Default)]
pub(super) struct Slides {
    /// What the open slide holds so far.
    pub(super) markup: Markup,
    count: usize,
    items: Vec<ExtractedItem>,
    gaps: Vec<Gap>,
}

impl Slides {
    /// Begins a slide, which ends the one before.
    pub(super) fn begin(&mut self) {
        self.end();
        self.count += 1;
    }

    fn end(&mut self) {
        let html = std::mem::take(&mut self.markup).finish();
        if self.count == 0 || self.count > SLIDE_LIMIT {
            return;
        }
        let locator = format!("slide {}", self.count);
        let (content, gaps) = marked::content(&html, self.count - 1, &locator);
        self.items.extend(content);
        self.gaps.extend(gaps);
    }

    /// Returns the contents, and what of the document is not among them.
    pub(super) fn finish(mut self, fault: Option<Gap>) -> (Vec<ExtractedItem>, Vec<Gap>) {
        self.end();
        self.gaps.extend(fault);
        if self.count > SLIDE_LIMIT {
            let left = self.count - SLIDE_LIMIT;
            let detail =
                format!("{left} slides not read: the document has more than {SLIDE_LIMIT}");
            self.gaps
                .push(Gap::at(Reason::DocumentCut, "slides", detail));
        }
        (self.items, self.gaps)
    }
}

/// Reads a presentation.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let mut package = match Package::open(input.body) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let main = relations::main_part(&mut package, "ppt/presentation.xml");
    let text = package.required(&main).unwrap_or_default();
    let parts = relations::of_part(&mut package, &main);
    let mut slides = Slides::default();
    for id in order(&text) {
        slides.begin();
        let Some(part) = parts.iter().find(|one| one.id == id) else {
            let gap = Gap::at(
                Reason::DocumentInvalid,
                format!("slide {}", slides.count),
                "the document names no part for it",
            );
            slides.gaps.push(gap);
            continue;
        };
        if slides.count > SLIDE_LIMIT {
            continue;
        }
        if let Some(text) = package.required(&part.part) {
            let fault = read(&text, &part.part, &mut slides.markup);
            slides.gaps.extend(fault);
        }
        let below = relations::of_part(&mut package, &part.part);
        let notes = below.into_iter().find(|one| one.kind == "notesSlide");
        if let Some(notes) = notes.map(|one| one.part)
            && let Some(text) = package.required(&notes)
        {
            let fault = read(&text, &notes, &mut slides.markup);
            slides.gaps.extend(fault);
        }
    }
    let (mut items, mut gaps) = slides.finish(None);
    let properties = package.optional("docProps/core.xml").unwrap_or_default();
    items.push(Properties::read(&properties).metadata());
    gaps.extend(package.gaps);
    finished(items, gaps)
}

/// Returns the slides in the order in which they are shown.
fn order(text: &str) -> Vec<String> {
    let mut order = Vec::new();
    xml::walk(text, "", |step| {
        if let Step::Start(tag) = step
            && tag.local_name().as_ref() == "sldId"
        {
            order.push(attribute(tag, "r:id").unwrap_or_default());
        }
        Next::On
    });
    order
}

/// Reads one slide or the notes on one.
fn read(text: &str, part: &str, markup: &mut Markup) -> Option<Gap> {
    let (mut is_title, mut is_text) = (false, false);
    xml::walk(text, part, |step| {
        match step {
            Step::Start(tag) => match tag.name().as_ref() {
                "p:sp" => is_title = false,
                "p:ph" => {
                    is_title = attribute(tag, "type")
                        .is_some_and(|kind| matches!(kind.as_str(), "title" | "ctrTitle"));
                }
                "a:p" => markup.begin(if is_title {
                    Role::Heading(2)
                } else {
                    Role::Text
                }),
                "a:t" => is_text = true,
                "a:br" => markup.line_break(),
                "a:tbl" => markup.tag("<table>"),
                "a:tr" => markup.tag("<tr>"),
                "a:tc" => markup.tag("<td>"),
                // The number of the slide and the date of showing it; the same again for older programs.
                "a:fld" | "mc:Fallback" => return Next::Skip,
                _ => {}
            },
            Step::Text(part) if is_text => markup.text(part),
            Step::Text(_) => {}
            Step::End(name) => match name {
                "a:p" => markup.end(),
                "a:t" => is_text = false,
                "a:tbl" => markup.tag("</table>"),
                "a:tr" => markup.tag("</tr>"),
                "a:tc" => markup.tag("</td>"),
                _ => {}
            },
        }
        Next::On
    })
}
