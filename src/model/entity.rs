//! Entities and their mentions in a text.

use serde_json::Value;

use super::job::words;

words! {
    /// What kind of thing an entity is.
    EntityType {
        Age = "age",
        /// A payment card; only its last digits are kept.
        Card = "card",
        Cve = "cve",
        Date = "date",
        DateRange = "date_range",
        Datetime = "datetime",
        DatetimeRange = "datetime_range",
        /// A checksum as hexadecimal digits.
        Digest = "digest",
        Doi = "doi",
        Duration = "duration",
        Email = "email",
        /// Something a plan gives.
        Feature = "feature",
        Guid = "guid",
        Handle = "handle",
        Hashtag = "hashtag",
        Iban = "iban",
        Ip = "ip",
        Isbn = "isbn",
        Issn = "issn",
        /// How much of something a time allows.
        Limit = "limit",
        Money = "money",
        Number = "number",
        Orcid = "orcid",
        Ordinal = "ordinal",
        Organization = "organization",
        Percentage = "percentage",
        Person = "person",
        Phone = "phone",
        Place = "place",
        /// What a service is sold as.
        Plan = "plan",
        /// What one unit of something costs.
        Pricing = "pricing",
        Product = "product",
        /// A number with a unit that is measured in.
        Quantity = "quantity",
        /// Times that come again.
        Set = "set",
        Temperature = "temperature",
        Time = "time",
        TimeRange = "time_range",
        Url = "url",
        Version = "version",
    }
}

impl EntityType {
    /// Returns the word in capitals, as annotations name types.
    pub fn label(self) -> String {
        self.as_str().to_ascii_uppercase()
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
