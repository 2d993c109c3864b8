//! A page as a flat arena: every node in document order, each knowing where its subtree ends.
//!
//! A subtree is a range of indices, so walks are loops over ranges and nothing here recurses: how deep a
//! page nests cannot matter to the stack. Only `builder` knows by which rules the arena is filled.

mod builder;
mod linked;
#[cfg(test)]
mod reference;
mod tag;

use std::borrow::Cow;
use std::ops::Range;

pub use tag::Tag;

/// Elements nested deeper than this are read as siblings, as in Chromium.
pub const DEPTH_LIMIT: u32 = 512;

/// Parses a whole document; any text gives a tree.
pub fn parse(html: &str) -> Tree {
    builder::parse(Cow::Borrowed(html))
}

/// Parses a document that the tree may keep.
pub fn parse_owned(html: String) -> Tree {
    builder::parse(Cow::Owned(html))
}

/// The index of a node in its [`Tree`].
pub type NodeIndex = usize;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Document,
    Element,
    Text,
}

#[derive(Debug, Clone)]
struct Node {
    kind: NodeKind,
    tag: Tag,
    parent: u32,
    end: u32,
    depth: u32,
    /// Into the page for a text, into the attributes for an element.
    content: Range<u32>,
}

#[derive(Debug, Clone)]
struct Attribute {
    name: Range<u32>,
    value: Range<u32>,
}

/// What of the page's structure was not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Excess {
    /// Elements beyond [`DEPTH_LIMIT`] that became siblings or vanished, their text kept.
    pub too_deep: usize,
    /// Markup tokens ignored after the tree had grown larger than its source can justify.
    pub ignored: usize,
}

/// A parsed page.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    /// The page itself.
    source: String,
    /// What of it was written in another way than it is read; its bytes are counted on from the page's end.
    decoded: String,
    excess: Excess,
}

impl Tree {
    /// Returns how many nodes there are; the document itself is node 0.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Says whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns what the limits took from the page.
    pub fn excess(&self) -> Excess {
        self.excess
    }

    /// Returns the node's kind.
    #[inline]
    pub fn kind(&self, node: NodeIndex) -> NodeKind {
        self.nodes[node].kind
    }

    /// Returns the element's tag; [`Tag::Other`] for what is no element.
    #[inline]
    pub fn tag(&self, node: NodeIndex) -> Tag {
        self.nodes[node].tag
    }

    /// Returns the parent; the document is its own.
    #[inline]
    pub fn parent(&self, node: NodeIndex) -> NodeIndex {
        self.nodes[node].parent as usize
    }

    /// Returns one past the last node of the subtree.
    #[inline]
    pub fn end(&self, node: NodeIndex) -> NodeIndex {
        self.nodes[node].end as usize
    }

    /// Returns how many ancestors the node has.
    pub fn depth(&self, node: NodeIndex) -> usize {
        self.nodes[node].depth as usize
    }

    /// Returns the text of a text node, empty for any other.
    #[inline]
    pub fn text(&self, node: NodeIndex) -> &str {
        match self.nodes[node].kind {
            NodeKind::Text => self.string(&self.nodes[node].content),
            _ => "",
        }
    }

    /// Returns the value of the attribute named `name`.
    #[inline]
    pub fn attribute(&self, node: NodeIndex, name: &str) -> Option<&str> {
        self.attributes(node)
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Returns names and values of the element's attributes, in their order.
    #[inline]
    pub fn attributes(&self, node: NodeIndex) -> impl Iterator<Item = (&str, &str)> {
        let range = match self.nodes[node].kind {
            NodeKind::Element => self.nodes[node].content.clone(),
            _ => 0..0,
        };
        self.attributes[range.start as usize..range.end as usize]
            .iter()
            .map(|attribute| (self.string(&attribute.name), self.string(&attribute.value)))
    }

    /// Returns the children, in order.
    pub fn children(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> {
        let end = self.end(node);
        let first = Some(node + 1).filter(|child| *child < end);
        std::iter::successors(first, move |child| {
            Some(self.end(*child)).filter(|next| *next < end)
        })
    }

    /// Returns the elements named `tag` below `node`, in document order.
    pub fn elements(&self, node: NodeIndex, tag: Tag) -> impl Iterator<Item = NodeIndex> {
        (node..self.end(node)).filter(move |index| self.tag(*index) == tag)
    }

    /// Says whether `inner` is `outer` or lies in it.
    pub fn contains(&self, outer: NodeIndex, inner: NodeIndex) -> bool {
        (outer..self.end(outer)).contains(&inner)
    }

    /// Returns the text below `node` as it stands, with white space runs made one space.
    pub fn folded_text(&self, node: NodeIndex) -> String {
        let mut folded = String::new();
        for index in node..self.end(node) {
            for word in self.text(index).split_whitespace() {
                if !folded.is_empty() {
                    folded.push(' ');
                }
                folded.push_str(word);
            }
        }
        folded
    }

    /// Returns the folded text below `node` if it has at most `limit` bytes; reads no further than that.
    pub fn short_text(&self, node: NodeIndex, limit: usize) -> Option<String> {
        let mut folded = String::new();
        let words = (node..self.end(node)).flat_map(|index| self.text(index).split_whitespace());
        for word in words {
            if folded.len() + word.len() > limit {
                return None;
            }
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.push_str(word);
        }
        Some(folded)
    }

    /// Returns the text directly and indirectly below `node`, untouched.
    pub fn raw_text(&self, node: NodeIndex) -> String {
        (node..self.end(node))
            .map(|index| self.text(index))
            .collect()
    }

    #[inline]
    fn string(&self, range: &Range<u32>) -> &str {
        let (start, end) = (range.start as usize, range.end as usize);
        match start.checked_sub(self.source.len()) {
            Some(start) => &self.decoded[start..end - self.source.len()],
            None => &self.source[start..end],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        let tree = parse(html);
        (1..tree.len())
            .map(|node| match tree.kind(node) {
                NodeKind::Text => format!("{}{:?}", tree.depth(node), tree.text(node)),
                _ => format!("{}{:?}", tree.depth(node), tree.tag(node)),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn nodes_stand_in_document_order() {
        assert_eq!(
            shape("<title>t</title><p class=a>x<b>y</b><p>z"),
            r#"1Html 2Head 3Title 4"t" 2Body 3P 4"x" 4B 5"y" 3P 4"z""#
        );
        assert_eq!(
            shape("<table>foster<tr><td>cell</table>after"),
            r#"1Html 2Head 2Body 3"foster" 3Table 4Tbody 5Tr 6Td 7"cell" 3"after""#
        );
        assert_eq!(
            shape("<b>1<p>2</b>3"),
            r#"1Html 2Head 2Body 3B 4"1" 3P 4B 5"2" 4"3""#
        );
    }

    #[test]
    fn attributes_are_found_by_name() {
        let tree = parse("<p id=one CLASS='two three' hidden>");
        let node = tree.elements(0, Tag::P).next().unwrap();
        assert_eq!(tree.attribute(node, "class"), Some("two three"));
        assert_eq!(tree.attribute(node, "hidden"), Some(""));
        assert_eq!(tree.attribute(node, "title"), None);
    }

    #[test]
    fn deep_nesting_is_cut_and_counted() {
        let tags = [
            "b",
            "font",
            "span",
            "ul><li",
            "table><tr><td",
            "svg",
            "x-y",
            "template",
            "div",
        ];
        for tag in tags {
            let html = format!("<{tag}>").repeat(20_000) + "deep";
            let tree = parse(&html);
            let deepest = (0..tree.len()).map(|node| tree.depth(node)).max().unwrap();
            assert!(deepest < 2 * DEPTH_LIMIT as usize, "{tag}: {deepest}");
            assert!(tree.excess().too_deep > 0, "{tag}");
            assert!(tree.raw_text(0).ends_with("deep"), "{tag}");
        }
        assert_eq!(parse(&"<div>".repeat(400)).excess(), Excess::default());
    }

    #[test]
    fn rebuilt_formatting_elements_cannot_grow_the_tree_without_bound() {
        let openings = (0..400).fold(String::new(), |all, n| all + &format!("<b id={n}>"));
        let html = format!("<p>{openings}</p>{}", "<p>x</p>".repeat(20_000));
        let tree = parse(&html);
        assert!(tree.len() < 3 * html.len());
        assert!(tree.excess().ignored > 0);
    }

    #[test]
    fn a_tag_with_very_many_attributes_stays_linear() {
        let names = (0..60_000).fold(String::new(), |all, n| all + &format!("a{n} "));
        let tree = parse(&format!(
            "<p id=first {names} title=last>text</p><p id=second>"
        ));
        let paragraphs: Vec<_> = tree.elements(0, Tag::P).collect();
        assert_eq!(tree.attribute(paragraphs[0], "id"), Some("first"));
        assert_eq!(tree.attributes(paragraphs[0]).count(), 60_002);
        assert_eq!(tree.attribute(paragraphs[0], "title"), Some("last"));
        assert_eq!(tree.folded_text(paragraphs[0]), "text");
        assert_eq!(tree.attribute(paragraphs[1], "id"), Some("second"));
    }

    #[test]
    fn text_in_turns_before_and_in_a_table_stays_linear() {
        let html = format!("<table>{}", "x<tr><td>y</td>".repeat(50_000));
        let tree = parse(&html);
        assert_eq!(tree.raw_text(0).matches('x').count(), 50_000);
        assert_eq!(tree.raw_text(0).matches('y').count(), 50_000);
    }
}
