//! Builds the tree of a page by the rules of HTML (13.2.6), straight into nodes linked in document order.
//!
//! Owns the rules and what limits them; where a token ends is known to `markup`, which is told what the
//! rules expect next. Scripts are never run but count as enabled, so a `noscript` holds raw text.
//! Texts and attributes are ranges of the page itself wherever no reference stands in them.

mod body;
mod body_end;
mod doctype;
mod foreign;
mod formatting;
mod head;
mod insert;
mod stack;
mod table;
mod text;

use std::borrow::Cow;

use super::linked::{DOCUMENT, Linked, NONE};
use super::{Attribute, DEPTH_LIMIT, Excess, NodeKind, Tag, Tree};
use crate::markup::lexer::{Lexeme, Lexer, RawText};
use crate::markup::references::{Place as ReferencePlace, decode};
use formatting::Formatting;
use stack::{Open, Space, Stack};

/// Nodes that any page may have, however short it is.
const SPARE_NODES: usize = 10_000;

/// Longer pages are read up to here; offsets have 32 bits, and decoding may lengthen a text.
const LONGEST_BYTES: usize = (u32::MAX / 4) as usize;

/// Builds the tree of any text.
pub(super) fn parse(html: Cow<'_, str>) -> Tree {
    let source = with_line_feeds(html);
    let kept = source.floor_char_boundary(LONGEST_BYTES);
    let mut builder = Builder::new(&source[..kept]);
    builder.excess.ignored += usize::from(kept < source.len());
    builder.read();
    let Builder {
        nodes,
        attributes,
        decoded,
        excess,
        ..
    } = builder;
    let mut source = source.into_owned();
    source.truncate(kept);
    Tree {
        nodes: nodes.lay_out(),
        attributes,
        source,
        decoded,
        excess,
    }
}

/// Makes every line end in a line feed alone (HTML, 13.2.3.5).
fn with_line_feeds(html: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b'\r', html.as_bytes()).is_none() {
        return html;
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = &*html;
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        text.push('\n');
        let after = &rest[at + 1..];
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// A part of the page, or of what was decoded from it: those bytes are counted on from the page's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Cuts it after `length` bytes.
    fn split_at(self, length: usize) -> (Self, Self) {
        let middle = self.start + length as u32;
        let (start, end) = (self.start, self.end);
        (Self { start, end: middle }, Self { start: middle, end })
    }
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
struct StartTag {
    tag: Tag,
    written: Span,
    /// A range of the builder's attributes.
    attributes: Span,
    is_self_closing: bool,
}

impl StartTag {
    /// A tag that the page left out.
    fn implied(tag: Tag) -> Self {
        Self {
            tag,
            written: Span::default(),
            attributes: Span::default(),
            is_self_closing: false,
        }
    }
}

/// An end tag.
#[derive(Debug, Clone, Copy)]
struct EndTag {
    tag: Tag,
    written: Span,
}

/// The insertion modes (HTML, 13.2.4.1), but those that no state of the page outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    InFrameset,
    AfterFrameset,
    AfterAfterBody,
    AfterAfterFrameset,
}

/// Whether a token is dealt with, or is to be looked at again in the mode that is now current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Done,
    Again,
}

struct Builder<'a> {
    source: &'a str,
    decoded: String,
    has_nul: bool,
    nodes: Linked,
    attributes: Vec<Attribute>,
    stack: Stack,
    formatting: Vec<Formatting>,
    mode: Mode,
    template_modes: Vec<Mode>,
    head: u32,
    form: u32,
    is_frameset_ok: bool,
    /// Nodes for a table go before it.
    is_fostering: bool,
    /// A line feed that comes next is no text.
    skips_line_feed: bool,
    has_quirks: bool,
    /// Text in a table whose place is not known before it ends.
    table_text: Vec<Span>,
    /// How the content of the element that was opened last ends, if it holds no markup.
    raw: Option<RawText>,
    excess: Excess,
    node_limit: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let mut nodes = Linked::with_capacity(source.len() / 64 + 16);
        nodes.add(NodeKind::Document, Tag::Other);
        Self {
            source,
            decoded: String::new(),
            has_nul: memchr::memchr(0, source.as_bytes()).is_some(),
            nodes,
            attributes: Vec::with_capacity(source.len() / 96 + 16),
            stack: Stack::default(),
            formatting: Vec::new(),
            mode: Mode::Initial,
            template_modes: Vec::new(),
            head: NONE,
            form: NONE,
            is_frameset_ok: true,
            is_fostering: false,
            skips_line_feed: false,
            has_quirks: false,
            table_text: Vec::new(),
            raw: None,
            excess: Excess::default(),
            node_limit: source.len() + SPARE_NODES,
        }
    }

    fn read(&mut self) {
        let mut lexer = Lexer::of(self.source.as_bytes());
        if self.source.starts_with('\u{feff}') {
            lexer.skip('\u{feff}'.len_utf8());
        }
        while let Some(lexeme) = lexer.next(self.is_foreign()) {
            match lexeme {
                Lexeme::Text(text) => {
                    let span = self.text_of(&self.source[text.clone()], text.start);
                    self.characters(span);
                }
                Lexeme::Data(text) => self.characters(span_of(text)),
                Lexeme::Comment => self.end_text(),
                Lexeme::Doctype(text, is_whole) => self.doctype(&self.source[text], is_whole),
                Lexeme::Start(name) => self.start_tag(&mut lexer, name),
                Lexeme::End(name) => {
                    self.end_text();
                    if self.is_full() {
                        continue;
                    }
                    let tag = Tag::of(&self.source[name.clone()]);
                    let written = span_of(name);
                    self.end(EndTag { tag, written });
                }
            }
        }
        self.end_text();
        self.end_of_page();
    }

    /// Ends a run of text: what a table holds of it is put into its place.
    fn end_text(&mut self) {
        self.skips_line_feed = false;
        if !self.table_text.is_empty() {
            self.flush_table_text();
        }
    }

    fn doctype(&mut self, text: &str, is_whole: bool) {
        self.end_text();
        if self.mode == Mode::Initial {
            self.has_quirks = doctype::has_quirks(text, is_whole);
            self.mode = Mode::BeforeHtml;
        }
    }

    fn start_tag(&mut self, lexer: &mut Lexer<'_>, name: std::ops::Range<usize>) {
        self.end_text();
        if self.is_full() || !self.make_room() {
            return;
        }
        let text = &self.source[name.clone()];
        let token = StartTag {
            tag: Tag::of(text),
            written: span_of(name),
            attributes: self.keep_attributes(lexer),
            is_self_closing: lexer.is_self_closing,
        };
        self.start(token);
        if let Some(kind) = self.raw.take() {
            let range = lexer.raw_text(kind, text.as_bytes());
            self.raw_text(kind, range);
            // Its end tag, if there is one, is what comes next.
            lexer.next(false);
        }
    }

    /// Puts the content of an element without markup into it, and closes it unless nothing can.
    fn raw_text(&mut self, kind: RawText, range: std::ops::Range<usize>) {
        let raw = &self.source[range.clone()];
        let mut span = match kind {
            RawText::Escapable => self.text_of(raw, range.start),
            _ if self.has_nul && raw.contains('\0') => self.keep(&raw.replace('\0', "\u{fffd}")),
            _ => span_of(range),
        };
        if self.skips_line_feed && self.string(span).starts_with('\n') {
            span = span.split_at(1).1;
        }
        self.skips_line_feed = false;
        if kind == RawText::Endless {
            // The element stays open, and what it holds is text of the body.
            return self.characters_in_html(span);
        }
        self.insert_text(span);
        self.stack.pop();
    }

    fn is_full(&mut self) -> bool {
        let is_full = self.nodes.len() > self.node_limit;
        self.excess.ignored += usize::from(is_full);
        is_full
    }

    /// Closes the innermost element when a start tag would nest too deep; says whether there is room then.
    fn make_room(&mut self) -> bool {
        if self.has_room() {
            return true;
        }
        self.excess.too_deep += 1;
        if let Some(open) = self.stack.current().copied() {
            self.end(EndTag {
                tag: open.name,
                written: open.written,
            });
        }
        self.has_room()
    }

    fn has_room(&self) -> bool {
        self.stack.len() < DEPTH_LIMIT as usize
            && self
                .stack
                .current()
                .is_none_or(|open| self.nodes[open.node].depth < DEPTH_LIMIT)
    }

    fn start(&mut self, token: StartTag) {
        if self.is_foreign_for(token.tag) {
            return self.start_in_foreign(token);
        }
        self.start_in_html(token);
    }

    fn start_in_html(&mut self, token: StartTag) {
        while self.start_in_mode(token) == Flow::Again {}
    }

    fn start_in_mode(&mut self, token: StartTag) -> Flow {
        match self.mode {
            Mode::Initial => self.begin_again(),
            Mode::BeforeHtml => self.start_before_html(token),
            Mode::BeforeHead => self.start_before_head(token),
            Mode::InHead => self.start_in_head(token),
            Mode::AfterHead => self.start_after_head(token),
            Mode::InBody => self.start_in_body(token),
            Mode::InTable => self.start_in_table(token),
            Mode::InCaption => self.start_in_caption(token),
            Mode::InColumnGroup => self.start_in_column_group(token),
            Mode::InTableBody => self.start_in_table_body(token),
            Mode::InRow => self.start_in_row(token),
            Mode::InCell => self.start_in_cell(token),
            Mode::InTemplate => self.start_in_template(token),
            Mode::AfterBody | Mode::AfterAfterBody => self.start_after_body(token),
            Mode::InFrameset => self.start_in_frameset(token),
            Mode::AfterFrameset | Mode::AfterAfterFrameset => self.start_after_frameset(token),
        }
    }

    fn end(&mut self, token: EndTag) {
        if self.is_foreign() && !self.ends_foreign(token) {
            return;
        }
        while self.end_in_mode(token) == Flow::Again {}
    }

    fn end_in_mode(&mut self, token: EndTag) -> Flow {
        match self.mode {
            Mode::Initial => self.begin_again(),
            Mode::BeforeHtml => self.end_before_html(token),
            Mode::BeforeHead => self.end_before_head(token),
            Mode::InHead => self.end_in_head(token),
            Mode::AfterHead => self.end_after_head(token),
            Mode::InBody => self.end_in_body(token),
            Mode::InTable => self.end_in_table(token),
            Mode::InCaption => self.end_in_caption(token),
            Mode::InColumnGroup => self.end_in_column_group(token),
            Mode::InTableBody => self.end_in_table_body(token),
            Mode::InRow => self.end_in_row(token),
            Mode::InCell => self.end_in_cell(token),
            Mode::InTemplate => self.end_in_template(token),
            Mode::AfterBody | Mode::AfterAfterBody => self.end_after_body(token),
            Mode::InFrameset => self.end_in_frameset(token),
            Mode::AfterFrameset | Mode::AfterAfterFrameset => self.end_after_frameset(token),
        }
    }

    fn end_of_page(&mut self) {
        loop {
            match self.mode {
                Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => self.begin(),
                Mode::InHead | Mode::AfterHead => {
                    self.end_head_or_columns(Span::default());
                }
                _ if self.stack.has_template() && !self.template_modes.is_empty() => {
                    self.leave_template();
                }
                _ => return,
            }
        }
    }
}

fn span_of(range: std::ops::Range<usize>) -> Span {
    Span {
        start: range.start as u32,
        end: range.end as u32,
    }
}

#[cfg(test)]
mod tests;
