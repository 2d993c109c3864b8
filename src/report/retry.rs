//! What can be tried again, and by which work: the plan of `toolkit retry`.
//!
//! Reads what is incomplete and decides what each line needs; the work itself is crawl's and extract's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::incomplete::needs_resume;
use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Class, Digest, ExtractionId, JobId, Reason, SourceId, Stage, Timestamp};
use crate::store::{IncompleteFilter, IncompleteRow, Result, Store};

/// The profile of what was recorded by a job that is no longer there.
const DEFAULT_PROFILE: &str = "default";

lines! {
    /// One thing that is tried again.
    RetryLine {
        stage: String => text;
        reason: String => text;
        class: String => text;
        uri: String => text;
        position: String => text;
        attempts: i64 => number;
        last_seen: Timestamp => time;
        /// `crawl`, `resume`, `extract` or `entities`; `none` where nothing is left to try it with.
        by: String => text;
    }
}

/// The plan of `retry`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetryReport {
    pub rows: Vec<RetryLine>,
    #[serde(skip)]
    pub work: RetryWork,
}

/// The work that the plan comes to, each piece once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetryWork {
    /// The URIs to crawl again, by the job whose settings they were crawled with.
    pub crawls: BTreeMap<JobId, BTreeSet<String>>,
    /// The crawls that stopped before they were done.
    pub resumes: BTreeSet<JobId>,
    /// The extractions that stopped at their very end.
    pub extractions: BTreeSet<JobId>,
    /// The sources to extract again, by profile.
    pub sources: BTreeMap<String, BTreeSet<SourceId>>,
    /// The texts to find entities in again, by profile.
    pub texts: BTreeMap<String, BTreeSet<ExtractionId>>,
}

/// Plans what of the incomplete is tried again: all that trying again can help, or all of the one reason that
/// `filter` names; of one source, if asked.
pub fn retry(
    store: &mut Store,
    filter: &IncompleteFilter,
    source: Option<SourceId>,
    recognizer_digest: Digest,
) -> Result<RetryReport> {
    store.snapshot(|store| {
        let mut wanted: Vec<IncompleteRow> = Vec::new();
        store.incomplete(filter, recognizer_digest, &mut |row| {
            let can_help = row.reason.parse::<Reason>().is_ok_and(|reason| {
                reason.class() != Class::Decision
                    && (filter.reason.is_some() || reason.retry_can_help())
            });
            if can_help && source.is_none_or(|source| row.source == Some(source)) {
                wanted.push(row);
            }
            Ok(())
        })?;
        let mut of_jobs: BTreeMap<JobId, Option<String>> = BTreeMap::new();
        for job in store.jobs()? {
            let profile = job.params["profile"].as_str().map(str::to_owned);
            of_jobs.insert(job.id, profile);
        }
        let mut report = RetryReport {
            rows: Vec::with_capacity(wanted.len()),
            work: RetryWork::default(),
        };
        for row in wanted {
            let of_job = || row.job.and_then(|job| of_jobs.get(&job).cloned().flatten());
            let profile = row.profile.clone().or_else(of_job);
            let profile = profile.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
            let job = row.job.filter(|job| of_jobs.contains_key(job));
            let by = report.work.add(&row, job, profile);
            report.rows.push(line(row, by));
        }
        Ok(report)
    })
}

impl RetryWork {
    /// Says whether sources or texts are read again.
    pub fn reads(&self) -> bool {
        !(self.sources.is_empty() && self.texts.is_empty())
    }

    /// Adds what one line needs, and names it.
    fn add(&mut self, row: &IncompleteRow, job: Option<JobId>, profile: String) -> &'static str {
        let stage = row.stage.parse::<Stage>();
        match (stage, row.source, row.extraction, job) {
            (Ok(Stage::Entities), _, Some(extraction), _) => {
                self.texts.entry(profile).or_default().insert(extraction);
                "entities"
            }
            (Ok(Stage::Extract), Some(source), ..) if row.reason != Reason::NoBody.as_str() => {
                self.sources.entry(profile).or_default().insert(source);
                "extract"
            }
            (Ok(Stage::Extract), None, None, Some(job)) => {
                self.extractions.insert(job);
                "resume"
            }
            (Ok(Stage::Crawl), .., Some(job)) if resumes(&row.reason) => {
                self.resumes.insert(job);
                "resume"
            }
            (Ok(Stage::Crawl), .., Some(job)) => {
                let uris = self.crawls.entry(job).or_default();
                uris.insert(row.uri.clone());
                "crawl"
            }
            _ => "none",
        }
    }
}

/// Says whether a line of this reason needs its crawl taken on.
fn resumes(reason: &str) -> bool {
    reason.parse().is_ok_and(needs_resume)
}

fn line(row: IncompleteRow, by: &str) -> RetryLine {
    RetryLine {
        stage: row.stage,
        reason: row.reason,
        class: row.class,
        uri: row.uri,
        position: row.position,
        attempts: row.attempts,
        last_seen: row.last_seen,
        by: by.to_owned(),
    }
}

impl Report for RetryReport {
    fn tables(&self) -> Vec<Table> {
        let empty = "Nothing is incomplete that trying again could help.";
        vec![table("retry", empty, &self.rows)]
    }
}
