//! Claims: which worker is on which URLs of a job's frontier, given out host by host.
//!
//! Whose turn it is among the hosts is the crawl's to say; here stands what one worker may take without
//! taking another's, at a cost that grows neither with the frontier nor with the number of hosts.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::Store;
use super::batch::in_few_sizes;
use super::error::Result;
use super::frontier::Claims;
use super::value::{Row, Value, values};
use crate::model::{Awaited, Claim, FrontierEntry, JobId, Timestamp, UriKey, WorkerId};

/// How many URLs of one host to claim at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostShare<'a> {
    pub host: &'a str,
    pub most: usize,
}

/// A claimed URL that is to be asked for again.
#[derive(Debug, Clone)]
pub struct Postponed {
    pub entry: FrontierEntry,
    pub not_before: Timestamp,
    /// Fetches that were made of it.
    pub fetches: u32,
    pub awaited: Awaited,
}

/// URLs that wait from which on the planner has to know of them.
const MANY_WAITING: i64 = 1000;

/// What a claim brought.
#[derive(Debug, Default)]
pub struct Claimed {
    /// By priority, then the nearest, then the first found.
    pub entries: Vec<FrontierEntry>,
    /// The only depth that was given out, where claims go level by level.
    pub level: Option<i64>,
}

/// One host's part of a claim statement.
struct Arm<'a> {
    share: HostShare<'a>,
    /// The one priority and depth to take, where claims go level by level.
    step: Option<(i64, i64)>,
}

/// A claimed entry with what it is sorted by.
type Ranked = ((Reverse<i64>, i64, i64), FrontierEntry);

/// What a claim returns of a URL; [`claimed_entry`] reads it.
const CLAIMED: &str = "uri_key, uri, depth, redirects, attempt, kind, locator, host, referrer, \
    found_uri";

/// Reads the columns of [`CLAIMED`].
fn claimed_entry(row: &dyn Row, job: JobId, worker: WorkerId) -> Result<FrontierEntry> {
    Ok(FrontierEntry {
        claim: Claim {
            job,
            worker,
            attempt: row.get(4)?,
        },
        key: row.get(0)?,
        uri: row.get(1)?,
        kind: row.get(5)?,
        locator: row.get(6)?,
        host: row.get(7)?,
        depth: row.get(2)?,
        redirects: row.get(3)?,
        stored: None,
        referrer: row.get(8)?,
        found: row.get(9)?,
        put_off: 0,
        most_fetches: None,
    })
}

impl Store {
    /// Claims URLs of several hosts, of each by priority, then the nearest, then the first found; what is to
    /// wait beyond `now` is left where it is.
    ///
    /// With `level_by_level` only URLs of the job's least unfinished depth are given out, so that each URL's
    /// depth is the least there is: a depth limit needs that to be exact.
    pub fn claim_urls(
        &mut self,
        claims: &Claims,
        shares: &[HostShare<'_>],
        level_by_level: bool,
        now: Timestamp,
    ) -> Result<Claimed> {
        self.transaction("claim_urls", |store| {
            store.hold_lease(claims.worker)?;
            let mut ranked = Vec::new();
            let mut level = None;
            if level_by_level {
                level = store.least_depth(claims.job)?;
                for share in shares {
                    store.claim_level(claims, *share, level, now, &mut ranked)?;
                }
            } else {
                for shares in in_few_sizes(shares) {
                    let arms: Vec<Arm<'_>> = shares
                        .iter()
                        .map(|share| Arm {
                            share: *share,
                            step: None,
                        })
                        .collect();
                    store.claim_arms(claims, &arms, now, &mut ranked)?;
                }
            }
            ranked.sort_by_key(|(rank, _)| *rank);
            let entries = ranked.into_iter().map(|(_, entry)| entry).collect();
            Ok(Claimed { entries, level })
        })
    }

    fn least_depth(&mut self, job: JobId) -> Result<Option<i64>> {
        let mut least = None;
        self.engine.query(
            "SELECT depth FROM frontier WHERE job_id = $1 AND outcome IS NULL ORDER BY depth LIMIT 1",
            &values![job],
            &mut |row| {
                least = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(least)
    }

    /// Claims URLs of one host at one depth, priority by priority: the index has the priority before the
    /// depth, so a condition on the depth alone would read every deeper URL of the host.
    fn claim_level(
        &mut self,
        claims: &Claims,
        mut share: HostShare<'_>,
        level: Option<i64>,
        now: Timestamp,
        ranked: &mut Vec<Ranked>,
    ) -> Result<()> {
        let Some(level) = level else { return Ok(()) };
        let mut below = i64::MAX;
        while share.most > 0 {
            let mut priority: Option<i64> = None;
            self.engine.query(
                "SELECT priority FROM frontier WHERE job_id = $1 AND host = $2 AND outcome IS NULL \
                 AND worker_id IS NULL AND priority < $3 ORDER BY priority DESC LIMIT 1",
                &values![claims.job, share.host, below],
                &mut |row| {
                    priority = Some(row.get(0)?);
                    Ok(())
                },
            )?;
            let Some(priority) = priority else { break };
            let before = ranked.len();
            let step = Some((priority, level));
            self.claim_arms(claims, &[Arm { share, step }], now, ranked)?;
            share.most -= ranked.len() - before;
            below = priority;
        }
        Ok(())
    }

    fn claim_arms(
        &mut self,
        claims: &Claims,
        arms: &[Arm<'_>],
        now: Timestamp,
        ranked: &mut Vec<Ranked>,
    ) -> Result<()> {
        let (job, worker) = (claims.job, claims.worker);
        let suffix = self.engine.claim_suffix();
        // The attempt is looked at again after a wait for a lock: without it two workers on Postgres claim
        // the same row. A condition on the outcome would do that as well, but then Postgres may read all
        // that waits instead of going by the key (1,000,000 URLs before their first ANALYZE: 38 s a claim).
        // MATERIALIZED, because it may run a bare subquery once for each row that it joins, and then the
        // limit is none.
        let mut sql = String::from("WITH chosen AS MATERIALIZED (");
        let mut parameters: Vec<Value<'_>> = values![worker, job, now].into();
        for (index, arm) in arms.iter().enumerate() {
            let union = if index == 0 { "" } else { " UNION ALL " };
            let host = parameters.len() + 1;
            parameters.extend(values![arm.share.host, arm.share.most as i64]);
            let _ = write!(
                sql,
                "{union}SELECT uri_key, attempt FROM (SELECT uri_key, attempt FROM frontier \
                 WHERE job_id = $2 AND host = ${host} AND outcome IS NULL AND worker_id IS NULL \
                 AND (not_before IS NULL OR not_before <= $3)"
            );
            if let Some((priority, depth)) = arm.step {
                let first = parameters.len() + 1;
                let second = first + 1;
                parameters.extend(values![priority, depth]);
                let _ = write!(sql, " AND priority = ${first} AND depth = ${second}");
            }
            let most = host + 1;
            let _ = write!(
                sql,
                " ORDER BY priority DESC, depth, ordinal LIMIT ${most}{suffix}) AS arm{index}"
            );
        }
        let _ = write!(
            sql,
            ") UPDATE frontier SET worker_id = $1, attempt = attempt + 1 \
             WHERE job_id = $2 AND (uri_key, attempt) IN (SELECT uri_key, attempt FROM chosen) \
             RETURNING {CLAIMED}, priority, ordinal"
        );
        self.engine.query(&sql, &parameters, &mut |row| {
            let entry = claimed_entry(row, job, worker)?;
            let rank = (Reverse(row.get(10)?), entry.depth, row.get(11)?);
            ranked.push((rank, entry));
            Ok(())
        })
    }

    /// Claims one URL by its key, if it waits and nobody is on it.
    pub fn claim_unit(&mut self, claims: &Claims, key: UriKey) -> Result<Option<FrontierEntry>> {
        let (job, worker) = (claims.job, claims.worker);
        self.transaction("claim_urls", |store| {
            store.hold_lease(worker)?;
            let mut claimed = None;
            store.engine.query(
                &format!(
                    "UPDATE frontier SET worker_id = $1, attempt = attempt + 1 WHERE job_id = $2 \
                     AND uri_key = $3 AND outcome IS NULL AND worker_id IS NULL RETURNING {CLAIMED}"
                ),
                &values![worker, job, key],
                &mut |row| {
                    claimed = Some(claimed_entry(row, job, worker)?);
                    Ok(())
                },
            )?;
            Ok(claimed)
        })
    }

    /// Lets the engine know of a job's URLs when many wait. For a table that it takes for empty Postgres does not
    /// look into the index for each host (20,000 hosts: minutes, and 0.3 s afterwards).
    pub fn announce_waiting(&mut self, job: JobId) -> Result<()> {
        let waiting = self.count(
            &format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM frontier WHERE job_id = $1 \
                 AND outcome IS NULL LIMIT {MANY_WAITING}) AS waiting"
            ),
            &values![job],
        )?;
        if waiting >= MANY_WAITING {
            // Only advice to the planner.
            let _ = self.engine.announce_rows("frontier");
        }
        Ok(())
    }

    /// Lets the engine know that the tables a crawl writes have grown: Postgres goes on with plans that were made
    /// when they were small, and reads them whole for each batch of pages.
    pub fn announce_growth(&mut self) {
        for table in ["frontier", "sources", "bodies", "events", "gaps"] {
            // Only advice to the planner.
            let _ = self.engine.announce_rows(table);
        }
    }

    /// Returns the hosts of which a job has URLs that nobody is on, in the order of their bytes: one look into
    /// the index for each host, however many URLs it has.
    pub fn pending_hosts(&mut self, job: JobId) -> Result<Vec<String>> {
        let mut hosts = Vec::new();
        self.engine.query(
            "WITH RECURSIVE pending (host) AS (SELECT first.host FROM (SELECT host FROM frontier \
             WHERE job_id = $1 AND outcome IS NULL AND worker_id IS NULL ORDER BY host LIMIT 1) AS first \
             UNION ALL SELECT (SELECT later.host FROM frontier AS later WHERE later.job_id = $1 \
             AND later.outcome IS NULL AND later.worker_id IS NULL AND later.host > pending.host \
             ORDER BY later.host LIMIT 1) FROM pending WHERE pending.host IS NOT NULL) \
             SELECT host FROM pending WHERE host IS NOT NULL",
            &values![job],
            &mut |row| {
                hosts.push(row.get::<String>(0)?);
                Ok(())
            },
        )?;
        hosts.sort();
        Ok(hosts)
    }

    /// Says whether a URL of a job lacks an outcome.
    pub fn has_unfinished_urls(&mut self, job: JobId) -> Result<bool> {
        Ok(self.least_depth(job)?.is_some())
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

    /// Gives claimed URLs back that are to be asked for again, each not before its time.
    /// `counts` are the fetches that were made of them by host, as [`Store::count_fetches`] takes them.
    pub fn postpone_urls(
        &mut self,
        postponed: &[Postponed],
        counts: &[(String, i64)],
        at: Timestamp,
    ) -> Result<()> {
        self.transaction("release_urls", |store| {
            store.count_fetches(counts, at)?;
            for Postponed {
                entry,
                not_before,
                awaited,
                ..
            } in postponed
            {
                store.engine.execute(
                    "UPDATE frontier SET worker_id = NULL, not_before = $5, detail = $6 \
                     WHERE job_id = $1 AND uri_key = $2 \
                     AND worker_id = $3 AND attempt = $4 AND COALESCE(outcome, '') = ''",
                    &values![
                        entry.claim.job,
                        entry.key,
                        entry.claim.worker,
                        entry.claim.attempt,
                        *not_before,
                        awaited.to_string(),
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// Returns the hosts that a job is to leave alone beyond `now`, as its URLs say, until when and for what they
    /// are waited for. Reads every URL that waits, so it is for the beginning of a run.
    pub fn paused_hosts(
        &mut self,
        job: JobId,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp, Option<Awaited>)>> {
        let mut paused = Vec::new();
        self.engine.query(
            "SELECT host, MAX(not_before), MAX(detail) FROM frontier WHERE job_id = $1 AND outcome IS NULL \
             AND not_before > $2 GROUP BY host",
            &values![job, now],
            &mut |row| {
                let detail: Option<String> = row.get(2)?;
                let awaited = detail.and_then(|detail| Awaited::of_text(&detail));
                paused.push((row.get(0)?, row.get(1)?, awaited));
                Ok(())
            },
        )?;
        Ok(paused)
    }

    /// Gives claimed URLs back unfetched.
    pub fn release_urls(&mut self, entries: &[FrontierEntry]) -> Result<()> {
        self.transaction("release_urls", |store| {
            for entry in entries {
                store.engine.execute(
                    "UPDATE frontier SET worker_id = NULL WHERE job_id = $1 AND uri_key = $2 \
                     AND worker_id = $3 AND attempt = $4 AND COALESCE(outcome, '') = ''",
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
}
