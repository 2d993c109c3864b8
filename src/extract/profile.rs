//! Profiles: which fields of which kind of page are wanted, in TOML, and what of them a page holds.
//!
//! Pure: a profile is made of its text and the texts of the files that it names, and reading those is the
//! caller's. What a page is evaluated from was found before, by the rooms beside this one.
//!
//! # What an extraction of type `fields` holds
//!
//! One instance of one group; ordinals count the instances of a page.
//!
//! ```json
//! {"group": "product", "key": "4006381333931", "fields": [
//!   {"field": "price", "value": 12.5, "raw": "12,50 €", "currency": "EUR", "start": 120, "end": 128, "content": 0,
//!    "locator": "#price", "evidence": "selector", "confidence": 0.9, "merge": "newest"}]}
//! ```
//!
//! `key` is `null` where the group has none or the page does not hold it. `unit` and `currency` stand only where there
//! is one; `start` and `end` are bytes of the content with the ordinal `content`, all three `null` where the value
//! stands in none; `confidence` is `null` for a default. A field of which nothing was found is left out.

mod choice;
mod definition;
mod evaluation;
mod lookup;
mod parser;
mod path;
mod selector;
mod sources;
mod survey;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::{Digest, ExtractedItem, Gap, Hasher};
use crate::toml_keys::{self as keys, Faults};
use definition::Definition;

pub use definition::EntityRule;
pub use survey::{Markup, PageEvidence};

/// The profiles that are always there, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("article", include_str!("profile/built_in/article.toml")),
    ("default", include_str!("profile/built_in/default.toml")),
    (
        "documentation",
        include_str!("profile/built_in/documentation.toml"),
    ),
    ("event", include_str!("profile/built_in/event.toml")),
    (
        "forum-thread",
        include_str!("profile/built_in/forum-thread.toml"),
    ),
    (
        "job-posting",
        include_str!("profile/built_in/job-posting.toml"),
    ),
    (
        "organization",
        include_str!("profile/built_in/organization.toml"),
    ),
    ("product", include_str!("profile/built_in/product.toml")),
    ("recipe", include_str!("profile/built_in/recipe.toml")),
];

/// What a profile begins as, with every key explained.
pub const NEW_PROFILE: &str = include_str!("profile/built_in/new.toml");

/// A named way of extracting; its digest tells old results from new ones. Cheap to clone.
#[derive(Clone)]
pub struct Profile {
    pub name: Arc<str>,
    /// Of the text, the files and what reads them: whatever may change what a page gives.
    pub digest: Digest,
    text: Arc<str>,
    files: Arc<BTreeMap<String, String>>,
    definition: Arc<Definition>,
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Profile {}

impl fmt::Debug for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Profile");
        let debug = debug
            .field("name", &self.name)
            .field("digest", &self.digest);
        debug.finish_non_exhaustive()
    }
}

impl Profile {
    /// The profile used unless another is asked for.
    pub fn default_profile() -> Self {
        Self::built_in("default")
            .unwrap_or_else(|| Self::of("default", "", &BTreeMap::new(), Definition::default()))
    }

    /// Returns a profile that is always there.
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(name, text, &BTreeMap::new()).ok()
    }

    /// Returns the names of the profiles that are always there.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads a profile; `files` holds the text of every file that it names, by the name it has there.
    pub fn parse(name: &str, text: &str, files: &BTreeMap<String, String>) -> Result<Self, Faults> {
        let definition = parser::definition(text, files)?;
        Ok(Self::of(name, text, files, definition))
    }

    /// Returns the files that a profile's text names, to be read from the folder it is in.
    pub fn file_names(text: &str) -> Result<Vec<String>, Faults> {
        parser::file_names(text)
    }

    /// Returns the text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the files that it was read with.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Returns what the profile is for, in one sentence.
    pub fn description(&self) -> Option<&str> {
        self.definition.description.as_deref()
    }

    /// Returns its rules for entities.
    pub fn entities(&self) -> &[EntityRule] {
        &self.definition.entities
    }

    /// Says whether it asks for fields.
    pub fn has_fields(&self) -> bool {
        !self.definition.groups.is_empty()
    }

    /// Returns the names of its groups, each with those of its fields.
    pub fn groups(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        self.definition.groups.iter().map(|group| {
            let fields = group.fields.iter().map(|field| field.name.as_str());
            (group.name.as_str(), fields)
        })
    }

    /// Returns the fields of a page, one item for each instance of a group, and what is missing of them.
    pub fn evaluate(&self, page: &PageEvidence<'_>) -> (Vec<ExtractedItem>, Vec<Gap>) {
        evaluation::evaluate(&self.definition, page)
    }

    fn of(
        name: &str,
        text: &str,
        files: &BTreeMap<String, String>,
        definition: Definition,
    ) -> Self {
        let mut hasher = Hasher::default()
            .part(name)
            .part(super::page::VERSION)
            .part(text);
        if !definition.entities.is_empty() {
            hasher = hasher.part(super::entities::RULES_VERSION);
        }
        for (file, content) in files {
            hasher = hasher.part(file).part(content);
        }
        Self {
            name: name.into(),
            digest: hasher.finish(),
            text: text.into(),
            files: Arc::new(files.clone()),
            definition: Arc::new(definition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_told_by_its_text_and_its_files() {
        let none = BTreeMap::new();
        let files = BTreeMap::from([("a.csv".to_owned(), "x".to_owned())]);
        let of = |text, files| Profile::parse("p", text, files).unwrap().digest;
        assert_eq!(of("", &none), of("", &none));
        assert_ne!(of("", &none), of("# more", &none));
        assert_ne!(of("", &none), of("", &files));
        let names: Vec<_> = Profile::built_in_names().collect();
        assert!(names.iter().all(|name| Profile::built_in(name).is_some()));
        assert_eq!(&*Profile::default_profile().name, "default");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place() {
        let errors = Profile::parse("p", "a = 1\nä = [1,,]\n", &BTreeMap::new()).unwrap_err();
        let first = &errors.0[0];
        assert_eq!((first.line, first.column), (2, 1), "{errors}");
    }
}
