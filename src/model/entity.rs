//! Entities and their mentions in a text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use super::job::words;

/// The most bytes that a type of a user's own may have.
const MOST_TYPE_BYTES: usize = 64;

macro_rules! types {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// What kind of thing an entity is.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum EntityType {
            $($(#[$doc])* $variant,)+
            /// A type of a user's own, as the profile spells it.
            Own(Arc<str>),
        }

        impl EntityType {
            /// Every type that is built in, in the order of their words.
            pub const BUILT_IN: &[Self] = &[$(Self::$variant),+];

            /// Returns the word that is stored and shown.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Own(word) => word,
                }
            }

            fn built_in(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

types! {
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

impl EntityType {
    /// Returns the word in capitals, as annotations name types.
    pub fn label(&self) -> String {
        self.as_str().to_uppercase()
    }

    /// Returns what is kept of the text that a mention of this type covers: of a card the last four digits.
    pub fn surface_of<'a>(&self, text: &'a str) -> Cow<'a, str> {
        const SHOWN: usize = 4;
        if *self != Self::Card {
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

/// By word, as the database sorts them.
impl Ord for EntityType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for EntityType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for EntityType {
    type Err = String;

    /// Takes a built-in type's word in upper or lower case for that type, and any other word for one of a user's own.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(built_in) = Self::built_in(&text.to_lowercase()) {
            return Ok(built_in);
        }
        let is_word = text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if text.is_empty() || text.len() > MOST_TYPE_BYTES || !is_word {
            return Err(format!(
                "{text:?} is no type: at most {MOST_TYPE_BYTES} bytes of letters, digits and _"
            ));
        }
        Ok(Self::Own(text.into()))
    }
}

impl serde::Serialize for EntityType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

words! {
    /// What a mention says about its entity.
    Role {
        /// Who has written the page.
        Author = "author",
        /// Who has helped to make it.
        Contributor = "contributor",
        /// It is named in the text.
        Mention = "mention",
        /// Who has brought the page out.
        Publisher = "publisher",
        /// What the page is about.
        Subject = "subject",
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
    fn a_word_is_a_built_in_type_or_a_users_own() {
        assert_eq!("EMAIL".parse(), Ok(EntityType::Email));
        let own: EntityType = "Gen_Ä1".parse().unwrap();
        assert_eq!((own.as_str(), own.label().as_str()), ("Gen_Ä1", "GEN_Ä1"));
        assert_eq!(own, EntityType::Own("Gen_Ä1".into()));
        for wrong in ["", "a b", "a-b", &"x".repeat(65)] {
            assert!(wrong.parse::<EntityType>().is_err(), "{wrong:?}");
        }
        assert!(EntityType::BUILT_IN.is_sorted());
    }

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
