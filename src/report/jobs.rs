//! The list of jobs, and everything about one of them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::balance::{self, BalanceReport};
use super::ledger::{Ledger, ending, is_interrupted};
use super::line::{Line as _, lines, table};
use super::{Cell, Column, Report, Table};
use crate::model::{Digest, Job, JobId, JobState, RunId, Timestamp};
use crate::store::{Error, ProvenanceJob, Result, Store};

/// The most members that are shown of a list among a job's parameters.
const LONGEST_LIST: usize = 20;

/// The whole numbers of a job's result, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ResultCounts(BTreeMap<String, i64>);

impl ResultCounts {
    fn of(result: Option<&Json>) -> Self {
        let members = result.and_then(Json::as_object).into_iter().flatten();
        Self(
            members
                .filter_map(|(name, value)| value.as_i64().map(|count| (name.clone(), count)))
                .collect(),
        )
    }
}

impl From<ResultCounts> for Cell {
    fn from(counts: ResultCounts) -> Self {
        let counted = counts.0.iter().filter(|(_, count)| **count != 0);
        let texts: Vec<String> = counted
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        Self::from(Some(texts.join(", ")).filter(|text| !text.is_empty()))
    }
}

lines! {
    /// One job of the list.
    JobLine {
        /// Its number, by the start of its first run.
        job: i64 => number;
        id: JobId => id;
        kind: String => text;
        state: String => text;
        /// It counts as running, and no worker is on it.
        interrupted: bool => text;
        started_at: Option<Timestamp> => time;
        duration_seconds: Option<f64> => seconds;
        counts: ResultCounts => text;
        error: Option<String> => text;
    }

    /// One worker's attempt at a job.
    RunLine {
        run_id: RunId => id;
        started_at: Timestamp => time;
        closed_at: Option<Timestamp> => time;
        program_version: String => text;
        /// A command that goes on with a job names it by its id.
        command_line: String => text.volatile;
        configuration_digest: Digest => id.stable;
        /// `None` while the run is open, or when it was cut off.
        event_count: Option<i64> => number;
        /// The digest of its last event.
        head: Option<String> => id;
        host: String => text.volatile.verbose;
        process: i64 => number.volatile.verbose;
        worker_id: String => id.verbose;
    }
}

/// `jobs list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobsReport {
    pub rows: Vec<JobLine>,
}

/// `jobs show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobReport {
    pub job: JobLine,
    pub priority: i64,
    /// The configuration in effect, without secrets, and without the end of a long list.
    pub params: Json,
    pub result: Option<Json>,
    pub runs: Vec<RunLine>,
    pub balance: BalanceReport,
}

/// Reads the list of jobs, in the order in which they began.
pub fn jobs(store: &mut Store) -> Result<JobsReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let mut rows = Vec::new();
        for entry in &ledger.entries {
            if let Some(job) = &entry.row {
                rows.push(job_line(store, entry.number, job)?);
            }
        }
        Ok(JobsReport { rows })
    })
}

/// Reads everything about one job.
pub fn job(store: &mut Store, id: JobId) -> Result<JobReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let found = ledger
            .entry(id)
            .and_then(|entry| entry.row.as_ref().map(|row| (entry, row)));
        let Some((entry, row)) = found else {
            return Err(Error::NotFound {
                noun: "job",
                given: id.to_string(),
            });
        };
        Ok(JobReport {
            job: job_line(store, entry.number, row)?,
            priority: row.priority,
            params: shortened(&row.params),
            result: row.result.clone(),
            runs: entry.runs.iter().cloned().map(RunLine::from).collect(),
            balance: balance::read(store, &ledger, Some(id), false)?,
        })
    })
}

/// A list of seeds may be a hundred thousand long, and who asks about a job does not ask for all of them.
fn shortened(params: &Json) -> Json {
    let Json::Object(members) = params else {
        return params.clone();
    };
    let short = |value: &Json| match value {
        Json::Array(list) if list.len() > LONGEST_LIST => {
            let more = format!("… and {} more", list.len() - LONGEST_LIST);
            let shown = list[..LONGEST_LIST].iter().cloned();
            Json::Array(shown.chain([Json::String(more)]).collect())
        }
        other => other.clone(),
    };
    let members = members.iter();
    Json::Object(
        members
            .map(|(name, value)| (name.clone(), short(value)))
            .collect(),
    )
}

fn job_line(store: &mut Store, number: i64, job: &Job) -> Result<JobLine> {
    let duration = job.started_at.zip(job.finished_at);
    Ok(JobLine {
        job: number,
        id: job.id,
        kind: job.kind.to_string(),
        state: job.state.to_string(),
        interrupted: is_interrupted(store, job)?,
        started_at: job.started_at,
        duration_seconds: duration.map(|(start, end)| end.seconds_since(start)),
        counts: ResultCounts::of(job.result.as_ref()),
        error: job.error.clone(),
    })
}

impl From<ProvenanceJob> for RunLine {
    fn from(run: ProvenanceJob) -> Self {
        Self {
            run_id: run.run,
            started_at: run.started_at,
            closed_at: run.closed_at,
            program_version: run.program_version,
            command_line: run.command_line,
            configuration_digest: run.configuration_digest,
            event_count: run.event_count,
            head: run.head,
            host: run.host,
            process: run.process,
            worker_id: run.worker,
        }
    }
}

impl JobLine {
    /// Returns the command that goes on with the job, if it can be gone on with now.
    fn resume_command(&self) -> Option<String> {
        let state: JobState = self.state.parse().ok()?;
        let stopped = self.interrupted || matches!(state, JobState::Cancelled | JobState::Failed);
        stopped.then(|| format!("toolkit {} --resume {}", self.kind, ending(self.id)))
    }
}

impl Report for JobsReport {
    fn tables(&self) -> Vec<Table> {
        vec![table("jobs", "There are no jobs.", &self.rows)]
    }

    fn notes(&self) -> Vec<String> {
        self.rows
            .iter()
            .filter_map(JobLine::resume_command)
            .collect()
    }
}

impl Report for JobReport {
    fn tables(&self) -> Vec<Table> {
        let mut head = Table::new("job", "", JobLine::columns());
        head.push(self.job.cells());
        let mut tables = vec![
            head,
            members("params", "It took no parameters.", Some(&self.params)),
            members("result", "It has no result yet.", self.result.as_ref()),
            table("runs", "No run has worked on it.", &self.runs),
            self.balance.line_table(),
        ];
        tables.extend(self.balance.job_tables());
        tables
    }

    fn notes(&self) -> Vec<String> {
        self.job.resume_command().into_iter().collect()
    }
}

/// Shows an object's members as rows.
fn members(name: &'static str, empty: &'static str, value: Option<&Json>) -> Table {
    let columns = vec![Column::text("name"), Column::text("value")];
    let mut table = Table::new(name, empty, columns);
    for (member, value) in value.and_then(Json::as_object).into_iter().flatten() {
        table.push(vec![Cell::from(member), Cell::from(value.clone())]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_list_of_parameters_is_shown_in_part() {
        let list: Vec<String> = (0..100_000).map(|number| format!("s{number}")).collect();
        let shown = shortened(&json!({"seeds": list, "include": list[..20], "delay": 1}));
        assert_eq!(shown["seeds"][19], "s19");
        assert_eq!(shown["seeds"][20], "… and 99980 more");
        assert_eq!(shown["seeds"].as_array().map(Vec::len), Some(21));
        assert_eq!(shown["include"], json!(list[..20]));
        assert_eq!(shown["delay"], 1);
    }

    #[test]
    fn counts_are_the_whole_numbers_of_a_result() {
        let result = json!({"new": 3, "failed": 0, "head": "ab", "seconds": 1.5, "by": {"x": 1}});
        let counts = ResultCounts::of(Some(&result));
        let json = serde_json::to_value(&counts).unwrap();
        assert_eq!(json, json!({"failed": 0, "new": 3}));
        assert_eq!(Cell::from(counts), Cell::from("new 3"));
        assert_eq!(Cell::from(ResultCounts::of(None)), Cell::Empty);
    }
}
