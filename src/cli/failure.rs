//! Turns every room's errors into a sentence, its causes, a hint with a command to type, and an exit code.

use std::error::Error as StdError;
use std::io;

use serde_json::json;

use super::exit_code::Exit;
use super::output::{ShownDatabase, is_broken_pipe, visible};
use super::stderr::{event, is_json, tell};
use crate::{crawl, extract, store};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    /// A failure in the command's own words.
    pub fn new(message: impl Into<String>, exit: Exit) -> Self {
        Self {
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            exit,
        }
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what has led to it, one line each.
    #[must_use]
    pub fn because(mut self, causes: impl IntoIterator<Item = String>) -> Self {
        self.causes.extend(causes);
        self
    }

    fn of(error: &dyn StdError, exit: Exit) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(inner) = source {
            let text = inner.to_string();
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            source = inner.source();
        }
        let message = error.to_string();
        causes.retain(|cause| *cause != message);
        Self {
            message,
            causes,
            hint: None,
            exit,
        }
    }

    /// Tells the user, with the database that commands have to name, and returns the exit code.
    pub fn tell(self, database: &ShownDatabase) -> Exit {
        if self.message.is_empty() {
            return self.exit;
        }
        if is_json() {
            let hint = self.hint.as_deref().map(|hint| database.in_commands(hint));
            let fields = json!({
                "message": self.message,
                "causes": self.causes,
                "hint": hint,
                "exit_code": self.exit as u8,
            });
            event("error", "failure", fields);
            return self.exit;
        }
        tell(&format!("error: {}", visible(&self.message)));
        for cause in &self.causes {
            tell(&format!("  cause: {}", visible(cause)));
        }
        if let Some(hint) = &self.hint {
            tell(&format!("hint: {}", database.in_commands(hint)));
        }
        self.exit
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        use store::{Error, FailureKind};
        if let Error::Output(source) = error {
            return source.into();
        }
        let usage = matches!(error, Error::Address(_) | Error::NoSuchVersion(_));
        let failure = Self::of(&error, if usage { Exit::Usage } else { Exit::CouldNot });
        let hint = match &error {
            Error::Address(_) => {
                "--database takes a path, sqlite:PATH, postgres://USER@HOST/NAME or 'host=… dbname=…'"
            }
            Error::Missing(_) => "`toolkit run SEED` makes one; --database names another",
            Error::Authentication { .. } => {
                "set PGPASSWORD, or add a line to ~/.pgpass (readable by you alone)"
            }
            Error::Open { .. } if error.kind() == FailureKind::Corrupt => {
                "name another file with --database; this one is left as it is"
            }
            Error::Connect { .. } => "check that the server runs and that --database names it",
            Error::Open { .. } if error.kind() == FailureKind::Corrupt => {
                "that is no SQLite database: name another file with --database"
            }
            Error::Open { .. } => "check that the folder exists and may be written",
            Error::NewerSchema { .. } => {
                "use the newer program that made it, or go down with it: `toolkit db downgrade --to N`"
            }
            Error::OlderSchema { .. } => "toolkit db migrate",
            Error::ForeignTables { .. } => "name another file or schema with --database",
            Error::NoSuchVersion(_) => "`toolkit db status` lists the versions",
            Error::RowsWouldGo(_) => "add --yes to drop them",
            Error::NotFound { noun: "job", .. } | Error::Ambiguous { noun: "job", .. } => {
                "`toolkit jobs list` shows numbers and ids; `last` and the end of an id will do"
            }
            Error::NotFound { noun: "entity", .. }
            | Error::Ambiguous { noun: "entity", .. }
            | Error::OtherGroup { .. } => {
                "`toolkit entities list` shows the groups and ids; `last` and the end of an id will do"
            }
            Error::Selected { .. } => {
                "`toolkit extract` goes on with that job, and `toolkit jobs delete JOB` gives it up; then try again"
            }
            Error::Ambiguous {
                noun: "source, extraction or entity",
                ..
            } => "--kind source, --kind extraction or --kind entity says which is meant",
            Error::NotFound {
                noun: "extraction" | "source, extraction or entity",
                ..
            } => {
                "`toolkit sources list` and `toolkit entities list` show the ids, `toolkit sources show` those of its extractions"
            }
            Error::NotFound { .. } | Error::Ambiguous { .. } => {
                "`toolkit sources list` shows the URIs and ids; `last` and the end of an id will do"
            }
            _ => match error.kind() {
                FailureKind::Full => "make room on the device, then resume: `toolkit jobs list`",
                FailureKind::ReadOnly => {
                    "the database may only be read: name another, or its owner"
                }
                FailureKind::Corrupt => "toolkit db check",
                FailureKind::Retry => "another process holds the database; try again",
                _ => return failure,
            },
        };
        failure.hint(hint)
    }
}

impl From<crawl::Error> for Failure {
    fn from(error: crawl::Error) -> Self {
        use crawl::{ArchiveError, Error};
        let hint = match &error {
            Error::NoSeeds => {
                Some("toolkit crawl https://example.com, or toolkit crawl ./a-folder")
            }
            Error::MalformedSeed { .. } | Error::UnsupportedScheme { .. } => {
                Some("a seed is http://…, https://…, a folder or a file")
            }
            Error::MalformedUrl { .. } | Error::NotAWebUrl { .. } => {
                Some("toolkit robots https://example.com/page")
            }
            Error::UnreadableSeed { .. }
            | Error::UnreadableList { .. }
            | Error::NotAFile { .. } => Some("check the path and its permissions"),
            Error::EmptyList { .. } | Error::UnusableList { .. } => {
                Some("a list has one seed a line: http://…, https://…, a folder or a file")
            }
            Error::NotOneFolder { .. } => {
                Some("toolkit crawl ./a-folder --base-url https://example.com/")
            }
            Error::Pattern { .. } => {
                Some("a pattern is a regular expression: \\. is a dot, .* is anything")
            }
            Error::NoSecret(_) => Some("set it where toolkit runs: export NAME=VALUE"),
            Error::UnreadableRoots { .. } | Error::UnusableRoots { .. } => {
                Some("--ca-file takes certificates in PEM: -----BEGIN CERTIFICATE-----")
            }
            Error::Archive(ArchiveError::Exists(_) | ArchiveError::NotAFile(_)) => {
                Some("name a new file with --warc")
            }
            Error::Archive(ArchiveError::InUse(_)) => {
                Some("wait for that process, or end it, and try again")
            }
            Error::Archive(ArchiveError::Short { .. }) => {
                Some("put the file back, or crawl the seeds again with another --warc")
            }
            Error::Archive(ArchiveError::File { .. }) => Some(
                "check the path and the room on its device; a job that had begun can be resumed: \
                 `toolkit jobs list`",
            ),
            Error::Unpack { .. } => Some(
                "make room there, or set TMPDIR to a folder on another device; then \
                 `toolkit crawl --resume last`",
            ),
            Error::NotACrawl(_) => Some("`toolkit extract` takes extractions on by itself"),
            _ => None,
        };
        let exit = match &error {
            Error::Pattern { .. }
            | Error::Setting { .. }
            | Error::NoSeeds
            | Error::NotOneFolder { .. }
            | Error::MalformedUrl { .. }
            | Error::NotAWebUrl { .. } => Exit::Usage,
            _ => Exit::CouldNot,
        };
        match error {
            Error::Store(error) => error.into(),
            error => {
                let failure = Self::of(&error, exit);
                hint.map_or(
                    Self {
                        hint: None,
                        ..failure
                    },
                    |hint| Self::of(&error, exit).hint(hint),
                )
            }
        }
    }
}

impl From<extract::job::Error> for Failure {
    fn from(error: extract::job::Error) -> Self {
        match error {
            extract::job::Error::Store(error) => error.into(),
            error @ extract::job::Error::NotAnExtraction(id) => {
                Self::of(&error, Exit::CouldNot).hint(format!("toolkit crawl --resume {id}"))
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if is_broken_pipe(&error) {
            // Whoever reads has read enough.
            return Self::new("", Exit::Done);
        }
        let failure = Self::of(&error, Exit::CouldNot);
        match error.kind() {
            io::ErrorKind::StorageFull => failure.hint("make room on the device, and try again"),
            io::ErrorKind::FileTooLarge => {
                failure.hint("--as csv, jsonl and parquet hold any number of rows and columns")
            }
            _ => failure,
        }
    }
}
