//! Runs of characters: which of them are text, and what else they bring about.

use super::{Builder, Flow, Mode, Span, StartTag, Tag};

impl Builder<'_> {
    /// Takes a run of characters; it may end in another mode than it began in.
    pub(super) fn characters(&mut self, mut span: Span) {
        if std::mem::take(&mut self.skips_line_feed) && self.string(span).starts_with('\n') {
            span = span.split_at(1).1;
        }
        if self.is_foreign_for_text() {
            return self.characters_in_foreign(span);
        }
        if !self.has_nul {
            return self.characters_in_html(span);
        }
        while let Some(at) = self.string(span).find('\0') {
            let (before, rest) = span.split_at(at);
            self.characters_in_html(before);
            span = rest.split_at(1).1;
        }
        self.characters_in_html(span);
    }

    pub(super) fn characters_in_html(&mut self, mut span: Span) {
        while !span.is_empty() {
            let (spaces, rest) = span.split_at(leading_spaces(self.string(span)));
            match self.mode {
                Mode::InBody | Mode::InCaption | Mode::InCell | Mode::InTemplate => {
                    return self.text_in_body(span);
                }
                Mode::InTable | Mode::InTableBody | Mode::InRow => {
                    return self.text_in_table(span);
                }
                Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => {
                    span = rest;
                    if !span.is_empty() {
                        self.begin();
                    }
                }
                Mode::InHead | Mode::AfterHead | Mode::InColumnGroup => {
                    self.insert_text(spaces);
                    span = rest;
                    if !span.is_empty() {
                        span = self.end_head_or_columns(span);
                    }
                }
                Mode::AfterBody | Mode::AfterAfterBody => {
                    self.text_in_body(spaces);
                    span = rest;
                    if !span.is_empty() {
                        self.mode = Mode::InBody;
                    }
                }
                Mode::InFrameset | Mode::AfterFrameset | Mode::AfterAfterFrameset => {
                    self.insert_text(spaces);
                    span = rest.split_at(leading_words(self.string(rest))).1;
                }
            }
        }
    }

    /// Makes what must be there before anything else can be in the page, one step at a time.
    pub(super) fn begin(&mut self) {
        match self.mode {
            Mode::Initial => {
                self.has_quirks = true;
                self.mode = Mode::BeforeHtml;
            }
            Mode::BeforeHtml => self.open_root(Span::default()),
            _ => self.open_head(StartTag::implied(Tag::Head)),
        }
    }

    pub(super) fn begin_again(&mut self) -> Flow {
        self.begin();
        Flow::Again
    }

    /// Leaves a mode in which only white space is text; returns what is left to be read.
    pub(super) fn end_head_or_columns(&mut self, span: Span) -> Span {
        match self.mode {
            Mode::InHead => {
                self.stack.pop();
                self.mode = Mode::AfterHead;
            }
            Mode::AfterHead => {
                self.insert_element(StartTag::implied(Tag::Body));
                self.mode = Mode::InBody;
            }
            _ if self.stack.current_tag() == Tag::Colgroup => {
                self.stack.pop();
                self.mode = Mode::InTable;
            }
            _ => return span.split_at(leading_words(self.string(span))).1,
        }
        span
    }
}

fn leading_spaces(text: &str) -> usize {
    let length = text.bytes().position(|byte| !byte.is_ascii_whitespace());
    length.unwrap_or(text.len())
}

fn leading_words(text: &str) -> usize {
    let length = text.bytes().position(|byte| byte.is_ascii_whitespace());
    length.unwrap_or(text.len())
}
