//! Every source of every field, in the order in which they are believed.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use url::Url;

use super::{first_text, visible};
use crate::extract::entities::first_date;
use crate::extract::records::JsonLdNode;
use crate::extract::tree::{NodeIndex, Tag, Tree};

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "datepublished",
    "og:published_time",
    "article:published",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "dcterms.issued",
    "citation_publication_date",
    "citation_date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_date",
    "rnews:datepublished",
    "article.published",
    "date",
    "article_date_original",
    "og:article:published_time",
    "release_date",
    "date.created",
];

const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "revised",
    "article:modified",
    "modified_time",
];

const AUTHORS: &[&str] = &[
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "article:author_name",
    "byl",
    "article.author",
    "creator",
    "twitter:creator:name",
];

/// Types whose records speak for the whole page, beside those that end in `Article` or `Posting`.
const MAIN_TYPES: &[&str] = &[
    "BlogPosting",
    "Report",
    "WebPage",
    "Product",
    "Recipe",
    "QAPage",
    "Question",
    "Book",
    "Event",
    "VideoObject",
    "HowTo",
    "Course",
    "Review",
    "JobPosting",
    "TechArticle",
    "ItemPage",
    "AboutPage",
    "CollectionPage",
];

/// A property's value in the text is a name or a date, never more.
const PROPERTY_BYTES: usize = 200;

/// Everything that may hold a field.
pub(super) struct Head<'a> {
    tree: &'a Tree,
    records: &'a [JsonLdNode],
    metas: Vec<(String, &'a str)>,
    base: Option<Url>,
    /// Names of records by their `@id`, which other records refer to.
    names_by_id: HashMap<&'a str, &'a Value>,
}

impl<'a> Head<'a> {
    pub fn read(tree: &'a Tree, records: &'a [JsonLdNode], uri: &str) -> Self {
        let metas = tree
            .elements(0, Tag::Meta)
            .filter_map(|node| {
                let name = ["property", "name", "itemprop", "http-equiv"]
                    .iter()
                    .find_map(|name| tree.attribute(node, name))?;
                Some((name.trim().to_lowercase(), tree.attribute(node, "content")?))
            })
            .collect();
        Self {
            tree,
            records,
            metas,
            base: super::base(tree, uri),
            names_by_id: records
                .iter()
                .filter_map(|node| {
                    let id = node.properties.get("@id")?.as_str()?;
                    Some((id, node.properties.get("name")?))
                })
                .collect(),
        }
    }

    pub fn titles(&self) -> Vec<String> {
        let heading = visible::main_heading(self.tree);
        let document = first_text(self.tree, Tag::Title);
        let mut declared = self.main("headline");
        declared.extend(self.meta(&[
            "og:title",
            "twitter:title",
            "dc.title",
            "citation_title",
            "title",
        ]));
        let supports = |heading: &str| {
            let words = letters(heading);
            !words.is_empty()
                && declared
                    .iter()
                    .chain(&document)
                    .any(|title| letters(title).contains(&words))
        };
        let mut titles = Vec::new();
        // The visible heading is how a reader would name the page, if its title says the same.
        titles.extend(heading.clone().filter(|heading| supports(heading)));
        let site = self.site_names();
        titles.extend(
            declared
                .iter()
                .map(|title| visible::without_site(title, &site)),
        );
        titles.extend(document.map(|title| visible::without_site(&title, &site)));
        titles.extend(heading);
        titles.extend(self.main("name"));
        titles.retain(|title| !title.is_empty());
        titles
    }

    pub fn authors(&self) -> Vec<String> {
        let mut found: Vec<_> = self
            .records_for("author")
            .iter()
            .filter_map(|value| self.names(value))
            .collect();
        let in_meta = self.meta(AUTHORS);
        if !in_meta.is_empty() {
            found.push(in_meta.join("; "));
        }
        found.extend(visible::bylines(self.tree));
        found
            .iter()
            .filter_map(|names| visible::clean_author(names))
            .collect()
    }

    pub fn published(&self) -> Vec<String> {
        let mut found = self.main("datePublished");
        found.extend(self.meta(PUBLISHED));
        found.extend(self.property("datePublished"));
        found.extend(self.main("uploadDate"));
        found.extend(visible::times(self.tree));
        found.extend(self.main("dateCreated"));
        let mut found = dates(&found);
        if found.is_empty() {
            found.extend(visible::date_near_heading(self.tree));
        }
        found
    }

    pub fn modified(&self) -> Vec<String> {
        let mut found = self.main("dateModified");
        found.extend(self.meta(MODIFIED));
        found.extend(self.property("dateModified"));
        dates(&found)
    }

    pub fn languages(&self) -> Vec<String> {
        let declared = self
            .tree
            .elements(0, Tag::Html)
            .find_map(|node| {
                let of = |name| self.tree.attribute(node, name);
                of("lang").or_else(|| of("xml:lang"))
            })
            .map(str::to_owned);
        let mut found: Vec<_> = declared.into_iter().collect();
        found.extend(self.meta(&["content-language", "language", "dc.language", "og:locale"]));
        found.extend(self.main("inLanguage"));
        found
            .iter()
            .map(|language| language.trim().replace('_', "-"))
            .filter(|language| is_language_tag(language))
            .collect()
    }

    pub fn site_names(&self) -> Vec<String> {
        let mut found = self.meta(&[
            "og:site_name",
            "application-name",
            "apple-mobile-web-app-title",
        ]);
        let publishers = self.records_for("publisher");
        found.extend(publishers.iter().filter_map(|value| self.names(value)));
        found.extend(
            self.of_type("WebSite")
                .filter_map(|node| text_of(node.properties.get("name")?)),
        );
        found
    }

    pub fn descriptions(&self) -> Vec<String> {
        let mut found = self.meta(&[
            "description",
            "og:description",
            "twitter:description",
            "dc.description",
        ]);
        found.extend(self.main("description"));
        found
    }

    pub fn canonicals(&self) -> Vec<String> {
        let mut found = self.links("canonical");
        found.extend(self.meta(&["og:url"]));
        self.resolved(found)
    }

    pub fn images(&self) -> Vec<String> {
        let mut found = self.meta(&[
            "og:image",
            "og:image:url",
            "twitter:image",
            "twitter:image:src",
            "image",
        ]);
        for image in self.records_for("image") {
            let first = image
                .as_array()
                .and_then(|list| list.first())
                .unwrap_or(image);
            found.extend(text_of(first).or_else(|| text_of(first.get("url")?)));
        }
        found.extend(self.links("image_src"));
        self.resolved(found)
    }

    pub fn licences(&self) -> Vec<String> {
        let mut found = self.links("license");
        for node in self.tree.elements(0, Tag::A) {
            if has_word(self.tree.attribute(node, "rel"), "license") {
                found.extend(self.tree.attribute(node, "href").map(str::to_owned));
            }
        }
        found.extend(self.main("license"));
        let mut found = self.resolved(found);
        found.extend(self.meta(&["dc.rights", "dcterms.license", "dcterms.rights"]));
        found
    }

    /// Returns contents of the first of `names` that has any, then of the next.
    fn meta(&self, names: &[&str]) -> Vec<String> {
        let mut seen = HashSet::new();
        names
            .iter()
            .flat_map(|name| self.metas.iter().filter(move |(found, _)| found == name))
            .map(|(_, content)| folded(content))
            .filter(|text| !text.is_empty() && seen.insert(text.clone()))
            .collect()
    }

    fn links(&self, relation: &str) -> Vec<String> {
        self.tree
            .elements(0, Tag::Link)
            .filter(|node| has_word(self.tree.attribute(*node, "rel"), relation))
            .filter_map(|node| Some(self.tree.attribute(node, "href")?.to_owned()))
            .collect()
    }

    /// Returns values of a microdata property, wherever it stands.
    fn property(&self, name: &str) -> Vec<String> {
        let holds = |node: &NodeIndex| has_word(self.tree.attribute(*node, "itemprop"), name);
        (0..self.tree.len())
            .filter(holds)
            .filter_map(|node| {
                let of = |name| self.tree.attribute(node, name).map(str::to_owned);
                of("content")
                    .or_else(|| of("datetime"))
                    .or_else(|| self.tree.short_text(node, PROPERTY_BYTES))
            })
            .collect()
    }

    fn resolved(&self, found: Vec<String>) -> Vec<String> {
        found
            .into_iter()
            .filter_map(|address| match &self.base {
                Some(base) => base.join(address.trim()).ok(),
                None => Url::parse(address.trim()).ok(),
            })
            .map(String::from)
            .collect()
    }

    fn of_type(&self, name: &str) -> impl Iterator<Item = &'a JsonLdNode> {
        self.records
            .iter()
            .filter(move |node| node.types.iter().any(|of_type| of_type == name))
    }

    /// Returns a property of the records that speak for the page, articles before others.
    fn records_for(&self, property: &str) -> Vec<&'a Value> {
        let rank = |node: &&JsonLdNode| {
            node.types
                .iter()
                .filter_map(|name| match name.as_str() {
                    name if name.ends_with("Article") || name.ends_with("BlogPosting") => Some(0),
                    name if name.ends_with("ForumPosting") || name == "Question" => Some(1),
                    "WebPage" | "CollectionPage" | "AboutPage" => Some(3),
                    name if MAIN_TYPES.contains(&name) => Some(2),
                    _ => None,
                })
                .min()
        };
        let mut ranked: Vec<_> = self
            .records
            .iter()
            .filter_map(|node| {
                let entity = node.properties.get("mainEntity");
                let value = node
                    .properties
                    .get(property)
                    .or_else(|| entity?.get(property));
                Some((rank(&node)?, value?))
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, value)| value).collect()
    }

    fn main(&self, property: &str) -> Vec<String> {
        self.records_for(property)
            .into_iter()
            .filter_map(text_of)
            .collect()
    }

    /// Returns the names in a person, an organization, a list of them, or references to them.
    fn names(&self, value: &Value) -> Option<String> {
        match value {
            Value::Array(items) => {
                let names: Vec<_> = items.iter().filter_map(|item| self.name(item)).collect();
                (!names.is_empty()).then(|| names.join("; "))
            }
            one => self.name(one),
        }
    }

    fn name(&self, value: &Value) -> Option<String> {
        if let Some(name) = text_of(value).or_else(|| text_of(value.get("name")?)) {
            return Some(name);
        }
        let id = value.get("@id")?.as_str()?;
        text_of(self.names_by_id.get(id)?)
    }
}

fn text_of(value: &Value) -> Option<String> {
    let value = value
        .as_array()
        .and_then(|items| items.first())
        .unwrap_or(value);
    value.as_str().map(folded).filter(|text| !text.is_empty())
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the letters and digits of a text, for comparison.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn has_word(words: Option<&str>, word: &str) -> bool {
    words.is_some_and(|words| {
        words
            .split_whitespace()
            .any(|found| found.eq_ignore_ascii_case(word))
    })
}

/// Says whether a text looks like a BCP 47 tag.
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

/// Keeps ISO dates with their time as they are, writes others as ISO dates, drops what is no date.
fn dates(found: &[String]) -> Vec<String> {
    found
        .iter()
        .filter_map(|text| {
            let text = text.trim();
            let date = first_date(text)?.to_string();
            let time = text.strip_prefix(&date).filter(|time| {
                time.starts_with('T')
                    && time
                        .chars()
                        .all(|c| c.is_ascii_digit() || "T:.+-Z".contains(c))
            });
            Some(time.map_or_else(|| date.clone(), |time| format!("{date}{time}")))
        })
        .collect()
}
