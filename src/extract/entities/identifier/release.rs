//! Versions of software (`1.4.0-rc.2`), as they are written, without a `v` before them.

use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

/// Words before a number that make a version of it.
const TOLD: &[&str] = &[
    "version",
    "ver.",
    "release",
    "upgrade to",
    "update to",
    "updated to",
];

/// Words before three numbers that make a place in a text of them.
const PLACES: &[&str] = &[
    "section",
    "chapter",
    "figure",
    "table",
    "clause",
    "article",
    "appendix",
    "fig.",
    "sec.",
    "§",
    "item",
    "paragraph",
];

/// More parts than versions have.
const MOST_PARTS: usize = 5;

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    let written = run.written();
    let digits = written.strip_prefix(['v', 'V']).unwrap_or(written);
    let has_letter = digits.len() < written.len();
    let is_number = |part: &str| {
        !part.is_empty() && part.len() <= 8 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(digits)
        || run
            .before()
            .is_some_and(|c| matches!(c, '.' | '-' | ',' | '/' | '+' | '$' | '€' | '£' | ':'))
    {
        return None;
    }
    let mut parts = 1;
    let mut end = run.end;
    while parts <= MOST_PARTS {
        let Some(tail) = run.text[end..].strip_prefix('.') else {
            break;
        };
        let length = tail.bytes().take(9).take_while(u8::is_ascii_digit).count();
        if !is_number(&tail[..length])
            || tail[length..]
                .starts_with(|c: char| c.is_alphanumeric() && !is_suffix(&tail[length..]))
        {
            break;
        }
        end += 1 + length;
        parts += 1;
    }
    if parts > MOST_PARTS || parts < 2 && !(has_letter && run.is_behind(TOLD)) {
        return None;
    }
    let numbers = end;
    end = with_suffix(run.text, end);
    let is_told = has_letter || run.is_behind(TOLD);
    let has_suffix = end > numbers;
    let is_place = run.is_behind(PLACES);
    let is_date = parts == 3
        && !is_told
        && !has_suffix
        && (digits.len() == 4
            || run.text[..numbers]
                .rsplit('.')
                .next()
                .is_some_and(|last| last.len() == 4));
    let is_alone = run.ends_at(end) && !run.text[end..].starts_with(['%', '€', '$']);
    if !is_alone || is_date || (!is_told && (parts < 3 || is_place || parts == 4 && !has_suffix)) {
        return None;
    }
    let from = run.start + written.len() - digits.len();
    Some(Found {
        entity_type: EntityType::Version,
        end,
        normalized: run.text[from..end].to_ascii_lowercase(),
        attributes: json!({}),
        score: if is_told || has_suffix { 0.9 } else { 0.6 },
    })
}

/// "1.2b3", "3.11rc1".
fn is_suffix(tail: &str) -> bool {
    ["a", "b", "rc", "alpha", "beta", "dev", "post"]
        .iter()
        .any(|word| {
            tail.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

/// Takes in what names a release before or after the numbers: `-rc.2`, `+build5`, `b3`.
fn with_suffix(text: &str, end: usize) -> usize {
    const LONGEST: usize = 40;
    let tail = &text[end..];
    let is_joined = is_suffix(tail);
    let is_named = tail.starts_with(['-', '+']) && {
        let word = &tail[1..];
        [
            "rc", "alpha", "beta", "pre", "dev", "snapshot", "build", "final", "canary", "nightly",
            "preview", "lts",
        ]
        .iter()
        .any(|known| {
            word.as_bytes()
                .get(..known.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(known.as_bytes()))
        }) || tail.starts_with('+')
    };
    if !is_joined && !is_named {
        return end;
    }
    let length = tail
        .bytes()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
        .count();
    let taken = tail[..length].trim_end_matches(['.', '-', '+']);
    if taken.len() < 2 {
        end
    } else {
        end + taken.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Version;

    #[test]
    fn versions_are_found_by_their_form() {
        for (text, surface, normalized) in [
            ("Install v2.1 now", "v2.1", "2.1"),
            ("Widget 1.4.0-rc.2.", "1.4.0-rc.2", "1.4.0-rc.2"),
            ("upgrade to 3.12", "3.12", "3.12"),
            ("Widget 10.0.19045 runs", "10.0.19045", "10.0.19045"),
            ("release 3.11rc1", "3.11rc1", "3.11rc1"),
            ("1.0.0+build.5 is", "1.0.0+build.5", "1.0.0+build.5"),
        ] {
            assert_eq!(
                found(text),
                [(Version, surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "3.12",
            "section 1.2.3",
            "12.03.2024",
            "2024.03.12",
            "1.2.3.4",
            "$1.2.3",
            "1.2.3.4.5.6.7",
            "v",
            "x1.2.3",
        ] {
            assert!(found(text).iter().all(|one| one.0 != Version), "{text}");
        }
    }
}
