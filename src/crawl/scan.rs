//! One pass over a page's markup that collects its links, its title, the words of its text and what it says
//! of itself, as written.
//!
//! Owns which elements count as links. It resolves nothing: a base may stand behind the links it is for; and
//! where an element ends is known to `markup` alone.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::directives::is_nofollow;
use super::refresh;
use super::simhash::Shingles;
use super::title;
use crate::markup::references::{Place, decode};
use crate::markup::visible;
use crate::markup::{Syntax, Tag, Token, Tokens};

/// What the pass has seen so far, as written.
pub(super) struct Scan {
    encoding: &'static Encoding,
    pub(super) base: Option<String>,
    /// The links, in their order.
    pub(super) links: Vec<Written>,
    pub(super) about: About,
    /// The words of the text.
    pub(super) shingles: Shingles,
    /// Whether the body has begun, where a canonical URL may be a reader's comment.
    in_body: bool,
}

/// A link as written, references decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The byte at which it stands.
    pub(super) at: usize,
    pub(super) text: String,
    /// Its relations ask that it is not followed.
    pub(super) nofollow: bool,
}

/// What a page says of itself, references decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    /// The first title, its white space collapsed; an empty one counts as one.
    pub(super) title: Option<String>,
    /// The first canonical link of the head.
    pub(super) canonical: Option<String>,
    /// The language of the `html` element.
    pub(super) language: Option<String>,
    /// Names and contents of the `meta` that may be for robots.
    pub(super) robots: Vec<(String, String)>,
}

impl Scan {
    /// Reads a page's bytes, in an encoding that agrees with ASCII.
    pub(super) fn of(body: &[u8], encoding: &'static Encoding, syntax: Syntax) -> Self {
        let mut scan = Self {
            encoding,
            base: None,
            links: Vec::new(),
            about: About::default(),
            shingles: Shingles::default(),
            in_body: false,
        };
        for token in Tokens::of(body, syntax) {
            match token {
                Token::Start(tag) => scan.read_element(&tag),
                Token::Title(text) => scan.read_title(text),
                Token::Text(text) => scan.read_text(text),
            }
        }
        scan
    }

    fn read_title(&mut self, text: &[u8]) {
        if self.about.title.is_none() {
            let text = self.text(text);
            self.about.title = Some(title::cleaned(&text));
        }
        self.read_text(text);
    }

    fn read_text(&mut self, text: &[u8]) {
        let shingles = &mut self.shingles;
        visible::decoded(text, self.encoding, &mut |text| {
            shingles.read(text);
            true
        });
    }

    fn read_element(&mut self, tag: &Tag<'_>) {
        // Most elements are none of these, and their length says so.
        match tag.name.len() {
            1 if tag.is("a") => self.read_anchor(tag),
            4 if tag.is("area") => self.read_anchor(tag),
            4 if tag.is("base") => self.base = self.base.take().or_else(|| self.value(tag, "href")),
            4 if tag.is("body") => self.in_body = true,
            4 if tag.is("html") => {
                let language = self.written(tag, "lang");
                let language = language.or_else(|| self.written(tag, "xml:lang"));
                self.about.language = self.about.language.take().or(language);
            }
            4 if tag.is("link") => self.read_link(tag),
            4 if tag.is("meta") => self.read_meta(tag),
            5 if tag.is("frame") => self.add(tag, "src", false),
            6 if tag.is("iframe") => self.add(tag, "src", false),
            _ => {}
        }
    }

    fn read_anchor(&mut self, tag: &Tag<'_>) {
        let nofollow = self
            .written(tag, "rel")
            .is_some_and(|relation| is_nofollow(&relation));
        // Of SVG's two spellings the older one counts where the newer is absent.
        let name = match tag.attribute("href") {
            Some(_) => "href",
            None => "xlink:href",
        };
        self.add(tag, name, nofollow);
    }

    fn read_link(&mut self, tag: &Tag<'_>) {
        let relation = self.written(tag, "rel").unwrap_or_default();
        if is_followed(&relation) {
            self.add(tag, "href", is_nofollow(&relation));
        }
        if has_relation(&relation, &["canonical"])
            && !self.in_body
            && self.about.canonical.is_none()
        {
            self.about.canonical = self.value(tag, "href");
        }
    }

    fn read_meta(&mut self, tag: &Tag<'_>) {
        self.read_robots(tag);
        let kind = self.written(tag, "http-equiv").unwrap_or_default();
        if kind.trim().eq_ignore_ascii_case("refresh")
            && let Some(content) = self.value(tag, "content")
            && let Some(text) = refresh::target(&content)
        {
            self.links.push(Written {
                at: tag.at,
                text,
                nofollow: false,
            });
        }
    }

    /// Keeps a `meta` that a robot may have to obey; whom it is for is not told here.
    fn read_robots(&mut self, tag: &Tag<'_>) {
        const WORDS: [&str; 4] = ["nofollow", "noindex", "none", "unavailable_after"];
        let (Some(name), Some(content)) = (self.written(tag, "name"), self.value(tag, "content"))
        else {
            return;
        };
        let lower = content.to_ascii_lowercase();
        if WORDS.iter().any(|word| lower.contains(word)) {
            self.about.robots.push((name, content));
        }
    }

    fn add(&mut self, tag: &Tag<'_>, name: &str, nofollow: bool) {
        if let Some(text) = self.value(tag, name) {
            self.links.push(Written {
                at: tag.at,
                text,
                nofollow,
            });
        }
    }

    /// Returns an attribute, its references decoded.
    fn value(&self, tag: &Tag<'_>, name: &str) -> Option<String> {
        let value = self.text(tag.attribute(name)?);
        Some(decode(&value, Place::Attribute).into_owned())
    }

    /// Returns an attribute, its references as written.
    fn written(&self, tag: &Tag<'_>, name: &str) -> Option<String> {
        Some(self.text(tag.attribute(name)?).into_owned())
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.encoding.decode_without_bom_handling(bytes).0
    }
}

/// Says whether a `link` of these relations names a page to read. An alternate style sheet is none.
fn is_followed(relation: &str) -> bool {
    has_relation(relation, &["next", "prev", "previous", "alternate"])
        && !has_relation(relation, &["stylesheet"])
}

fn has_relation(relation: &str, wanted: &[&str]) -> bool {
    relation
        .split_ascii_whitespace()
        .any(|name| wanted.iter().any(|one| one.eq_ignore_ascii_case(name)))
}
