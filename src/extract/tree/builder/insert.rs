//! Where nodes go (HTML, 13.2.6.1), and how strings of the page become ranges.

use std::collections::HashSet;
use std::ops::Range;

use super::{
    Attribute, Builder, Cow, DOCUMENT, EndTag, Lexer, NONE, NodeKind, Open, ReferencePlace, Space,
    Span, StartTag, Tag, decode,
};

/// Tags with more attributes are looked through for repeated names by their hashes.
const FEW_ATTRIBUTES: usize = 32;

/// Attributes that repeated `html` and `body` tags may give to the first of them.
const MOST_ADDED: u32 = 512;

/// A parent, and the child that the new node goes before, or [`NONE`].
type Place = (u32, u32);

/// Says whether nodes that a table may not hold are kept out of such an element.
fn fosters(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Table | Tag::Tbody | Tag::Tfoot | Tag::Thead | Tag::Tr
    )
}

impl Builder<'_> {
    /// Returns the appropriate place for inserting a node.
    fn place(&self) -> Place {
        match self.stack.current() {
            Some(open) => self.place_in(open),
            None => (DOCUMENT, NONE),
        }
    }

    pub(super) fn place_in(&self, target: &Open) -> Place {
        if !self.is_fostering || !fosters(target.tag()) {
            return (target.node, NONE);
        }
        for (index, open) in self.stack.outward() {
            if open.is(Tag::Template) {
                return (open.node, NONE);
            }
            if open.is(Tag::Table) {
                let parent = self.nodes[open.node].parent;
                let outer = self.stack.get(index.saturating_sub(1));
                return match outer {
                    Some(outer) if parent == NONE => (outer.node, NONE),
                    _ => (parent, open.node),
                };
            }
        }
        (self.stack.get(0).map_or(DOCUMENT, |root| root.node), NONE)
    }

    pub(super) fn is_in_table_structure(&self) -> bool {
        let tag = self.stack.current_tag();
        fosters(tag) || tag == Tag::Template
    }

    pub(super) fn insert_text(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        let (parent, next) = self.place();
        let previous = match next {
            NONE => self.nodes[parent].last_child,
            _ => self.nodes[next].previous,
        };
        if previous != NONE {
            let node = &mut self.nodes[previous];
            // Growing a text that ends elsewhere would copy it.
            if node.kind == NodeKind::Text && node.end == span.start {
                node.end = span.end;
                return;
            }
        }
        let node = self.nodes.add(NodeKind::Text, Tag::Other);
        (self.nodes[node].start, self.nodes[node].end) = (span.start, span.end);
        self.nodes.insert(parent, next, node);
    }

    /// Inserts an element of HTML and opens it.
    pub(super) fn insert_element(&mut self, token: StartTag) -> u32 {
        self.insert_element_of(token, Space::Html)
    }

    /// Inserts an element of HTML that holds nothing.
    pub(super) fn insert_empty(&mut self, token: StartTag) -> u32 {
        let node = self.insert_element(token);
        self.stack.pop();
        node
    }

    pub(super) fn insert_element_of(&mut self, token: StartTag, space: Space) -> u32 {
        let (parent, next) = self.place();
        let node = self.create_element(token, space);
        self.nodes.insert(parent, next, node);
        self.stack
            .push(Open::new(node, token.tag, space, token.written));
        node
    }

    /// Makes an element that is nowhere yet.
    pub(super) fn create_element(&mut self, token: StartTag, space: Space) -> u32 {
        let tag = match (space, token.tag) {
            (Space::Html, tag) | (Space::Svg, tag @ Tag::Svg) | (Space::Math, tag @ Tag::Math) => {
                tag
            }
            _ => Tag::Other,
        };
        let node = self.nodes.add(NodeKind::Element, tag);
        let attributes = token.attributes;
        (self.nodes[node].start, self.nodes[node].end) = (attributes.start, attributes.end);
        node
    }

    pub(super) fn open_root(&mut self, attributes: Span) {
        let token = StartTag {
            attributes,
            ..StartTag::implied(Tag::Html)
        };
        self.insert_element(token);
        self.mode = super::Mode::BeforeHead;
    }

    pub(super) fn open_head(&mut self, token: StartTag) {
        self.head = self.insert_element(token);
        self.mode = super::Mode::InHead;
    }

    /// Gives an element the attributes that it lacks.
    pub(super) fn add_attributes(&mut self, node: u32, added: Span) {
        let (start, end) = (self.nodes[node].start, self.nodes[node].end);
        if added.is_empty() {
            return;
        }
        if end - start > MOST_ADDED {
            self.excess.ignored += 1;
            return;
        }
        let first = self.attributes.len() as u32;
        self.attributes
            .extend_from_within(start as usize..end as usize);
        self.attributes
            .extend_from_within(added.start as usize..added.end as usize);
        self.drop_repeated(first as usize);
        (self.nodes[node].start, self.nodes[node].end) = (first, self.attributes.len() as u32);
    }

    /// Keeps the attributes of the tag that was read last, and returns where.
    pub(super) fn keep_attributes(&mut self, lexer: &Lexer<'_>) -> Span {
        let start = self.attributes.len();
        for (name, value) in &lexer.attributes {
            let name = self.name_of(name.clone());
            let value = self.value_of(value.clone());
            self.attributes.push(Attribute {
                name: name.start..name.end,
                value: value.start..value.end,
            });
        }
        self.drop_repeated(start);
        Span {
            start: start as u32,
            end: self.attributes.len() as u32,
        }
    }

    fn name_of(&mut self, range: Range<usize>) -> Span {
        let name = &self.source[range.clone()];
        if name
            .bytes()
            .any(|byte| byte.is_ascii_uppercase() || byte == 0)
        {
            let name = name.to_ascii_lowercase().replace('\0', "\u{fffd}");
            return self.keep(&name);
        }
        super::span_of(range)
    }

    fn value_of(&mut self, range: Range<usize>) -> Span {
        let raw = &self.source[range.clone()];
        let is_plain = memchr::memchr2(b'&', 0, raw.as_bytes()).is_none();
        if is_plain {
            return super::span_of(range);
        }
        match decode(raw, ReferencePlace::Attribute) {
            Cow::Borrowed(_) => super::span_of(range),
            Cow::Owned(value) => self.keep(&value),
        }
    }

    /// Drops each attribute from `start` on whose name an earlier one has.
    fn drop_repeated(&mut self, start: usize) {
        let count = self.attributes.len() - start;
        if count < 2 {
            return;
        }
        let mut is_first = Vec::new();
        {
            let name = |attribute: &Attribute| self.string(span(&attribute.name));
            let all = &self.attributes[start..];
            if count <= FEW_ATTRIBUTES {
                let repeats = |at: usize| all[..at].iter().any(|one| name(one) == name(&all[at]));
                if !(1..count).any(repeats) {
                    return;
                }
                is_first.extend((0..count).map(|at| !repeats(at)));
            } else {
                let mut names = HashSet::new();
                is_first.extend(all.iter().map(|one| names.insert(name(one))));
            }
        }
        let mut kept = start;
        for (at, is_first) in is_first.into_iter().enumerate() {
            if is_first {
                self.attributes.swap(kept, start + at);
                kept += 1;
            }
        }
        self.attributes.truncate(kept);
    }

    /// Returns the value of an attribute of a tag.
    pub(super) fn attribute(&self, token: StartTag, name: &str) -> Option<&str> {
        let range = token.attributes.start as usize..token.attributes.end as usize;
        self.attributes[range]
            .iter()
            .find(|attribute| self.string(span(&attribute.name)) == name)
            .map(|attribute| self.string(span(&attribute.value)))
    }

    /// Says whether two tags have the same attributes, in whatever order.
    pub(super) fn has_same_attributes(&self, one: Span, other: Span) -> bool {
        let all = |span: Span| &self.attributes[span.start as usize..span.end as usize];
        let (one, other) = (all(one), all(other));
        let is_same = |one: &Attribute, other: &Attribute| {
            self.string(span(&one.name)) == self.string(span(&other.name))
                && self.string(span(&one.value)) == self.string(span(&other.value))
        };
        one.len() == other.len()
            && (one
                .iter()
                .zip(other)
                .all(|(one, other)| is_same(one, other))
                || (one.len() <= FEW_ATTRIBUTES
                    && one
                        .iter()
                        .all(|one| other.iter().any(|other| is_same(one, other)))))
    }

    /// Says whether an open element has the name of a token.
    pub(super) fn has_name(&self, open: &Open, tag: Tag, written: Span) -> bool {
        open.name == tag
            && (tag != Tag::Other
                || self
                    .string(open.written)
                    .eq_ignore_ascii_case(self.string(written)))
    }

    /// Says whether an open element of HTML is the one that an end tag names.
    pub(super) fn is_named(&self, open: &Open, token: EndTag) -> bool {
        open.space == Space::Html && self.has_name(open, token.tag, token.written)
    }

    /// Returns a text of the page with its references decoded.
    pub(super) fn text_of(&mut self, raw: &str, start: usize) -> Span {
        let whole = super::span_of(start..start + raw.len());
        if memchr::memchr(b'&', raw.as_bytes()).is_none() {
            return whole;
        }
        match decode(raw, ReferencePlace::Text) {
            Cow::Borrowed(_) => whole,
            Cow::Owned(text) => self.keep(&text),
        }
    }

    pub(super) fn keep(&mut self, text: &str) -> Span {
        let start = self.source.len() + self.decoded.len();
        self.decoded.push_str(text);
        super::span_of(start..start + text.len())
    }

    pub(super) fn string(&self, span: Span) -> &str {
        let (start, end) = (span.start as usize, span.end as usize);
        match start.checked_sub(self.source.len()) {
            Some(start) => &self.decoded[start..end - self.source.len()],
            None => &self.source[start..end],
        }
    }
}

fn span(range: &Range<u32>) -> Span {
    Span {
        start: range.start,
        end: range.end,
    }
}
