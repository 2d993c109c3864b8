//! Entities and their mentions in a text.

use serde_json::Value;

use super::job::words;

words! {
    /// What kind of thing an entity is.
    EntityType {
        Date = "date",
        Email = "email",
        Money = "money",
        Phone = "phone",
        Url = "url",
    }
}

words! {
    /// What a mention says about its entity.
    Role {
        /// It is named in the text.
        Mention = "mention",
    }
}

/// One place in a text that names an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    pub entity_type: EntityType,
    pub role: Role,
    /// First byte in the extraction's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// `text[start..end]`.
    pub surface: String,
    /// The normal form, by which mentions of one entity are one.
    pub normalized: String,
    /// Parts of the normal form (amount, currency …), an object.
    pub attributes: Value,
    /// From 0 to 1: how sure the recognizer's own validation is.
    pub score: f64,
    /// The recognizer's name.
    pub recognizer: &'static str,
}
