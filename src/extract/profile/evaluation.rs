//! A profile's groups, asked of one page: its instances, their fields, and what is missing of them.

use serde_json::{Value, json};

use super::choice::{Chosen, Notes, choose};
use super::definition::{Applies, Definition, Field, Group, PageType};
use super::lookup::folded;
use super::sources::{Instance, sources};
use super::survey::{PageEvidence, Survey, SurveyedRecord};
use crate::extract::page::item;
use crate::model::{ExtractedItem, ExtractionType, Gap, Reason};

/// Fields of all instances of one group on one page.
const MOST_VALUES: usize = 500_000;

/// Gaps told of one group on one page; the rest is counted.
const MOST_GAPS: usize = 100;

/// Returns the fields of a page, one item for each instance, and what is missing of them.
pub(super) fn evaluate(
    definition: &Definition,
    page: &PageEvidence<'_>,
) -> (Vec<ExtractedItem>, Vec<Gap>) {
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    if definition.groups.is_empty() {
        return (items, gaps);
    }
    let survey = Survey::new(page);
    if let Some(why) = excluded(&definition.applies, &survey) {
        return (items, vec![Gap::whole(Reason::ProfileNotApplied, why)]);
    }
    for group in &definition.groups {
        let mut of_group = Vec::new();
        for data in instances(group, &survey, &mut of_group) {
            let confidence = confidence(&data);
            let ordinal = items.len() as i64;
            items.push(item(ExtractionType::Fields, ordinal, data, "", confidence));
        }
        gaps.extend(bounded(of_group, &group.name));
    }
    (items, gaps)
}

/// Says why a profile is not for a page.
fn excluded(applies: &Applies, survey: &Survey<'_>) -> Option<String> {
    let uri = survey.page.uri;
    if applies
        .urls
        .as_ref()
        .is_some_and(|urls| !urls.is_match(uri))
    {
        return Some("the URL matches none of the profile's".to_owned());
    }
    let kind = survey.page.kind;
    let is_of_type = |wanted: &PageType| match wanted {
        PageType::Article => kind.article,
        PageType::Forum => kind.forum,
        PageType::Product => kind.product,
    };
    if !applies.page_types.is_empty() && !applies.page_types.iter().any(is_of_type) {
        return Some("the page is of none of the profile's types".to_owned());
    }
    if applies.languages.is_empty() {
        return None;
    }
    let language = survey.metadata("language").unwrap_or_default();
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let is_known = applies
        .languages
        .iter()
        .any(|one| one.eq_ignore_ascii_case(primary));
    (!is_known).then(|| match primary {
        "" => "the page's language is not known".to_owned(),
        other => format!("the page is in {other}, which is none of the profile's languages"),
    })
}

/// Evaluates each instance of a group.
fn instances(group: &Group, survey: &Survey<'_>, gaps: &mut Vec<Gap>) -> Vec<Value> {
    let mut found = found(group, survey, gaps);
    if found.is_empty() && group.required {
        let detail = format!("no {} was found", group.name);
        gaps.push(Gap::at(Reason::FieldMissing, group.name.clone(), detail));
    }
    let limit = group.limit.min(MOST_VALUES / group.fields.len().max(1));
    if found.len() > limit {
        let detail = format!("{} instances beyond {limit}", found.len() - limit);
        gaps.push(Gap::at(Reason::FieldsCut, group.name.clone(), detail));
        found.truncate(limit);
    }
    let evaluated = found.iter().enumerate().filter_map(|(ordinal, instance)| {
        let fields = group.fields.iter().filter_map(|field| {
            let mut notes = Notes {
                place: format!("{}.{}[{ordinal}]", group.name, field.name),
                gaps: &mut *gaps,
            };
            let sources = sources(field, survey, instance);
            let chosen = choose(field, sources, survey, &mut notes)?;
            Some((field, chosen))
        });
        let fields: Vec<_> = fields.collect();
        let data = json!({
            "group": group.name,
            "key": key(group, &fields),
            "fields": fields.iter().map(|(field, chosen)| data(field, chosen)).collect::<Vec<_>>(),
        });
        (!fields.is_empty()).then_some(data)
    });
    evaluated.collect()
}

/// Finds the instances of a group: its items, its records, or the page itself.
fn found<'s, 'a>(
    group: &Group,
    survey: &'s Survey<'a>,
    gaps: &mut Vec<Gap>,
) -> Vec<Instance<'s, 'a>> {
    if let Some(selector) = &group.item {
        let Some((nodes, markup)) = survey.select(selector).zip(survey.page.markup.as_ref()) else {
            if survey.page.markup.is_some() {
                let detail = "the page has cost too much to select from it";
                gaps.push(Gap::at(Reason::FieldsCut, group.name.clone(), detail));
            }
            return Vec::new();
        };
        let instances = nodes.iter().map(|node| Instance {
            item: Some((*node, markup.tree.end(*node))),
            records: Vec::new(),
            is_page: nodes.len() == 1,
        });
        let most = if group.many { usize::MAX } else { 1 };
        return instances.take(most).collect();
    }
    let records: Vec<_> = survey
        .records()
        .iter()
        .filter(|record| is_of(record, &group.records))
        .collect();
    if !group.many {
        return vec![Instance {
            item: None,
            records: best_of_each_syntax(&records, survey),
            is_page: true,
        }];
    }
    // What is written twice is one thing: the first syntax that has any speaks for all.
    let syntax = records.first().map(|record| record.syntax);
    let of_syntax = records
        .into_iter()
        .filter(|record| Some(record.syntax) == syntax);
    let mut instances: Vec<_> = of_syntax
        .map(|record| Instance {
            item: None,
            records: vec![record],
            is_page: false,
        })
        .collect();
    if let [only] = instances.as_mut_slice() {
        only.is_page = true;
    }
    instances
}

fn is_of(record: &SurveyedRecord<'_>, types: &[String]) -> bool {
    let mut own = record.types.iter().filter_map(Value::as_str);
    own.any(|own| types.iter().any(|wanted| wanted == own))
}

/// Returns of each syntax the record that the page is about: the one that it says so of, then the one that is called
/// as the page is, then the first.
fn best_of_each_syntax<'s, 'a>(
    records: &[&'s SurveyedRecord<'a>],
    survey: &Survey<'a>,
) -> Vec<&'s SurveyedRecord<'a>> {
    let title = survey.metadata("title").map(folded);
    let is_titled = |record: &SurveyedRecord<'_>| {
        let names = ["name", "headline"].into_iter();
        let mut names = names.filter_map(|name| record.properties.get(name)?.as_array()?.first());
        names.any(|name| {
            let name = folded(name.as_str().unwrap_or_default());
            title.as_ref().is_some_and(|title| {
                !name.is_empty() && (title.contains(&name) || name.contains(title.as_str()))
            })
        })
    };
    let mut best: Vec<(&str, (bool, bool), &'s SurveyedRecord<'a>)> = Vec::new();
    for record in records {
        let rank = (!record.is_main, !is_titled(record));
        match best
            .iter_mut()
            .find(|(syntax, _, _)| *syntax == record.syntax)
        {
            None => best.push((record.syntax, rank, record)),
            Some(known) if rank < known.1 => *known = (record.syntax, rank, record),
            Some(_) => {}
        }
    }
    best.into_iter().map(|(_, _, record)| record).collect()
}

/// Returns what says which instances are of one thing; `Null` unless all of it is known.
fn key(group: &Group, fields: &[(&Field, Chosen)]) -> Value {
    let parts = group.key.iter().map(|name| {
        let (_, chosen) = fields.iter().find(|(field, _)| field.name == *name)?;
        Some(match &chosen.value {
            Value::String(text) => folded(text),
            other => other.to_string(),
        })
    });
    match parts.collect::<Option<Vec<_>>>() {
        Some(parts) if !parts.is_empty() => json!(parts.join(" ")),
        _ => Value::Null,
    }
}

/// Returns a field's stored form.
fn data(field: &Field, chosen: &Chosen) -> Value {
    let mut data = json!({
        "field": field.name,
        "value": chosen.value,
        "raw": chosen.raw,
        "locator": chosen.locator,
        "evidence": chosen.evidence.as_str(),
        "confidence": chosen.confidence,
        "merge": field.merge.as_str(),
    });
    let span = chosen.span.as_ref();
    data["start"] = json!(span.map(|span| span.bytes.start));
    data["end"] = json!(span.map(|span| span.bytes.end));
    data["content"] = json!(span.map(|span| span.content));
    if let Some(unit) = &chosen.unit {
        data["unit"] = json!(unit);
    }
    if let Some(currency) = &chosen.currency {
        data["currency"] = json!(currency);
    }
    if !chosen.items.is_empty() {
        let items = chosen.items.iter().map(|item| {
            let span = item.span.as_ref();
            json!({
                "value": item.value,
                "raw": item.raw,
                "locator": item.locator,
                "evidence": item.evidence.as_str(),
                "start": span.map(|span| span.bytes.start),
                "end": span.map(|span| span.bytes.end),
                "content": span.map(|span| span.content),
            })
        });
        data["items"] = Value::Array(items.collect());
    }
    data
}

/// Returns the mean confidence of the fields that stand on evidence.
fn confidence(data: &Value) -> Option<f64> {
    let fields = data["fields"].as_array().into_iter().flatten();
    let known: Vec<f64> = fields
        .filter_map(|field| field["confidence"].as_f64())
        .collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    (!known.is_empty()).then(|| (mean * 1000.0).round() / 1000.0)
}

/// Tells the first gaps of a group and counts the others.
fn bounded(mut gaps: Vec<Gap>, group: &str) -> Vec<Gap> {
    let left = gaps.len().saturating_sub(MOST_GAPS);
    if left > 0 {
        gaps.truncate(MOST_GAPS);
        let detail = format!("{left} further gaps");
        gaps.push(Gap::at(Reason::FieldsCut, format!("{group} gaps"), detail));
    }
    gaps
}

#[cfg(test)]
mod tests;
