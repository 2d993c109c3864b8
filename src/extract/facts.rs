//! Facts of a page: subject, attribute, value and unit, from tables, definition lists, labelled lines, lists of
//! two parts, and properties that records declare as such.
//!
//! Says what stands on the page and where; a fact's text is never rewritten, and a unit is only told apart
//! where nothing else can be meant. What is no fact stays in the content, so only limits are gaps.

mod declared;
mod lines;
mod lists;
mod quantity;
mod table;

use std::ops::Range;

use serde_json::{Value, json};

use super::content::Content;
use super::inner_text;
use super::locator::Locators;
use super::records::Record;
use super::tree::{NodeIndex, NodeKind, Tag, Tree};
use crate::model::{Gap, Reason};

pub use quantity::{Quantity, quantity};

/// Facts of one page.
pub(super) const FACT_LIMIT: usize = 2_000;

/// An attribute's name is short; a longer one is a sentence.
pub(super) const ATTRIBUTE_BYTES: usize = 100;

/// A value is short; a longer one is a text, and stays in the content.
pub(super) const VALUE_BYTES: usize = 500;

/// What a fact was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Table,
    DefinitionList,
    Label,
    List,
    Record,
}

impl Origin {
    /// Returns the word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::DefinitionList => "definition_list",
            Self::Label => "label",
            Self::List => "list",
            Self::Record => "record",
        }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub origin: Origin,
    /// What it is said of: a row's name, else the caption, heading or title it stands under.
    pub subject: Option<String>,
    pub attribute: String,
    /// The value as it stands, with its unit.
    pub text: String,
    /// The text without its unit.
    pub value: String,
    /// As it stands; `None` where none is certain.
    pub unit: Option<String>,
    /// Bytes of the content's text that are `text`.
    pub span: Option<Range<usize>>,
    /// Where it stands, when that is not in the content.
    pub locator: Option<String>,
}

impl Fact {
    /// Returns the fact's stored form.
    pub fn data(&self) -> Value {
        let mut data = json!({
            "from": self.origin.as_str(),
            "subject": self.subject,
            "attribute": self.attribute,
            "text": self.text,
            "value": self.value,
            "unit": self.unit,
        });
        if let Some(span) = &self.span {
            data["span"] = json!([span.start, span.end]);
        }
        if let Some(locator) = &self.locator {
            data["locator"] = json!(locator);
        }
        data
    }
}

/// What facts are read from.
pub struct Sources<'a> {
    pub tree: &'a Tree,
    pub locators: &'a Locators<'a>,
    pub content: Option<&'a Content>,
    pub records: &'a [Record],
    /// What the page as a whole is about.
    pub title: Option<&'a str>,
}

/// Returns the facts of a page, in the order in which they stand on it, those of records last.
pub fn find(sources: &Sources<'_>) -> (Vec<Fact>, Vec<Gap>) {
    let mut finder = Finder {
        sources,
        headings: (0..sources.tree.len())
            .filter(|node| sources.tree.tag(*node).is_heading())
            .collect(),
        found: Vec::new(),
        cut: 0,
    };
    let mut gaps = table::read(&mut finder);
    lists::read(&mut finder);
    lines::read(&mut finder);
    finder.found.sort_by_key(|(node, _)| *node);
    let mut facts: Vec<Fact> = finder.found.drain(..).map(|(_, fact)| fact).collect();
    let mut cut = finder.cut;
    for fact in declared::facts(sources.records) {
        if facts.len() < FACT_LIMIT {
            facts.push(fact);
        } else {
            cut += 1;
        }
    }
    if cut > 0 {
        let detail = format!("{cut} beyond {FACT_LIMIT} facts, or beyond the names of one value");
        gaps.push(Gap::at(Reason::FactsCut, "facts", detail));
    }
    (facts, gaps)
}

/// Facts found so far, each with the node it stands at.
struct Finder<'s> {
    sources: &'s Sources<'s>,
    headings: Vec<NodeIndex>,
    found: Vec<(NodeIndex, Fact)>,
    cut: usize,
}

/// A text on the page that may become a fact's value.
#[derive(Debug, Clone)]
struct Piece {
    node: NodeIndex,
    text: String,
    span: Option<Range<usize>>,
}

impl<'s> Finder<'s> {
    fn tree(&self) -> &'s Tree {
        self.sources.tree
    }

    /// Returns an element's text and where it stands; `None` when it is empty or too long for a value.
    fn piece(&self, node: NodeIndex) -> Option<Piece> {
        let text = inner_text::of(self.tree(), node, VALUE_BYTES + 1)?;
        self.placed(node, self.tree().end(node), text)
    }

    /// Finds the text of the nodes from `first` up to `end` in the content, if it stands there as it is.
    fn placed(&self, first: NodeIndex, end: NodeIndex, text: String) -> Option<Piece> {
        if text.is_empty() {
            return None;
        }
        let span = self.sources.content.and_then(|content| {
            let span = content.places.between(first, end)?;
            let is_same = content.text[span.clone()]
                .split_whitespace()
                .eq(text.split_whitespace());
            is_same.then_some(span)
        });
        let text = match (&span, self.sources.content) {
            (Some(span), Some(content)) => content.text[span.clone()].to_owned(),
            _ => text,
        };
        Some(Piece {
            node: first,
            text,
            span,
        })
    }

    fn add(&mut self, origin: Origin, subject: Option<String>, attribute: &str, value: Piece) {
        if self.is_full() {
            self.cut += 1;
            return;
        }
        let attribute = attribute
            .trim()
            .trim_end_matches([':', '：'])
            .trim_end()
            .to_owned();
        if attribute.is_empty() || attribute.len() > ATTRIBUTE_BYTES {
            return;
        }
        let Quantity { value: bare, unit } = quantity(&value.text);
        let locator = match value.span {
            Some(_) => None,
            None => Some(self.sources.locators.css(value.node)),
        };
        let fact = Fact {
            origin,
            subject: subject.filter(|subject| !subject.is_empty()),
            attribute,
            value: bare.to_owned(),
            unit: unit.map(str::to_owned),
            text: value.text,
            span: value.span,
            locator,
        };
        self.found.push((value.node, fact));
    }

    /// Says whether as many facts are found as are kept.
    fn is_full(&self) -> bool {
        self.found.len() >= FACT_LIMIT
    }

    /// Returns the heading that stands last before `node`, else the page's title.
    fn heading_before(&self, node: NodeIndex) -> Option<String> {
        let tree = self.tree();
        let before = self.headings.partition_point(|heading| *heading < node);
        let heading = self.headings[..before].last();
        heading
            .and_then(|heading| inner_text::of(tree, *heading, ATTRIBUTE_BYTES + 1))
            .filter(|text| !text.is_empty())
            .or_else(|| self.sources.title.map(str::to_owned))
    }

    /// Says whether an element is around the content: its lists and lines lead elsewhere.
    fn is_around(&self, node: NodeIndex) -> bool {
        matches!(
            self.tree().tag(node),
            Tag::Nav
                | Tag::Footer
                | Tag::Form
                | Tag::Search
                | Tag::Head
                | Tag::Script
                | Tag::Style
                | Tag::Noscript
                | Tag::Template
                | Tag::Svg
                | Tag::Select
                | Tag::Button
                | Tag::Textarea
                | Tag::Iframe
                | Tag::Menu
        )
    }

    /// Says whether all of an element's text is one link.
    fn is_link(&self, node: NodeIndex) -> bool {
        let tree = self.tree();
        let mut link_end = 0;
        for at in node..tree.end(node) {
            match tree.kind(at) {
                NodeKind::Element if tree.tag(at) == Tag::A => link_end = tree.end(at),
                NodeKind::Text if at >= link_end && !tree.text(at).trim().is_empty() => {
                    return false;
                }
                _ => {}
            }
        }
        link_end > 0
    }
}

#[cfg(test)]
mod tests;
