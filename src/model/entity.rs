//! Entities and their mentions in a text.

use std::borrow::Cow;

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

    /// Returns what is kept of the text that a mention of this type covers: of a card the last four digits.
    pub fn surface_of(self, text: &str) -> Cow<'_, str> {
        const SHOWN: usize = 4;
        if self != Self::Card {
            return Cow::Borrowed(text);
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let mut hidden = digits.saturating_sub(SHOWN);
        let masked = |c: char| {
            let hides = c.is_ascii_digit() && hidden > 0;
            hidden -= usize::from(hides);
            if hides { '*' } else { c }
        };
        text.chars().map(masked).collect()
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
    /// `text[start..end]`, as [`EntityType::surface_of`] keeps it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_card_only_the_last_digits_are_kept() {
        assert_eq!(
            EntityType::Card.surface_of("4111 1111-1111 1234"),
            "**** ****-**** 1234"
        );
        assert_eq!(EntityType::Card.surface_of("12"), "12");
        assert_eq!(EntityType::Phone.surface_of("4111 1111"), "4111 1111");
    }
}
