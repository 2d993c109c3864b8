//! Where an element is, as a CSS selector that a browser finds it by.
//!
//! Reads the tree and nothing else. A selector begins at the nearest element with an `id` of its own, so
//! that it outlives changes elsewhere on the page.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::tree::{NodeIndex, NodeKind, Tag, Tree};

/// Steps of a selector; of a longer way it tells the end, so that a page of very many nested elements does not
/// cost the square of its size.
const MOST_STEPS: usize = 32;

/// Makes selectors for the elements of one page.
pub struct Locators<'a> {
    tree: &'a Tree,
    /// The selector of the element whose text the tree was parsed from.
    outer: Option<String>,
    /// Counts each element among its siblings, from 1.
    ordinals: Vec<u32>,
    /// The first element of each `id`, and whether it is the only one.
    ids: HashMap<&'a str, (NodeIndex, bool)>,
}

impl<'a> Locators<'a> {
    /// Counts the elements of `tree` and notes their ids.
    pub fn new(tree: &'a Tree) -> Self {
        let mut children = vec![0_u32; tree.len()];
        let mut ordinals = vec![0_u32; tree.len()];
        let mut ids = HashMap::new();
        for (node, ordinal) in ordinals.iter_mut().enumerate().skip(1) {
            if tree.kind(node) != NodeKind::Element {
                continue;
            }
            let parent = tree.parent(node);
            children[parent] += 1;
            *ordinal = children[parent];
            if let Some(id) = tree.attribute(node, "id").filter(|id| !id.is_empty()) {
                ids.entry(id)
                    .and_modify(|(_, alone)| *alone = false)
                    .or_insert((node, true));
            }
        }
        Self {
            tree,
            outer: None,
            ordinals,
            ids,
        }
    }

    /// Lets selectors begin at the element that `outer` selects: `tree` was parsed from its text.
    #[must_use]
    pub fn inside(mut self, outer: String) -> Self {
        self.outer = Some(outer);
        self
    }

    /// Returns the first element whose `id` is `id`.
    pub fn by_id(&self, id: &str) -> Option<NodeIndex> {
        self.ids.get(id).map(|(node, _)| *node)
    }

    /// Returns the selector of an element, or of the one that a text stands in.
    pub fn css(&self, node: NodeIndex) -> String {
        let mut steps = Vec::new();
        let mut at = node;
        while at > 0 && steps.len() < MOST_STEPS {
            if self.tree.kind(at) == NodeKind::Element {
                if let Some(id) = self.own_id(at) {
                    steps.push(id_selector(id));
                    break;
                }
                let tag = self.tree.tag(at);
                let name = tag.name().unwrap_or_default();
                if self.outer.is_some() && matches!(tag, Tag::Html | Tag::Head | Tag::Body) {
                    break;
                }
                steps.push(match tag {
                    Tag::Html | Tag::Head | Tag::Body => name.to_owned(),
                    _ => format!("{name}:nth-child({})", self.ordinals[at]),
                });
            }
            at = self.tree.parent(at);
        }
        steps.reverse();
        let path = steps.join(" > ");
        match &self.outer {
            Some(outer) => format!("{outer} {path}"),
            None => path,
        }
    }

    fn own_id(&self, node: NodeIndex) -> Option<&'a str> {
        let id = self.tree.attribute(node, "id")?;
        (self.ids.get(id) == Some(&(node, true))).then_some(id)
    }
}

/// An identifier as `#id`, anything else as a quoted attribute.
fn id_selector(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let begins = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && id.chars().all(is_plain) {
        return format!("#{id}");
    }
    let mut selector = String::from("[id=\"");
    for character in id.chars() {
        match character {
            '"' | '\\' => selector.extend(['\\', character]),
            // CSS Syntax 3, 4.3.7: a line break cannot stand in a string but as its number.
            _ if character.is_control() => {
                let _ = write!(selector, "\\{:x} ", u32::from(character));
            }
            _ => selector.push(character),
        }
    }
    selector.push_str("\"]");
    selector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree::parse;

    #[test]
    fn elements_are_counted_among_their_siblings_from_the_nearest_own_id() {
        let tree = parse(
            "<title>t</title><div>text<p>a<p>b</div><div id=x><x-y><b>c</b></x-y></div>\
             <i id='1 \"'>d</i><u id=twice>e</u><u id=twice>f</u>",
        );
        let locators = Locators::new(&tree);
        let of = |text: &str| {
            let node = (0..tree.len()).find(|node| tree.text(*node) == text);
            locators.css(node.unwrap())
        };
        assert_eq!(of("t"), "html > head > title:nth-child(1)");
        assert_eq!(of("b"), "html > body > div:nth-child(1) > p:nth-child(2)");
        assert_eq!(of("c"), "#x > :nth-child(1) > b:nth-child(1)");
        assert_eq!(of("d"), "[id=\"1 \\\"\"]");
        assert_eq!(of("f"), "html > body > u:nth-child(5)");
        assert_eq!(locators.by_id("twice"), locators.by_id("twice"));
        assert_eq!(locators.by_id("none"), None);
    }
}
