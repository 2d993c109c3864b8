//! The frontier: which URLs a job knows, who is on them, and how each ended.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Store;
use super::batch::in_few_sizes;
use super::error::{Error, Result};
use super::gaps::GapOwner;
use super::value::{Value, values};
use crate::model::{
    Claim, Class, DiscoveredLink, FrontierEntry, Gap, JobId, LinkDecision, Outcome, Reason,
    SourceId, Stage, Timestamp, UriKey, WorkerId,
};

/// What one worker knows of a job's frontier besides what the database holds.
#[derive(Debug)]
pub struct Claims {
    pub job: JobId,
    pub worker: WorkerId,
    next_ordinal: i64,
    /// Keys whose rows are committed, with the depth they have: an insert that would change nothing is
    /// skipped. Exact; a key that is missing here is merely inserted again.
    known: HashMap<UriKey, i64>,
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
        for link in links {
            let depth = self.known.entry(link.key).or_insert(link.depth);
            *depth = link.depth.min(*depth);
        }
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
            known: HashMap::new(),
        })
    }

    /// Adds links to a job's frontier; those that are there already keep their outcome.
    ///
    /// A link that was too deep and is now found nearer is taken up after all.
    pub fn add_urls(
        &mut self,
        claims: &mut Claims,
        referrer: Option<&str>,
        links: &[DiscoveredLink],
        at: Timestamp,
    ) -> Result<()> {
        let mut fresh: Vec<&DiscoveredLink> = links
            .iter()
            .filter(|link| {
                claims
                    .known
                    .get(&link.key)
                    .is_none_or(|depth| *depth > link.depth)
            })
            .collect();
        // In the order of the unique key: upserts in different orders deadlock. The ordinal keeps the
        // order in which the links were found.
        let mut ordinals: Vec<(i64, &DiscoveredLink)> =
            (claims.next_ordinal..).zip(fresh.drain(..)).collect();
        claims.next_ordinal += ordinals.len() as i64;
        ordinals.sort_by_key(|(_, link)| link.key);
        ordinals.dedup_by_key(|(_, link)| link.key);
        for rows in in_few_sizes(&ordinals) {
            self.insert_urls(claims.job, referrer, rows)?;
        }
        let left_out: Vec<UriKey> = ordinals
            .iter()
            .filter(|(_, link)| {
                matches!(link.decision, LinkDecision::Skip(reason) if reason.class() == Class::Decision)
            })
            .map(|(_, link)| link.key)
            .collect();
        self.resolve_left_out(&left_out, claims.job, at)?;
        for (_, link) in &ordinals {
            if let LinkDecision::Skip(reason) = link.decision
                && reason.class() != Class::Decision
                && self.ended_with(claims.job, link.key, reason)?
            {
                let owner = GapOwner {
                    what: link.key,
                    uri: &link.uri,
                    source_group: &link.source_group,
                    source: None,
                    extraction: None,
                };
                let gap = Gap::whole(reason, link.detail.clone());
                self.open_gap(Stage::Crawl, &owner, &gap, claims.job, at)?;
            }
        }
        Ok(())
    }

    /// Says whether a URL ended for `reason`: one that was known before may have ended otherwise.
    fn ended_with(&mut self, job: JobId, key: UriKey, reason: Reason) -> Result<bool> {
        let sql =
            "SELECT COUNT(*) FROM frontier WHERE job_id = $1 AND uri_key = $2 AND reason = $3";
        Ok(self.count(sql, &values![job, key, reason.as_str()])? == 1)
    }

    fn insert_urls(
        &mut self,
        job: JobId,
        referrer: Option<&str>,
        rows: &[(i64, &DiscoveredLink)],
    ) -> Result<()> {
        const PER_ROW: usize = 14;
        let mut sql = String::from(
            "INSERT INTO frontier (job_id, referrer, uri_key, uri, found_uri, kind, locator, priority, host, \
             source_group, depth, redirects, ordinal, outcome, reason, detail) VALUES ",
        );
        let mut parameters: Vec<Value<'_>> = values![job, referrer].into();
        for (index, (ordinal, link)) in rows.iter().enumerate() {
            let first = 3 + index * PER_ROW;
            let comma = if index == 0 { "" } else { ", " };
            let _ = write!(sql, "{comma}($1, $2");
            for number in first..first + PER_ROW {
                let _ = write!(sql, ", ${number}");
            }
            sql.push(')');
            let skipped = match link.decision {
                LinkDecision::Fetch => None,
                LinkDecision::Skip(reason) => Some(reason),
            };
            let outcome = skipped.map(|reason| match reason.class() {
                Class::Loss => Outcome::Failed,
                _ => Outcome::Skipped,
            });
            parameters.extend(values![
                link.key,
                &link.uri,
                (link.found != link.uri).then_some(link.found.as_str()),
                link.kind.as_str(),
                link.locator.as_deref(),
                link.priority,
                &link.host,
                &link.source_group,
                link.depth,
                link.redirects,
                *ordinal,
                outcome.map(Outcome::as_str),
                skipped.map(Reason::as_str),
                skipped.and((!link.detail.is_empty()).then_some(link.detail.as_str())),
            ]);
        }
        sql.push_str(
            " ON CONFLICT (job_id, uri_key) DO UPDATE SET depth = excluded.depth, \
             outcome = CASE WHEN frontier.reason = 'max_depth' THEN excluded.outcome \
             ELSE frontier.outcome END, \
             detail = CASE WHEN frontier.reason = 'max_depth' THEN excluded.detail \
             ELSE frontier.detail END, \
             reason = CASE WHEN frontier.reason = 'max_depth' THEN excluded.reason \
             ELSE frontier.reason END \
             WHERE excluded.depth < frontier.depth",
        );
        self.engine.execute(&sql, &parameters)?;
        Ok(())
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

    /// Writes the outcome of a claimed URL; refuses when the claim no longer holds.
    pub(super) fn finish_url(
        &mut self,
        entry: &FrontierEntry,
        outcome: Outcome,
        reason: Option<Reason>,
        detail: Option<&str>,
        alias_of: Option<UriKey>,
        source: Option<SourceId>,
    ) -> Result<()> {
        let updated = self.engine.execute(
            "UPDATE frontier SET outcome = $1, reason = $2, detail = $3, alias_of = $4, source_id = $5, \
             worker_id = NULL WHERE job_id = $6 AND uri_key = $7 AND worker_id = $8 AND attempt = $9 \
             AND outcome IS NULL",
            &values![
                outcome.as_str(),
                reason.map(Reason::as_str),
                detail,
                alias_of,
                source,
                entry.claim.job,
                entry.key,
                entry.claim.worker,
                entry.claim.attempt,
            ],
        )?;
        if updated == 1 {
            Ok(())
        } else {
            Err(Error::ClaimLost)
        }
    }

    /// Says whether following aliases from `target` leads back to `start`.
    pub(super) fn alias_leads_to(
        &mut self,
        job: JobId,
        target: UriKey,
        start: UriKey,
    ) -> Result<bool> {
        let mut at = target;
        // No chain that may be followed is longer than the redirects that may be.
        for _ in 0..32 {
            if at == start {
                return Ok(true);
            }
            let mut next: Option<UriKey> = None;
            self.engine.query(
                "SELECT alias_of FROM frontier WHERE job_id = $1 AND uri_key = $2",
                &values![job, at],
                &mut |row| {
                    next = row.get(0)?;
                    Ok(())
                },
            )?;
            match next {
                Some(next) => at = next,
                None => return Ok(false),
            }
        }
        Ok(false)
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
