//! `--output FILE`: where a report goes instead of standard output.

use std::path::PathBuf;

use clap::Args;

use super::exit_code::Exit;
use super::failure::Failure;
use super::output::OutputFile;

const HEADING: &str = "Where it is written";

/// Where a report is written to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct OutputFlags {
    /// Write to this file instead of standard output; one that is there stays unless --force is given
    #[arg(long, short, global = true, help_heading = HEADING, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With --output: replace the file
    #[arg(long, global = true, help_heading = HEADING)]
    force: bool,
}

impl OutputFlags {
    /// Returns the file to write to, if there is to be one, and refuses one that is in the way before any work.
    pub fn file(&self) -> Result<Option<OutputFile>, Failure> {
        let Some(path) = &self.output else {
            if self.force {
                let message = "--force replaces the file of --output, and there is none";
                return Err(Failure::new(message, Exit::Usage).hint("add -o FILE"));
            }
            return Ok(None);
        };
        let file = OutputFile {
            path: path.clone(),
            replaces: self.force,
        };
        if file.is_in_the_way() {
            let message = format!("{} is there already", path.display());
            return Err(Failure::new(message, Exit::CouldNot)
                .hint("--force replaces it, -o names another file"));
        }
        Ok(Some(file))
    }
}
