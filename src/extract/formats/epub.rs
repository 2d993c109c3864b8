//! EPUB 2 and 3: each chapter of the spine is a content of its own, read as a page.

use std::collections::{HashMap, HashSet};

use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::package::Package;
use super::properties::Properties;
use super::xml::{self, attribute};
use super::{finished, marked, unreadable};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// Chapters that are read of one book.
const CHAPTER_LIMIT: usize = 5_000;

/// Elements that have no end in HTML, whatever a document writes.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Reads a book.
pub(super) fn extract(input: &PageInput<'_>) -> PageExtraction {
    let mut package = match Package::open(input.body) {
        Ok(package) => package,
        Err(gap) => return unreadable(gap),
    };
    let container = package
        .optional("META-INF/container.xml")
        .unwrap_or_default();
    let root = first(&container, "rootfile", "full-path").unwrap_or_default();
    let Some(opf) = package.required(&root) else {
        return finished(Vec::new(), package.gaps);
    };
    let encryption = package
        .optional("META-INF/encryption.xml")
        .unwrap_or_default();
    let encrypted = all(&encryption, "CipherReference", "URI");
    let encrypted: HashSet<String> = encrypted
        .iter()
        .filter_map(|name| below("", name))
        .collect();
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    let spine = spine(&opf);
    for (ordinal, href) in spine.iter().take(CHAPTER_LIMIT).enumerate() {
        let Some(name) = href.as_ref().and_then(|href| below(&root, href)) else {
            let locator = format!("chapter {}", ordinal + 1);
            gaps.push(Gap::at(
                Reason::DocumentInvalid,
                locator,
                "the book names no part for it",
            ));
            continue;
        };
        if encrypted.contains(&name) {
            gaps.push(Gap::at(
                Reason::DocumentEncrypted,
                name,
                "the chapter is encrypted",
            ));
            continue;
        }
        let Some(text) = package.required(&name) else {
            continue;
        };
        let locator = format!("chapter {} {name}", ordinal + 1);
        let (content, more) = marked::content(&without_empty_tags(&text), ordinal, &locator);
        items.extend(content);
        gaps.extend(more);
    }
    if spine.len() > CHAPTER_LIMIT {
        let detail = format!(
            "{} chapters not read: the book has more than {CHAPTER_LIMIT}",
            spine.len() - CHAPTER_LIMIT
        );
        gaps.push(Gap::at(Reason::DocumentCut, "spine", detail));
    }
    items.push(Properties::read(&opf).metadata());
    gaps.extend(package.gaps);
    finished(items, gaps)
}

/// Returns the addresses of the chapters in the order of reading; `None` for one that the book does not list.
fn spine(opf: &str) -> Vec<Option<String>> {
    let mut parts = HashMap::new();
    let mut order = Vec::new();
    tags(opf, |tag| match tag.local_name().as_ref() {
        "item" => {
            if let (Some(id), Some(href)) = (attribute(tag, "id"), attribute(tag, "href")) {
                parts.insert(id, href);
            }
        }
        "itemref" => order.push(attribute(tag, "idref").unwrap_or_default()),
        _ => {}
    });
    order.iter().map(|id| parts.get(id).cloned()).collect()
}

/// Returns the name of the member that `href` in the member `base` leads to.
fn below(base: &str, href: &str) -> Option<String> {
    // The members of a book have no host; this one makes their names relative to each other.
    let mut url = Url::parse("http://epub.invalid/").ok()?;
    url = url.join(base).ok()?.join(href).ok()?;
    let path = url.path().trim_start_matches('/');
    let name = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    (url.host_str() == Some("epub.invalid")).then(|| name.into_owned())
}

fn tags(text: &str, mut each: impl FnMut(&BytesStart<'_>)) {
    let mut reader = xml::reader(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => each(&tag),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn all(text: &str, element: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    tags(text, |tag| {
        if tag.local_name().as_ref() == element {
            found.extend(attribute(tag, name));
        }
    });
    found
}

fn first(text: &str, element: &str, name: &str) -> Option<String> {
    all(text, element, name).into_iter().next()
}

/// Writes `<title/>` as HTML understands it: to HTML it is a beginning without an end, and what follows is its text.
pub(in crate::extract) fn without_empty_tags(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut reader = xml::reader(text);
    let mut done = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Empty(tag)) => {
                let name = tag.name();
                let name: &str = name.as_ref();
                let end = reader.buffer_position() as usize;
                if !VOID.contains(&name) && text[..end].ends_with("/>") {
                    html.push_str(&text[done..end - 2]);
                    html.push_str("></");
                    html.push_str(name);
                    html.push('>');
                    done = end;
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    html.push_str(&text[done..]);
    html
}
