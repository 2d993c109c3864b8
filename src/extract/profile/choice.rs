//! Which of the values found for a field is taken, how sure that is, and what was wrong with the others.
//!
//! Evidence is weighed by its kind and by who agrees with it; a default has no weight at all.

use serde_json::{Value, json};

use super::definition::{Field, FieldType, Merge};
use super::keys::shown;
use super::sources::{Evidence, Found, Source};
use super::survey::{Span, Survey};
use super::value::{self, Refusal, Surroundings, Typed, Written};
use crate::model::{Gap, Reason};

/// Values of one piece of evidence that are compared with its first.
const COMPARED: usize = 20;

impl Evidence {
    /// How often a value that stands on this alone is the one that is meant, about.
    pub fn weight(self) -> f64 {
        match self {
            Self::JsonLd => 0.9,
            Self::Selector | Self::Fact => 0.8,
            Self::Metadata => 0.7,
            Self::Pattern => 0.6,
            Self::Content => 0.3,
            Self::Default => 0.0,
        }
    }
}

/// A value with what it stands on.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub value: Value,
    pub unit: Option<String>,
    pub currency: Option<String>,
    pub raw: Option<String>,
    pub span: Option<Span>,
    pub locator: Option<String>,
    pub evidence: Evidence,
    pub confidence: Option<f64>,
    /// Of a list, each value with its own place.
    pub items: Vec<Chosen>,
}

/// Notes gaps at the place of one field of one instance.
pub(super) struct Notes<'n> {
    /// `group.field[instance]`.
    pub place: String,
    pub gaps: &'n mut Vec<Gap>,
}

impl Notes<'_> {
    pub fn note(&mut self, reason: Reason, locator: &str, detail: impl Into<String>) {
        let position = format!("{} {locator}", self.place);
        self.gaps.push(Gap::at(reason, position.trim_end(), detail));
    }

    fn refused(&mut self, found: &Found, refusal: &Refusal) {
        let (reason, why) = match refusal {
            Refusal::Unparsable(why) => (Reason::FieldUnparsable, why),
            Refusal::Invalid(why) => (Reason::FieldInvalid, why),
        };
        let detail = format!("\"{}\" {}", shown(&found.raw), shown_why(why));
        self.note(reason, &found.locator, detail);
    }
}

/// Chooses a field's value; what is not as it should be is noted.
pub(super) fn choose(
    field: &Field,
    sources: Vec<Source>,
    survey: &Survey<'_>,
    notes: &mut Notes<'_>,
) -> Option<Chosen> {
    for source in &sources {
        if let Some(cut) = &source.cut {
            notes.note(Reason::FieldsCut, "", cut.clone());
        }
        // Where something else of it matches, this was no value.
        if let Some(found) = source
            .unmatched
            .as_ref()
            .filter(|_| source.found.is_empty())
        {
            let refusal = Refusal::Invalid("does not match the pattern".to_owned());
            notes.refused(found, &refusal);
        }
    }
    let surroundings = Surroundings {
        language: survey.metadata("language"),
        base: survey.base.as_ref(),
    };
    let chosen = match field.kind {
        FieldType::List => list(field, sources, survey, surroundings, notes),
        _ => scalar(field, &sources, survey, surroundings, notes),
    };
    chosen.or_else(|| or_else(field, notes))
}

/// Falls back on the default; what is missing is noted.
fn or_else(field: &Field, notes: &mut Notes<'_>) -> Option<Chosen> {
    if let Some(value) = &field.default {
        return Some(Chosen {
            value: value.clone(),
            unit: None,
            currency: None,
            raw: None,
            span: None,
            locator: None,
            evidence: Evidence::Default,
            confidence: None,
            items: Vec::new(),
        });
    }
    if let Some(question) = &field.ask {
        notes.note(Reason::NoModel, "", question.clone());
    } else if field.required {
        notes.note(
            Reason::FieldMissing,
            "",
            format!("no {} was found", field.name),
        );
    }
    None
}

/// A value that was read, and how much speaks for it.
struct Candidate<'s> {
    typed: Typed,
    found: &'s Found,
    evidence: Evidence,
    weight: f64,
}

fn scalar(
    field: &Field,
    sources: &[Source],
    survey: &Survey<'_>,
    surroundings: Surroundings<'_>,
    notes: &mut Notes<'_>,
) -> Option<Chosen> {
    let candidates: Vec<_> = sources
        .iter()
        .filter_map(|source| candidate(field, source, surroundings, notes))
        .collect();
    let best = best(field, &candidates)?;
    let chosen = &candidates[best];
    let agrees = |other: &&Candidate<'_>| value::agree(field, &chosen.typed, &other.typed);
    let (for_it, against): (Vec<_>, Vec<_>) = candidates.iter().partition(agrees);
    if let Some(other) = against.first() {
        let told = |one: &Candidate<'_>| {
            let (raw, locator) = (shown(&one.found.raw), shown(&one.found.locator));
            format!("\"{raw}\" ({} {locator})", one.evidence)
        };
        let detail = format!("{} is kept against {}", told(chosen), told(other));
        notes.note(Reason::FieldConflict, &chosen.found.locator, detail);
    }
    let doubt: f64 = for_it.iter().map(|one| 1.0 - one.weight).product();
    let (support, opposition) = (weights(&for_it), weights(&against));
    let confidence = (1.0 - doubt) * support / (support + opposition);
    Some(placed(chosen, field, survey, confidence))
}

fn weights(candidates: &[&Candidate<'_>]) -> f64 {
    candidates.iter().map(|one| one.weight).sum()
}

/// Returns the first value of a piece of evidence that can be read; weighs less where others beside it differ.
fn candidate<'s>(
    field: &Field,
    source: &'s Source,
    surroundings: Surroundings<'_>,
    notes: &mut Notes<'_>,
) -> Option<Candidate<'s>> {
    let mut first: Option<(Typed, &Found)> = None;
    let mut refused = None;
    let (mut same, mut read) = (0_u32, 0_u32);
    for found in source.found.iter().take(COMPARED) {
        match value::read(field, written(found), surroundings) {
            Ok(typed) => {
                let first = first.get_or_insert_with(|| (typed.clone(), found));
                read += 1;
                same += u32::from(value::agree(field, &first.0, &typed));
                if is_better(field.merge, &typed.value, &first.0.value) {
                    *first = (typed, found);
                }
            }
            Err(refusal) => refused = refused.or(Some((found, refusal))),
        }
    }
    match (first, refused) {
        (Some((typed, found)), _) => Some(Candidate {
            typed,
            found,
            evidence: source.evidence,
            weight: source.weight * f64::from(same) / f64::from(read),
        }),
        (None, Some((found, refusal))) => {
            notes.refused(found, &refusal);
            None
        }
        (None, None) => None,
    }
}

/// Says whether a value stays in the place of another, by a rule that goes by the values themselves.
fn is_better(merge: Merge, value: &Value, than: &Value) -> bool {
    let is_less = |one: &Value, other: &Value| match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() < other.as_f64(),
        (Value::String(one), Value::String(other)) => one < other,
        _ => false,
    };
    match merge {
        Merge::Min => is_less(value, than),
        Merge::Max => is_less(than, value),
        _ => false,
    }
}

/// Returns the index of the candidate that the field's rule takes.
fn best(field: &Field, candidates: &[Candidate<'_>]) -> Option<usize> {
    let score = |one: &Candidate<'_>| {
        let agreeing = candidates
            .iter()
            .filter(|other| value::agree(field, &one.typed, &other.typed));
        match field.merge {
            Merge::Majority => agreeing.count() as f64,
            _ => 1.0 - agreeing.map(|one| 1.0 - one.weight).product::<f64>(),
        }
    };
    let mut best: Option<(usize, f64)> = None;
    for (index, one) in candidates.iter().enumerate() {
        let score = score(one);
        let is_better = best.is_none_or(|(known, highest)| match field.merge {
            Merge::First => false,
            Merge::Min | Merge::Max => is_better(
                field.merge,
                &one.typed.value,
                &candidates[known].typed.value,
            ),
            _ => score > highest + 1e-9,
        });
        if is_better {
            best = Some((index, score));
        }
    }
    let (best, _) = best?;
    if !matches!(field.merge, Merge::Best | Merge::Majority) {
        return Some(best);
    }
    // Of those that say the same, what weighs most says it best.
    let agreeing = (0..candidates.len())
        .filter(|index| value::agree(field, &candidates[best].typed, &candidates[*index].typed));
    agreeing.reduce(|one, other| {
        let is_heavier = candidates[other].weight > candidates[one].weight + 1e-9;
        if is_heavier { other } else { one }
    })
}

fn written(found: &Found) -> Written<'_> {
    Written {
        text: &found.raw,
        by_machine: found.by_machine,
        unit: found.unit.as_deref(),
        currency: found.currency.as_deref(),
    }
}

/// Makes what is kept of a candidate, with its place in the text.
fn placed(
    candidate: &Candidate<'_>,
    field: &Field,
    survey: &Survey<'_>,
    confidence: f64,
) -> Chosen {
    let found = candidate.found;
    let as_value = || survey.locate(candidate.typed.value.as_str()?);
    let span = found.span.clone();
    let span = span.or_else(|| survey.locate(&found.raw).or_else(as_value));
    let (mut raw, mut value) = (found.raw.clone(), candidate.typed.value.clone());
    // White space of the content may be another than that of the element.
    if let Some(text) = span.as_ref().and_then(|span| survey.text(span)) {
        text.clone_into(&mut raw);
    }
    if field.kind == FieldType::Url && value.is_null() {
        value = json!(raw);
    }
    Chosen {
        value,
        unit: candidate.typed.unit.clone(),
        currency: candidate.typed.currency.clone(),
        raw: Some(raw),
        span,
        locator: Some(found.locator.clone()).filter(|locator| !locator.is_empty()),
        evidence: candidate.evidence,
        confidence: Some(rounded(confidence)),
        items: Vec::new(),
    }
}

/// Three digits: what is known is not more exact, and the same on every machine.
fn rounded(confidence: f64) -> f64 {
    (confidence * 1000.0).round() / 1000.0
}

/// Reads the values of a list: of all evidence where the rule says so, else of the first that has some.
fn list(
    field: &Field,
    mut sources: Vec<Source>,
    survey: &Survey<'_>,
    surroundings: Surroundings<'_>,
    notes: &mut Notes<'_>,
) -> Option<Chosen> {
    for source in &mut sources {
        divide(field, source);
    }
    let mut items: Vec<Chosen> = Vec::new();
    let mut refused: Option<(&Found, Refusal, usize)> = None;
    let mut support: Vec<f64> = Vec::new();
    for source in &sources {
        if !items.is_empty() && field.merge != Merge::All {
            break;
        }
        let weight = source.weight;
        let mut is_known = false;
        for found in &source.found {
            let typed = match value::read(field, written(found), surroundings) {
                Ok(typed) => typed,
                Err(refusal) => {
                    let count = refused.as_ref().map_or(0, |(_, _, count)| *count);
                    let first = refused.take().map(|(found, refusal, _)| (found, refusal));
                    let (found, refusal) = first.unwrap_or((found, refusal));
                    refused = Some((found, refusal, count + 1));
                    continue;
                }
            };
            is_known = true;
            if items.iter().any(|known| known.value == typed.value) {
                continue;
            }
            let candidate = Candidate {
                typed,
                found,
                evidence: source.evidence,
                weight,
            };
            items.push(placed(&candidate, field, survey, weight));
        }
        support.extend(is_known.then_some(weight));
    }
    if let Some((found, refusal, count)) = refused {
        notes.refused(found, &refusal);
        if count > 1 {
            let detail = format!("{} further values were left out", count - 1);
            notes.note(Reason::FieldsCut, "", detail);
        }
    }
    let first = items.first()?.clone();
    let values = Value::Array(items.iter().map(|item| item.value.clone()).collect());
    if let Err(refusal) = value::check(field, &values) {
        let all = Found {
            raw: format!("{} values", items.len()),
            locator: first.locator.clone().unwrap_or_default(),
            ..Found::default()
        };
        notes.refused(&all, &refusal);
        return None;
    }
    let doubt: f64 = support.iter().map(|weight| 1.0 - weight).product();
    let raw: Vec<_> = items
        .iter()
        .filter_map(|item| item.raw.as_deref())
        .collect();
    Some(Chosen {
        value: values,
        raw: Some(raw.join("; ")),
        span: None,
        confidence: Some(rounded(1.0 - doubt)),
        items,
        ..first
    })
}

/// Divides what stands in one text at the field's separator.
fn divide(field: &Field, source: &mut Source) {
    let Some(separator) = &field.separator else {
        return;
    };
    let whole = std::mem::take(&mut source.found);
    for found in whole {
        let parts = found.raw.split(separator.as_str());
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        source.found.extend(parts.map(|part| Found {
            raw: part.to_owned(),
            span: None,
            ..found.clone()
        }));
    }
}

/// A refusal may tell a list as long as the profile has it.
fn shown_why(why: &str) -> String {
    const MOST: usize = 300;
    let mut told: String = why.chars().take(MOST).collect();
    if told.len() < why.len() {
        told.push('…');
    }
    told
}
