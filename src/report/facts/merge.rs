//! The merge rules: which of the values that sources give for a field is its value.
//!
//! Every rule ends in the same order for ties (how many sources, how sure, the value's text, the first URI), so
//! that the same rows give the same record on any engine and at any time.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::model::{ExtractionId, JobId, canonical_json};

/// A value that one source gives.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub value: Json,
    pub unit: Option<String>,
    pub currency: Option<String>,
    /// `None` for a default, and for what has no evidence to judge by.
    pub confidence: Option<f64>,
    pub evidence: Option<String>,
    pub locator: Option<String>,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub content: Option<i64>,
    pub merge: String,
    pub uri: String,
    /// When the source was published, else fetched.
    pub dated: String,
    pub job: Option<JobId>,
    pub extraction: ExtractionId,
}

/// A value that stays.
#[derive(Debug)]
pub(super) struct Chosen {
    /// As the source gives it that is surest of it.
    pub best: Candidate,
    /// How many sources give it.
    pub agree: i64,
    /// How many sources give another, and not this.
    pub disagree: i64,
}

/// The candidates that say the same.
struct Class {
    identity: String,
    candidates: Vec<Candidate>,
    sources: BTreeSet<String>,
    /// How sure all sources together are of it.
    weight: f64,
}

/// Takes the value, or the values, that the field's rule keeps.
pub(super) fn merge(candidates: Vec<Candidate>) -> Vec<Chosen> {
    let Some(rule) = candidates.first().map(|first| first.merge.clone()) else {
        return Vec::new();
    };
    let sources: BTreeSet<String> = candidates.iter().map(|one| one.uri.clone()).collect();
    let mut classes = classes(candidates);
    classes.sort_by(|one, other| by_rule(&rule, one, other).then_with(|| by_tie(one, other)));
    if rule != "all" {
        classes.truncate(1);
    }
    classes
        .into_iter()
        .filter_map(|class| {
            let agree = class.sources.len() as i64;
            let best = class.candidates.into_iter().min_by(surer)?;
            Some(Chosen {
                best,
                agree,
                disagree: sources.len() as i64 - agree,
            })
        })
        .collect()
}

fn classes(candidates: Vec<Candidate>) -> Vec<Class> {
    // A default says nothing where a page says something.
    let has_evidence = candidates.iter().any(|one| !is_default(one));
    let mut classes: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        if !(has_evidence && is_default(&candidate)) {
            let identity = identity(&candidate);
            classes.entry(identity).or_default().push(candidate);
        }
    }
    let classes = classes.into_iter();
    classes
        .map(|(identity, candidates)| {
            let mut surest: BTreeMap<&str, f64> = BTreeMap::new();
            for one in &candidates {
                let confidence = surest.entry(&one.uri).or_default();
                *confidence = confidence.max(one.confidence.unwrap_or_default());
            }
            let weight = 1.0 - surest.values().map(|one| 1.0 - one).product::<f64>();
            let sources = surest.into_keys().map(str::to_owned).collect();
            Class {
                identity,
                candidates,
                sources,
                weight,
            }
        })
        .collect()
}

fn is_default(candidate: &Candidate) -> bool {
    candidate.evidence.as_deref() == Some("default")
}

/// Returns what two sources that agree have in common: case and white space are how it is written.
fn identity(candidate: &Candidate) -> String {
    let fold = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").to_lowercase()
    };
    let value = match &candidate.value {
        Json::String(text) => fold(text),
        // 12 and 12.0 are one number.
        Json::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |real| real.to_string()),
        other => canonical_json(other),
    };
    let unit = candidate.unit.as_deref().map(fold).unwrap_or_default();
    let currency = candidate.currency.as_deref().unwrap_or_default();
    format!("{value}\u{1f}{unit}\u{1f}{currency}")
}

/// Orders what the rule keeps first.
fn by_rule(rule: &str, one: &Class, other: &Class) -> Ordering {
    let first = |class: &Class| class.sources.first().cloned();
    let newest = |class: &Class| class.candidates.iter().map(|one| one.dated.clone()).max();
    let oldest = |class: &Class| class.candidates.iter().map(|one| one.dated.clone()).min();
    match rule {
        "first" => first(one).cmp(&first(other)),
        "newest" => newest(other).cmp(&newest(one)),
        "oldest" => oldest(one).cmp(&oldest(other)),
        "majority" => other.sources.len().cmp(&one.sources.len()),
        "min" => by_value(one, other),
        "max" => by_value(other, one),
        "all" => Ordering::Equal,
        _ => other.weight.total_cmp(&one.weight),
    }
}

fn by_value(one: &Class, other: &Class) -> Ordering {
    let value = |class: &Class| class.candidates.first().map(|one| one.value.clone());
    match (value(one), value(other)) {
        (Some(Json::Number(one)), Some(Json::Number(other))) => one
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&other.as_f64().unwrap_or_default()),
        (Some(Json::String(one)), Some(Json::String(other))) => one.cmp(&other),
        _ => Ordering::Equal,
    }
}

fn by_tie(one: &Class, other: &Class) -> Ordering {
    let count = other.sources.len().cmp(&one.sources.len());
    count
        .then_with(|| other.weight.total_cmp(&one.weight))
        .then_with(|| one.identity.cmp(&other.identity))
}

/// Orders the candidate that is surest first.
fn surer(one: &Candidate, other: &Candidate) -> Ordering {
    let confidence = |one: &Candidate| one.confidence.unwrap_or_default();
    confidence(other)
        .total_cmp(&confidence(one))
        .then_with(|| other.start.is_some().cmp(&one.start.is_some()))
        .then_with(|| one.uri.cmp(&other.uri))
        .then_with(|| one.start.cmp(&other.start))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn say(uri: &str, value: Json, confidence: f64, dated: &str) -> Candidate {
        Candidate {
            value,
            unit: None,
            currency: None,
            confidence: Some(confidence),
            evidence: Some("selector".to_owned()),
            locator: None,
            start: None,
            end: None,
            content: None,
            merge: String::new(),
            uri: uri.to_owned(),
            dated: dated.to_owned(),
            job: None,
            extraction: ExtractionId::new(),
        }
    }

    fn said() -> Vec<Candidate> {
        vec![
            say("c", json!(12), 0.5, "2024-01-01"),
            say("a", json!(30), 0.9, "2023-01-01"),
            say("b", json!(12.0), 0.5, "2022-01-01"),
            say("d", json!(7), 0.6, "2025-06-01T00:00:00.000000Z"),
            // One source has one vote.
            say("d", json!(7), 0.6, "2025-06-01T00:00:00.000000Z"),
        ]
    }

    #[test]
    fn each_rule_keeps_its_own() {
        let cases = [
            ("best", json!(30), 1),
            ("first", json!(30), 1),
            ("newest", json!(7), 1),
            ("oldest", json!(12.0), 2),
            ("majority", json!(12), 2),
            ("min", json!(7), 1),
            ("max", json!(30), 1),
        ];
        for (rule, value, agree) in cases {
            let mut candidates = said();
            for order in 0..candidates.len() {
                candidates.rotate_left(order);
                for one in &mut candidates {
                    rule.clone_into(&mut one.merge);
                }
                let chosen = merge(candidates.clone());
                let [one] = &chosen[..] else {
                    panic!("{rule}: {chosen:?}")
                };
                assert_eq!(one.best.value.as_f64(), value.as_f64(), "{rule}");
                assert_eq!((one.agree, one.disagree), (agree, 4 - agree), "{rule}");
            }
        }
    }

    #[test]
    fn all_keeps_each_value_once() {
        let mut candidates = vec![
            say("a", json!("Oak  wood"), 0.5, ""),
            say("b", json!("oak wood"), 0.7, ""),
            say("b", json!("Steel"), 0.7, ""),
        ];
        for one in &mut candidates {
            "all".clone_into(&mut one.merge);
        }
        let chosen = merge(candidates);
        let told: Vec<_> = chosen
            .iter()
            .map(|one| (one.best.value.clone(), one.agree, one.disagree))
            .collect();
        assert_eq!(told, [(json!("oak wood"), 2, 0), (json!("Steel"), 1, 1)]);
        assert!(merge(Vec::new()).is_empty());
    }

    #[test]
    fn a_default_gives_way_to_evidence() {
        let mut default = say("a", json!("EUR"), 0.0, "");
        default.confidence = None;
        default.evidence = Some("default".to_owned());
        let found = say("b", json!("USD"), 0.1, "");
        let chosen = merge(vec![default.clone(), found]);
        assert_eq!(chosen[0].best.value, json!("USD"));
        assert_eq!(merge(vec![default])[0].best.value, json!("EUR"));
    }
}
