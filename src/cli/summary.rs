//! What crawl, extract and run print at their end, and how they end when the user has stopped them.

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output;
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
    Ok(output::print(&told, &global.output_options())?)
}
