//! Bodies that no source has as its current content: which they are, how they are dropped, and who dropped
//! which when.
//!
//! Owns the record of what was dropped; a source's own content is taken away in `erasing.rs`.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::Store;
use super::error::Result;
use super::events::Invocation;
use super::value::{Row, values};
use crate::model::{Digest, Event, EventKind, Timestamp};

/// Bodies that go in one transaction, and that one event names.
const BODIES_AT_ONCE: i64 = 500;

/// A body that no source has as its current content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedBody {
    pub digest: Digest,
    /// Bytes as they were fetched, after content decoding.
    pub size: i64,
    /// Bytes that it takes in the database.
    pub stored_size: i64,
}

/// When a body was dropped, and by which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyDrop {
    pub at: Timestamp,
    pub command_line: String,
}

/// What no source has as its current content.
const UNUSED: &str = "NOT EXISTS (SELECT 1 FROM sources WHERE sources.body_digest = bodies.digest)";

impl Store {
    /// Reads the bodies that no source has as its current content, by digest.
    pub fn unused_bodies(&mut self) -> Result<Vec<UnusedBody>> {
        let mut unused = Vec::new();
        self.engine.query(
            &format!(
                "SELECT digest, size, length(content) FROM bodies WHERE {UNUSED} \
                 ORDER BY digest COLLATE \"C\""
            ),
            &[],
            &mut |row| {
                unused.push(unused_body(row)?);
                Ok(())
            },
        )?;
        Ok(unused)
    }

    /// Drops the bodies that no source has as its current content, some in a transaction, each time with an
    /// event that names them; returns what went, by digest.
    pub fn drop_unused_bodies(
        &mut self,
        invocation: &Invocation,
        at: Timestamp,
    ) -> Result<Vec<UnusedBody>> {
        let mut dropped: Vec<UnusedBody> = Vec::new();
        loop {
            let is_first = dropped.is_empty();
            let some = self.transaction("drop_bodies", |store| {
                let some = store.drop_some(at, is_first.then_some(invocation))?;
                if some.is_empty() && !is_first {
                    store.close_run(at)?;
                }
                Ok(some)
            })?;
            if some.is_empty() {
                return Ok(dropped);
            }
            dropped.extend(some);
        }
    }

    /// Drops some, in a run that is opened first when an invocation is given.
    fn drop_some(&mut self, at: Timestamp, opens: Option<&Invocation>) -> Result<Vec<UnusedBody>> {
        let mut held: Vec<UnusedBody> = Vec::new();
        let hold = format!(
            "SELECT digest, size, length(content) FROM bodies WHERE {UNUSED} \
             ORDER BY digest COLLATE \"C\" LIMIT $1{}",
            self.engine.row_lock_suffix()
        );
        self.engine
            .query(&hold, &values![BODIES_AT_ONCE], &mut |row| {
                held.push(unused_body(row)?);
                Ok(())
            })?;
        if held.is_empty() {
            return Ok(held);
        }
        if let Some(invocation) = opens {
            self.open_run(&invocation.run(None, &Json::Null, at))?;
        }
        let digests: Vec<Digest> = held.iter().map(|body| body.digest).collect();
        let gone = self.drop_if_unused(&digests)?;
        held.retain(|body| gone.contains(&body.digest));
        self.record(&Event {
            kind: EventKind::BodiesDropped,
            source_uri: None,
            payload: json!({"bodies": bodies_json(&held)}),
            at,
        })?;
        Ok(held)
    }

    /// Takes those bodies away that no source has now, and returns their digests. The rows must be held: a
    /// statement that waits for another worker goes on with what it saw before it waited.
    pub(super) fn drop_if_unused(&mut self, digests: &[Digest]) -> Result<Vec<Digest>> {
        let mut gone = Vec::new();
        self.query_among(
            "DELETE FROM bodies WHERE digest",
            &format!(" AND {UNUSED} RETURNING digest"),
            &[],
            digests,
            &mut |row| {
                gone.push(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(gone)
    }

    /// Looks up which of `digests` were dropped, and by whom last.
    pub fn body_drops(&mut self, digests: &[Digest]) -> Result<HashMap<Digest, BodyDrop>> {
        let mut drops = HashMap::new();
        if digests.is_empty() {
            return Ok(drops);
        }
        self.engine.query(
            "SELECT events.at, runs.command_line, events.payload FROM events \
             JOIN runs ON runs.id = events.run_id \
             WHERE events.kind IN ('bodies_dropped', 'source_erased') AND events.payload IS NOT NULL \
             ORDER BY runs.started_at, runs.id, events.sequence",
            &[],
            &mut |row| {
                let payload: Json = row.get(2)?;
                for body in payload["bodies"].as_array().into_iter().flatten() {
                    let digest = body["digest"].as_str().and_then(|text| text.parse().ok());
                    if let Some(digest) = digest.filter(|digest| digests.contains(digest)) {
                        let drop = BodyDrop {
                            at: row.get(0)?,
                            command_line: row.get(1)?,
                        };
                        drops.insert(digest, drop);
                    }
                }
                Ok(())
            },
        )?;
        Ok(drops)
    }

    /// Writes the database anew without the room that dropped rows leave, where a file holds it, so that nothing
    /// of them is left in it or in its log; a server is told to give their room free.
    pub fn compact(&mut self) -> Result<()> {
        self.engine.compact()
    }
}

/// How an event names bodies that are dropped.
pub(super) fn bodies_json(bodies: &[UnusedBody]) -> Json {
    let named = bodies.iter().map(
        |body| json!({"digest": body.digest, "size": body.size, "stored_size": body.stored_size}),
    );
    named.collect()
}

/// Reads digest, size and stored size.
pub(super) fn unused_body(row: &dyn Row) -> Result<UnusedBody> {
    Ok(UnusedBody {
        digest: row.get(0)?,
        size: row.get(1)?,
        stored_size: row.get(2)?,
    })
}
