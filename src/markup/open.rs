//! The elements that are open and change what names mean: pictures and formulas, the HTML in them, and
//! templates.
//!
//! Owns by whose rules a tag counts (HTML, 13.2.6, the dispatcher of the tree construction). It keeps no
//! tree: what is open around a picture is not known to it, nor which end tags HTML implies. So it takes
//!
//! - an end tag of HTML that ends nothing in a picture for that of an element around it;
//! - the end tag of a picture, or of its part that holds HTML, for one even while HTML in it is open;
//! - elements beyond [`DEEPEST`] for none.
//!
//! In markup that is well nested this is what a tree says, which a test holds against html5ever's. In other
//! markup the content of a style sheet or a script may be read as markup, and a link be found that a browser
//! has not: one too many is asked for, one too few is lost. One can be lost by a stray end tag of HTML in a
//! picture, if an element such as `<style/>` follows there, and by a picture that is taken to be open still,
//! if a CDATA section follows that is none.

use super::tag::Tag;
use super::{Syntax, is_one_of};

/// Open elements beyond which no more are told apart; no picture that is made to be seen nests as deep.
const DEEPEST: usize = 128;

/// Which vocabulary an element is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Html,
    Svg,
    Math,
}

/// Which start tags count as HTML directly in an element that is none itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Foreign,
    /// An integration point of HTML.
    Html,
    /// A text integration point of MathML.
    Text,
    /// An `annotation-xml` of no known encoding.
    Pictures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Element<'a> {
    name: &'a [u8],
    space: Space,
    holds: Holds,
}

impl Element<'_> {
    fn is(&self, tag: &Tag<'_>) -> bool {
        self.name.eq_ignore_ascii_case(tag.name)
    }

    fn is_html(&self) -> bool {
        self.space == Space::Html
    }

    fn is_template(&self) -> bool {
        self.is_html() && self.name.eq_ignore_ascii_case(b"template")
    }

    /// Says whether no end tag of HTML inside it ends an element around it.
    fn is_barrier(&self) -> bool {
        self.is_template() || self.holds != Holds::Foreign
    }
}

/// The open elements, the outermost first: a template, a picture or a formula, and all that is in it.
#[derive(Debug, Default)]
pub(super) struct Open<'a> {
    elements: Vec<Element<'a>>,
    /// How many of them are templates; nothing in those is part of the page.
    templates: usize,
    /// How many templates are open beyond the deepest element.
    beyond: usize,
}

impl<'a> Open<'a> {
    pub(super) fn is_in_template(&self) -> bool {
        self.templates + self.beyond > 0
    }

    /// Says whether the innermost element is of a picture or a formula.
    pub(super) fn is_foreign(&self) -> bool {
        self.elements
            .last()
            .is_some_and(|element| !element.is_html())
    }

    /// Opens what a start tag begins, and says whether it is an element of HTML.
    pub(super) fn start(&mut self, tag: &Tag<'a>, syntax: Syntax) -> bool {
        if !self.reads_html(tag) {
            if !leaves_foreign(tag) {
                self.start_foreign(tag);
                return false;
            }
            // These do not stand in a picture or a formula: it was left open.
            self.leave_foreign();
        }
        let space = root(tag.name);
        if space != Space::Html {
            self.push(tag, space, Holds::Foreign);
            return true;
        }
        let is_template = tag.is("template");
        let is_inside = !self.elements.is_empty();
        if !(is_template || is_inside && !is_void(tag.name)) {
            return true;
        }
        if syntax == Syntax::Xml && tag.is_self_closing() {
            return true;
        }
        if self.elements.len() < DEEPEST {
            self.templates += usize::from(is_template);
            self.elements.push(Element {
                name: tag.name,
                space,
                holds: Holds::Foreign,
            });
        } else {
            self.beyond += usize::from(is_template);
        }
        true
    }

    fn reads_html(&self, tag: &Tag<'_>) -> bool {
        let Some(element) = self.elements.last() else {
            return true;
        };
        element.is_html()
            || match element.holds {
                Holds::Foreign => false,
                Holds::Html => true,
                Holds::Text => !(tag.is("mglyph") || tag.is("malignmark")),
                Holds::Pictures => tag.is("svg"),
            }
    }

    fn start_foreign(&mut self, tag: &Tag<'a>) {
        if let Some(element) = self.elements.last() {
            let space = element.space;
            self.push(tag, space, holds(space, tag));
        }
    }

    /// Opens an element that is none of HTML, unless its start tag ends it.
    fn push(&mut self, tag: &Tag<'a>, space: Space, holds: Holds) {
        if self.elements.len() < DEEPEST && !tag.is_self_closing() {
            self.elements.push(Element {
                name: tag.name,
                space,
                holds,
            });
        }
    }

    /// Ends what an end tag ends.
    pub(super) fn end(&mut self, tag: &Tag<'_>) {
        if self.elements.is_empty() {
            return;
        }
        if self.beyond > 0 {
            self.beyond -= usize::from(tag.is("template"));
            return;
        }
        if self.is_foreign() {
            let inner = self.elements.iter().enumerate().rev();
            let mut foreign = inner.take_while(|(_, element)| !element.is_html());
            if let Some((open, _)) = foreign.find(|(_, element)| element.is(tag)) {
                self.close(open);
                return;
            }
            if tag.is("p") || tag.is("br") {
                self.leave_foreign();
            }
        }
        if tag.is("template") {
            if let Some(open) = self.elements.iter().rposition(Element::is_template) {
                self.close(open);
            }
        } else {
            self.end_html(tag);
        }
    }

    fn end_html(&mut self, tag: &Tag<'_>) {
        for (open, element) in self.elements.iter().enumerate().rev() {
            if element.is_html() && element.is(tag) {
                self.close(open);
                return;
            }
            if element.is_barrier() {
                self.end_around(open, tag);
                return;
            }
        }
        if ends_html(tag) {
            self.close(0);
        }
    }

    /// Ends the picture or the part of it that an end tag names while HTML in it is open: most often that
    /// ends as well where the page's author does not write it.
    fn end_around(&mut self, barrier: usize, tag: &Tag<'_>) {
        if self.is_foreign() {
            return;
        }
        let around = self.elements[..=barrier].iter().enumerate().rev();
        let mut around = around.take_while(|(_, element)| !element.is_template());
        let named = around.find(|(_, element)| {
            let ends = element.holds != Holds::Foreign || root(element.name) != Space::Html;
            ends && !element.is_html() && element.is(tag)
        });
        if let Some((open, _)) = named {
            self.close(open);
        }
    }

    /// Closes an element and all in it.
    fn close(&mut self, open: usize) {
        let templates = self.elements.drain(open..).filter(Element::is_template);
        self.templates -= templates.count();
    }

    fn leave_foreign(&mut self) {
        let is_left = |element: &mut Element<'_>| {
            !element.is_html() && matches!(element.holds, Holds::Foreign | Holds::Pictures)
        };
        while self.elements.pop_if(is_left).is_some() {}
    }
}

/// Returns the vocabulary whose root an element of HTML is.
fn root(name: &[u8]) -> Space {
    match name.len() {
        3 if is_one_of(name, &["svg"]) => Space::Svg,
        4 if is_one_of(name, &["math"]) => Space::Math,
        _ => Space::Html,
    }
}

/// HTML, 13.2.6: elements of SVG and of MathML whose content is HTML, or text of it.
fn holds(space: Space, tag: &Tag<'_>) -> Holds {
    match space {
        Space::Svg if is_one_of(tag.name, &["foreignobject", "desc", "title"]) => Holds::Html,
        Space::Math if is_one_of(tag.name, &["mi", "mo", "mn", "ms", "mtext"]) => Holds::Text,
        Space::Math if tag.is("annotation-xml") => {
            let encoding = tag.attribute("encoding").unwrap_or_default();
            if is_one_of(encoding, &["text/html", "application/xhtml+xml"]) {
                Holds::Html
            } else {
                Holds::Pictures
            }
        }
        _ => Holds::Foreign,
    }
}

/// HTML, 13.1.2: elements that have no end tag.
fn is_void(name: &[u8]) -> bool {
    const NAMES: [&str; 18] = [
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
        "input", "keygen", "link", "meta", "source", "track", "wbr",
    ];
    is_one_of(name, &NAMES)
}

/// HTML, 13.2.6.5: start tags that end foreign content.
const LEAVING: [&str; 44] = [
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

fn leaves_foreign(tag: &Tag<'_>) -> bool {
    is_one_of(tag.name, &LEAVING)
        || (tag.is("font")
            && ["color", "face", "size"]
                .iter()
                .any(|name| tag.attribute(name).is_some()))
}

/// Says whether an end tag that ends nothing in a picture ends an element of HTML around it.
fn ends_html(tag: &Tag<'_>) -> bool {
    const NAMES: [&str; 26] = [
        "a",
        "address",
        "article",
        "aside",
        "button",
        "caption",
        "details",
        "dialog",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "html",
        "label",
        "main",
        "nav",
        "section",
        "summary",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
    ];
    is_one_of(tag.name, &LEAVING) || is_one_of(tag.name, &NAMES)
}
