//! Microformats: `h-card`, `h-entry`, `h-product`, `h-feed` and their kin, and the older class names for those
//! four (`vcard`, `hentry`, `hproduct`, `hfeed`).
//!
//! Only names of known formats begin a record: `h-full` and `p-4` are how style sheets name sizes.

mod classic;
mod value;

use serde_json::{Value, json};

use super::graph::{Graph, Name, Node};
use super::{Page, Syntax, words};
use crate::extract::tree::{NodeIndex, NodeKind, Tag};

/// What the microformats wiki lists as formats of the second version.
const FORMATS: &[&str] = &[
    "h-adr",
    "h-app",
    "h-breadcrumb",
    "h-card",
    "h-cite",
    "h-entry",
    "h-event",
    "h-feed",
    "h-geo",
    "h-item",
    "h-listing",
    "h-product",
    "h-recipe",
    "h-resume",
    "h-review",
    "h-review-aggregate",
];

/// Says whether a class attribute begins a record.
pub(super) fn begins(classes: &str) -> bool {
    // Most class attributes hold neither, and all of them are looked at.
    let may = classes.contains("h-") || classes.contains("vcard") || classes.contains("hentry");
    (may || classes.contains("hproduct") || classes.contains("hfeed"))
        && classes
            .split_ascii_whitespace()
            .any(|class| FORMATS.contains(&class) || classic::format(class).is_some())
}

/// How a property's value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain,
    Address,
    Time,
    Embedded,
}

/// A record while its element is open.
struct Open {
    end: NodeIndex,
    element: NodeIndex,
    /// `None` when a bound left it out, with all that is in it.
    record: Option<Node>,
    /// The format by whose older names properties are read.
    classic: Option<&'static str>,
    has_names: bool,
    has_addresses: bool,
    has_records: bool,
}

struct Reader<'p, 'g> {
    page: &'p Page<'p>,
    graph: &'g mut Graph,
    open: Vec<Open>,
}

/// Adds every record of the page.
pub(super) fn read(page: &Page<'_>, graph: &mut Graph) {
    let mut reader = Reader {
        page,
        graph,
        open: Vec::new(),
    };
    let mut done = 0;
    for root in page.microformats.iter().copied() {
        if root < done {
            continue;
        }
        done = page.tree.end(root);
        for element in root..done {
            if page.tree.kind(element) == NodeKind::Element {
                reader.close(element);
                reader.element(element);
            }
        }
        reader.close(done);
    }
}

impl Reader<'_, '_> {
    fn close(&mut self, at: NodeIndex) {
        while self.open.last().is_some_and(|open| open.end <= at) {
            if let Some(open) = self.open.pop() {
                self.imply(&open);
            }
        }
    }

    fn element(&mut self, element: NodeIndex) {
        let tree = self.page.tree;
        let Some(classes) = tree.attribute(element, "class") else {
            if let Some(relation) = tree.attribute(element, "rel") {
                self.relation(element, relation);
            }
            return;
        };
        let modern: Vec<String> = classes
            .split_ascii_whitespace()
            .filter(|class| FORMATS.contains(class))
            .map(str::to_owned)
            .collect();
        let older = classes
            .split_ascii_whitespace()
            .find_map(classic::format)
            .filter(|_| modern.is_empty());
        let properties = self.properties(classes);
        let types = match older {
            Some(format) => vec![format.to_owned()],
            None => modern,
        };
        if types.is_empty() {
            self.values(element, &properties);
        } else {
            self.begin(element, &types, older, &properties);
        }
        if let Some(relation) = tree.attribute(element, "rel") {
            self.relation(element, relation);
        }
    }

    fn properties(&self, classes: &str) -> Vec<(Kind, String)> {
        let mut found: Vec<(Kind, String)> = Vec::new();
        let format = self.open.last().and_then(|open| open.classic);
        for class in classes.split_ascii_whitespace() {
            let property = match format {
                Some(format) => {
                    classic::property(format, class).map(|(kind, name)| (kind, name.to_owned()))
                }
                None => modern_property(class),
            };
            found.extend(property);
        }
        found.sort();
        found.dedup();
        found
    }

    fn begin(
        &mut self,
        element: NodeIndex,
        types: &[String],
        classic: Option<&'static str>,
        properties: &[(Kind, String)],
    ) {
        let locators = self.page.locators;
        let syntax = Syntax::Microformats;
        let record = match self.open.last_mut() {
            None => self
                .graph
                .separate(syntax, types.to_vec(), None, || locators.css(element)),
            Some(holder) => {
                holder.has_records |= !properties.is_empty();
                holder.has_names |= properties.iter().any(|(kind, _)| *kind != Kind::Address);
                let mut names: Vec<&str> =
                    properties.iter().map(|(_, name)| name.as_str()).collect();
                if names.is_empty() {
                    names.push("children");
                }
                let mut first = None;
                for name in names {
                    let nested = holder.record.and_then(|owner| {
                        let types = types.to_vec();
                        self.graph
                            .nested(syntax, owner, Name::Of(name), types, None)
                    });
                    first = first.or(nested);
                }
                first
            }
        };
        self.open.push(Open {
            end: self.page.tree.end(element),
            element,
            record,
            classic,
            has_names: false,
            has_addresses: false,
            has_records: false,
        });
    }

    fn values(&mut self, element: NodeIndex, properties: &[(Kind, String)]) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let Some(record) = open.record else { return };
        for (kind, name) in properties {
            match kind {
                Kind::Address => open.has_addresses = true,
                Kind::Plain | Kind::Embedded => open.has_names = true,
                Kind::Time => {}
            }
            if let Some(value) = value::of(self.page, self.graph, element, *kind) {
                self.graph
                    .add(Syntax::Microformats, record, Name::Of(name), json!(value));
            }
        }
    }

    /// Older entries name their address and tags by the relation of a link.
    fn relation(&mut self, element: NodeIndex, relation: &str) {
        let format = self.open.last().and_then(|open| open.classic);
        if format == Some("h-entry") && matches!(self.page.tree.tag(element), Tag::A | Tag::Link) {
            for word in relation.split_ascii_whitespace() {
                match word {
                    "bookmark" => self.values(element, &[(Kind::Address, "url".to_owned())]),
                    "tag" => self.values(element, &[(Kind::Plain, "category".to_owned())]),
                    _ => {}
                }
            }
        }
    }

    /// Adds what a record says without naming it: its name, address and photo.
    fn imply(&mut self, open: &Open) {
        // Of the older names, only a card's record says something without naming it.
        let implies = matches!(open.classic, None | Some("h-card"));
        let Some(record) = open.record.filter(|_| implies) else {
            return;
        };
        let tree = self.page.tree;
        if !open.has_names && !open.has_records && !self.graph.has(record, "name") {
            let own = ["alt", "title"].iter().find_map(|name| {
                let is_of = match *name {
                    "alt" => matches!(tree.tag(open.element), Tag::Img | Tag::Area),
                    _ => tree.tag(open.element) == Tag::Abbr,
                };
                tree.attribute(open.element, name).filter(|_| is_of)
            });
            let name = match own {
                Some(name) => Some(name.trim().to_owned()),
                None => self
                    .graph
                    .text(Syntax::Microformats, tree, open.element)
                    .filter(|name| !name.is_empty()),
            };
            self.implied(record, "name", name);
        }
        if open.has_addresses || open.has_records {
            return;
        }
        for (name, tag) in [("url", Tag::A), ("photo", Tag::Img)] {
            if !self.graph.has(record, name) {
                let holder = self.only(open.element, tag);
                let address = holder.and_then(|holder| self.page.address_of(holder));
                self.implied(record, name, address.filter(|address| !address.is_empty()));
            }
        }
    }

    fn implied(&mut self, record: Node, name: &str, value: Option<String>) {
        if let Some(value) = value {
            let value = Value::String(value);
            self.graph
                .add(Syntax::Microformats, record, Name::Of(name), value);
        }
    }

    /// Returns the element itself or its only child of that kind.
    fn only(&self, element: NodeIndex, tag: Tag) -> Option<NodeIndex> {
        let tree = self.page.tree;
        if tree.tag(element) == tag {
            return Some(element);
        }
        let mut children = tree
            .children(element)
            .filter(|child| tree.tag(*child) == tag);
        let only = children.next()?;
        children.next().is_none().then_some(only)
    }
}

/// Returns a property's kind and name (microformats2, parsing): a prefix, then words of letters.
fn modern_property(class: &str) -> Option<(Kind, String)> {
    let (prefix, name) = class.split_once('-')?;
    let kind = match prefix {
        "p" => Kind::Plain,
        "u" => Kind::Address,
        "dt" => Kind::Time,
        "e" => Kind::Embedded,
        _ => return None,
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase());
    name.split('-')
        .all(is_word)
        .then(|| (kind, name.to_owned()))
}

/// The pattern is for a date or a number; what is larger holds other elements of that class.
const PATTERN_NODES: usize = 100;

/// Returns the elements below `element` that stand for its value (value class pattern), and whether by
/// their title.
fn value_parts(page: &Page<'_>, element: NodeIndex) -> Vec<(NodeIndex, bool)> {
    let tree = page.tree;
    let mut parts = Vec::new();
    if tree.end(element) - element > PATTERN_NODES {
        return parts;
    }
    let mut at = element + 1;
    while at < tree.end(element) {
        let mut is_part = false;
        if tree.kind(at) == NodeKind::Element {
            for class in words(tree, at, "class") {
                is_part |= matches!(class, "value" | "value-title");
            }
        }
        if is_part {
            let by_title = words(tree, at, "class").any(|class| class == "value-title");
            parts.push((at, by_title));
            at = tree.end(at);
        } else {
            at += 1;
        }
    }
    parts
}
