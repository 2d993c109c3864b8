//! What `meta` and `link` elements say in OpenGraph, Twitter's cards and Dublin Core: one record for each.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::graph::{Graph, Name, Node};
use super::{Page, Syntax, words};
use crate::extract::tree::{NodeIndex, Tag};

/// Vocabularies of the OpenGraph protocol and of what Facebook added to it.
const OPEN_GRAPH: &[&str] = &[
    "og:",
    "article:",
    "book:",
    "business:",
    "fb:",
    "music:",
    "place:",
    "product:",
    "profile:",
    "restaurant:",
    "video:",
];

/// Properties that later ones describe: `og:image:width` is the width of the last `og:image`.
const STRUCTURED: &[&str] = &["og:image", "og:video", "og:audio"];

/// Says whether a property of `meta` is OpenGraph's.
pub(super) fn is_open_graph(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    OPEN_GRAPH.iter().any(|prefix| name.starts_with(prefix))
}

/// Says whether a property of `meta` is of Twitter's cards.
pub(super) fn is_twitter(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("twitter:")
}

/// Adds the records of the page's head.
pub(super) fn read(page: &Page<'_>, graph: &mut Graph) {
    let tree = page.tree;
    let mut open_graph = Vec::new();
    let mut twitter = Vec::new();
    let mut dublin_core = Vec::new();
    for element in tree.elements(0, Tag::Meta) {
        let content = ["content", "value"]
            .iter()
            .find_map(|name| tree.attribute(element, name));
        let Some(content) = content.map(str::trim) else {
            continue;
        };
        let names: HashSet<&str> = ["property", "name"]
            .iter()
            .flat_map(|attribute| words(tree, element, attribute))
            .collect();
        for name in names {
            let lower = name.to_ascii_lowercase();
            if is_open_graph(&lower) {
                open_graph.push((lower, content));
            } else if is_twitter(&lower) {
                twitter.push((lower, content));
            } else if let Some(name) = dublin_core_name(name) {
                dublin_core.push((name, dublin_core_value(page, element, content)));
            }
        }
    }
    for element in tree.elements(0, Tag::Link) {
        let Some(address) = tree.attribute(element, "href") else {
            continue;
        };
        let relations = words(tree, element, "rel").filter_map(dublin_core_name);
        dublin_core.extend(relations.map(|name| (name, json!(page.resolved(address)))));
    }
    read_open_graph(&open_graph, graph);
    read_twitter(&twitter, graph);
    read_dublin_core(dublin_core, graph);
}

fn types_in(pairs: &[(String, &str)], name: &str) -> Vec<String> {
    let found = pairs.iter().find(|(known, _)| known == name);
    let found = found.map(|(_, content)| (*content).to_owned());
    found.into_iter().filter(|name| !name.is_empty()).collect()
}

fn read_open_graph(pairs: &[(String, &str)], graph: &mut Graph) {
    if pairs.is_empty() {
        return;
    }
    let syntax = Syntax::OpenGraph;
    let types = types_in(pairs, "og:type");
    let locator = || "meta[property^=\"og:\"]".to_owned();
    let Some(record) = graph.separate(syntax, types, None, locator) else {
        return;
    };
    let described: HashSet<&str> = pairs
        .iter()
        .filter_map(|(name, _)| structure(name))
        .filter_map(|(whole, part)| (!part.is_empty()).then_some(whole))
        .collect();
    let mut last: HashMap<&str, (Option<Node>, &str)> = HashMap::new();
    for (name, content) in pairs {
        let Some((whole, part)) = structure(name).filter(|(whole, _)| described.contains(whole))
        else {
            graph.add(syntax, record, Name::Of(name), json!(content));
            continue;
        };
        let begins = part.is_empty() || !last.contains_key(whole);
        let (node, address) = match last.get(whole) {
            Some(open) if !begins => *open,
            _ => {
                let node = graph.nested(syntax, record, Name::Of(whole), Vec::new(), None);
                last.insert(whole, (node, content));
                (node, *content)
            }
        };
        let Some(node) = node else { continue };
        match part {
            // `og:image:url` is another spelling of `og:image`.
            "" => graph.add(syntax, node, Name::Of("url"), json!(content)),
            "url" if !begins && address == *content => {}
            part => graph.add(syntax, node, Name::Of(part), json!(content)),
        }
    }
}

/// Splits the name of a structured property into the whole and the part of it.
fn structure(name: &str) -> Option<(&'static str, &str)> {
    STRUCTURED.iter().find_map(|whole| {
        let rest = name.strip_prefix(whole)?;
        let part = match rest {
            "" => "",
            rest => rest.strip_prefix(':')?,
        };
        Some((*whole, part))
    })
}

fn read_twitter(pairs: &[(String, &str)], graph: &mut Graph) {
    if pairs.is_empty() {
        return;
    }
    let types = types_in(pairs, "twitter:card");
    let locator = || "meta[name^=\"twitter:\"]".to_owned();
    if let Some(record) = graph.separate(Syntax::Twitter, types, None, locator) {
        for (name, content) in pairs {
            graph.add(Syntax::Twitter, record, Name::Of(name), json!(content));
        }
    }
}

fn read_dublin_core(values: Vec<(String, Value)>, graph: &mut Graph) {
    if values.is_empty() {
        return;
    }
    let syntax = Syntax::DublinCore;
    let locator = || "meta[name^=\"dc\" i]".to_owned();
    if let Some(record) = graph.separate(syntax, Vec::new(), None, locator) {
        for (name, value) in values {
            graph.add(syntax, record, Name::Of(&name), value);
        }
    }
}

/// Returns `dc:` or `dcterms:` and the element's name, if the name is Dublin Core's (RFC 2731).
fn dublin_core_name(name: &str) -> Option<String> {
    let (prefix, rest) = name.split_once(['.', ':'])?;
    let prefix = match prefix.to_ascii_lowercase().as_str() {
        "dc" => "dc",
        "dcterms" | "dct" | "dcterm" => "dcterms",
        _ => return None,
    };
    let first = rest.chars().next()?;
    let is_shouted = rest.chars().all(|c| !c.is_ascii_lowercase());
    let rest = if is_shouted {
        rest.to_ascii_lowercase()
    } else {
        format!(
            "{}{}",
            first.to_ascii_lowercase(),
            &rest[first.len_utf8()..]
        )
    };
    Some(format!("{prefix}:{rest}"))
}

/// Returns the content with its scheme or language, where it names one.
fn dublin_core_value(page: &Page<'_>, element: NodeIndex, content: &str) -> Value {
    let attribute = |name| page.tree.attribute(element, name);
    match (attribute("scheme"), attribute("lang")) {
        (Some(scheme), _) => json!({"value": content, "datatype": scheme}),
        (None, Some(language)) => json!({"value": content, "language": language}),
        (None, None) => json!(content),
    }
}
