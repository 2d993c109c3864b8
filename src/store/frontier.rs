//! The frontier: which URLs a job knows, and how far each job is. Who is on them is next door in
//! `claims`, and how they end in `outcomes` and `closing`.

use super::Store;
use super::error::Result;
use super::known::KnownKeys;
use super::value::values;
use crate::model::{DiscoveredLink, JobId, WorkerId};

/// What one worker knows of a job's frontier besides what the database holds.
#[derive(Debug)]
pub struct Claims {
    pub job: JobId,
    pub worker: WorkerId,
    /// Whether a row is kept for each link of a stored page.
    pub keep_link_rows: bool,
    pub(super) next_ordinal: i64,
    /// Keys whose rows are committed: an insert that would change nothing is skipped.
    pub(super) known: KnownKeys,
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrontierCounts {
    pub discovered: i64,
    /// New, changed and unchanged pages; sitemaps and the like are none.
    pub fetched: i64,
}

impl Claims {
    /// Counts the URLs that this worker knows.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// Takes a committed batch of links into the known keys; returns those that were not, or not as near.
    pub fn remember<'a>(&mut self, links: &'a [DiscoveredLink]) -> Vec<&'a DiscoveredLink> {
        self.known.remember(links)
    }
}

impl Store {
    /// Begins, or begins again, to work on a job's frontier: what an earlier worker held is taken over by
    /// raising its attempt, so that a late write of that worker is refused; and that worker is dismissed,
    /// so that it claims no more and leaves the job's state alone.
    pub fn take_frontier(&mut self, job: JobId, worker: WorkerId) -> Result<Claims> {
        // First, because it waits for a claim that is being made: what that brings is taken over as well.
        self.dismiss_other_workers(job, worker)?;
        self.engine.execute(
            "UPDATE frontier SET worker_id = NULL, attempt = attempt + 1 \
             WHERE job_id = $1 AND outcome IS NULL AND worker_id IS NOT NULL",
            &values![job],
        )?;
        let next_ordinal = self.count(
            "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM frontier WHERE job_id = $1",
            &values![job],
        )?;
        Ok(Claims {
            job,
            worker,
            keep_link_rows: false,
            next_ordinal,
            known: KnownKeys::default(),
        })
    }

    /// Counts how far a job's frontier is.
    pub fn frontier_counts(&mut self, job: JobId) -> Result<FrontierCounts> {
        let mut counts = FrontierCounts::default();
        self.engine.query(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE outcome IN ('new', 'changed', 'unchanged') AND kind = 'page') \
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
