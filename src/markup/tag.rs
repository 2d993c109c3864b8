//! A start tag and its attributes (HTML, 13.2.5.32 to 13.2.5.40).
//!
//! Owns where an attribute ends, and with the last one the tag. What it means is its caller's.

use std::ops::Range;

use super::ends::{find, is_space};

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// The byte of its `<`.
    pub(crate) at: usize,
    /// As written.
    pub(crate) name: &'a [u8],
    /// What stands between the name and the end of the tag.
    pub(super) attributes: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Says whether this is an element of that name, which is lower-case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Returns the value of the first attribute of a lower-case name, its references as written.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a [u8]> {
        self.attributes()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Returns the attributes as written, repeated ones included.
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes::of(self.attributes)
    }

    /// Says whether the tag ends with a slash that is no part of a value, as it is in `<svg width=1/>`.
    pub(super) fn is_self_closing(&self) -> bool {
        let mut attributes = self.attributes();
        self.attributes.ends_with(b"/") && {
            while attributes.next_span().is_some() {}
            attributes.is_self_closing(self.attributes.len())
        }
    }
}

/// The attributes of a tag, up to its `>` or the end of the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The byte behind the last value without quotes.
    unquoted_end: usize,
}

impl<'a> Attributes<'a> {
    /// The attributes that `bytes`, which follow a tag's name, begin with.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            unquoted_end: 0,
        }
    }

    /// The same, from the byte at `at` on.
    pub(super) fn from(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            unquoted_end: 0,
        }
    }

    /// Says whether the tag, which ends behind `end`, ends with a slash that is no part of a value.
    pub(super) fn is_self_closing(&self, end: usize) -> bool {
        self.bytes.get(end.wrapping_sub(1)) == Some(&b'/') && self.unquoted_end != end
    }

    /// Returns where the tag ends, when every attribute is read: behind its `>`.
    pub(super) fn tag_end(&self) -> Option<usize> {
        (self.bytes.get(self.at) == Some(&b'>')).then_some(self.at + 1)
    }

    /// Returns the byte behind the `>` that ends the tag; `None` when the bytes end before.
    pub(super) fn end(mut self) -> Option<usize> {
        while self.next_span().is_some() {}
        self.tag_end()
    }

    /// Goes on to the first byte that `stops`.
    fn skip_until(&mut self, stops: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| stops(*byte));
        self.at += length.unwrap_or(rest.len());
    }

    fn skip_space(&mut self) {
        self.skip_until(|byte| !is_space(byte));
    }

    /// Returns where the next attribute's name and its value stand in the bytes.
    pub(super) fn next_span(&mut self) -> Option<(Range<usize>, Range<usize>)> {
        self.skip_until(|byte| !is_space(byte) && byte != b'/');
        let start = self.at;
        if matches!(self.bytes.get(start), None | Some(b'>')) {
            return None;
        }
        // A name may begin with the sign that ends it otherwise.
        self.at += 1;
        self.skip_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let name = start..self.at;
        Some((name, self.value()))
    }

    /// Reads the value that follows a name; there may be none.
    fn value(&mut self) -> Range<usize> {
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'=') {
            return self.at..self.at;
        }
        self.at += 1;
        self.skip_space();
        let start = self.at;
        let Some(quote @ (b'"' | b'\'')) = self.bytes.get(start) else {
            self.skip_until(|byte| is_space(byte) || byte == b'>');
            self.unquoted_end = self.at;
            return start..self.at;
        };
        let found = find(self.bytes, start + 1, *quote);
        let end = found.unwrap_or(self.bytes.len());
        self.at = end + usize::from(found.is_some());
        start + 1..end
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_span()?;
        Some((&self.bytes[name], &self.bytes[value]))
    }
}
