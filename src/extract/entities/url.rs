//! URLs as the WHATWG URL standard writes them.
//!
//! One without a scheme is one where its host ends as hosts do that people write so; everything else with points in it
//! is the name of a file, or two sentences that were run together.

use linkify::{LinkFinder, LinkKind};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};

/// Finds URLs, with a scheme and without.
pub(super) struct Urls;

impl Recognizer for Urls {
    fn name(&self) -> &'static str {
        "url"
    }

    fn version(&self) -> &'static str {
        "2"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Url]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut all: Vec<Mention> = Vec::new();
        let mut from = 0;
        while let Some(found) = memchr::memmem::find(&text.as_bytes()[from..], b"://") {
            let at = from + found;
            from = at + 3;
            if let Some((start, end)) = with_scheme(text, at) {
                all.extend(self.read(text, (start, end)));
                from = end;
            }
        }
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
        let bare = finder
            .links(text)
            .filter(|link| !link.as_str().contains("://"));
        all.extend(bare.filter_map(|link| self.read(text, (link.start(), link.end()))));
        all.sort_by_key(|mention| mention.start);
        Ok(all)
    }
}

impl Urls {
    fn read(&self, text: &str, (start, end): (usize, usize)) -> Option<Mention> {
        let written = trimmed(&text[start..end]);
        let span = (start, start + written.len());
        let (normalized, host, score) = validated(written)?;
        // What is part of an address of e-mail, of a path or of a name is no URL.
        let is_part = text[..span.0].ends_with(['@', '/', '\\', '-', '_', '.'])
            || text[span.1..].starts_with('@');
        if score < 1.0 && is_part {
            return None;
        }
        let parts = (normalized, json!({"host": host}));
        Some(mention(
            self.name(),
            EntityType::Url,
            text,
            span,
            parts,
            score,
        ))
    }
}

/// Returns from where to where a URL reaches whose scheme ends at `at`.
fn with_scheme(text: &str, at: usize) -> Option<(usize, usize)> {
    let letters = text.as_bytes()[..at]
        .iter()
        .rev()
        .take(6)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let scheme = &text[at - letters..at];
    // "xhttp" is none, but "see:http" and a scheme behind another script's letters are.
    let known = ["https", "http", "ftps", "ftp"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known))?;
    let start = at - known.len();
    let is_inner = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^')
    };
    let tail = &text[at + 3..];
    let length = tail.find(is_inner).unwrap_or(tail.len());
    (length > 0).then_some((start, at + 3 + length))
}

/// Cuts off what ends a sentence, and brackets that were opened before.
fn trimmed(written: &str) -> &str {
    let mut rest = without_foreign_end(written);
    let mut open: i64 = rest
        .chars()
        .map(|c| i64::from(c == '(') - i64::from(c == ')'))
        .sum();
    let mut square: i64 = rest
        .chars()
        .map(|c| i64::from(c == '[') - i64::from(c == ']'))
        .sum();
    while let Some(last) = rest.chars().next_back() {
        match last {
            ')' if open < 0 => open += 1,
            ']' if square < 0 => square += 1,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' => {}
            _ => break,
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}

/// Returns the normal form, the host and how sure it is a URL.
fn validated(written: &str) -> Option<(String, String, f64)> {
    let begins = |prefix: &str| {
        written
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let (parsed, score) = if ["http://", "https://", "ftp://", "ftps://"]
        .into_iter()
        .any(begins)
    {
        (url::Url::parse(written).ok()?, 1.0)
    } else if begins("www.") {
        (url::Url::parse(&format!("http://{written}")).ok()?, 0.9)
    } else if is_bare_host(written) {
        (url::Url::parse(&format!("http://{written}")).ok()?, 0.6)
    } else {
        return None;
    };
    let host = parsed.host_str()?.to_owned();
    let is_name = matches!(parsed.host(), Some(url::Host::Domain(_)));
    // "www.so" and the like are words that were run together.
    if begins("www.")
        && (host.matches('.').count() < 2 || !psl::suffix(host.as_bytes())?.is_known())
    {
        return None;
    }
    // "http://362" is an address only to machines.
    let is_written = is_name || written.contains(['.', '[']);
    (is_written && (!is_name || host.contains('.') || host == "localhost"))
        .then(|| (parsed.into(), host, score))
}

/// The ends of hosts that are written without a scheme and a `www`, and are no ends of files' names.
const ENDS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "io", "dev", "app", "ai", "eu", "de",
    "fr", "ch", "nl", "uk", "au", "ca", "jp", "cn", "ru", "br", "it", "es", "se", "no", "fi", "dk",
    "be", "at", "pl", "cz", "nz", "us", "tv", "me", "co",
];

/// Ends that are words of English, too: such a host needs a path behind it or a subdomain before it.
const WORDS: &[&str] = &[
    "it", "no", "at", "me", "is", "be", "us", "in", "to", "so", "my", "am", "do", "app", "dev",
    "info", "int", "ai", "co", "de", "es", "se", "ch",
];

fn is_bare_host(written: &str) -> bool {
    let host = written
        .split(['/', '?', '#', ':'])
        .next()
        .unwrap_or_default();
    let mut labels = host.rsplit('.');
    let (Some(end), Some(name)) = (labels.next(), labels.next()) else {
        return false;
    };
    let has_more = written.len() > host.len() + 1 || labels.next().is_some();
    // "end.It is": a capital begins a sentence, but not in "EXAMPLE.COM".
    let is_of_one_case = !host.contains(|c: char| c.is_uppercase())
        || !host.contains(|c: char| c.is_lowercase())
        || end == "com";
    let is_host = name.len() > 1
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let end = end.to_ascii_lowercase();
    is_host
        && is_of_one_case
        && ENDS.contains(&end.as_str())
        && (has_more || !WORDS.contains(&end.as_str()))
}

/// Cuts off what other scripts end a sentence with, which no URL is written with by hand.
fn without_foreign_end(written: &str) -> &str {
    let is_foreign = |c: char| matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}' | '“' | '”' | '‘' | '’' | '…');
    written
        .find(is_foreign)
        .map_or(written, |at| &written[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_and_normalized() {
        let text =
            "See HTTPS://Example.com:443/a/../b?q=ü#f, www.Example.org/p. (http://a.example/x_(y))";
        let found: Vec<_> = Urls
            .find(text, &Context::default())
            .unwrap()
            .into_iter()
            .map(|mention| {
                assert_eq!(mention.surface, text[mention.start..mention.end]);
                mention.normalized
            })
            .collect();
        assert_eq!(
            found,
            [
                "https://example.com/b?q=%C3%BC#f",
                "http://www.example.org/p",
                "http://a.example/x_(y)"
            ]
        );
        for (text, normalized) in [
            ("at example.com.", "http://example.com/"),
            ("at docs.example.dev/start", "http://docs.example.dev/start"),
            ("見てhttps://example.jp/a。次", "https://example.jp/a"),
        ] {
            let found = Urls.find(text, &Context::default()).unwrap();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].normalized, normalized, "{text}");
        }
    }

    #[test]
    fn what_is_no_url_is_left() {
        for text in [
            "e.g.this",
            "http://",
            "https://word",
            "foo.bar",
            "jo@example.com",
            "jo.de@example.com",
            "we saw it.It was",
            "left.no one",
            "node.js",
            "main.rs",
            "www.so",
            "http://x y",
        ] {
            assert_eq!(Urls.find(text, &Context::default()).unwrap(), [], "{text}");
        }
    }
}
