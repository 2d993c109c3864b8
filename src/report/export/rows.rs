//! The columns of each export: what the row says, then where it came from.
//!
//! Columns are added at the end of their part and never renamed: scripts read them by name.

use serde_json::Value as Json;

use super::typed::rows;
use crate::model::{Digest, EntityId, ExtractionId, GapId, JobId, RunId, SourceId, Timestamp};
use crate::report::FactLine;
use crate::report::ledger::Ledger;
use crate::store::{
    ExportedEntity, ExportedEvent, ExportedExtraction, ExportedMention, IncompleteRow, ResolvedGap,
    SourceFacts,
};

rows! {
    /// A source in its current version.
    SourceRow {
        uri: String => text;
        source_group: String => text;
        title: Option<String> => text;
        media_type: Option<String> => text;
        charset: Option<String> => text;
        charset_source: Option<String> => text;
        language: Option<String> => text;
        canonical_uri: Option<String> => text;
        status: Option<i64> => number;
        body_digest: Option<Digest> => id.stable;
        body_size: Option<i64> => number;
        extractable: bool => text;
        /// Why its content is not extracted, when it should be.
        unpassed_reason: Option<String> => text;
        fetched_at: Option<Timestamp> => time;
        created_at: Timestamp => time;
        created_by_job: Option<i64> => number;
        content_job: Option<i64> => number;
        created_by_job_id: Option<JobId> => id;
        content_job_id: Option<JobId> => id;
        source_id: SourceId => id;
    }

    /// What was read out of a source.
    ExtractionRow {
        uri: String => text;
        source_group: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        text: String => text;
        data: Json => text;
        confidence: Option<f64> => number;
        /// Empty on rows from before it was kept.
        entities_extracted: Option<bool> => text;
        /// The content that it was read out of.
        body_digest: Option<Digest> => id.stable;
        profile_digest: Option<Digest> => id.stable;
        recognizer_digest: Option<Digest> => id.stable;
        created_at: Timestamp => time;
        made_by_job: Option<i64> => number;
        made_by_job_id: Option<JobId> => id;
        source_id: SourceId => id;
        extraction_id: ExtractionId => id;
    }

    /// A distinct thing that texts name.
    EntityRow {
        source_group: String => text;
        entity_type: String => text;
        normalized_value: String => text;
        /// As it was written where it was found first; which place that is depends on the order of arrival.
        value: String => text.volatile;
        attributes: Json => text;
        mentions: i64 => number;
        sources: i64 => number;
        created_at: Timestamp => time;
        first_made_by_job: Option<i64> => number;
        first_made_by_job_id: Option<JobId> => id;
        entity_id: EntityId => id;
    }

    /// A place where a text names an entity.
    MentionRow {
        uri: String => text;
        source_group: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        /// First byte in the extraction's text.
        start: i64 => number;
        end: i64 => number;
        surface: String => text;
        entity_type: String => text;
        normalized_value: String => text;
        role: String => text;
        recognizer: String => text;
        score: f64 => number;
        body_digest: Option<Digest> => id.stable;
        recognizer_digest: Option<Digest> => id.stable;
        extracted_at: Timestamp => time;
        made_by_job: Option<i64> => number;
        made_by_job_id: Option<JobId> => id;
        entity_id: EntityId => id;
        extraction_id: ExtractionId => id;
    }

    /// The value of one field of a consolidated record.
    FactRow {
        source_group: Option<String> => text;
        record_type: String => text;
        key: Option<String> => text;
        field: String => text;
        value: Json => text;
        unit: Option<String> => text;
        currency: Option<String> => text;
        agree: i64 => number;
        disagree: i64 => number;
        confidence: Option<f64> => number;
        uri: String => text;
        evidence: Option<String> => text;
        locator: Option<String> => text;
        start: Option<i64> => number;
        end: Option<i64> => number;
        content: Option<i64> => number;
        merge: String => text;
        profile: String => text;
        made_by_job: Option<i64> => number;
        made_by_job_id: Option<JobId> => id;
        extraction_id: ExtractionId => id;
    }

    /// Something that is incomplete, or was.
    GapRow {
        /// `open` or `resolved`.
        state: &'static str => text;
        stage: String => text;
        reason: String => text;
        class: String => text;
        uri: String => text;
        source_group: String => text;
        position: String => text;
        detail: String => text;
        attempts: i64 => number;
        first_seen: Timestamp => time;
        last_seen: Timestamp => time;
        resolved_at: Option<Timestamp> => time;
        /// The job that met it.
        job: Option<i64> => number;
        resolved_by_job: Option<i64> => number;
        job_id: Option<JobId> => id;
        resolved_by_job_id: Option<JobId> => id;
        source_id: Option<SourceId> => id;
        extraction_id: Option<ExtractionId> => id;
        /// Only of one that was recorded as a gap: what is pending has no row of its own.
        gap_id: Option<GapId> => id;
    }

    /// One line of the record.
    EventRow {
        job: Option<i64> => number;
        job_kind: Option<String> => text;
        program_version: String => text;
        kind: String => text;
        source_uri: Option<String> => text;
        /// Its place in the chain of its run.
        sequence: i64 => number.volatile;
        at: Timestamp => time;
        /// Canonical JSON, as it was digested; it names ids. Empty where it was erased.
        payload: Option<String> => text.volatile;
        payload_digest: Digest => id;
        previous_digest: Digest => id;
        digest: Digest => id;
        job_id: Option<JobId> => id;
        run_id: RunId => id;
    }
}

impl SourceRow {
    pub(super) fn of(row: SourceFacts, ledger: &Ledger) -> Self {
        Self {
            uri: row.uri,
            source_group: row.source_group,
            title: row.title,
            media_type: row.media_type,
            charset: row.charset,
            charset_source: row.charset_source,
            language: row.language,
            canonical_uri: row.canonical_uri,
            status: row.status,
            body_digest: row.body_digest,
            body_size: row.body_size,
            extractable: row.extractable,
            unpassed_reason: row.unpassed_reason,
            fetched_at: row.fetched_at,
            created_at: row.created_at,
            created_by_job: number(row.created_by_job, ledger),
            content_job: number(row.content_job, ledger),
            created_by_job_id: row.created_by_job,
            content_job_id: row.content_job,
            source_id: row.id,
        }
    }
}

impl ExtractionRow {
    pub(super) fn of(row: ExportedExtraction, ledger: &Ledger) -> Self {
        Self {
            uri: row.uri,
            source_group: row.source_group,
            profile: row.profile,
            extraction_type: row.extraction_type,
            ordinal: row.ordinal,
            text: row.text,
            data: row.data,
            confidence: row.confidence,
            entities_extracted: row.entities_extracted,
            body_digest: row.body_digest,
            profile_digest: row.profile_digest,
            recognizer_digest: row.recognizer_digest,
            created_at: row.created_at,
            made_by_job: number(row.job, ledger),
            made_by_job_id: row.job,
            source_id: row.source,
            extraction_id: row.extraction,
        }
    }
}

impl EntityRow {
    pub(super) fn of(row: ExportedEntity, ledger: &Ledger) -> Self {
        Self {
            source_group: row.source_group,
            entity_type: row.entity_type,
            normalized_value: row.normalized_value,
            value: row.value,
            attributes: row.attributes,
            mentions: row.mentions,
            sources: row.sources,
            created_at: row.created_at,
            first_made_by_job: number(row.first_job, ledger),
            first_made_by_job_id: row.first_job,
            entity_id: row.entity,
        }
    }
}

impl MentionRow {
    pub(super) fn of(row: ExportedMention, ledger: &Ledger) -> Self {
        Self {
            uri: row.uri,
            source_group: row.source_group,
            profile: row.profile,
            extraction_type: row.extraction_type,
            ordinal: row.ordinal,
            start: row.start,
            end: row.end,
            surface: row.surface,
            entity_type: row.entity_type,
            normalized_value: row.normalized_value,
            role: row.role,
            recognizer: row.recognizer,
            score: row.score,
            body_digest: row.body_digest,
            recognizer_digest: row.recognizer_digest,
            extracted_at: row.extracted_at,
            made_by_job: number(row.job, ledger),
            made_by_job_id: row.job,
            entity_id: row.entity,
            extraction_id: row.extraction,
        }
    }
}

impl From<FactLine> for FactRow {
    fn from(line: FactLine) -> Self {
        Self {
            source_group: line.source_group,
            record_type: line.record_type,
            key: line.key,
            field: line.field,
            value: line.value,
            unit: line.unit,
            currency: line.currency,
            agree: line.agree,
            disagree: line.disagree,
            confidence: line.confidence,
            uri: line.uri,
            evidence: line.evidence,
            locator: line.locator,
            start: line.start,
            end: line.end,
            content: line.content,
            merge: line.merge,
            profile: line.profile,
            made_by_job: line.made_by_job,
            made_by_job_id: line.made_by_job_id,
            extraction_id: line.extraction_id,
        }
    }
}

impl GapRow {
    pub(super) fn open(row: IncompleteRow, ledger: &Ledger) -> Self {
        Self {
            state: "open",
            stage: row.stage,
            reason: row.reason,
            class: row.class,
            uri: row.uri,
            source_group: row.source_group,
            position: row.position,
            detail: row.detail,
            attempts: row.attempts,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
            resolved_at: None,
            job: number(row.job, ledger),
            resolved_by_job: None,
            job_id: row.job,
            resolved_by_job_id: None,
            source_id: row.source,
            extraction_id: row.extraction,
            gap_id: None,
        }
    }

    pub(super) fn resolved(row: ResolvedGap, ledger: &Ledger) -> Self {
        Self {
            state: "resolved",
            stage: row.stage,
            reason: row.reason,
            class: row.class,
            uri: row.uri,
            source_group: row.source_group,
            position: row.position,
            detail: row.detail,
            attempts: row.attempts,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
            resolved_at: Some(row.resolved_at),
            job: number(row.job, ledger),
            resolved_by_job: number(row.resolved_by_job, ledger),
            job_id: row.job,
            resolved_by_job_id: row.resolved_by_job,
            source_id: row.source,
            extraction_id: row.extraction,
            gap_id: Some(row.gap),
        }
    }
}

impl EventRow {
    pub(super) fn of(row: ExportedEvent, ledger: &Ledger) -> Self {
        Self {
            job: number(row.job, ledger),
            job_kind: row.job_kind,
            program_version: row.program_version,
            kind: row.kind,
            source_uri: row.source_uri,
            sequence: row.sequence,
            at: row.at,
            payload: row.payload,
            payload_digest: row.payload_digest,
            previous_digest: row.previous_digest,
            digest: row.digest,
            job_id: row.job,
            run_id: row.run,
        }
    }
}

fn number(job: Option<JobId>, ledger: &Ledger) -> Option<i64> {
    job.and_then(|job| ledger.number(job))
}
