//! Records while they are read: flat nodes that name each other by number, with the bounds on how much of
//! a page is kept.
//!
//! Knows no syntax. Trees of values are only made at the end, from the leaves up, so that no depth of the
//! input is a depth of the stack; whatever a bound leaves out is counted and becomes a gap.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::{Record, Syntax};
use crate::extract::inner_text;
use crate::extract::tree::{NodeIndex, Tree};
use crate::model::{Gap, Reason};

/// Records of one page; the most that a page of the development set has is about 150.
const RECORD_LIMIT: usize = 2_000;

/// Records of one page and the records inside them.
const NODE_LIMIT: usize = 20_000;

/// Values of one page.
const VALUE_LIMIT: usize = 100_000;

/// Bytes of values, names and locators of one page.
const BYTE_LIMIT: usize = 4 << 20;

/// Bytes and nodes of the page that are read for values: elements in each other hold the same text, and an
/// element can be read for many items.
const READ_LIMIT: usize = 16 << 20;

/// Records in records.
pub(super) const NESTING_LIMIT: usize = 32;

/// A node's number in its graph.
pub(super) type Node = usize;

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    Records,
    Nodes,
    Values,
    Bytes,
    Nesting,
    /// Elements looked at because an item refers to them.
    References,
    /// A record that holds itself.
    Cycle,
}

impl Bound {
    fn as_str(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Nodes => "nested records",
            Self::Values => "values",
            Self::Bytes => "bytes",
            Self::Nesting => "nesting",
            Self::References => "references",
            Self::Cycle => "cycle",
        }
    }
}

enum Entry {
    Value(Value),
    Node(Node),
}

#[derive(Default)]
struct Item {
    types: Vec<String>,
    id: Option<String>,
    properties: Vec<(String, Entry)>,
    reverse: Vec<(String, Entry)>,
    depth: usize,
}

struct Root {
    node: Node,
    syntax: Syntax,
    locators: Vec<String>,
}

/// The records of one page so far.
#[derive(Default)]
pub(super) struct Graph {
    items: Vec<Item>,
    roots: Vec<Root>,
    /// Records by their id: what a page says of one in two places is one record.
    joined: HashMap<(Syntax, String), usize>,
    values: usize,
    bytes: usize,
    read: usize,
    /// Whether there was no room for a record's locator.
    is_full: bool,
    /// How much each bound left out, and the number of the record where it first did.
    left_out: BTreeMap<(Syntax, Bound), (usize, usize)>,
}

impl Graph {
    /// Returns the record of that id, or a new one; `None` beyond a bound.
    pub fn record(
        &mut self,
        syntax: Syntax,
        types: Vec<String>,
        id: Option<String>,
        locator: impl FnOnce() -> String,
    ) -> Option<Node> {
        let key = id.clone().map(|id| (syntax, id));
        if let Some(root) = key.as_ref().and_then(|key| self.joined.get(key)) {
            let root = *root;
            let locator = locator();
            if self.take_bytes(syntax, locator.len()) {
                self.roots[root].locators.push(locator);
            }
            let node = self.roots[root].node;
            self.add_types(node, types);
            return Some(node);
        }
        let node = self.separate(syntax, types, id, locator)?;
        if let Some(key) = key {
            self.joined.insert(key, self.roots.len() - 1);
        }
        Some(node)
    }

    /// Returns a new record, whatever other has its id; `None` beyond a bound.
    pub fn separate(
        &mut self,
        syntax: Syntax,
        types: Vec<String>,
        id: Option<String>,
        locator: impl FnOnce() -> String,
    ) -> Option<Node> {
        if self.roots.len() >= RECORD_LIMIT {
            self.leave_out(syntax, Bound::Records);
            return None;
        }
        if self.is_full {
            self.leave_out(syntax, Bound::Bytes);
            return None;
        }
        let locator = locator();
        if !self.take_bytes(syntax, locator.len()) {
            // Locators of elements that nest deeply are long: none is made that will not be kept.
            self.is_full = true;
            return None;
        }
        let node = self.item(syntax, types, id, 0)?;
        self.roots.push(Root {
            node,
            syntax,
            locators: vec![locator],
        });
        Some(node)
    }

    /// Adds a record as a value of a property; `None` beyond a bound.
    pub fn nested(
        &mut self,
        syntax: Syntax,
        owner: Node,
        name: Name<'_>,
        types: Vec<String>,
        id: Option<String>,
    ) -> Option<Node> {
        let depth = self.items[owner].depth + 1;
        if depth > NESTING_LIMIT {
            self.leave_out(syntax, Bound::Nesting);
            return None;
        }
        if !self.take_value(syntax, name.as_str().len()) {
            return None;
        }
        let node = self.item(syntax, types, id, depth)?;
        self.put(owner, name, Entry::Node(node));
        Some(node)
    }

    /// Adds a value of a property.
    pub fn add(&mut self, syntax: Syntax, owner: Node, name: Name<'_>, value: Value) {
        if self.take_value(syntax, name.as_str().len() + bytes_of(&value)) {
            self.put(owner, name, Entry::Value(value));
        }
    }

    /// Adds types that the record does not have yet.
    pub fn add_types(&mut self, node: Node, types: Vec<String>) {
        let known = &mut self.items[node].types;
        for name in types {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }

    /// Says whether a property has a value already.
    pub fn has(&self, node: Node, name: &str) -> bool {
        let mut names = self.items[node].properties.iter();
        names.any(|(known, _)| known == name)
    }

    /// Returns the text of an element as a value; `None`, and so counted, when it is more than is kept.
    pub fn text(&mut self, syntax: Syntax, tree: &Tree, element: NodeIndex) -> Option<String> {
        let nodes = tree.end(element) - element;
        let left = READ_LIMIT.saturating_sub(self.read + nodes);
        let limit = self.bytes_left().min(left);
        let text = inner_text::of(tree, element, limit).filter(|_| left > 0);
        self.read += nodes.min(READ_LIMIT) + text.as_ref().map_or(limit, String::len);
        if text.is_none() {
            self.leave_out(syntax, Bound::Bytes);
        }
        text
    }

    /// Counts something that a bound leaves out.
    pub fn leave_out(&mut self, syntax: Syntax, bound: Bound) {
        if let Some((_, count)) = self.left_out.get_mut(&(syntax, bound)) {
            *count += 1;
            return;
        }
        let records = self.roots.iter().filter(|root| root.syntax == syntax);
        self.left_out.insert((syntax, bound), (records.count(), 1));
    }

    fn bytes_left(&self) -> usize {
        BYTE_LIMIT.saturating_sub(self.bytes)
    }

    fn item(
        &mut self,
        syntax: Syntax,
        types: Vec<String>,
        id: Option<String>,
        depth: usize,
    ) -> Option<Node> {
        if self.items.len() >= NODE_LIMIT {
            self.leave_out(syntax, Bound::Nodes);
            return None;
        }
        let bytes = types.iter().chain(&id).map(String::len).sum();
        if !self.take_bytes(syntax, bytes) {
            return None;
        }
        self.items.push(Item {
            id,
            depth,
            ..Item::default()
        });
        let node = self.items.len() - 1;
        self.add_types(node, types);
        Some(node)
    }

    fn put(&mut self, owner: Node, name: Name<'_>, entry: Entry) {
        let item = &mut self.items[owner];
        match name {
            Name::Of(name) => item.properties.push((name.to_owned(), entry)),
            Name::Reverse(name) => item.reverse.push((name.to_owned(), entry)),
        }
    }

    fn take_value(&mut self, syntax: Syntax, bytes: usize) -> bool {
        if self.values >= VALUE_LIMIT {
            self.leave_out(syntax, Bound::Values);
            return false;
        }
        let taken = self.take_bytes(syntax, bytes);
        self.values += usize::from(taken);
        taken
    }

    fn take_bytes(&mut self, syntax: Syntax, bytes: usize) -> bool {
        if bytes > self.bytes_left() {
            self.leave_out(syntax, Bound::Bytes);
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// Returns the records in the order of their making, and what is missing of them.
    pub fn finish(mut self) -> (Vec<Record>, Vec<Gap>) {
        let mut roots = vec![None; self.items.len()];
        for (index, root) in self.roots.iter().enumerate() {
            roots[root.node] = Some(index);
        }
        let mut records: Vec<Option<Record>> = self.roots.iter().map(|_| None).collect();
        let mut built: Vec<Option<Value>> = vec![None; self.items.len()];
        // A node is made after the one that holds it, so each finds what it holds built already.
        for node in (0..self.items.len()).rev() {
            let item = std::mem::take(&mut self.items[node]);
            let properties = lists(item.properties, &mut built);
            let reverse = lists(item.reverse, &mut built);
            if let Some(index) = roots[node] {
                let root = &mut self.roots[index];
                let mut record = Record {
                    syntax: root.syntax,
                    types: item.types,
                    id: item.id,
                    properties,
                    reverse,
                    locators: std::mem::take(&mut root.locators),
                };
                if record.locators.len() > 1 {
                    once(&mut record.properties);
                }
                records[index] = Some(record);
                continue;
            }
            let mut value = Map::new();
            if !item.types.is_empty() {
                value.insert("types".to_owned(), json!(item.types));
            }
            if let Some(id) = item.id {
                value.insert("id".to_owned(), Value::String(id));
            }
            if !reverse.is_empty() {
                value.insert("reverse".to_owned(), Value::Object(reverse));
            }
            value.insert("properties".to_owned(), Value::Object(properties));
            built[node] = Some(Value::Object(value));
        }
        let gaps = self.left_out.into_iter().map(gap).collect();
        (records.into_iter().flatten().collect(), gaps)
    }
}

/// The name of a property, and which way it points.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'a> {
    Of(&'a str),
    Reverse(&'a str),
}

impl<'a> Name<'a> {
    fn as_str(self) -> &'a str {
        match self {
            Self::Of(name) | Self::Reverse(name) => name,
        }
    }
}

fn lists(entries: Vec<(String, Entry)>, built: &mut [Option<Value>]) -> Map<String, Value> {
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, entry) in entries {
        let value = match entry {
            Entry::Value(value) => Some(value),
            Entry::Node(node) => built[node].take(),
        };
        lists.entry(name).or_default().extend(value);
    }
    let lists = lists.into_iter();
    lists
        .map(|(name, values)| (name, Value::Array(values)))
        .collect()
}

/// Keeps one of each value that a joined record was given in several places.
fn once(properties: &mut Map<String, Value>) {
    for values in properties.values_mut().filter_map(Value::as_array_mut) {
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(value.to_string()));
    }
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name.len() + value.as_str().map_or(8, str::len))
            .sum(),
        _ => 8,
    }
}

fn gap(((syntax, bound), (record, count)): ((Syntax, Bound), (usize, usize))) -> Gap {
    let reason = match bound {
        Bound::Cycle => Reason::RecordCycle,
        _ => Reason::RecordsCut,
    };
    let position = format!("{} {} {}", syntax.as_str(), record, bound.as_str());
    let detail = match bound {
        Bound::Records => format!("{count} beyond {RECORD_LIMIT} records of the page"),
        Bound::Nodes => format!("{count} beyond {NODE_LIMIT} nested records of the page"),
        Bound::Values => format!("{count} beyond {VALUE_LIMIT} values of the page"),
        Bound::Bytes => format!("{count} that would pass {BYTE_LIMIT} bytes of values of the page"),
        Bound::Nesting => format!("{count} more than {NESTING_LIMIT} deep"),
        Bound::References => format!("{count} items that refer to too many elements"),
        Bound::Cycle => format!("{count} that hold a record they are in"),
    };
    Gap::at(reason, position, detail)
}
