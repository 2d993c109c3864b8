//! Jobs and sources as a user gives them: `last`, an id or the end of one, a URI.
//!
//! Owns which row is meant, and that none is taken for another. It changes nothing.

use super::Store;
use super::error::{Error, Result};
use super::value::{Row, values};
use crate::model::{EntityId, ExtractionId, JobId, SourceId};

/// Digits of the longest number of a job; as many as the lists show of an id are the ending of one.
const LONGEST_NUMBER: usize = 7;

/// What can be cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CitedKind {
    Source,
    Extraction,
    Entity,
}

/// What is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cited {
    Source(SourceId),
    Extraction(ExtractionId),
    Entity(EntityId),
}

impl Store {
    /// Finds what a user means to cite; without a kind whatever one of them it is, and `last` is a source.
    pub fn find_cited(&mut self, given: &str, kind: Option<CitedKind>) -> Result<Cited> {
        let kinds = match kind {
            Some(CitedKind::Source) => &[CitedKind::Source][..],
            Some(CitedKind::Extraction) => &[CitedKind::Extraction],
            Some(CitedKind::Entity) => &[CitedKind::Entity],
            None if given.eq_ignore_ascii_case("last") => &[CitedKind::Source],
            None => &[CitedKind::Source, CitedKind::Extraction, CitedKind::Entity],
        };
        let mut found = None;
        for kind in kinds {
            let one = match kind {
                CitedKind::Source => self.find_source(given).map(Cited::Source),
                CitedKind::Extraction => self
                    .find_id("extraction", "extractions", given)
                    .map(|id| Cited::Extraction(ExtractionId::from_uuid(id))),
                CitedKind::Entity => self.find_entity(given).map(Cited::Entity),
            };
            match one {
                Ok(_) if found.is_some() => {
                    return Err(Error::Ambiguous {
                        noun: "source, extraction or entity",
                        given: given.to_owned(),
                    });
                }
                Ok(one) => found = Some(one),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        found.ok_or_else(|| Error::NotFound {
            noun: match kind {
                Some(CitedKind::Source) => "source",
                Some(CitedKind::Extraction) => "extraction",
                Some(CitedKind::Entity) => "entity",
                None => "source, extraction or entity",
            },
            given: given.to_owned(),
        })
    }

    /// Finds the job that a user means by `last`, its number, an id or its unique ending.
    pub fn find_job(&mut self, given: &str) -> Result<JobId> {
        if let Some(job) = self.numbered_job(given)? {
            return self.job(job).map(|job| job.id);
        }
        self.find_id("job", "jobs", given).map(JobId::from_uuid)
    }

    /// Finds a job, deleted or not, by the number that reports show: its place in the order in which jobs began.
    /// What no job has for a number may be the ending of an id.
    fn numbered_job(&mut self, given: &str) -> Result<Option<JobId>> {
        let is_number = given.len() <= LONGEST_NUMBER
            && given.bytes().all(|byte| byte.is_ascii_digit())
            && !given.starts_with('0');
        let number = given.parse().ok().filter(|_| is_number);
        let Some(before) = number.and_then(|number: i64| number.checked_sub(1)) else {
            return Ok(None);
        };
        let mut found = None;
        self.engine.query(
            "SELECT id FROM (SELECT job_id AS id, MIN(started_at) AS began FROM runs \
             WHERE job_id IS NOT NULL GROUP BY job_id UNION ALL SELECT id, created_at FROM jobs \
             WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.job_id = jobs.id)) AS known \
             ORDER BY began, id LIMIT 1 OFFSET $1",
            &values![before],
            &mut |row| {
                found = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Finds a job as [`Store::find_job`] does, also one that was deleted and is in the record.
    pub fn find_recorded_job(&mut self, given: &str) -> Result<JobId> {
        if let Some(job) = self.numbered_job(given)? {
            return Ok(job);
        }
        match self.find_job(given) {
            Err(Error::NotFound { .. }) => {}
            other => return other,
        }
        let wanted = given.to_ascii_lowercase();
        let mut found = Vec::new();
        self.engine.query(
            "SELECT DISTINCT job_id FROM runs WHERE job_id IS NOT NULL \
             AND substr(CAST(job_id AS TEXT), 37 - $1) = $2",
            &values![wanted.len().min(36) as i64, &wanted],
            &mut |row| {
                found.push(row.get(0)?);
                Ok(())
            },
        )?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Error::NotFound {
                noun: "job",
                given: given.to_owned(),
            }),
            _ => Err(Error::Ambiguous {
                noun: "job",
                given: given.to_owned(),
            }),
        }
    }

    /// Finds the source that a user means by `last`, an id, its unique ending or its URI.
    pub fn find_source(&mut self, given: &str) -> Result<SourceId> {
        if given.contains('/')
            && let Some(source) = self.source_by_uri(given)?
        {
            return Ok(source);
        }
        self.find_id("source", "sources", given)
            .map(SourceId::from_uuid)
    }

    /// Finds the entity that a user means by `last`, an id, its unique ending or its normal form.
    pub fn find_entity(&mut self, given: &str) -> Result<EntityId> {
        let mut found = Vec::new();
        self.engine.query(
            "SELECT id FROM entities WHERE normalized_value = $1 OR value = $1 LIMIT 2",
            &values![given],
            &mut |row| {
                found.push(row.get(0)?);
                Ok(())
            },
        )?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => self
                .find_id("entity", "entities", given)
                .map(EntityId::from_uuid),
            _ => Err(Error::Ambiguous {
                noun: "entity",
                given: given.to_owned(),
            }),
        }
    }

    /// Finds an id by `last` or a unique ending.
    pub(super) fn find_id(
        &mut self,
        noun: &'static str,
        table: &'static str,
        given: &str,
    ) -> Result<uuid::Uuid> {
        let wanted = given.to_ascii_lowercase();
        let mut found = Vec::new();
        let mut push = |row: &dyn Row| {
            found.push(row.get::<uuid::Uuid>(0)?);
            Ok(())
        };
        if wanted == "last" {
            let sql = format!("SELECT id FROM {table} ORDER BY created_at DESC, id DESC LIMIT 1");
            self.engine.query(&sql, &[], &mut push)?;
        } else if !wanted.is_empty() && wanted.len() <= 36 {
            // An id's text has 36 letters.
            let sql = format!(
                "SELECT id FROM {table} WHERE substr(CAST(id AS TEXT), 37 - $1) = $2 LIMIT 2"
            );
            let length = wanted.len() as i64;
            self.engine
                .query(&sql, &values![length, &wanted], &mut push)?;
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Error::NotFound {
                noun,
                given: given.to_owned(),
            }),
            _ => Err(Error::Ambiguous {
                noun,
                given: given.to_owned(),
            }),
        }
    }
}
