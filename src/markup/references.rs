//! Character references in markup (`&amp;`, `&#233;`), decoded as a browser does.
//!
//! Owns nothing but this decoding: the streaming tokenizer that finds links hands out values as they are
//! written. The table of names is html5ever's.

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// The longest name in the table, `CounterClockwiseContourIntegral;`.
const LONGEST_NAME: usize = 32;

/// Where a reference stands; without its semicolon it is read differently there (HTML, 13.2.5.73).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Attribute,
    Text,
}

/// Decodes every reference in `raw`, and replaces NULs as the tokenizer of a browser does (HTML, 13.2.5.36).
pub(crate) fn decode(raw: &str, place: Place) -> Cow<'_, str> {
    let decoded = decode_references(raw, place);
    if decoded.contains('\0') {
        return Cow::Owned(decoded.replace('\0', "\u{fffd}"));
    }
    decoded
}

fn decode_references(raw: &str, place: Place) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let read = if rest[1..].starts_with('#') {
            push_number(&mut text, rest)
        } else {
            push_name(&mut text, rest, place)
        };
        if read == 0 {
            text.push('&');
        }
        rest = &rest[read.max(1)..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Appends the numeric reference that `rest` begins with and returns its length, 0 when it is none.
fn push_number(text: &mut String, rest: &str) -> usize {
    let digits = &rest[2..];
    let (digits, radix, before) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 3),
        None => (digits, 10, 2),
    };
    let length = digits
        .find(|digit: char| !digit.is_digit(radix))
        .unwrap_or(digits.len());
    if length == 0 {
        return 0;
    }
    // Too many digits for a u32 are out of Unicode's range as well.
    let code = u32::from_str_radix(&digits[..length], radix).unwrap_or(u32::MAX);
    text.push(character(code));
    before + length + usize::from(digits[length..].starts_with(';'))
}

fn character(code: u32) -> char {
    let replaced = match code {
        0 => None,
        0x80..=0x9f => C1_REPLACEMENTS[code as usize - 0x80].or(char::from_u32(code)),
        _ => char::from_u32(code),
    };
    replaced.unwrap_or('\u{fffd}')
}

/// Appends the named reference that `rest` begins with and returns its length, 0 when it is none.
fn push_name(text: &mut String, rest: &str, place: Place) -> usize {
    let body = &rest.as_bytes()[1..];
    let mut length = body
        .iter()
        .take(LONGEST_NAME)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if body.get(length) == Some(&b';') {
        length += 1;
    }
    for length in (1..=length).rev() {
        let name = &rest[1..=length];
        // Prefixes of names are in the table as well, with a zero.
        let Some(&(first, second)) = NAMED_ENTITIES.get(name) else {
            continue;
        };
        if first == 0 {
            continue;
        }
        // `?a=1&copy=2` is a query, not a copyright sign.
        let next = body.get(length);
        let goes_on = next.is_some_and(|&byte| byte == b'=' || byte.is_ascii_alphanumeric());
        if place == Place::Attribute && !name.ends_with(';') && goes_on {
            return 0;
        }
        text.extend(
            [first, second]
                .into_iter()
                .filter(|&code| code != 0)
                .map(character),
        );
        return length + 1;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_in_an_attribute() {
        for (raw, decoded) in [
            ("?a=1&amp;b=2", "?a=1&b=2"),
            ("?a=1&b=2", "?a=1&b=2"),
            ("?a=1&copy=2", "?a=1&copy=2"),
            ("?a=1&copy;=2", "?a=1©=2"),
            ("?a=1&copy", "?a=1©"),
            ("&ampx", "&ampx"),
            ("&notit;", "&notit;"),
            (
                "&#x2F;a&#47b&#0;&#x110000;&#xD800;",
                "/a/b\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&#150;&#99999999999;", "–\u{fffd}"),
            ("&#;&#x;&;&", "&#;&#x;&;&"),
            ("&NotEqualTilde;", "≂̸"),
            ("&CounterClockwiseContourIntegral;", "∳"),
            ("&nosuchname;é", "&nosuchname;é"),
            ("/a\0b", "/a\u{fffd}b"),
            ("/a\0&amp;", "/a\u{fffd}&"),
        ] {
            assert_eq!(decode(raw, Place::Attribute), decoded, "{raw}");
        }
    }

    #[test]
    fn text_decodes_a_name_that_goes_on() {
        assert_eq!(decode("&notit; &copy2", Place::Text), "¬it; ©2");
        assert_eq!(decode("AT&amp;amp;T", Place::Text), "AT&amp;T");
    }
}
