//! What the record tells of one thing: the source, the extraction or the mentions that it is asked about, also
//! when their rows are gone.
//!
//! Reads only. Rows are looked up by their keys; only what is no longer there is searched for in the events.

use serde_json::Value as Json;

use super::Store;
use super::error::{Error, Result};
use super::value::{Row, values};
use crate::model::{Digest, ExtractionId, JobId, SourceId, Timestamp, UriKey};

/// A source that somebody asked about: always a URI, and its row where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSource {
    pub uri: String,
    pub id: Option<SourceId>,
}

/// An extraction that somebody asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedExtraction {
    pub id: ExtractionId,
    /// The URI of its source.
    pub uri: String,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    /// The source's row, while the extraction is there.
    pub source: Option<SourceId>,
}

/// A row of `extractions` with what it was made by.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractionOrigin {
    pub id: ExtractionId,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub data: Json,
    pub text: String,
    pub entities_extracted: Option<bool>,
    pub job: Option<JobId>,
    pub created_at: Timestamp,
    pub body_digest: Option<Digest>,
    pub profile_digest: Option<Digest>,
    pub recognizer_digest: Option<Digest>,
    pub mentions: i64,
}

/// One mention in an extraction's text.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionOrigin {
    pub entity_type: String,
    pub normalized_value: String,
    pub role: String,
    pub start: i64,
    pub end: i64,
    pub surface: String,
    pub recognizer: String,
    pub score: f64,
}

fn named_extraction(row: &dyn Row) -> Result<NamedExtraction> {
    Ok(NamedExtraction {
        id: row.get(0)?,
        uri: row.get(1)?,
        profile: row.get(2)?,
        extraction_type: row.get(3)?,
        ordinal: row.get(4)?,
        source: row.get(5)?,
    })
}

impl Store {
    /// Finds the source that a user means by `last`, an id, its unique ending or its URI, also one that is only
    /// in the record.
    pub fn find_recorded_source(&mut self, given: &str) -> Result<NamedSource> {
        match self.find_source(given) {
            Ok(id) => {
                let uri = self.source_facts(id)?.uri;
                return Ok(NamedSource { uri, id: Some(id) });
            }
            Err(Error::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
        if given.contains('/') && self.is_recorded_uri(given)? {
            return Ok(NamedSource {
                uri: given.to_owned(),
                id: None,
            });
        }
        let mut found: Vec<String> = Vec::new();
        let ending = given.to_ascii_lowercase();
        self.each_payload("source_created", &mut |uri, payload| {
            let id = payload["source_id"].as_str().unwrap_or_default();
            if ending.len() >= 4 && id.ends_with(&ending) && !found.contains(&uri) {
                found.push(uri);
            }
        })?;
        Ok(NamedSource {
            uri: one_of("source", given, found)?,
            id: None,
        })
    }

    /// Finds the extraction that a user means by `last`, an id or its unique ending, also one that was replaced
    /// or removed.
    pub fn find_recorded_extraction(&mut self, given: &str) -> Result<NamedExtraction> {
        match self.find_id("extraction", "extractions", given) {
            Ok(id) => return self.named_extraction(ExtractionId::from_uuid(id)),
            Err(Error::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
        let ending = given.to_ascii_lowercase();
        let mut found: Vec<NamedExtraction> = Vec::new();
        self.each_payload("source_extracted", &mut |uri, payload| {
            for made in payload["made"].as_array().into_iter().flatten() {
                let id = made["extraction_id"].as_str().unwrap_or_default();
                if ending.len() < 4 || !id.ends_with(&ending) {
                    continue;
                }
                let Ok(id) = id.parse() else { continue };
                let named = NamedExtraction {
                    id,
                    uri: uri.clone(),
                    profile: payload["profile"].as_str().unwrap_or_default().to_owned(),
                    extraction_type: made["type"].as_str().unwrap_or_default().to_owned(),
                    ordinal: made["ordinal"].as_i64().unwrap_or_default(),
                    source: None,
                };
                if !found.contains(&named) {
                    found.push(named);
                }
            }
        })?;
        one_of("extraction", given, found)
    }

    fn named_extraction(&mut self, id: ExtractionId) -> Result<NamedExtraction> {
        let mut found = Vec::new();
        self.engine.query(
            "SELECT extractions.id, sources.uri, extractions.profile, extractions.extraction_type, \
             extractions.ordinal, sources.id FROM extractions \
             JOIN sources ON sources.id = extractions.source_id WHERE extractions.id = $1",
            &values![id],
            &mut |row| {
                found.push(named_extraction(row)?);
                Ok(())
            },
        )?;
        one_of("extraction", &id.to_string(), found)
    }

    /// Says whether any event speaks of a URI.
    pub fn is_recorded_uri(&mut self, uri: &str) -> Result<bool> {
        let sql =
            "SELECT COUNT(*) FROM (SELECT 1 FROM events WHERE source_key = $1 LIMIT 1) AS one";
        Ok(self.count(sql, &values![UriKey::of(uri)])? > 0)
    }

    /// Reads the payloads of one kind of event that are not erased, with their URIs. The whole record is read.
    fn each_payload(&mut self, kind: &str, each: &mut dyn FnMut(String, Json)) -> Result<()> {
        self.engine.query(
            "SELECT source_uri, payload FROM events WHERE kind = $1 AND payload IS NOT NULL \
             AND source_uri IS NOT NULL",
            &values![kind],
            &mut |row| {
                each(row.get(0)?, row.get(1)?);
                Ok(())
            },
        )
    }

    /// Reads the extractions of a source with what made them, by profile, type and ordinal.
    pub fn extraction_origins(&mut self, source: SourceId) -> Result<Vec<ExtractionOrigin>> {
        let mut origins = Vec::new();
        self.engine.query(
            "SELECT id, profile, extraction_type, ordinal, data, content, entities_extracted, job_id, \
             created_at, body_digest, profile_digest, recognizer_digest, (SELECT COUNT(*) \
             FROM extraction_entities WHERE extraction_entities.extraction_id = extractions.id) \
             FROM extractions WHERE source_id = $1 \
             ORDER BY profile COLLATE \"C\", extraction_type COLLATE \"C\", ordinal",
            &values![source],
            &mut |row| {
                origins.push(ExtractionOrigin {
                    id: row.get(0)?,
                    profile: row.get(1)?,
                    extraction_type: row.get(2)?,
                    ordinal: row.get(3)?,
                    data: row.get(4)?,
                    text: row.get(5)?,
                    entities_extracted: row.get(6)?,
                    job: row.get(7)?,
                    created_at: row.get(8)?,
                    body_digest: row.get(9)?,
                    profile_digest: row.get(10)?,
                    recognizer_digest: row.get(11)?,
                    mentions: row.get(12)?,
                });
                Ok(())
            },
        )?;
        Ok(origins)
    }

    /// Reads the mentions in one extraction's text, by place.
    pub fn mentions_in(&mut self, extraction: ExtractionId) -> Result<Vec<MentionOrigin>> {
        let mut mentions = Vec::new();
        self.engine.query(
            "SELECT entities.entity_type, entities.normalized_value, extraction_entities.role, \
             extraction_entities.span_start, extraction_entities.span_end, \
             extraction_entities.surface, extraction_entities.recognizer, \
             extraction_entities.score FROM extraction_entities \
             JOIN entities ON entities.id = extraction_entities.entity_id \
             WHERE extraction_entities.extraction_id = $1 \
             ORDER BY extraction_entities.span_start, extraction_entities.span_end, \
             entities.entity_type COLLATE \"C\", entities.normalized_value COLLATE \"C\", \
             extraction_entities.role COLLATE \"C\", extraction_entities.recognizer COLLATE \"C\"",
            &values![extraction],
            &mut |row| {
                mentions.push(MentionOrigin {
                    entity_type: row.get(0)?,
                    normalized_value: row.get(1)?,
                    role: row.get(2)?,
                    start: row.get(3)?,
                    end: row.get(4)?,
                    surface: row.get(5)?,
                    recognizer: row.get(6)?,
                    score: row.get(7)?,
                });
                Ok(())
            },
        )?;
        Ok(mentions)
    }
}

/// Returns the only one of what was found.
fn one_of<T>(noun: &'static str, given: &str, mut found: Vec<T>) -> Result<T> {
    let given = given.to_owned();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::NotFound { noun, given }),
        _ => Err(Error::Ambiguous { noun, given }),
    }
}
