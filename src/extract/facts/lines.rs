//! Facts of lines that say `Label: value`, the label often in bold.
//!
//! Prose has colons, too: a plain line counts only beside another of its kind, and no value is a sentence.

use std::ops::Range;

use super::{Finder, Origin, Piece};
use crate::extract::tree::{NodeIndex, NodeKind, Tag};

/// A label is a few words.
const LABEL_BYTES: usize = 40;

/// What stands behind a label is no text.
const LINE_BYTES: usize = 300;

/// A line as it is shown: the text between two breaks or ends of blocks.
#[derive(Default)]
struct Line {
    text: String,
    /// One past the last byte of the bold words that it begins with.
    bold: usize,
    /// One past the last byte of the link that it begins with.
    link: usize,
    first: NodeIndex,
    end: NodeIndex,
    is_apart: bool,
    is_too_long: bool,
}

/// A line taken apart.
struct Labelled {
    line: Line,
    label: Range<usize>,
    value: Range<usize>,
    is_marked: bool,
}

/// Adds the facts of every labelled line of the page.
pub(super) fn read(finder: &mut Finder<'_>) {
    let mut run: Vec<Labelled> = Vec::new();
    for line in lines(finder) {
        match labelled(line) {
            Some(labelled) => run.push(labelled),
            None => settle(finder, &mut run),
        }
    }
    settle(finder, &mut run);
}

/// Adds a run of labelled lines; a lone one only if its label is marked and closed with a colon.
fn settle(finder: &mut Finder<'_>, run: &mut Vec<Labelled>) {
    let is_list = run.len() > 1;
    for one in run.drain(..) {
        let has_colon = one.line.text[one.label.start..one.value.start].contains([':', '：']);
        let stands_alone = one.is_marked && has_colon;
        if !(is_list || stands_alone) {
            continue;
        }
        let subject = finder.heading_before(one.line.first);
        let label = one.line.text[one.label.clone()].to_owned();
        if let Some(piece) = piece(finder, &one) {
            finder.add(Origin::Label, subject, &label, piece);
        }
    }
}

fn piece(finder: &Finder<'_>, one: &Labelled) -> Option<Piece> {
    let line = finder.placed(one.line.first, one.line.end, one.line.text.clone())?;
    // Bytes of the line are bytes of the content only where the two are the same.
    let span = line
        .span
        .filter(|_| line.text == one.line.text)
        .map(|span| span.start + one.value.start..span.start + one.value.end);
    Some(Piece {
        node: one.line.first,
        text: one.line.text[one.value.clone()].to_owned(),
        span,
    })
}

/// Returns the lines of the page that are in no table or definition list and not around the content.
fn lines(finder: &Finder<'_>) -> Vec<Line> {
    let tree = finder.tree();
    let mut taken: Vec<NodeIndex> = finder.found.iter().map(|(node, _)| *node).collect();
    taken.sort_unstable();
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut blocks: Vec<NodeIndex> = Vec::new();
    let (mut bold_end, mut link_end) = (0, 0);
    let mut at = 0;
    while at < tree.len() {
        while blocks.last().is_some_and(|end| *end <= at) {
            blocks.pop();
            end_line(&mut line, &mut lines);
        }
        let tag = tree.tag(at);
        let holds_facts = matches!(tag, Tag::Table | Tag::Li)
            && taken
                .get(taken.partition_point(|node| *node < at))
                .is_some_and(|node| *node < tree.end(at));
        if holds_facts || matches!(tag, Tag::Dl | Tag::Pre) || finder.is_around(at) {
            end_line(&mut line, &mut lines);
            at = tree.end(at);
            continue;
        }
        match tree.kind(at) {
            NodeKind::Element => match tag {
                Tag::Br => end_line(&mut line, &mut lines),
                Tag::B | Tag::Strong => bold_end = bold_end.max(tree.end(at)),
                Tag::A => link_end = link_end.max(tree.end(at)),
                _ if tag.is_block() => {
                    end_line(&mut line, &mut lines);
                    blocks.push(tree.end(at));
                }
                _ => {}
            },
            NodeKind::Text => {
                line.push(tree.text(at), at, at < bold_end, at < link_end);
            }
            NodeKind::Document => {}
        }
        at += 1;
    }
    end_line(&mut line, &mut lines);
    lines
}

fn end_line(line: &mut Line, lines: &mut Vec<Line>) {
    let line = std::mem::take(line);
    if !line.text.is_empty() {
        lines.push(line);
    }
}

impl Line {
    fn push(&mut self, piece: &str, node: NodeIndex, is_bold: bool, is_link: bool) {
        self.is_apart |= piece.starts_with(char::is_whitespace);
        for word in piece.split_whitespace() {
            if self.text.is_empty() {
                self.first = node;
            } else if self.is_apart {
                self.text.push(' ');
            }
            if self.text.len() + word.len() > LINE_BYTES {
                self.is_too_long = true;
                return;
            }
            let is_begun_bold = self.bold == self.text.trim_end().len();
            let is_begun_link = self.link == self.text.trim_end().len();
            self.text.push_str(word);
            if is_bold && is_begun_bold {
                self.bold = self.text.len();
            }
            if is_link && is_begun_link {
                self.link = self.text.len();
            }
            self.end = node + 1;
            self.is_apart = true;
        }
        if !piece.is_empty() {
            self.is_apart = piece.ends_with(char::is_whitespace);
        }
    }
}

/// Takes a line apart at its first colon, or behind the bold words it begins with.
fn labelled(line: Line) -> Option<Labelled> {
    if line.is_too_long {
        return None;
    }
    let text = line.text.as_str();
    let colon = text.find([':', '：']).filter(|at| {
        let after = &text[*at..];
        // A time of day, an address and a score have colons without a space behind.
        after.starts_with('：') || after[1..].starts_with(' ') || *at + 1 == line.bold
    });
    let (label_end, value_start, is_marked) = match colon {
        Some(at) => {
            let mark = text[at..].chars().next()?.len_utf8();
            let is_marked = line.bold == at || line.bold == at + mark;
            (at, at + mark, is_marked)
        }
        None if line.bold > 0 && line.bold < text.len() => (line.bold, line.bold, true),
        None => return None,
    };
    // Bold words beyond the label are emphasis of something else.
    if line.bold > value_start || (line.link > 0 && line.link >= label_end) {
        return None;
    }
    let value = &text[value_start..];
    let value_start = value_start + (value.len() - value.trim_start().len());
    let (label, value) = (text[..label_end].trim_end(), &text[value_start..]);
    if !is_label(label) || !is_value(value, is_marked) {
        return None;
    }
    let label = 0..label.len();
    let value = value_start..text.len();
    Some(Labelled {
        line,
        label,
        value,
        is_marked,
    })
}

fn is_label(label: &str) -> bool {
    (2..=LABEL_BYTES).contains(&label.len())
        && label.split_whitespace().count() <= 5
        && label.starts_with(char::is_alphabetic)
        && !label.contains(['.', '!', '?', ',', ';', '"', '“', '…', '|', ':'])
}

fn is_value(value: &str, is_marked: bool) -> bool {
    let longest = if is_marked { 200 } else { 100 };
    let is_sentence = value.len() > 60 && value.ends_with(['.', '!', '?', '。', ':']);
    !value.is_empty()
        && value.len() <= longest
        && !is_sentence
        && value.starts_with(|c: char| c.is_alphanumeric() || "$€£¥+-−~<>≤≥±(½¼¾#@“\"".contains(c))
}
