//! Workers and their leases: who is at work, by the database's clock.

use std::path::Path;

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use crate::model::{JobId, WorkerId};

/// How long a worker may be silent before its work counts as left.
pub const LEASE_SECONDS: f64 = 60.0;

/// A process that works on this database.
#[derive(Debug, Clone)]
pub struct WorkerIdentity {
    pub id: WorkerId,
    pub host: String,
    pub process: i64,
    pub version: String,
}

/// Says whether a worker's process was on this machine and is there no more, so that nobody has to wait
/// for its lease to expire. Where that cannot be seen the lease decides.
pub(super) fn is_known_gone(host: &str, process: i64) -> bool {
    let processes = Path::new("/proc");
    host == gethostname::gethostname().to_string_lossy()
        && processes.join("self").exists()
        && !processes.join(process.to_string()).exists()
}

impl Store {
    /// Registers a worker and prunes those that expired a day ago and more.
    pub fn register_worker(&mut self, worker: &WorkerIdentity) -> Result<()> {
        let now = self.engine.clock()?;
        self.engine.execute(
            "DELETE FROM workers WHERE expires_at < $1",
            &values![now.plus_seconds(-86_400.0)],
        )?;
        self.engine.execute(
            "INSERT INTO workers (id, host, process, version, started_at, heartbeat_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $5, $6)",
            &values![
                worker.id,
                &worker.host,
                worker.process,
                &worker.version,
                now,
                now.plus_seconds(LEASE_SECONDS),
            ],
        )?;
        Ok(())
    }

    /// Renews a worker's lease.
    pub fn heartbeat(&mut self, worker: WorkerId) -> Result<()> {
        self.transaction("heartbeat", |store| {
            let now = store.engine.clock()?;
            store.engine.execute(
                "UPDATE workers SET heartbeat_at = $1, expires_at = $2 WHERE id = $3",
                &values![now, now.plus_seconds(LEASE_SECONDS), worker],
            )
        })?;
        Ok(())
    }

    /// Dismisses every other worker that is on a job.
    pub(super) fn dismiss_other_workers(&mut self, job: JobId, worker: WorkerId) -> Result<()> {
        self.engine.execute(
            "DELETE FROM workers WHERE id <> $1 AND id IN \
             (SELECT worker_id FROM runs WHERE job_id = $2 AND closed_at IS NULL)",
            &values![worker, job],
        )?;
        Ok(())
    }

    /// Dismisses workers of this machine whose process is no more.
    pub(super) fn dismiss_gone_workers(&mut self) -> Result<()> {
        let mut gone: Vec<WorkerId> = Vec::new();
        self.engine
            .query("SELECT id, host, process FROM workers", &[], &mut |row| {
                let (host, process): (String, i64) = (row.get(1)?, row.get(2)?);
                if is_known_gone(&host, process) {
                    gone.push(row.get(0)?);
                }
                Ok(())
            })?;
        for worker in gone {
            self.dismiss_worker(worker)?;
        }
        Ok(())
    }

    /// Says whether a worker was dismissed: somebody has taken its work over.
    pub fn is_dismissed(&mut self, worker: WorkerId) -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM workers WHERE id = $1";
        Ok(self.count(sql, &values![worker])? == 0)
    }

    /// Refuses when a worker was dismissed, and lets nobody dismiss it until the transaction ends.
    pub(super) fn hold_lease(&mut self, worker: WorkerId) -> Result<()> {
        if self.holds_lease(worker)? {
            Ok(())
        } else {
            Err(Error::ClaimLost)
        }
    }

    /// Says whether a worker is there that was not dismissed, and lets nobody dismiss it until the transaction
    /// ends.
    pub(super) fn holds_lease(&mut self, worker: WorkerId) -> Result<bool> {
        let lock = self.engine.row_lock_suffix();
        let mut is_there = false;
        self.engine.query(
            &format!("SELECT id FROM workers WHERE id = $1{lock}"),
            &values![worker],
            &mut |_| {
                is_there = true;
                Ok(())
            },
        )?;
        Ok(is_there)
    }

    /// Ends a worker's lease.
    pub fn dismiss_worker(&mut self, worker: WorkerId) -> Result<()> {
        self.engine
            .execute("DELETE FROM workers WHERE id = $1", &values![worker])?;
        Ok(())
    }
}
