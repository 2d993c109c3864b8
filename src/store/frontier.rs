//! The frontier: which URLs a job knows, who is on them, and how each ended.

use super::Store;
use super::error::{Error, Result};
use super::gaps::GapOwner;
use super::known::KnownKeys;
use super::value::values;
use crate::model::{
    Claim, DiscoveredLink, FrontierEntry, Gap, JobId, Reason, Stage, Timestamp, UriKey, WorkerId,
};

/// What one worker knows of a job's frontier besides what the database holds.
#[derive(Debug)]
pub struct Claims {
    pub job: JobId,
    pub worker: WorkerId,
    pub(super) next_ordinal: i64,
    /// Keys whose rows are committed: an insert that would change nothing is skipped.
    pub(super) known: KnownKeys,
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrontierCounts {
    pub discovered: i64,
    /// New, changed and unchanged.
    pub fetched: i64,
}

impl Claims {
    /// Counts the URLs that this worker knows.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// Takes a committed batch of links into the known keys.
    pub fn remember(&mut self, links: &[DiscoveredLink]) {
        self.known.remember(links);
    }
}

impl Store {
    /// Begins, or begins again, to work on a job's frontier: what an earlier worker held is taken over by
    /// raising its attempt, so that a late write of that worker is refused; and that worker is dismissed,
    /// so that it claims no more and leaves the job's state alone.
    pub fn take_frontier(&mut self, job: JobId, worker: WorkerId) -> Result<Claims> {
        self.engine.execute(
            "UPDATE frontier SET worker_id = NULL, attempt = attempt + 1 \
             WHERE job_id = $1 AND outcome IS NULL AND worker_id IS NOT NULL",
            &values![job],
        )?;
        self.dismiss_other_workers(job, worker)?;
        let next_ordinal = self.count(
            "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM frontier WHERE job_id = $1",
            &values![job],
        )?;
        Ok(Claims {
            job,
            worker,
            next_ordinal,
            known: KnownKeys::default(),
        })
    }

    /// Claims up to `limit` URLs: by priority, then the nearest, then the first found.
    ///
    /// With `level_by_level` only URLs of the least unfinished depth are given out, so that each URL's
    /// depth is the least there is: a depth limit needs that to be exact.
    pub fn claim_urls(
        &mut self,
        claims: &Claims,
        limit: usize,
        level_by_level: bool,
    ) -> Result<Vec<FrontierEntry>> {
        let (job, worker) = (claims.job, claims.worker);
        let level = if level_by_level {
            " AND depth = (SELECT MIN(depth) FROM frontier WHERE job_id = $2 AND outcome IS NULL)"
        } else {
            ""
        };
        let suffix = self.engine.claim_suffix();
        // The outer condition is looked at again after a wait for a lock: without it two workers on
        // Postgres claim the same row. MATERIALIZED, because Postgres may run a bare subquery once for
        // each row that it joins, and then the limit is none.
        let sql = format!(
            "WITH chosen AS MATERIALIZED (SELECT uri_key FROM frontier WHERE job_id = $2 \
             AND outcome IS NULL AND worker_id IS NULL{level} \
             ORDER BY priority DESC, depth, ordinal LIMIT $3{suffix}) \
             UPDATE frontier SET worker_id = $1, attempt = attempt + 1 \
             WHERE job_id = $2 AND uri_key IN (SELECT uri_key FROM chosen) \
             AND outcome IS NULL AND worker_id IS NULL \
             RETURNING uri_key, uri, depth, redirects, attempt, ordinal, kind, locator, host"
        );
        self.transaction("claim_urls", |store| {
            if store.is_dismissed(worker)? {
                return Err(Error::ClaimLost);
            }
            let mut entries: Vec<(i64, FrontierEntry)> = Vec::new();
            store
                .engine
                .query(&sql, &values![worker, job, limit as i64], &mut |row| {
                    let entry = FrontierEntry {
                        claim: Claim {
                            job,
                            worker,
                            attempt: row.get(4)?,
                        },
                        key: row.get(0)?,
                        uri: row.get(1)?,
                        kind: row.get(6)?,
                        locator: row.get(7)?,
                        host: row.get(8)?,
                        depth: row.get(2)?,
                        redirects: row.get(3)?,
                        stored: None,
                    };
                    entries.push((row.get(5)?, entry));
                    Ok(())
                })?;
            entries.sort_by_key(|(ordinal, entry)| (entry.depth, *ordinal));
            Ok(entries.into_iter().map(|(_, entry)| entry).collect())
        })
    }

    /// Frees what nobody is on: URLs of workers whose lease has expired, and this worker's own, which has
    /// none in flight. Returns how many.
    pub fn free_left_urls(&mut self, claims: &Claims) -> Result<u64> {
        let (job, worker) = (claims.job, claims.worker);
        self.transaction("release_urls", |store| {
            let now = store.engine.clock()?;
            store.dismiss_gone_workers()?;
            store.engine.execute(
                "UPDATE frontier SET worker_id = NULL, attempt = attempt + 1 WHERE job_id = $1 \
                 AND outcome IS NULL AND worker_id IS NOT NULL AND (worker_id = $2 OR NOT EXISTS \
                 (SELECT 1 FROM workers WHERE workers.id = frontier.worker_id AND workers.expires_at > $3))",
                &values![job, worker, now],
            )
        })
    }

    /// Gives claimed URLs back unfetched.
    pub fn release_urls(&mut self, entries: &[FrontierEntry]) -> Result<()> {
        self.transaction("release_urls", |store| {
            for entry in entries {
                store.engine.execute(
                    "UPDATE frontier SET worker_id = NULL WHERE job_id = $1 AND uri_key = $2 \
                     AND worker_id = $3 AND attempt = $4 AND outcome IS NULL",
                    &values![
                        entry.claim.job,
                        entry.key,
                        entry.claim.worker,
                        entry.claim.attempt
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// Ends every unclaimed, unfinished URL of a job with `reason`, a limit; returns how many.
    pub fn close_frontier(
        &mut self,
        claims: &Claims,
        reason: Reason,
        detail: &str,
        at: Timestamp,
    ) -> Result<u64> {
        let mut closed = 0;
        loop {
            let batch = self.transaction("close_frontier", |store| {
                store.close_some(claims, reason, detail, at)
            })?;
            closed += batch;
            if batch == 0 {
                return Ok(closed);
            }
        }
    }

    fn close_some(
        &mut self,
        claims: &Claims,
        reason: Reason,
        detail: &str,
        at: Timestamp,
    ) -> Result<u64> {
        let mut rows: Vec<(UriKey, String, String)> = Vec::new();
        self.engine.query(
            "SELECT uri_key, uri, source_group FROM frontier WHERE job_id = $1 AND outcome IS NULL \
             AND worker_id IS NULL ORDER BY priority DESC, depth, ordinal LIMIT 500",
            &values![claims.job],
            &mut |row| {
                rows.push((row.get(0)?, row.get(1)?, row.get(2)?));
                Ok(())
            },
        )?;
        rows.sort();
        let mut closed = 0;
        for (key, uri, source_group) in &rows {
            let updated = self.engine.execute(
                "UPDATE frontier SET outcome = 'skipped', reason = $1, detail = $2 WHERE job_id = $3 \
                 AND uri_key = $4 AND outcome IS NULL AND worker_id IS NULL",
                &values![reason.as_str(), detail, claims.job, *key],
            )?;
            closed += updated;
            if updated == 1 {
                let owner = GapOwner {
                    what: *key,
                    uri,
                    source_group,
                    source: None,
                    extraction: None,
                };
                let gap = Gap::whole(reason, detail);
                self.open_gap(Stage::Crawl, &owner, &gap, claims.job, at)?;
            }
        }
        Ok(closed)
    }

    /// Counts how far a job's frontier is.
    pub fn frontier_counts(&mut self, job: JobId) -> Result<FrontierCounts> {
        let mut counts = FrontierCounts::default();
        self.engine.query(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE outcome IN ('new', 'changed', 'unchanged')) \
             FROM frontier WHERE job_id = $1",
            &values![job],
            &mut |row| {
                counts = FrontierCounts {
                    discovered: row.get(0)?,
                    fetched: row.get(1)?,
                };
                Ok(())
            },
        )?;
        Ok(counts)
    }
}
