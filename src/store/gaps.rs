//! Gaps: what is incomplete, open until a later job repairs it.

use super::Store;
use super::batch::in_few_sizes;
use super::error::Result;
use super::value::{Value, values};
use crate::model::{ExtractionId, Gap, GapId, JobId, SourceId, Stage, Timestamp, UriKey};

/// What a gap is a gap of.
#[derive(Debug, Clone)]
pub struct GapOwner<'a> {
    /// Tells one thing from another: a URL's key, or that with a profile, or an extraction's.
    pub what: UriKey,
    pub uri: &'a str,
    pub source_group: &'a str,
    pub source: Option<SourceId>,
    pub extraction: Option<ExtractionId>,
}

impl Store {
    /// Makes `gaps` the open ones of one stage of `owner`: those that are gone are resolved by `job`,
    /// those that stay count one more attempt.
    pub(super) fn settle_gaps(
        &mut self,
        stage: Stage,
        owner: &GapOwner<'_>,
        gaps: &[Gap],
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        self.settle_some_gaps(stage, owner, gaps, job, at, |_| true)
    }

    /// Settles only what concerns reaching a URL. What is missing from a body that is stored, which has a
    /// position, stays as it is: that body was not fetched again.
    pub(super) fn settle_fetch_gaps(
        &mut self,
        owner: &GapOwner<'_>,
        gaps: &[Gap],
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        self.settle_some_gaps(Stage::Crawl, owner, gaps, job, at, str::is_empty)
    }

    fn settle_some_gaps(
        &mut self,
        stage: Stage,
        owner: &GapOwner<'_>,
        gaps: &[Gap],
        job: JobId,
        at: Timestamp,
        concerned: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let mut open: Vec<(GapId, String, String)> = Vec::new();
        self.engine.query(
            "SELECT id, reason, position FROM gaps WHERE what = $1 AND resolved_at IS NULL AND stage = $2",
            &values![owner.what, stage.as_str()],
            &mut |row| {
                open.push((row.get(0)?, row.get(1)?, row.get(2)?));
                Ok(())
            },
        )?;
        for (id, reason, position) in open.iter().filter(|gap| concerned(&gap.2)) {
            let stays = gaps
                .iter()
                .any(|gap| gap.reason.as_str() == reason && gap.position == *position);
            if !stays {
                self.engine.execute(
                    "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE id = $3",
                    &values![at, job, *id],
                )?;
            }
        }
        for gap in gaps {
            self.open_gap(stage, owner, gap, job, at)?;
        }
        Ok(())
    }

    /// Opens a gap, or counts one more attempt at one that is open; a job counts once however often it
    /// comes upon it.
    pub(super) fn open_gap(
        &mut self,
        stage: Stage,
        owner: &GapOwner<'_>,
        gap: &Gap,
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        self.engine.execute(
            "INSERT INTO gaps (id, stage, reason, class, what, position, uri, source_group, source_id, \
             extraction_id, detail, attempts, first_seen, last_seen, job_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12, $13) \
             ON CONFLICT (stage, reason, what, position) WHERE resolved_at IS NULL DO UPDATE SET \
             attempts = gaps.attempts + \
             CASE WHEN gaps.job_id IS DISTINCT FROM excluded.job_id THEN 1 ELSE 0 END, \
             last_seen = excluded.last_seen, detail = excluded.detail, \
             source_id = excluded.source_id, extraction_id = excluded.extraction_id, \
             job_id = excluded.job_id",
            &values![
                GapId::new(),
                stage.as_str(),
                gap.reason.as_str(),
                gap.reason.class().as_str(),
                owner.what,
                &gap.position,
                owner.uri,
                owner.source_group,
                owner.source,
                owner.extraction,
                &gap.detail,
                at,
                job,
            ],
        )?;
        Ok(())
    }

    /// Resolves what was missing of URLs that a rule now leaves out.
    pub(super) fn resolve_left_out(
        &mut self,
        keys: &[UriKey],
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        for keys in in_few_sizes(keys) {
            let numbers: Vec<String> = (3..keys.len() + 3).map(|n| format!("${n}")).collect();
            let sql = format!(
                "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE what IN ({}) \
                 AND resolved_at IS NULL AND stage = 'crawl' AND position = ''",
                numbers.join(", ")
            );
            let mut parameters: Vec<Value<'_>> = values![at, job].into();
            parameters.extend(keys.iter().map(|key| Value::from(*key)));
            self.engine.execute(&sql, &parameters)?;
        }
        Ok(())
    }

    /// Resolves what was missing of URLs that no page leads to any more: the page that led there was
    /// fetched again by `job`, and `job` has not come upon them. Called when the job is complete.
    pub fn resolve_unlinked(&mut self, job: JobId, at: Timestamp) -> Result<u64> {
        let mut candidates: Vec<(GapId, String)> = Vec::new();
        self.engine.query(
            "SELECT gaps.id, earlier.referrer FROM gaps \
             JOIN frontier AS earlier ON earlier.job_id = gaps.job_id AND earlier.uri_key = gaps.what \
             WHERE gaps.resolved_at IS NULL AND gaps.stage = 'crawl' AND gaps.source_id IS NULL \
             AND gaps.position = '' AND gaps.job_id <> $1 AND earlier.referrer IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM frontier AS now WHERE now.job_id = $1 \
             AND now.uri_key = gaps.what) ORDER BY gaps.id",
            &values![job],
            &mut |row| {
                candidates.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        let mut resolved = 0;
        for (gap, referrer) in candidates {
            let read_again = self.count(
                "SELECT COUNT(*) FROM frontier WHERE job_id = $1 AND uri_key = $2 \
                 AND outcome IN ('new', 'changed', 'unchanged')",
                &values![job, UriKey::of(&referrer)],
            )?;
            if read_again > 0 {
                resolved += self.engine.execute(
                    "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE id = $3",
                    &values![at, job, gap],
                )?;
            }
        }
        Ok(resolved)
    }
}
