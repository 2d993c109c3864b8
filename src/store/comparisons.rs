//! What two jobs saw of the same URIs.
//!
//! Reads only, from the events, so that jobs that are deleted can be compared as well.

use std::collections::HashMap;

use super::Store;
use super::error::Result;
use super::reports::{EVENT_COLUMNS, EventRow, event_row};
use super::value::values;
use crate::model::{JobId, UriKey};

/// How a URL of a job ended that has no event: it was decided when it was found, or closed by a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontierEnd {
    /// `None` while it is pending.
    pub outcome: Option<String>,
    pub reason: Option<String>,
}

impl Store {
    /// Returns the URIs that either of two jobs had a result for, in order; of one group, if asked. Sources that
    /// are gone belong to no group.
    pub fn compared_uris(&mut self, jobs: [JobId; 2], group: Option<&str>) -> Result<Vec<String>> {
        let mut uris = Vec::new();
        let of_group = if group.is_some() {
            "AND events.source_key IN (SELECT sources.uri_key FROM sources \
             WHERE sources.source_group = $3)"
        } else {
            ""
        };
        let mut parameters = values![jobs[0], jobs[1]].to_vec();
        parameters.extend(group.map(super::value::Value::from));
        self.engine.query(
            &format!(
                "SELECT uri FROM (SELECT DISTINCT events.source_uri AS uri FROM runs \
                 JOIN events ON events.run_id = runs.id WHERE runs.job_id IN ($1, $2) \
                 AND events.kind IN ('source_created', 'source_changed', 'source_unchanged', \
                 'source_extracted') {of_group}) AS compared ORDER BY uri COLLATE \"C\""
            ),
            &parameters,
            &mut |row| {
                uris.push(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(uris)
    }

    /// Reads all events of some URIs, each URI's in order.
    pub fn events_among(&mut self, uris: &[String]) -> Result<HashMap<String, Vec<EventRow>>> {
        let keys: Vec<UriKey> = uris.iter().map(|uri| UriKey::of(uri)).collect();
        let mut events: HashMap<String, Vec<EventRow>> = HashMap::new();
        self.query_among(
            &format!(
                "SELECT {EVENT_COLUMNS} FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.source_key"
            ),
            " ORDER BY runs.started_at, runs.id, events.sequence",
            &[],
            &keys,
            &mut |row| {
                let event = event_row(row)?;
                if let Some(uri) = event.source_uri.clone() {
                    events.entry(uri).or_default().push(event);
                }
                Ok(())
            },
        )?;
        Ok(events)
    }

    /// Reads how URLs ended in a job's frontier.
    pub fn frontier_ends(
        &mut self,
        job: JobId,
        keys: &[UriKey],
    ) -> Result<HashMap<UriKey, FrontierEnd>> {
        let mut ends = HashMap::new();
        self.query_among(
            "SELECT uri_key, outcome, reason FROM frontier WHERE job_id = $1 AND uri_key",
            "",
            &values![job],
            keys,
            &mut |row| {
                let end = FrontierEnd {
                    outcome: row.get(1)?,
                    reason: row.get(2)?,
                };
                ends.insert(row.get(0)?, end);
                Ok(())
            },
        )?;
        Ok(ends)
    }

    /// Reads what a deleted job had refused, by URI: the reason, which is none of what was pending.
    pub fn refusals_by(&mut self, job: JobId) -> Result<HashMap<String, FrontierEnd>> {
        let mut refusals = HashMap::new();
        let job = job.to_string();
        self.each_refusal(&mut |_, of_job, one| {
            if of_job != Some(job.as_str()) {
                return;
            }
            let said = |key: &str| one[key].as_str().map(str::to_owned);
            let end = FrontierEnd {
                outcome: said("outcome").filter(|outcome| outcome != "pending"),
                reason: said("reason"),
            };
            refusals.extend(said("uri").map(|uri| (uri, end)));
        })?;
        Ok(refusals)
    }
}
