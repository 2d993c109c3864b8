//! What is known of one URL, whether or not it was ever stored.
//!
//! Reads only: frontiers, the refusals that deleted jobs left behind, and the URIs that look like one that is
//! nowhere.

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{JobId, SourceId, Timestamp, UriKey};

/// What a job's frontier says of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontierRow {
    pub job: JobId,
    pub found_uri: Option<String>,
    pub referrer: Option<String>,
    pub depth: i64,
    pub attempt: i64,
    /// `None` while it is pending.
    pub outcome: Option<String>,
    pub reason: Option<String>,
    pub detail: Option<String>,
    /// The URI that it is another name of.
    pub alias_of: Option<String>,
    pub source: Option<SourceId>,
}

/// A URL that a job had not stored when it was deleted, as the deletion wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub job: Option<JobId>,
    pub at: Timestamp,
    pub outcome: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub referrer: Option<String>,
    pub depth: Option<i64>,
}

impl Store {
    /// Reads what the frontiers of live jobs say of a URL, the oldest job first.
    pub fn frontier_rows_of(&mut self, uri: &str) -> Result<Vec<FrontierRow>> {
        let mut rows = Vec::new();
        self.engine.query(
            "SELECT frontier.job_id, frontier.found_uri, frontier.referrer, frontier.depth, \
             frontier.attempt, frontier.outcome, frontier.reason, frontier.detail, \
             COALESCE((SELECT target.uri FROM frontier AS target \
             WHERE target.job_id = frontier.job_id AND target.uri_key = frontier.alias_of), \
             (SELECT sources.uri FROM sources WHERE sources.uri_key = frontier.alias_of)), \
             frontier.source_id FROM jobs \
             JOIN frontier ON frontier.job_id = jobs.id AND frontier.uri_key = $1 \
             ORDER BY jobs.created_at, jobs.id",
            &values![UriKey::of(uri)],
            &mut |row| {
                rows.push(FrontierRow {
                    job: row.get(0)?,
                    found_uri: row.get(1)?,
                    referrer: row.get(2)?,
                    depth: row.get(3)?,
                    attempt: row.get(4)?,
                    outcome: row.get(5)?,
                    reason: row.get(6)?,
                    detail: row.get(7)?,
                    alias_of: row.get(8)?,
                    source: row.get(9)?,
                });
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// Reads what deleted jobs had refused of a URL. Every refusal that is written down is looked at.
    pub fn refusals_of(&mut self, uri: &str) -> Result<Vec<Refusal>> {
        let mut refusals = Vec::new();
        self.each_refusal(&mut |at, job, one| {
            if one["uri"].as_str() != Some(uri) {
                return;
            }
            let said = |key: &str| one[key].as_str().map(str::to_owned);
            refusals.push(Refusal {
                job: job.and_then(|id| id.parse().ok()),
                at,
                outcome: said("outcome").unwrap_or_default(),
                reason: said("reason"),
                detail: said("detail"),
                referrer: said("referrer"),
                depth: one["depth"].as_i64(),
            });
        })?;
        Ok(refusals)
    }

    /// Reads the URIs that deleted jobs had refused; returns how many there are.
    pub fn each_refused_uri(&mut self, each: &mut dyn FnMut(&str)) -> Result<i64> {
        let mut count = 0;
        self.each_refusal(&mut |_, _, one| {
            each(one["uri"].as_str().unwrap_or_default());
            count += 1;
        })?;
        Ok(count)
    }

    /// Reads each refusal that is written down: when, of which job, and what.
    pub(super) fn each_refusal(
        &mut self,
        each: &mut dyn FnMut(Timestamp, Option<&str>, &Json),
    ) -> Result<()> {
        self.engine.query(
            // Whoever deletes a job works on none: of the record only upkeep is read.
            "SELECT events.at, events.payload FROM runs JOIN events ON events.run_id = runs.id \
             WHERE runs.job_id IS NULL AND events.kind = 'job_refusals' \
             AND events.payload IS NOT NULL ORDER BY events.at, runs.id, events.sequence",
            &[],
            &mut |row| {
                let (at, payload): (Timestamp, Json) = (row.get(0)?, row.get(1)?);
                for one in payload["refused"].as_array().into_iter().flatten() {
                    each(at, payload["job_id"].as_str(), one);
                }
                Ok(())
            },
        )
    }

    /// Returns the source that is stored under a URI.
    pub fn source_at(&mut self, uri: &str) -> Result<Option<SourceId>> {
        self.source_by_uri(uri)
    }

    /// Reads every URI that is known, some of them several times: those of sources and of frontiers. Returns
    /// how many there were.
    pub fn each_known_uri(&mut self, each: &mut dyn FnMut(&str)) -> Result<i64> {
        let mut count = 0;
        self.engine.query(
            "SELECT uri FROM sources UNION ALL SELECT uri FROM frontier",
            &[],
            &mut |row| {
                each(row.text(0)?.unwrap_or_default());
                count += 1;
                Ok(())
            },
        )?;
        Ok(count)
    }
}
