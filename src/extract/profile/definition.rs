//! What a profile asks for: where it applies, its groups with their fields, its rules for entities.
//!
//! Nouns only; they are read by `parser`, and `evaluation` asks pages for them.

use regex::{Regex, RegexSet};
use serde_json::Value;

use super::lookup::Lookup;
use super::path::Path;
use super::selector::Selector;
use crate::model::{EntityType, words};

words! {
    /// What a field's value is.
    FieldType {
        /// A text, white space folded.
        Text = "text",
        Integer = "integer",
        Float = "float",
        Boolean = "boolean",
        /// One of the words that `allowed` or `lookup` lists.
        Enum = "enum",
        /// Several texts.
        List = "list",
        /// ISO 8601.
        Date = "date",
        /// An amount, with its currency beside it.
        Money = "money",
        /// A number, with its unit beside it.
        Quantity = "quantity",
        /// An absolute address.
        Url = "url",
        /// A text of a few sentences.
        Summary = "summary",
    }
}

words! {
    /// Which of several values stays: of one page, where its evidence disagrees, and of several pages.
    Merge {
        /// The one whose evidence weighs most.
        Best = "best",
        /// The first: on a page by the order of evidence, of pages by their addresses.
        First = "first",
        /// That of the page published last.
        Newest = "newest",
        /// That of the page published first.
        Oldest = "oldest",
        /// The one that most evidence, or most pages, agree on.
        Majority = "majority",
        /// Every one, each once.
        All = "all",
        /// The least number or the earliest date.
        Min = "min",
        /// The greatest number or the latest date.
        Max = "max",
    }
}

words! {
    /// What a page says about itself, or what is known of it.
    MetadataKey {
        Title = "title",
        Author = "author",
        Published = "published",
        Modified = "modified",
        Language = "language",
        SiteName = "site_name",
        Description = "description",
        Canonical = "canonical",
        Image = "image",
        Licence = "licence",
        /// The address the page was found at.
        Url = "url",
        /// The sentences that the content begins with.
        Opening = "opening",
    }
}

words! {
    /// A kind of page that a profile may be for.
    PageType {
        Article = "article",
        Forum = "forum",
        Product = "product",
    }
}

/// A profile's text, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Definition {
    pub description: Option<String>,
    pub applies: Applies,
    pub groups: Vec<Group>,
    pub entities: Vec<EntityRule>,
}

/// The pages a profile is for; an empty list asks for nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Applies {
    pub urls: Option<RegexSet>,
    pub page_types: Vec<PageType>,
    /// Primary subtags, lower-case.
    pub languages: Vec<String>,
}

/// Fields that belong together.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub name: String,
    /// Whether a page may hold several instances.
    pub many: bool,
    /// Whether a page without an instance has a gap.
    pub required: bool,
    /// The element that each instance is in.
    pub item: Option<Selector>,
    /// Types of the records that instances are read from.
    pub records: Vec<String>,
    /// The fields whose values say which instances are of the same thing.
    pub key: Vec<String>,
    /// Instances kept of one page.
    pub limit: usize,
    pub fields: Vec<Field>,
}

/// One value that is wanted, and where it may stand.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub name: String,
    pub kind: FieldType,
    /// Tried in turn until one finds something.
    pub selectors: Vec<Selector>,
    pub attribute: Option<String>,
    pub pattern: Option<Regex>,
    pub paths: Vec<Path>,
    /// Names of facts, folded.
    pub labels: Vec<String>,
    pub metadata: Vec<MetadataKey>,
    /// The question for a model.
    pub ask: Option<String>,
    pub required: bool,
    pub default: Option<Value>,
    pub min: Option<Bound>,
    pub max: Option<Bound>,
    pub allowed: Vec<String>,
    pub lookup: Option<Lookup>,
    /// What parts the values of a list that stands in one text.
    pub separator: Option<String>,
    pub merge: Merge,
}

impl Field {
    /// Says whether something else than a model can find it.
    pub fn has_evidence(&self) -> bool {
        !self.selectors.is_empty()
            || self.pattern.is_some()
            || !self.paths.is_empty()
            || !self.labels.is_empty()
            || !self.metadata.is_empty()
    }
}

/// The least or the greatest that a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    /// Of a number the number, of a text its characters, of a list its values.
    Number(f64),
    /// As ISO 8601 writes it, which sorts as it passes.
    Date(String),
}

/// What a profile's dictionary or pattern finds in texts.
#[derive(Debug, Clone)]
pub struct EntityRule {
    pub entity_type: EntityType,
    /// From `terms` and `file`, each with the form that it stands for, if that is another.
    pub terms: Vec<(String, Option<String>)>,
    pub pattern: Option<Regex>,
    /// Whether upper and lower case differ.
    pub case: bool,
    pub whole_words: bool,
    /// What becomes of a match of `pattern`: its groups stand as `${name}` in it.
    pub normalize: Option<String>,
}
