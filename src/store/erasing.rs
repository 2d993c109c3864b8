//! A source's content taken away on request: its bodies, its texts, what was read out of them, and what the
//! record says of them.
//!
//! What stays is that there was such a source: its URI, its times, which jobs touched it, the digests and
//! sizes of what it held. A payload that goes leaves its digest in its chain, and one event names every one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::Store;
use super::dropping::{UnusedBody, bodies_json, unused_body};
use super::error::{Error, Result};
use super::events::Invocation;
use super::value::values;
use crate::model::{
    Digest, EntityId, Event, EventKind, ExtractionId, GapId, JobId, Reason, RunId, SourceId,
    Timestamp, UriKey,
};

/// What was taken away with a source's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    pub uri: String,
    pub bodies: Vec<UnusedBody>,
    /// Contents that stay because another source has them now.
    pub shared: Vec<Digest>,
    pub extractions: i64,
    pub mentions: i64,
    pub entities: i64,
    pub gaps: i64,
    pub payloads: i64,
    /// Files that a job wrote and that may hold it still.
    pub archives: Vec<String>,
}

impl Erasure {
    /// Says whether there was nothing left to take away.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.extractions + self.payloads == 0
    }
}

/// A content that the record names, and since when.
struct Version {
    digest: Digest,
    size: Option<i64>,
    first_seen: Timestamp,
    job: Option<JobId>,
}

/// An entity by what tells it from others of its group.
#[derive(Clone, PartialEq, Eq)]
struct Name {
    entity_type: String,
    normalized: String,
}

impl Store {
    /// Takes a source's content away in one transaction and a run of its own; refuses while a job has still
    /// to extract it, for that job's books would not close.
    pub fn erase_source(
        &mut self,
        id: SourceId,
        why: Option<&str>,
        invocation: &Invocation,
        at: Timestamp,
    ) -> Result<Erasure> {
        self.transaction("erase_source", |store| {
            let lock = store.engine.row_lock_suffix();
            let hold = format!("SELECT id FROM sources WHERE id = $1{lock}");
            store.engine.query(&hold, &values![id], &mut |_| Ok(()))?;
            let facts = store.source_facts(id)?;
            let key = UriKey::of(&facts.uri);
            store.refuse_while_selected(id)?;
            let versions = store.recorded_versions(key)?;
            let mut erasure = Erasure {
                uri: facts.uri.clone(),
                archives: store.archives_with(key)?,
                ..Erasure::default()
            };
            let gone = store.erase_texts(id, &facts.source_group, &mut erasure)?;
            store.erase_columns(id, key, &mut erasure)?;
            let digests = versions.iter().map(|version| version.digest);
            let digests: BTreeSet<Digest> = digests.chain(facts.body_digest).collect();
            store.erase_bodies(&digests.into_iter().collect::<Vec<_>>(), &mut erasure)?;
            let mut payloads = store
                .erase_payloads("source_key = $1 AND kind <> 'source_erased'", &values![key])?;
            payloads.extend(store.erase_merges(&facts.source_group, gone)?);
            erasure.payloads = payloads.len() as i64;
            if erasure.is_empty() {
                return Ok(erasure);
            }
            store.open_run(&invocation.run(None, &Json::Null, at))?;
            store.record(&Event {
                kind: EventKind::SourceErased,
                source_uri: Some(facts.uri.clone()),
                payload: json!({
                    "why": why,
                    "versions": versions_json(&versions),
                    "bodies": bodies_json(&erasure.bodies),
                    "shared_bodies": erasure.shared,
                    "extractions": erasure.extractions,
                    "mentions": erasure.mentions,
                    "entities": erasure.entities,
                    "gaps": erasure.gaps,
                    "payloads": payloads_json(&payloads),
                }),
                at,
            })?;
            store.note_absence(id, key, at)?;
            store.close_run(at)?;
            Ok(erasure)
        })
    }

    fn refuse_while_selected(&mut self, id: SourceId) -> Result<()> {
        let lock = self.engine.row_lock_suffix();
        let mut selected: Option<JobId> = None;
        self.engine.query(
            &format!(
                "SELECT job_id, state FROM passes WHERE source_id = $1 ORDER BY profile{lock}"
            ),
            &values![id],
            &mut |row| {
                if row.get::<String>(1)? == "pending" {
                    selected = selected.or(row.get(0)?);
                }
                Ok(())
            },
        )?;
        selected.map_or(Ok(()), |job| Err(Error::Selected { job }))
    }

    /// Reads every content that the record names of a URI, by when it was first seen.
    fn recorded_versions(&mut self, key: UriKey) -> Result<Vec<Version>> {
        let mut versions: Vec<Version> = Vec::new();
        self.engine.query(
            "SELECT events.payload, events.at, runs.job_id FROM events \
             JOIN runs ON runs.id = events.run_id \
             WHERE events.source_key = $1 AND events.payload IS NOT NULL AND events.kind IN \
             ('source_created', 'source_changed', 'source_unchanged', 'url_skipped') \
             ORDER BY runs.started_at, runs.id, events.sequence",
            &values![key],
            &mut |row| {
                let payload: Json = row.get(0)?;
                let digest = payload["body_digest"].as_str();
                let Some(digest) = digest.and_then(|text| text.parse().ok()) else {
                    return Ok(());
                };
                if versions.iter().all(|version| version.digest != digest) {
                    versions.push(Version {
                        digest,
                        size: payload["body_size"].as_i64(),
                        first_seen: row.get(1)?,
                        job: row.get(2)?,
                    });
                }
                Ok(())
            },
        )?;
        Ok(versions)
    }

    /// The archives that jobs which fetched a URI have written.
    fn archives_with(&mut self, key: UriKey) -> Result<Vec<String>> {
        let mut paths = Vec::new();
        self.engine.query(
            "SELECT DISTINCT archives.path FROM archives JOIN runs ON runs.job_id = archives.job_id \
             JOIN events ON events.run_id = runs.id WHERE events.source_key = $1 \
             ORDER BY archives.path",
            &values![key],
            &mut |row| {
                paths.push(row.get(0)?);
                Ok(())
            },
        )?;
        paths.sort();
        Ok(paths)
    }

    /// Takes the extractions away with their mentions, windows, blocks and gaps, and the entities that nothing
    /// mentions then, whose names are returned; those that stay are shown as they are written elsewhere.
    fn erase_texts(
        &mut self,
        id: SourceId,
        group: &str,
        erasure: &mut Erasure,
    ) -> Result<Vec<Name>> {
        let mut extractions: Vec<ExtractionId> = Vec::new();
        self.engine.query(
            "SELECT id FROM extractions WHERE source_id = $1 ORDER BY id",
            &values![id],
            &mut |row| {
                extractions.push(row.get(0)?);
                Ok(())
            },
        )?;
        erasure.extractions = extractions.len() as i64;
        erasure.mentions = self.count(
            "SELECT COUNT(*) FROM extraction_entities JOIN extractions \
             ON extractions.id = extraction_entities.extraction_id WHERE extractions.source_id = $1",
            &values![id],
        )?;
        let named = self.drop_mentions(&extractions)?;
        let ids: Vec<EntityId> = named.iter().copied().collect();
        let mut gone = self.names_of(&ids)?;
        self.drop_unmentioned(&named)?;
        let stay = self.names_of(&ids)?;
        gone.retain(|id, _| !stay.contains_key(id));
        erasure.entities = gone.len() as i64;
        let stay: Vec<EntityId> = stay.into_keys().collect();
        self.execute_among(
            "UPDATE entities SET value = (SELECT MIN(extraction_entities.surface COLLATE \"C\") \
             FROM extraction_entities WHERE extraction_entities.entity_id = entities.id) \
             WHERE NOT EXISTS (SELECT 1 FROM extraction_entities \
             WHERE extraction_entities.entity_id = entities.id \
             AND extraction_entities.surface = entities.value) AND id",
            "",
            &[],
            &stay,
        )?;
        self.engine.execute(
            "UPDATE entity_merges SET target_value = (SELECT entities.value FROM entities \
             WHERE entities.source_group = entity_merges.source_group \
             AND entities.entity_type = entity_merges.target_type \
             AND entities.normalized_key = entity_merges.target_key) \
             WHERE source_group = $1 AND EXISTS (SELECT 1 FROM entities \
             WHERE entities.source_group = entity_merges.source_group \
             AND entities.entity_type = entity_merges.target_type \
             AND entities.normalized_key = entity_merges.target_key)",
            &values![group],
        )?;
        // The lists of words are not by source, and a word of an earlier text may still be in one.
        self.empty_search_index()?;
        self.engine
            .execute("DELETE FROM extractions WHERE source_id = $1", &values![id])?;
        Ok(gone.into_values().collect())
    }

    fn names_of(&mut self, entities: &[EntityId]) -> Result<BTreeMap<EntityId, Name>> {
        let mut names = BTreeMap::new();
        self.query_among(
            "SELECT id, entity_type, normalized_value FROM entities WHERE id",
            "",
            &[],
            entities,
            &mut |row| {
                let name = Name {
                    entity_type: row.get(1)?,
                    normalized: row.get(2)?,
                };
                names.insert(row.get(0)?, name);
                Ok(())
            },
        )?;
        Ok(names)
    }

    /// Takes away what rows beside the texts say of the content. The passes stay, given back: a worker that is
    /// on one must not make it anew.
    fn erase_columns(&mut self, id: SourceId, key: UriKey, erasure: &mut Erasure) -> Result<()> {
        erasure.gaps = self.engine.execute(
            "DELETE FROM gaps WHERE source_id = $1 OR what = $2",
            &values![id, key],
        )? as i64;
        self.engine
            .execute("DELETE FROM links WHERE source_id = $1", &values![id])?;
        self.engine.execute(
            "UPDATE passes SET state = 'pending', job_id = NULL, worker_id = NULL, \
             attempt = attempt + 1, body_digest = NULL, profile_digest = NULL, passed_at = NULL, \
             extraction_count = 0, mention_count = 0, gap_count = 0 WHERE source_id = $1",
            &values![id],
        )?;
        self.engine.execute(
            "UPDATE frontier SET detail = NULL WHERE source_id = $1",
            &values![id],
        )?;
        self.engine.execute(
            "UPDATE sources SET title = NULL, body_digest = NULL, body_size = NULL, charset = NULL, \
             charset_source = NULL, etag = NULL, last_modified = NULL, canonical_uri = NULL, \
             language = NULL, extractable = FALSE, unpassed_reason = NULL WHERE id = $1",
            &values![id],
        )?;
        Ok(())
    }

    fn erase_bodies(&mut self, digests: &[Digest], erasure: &mut Erasure) -> Result<()> {
        let hold = format!(" ORDER BY digest{}", self.engine.row_lock_suffix());
        let mut kept: Vec<UnusedBody> = Vec::new();
        self.query_among(
            "SELECT digest, size, length(content) FROM bodies WHERE digest",
            &hold,
            &[],
            digests,
            &mut |row| {
                kept.push(unused_body(row)?);
                Ok(())
            },
        )?;
        let gone = self.drop_if_unused(digests)?;
        let (dropped, shared): (Vec<_>, Vec<_>) = kept
            .into_iter()
            .partition(|body| gone.contains(&body.digest));
        erasure.bodies = dropped;
        erasure.shared = shared.into_iter().map(|body| body.digest).collect();
        Ok(())
    }

    /// Takes the payloads of those events away that `condition` means; returns which.
    fn erase_payloads(
        &mut self,
        condition: &str,
        parameters: &[super::value::Value<'_>],
    ) -> Result<Vec<(RunId, i64)>> {
        let mut payloads = Vec::new();
        self.engine.query(
            &format!(
                "UPDATE events SET payload = NULL WHERE {condition} AND payload IS NOT NULL \
                 RETURNING run_id, sequence"
            ),
            parameters,
            &mut |row| {
                payloads.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        Ok(payloads)
    }

    /// Takes away what a user said of names that are gone: the merges into them, and the payloads that told of
    /// those; returns which.
    fn erase_merges(&mut self, group: &str, gone: Vec<Name>) -> Result<Vec<(RunId, i64)>> {
        let mut told: Vec<(RunId, i64)> = Vec::new();
        let mut names = gone.clone();
        for target in gone {
            self.engine.query(
                "DELETE FROM entity_merges WHERE source_group = $1 AND target_type = $2 \
                 AND target_key = $3 RETURNING entity_type, normalized_value",
                &values![group, &target.entity_type, UriKey::of(&target.normalized)],
                &mut |row| {
                    names.push(Name {
                        entity_type: row.get(0)?,
                        normalized: row.get(1)?,
                    });
                    Ok(())
                },
            )?;
        }
        if names.is_empty() {
            return Ok(told);
        }
        self.engine.query(
            "SELECT run_id, sequence, payload FROM events WHERE kind = 'entity_merged' \
             AND payload IS NOT NULL ORDER BY run_id, sequence",
            &[],
            &mut |row| {
                let payload: Json = row.get(2)?;
                let is_named = ["kept", "merged"].iter().any(|part| {
                    let name = &payload[*part];
                    names.iter().any(|one| {
                        name["type"].as_str() == Some(one.entity_type.as_str())
                            && name["normalized_value"].as_str() == Some(one.normalized.as_str())
                    })
                });
                if is_named && payload["source_group"].as_str() == Some(group) {
                    told.push((row.get(0)?, row.get(1)?));
                }
                Ok(())
            },
        )?;
        for (run, sequence) in &told {
            self.erase_payloads("run_id = $1 AND sequence = $2", &values![*run, *sequence])?;
        }
        Ok(told)
    }

    /// Says where the content is missed that it was taken away on purpose, until a later job stores it again.
    fn note_absence(&mut self, id: SourceId, key: UriKey, at: Timestamp) -> Result<()> {
        let reason = Reason::Erased;
        self.engine.execute(
            "INSERT INTO gaps (id, stage, reason, class, what, position, uri, source_group, source_id, \
             detail, attempts, first_seen, last_seen) SELECT $1, $2, $3, $4, $5, '', sources.uri, \
             sources.source_group, sources.id, '', 1, $6, $6 FROM sources WHERE sources.id = $7",
            &values![
                GapId::new(),
                reason.stage().as_str(),
                reason.as_str(),
                reason.class().as_str(),
                key,
                at,
                id,
            ],
        )?;
        Ok(())
    }
}

fn versions_json(versions: &[Version]) -> Json {
    let named = versions.iter().map(|version| {
        json!({
            "body_digest": version.digest,
            "body_size": version.size,
            "first_seen": version.first_seen,
            "job_id": version.job,
        })
    });
    named.collect()
}

/// How the event names the payloads that went: by run, with the events' numbers.
fn payloads_json(payloads: &[(RunId, i64)]) -> Json {
    let mut sorted = payloads.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|one, next| one.0 == next.0).map(|events| {
        let sequences: Vec<i64> = events.iter().map(|(_, sequence)| *sequence).collect();
        json!({"run_id": events.first().map(|(run, _)| *run), "sequences": sequences})
    });
    runs.collect()
}
