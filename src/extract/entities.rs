//! Mentions in a text: the recognizer interface, the recognizers that go by pattern, and windows.
//!
//! A recognizer sees a slice and reports spans in it; where the slice lies in the text, and that a failure
//! costs one window and not the page, is decided in `windows`; which of two mentions that overlap stays is
//! decided in `overlaps`. Normal forms are made here, entities are not.
//!
//! Conventions of what a mention says beside its span:
//! - `normalized` is the one form of all that mean the same, exact: no digit that is written is lost, numbers
//!   are plain decimals (`1500000`, `-0.25`), times are ISO 8601, units are the symbols of the SI where it has one.
//! - `attributes` is an object of the parts of that form by name (`amount`, `currency`; `value`, `unit`;
//!   `start`, `end`), numbers as strings where they are exact decimals; it holds nothing that the surface does not say.
//! - `score` is how sure the recognizer's own validation is: 1 where a check digit or a registry says so, about
//!   0.95 for a form that hardly anything else has, 0.8 for one that convention decides, 0.5 for a guess.

mod amount;
mod date;
mod datetime;
mod dictionary;
mod email;
mod evidence;
mod fault;
mod identifier;
mod ip;
mod offer;
mod overlaps;
mod phone;
mod rules;
mod tag;
mod url;
mod windows;

pub use date::Date;
pub use datetime::first_date;
pub use evidence::PageNames;
pub use fault::arm as arm_fault;
pub use rules::{MOST_BYTES as MOST_RULE_BYTES, VERSION as RULES_VERSION, of_rules};
pub use windows::{recognize, recognize_types};

use std::sync::Arc;

use jiff::civil;
use serde_json::Value;

use crate::model::{Digest, EntityType, ExtractionType, Hasher, Mention, Role};

/// Why a recognizer could not read a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecognizerError {
    #[error("pattern of {0}: {1}")]
    Pattern(&'static str, String),
    #[error("{0} failed: {1}")]
    Failed(&'static str, String),
    #[error("{0} did not end in time")]
    TimedOut(&'static str),
}

/// What is known about a text beside itself.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// ISO 3166 code of the country whose way of writing telephone numbers the text follows.
    pub region: Option<String>,
    /// When the text was written or said, by its own clock: what relative times count from.
    pub reference: Option<civil::DateTime>,
    /// The day on which the page says it was published; it stands in for a reference time.
    pub page_date: Option<civil::Date>,
    /// The names that the text's page vouches for.
    pub names: Option<Arc<PageNames>>,
}

impl Context {
    /// Returns what relative times count from; without it they have no normal form in the calendar.
    pub fn reference_time(&self) -> Option<civil::DateTime> {
        let start_of_day = |date: civil::Date| date.to_datetime(civil::Time::midnight());
        self.reference.or_else(|| self.page_date.map(start_of_day))
    }
}

/// Finds mentions of some kind in a text.
pub trait Recognizer: Send + Sync {
    /// Returns the name stored with each mention.
    fn name(&self) -> &'static str;

    /// Returns what changes whenever the same text may give other mentions.
    fn version(&self) -> &'static str;

    /// Returns every type that its mentions may have.
    fn types(&self) -> &[EntityType];

    /// Says whether it reads extractions of this type.
    fn reads(&self, extraction_type: ExtractionType) -> bool {
        extraction_type == ExtractionType::Content
    }

    /// Finds mentions, in order; spans are bytes of `text`.
    ///
    /// No mention may hold a line break, or white space more than 400 bytes after its start, or depend on what is on
    /// another line or more than 100 bytes away: windows are cut by this.
    fn find(&self, text: &str, context: &Context) -> Result<Vec<Mention>, RecognizerError>;
}

/// Returns the recognizers that are always there for a page.
pub fn recognizers() -> Vec<Box<dyn Recognizer>> {
    let mut recognizers = text_recognizers();
    recognizers.push(Box::new(evidence::Evidence));
    recognizers
}

/// Returns those that need no more than a text.
pub fn text_recognizers() -> Vec<Box<dyn Recognizer>> {
    vec![
        Box::new(amount::Amounts),
        Box::new(datetime::DateTimes),
        Box::new(email::Emails),
        Box::new(identifier::Identifiers),
        Box::new(ip::Addresses),
        Box::new(offer::Offers),
        Box::new(phone::Phones),
        Box::new(tag::Tags),
        Box::new(url::Urls),
    ]
}

/// Digests names and versions, whatever the order, and the rule by which overlapping mentions stay.
pub fn recognizers_digest(recognizers: &[Box<dyn Recognizer>]) -> Digest {
    let mut names: Vec<_> = recognizers
        .iter()
        .map(|recognizer| (recognizer.name(), recognizer.version()))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .fold(
            Hasher::default().part(overlaps::VERSION),
            |hasher, (name, version)| hasher.part(name).part(version),
        )
        .finish()
}

/// Makes a mention of `text[start..end]`.
fn mention(
    recognizer: &'static str,
    entity_type: EntityType,
    text: &str,
    (start, end): (usize, usize),
    (normalized, attributes): (String, Value),
    score: f64,
) -> Mention {
    Mention {
        role: Role::Mention,
        start,
        end,
        surface: entity_type.surface_of(&text[start..end]).into_owned(),
        entity_type,
        normalized,
        attributes,
        score,
        recognizer,
    }
}

/// Returns what stands within some bytes on both sides of a span, on the same line: what is said on another line is about
/// something else, and stands in another window.
fn around(text: &str, (start, end): (usize, usize), reach: usize) -> (&str, &str) {
    let from = text.floor_char_boundary(start.saturating_sub(reach));
    let to = text.ceil_char_boundary((end + reach).min(text.len()));
    let before = text[from..start].rsplit('\n').next();
    let after = text[end..to].split('\n').next();
    (before.unwrap_or_default(), after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_names_versions_and_ignores_order() {
        let all = recognizers();
        let mut reversed = recognizers();
        reversed.reverse();
        assert_eq!(recognizers_digest(&all), recognizers_digest(&reversed));
        assert_ne!(recognizers_digest(&all), recognizers_digest(&all[1..]));
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        for unit in [
            "a@",
            "1 ",
            "1,",
            "$1",
            "+1 2",
            "http://",
            "www.",
            "12.",
            "(",
            "May ",
            "1-",
            "£ ",
            "a.b@c.d.",
            "one hundred and ",
            "thousand ",
            "a half of ",
            "1 over ",
            "usd 1 ",
            "1.",
            "1-",
            "(1) ",
            "1 1 1-",
            "123 ",
            "$1 per a ",
            "http://a",
            "https://a://",
            "::",
            "1:",
            "#a",
            "@a",
            "@a@",
            "DE89 ",
            "4111 ",
            "10.1000/",
            "CVE-2024-",
            "deadbeef-",
            "v1.",
            "1x",
            "phone 1 ",
            "next to last ",
            "dollars ",
            "1e1^",
            "½",
            "aged ",
        ] {
            let text = unit.repeat(200_000 / unit.len());
            for recognizer in recognizers() {
                recognizer.find(&text, &Context::default()).unwrap();
            }
        }
    }
}
