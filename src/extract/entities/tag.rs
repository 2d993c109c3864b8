//! Hashtags and the handles of people in networks, in lower case: both are compared without case.

use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};

/// Finds hashtags and handles.
pub(super) struct Tags;

/// Longer than the networks allow.
const LONGEST: usize = 150;

impl Recognizer for Tags {
    fn name(&self) -> &'static str {
        "tag"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Hashtag, EntityType::Handle]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut all = Vec::new();
        for at in memchr::memchr2_iter(b'#', b'@', text.as_bytes()) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| {
                c.is_alphanumeric()
                    || matches!(c, '_' | '#' | '@' | '&' | '/' | '.' | '-' | '+' | '=')
            }) {
                continue;
            }
            let (entity_type, end) = match text.as_bytes()[at] {
                b'#' => (EntityType::Hashtag, hashtag(text, at)),
                _ => (EntityType::Handle, handle(text, at)),
            };
            let Some(end) = end else { continue };
            let name = text[at + 1..end].to_lowercase();
            let normalized = text[at..end].to_lowercase();
            let parts = (normalized, json!({"name": name}));
            all.push(mention(
                self.name(),
                entity_type,
                text,
                (at, end),
                parts,
                0.9,
            ));
        }
        Ok(all)
    }
}

/// Letters, digits and underscores, with a letter among them; no number of an item and no colour.
fn hashtag(text: &str, at: usize) -> Option<usize> {
    let tail = &text[at + 1..];
    let mut length = 0;
    for (count, c) in tail.chars().enumerate() {
        // Marks are part of words in scripts that need them.
        let is_mark =
            !c.is_ascii() && !c.is_whitespace() && !c.is_ascii_punctuation() && c.is_alphanumeric()
                || matches!(c, '\u{200c}' | '\u{200d}');
        if !(c.is_alphanumeric() || c == '_' || is_mark) {
            break;
        }
        if count == LONGEST {
            return None;
        }
        length += c.len_utf8();
    }
    let body = &tail[..length];
    let is_color = matches!(body.len(), 3 | 4 | 6 | 8)
        && body.bytes().all(|byte| byte.is_ascii_hexdigit())
        && body.bytes().any(|byte| byte.is_ascii_digit());
    (body.contains(char::is_alphabetic) && !is_color).then_some(at + 1 + length)
}

/// A name with points and hyphens inside; `@name@server.example` where servers are many.
fn handle(text: &str, at: usize) -> Option<usize> {
    let end = name_end(text, at + 1)?;
    let tail = &text[end..];
    if let Some(server) = tail.strip_prefix('@') {
        let domain = name_end(text, end + 1)
            .filter(|end_of_domain| text[end + 1..*end_of_domain].contains('.'));
        return domain.filter(|_| !server.is_empty());
    }
    // "@scope/package" is software's.
    (!tail.starts_with('/') && !tail.starts_with('(')).then_some(end)
}

fn name_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = start;
    while let Some(&byte) = bytes.get(end) {
        let is_inner = matches!(byte, b'.' | b'-')
            && end > start
            && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !(byte.is_ascii_alphanumeric() || byte == b'_' || is_inner) {
            break;
        }
        end += 1;
        if end - start > LONGEST {
            return None;
        }
    }
    let name = &text[start..end];
    let goes_on = text[end..].starts_with(char::is_alphanumeric);
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (begins && !goes_on && name.contains(|c: char| c.is_ascii_alphabetic())).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EntityType, String, String)> {
        let all = Tags.find(text, &Context::default()).unwrap();
        all.into_iter()
            .map(|mention| (mention.entity_type, mention.surface, mention.normalized))
            .collect()
    }

    #[test]
    fn tags_are_folded() {
        use EntityType::{Handle, Hashtag};
        for (text, entity_type, surface, normalized) in [
            ("I like #Sailing!", Hashtag, "#Sailing", "#sailing"),
            ("(#Hafen_Übung)", Hashtag, "#Hafen_Übung", "#hafen_übung"),
            ("see #task7.", Hashtag, "#task7", "#task7"),
            ("ask @Jo_Doe, please", Handle, "@Jo_Doe", "@jo_doe"),
            ("by @anna.b.", Handle, "@anna.b", "@anna.b"),
            (
                "@jo@social.example",
                Handle,
                "@jo@social.example",
                "@jo@social.example",
            ),
        ] {
            assert_eq!(
                found(text),
                [(entity_type, surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_tag_is_left() {
        for text in [
            "jo@example.org",
            "issue #12",
            "# heading",
            "a#b",
            "&#x27;",
            "http://x.example/#part",
            "#1a2b3c",
            "@ 5",
            "npm i @types/node",
            "@7",
            "C# and F#",
            "x@2x.png",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(found(&format!("#{}", "a".repeat(400))), []);
    }
}
