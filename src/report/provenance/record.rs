//! What is known of the jobs that made something: their runs, settings and books, who deleted them, whether the
//! record of them holds, and how to do it again.

use serde::Serialize;
use serde_json::Value as Json;

use super::UNKNOWN;
use crate::model::{Digest, JobId, RunId, Timestamp, canonical_json};
use crate::report::Table;
use crate::report::balance::{self, BalanceJob, BalanceLine};
use crate::report::ledger::{Entry, Ledger};
use crate::report::line::{lines, table};
use crate::store::{Result, Store};

/// Writes the command that does again what a job of a kind did by its parameters; `None` where none can.
pub type CommandOf = dyn Fn(&str, &Json) -> Option<String>;

lines! {
    /// One run of a job: a process at work on it.
    AttemptLine {
        job: i64 => number;
        job_id: JobId => id;
        kind: String => text;
        state: String => text;
        /// Which run of the job it was, from 1.
        attempt: i64 => number;
        started_at: Timestamp => time;
        /// When its work ended; a run that was killed never says so.
        closed_at: Option<Timestamp> => time;
        program_version: String => text;
        command_line: String => text.volatile;
        configuration_digest: Digest => id.stable;
        /// Whether the settings that are kept have that digest; unknown when they are gone.
        configuration_holds: Option<bool> => text;
        run_id: RunId => id;
        worker_id: String => id.verbose;
        host: String => text.volatile.verbose;
        process: i64 => number.volatile.verbose;
    }

    /// One setting that a job worked by. Secrets are not among them: a setting only names their variable.
    JobSettingLine {
        job: i64 => number;
        job_id: JobId => id;
        setting: String => text;
        value: Json => text.volatile;
    }

    /// Something that was taken away, and by whom.
    DeletionLine {
        what: String => text;
        job: Option<i64> => number;
        job_id: Option<JobId> => id;
        at: Timestamp => time;
        /// The command, as it was typed.
        by: String => text.volatile;
        /// The reason that was given with it.
        why: Option<String> => text;
        /// Sources that stayed.
        sources_kept: Option<i64> => number;
        host: Option<String> => text.volatile.verbose;
    }

    /// Whether the record of one run holds.
    ChainLine {
        job: Option<i64> => number;
        run_id: RunId => id;
        events: u64 => number;
        /// Events whose payload was erased on request; the chain holds without it.
        erased: u64 => number;
        /// Whether the run said that it ended; one that was killed did not.
        closed: bool => text;
        holds: bool => text;
        /// The first place where it does not.
        fault: Option<String> => text;
        /// The digest of the last event, to be noted elsewhere: `db verify --head` looks for it.
        head: Option<Digest> => id;
    }

    /// How to do again what a job did.
    AgainLine {
        job: i64 => number;
        job_id: JobId => id;
        /// To be typed with another database: the settings that were in force, wherever they came from.
        command: String => text.volatile;
        /// What must be at hand for it.
        needs: Option<String> => text.volatile;
    }
}

/// What the record says of some jobs; part of every answer about where something came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    pub attempts: Vec<AttemptLine>,
    pub settings: Vec<JobSettingLine>,
    pub not_done: Vec<BalanceLine>,
    pub sums: Vec<BalanceJob>,
    pub deletions: Vec<DeletionLine>,
    pub chains: Vec<ChainLine>,
    pub again: Vec<AgainLine>,
}

impl Record {
    /// Reads what is known of `jobs`.
    pub(super) fn read(
        store: &mut Store,
        ledger: &Ledger,
        jobs: &[JobId],
        command_of: &CommandOf,
    ) -> Result<Self> {
        let mut record = Self {
            attempts: Vec::new(),
            settings: Vec::new(),
            not_done: Vec::new(),
            sums: Vec::new(),
            deletions: Vec::new(),
            chains: Vec::new(),
            again: Vec::new(),
        };
        for job in jobs {
            let Some(entry) = ledger.entry(*job) else {
                continue;
            };
            record.add_runs(store, entry)?;
            let books = balance::read(store, ledger, Some(*job), false)?;
            let left_out = |row: &BalanceLine| row.reason.is_some() || row.outcome == "pending";
            record
                .not_done
                .extend(books.rows.into_iter().filter(left_out));
            record.sums.extend(books.jobs);
            record.add_deletion(entry, ledger);
            if let Some(params) = entry.params() {
                record.add_settings(entry, params);
                let again = again(store, entry, params, command_of)?;
                record.again.extend(again);
            }
        }
        Ok(record)
    }

    fn add_runs(&mut self, store: &mut Store, entry: &Entry) -> Result<()> {
        let digest = entry
            .params()
            .map(|params| Digest::of(canonical_json(params)));
        for (attempt, run) in (1..).zip(&entry.runs) {
            self.attempts.push(AttemptLine {
                job: entry.number,
                job_id: entry.id,
                kind: entry.kind.clone(),
                state: entry.state.clone(),
                attempt,
                started_at: run.started_at,
                closed_at: run.closed_at,
                program_version: run.program_version.clone(),
                command_line: run.command_line.clone(),
                configuration_digest: run.configuration_digest,
                configuration_holds: digest.map(|digest| digest == run.configuration_digest),
                run_id: run.run,
                worker_id: run.worker.clone(),
                host: run.host.clone(),
                process: run.process,
            });
            let reading = store.verify_run(run.run)?;
            self.chains.push(ChainLine {
                job: Some(entry.number),
                run_id: run.run,
                events: reading.events,
                erased: reading.erased,
                closed: run.closed_at.is_some(),
                holds: reading.faults.is_empty(),
                fault: reading
                    .faults
                    .first()
                    .map(|fault| format!("event {}: {}", fault.sequence, fault.what)),
                head: reading.head,
            });
        }
        Ok(())
    }

    fn add_settings(&mut self, entry: &Entry, params: &Json) {
        for (setting, value) in params.as_object().into_iter().flatten() {
            self.settings.push(JobSettingLine {
                job: entry.number,
                job_id: entry.id,
                setting: setting.clone(),
                value: value.clone(),
            });
        }
    }

    fn add_deletion(&mut self, entry: &Entry, ledger: &Ledger) {
        let Some(deletion) = &entry.deletion else {
            return;
        };
        self.deletions.push(DeletionLine {
            what: format!("job {}", entry.number),
            job: ledger.number(entry.id),
            job_id: Some(entry.id),
            at: deletion.at,
            by: deletion.command_line.clone(),
            why: deletion.payload["why"].as_str().map(str::to_owned),
            sources_kept: deletion.payload["sources_kept"].as_i64(),
            host: Some(deletion.host.clone()),
        });
    }

    /// Returns the tables, in the order of the questions.
    pub(super) fn tables(&self) -> Vec<Table> {
        vec![
            table("attempts", UNKNOWN, &self.attempts),
            table("settings", UNKNOWN, &self.settings),
            table(
                "not done",
                "The jobs left nothing out that they had found.",
                &self.not_done,
            ),
            table("sums", UNKNOWN, &self.sums),
            table(
                "deletions",
                "None of these jobs was deleted.",
                &self.deletions,
            ),
            table("chains", UNKNOWN, &self.chains),
            table("again", UNKNOWN, &self.again),
        ]
    }
}

/// Writes how to do again what a job did.
fn again(
    store: &mut Store,
    entry: &Entry,
    params: &Json,
    command_of: &CommandOf,
) -> Result<Option<AgainLine>> {
    let mut params = params.clone();
    let mut needs = Vec::new();
    // In another database the source has another id; its URI is the same.
    let source = params["selection"]["source"].as_str();
    if let Some(id) = source.and_then(|id| id.parse().ok())
        && store.holds_source(id)?
    {
        params["selection"]["source"] = Json::String(store.source_facts(id)?.uri);
    }
    if params["selection"]["job_id"].is_string() {
        needs.push("the sources of the job that it was asked for".to_owned());
    }
    if entry.kind == "extract" {
        needs.push("what was crawled before it".to_owned());
        if params["profile_text"].is_string() && params["profile"] != "default" {
            needs.push(
                "the profile, where it is a file: its text is the setting profile_text".to_owned(),
            );
        }
    }
    for setting in ["headers", "auth", "proxy_auth"] {
        let named = params[setting]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        if named || params[setting].is_string() {
            needs.push(format!("the variables that {setting} names"));
        }
    }
    let needs = (!needs.is_empty()).then(|| needs.join("; "));
    let command = command_of(&entry.kind, &params);
    Ok(command.map(|command| AgainLine {
        job: entry.number,
        job_id: entry.id,
        command,
        needs,
    }))
}
