//! Addresses of the Internet Protocol, of both versions, with the prefix of a network where one is written.

use core::net::{Ipv4Addr, Ipv6Addr};

use serde_json::json;

use super::{Context, Recognizer, RecognizerError, around, mention};
use crate::model::{EntityType, Mention};

/// Finds IP addresses.
pub(super) struct Addresses;

impl Recognizer for Addresses {
    fn name(&self) -> &'static str {
        "ip"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Ip]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let bytes = text.as_bytes();
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(found) = memchr::memchr2(b'.', b':', &bytes[from..]) {
            let at = from + found;
            from = at + 1;
            let is_likely = match bytes[at] {
                b'.' => {
                    at > 0
                        && bytes[at - 1].is_ascii_digit()
                        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
                }
                _ => {
                    bytes.get(at + 1) == Some(&b':')
                        || (at > 0
                            && bytes[at - 1].is_ascii_hexdigit()
                            && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit))
                }
            };
            if !is_likely {
                continue;
            }
            // The run is read once: what follows it is where the search goes on.
            let is_of_run = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(**byte, b'.' | b':');
            let start = at
                - bytes[..at]
                    .iter()
                    .rev()
                    .take(LONGEST + 1)
                    .take_while(is_of_run)
                    .count();
            let length = bytes[at..].iter().take_while(is_of_run).count();
            from = at + length;
            if from - start <= LONGEST {
                all.extend(self.read(text, start, from));
            }
        }
        Ok(all)
    }
}

/// More than any address has, with the full stop of a sentence.
const LONGEST: usize = 46;

impl Addresses {
    fn read(&self, text: &str, start: usize, end: usize) -> Option<Mention> {
        let run = &text[start..end];
        let (start, address, version) =
            address_in(run).map(|(at, address, version)| (start + at, address, version))?;
        let mut end = start + address.written;
        let before = text[..start].chars().next_back();
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
        let goes_on = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if before.is_some_and(joins) || goes_on || (version == 4 && is_version(text, start)) {
            return None;
        }
        if version == 6 && address.groups < 2 && !is_told(text, start) {
            return None;
        }
        let mut normalized = address.normalized;
        let most = if version == 4 { 32 } else { 128 };
        let prefix = text[end..].strip_prefix('/').and_then(|tail| {
            let digits = tail.bytes().take(4).take_while(u8::is_ascii_digit).count();
            let ends = !tail[digits..]
                .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_'));
            let length = tail[..digits]
                .parse::<u8>()
                .ok()
                .filter(|length| ends && *length <= most)?;
            Some((length, digits + 1))
        });
        if let Some((length, written)) = prefix {
            end += written;
            normalized = format!("{normalized}/{length}");
        }
        let attributes = json!({"version": version, "prefix": prefix.map(|(length, _)| length)});
        let score = if version == 4 || address.groups > 1 {
            0.95
        } else {
            0.6
        };
        Some(mention(
            self.name(),
            EntityType::Ip,
            text,
            (start, end),
            (normalized, attributes),
            score,
        ))
    }
}

struct Address {
    written: usize,
    normalized: String,
    /// How many groups of digits are written.
    groups: usize,
}

/// Reads the address that fills a run, but for a full stop or a colon of the sentence around it, or a port.
fn address_in(run: &str) -> Option<(usize, Address, u8)> {
    let trimmed = run.trim_end_matches('.');
    let made = |at: usize, written: &str, normalized: String, version: u8| {
        let groups = written
            .split([':', '.'])
            .filter(|group| !group.is_empty())
            .count();
        let written = written.len();
        Some((
            at,
            Address {
                written,
                normalized,
                groups,
            },
            version,
        ))
    };
    for (at, candidate) in [
        (0, trimmed),
        (0, trimmed.trim_end_matches(':')),
        (
            run.len() - run.trim_start_matches(':').len(),
            trimmed.trim_matches(':'),
        ),
    ] {
        let address = candidate
            .split_once(':')
            .filter(|(head, _)| head.contains('.'))
            .map_or(candidate, |(head, _)| head);
        if let Ok(parsed) = address.parse::<Ipv4Addr>() {
            return made(at, address, parsed.to_string(), 4);
        }
        if let Ok(parsed) = candidate.parse::<Ipv6Addr>() {
            return made(at, candidate, parsed.to_string(), 6);
        }
    }
    None
}

/// "version 1.2.3.4" is no address.
fn is_version(text: &str, start: usize) -> bool {
    let head = text[..start].trim_end_matches([' ', ':']);
    let word = head
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    [
        "version", "release", "build", "ver", "v", "section", "chapter",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(word))
}

/// Two colons alone are code, unless the text speaks of addresses.
fn is_told(text: &str, start: usize) -> bool {
    const REACH: usize = 40;
    let (before, after) = around(text, (start, start), REACH);
    let line = format!("{before}{after}").to_ascii_lowercase();
    ["ipv6", "ip address", "ip addr"]
        .iter()
        .any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let all = Addresses.find(text, &Context::default()).unwrap();
        all.into_iter()
            .map(|mention| (mention.surface, mention.normalized))
            .collect()
    }

    #[test]
    fn addresses_are_normalized() {
        for (text, surface, normalized) in [
            ("ping 192.0.2.17.", "192.0.2.17", "192.0.2.17"),
            (
                "route 198.51.100.0/24 now",
                "198.51.100.0/24",
                "198.51.100.0/24",
            ),
            ("at 192.0.2.1:8080,", "192.0.2.1", "192.0.2.1"),
            ("2001:DB8:0:0::7 answers", "2001:DB8:0:0::7", "2001:db8::7"),
            ("net 2001:db8::/32", "2001:db8::/32", "2001:db8::/32"),
            ("listens on IPv6 address ::", "::", "::"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ] {
            assert_eq!(
                found(text),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_left() {
        for text in [
            "1.2.3",
            "256.1.1.1",
            "1.2.3.4.5",
            "v1.2.3.4",
            "version 1.2.3.4",
            "std::vec",
            "a :: b",
            "12:30:45",
            "00:1b:44:11:3a:b7",
            "1::2::3",
            "dead:beef",
            "fn x::y()",
            "192.0.2.1a",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
