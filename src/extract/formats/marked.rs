//! Markup inside a document: read by the same code as a page, all of it, and told where in the document it stands.

use serde_json::{Value, json};

use crate::extract::content::{self, About};
use crate::extract::facts;
use crate::extract::locator::Locators;
use crate::extract::page::{content_item, excess_gap, item};
use crate::extract::tree;
use crate::model::{ExtractedItem, ExtractionType, Gap};

/// Returns the content of `html`, if it shows any text, and what of it is not as it was written.
pub(super) fn content(
    html: &str,
    ordinal: usize,
    locator: &str,
) -> (Option<ExtractedItem>, Vec<Gap>) {
    let tree = tree::parse(html);
    let mut gaps = Vec::from_iter(excess_gap(tree.excess()));
    for gap in &mut gaps {
        locator.clone_into(&mut gap.position);
    }
    let item = content::whole(&tree, About::default()).map(|content| {
        let mut item = content_item(&content);
        item.ordinal = ordinal as i64;
        item.data["locator"] = json!(locator);
        item
    });
    (item, gaps)
}

/// Returns the content and the facts of a document that was written as markup.
pub(super) fn document(
    html: &str,
    title: Option<&str>,
    locator: &str,
) -> (Vec<ExtractedItem>, Vec<Gap>) {
    let tree = tree::parse(html);
    let locators = Locators::new(&tree);
    let about = About {
        title,
        locators: Some(&locators),
        ..About::default()
    };
    let content = content::whole(&tree, about);
    let (facts, mut gaps) = facts::find(&facts::Sources {
        tree: &tree,
        locators: &locators,
        content: content.as_ref(),
        records: &[],
        title,
    });
    gaps.extend(excess_gap(tree.excess()));
    let mut items = Vec::from_iter(content.as_ref().map(content_item));
    for item in &mut items {
        item.data["locator"] = json!(locator);
    }
    if !facts.is_empty() {
        let facts: Vec<Value> = facts.iter().map(facts::Fact::data).collect();
        items.push(item(
            ExtractionType::Facts,
            0,
            json!({"facts": facts}),
            "",
            None,
        ));
    }
    (items, gaps)
}

/// Writes a text so that it is read as one.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Writes a plain text as paragraphs, which empty lines divide.
pub(super) fn paragraphs(text: &str) -> String {
    let text = escaped(text).replace("\r\n", "\n");
    let mut html = String::new();
    for part in text.split("\n\n").map(str::trim) {
        if !part.is_empty() {
            html.push_str("<p>");
            html.push_str(&part.replace('\n', "<br>"));
            html.push_str("</p>");
        }
    }
    html
}
