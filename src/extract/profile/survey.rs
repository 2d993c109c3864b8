//! A page as a profile asks it: its texts, records, facts, metadata and elements, each found before by another room.
//!
//! What is asked for often is looked for once; what is looked for without end is counted, and stops.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value};
use url::Url;

use super::lookup::folded;
use super::selector::{Elements, Selector};
use crate::extract::content::{PageKind, Places};
use crate::extract::locator::Locators;
use crate::extract::metadata;
use crate::extract::tree::{NodeIndex, Tree};
use crate::model::{ExtractedItem, ExtractionType};

/// Records of one page, those inside others included.
const MOST_RECORDS: usize = 20_000;

/// Looks at an element or a byte, in all, for one page.
const MOST_WORK: usize = 400_000_000;

/// What a page is evaluated from.
pub struct PageEvidence<'a> {
    pub uri: &'a str,
    pub kind: PageKind,
    /// `None` for a document that is no markup: nothing can be selected in it.
    pub markup: Option<Markup<'a>>,
    /// Everything that was extracted before.
    pub items: &'a [ExtractedItem],
}

/// The elements of a page.
pub struct Markup<'a> {
    pub tree: &'a Tree,
    pub locators: &'a Locators<'a>,
    /// Where they stand in the page's content.
    pub places: Option<&'a Places>,
}

/// A place in one of a page's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// The ordinal of the content.
    pub content: i64,
    pub bytes: Range<usize>,
}

/// A record, inside another or not.
#[derive(Debug)]
pub(super) struct SurveyedRecord<'a> {
    pub syntax: &'a str,
    pub types: &'a [Value],
    pub properties: &'a Map<String, Value>,
    pub locator: String,
    /// Whether it stands alone, or is what the page says it is about.
    pub is_main: bool,
}

/// A fact, as it is stored.
#[derive(Debug)]
pub(super) struct SurveyedFact<'a> {
    pub attribute: String,
    pub subject: Option<&'a str>,
    pub text: &'a str,
    pub unit: Option<&'a str>,
    pub span: Option<Span>,
    pub locator: String,
}

/// One page.
pub(super) struct Survey<'a> {
    pub page: &'a PageEvidence<'a>,
    pub contents: Vec<(i64, &'a str)>,
    pub metadata: Option<&'a Map<String, Value>>,
    pub base: Option<Url>,
    records: OnceCell<Vec<SurveyedRecord<'a>>>,
    facts: OnceCell<Vec<SurveyedFact<'a>>>,
    elements: OnceCell<Elements<'a>>,
    selected: RefCell<HashMap<String, Rc<[NodeIndex]>>>,
    work: Cell<usize>,
}

impl<'a> Survey<'a> {
    pub fn new(page: &'a PageEvidence<'a>) -> Self {
        let of_type = |wanted| {
            let items = page.items.iter();
            items.filter(move |item| item.extraction_type == wanted)
        };
        let contents = of_type(ExtractionType::Content);
        let metadata = of_type(ExtractionType::Metadata).next();
        Self {
            page,
            contents: contents
                .map(|item| (item.ordinal, item.text.as_str()))
                .collect(),
            metadata: metadata.and_then(|item| item.data.as_object()),
            base: match &page.markup {
                Some(markup) => metadata::base(markup.tree, page.uri),
                None => Url::parse(page.uri).ok(),
            },
            records: OnceCell::new(),
            facts: OnceCell::new(),
            elements: OnceCell::new(),
            selected: RefCell::default(),
            work: Cell::new(0),
        }
    }

    /// Returns what the page says of itself under a name.
    pub fn metadata(&self, key: &str) -> Option<&'a str> {
        self.metadata?.get(key)?.as_str()
    }

    /// Takes some work up; says no once a page has cost more than any may.
    pub fn afford(&self, work: usize) -> bool {
        let spent = self.work.get().saturating_add(work);
        self.work.set(spent);
        spent <= MOST_WORK
    }

    /// Returns the elements that a selector selects; `None` when the page has cost too much already.
    pub fn select(&self, selector: &Selector) -> Option<Rc<[NodeIndex]>> {
        let Some(markup) = &self.page.markup else {
            return Some(Rc::from([]));
        };
        if let Some(known) = self.selected.borrow().get(selector.as_str()) {
            return Some(Rc::clone(known));
        }
        let elements = self.elements.get_or_init(|| Elements::new(markup.tree));
        if !self.afford(elements.all().len().saturating_mul(selector.parts())) {
            return None;
        }
        let found: Rc<[NodeIndex]> = selector.select(elements).into();
        let mut selected = self.selected.borrow_mut();
        selected.insert(selector.as_str().to_owned(), Rc::clone(&found));
        Some(found)
    }

    /// Returns the records of the page, each before those inside it.
    pub fn records(&self) -> &[SurveyedRecord<'a>] {
        self.records.get_or_init(|| {
            let mut records = Vec::new();
            for item in self.page.items {
                if item.extraction_type == ExtractionType::Record {
                    flatten(&item.data, &mut records);
                }
            }
            records
        })
    }

    /// Returns the facts of the page.
    pub fn facts(&self) -> &[SurveyedFact<'a>] {
        self.facts.get_or_init(|| {
            let items = self.page.items.iter();
            let lists = items
                .filter(|item| item.extraction_type == ExtractionType::Facts)
                .filter_map(|item| item.data.get("facts")?.as_array());
            lists.flatten().filter_map(fact).collect()
        })
    }

    /// Finds where a text stands in the contents, as words of its own.
    pub fn locate(&self, text: &str) -> Option<Span> {
        /// A shorter one stands anywhere.
        const LEAST_BYTES: usize = 3;
        if text.len() < LEAST_BYTES {
            return None;
        }
        for (content, whole) in &self.contents {
            if !self.afford(whole.len() / 16) {
                return None;
            }
            let mut from = 0;
            while let Some(found) = whole[from..].find(text) {
                let start = from + found;
                let bytes = start..start + text.len();
                if stands_alone(whole, &bytes) {
                    return Some(Span {
                        content: *content,
                        bytes,
                    });
                }
                from = start + text.chars().next().map_or(1, char::len_utf8);
                if !self.afford(found + 1) {
                    return None;
                }
            }
        }
        None
    }

    /// Returns where an element's text stands in the content, if it stands there as it is.
    pub fn place(&self, node: NodeIndex, text: &str) -> Option<Span> {
        let markup = self.page.markup.as_ref()?;
        let bytes = markup.places?.range(markup.tree, node)?;
        let (content, whole) = self.contents.first()?;
        let is_same = whole
            .get(bytes.clone())?
            .split_whitespace()
            .eq(text.split_whitespace());
        is_same.then_some(Span {
            content: *content,
            bytes,
        })
    }

    /// Returns the text that a span is of.
    pub fn text(&self, span: &Span) -> Option<&'a str> {
        let (_, whole) = self
            .contents
            .iter()
            .find(|(content, _)| *content == span.content)?;
        whole.get(span.bytes.clone())
    }
}

fn stands_alone(text: &str, bytes: &Range<usize>) -> bool {
    let joins = |one: Option<char>, other: Option<char>| {
        one.zip(other).is_some_and(|(one, other)| {
            one.is_alphanumeric() && other.is_alphanumeric() && one.is_ascii() && other.is_ascii()
        })
    };
    let found = &text[bytes.clone()];
    let (before, after) = (&text[..bytes.start], &text[bytes.end..]);
    !joins(before.chars().next_back(), found.chars().next())
        && !joins(found.chars().next_back(), after.chars().next())
}

/// Adds a stored record and those inside it.
fn flatten<'a>(data: &'a Value, records: &mut Vec<SurveyedRecord<'a>>) {
    /// Properties that say what a page or a list is about.
    const ABOUT: &[&str] = &["mainEntity", "mainEntityOfPage", "about", "itemReviewed"];
    let locator = data["locator"].as_str().unwrap_or_default();
    let syntax = data["syntax"].as_str().unwrap_or_default();
    let mut left = vec![(data, String::new(), true)];
    while let Some((record, path, is_main)) = left.pop() {
        let Some(properties) = record.get("properties").and_then(Value::as_object) else {
            continue;
        };
        if records.len() == MOST_RECORDS {
            return;
        }
        let inside = left.len();
        for (name, values) in properties {
            let values = values.as_array().into_iter().flatten();
            for value in values.filter(|value| value.get("properties").is_some()) {
                let is_main = is_main && ABOUT.contains(&name.as_str());
                left.push((value, format!("{path} {name}"), is_main));
            }
        }
        left[inside..].reverse();
        records.push(SurveyedRecord {
            syntax,
            types: record
                .get("types")
                .and_then(Value::as_array)
                .map_or(&[], Vec::as_slice),
            properties,
            locator: format!("{locator}{path}"),
            is_main,
        });
    }
}

fn fact(data: &Value) -> Option<SurveyedFact<'_>> {
    let attribute = data.get("attribute")?.as_str()?;
    let end = |at: usize| usize::try_from(data.get("span")?.get(at)?.as_u64()?).ok();
    let span = end(0).zip(end(1)).map(|(start, end)| Span {
        content: 0,
        bytes: start..end,
    });
    let from = data.get("from").and_then(Value::as_str).unwrap_or("fact");
    let locator = data.get("locator").and_then(Value::as_str);
    Some(SurveyedFact {
        attribute: folded(attribute),
        subject: data.get("subject").and_then(Value::as_str),
        text: data.get("text")?.as_str()?,
        unit: data.get("unit").and_then(Value::as_str),
        span,
        locator: locator.map_or_else(|| format!("{from} {attribute}"), str::to_owned),
    })
}
