//! A page as selectors look at it: elements by id and class, and their order among siblings.
//!
//! Each list of elements is in document order, so that being inside one of them is told by one pass over two lists.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::{Combinator, Complex, Compound, Condition, Position};
use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// The elements of one page.
pub(in crate::extract::profile) struct Elements<'a> {
    tree: &'a Tree,
    all: Vec<NodeIndex>,
    names: OnceCell<Names<'a>>,
    siblings: OnceCell<Siblings>,
}

/// Elements by what most selectors name.
#[derive(Default)]
struct Names<'a> {
    ids: HashMap<&'a str, Vec<NodeIndex>>,
    classes: HashMap<&'a str, Vec<NodeIndex>>,
}

/// Where each node is among its siblings; 0 for what is no element.
struct Siblings {
    ordinals: Vec<u32>,
    ordinals_of_type: Vec<u32>,
    /// Element children of each node.
    counts: Vec<u32>,
    counts_of_type: HashMap<(NodeIndex, Tag), u32>,
    /// The element before each element; 0 for none.
    before: Vec<u32>,
}

/// A condition with what it needs to know of the whole page.
enum Prepared<'c> {
    Plain(&'c Condition),
    /// Whether an element is one of these.
    OneOf(Vec<NodeIndex>, bool),
    /// Whether one of these is inside it.
    Holds(Vec<NodeIndex>),
    /// Whether one of these follows it: the last of them below each parent.
    IsBefore(HashMap<NodeIndex, NodeIndex>),
    Any(Vec<Prepared<'c>>),
}

impl<'a> Elements<'a> {
    pub fn new(tree: &'a Tree) -> Self {
        let all = (1..tree.len()).filter(|node| tree.kind(*node) == NodeKind::Element);
        Self {
            tree,
            all: all.collect(),
            names: OnceCell::new(),
            siblings: OnceCell::new(),
        }
    }

    /// Returns every element, in document order.
    pub fn all(&self) -> &[NodeIndex] {
        &self.all
    }

    /// Returns the elements that one of several selectors selects.
    pub(super) fn select_any(&self, alternatives: &[Complex]) -> Vec<NodeIndex> {
        let mut lists = alternatives.iter().map(|complex| self.select(complex));
        let mut found = lists.next().unwrap_or_default();
        for more in lists {
            found.extend(more);
        }
        if alternatives.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    fn select(&self, complex: &Complex) -> Vec<NodeIndex> {
        let mut found: Option<Vec<NodeIndex>> = None;
        for (combinator, compound) in &complex.0 {
            let candidates = self.matching(compound);
            let joined = match found {
                None => candidates,
                Some(before) => self.joined(*combinator, &before, candidates),
            };
            let is_empty = joined.is_empty();
            found = Some(joined);
            if is_empty {
                break;
            }
        }
        found.unwrap_or_default()
    }

    /// Returns those of `candidates` that are joined to one of `before`.
    fn joined(
        &self,
        combinator: Combinator,
        before: &[NodeIndex],
        mut candidates: Vec<NodeIndex>,
    ) -> Vec<NodeIndex> {
        let tree = self.tree;
        match combinator {
            Combinator::Descendant => {
                let (mut next, mut covered) = (0, 0);
                candidates.retain(|node| {
                    while before.get(next).is_some_and(|outer| outer < node) {
                        covered = covered.max(tree.end(before[next]));
                        next += 1;
                    }
                    *node < covered
                });
            }
            Combinator::Child => {
                candidates.retain(|node| before.binary_search(&tree.parent(*node)).is_ok());
            }
            Combinator::Next => {
                let siblings = self.siblings();
                candidates.retain(|node| {
                    let previous = siblings.before[*node] as usize;
                    previous > 0 && before.binary_search(&previous).is_ok()
                });
            }
            Combinator::Later => {
                let mut first = HashMap::new();
                for node in before {
                    first.entry(tree.parent(*node)).or_insert(*node);
                }
                let follows = |node: &NodeIndex| {
                    let first = first.get(&tree.parent(*node));
                    first.is_some_and(|first| first < node)
                };
                candidates.retain(follows);
            }
        }
        candidates
    }

    /// Returns the elements that are what a compound says.
    fn matching(&self, compound: &Compound) -> Vec<NodeIndex> {
        let named = compound.conditions.iter().find_map(|condition| {
            let list = match condition {
                Condition::Id(id) => self.names().ids.get(id.as_str()),
                Condition::Class(class) => self.names().classes.get(class.as_str()),
                _ => return None,
            };
            Some(list.map_or(&[][..], Vec::as_slice))
        });
        let candidates = named.unwrap_or(&self.all);
        if candidates.is_empty() {
            return Vec::new();
        }
        let conditions: Vec<_> = compound
            .conditions
            .iter()
            .map(|condition| self.prepared(condition))
            .collect();
        let is_match = |node: &NodeIndex| {
            compound.tag.is_none_or(|tag| self.tree.tag(*node) == tag)
                && conditions.iter().all(|one| self.holds(one, *node))
        };
        candidates.iter().copied().filter(is_match).collect()
    }

    fn prepared<'c>(&self, condition: &'c Condition) -> Prepared<'c> {
        match condition {
            Condition::Not(list) => Prepared::OneOf(self.select_any(list), false),
            Condition::Is(list) => Prepared::OneOf(self.select_any(list), true),
            Condition::Has(relatives) => {
                let any = relatives.iter().map(|(combinator, compound)| {
                    self.related(*combinator, self.matching(compound))
                });
                Prepared::Any(any.collect())
            }
            plain => Prepared::Plain(plain),
        }
    }

    /// Returns what tells the elements that are joined to one of `found`, which comes behind or in them.
    fn related<'c>(&self, combinator: Combinator, found: Vec<NodeIndex>) -> Prepared<'c> {
        match combinator {
            Combinator::Descendant => Prepared::Holds(found),
            Combinator::Child => {
                let mut parents: Vec<_> =
                    found.iter().map(|node| self.tree.parent(*node)).collect();
                parents.sort_unstable();
                parents.dedup();
                Prepared::OneOf(parents, true)
            }
            Combinator::Next => {
                let before = &self.siblings().before;
                let mut before: Vec<_> = found.iter().map(|node| before[*node] as usize).collect();
                before.sort_unstable();
                Prepared::OneOf(before, true)
            }
            Combinator::Later => Prepared::IsBefore(
                found
                    .into_iter()
                    .map(|node| (self.tree.parent(node), node))
                    .collect(),
            ),
        }
    }

    fn holds(&self, condition: &Prepared<'_>, node: NodeIndex) -> bool {
        match condition {
            Prepared::Plain(condition) => self.is(condition, node),
            Prepared::OneOf(list, wanted) => list.binary_search(&node).is_ok() == *wanted,
            Prepared::Holds(list) => {
                let next = list.partition_point(|inner| *inner <= node);
                list.get(next)
                    .is_some_and(|inner| *inner < self.tree.end(node))
            }
            Prepared::IsBefore(last) => last
                .get(&self.tree.parent(node))
                .is_some_and(|last| *last > node),
            Prepared::Any(any) => any.iter().any(|one| self.holds(one, node)),
        }
    }

    fn is(&self, condition: &Condition, node: NodeIndex) -> bool {
        let tree = self.tree;
        match condition {
            Condition::Id(id) => tree.attribute(node, "id") == Some(id),
            Condition::Class(class) => tree
                .attribute(node, "class")
                .is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one == class)),
            Condition::Attribute(test) => tree
                .attribute(node, &test.name)
                .is_some_and(|value| test.holds(value)),
            Condition::Position(position) => position.holds(self.ordinal(*position, node)),
            Condition::Empty => tree.children(node).next().is_none(),
            Condition::Root => tree.parent(node) == 0,
            // Prepared before, because they ask for more than the element.
            Condition::Not(_) | Condition::Is(_) | Condition::Has(_) => false,
        }
    }

    fn ordinal(&self, position: Position, node: NodeIndex) -> u32 {
        let (siblings, parent) = (self.siblings(), self.tree.parent(node));
        let (ordinal, count) = if position.of_type {
            let of_type = (parent, self.tree.tag(node));
            let count = siblings.counts_of_type.get(&of_type);
            (siblings.ordinals_of_type[node], count.copied())
        } else {
            (siblings.ordinals[node], Some(siblings.counts[parent]))
        };
        match count {
            Some(count) if position.from_end => count + 1 - ordinal,
            _ => ordinal,
        }
    }

    fn names(&self) -> &Names<'a> {
        self.names.get_or_init(|| {
            let mut names = Names::default();
            for node in &self.all {
                for (name, value) in self.tree.attributes(*node) {
                    match name {
                        "id" => names.ids.entry(value).or_default().push(*node),
                        "class" => {
                            for class in value.split_ascii_whitespace() {
                                let list = names.classes.entry(class).or_default();
                                if list.last() != Some(node) {
                                    list.push(*node);
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            names
        })
    }

    fn siblings(&self) -> &Siblings {
        self.siblings.get_or_init(|| {
            let length = self.tree.len();
            let mut siblings = Siblings {
                ordinals: vec![0; length],
                ordinals_of_type: vec![0; length],
                counts: vec![0; length],
                counts_of_type: HashMap::new(),
                before: vec![0; length],
            };
            let mut last = vec![0_u32; length];
            for node in &self.all {
                let (node, parent) = (*node, self.tree.parent(*node));
                siblings.counts[parent] += 1;
                siblings.ordinals[node] = siblings.counts[parent];
                let of_type = (parent, self.tree.tag(node));
                let count = siblings.counts_of_type.entry(of_type).or_default();
                *count += 1;
                siblings.ordinals_of_type[node] = *count;
                siblings.before[node] = last[parent];
                last[parent] = node as u32;
            }
            siblings
        })
    }
}
