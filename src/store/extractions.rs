//! Extractions: what was read out of a source, its windows, and the flag that says whether every entity of
//! its text is stored.
//!
//! The flag is FALSE from insertion, TRUE only in the transaction that stores the last mention, and NULL
//! only on rows from before it was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Store;
use super::error::{Error, Result};
use super::extracted::ExtractedText;
use super::results::StoredText;
use super::selection::Selection;
use super::value::{Row, values};
use crate::model::{
    Digest, Event, EventKind, ExtractedItem, ExtractionId, ExtractionType, JobId, SourceId,
    Timestamp, UriKey, WindowResult,
};

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
    /// What the same profile has read of the page that says how its texts are read: metadata, records, the first content.
    pub page: Arc<[ExtractedItem]>,
}

const TEXTS: &str = "SELECT extractions.id, sources.id, sources.uri, sources.source_group, extractions.profile, \
    extractions.extraction_type, extractions.ordinal, extractions.content, extractions.created_at \
    FROM extractions JOIN sources ON sources.id = extractions.source_id";

fn incomplete_text(row: &dyn Row) -> Result<IncompleteText> {
    Ok(IncompleteText {
        extraction: row.get(0)?,
        source: row.get(1)?,
        uri: row.get(2)?,
        source_group: row.get(3)?,
        profile: row.get(4)?,
        extraction_type: row.get(5)?,
        ordinal: row.get(6)?,
        text: row.get(7)?,
        extracted_at: row.get(8)?,
        page: Arc::default(),
    })
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

    /// Returns one extraction.
    pub fn extraction(&mut self, id: ExtractionId) -> Result<ExtractionRow> {
        let mut found = None;
        self.engine.query(
            &format!("SELECT {COLUMNS} FROM extractions WHERE id = $1"),
            &values![id],
            &mut |row| {
                found = Some(extraction(row)?);
                Ok(())
            },
        )?;
        found.ok_or_else(|| Error::NotFound {
            noun: "extraction",
            given: id.to_string(),
        })
    }

    /// Returns the digest of the content that an extraction was read out of, unless it is from before that was kept.
    pub fn body_of_extraction(&mut self, id: ExtractionId) -> Result<Option<Digest>> {
        let mut digest = None;
        self.engine.query(
            "SELECT body_digest FROM extractions WHERE id = $1",
            &values![id],
            &mut |row| {
                digest = row.get(0)?;
                Ok(())
            },
        )?;
        Ok(digest)
    }

    /// Returns the extractions of sources by one profile.
    pub(super) fn extractions_among(
        &mut self,
        profile: &str,
        sources: &[SourceId],
    ) -> Result<Vec<ExtractionRow>> {
        let mut rows = Vec::new();
        self.query_among(
            &format!("SELECT {COLUMNS} FROM extractions WHERE profile = $1 AND source_id"),
            "",
            &values![profile],
            sources,
            &mut |row| {
                rows.push(extraction(row)?);
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// Returns texts of `profile` whose entities are not all stored, or are stale, in the order of their ids and
    /// after one of them, of the sources that `selection` means: those of which a window has `failed`, or the
    /// others. Those that `job` itself has made are left out, for it has tried them already.
    pub fn incomplete_texts(
        &mut self,
        job: JobId,
        profile: &str,
        selection: &Selection,
        recognizer_digest: Digest,
        (failed, after): (bool, Option<ExtractionId>),
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
        let not = if failed { "" } else { "NOT " };
        let sql = format!(
            "{TEXTS} WHERE (extractions.entities_extracted IS NOT TRUE OR extractions.recognizer_digest < $1 \
             OR extractions.recognizer_digest > $1) AND (extractions.id > $2 OR $3) \
             AND extractions.job_id IS DISTINCT FROM $4 AND extractions.profile = $5{wanted} \
             AND {not}EXISTS (SELECT 1 FROM windows WHERE windows.extraction_id = extractions.id \
             AND windows.state <> 'done') \
             ORDER BY extractions.id LIMIT $6"
        );
        let mut texts = Vec::new();
        self.engine.query(&sql, &parameters, &mut |row| {
            texts.push(incomplete_text(row)?);
            Ok(())
        })?;
        self.put_pages(&mut texts)?;
        Ok(texts)
    }

    /// Returns the texts that are named, in the order of their ids; one that is gone is left out.
    pub fn texts_among(&mut self, named: &[ExtractionId]) -> Result<Vec<IncompleteText>> {
        let mut texts = Vec::new();
        self.query_among(
            &format!("{TEXTS} WHERE extractions.id"),
            "",
            &[],
            named,
            &mut |row| {
                texts.push(incomplete_text(row)?);
                Ok(())
            },
        )?;
        texts.sort_unstable_by_key(|text| text.extraction);
        self.put_pages(&mut texts)?;
        Ok(texts)
    }

    /// Gives each text what the same profile has read of its page.
    fn put_pages(&mut self, texts: &mut [IncompleteText]) -> Result<()> {
        let mut sources: BTreeMap<&str, BTreeSet<SourceId>> = BTreeMap::new();
        for text in &*texts {
            let of_profile = sources.entry(&text.profile).or_default();
            of_profile.insert(text.source);
        }
        let mut pages: BTreeMap<(String, SourceId), Vec<ExtractedItem>> = BTreeMap::new();
        for (profile, sources) in sources {
            let sources: Vec<SourceId> = sources.into_iter().collect();
            self.query_among(
                &format!(
                    "SELECT {COLUMNS} FROM extractions WHERE profile = $1 \
                     AND (extraction_type IN ('metadata', 'record') OR extraction_type = 'content' AND ordinal = 0) \
                     AND source_id"
                ),
                "",
                &values![profile],
                &sources,
                &mut |row| {
                    let row = extraction(row)?;
                    let page = pages.entry((row.profile, row.source)).or_default();
                    page.extend(row.extraction_type.parse().ok().map(|extraction_type| {
                        ExtractedItem {
                            extraction_type,
                            ordinal: row.ordinal,
                            data: row.data,
                            text: row.text,
                            confidence: row.confidence,
                        }
                    }));
                    Ok(())
                },
            )?;
        }
        let pages: BTreeMap<(String, SourceId), Arc<[ExtractedItem]>> = pages
            .into_iter()
            .map(|(place, items)| (place, items.into()))
            .collect();
        for text in texts {
            if let Some(page) = pages.get(&(text.profile.clone(), text.source)) {
                text.page = Arc::clone(page);
            }
        }
        Ok(())
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
        let text = ExtractedText {
            item,
            windows,
            refused,
        };
        let stored = StoredText {
            id: incomplete.extraction,
            uri: &incomplete.uri,
            source_group: &incomplete.source_group,
            profile: &incomplete.profile,
            source: incomplete.source,
            key: text_key(
                &incomplete.uri,
                &incomplete.profile,
                &incomplete.extraction_type,
                incomplete.ordinal,
            ),
            at,
            text: &text,
            is_new: false,
        };
        self.store_entities(std::slice::from_ref(&stored), recognizer_digest, job)?;
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

/// What a gap of one extraction's entities is a gap of; stays the same when the extraction is replaced.
pub(super) fn text_key(uri: &str, profile: &str, extraction_type: &str, ordinal: i64) -> UriKey {
    UriKey::of(&format!("{uri}\n{profile}\n{extraction_type}\n{ordinal}"))
}
