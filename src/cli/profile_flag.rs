//! `--profile`: the profile that a command extracts by, by name or read from a file.
//!
//! The one place that reads a profile's file and what it names; what stands in them is the profile's to say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit_code::Exit;
use super::failure::Failure;
use crate::extract::{Profile, ProfileErrors};

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

/// Loads a profile by the name of a built-in one, or from a file.
pub fn load(given: &str) -> Result<Profile, Failure> {
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
        return Err(Failure::new(message, Exit::Usage)
            .hint("toolkit profile list, or the path of a file: ./NAME.toml"));
    }
    load_file(path)
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

/// Loads a profile from a file, with the files that it names beside it.
pub fn load_file(path: &Path) -> Result<Profile, Failure> {
    let mut left = MOST_BYTES;
    let text = read(path, &mut left)?;
    let wrong = |errors: ProfileErrors| {
        let lines = errors
            .0
            .iter()
            .map(|error| format!("{}: {error} ({})", path.display(), error.fix));
        let message = lines.collect::<Vec<_>>().join("\n");
        Failure::new(message, Exit::Usage).hint(format!("toolkit profile check {}", path.display()))
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = BTreeMap::new();
    for name in Profile::file_names(&text).map_err(wrong)? {
        let beside: PathBuf = folder.join(&name);
        files.insert(name, read(&beside, &mut left)?);
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Profile::parse(&name, &text, &files).map_err(wrong)
}

fn read(path: &Path, left: &mut u64) -> Result<String, Failure> {
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
