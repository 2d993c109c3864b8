//! Where the nodes of a page stand in the text that was made of it.
//!
//! Holds what `render` noted and answers for any node; knows nothing of why a node was kept or left out.

use std::ops::Range;

use crate::extract::tree::{NodeIndex, Tree};

/// The bytes of the content's text that each text node wrote, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<(u32, Range<u32>)>);

impl Places {
    /// Notes what `node` wrote; nodes come in document order.
    pub(super) fn add(&mut self, node: NodeIndex, range: Range<usize>) {
        self.0
            .push((node as u32, range.start as u32..range.end as u32));
    }

    /// Forgets what stands behind the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        let length = length as u32;
        for (_, range) in self.0.iter_mut().rev() {
            if range.end <= length {
                break;
            }
            range.end = length.max(range.start);
        }
    }

    /// Returns the bytes from the first to the last that the subtree of `node` wrote; `None` when it wrote none.
    ///
    /// What stands between them may be another's where the tree moved it, and what the content leaves out is
    /// not there: whoever takes the bytes for the node's text compares the two.
    pub fn range(&self, tree: &Tree, node: NodeIndex) -> Option<Range<usize>> {
        self.between(node, tree.end(node))
    }

    /// Returns the bytes from the first to the last that the nodes from `first` up to, not including, `end` wrote.
    pub fn between(&self, first: NodeIndex, end: NodeIndex) -> Option<Range<usize>> {
        let from = self.0.partition_point(|(node, _)| (*node as usize) < first);
        let to = self.0.partition_point(|(node, _)| (*node as usize) < end);
        let written = self.0.get(from..to)?;
        let (start, end) = (written.first()?.1.start, written.last()?.1.end);
        (start < end).then_some(start as usize..end as usize)
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::content::{About, find};
    use crate::extract::tree::{self, Tag};

    #[test]
    fn each_node_is_found_in_the_text_it_wrote() {
        let html = "<body><h1> The  mill </h1><p>It <b>turns\n twice</b>.<nav><a href=/>Home</a></nav>\
                    <table><tr><td>Height<td>12 m</table><pre>one\n\n  two </pre>";
        let page = tree::parse(html);
        let content = find(&page, About::default()).unwrap();
        let of = |tag| {
            let node = page.elements(0, tag).next().unwrap();
            let range = content.places.range(&page, node);
            range.map(|range| &content.text[range])
        };
        assert_eq!(of(Tag::H1), Some("The mill"));
        assert_eq!(of(Tag::B), Some("turns twice"));
        assert_eq!(of(Tag::P), Some("It turns twice."));
        assert_eq!(of(Tag::Tr), Some("Height\t12 m"));
        assert_eq!(of(Tag::Pre), Some("one\n\n  two"));
        assert_eq!(of(Tag::Nav), None);
        assert_eq!(of(Tag::Body), Some(content.text.as_str()));
    }
}
