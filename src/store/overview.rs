//! What the overview reads: each source with its counts, and which jobs opened and resolved gaps.

use super::Store;
use super::error::Result;
use crate::model::{JobId, SourceId, Timestamp, UriKey};

/// A source with its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCounts {
    pub source: SourceId,
    pub uri_key: UriKey,
    pub uri: String,
    pub source_group: String,
    pub title: Option<String>,
    pub status: Option<i64>,
    pub unpassed_reason: Option<String>,
    pub extractions: i64,
    /// Those whose entities are all stored.
    pub complete_extractions: i64,
    pub mentions: i64,
    /// Open gaps, but for decisions.
    pub gaps: i64,
}

/// When a gap was seen first, and which job resolved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapTurn {
    pub stage: String,
    pub class: String,
    pub first_seen: Timestamp,
    /// `None` while it is open.
    pub resolved_by: Option<JobId>,
}

impl Store {
    /// Reads every source with its counts, by group and URI.
    pub fn source_counts(
        &mut self,
        each: &mut dyn FnMut(SourceCounts) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT sources.id, sources.uri_key, sources.uri, sources.source_group, sources.title, \
             sources.status, sources.unpassed_reason, \
             (SELECT COUNT(*) FROM extractions WHERE extractions.source_id = sources.id), \
             (SELECT COUNT(*) FROM extractions WHERE extractions.source_id = sources.id \
             AND extractions.entities_extracted IS TRUE), \
             (SELECT COUNT(*) FROM extraction_entities \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE extractions.source_id = sources.id), \
             (SELECT COUNT(*) FROM gaps WHERE gaps.source_id = sources.id \
             AND gaps.resolved_at IS NULL AND gaps.class <> 'decision') \
             FROM sources ORDER BY sources.source_group COLLATE \"C\", sources.uri COLLATE \"C\"",
            &[],
            &mut |row| {
                each(SourceCounts {
                    source: row.get(0)?,
                    uri_key: row.get(1)?,
                    uri: row.get(2)?,
                    source_group: row.get(3)?,
                    title: row.get(4)?,
                    status: row.get(5)?,
                    unpassed_reason: row.get(6)?,
                    extractions: row.get(7)?,
                    complete_extractions: row.get(8)?,
                    mentions: row.get(9)?,
                    gaps: row.get(10)?,
                })
            },
        )
    }

    /// Reads when each gap was opened and resolved, but for decisions; in no order.
    pub fn gap_turns(&mut self, each: &mut dyn FnMut(GapTurn) -> Result<()>) -> Result<()> {
        self.engine.query(
            "SELECT stage, class, first_seen, resolved_by_job_id FROM gaps WHERE class <> 'decision'",
            &[],
            &mut |row| {
                each(GapTurn {
                    stage: row.get(0)?,
                    class: row.get(1)?,
                    first_seen: row.get(2)?,
                    resolved_by: row.get(3)?,
                })
            },
        )
    }
}
