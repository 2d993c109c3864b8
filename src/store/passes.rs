//! Passes: which content of which source a profile has been over, and who is on it now.

use std::collections::HashMap;

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use crate::model::{Claim, Digest, JobId, SourceId, UriKey, WorkerId};

/// A source that a worker has taken up, with its body.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedPass {
    pub claim: Claim,
    pub source: SourceId,
    pub uri: String,
    pub source_group: String,
    pub media_type: String,
    pub charset: String,
    pub body_digest: Digest,
    /// The bytes, zstd-compressed, and their size without: workers decompress.
    pub compressed: Vec<u8>,
    pub size: i64,
}

impl ClaimedPass {
    /// Returns the bytes of the body.
    pub fn body(&self) -> Result<Vec<u8>> {
        super::bodies::decompressed(&self.compressed, self.size)
    }
}

impl Store {
    /// Takes over what an earlier worker of the job held, and dismisses that worker.
    pub fn take_passes(&mut self, job: JobId, worker: WorkerId) -> Result<()> {
        self.dismiss_other_workers(job, worker)?;
        self.engine.execute(
            "UPDATE passes SET worker_id = NULL, attempt = attempt + 1 \
             WHERE job_id = $1 AND state = 'pending' AND worker_id IS NOT NULL",
            &values![job],
        )?;
        Ok(())
    }

    /// Claims up to `limit` pending passes of a job, with their bodies.
    pub fn claim_passes(
        &mut self,
        job: JobId,
        worker: WorkerId,
        profile: &str,
        limit: usize,
    ) -> Result<Vec<ClaimedPass>> {
        let suffix = self.engine.claim_suffix();
        let sql = format!(
            "WITH chosen AS MATERIALIZED (SELECT source_id FROM passes WHERE profile = $2 \
             AND state = 'pending' AND job_id = $3 AND worker_id IS NULL \
             ORDER BY source_id LIMIT $4{suffix}) \
             UPDATE passes SET worker_id = $1, attempt = attempt + 1 \
             WHERE profile = $2 AND source_id IN (SELECT source_id FROM chosen) AND state = 'pending' AND job_id = $3 AND worker_id IS NULL RETURNING source_id, attempt"
        );
        self.transaction("claim_passes", |store| {
            if store.is_dismissed(worker)? {
                return Err(Error::ClaimLost);
            }
            let mut claimed: Vec<(SourceId, i64)> = Vec::new();
            store.engine.query(
                &sql,
                &values![worker, profile, job, limit as i64],
                &mut |row| {
                    claimed.push((row.get(0)?, row.get(1)?));
                    Ok(())
                },
            )?;
            store.claimed_passes(job, worker, &claimed)
        })
    }

    /// Reads the sources of claimed passes, each with its attempt, in the order of their ids.
    fn claimed_passes(
        &mut self,
        job: JobId,
        worker: WorkerId,
        claimed: &[(SourceId, i64)],
    ) -> Result<Vec<ClaimedPass>> {
        let attempts: HashMap<SourceId, i64> = claimed.iter().copied().collect();
        let sources: Vec<SourceId> = claimed.iter().map(|(source, _)| *source).collect();
        let mut passes = Vec::with_capacity(claimed.len());
        self.query_among(
            "SELECT sources.id, sources.uri, sources.source_group, sources.media_type, sources.charset, \
             sources.body_digest, bodies.content, bodies.size \
             FROM sources JOIN bodies ON bodies.digest = sources.body_digest WHERE sources.id",
            "",
            &[],
            &sources,
            &mut |row| {
                let source = row.get(0)?;
                let attempt = attempts.get(&source).copied().unwrap_or_default();
                passes.push(ClaimedPass {
                    claim: Claim {
                        job,
                        worker,
                        attempt,
                    },
                    source,
                    uri: row.get(1)?,
                    source_group: row.get(2)?,
                    media_type: row.get::<Option<String>>(3)?.unwrap_or_default(),
                    charset: row.get::<Option<String>>(4)?.unwrap_or_default(),
                    body_digest: row.get(5)?,
                    compressed: row.get(6)?,
                    size: row.get(7)?,
                });
                Ok(())
            },
        )?;
        if passes.len() != claimed.len() {
            let missing = sources
                .iter()
                .find(|id| passes.iter().all(|pass| pass.source != **id));
            return Err(Error::NotFound {
                noun: "source",
                given: missing.map(ToString::to_string).unwrap_or_default(),
            });
        }
        passes.sort_unstable_by_key(|pass| pass.source);
        Ok(passes)
    }

    /// Gives claimed passes back.
    pub fn release_passes(&mut self, passes: &[(Claim, SourceId)], profile: &str) -> Result<()> {
        self.transaction("claim_passes", |store| {
            for (claim, source) in passes {
                store.engine.execute(
                    "UPDATE passes SET worker_id = NULL WHERE source_id = $1 AND profile = $2 \
                     AND worker_id = $3 AND attempt = $4 AND state = 'pending'",
                    &values![*source, profile, claim.worker, claim.attempt],
                )?;
            }
            Ok(())
        })
    }
}

/// What a gap of one profile's pass over one source is a gap of.
pub(super) fn pass_key(uri: &str, profile: &str) -> UriKey {
    UriKey::of(&format!("{uri}\n{profile}"))
}
