//! Which sources an extraction takes up: those that were asked for and are not up to date.
//!
//! Owns the choice alone; who works on a pass, and what comes of it, stands in `passes.rs`.

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::value::{Value, values};
use crate::model::{Digest, JobId, SourceId};

/// Which of the sources that were asked for an extraction takes up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// All that the profile has not passed as they are now.
    #[default]
    NotPassed,
    /// Only those that it has passed once, and whose content or profile has changed since.
    Stale,
    /// Those that it has passed as they are now as well.
    All,
}

/// The sources that are asked for; none of the three means every source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub scope: Scope,
    pub source: Option<SourceId>,
    pub group: Option<String>,
    /// Only what this job created or brought the content of.
    pub job: Option<JobId>,
}

impl Selection {
    /// Says whether some sources are left out, whatever state they are in.
    pub fn is_partial(&self) -> bool {
        self.source.is_some() || self.group.is_some() || self.job.is_some()
    }

    /// Writes what a condition on `sources` goes on with, and its values, numbered from `first`.
    pub(super) fn condition<'a>(&'a self, first: usize) -> (String, Vec<Value<'a>>) {
        let mut sql = String::new();
        let mut parameters: Vec<Value<'a>> = Vec::new();
        let mut add = |condition: &str, value: Value<'a>| {
            let number = format!("${}", first + parameters.len());
            sql.push_str(" AND ");
            sql.push_str(&condition.replace("$n", &number));
            parameters.push(value);
        };
        if let Some(source) = self.source {
            add("sources.id = $n", source.into());
        }
        if let Some(group) = &self.group {
            add("sources.source_group = $n", group.as_str().into());
        }
        if let Some(job) = self.job {
            add(
                "(sources.created_by_job_id = $n OR sources.content_job_id = $n)",
                job.into(),
            );
        }
        (sql, parameters)
    }
}

impl Store {
    /// Makes the sources that `selection` means pending passes of `job`; returns how many there are.
    pub fn select_passes(
        &mut self,
        job: JobId,
        profile: &str,
        profile_digest: Digest,
        selection: &Selection,
    ) -> Result<i64> {
        if selection.scope != Scope::Stale {
            let (wanted, mut parameters) = selection.condition(2);
            parameters.insert(0, profile.into());
            let sql = format!(
                "INSERT INTO passes (source_id, profile, state) \
                 SELECT sources.id, $1, 'pending' FROM sources WHERE sources.body_digest IS NOT NULL \
                 AND sources.extractable{wanted} AND NOT EXISTS (SELECT 1 FROM passes WHERE passes.source_id = sources.id \
                 AND passes.profile = $1) ORDER BY sources.id \
                 ON CONFLICT (source_id, profile) DO NOTHING"
            );
            self.engine.execute(&sql, &parameters)?;
        }
        // A pass that failed has not passed; one by another version of the profile is out of date.
        let mut parameters = values![profile, profile_digest].to_vec();
        let again = match selection.scope {
            Scope::NotPassed => {
                "(state = 'failed' OR (state <> 'pending' AND profile_digest IS DISTINCT FROM $2))"
            }
            Scope::Stale => "state <> 'pending' AND profile_digest IS DISTINCT FROM $2",
            Scope::All => {
                parameters.truncate(1);
                "state <> 'pending'"
            }
        };
        let (wanted, more) = selection.condition(parameters.len() + 1);
        parameters.extend(more);
        let sql = format!(
            "UPDATE passes SET state = 'pending', job_id = NULL, worker_id = NULL WHERE profile = $1 \
             AND {again} AND EXISTS (SELECT 1 FROM sources WHERE sources.id = passes.source_id \
             AND sources.extractable{wanted})"
        );
        self.engine.execute(&sql, &parameters)?;
        // What an unfinished job has selected stays that job's, or its balance would not close.
        let passed_once = match selection.scope {
            Scope::Stale => " AND passed_at IS NOT NULL",
            Scope::NotPassed | Scope::All => "",
        };
        let (wanted, more) = selection.condition(3);
        let mut parameters = values![job, profile].to_vec();
        parameters.extend(more);
        let sql = format!(
            "UPDATE passes SET job_id = $1, attempt = attempt + 1 \
             WHERE profile = $2 AND state = 'pending' AND job_id IS NULL{passed_once} AND EXISTS \
             (SELECT 1 FROM sources WHERE sources.id = passes.source_id \
             AND sources.extractable{wanted})"
        );
        Ok(self.engine.execute(&sql, &parameters)? as i64)
    }

    /// Makes passes of `sources` pending ones of `job`, whatever came of them before, unless another job has
    /// selected them; returns how many.
    pub fn select_named_passes(
        &mut self,
        job: JobId,
        profile: &str,
        sources: &[SourceId],
    ) -> Result<i64> {
        self.insert_rows(
            "passes (source_id, profile, state)",
            "ON CONFLICT (source_id, profile) DO NOTHING",
            sources,
            |source| values![*source, profile, "pending"],
            &mut |_| Ok(()),
        )?;
        let selected = self.execute_among(
            "UPDATE passes SET state = 'pending', job_id = $1, worker_id = NULL, attempt = attempt + 1 \
             WHERE profile = $2 AND (state <> 'pending' OR job_id IS NULL) AND source_id",
            "",
            &values![job, profile],
            sources,
        )?;
        Ok(selected as i64)
    }

    /// Returns the parameters of the last extraction by a profile of this name.
    pub fn last_profile(&mut self, name: &str) -> Result<Option<Json>> {
        let mut found = None;
        self.engine.query(
            "SELECT params FROM jobs WHERE kind = 'extract' ORDER BY created_at DESC, id DESC",
            &[],
            &mut |row| {
                let params: Json = row.get(0)?;
                if found.is_none() && params["profile"] == name {
                    found = Some(params);
                }
                Ok(())
            },
        )?;
        Ok(found)
    }
}
