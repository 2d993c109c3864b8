//! Where the values of a field may stand on a page, and what stands there: one list for each piece of evidence.
//!
//! Nothing is judged here; what is found is read by `value` and weighed by `choice`.

use serde_json::{Map, Value};

use super::definition::{Field, FieldType, MetadataKey};
use super::path::Path;
use super::survey::{Span, Survey, SurveyedRecord};
use super::value;
use crate::extract::inner_text;
use crate::extract::records::is_head_syntax;
use crate::extract::tree::{NodeIndex, Tag};
use crate::model::words;

/// Bytes of the text that is read of one element.
pub(super) const MOST_TEXT: usize = 1 << 18;

/// Values that are taken from one piece of evidence.
const MOST_FOUND: usize = 2_000;

/// Bytes of the contents that a pattern alone is looked for in.
const MOST_SEARCHED: usize = 1 << 20;

words! {
    /// What a value stands on.
    Evidence {
        /// A structured record, in whatever syntax.
        JsonLd = "json_ld",
        /// An element of the page.
        Selector = "selector",
        /// A fact of a table, a list or a labelled line.
        Fact = "fact",
        /// A pattern in the text.
        Pattern = "pattern",
        /// What the page says about itself.
        Metadata = "metadata",
        /// The sentences that the content begins with.
        Content = "content",
        /// The profile's own word.
        Default = "default",
    }
}

/// Something that stands on the page where a field's value may.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub raw: String,
    pub by_machine: bool,
    pub unit: Option<String>,
    pub currency: Option<String>,
    pub span: Option<Span>,
    pub locator: String,
}

/// What one piece of evidence has.
#[derive(Debug)]
pub(super) struct Source {
    pub evidence: Evidence,
    /// How often a value that stands on this alone is the one that is meant, about.
    pub weight: f64,
    pub found: Vec<Found>,
    /// What of it is not read, and why.
    pub cut: Option<String>,
    /// Whether something stood there that the field's pattern does not match: the first of them.
    pub unmatched: Option<Found>,
}

/// The part of a page that one instance of a group is.
#[derive(Debug, Clone, Default)]
pub(super) struct Instance<'s, 'a> {
    /// The element it is in, and one past its last node.
    pub item: Option<(NodeIndex, NodeIndex)>,
    /// What is said of it, in one syntax after the other.
    pub records: Vec<&'s SurveyedRecord<'a>>,
    /// Whether the rest of the page speaks of nothing else.
    pub is_page: bool,
}

/// Returns what stands on the page for a field, the best evidence first.
pub(super) fn sources(
    field: &Field,
    survey: &Survey<'_>,
    instance: &Instance<'_, '_>,
) -> Vec<Source> {
    let mut sources = Vec::new();
    for record in &instance.records {
        let paths = field.paths.iter().filter(|path| !path.is_of_head());
        sources.extend(of_record(field, record, paths));
    }
    if instance.is_page && instance.item.is_none() {
        let heads = survey
            .records()
            .iter()
            .filter(|record| is_head_syntax(record.syntax));
        for record in heads {
            let paths = field.paths.iter().filter(|path| path.is_of_head());
            sources.extend(of_record(field, record, paths));
        }
    }
    if instance.is_page || instance.item.is_some() {
        sources.extend(of_selectors(field, survey, instance));
    }
    sources.extend(of_facts(field, survey, instance));
    if instance.is_page && instance.item.is_none() {
        sources.extend(of_metadata(field, survey));
    }
    let has_other = !field.selectors.is_empty()
        || !field.paths.is_empty()
        || !field.labels.is_empty()
        || !field.metadata.is_empty();
    if let Some(pattern) = &field.pattern {
        if has_other {
            for source in &mut sources {
                refine(source, pattern);
            }
        } else {
            sources.extend(of_pattern(field, pattern, survey, instance));
        }
    }
    sources.retain(|source| {
        !source.found.is_empty() || source.cut.is_some() || source.unmatched.is_some()
    });
    for source in &mut sources {
        if source.found.len() > MOST_FOUND {
            let left = source.found.len() - MOST_FOUND;
            source.cut = Some(format!("{left} values beyond {MOST_FOUND}"));
            source.found.truncate(MOST_FOUND);
        }
    }
    sources
}

fn source(evidence: Evidence, found: Vec<Found>) -> Source {
    Source {
        evidence,
        weight: evidence.weight(),
        found,
        cut: None,
        unmatched: None,
    }
}

/// What is not looked for any more.
fn too_costly(evidence: Evidence) -> Source {
    Source {
        cut: Some("the page has cost too much to look further".to_owned()),
        ..source(evidence, Vec::new())
    }
}

/// Follows the first of several paths that leads to something.
fn of_record<'p>(
    field: &Field,
    record: &SurveyedRecord<'_>,
    mut paths: impl Iterator<Item = &'p Path>,
) -> Option<Source> {
    let beside = |properties: &Map<String, Value>, names: &[&str]| {
        names.iter().find_map(|name| {
            let value = properties.get(*name)?.as_array()?.first()?;
            value.as_str().map(str::to_owned)
        })
    };
    let found = paths.find_map(|path| {
        let values = path
            .values(record.properties, field.kind == FieldType::Url)
            .into_iter();
        let found = values.map(|at| Found {
            raw: at.value,
            by_machine: true,
            unit: match field.kind {
                FieldType::Quantity => beside(at.beside, &["unitText", "unitCode"]),
                _ => None,
            },
            currency: match field.kind {
                FieldType::Money => currency_beside(at.beside, path),
                _ => None,
            },
            span: None,
            locator: format!("{} -> {}", record.locator, path.as_str()),
        });
        let found: Vec<_> = found.collect();
        (!found.is_empty()).then_some(found)
    });
    let weight = match record.syntax {
        // What a head says is for other programs' previews.
        syntax if is_head_syntax(syntax) => Evidence::Metadata.weight(),
        _ => Evidence::JsonLd.weight(),
    };
    found.map(|found| Source {
        weight,
        ..source(Evidence::JsonLd, found)
    })
}

/// Returns the currency that stands beside an amount.
fn currency_beside(properties: &Map<String, Value>, path: &Path) -> Option<String> {
    let of_head = path
        .as_str()
        .strip_suffix(":amount")
        .map(|name| format!("{name}:currency"));
    let names = ["priceCurrency", "currency"].map(str::to_owned);
    names.into_iter().chain(of_head).find_map(|name| {
        let value = properties.get(&name)?.as_array()?.first()?;
        value.as_str().map(str::to_owned)
    })
}

fn of_selectors(field: &Field, survey: &Survey<'_>, instance: &Instance<'_, '_>) -> Option<Source> {
    let (start, end) = instance.item.unwrap_or((0, NodeIndex::MAX));
    for selector in &field.selectors {
        let Some(nodes) = survey.select(selector) else {
            return Some(too_costly(Evidence::Selector));
        };
        let from = nodes.partition_point(|node| *node < start);
        let inside = nodes[from..].iter().take_while(|node| **node < end);
        let mut cut = None;
        let mut found = Vec::new();
        for node in inside.take(MOST_FOUND + 1) {
            match of_element(field, survey, *node) {
                Ok(one) => found.extend(one),
                Err(why) => cut = cut.or(Some(why)),
            }
        }
        if !found.is_empty() || cut.is_some() {
            return Some(Source {
                cut,
                ..source(Evidence::Selector, found)
            });
        }
    }
    None
}

/// Reads an element: the attribute that is asked for or that holds such a value, else its text.
fn of_element(
    field: &Field,
    survey: &Survey<'_>,
    node: NodeIndex,
) -> Result<Option<Found>, String> {
    let Some(markup) = &survey.page.markup else {
        return Ok(None);
    };
    let (tree, locators) = (markup.tree, markup.locators);
    let tag = tree.tag(node);
    let own = match (tag, field.kind) {
        (Tag::Meta, _) => Some("content"),
        (Tag::Time, FieldType::Date) => Some("datetime"),
        (Tag::Data | Tag::Meter | Tag::Input, _) => Some("value"),
        (Tag::A | Tag::Area | Tag::Link, FieldType::Url) => Some("href"),
        (
            Tag::Img | Tag::Audio | Tag::Video | Tag::Source | Tag::Iframe | Tag::Embed,
            FieldType::Url,
        ) => Some("src"),
        (Tag::Img, _) => Some("alt"),
        _ => None,
    };
    let attribute = field.attribute.as_deref().or(own);
    let value = attribute.and_then(|name| tree.attribute(node, name));
    let found = |raw: String, by_machine, span| {
        (!raw.is_empty()).then(|| Found {
            raw,
            by_machine,
            span,
            locator: locators.css(node),
            ..Found::default()
        })
    };
    if let Some(value) = value {
        return Ok(found(
            value.trim().to_owned(),
            own == attribute || attribute == Some("content"),
            None,
        ));
    }
    if field.attribute.is_some() {
        return Ok(None);
    }
    let Some(text) = inner_text::of(tree, node, MOST_TEXT) else {
        let locator = locators.css(node);
        return Err(format!(
            "the text of {locator} has more than {MOST_TEXT} bytes"
        ));
    };
    let span = survey.place(node, &text);
    Ok(found(text, false, span))
}

fn of_facts(field: &Field, survey: &Survey<'_>, instance: &Instance<'_, '_>) -> Option<Source> {
    if field.labels.is_empty() {
        return None;
    }
    if !survey.afford(survey.facts().len().saturating_mul(field.labels.len())) {
        return Some(too_costly(Evidence::Fact));
    }
    let names: Vec<&str> = instance
        .records
        .iter()
        .filter_map(|record| record.properties.get("name")?.as_array()?.first()?.as_str())
        .collect();
    let markup = survey.page.markup.as_ref();
    let bounds = instance
        .item
        .and_then(|(start, end)| markup?.places?.between(start, end));
    let belongs = |fact: &super::survey::SurveyedFact<'_>| match instance.item {
        Some(_) => bounds
            .as_ref()
            .zip(fact.span.as_ref())
            .is_some_and(|(bounds, span)| {
                bounds.start <= span.bytes.start && span.bytes.end <= bounds.end
            }),
        None => instance.is_page || fact.subject.is_some_and(|subject| names.contains(&subject)),
    };
    // In the order of the labels: the first is the best name.
    let found = field.labels.iter().find_map(|label| {
        let facts = survey.facts().iter();
        let facts = facts.filter(|fact| fact.attribute == *label && belongs(fact));
        let found: Vec<_> = facts
            .take(MOST_FOUND + 1)
            .map(|fact| Found {
                raw: fact.text.to_owned(),
                by_machine: false,
                unit: fact.unit.map(str::to_owned),
                currency: None,
                span: fact.span.clone(),
                locator: fact.locator.clone(),
            })
            .collect();
        (!found.is_empty()).then_some(found)
    });
    found.map(|found| source(Evidence::Fact, found))
}

fn of_metadata(field: &Field, survey: &Survey<'_>) -> Option<Source> {
    field.metadata.iter().find_map(|key| {
        if *key == MetadataKey::Opening {
            return of_content(field, survey);
        }
        let value = match key {
            MetadataKey::Url => Some(survey.page.uri),
            key => survey.metadata(key.as_str()),
        };
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        // Several authors stand in one text.
        let values: Vec<_> = match (key, field.kind) {
            (MetadataKey::Author, FieldType::List) => value.split("; ").collect(),
            _ => vec![value],
        };
        let found = values.into_iter().map(|value| Found {
            raw: value.to_owned(),
            by_machine: true,
            locator: key.to_string(),
            ..Found::default()
        });
        Some(source(Evidence::Metadata, found.collect()))
    })
}

/// Looks for a pattern in the text of the instance, else of the page.
fn of_pattern(
    field: &Field,
    pattern: &regex::Regex,
    survey: &Survey<'_>,
    instance: &Instance<'_, '_>,
) -> Option<Source> {
    let mut found = Vec::new();
    let (mut left, mut cut) = (MOST_SEARCHED, 0);
    let most = if field.kind == FieldType::List {
        MOST_FOUND + 1
    } else {
        20
    };
    let markup = survey.page.markup.as_ref();
    let bounds = instance
        .item
        .map(|(start, end)| markup?.places?.between(start, end));
    if bounds.is_none() && !instance.is_page {
        return None;
    }
    for (content, whole) in &survey.contents {
        let bytes = match &bounds {
            None => 0..whole.len(),
            Some(Some(bytes)) if *content == 0 => bytes.clone(),
            Some(_) => continue,
        };
        let Some(text) = whole.get(bytes.clone()) else {
            continue;
        };
        let searched = &text[..text.floor_char_boundary(left)];
        if !survey.afford(searched.len()) {
            return Some(too_costly(Evidence::Pattern));
        }
        cut += text.len() - searched.len();
        left -= searched.len();
        for captures in pattern
            .captures_iter(searched)
            .take(most - found.len().min(most))
        {
            let Some(mut one) = captured(&captures, &Found::default()) else {
                continue;
            };
            if let Some(value) = captures.name("value").or_else(|| captures.get(0)) {
                let start = bytes.start + value.start();
                one.span = Some(Span {
                    content: *content,
                    bytes: start..start + value.len(),
                });
            }
            one.locator = format!("content {content}");
            found.push(one);
        }
    }
    Some(Source {
        cut: (cut > 0).then(|| format!("{cut} bytes of the text were not searched")),
        ..source(Evidence::Pattern, found)
    })
}

/// Takes out of what was found what the pattern matches of it.
fn refine(source: &mut Source, pattern: &regex::Regex) {
    let mut unmatched = None;
    source.found.retain_mut(|found| {
        let refined = pattern
            .captures(&found.raw)
            .and_then(|captures| captured(&captures, found));
        if let Some(refined) = refined {
            *found = refined;
            return true;
        }
        unmatched.get_or_insert_with(|| found.clone());
        false
    });
    source.unmatched = unmatched;
}

/// Returns what the groups of a pattern hold; without a group of that name the whole match is the value.
fn captured(captures: &regex::Captures<'_>, from: &Found) -> Option<Found> {
    let group = |name: &str| {
        captures
            .name(name)
            .map(|found| found.as_str().trim().to_owned())
    };
    let raw = match captures.name("value") {
        Some(value) => value.as_str(),
        None => captures.get(0)?.as_str(),
    };
    let raw = raw.trim();
    (!raw.is_empty()).then(|| Found {
        raw: raw.to_owned(),
        by_machine: from.by_machine,
        unit: group("unit").or_else(|| from.unit.clone()),
        currency: group("currency").or_else(|| from.currency.clone()),
        span: from.span.clone().filter(|_| raw == from.raw),
        locator: from.locator.clone(),
    })
}

/// Takes the sentences that the content begins with.
fn of_content(field: &Field, survey: &Survey<'_>) -> Option<Source> {
    let (content, whole) = survey.contents.iter().find(|(_, text)| !text.is_empty())?;
    // Headings and bylines are no sentences.
    let mut start = 0;
    let paragraph = whole.split('\n').find(|line| {
        let is_paragraph = line.trim().len() >= 80;
        if !is_paragraph {
            start += line.len() + 1;
        }
        is_paragraph
    })?;
    let most = value::most_characters(field);
    let opening = value::opening(paragraph, most);
    let found = Found {
        raw: opening.to_owned(),
        span: Some(Span {
            content: *content,
            bytes: start..start + opening.len(),
        }),
        locator: format!("content {content}"),
        ..Found::default()
    };
    Some(source(Evidence::Content, vec![found]))
}
