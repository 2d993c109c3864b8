//! The list of sources, and everything about one of them: its trail, its versions (read in `versions.rs`), what
//! was made of it and what is missing.

mod graph;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::ledger::Ledger;
use super::line::{Line as _, lines, table};
use super::versions::{VersionLine, versions};
use super::{Figure, Report, SourceText, Table};
use crate::model::{
    Digest, ExtractionId, ExtractionType, JobId, RunId, SourceId, Timestamp, blocks,
};
use crate::store::{GapRow, GroupBlocks, Result, SourceFacts, Store};

lines! {
    /// One source of the list.
    SourceLine {
        uri: String => text;
        id: SourceId => id;
        source_group: String => text;
        title: Option<String> => text;
        media_type: Option<String> => text;
        status: Option<i64> => number;
        body_size: Option<i64> => number;
        body_digest: Option<Digest> => id.stable;
        /// As far as its server or its markup says; `unknown` where that was asked for.
        language: Option<String> => text;
        /// Why its current content is not extracted, when it should be.
        pending: Option<String> => text;
    }

    /// Where a source stands, beside what its line says.
    SourceState {
        created_at: Timestamp => time;
        created_by_job: Option<i64> => number;
        created_by_job_id: Option<JobId> => id;
        fetched_at: Option<Timestamp> => time;
        /// The job whose fetch brought the current content.
        content_job: Option<i64> => number;
        content_job_id: Option<JobId> => id;
        charset: Option<String> => text;
        charset_source: Option<String> => text;
        /// The URI that the page calls its canonical one, when that is another than its own.
        canonical_uri: Option<String> => text;
        /// Whether it may be extracted: what asks not to be indexed is not, nor is a canonical URL's alias.
        extractable: bool => text;
    }

    /// One extraction of a source.
    ExtractionLine {
        extraction_id: ExtractionId => id;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        /// Whether every entity of its text is stored; unknown on rows from before that was tracked.
        entities_extracted: Option<bool> => text;
        confidence: Option<f64> => number;
        text_size: i64 => number;
        mentions: i64 => number;
        made_by_job: Option<i64> => number;
        made_by_job_id: Option<JobId> => id;
        created_at: Timestamp => time;
    }

    /// A block of a source's text that most pages of its group repeat.
    RepeatedLine {
        profile: String => text;
        ordinal: i64 => number;
        /// First byte in the text of the extraction of type content.
        start: i64 => number;
        end: i64 => number;
        /// How many pages of the group have it.
        pages: i64 => number;
        /// How many pages of the group have a text at all.
        group_pages: i64 => number;
        locator: String => text;
        text: String => text;
    }

    /// Something that is, or was, missing of a source.
    SourceGapLine {
        stage: String => text;
        reason: String => text;
        class: String => text;
        position: String => text;
        attempts: i64 => number;
        first_seen: Timestamp => time;
        last_seen: Timestamp => time;
        job_id: Option<JobId> => id;
        open: bool => text;
        resolved_at: Option<Timestamp> => time;
        resolved_by_job: Option<i64> => number;
        resolved_by_job_id: Option<JobId> => id;
        detail: String => text;
    }

    /// One step of a source's trail.
    TrailLine {
        at: Timestamp => time;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        event: String => text;
        run_id: RunId => id;
        sequence: i64 => number.volatile;
        /// `None` when it was erased on request.
        payload: Option<Json> => text;
    }
}

/// `sources list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourcesReport {
    pub rows: Vec<SourceLine>,
}

/// `sources show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceReport {
    pub source: SourceLine,
    pub state: SourceState,
    pub versions: Vec<VersionLine>,
    pub extractions: Vec<ExtractionLine>,
    /// The boilerplate of its texts, which keep it.
    pub boilerplate: Vec<RepeatedLine>,
    pub gaps: Vec<SourceGapLine>,
    pub trail: Vec<TrailLine>,
    /// Its texts with what was found in them, where they are wanted.
    #[serde(skip)]
    pub texts: Vec<SourceText>,
}

/// Reads the list of sources; of one job or one group, if asked.
pub fn sources(
    store: &mut Store,
    job: Option<JobId>,
    group: Option<&str>,
) -> Result<SourcesReport> {
    let mut rows = Vec::new();
    store.source_list(job, group, &mut |facts| {
        rows.push(SourceLine::from(facts));
        Ok(())
    })?;
    Ok(SourcesReport { rows })
}

/// Reads everything about one source.
pub fn source(store: &mut Store, id: SourceId) -> Result<SourceReport> {
    store.snapshot(|store| SourceReader::new(store)?.read(store, id))
}

/// Reads one source after the other; what several share is read once.
#[derive(Debug)]
pub struct SourceReader {
    ledger: Ledger,
    /// The blocks that the group of the last source repeats.
    repeated: Option<(String, Vec<GroupBlocks>)>,
}

impl SourceReader {
    /// Reads what all sources share.
    pub fn new(store: &mut Store) -> Result<Self> {
        Ok(Self {
            ledger: Ledger::read(store)?,
            repeated: None,
        })
    }

    /// Reads everything about one source.
    pub fn read(&mut self, store: &mut Store, id: SourceId) -> Result<SourceReport> {
        let facts = store.source_facts(id)?;
        let events = store.events_of_uri(&facts.uri)?;
        let group = &facts.source_group;
        if self.repeated.as_ref().is_none_or(|(last, _)| last != group) {
            let blocks = store.repeated_blocks(Some(group))?;
            self.repeated = Some((group.clone(), blocks));
        }
        let groups = self.repeated.as_ref().map_or(&[][..], |(_, groups)| groups);
        let boilerplate = repeated(store, &facts, groups)?;
        let ledger = &self.ledger;
        let number = |job: Option<JobId>| job.and_then(|job| ledger.number(job));
        Ok(SourceReport {
            texts: Vec::new(),
            versions: versions(store, &facts, &events, ledger)?,
            boilerplate,
            extractions: extractions(store, id, ledger)?,
            gaps: store
                .gaps_of_source(id, &facts.uri)?
                .into_iter()
                .map(|gap| gap_line(gap, ledger))
                .collect(),
            trail: events
                .into_iter()
                .map(|event| TrailLine {
                    at: event.at,
                    job: number(event.job),
                    job_id: event.job,
                    event: event.kind,
                    run_id: event.run,
                    sequence: event.sequence,
                    payload: event.payload,
                })
                .collect(),
            state: SourceState {
                created_at: facts.created_at,
                created_by_job: number(facts.created_by_job),
                created_by_job_id: facts.created_by_job,
                fetched_at: facts.fetched_at,
                content_job: number(facts.content_job),
                content_job_id: facts.content_job,
                charset: facts.charset.clone(),
                charset_source: facts.charset_source.clone(),
                canonical_uri: facts.canonical_uri.clone(),
                extractable: facts.extractable,
            },
            source: SourceLine::from(facts),
        })
    }
}

fn extractions(store: &mut Store, id: SourceId, ledger: &Ledger) -> Result<Vec<ExtractionLine>> {
    let mentions: HashMap<ExtractionId, i64> = store.mention_counts(id)?.into_iter().collect();
    let rows = store.extractions(id)?;
    Ok(rows
        .into_iter()
        .map(|row| ExtractionLine {
            extraction_id: row.id,
            profile: row.profile,
            extraction_type: row.extraction_type,
            ordinal: row.ordinal,
            entities_extracted: row.entities_extracted,
            confidence: row.confidence,
            text_size: row.text.len() as i64,
            mentions: mentions.get(&row.id).copied().unwrap_or(0),
            made_by_job: row.job.and_then(|job| ledger.number(job)),
            made_by_job_id: row.job,
            created_at: row.created_at,
        })
        .collect())
}

/// Finds the blocks of a source's texts that most pages of its group have.
fn repeated(
    store: &mut Store,
    facts: &SourceFacts,
    groups: &[GroupBlocks],
) -> Result<Vec<RepeatedLine>> {
    let mut lines = Vec::new();
    for row in store.extractions(facts.id)? {
        if row.extraction_type != ExtractionType::Content.as_str() {
            continue;
        }
        let Some(group) = groups.iter().find(|group| group.profile == row.profile) else {
            continue;
        };
        for block in blocks(&row.data, &row.text) {
            if let Some((pages, _)) = group.repeated.get(&block.key) {
                lines.push(RepeatedLine {
                    profile: row.profile.clone(),
                    ordinal: row.ordinal,
                    start: block.start as i64,
                    end: block.end as i64,
                    pages: *pages,
                    group_pages: group.pages,
                    locator: block.locator.to_owned(),
                    text: row.text[block.start..block.end].to_owned(),
                });
            }
        }
    }
    Ok(lines)
}

pub(super) fn gap_line(gap: GapRow, ledger: &Ledger) -> SourceGapLine {
    SourceGapLine {
        stage: gap.stage,
        reason: gap.reason,
        class: gap.class,
        position: gap.position,
        attempts: gap.attempts,
        first_seen: gap.first_seen,
        last_seen: gap.last_seen,
        job_id: gap.job,
        open: gap.resolved_at.is_none(),
        resolved_at: gap.resolved_at,
        resolved_by_job: gap.resolved_by_job.and_then(|job| ledger.number(job)),
        resolved_by_job_id: gap.resolved_by_job,
        detail: gap.detail,
    }
}

impl From<SourceFacts> for SourceLine {
    fn from(facts: SourceFacts) -> Self {
        Self {
            uri: facts.uri,
            id: facts.id,
            source_group: facts.source_group,
            title: facts.title,
            media_type: facts.media_type,
            status: facts.status,
            body_size: facts.body_size,
            body_digest: facts.body_digest,
            language: facts.language,
            pending: facts.unpassed_reason,
        }
    }
}

impl Report for SourcesReport {
    fn tables(&self) -> Vec<Table> {
        vec![table("sources", "No source is stored.", &self.rows)]
    }
}

impl Report for SourceReport {
    fn tables(&self) -> Vec<Table> {
        let mut source = Table::new("source", "", SourceLine::columns());
        source.push(self.source.cells());
        let mut state = Table::new("state", "", SourceState::columns());
        state.push(self.state.cells());
        // The payloads are for machines; a reader of tables follows the steps.
        let mut trail = table("trail", "No event speaks of it.", &self.trail);
        trail.columns.pop();
        for row in &mut trail.rows {
            row.pop();
        }
        vec![
            source,
            state,
            table(
                "versions",
                "No content of it was ever stored.",
                &self.versions,
            ),
            table(
                "extractions",
                "Nothing is extracted from it.",
                &self.extractions,
            ),
            table(
                "boilerplate",
                "No block of it is repeated by most pages of its group.",
                &self.boilerplate,
            ),
            table("gaps", "Nothing is missing of it.", &self.gaps),
            trail,
        ]
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure::Graph(graph::of(self))]
    }

    fn texts(&self) -> &[SourceText] {
        &self.texts
    }

    fn notes(&self) -> Vec<String> {
        let pending = self.source.pending.as_ref();
        pending
            .map(|reason| format!("{reason}: toolkit extract"))
            .into_iter()
            .collect()
    }

    /// What an event's payload holds of ids, times and the order of arrival.
    fn volatile_keys(&self) -> &'static [&'static str] {
        &[
            "source_id",
            "depth",
            "referrer",
            "found_uri",
            "headers",
            "remote_address",
            "transferred_size",
            "received_size",
        ]
    }
}
