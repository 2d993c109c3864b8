//! A page's markup taken apart in full, for a reader that builds a tree of it: tags, text, comments.
//!
//! Owns where each of them ends (HTML, 13.2.5). What stands in a tag's way (raw text, foreign content) is
//! known to the reader alone, who says so before each step.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::ends::{end_of_declaration, end_of_raw_text, end_of_script, find, is_space};
use super::tag::Attributes;

/// One piece of markup; ranges are bytes of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lexeme {
    /// Text, its character references as written.
    Text(Range<usize>),
    /// Text in which nothing is a reference.
    Data(Range<usize>),
    /// The name of a start tag; its attributes are the lexer's until the next step.
    Start(Range<usize>),
    /// The name of an end tag.
    End(Range<usize>),
    /// A comment, or what is taken for one.
    Comment,
    /// What stands between `<!doctype` and its `>`, if one ends it.
    Doctype(Range<usize>, bool),
}

/// How the content of an element without markup ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawText {
    /// Its end tag ends it; references count.
    Escapable,
    /// Its end tag ends it.
    Plain,
    Script,
    /// Nothing ends it.
    Endless,
}

/// Where the name and the value of an attribute stand.
pub(crate) type AttributeSpan = (Range<usize>, Range<usize>);

/// A place in a page's markup.
pub(crate) struct Lexer<'a> {
    markup: &'a [u8],
    at: usize,
    /// Of the tag that was read last, as written, repeated ones included.
    pub(crate) attributes: Vec<AttributeSpan>,
    /// Whether that tag ends with `/>`.
    pub(crate) is_self_closing: bool,
}

impl<'a> Lexer<'a> {
    /// Begins at the start of `markup`.
    pub(crate) fn of(markup: &'a [u8]) -> Self {
        Self {
            markup,
            at: 0,
            attributes: Vec::new(),
            is_self_closing: false,
        }
    }

    /// Leaves out so many bytes.
    pub(crate) fn skip(&mut self, length: usize) {
        self.at += length;
    }

    /// Reads the next piece; in foreign content there are CDATA sections.
    pub(crate) fn next(&mut self, is_foreign: bool) -> Option<Lexeme> {
        while self.at < self.markup.len() {
            let start = self.at;
            if !self.is_markup(start) {
                self.at = self.end_of_text();
                return Some(Lexeme::Text(start..self.at));
            }
            match self.markup[start + 1] {
                b'/' => match self.markup[start + 2] {
                    b'>' => self.at = start + 3,
                    first if first.is_ascii_alphabetic() => {
                        return self.tag(start + 2).map(Lexeme::End);
                    }
                    _ => return Some(self.comment(find(self.markup, start + 2, b'>'))),
                },
                b'!' => return Some(self.declaration(is_foreign)),
                b'?' => return Some(self.comment(find(self.markup, start + 1, b'>'))),
                _ => return self.tag(start + 1).map(Lexeme::Start),
            }
        }
        None
    }

    /// Reads the content of an element that has no markup in it, up to the end tag of `name`.
    pub(crate) fn raw_text(&mut self, kind: RawText, name: &[u8]) -> Range<usize> {
        let (start, rest) = (self.at, &self.markup[self.at..]);
        self.at += match kind {
            RawText::Endless => rest.len(),
            RawText::Script => end_of_script(rest),
            RawText::Escapable | RawText::Plain => end_of_raw_text(rest, name),
        };
        start..self.at
    }

    /// Says whether markup begins at `at`; any other `<` is text.
    fn is_markup(&self, at: usize) -> bool {
        self.markup[at] == b'<'
            && match self.markup.get(at + 1) {
                Some(b'!' | b'?') => true,
                Some(b'/') => at + 2 < self.markup.len(),
                Some(first) => first.is_ascii_alphabetic(),
                None => false,
            }
    }

    fn end_of_text(&self) -> usize {
        let mut from = self.at + usize::from(self.markup[self.at] == b'<');
        while let Some(found) = memchr(b'<', &self.markup[from..]) {
            if self.is_markup(from + found) {
                return from + found;
            }
            from += found + 1;
        }
        self.markup.len()
    }

    fn comment(&mut self, last: Option<usize>) -> Lexeme {
        self.at = last.map_or(self.markup.len(), |last| last + 1);
        Lexeme::Comment
    }

    fn declaration(&mut self, is_foreign: bool) -> Lexeme {
        const DOCTYPE: &[u8] = b"<!doctype";
        const DATA: &[u8] = b"<![CDATA[";
        let (start, rest) = (self.at, &self.markup[self.at..]);
        let is_doctype = rest
            .get(..DOCTYPE.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(DOCTYPE));
        if is_doctype {
            let last = find(self.markup, start + DOCTYPE.len(), b'>');
            self.comment(last);
            let end = last.unwrap_or(self.markup.len());
            return Lexeme::Doctype(start + DOCTYPE.len()..end, last.is_some());
        }
        if is_foreign && rest.starts_with(DATA) {
            let text = start + DATA.len();
            let length = memmem::find(&self.markup[text..], b"]]>");
            let end = length.map_or(self.markup.len(), |length| text + length);
            self.at = length.map_or(end, |_| end + 3);
            return Lexeme::Data(text..end);
        }
        let length = end_of_declaration(rest, false);
        self.comment(length.map(|length| start + length - 1))
    }

    /// Reads the tag whose name begins at `name`; one that does not end is none, nor is what stands in it.
    fn tag(&mut self, name: usize) -> Option<Range<usize>> {
        let is_end = |byte: &u8| is_space(*byte) || matches!(byte, b'/' | b'>');
        let length = self.markup[name..].iter().position(is_end);
        let name_end = length.map_or(self.markup.len(), |length| name + length);
        self.attributes.clear();
        let mut attributes = Attributes::from(self.markup, name_end);
        while let Some(span) = attributes.next_span() {
            self.attributes.push(span);
        }
        let Some(end) = attributes.tag_end() else {
            self.at = self.markup.len();
            return None;
        };
        self.is_self_closing = attributes.is_self_closing(end - 1);
        self.at = end;
        Some(name..name_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markup: &str, is_foreign: bool) -> String {
        let mut lexer = Lexer::of(markup.as_bytes());
        let mut read = Vec::new();
        while let Some(lexeme) = lexer.next(is_foreign) {
            read.push(match lexeme {
                Lexeme::Text(text) => markup[text].to_owned(),
                Lexeme::Data(text) => format!("[{}]", &markup[text]),
                Lexeme::Start(name) => {
                    let attributes = lexer.attributes.iter().map(|(name, value)| {
                        format!(" {}={}", &markup[name.clone()], &markup[value.clone()])
                    });
                    let end = if lexer.is_self_closing { "/>" } else { ">" };
                    format!("<{}{}{end}", &markup[name], attributes.collect::<String>())
                }
                Lexeme::End(name) => format!("</{}>", &markup[name]),
                Lexeme::Comment => "#".to_owned(),
                Lexeme::Doctype(text, is_whole) => format!("!{}{is_whole}", &markup[text]),
            });
        }
        read.join("|")
    }

    #[test]
    fn each_piece_ends_where_it_does_in_a_browser() {
        for (markup, expected) in [
            ("a<b>c</b x>d", "a|<b>|c|</b>|d"),
            ("1 < 2 <3<a>", "1 < 2 <3|<a>"),
            ("a<", "a<"),
            ("a</", "a</"),
            ("a</>b</ c>d<?e>f<!g>h", "a|b|#|d|#|f|#|h"),
            (
                "<br/><a b=c/><a b='c'/><a / >",
                "<br/>|<a b=c/>|<a b=c/>|<a>",
            ),
            ("<!doctype html>x<!DOCTYPE", "! htmltrue|x|!false"),
            ("<!-- > -->a<!-->b<!-- open", "#|a|#|b|#"),
            ("a<p open", "a"),
            ("<![CDATA[x]]>y", "#|y"),
        ] {
            assert_eq!(read(markup, false), expected, "{markup}");
        }
        assert_eq!(read("<![CDATA[<x>]]>y<![CDATA[z", true), "[<x>]|y|[z]");
    }

    #[test]
    fn a_slash_belongs_to_the_value_that_it_ends() {
        let mut lexer = Lexer::of(b"<a b=c/>");
        lexer.next(false);
        assert!(!lexer.is_self_closing);
    }
}
