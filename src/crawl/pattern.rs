//! Path patterns of robots.txt rules: `*`, a closing `$`, and escapes in one form.
//!
//! Owns the comparison of one pattern with one path (RFC 9309, 2.2.2 and 2.2.3). Which rule wins is not
//! decided here.

use std::fmt::Write as _;

use super::uri::{escaped_octet, is_unreserved};

/// A path pattern, normalized: the literal parts between `*`, and whether the last must end the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Vec<String>,
    anchored: bool,
    /// Octets of the whole pattern; the longest match wins.
    length: usize,
}

impl Pattern {
    pub(super) fn new(value: &str) -> Self {
        let (body, anchored) = match value.strip_suffix('$') {
            Some(body) => (body, true),
            None => (value, false),
        };
        let parts: Vec<_> = body.split('*').map(normalize_path).collect();
        let length = parts.iter().map(String::len).sum::<usize>() + parts.len() - 1;
        Self {
            parts,
            anchored,
            length: length + usize::from(anchored),
        }
    }

    /// Returns the octets of the whole pattern, by which one match beats another.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Says whether the pattern matches a normalized path.
    ///
    /// Takes each part at the first place it fits, which is enough for patterns of `*` alone and keeps
    /// the work linear in the path's length for each part.
    pub(super) fn matches(&self, path: &str) -> bool {
        let Some((first, later)) = self.parts.split_first() else {
            return false;
        };
        let Some(mut rest) = path.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some((last, middle)) = later.split_last() else {
            return !self.anchored || rest.is_empty();
        };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        if self.anchored {
            rest.ends_with(last.as_str())
        } else {
            rest.contains(last.as_str())
        }
    }
}

/// Brings a path or a literal part of a pattern to the form in which they are compared (RFC 9309, 2.2.2):
/// escapes of unreserved characters decoded, the others upper-case, everything outside ASCII escaped;
/// a literal `*` or `$` too, as a pattern can only name it so (2.2.3).
pub(super) fn normalize_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut text = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = escaped_octet(&bytes[at..]);
        let octet = escaped.unwrap_or(byte);
        let plain = match escaped {
            Some(octet) => is_unreserved(octet),
            None => octet.is_ascii() && !matches!(octet, b'*' | b'$'),
        };
        if plain {
            text.push(char::from(octet));
        } else {
            let _ = write!(text, "%{octet:02X}");
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern).matches(&normalize_path(path))
    }

    /// Says the same by trying every place for each `*`.
    fn matches_slowly(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            [b'$'] => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|at| matches_slowly(rest, &path[at..])),
            [first, rest @ ..] => path.first() == Some(first) && matches_slowly(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn the_first_fit_finds_every_match(pattern in "/[ab*]{0,6}\\$?", path in "/[ab]{0,8}") {
            let slow = matches_slowly(pattern.as_bytes(), path.as_bytes());
            prop_assert_eq!(matches(&pattern, &path), slow);
        }
    }

    #[test]
    fn long_paths_cost_linear_time() {
        let pattern = format!("/{}z$", "*a".repeat(2000));
        let start = std::time::Instant::now();
        assert!(!matches(&pattern, &format!("/{}", "a".repeat(200_000))));
        // Milliseconds; with a return to each star it does not end.
        assert!(start.elapsed().as_secs() < 20);
    }
}
