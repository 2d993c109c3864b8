//! Values that another took the place of: what an extraction held before, what it holds now.
//!
//! The old value's digest and its beginning stand in the event that says it was superseded; what took its place
//! stands in the next such event of the same field, or in the extraction as it is.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use crate::model::{Digest, JobId, Timestamp};
use crate::store::EventRow;

/// How much of a value is shown; as much as an event keeps.
const KEPT_CHARACTERS: usize = 200;

/// Which extraction of a source: profile, type and ordinal.
pub(super) type Place = (String, String, i64);

/// The fields of extractions, as text.
pub(super) type Fields = HashMap<Place, BTreeMap<String, String>>;

/// A value that is no longer what it was.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Superseded {
    pub at: Timestamp,
    pub job: Option<JobId>,
    /// Which of the events it was, from 0.
    pub event: usize,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub field: String,
    pub before_digest: String,
    pub before: String,
    pub after_digest: Option<String>,
    pub after: Option<String>,
}

/// Returns the fields of an extraction, its text among them, as their digests are made of.
pub(super) fn field_texts(text: &str, data: &Json) -> impl Iterator<Item = (String, String)> {
    let members = data.as_object().into_iter().flatten();
    let members = members.map(|(field, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (field.clone(), value)
    });
    std::iter::once(("text".to_owned(), text.to_owned())).chain(members)
}

/// Returns as much of a value as is shown.
pub(super) fn kept(text: &str) -> String {
    text.chars().take(KEPT_CHARACTERS).collect()
}

/// Reads out of a source's events, which are in order, which values were superseded by what; `now` are its
/// extractions as they are. A field that stayed the same is none of them.
pub(super) fn superseded(events: &[EventRow], now: &Fields) -> Vec<Superseded> {
    let mut changes = Vec::new();
    // What came later is read first: it tells what took an earlier value's place.
    let mut later: HashMap<Place, BTreeMap<String, (String, String)>> = HashMap::new();
    for (place, fields) in now {
        let fields = fields.iter();
        let fields = fields.map(|(field, text)| {
            let value = (Digest::of(text).to_string(), kept(text));
            (field.clone(), value)
        });
        later.insert(place.clone(), fields.collect());
    }
    for (number, event) in events.iter().enumerate().rev() {
        let Some(payload) = event
            .payload
            .as_ref()
            .filter(|_| event.kind == "extraction_superseded")
        else {
            continue;
        };
        let word = |key: &str| payload[key].as_str().unwrap_or_default().to_owned();
        let place = (
            word("profile"),
            word("type"),
            payload["ordinal"].as_i64().unwrap_or_default(),
        );
        let after = later.remove(&place).unwrap_or_default();
        let mut before = BTreeMap::new();
        for field in payload["fields"].as_array().into_iter().flatten() {
            let word = |key: &str| field[key].as_str().unwrap_or_default().to_owned();
            before.insert(word("field"), (word("digest"), word("value")));
        }
        let empty = || (Digest::of("").to_string(), String::new());
        let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
        fields.sort();
        fields.dedup();
        let mut of_event = Vec::new();
        for field in fields {
            let (old, new) = (before.get(field), after.get(field));
            if old.map(|value| &value.0) == new.map(|value| &value.0) {
                continue;
            }
            let (before_digest, before) = old.cloned().unwrap_or_else(empty);
            of_event.push(Superseded {
                at: event.at,
                job: event.job,
                event: number,
                profile: place.0.clone(),
                extraction_type: place.1.clone(),
                ordinal: place.2,
                field: field.clone(),
                before_digest,
                before,
                after_digest: new.map(|value| value.0.clone()),
                after: new.map(|value| value.1.clone()),
            });
        }
        later.insert(place, before);
        changes.push(of_event);
    }
    changes.into_iter().rev().flatten().collect()
}
