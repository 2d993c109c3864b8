//! Lists of seeds, one a line.
//!
//! Owns the reading of lines. A line that is no seed costs itself alone: it has an outcome of its own, with
//! its number.

use std::collections::HashMap;

use super::Error;
use super::seeds::absolute_seed;
use super::uri::redacted;
use crate::model::{DiscoveredLink, LinkDecision, Reason, UriKey, clean_text};

/// Characters that are shown of a line that is no seed: it may be of any length.
const SHOWN: usize = 500;

/// Numbers of lines that are shown of those that are the same.
const NUMBERS_SHOWN: usize = 10;

/// What a list holds.
#[derive(Debug, Default, PartialEq)]
pub struct SeedList {
    /// Absolute, as a job keeps its seeds.
    pub seeds: Vec<String>,
    pub malformed: Vec<MalformedLine>,
}

/// A line of a list that is no seed.
#[derive(Debug, Clone, PartialEq)]
pub struct MalformedLine {
    /// The file's name.
    list: String,
    /// From 1.
    number: u64,
    /// Without user name and password, and not longer than what is shown.
    text: String,
    /// Of the whole line, without user name and password.
    key: UriKey,
    reason: Reason,
    why: String,
}

/// Reads the list of the name `list`.
///
/// It is UTF-8, or what its byte order mark says. Blank lines and those that begin with `#` are passed over.
pub fn read_list(list: &str, bytes: &[u8]) -> SeedList {
    let (text, _, has_errors) = encoding_rs::UTF_8.decode(bytes);
    let mut read = SeedList::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (reason, why) = if has_errors && line.contains('\u{fffd}') {
            (Reason::MalformedUrl, "not UTF-8".to_owned())
        } else {
            match absolute_seed(line) {
                Ok(seed) => {
                    read.seeds.push(seed);
                    continue;
                }
                Err(error) => judged(line, &error),
            }
        };
        let whole = redacted(&clean_text(line));
        read.malformed.push(MalformedLine {
            list: list.to_owned(),
            number,
            text: shown(&whole),
            key: UriKey::of(&whole),
            reason,
            why: shown(&why),
        });
    }
    read
}

/// Says why a line is no seed.
fn judged(line: &str, error: &Error) -> (Reason, String) {
    let malformed = |why: String| (Reason::MalformedUrl, why);
    match error {
        Error::MalformedSeed { cause, .. } => malformed(cause.to_string()),
        Error::UnsupportedScheme { scheme, .. } => {
            malformed(format!("scheme {scheme:?} is not supported"))
        }
        Error::UnreadableSeed { .. } if !is_path(line) => {
            malformed("neither a URL nor a path".to_owned())
        }
        Error::UnreadableSeed { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound => {
            (Reason::FileNotFound, cause.to_string())
        }
        Error::UnreadableSeed { cause, .. } => (Reason::FileUnreadable, cause.to_string()),
        Error::NotAFile { .. } => (Reason::NotRegularFile, String::new()),
        other => malformed(other.to_string()),
    }
}

/// Says whether a line can mean nothing but a path.
fn is_path(line: &str) -> bool {
    let begins = |head: &str| {
        line.get(..head.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(head))
    };
    ["/", "./", "../", "file:"].into_iter().any(begins)
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl SeedList {
    /// Says why a list without a single seed is of no use, by the first of its lines that is none.
    pub fn refusal(malformed: &[MalformedLine], list: &str) -> Error {
        let list = list.to_owned();
        match malformed.first() {
            None => Error::EmptyList { list },
            Some(line) => Error::UnusableList {
                list,
                line: line.number,
                text: line.text.clone(),
                why: line.why.clone(),
            },
        }
    }
}

impl MalformedLine {
    /// Makes the frontier's entries, which have their outcomes at once: one for all lines that are the same,
    /// with their numbers.
    pub(super) fn links(lines: &[Self]) -> Vec<DiscoveredLink> {
        let mut places: HashMap<UriKey, usize> = HashMap::new();
        let mut alike: Vec<(&Self, Vec<u64>)> = Vec::new();
        for line in lines {
            let place = *places.entry(line.key).or_insert(alike.len());
            match alike.get_mut(place) {
                Some((_, again)) => again.push(line.number),
                None => alike.push((line, Vec::new())),
            }
        }
        let link = |(line, again): &(&Self, Vec<u64>)| line.link(again);
        alike.iter().map(link).collect()
    }

    fn link(&self, again: &[u64]) -> DiscoveredLink {
        let colon = if self.why.is_empty() { "" } else { ": " };
        let shown = again.iter().take(NUMBERS_SHOWN).map(u64::to_string);
        let mut why = self.why.clone();
        if !again.is_empty() {
            let shown: Vec<String> = shown.collect();
            let more = again.len() - shown.len();
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {more} more")
            };
            why = format!("{why} (again in line {}{more})", shown.join(", "));
        }
        DiscoveredLink {
            key: self.key,
            source_group: self.list.as_str().into(),
            decision: LinkDecision::Skip(self.reason),
            detail: format!("{} line {}{colon}{}", self.list, self.number, why),
            ..DiscoveredLink::to(self.text.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed(list: &SeedList) -> Vec<(u64, &'static str, &str)> {
        let lines = list.malformed.iter();
        lines
            .map(|line| (line.number, line.reason.as_str(), line.why.as_str()))
            .collect()
    }

    #[test]
    fn a_list_is_read_line_by_line() {
        let text = "\u{feff}https://a.test/\r\n# a comment\r\n\r\n  b.example.com/x#y  \nftp://c.test/\n\
                    http://user:secret@\nhttps://user:secret@d.test/\n/no/such/file\nfree words";
        let list = read_list("list", text.as_bytes());
        assert_eq!(
            list.seeds,
            [
                "https://a.test/",
                "https://b.example.com/x#y",
                "https://d.test/"
            ]
        );
        assert_eq!(
            malformed(&list),
            [
                (5, "malformed_url", "scheme \"ftp\" is not supported"),
                (6, "malformed_url", "empty host"),
                (
                    8,
                    "file_not_found",
                    "No such file or directory (os error 2)"
                ),
                (9, "malformed_url", "neither a URL nor a path"),
            ]
        );
        assert!(!format!("{list:?}").contains("secret"), "{list:?}");
        let link = list.malformed[0].link(&[]);
        assert_eq!(&*link.source_group, "list");
        assert_eq!(link.detail, "list line 5: scheme \"ftp\" is not supported");
    }

    #[test]
    fn a_list_may_be_in_any_encoding_that_it_names() {
        let text = "\u{feff}https://a.test/é\r\n";
        for bytes in [
            text.as_bytes().to_vec(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ] {
            let list = read_list("list", &bytes);
            assert_eq!(list.seeds, ["https://a.test/%C3%A9"]);
        }
        // Guessing would make another address of it.
        let list = read_list("list", b"https://a.test/\xe9\nhttps://b.test/");
        assert_eq!(list.seeds, ["https://b.test/"]);
        assert_eq!(malformed(&list), [(1, "malformed_url", "not UTF-8")]);
    }

    #[test]
    fn a_long_line_is_shown_in_part_and_told_apart() {
        let text = format!("{0}1\n{0}2\0\n", "é ".repeat(10_000));
        let list = read_list("list", text.as_bytes());
        let [one, two] = &list.malformed[..] else {
            panic!("{} lines", list.malformed.len());
        };
        assert_eq!(one.text.chars().count(), SHOWN + 1);
        assert_eq!(one.text, two.text);
        assert_ne!(one.key, two.key);
    }

    #[test]
    fn lines_that_are_the_same_are_one_with_their_numbers() {
        let list = read_list(
            "list",
            format!("a b\nc d\n{}", "a b\n".repeat(12)).as_bytes(),
        );
        let details: Vec<_> = MalformedLine::links(&list.malformed)
            .into_iter()
            .map(|link| link.detail)
            .collect();
        let why = "neither a URL nor a path";
        let again = "(again in line 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more)";
        assert_eq!(
            details,
            [
                format!("list line 1: {why} {again}"),
                format!("list line 2: {why}")
            ]
        );
    }

    #[test]
    fn a_list_without_a_seed_says_so() {
        let refusal = |bytes: &[u8]| {
            SeedList::refusal(&read_list("list", bytes).malformed, "list").to_string()
        };
        assert_eq!(refusal(b"#\n\n"), "list holds no seed");
        assert_eq!(
            refusal(b"\nftp://a.test/\nx y"),
            "no line of list is a seed; line 2 (\"ftp://a.test/\"): scheme \"ftp\" is not supported"
        );
    }
}
