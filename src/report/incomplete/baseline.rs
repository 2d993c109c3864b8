//! A baseline: what is known to be incomplete, in a form that outlives ids and times.
//!
//! One JSON object a line: first `{"baseline":1}`, then a line for each loss by `stage`, `reason`, `uri` and
//! `position`, sorted, so that two of them can be compared by any program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::store::IncompleteRow;

/// The only version of the form.
const VERSION: i64 = 1;

/// What makes a line the same one in another database.
type Place = [String; 4];

const KEYS: [&str; 4] = ["stage", "reason", "uri", "position"];

/// What is known to be incomplete, each place with how many lines it may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Place, i64>);

/// A text that is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    #[error("this is no baseline: its first line is not {{\"baseline\":{VERSION}}}")]
    NoBaseline,
    #[error(
        "line {line} of the baseline is not an object with the texts stage, reason, uri and position"
    )]
    Line { line: usize },
}

impl Baseline {
    /// Reads a baseline.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let mut lines = (1..).zip(text.lines());
        let head = lines.next().and_then(|(_, line)| parsed(line));
        if head.is_none_or(|head| head["baseline"] != VERSION) {
            return Err(BaselineError::NoBaseline);
        }
        let mut known = BTreeMap::new();
        for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
            let object = parsed(text).ok_or(BaselineError::Line { line })?;
            let [stage, reason, uri, position] =
                KEYS.map(|key| object[key].as_str().map(str::to_owned));
            let place = stage
                .zip(reason)
                .zip(uri.zip(position))
                .map(|((stage, reason), (uri, position))| [stage, reason, uri, position]);
            *known
                .entry(place.ok_or(BaselineError::Line { line })?)
                .or_default() += 1;
        }
        Ok(Self(known))
    }

    /// Writes the baseline, sorted by the bytes of its keys.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", json!({"baseline": VERSION}));
        for (place, count) in &self.0 {
            let [stage, reason, uri, position] = place.each_ref().map(|text| json!(text));
            for _ in 0..*count {
                // By hand, because the order of the keys is that of the sorting.
                let _ = writeln!(
                    text,
                    "{{\"stage\":{stage},\"reason\":{reason},\"uri\":{uri},\"position\":{position}}}"
                );
            }
        }
        text
    }

    /// Counts the lines.
    pub fn len(&self) -> i64 {
        self.0.values().sum()
    }

    /// Says whether nothing is known to be incomplete.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, row: &IncompleteRow) {
        *self.0.entry(place_of(row)).or_default() += 1;
    }

    /// Takes one line of a place away; says whether there was one.
    pub(super) fn take(&mut self, row: &IncompleteRow) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let place = place_of(row);
        let Some(count) = self.0.get_mut(&place) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.0.remove(&place);
        }
        true
    }
}

fn parsed(line: &str) -> Option<Json> {
    serde_json::from_str(line).ok()
}

fn place_of(row: &IncompleteRow) -> Place {
    [&row.stage, &row.reason, &row.uri, &row.position].map(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn row(uri: &str, position: &str) -> IncompleteRow {
        IncompleteRow {
            stage: "extract".to_owned(),
            reason: "field_missing".to_owned(),
            class: "loss".to_owned(),
            uri: uri.to_owned(),
            source_group: String::new(),
            source: None,
            extraction: None,
            position: position.to_owned(),
            attempts: 1,
            first_seen: Timestamp::from_microseconds(0),
            last_seen: Timestamp::from_microseconds(0),
            job: None,
            detail: String::new(),
            profile: None,
        }
    }

    #[test]
    fn a_baseline_is_sorted_and_reads_back() {
        let mut baseline = Baseline::default();
        for (uri, position) in [("b\n\"", "2"), ("a", "2"), ("a", "10"), ("a", "2")] {
            baseline.add(&row(uri, position));
        }
        let text = baseline.to_text();
        let expected = concat!(
            "{\"baseline\":1}\n",
            "{\"stage\":\"extract\",\"reason\":\"field_missing\",\"uri\":\"a\",\"position\":\"10\"}\n",
            "{\"stage\":\"extract\",\"reason\":\"field_missing\",\"uri\":\"a\",\"position\":\"2\"}\n",
            "{\"stage\":\"extract\",\"reason\":\"field_missing\",\"uri\":\"a\",\"position\":\"2\"}\n",
            "{\"stage\":\"extract\",\"reason\":\"field_missing\",\"uri\":\"b\\n\\\"\",\"position\":\"2\"}\n",
        );
        assert_eq!(text, expected);
        assert_eq!(Baseline::parse(&text), Ok(baseline.clone()));
        assert_eq!(baseline.len(), 4);
        // One line of it covers one loss, and no more.
        let second = || row("a", "2");
        assert!(baseline.take(&second()) && baseline.take(&second()) && !baseline.take(&second()));
        assert!(!baseline.take(&row("c", "2")));
        assert_eq!(baseline.len(), 2);
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for (text, error) in [
            ("", BaselineError::NoBaseline),
            ("stage,reason\n", BaselineError::NoBaseline),
            ("{\"baseline\":2}\n", BaselineError::NoBaseline),
            ("{\"baseline\":1}\n\n[]\n", BaselineError::Line { line: 3 }),
            (
                "{\"baseline\":1}\n{\"stage\":\"crawl\"}\n",
                BaselineError::Line { line: 2 },
            ),
        ] {
            assert_eq!(Baseline::parse(text), Err(error), "{text:?}");
        }
        assert!(Baseline::parse("{\"baseline\":1}").unwrap().is_empty());
    }
}
