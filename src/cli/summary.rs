//! What crawl, extract and run print at their end, and how they end when the user has stopped them.

use serde_json::json;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output;
use super::stderr::{event, is_json};
use crate::extract::job::current_recognizer_digest;
use crate::model::{Digest, JobId};
use crate::report;
use crate::store::Store;

/// Fails where the user's stop left something to go on with: a script must not take that for done.
pub fn go_on_with(commands: &[String]) -> Result<(), Failure> {
    if commands.is_empty() {
        return Ok(());
    }
    Err(Failure::new("interrupted", Exit::CouldNot).hint(commands.join(" && ")))
}

/// Prints what came of the jobs.
pub fn print(
    store: &mut Store,
    global: &GlobalArguments,
    jobs: &[(JobId, Option<Digest>)],
) -> Result<(), Failure> {
    let ids: Vec<JobId> = jobs.iter().map(|(job, _)| *job).collect();
    let heads: Vec<(JobId, Digest)> = jobs
        .iter()
        .filter_map(|(job, head)| head.map(|head| (*job, head)))
        .collect();
    let told = report::summary(store, &ids, &heads, current_recognizer_digest())?;
    if is_json() && !global.quiet {
        for job in &told.jobs {
            let fields = json!({
                "job_id": job.job_id,
                "kind": job.kind,
                "state": job.state,
                "balances": job.balances,
                "head": job.head,
            });
            event("info", "job_ended", fields);
        }
    }
    Ok(output::print(&told, &global.output_options())?)
}
