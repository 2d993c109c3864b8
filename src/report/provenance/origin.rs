//! Where one source, one extraction or one entity came from: the answer as it is shown.
//!
//! Owns the lines and which of them answers which question; what they are read from is `trace.rs`'s and
//! `record.rs`'s business.
//!
//! | question | tables |
//! | --- | --- |
//! | 1. Which job created it, which touched it later? | `touches` |
//! | 2. When exactly, in which attempt, by which worker? | `touches`, `attempts` |
//! | 3. How: command, settings, robots, user agent, profile, recognizers? | `attempts`, `settings`, `fetches`, `extractions` |
//! | 4. From where: the way from the seed, headers, address, charset? | `path`, `fetches` |
//! | 5. What exactly: digests, sizes, spans? | `contents`, `extractions`, `evidence` |
//! | 6. What did the jobs not do? | `not_done`, `sums`, `gaps` |
//! | 7. What changed? | `changes` |
//! | 8. Who deleted what? | `deletions` |
//! | 9. Can the record be trusted? | `chains` |
//! | 10. Can it be done again? | `again` |

use serde::Serialize;
use serde_json::Value as Json;

use super::UNKNOWN;
use super::record::Record;
use crate::model::{Digest, EntityId, ExtractionId, JobId, RunId, SourceId, Timestamp};
use crate::report::line::{Line as _, lines, table};
use crate::report::sources::SourceGapLine;
use crate::report::{Report, Table};

lines! {
    /// What was asked about.
    SubjectLine {
        /// `source`, `extraction` or `entity`.
        subject: &'static str => text;
        uri: Option<String> => text;
        /// What it is called there: a title, a type with its number, a normal form.
        name: Option<String> => text;
        source_group: Option<String> => text;
        /// Whether it is still there.
        is_stored: bool => text;
        created_by_job: Option<i64> => number;
        created_by_job_id: Option<JobId> => id;
        /// What is known of its creator: `present`, `deleted`, or `unknown, before tracking`.
        creator: &'static str => text;
        source_id: Option<SourceId> => id;
        extraction_id: Option<ExtractionId> => id;
        entity_id: Option<EntityId> => id;
    }

    /// One thing that a job did to it.
    TouchLine {
        uri: String => text;
        at: Timestamp => time;
        /// `created`, `changed`, `unchanged`, `extracted`, `extracted again`, or what else the event says.
        did: String => text;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        job_kind: Option<String> => text;
        attempt: Option<i64> => number;
        /// `recorded`, `erased on request`, or `unknown, before tracking`.
        origin: &'static str => text;
        run_id: Option<RunId> => id;
        sequence: Option<i64> => number.volatile;
    }

    /// One step of the way from the seed, which comes first.
    StepLine {
        uri: String => text;
        /// `seed`, `link`, `redirect` or `sitemap`: how the step before led here.
        how: &'static str => text;
        found_uri: Option<String> => text.volatile;
        depth: Option<i64> => number.volatile;
        status: Option<i64> => number;
        job: Option<i64> => number;
        origin: &'static str => text;
    }

    /// One fetch of it, or of what it was read from.
    FetchLine {
        uri: String => text;
        at: Timestamp => time;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        event: String => text;
        attempt: Option<i64> => number;
        status: Option<i64> => number;
        /// The file, or the record of an archive with its offset, where that is not the URI.
        locator: Option<String> => text;
        remote_address: Option<String> => text.volatile;
        headers: Option<Json> => text.volatile;
        media_type: Option<String> => text;
        charset: Option<String> => text;
        /// `bom`, `header`, `meta` or `detected`.
        charset_source: Option<String> => text;
        transferred_size: Option<i64> => number.volatile;
        body_size: Option<i64> => number;
        body_digest: Option<String> => id.stable;
        user_agent: Option<String> => text;
        /// Whether robots.txt let it be fetched: `allowed`, `disallowed`, or `not asked`.
        robots: &'static str => text;
        robots_status: Option<String> => text;
        robots_line: Option<i64> => number;
        robots_rule: Option<String> => text;
        referrer: Option<String> => text.volatile;
        /// Why it was not stored, where it was not.
        reason: Option<String> => text;
        detail: Option<String> => text;
        origin: &'static str => text;
    }

    /// One content that it had.
    ContentLine {
        uri: String => text;
        body_digest: String => id.stable;
        body_size: Option<i64> => number;
        first_seen: Timestamp => time;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        current: bool => text;
        /// Whether its bytes are still here.
        kept: bool => text;
    }

    /// One extraction, and what it was made by.
    MadeLine {
        uri: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        /// Whether every entity of its text is stored: `true`, `false`, or `unknown, before tracking`.
        entities_extracted: &'static str => text;
        mentions: i64 => number;
        text_size: i64 => number;
        text_digest: Digest => id.stable;
        data_digest: Digest => id.stable;
        body_digest: Option<Digest> => id.stable;
        profile_digest: Option<Digest> => id.stable;
        recognizer_digest: Option<Digest> => id.stable;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        created_at: Timestamp => time;
        origin: &'static str => text;
        extraction_id: ExtractionId => id;
    }

    /// Where it stands: a span of an extraction's text in bytes.
    EvidenceLine {
        uri: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        entity_type: String => text;
        normalized_value: String => text;
        role: String => text;
        start: i64 => number;
        end: i64 => number;
        surface: String => text;
        surface_digest: Digest => id.stable;
        score: f64 => number;
        recognizer: String => text;
        extraction_id: ExtractionId => id;
    }

    /// One value that is another now, or the content as a whole.
    ChangeLine {
        uri: String => text;
        at: Timestamp => time;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        /// `content`, `value`, `alias`, or `merge`.
        what: &'static str => text;
        profile: Option<String> => text;
        extraction_type: Option<String> => text;
        ordinal: Option<i64> => number;
        field: Option<String> => text;
        /// The digest of what it was.
        before_digest: Option<String> => id.stable;
        /// Its first 200 characters.
        before: Option<String> => text;
        /// The digest of what took its place; `None` where nothing did.
        after_digest: Option<String> => id.stable;
        /// Its first 200 characters, where they are kept.
        after: Option<String> => text;
    }
}

/// `report provenance` of one source, extraction or entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OriginReport {
    pub subject: SubjectLine,
    pub touches: Vec<TouchLine>,
    pub path: Vec<StepLine>,
    pub fetches: Vec<FetchLine>,
    pub contents: Vec<ContentLine>,
    pub extractions: Vec<MadeLine>,
    pub evidence: Vec<EvidenceLine>,
    pub changes: Vec<ChangeLine>,
    pub gaps: Vec<SourceGapLine>,
    /// What is known of the jobs that made it what it is.
    #[serde(flatten)]
    pub record: Record,
    /// Sources of an entity that are not traced here.
    pub untraced_sources: usize,
}

impl Report for OriginReport {
    fn tables(&self) -> Vec<Table> {
        let mut subject = Table::new("subject", "", SubjectLine::columns());
        subject.push(self.subject.cells());
        let mut tables = vec![
            subject,
            table("touches", UNKNOWN, &self.touches),
            table("path", UNKNOWN, &self.path),
            table("fetches", UNKNOWN, &self.fetches),
            table(
                "contents",
                "No content of it was ever stored.",
                &self.contents,
            ),
            table(
                "extractions",
                "Nothing is extracted from it.",
                &self.extractions,
            ),
            table("evidence", "No mention was asked about.", &self.evidence),
            table("changes", "Nothing of it has changed.", &self.changes),
            table("gaps", "Nothing is missing of it.", &self.gaps),
        ];
        tables.extend(self.record.tables());
        tables
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.subject.created_by_job_id.is_none() {
            notes.push("It was stored before jobs were tracked.".to_owned());
        }
        if self.untraced_sources > 0 {
            notes.push(format!(
                "{} more sources mention it: toolkit report provenance --source URI",
                self.untraced_sources
            ));
        }
        if self.record.chains.iter().any(|chain| !chain.holds) {
            notes.push("A chain does not hold: toolkit db verify".to_owned());
        }
        notes
    }
}
