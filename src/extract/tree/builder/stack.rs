//! The stack of open elements (HTML, 13.2.4.2), which knows of each element what is in scope there.
//!
//! A page may open hundreds of elements and ask at every tag whether one of some name is in scope: each
//! entry carries the answers, so that none of these questions walks the stack.

use super::Span;
use crate::extract::tree::Tag;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Html,
    Svg,
    Math,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub node: u32,
    /// Its name, whatever its namespace.
    pub name: Tag,
    pub space: Space,
    /// Its name as written, for one that has no tag.
    pub written: Span,
    /// An `annotation-xml` whose content is HTML by its encoding.
    pub holds_html: bool,
    in_scope: u64,
    in_other_scopes: u32,
}

impl Open {
    pub fn new(node: u32, name: Tag, space: Space, written: Span) -> Self {
        Self {
            node,
            name,
            space,
            written,
            holds_html: false,
            in_scope: 0,
            in_other_scopes: 0,
        }
    }

    /// Returns the name of an element of HTML.
    pub fn tag(&self) -> Tag {
        match self.space {
            Space::Html => self.name,
            _ => Tag::Other,
        }
    }

    /// Says whether it is an element of HTML by that name.
    pub fn is(&self, tag: Tag) -> bool {
        self.space == Space::Html && self.name == tag
    }

    /// Says whether text and most tags in it are of HTML, though it is of MathML.
    pub fn is_math_text(&self) -> bool {
        self.space == Space::Math
            && matches!(
                self.name,
                Tag::Mi | Tag::Mo | Tag::Mn | Tag::Ms | Tag::Mtext
            )
    }

    /// Says whether text and tags in it are of HTML, though it is of SVG.
    pub fn is_svg_point(&self) -> bool {
        self.space == Space::Svg && matches!(self.name, Tag::ForeignObject | Tag::Desc | Tag::Title)
    }

    /// Says whether it ends the default scope.
    fn bounds_scope(&self) -> bool {
        match self.space {
            Space::Html => matches!(
                self.name,
                Tag::Applet
                    | Tag::Caption
                    | Tag::Html
                    | Tag::Table
                    | Tag::Td
                    | Tag::Th
                    | Tag::Marquee
                    | Tag::Object
                    | Tag::Select
                    | Tag::Template
            ),
            _ => {
                self.is_math_text()
                    || self.is_svg_point()
                    || (self.space == Space::Math && self.name == Tag::AnnotationXml)
            }
        }
    }

    /// Says whether it is of the category "special".
    pub fn is_special(&self) -> bool {
        if self.space != Space::Html {
            return self.bounds_scope();
        }
        matches!(
            self.name,
            Tag::Address
                | Tag::Applet
                | Tag::Area
                | Tag::Article
                | Tag::Aside
                | Tag::Base
                | Tag::Basefont
                | Tag::Bgsound
                | Tag::Blockquote
                | Tag::Body
                | Tag::Br
                | Tag::Button
                | Tag::Caption
                | Tag::Center
                | Tag::Col
                | Tag::Colgroup
                | Tag::Dd
                | Tag::Details
                | Tag::Dir
                | Tag::Div
                | Tag::Dl
                | Tag::Dt
                | Tag::Embed
                | Tag::Fieldset
                | Tag::Figcaption
                | Tag::Figure
                | Tag::Footer
                | Tag::Form
                | Tag::Frame
                | Tag::Frameset
                | Tag::H1
                | Tag::H2
                | Tag::H3
                | Tag::H4
                | Tag::H5
                | Tag::H6
                | Tag::Head
                | Tag::Header
                | Tag::Hgroup
                | Tag::Hr
                | Tag::Html
                | Tag::Iframe
                | Tag::Img
                | Tag::Input
                | Tag::Keygen
                | Tag::Li
                | Tag::Link
                | Tag::Listing
                | Tag::Main
                | Tag::Marquee
                | Tag::Menu
                | Tag::Meta
                | Tag::Nav
                | Tag::Noembed
                | Tag::Noframes
                | Tag::Noscript
                | Tag::Object
                | Tag::Ol
                | Tag::P
                | Tag::Param
                | Tag::Plaintext
                | Tag::Pre
                | Tag::Script
                | Tag::Search
                | Tag::Section
                | Tag::Select
                | Tag::Source
                | Tag::Style
                | Tag::Summary
                | Tag::Table
                | Tag::Tbody
                | Tag::Td
                | Tag::Template
                | Tag::Textarea
                | Tag::Tfoot
                | Tag::Th
                | Tag::Thead
                | Tag::Title
                | Tag::Tr
                | Tag::Track
                | Tag::Ul
                | Tag::Wbr
                | Tag::Xmp
        )
    }
}

const P_IN_BUTTON_SCOPE: u32 = 1;
const LI_IN_LIST_SCOPE: u32 = 1 << 1;
const TEMPLATE_OPEN: u32 = 1 << 2;

/// The bit of a name that is looked for in table scope.
fn table_bit(tag: Tag) -> u32 {
    match tag {
        Tag::Table => 1 << 8,
        Tag::Caption => 1 << 9,
        Tag::Tbody => 1 << 10,
        Tag::Thead => 1 << 11,
        Tag::Tfoot => 1 << 12,
        Tag::Tr => 1 << 13,
        Tag::Td => 1 << 14,
        Tag::Th => 1 << 15,
        _ => 0,
    }
}

const TABLE_BITS: u32 = 0xff00;

/// The bit of a name that is looked for in the default scope; headings are looked for together.
fn scope_bit(tag: Tag) -> u64 {
    let number = match tag {
        Tag::Address => 0,
        Tag::Article => 1,
        Tag::Aside => 2,
        Tag::Blockquote => 3,
        Tag::Button => 4,
        Tag::Center => 5,
        Tag::Details => 6,
        Tag::Dialog => 7,
        Tag::Dir => 8,
        Tag::Div => 9,
        Tag::Dl => 10,
        Tag::Fieldset => 11,
        Tag::Figcaption => 12,
        Tag::Figure => 13,
        Tag::Footer => 14,
        Tag::Header => 15,
        Tag::Hgroup => 16,
        Tag::Listing => 17,
        Tag::Main => 18,
        Tag::Menu => 19,
        Tag::Nav => 20,
        Tag::Ol => 21,
        Tag::Pre => 22,
        Tag::Search => 23,
        Tag::Section => 24,
        Tag::Select => 25,
        Tag::Summary => 26,
        Tag::Ul => 27,
        Tag::Form => 28,
        Tag::Dd => 29,
        Tag::Dt => 30,
        Tag::Body => 31,
        Tag::Applet => 32,
        Tag::Marquee => 33,
        Tag::Object => 34,
        Tag::Nobr => 35,
        Tag::Ruby => 36,
        _ if tag.is_heading() => 37,
        _ => return 0,
    };
    1 << number
}

/// The open elements, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Stack {
    open: Vec<Open>,
}

impl Stack {
    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn current(&self) -> Option<&Open> {
        self.open.last()
    }

    /// Returns the name of the innermost element of HTML, if it is the innermost of all.
    pub fn current_tag(&self) -> Tag {
        self.current().map_or(Tag::Other, Open::tag)
    }

    pub fn get(&self, index: usize) -> Option<&Open> {
        self.open.get(index)
    }

    /// Goes through the elements from the innermost one out.
    pub fn outward(&self) -> impl Iterator<Item = (usize, &Open)> {
        self.open.iter().enumerate().rev()
    }

    pub fn push(&mut self, mut open: Open) {
        Self::note(self.open.last(), &mut open);
        self.open.push(open);
    }

    pub fn pop(&mut self) -> Option<Open> {
        self.open.pop()
    }

    pub fn truncate(&mut self, length: usize) {
        self.open.truncate(length);
    }

    pub fn remove(&mut self, index: usize) {
        self.open.remove(index);
        self.note_from(index);
    }

    pub fn insert(&mut self, index: usize, open: Open) {
        self.open.insert(index, open);
        self.note_from(index);
    }

    /// Lets another node stand for the element at `index`.
    pub fn replace(&mut self, index: usize, node: u32) {
        self.open[index].node = node;
    }

    /// Lets the innermost element hold HTML.
    pub fn hold_html(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.holds_html = true;
        }
    }

    /// Pops until an element of HTML by such a name has been popped.
    pub fn pop_until(&mut self, is_last: impl Fn(Tag) -> bool) {
        while let Some(open) = self.open.pop() {
            if open.space == Space::Html && is_last(open.name) {
                return;
            }
        }
    }

    /// Pops until the innermost element is one of HTML by such a name.
    pub fn pop_to(&mut self, is_wanted: impl Fn(Tag) -> bool) {
        while self
            .current()
            .is_some_and(|open| open.space != Space::Html || !is_wanted(open.name))
        {
            self.open.pop();
        }
    }

    /// Returns where a node stands, searched from the innermost out.
    pub fn position(&self, node: u32) -> Option<usize> {
        self.open.iter().rposition(|open| open.node == node)
    }

    /// Says whether an element of that name is in the default scope.
    pub fn has(&self, tag: Tag) -> bool {
        self.current()
            .is_some_and(|open| open.in_scope & scope_bit(tag) != 0)
    }

    /// Says whether the element at `index` is in the default scope.
    pub fn is_in_scope(&self, index: usize) -> bool {
        !self.open[index + 1..].iter().any(Open::bounds_scope)
    }

    pub fn has_p_in_button_scope(&self) -> bool {
        self.has_other(P_IN_BUTTON_SCOPE)
    }

    pub fn has_li_in_list_scope(&self) -> bool {
        self.has_other(LI_IN_LIST_SCOPE)
    }

    pub fn has_in_table_scope(&self, tag: Tag) -> bool {
        self.has_other(table_bit(tag))
    }

    pub fn has_template(&self) -> bool {
        self.has_other(TEMPLATE_OPEN)
    }

    fn has_other(&self, bits: u32) -> bool {
        self.current()
            .is_some_and(|open| open.in_other_scopes & bits != 0)
    }

    fn note_from(&mut self, index: usize) {
        for at in index..self.open.len() {
            let (outer, inner) = self.open.split_at_mut(at);
            Self::note(outer.last(), &mut inner[0]);
        }
    }

    /// Notes what is in scope in `open`, which stands in `outer`.
    fn note(outer: Option<&Open>, open: &mut Open) {
        let (mut scope, mut others) =
            outer.map_or((0, 0), |outer| (outer.in_scope, outer.in_other_scopes));
        let tag = open.tag();
        if open.bounds_scope() {
            scope = 0;
            others &= !(P_IN_BUTTON_SCOPE | LI_IN_LIST_SCOPE);
        }
        match tag {
            Tag::Button => others &= !P_IN_BUTTON_SCOPE,
            Tag::Ol | Tag::Ul => others &= !LI_IN_LIST_SCOPE,
            Tag::P => others |= P_IN_BUTTON_SCOPE,
            Tag::Li => others |= LI_IN_LIST_SCOPE,
            Tag::Html | Tag::Table => others &= !TABLE_BITS,
            Tag::Template => others = others & !TABLE_BITS | TEMPLATE_OPEN,
            _ => {}
        }
        open.in_scope = scope | scope_bit(tag);
        open.in_other_scopes = others | table_bit(tag);
    }
}
