//! Telephone numbers, as E.164 (`+12125550142`) where the numbering plans know them.
//!
//! The form of a number and the words before it say whether it is one; the plans of the world say what it is in full
//! and how sure that is. A number that no plan allows is one only where the text says so or hardly anything else is
//! written like it.

mod shape;

use phonenumber::{Mode, country};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, around, first_date, mention};
use crate::model::{EntityType, Mention};
use shape::Shape;

/// Finds telephone numbers.
pub(super) struct Phones;

impl Recognizer for Phones {
    fn name(&self) -> &'static str {
        "phone"
    }

    fn version(&self) -> &'static str {
        "2"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Phone]
    }

    fn find(&self, text: &str, context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let region = region_of(context);
        let found = shape::shapes(text).filter_map(|shape| self.read(text, &shape, region));
        Ok(found.collect())
    }
}

fn region_of(context: &Context) -> country::Id {
    context
        .region
        .as_deref()
        .and_then(|code| code.to_ascii_uppercase().parse().ok())
        .unwrap_or(country::US)
}

impl Phones {
    fn read(&self, text: &str, shape: &Shape, region: country::Id) -> Option<Mention> {
        let written = &text[shape.start..shape.digits_end];
        let is_told = is_told(text, shape.start);
        let is_likely =
            shape.is_international() || shape.has_area || shape.is_grouped_as_in(region);
        let may_be_national = shape.groups > 1 && shape.digits >= 9 && shape.begins_with_nought;
        if !(is_told || is_likely || may_be_national)
            || shape.is_date()
            || first_date(written).is_some()
        {
            return None;
        }
        let dialled = match written.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => written.replacen("(00", "(+", 1),
        };
        let asked = if shape.is_international() {
            None
        } else {
            Some(region)
        };
        let parsed = phonenumber::parse(asked, &dialled)
            .ok()
            .filter(phonenumber::is_valid);
        // What only looks like a number is one where a plan knows it or the text says so.
        if parsed.is_none() && !is_told && !shape.is_unmistakable() {
            return None;
        }
        let extension = shape.extension(text);
        let (normalized, named, score) = if let Some(number) = &parsed {
            let named = number.country().id().map(|id| id.as_ref().to_owned());
            let score = if shape.is_international() { 0.95 } else { 0.75 };
            (number.format().mode(Mode::E164).to_string(), named, score)
        } else {
            let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
            let sign = if shape.is_international() { "+" } else { "" };
            let score = if shape.groups > 1 { 0.5 } else { 0.4 };
            (format!("{sign}{digits}"), None, score)
        };
        let normalized = match extension {
            Some(extension) => format!("{normalized};ext={extension}"),
            None => normalized,
        };
        let attributes = json!({"country": named, "is_valid": parsed.is_some()});
        let span = (shape.start, shape.end);
        Some(mention(
            self.name(),
            EntityType::Phone,
            text,
            span,
            (normalized, attributes),
            score,
        ))
    }
}

/// Words that announce a telephone number, and words that announce another one.
const TOLD: &[&str] = &[
    "phone",
    "tel",
    "call",
    "fax",
    "mobile",
    "cell",
    "dial",
    "whatsapp",
    "hotline",
    "contact",
    "sms",
    "ring",
    "landline",
    "voicemail",
    "area code",
    "office",
    "helpline",
    "reception",
    "☎",
    "☏",
    "📞",
    "fon",
    "handy",
    "tél",
    "numéro",
    "toll",
    "ext",
];
const OTHER: &[&str] = &[
    "account",
    "card",
    "order",
    "invoice",
    "isbn",
    "issn",
    "serial",
    "ref",
    "#",
    " no.",
    "id ",
    "number of",
    "zip",
    "postal",
    "vat",
    "tax",
    "iban",
    "tracking",
    "version",
    "cost",
    "price",
    "$",
    "€",
    "£",
    "year",
    "date",
    "total",
];

/// Says whether the words before a number announce it: the last of them that says anything.
fn is_told(text: &str, start: usize) -> bool {
    const REACH: usize = 48;
    let (head, _) = around(text, (start, start), REACH);
    let head = head.to_lowercase();
    let last = |words: &[&str]| {
        words
            .iter()
            .filter_map(|word| begins_word(&head, word))
            .max()
    };
    match (last(TOLD), last(OTHER)) {
        (Some(told), Some(other)) => told > other,
        (told, _) => told.is_some(),
    }
}

/// Returns where the word stands last, at the beginning of one or by itself.
fn begins_word(head: &str, word: &str) -> Option<usize> {
    let at = head.rfind(word)?;
    let is_letter = word.starts_with(char::is_alphabetic);
    let is_inner = is_letter && head[..at].ends_with(char::is_alphabetic);
    // "telephone" and "cellphone" hold one.
    (!is_inner || word == "phone" || word == "fon").then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, region: Option<&str>) -> Vec<(String, String)> {
        let context = Context {
            region: region.map(str::to_owned),
            ..Context::default()
        };
        Phones
            .find(text, &context)
            .unwrap()
            .into_iter()
            .map(|mention| (mention.surface, mention.normalized))
            .collect()
    }

    #[test]
    fn numbers_are_validated_and_normalized() {
        let cases = [
            (
                "Call +1 212-555-0142.",
                None,
                "+1 212-555-0142",
                "+12125550142",
            ),
            ("(212) 555-0142", None, "(212) 555-0142", "+12125550142"),
            (
                "tel: 212-555-0142, now",
                None,
                "212-555-0142",
                "+12125550142",
            ),
            ("+49 (0)30 901820", None, "+49 (0)30 901820", "+4930901820"),
            (
                "+44 20 7946 0958",
                None,
                "+44 20 7946 0958",
                "+442079460958",
            ),
            ("+4930901820", None, "+4930901820", "+4930901820"),
            ("(030) 9018-20", Some("de"), "(030) 9018-20", "+4930901820"),
            ("0049 30 901820", None, "0049 30 901820", "+4930901820"),
            ("030 9018 20", Some("DE"), "030 9018 20", "+4930901820"),
            (
                "212-555-0142 x77",
                None,
                "212-555-0142 x77",
                "+12125550142;ext=77",
            ),
            (
                "212.555.0142 ext. 9",
                None,
                "212.555.0142 ext. 9",
                "+12125550142;ext=9",
            ),
        ];
        for (text, region, surface, normalized) in cases {
            assert_eq!(
                found(text, region),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_no_plan_knows_is_a_number_where_the_text_says_so() {
        for (text, surface, normalized) in [
            ("Our telephone is 555-0142.", "555-0142", "5550142"),
            ("Fax: 7788 990 11", "7788 990 11", "778899011"),
            ("mobile 0699123456", "0699123456", "0699123456"),
            (
                "ring (+99) 12-34-56-78 today",
                "(+99) 12-34-56-78",
                "+9912345678",
            ),
        ] {
            assert_eq!(
                found(text, None),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_left() {
        let cases = [
            "ISBN 978-3-16-148410-0",
            "1234-212-555-0142",
            "212-555-0142-77",
            "2024-03-12",
            "12.03.2024",
            "1.212.555.0142.1",
            "(1999) 2000-2010",
            "4111 1111 1111 1111",
            "555-0142",
            "call before 2024-03-12",
            "phone of 12.5 inches",
            "her account 12345678",
            "the years 1998/1999",
            "0.000000012",
            "A212-555-0142",
            "212-555-0142B",
            "tel 12345",
            "call me on card number 12345678",
        ];
        for text in cases {
            assert_eq!(found(text, None), [], "{text}");
        }
    }
}
