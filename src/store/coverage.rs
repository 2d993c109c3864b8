//! What was found, what is stored, and what leads where, for the report that holds them against each other.
//!
//! Reads only, each table once and row by row.

use serde_json::Value as Json;

use super::Store;
use super::bodies::unpack_links;
use super::error::Result;
use super::value::{Row, Value, values};
use crate::model::{JobId, UriKey};

/// A URL that was found, stored or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUrl {
    pub uri: String,
    pub source_group: String,
    /// `page`, `sitemap` or `llms_txt`.
    pub kind: String,
    /// Why it is not stored, as far as that is said.
    pub reason: Option<String>,
    /// Whether no page led to it first: a seed, or a file of a seed's folder.
    pub is_seed: bool,
    /// The URL that it is another name of.
    pub alias_of: Option<UriKey>,
}

/// A source that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUrl {
    pub uri: String,
    pub source_group: String,
    /// Whether it is read for the addresses that it lists, as far as its row tells.
    pub looks_like_sitemap: bool,
}

/// The sources of one job, as a condition: those that it created or brought the content of.
const OF_JOB: &str = "sources.created_by_job_id = $1 OR sources.content_job_id = $1 \
    OR sources.id IN (SELECT frontier.source_id FROM frontier WHERE frontier.job_id = $1 \
    AND frontier.source_id IS NOT NULL)";

fn condition(job: Option<JobId>) -> (String, Vec<Value<'static>>) {
    match job {
        Some(job) => (format!("WHERE ({OF_JOB})"), values![job].to_vec()),
        None => (String::new(), Vec::new()),
    }
}

/// Says whether a source is one that nothing is extracted from and that is made of markup for machines.
fn looks_like_sitemap(row: &dyn Row, column: usize) -> Result<bool> {
    let (media, extractable): (Option<String>, bool) = (row.get(column)?, row.get(column + 1)?);
    Ok(!extractable && media.is_some_and(|media| media.ends_with("xml")))
}

impl Store {
    /// Reads the URLs of a job's frontier, but for those that leave its sites.
    pub fn each_found_url(
        &mut self,
        job: JobId,
        each: &mut dyn FnMut(FoundUrl) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT uri, source_group, kind, reason, referrer, alias_of, outcome FROM frontier \
             WHERE job_id = $1 AND (reason IS NULL OR reason <> 'out_of_scope')",
            &values![job],
            &mut |row| {
                let is_pending = row.get::<Option<String>>(6)?.is_none();
                let reason: Option<String> = row.get(3)?;
                each(FoundUrl {
                    uri: row.get(0)?,
                    source_group: row.get(1)?,
                    kind: row.get(2)?,
                    reason: if is_pending {
                        Some("not_fetched".to_owned())
                    } else {
                        reason
                    },
                    is_seed: row.get::<Option<String>>(4)?.is_none(),
                    alias_of: row.get(5)?,
                })
            },
        )
    }

    /// Reads the URLs that deleted jobs had refused, but for those that leave their sites; of one job, if asked.
    pub fn each_refused_url(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(FoundUrl),
    ) -> Result<()> {
        let job = job.map(|job| job.to_string());
        self.each_refusal(&mut |_, of_job, one: &Json| {
            let said = |key: &str| one[key].as_str().map(str::to_owned);
            let reason = said("reason").unwrap_or_else(|| "not_fetched".to_owned());
            if job.as_deref().is_some_and(|job| of_job != Some(job)) || reason == "out_of_scope" {
                return;
            }
            each(FoundUrl {
                uri: said("uri").unwrap_or_default(),
                source_group: said("source_group").unwrap_or_default(),
                kind: "page".to_owned(),
                reason: Some(reason),
                is_seed: one["referrer"].is_null(),
                alias_of: None,
            });
        })
    }

    /// Reads the stored sources, those of one job or all.
    pub fn each_stored_url(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(StoredUrl),
    ) -> Result<()> {
        let (condition, parameters) = condition(job);
        self.engine.query(
            &format!(
                "SELECT sources.uri, sources.source_group, sources.media_type, sources.extractable \
                 FROM sources {condition}"
            ),
            &parameters,
            &mut |row| {
                each(StoredUrl {
                    uri: row.get(0)?,
                    source_group: row.get(1)?,
                    looks_like_sitemap: looks_like_sitemap(row, 2)?,
                });
                Ok(())
            },
        )
    }

    /// Reads what the stored sources lead to: each one's URI and the links of its current content.
    pub fn each_links_of_source(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(&str, &[String]),
    ) -> Result<()> {
        let (condition, parameters) = condition(job);
        self.engine.query(
            &format!(
                "SELECT sources.uri, bodies.links FROM sources \
                 JOIN bodies ON bodies.digest = sources.body_digest {condition}"
            ),
            &parameters,
            &mut |row| {
                let links = unpack_links(row.blob(1)?.unwrap_or_default())?;
                each(row.text(0)?.unwrap_or_default(), &links);
                Ok(())
            },
        )
    }
}
