//! Entities and their mentions: one row a distinct thing in a group, linked with its spans.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Store;
use super::error::{Error, Result};
use super::results::StoredText;
use super::value::values;
use crate::model::{EntityId, ExtractionId, Mention, Timestamp, UriKey};

/// A row of `entities` with how often it is mentioned.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityRow {
    pub id: EntityId,
    pub source_group: String,
    pub entity_type: String,
    pub value: String,
    pub normalized_value: String,
    pub attributes: Json,
    pub mentions: i64,
    pub sources: i64,
}

/// What tells one entity from another: its group, its type and its normal form's key. Ordered as the unique key is: upserts in different orders deadlock.
pub(super) type EntityKey<'a> = (&'a str, &'a str, UriKey);

/// What the row of an entity is made of.
struct Named<'a> {
    value: &'a str,
    normalized: &'a str,
    attributes: &'a Json,
    at: Timestamp,
}

/// A mention on its way to its row.
struct Link<'a> {
    extraction: ExtractionId,
    entity: EntityKey<'a>,
    mention: &'a Mention,
    at: Timestamp,
}

impl Store {
    /// Stores the mentions of texts that have none, and the entities they name; returns those.
    pub(super) fn put_mentions(&mut self, texts: &[StoredText<'_>]) -> Result<BTreeSet<EntityId>> {
        let mut links: Vec<Link<'_>> = Vec::new();
        for stored in texts {
            links.extend(stored.mentions()?.into_iter().map(|mention| Link {
                extraction: stored.id,
                entity: (
                    stored.source_group,
                    mention.entity_type.as_str(),
                    UriKey::of(&mention.normalized),
                ),
                mention,
                at: stored.at,
            }));
        }
        let keys: BTreeSet<EntityKey<'_>> = links.iter().map(|link| link.entity).collect();
        let keys: Vec<EntityKey<'_>> = keys.into_iter().collect();
        let targets = self.targets_among(&keys)?;
        let mut distinct: BTreeMap<EntityKey<'_>, Named<'_>> = BTreeMap::new();
        for link in &mut links {
            let mention = link.mention;
            let mut named = Named {
                value: &mention.surface,
                normalized: &mention.normalized,
                attributes: &mention.attributes,
                at: link.at,
            };
            if let Some(target) = targets.get(&link.entity) {
                link.entity = (link.entity.0, &target.entity_type, target.key);
                named.value = &target.value;
                named.normalized = &target.normalized;
                named.attributes = &target.attributes;
            }
            distinct.entry(link.entity).or_insert(named);
        }
        let ids = self.put_entities(&distinct)?;
        let links: Vec<(EntityId, Link<'_>)> = links
            .into_iter()
            .filter_map(|link| Some((*ids.get(&link.entity)?, link)))
            .collect();
        self.insert_rows(
            "extraction_entities (extraction_id, entity_id, role, span_start, span_end, surface, score, \
             recognizer)",
            "ON CONFLICT (extraction_id, entity_id, role, span_start, recognizer) DO NOTHING",
            &links,
            |(entity, link)| {
                values![
                    link.extraction,
                    *entity,
                    link.mention.role.as_str(),
                    link.mention.start as i64,
                    link.mention.end as i64,
                    &link.mention.surface,
                    link.mention.score,
                    link.mention.recognizer,
                ]
            },
            &mut |_| Ok(()),
        )?;
        Ok(ids.into_values().collect())
    }

    /// Makes the entities that are not there yet, and holds those that are until the mentions are committed:
    /// another worker may be taking one away because nothing mentions it. When it has, there is nothing to find
    /// and the row is made again.
    fn put_entities<'a>(
        &mut self,
        distinct: &BTreeMap<EntityKey<'a>, Named<'_>>,
    ) -> Result<BTreeMap<EntityKey<'a>, EntityId>> {
        // Locked in one order, too.
        let hold = format!(" ORDER BY normalized_key{}", self.engine.row_lock_suffix());
        let mut ids: BTreeMap<EntityKey<'a>, EntityId> = BTreeMap::new();
        loop {
            let missing: Vec<(EntityId, EntityKey<'a>, &Named<'_>)> = distinct
                .iter()
                .filter(|(key, _)| !ids.contains_key(*key))
                .map(|(key, named)| (EntityId::new(), *key, named))
                .collect();
            if missing.is_empty() {
                return Ok(ids);
            }
            let mut made: BTreeSet<EntityId> = BTreeSet::new();
            self.insert_rows(
                "entities (id, source_group, entity_type, normalized_key, value, normalized_value, \
                 attributes, created_at)",
                "ON CONFLICT (source_group, entity_type, normalized_key) DO NOTHING RETURNING id",
                &missing,
                |(id, (group, entity_type, key), named)| {
                    values![
                        *id,
                        *group,
                        *entity_type,
                        *key,
                        named.value,
                        named.normalized,
                        named.attributes,
                        named.at,
                    ]
                },
                &mut |row| {
                    made.insert(row.get(0)?);
                    Ok(())
                },
            )?;
            let mut there: BTreeMap<(&str, &str), Vec<UriKey>> = BTreeMap::new();
            for (id, entity, ..) in missing {
                if made.contains(&id) {
                    ids.insert(entity, id);
                } else {
                    let (group, entity_type, key) = entity;
                    there.entry((group, entity_type)).or_default().push(key);
                }
            }
            for ((group, entity_type), keys) in there {
                self.query_among(
                    "SELECT id, normalized_key FROM entities WHERE source_group = $1 \
                     AND entity_type = $2 AND normalized_key",
                    &hold,
                    &values![group, entity_type],
                    &keys,
                    &mut |row| {
                        ids.insert((group, entity_type, row.get(1)?), row.get(0)?);
                        Ok(())
                    },
                )?;
            }
        }
    }

    /// Takes the mentions of extractions away and returns the entities they named.
    pub(super) fn drop_mentions(
        &mut self,
        extractions: &[ExtractionId],
    ) -> Result<BTreeSet<EntityId>> {
        let mut entities = BTreeSet::new();
        self.query_among(
            "SELECT DISTINCT entity_id FROM extraction_entities WHERE extraction_id",
            "",
            &[],
            extractions,
            &mut |row| {
                entities.insert(row.get(0)?);
                Ok(())
            },
        )?;
        if !entities.is_empty() {
            self.execute_among(
                "DELETE FROM extraction_entities WHERE extraction_id",
                "",
                &[],
                extractions,
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
             entities.normalized_value, entities.attributes, COUNT(*), \
             COUNT(DISTINCT extractions.source_id) \
             FROM entities \
             JOIN extraction_entities ON extraction_entities.entity_id = entities.id \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE (entities.source_group = $1 OR $2) AND (entities.entity_type = $3 OR $4) \
             GROUP BY entities.id, entities.source_group, entities.entity_type, entities.value, \
             entities.normalized_value, entities.attributes \
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
                    attributes: row.get(5)?,
                    mentions: row.get(6)?,
                    sources: row.get(7)?,
                })
            },
        )
    }

    /// Returns one entity.
    pub fn entity(&mut self, id: EntityId) -> Result<EntityRow> {
        let mut found = None;
        self.engine.query(
            "SELECT id, source_group, entity_type, value, normalized_value, attributes, \
             (SELECT COUNT(*) FROM extraction_entities WHERE entity_id = $1), \
             (SELECT COUNT(DISTINCT extractions.source_id) FROM extraction_entities \
             JOIN extractions ON extractions.id = extraction_entities.extraction_id \
             WHERE extraction_entities.entity_id = $1) FROM entities WHERE id = $1",
            &values![id],
            &mut |row| {
                found = Some(EntityRow {
                    id: row.get(0)?,
                    source_group: row.get(1)?,
                    entity_type: row.get(2)?,
                    value: row.get(3)?,
                    normalized_value: row.get(4)?,
                    attributes: row.get(5)?,
                    mentions: row.get(6)?,
                    sources: row.get(7)?,
                });
                Ok(())
            },
        )?;
        found.ok_or_else(|| Error::NotFound {
            noun: "entity",
            given: id.to_string(),
        })
    }
}
