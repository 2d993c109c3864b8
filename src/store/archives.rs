//! How much of the archive that a job writes is committed.

use std::path::PathBuf;

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use crate::model::JobId;

/// The archive of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    pub path: PathBuf,
    /// Bytes of the archive whose pages are committed; what stands behind them is not the job's.
    pub length: u64,
    /// The same of the index.
    pub index_length: u64,
}

impl Store {
    /// Notes where a job writes its archive, of which nothing is written yet.
    pub fn begin_archive(&mut self, job: JobId, path: &str) -> Result<()> {
        self.engine.execute(
            "INSERT INTO archives (job_id, path, length, index_length) VALUES ($1, $2, 0, 0)",
            &values![job, path],
        )?;
        Ok(())
    }

    /// Returns a job's archive, if it writes one.
    pub fn archive(&mut self, job: JobId) -> Result<Option<ArchiveRow>> {
        let mut found = None;
        self.engine.query(
            "SELECT path, length, index_length FROM archives WHERE job_id = $1",
            &values![job],
            &mut |row| {
                let (path, length, index_length): (String, i64, i64) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                found = Some(ArchiveRow {
                    path: path.into(),
                    length: length as u64,
                    index_length: index_length as u64,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Notes how much of a job's archive is committed with this transaction.
    pub fn set_archive_lengths(
        &mut self,
        job: JobId,
        length: u64,
        index_length: u64,
    ) -> Result<()> {
        let updated = self.engine.execute(
            "UPDATE archives SET length = $1, index_length = $2 WHERE job_id = $3",
            &values![length as i64, index_length as i64, job],
        )?;
        if updated == 1 {
            Ok(())
        } else {
            // The job was deleted.
            Err(Error::ClaimLost)
        }
    }
}
