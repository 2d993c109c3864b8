//! Microdata (HTML, 5): items with their properties, `itemref` followed, values by the rule of each element.
//!
//! Beyond the standard, as schema.org's own examples and its readers have it: `content` is the value of any
//! element, and an item that is a property of none is a record all the same.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use super::graph::{Bound, Graph, NESTING_LIMIT, Name, Node};
use super::names::shortened;
use super::{Page, Syntax, words};
use crate::extract::tree::{NodeIndex, Tag};

/// Elements that all items of a page together may be made of; only `itemref` can name one twice.
const ELEMENT_LIMIT: usize = 200_000;

/// An item that waits for its properties.
struct Waiting {
    record: Node,
    element: NodeIndex,
    /// Its place in the list of items taken up, by which its holders are found.
    place: usize,
}

struct Reader<'p, 'g> {
    page: &'p Page<'p>,
    graph: &'g mut Graph,
    waiting: VecDeque<Waiting>,
    /// Each item taken up, with the place of the one that holds it.
    taken: Vec<(NodeIndex, Option<usize>)>,
    is_taken: BTreeSet<NodeIndex>,
    looked_at: usize,
}

/// Adds every item of the page.
pub(super) fn read(page: &Page<'_>, graph: &mut Graph) {
    let mut reader = Reader {
        page,
        graph,
        waiting: VecDeque::new(),
        taken: Vec::new(),
        is_taken: BTreeSet::new(),
        looked_at: 0,
    };
    let tree = page.tree;
    let scopes = || {
        let elements = page.microdata.iter().copied();
        elements.filter(|element| tree.attribute(*element, "itemscope").is_some())
    };
    for element in scopes().filter(|element| tree.attribute(*element, "itemprop").is_none()) {
        reader.item(element);
    }
    for element in scopes() {
        if !reader.is_taken.contains(&element) {
            reader.item(element);
        }
    }
}

impl Reader<'_, '_> {
    fn item(&mut self, element: NodeIndex) {
        let (types, id) = (self.types(element), self.id(element));
        let locators = self.page.locators;
        // Microdata knows no joining: two items of one id are two items.
        let record = self
            .graph
            .separate(Syntax::Microdata, types, id, || locators.css(element));
        let Some(record) = record else { return };
        self.take(record, element, None);
        while let Some(waiting) = self.waiting.pop_front() {
            self.properties(&waiting);
        }
    }

    fn take(&mut self, record: Node, element: NodeIndex, holder: Option<usize>) {
        self.is_taken.insert(element);
        self.taken.push((element, holder));
        self.waiting.push_back(Waiting {
            record,
            element,
            place: self.taken.len() - 1,
        });
    }

    fn types(&self, element: NodeIndex) -> Vec<String> {
        let types = words(self.page.tree, element, "itemtype");
        types.map(|name| shortened(name).to_owned()).collect()
    }

    fn id(&self, element: NodeIndex) -> Option<String> {
        let id = self.page.tree.attribute(element, "itemid")?;
        Some(self.page.resolved(id)).filter(|id| !id.is_empty())
    }

    fn properties(&mut self, item: &Waiting) {
        for element in self.elements(item.element) {
            let is_item = self.page.tree.attribute(element, "itemscope").is_some();
            let value = (!is_item).then(|| self.value(element));
            let names: BTreeSet<&str> = words(self.page.tree, element, "itemprop").collect();
            for name in names {
                let name = Name::Of(shortened(name));
                match &value {
                    Some(Some(value)) => {
                        self.graph
                            .add(Syntax::Microdata, item.record, name, value.clone());
                    }
                    Some(None) => {}
                    None => self.nested(item, name, element),
                }
            }
        }
    }

    fn nested(&mut self, item: &Waiting, name: Name<'_>, element: NodeIndex) {
        let mut holder = Some(item.place);
        // No chain is longer than the graph lets records nest.
        for _ in 0..=NESTING_LIMIT {
            let Some(place) = holder else { break };
            let (held, next) = self.taken[place];
            if held == element {
                return self.graph.leave_out(Syntax::Microdata, Bound::Cycle);
            }
            holder = next;
        }
        let (types, id) = (self.types(element), self.id(element));
        let nested = self
            .graph
            .nested(Syntax::Microdata, item.record, name, types, id);
        // What nests too deep is not taken, and so becomes a record of its own.
        if let Some(record) = nested {
            self.take(record, element, Some(item.place));
        }
    }

    /// Returns the elements that are an item's properties, in document order (HTML, 5.2.5).
    fn elements(&mut self, item: NodeIndex) -> BTreeSet<NodeIndex> {
        let page = self.page;
        let mut found = BTreeSet::new();
        let mut ranges = vec![(item + 1, page.tree.end(item))];
        let referred: BTreeSet<&str> = words(page.tree, item, "itemref").collect();
        for id in referred {
            if let Some(element) = page.locators.by_id(id).filter(|element| *element != item) {
                ranges.push((element, page.tree.end(element)));
            }
        }
        for (first, end) in ranges {
            let mut at = page.microdata.partition_point(|element| *element < first);
            while let Some(element) = page.microdata.get(at).copied().filter(|one| *one < end) {
                if self.looked_at >= ELEMENT_LIMIT {
                    self.graph.leave_out(Syntax::Microdata, Bound::References);
                    return found;
                }
                self.looked_at += 1;
                if page.tree.attribute(element, "itemprop").is_some() {
                    found.insert(element);
                }
                at += 1;
                if page.tree.attribute(element, "itemscope").is_some() {
                    let after = page.tree.end(element);
                    at += page.microdata[at..].partition_point(|inner| *inner < after);
                }
            }
        }
        found
    }

    /// Returns an element's value (HTML, 5.2.4); `None` when it is larger than what may still be kept.
    fn value(&mut self, element: NodeIndex) -> Option<Value> {
        let tree = self.page.tree;
        let attribute = |name| tree.attribute(element, name);
        if let Some(address) = self.page.address_of(element) {
            return Some(Value::String(address));
        }
        let declared = match tree.tag(element) {
            Tag::Meta => Some(attribute("content").unwrap_or_default()),
            Tag::Data | Tag::Meter => Some(attribute("value").unwrap_or_default()),
            Tag::Time => attribute("datetime"),
            _ => None,
        };
        if let Some(value) = declared.or_else(|| attribute("content")) {
            return Some(Value::String(value.trim().to_owned()));
        }
        let text = self.graph.text(Syntax::Microdata, tree, element);
        text.map(Value::String)
    }
}
