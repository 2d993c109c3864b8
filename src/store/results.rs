//! The commit of what an extraction has read: passes, extractions, their entities, gaps and events, all or
//! nothing.
//!
//! Each kind of row is written for the whole batch at once: a statement costs more than the rows in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use super::Store;
use super::error::{Error, Result};
use super::extracted::{ExtractedSource, ExtractedText, PassState};
use super::extractions::{ExtractionRow, text_key};
use super::gaps::{GapOwner, Settlement};
use super::passes::pass_key;
use super::value::values;
use crate::model::{
    Digest, EntityId, Event, EventKind, ExtractionId, ExtractionType, JobId, Mention, SourceId,
    Stage, Timestamp, UriKey, WindowResult, WindowState,
};

/// How much of an old value stays in the event that says it was superseded.
const KEPT_CHARACTERS: usize = 200;

/// A stored text whose entities are written, and by which job.
pub(super) struct StoredText<'a> {
    pub id: ExtractionId,
    pub uri: &'a str,
    pub source_group: &'a str,
    pub profile: &'a str,
    pub source: SourceId,
    /// What a gap of its entities is a gap of.
    pub key: UriKey,
    pub at: Timestamp,
    pub text: &'a ExtractedText,
    /// Whether its row was made just now, so that nothing of an earlier reading is there.
    pub is_new: bool,
}

/// A row of `extractions` about to be written.
struct Put<'a> {
    id: ExtractionId,
    source: &'a ExtractedSource,
    text: &'a ExtractedText,
    is_new: bool,
}

/// What one pass put in the place of what.
struct Replaced {
    /// The events that say what is no longer there.
    superseded: Vec<Event>,
    /// The extractions that are there now, as the pass's own event names them.
    made: Vec<Json>,
}

/// How often windows were tried, by extraction, recognizer and ordinal.
type Attempts = HashMap<(ExtractionId, String, i64), i64>;

/// The earlier extractions of a source by the profile, by type and ordinal.
type Earlier = BTreeMap<(String, i64), ExtractionRow>;

impl Store {
    /// Writes the results of passes of one job, each of another source; called inside a transaction. Refuses
    /// all of them when one of the claims no longer holds.
    pub fn store_passes(&mut self, extracted: &[ExtractedSource]) -> Result<Vec<()>> {
        let Some(first) = extracted.first() else {
            return Ok(Vec::new());
        };
        let job = first.claim.job;
        self.finish_passes(extracted)?;
        let sources: Vec<SourceId> = extracted.iter().map(|one| one.source).collect();
        self.execute_among(
            "UPDATE sources SET unpassed_reason = NULL WHERE unpassed_reason IS NOT NULL AND id",
            "",
            &[],
            &sources,
        )?;
        self.settle_passes(extracted, job)?;
        let replaced = self.replace_extractions(extracted, job)?;
        let events: Vec<Event> = extracted
            .iter()
            .zip(replaced)
            .flat_map(|(one, replaced)| {
                let mut events = replaced.superseded;
                events.push(passed(one, &replaced.made));
                events
            })
            .collect();
        self.record_all(&events)?;
        Ok(vec![(); extracted.len()])
    }

    /// Ends the claimed passes. The insertion never inserts: it is how several rows are given values of their own
    /// in one statement, and a pass that is gone with its source fails by its foreign key.
    fn finish_passes(&mut self, extracted: &[ExtractedSource]) -> Result<()> {
        let mut finished = 0;
        self.insert_rows(
            "passes (source_id, profile, state, worker_id, attempt, body_digest, profile_digest, \
             extraction_count, mention_count, gap_count, passed_at)",
            "ON CONFLICT (source_id, profile) DO UPDATE SET state = excluded.state, worker_id = NULL, \
             body_digest = excluded.body_digest, profile_digest = excluded.profile_digest, \
             extraction_count = excluded.extraction_count, mention_count = excluded.mention_count, \
             gap_count = excluded.gap_count, passed_at = excluded.passed_at \
             WHERE passes.worker_id = excluded.worker_id AND passes.attempt = excluded.attempt \
             AND passes.state = 'pending' RETURNING source_id",
            extracted,
            |one| {
                let text_gaps: usize = one.texts.iter().map(|text| text.gaps().len()).sum();
                values![
                    one.source,
                    &*one.profile,
                    one.state.as_str(),
                    one.claim.worker,
                    one.claim.attempt,
                    one.body_digest,
                    one.profile_digest,
                    one.texts.len() as i64,
                    mention_count(one) as i64,
                    (one.gaps.len() + text_gaps) as i64,
                    one.at,
                ]
            },
            &mut |_| {
                finished += 1;
                Ok(())
            },
        )?;
        if finished == extracted.len() {
            Ok(())
        } else {
            Err(Error::ClaimLost)
        }
    }

    fn settle_passes(&mut self, extracted: &[ExtractedSource], job: JobId) -> Result<()> {
        let settlements: Vec<Settlement<'_>> = extracted
            .iter()
            .map(|one| Settlement {
                owner: GapOwner {
                    what: pass_key(&one.uri, &one.profile),
                    uri: &one.uri,
                    source_group: &one.source_group,
                    source: Some(one.source),
                    extraction: None,
                    profile: Some(&one.profile),
                },
                gaps: one.gaps.clone(),
                read: true,
                at: one.at,
            })
            .collect();
        self.settle(Stage::Extract, &settlements, job)
    }

    /// Puts the extractions of each pass in the place of the profile's earlier ones on that source; what failed
    /// leaves them as they are. Returns for each pass what it superseded and what it made.
    fn replace_extractions(
        &mut self,
        extracted: &[ExtractedSource],
        job: JobId,
    ) -> Result<Vec<Replaced>> {
        let mut earlier = self.earlier_extractions(extracted)?;
        let (mut puts, mut gone, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        for source in extracted {
            let (mut events, first) = (Vec::new(), puts.len());
            if source.state != PassState::Failed {
                let mut before = earlier.remove(&source.source).unwrap_or_default();
                for text in &source.texts {
                    let place = (
                        text.item.extraction_type.as_str().to_owned(),
                        text.item.ordinal,
                    );
                    let row = before.remove(&place);
                    if let Some(row) = &row
                        && (row.data != text.item.data || row.text != text.item.text)
                    {
                        events.push(superseding(source, row));
                    }
                    puts.push(Put {
                        id: row.as_ref().map_or_else(ExtractionId::new, |row| row.id),
                        source,
                        text,
                        is_new: row.is_none(),
                    });
                }
                events.extend(before.values().map(|row| superseding(source, row)));
                gone.extend(before.values().map(|row| row.id));
            }
            replaced.push(Replaced {
                superseded: events,
                made: puts[first..].iter().map(made).collect(),
            });
        }
        self.put_extractions(&puts)?;
        let written: Vec<(ExtractionId, Timestamp)> = puts
            .iter()
            .filter(|put| put.text.item.extraction_type == ExtractionType::Content)
            .map(|put| (put.id, put.source.at))
            .collect();
        self.put_pending(&written)?;
        let texts: Vec<StoredText<'_>> = puts
            .iter()
            .filter(|put| !(put.is_new && put.text.is_unread()))
            .map(Put::stored)
            .collect();
        if let Some(first) = extracted.first() {
            self.put_blocks(&texts, &first.profile)?;
            self.store_entities(&texts, first.recognizer_digest, job)?;
        }
        let entities = self.drop_mentions(&gone)?;
        self.execute_among("DELETE FROM extractions WHERE id", "", &[], &gone)?;
        self.drop_unmentioned(&entities)?;
        Ok(replaced)
    }

    fn earlier_extractions(
        &mut self,
        extracted: &[ExtractedSource],
    ) -> Result<HashMap<SourceId, Earlier>> {
        let mut earlier: HashMap<SourceId, Earlier> = HashMap::new();
        let Some(first) = extracted.first() else {
            return Ok(earlier);
        };
        let sources: Vec<SourceId> = extracted.iter().map(|one| one.source).collect();
        for row in self.extractions_among(&first.profile, &sources)? {
            let place = (row.extraction_type.clone(), row.ordinal);
            earlier.entry(row.source).or_default().insert(place, row);
        }
        Ok(earlier)
    }

    /// Writes the rows; one that no recognizer reads is complete in its own insert.
    fn put_extractions(&mut self, puts: &[Put<'_>]) -> Result<()> {
        self.insert_rows(
            "extractions (id, source_id, profile, extraction_type, ordinal, data, content, confidence, \
             created_at, job_id, body_digest, profile_digest, recognizer_digest, entities_extracted, \
             windows_done)",
            "ON CONFLICT (source_id, profile, extraction_type, ordinal) DO UPDATE SET \
             data = excluded.data, content = excluded.content, confidence = excluded.confidence, \
             created_at = excluded.created_at, job_id = excluded.job_id, \
             body_digest = excluded.body_digest, profile_digest = excluded.profile_digest, \
             recognizer_digest = NULL, entities_extracted = FALSE, windows_done = NULL",
            puts,
            |Put {
                 id, source, text, ..
             }| {
                let unread = text.is_unread();
                values![
                    *id,
                    source.source,
                    &*source.profile,
                    text.item.extraction_type.as_str(),
                    text.item.ordinal,
                    &text.item.data,
                    &text.item.text,
                    text.item.confidence,
                    source.at,
                    source.claim.job,
                    source.body_digest,
                    source.profile_digest,
                    unread.then_some(source.recognizer_digest),
                    unread,
                    unread.then_some(0_i64),
                ]
            },
            &mut |_| Ok(()),
        )
    }

    /// Stores the mentions of texts, their windows while any is not done, and their flags.
    pub(super) fn store_entities(
        &mut self,
        texts: &[StoredText<'_>],
        recognizer_digest: Digest,
        job: JobId,
    ) -> Result<()> {
        let read_before: Vec<ExtractionId> = texts
            .iter()
            .filter(|text| !text.is_new)
            .map(|text| text.id)
            .collect();
        let attempts = self.window_attempts(&read_before)?;
        self.execute_among(
            "DELETE FROM windows WHERE extraction_id",
            "",
            &[],
            &read_before,
        )?;
        let before = self.drop_mentions(&read_before)?;
        let kept = self.put_mentions(texts)?;
        let gone: BTreeSet<EntityId> = before.difference(&kept).copied().collect();
        self.drop_unmentioned(&gone)?;
        self.put_windows(texts, &attempts)?;
        let mut alike: BTreeMap<(bool, i64), Vec<ExtractionId>> = BTreeMap::new();
        for stored in texts {
            let windows = stored.text.windows.iter();
            let done = windows.filter(|one| one.state == WindowState::Done).count();
            let flag = (stored.text.is_complete(), done as i64);
            alike.entry(flag).or_default().push(stored.id);
        }
        for ((complete, done), ids) in alike {
            self.execute_among(
                "UPDATE extractions SET entities_extracted = $1, recognizer_digest = $2, \
                 windows_done = $3 WHERE id",
                "",
                &values![complete, recognizer_digest, done],
                &ids,
            )?;
        }
        let settlements: Vec<Settlement<'_>> = texts
            .iter()
            .map(|stored| Settlement {
                owner: GapOwner {
                    what: stored.key,
                    uri: stored.uri,
                    source_group: stored.source_group,
                    source: Some(stored.source),
                    extraction: Some(stored.id),
                    profile: Some(stored.profile),
                },
                gaps: stored.text.gaps(),
                read: true,
                at: stored.at,
            })
            .collect();
        self.settle(Stage::Entities, &settlements, job)
    }

    /// Returns how often each window of texts was tried that is not done.
    fn window_attempts(&mut self, texts: &[ExtractionId]) -> Result<Attempts> {
        let mut attempts = Attempts::new();
        self.query_among(
            "SELECT extraction_id, recognizer, ordinal, attempts FROM windows WHERE state <> 'done' \
             AND extraction_id",
            "",
            &[],
            texts,
            &mut |row| {
                attempts.insert((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?);
                Ok(())
            },
        )?;
        Ok(attempts)
    }

    fn put_windows(&mut self, texts: &[StoredText<'_>], attempts: &Attempts) -> Result<()> {
        let windows: Vec<(ExtractionId, &WindowResult)> = texts
            .iter()
            .filter(|stored| !stored.text.is_complete())
            .flat_map(|stored| stored.text.windows.iter().map(|one| (stored.id, one)))
            .collect();
        self.insert_rows(
            "windows (extraction_id, recognizer, ordinal, span_start, span_end, state, attempts, error)",
            "",
            &windows,
            |(id, window)| {
                let place = (*id, window.recognizer.to_owned(), window.ordinal);
                let tried = attempts.get(&place).copied().unwrap_or_default();
                values![
                    *id,
                    window.recognizer,
                    window.ordinal,
                    window.start as i64,
                    window.end as i64,
                    window.state.as_str(),
                    tried + 1,
                    window.error.as_deref(),
                ]
            },
            &mut |_| Ok(()),
        )
    }
}

impl<'a> Put<'a> {
    fn stored(&self) -> StoredText<'a> {
        let item = &self.text.item;
        StoredText {
            id: self.id,
            uri: &self.source.uri,
            source_group: &self.source.source_group,
            profile: &self.source.profile,
            source: self.source.source,
            key: text_key(
                &self.source.uri,
                &self.source.profile,
                item.extraction_type.as_str(),
                item.ordinal,
            ),
            at: self.source.at,
            text: self.text,
            is_new: self.is_new,
        }
    }
}

impl StoredText<'_> {
    /// Returns what was found in it; refuses a span that does not hold its surface.
    pub(super) fn mentions(&self) -> Result<Vec<&Mention>> {
        if self.text.refused.is_some() {
            return Ok(Vec::new());
        }
        let windows = self.text.windows.iter();
        let mentions: Vec<&Mention> = windows.flat_map(|window| &window.mentions).collect();
        for mention in &mentions {
            let covered = self.text.item.text.get(mention.start..mention.end);
            let kept = covered.map(|covered| mention.entity_type.surface_of(covered));
            if kept.as_deref() != Some(mention.surface.as_str()) {
                return Err(Error::Span {
                    recognizer: mention.recognizer,
                    start: mention.start,
                    end: mention.end,
                });
            }
        }
        Ok(mentions)
    }
}

fn mention_count(extracted: &ExtractedSource) -> usize {
    extracted
        .texts
        .iter()
        .map(ExtractedText::mention_count)
        .sum()
}

/// Names an extraction in the record, where it is found when its row is gone.
fn made(put: &Put<'_>) -> Json {
    let item = &put.text.item;
    json!({
        "extraction_id": put.id,
        "type": item.extraction_type.as_str(),
        "ordinal": item.ordinal,
        "text_digest": Digest::of(&item.text),
        "text_size": item.text.len(),
    })
}

fn passed(extracted: &ExtractedSource, made: &[Json]) -> Event {
    let kind = if extracted.state == PassState::Failed {
        EventKind::ExtractionFailed
    } else {
        EventKind::SourceExtracted
    };
    let gaps = extracted.gaps.iter();
    let gaps: Vec<Json> = gaps
        .map(|gap| json!({"reason": gap.reason, "position": gap.position}))
        .collect();
    Event {
        kind,
        source_uri: Some(extracted.uri.clone()),
        payload: json!({
            "job_id": extracted.claim.job,
            "attempt": extracted.claim.attempt,
            "state": extracted.state.as_str(),
            "body_digest": extracted.body_digest,
            "profile": &*extracted.profile,
            "profile_digest": extracted.profile_digest,
            "recognizer_digest": extracted.recognizer_digest,
            "extractions": extracted.texts.len(),
            "made": made,
            "mentions": mention_count(extracted),
            "gaps": gaps,
        }),
        at: extracted.at,
    }
}

fn superseding(extracted: &ExtractedSource, row: &ExtractionRow) -> Event {
    let mut fields = vec![old_value("text", &row.text)];
    if let Some(members) = row.data.as_object() {
        fields.extend(members.iter().map(|(field, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            old_value(field, &text)
        }));
    }
    Event {
        kind: EventKind::ExtractionSuperseded,
        source_uri: Some(extracted.uri.clone()),
        payload: json!({
            "job_id": extracted.claim.job,
            "extraction_id": row.id,
            "profile": row.profile,
            "type": row.extraction_type,
            "ordinal": row.ordinal,
            "made_by_job_id": row.job,
            "fields": fields,
        }),
        at: extracted.at,
    }
}

fn old_value(field: &str, text: &str) -> Json {
    let kept: String = text.chars().take(KEPT_CHARACTERS).collect();
    json!({"field": field, "digest": Digest::of(text), "value": kept})
}
