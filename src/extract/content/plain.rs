//! The chosen text as a reader would copy it: blocks apart, cells and items in place.

use std::ops::Range;

use super::places::Places;
use crate::extract::tree::{NodeIndex, Tag};

/// What stands between two pieces of text; the stronger of two requests wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Separator {
    None,
    Space,
    Cell,
    Line,
    Block,
}

impl Separator {
    /// Returns what stands before and behind an element.
    pub fn of(tag: Tag) -> Self {
        match tag {
            Tag::Td | Tag::Th => Self::Cell,
            Tag::Br
            | Tag::Li
            | Tag::Tr
            | Tag::Dt
            | Tag::Dd
            | Tag::Thead
            | Tag::Tbody
            | Tag::Tfoot
            | Tag::Summary => Self::Line,
            _ if tag.is_block() => Self::Block,
            Tag::Img | Tag::Svg | Tag::Button | Tag::Iframe | Tag::Input => Self::Space,
            _ => Self::None,
        }
    }
}

/// A stretch of the text with an empty line before and behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The element whose text begins it.
    pub node: NodeIndex,
    pub start: usize,
    pub end: usize,
}

/// Writes plain text as the walk goes on.
#[derive(Default)]
pub(super) struct Plain {
    text: String,
    spans: Vec<Span>,
    pending: Option<Separator>,
    places: Places,
    /// What the node at hand has written so far.
    written: Option<Range<usize>>,
}

impl Plain {
    /// Asks for a separator before what comes next.
    pub fn part(&mut self, separator: Separator) {
        self.pending = self.pending.max(Some(separator));
    }

    fn push(&mut self, piece: &str, block: NodeIndex) {
        let separator = self.pending.take().unwrap_or(Separator::None);
        if self.text.is_empty() || separator == Separator::Block {
            let end = self.text.len();
            if let Some(last) = self.spans.last_mut() {
                last.end = end;
                self.text.push_str("\n\n");
            }
            self.spans.push(Span {
                node: block,
                start: self.text.len(),
                end,
            });
        } else {
            self.text.push_str(match separator {
                Separator::None | Separator::Block => "",
                Separator::Space => " ",
                Separator::Cell => "\t",
                Separator::Line => "\n",
            });
        }
        let start = self.text.len();
        self.text.push_str(piece);
        let start = self.written.take().map_or(start, |range| range.start);
        self.written = Some(start..self.text.len());
    }

    /// Notes where `node` stands, which was written since the last.
    pub fn end_node(&mut self, node: NodeIndex) {
        if let Some(range) = self.written.take() {
            self.places.add(node, range);
        }
    }

    /// Writes a text of `block` whose white space means nothing beyond "some".
    pub fn folded(&mut self, text: &str, block: NodeIndex) {
        if text.starts_with(char::is_whitespace) {
            self.part(Separator::Space);
        }
        for word in text.split_whitespace() {
            self.push(word, block);
            self.part(Separator::Space);
        }
        if !text.ends_with(char::is_whitespace) && self.pending == Some(Separator::Space) {
            self.pending = None;
        }
    }

    /// Writes a text of `block` whose lines and indentation mean something.
    pub fn lines(&mut self, text: &str, block: NodeIndex) {
        let mut lines = text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                self.push(line, block);
            }
            if lines.peek().is_some() {
                if self.pending == Some(Separator::Line) && !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.part(Separator::Line);
            }
        }
    }

    /// Returns the text, its blocks, and where the nodes stand in it.
    pub fn finish(mut self) -> (String, Vec<Span>, Places) {
        let length = self.text.trim_end().len();
        self.text.truncate(length);
        if let Some(last) = self.spans.last_mut() {
            last.end = length;
        }
        self.places.truncate(length);
        (self.text, self.spans, self.places)
    }
}
