//! Entities and their mentions: one row a distinct thing in a group, linked with its spans.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{EntityId, EntityType, ExtractionId, Mention, Timestamp, UriKey};

/// A row of `entities` with how often it is mentioned.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityRow {
    pub id: EntityId,
    pub source_group: String,
    pub entity_type: String,
    pub value: String,
    pub normalized_value: String,
    pub mentions: i64,
    pub sources: i64,
}

impl Store {
    /// Puts `mentions` in the place of an extraction's earlier ones; entities that nothing mentions any
    /// more go.
    pub(super) fn replace_mentions(
        &mut self,
        extraction: ExtractionId,
        source_group: &str,
        mentions: &[&Mention],
        at: Timestamp,
    ) -> Result<()> {
        let before = self.drop_mentions(extraction)?;
        // In the order of the unique key: upserts in different orders deadlock.
        let mut distinct: BTreeMap<(EntityType, UriKey), &Mention> = BTreeMap::new();
        for mention in mentions {
            let key = UriKey::of(&mention.normalized);
            distinct
                .entry((mention.entity_type, key))
                .or_insert(mention);
        }
        let mut ids = BTreeMap::new();
        for ((entity_type, key), mention) in distinct {
            let id = self.put_entity(source_group, entity_type, key, mention, at)?;
            ids.insert((entity_type, key), id);
        }
        for mention in mentions {
            let Some(entity) = ids.get(&(mention.entity_type, UriKey::of(&mention.normalized)))
            else {
                continue;
            };
            self.engine.execute(
                "INSERT INTO extraction_entities (extraction_id, entity_id, role, span_start, span_end, \
                 surface, score, recognizer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (extraction_id, entity_id, role, span_start, recognizer) DO NOTHING",
                &values![
                    extraction,
                    *entity,
                    mention.role.as_str(),
                    mention.start as i64,
                    mention.end as i64,
                    &mention.surface,
                    mention.score,
                    mention.recognizer,
                ],
            )?;
        }
        let kept: BTreeSet<EntityId> = ids.into_values().collect();
        let gone: BTreeSet<EntityId> = before.difference(&kept).copied().collect();
        self.drop_unmentioned(&gone)
    }

    fn put_entity(
        &mut self,
        source_group: &str,
        entity_type: EntityType,
        key: UriKey,
        mention: &Mention,
        at: Timestamp,
    ) -> Result<EntityId> {
        let lock = self.engine.row_lock_suffix();
        let find = format!(
            "SELECT id FROM entities WHERE source_group = $1 AND entity_type = $2 \
             AND normalized_key = $3{lock}"
        );
        loop {
            let id = EntityId::new();
            let inserted = self.engine.execute(
                "INSERT INTO entities (id, source_group, entity_type, normalized_key, value, \
                 normalized_value, attributes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (source_group, entity_type, normalized_key) DO NOTHING",
                &values![
                    id,
                    source_group,
                    entity_type.as_str(),
                    key,
                    &mention.surface,
                    &mention.normalized,
                    &mention.attributes,
                    at,
                ],
            )?;
            if inserted == 1 {
                return Ok(id);
            }
            // Held until the mention is committed: another worker may be taking the entity away because
            // nothing mentions it. When it has, there is nothing to find and the row is made again.
            let mut found: Option<EntityId> = None;
            self.engine.query(
                &find,
                &values![source_group, entity_type.as_str(), key],
                &mut |row| {
                    found = row.get(0)?;
                    Ok(())
                },
            )?;
            if let Some(id) = found {
                return Ok(id);
            }
        }
    }

    /// Takes an extraction's mentions away and returns the entities they named.
    pub(super) fn drop_mentions(&mut self, extraction: ExtractionId) -> Result<BTreeSet<EntityId>> {
        let mut entities = BTreeSet::new();
        self.engine.query(
            "SELECT DISTINCT entity_id FROM extraction_entities WHERE extraction_id = $1",
            &values![extraction],
            &mut |row| {
                entities.insert(row.get(0)?);
                Ok(())
            },
        )?;
        if !entities.is_empty() {
            self.engine.execute(
                "DELETE FROM extraction_entities WHERE extraction_id = $1",
                &values![extraction],
            )?;
        }
        Ok(entities)
    }

    /// Takes those of `entities` away that nothing mentions.
    ///
    /// Each is locked by a statement of its own first: a DELETE that waits for another worker goes on with
    /// what it saw before it waited, and would take that worker's mentions along.
    pub(super) fn drop_unmentioned(&mut self, entities: &BTreeSet<EntityId>) -> Result<()> {
        let lock = self.engine.row_lock_suffix();
        let hold = format!("SELECT id FROM entities WHERE id = $1{lock}");
        for entity in entities {
            self.engine
                .query(&hold, &values![*entity], &mut |_| Ok(()))?;
            self.engine.execute(
                "DELETE FROM entities WHERE id = $1 AND NOT EXISTS \
                 (SELECT 1 FROM extraction_entities WHERE entity_id = entities.id)",
                &values![*entity],
            )?;
        }
        Ok(())
    }

    /// Reads every entity with its counts, by group, type and normal form.
    pub fn entities(
        &mut self,
        group: Option<&str>,
        entity_type: Option<&str>,
        each: &mut dyn FnMut(EntityRow) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT entities.id, entities.source_group, entities.entity_type, entities.value, \
             entities.normalized_value, COUNT(*), COUNT(DISTINCT extractions.source_id) \
             FROM entities \
             JOIN extraction_entities ON extraction_entities.entity_id = entities.id \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE (entities.source_group = $1 OR $2) AND (entities.entity_type = $3 OR $4) \
             GROUP BY entities.id, entities.source_group, entities.entity_type, entities.value, \
             entities.normalized_value \
             ORDER BY entities.source_group COLLATE \"C\", entities.entity_type COLLATE \"C\", \
             entities.normalized_value COLLATE \"C\"",
            &values![group, group.is_none(), entity_type, entity_type.is_none()],
            &mut |row| {
                each(EntityRow {
                    id: row.get(0)?,
                    source_group: row.get(1)?,
                    entity_type: row.get(2)?,
                    value: row.get(3)?,
                    normalized_value: row.get(4)?,
                    mentions: row.get(5)?,
                    sources: row.get(6)?,
                })
            },
        )
    }
}
