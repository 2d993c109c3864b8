//! Extractions: what was read out of a source, its windows, and the flag that says whether every entity of
//! its text is stored.
//!
//! The flag is FALSE from insertion, TRUE only in the transaction that stores the last mention, and NULL
//! only on rows from before it was kept.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::Store;
use super::error::{Error, Result};
use super::extracted::{ExtractedSource, ExtractedText};
use super::gaps::GapOwner;
use super::selection::Selection;
use super::value::{Row, values};
use crate::model::{
    Digest, Event, EventKind, ExtractedItem, ExtractionId, ExtractionType, JobId, Mention,
    SourceId, Stage, Timestamp, UriKey, WindowResult, WindowState,
};

/// How much of an old value stays in the event that says it was superseded.
const KEPT_CHARACTERS: usize = 200;

/// A row of `extractions`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractionRow {
    pub id: ExtractionId,
    pub source: SourceId,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub data: Json,
    pub text: String,
    pub confidence: Option<f64>,
    pub entities_extracted: Option<bool>,
    pub job: Option<JobId>,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, source_id, profile, extraction_type, ordinal, data, content, confidence, \
    entities_extracted, job_id, created_at";

fn extraction(row: &dyn Row) -> Result<ExtractionRow> {
    Ok(ExtractionRow {
        id: row.get(0)?,
        source: row.get(1)?,
        profile: row.get(2)?,
        extraction_type: row.get(3)?,
        ordinal: row.get(4)?,
        data: row.get(5)?,
        text: row.get(6)?,
        confidence: row.get(7)?,
        entities_extracted: row.get(8)?,
        job: row.get(9)?,
        created_at: row.get(10)?,
    })
}

/// A stored text whose entities are not all stored, or were found by older recognizers.
#[derive(Debug, Clone, PartialEq)]
pub struct IncompleteText {
    pub extraction: ExtractionId,
    pub source: SourceId,
    pub uri: String,
    pub source_group: String,
    pub profile: String,
    /// As stored: a row from before may be of a type that this program does not make.
    pub extraction_type: String,
    pub ordinal: i64,
    pub text: String,
    /// When it was extracted: tells whether it was replaced since it was read.
    pub extracted_at: Timestamp,
}

impl IncompleteText {
    /// The type that recognizers are to take it for: an unknown one is text like any other.
    pub fn reads_as(&self) -> ExtractionType {
        self.extraction_type
            .parse()
            .unwrap_or(ExtractionType::Content)
    }
}

impl Store {
    /// Returns the extractions of one source, by profile, type and ordinal.
    pub fn extractions(&mut self, source: SourceId) -> Result<Vec<ExtractionRow>> {
        let mut rows = Vec::new();
        self.engine.query(
            &format!(
                "SELECT {COLUMNS} FROM extractions WHERE source_id = $1 \
                 ORDER BY profile COLLATE \"C\", extraction_type COLLATE \"C\", ordinal"
            ),
            &values![source],
            &mut |row| {
                rows.push(extraction(row)?);
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// Puts a pass's extractions in the place of the profile's earlier ones on that source.
    pub(super) fn replace_extractions(&mut self, extracted: &ExtractedSource) -> Result<()> {
        let mut before: HashMap<(String, i64), ExtractionRow> = HashMap::new();
        for row in self.extractions(extracted.source)? {
            if row.profile == *extracted.profile {
                before.insert((row.extraction_type.clone(), row.ordinal), row);
            }
        }
        for text in &extracted.texts {
            let place = (
                text.item.extraction_type.as_str().to_owned(),
                text.item.ordinal,
            );
            let earlier = before.remove(&place);
            if let Some(row) = &earlier
                && (row.data != text.item.data || row.text != text.item.text)
            {
                self.record_superseded(&extracted.uri, row, extracted.claim.job, extracted.at)?;
            }
            let is_new = earlier.is_none();
            let id = self.put_extraction(extracted, text, earlier.map(|row| row.id))?;
            if is_new && text.is_unread() {
                continue;
            }
            let owner = TextOwner {
                id,
                uri: &extracted.uri,
                source_group: &extracted.source_group,
                source: extracted.source,
                key: text_key(
                    &extracted.uri,
                    &extracted.profile,
                    text.item.extraction_type.as_str(),
                    text.item.ordinal,
                ),
                job: extracted.claim.job,
                at: extracted.at,
            };
            self.store_entities(&owner, text, extracted.recognizer_digest)?;
        }
        let mut gone: Vec<ExtractionRow> = before.into_values().collect();
        gone.sort_by(|a, b| (&a.extraction_type, a.ordinal).cmp(&(&b.extraction_type, b.ordinal)));
        for row in gone {
            self.record_superseded(&extracted.uri, &row, extracted.claim.job, extracted.at)?;
            let entities = self.drop_mentions(row.id)?;
            self.engine
                .execute("DELETE FROM extractions WHERE id = $1", &values![row.id])?;
            self.drop_unmentioned(&entities)?;
        }
        Ok(())
    }

    /// Writes the row; one that no recognizer reads is complete in its own insert.
    fn put_extraction(
        &mut self,
        extracted: &ExtractedSource,
        text: &ExtractedText,
        earlier: Option<ExtractionId>,
    ) -> Result<ExtractionId> {
        let id = earlier.unwrap_or_else(ExtractionId::new);
        self.engine.execute(
            "INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, \
             confidence, created_at, job_id, body_digest, profile_digest, recognizer_digest, \
             entities_extracted, windows_done) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (source_id, profile, extraction_type, ordinal) DO UPDATE SET \
             data = excluded.data, content = excluded.content, confidence = excluded.confidence, \
             created_at = excluded.created_at, job_id = excluded.job_id, \
             body_digest = excluded.body_digest, profile_digest = excluded.profile_digest, \
             recognizer_digest = NULL, entities_extracted = FALSE, windows_done = NULL",
            &values![
                id,
                extracted.source,
                &*extracted.profile,
                text.item.extraction_type.as_str(),
                text.item.ordinal,
                &text.item.data,
                &text.item.text,
                text.item.confidence,
                extracted.at,
                extracted.claim.job,
                extracted.body_digest,
                extracted.profile_digest,
                text.is_unread().then_some(extracted.recognizer_digest),
                text.is_unread(),
                text.is_unread().then_some(0_i64),
            ],
        )?;
        Ok(id)
    }

    /// Stores an extraction's mentions, its windows while any is not done, and its flag.
    fn store_entities(
        &mut self,
        owner: &TextOwner<'_>,
        text: &ExtractedText,
        recognizer_digest: Digest,
    ) -> Result<()> {
        self.engine.execute(
            "DELETE FROM windows WHERE extraction_id = $1",
            &values![owner.id],
        )?;
        let mentions: Vec<&Mention> = match text.refused {
            Some(_) => Vec::new(),
            None => text
                .windows
                .iter()
                .flat_map(|window| &window.mentions)
                .collect(),
        };
        for mention in &mentions {
            check_span(&text.item.text, mention)?;
        }
        self.replace_mentions(owner.id, owner.source_group, &mentions, owner.at)?;
        let complete = text.is_complete();
        if !complete {
            self.put_windows(owner.id, &text.windows)?;
        }
        self.engine.execute(
            "UPDATE extractions SET entities_extracted = $1, recognizer_digest = $2, windows_done = $3 \
             WHERE id = $4",
            &values![
                complete,
                recognizer_digest,
                text.windows.iter().filter(|one| one.state == WindowState::Done).count() as i64,
                owner.id,
            ],
        )?;
        let gap_owner = GapOwner {
            what: owner.key,
            uri: owner.uri,
            source_group: owner.source_group,
            source: Some(owner.source),
            extraction: Some(owner.id),
        };
        self.settle_gaps(
            Stage::Entities,
            &gap_owner,
            &text.gaps(),
            owner.job,
            owner.at,
        )
    }

    fn put_windows(&mut self, id: ExtractionId, windows: &[WindowResult]) -> Result<()> {
        for window in windows {
            self.engine.execute(
                "INSERT INTO windows (extraction_id, recognizer, ordinal, span_start, span_end, state, \
                 attempts, error) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
                &values![
                    id,
                    window.recognizer,
                    window.ordinal,
                    window.start as i64,
                    window.end as i64,
                    window.state.as_str(),
                    window.error.as_deref(),
                ],
            )?;
        }
        Ok(())
    }

    fn record_superseded(
        &mut self,
        uri: &str,
        row: &ExtractionRow,
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        let mut fields = vec![old_value("text", &row.text)];
        if let Some(members) = row.data.as_object() {
            fields.extend(members.iter().map(|(field, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                old_value(field, &text)
            }));
        }
        let payload = json!({
            "job_id": job,
            "profile": row.profile,
            "type": row.extraction_type,
            "ordinal": row.ordinal,
            "made_by_job_id": row.job,
            "fields": fields,
        });
        let source_uri = Some(uri.to_owned());
        self.record(&Event {
            kind: EventKind::ExtractionSuperseded,
            source_uri,
            payload,
            at,
        })
    }

    /// Returns texts of `profile` after `after` whose entities are not all stored, or are stale, in the order
    /// of their ids, of the sources that `selection` means; those that `job` itself has made are left out, for
    /// it has tried them already.
    pub fn incomplete_texts(
        &mut self,
        job: JobId,
        profile: &str,
        selection: &Selection,
        recognizer_digest: Digest,
        after: Option<ExtractionId>,
        limit: usize,
    ) -> Result<Vec<IncompleteText>> {
        let (wanted, more) = selection.condition(7);
        let mut parameters = values![
            recognizer_digest,
            after,
            after.is_none(),
            job,
            profile,
            limit as i64
        ]
        .to_vec();
        parameters.extend(more);
        let sql = format!(
            "SELECT extractions.id, sources.id, sources.uri, sources.source_group, extractions.profile, \
             extractions.extraction_type, extractions.ordinal, extractions.content, \
             extractions.created_at \
             FROM extractions JOIN sources ON sources.id = extractions.source_id \
             WHERE (extractions.entities_extracted IS NOT TRUE OR extractions.recognizer_digest < $1 \
             OR extractions.recognizer_digest > $1) AND (extractions.id > $2 OR $3) \
             AND extractions.job_id IS DISTINCT FROM $4 AND extractions.profile = $5{wanted} \
             ORDER BY extractions.id LIMIT $6"
        );
        let mut texts = Vec::new();
        self.engine.query(&sql, &parameters, &mut |row| {
            texts.push(IncompleteText {
                extraction: row.get(0)?,
                source: row.get(1)?,
                uri: row.get(2)?,
                source_group: row.get(3)?,
                profile: row.get(4)?,
                extraction_type: row.get(5)?,
                ordinal: row.get(6)?,
                text: row.get(7)?,
                extracted_at: row.get(8)?,
            });
            Ok(())
        })?;
        Ok(texts)
    }

    /// Stores what the recognizers made of a stored text that was taken up again; refuses
    /// when another worker has completed or replaced it meanwhile.
    pub fn store_text_entities(
        &mut self,
        incomplete: &IncompleteText,
        windows: Vec<WindowResult>,
        refused: Option<String>,
        recognizer_digest: Digest,
        job: JobId,
        at: Timestamp,
    ) -> Result<bool> {
        // Takes the row's lock as well, so that two workers cannot store it side by side.
        let claimed = self.engine.execute(
            "UPDATE extractions SET entities_extracted = FALSE WHERE id = $1 AND created_at = $2 \
             AND (entities_extracted IS NOT TRUE OR recognizer_digest IS DISTINCT FROM $3)",
            &values![
                incomplete.extraction,
                incomplete.extracted_at,
                recognizer_digest
            ],
        )?;
        if claimed != 1 {
            return Err(Error::ClaimLost);
        }
        let item = ExtractedItem {
            extraction_type: incomplete.reads_as(),
            ordinal: incomplete.ordinal,
            data: Json::Null,
            text: incomplete.text.clone(),
            confidence: None,
        };
        let owner = TextOwner {
            id: incomplete.extraction,
            uri: &incomplete.uri,
            source_group: &incomplete.source_group,
            source: incomplete.source,
            key: text_key(
                &incomplete.uri,
                &incomplete.profile,
                &incomplete.extraction_type,
                incomplete.ordinal,
            ),
            job,
            at,
        };
        let text = ExtractedText {
            item,
            windows,
            refused,
        };
        self.store_entities(&owner, &text, recognizer_digest)?;
        let complete = text.is_complete();
        let payload = json!({
            "job_id": job,
            "profile": incomplete.profile,
            "type": incomplete.extraction_type,
            "ordinal": incomplete.ordinal,
            "mentions": text.mention_count(),
            "entities_extracted": complete,
            "recognizer_digest": recognizer_digest,
        });
        let source_uri = Some(incomplete.uri.clone());
        self.record(&Event {
            kind: EventKind::EntitiesExtracted,
            source_uri,
            payload,
            at,
        })?;
        Ok(complete)
    }
}

/// Whose entities are being stored, by which job.
struct TextOwner<'a> {
    id: ExtractionId,
    uri: &'a str,
    source_group: &'a str,
    source: SourceId,
    key: UriKey,
    job: JobId,
    at: Timestamp,
}

fn check_span(text: &str, mention: &Mention) -> Result<()> {
    if text.get(mention.start..mention.end) == Some(mention.surface.as_str()) {
        return Ok(());
    }
    Err(Error::Span {
        recognizer: mention.recognizer,
        start: mention.start,
        end: mention.end,
    })
}

fn old_value(field: &str, text: &str) -> Json {
    let kept: String = text.chars().take(KEPT_CHARACTERS).collect();
    json!({"field": field, "digest": Digest::of(text), "value": kept})
}

/// What a gap of one extraction's entities is a gap of; stays the same when the extraction is replaced.
fn text_key(uri: &str, profile: &str, extraction_type: &str, ordinal: i64) -> UriKey {
    UriKey::of(&format!("{uri}\n{profile}\n{extraction_type}\n{ordinal}"))
}
