//! What single elements say to whoever writes them as Markdown: where they lead, and which mark they are.

use url::Url;

use super::inline::Format;
use crate::extract::tree::{NodeIndex, Tag, Tree};

/// Bytes of an address that is written.
const LONGEST_ADDRESS: usize = 2000;

/// Returns an address that an attribute names, absolute where that can be; empty for one that leads nowhere.
pub(super) fn address(
    tree: &Tree,
    base: Option<&Url>,
    node: NodeIndex,
    name: &str,
) -> Option<String> {
    let found = tree.attribute(node, name)?.trim();
    let scheme = found.split([':', '/', '?', '#']).next().unwrap_or_default();
    let has_scheme = found[scheme.len()..].starts_with(':');
    if found.is_empty() || (has_scheme && !leads_somewhere(scheme)) {
        return Some(String::new());
    }
    let absolute = base
        .and_then(|base| base.join(found).ok())
        .map(String::from);
    let address = absolute.unwrap_or_else(|| found.to_owned());
    Some(address).filter(|address| address.len() <= LONGEST_ADDRESS)
}

/// Returns the language that a block of code, what it holds or what it is in is marked with.
pub(super) fn language(tree: &Tree, node: NodeIndex) -> String {
    let inner = tree
        .children(node)
        .find(|child| tree.tag(*child) == Tag::Code);
    let around = tree.parent(node);
    let places = [Some(node), inner, Some(around), Some(tree.parent(around))];
    places
        .into_iter()
        .flatten()
        .find_map(|place| {
            let of = |name| tree.attribute(place, name);
            let declared = of("data-lang").or_else(|| of("data-language"));
            let classes = of("class").unwrap_or_default().split_whitespace();
            let named = classes.filter_map(|class| {
                ["language-", "lang-", "highlight-source-", "brush:"]
                    .iter()
                    .find_map(|prefix| class.strip_prefix(prefix))
            });
            declared
                .into_iter()
                .chain(named)
                .find(|name| is_language(name))
        })
        .unwrap_or_default()
        .to_owned()
}

fn leads_somewhere(scheme: &str) -> bool {
    ["http", "https", "mailto", "tel", "ftp", "file"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

fn is_language(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-#._".contains(&byte);
    (1..=20).contains(&name.len()) && name.bytes().all(is_letter)
}

/// Returns the mark that an element stands for.
pub(super) fn format_of(tag: Tag) -> Option<Format> {
    match tag {
        Tag::Em | Tag::I | Tag::Cite => Some(Format::Emphasis),
        Tag::Strong | Tag::B => Some(Format::Strong),
        Tag::S | Tag::Del => Some(Format::Struck),
        Tag::Code | Tag::Tt => Some(Format::Code),
        Tag::A => Some(Format::Link),
        _ => None,
    }
}
