//! How claimed URLs end: their outcomes, fenced by the claims, and the redirects between them.

use std::collections::HashMap;

use super::Store;
use super::error::{Error, Result};
use super::value::values;
use crate::model::{Claim, DiscoveredLink, JobId, Outcome, Reason, SourceId, UriKey};

/// No chain that may be followed is longer than the redirects that may be.
const LONGEST_CHAIN: usize = 32;

/// How a claimed URL ended; many of a batch have the same ending.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Ending<'a> {
    pub claim: Claim,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub detail: Option<&'a str>,
    pub alias_of: Option<UriKey>,
    /// Whether this fetch stored the source under its key.
    pub has_source: bool,
    /// The source, where it stands under another key than the URL: a later capture's in an archive.
    pub source: Option<SourceId>,
}

impl Store {
    /// Writes the outcomes of claimed URLs; refuses all of them when one of the claims no longer holds.
    pub(super) fn finish_urls(&mut self, ends: &[(UriKey, Ending<'_>)]) -> Result<()> {
        let mut alike: HashMap<&Ending<'_>, Vec<UriKey>> = HashMap::new();
        for (key, ending) in ends {
            alike.entry(ending).or_default().push(*key);
        }
        for (ending, keys) in alike {
            // Not `IS NULL`, by which Postgres may read every unfinished URL instead of these by their keys.
            let finished = self.execute_among(
                "UPDATE frontier SET outcome = $1, reason = $2, detail = $3, alias_of = $4, \
                 source_id = COALESCE($9, CASE WHEN $5 THEN (SELECT sources.id FROM sources \
                 WHERE sources.uri_key = frontier.uri_key) END), worker_id = NULL \
                 WHERE job_id = $6 AND worker_id = $7 AND attempt = $8 AND COALESCE(outcome, '') = '' \
                 AND uri_key",
                "",
                &values![
                    ending.outcome.as_str(),
                    ending.reason.map(Reason::as_str),
                    ending.detail,
                    ending.alias_of,
                    ending.has_source,
                    ending.claim.job,
                    ending.claim.worker,
                    ending.claim.attempt,
                    ending.source,
                ],
                &keys,
            )?;
            if finished != keys.len() as u64 {
                return Err(Error::ClaimLost);
            }
        }
        Ok(())
    }

    /// Returns the key of the last capture that the job's archives hold of a URL, when they hold several.
    pub(super) fn last_capture(&mut self, job: JobId, url: UriKey) -> Result<Option<UriKey>> {
        let mut last = None;
        // A URL that is asked again is numbered from the other end.
        self.engine.query(
            "SELECT uri_key FROM frontier WHERE job_id = $1 AND uri_key >= $2 AND uri_key <= $3 \
             AND locator IS NOT NULL ORDER BY depth DESC LIMIT 1",
            &values![job, url.capture(1), url.capture(u32::MAX / 2)],
            &mut |row| {
                last = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(last)
    }

    /// Returns the URLs of a job to which others redirect and which have an outcome. Reads every URL of the job, so
    /// it is for the beginning of a run.
    pub fn ended_targets(&mut self, job: JobId) -> Result<Vec<UriKey>> {
        let mut ended = Vec::new();
        self.engine.query(
            "SELECT DISTINCT aliases.alias_of FROM frontier AS aliases JOIN frontier AS targets \
             ON targets.job_id = aliases.job_id AND targets.uri_key = aliases.alias_of \
             WHERE aliases.job_id = $1 AND aliases.outcome = 'alias' AND targets.outcome IS NOT NULL",
            &values![job],
            &mut |row| {
                ended.push(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(ended)
    }

    /// Returns the URLs of a job that are other names of one that has no outcome yet, with its key. Reads every URL
    /// of the job, so it is for the beginning of a run.
    pub fn waiting_aliases(&mut self, job: JobId) -> Result<Vec<(DiscoveredLink, UriKey)>> {
        let mut waiting = Vec::new();
        self.engine.query(
            "SELECT aliases.uri, aliases.kind, aliases.depth, aliases.redirects, aliases.alias_of \
             FROM frontier AS aliases JOIN frontier AS targets ON targets.job_id = aliases.job_id \
             AND targets.uri_key = aliases.alias_of WHERE aliases.job_id = $1 \
             AND aliases.outcome = 'alias' AND targets.outcome IS NULL",
            &values![job],
            &mut |row| {
                let link = DiscoveredLink {
                    kind: row.get(1)?,
                    depth: row.get(2)?,
                    redirects: row.get(3)?,
                    ..DiscoveredLink::to(row.get(0)?)
                };
                waiting.push((link, row.get(4)?));
                Ok(())
            },
        )?;
        Ok(waiting)
    }

    /// Says of redirects, each from a URL to its target, whether the target's own lead back to the URL; one
    /// that does not counts for those after it.
    pub(super) fn lead_back(
        &mut self,
        job: JobId,
        redirects: &[(UriKey, UriKey)],
    ) -> Result<Vec<bool>> {
        let mut aliases: HashMap<UriKey, Option<UriKey>> = HashMap::new();
        let mut wanted: Vec<UriKey> = redirects.iter().map(|(_, target)| *target).collect();
        for _ in 0..LONGEST_CHAIN {
            wanted.retain(|key| !aliases.contains_key(key));
            if wanted.is_empty() {
                break;
            }
            aliases.extend(wanted.iter().map(|key| (*key, None)));
            let mut next = Vec::new();
            self.query_among(
                "SELECT uri_key, alias_of FROM frontier WHERE job_id = $1 AND alias_of IS NOT NULL \
                 AND uri_key",
                "",
                &values![job],
                &wanted,
                &mut |row| {
                    let target: UriKey = row.get(1)?;
                    aliases.insert(row.get(0)?, Some(target));
                    next.push(target);
                    Ok(())
                },
            )?;
            wanted = next;
        }
        let mut lead_back = Vec::with_capacity(redirects.len());
        for (url, target) in redirects {
            let step = |at: &UriKey| aliases.get(at).copied().flatten();
            let loops = std::iter::successors(Some(*target), step)
                .take(LONGEST_CHAIN)
                .any(|at| at == *url);
            if !loops {
                aliases.insert(*url, Some(*target));
            }
            lead_back.push(loops);
        }
        Ok(lead_back)
    }
}
