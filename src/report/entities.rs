//! The list of entities: what is named, by how many mentions in how many sources; and one of them with all its
//! mentions.

use serde::Serialize;
use serde_json::Value as Json;

use super::line::{Line as _, lines, table};
use super::{Report, Table};
use crate::model::{EntityId, ExtractionId, Timestamp};
use crate::store::{EntityRow, Result, Store};

lines! {
    /// One entity.
    EntityLine {
        source_group: String => text;
        entity_type: String => text;
        normalized_value: String => text;
        /// As it was written where it was found first; which place that is depends on the order of arrival.
        value: String => text.volatile;
        mentions: i64 => number;
        sources: i64 => number;
        id: EntityId => id;
    }
}

lines! {
    /// One mention of an entity.
    MentionLine {
        uri: String => text;
        profile: String => text;
        extraction_type: String => text;
        ordinal: i64 => number;
        role: String => text;
        /// First byte in the extraction's text.
        start: i64 => number;
        end: i64 => number;
        surface: String => text;
        score: Option<f64> => number;
        recognizer: String => text;
        extraction_id: ExtractionId => id;
    }

    /// A normal form that was merged into an entity.
    MergedLine {
        entity_type: String => text;
        normalized_value: String => text;
        merged_at: Timestamp => time;
    }
}

/// `entities show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityReport {
    pub entity: EntityLine,
    pub attributes: Json,
    pub merged: Vec<MergedLine>,
    pub mentions: Vec<MentionLine>,
}

/// Reads one entity with every mention.
pub fn entity(store: &mut Store, id: EntityId) -> Result<EntityReport> {
    store.snapshot(|store| {
        let row = store.entity(id)?;
        let merged = store.merged_names(&row)?.into_iter();
        let mentions = store.mentions_of(id)?.into_iter();
        Ok(EntityReport {
            merged: merged
                .map(|name| MergedLine {
                    entity_type: name.entity_type,
                    normalized_value: name.normalized_value,
                    merged_at: name.merged_at,
                })
                .collect(),
            mentions: mentions
                .map(|mention| MentionLine {
                    uri: mention.uri,
                    profile: mention.profile,
                    extraction_type: mention.extraction_type,
                    ordinal: mention.ordinal,
                    role: mention.role,
                    start: mention.start,
                    end: mention.end,
                    surface: mention.surface,
                    score: mention.score,
                    recognizer: mention.recognizer,
                    extraction_id: mention.extraction,
                })
                .collect(),
            attributes: row.attributes.clone(),
            entity: EntityLine::from(row),
        })
    })
}

impl Report for EntityReport {
    fn tables(&self) -> Vec<Table> {
        let mut entity = Table::new("entity", "", EntityLine::columns());
        entity.push(self.entity.cells());
        vec![
            entity,
            table("merged", "No other name was merged into it.", &self.merged),
            table("mentions", "Nothing mentions it.", &self.mentions),
        ]
    }
}

/// `entities list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntitiesReport {
    pub rows: Vec<EntityLine>,
}

/// Reads the entities by group, type and normal form; of one group or one type, if asked.
pub fn entities(
    store: &mut Store,
    group: Option<&str>,
    entity_type: Option<&str>,
) -> Result<EntitiesReport> {
    let mut rows = Vec::new();
    store.entities(group, entity_type, &mut |row| {
        rows.push(EntityLine::from(row));
        Ok(())
    })?;
    Ok(EntitiesReport { rows })
}

impl From<EntityRow> for EntityLine {
    fn from(row: EntityRow) -> Self {
        Self {
            source_group: row.source_group,
            entity_type: row.entity_type,
            normalized_value: row.normalized_value,
            value: row.value,
            mentions: row.mentions,
            sources: row.sources,
            id: row.id,
        }
    }
}

impl Report for EntitiesReport {
    fn tables(&self) -> Vec<Table> {
        vec![table("entities", "No entity is stored.", &self.rows)]
    }
}
