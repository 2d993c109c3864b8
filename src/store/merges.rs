//! Entities that a user has said to be one: the mentions move, and what is found later follows.
//!
//! A merge goes by normal forms and not by rows, so it holds whatever is extracted again or comes back.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Store;
use super::entities::{EntityKey, EntityRow};
use super::error::{Error, Result};
use super::events::Invocation;
use super::value::values;
use crate::model::{EntityId, Event, EventKind, Timestamp, UriKey};

/// What a merged entity is now.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub entity_type: String,
    pub key: UriKey,
    pub value: String,
    pub normalized: String,
    pub attributes: Json,
}

/// A normal form that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedName {
    pub entity_type: String,
    pub normalized_value: String,
    pub merged_at: Timestamp,
}

/// One mention of an entity, with where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionRow {
    pub uri: String,
    pub profile: String,
    pub extraction_type: String,
    pub ordinal: i64,
    pub role: String,
    pub start: i64,
    pub end: i64,
    pub surface: String,
    pub score: Option<f64>,
    pub recognizer: String,
    pub extraction: crate::model::ExtractionId,
}

impl Store {
    /// Returns what the merged of `keys` are now.
    pub(super) fn targets_among<'a>(
        &mut self,
        keys: &[EntityKey<'a>],
    ) -> Result<BTreeMap<EntityKey<'a>, Target>> {
        let mut targets = BTreeMap::new();
        if self.count(
            "SELECT COUNT(*) FROM (SELECT 1 FROM entity_merges LIMIT 1) AS one",
            &[],
        )? == 0
        {
            return Ok(targets);
        }
        let mut alike: BTreeMap<(&'a str, &'a str), Vec<UriKey>> = BTreeMap::new();
        for (group, entity_type, key) in keys {
            alike.entry((group, entity_type)).or_default().push(*key);
        }
        for ((group, entity_type), keys) in alike {
            self.query_among(
                "SELECT normalized_key, target_type, target_key, target_value, target_normalized_value, \
                 target_attributes FROM entity_merges WHERE source_group = $1 AND entity_type = $2 \
                 AND normalized_key",
                "",
                &values![group, entity_type],
                &keys,
                &mut |row| {
                    let target = Target {
                        entity_type: row.get(1)?,
                        key: row.get(2)?,
                        value: row.get(3)?,
                        normalized: row.get(4)?,
                        attributes: row.get(5)?,
                    };
                    targets.insert((group, entity_type, row.get(0)?), target);
                    Ok(())
                },
            )?;
        }
        Ok(targets)
    }

    /// Makes `others` the same entity as `kept`: their mentions become its own, as an event.
    pub fn merge_entities(
        &mut self,
        kept: EntityId,
        others: &[EntityId],
        invocation: &Invocation,
        at: Timestamp,
    ) -> Result<()> {
        self.transaction("merge_entities", |store| {
            let lock = store.engine.row_lock_suffix();
            let mut ids: Vec<EntityId> = others.iter().copied().chain([kept]).collect();
            ids.sort_unstable();
            ids.dedup();
            for id in &ids {
                let hold = format!("SELECT id FROM entities WHERE id = $1{lock}");
                store.engine.query(&hold, &values![*id], &mut |_| Ok(()))?;
            }
            let target = store.entity(kept)?;
            store.open_run(&invocation.run(None, &Json::Null, at))?;
            for other in ids.into_iter().filter(|id| *id != kept) {
                let merged = store.entity(other)?;
                if merged.source_group != target.source_group {
                    return Err(Error::OtherGroup {
                        given: merged.normalized_value,
                        group: merged.source_group,
                        kept: target.source_group,
                    });
                }
                store.merge_entity(&target, &merged, at)?;
            }
            store.close_run(at)?;
            Ok(())
        })
    }

    fn merge_entity(
        &mut self,
        target: &EntityRow,
        merged: &EntityRow,
        at: Timestamp,
    ) -> Result<()> {
        // A mention that both were found in stays one.
        self.engine.execute(
            "DELETE FROM extraction_entities WHERE entity_id = $1 AND EXISTS \
             (SELECT 1 FROM extraction_entities AS same WHERE same.entity_id = $2 \
             AND same.extraction_id = extraction_entities.extraction_id \
             AND same.role = extraction_entities.role \
             AND same.span_start = extraction_entities.span_start \
             AND same.recognizer = extraction_entities.recognizer)",
            &values![merged.id, target.id],
        )?;
        let moved = self.engine.execute(
            "UPDATE extraction_entities SET entity_id = $1 WHERE entity_id = $2",
            &values![target.id, merged.id],
        )?;
        // Whatever was merged into it before follows it, and a merge the other way is taken back.
        let target_key = UriKey::of(&target.normalized_value);
        let merged_key = UriKey::of(&merged.normalized_value);
        self.engine.execute(
            "DELETE FROM entity_merges WHERE source_group = $1 AND entity_type = $2 AND normalized_key = $3",
            &values![&target.source_group, &target.entity_type, target_key],
        )?;
        self.engine.execute(
            "UPDATE entity_merges SET target_type = $1, target_key = $2, target_value = $3, \
             target_normalized_value = $4, target_attributes = $5 \
             WHERE source_group = $6 AND target_type = $7 AND target_key = $8",
            &values![
                &target.entity_type,
                target_key,
                &target.value,
                &target.normalized_value,
                &target.attributes,
                &target.source_group,
                &merged.entity_type,
                merged_key,
            ],
        )?;
        self.engine.execute(
            "INSERT INTO entity_merges (source_group, entity_type, normalized_key, normalized_value, \
             target_type, target_key, target_value, target_normalized_value, target_attributes, merged_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &values![
                &target.source_group,
                &merged.entity_type,
                merged_key,
                &merged.normalized_value,
                &target.entity_type,
                target_key,
                &target.value,
                &target.normalized_value,
                &target.attributes,
                at,
            ],
        )?;
        self.engine
            .execute("DELETE FROM entities WHERE id = $1", &values![merged.id])?;
        let payload = json!({
            "source_group": target.source_group,
            "kept": {"type": target.entity_type, "normalized_value": target.normalized_value},
            "merged": {"type": merged.entity_type, "normalized_value": merged.normalized_value,
                       "value": merged.value, "attributes": merged.attributes},
            "mentions": moved,
        });
        self.record(&Event {
            kind: EventKind::EntityMerged,
            source_uri: None,
            payload,
            at,
        })
    }

    /// Returns the normal forms that were merged into an entity.
    pub fn merged_names(&mut self, entity: &EntityRow) -> Result<Vec<MergedName>> {
        let mut names = Vec::new();
        self.engine.query(
            "SELECT entity_type, normalized_value, merged_at FROM entity_merges WHERE source_group = $1 \
             AND target_type = $2 AND target_key = $3 \
             ORDER BY entity_type COLLATE \"C\", normalized_value COLLATE \"C\"",
            &values![
                &entity.source_group,
                &entity.entity_type,
                UriKey::of(&entity.normalized_value)
            ],
            &mut |row| {
                names.push(MergedName {
                    entity_type: row.get(0)?,
                    normalized_value: row.get(1)?,
                    merged_at: row.get(2)?,
                });
                Ok(())
            },
        )?;
        Ok(names)
    }

    /// Returns the mentions of an entity by source and place.
    pub fn mentions_of(&mut self, entity: EntityId) -> Result<Vec<MentionRow>> {
        let mut mentions = Vec::new();
        self.engine.query(
            "SELECT sources.uri, extractions.profile, extractions.extraction_type, extractions.ordinal, \
             extraction_entities.role, extraction_entities.span_start, extraction_entities.span_end, \
             extraction_entities.surface, extraction_entities.score, extraction_entities.recognizer, \
             extractions.id FROM extraction_entities \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             JOIN sources ON sources.id = extractions.source_id \
             WHERE extraction_entities.entity_id = $1 \
             ORDER BY sources.uri COLLATE \"C\", extractions.profile COLLATE \"C\", \
             extractions.extraction_type COLLATE \"C\", extractions.ordinal, \
             extraction_entities.span_start, extraction_entities.recognizer COLLATE \"C\"",
            &values![entity],
            &mut |row| {
                mentions.push(MentionRow {
                    uri: row.get(0)?,
                    profile: row.get(1)?,
                    extraction_type: row.get(2)?,
                    ordinal: row.get(3)?,
                    role: row.get(4)?,
                    start: row.get(5)?,
                    end: row.get(6)?,
                    surface: row.get(7)?,
                    score: row.get(8)?,
                    recognizer: row.get(9)?,
                    extraction: row.get(10)?,
                });
                Ok(())
            },
        )?;
        Ok(mentions)
    }
}
