//! One streaming pass over a page's markup that collects its links, its title and what it says of itself, as
//! written.
//!
//! Owns which elements count as links and which parts of a page are inert. It resolves nothing: a base may
//! stand behind the links it is for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lol_html::html_content::{Element, EndTag, TextChunk};
use lol_html::{AsciiCompatibleEncoding, HtmlRewriter, Settings, element, text};

use super::directives::is_nofollow;
use super::references::{Place, decode};
use super::refresh;
use super::title::Title;

const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// What the pass has seen so far, as written.
#[derive(Default)]
pub(super) struct Scan {
    base: RefCell<Option<String>>,
    links: RefCell<Vec<Written>>,
    about: RefCell<About>,
    /// Whether the body has begun, where a canonical URL may be a reader's comment.
    in_body: Cell<bool>,
    title: RefCell<Title>,
    noscript: RefCell<Noscript>,
    /// Whether the title element at hand is a picture's.
    in_picture: Cell<bool>,
    /// How many open `template` elements the pass is in.
    templates: Rc<Cell<usize>>,
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
    /// The first canonical link of the head.
    pub(super) canonical: Option<String>,
    /// The language of the `html` element.
    pub(super) language: Option<String>,
    /// Names and contents of the `meta` that may be for robots.
    pub(super) robots: Vec<(String, String)>,
}

/// The content of a `noscript` at hand, and the byte at which it begins.
#[derive(Default)]
struct Noscript {
    markup: String,
    start: Option<usize>,
}

impl Scan {
    /// Reads a page's bytes; links are added in their order.
    pub(super) fn read(&self, body: &[u8], encoding: AsciiCompatibleEncoding) {
        let settings = Settings::new()
            .with_encoding(encoding)
            .with_strict(false)
            .append_element_content_handler(element!("template", |element| {
                self.enter_template(element);
                Ok(())
            }))
            .append_element_content_handler(element!(
                "a, area, base, body, frame, html, iframe, link, meta",
                |element| {
                    self.read_element(element);
                    Ok(())
                }
            ))
            // The tokenizer takes SVG's title for one of HTML, so its place tells them apart.
            .append_element_content_handler(element!("svg title", |_| {
                self.in_picture.set(true);
                Ok(())
            }))
            .append_element_content_handler(element!("title", |_| {
                self.open_title();
                Ok(())
            }))
            .append_element_content_handler(text!("title", |chunk| {
                self.title
                    .borrow_mut()
                    .read(chunk.as_str(), chunk.last_in_text_node());
                Ok(())
            }))
            .append_element_content_handler(text!("noscript", |chunk| {
                self.read_noscript(chunk);
                Ok(())
            }));
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
        // Without strictness, a memory limit and failing handlers there is nothing to go wrong; were
        // there, what was found up to then would still count.
        if rewriter.write(body).is_ok() {
            let _ = rewriter.end();
        }
    }

    fn is_inert(&self) -> bool {
        self.templates.get() > 0
    }

    fn enter_template(&self, element: &mut Element<'_, '_>) {
        // An SVG element of this name is an ordinary one.
        if element.namespace_uri() != HTML_NAMESPACE {
            return;
        }
        let templates = self.templates.clone();
        let on_end = move |_: &mut EndTag<'_>| {
            templates.set(templates.get().saturating_sub(1));
            Ok(())
        };
        if element.on_end_tag(Box::new(on_end)).is_ok() {
            self.templates.set(self.templates.get() + 1);
        }
    }

    fn read_element(&self, element: &Element<'_, '_>) {
        if self.is_inert() {
            return;
        }
        let at = element.source_location().bytes().start;
        match element.tag_name().as_str() {
            "base" => {
                if let Some(href) = element.get_attribute("href") {
                    self.base.borrow_mut().get_or_insert(href);
                }
            }
            "body" => self.in_body.set(true),
            "html" => {
                let language = element
                    .get_attribute("lang")
                    .or_else(|| element.get_attribute("xml:lang"));
                let about = &mut *self.about.borrow_mut();
                about.language = about.language.take().or(language);
            }
            "frame" | "iframe" => self.add(at, element.get_attribute("src"), false),
            "link" => {
                let relation = element.get_attribute("rel").unwrap_or_default();
                if is_followed(&relation) {
                    self.add(at, element.get_attribute("href"), is_nofollow(&relation));
                }
                if has_relation(&relation, &["canonical"]) && !self.in_body.get() {
                    let href = element.get_attribute("href");
                    let href = href.map(|href| decode(&href, Place::Attribute).into_owned());
                    let about = &mut *self.about.borrow_mut();
                    about.canonical = about.canonical.take().or(href);
                }
            }
            "meta" => {
                self.read_robots(element);
                let kind = element.get_attribute("http-equiv").unwrap_or_default();
                if kind.trim().eq_ignore_ascii_case("refresh")
                    && let Some(content) = element.get_attribute("content")
                {
                    let content = decode(&content, Place::Attribute);
                    let target = refresh::target(&content);
                    self.links.borrow_mut().extend(target.map(|text| Written {
                        at,
                        text,
                        nofollow: false,
                    }));
                }
            }
            // Of SVG's two spellings the older one counts where the newer is absent.
            _ => self.add(
                at,
                element
                    .get_attribute("href")
                    .or_else(|| element.get_attribute("xlink:href")),
                element
                    .get_attribute("rel")
                    .is_some_and(|relation| is_nofollow(&relation)),
            ),
        }
    }

    fn add(&self, at: usize, raw: Option<String>, nofollow: bool) {
        if let Some(raw) = raw {
            let text = decode(&raw, Place::Attribute).into_owned();
            self.links.borrow_mut().push(Written { at, text, nofollow });
        }
    }

    /// Keeps a `meta` that a robot may have to obey; whom it is for is not told here.
    fn read_robots(&self, element: &Element<'_, '_>) {
        const WORDS: [&str; 4] = ["nofollow", "noindex", "none", "unavailable_after"];
        let (Some(name), Some(content)) = (
            element.get_attribute("name"),
            element.get_attribute("content"),
        ) else {
            return;
        };
        let lower = content.to_ascii_lowercase();
        if WORDS.iter().any(|word| lower.contains(word)) {
            let content = decode(&content, Place::Attribute).into_owned();
            self.about.borrow_mut().robots.push((name, content));
        }
    }

    fn open_title(&self) {
        let in_picture = self.in_picture.replace(false);
        if !in_picture && !self.is_inert() {
            self.title.borrow_mut().open();
        }
    }

    /// Collects the content of a `noscript`, which the tokenizer takes for text, and reads it as markup.
    fn read_noscript(&self, chunk: &TextChunk<'_>) {
        if self.is_inert() {
            return;
        }
        let mut noscript = self.noscript.borrow_mut();
        noscript.markup.push_str(chunk.as_str());
        let start = *noscript
            .start
            .get_or_insert(chunk.source_location().bytes().start);
        if !chunk.last_in_text_node() {
            return;
        }
        let markup = flattened(std::mem::take(&mut *noscript).markup);
        let inner = Self::default();
        inner.read(markup.as_bytes(), AsciiCompatibleEncoding::utf_8());
        let found = inner.links.take().into_iter();
        self.links.borrow_mut().extend(found.map(|link| Written {
            at: start + link.at,
            ..link
        }));
        if let Some(base) = inner.base.take() {
            self.base.borrow_mut().get_or_insert(base);
        }
    }

    /// Returns the `href` of the first base, as written.
    pub(super) fn base(&self) -> Option<String> {
        self.base.borrow().clone()
    }

    /// Returns the links, in their order.
    pub(super) fn links(&self) -> Vec<Written> {
        self.links.take()
    }

    /// Returns what the page says of itself.
    pub(super) fn about(&self) -> About {
        self.about.take()
    }

    /// Returns the page's title.
    pub(super) fn title(&self) -> Option<String> {
        self.title.borrow().cleaned()
    }
}

/// Renames each `noscript` inside of one, in as many bytes, so that its content is read as ordinary markup:
/// a page of a million of them must not be read a million levels deep.
fn flattened(mut markup: String) -> String {
    const TAG: &str = "<noscript";
    let mut from = 0;
    while let Some(found) = markup[from..].find('<') {
        let start = from + found;
        let end = start + TAG.len();
        if markup
            .get(start..end)
            .is_some_and(|tag| tag.eq_ignore_ascii_case(TAG))
        {
            markup.replace_range(start..end, "<x-script");
        }
        from = start + 1;
    }
    markup
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
