//! The tokens of a page's markup, in one pass over its bytes without a tree: start tags, the text that a
//! reader sees, and titles.
//!
//! Owns where a tag, an attribute, a comment and the content of a raw-text element end (HTML, 13.2.5), and
//! which parts of a page are inert. What an element means is its caller's; text to read is the extract room's.
//!
//! The bytes may be in any encoding that agrees with ASCII wherever a byte of markup can stand. Scripts are
//! never run, so the content of a `noscript` is ordinary markup.

mod ends;
pub(crate) mod lexer;
mod open;
pub(crate) mod references;
mod tag;
pub(crate) mod visible;

use memchr::memchr;

use ends::{end_of_declaration, end_of_raw_text, end_of_script, find, is_space};
use open::Open;
use tag::Attributes;
pub(crate) use tag::Tag;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text between two tags, its character references as written.
    Text(&'a [u8]),
    /// The text of a `title` of HTML.
    Title(&'a [u8]),
    Start(Tag<'a>),
}

/// What the content of an element is to the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Markup,
    Script,
    /// Raw text that nobody sees.
    Unseen,
    /// Raw text that is shown.
    Shown,
    Title,
    /// Nothing ends it.
    Plain,
}

/// Which rules a page is written by; a browser tells by its media type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Html,
    /// XHTML: an element may end with its start tag, whatever it is.
    Xml,
}

/// The tokens of a page.
pub(crate) struct Tokens<'a> {
    markup: &'a [u8],
    syntax: Syntax,
    at: usize,
    /// What is open and changes what names mean.
    open: Open<'a>,
    /// The start tag at hand, whose content is still to be looked at.
    opened: Option<Content>,
    opened_name: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Makes a pass over `markup`.
    pub(crate) fn of(markup: &'a [u8], syntax: Syntax) -> Self {
        Self {
            markup,
            syntax,
            at: 0,
            open: Open::default(),
            opened: None,
            opened_name: b"",
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.markup.get(self.at..).unwrap_or_default()
    }

    fn shown(&self, token: Token<'a>) -> Option<Token<'a>> {
        let is_empty = matches!(token, Token::Text(text) if text.is_empty());
        (!self.open.is_in_template() && !is_empty).then_some(token)
    }

    /// Reads the raw text of the element that was opened last.
    fn raw_text(&mut self, content: Content) -> Option<Token<'a>> {
        let rest = self.rest();
        let length = match content {
            Content::Plain => rest.len(),
            Content::Script => end_of_script(rest),
            _ => end_of_raw_text(rest, self.opened_name),
        };
        self.at += length;
        let text = &rest[..length];
        match content {
            Content::Title => self.shown(Token::Title(text)),
            Content::Shown | Content::Plain => self.shown(Token::Text(text)),
            Content::Script | Content::Unseen | Content::Markup => None,
        }
    }

    /// Reads what begins with a `<`; `None` when it is no start tag.
    fn marked(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let length = match rest.get(1) {
            Some(first) if first.is_ascii_alphabetic() => return self.start_tag(),
            Some(b'/') => match rest.get(2) {
                Some(first) if first.is_ascii_alphabetic() => return self.end_tag(),
                Some(b'>') => Some(3),
                Some(_) => find(rest, 2, b'>').map(|end| end + 1),
                None => None,
            },
            Some(b'!') => end_of_declaration(rest, self.open.is_foreign()),
            Some(b'?') => find(rest, 1, b'>').map(|end| end + 1),
            // A bare `<` is text that ends a word.
            _ => Some(1),
        };
        self.at += length.unwrap_or(rest.len());
        None
    }

    /// Reads the name of the tag whose `<` or `</` stands before `from`, and the tag's end. A tag that does
    /// not end is none, nor is what stands in it.
    fn tag(&mut self, from: usize) -> Option<Tag<'a>> {
        let (at, rest) = (self.at, self.rest());
        let is_end = |byte: &u8| is_space(*byte) || matches!(byte, b'/' | b'>');
        let length = rest.iter().skip(from).position(is_end);
        let name_end = length.map_or(rest.len(), |length| from + length);
        let Some(end) = Attributes::of(&rest[name_end..]).end() else {
            self.at = self.markup.len();
            return None;
        };
        self.at += name_end + end;
        Some(Tag {
            at,
            name: &rest[from..name_end],
            attributes: &rest[name_end..name_end + end - 1],
        })
    }

    fn start_tag(&mut self) -> Option<Token<'a>> {
        let tag = self.tag(1)?;
        let is_html = self.open.start(&tag, self.syntax);
        if !is_html || self.syntax == Syntax::Xml && tag.is_self_closing() {
            return self.shown(Token::Start(tag));
        }
        let content = content_of(tag.name);
        if content != Content::Markup {
            (self.opened, self.opened_name) = (Some(content), tag.name);
        }
        self.shown(Token::Start(tag))
    }

    fn end_tag(&mut self) -> Option<Token<'a>> {
        let tag = self.tag(2)?;
        self.open.end(&tag);
        None
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(content) = self.opened.take() {
                if let Some(token) = self.raw_text(content) {
                    return Some(token);
                }
                continue;
            }
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if rest[0] == b'<' {
                if let Some(token) = self.marked() {
                    return Some(token);
                }
                continue;
            }
            let length = memchr(b'<', rest).unwrap_or(rest.len());
            self.at += length;
            if let Some(token) = self.shown(Token::Text(&rest[..length])) {
                return Some(token);
            }
        }
    }
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn content_of(name: &[u8]) -> Content {
    // Most names are none of these, and their length says so.
    match name.len() {
        3 if is_one_of(name, &["xmp"]) => Content::Shown,
        5 if is_one_of(name, &["style"]) => Content::Unseen,
        5 if is_one_of(name, &["title"]) => Content::Title,
        6 if is_one_of(name, &["script"]) => Content::Script,
        6 if is_one_of(name, &["iframe"]) => Content::Unseen,
        7 if is_one_of(name, &["noembed"]) => Content::Unseen,
        8 if is_one_of(name, &["noframes"]) => Content::Unseen,
        8 if is_one_of(name, &["textarea"]) => Content::Shown,
        9 if is_one_of(name, &["plaintext"]) => Content::Plain,
        _ => Content::Markup,
    }
}

#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod tests;
