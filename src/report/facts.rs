//! One consolidated record per group and type: every field's value by its merge rule, with the source it is best
//! read from and how many sources agree.
//!
//! Counts nothing twice: a source that says a thing twice has said it once. What a value is, and how sure it is,
//! was decided when it was extracted.

mod merge;
mod reading;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::ledger::Ledger;
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{ExtractionId, JobId};
use crate::store::{Result, Store};

use merge::Candidate;
use reading::Reading;

/// What is consolidated into one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// What all sources of a group say of one thing.
    Group,
    /// What one source says of it.
    Source,
    /// What all sources say of a field, of whatever thing.
    Field,
}

lines! {
    /// The value of one field of a consolidated record; a field that keeps all its values has a line for each.
    FactLine {
        /// Empty where the fields of all groups are one record.
        source_group: Option<String> => text;
        /// The group of the profile, or `fact` for what was read without one.
        record_type: String => text;
        /// What tells the record from others of its type, when the profile says.
        key: Option<String> => text;
        field: String => text;
        value: Json => text;
        unit: Option<String> => text;
        currency: Option<String> => text;
        /// How many sources say this.
        agree: i64 => number;
        /// How many sources say something else.
        disagree: i64 => number;
        confidence: Option<f64> => number;
        /// The source it is best read from.
        uri: String => text;
        evidence: Option<String> => text;
        locator: Option<String> => text;
        /// First byte in the text of that source's extraction of type content.
        start: Option<i64> => number;
        end: Option<i64> => number;
        /// The ordinal of that extraction.
        content: Option<i64> => number;
        merge: String => text;
        profile: String => text;
        made_by_job: Option<i64> => number;
        made_by_job_id: Option<JobId> => id;
        extraction_id: ExtractionId => id;
    }
}

/// `report facts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactsReport {
    pub rows: Vec<FactLine>,
}

/// What tells one consolidated record from another; they are listed in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RecordKey {
    source_group: Option<String>,
    profile: String,
    record_type: String,
    uri: Option<String>,
    key: Option<String>,
}

/// The candidates for each field of each record.
type Records = BTreeMap<RecordKey, BTreeMap<String, Vec<Candidate>>>;

/// Consolidates what sources say; of one profile or one group, if asked.
pub fn facts(
    store: &mut Store,
    by: GroupBy,
    profile: Option<&str>,
    group: Option<&str>,
) -> Result<FactsReport> {
    store.snapshot(|store| {
        let mut rows: Vec<FactLine> = Vec::new();
        each_fact(store, by, profile, group, None, &mut |line| {
            rows.push(line);
            Ok(())
        })?;
        Ok(FactsReport { rows })
    })
}

/// Consolidates what sources say and hands each line on; of one profile, one group or what one job read, if
/// asked. Holds one group at a time, unless groups are one record: what sources say has to be compared.
pub(super) fn each_fact(
    store: &mut Store,
    by: GroupBy,
    profile: Option<&str>,
    group: Option<&str>,
    job: Option<JobId>,
    each: &mut dyn FnMut(FactLine) -> Result<()>,
) -> Result<()> {
    let ledger = Ledger::read(store)?;
    let mut records = Records::new();
    let mut reading = Reading::default();
    let mut current: Option<String> = None;
    store.fields(profile, group, &mut |row| {
        if job.is_some() && row.job != job {
            return Ok(());
        }
        let of_group = by != GroupBy::Field;
        if of_group && current.as_ref() != Some(&row.source_group) {
            reading.finish(by, &mut records);
            consolidate(std::mem::take(&mut records), &ledger, each)?;
            current = Some(row.source_group.clone());
        }
        reading.read(by, row, &mut records);
        Ok(())
    })?;
    reading.finish(by, &mut records);
    consolidate(records, &ledger, each)
}

fn consolidate(
    records: Records,
    ledger: &Ledger,
    each: &mut dyn FnMut(FactLine) -> Result<()>,
) -> Result<()> {
    for (record, fields) in records {
        for (field, candidates) in fields {
            for chosen in merge::merge(candidates) {
                let best = chosen.best;
                each(FactLine {
                    source_group: record.source_group.clone(),
                    record_type: record.record_type.clone(),
                    key: record.key.clone(),
                    field: field.clone(),
                    value: best.value,
                    unit: best.unit,
                    currency: best.currency,
                    agree: chosen.agree,
                    disagree: chosen.disagree,
                    confidence: best.confidence,
                    uri: best.uri,
                    evidence: best.evidence,
                    locator: best.locator,
                    start: best.start,
                    end: best.end,
                    content: best.content,
                    merge: best.merge,
                    profile: record.profile.clone(),
                    made_by_job: best.job.and_then(|job| ledger.number(job)),
                    made_by_job_id: best.job,
                    extraction_id: best.extraction,
                })?;
            }
        }
    }
    Ok(())
}

impl Report for FactsReport {
    fn tables(&self) -> Vec<Table> {
        let empty = "No field and no fact is stored.";
        vec![table("facts", empty, &self.rows)]
    }
}
