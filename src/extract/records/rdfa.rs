//! RDFa Lite 1.1: `vocab`, `typeof`, `property`, `resource` and `prefix`; of RDFa's rest only `about`, which
//! older pages name their subjects with.
//!
//! `href` and `src` are values of a property, never a subject of what stands inside: pages put properties into
//! links and do not mean the link's target. What OpenGraph, Twitter and Dublin Core name in the head is theirs.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::graph::{Graph, Name, Node};
use super::names::{known_prefix, shortened};
use super::{Page, Syntax, head, words};
use crate::extract::tree::{NodeIndex, Tag};

/// What the properties of an element belong to.
#[derive(Clone)]
enum Subject {
    /// The page itself, which has no record until something is said of it.
    Page,
    Named(Rc<str>),
    Record(Node),
    /// A record that a bound has left out, with all that is in it.
    LeftOut,
}

impl Subject {
    fn record(&self) -> Option<Node> {
        match self {
            Self::Record(node) => Some(*node),
            _ => None,
        }
    }
}

/// What holds inside an element.
#[derive(Clone)]
struct Scope {
    end: NodeIndex,
    vocabulary: Option<Rc<str>>,
    prefixes: Option<Rc<Prefixes>>,
    subject: Subject,
}

/// Prefixes as declared by one element, then by those around it.
struct Prefixes {
    own: Vec<(String, String)>,
    outer: Option<Rc<Prefixes>>,
}

struct Reader<'p, 'g> {
    page: &'p Page<'p>,
    graph: &'g mut Graph,
    /// What is said of one subject in several places is one record; the page's own has no name here.
    known: HashMap<Option<Rc<str>>, Subject>,
}

/// Adds every record of the page.
pub(super) fn read(page: &Page<'_>, graph: &mut Graph) {
    let mut reader = Reader {
        page,
        graph,
        known: HashMap::new(),
    };
    let mut scopes = vec![Scope {
        end: usize::MAX,
        vocabulary: None,
        prefixes: None,
        subject: Subject::Page,
    }];
    for element in page.rdfa.iter().copied() {
        while scopes.len() > 1 && scopes.last().is_some_and(|scope| scope.end <= element) {
            scopes.pop();
        }
        let Some(outer) = scopes.last() else { return };
        let scope = reader.element(element, outer);
        scopes.push(scope);
    }
}

impl Reader<'_, '_> {
    /// Reads one element and returns what holds inside it (RDFa Core 1.1, 7.5).
    fn element(&mut self, element: NodeIndex, outer: &Scope) -> Scope {
        let mut scope = outer.clone();
        scope.end = self.page.tree.end(element);
        if let Some(vocabulary) = self.attribute(element, "vocab") {
            scope.vocabulary = Some(vocabulary.into()).filter(|_| !vocabulary.is_empty());
        }
        if let Some(own) = self.prefixes(element) {
            let outer = scope.prefixes.take();
            scope.prefixes = Some(Rc::new(Prefixes { own, outer }));
        }
        let types = self.names(element, "typeof", &scope);
        let has_type = self.page.tree.attribute(element, "typeof").is_some();
        let properties = self.names(element, "property", &scope);
        let about = self.attribute(element, "about");
        let resource = self.attribute(element, "resource");
        let is_literal = self.page.tree.attribute(element, "content").is_some();
        if properties.is_empty() || is_literal {
            if let Some(id) = about.or(resource) {
                scope.subject = Subject::Named(self.identifier(id, &scope).into());
            } else if has_type {
                scope.subject = self.record(element, types.clone(), None);
            }
            if has_type && !types.is_empty() {
                self.give_types(element, &mut scope.subject, types);
            }
            self.values(element, &mut scope.subject, &properties);
            return scope;
        }
        if let Some(id) = about {
            scope.subject = Subject::Named(self.identifier(id, &scope).into());
        }
        if !has_type {
            self.values(element, &mut scope.subject, &properties);
            return scope;
        }
        if about.is_some() {
            self.give_types(element, &mut scope.subject, types);
            self.values(element, &mut scope.subject, &properties);
            return scope;
        }
        let link = || self.page.address_of(element);
        let id = match resource {
            Some(id) => Some(self.identifier(id, &scope)),
            None => link().filter(|id| !id.is_empty()),
        };
        let Some(owner) = self.node(element, &mut scope.subject) else {
            scope.subject = Subject::LeftOut;
            return scope;
        };
        let mut inside = Subject::LeftOut;
        for name in &properties {
            let name = Name::Of(name);
            let nested = self
                .graph
                .nested(Syntax::Rdfa, owner, name, types.clone(), id.clone());
            // Of several names, what stands inside goes to the first alone.
            if let (Some(node), Subject::LeftOut) = (nested, &inside) {
                inside = Subject::Record(node);
            }
        }
        scope.subject = inside;
        scope
    }

    fn attribute(&self, element: NodeIndex, name: &str) -> Option<&str> {
        self.page.tree.attribute(element, name).map(str::trim)
    }

    fn prefixes(&self, element: NodeIndex) -> Option<Vec<(String, String)>> {
        let tree = self.page.tree;
        let mut own = Vec::new();
        let mut parts = words(tree, element, "prefix").peekable();
        while let Some(part) = parts.next() {
            // A prefix ends with a colon; what follows is its address.
            if let (Some(prefix), Some(address)) = (part.strip_suffix(':'), parts.peek()) {
                own.push((prefix.to_lowercase(), (*address).to_owned()));
                parts.next();
            }
        }
        for (name, address) in tree.attributes(element) {
            if let Some(prefix) = name.strip_prefix("xmlns:") {
                own.push((prefix.to_lowercase(), address.trim().to_owned()));
            }
        }
        (!own.is_empty()).then_some(own)
    }

    /// Returns the names in an attribute that stand for something: a bare one needs a vocabulary.
    fn names(&self, element: NodeIndex, attribute: &str, scope: &Scope) -> Vec<String> {
        let names = words(self.page.tree, element, attribute);
        let is_of_head = |name: &str| {
            self.page.tree.tag(element) == Tag::Meta
                && (head::is_open_graph(name) || head::is_twitter(name))
        };
        names
            .filter(|name| !is_of_head(name))
            .filter_map(|name| full_name(name, scope))
            .collect()
    }

    fn identifier(&self, id: &str, scope: &Scope) -> String {
        let id = id.trim_start_matches('[').trim_end_matches(']');
        if id.starts_with("_:") {
            return id.to_owned();
        }
        declared(id, scope).unwrap_or_else(|| self.page.resolved(id))
    }

    fn record(&mut self, element: NodeIndex, types: Vec<String>, id: Option<String>) -> Subject {
        let locators = self.page.locators;
        let record = self
            .graph
            .separate(Syntax::Rdfa, types, id, || locators.css(element));
        record.map_or(Subject::LeftOut, Subject::Record)
    }

    /// Returns the subject's record and makes it where there is none yet.
    fn node(&mut self, element: NodeIndex, subject: &mut Subject) -> Option<Node> {
        let name = match subject {
            Subject::Page => None,
            Subject::Named(id) => Some(id.clone()),
            Subject::Record(_) | Subject::LeftOut => return subject.record(),
        };
        *subject = if let Some(known) = self.known.get(&name) {
            known.clone()
        } else {
            let made = self.record(element, Vec::new(), name.as_deref().map(str::to_owned));
            self.known.insert(name, made.clone());
            made
        };
        subject.record()
    }

    fn give_types(&mut self, element: NodeIndex, subject: &mut Subject, types: Vec<String>) {
        if let Some(node) = self.node(element, subject) {
            self.graph.add_types(node, types);
        }
    }

    fn values(&mut self, element: NodeIndex, subject: &mut Subject, properties: &[String]) {
        if properties.is_empty() {
            return;
        }
        let Some(value) = self.value(element) else {
            return;
        };
        let Some(node) = self.node(element, subject) else {
            return;
        };
        for name in properties {
            self.graph
                .add(Syntax::Rdfa, node, Name::Of(name), value.clone());
        }
    }

    fn value(&mut self, element: NodeIndex) -> Option<Value> {
        let tree = self.page.tree;
        if let Some(content) = self.attribute(element, "content") {
            return Some(json!(content));
        }
        if tree.tag(element) == Tag::Time
            && let Some(time) = self.attribute(element, "datetime")
        {
            return Some(json!(time));
        }
        if let Some(id) = self.attribute(element, "resource") {
            return Some(json!({"id": self.page.resolved(id)}));
        }
        let address = ["href", "src"]
            .iter()
            .find_map(|name| self.attribute(element, name));
        if let Some(address) = address {
            return Some(json!(self.page.resolved(address)));
        }
        let text = self.graph.text(Syntax::Rdfa, tree, element);
        text.map(Value::String)
    }
}

/// Returns the address or schema.org's bare name that a name stands for.
fn full_name(name: &str, scope: &Scope) -> Option<String> {
    if name.contains(':') {
        let whole = declared(name, scope);
        return Some(shortened(whole.as_deref().unwrap_or(name)).to_owned());
    }
    let vocabulary = scope.vocabulary.as_deref()?;
    // A vocabulary is a prefix; many pages leave out the slash at its end.
    let joint = if vocabulary.ends_with(['/', '#']) {
        ""
    } else {
        "/"
    };
    Some(shortened(&format!("{vocabulary}{joint}{name}")).to_owned())
}

/// Returns what a name with a prefix stands for, if the prefix is known.
fn declared(name: &str, scope: &Scope) -> Option<String> {
    let (prefix, rest) = name.split_once(':')?;
    if rest.starts_with("//") {
        return None;
    }
    let chain = std::iter::successors(scope.prefixes.as_deref(), |prefixes| {
        prefixes.outer.as_deref()
    });
    let lower = prefix.to_lowercase();
    let own = chain
        .flat_map(|prefixes| prefixes.own.iter().rev())
        .find_map(|(known, address)| (*known == lower).then_some(address.as_str()));
    let address = own.or_else(|| known_prefix(prefix))?;
    Some(format!("{address}{rest}"))
}
