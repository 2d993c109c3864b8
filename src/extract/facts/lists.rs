//! Facts of definition lists, and of lists whose items have two parts.

use super::{Finder, Origin, Piece};
use crate::extract::inner_text;
use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// Names of one value in a definition list.
const GROUP_LIMIT: usize = 50;

/// A name in a list is shorter than a text.
const NAME_BYTES: usize = 60;

/// Adds the facts of every list of the page.
pub(super) fn read(finder: &mut Finder<'_>) {
    let tree = finder.tree();
    let mut around = 0;
    for node in 0..tree.len() {
        if node < around {
            continue;
        }
        if finder.is_around(node) {
            around = tree.end(node);
            continue;
        }
        match tree.tag(node) {
            Tag::Dl => definitions(finder, node),
            Tag::Ul | Tag::Ol => items(finder, node),
            _ => {}
        }
    }
}

/// Reads the groups of names and values of a `dl` (HTML, 4.4.9); lists inside it are their own.
fn definitions(finder: &mut Finder<'_>, list: NodeIndex) {
    let tree = finder.tree();
    let subject = finder.heading_before(list);
    let mut names: Vec<String> = Vec::new();
    let mut had_value = false;
    let mut at = list + 1;
    while at < tree.end(list) {
        match tree.tag(at) {
            Tag::Dt => {
                if std::mem::take(&mut had_value) {
                    names.clear();
                }
                if names.len() < GROUP_LIMIT {
                    let name = inner_text::of(tree, at, NAME_BYTES + 1);
                    names.extend(name.filter(|name| !name.is_empty()));
                } else {
                    finder.cut += 1;
                }
                at = tree.end(at);
                continue;
            }
            Tag::Dd => {
                had_value = true;
                if finder.is_full() {
                    finder.cut += names.len();
                    at = tree.end(at);
                    continue;
                }
                let is_text = !holds_list(tree, at);
                if let Some(piece) = finder.piece(at).filter(|_| is_text) {
                    for name in &names {
                        finder.add(Origin::DefinitionList, subject.clone(), name, piece.clone());
                    }
                }
                at = tree.end(at);
                continue;
            }
            Tag::Dl | Tag::Ul | Tag::Ol | Tag::Table => {
                at = tree.end(at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

fn holds_list(tree: &Tree, node: NodeIndex) -> bool {
    (node..tree.end(node))
        .any(|at| matches!(tree.tag(at), Tag::Dl | Tag::Ul | Tag::Ol | Tag::Table))
}

/// Reads a list most of whose items are a name and a value, each in an element of its own or the name in bold.
fn items(finder: &mut Finder<'_>, list: NodeIndex) {
    let tree = finder.tree();
    let items: Vec<NodeIndex> = tree
        .children(list)
        .filter(|child| tree.tag(*child) == Tag::Li)
        .collect();
    let pairs: Vec<_> = items
        .iter()
        .filter_map(|item| parts(finder, *item))
        .collect();
    if pairs.len() < 2 || pairs.len() * 3 < items.len() * 2 {
        return;
    }
    // A list of facts names each thing once.
    let mut names: Vec<&str> = pairs.iter().map(|pair| pair.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < pairs.len() {
        return;
    }
    let subject = finder.heading_before(list);
    for pair in pairs {
        let piece = finder.piece(pair.value);
        // Around the content, most lists of two parts are teasers.
        let counts = |piece: &Piece| pair.is_labelled || piece.span.is_some();
        if let Some(piece) = piece.filter(counts) {
            finder.add(Origin::List, subject.clone(), &pair.name, piece);
        }
    }
}

/// An item taken apart.
struct Parts {
    name: String,
    value: NodeIndex,
    /// The name is bold, a label or closed with a colon.
    is_labelled: bool,
}

fn parts(finder: &Finder<'_>, item: NodeIndex) -> Option<Parts> {
    let tree = finder.tree();
    // Items often hold one box around both parts.
    let mut holder = item;
    for _ in 0..3 {
        let mut filled = tree
            .children(holder)
            .filter(|child| is_filled(tree, *child));
        match (filled.next(), filled.next()) {
            // What is all one link is a teaser.
            (Some(only), None) if tree.tag(only) == Tag::A => return None,
            (Some(only), None) if tree.kind(only) == NodeKind::Element => holder = only,
            _ => break,
        }
    }
    let filled: Vec<NodeIndex> = tree
        .children(holder)
        .filter(|child| is_filled(tree, *child))
        .take(3)
        .collect();
    let [name, value] = filled.as_slice() else {
        return None;
    };
    if tree.kind(*name) != NodeKind::Element || finder.is_link(*name) || holds_list(tree, *value) {
        return None;
    }
    let is_element = tree.kind(*value) == NodeKind::Element;
    let is_marked = matches!(tree.tag(*name), Tag::B | Tag::Strong | Tag::Label | Tag::Dt);
    let text = inner_text::of(tree, *name, NAME_BYTES + 1).filter(|text| !text.is_empty())?;
    let has_colon = text.ends_with([':', '：']);
    let after = inner_text::of(tree, *value, super::VALUE_BYTES + 1)?;
    // A colon on either side says that it is a label; so does what is marked up alike on both.
    if !(is_element || is_marked || has_colon) || finder.is_link(*value) && !has_colon {
        return None;
    }
    let is_sentence = after.len() > 80 && after.ends_with(['.', '!', '?', '。']);
    if is_sentence || after.starts_with([':', '：']) {
        return None;
    }
    // A menu counts what it leads to.
    if after.starts_with('(') && after.ends_with(')') {
        return None;
    }
    Some(Parts {
        name: text,
        value: *value,
        is_labelled: is_marked || has_colon,
    })
}

fn is_filled(tree: &Tree, node: NodeIndex) -> bool {
    !matches!(
        tree.tag(node),
        Tag::Script | Tag::Style | Tag::Svg | Tag::Template
    ) && (node..tree.end(node)).any(|at| !tree.text(at).trim().is_empty())
}
