//! `toolkit report overview`: all of a database on one page.

use crate::cli::failure::Failure;
use crate::cli::output::{Format, OutputOptions, OverviewPage, print};
use crate::extract::job::current_recognizer_digest;
use crate::report::{self, SourceReader};
use crate::store::Store;

/// Runs the command.
pub fn run(store: &mut Store, options: &OutputOptions) -> Result<(), Failure> {
    let report = report::overview(store, current_recognizer_digest())?;
    if options.format != Format::Html {
        print(&report, options)?;
        return Ok(());
    }
    let mut reader = SourceReader::new(store)?;
    let mut page = OverviewPage::new(&report, options);
    for source in &report.sources {
        if !page.takes_details() {
            break;
        }
        let mut shown = reader.read(store, source.source_id)?;
        shown.texts = report::source_texts(store, source.source_id)?;
        page.add(&shown)?;
    }
    page.finish()?;
    Ok(())
}
