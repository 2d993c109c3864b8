//! The list of entities: what is named, by how many mentions in how many sources.

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::EntityId;
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
