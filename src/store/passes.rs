//! Passes: which content of which source a profile has been over, and who is on it now.

use serde_json::json;

use super::Store;
use super::error::{Error, Result};
use super::extracted::{ExtractedSource, ExtractedText, PassState};
use super::gaps::GapOwner;
use super::value::values;
use crate::model::{Claim, Digest, Event, EventKind, JobId, SourceId, Stage, UriKey, WorkerId};

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
            claimed.sort_unstable();
            let mut passes = Vec::with_capacity(claimed.len());
            for (source, attempt) in claimed {
                passes.push(store.claimed_pass(
                    Claim {
                        job,
                        worker,
                        attempt,
                    },
                    source,
                )?);
            }
            Ok(passes)
        })
    }

    fn claimed_pass(&mut self, claim: Claim, source: SourceId) -> Result<ClaimedPass> {
        let mut found = None;
        self.engine.query(
            "SELECT sources.uri, sources.source_group, sources.media_type, sources.charset, \
             sources.body_digest, bodies.content, bodies.size \
             FROM sources JOIN bodies ON bodies.digest = sources.body_digest WHERE sources.id = $1",
            &values![source],
            &mut |row| {
                found = Some(ClaimedPass {
                    claim,
                    source,
                    uri: row.get(0)?,
                    source_group: row.get(1)?,
                    media_type: row.get::<Option<String>>(2)?.unwrap_or_default(),
                    charset: row.get::<Option<String>>(3)?.unwrap_or_default(),
                    body_digest: row.get(4)?,
                    compressed: row.get(5)?,
                    size: row.get(6)?,
                });
                Ok(())
            },
        )?;
        found.ok_or_else(|| Error::NotFound {
            noun: "source",
            given: source.to_string(),
        })
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

    /// Writes the result of one pass; called inside a transaction.
    pub fn store_pass(&mut self, extracted: &ExtractedSource) -> Result<()> {
        let mentions: usize = extracted
            .texts
            .iter()
            .map(ExtractedText::mention_count)
            .sum();
        let text_gaps: usize = extracted.texts.iter().map(|text| text.gaps().len()).sum();
        let gap_count = extracted.gaps.len() + text_gaps;
        let updated = self.engine.execute(
            "UPDATE passes SET state = $1, worker_id = NULL, body_digest = $2, profile_digest = $3, \
             extraction_count = $4, mention_count = $5, gap_count = $6, passed_at = $7 \
             WHERE source_id = $8 AND profile = $9 AND worker_id = $10 AND attempt = $11 \
             AND state = 'pending'",
            &values![
                extracted.state.as_str(),
                extracted.body_digest,
                extracted.profile_digest,
                extracted.texts.len() as i64,
                mentions as i64,
                gap_count as i64,
                extracted.at,
                extracted.source,
                &*extracted.profile,
                extracted.claim.worker,
                extracted.claim.attempt,
            ],
        )?;
        if updated != 1 {
            return Err(Error::ClaimLost);
        }
        self.engine.execute(
            "UPDATE sources SET unpassed_reason = NULL WHERE id = $1",
            &values![extracted.source],
        )?;
        let what = pass_key(&extracted.uri, &extracted.profile);
        let owner = GapOwner {
            what,
            uri: &extracted.uri,
            source_group: &extracted.source_group,
            source: Some(extracted.source),
            extraction: None,
        };
        self.settle_gaps(
            Stage::Extract,
            &owner,
            &extracted.gaps,
            extracted.claim.job,
            extracted.at,
        )?;
        if extracted.state != PassState::Failed {
            self.replace_extractions(extracted)?;
        }
        let kind = if extracted.state == PassState::Failed {
            EventKind::ExtractionFailed
        } else {
            EventKind::SourceExtracted
        };
        let payload = json!({
            "job_id": extracted.claim.job,
            "attempt": extracted.claim.attempt,
            "state": extracted.state.as_str(),
            "body_digest": extracted.body_digest,
            "profile": &*extracted.profile,
            "profile_digest": extracted.profile_digest,
            "recognizer_digest": extracted.recognizer_digest,
            "extractions": extracted.texts.len(),
            "mentions": mentions,
            "gaps": extracted.gaps.iter().map(|gap| json!({
                "reason": gap.reason, "position": gap.position
            })).collect::<Vec<_>>(),
        });
        let source_uri = Some(extracted.uri.clone());
        self.record(&Event {
            kind,
            source_uri,
            payload,
            at: extracted.at,
        })
    }
}

/// What a gap of one profile's pass over one source is a gap of.
pub(super) fn pass_key(uri: &str, profile: &str) -> UriKey {
    UriKey::of(&format!("{uri}\n{profile}"))
}
