//! The tokens of a page's markup, in one pass over its bytes without a tree: start tags, the text that a
//! reader sees, and titles.
//!
//! Owns where a tag, an attribute, a comment and the content of a raw-text element end (HTML, 13.2.5), and
//! which parts of a page are inert. What an element means is its caller's; text to read is the extract room's.
//!
//! The bytes may be in any encoding that agrees with ASCII wherever a byte of markup can stand. Scripts are
//! never run, so the content of a `noscript` is ordinary markup.

mod ends;
mod tag;

use memchr::memchr;

use ends::{end_of_declaration, end_of_raw_text, end_of_script, find, is_space};
use tag::Attributes;
pub(super) use tag::Tag;

/// Open pictures and formulas, and elements in them, beyond which no more are told apart; no page that is
/// made to be read has as many.
const DEEPEST: usize = 64;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
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

/// An open element that changes what names mean in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scope<'a> {
    name: &'a [u8],
    /// `svg` or `math`, in which names of HTML mean nothing; otherwise an element of these in which HTML
    /// begins anew.
    is_foreign: bool,
}

/// Which rules a page is written by; a browser tells by its media type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Html,
    /// XHTML: an element may end with its start tag, whatever it is.
    Xml,
}

/// The tokens of a page.
pub(super) struct Tokens<'a> {
    markup: &'a [u8],
    syntax: Syntax,
    at: usize,
    scopes: Vec<Scope<'a>>,
    /// How many `template` elements are open; nothing in them is part of the page.
    templates: usize,
    /// How many scopes were open when the outermost of them began.
    scopes_outside: usize,
    /// The start tag at hand, whose content is still to be looked at.
    opened: Option<Content>,
    opened_name: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Makes a pass over `markup`.
    pub(super) fn of(markup: &'a [u8], syntax: Syntax) -> Self {
        Self {
            markup,
            syntax,
            at: 0,
            scopes: Vec::new(),
            templates: 0,
            scopes_outside: 0,
            opened: None,
            opened_name: b"",
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.markup.get(self.at..).unwrap_or_default()
    }

    fn is_foreign(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.is_foreign)
    }

    fn enter(&mut self, tag: &Tag<'a>, is_foreign: bool) {
        if self.scopes.len() < DEEPEST && !tag.is_self_closing() {
            self.scopes.push(Scope {
                name: tag.name,
                is_foreign,
            });
        }
    }

    fn shown(&self, token: Token<'a>) -> Option<Token<'a>> {
        let is_empty = matches!(token, Token::Text(text) if text.is_empty());
        (self.templates == 0 && !is_empty).then_some(token)
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
            Some(b'!') => end_of_declaration(rest, self.is_foreign()),
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
        if self.is_foreign() {
            if leaves_foreign(&tag) {
                // These do not stand in a picture or a formula: it was left open.
                self.leave_foreign();
            } else {
                if is_integration_point(tag.name) {
                    self.enter(&tag, false);
                } else if is_foreign_root(tag.name) {
                    self.enter(&tag, true);
                }
                return self.shown(Token::Start(tag));
            }
        }
        if is_foreign_root(tag.name) {
            self.enter(&tag, true);
        }
        if self.syntax == Syntax::Xml && tag.is_self_closing() {
            return self.shown(Token::Start(tag));
        }
        if tag.is("template") {
            if self.templates == 0 {
                self.scopes_outside = self.scopes.len();
            }
            self.templates += 1;
        }
        let content = content_of(tag.name);
        if content != Content::Markup {
            (self.opened, self.opened_name) = (Some(content), tag.name);
        }
        self.shown(Token::Start(tag))
    }

    fn end_tag(&mut self) -> Option<Token<'a>> {
        let tag = self.tag(2)?;
        if let Some(open) = self
            .scopes
            .iter()
            .rposition(|scope| scope.name.eq_ignore_ascii_case(tag.name))
        {
            self.scopes.truncate(open);
        } else if tag.is("template") {
            // With the outermost one ends what it left open.
            if self.templates == 1 {
                self.scopes.truncate(self.scopes_outside);
            }
            self.templates = self.templates.saturating_sub(1);
        } else if self.is_foreign() && leaves_foreign(&tag) {
            // It ends an element around the picture or the formula, or stands in none: that was left open.
            self.leave_foreign();
        }
        None
    }

    fn leave_foreign(&mut self) {
        while self.scopes.pop_if(|scope| scope.is_foreign).is_some() {}
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

fn is_foreign_root(name: &[u8]) -> bool {
    matches!(name.len(), 3 | 4) && is_one_of(name, &["svg", "math"])
}

/// HTML, 13.2.6: elements of SVG and of MathML whose content is HTML, or text of it.
fn is_integration_point(name: &[u8]) -> bool {
    const NAMES: [&str; 9] = [
        "foreignobject",
        "desc",
        "title",
        "mi",
        "mo",
        "mn",
        "ms",
        "mtext",
        "annotation-xml",
    ];
    is_one_of(name, &NAMES)
}

/// HTML, 13.2.6.5: start tags that end foreign content.
fn leaves_foreign(tag: &Tag<'_>) -> bool {
    const NAMES: [&str; 44] = [
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "hr",
        "i",
        "img",
        "li",
        "listing",
        "menu",
        "meta",
        "nobr",
        "ol",
        "p",
        "pre",
        "ruby",
        "s",
        "small",
        "span",
        "strong",
        "strike",
        "sub",
        "sup",
        "table",
        "tt",
        "u",
        "ul",
        "var",
    ];
    is_one_of(tag.name, &NAMES)
        || (tag.is("font")
            && ["color", "face", "size"]
                .iter()
                .any(|name| tag.attribute(name).is_some()))
}

#[cfg(test)]
#[path = "markup_tests.rs"]
mod tests;
