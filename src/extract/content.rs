//! The main content of a page: features once, several candidates, and a chooser that goes by agreement.
//!
//! Reads a tree and returns text and counts, no other output. A new kind of evidence is one
//! function in `candidates`; the chooser weighs it against the others.

mod blocks;
mod candidates;
mod doubts;
mod features;
mod hints;
mod judge;
mod learning;
mod markdown;
mod places;
mod plain;
mod render;
mod selection;
mod words;

use url::Url;

use candidates::{Candidate, Evidence};
use features::{Page, Reading};
use selection::Selection;

pub use learning::{MeasuredBlock, measured_blocks};
pub use places::Places;

use super::locator::Locators;
use super::tree::{self, NodeIndex, Tag, Tree};

pub use doubts::doubts;
pub use render::Block;

/// What is known about the page before its text is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageKind {
    /// It says of itself that it is an article.
    pub article: bool,
    /// It says of itself, or its address does, that people talk on it.
    pub forum: bool,
    /// It says of itself that it is a product.
    pub product: bool,
}

/// The main content.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub text: String,
    /// The same as Markdown.
    pub markdown: String,
    pub blocks: Vec<Block>,
    pub headings: usize,
    pub tables: usize,
    pub code_blocks: usize,
    /// Which evidence the choice stands on.
    pub chosen_by: &'static str,
    /// Where the text is: `visible`, or, on a page that shows next to none, `hidden` or `noscript`.
    pub reading: &'static str,
    /// How far other candidates agree with the choice, from 0 to 1; `None` when there was only one.
    pub agreement: Option<f64>,
    /// Where in the text each node stands; empty when the text is that of another tree.
    pub places: Places,
}

/// What a choice is called that stands on the judgement of blocks.
const JUDGED: &str = "blocks";

/// A page that shows less than this is read again for what it hides.
const SCARCE_BYTES: usize = 250;

/// What is known about a page beside its tree.
#[derive(Clone, Copy, Default)]
pub struct About<'a> {
    pub kind: PageKind,
    pub title: Option<&'a str>,
    /// What addresses on the page are relative to.
    pub base: Option<&'a Url>,
    /// What says where its elements are, if that was made already.
    pub locators: Option<&'a Locators<'a>>,
}

/// Finds the main content; `None` when the page holds no text.
pub fn find(tree: &Tree, about: About<'_>) -> Option<Content> {
    let visible = read(tree, about, Reading::Visible, "visible");
    let length = visible.as_ref().map_or(0, |content| content.text.len());
    if length >= SCARCE_BYTES {
        return visible;
    }
    // What is hidden must be a text and outweigh what is shown by far to be what the page is about;
    // "please enable scripts" is neither.
    let least = SCARCE_BYTES.max(3 * length);
    read(tree, about, Reading::Hidden, "hidden")
        .filter(|content| content.text.len() > least)
        .or_else(|| read_noscript(tree, about).filter(|content| content.text.len() > least))
        .or(visible)
}

/// Reads what the page keeps for readers without scripts. The parser takes it for raw text, as a browser
/// with scripts does, so it is a page of its own.
fn read_noscript(tree: &Tree, about: About<'_>) -> Option<Content> {
    let html: String = tree
        .elements(0, Tag::Noscript)
        .map(|node| tree.raw_text(node))
        .collect();
    let read = || {
        let inner = tree::parse(&html);
        let locators = Locators::new(&inner).inside("noscript".to_owned());
        let about = About {
            locators: Some(&locators),
            ..about
        };
        read(&inner, about, Reading::Visible, "noscript")
    };
    let mut content = (html.len() > SCARCE_BYTES).then(read)??;
    content.places = Places::default();
    Some(content)
}

/// Returns all that a tree shows, for a document that has nothing around its content; `None` when it shows no text.
pub fn whole(tree: &Tree, about: About<'_>) -> Option<Content> {
    let page = Page::of(tree, about.kind, Reading::Visible);
    let everything = Selection::of(&page, page.body, |_| false);
    let rendered = render::render(&page, &everything, about);
    (!rendered.text.is_empty()).then_some(Content {
        text: rendered.text,
        markdown: rendered.markdown,
        blocks: rendered.blocks,
        headings: rendered.headings,
        tables: rendered.tables,
        code_blocks: rendered.code_blocks,
        chosen_by: "whole",
        reading: "visible",
        agreement: None,
        places: rendered.places,
    })
}

/// A page up to where its blocks are judged.
struct Measured<'a> {
    page: Page<'a>,
    candidates: Vec<Candidate>,
    chosen: Candidate,
    by_rules: Selection,
    blocks: Vec<blocks::Block>,
}

fn measure<'a>(tree: &'a Tree, about: About<'_>, reading: Reading) -> Option<Measured<'a>> {
    let page = Page::of(tree, about.kind, reading);
    let candidates = candidates::all(&page);
    let chosen = choose(&page, &candidates, about.kind)?;
    let by_rules = Selection::of(&page, chosen.root, |node| is_link_list(&page, chosen, node));
    let title = about.title.unwrap_or_default();
    let blocks = blocks::measure(&page, &candidates, &by_rules, title);
    Some(Measured {
        page,
        candidates,
        chosen,
        by_rules,
        blocks,
    })
}

fn read(tree: &Tree, about: About<'_>, reading: Reading, name: &'static str) -> Option<Content> {
    let Measured {
        page,
        candidates,
        chosen,
        by_rules,
        blocks,
    } = measure(tree, about, reading)?;
    let judged = by_rules.judged(&page, &blocks);
    let agreement = judged
        .as_ref()
        .map(|judged| by_rules.overlap(judged, &page, &blocks));
    let evidence = match judged {
        Some(_) => JUDGED,
        None => chosen.evidence.as_str(),
    };
    let rendered = render::render(&page, &judged.unwrap_or(by_rules), about);
    (!rendered.text.is_empty()).then(|| Content {
        text: rendered.text,
        markdown: rendered.markdown,
        blocks: rendered.blocks,
        headings: rendered.headings,
        tables: rendered.tables,
        code_blocks: rendered.code_blocks,
        chosen_by: evidence,
        reading: name,
        agreement: agreement.or_else(|| agreement_of(&page, &candidates, chosen)),
        places: rendered.places,
    })
}

impl Evidence {
    fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Paragraphs => "paragraphs",
            Self::TextRun => "text_run",
            Self::Remainder => "remainder",
        }
    }
}

/// The text outside links that a candidate must hold of all there is, on a page that says it is an article.
const ARTICLE_SHARE: f64 = 0.6;

/// The same on any other page, where what is left out is more likely content than noise.
const PAGE_SHARE: f64 = 0.8;

/// A page with more of its text in links is a list of things, and no part of it is the content alone.
const LISTING_LINK_DENSITY: f64 = 0.25;

/// Chooses the candidate that fits the kind of page.
fn choose(page: &Page<'_>, candidates: &[Candidate], kind: PageKind) -> Option<Candidate> {
    let remainder = *candidates.last()?;
    let everything = page.features[remainder.root].clean;
    let is_listing = everything.link_density() > LISTING_LINK_DENSITY;
    let (order, least): (&[Evidence], f64) = match kind {
        PageKind { forum: true, .. } => (&[Evidence::Container, Evidence::TextRun], 0.7),
        PageKind { article: true, .. } => (
            &[Evidence::Paragraphs, Evidence::Container, Evidence::TextRun],
            ARTICLE_SHARE,
        ),
        _ if is_listing => (&[], 1.0),
        _ => (&[Evidence::Container, Evidence::TextRun], PAGE_SHARE),
    };
    let holds_enough = |candidate: &&Candidate| {
        let clean = page.features[candidate.root].clean;
        let of_all = f64::from((everything.text - everything.link).max(1));
        f64::from(clean.text - clean.link) / of_all >= least
    };
    let chosen = order
        .iter()
        .filter_map(|evidence| candidates.iter().find(|one| one.evidence == *evidence))
        .find(holds_enough)
        .copied()
        .unwrap_or(remainder);
    Some(chosen)
}

/// Returns the mean overlap of the choice with each other candidate; `None` when there is no other.
fn agreement_of(page: &Page<'_>, candidates: &[Candidate], chosen: Candidate) -> Option<f64> {
    let others: Vec<_> = candidates
        .iter()
        .filter(|other| other.evidence != chosen.evidence)
        .map(|other| overlap(page, chosen.root, other.root))
        .collect();
    (!others.is_empty()).then(|| others.iter().sum::<f64>() / others.len() as f64)
}

/// Returns the share of text that two elements have in common; elements of one tree nest or are apart.
fn overlap(page: &Page<'_>, one: NodeIndex, other: NodeIndex) -> f64 {
    if !page.tree.contains(one, other) && !page.tree.contains(other, one) {
        return 0.0;
    }
    let (one, other) = (
        page.features[one].clean.text,
        page.features[other].clean.text,
    );
    f64::from(one.min(other)) / f64::from(one.max(other).max(1))
}

/// Says whether a node inside the chosen one is a list of links that lead away from it.
fn is_link_list(page: &Page<'_>, chosen: Candidate, node: NodeIndex) -> bool {
    if node == chosen.root || chosen.evidence == Evidence::Remainder {
        return false;
    }
    let tag = page.tree.tag(node);
    let clean = page.features[node].clean;
    let total = page.features[chosen.root].clean.text;
    matches!(
        tag,
        Tag::Ul | Tag::Ol | Tag::Div | Tag::Section | Tag::Table | Tag::Dl | Tag::P | Tag::Menu
    ) && clean.text > 0
        && clean.link_density() > 0.6
        && clean.text * 4 < total
}
