//! The record as PROV-JSON.

use crate::cli::arguments::GlobalArguments;
use crate::cli::failure::Failure;
use crate::cli::output::ProvWriter;
use crate::model::JobId;
use crate::report;
use crate::store::Store;

use super::Exported;
use super::target::Target;

/// Writes what is recorded; of one job, if asked.
pub(super) fn write(
    global: &GlobalArguments,
    store: &mut Store,
    job: Option<JobId>,
    mut target: Target,
) -> Result<Exported, Failure> {
    let mut writer = ProvWriter::new(|| target.begin());
    report::prov(store, job, global.stable, &mut writer)?;
    let (counted, rows) = writer.finish()?;
    Ok(Exported {
        what: "prov",
        format: "prov-json",
        rows,
        written: target.commit(counted)?,
    })
}
