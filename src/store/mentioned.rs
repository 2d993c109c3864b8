//! The mentions in the texts of one source.

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{ExtractionId, SourceId};

/// A mention and the entity that it names.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionedEntity {
    pub extraction: ExtractionId,
    /// First byte in the extraction's text.
    pub start: i64,
    pub end: i64,
    pub surface: String,
    pub score: Option<f64>,
    pub recognizer: String,
    pub entity_type: String,
    pub normalized_value: String,
}

impl Store {
    /// Reads the mentions in a source's texts, by place and then by what they name.
    pub fn mentions_in_source(
        &mut self,
        source: SourceId,
        each: &mut dyn FnMut(MentionedEntity) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT extractions.id, extraction_entities.span_start, extraction_entities.span_end, \
             extraction_entities.surface, extraction_entities.score, extraction_entities.recognizer, \
             entities.entity_type, entities.normalized_value FROM extractions \
             JOIN extraction_entities ON extraction_entities.extraction_id = extractions.id \
             JOIN entities ON entities.id = extraction_entities.entity_id \
             WHERE extractions.source_id = $1 \
             ORDER BY extraction_entities.span_start, extraction_entities.span_end, \
             entities.entity_type COLLATE \"C\", entities.normalized_value COLLATE \"C\", \
             extraction_entities.recognizer COLLATE \"C\"",
            &values![source],
            &mut |row| {
                each(MentionedEntity {
                    extraction: row.get(0)?,
                    start: row.get(1)?,
                    end: row.get(2)?,
                    surface: row.get(3)?,
                    score: row.get(4)?,
                    recognizer: row.get(5)?,
                    entity_type: row.get(6)?,
                    normalized_value: row.get(7)?,
                })
            },
        )
    }
}
