//! What kind of page it is, as the page and its address say before the text is looked at.

use super::PageKind;
use crate::extract::records::JsonLdNode;
use crate::extract::tree::{Tag, Tree};

/// Words in an address or in the body's class that only discussions have.
const FORUM_WORDS: &[&str] = &[
    "forum",
    "forums",
    "thread",
    "threads",
    "viewtopic",
    "showthread",
    "topic",
    "topics",
    "discussion",
    "discussions",
    "questions",
    "phpbb",
    "vbulletin",
    "xenforo",
    "discourse",
    "bbpress",
    "nodebb",
    "answers",
];

/// Reads the kind off types, addresses and the generator's marks.
pub fn page_kind(tree: &Tree, records: &[JsonLdNode], uri: &str) -> PageKind {
    let has_type = |wanted: fn(&str) -> bool| {
        records
            .iter()
            .flat_map(|node| &node.types)
            .any(|name| wanted(name))
    };
    let meta = |wanted: &str| {
        tree.elements(0, Tag::Meta).find_map(|node| {
            let name = tree
                .attribute(node, "property")
                .or_else(|| tree.attribute(node, "name"))?;
            (name == wanted).then(|| tree.attribute(node, "content"))?
        })
    };
    let article = has_type(|name| name.ends_with("Article") || name == "BlogPosting")
        || meta("og:type") == Some("article")
        || meta("article:published_time").is_some();
    let forum = has_type(|name| matches!(name, "DiscussionForumPosting" | "QAPage"))
        || is_forum_address(uri)
        || is_forum_body(tree);
    let product = has_type(|name| matches!(name, "Product" | "ProductGroup"))
        || matches!(
            meta("og:type"),
            Some("product" | "og:product" | "product.item")
        );
    PageKind {
        article,
        forum,
        product,
    }
}

fn is_forum_address(uri: &str) -> bool {
    uri.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        FORUM_WORDS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
    })
}

fn is_forum_body(tree: &Tree) -> bool {
    let names = [Tag::Html, Tag::Body].into_iter().filter_map(|tag| {
        let node = tree.elements(0, tag).next()?;
        let id = tree.attribute(node, "id").unwrap_or_default();
        Some(format!(
            "{} {id}",
            tree.attribute(node, "class").unwrap_or_default()
        ))
    });
    let generator = tree.elements(0, Tag::Meta).find_map(|node| {
        (tree.attribute(node, "name") == Some("generator"))
            .then(|| tree.attribute(node, "content"))?
    });
    names
        .chain(generator.map(str::to_owned))
        .any(|text| is_forum_address(&text))
}
