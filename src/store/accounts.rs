//! The books: what the record says of each job, to be held against what the tables say.
//!
//! Every count here comes either from the events or from the frontier, never from both, so that a report
//! can compare them. Nothing here writes.

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::limits::CLOSING_LIMITS;
use super::reports::of_job;
use super::value::Value;
use crate::model::{JobId, Timestamp};

/// A job's deletion, with the run that did it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDeletion {
    pub at: Timestamp,
    pub command_line: String,
    pub host: String,
    /// What the job was and how it balanced; `None` once it was erased.
    pub payload: Option<Json>,
}

/// How many of a job's units one word applies to: an outcome or an event's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordCount {
    pub job: JobId,
    pub word: String,
    pub count: i64,
}

/// How one source of an extract job ended, as its last event says.
#[derive(Debug, Clone, PartialEq)]
pub struct PassEnd {
    pub job: JobId,
    /// Empty when the source is gone.
    pub source_group: String,
    pub kind: String,
    pub payload: Option<Json>,
}

impl Store {
    /// Says whether any job was ever worked on here, those that were deleted included.
    pub fn has_any_job(&mut self) -> Result<bool> {
        let sql = "SELECT (SELECT COUNT(*) FROM jobs) + \
                   (SELECT COUNT(*) FROM runs WHERE job_id IS NOT NULL)";
        Ok(self.count(sql, &[])? > 0)
    }

    /// Reads every deletion of a job, the oldest first.
    pub fn job_deletions(&mut self) -> Result<Vec<JobDeletion>> {
        let mut deletions = Vec::new();
        self.engine.query(
            // Whoever deletes a job works on none: of the record only upkeep is read.
            "SELECT events.at, runs.command_line, runs.host, events.payload FROM runs \
             JOIN events ON events.run_id = runs.id \
             WHERE runs.job_id IS NULL AND events.kind = 'job_deleted' \
             ORDER BY events.at, runs.id, events.sequence",
            &[],
            &mut |row| {
                deletions.push(JobDeletion {
                    at: row.get(0)?,
                    command_line: row.get(1)?,
                    host: row.get(2)?,
                    payload: row.get(3)?,
                });
                Ok(())
            },
        )?;
        Ok(deletions)
    }

    /// Counts the URLs of each crawl job whose turn came, by outcome: each of them has an event.
    ///
    /// A URL decided when it was found, or closed by a limit, had no turn.
    pub fn turn_counts(&mut self, job: Option<JobId>) -> Result<Vec<WordCount>> {
        let (of_job, parameters) = of_job("job_id", job);
        self.word_counts(
            &format!(
                "SELECT job_id, outcome, COUNT(*) FROM frontier \
                 WHERE outcome IS NOT NULL AND attempt > 0 \
                 AND (reason IS NULL OR reason NOT IN {CLOSING_LIMITS}) \
                 AND {of_job} GROUP BY job_id, outcome ORDER BY job_id, outcome COLLATE \"C\""
            ),
            &parameters,
        )
    }

    /// Counts the events of each job's runs by kind, those that end a unit. A source that turned out to be
    /// another's alias counts as aliased and no more as stored.
    pub fn ending_event_counts(&mut self, job: Option<JobId>) -> Result<Vec<WordCount>> {
        let (of_run, parameters) = of_job("runs.job_id", job);
        let mut counts = self.word_counts(
            &format!(
                "SELECT runs.job_id, 'url_aliased', COUNT(*) FROM events \
                 JOIN runs ON runs.id = events.run_id WHERE events.kind = 'source_aliased' \
                 AND {of_run} GROUP BY runs.job_id"
            ),
            &parameters,
        )?;
        if !counts.is_empty() {
            let (of_now, parameters) = of_job("now.job_id", job);
            counts.extend(self.word_counts(
                &format!(
                    "SELECT now.job_id, events.kind, -COUNT(*) FROM events AS aliased \
                     JOIN runs AS now ON now.id = aliased.run_id \
                     JOIN events ON events.source_key = aliased.source_key \
                     JOIN runs AS earlier ON earlier.id = events.run_id \
                     AND earlier.job_id = now.job_id WHERE aliased.kind = 'source_aliased' \
                     AND events.kind IN ('source_created', 'source_changed', 'source_unchanged') \
                     AND {of_now} GROUP BY now.job_id, events.kind"
                ),
                &parameters,
            )?);
        }
        counts.extend(self.word_counts(
            &format!(
                "SELECT runs.job_id, events.kind, COUNT(*) FROM events \
                 JOIN runs ON runs.id = events.run_id \
                 WHERE events.kind IN ('source_created', 'source_changed', 'source_unchanged', \
                 'url_aliased', 'url_skipped', 'url_failed', 'source_extracted', \
                 'extraction_failed') AND {of_run} GROUP BY runs.job_id, events.kind \
                 ORDER BY runs.job_id, events.kind COLLATE \"C\""
            ),
            &parameters,
        )?);
        Ok(counts)
    }

    /// Counts the links of other schemes on the pages that each crawl job stored, in their current content.
    pub fn other_link_counts(&mut self, job: Option<JobId>) -> Result<Vec<WordCount>> {
        let (of_job, parameters) = of_job("frontier.job_id", job);
        self.word_counts(
            &format!(
                "SELECT frontier.job_id, 'links', CAST(SUM(bodies.other_link_count) AS BIGINT) \
                 FROM frontier JOIN sources ON sources.id = frontier.source_id \
                 JOIN bodies ON bodies.digest = sources.body_digest \
                 WHERE frontier.outcome IN ('new', 'changed', 'unchanged') \
                 AND {of_job} GROUP BY frontier.job_id ORDER BY frontier.job_id"
            ),
            &parameters,
        )
    }

    fn word_counts(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<Vec<WordCount>> {
        let mut counts = Vec::new();
        self.engine.query(sql, parameters, &mut |row| {
            counts.push(WordCount {
                job: row.get(0)?,
                word: row.get(1)?,
                count: row.get(2)?,
            });
            Ok(())
        })?;
        Ok(counts)
    }

    /// Reads how the sources of extract jobs ended, each by the last event that says so: content that came
    /// while the job ran may have been extracted twice.
    pub fn pass_ends(
        &mut self,
        job: Option<JobId>,
        each: &mut dyn FnMut(PassEnd) -> Result<()>,
    ) -> Result<()> {
        let (of_job, parameters) = of_job("runs.job_id", job);
        self.engine.query(
            &format!(
                "SELECT ended.job_id, COALESCE(sources.source_group, ''), ended.kind, \
                 ended.payload FROM (SELECT runs.job_id AS job_id, \
                 events.source_key AS source_key, events.kind AS kind, \
                 events.payload AS payload, ROW_NUMBER() OVER \
                 (PARTITION BY runs.job_id, events.source_key \
                 ORDER BY runs.started_at DESC, runs.id DESC, events.sequence DESC) AS place \
                 FROM events JOIN runs ON runs.id = events.run_id \
                 WHERE events.kind IN ('source_extracted', 'extraction_failed') \
                 AND {of_job}) AS ended \
                 LEFT JOIN sources ON sources.uri_key = ended.source_key WHERE ended.place = 1"
            ),
            &parameters,
            &mut |row| {
                each(PassEnd {
                    job: row.get(0)?,
                    source_group: row.get(1)?,
                    kind: row.get(2)?,
                    payload: row.get(3)?,
                })
            },
        )
    }

    /// Counts the rows of each of this program's tables that is there, by name.
    pub fn row_counts(&mut self) -> Result<Vec<(&'static str, i64)>> {
        let there = self.engine.table_names()?;
        let mut counts = Vec::new();
        for table in TABLES {
            if there.iter().any(|name| name == table) {
                let count = self.count(&format!("SELECT COUNT(*) FROM {table}"), &[])?;
                counts.push((*table, count));
            }
        }
        Ok(counts)
    }
}

/// Every table of this program, by name. A schema on a server may hold others as well.
pub(super) const TABLES: &[&str] = &[
    "archives",
    "blocks",
    "bodies",
    "entities",
    "entity_merges",
    "events",
    "extraction_entities",
    "extractions",
    "frontier",
    "gaps",
    "host_days",
    "jobs",
    "links",
    "passes",
    "runs",
    "search_pending",
    "search_texts",
    "search_words",
    "sources",
    "windows",
    "workers",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_migrations_is_counted() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut made = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                let text = std::fs::read_to_string(path).unwrap();
                made.extend(
                    text.lines()
                        .filter_map(|line| line.strip_prefix("CREATE TABLE "))
                        .map(|rest| rest.trim_end_matches(" (").to_owned()),
                );
            }
        }
        made.sort();
        assert_eq!(made, TABLES);
    }
}
