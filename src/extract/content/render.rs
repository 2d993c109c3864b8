//! The text of a chosen element, as a reader would copy it: blocks apart, cells and items in place.

use std::ops::Range;

use super::features::Page;
use super::places::Places;
use crate::extract::tree::{NodeIndex, NodeKind, Tag};

/// What stands between two pieces of text; the stronger of two requests wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Separator {
    None,
    Space,
    Cell,
    Line,
    Block,
}

/// The text and what it was made of.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub text: String,
    pub blocks: usize,
    pub headings: usize,
    pub tables: usize,
    pub code_blocks: usize,
    pub places: Places,
}

/// Renders `root` without noise and without the nodes that `skipped` names.
pub(super) fn render(
    page: &Page<'_>,
    root: NodeIndex,
    skipped: impl Fn(NodeIndex) -> bool,
) -> Rendered {
    let tree = page.tree;
    let mut writer = Writer::default();
    let mut open: Vec<NodeIndex> = Vec::new();
    let mut preformatted_end = 0;
    let mut node = root;
    while node < tree.end(root) {
        while open.last().is_some_and(|last| tree.end(*last) <= node) {
            if let Some(closed) = open.pop() {
                writer.part(separator_of(tree.tag(closed)));
            }
        }
        if page.features[node].noise || skipped(node) {
            writer.part(separator_of(tree.tag(node)));
            node = tree.end(node);
            continue;
        }
        match tree.kind(node) {
            NodeKind::Document => {}
            NodeKind::Text if node < preformatted_end => writer.write_lines(tree.text(node)),
            NodeKind::Text => writer.write_folded(tree.text(node)),
            NodeKind::Element => {
                let tag = tree.tag(node);
                writer.part(separator_of(tag));
                writer.note(tag);
                if tag == Tag::Pre {
                    preformatted_end = preformatted_end.max(tree.end(node));
                }
                if tag == Tag::Br || separator_of(tag) > Separator::None {
                    open.push(node);
                }
            }
        }
        writer.end_node(node);
        node += 1;
    }
    writer.finish()
}

fn separator_of(tag: Tag) -> Separator {
    match tag {
        Tag::Td | Tag::Th => Separator::Cell,
        Tag::Br
        | Tag::Li
        | Tag::Tr
        | Tag::Dt
        | Tag::Dd
        | Tag::Thead
        | Tag::Tbody
        | Tag::Tfoot
        | Tag::Summary => Separator::Line,
        _ if tag.is_block() => Separator::Block,
        Tag::Img | Tag::Svg | Tag::Button | Tag::Iframe | Tag::Input => Separator::Space,
        _ => Separator::None,
    }
}

#[derive(Default)]
struct Writer {
    rendered: Rendered,
    pending: Option<Separator>,
    /// What the node at hand has written so far.
    written: Option<Range<usize>>,
}

impl Writer {
    fn part(&mut self, separator: Separator) {
        self.pending = self.pending.max(Some(separator));
    }

    fn note(&mut self, tag: Tag) {
        match tag {
            Tag::Table => self.rendered.tables += 1,
            Tag::Pre => self.rendered.code_blocks += 1,
            _ if tag.is_heading() => self.rendered.headings += 1,
            _ => {}
        }
    }

    fn push(&mut self, piece: &str) {
        let separator = self.pending.take().unwrap_or(Separator::None);
        let text = &mut self.rendered.text;
        if text.is_empty() {
            self.rendered.blocks = 1;
        } else {
            text.push_str(match separator {
                Separator::None => "",
                Separator::Space => " ",
                Separator::Cell => "\t",
                Separator::Line => "\n",
                Separator::Block => "\n\n",
            });
            self.rendered.blocks += usize::from(separator == Separator::Block);
        }
        let start = text.len();
        text.push_str(piece);
        self.written = Some(self.written.take().map_or(start, |range| range.start)..text.len());
    }

    fn end_node(&mut self, node: NodeIndex) {
        if let Some(range) = self.written.take() {
            self.rendered.places.add(node, range);
        }
    }

    /// Writes a text whose white space means nothing beyond "some".
    fn write_folded(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.part(Separator::Space);
        }
        for word in text.split_whitespace() {
            self.push(word);
            self.part(Separator::Space);
        }
        if !text.ends_with(char::is_whitespace) && self.pending == Some(Separator::Space) {
            self.pending = None;
        }
    }

    /// Writes a text whose lines and indentation mean something.
    fn write_lines(&mut self, text: &str) {
        let mut lines = text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                self.push(line);
            }
            if lines.peek().is_some() {
                if self.pending == Some(Separator::Line) && !self.rendered.text.is_empty() {
                    self.rendered.text.push('\n');
                }
                self.part(Separator::Line);
            }
        }
    }

    fn finish(mut self) -> Rendered {
        let length = self.rendered.text.trim_end().len();
        self.rendered.text.truncate(length);
        self.rendered.places.truncate(length);
        self.rendered
    }
}
