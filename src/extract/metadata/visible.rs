//! Fields as a reader sees them: the heading, the byline, the dates on the page.

use crate::extract::entities::first_date;
use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// A byline is short; anything longer is text that mentions an author.
const BYLINE_BYTES: usize = 100;

/// Classes of a name alone.
const NAME_CLASSES: &[&str] = &[
    "author-name",
    "authorname",
    "author__name",
    "byline-name",
    "byline__name",
    "p-author",
];

/// Classes of a line with a name in it.
const BYLINE_CLASSES: &[&str] = &[
    "author",
    "byline",
    "by-line",
    "post-author",
    "entry-author",
    "article-author",
];

/// Words in the class of a date.
const DATE_WORDS: &[&str] = &[
    "date",
    "byline",
    "published",
    "posted",
    "pubdate",
    "dateline",
    "timestamp",
    "meta",
];

/// Returns the first heading of the first rank that is not empty.
pub(super) fn main_heading(tree: &Tree) -> Option<String> {
    super::first_text(tree, Tag::H1)
}

/// Takes the site's name off a document title.
pub(super) fn without_site(title: &str, sites: &[String]) -> String {
    for separator in [" | ", " – ", " — ", " - ", " :: ", " » ", " · ", " • "] {
        if let Some((head, tail)) = title.rsplit_once(separator) {
            let names_site = sites
                .iter()
                .any(|site| site.eq_ignore_ascii_case(tail.trim()));
            // Without a declared name, the longer part is the title.
            if names_site || (head.split_whitespace().count() >= 2 && head.len() > tail.len()) {
                return head.trim().to_owned();
            }
        }
    }
    title.to_owned()
}

/// Returns texts that are marked as the author's name.
pub(super) fn bylines(tree: &Tree) -> Vec<String> {
    let mut ranked: Vec<(u8, String)> = Vec::new();
    for node in 0..tree.len() {
        let Some(rank) = byline_rank(tree, node) else {
            continue;
        };
        if let Some(text) = tree
            .short_text(node, BYLINE_BYTES)
            .filter(|text| !text.is_empty())
        {
            ranked.push((rank, text));
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, text)| text).collect()
}

fn byline_rank(tree: &Tree, node: NodeIndex) -> Option<u8> {
    if tree.kind(node) != NodeKind::Element {
        return None;
    }
    tree.attributes(node)
        .filter_map(|(name, value)| match name {
            "rel" if value.split_whitespace().any(|word| word == "author") => Some(0),
            "itemprop" if value == "author" => Some(1),
            "class" => value
                .split_whitespace()
                .filter_map(|word| {
                    if is_one_of(word, NAME_CLASSES) {
                        return Some(2);
                    }
                    is_one_of(word, BYLINE_CLASSES).then_some(3)
                })
                .min(),
            _ => None,
        })
        .min()
}

/// Takes the words around a name away; `None` when what is left is no name.
pub(super) fn clean_author(text: &str) -> Option<String> {
    let mut name = text.trim();
    for start in ["written by", "posted by", "by:", "by ", "von ", "author:"] {
        if name
            .get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
        {
            name = name[start.len()..].trim_start();
        }
    }
    let end = [" on ", " | ", " · ", " • ", " - ", "\u{2022}"]
        .iter()
        .filter_map(|mark| name.find(mark))
        .min()
        .unwrap_or(name.len());
    let name =
        name[..end].trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '|' | '@'));
    let is_name = name.chars().count() >= 2
        && !name.contains("://")
        && name.chars().any(char::is_alphabetic)
        && first_date(name).is_none();
    is_name.then(|| name.to_owned())
}

/// Returns dates that are marked as such, then the first one written near the heading.
pub(super) fn times(tree: &Tree) -> Vec<String> {
    let mut found: Vec<String> = tree
        .elements(0, Tag::Time)
        .filter_map(|node| {
            let declared = tree.attribute(node, "datetime").map(str::to_owned);
            declared.or_else(|| tree.short_text(node, BYLINE_BYTES))
        })
        .collect();
    let boxes = (0..tree.len()).filter(|node| is_date_box(tree, *node));
    found.extend(boxes.filter_map(|node| tree.short_text(node, BYLINE_BYTES)));
    found
}

/// A text that is a date, with little around it; dates inside sentences are of something else.
const DATE_BYTES: usize = 60;

/// Texts that are looked at behind the heading, and before it.
const TEXTS_BEHIND: usize = 120;
const TEXTS_BEFORE: usize = 30;

/// Returns the first date that is shown near the main heading: behind it, else before it.
pub(super) fn date_near_heading(tree: &Tree) -> Option<String> {
    let body = tree.elements(0, Tag::Body).next()?;
    let heading = tree
        .elements(body, Tag::H1)
        .find(|node| tree.short_text(*node, 1).is_none());
    let start = heading.unwrap_or(body);
    let dated = |node: NodeIndex| {
        let named = ["data-date-string", "title", "datetime"]
            .into_iter()
            .filter_map(|name| tree.attribute(node, name));
        std::iter::once(tree.text(node))
            .chain(named)
            .map(str::trim)
            .filter(|text| {
                text.len() <= DATE_BYTES && text.bytes().any(|byte| byte.is_ascii_digit())
            })
            .find_map(|text| first_date(text).filter(|date| date.day.is_some()))
            .map(|date| date.to_string())
    };
    let is_read = |node: &NodeIndex| {
        let is_code = matches!(
            tree.tag(tree.parent(*node)),
            Tag::Script | Tag::Style | Tag::Noscript
        );
        !is_code && (tree.kind(*node) == NodeKind::Element || !tree.text(*node).trim().is_empty())
    };
    let is_text = |node: &NodeIndex| tree.kind(*node) == NodeKind::Text;
    let mut texts = 0;
    let mut behind = (start..tree.end(body)).filter(is_read).take_while(|node| {
        texts += usize::from(is_text(node));
        texts <= TEXTS_BEHIND
    });
    let found = behind.find_map(dated);
    found.or_else(|| {
        let mut texts = 0;
        let mut before = (body..start).rev().filter(is_read).take_while(|node| {
            texts += usize::from(is_text(node));
            texts <= TEXTS_BEFORE
        });
        before.find_map(dated)
    })
}

fn is_date_box(tree: &Tree, node: NodeIndex) -> bool {
    tree.attribute(node, "class").is_some_and(|names| {
        names
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| is_one_of(word, DATE_WORDS))
    })
}

/// Says whether a word is one of some in lower case, all of four letters and more.
fn is_one_of(word: &str, known: &[&str]) -> bool {
    word.len() >= 4 && known.iter().any(|known| word.eq_ignore_ascii_case(known))
}
