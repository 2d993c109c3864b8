//! Stored rows as candidates for the fields of records: a profile's fields, and the facts that were read without
//! one.

use serde_json::Value as Json;

use super::merge::Candidate;
use super::{GroupBy, RecordKey, Records};
use crate::store::FieldsRow;

/// The type of the records that facts make, which no profile names.
const FACT: &str = "fact";
/// The rule of facts, which no profile names.
const FACT_MERGE: &str = "majority";

/// The rows of the source that is being read: when it was published stands in the last.
#[derive(Debug, Default)]
pub(super) struct Reading {
    rows: Vec<FieldsRow>,
}

impl Reading {
    /// Takes the next row; rows come source by source and profile by profile.
    pub(super) fn read(&mut self, by: GroupBy, row: FieldsRow, records: &mut Records) {
        let is_same = |one: &FieldsRow| one.uri == row.uri && one.profile == row.profile;
        if !self.rows.last().is_none_or(is_same) {
            self.finish(by, records);
        }
        self.rows.push(row);
    }

    /// Ends the source.
    pub(super) fn finish(&mut self, by: GroupBy, records: &mut Records) {
        let published = self.rows.iter().find_map(|row| {
            let is_metadata = row.extraction_type == "metadata";
            let published = row.data["published"].as_str().filter(|_| is_metadata);
            published.map(str::to_owned)
        });
        for row in self.rows.drain(..) {
            // Both begin with the year and sort as they pass.
            let fetched = row.fetched_at.map(|at| at.to_string());
            let dated = published.clone().or(fetched).unwrap_or_default();
            match row.extraction_type.as_str() {
                "fields" => fields(by, &row, &dated, records),
                "facts" => facts(by, &row, &dated, records),
                _ => {}
            }
        }
    }
}

fn fields(by: GroupBy, row: &FieldsRow, dated: &str, records: &mut Records) {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let record = record_key(
        by,
        row,
        text(&row.data["group"]).unwrap_or_default(),
        text(&row.data["key"]),
    );
    for field in row.data["fields"].as_array().into_iter().flatten() {
        let candidate = |value: &Json| Candidate {
            value: value.clone(),
            unit: text(&field["unit"]),
            currency: text(&field["currency"]),
            confidence: field["confidence"].as_f64(),
            evidence: text(&field["evidence"]),
            locator: text(&field["locator"]),
            start: field["start"].as_i64(),
            end: field["end"].as_i64(),
            content: field["content"].as_i64(),
            merge: text(&field["merge"]).unwrap_or_default(),
            ..of_row(row, dated)
        };
        let Some(name) = field["field"].as_str() else {
            continue;
        };
        // Each element of a list is a value of its own: sources agree on one and not on another.
        let all = match (&field["merge"], &field["value"]) {
            (Json::String(merge), Json::Array(items)) if merge == "all" => {
                items.iter().map(candidate).collect()
            }
            (_, value) => vec![candidate(value)],
        };
        let fields = records.entry(record.clone()).or_default();
        fields.entry(name.to_owned()).or_default().extend(all);
    }
}

fn facts(by: GroupBy, row: &FieldsRow, dated: &str, records: &mut Records) {
    for fact in row.data["facts"].as_array().into_iter().flatten() {
        let text = |name: &str| fact[name].as_str().map(str::to_owned);
        let (Some(attribute), Some(value)) = (text("attribute"), text("value")) else {
            continue;
        };
        let record = record_key(by, row, FACT.to_owned(), text("subject"));
        let span = |index: usize| fact["span"][index].as_i64();
        let candidate = Candidate {
            value: Json::String(value),
            unit: text("unit"),
            evidence: text("from"),
            locator: text("locator"),
            start: span(0),
            end: span(1),
            content: span(0).map(|_| 0),
            merge: FACT_MERGE.to_owned(),
            ..of_row(row, dated)
        };
        let fields = records.entry(record).or_default();
        fields.entry(attribute).or_default().push(candidate);
    }
}

fn record_key(by: GroupBy, row: &FieldsRow, record_type: String, key: Option<String>) -> RecordKey {
    RecordKey {
        source_group: (by != GroupBy::Field).then(|| row.source_group.clone()),
        profile: row.profile.clone(),
        record_type,
        uri: (by == GroupBy::Source).then(|| row.uri.clone()),
        key: key.filter(|_| by != GroupBy::Field),
    }
}

fn of_row(row: &FieldsRow, dated: &str) -> Candidate {
    Candidate {
        value: Json::Null,
        unit: None,
        currency: None,
        confidence: None,
        evidence: None,
        locator: None,
        start: None,
        end: None,
        content: None,
        merge: String::new(),
        uri: row.uri.clone(),
        dated: dated.to_owned(),
        job: row.job,
        extraction: row.extraction,
    }
}
