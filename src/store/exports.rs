//! What `export` reads: the rows of one table each, in natural order, one at a time.
//!
//! Reads only. Nothing here is collected, so an export needs no more memory for a hundred times the rows; both
//! engines sort on disk what does not fit.

use serde_json::Value as Json;

use super::Store;
use super::bodies::decompressed;
use super::error::Result;
use super::value::values;
use crate::model::{
    Digest, EntityId, ExtractionId, GapId, JobId, Reason, RunId, SourceId, Timestamp,
};

/// An extraction with where it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedExtraction {
    pub uri: String,
    pub source_group: String,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub data: Json,
    pub text: String,
    pub confidence: Option<f64>,
    pub entities_extracted: Option<bool>,
    pub body_digest: Option<Digest>,
    pub profile_digest: Option<Digest>,
    pub recognizer_digest: Option<Digest>,
    pub created_at: Timestamp,
    pub job: Option<JobId>,
    pub source: SourceId,
    pub extraction: ExtractionId,
}

/// An entity with how often it is mentioned.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedEntity {
    pub source_group: String,
    pub entity_type: String,
    pub normalized_value: String,
    pub value: String,
    pub attributes: Json,
    pub mentions: i64,
    pub sources: i64,
    pub created_at: Timestamp,
    /// The earliest of the jobs that made the texts which mention it now.
    pub first_job: Option<JobId>,
    pub entity: EntityId,
}

/// A mention with where it is and what it names.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedMention {
    pub uri: String,
    pub source_group: String,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub start: i64,
    pub end: i64,
    pub surface: String,
    pub entity_type: String,
    pub normalized_value: String,
    pub role: String,
    pub recognizer: String,
    pub score: f64,
    pub body_digest: Option<Digest>,
    pub recognizer_digest: Option<Digest>,
    pub extracted_at: Timestamp,
    pub job: Option<JobId>,
    pub entity: EntityId,
    pub extraction: ExtractionId,
}

/// A gap that a later job has closed.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedGap {
    pub stage: String,
    pub reason: String,
    pub class: String,
    pub uri: String,
    pub source_group: String,
    pub position: String,
    pub detail: String,
    pub attempts: i64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub resolved_at: Timestamp,
    pub job: Option<JobId>,
    pub resolved_by_job: Option<JobId>,
    pub source: Option<SourceId>,
    pub extraction: Option<ExtractionId>,
    pub gap: GapId,
}

/// An event with the run that recorded it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedEvent {
    pub run: RunId,
    pub job: Option<JobId>,
    pub job_kind: Option<String>,
    pub program_version: String,
    pub sequence: i64,
    pub kind: String,
    pub source_uri: Option<String>,
    pub at: Timestamp,
    /// Canonical JSON as it was digested; `None` where it was erased.
    pub payload: Option<String>,
    pub payload_digest: Digest,
    pub previous_digest: Digest,
    pub digest: Digest,
}

/// A source's current content, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCopy {
    pub uri: String,
    pub media_type: Option<String>,
    pub charset: Option<String>,
    pub status: Option<i64>,
    pub fetched_at: Option<Timestamp>,
    pub created_by_job: Option<JobId>,
    pub content_job: Option<JobId>,
    pub body_digest: Option<Digest>,
    /// `None` where it is kept no more.
    pub content: Option<Vec<u8>>,
    /// Whether only its beginning was stored.
    pub is_cut: bool,
}

/// In which order events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventOrder {
    /// As they were recorded, run by run: the order in which their chains verify.
    Recorded,
    /// By kind and URI within each run: the order that does not depend on who was first.
    Natural,
    /// By URI, and as they were recorded for each.
    Uri,
}

impl Store {
    /// Reads extractions by URI, profile, type and ordinal; of one job, if asked.
    pub fn export_extractions(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(ExportedExtraction) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT sources.uri, sources.source_group, extractions.profile, \
             extractions.extraction_type, extractions.ordinal, extractions.data, \
             extractions.content, extractions.confidence, extractions.entities_extracted, \
             extractions.body_digest, extractions.profile_digest, extractions.recognizer_digest, \
             extractions.created_at, extractions.job_id, extractions.source_id, extractions.id \
             FROM extractions JOIN sources ON sources.id = extractions.source_id \
             WHERE (extractions.job_id = $1 OR $2) \
             ORDER BY sources.uri COLLATE \"C\", extractions.profile COLLATE \"C\", \
             extractions.extraction_type COLLATE \"C\", extractions.ordinal",
            &values![job, job.is_none()],
            &mut |row| {
                each(ExportedExtraction {
                    uri: row.get(0)?,
                    source_group: row.get(1)?,
                    profile: row.get(2)?,
                    extraction_type: row.get(3)?,
                    ordinal: row.get(4)?,
                    data: row.get(5)?,
                    text: row.get(6)?,
                    confidence: row.get(7)?,
                    entities_extracted: row.get(8)?,
                    body_digest: row.get(9)?,
                    profile_digest: row.get(10)?,
                    recognizer_digest: row.get(11)?,
                    created_at: row.get(12)?,
                    job: row.get(13)?,
                    source: row.get(14)?,
                    extraction: row.get(15)?,
                })
            },
        )
    }

    /// Reads entities by group, type and normal form; with a job, those that its texts mention, and how often
    /// they do.
    pub fn export_entities(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(ExportedEntity) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT entities.source_group, entities.entity_type, entities.normalized_value, \
             entities.value, entities.attributes, COUNT(*), COUNT(DISTINCT extractions.source_id), \
             entities.created_at, \
             (SELECT made.job_id FROM extraction_entities AS said \
             JOIN extractions AS made ON made.id = said.extraction_id \
             WHERE said.entity_id = entities.id AND made.job_id IS NOT NULL \
             ORDER BY made.job_id LIMIT 1), entities.id \
             FROM entities \
             JOIN extraction_entities ON extraction_entities.entity_id = entities.id \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE (extractions.job_id = $1 OR $2) \
             GROUP BY entities.id, entities.source_group, entities.entity_type, entities.value, \
             entities.normalized_value, entities.attributes, entities.created_at \
             ORDER BY entities.source_group COLLATE \"C\", entities.entity_type COLLATE \"C\", \
             entities.normalized_value COLLATE \"C\"",
            &values![job, job.is_none()],
            &mut |row| {
                each(ExportedEntity {
                    source_group: row.get(0)?,
                    entity_type: row.get(1)?,
                    normalized_value: row.get(2)?,
                    value: row.get(3)?,
                    attributes: row.get(4)?,
                    mentions: row.get(5)?,
                    sources: row.get(6)?,
                    created_at: row.get(7)?,
                    first_job: row.get(8)?,
                    entity: row.get(9)?,
                })
            },
        )
    }

    /// Reads mentions by where they are; of one job's texts, if asked.
    pub fn export_mentions(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(ExportedMention) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT sources.uri, sources.source_group, extractions.profile, \
             extractions.extraction_type, extractions.ordinal, extraction_entities.span_start, \
             extraction_entities.span_end, extraction_entities.surface, entities.entity_type, \
             entities.normalized_value, extraction_entities.role, extraction_entities.recognizer, \
             extraction_entities.score, extractions.body_digest, extractions.recognizer_digest, \
             extractions.created_at, extractions.job_id, entities.id, extractions.id \
             FROM extraction_entities \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             JOIN sources ON sources.id = extractions.source_id \
             JOIN entities ON entities.id = extraction_entities.entity_id \
             WHERE (extractions.job_id = $1 OR $2) \
             ORDER BY sources.uri COLLATE \"C\", extractions.profile COLLATE \"C\", \
             extractions.extraction_type COLLATE \"C\", extractions.ordinal, \
             extraction_entities.span_start, extraction_entities.span_end, \
             entities.entity_type COLLATE \"C\", entities.normalized_value COLLATE \"C\", \
             extraction_entities.role COLLATE \"C\", extraction_entities.recognizer COLLATE \"C\"",
            &values![job, job.is_none()],
            &mut |row| {
                each(ExportedMention {
                    uri: row.get(0)?,
                    source_group: row.get(1)?,
                    profile: row.get(2)?,
                    extraction_type: row.get(3)?,
                    ordinal: row.get(4)?,
                    start: row.get(5)?,
                    end: row.get(6)?,
                    surface: row.get(7)?,
                    entity_type: row.get(8)?,
                    normalized_value: row.get(9)?,
                    role: row.get(10)?,
                    recognizer: row.get(11)?,
                    score: row.get(12)?,
                    body_digest: row.get(13)?,
                    recognizer_digest: row.get(14)?,
                    extracted_at: row.get(15)?,
                    job: row.get(16)?,
                    entity: row.get(17)?,
                    extraction: row.get(18)?,
                })
            },
        )
    }

    /// Reads gaps that are closed, by stage, reason, URI and position; with a job, those it met or closed.
    pub fn resolved_gaps(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(ResolvedGap) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT stage, reason, class, uri, source_group, position, detail, attempts, first_seen, \
             last_seen, resolved_at, job_id, resolved_by_job_id, source_id, extraction_id, id \
             FROM gaps WHERE resolved_at IS NOT NULL \
             AND (job_id = $1 OR resolved_by_job_id = $1 OR $2) \
             ORDER BY stage COLLATE \"C\", reason COLLATE \"C\", uri COLLATE \"C\", \
             position COLLATE \"C\", detail COLLATE \"C\", attempts, id",
            &values![job, job.is_none()],
            &mut |row| {
                each(ResolvedGap {
                    stage: row.get(0)?,
                    reason: row.get(1)?,
                    class: row.get(2)?,
                    uri: row.get(3)?,
                    source_group: row.get(4)?,
                    position: row.get(5)?,
                    detail: row.get(6)?,
                    attempts: row.get(7)?,
                    first_seen: row.get(8)?,
                    last_seen: row.get(9)?,
                    resolved_at: row.get(10)?,
                    job: row.get(11)?,
                    resolved_by_job: row.get(12)?,
                    source: row.get(13)?,
                    extraction: row.get(14)?,
                    gap: row.get(15)?,
                })
            },
        )
    }

    /// Reads the events of one job's runs, or of all.
    pub fn export_events(
        &mut self,
        job: Option<JobId>,
        order: EventOrder,
        each: &mut dyn FnMut(ExportedEvent) -> Result<()>,
    ) -> Result<()> {
        let order = match order {
            EventOrder::Recorded => "runs.started_at, runs.id, events.sequence",
            EventOrder::Natural => {
                "runs.started_at, runs.id, events.kind COLLATE \"C\", \
                 COALESCE(events.source_uri, '') COLLATE \"C\", events.sequence"
            }
            EventOrder::Uri => {
                "COALESCE(events.source_uri, '') COLLATE \"C\", runs.started_at, runs.id, events.sequence"
            }
        };
        self.engine.query(
            &format!(
                "SELECT runs.id, runs.job_id, runs.job_kind, runs.program_version, events.sequence, \
                 events.kind, events.source_uri, events.at, events.payload, events.payload_digest, \
                 events.previous_digest, events.digest \
                 FROM events JOIN runs ON runs.id = events.run_id WHERE (runs.job_id = $1 OR $2) \
                 ORDER BY {order}"
            ),
            &values![job, job.is_none()],
            &mut |row| {
                each(ExportedEvent {
                    run: row.get(0)?,
                    job: row.get(1)?,
                    job_kind: row.get(2)?,
                    program_version: row.get(3)?,
                    sequence: row.get(4)?,
                    kind: row.get(5)?,
                    source_uri: row.get(6)?,
                    at: row.get(7)?,
                    payload: row.get(8)?,
                    payload_digest: row.get(9)?,
                    previous_digest: row.get(10)?,
                    digest: row.get(11)?,
                })
            },
        )
    }
    /// Reads a source's current content with what is known of it; `None` when the source is gone.
    pub fn source_copy(&mut self, id: SourceId) -> Result<Option<SourceCopy>> {
        let mut found = None;
        self.engine.query(
            "SELECT sources.uri, sources.media_type, sources.charset, sources.status, \
             sources.fetched_at, sources.created_by_job_id, sources.content_job_id, \
             sources.body_digest, bodies.content, COALESCE(bodies.size, 0), \
             EXISTS (SELECT 1 FROM gaps WHERE gaps.source_id = sources.id AND gaps.reason = $2 \
             AND gaps.resolved_at IS NULL) \
             FROM sources LEFT JOIN bodies ON bodies.digest = sources.body_digest \
             WHERE sources.id = $1",
            &values![id, Reason::BodyTruncated.as_str()],
            &mut |row| {
                let packed: Option<Vec<u8>> = row.get(8)?;
                let size: i64 = row.get(9)?;
                found = Some(SourceCopy {
                    uri: row.get(0)?,
                    media_type: row.get(1)?,
                    charset: row.get(2)?,
                    status: row.get(3)?,
                    fetched_at: row.get(4)?,
                    created_by_job: row.get(5)?,
                    content_job: row.get(6)?,
                    body_digest: row.get(7)?,
                    content: packed
                        .map(|packed| decompressed(&packed, size))
                        .transpose()?,
                    is_cut: row.get(10)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }
}
