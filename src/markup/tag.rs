//! A start tag and its attributes (HTML, 13.2.5.32 to 13.2.5.40).
//!
//! Owns where an attribute ends, and with the last one the tag. What it means is its caller's.

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
            while attributes.next().is_some() {}
            attributes.unquoted_end != self.attributes.len()
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

    /// Returns the byte behind the `>` that ends the tag; `None` when the bytes end before.
    pub(super) fn end(mut self) -> Option<usize> {
        while self.next().is_some() {}
        (self.bytes.get(self.at) == Some(&b'>')).then_some(self.at + 1)
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

    fn taken_since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Reads the value that follows a name; there may be none.
    fn value(&mut self) -> &'a [u8] {
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'=') {
            return b"";
        }
        self.at += 1;
        self.skip_space();
        let start = self.at;
        let Some(quote @ (b'"' | b'\'')) = self.bytes.get(start) else {
            self.skip_until(|byte| is_space(byte) || byte == b'>');
            self.unquoted_end = self.at;
            return self.taken_since(start);
        };
        let end = find(self.bytes, start + 1, *quote);
        self.at = end.unwrap_or(self.bytes.len());
        let value = self.taken_since(start + 1);
        self.at += usize::from(end.is_some());
        value
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_until(|byte| !is_space(byte) && byte != b'/');
        let start = self.at;
        if matches!(self.bytes.get(start), None | Some(b'>')) {
            return None;
        }
        // A name may begin with the sign that ends it otherwise.
        self.at += 1;
        self.skip_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let name = self.taken_since(start);
        Some((name, self.value()))
    }
}
