//! What was read out of sources as fields and facts, source by source, as a report consolidates it.
//!
//! Reads only; a row's data are handed over as they were stored.

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{ExtractionId, JobId, Timestamp};

/// One extraction that holds fields, facts, or what the page says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldsRow {
    pub source_group: String,
    pub uri: String,
    pub fetched_at: Option<Timestamp>,
    pub profile: String,
    /// `facts`, `fields` or `metadata`.
    pub extraction_type: String,
    pub extraction: ExtractionId,
    pub job: Option<JobId>,
    pub data: Json,
}

impl Store {
    /// Reads the extractions of type facts, fields and metadata by group, profile and URI; of one profile or one
    /// group, if asked.
    pub fn fields(
        &mut self,
        profile: Option<&str>,
        group: Option<&str>,
        each: &mut dyn FnMut(FieldsRow) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT sources.source_group, sources.uri, sources.fetched_at, extractions.profile, \
             extractions.extraction_type, extractions.id, extractions.job_id, extractions.data \
             FROM extractions JOIN sources ON sources.id = extractions.source_id \
             WHERE extractions.extraction_type IN ('facts', 'fields', 'metadata') \
             AND (extractions.profile = $1 OR $2) AND (sources.source_group = $3 OR $4) \
             ORDER BY sources.source_group COLLATE \"C\", extractions.profile COLLATE \"C\", \
             sources.uri COLLATE \"C\", extractions.extraction_type COLLATE \"C\", extractions.ordinal",
            &values![profile, profile.is_none(), group, group.is_none()],
            &mut |row| {
                each(FieldsRow {
                    source_group: row.get(0)?,
                    uri: row.get(1)?,
                    fetched_at: row.get(2)?,
                    profile: row.get(3)?,
                    extraction_type: row.get(4)?,
                    extraction: row.get(5)?,
                    job: row.get(6)?,
                    data: row.get(7)?,
                })
            },
        )
    }
}
