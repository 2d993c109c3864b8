//! The pages of a file, from the first to the last, each with what it shows and what of it could not be read.

use std::collections::HashSet;
use std::rc::Rc;

use super::content::{Painter, Seen};
use super::file::File;
use super::lines::Paragraph;
use super::object::{Dictionary, Object};

/// Pages that are read of one file.
const PAGE_LIMIT: usize = 10_000;

/// Nodes of the tree of pages that are looked at.
const NODE_LIMIT: usize = 100_000;

/// Levels of the tree of pages.
const DEPTH_LIMIT: usize = 100;

/// A page as it was read.
#[derive(Debug)]
pub(super) struct ReadPage {
    pub(super) paragraphs: Vec<Paragraph>,
    pub(super) seen: Seen,
}

/// All pages of a file.
#[derive(Debug, Default)]
pub(super) struct ReadPages {
    pub(super) pages: Vec<ReadPage>,
    /// Pages behind the limit, as the file counts them.
    pub(super) left_out: usize,
    /// Places of the tree where a page should be and none is.
    pub(super) missing: usize,
}

/// A part of the tree that is yet to be read.
struct Node {
    value: Object,
    resources: Rc<Dictionary>,
    depth: usize,
}

/// Reads all pages.
pub(super) fn read(file: &File<'_>) -> ReadPages {
    let mut found = ReadPages::default();
    let root = file.catalogue().and_then(|root| root.get("Pages").cloned());
    let roots = match root.filter(|_| file.loose_pages.is_empty()) {
        Some(root) => vec![root],
        None => file.loose_pages.iter().rev().cloned().collect(),
    };
    let mut painter = Painter::new(file);
    let mut seen = HashSet::new();
    let mut nodes = 0;
    // The last is the next.
    let of_root = |value| Node {
        value,
        resources: Rc::default(),
        depth: 0,
    };
    let mut open: Vec<Node> = roots.into_iter().map(of_root).collect();
    while let Some(node) = open.pop() {
        nodes += 1;
        // A tree that leads back into itself has an end here.
        if let Object::Reference(number) = node.value
            && !seen.insert(number)
        {
            continue;
        }
        let Object::Dictionary(described) = file.resolved(&node.value) else {
            found.missing += 1;
            continue;
        };
        let own = file.dictionary(&described, "Resources");
        let resources = own.map_or(node.resources, |own| Rc::new(own.into_owned()));
        let below = file.get(&described, "Kids");
        if let Some(below) = below.array() {
            if node.depth >= DEPTH_LIMIT || nodes >= NODE_LIMIT {
                found.left_out += file
                    .number(&described, "Count")
                    .unwrap_or(1.0)
                    .clamp(1.0, 1e9) as usize;
                continue;
            }
            let room = NODE_LIMIT.saturating_sub(nodes + open.len());
            found.left_out += below.len().saturating_sub(room);
            open.extend(below.iter().take(room).rev().map(|value| Node {
                value: value.clone(),
                resources: Rc::clone(&resources),
                depth: node.depth + 1,
            }));
            continue;
        }
        if found.pages.len() >= PAGE_LIMIT {
            found.left_out += 1;
            continue;
        }
        let (lines, seen) = painter.page(&described, &resources);
        found.pages.push(ReadPage {
            paragraphs: lines.paragraphs(),
            seen,
        });
    }
    found
}
