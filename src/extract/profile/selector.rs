//! CSS selectors (Selectors 4, the part that needs neither namespaces nor the state of a page), over our own tree.
//!
//! Own code, because the known crates ask for a tree of their own kind, go back over a page where a combinator
//! lets them, and are under a licence that is not among ours. Here a step of a selector goes once over what the
//! step before has found, so that the work is the page's size times the selector's, whatever either looks like.

mod elements;
mod parser;

use super::super::tree::{NodeIndex, Tag};

pub(super) use elements::Elements;

/// A list of selectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    alternatives: Vec<Complex>,
    written: String,
    /// Parts that are looked at for each element.
    parts: usize,
}

/// Compounds from left to right, each with what joins it to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complex(Vec<(Combinator, Compound)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

/// What one element must be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Compound {
    tag: Option<Tag>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Id(String),
    Class(String),
    Attribute(AttributeTest),
    Position(Position),
    Empty,
    Root,
    Not(Vec<Complex>),
    Is(Vec<Complex>),
    /// An element that is joined to this one so.
    Has(Vec<(Combinator, Compound)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct AttributeTest {
    name: String,
    operator: Operator,
    value: String,
    ignores_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Exists,
    Equals,
    Word,
    Dash,
    Prefix,
    Suffix,
    Substring,
}

/// The `step * n + offset`th of its siblings, for some n from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    step: i32,
    offset: i32,
    of_type: bool,
    from_end: bool,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SelectorError {
    /// In bytes of the selector.
    pub at: usize,
    pub message: String,
    pub fix: String,
}

impl Selector {
    /// Reads a list of selectors.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        parser::parse(text)
    }

    /// Returns the selector as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Counts what it looks at for each element, at most.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// Returns the elements that it selects, in document order.
    pub fn select(&self, elements: &Elements<'_>) -> Vec<NodeIndex> {
        elements.select_any(&self.alternatives)
    }
}

impl AttributeTest {
    fn holds(&self, found: &str) -> bool {
        if self.ignores_case {
            let (found, value) = (found.to_ascii_lowercase(), self.value.to_ascii_lowercase());
            return self.operator.holds(&found, &value);
        }
        self.operator.holds(found, &self.value)
    }
}

impl Operator {
    fn holds(self, found: &str, value: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Equals => found == value,
            Self::Word => found.split_ascii_whitespace().any(|word| word == value),
            Self::Dash => found
                .strip_prefix(value)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            // An empty value selects nothing (Selectors 4, 6.2).
            Self::Prefix => !value.is_empty() && found.starts_with(value),
            Self::Suffix => !value.is_empty() && found.ends_with(value),
            Self::Substring => !value.is_empty() && found.contains(value),
        }
    }
}

impl Position {
    fn holds(self, ordinal: u32) -> bool {
        let away = i64::from(ordinal) - i64::from(self.offset);
        match i64::from(self.step) {
            0 => away == 0,
            step => away % step == 0 && away / step >= 0,
        }
    }
}

#[cfg(test)]
mod tests;
