//! XML: the text of its elements, a line each, with the path of each.
//!
//! Also owns how every XML in this room is read: without recursion, leniently where a document is not well-formed,
//! and with no entity replaced but the five that XML has and characters by number. Attributes are no text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::epub::without_empty_tags;
use super::passages::Passages;
use super::{cut, feed, finished, invalid, metadata};
use crate::extract::page::extract_html;
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// Levels whose elements are told apart; the text of deeper ones counts to the last of these.
const DEPTH_LIMIT: usize = 200;

/// Reads a document by what its root element says it is.
pub(super) fn extract(input: &PageInput<'_>, text: &str) -> PageExtraction {
    match root(text).as_deref() {
        Some("rss" | "feed" | "RDF") => feed::extract(text),
        Some("html") => extract_html(input, without_empty_tags(text)),
        _ => extract_elements(text),
    }
}

/// Makes a reader that goes on where it can.
pub(super) fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// Replaces what every XML document may refer to; a text with any other reference stays as it is written.
pub(super) fn unescaped(raw: &str) -> Cow<'_, str> {
    unescape(raw).unwrap_or(Cow::Borrowed(raw))
}

/// Returns the value of an attribute.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.attributes();
    let mut all = all.with_checks(false).flatten();
    let found = all.find(|one| one.key.as_ref() == name)?;
    Some(unescaped(&found.value).into_owned())
}

/// What a part of a document holds, one after the other; an empty element begins and ends.
pub(super) enum Step<'s> {
    Start(&'s BytesStart<'s>),
    Text(&'s str),
    End(&'s str),
}

/// What to do with an element that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    On,
    /// Go behind its end.
    Skip,
}

/// Reads the part of a document that is named `part`; a gap says where it breaks off.
pub(super) fn walk(text: &str, part: &str, mut each: impl FnMut(Step<'_>) -> Next) -> Option<Gap> {
    let mut reader = reader(text);
    let mut entities = Entities::default();
    let (mut depth, mut skipped) = (0_usize, None);
    loop {
        let at = reader.buffer_position() as usize;
        let fault = match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if skipped.is_none() && each(Step::Start(&tag)) == Next::Skip {
                    skipped = Some(depth);
                }
                continue;
            }
            Ok(Event::Empty(tag)) => {
                if skipped.is_none() && each(Step::Start(&tag)) == Next::On {
                    each(Step::End(tag.name().as_ref()));
                }
                continue;
            }
            Ok(Event::End(tag)) => {
                if skipped.is_none() {
                    each(Step::End(tag.name().as_ref()));
                }
                skipped = skipped.filter(|level| depth > *level);
                depth = depth.saturating_sub(1);
                continue;
            }
            Ok(Event::Eof) if depth == 0 => return None,
            Ok(Event::Eof) => "it ends within an element".to_owned(),
            Ok(other) => {
                if let Some(text) = entities.text_of(&other, at).filter(|_| skipped.is_none()) {
                    each(Step::Text(&text));
                }
                continue;
            }
            Err(error) => error.to_string(),
        };
        let mut gap = invalid(at, text.len(), &fault);
        part.clone_into(&mut gap.position);
        return Some(gap);
    }
}

/// References that stay in the text as they are written.
#[derive(Debug, Default)]
pub(super) struct Entities {
    count: usize,
    first: usize,
}

impl Entities {
    /// Returns the text of an event that is one.
    pub(super) fn text_of<'a>(&mut self, event: &'a Event<'_>, at: usize) -> Option<Cow<'a, str>> {
        match event {
            Event::Text(text) => Some(Cow::Borrowed(text)),
            Event::CData(text) => Some(Cow::Borrowed(text)),
            Event::GeneralRef(name) => {
                let raw = format!("&{};", &**name);
                let replaced = unescape(&raw).ok().map(Cow::into_owned);
                if replaced.is_none() {
                    if self.count == 0 {
                        self.first = at;
                    }
                    self.count += 1;
                }
                Some(Cow::Owned(replaced.unwrap_or(raw)))
            }
            _ => None,
        }
    }

    /// Tells of the references that were not replaced.
    pub(super) fn gap(&self) -> Option<Gap> {
        let detail = match self.count {
            0 => return None,
            1 => "1 reference".to_owned(),
            several => format!("{several} references"),
        };
        Some(Gap::at(
            Reason::EntityReference,
            self.first.to_string(),
            detail,
        ))
    }
}

/// Returns the local name of the root element.
fn root(text: &str) -> Option<String> {
    let mut reader = reader(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return Some(tag.local_name().as_ref().to_owned());
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// An element that is open.
struct Open {
    name: String,
    /// Which of its name it is below its parent, from 1.
    ordinal: usize,
    children: HashMap<String, usize>,
}

/// The elements that are open, from the root.
#[derive(Default)]
struct Path {
    open: Vec<Open>,
    roots: HashMap<String, usize>,
    /// How many are open beyond the limit, and how many there were.
    deeper: usize,
    too_deep: usize,
}

impl Path {
    fn enter(&mut self, name: &str) {
        if self.open.len() >= DEPTH_LIMIT {
            self.deeper += 1;
            self.too_deep += 1;
            return;
        }
        let siblings = match self.open.last_mut() {
            Some(parent) => &mut parent.children,
            None => &mut self.roots,
        };
        let ordinal = siblings.entry(name.to_owned()).or_default();
        *ordinal += 1;
        let ordinal = *ordinal;
        self.open.push(Open {
            name: name.to_owned(),
            ordinal,
            children: HashMap::new(),
        });
    }

    fn leave(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
        }
    }

    fn depth(&self) -> usize {
        self.open.len() + self.deeper
    }

    /// Writes where the innermost element is, as an XPath.
    fn place(&self) -> String {
        let mut place = String::new();
        for (level, one) in self.open.iter().enumerate() {
            let _ = write!(place, "/{}", one.name);
            // There is one root.
            if level > 0 {
                let _ = write!(place, "[{}]", one.ordinal);
            }
        }
        place
    }
}

/// The innermost element that has text of its own, with all that stands in it.
struct Line {
    depth: usize,
    place: String,
    text: String,
}

fn extract_elements(text: &str) -> PageExtraction {
    let mut reader = reader(text);
    let mut path = Path::default();
    let mut passages = Passages::default();
    let mut entities = Entities::default();
    let mut gaps = Vec::new();
    let mut line: Option<Line> = None;
    let mut has_root = false;
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
                has_root = true;
                path.enter(start.name().as_ref());
            }
            Event::Empty(start) => {
                has_root = true;
                path.enter(start.name().as_ref());
                path.leave();
            }
            Event::End(_) => {
                if let Some(line) = line.take_if(|line| line.depth >= path.depth()) {
                    add(&mut passages, line);
                }
                path.leave();
            }
            Event::Eof => {
                if path.depth() > 0 {
                    gaps.push(invalid(at, text.len(), "it ends within an element"));
                } else if !has_root {
                    gaps.push(invalid(0, text.len(), "it has no root element"));
                }
                break;
            }
            other => {
                // Text outside the root is none of the document's.
                let part = entities.text_of(&other, at).filter(|_| path.depth() > 0);
                let Some(part) = part else { continue };
                if let Some(line) = &mut line {
                    line.text.push_str(&part);
                } else if !part.trim().is_empty() {
                    if let Some(limit) = passages.limit("texts") {
                        gaps.push(cut(at, text.len(), &limit));
                        break;
                    }
                    line = Some(Line {
                        depth: path.depth(),
                        place: path.place(),
                        text: part.into_owned(),
                    });
                }
            }
        }
    }
    if let Some(line) = line {
        add(&mut passages, line);
    }
    if path.too_deep > 0 {
        let detail = format!("{} elements beyond {DEPTH_LIMIT} levels", path.too_deep);
        gaps.push(Gap::whole(Reason::TreeTooDeep, detail));
    }
    gaps.extend(entities.gap());
    let mut items = Vec::from_iter(passages.content());
    items.push(metadata(&[]));
    finished(items, gaps)
}

fn add(passages: &mut Passages, line: Line) {
    let folded: Vec<&str> = line.text.split_whitespace().collect();
    passages.add(|| line.place, &folded.join(" "));
}

#[cfg(test)]
#[path = "xml_tests.rs"]
mod tests;
