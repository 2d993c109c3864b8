//! What the tests stand on. Each part is tested at its own end, because a harness that is wrong makes
//! every test above it wrong. Nothing here knows the library crate: the program is met as a user meets it.

pub mod browser;
pub mod commands;
pub mod database;
pub mod document;
pub mod generated;
pub mod http;
pub mod http2;
pub mod random;
pub mod raw;
pub mod readers;
pub mod server;
pub mod snapshot;
pub mod source;
pub mod tls;
pub mod toolkit;
pub mod walkthrough;
pub mod workplace;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How the name of each temporary folder begins, so that a snapshot can recognize one.
pub const FOLDER_PREFIX: &str = "toolkit-test-";

/// The longest that a test waits for what is to come at once: long enough for a busy machine.
pub const SOON: Duration = Duration::from_secs(20);

/// Waits until something is so.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Makes an empty folder that is removed when the value is dropped.
pub fn temporary_folder() -> TempDir {
    tempfile::Builder::new()
        .prefix(FOLDER_PREFIX)
        .tempdir()
        .expect("cannot make a temporary folder")
}

/// Returns the path of a site under `fixtures/sites`.
pub fn site(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/sites")
        .join(name);
    assert!(path.is_dir(), "no such site: {}", path.display());
    path
}

/// Returns the path of an archive under `fixtures/archives`.
pub fn archive(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/archives")
        .join(name);
    assert!(path.is_file(), "no such archive: {}", path.display());
    path
}

/// Copies a site into a temporary folder, for a test that changes it.
pub fn copied_site(name: &str) -> TempDir {
    let folder = temporary_folder();
    copy_site(name, folder.path());
    folder
}

/// Copies what a site's folder holds into the folder `to`, which is made where it is missing.
pub fn copy_site(name: &str, to: &Path) {
    let from = site(name);
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.expect("cannot walk the site");
        let relative = entry.path().strip_prefix(&from).expect("walked below it");
        let to = to.join(relative);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&to).expect("cannot make a folder");
        } else {
            std::fs::copy(entry.path(), &to).expect("cannot copy a file");
        }
    }
}

/// Says whether seeded series run at their full length (`scripts/soak`).
pub fn is_soak() -> bool {
    std::env::var_os("TOOLKIT_SOAK").is_some()
}

/// Returns how many runs a seeded series makes: `full` under `scripts/soak`, else a tenth.
pub fn series_length(full: usize) -> usize {
    if is_soak() { full } else { full.div_ceil(10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_site_is_equal_and_apart() {
        let copy = copied_site("harbor");
        let path = copy.path().join("collection/index.html");
        let original = site("harbor").join("collection/index.html");
        assert_eq!(
            std::fs::read(&path).unwrap(),
            std::fs::read(&original).unwrap()
        );
        std::fs::write(&path, "changed").unwrap();
        assert_ne!(std::fs::read(&original).unwrap(), b"changed");
    }

    #[test]
    fn a_series_is_a_tenth_unless_it_soaks() {
        let expected = if is_soak() { 205 } else { 21 };
        assert_eq!(series_length(205), expected);
    }
}
