//! Digital object identifiers (`10.1000/182`), which compare without case.

use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

/// More than any that is in use.
const LONGEST: usize = 300;

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    if run.written() != "10" {
        return None;
    }
    let tail = run.tail().strip_prefix('.')?;
    let registrant = tail
        .bytes()
        .take(32)
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let (prefix, rest) = tail.split_at(registrant);
    let suffix = rest.strip_prefix('/')?;
    let is_registrant = prefix
        .split('.')
        .next()
        .is_some_and(|first| (4..=9).contains(&first.len()))
        && !prefix.ends_with('.');
    let mut length = 0;
    let mut open = 0_usize;
    for c in suffix.chars() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => break,
            ')' => open -= 1,
            c if c.is_whitespace()
                || matches!(
                    c,
                    '"' | '<' | '>' | '”' | '“' | '{' | '}' | '|' | '\u{ff0c}' | '。'
                ) =>
            {
                break;
            }
            _ => {}
        }
        length += c.len_utf8();
        if length > LONGEST {
            return None;
        }
    }
    let written =
        suffix[..length].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', ']', '*', '_']);
    let end = run.text.len() - suffix.len() + written.len();
    (is_registrant && !written.is_empty()).then(|| Found {
        entity_type: EntityType::Doi,
        end,
        normalized: run.text[run.start..end].to_lowercase(),
        attributes: json!({"registrant": format!("10.{prefix}")}),
        score: 0.95,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Doi;

    #[test]
    fn dois_end_before_the_sentence_does() {
        for (text, surface) in [
            ("doi:10.5555/12345678.", "10.5555/12345678"),
            ("(10.1000/XYZ(2020)7)", "10.1000/XYZ(2020)7"),
            ("https://doi.org/10.1000.10/123, and", "10.1000.10/123"),
        ] {
            assert_eq!(
                found(text),
                [(Doi, surface.to_owned(), surface.to_lowercase())],
                "{text}"
            );
        }
        for text in ["10.5/3", "10.5555/", "on 10.12.2024/x", "110.5555/12"] {
            assert!(found(text).iter().all(|one| one.0 != Doi), "{text}");
        }
    }
}
