//! Gaps: what is incomplete, open until a later job repairs it.

use std::collections::HashMap;

use super::Store;
use super::error::Result;
use super::found::left_out_by_referrer;
use super::value::values;
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
    /// Who read it, where a profile or its recognizers did.
    pub profile: Option<&'a str>,
}

/// The gaps that one thing has now, of one stage.
pub(super) struct Settlement<'a> {
    pub owner: GapOwner<'a>,
    pub gaps: Vec<Gap>,
    /// Whether it was read again. If not, only what concerns reaching it is settled, and what is missing
    /// from the content, which has a position, stays as it is.
    pub read: bool,
    pub at: Timestamp,
}

/// A gap about to be opened.
struct Opening<'a> {
    owner: &'a GapOwner<'a>,
    gap: &'a Gap,
    at: Timestamp,
}

impl Opening<'_> {
    fn identity(&self) -> (UriKey, &'static str, &str) {
        (
            self.owner.what,
            self.gap.reason.as_str(),
            &self.gap.position,
        )
    }
}

impl Store {
    /// Makes the gaps of several things their open ones of one stage: those that are gone are resolved by `job`,
    /// those that stay count one more attempt. Whether a canonical URL conflicts is looked at when the
    /// job ends.
    pub(super) fn settle(
        &mut self,
        stage: Stage,
        settlements: &[Settlement<'_>],
        job: JobId,
    ) -> Result<()> {
        let keys: Vec<UriKey> = settlements.iter().map(|one| one.owner.what).collect();
        let mut open: HashMap<UriKey, Vec<(GapId, String, String)>> = HashMap::new();
        self.query_among(
            "SELECT what, id, reason, position FROM gaps WHERE resolved_at IS NULL AND stage = $1 \
             AND reason <> 'canonical_conflict' AND what",
            "",
            &values![stage.as_str()],
            &keys,
            &mut |row| {
                let gap = (row.get(1)?, row.get(2)?, row.get(3)?);
                open.entry(row.get(0)?).or_default().push(gap);
                Ok(())
            },
        )?;
        for Settlement {
            owner,
            gaps,
            read,
            at,
        } in settlements
        {
            let gone: Vec<GapId> = open
                .get(&owner.what)
                .into_iter()
                .flatten()
                .filter(|(_, reason, position)| {
                    (*read || position.is_empty())
                        && !gaps
                            .iter()
                            .any(|gap| gap.reason.as_str() == reason && gap.position == *position)
                })
                .map(|(id, ..)| *id)
                .collect();
            self.execute_among(
                "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE id",
                "",
                &values![*at, job],
                &gone,
            )?;
        }
        self.open_all(stage, settlements, job)
    }

    /// Opens the gaps of several things, and resolves none.
    pub(super) fn open_all(
        &mut self,
        stage: Stage,
        settlements: &[Settlement<'_>],
        job: JobId,
    ) -> Result<()> {
        let openings = settlements.iter().flat_map(|one| {
            one.gaps.iter().map(|gap| Opening {
                owner: &one.owner,
                gap,
                at: one.at,
            })
        });
        self.open_gaps(stage, openings.collect(), job)
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
        self.open_gaps(stage, vec![Opening { owner, gap, at }], job)
    }

    fn open_gaps(
        &mut self,
        stage: Stage,
        mut openings: Vec<Opening<'_>>,
        job: JobId,
    ) -> Result<()> {
        // In the order of the unique key, and once each: a statement may touch a row only once.
        openings.sort_by(|one, other| one.identity().cmp(&other.identity()));
        openings.dedup_by(|later, kept| {
            let same = later.identity() == kept.identity();
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        self.insert_rows(
            "gaps (id, stage, reason, class, what, position, uri, source_group, source_id, \
             extraction_id, detail, attempts, first_seen, last_seen, job_id, profile)",
            "ON CONFLICT (stage, reason, what, position) WHERE resolved_at IS NULL DO UPDATE SET \
             attempts = gaps.attempts + \
             CASE WHEN gaps.job_id IS DISTINCT FROM excluded.job_id THEN 1 ELSE 0 END, \
             last_seen = excluded.last_seen, detail = excluded.detail, \
             source_id = excluded.source_id, extraction_id = excluded.extraction_id, \
             job_id = excluded.job_id, profile = excluded.profile",
            &openings,
            |Opening { owner, gap, at }| {
                values![
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
                    1_i64,
                    *at,
                    *at,
                    job,
                    owner.profile,
                ]
            },
            &mut |_| Ok(()),
        )
    }

    /// Resolves what was missing of URLs that a rule now leaves out.
    pub(super) fn resolve_left_out(
        &mut self,
        keys: &[UriKey],
        job: JobId,
        at: Timestamp,
    ) -> Result<()> {
        self.execute_among(
            "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE resolved_at IS NULL \
             AND stage = 'crawl' AND position = '' \
             AND NOT EXISTS (SELECT 1 FROM frontier WHERE frontier.job_id = $2 \
             AND frontier.uri_key = gaps.what AND frontier.outcome = 'failed') AND what",
            "",
            &values![at, job],
            keys,
        )?;
        Ok(())
    }

    /// Resolves what was missing of URLs that no page leads to any more: the page that led there was
    /// fetched again by `job`, and `job` has not come upon them, or only by links that may not be followed.
    /// Called when the job is complete.
    pub fn resolve_unlinked(&mut self, job: JobId, at: Timestamp) -> Result<u64> {
        let mut candidates: Vec<(GapId, String)> = Vec::new();
        let left_out = left_out_by_referrer();
        let sql = format!(
            "SELECT gaps.id, earlier.referrer FROM gaps \
             JOIN frontier AS earlier ON earlier.job_id = gaps.job_id AND earlier.uri_key = gaps.what \
             WHERE gaps.resolved_at IS NULL AND gaps.stage = 'crawl' AND gaps.source_id IS NULL \
             AND gaps.position = '' AND gaps.job_id <> $1 AND earlier.referrer IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM frontier AS now WHERE now.job_id = $1 \
             AND now.uri_key = gaps.what AND (now.reason IS NULL OR now.reason NOT IN ({left_out}))) \
             ORDER BY gaps.id"
        );
        self.engine.query(&sql, &values![job], &mut |row| {
            candidates.push((row.get(0)?, row.get(1)?));
            Ok(())
        })?;
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
