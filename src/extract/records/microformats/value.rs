//! The value of a property by its kind (microformats2, parsing p-, u-, dt- and e-).

use super::{Kind, value_parts};
use crate::extract::records::graph::Graph;
use crate::extract::records::{Page, Syntax};
use crate::extract::tree::{NodeIndex, Tag};

/// Returns the value of a property of that kind; `None` when it is larger than what may still be kept.
pub(super) fn of(
    page: &Page<'_>,
    graph: &mut Graph,
    element: NodeIndex,
    kind: Kind,
) -> Option<String> {
    let attribute = |name| page.tree.attribute(element, name);
    let tag = page.tree.tag(element);
    if kind == Kind::Address {
        let address = match tag {
            Tag::Video if attribute("src").is_none() => {
                attribute("poster").map(|at| page.resolved(at))
            }
            _ => page.address_of(element),
        };
        if address.is_some() {
            return address;
        }
    }
    let declared = match (kind, tag) {
        (Kind::Embedded, _) => None,
        (Kind::Time, Tag::Time | Tag::Del) => attribute("datetime"),
        (_, Tag::Abbr) | (Kind::Plain, Tag::Link) => attribute("title"),
        (Kind::Plain, Tag::Img | Tag::Area) => attribute("alt"),
        (_, Tag::Data | Tag::Input) => attribute("value"),
        _ => None,
    };
    if let Some(declared) = declared {
        return Some(declared.trim().to_owned());
    }
    let parts = match kind {
        Kind::Embedded => Vec::new(),
        _ => value_parts(page, element),
    };
    if parts.is_empty() {
        return graph.text(Syntax::Microformats, page.tree, element);
    }
    whole(page, graph, &parts, kind)
}

/// Returns what the parts that stand for a value make together.
fn whole(
    page: &Page<'_>,
    graph: &mut Graph,
    parts: &[(NodeIndex, bool)],
    kind: Kind,
) -> Option<String> {
    let mut whole = String::new();
    for (part, by_title) in parts.iter().copied() {
        let attribute = |name| page.tree.attribute(part, name);
        let declared = match page.tree.tag(part) {
            _ if by_title => attribute("title"),
            Tag::Time | Tag::Del if kind == Kind::Time => attribute("datetime"),
            Tag::Abbr => attribute("title"),
            Tag::Img | Tag::Area => attribute("alt"),
            Tag::Data => attribute("value"),
            _ => None,
        };
        let text = match declared {
            Some(declared) => declared.trim().to_owned(),
            None => graph.text(Syntax::Microformats, page.tree, part)?,
        };
        // A date and a time of day are one moment.
        if kind == Kind::Time && !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&text);
    }
    Some(whole)
}
