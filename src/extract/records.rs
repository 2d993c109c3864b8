//! Structured records that a page carries, in one form whatever syntax they are written in: JSON-LD,
//! Microdata, RDFa Lite, microformats, and the OpenGraph, Twitter and Dublin Core properties of its head.
//!
//! Finds and reads them; what a record means is not decided here. Each syntax is one file that fills a
//! `graph`: flat, so that nothing recurses on the input, and bounded, so that each bound is a gap.

mod graph;
mod head;
mod json_ld;
mod microdata;
mod microformats;
mod names;
mod rdfa;

use serde_json::{Map, Value, json};
use url::Url;

use super::locator::Locators;
use super::tree::{self, NodeIndex, NodeKind, Tag, Tree};
use crate::model::Gap;
use graph::Graph;

pub use json_ld::JsonLdNode;
pub(super) use names::shortened;

/// How a record is written on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    JsonLd,
    Microdata,
    Rdfa,
    Microformats,
    OpenGraph,
    Twitter,
    DublinCore,
}

impl Syntax {
    /// Returns the word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonLd => "json-ld",
            Self::Microdata => "microdata",
            Self::Rdfa => "rdfa",
            Self::Microformats => "microformats",
            Self::OpenGraph => "opengraph",
            Self::Twitter => "twitter",
            Self::DublinCore => "dublin-core",
        }
    }
}

/// Says whether a stored record is one of those in which a page's head speaks of the page itself.
pub fn is_of_head(data: &Value) -> bool {
    data["syntax"].as_str().is_some_and(is_head_syntax)
}

/// Says the same of the word for a record's syntax.
pub fn is_head_syntax(syntax: &str) -> bool {
    let of_head = [Syntax::OpenGraph, Syntax::Twitter, Syntax::DublinCore];
    of_head.iter().any(|one| one.as_str() == syntax)
}

/// One record that no other record of the page holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub syntax: Syntax,
    /// Bare names for schema.org's, whole addresses for any other that has one.
    pub types: Vec<String>,
    /// What other records refer to it by.
    pub id: Option<String>,
    /// Lists of values by name. A value is a string, a number, a boolean, a record of its own (an object
    /// with `properties`), a reference (an object with nothing but `id`), or a text with its `language` or `datatype`.
    pub properties: Map<String, Value>,
    /// The same for properties that point at this record instead of from it.
    pub reverse: Map<String, Value>,
    /// A CSS selector; for JSON-LD the block's number, then the way inside it as a JSON pointer (RFC 6901).
    pub locators: Vec<String>,
}

impl Record {
    /// Returns the record's stored form.
    pub fn data(&self) -> Value {
        let mut data = json!({
            "syntax": self.syntax.as_str(),
            "types": self.types,
            "properties": self.properties,
            "locator": self.locators.first(),
        });
        if let Some(id) = &self.id {
            data["id"] = json!(id);
        }
        if !self.reverse.is_empty() {
            data["reverse"] = json!(self.reverse);
        }
        if self.locators.len() > 1 {
            data["also_at"] = json!(self.locators[1..]);
        }
        data
    }
}

/// Everything structured that a page carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    pub records: Vec<Record>,
    /// The JSON-LD nodes as they are written.
    pub json_ld: Vec<JsonLdNode>,
    pub gaps: Vec<Gap>,
}

/// Reads every record of a page found at `uri`.
pub fn read(tree: &Tree, locators: &Locators<'_>, uri: &str) -> Records {
    let page = Page::survey(tree, locators, base_of(tree, uri));
    let (json_ld, mut gaps) = json_ld::read(tree);
    let mut graph = Graph::default();
    json_ld::normalize(&json_ld, page.base.as_ref(), &mut graph);
    microdata::read(&page, &mut graph);
    rdfa::read(&page, &mut graph);
    microformats::read(&page, &mut graph);
    head::read(&page, &mut graph);
    read_noscript(&page, &mut graph);
    let (records, bounds) = graph.finish();
    gaps.extend(bounds);
    Records {
        records,
        json_ld,
        gaps,
    }
}

/// Reads what a page keeps for readers without scripts, which the parser takes for text, as a browser with
/// scripts does: some forums put all their posts there.
fn read_noscript(page: &Page<'_>, graph: &mut Graph) {
    const MARKS: &[&str] = &[
        "itemscope",
        "typeof",
        "h-entry",
        "hentry",
        "h-card",
        "vcard",
    ];
    for node in page.tree.elements(0, Tag::Noscript) {
        let html = page.tree.raw_text(node);
        if !MARKS.iter().any(|mark| html.contains(mark)) {
            continue;
        }
        let tree = tree::parse(&html);
        let locators = Locators::new(&tree).inside(page.locators.css(node));
        let inner = Page::survey(&tree, &locators, page.base.clone());
        microdata::read(&inner, graph);
        rdfa::read(&inner, graph);
        microformats::read(&inner, graph);
    }
}

/// A page with the elements that each syntax is about, in document order.
struct Page<'a> {
    tree: &'a Tree,
    locators: &'a Locators<'a>,
    base: Option<Url>,
    /// With `itemscope` or `itemprop`.
    microdata: Vec<NodeIndex>,
    /// With an attribute of RDFa Lite, or `about`.
    rdfa: Vec<NodeIndex>,
    /// With a class that a microformat begins with.
    microformats: Vec<NodeIndex>,
}

impl<'a> Page<'a> {
    fn survey(tree: &'a Tree, locators: &'a Locators<'a>, base: Option<Url>) -> Self {
        let mut page = Self {
            tree,
            locators,
            base,
            microdata: Vec::new(),
            rdfa: Vec::new(),
            microformats: Vec::new(),
        };
        for node in 0..tree.len() {
            if tree.kind(node) != NodeKind::Element {
                continue;
            }
            let (mut in_microdata, mut in_rdfa, mut begins) = (false, false, false);
            for (name, value) in tree.attributes(node) {
                match name {
                    "itemscope" | "itemprop" => in_microdata = true,
                    "typeof" | "property" | "vocab" | "prefix" | "resource" | "about" => {
                        in_rdfa = true;
                    }
                    "class" => begins |= microformats::begins(value),
                    _ => in_rdfa |= name.starts_with("xmlns:"),
                }
            }
            if in_microdata {
                page.microdata.push(node);
            }
            if in_rdfa {
                page.rdfa.push(node);
            }
            if begins {
                page.microformats.push(node);
            }
        }
        page
    }

    /// Returns an address in full; as it stands where that cannot be told.
    fn resolved(&self, address: &str) -> String {
        resolved(self.base.as_ref(), address)
    }

    /// Returns what a microdata or microformats property takes from the element's address, if it has one.
    fn address_of(&self, node: NodeIndex) -> Option<String> {
        let name = match self.tree.tag(node) {
            Tag::A | Tag::Area | Tag::Link => "href",
            Tag::Audio
            | Tag::Embed
            | Tag::Iframe
            | Tag::Img
            | Tag::Source
            | Tag::Track
            | Tag::Video => "src",
            Tag::Object => "data",
            _ => return None,
        };
        Some(self.resolved(self.tree.attribute(node, name).unwrap_or_default()))
    }
}

fn base_of(tree: &Tree, uri: &str) -> Option<Url> {
    let own = Url::parse(uri).ok();
    let declared = tree
        .elements(0, Tag::Base)
        .find_map(|node| tree.attribute(node, "href"));
    match (&own, declared) {
        (Some(own), Some(declared)) => own.join(declared).ok().or_else(|| Some(own.clone())),
        (None, Some(declared)) => Url::parse(declared).ok(),
        (_, None) => own,
    }
}

fn resolved(base: Option<&Url>, address: &str) -> String {
    let address = address.trim();
    if address.is_empty() {
        return String::new();
    }
    base.and_then(|base| base.join(address).ok())
        .map_or_else(|| address.to_owned(), String::from)
}

/// Returns the words of an attribute.
fn words<'a>(tree: &'a Tree, node: NodeIndex, name: &str) -> impl Iterator<Item = &'a str> {
    tree.attribute(node, name)
        .unwrap_or_default()
        .split_ascii_whitespace()
}

#[cfg(test)]
mod tests;
