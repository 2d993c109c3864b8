//! What a page says about itself: title, author, dates, language, site, description, addresses, licence.
//!
//! Each field is asked of every source that may know it (JSON-LD, `meta` and `link` elements, microdata
//! attributes, the visible heading and byline), and agreement between sources is the confidence.

mod fields;
mod kind;
mod visible;

use serde_json::{Map, Value};
use url::Url;

use super::content::PageKind;
use super::records::JsonLdNode;
use super::tree::{Tag, Tree};
use fields::Head;

pub use kind::page_kind;

/// The fields found and how far their sources agree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub title: Option<String>,
    pub author: Option<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub language: Option<String>,
    pub site_name: Option<String>,
    pub description: Option<String>,
    pub canonical: Option<String>,
    pub image: Option<String>,
    pub licence: Option<String>,
    /// Share of the fields with two sources or more whose sources agree; `None` without such a field.
    pub confidence: Option<f64>,
}

/// Reads the metadata of a page found at `uri`.
pub fn read(tree: &Tree, records: &[JsonLdNode], uri: &str) -> Metadata {
    let head = Head::read(tree, records, uri);
    let fields = [
        head.titles(),
        head.authors(),
        head.published(),
        head.modified(),
        head.languages(),
        head.site_names(),
        head.descriptions(),
        head.canonicals(),
        head.images(),
        head.licences(),
    ];
    let confidence = agreement(&fields);
    let mut best = fields.into_iter().map(|values| values.into_iter().next());
    let mut next = || best.next().flatten();
    Metadata {
        title: next(),
        author: next(),
        published: next(),
        modified: next(),
        language: next(),
        site_name: next(),
        description: next(),
        canonical: next(),
        image: next(),
        licence: next(),
        confidence,
    }
}

/// Returns the address that addresses on the page are relative to (HTML, 2.4.1).
pub fn base(tree: &Tree, uri: &str) -> Option<Url> {
    let own = Url::parse(uri).ok();
    let declared = tree
        .elements(0, Tag::Base)
        .find_map(|node| tree.attribute(node, "href"));
    match (own, declared) {
        (Some(own), Some(declared)) => own.join(declared).ok().or(Some(own)),
        (None, Some(declared)) => Url::parse(declared).ok(),
        (own, None) => own,
    }
}

impl Metadata {
    /// Returns the fields found, as an object.
    pub fn data(&self) -> Value {
        let fields = [
            ("title", &self.title),
            ("author", &self.author),
            ("published", &self.published),
            ("modified", &self.modified),
            ("language", &self.language),
            ("site_name", &self.site_name),
            ("description", &self.description),
            ("canonical", &self.canonical),
            ("image", &self.image),
            ("licence", &self.licence),
        ];
        let found = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value.clone()?))));
        Value::Object(found.collect::<Map<_, _>>())
    }
}

/// Compares the first two sources of every field that has two.
fn agreement(fields: &[Vec<String>]) -> Option<f64> {
    let folded = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    let pairs: Vec<_> = fields.iter().filter(|values| values.len() > 1).collect();
    let agreeing = pairs.iter().filter(|values| {
        let (one, other) = (folded(&values[0]), folded(&values[1]));
        one.contains(&other) || other.contains(&one)
    });
    (!pairs.is_empty()).then(|| agreeing.count() as f64 / pairs.len() as f64)
}

/// Returns the text of the first element of a tag.
fn first_text(tree: &Tree, tag: Tag) -> Option<String> {
    tree.elements(0, tag)
        .map(|node| tree.folded_text(node))
        .find(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::locator::Locators;
    use crate::extract::{records, tree};

    fn read_page(html: &str) -> Metadata {
        let page = tree::parse(html);
        let uri = "https://example.com/blog/post?id=1";
        let records = records::read(&page, &Locators::new(&page), uri);
        read(&page, &records.json_ld, uri)
    }

    #[test]
    fn every_field_is_found_in_its_elements() {
        let found = read_page(
            "<html lang=en-GB><title>How to test - Example Blog</title>\
             <meta property=og:title content='How to test'><meta name=author content='By Jo Doe'>\
             <meta property=article:published_time content='2024-03-12T10:00:00+01:00'>\
             <meta property=article:modified_time content='2024-04-01'>\
             <meta property=og:site_name content='Example Blog'><meta name=description content=' What  it is '>\
             <link rel=canonical href='/blog/post'><meta property=og:image content='/i.png'>\
             <link rel=license href='https://creativecommons.org/licenses/by/4.0/'>\
             <body><h1>How to test</h1><p>x",
        );
        let expected = Metadata {
            title: Some("How to test".to_owned()),
            author: Some("Jo Doe".to_owned()),
            published: Some("2024-03-12T10:00:00+01:00".to_owned()),
            modified: Some("2024-04-01".to_owned()),
            language: Some("en-GB".to_owned()),
            site_name: Some("Example Blog".to_owned()),
            description: Some("What it is".to_owned()),
            canonical: Some("https://example.com/blog/post".to_owned()),
            image: Some("https://example.com/i.png".to_owned()),
            licence: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()),
            confidence: Some(1.0),
        };
        assert_eq!(found, expected);
        assert_eq!(found.data().as_object().unwrap().len(), 10);
    }

    #[test]
    fn records_speak_for_the_page_they_are_on() {
        let found = read_page(
            "<script type=application/ld+json>{\"@graph\": [{\"@type\": \"WebSite\", \"name\": \"Site\"},\
             {\"@type\": \"NewsArticle\", \"headline\": \"News\", \"author\": [{\"@id\": \"#a\"}, {\"name\": \"B\"}],\
             \"datePublished\": \"2024-03-12\", \"publisher\": {\"name\": \"Paper\"}},\
             {\"@type\": \"Person\", \"@id\": \"#a\", \"name\": \"A\"}]}</script><p>x",
        );
        assert_eq!(found.title.as_deref(), Some("News"));
        assert_eq!(found.author.as_deref(), Some("A; B"));
        assert_eq!(found.published.as_deref(), Some("2024-03-12"));
        assert_eq!(found.site_name.as_deref(), Some("Paper"));
    }

    #[test]
    fn what_is_only_shown_is_read_off_the_page() {
        let found = read_page(
            "<title>The thing | Site</title><body><h1>The thing</h1>\
             <div class=byline>By <a rel=author href=/jo>Jo Doe</a> on March 12, 2024</div><p>Text.",
        );
        assert_eq!(found.title.as_deref(), Some("The thing"));
        assert_eq!(found.author.as_deref(), Some("Jo Doe"));
        assert_eq!(found.published.as_deref(), Some("2024-03-12"));
    }

    #[test]
    fn nothing_is_invented() {
        assert_eq!(read_page("<p>x"), Metadata::default());
        let impossible = read_page(
            "<meta name=date content='2024-02-31'><meta name=author content='https://x.y/z'>",
        );
        assert_eq!(impossible, Metadata::default());
    }
}
