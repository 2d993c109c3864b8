//! Telephone numbers as E.164 (`+12125550142`), only those that the numbering plans allow.

use std::sync::OnceLock;

use phonenumber::{Mode, country};
use regex::Regex;
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, first_date, mention, neighbours};
use crate::model::{EntityType, Mention};

/// Finds telephone numbers.
pub(super) struct Phones;

/// International numbers name their country; a national one is looked at only in a form that hardly
/// anything else has: an area code in brackets, or North America's three-three-four.
fn pattern() -> Result<&'static Regex, RecognizerError> {
    static PATTERN: OnceLock<Result<Regex, RecognizerError>> = OnceLock::new();
    let joint = "[ \u{a0}.\\-‑–/]";
    PATTERN
        .get_or_init(|| {
            let written = format!(
                "(?P<international>\\+[0-9]{{1,4}}(?:{joint}?\\(?[0-9]{{1,5}}\\)?){{1,7}})\
                 |(?P<bracketed>\\([0-9]{{2,5}}\\){joint}?[0-9]{{2,5}}(?:{joint}[0-9]{{2,5}}){{1,3}})\
                 |(?P<grouped>[0-9]{{3}}[-.][0-9]{{3}}[-.][0-9]{{4}})"
            );
            Regex::new(&written).map_err(|error| RecognizerError::Pattern("phone", error.to_string()))
        })
        .as_ref()
        .map_err(Clone::clone)
}

impl Recognizer for Phones {
    fn name(&self) -> &'static str {
        "phone"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Phone]
    }

    fn find(&self, text: &str, context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let region = region_of(context);
        let found = pattern()?.captures_iter(text).filter_map(|captures| {
            let whole = captures.get(0)?;
            let (start, end) = (whole.start(), whole.end());
            let is_international = captures.name("international").is_some();
            let region = if is_international { None } else { Some(region) };
            let plausible = stands_alone(text, start, end)
                && whole.as_str().bytes().filter(u8::is_ascii_digit).count() <= 15
                && first_date(whole.as_str()).is_none()
                && (captures.name("grouped").is_none() || region == Some(country::US));
            let number = plausible
                .then(|| phonenumber::parse(region, whole.as_str()).ok())?
                .filter(phonenumber::is_valid)?;
            let normalized = number.format().mode(Mode::E164).to_string();
            let named = number.country().id().map(|id| id.as_ref().to_owned());
            let parts = (normalized, json!({"country": named}));
            let score = if is_international { 0.95 } else { 0.75 };
            Some(mention(
                self.name(),
                EntityType::Phone,
                text,
                (start, end),
                parts,
                score,
            ))
        });
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

/// Says whether the span is no part of a longer run of digits, as in an ISBN, a card or a version.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = neighbours(text, start, end);
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '_' | '+' | '=' | '%');
    let digits_follow = after.is_some_and(|c| matches!(c, ' ' | '.' | ','))
        && text[end + 1..].starts_with(|c: char| c.is_ascii_digit());
    let digits_precede = before.is_some_and(|c| matches!(c, ' ' | '.' | ','))
        && text[..start - 1].ends_with(|c: char| c.is_ascii_digit())
        && !text[start..].starts_with(['+', '(']);
    before.is_none_or(|c| !joins(c))
        && after.is_none_or(|c| !joins(c))
        && !digits_follow
        && !digits_precede
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
    fn what_is_no_number_is_left() {
        let cases = [
            "ISBN 978-3-16-148410-0",
            "1234-212-555-0142",
            "212-555-0142-77",
            "+1 000 000 0000",
            "2024-03-12",
            "12.03.2024",
            "1.212.555.0142.1",
            "(1999) 2000-2010",
            "4111 1111 1111 1111",
            "555-0142",
        ];
        for text in cases {
            assert_eq!(found(text, None), [], "{text}");
        }
    }
}
