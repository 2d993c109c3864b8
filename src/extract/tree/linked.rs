//! The tree while it still changes: nodes linked to parents and siblings, in the order of their making.
//!
//! Knows no parser. Nodes are moved as HTML's rules ask, and at the end laid out in document order.

use std::ops::{Index, IndexMut};

use super::{Node, NodeKind, Tag};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// The document's own node, always the first.
pub(super) const DOCUMENT: u32 = 0;

/// A node and its place.
pub(super) struct LinkedNode {
    pub kind: NodeKind,
    pub tag: Tag,
    pub depth: u32,
    pub parent: u32,
    pub first_child: u32,
    pub last_child: u32,
    pub previous: u32,
    pub next: u32,
    pub start: u32,
    pub end: u32,
}

/// All nodes made so far.
pub(super) struct Linked(Vec<LinkedNode>);

impl Index<u32> for Linked {
    type Output = LinkedNode;

    fn index(&self, node: u32) -> &LinkedNode {
        &self.0[node as usize]
    }
}

impl IndexMut<u32> for Linked {
    fn index_mut(&mut self, node: u32) -> &mut LinkedNode {
        &mut self.0[node as usize]
    }
}

impl Linked {
    pub fn with_capacity(nodes: usize) -> Self {
        Self(Vec::with_capacity(nodes))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes a node that is nowhere yet.
    pub fn add(&mut self, kind: NodeKind, tag: Tag) -> u32 {
        self.0.push(LinkedNode {
            kind,
            tag,
            depth: 0,
            parent: NONE,
            first_child: NONE,
            last_child: NONE,
            previous: NONE,
            next: NONE,
            start: 0,
            end: 0,
        });
        (self.0.len() - 1) as u32
    }

    /// Takes a node, with what is below it, from its place.
    pub fn detach(&mut self, node: u32) {
        let open = &mut self[node];
        let (parent, previous, next) = (open.parent, open.previous, open.next);
        (open.parent, open.previous, open.next) = (NONE, NONE, NONE);
        if previous != NONE {
            self[previous].next = next;
        } else if parent != NONE {
            self[parent].first_child = next;
        }
        if next != NONE {
            self[next].previous = previous;
        } else if parent != NONE {
            self[parent].last_child = previous;
        }
    }

    /// Puts a detached node into `parent` before `next`, at the end when that is [`NONE`]; returns its depth.
    pub fn insert(&mut self, parent: u32, next: u32, node: u32) -> u32 {
        let previous = match next {
            NONE => self[parent].last_child,
            _ => self[next].previous,
        };
        let depth = self[parent].depth + 1;
        let open = &mut self[node];
        (open.parent, open.previous, open.next, open.depth) = (parent, previous, next, depth);
        match previous {
            NONE => self[parent].first_child = node,
            _ => self[previous].next = node,
        }
        match next {
            NONE => self[parent].last_child = node,
            _ => self[next].previous = node,
        }
        depth
    }

    /// Moves every child of a node to the end of another's.
    pub fn move_children(&mut self, node: u32, to: u32) {
        loop {
            let child = self[node].first_child;
            if child == NONE {
                return;
            }
            self.detach(child);
            self.insert(to, NONE, child);
        }
    }

    /// Lays the nodes out in document order; what hangs on no parent is left behind.
    pub fn lay_out(self) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.0.len());
        let (mut at, mut parent, mut depth) = (DOCUMENT, 0, 0);
        loop {
            let node = &self[at];
            let index = nodes.len() as u32;
            nodes.push(Node {
                kind: node.kind,
                tag: node.tag,
                parent,
                end: index + 1,
                depth,
                content: node.start..node.end,
            });
            if node.first_child != NONE {
                (at, parent, depth) = (node.first_child, index, depth + 1);
                continue;
            }
            // Climb to the next sibling of the nearest ancestor that has one, closing ranges on the way.
            let mut closed = index;
            let mut climber = at;
            while climber != DOCUMENT && self[climber].next == NONE {
                climber = self[climber].parent;
                closed = nodes[closed as usize].parent;
                nodes[closed as usize].end = index + 1;
                depth -= 1;
            }
            if climber == DOCUMENT {
                break;
            }
            at = self[climber].next;
            parent = nodes[closed as usize].parent;
        }
        nodes
    }
}
