//! Pictures and formulas: which tokens are theirs, and what becomes of those (HTML, 13.2.6 and 13.2.6.5).

use super::{Builder, EndTag, Space, Span, StartTag, Tag};

impl Builder<'_> {
    /// Says whether the innermost element is of a picture or a formula.
    pub(super) fn is_foreign(&self) -> bool {
        self.stack
            .current()
            .is_some_and(|open| open.space != Space::Html)
    }

    pub(super) fn is_foreign_for_text(&self) -> bool {
        self.stack.current().is_some_and(|open| {
            open.space != Space::Html
                && !(open.is_math_text() || open.is_svg_point() || open.holds_html)
        })
    }

    pub(super) fn is_foreign_for(&self, tag: Tag) -> bool {
        self.stack.current().is_some_and(|open| {
            let is_html = match open.space {
                Space::Html => true,
                Space::Svg => open.is_svg_point(),
                Space::Math => {
                    open.holds_html
                        || (open.is_math_text() && !matches!(tag, Tag::Mglyph | Tag::Malignmark))
                        || (open.name == Tag::AnnotationXml && tag == Tag::Svg)
                }
            };
            !is_html
        })
    }

    pub(super) fn characters_in_foreign(&mut self, mut span: Span) {
        let is_space = |byte: u8| byte == 0 || byte.is_ascii_whitespace();
        self.is_frameset_ok &= self.string(span).bytes().all(is_space);
        if self.has_nul && self.string(span).contains('\0') {
            let text = self.string(span).replace('\0', "\u{fffd}");
            span = self.keep(&text);
        }
        self.insert_text(span);
    }

    pub(super) fn start_in_foreign(&mut self, token: StartTag) {
        if self.leaves_foreign(token) {
            self.leave_foreign();
            return self.start_in_html(token);
        }
        let space = self.stack.current().map_or(Space::Html, |open| open.space);
        self.insert_foreign(token, space);
    }

    /// Inserts an element of a picture or a formula.
    pub(super) fn insert_foreign(&mut self, token: StartTag, space: Space) {
        let is_annotation = space == Space::Math && token.tag == Tag::AnnotationXml;
        let holds_html = is_annotation
            && self.attribute(token, "encoding").is_some_and(|encoding| {
                ["text/html", "application/xhtml+xml"]
                    .iter()
                    .any(|html| encoding.eq_ignore_ascii_case(html))
            });
        self.insert_element_of(token, space);
        if token.is_self_closing {
            self.stack.pop();
        } else if holds_html {
            self.stack.hold_html();
        }
    }

    /// Takes an end tag in a picture or a formula; says whether it is for the rules of HTML to take.
    pub(super) fn ends_foreign(&mut self, token: EndTag) -> bool {
        if matches!(token.tag, Tag::Br | Tag::P) {
            self.leave_foreign();
            return true;
        }
        let mut found = None;
        for (index, open) in self.stack.outward() {
            let is_innermost = index + 1 == self.stack.len();
            if index == 0 {
                return false;
            }
            if !is_innermost && open.space == Space::Html {
                return true;
            }
            if self.has_name(open, token.tag, token.written) {
                found = Some(index);
                break;
            }
        }
        if let Some(index) = found {
            self.stack.truncate(index);
        }
        false
    }

    /// Closes what is open of a picture or a formula, up to where HTML may stand.
    fn leave_foreign(&mut self) {
        while self.stack.current().is_some_and(|open| {
            open.space != Space::Html
                && !(open.is_math_text() || open.is_svg_point() || open.holds_html)
        }) {
            self.stack.pop();
        }
    }

    /// Says whether a start tag stands in no picture and no formula, so that one was left open.
    fn leaves_foreign(&self, token: StartTag) -> bool {
        match token.tag {
            Tag::B
            | Tag::Big
            | Tag::Blockquote
            | Tag::Body
            | Tag::Br
            | Tag::Center
            | Tag::Code
            | Tag::Dd
            | Tag::Div
            | Tag::Dl
            | Tag::Dt
            | Tag::Em
            | Tag::Embed
            | Tag::H1
            | Tag::H2
            | Tag::H3
            | Tag::H4
            | Tag::H5
            | Tag::H6
            | Tag::Head
            | Tag::Hr
            | Tag::I
            | Tag::Img
            | Tag::Li
            | Tag::Listing
            | Tag::Menu
            | Tag::Meta
            | Tag::Nobr
            | Tag::Ol
            | Tag::P
            | Tag::Pre
            | Tag::Ruby
            | Tag::S
            | Tag::Small
            | Tag::Span
            | Tag::Strong
            | Tag::Strike
            | Tag::Sub
            | Tag::Sup
            | Tag::Table
            | Tag::Tt
            | Tag::U
            | Tag::Ul
            | Tag::Var => true,
            Tag::Font => ["color", "face", "size"]
                .iter()
                .any(|name| self.attribute(token, name).is_some()),
            _ => false,
        }
    }
}
