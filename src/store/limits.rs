//! What a crawl's limits count: pages by host, bytes of a job, fetches of a host on a day.

use std::collections::HashMap;

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{JobId, Timestamp};

/// Reasons by which a URL ends without a turn, even if it was claimed and given back.
pub(super) const CLOSING_LIMITS: &str = "('max_pages', 'max_depth', 'max_bytes', 'max_duration', \
    'max_pages_per_host', 'daily_quota')";

/// How long the fetches of a day are kept: longer than any quota looks back.
const DAYS_KEPT: f64 = 30.0;

/// The day of an instant in UTC, as the table has it: `YYYY-MM-DD`.
fn day(at: Timestamp) -> String {
    at.to_string()[..10].to_owned()
}

impl Store {
    /// Counts a job's stored pages (new, changed and unchanged) by host.
    pub fn pages_by_host(&mut self, job: JobId) -> Result<HashMap<String, i64>> {
        let mut pages = HashMap::new();
        self.engine.query(
            "SELECT host, COUNT(*) FROM frontier WHERE job_id = $1 \
             AND kind = 'page' AND outcome IN ('new', 'changed', 'unchanged') GROUP BY host",
            &values![job],
            &mut |row| {
                pages.insert(row.get(0)?, row.get(1)?);
                Ok(())
            },
        )?;
        Ok(pages)
    }

    /// Returns how many bytes came in all runs of a job: the sum of what its record says of each fetch, which
    /// was committed with it. Reads the whole record of the job.
    pub fn transferred_bytes(&mut self, job: JobId) -> Result<u64> {
        let mut bytes = 0;
        self.engine.query(
            "SELECT events.payload FROM events JOIN runs ON runs.id = events.run_id \
             WHERE runs.job_id = $1 AND events.source_uri IS NOT NULL",
            &values![job],
            &mut |row| {
                let payload: Option<serde_json::Value> = row.get(0)?;
                let fetch = payload.map(|payload| payload["fetch"].clone());
                let came = |name: &str| fetch.as_ref().and_then(|fetch| fetch[name].as_u64());
                bytes += came("received_size")
                    .or_else(|| came("transferred_size"))
                    .unwrap_or(0);
                Ok(())
            },
        )?;
        Ok(bytes)
    }

    /// Returns how many fetches `host` has seen on the day of `now` (UTC), by all jobs.
    pub fn fetches_today(&mut self, host: &str, now: Timestamp) -> Result<i64> {
        self.count(
            "SELECT fetches FROM host_days WHERE host = $1 AND day = $2",
            &values![host, day(now)],
        )
    }

    /// Adds fetches to the day of `at`, one row a host; `counts` are in the order of their hosts, because
    /// upserts in different orders deadlock.
    pub fn count_fetches(&mut self, counts: &[(String, i64)], at: Timestamp) -> Result<()> {
        for (host, fetches) in counts {
            self.engine.execute(
                "INSERT INTO host_days (host, day, fetches) VALUES ($1, $2, $3) \
                 ON CONFLICT (host, day) DO UPDATE SET fetches = host_days.fetches + excluded.fetches",
                &values![host, day(at), *fetches],
            )?;
        }
        Ok(())
    }

    /// Drops the counts of days that no quota asks for any more.
    pub fn prune_host_days(&mut self, now: Timestamp) -> Result<()> {
        let oldest = day(now.plus_seconds(-DAYS_KEPT * 86_400.0));
        self.engine
            .execute("DELETE FROM host_days WHERE day < $1", &values![oldest])?;
        Ok(())
    }
}
