//! The text of an element as a value: white space folded, blocks apart, scripts and styles left out.
//!
//! Knows only the tree; what is noise on a page is not its business.

use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// Returns the text below `node`; `None` when it has more than `limit` bytes, and reads no further than that.
pub fn of(tree: &Tree, node: NodeIndex, limit: usize) -> Option<String> {
    let mut text = String::new();
    let mut is_apart = false;
    let mut blocks: Vec<NodeIndex> = Vec::new();
    let end = tree.end(node);
    let mut at = node;
    while at < end {
        while blocks.last().is_some_and(|block| *block <= at) {
            blocks.pop();
            is_apart = true;
        }
        match tree.kind(at) {
            NodeKind::Text => {
                let piece = tree.text(at);
                is_apart |= piece.starts_with(char::is_whitespace);
                for word in piece.split_whitespace() {
                    if text.len() + word.len() >= limit {
                        return None;
                    }
                    if is_apart && !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(word);
                    is_apart = true;
                }
                is_apart = piece.ends_with(char::is_whitespace);
            }
            NodeKind::Element => match tree.tag(at) {
                Tag::Script | Tag::Style | Tag::Noscript | Tag::Template if at > node => {
                    at = tree.end(at);
                    continue;
                }
                Tag::Br => is_apart = true,
                tag if tag.is_block() => {
                    is_apart = true;
                    blocks.push(tree.end(at));
                }
                _ => {}
            },
            NodeKind::Document => {}
        }
        at += 1;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree::parse;

    #[test]
    fn inline_elements_join_and_blocks_do_not() {
        for (html, text) in [
            ("H<sub>2</sub>O ", "H2O"),
            ("<b>a</b> <i> b</i>c", "a bc"),
            ("<p>a<p>b", "a b"),
            ("<div>a</div>b<br>c", "a b c"),
            ("a<script>x</script>b<style>y</style>", "ab"),
            (" \n ", ""),
        ] {
            let tree = parse(&format!("<body>{html}"));
            let body = tree.elements(0, Tag::Body).next().unwrap();
            assert_eq!(of(&tree, body, 100).as_deref(), Some(text), "{html}");
        }
        let tree = parse("<body>one two");
        assert_eq!(of(&tree, 0, 6), None);
    }
}
