//! `--profile`: the profile that a command extracts by, by name or read from a file.
//!
//! The one place that reads a profile's file and what it names; what stands in them is the profile's to say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::environment::quoted;
use super::exit_code::Exit;
use super::failure::Failure;
use crate::extract::Profile;
use crate::toml_keys::Faults;

/// The most bytes that a profile and the files that it names hold together: a job keeps them all.
const MOST_BYTES: u64 = 8 << 20;

/// The flag, for commands that extract.
#[derive(Debug, Args)]
pub struct ProfileFlag {
    /// What is extracted: the name of a built-in profile, or a file (`toolkit profile list`)
    #[arg(long, value_name = "PROFILE", default_value = "default")]
    profile: String,
}

impl ProfileFlag {
    /// Loads what was typed.
    pub fn load(&self) -> Result<Profile, Failure> {
        load(&self.profile)
    }
}

/// Why a profile cannot be used.
#[derive(Debug)]
pub enum Unusable {
    /// Its text has faults.
    Wrong { file: PathBuf, errors: Faults },
    /// There is none, or it cannot be read.
    Unread(Failure),
}

/// Loads a profile by the name of a built-in one, or from a file.
pub fn load(given: &str) -> Result<Profile, Failure> {
    read(given).map_err(|unusable| match unusable {
        Unusable::Unread(failure) => failure,
        Unusable::Wrong { file, errors } => {
            let message = format!("profile {} has faults", file.display());
            let faults = errors.0.iter().map(|error| {
                let file = error.file.as_ref().map_or(file.as_path(), Path::new);
                let place = format!("{}:{}:{}", file.display(), error.line, error.column);
                format!("{place}: {} ({})", error.message, error.fix)
            });
            Failure::new(message, Exit::Usage)
                .because(faults)
                .hint(format!(
                    "toolkit profile check {}",
                    quoted(&file.to_string_lossy())
                ))
        }
    })
}

/// Reads a profile by the name of a built-in one, or from a file with the files that it names beside it.
pub fn read(given: &str) -> Result<Profile, Unusable> {
    if let Some(profile) = Profile::built_in(given) {
        return Ok(profile);
    }
    let path = Path::new(given);
    let is_file = path
        .extension()
        .is_some_and(|extension| extension == "toml")
        || given.contains(std::path::MAIN_SEPARATOR)
        || path.is_file();
    if !is_file {
        let message = format!("there is no profile {given:?}");
        let failure = Failure::new(message, Exit::Usage);
        return Err(Unusable::Unread(
            failure.hint("toolkit profile list, or the path of a file: ./NAME.toml"),
        ));
    }
    let mut left = MOST_BYTES;
    let text = read_file(path, &mut left).map_err(Unusable::Unread)?;
    let wrong = |errors| Unusable::Wrong {
        file: path.to_owned(),
        errors,
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = BTreeMap::new();
    for name in Profile::file_names(&text).map_err(wrong)? {
        let beside: PathBuf = folder.join(&name);
        // Where the profile names a file that is not there is told with its line.
        if beside.exists() {
            let text = read_file(&beside, &mut left).map_err(Unusable::Unread)?;
            files.insert(name, text);
        }
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Profile::parse(&name, &text, &files).map_err(wrong)
}

/// Returns the name that a profile's extractions carry, whether it was given by its name or its file.
pub fn name_of(given: &str) -> Cow<'_, str> {
    let path = Path::new(given);
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        path.file_stem().unwrap_or_default().to_string_lossy()
    } else {
        Cow::Borrowed(given)
    }
}

fn read_file(path: &Path, left: &mut u64) -> Result<String, Failure> {
    let cannot = |why: String| {
        Failure::new(
            format!("cannot read {}: {why}", path.display()),
            Exit::CouldNot,
        )
    };
    let size = fs::metadata(path)
        .map_err(|error| cannot(error.to_string()))?
        .len();
    *left = left.checked_sub(size).ok_or_else(|| {
        cannot(format!(
            "a profile and its files hold {} MiB at most",
            MOST_BYTES >> 20
        ))
    })?;
    let bytes = fs::read(path).map_err(|error| cannot(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| {
        cannot(format!(
            "it is no UTF-8 at byte {}",
            error.utf8_error().valid_up_to()
        ))
    })
}
