//! A report that goes to a file: whole or not at all, and over another only when that was asked for.

use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The file that a report is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    pub path: PathBuf,
    /// Whether a file that is there may be replaced.
    pub replaces: bool,
}

impl OutputFile {
    /// Writes the file by `fill`, under another name until it is whole.
    pub fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        write_whole(&self.path, self.replaces, fill)
    }

    /// Says whether there is a file that may not be replaced.
    pub fn is_in_the_way(&self) -> bool {
        !self.replaces && self.path.symlink_metadata().is_ok()
    }
}

fn write_whole(
    path: &Path,
    replaces: bool,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let told = |error: &dyn Display| io::Error::other(format!("{}: {error}", path.display()));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    let file: NamedTempFile = readable(&mut builder)
        .prefix(".toolkit-")
        .tempfile_in(folder)
        .map_err(|error| told(&error))?;
    let mut out = BufWriter::new(file);
    fill(&mut out).map_err(|error| told(&error))?;
    let file = out.into_inner().map_err(|error| told(error.error()))?;
    file.as_file().sync_all().map_err(|error| told(&error))?;
    let kept = if replaces {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    kept.map(drop).map_err(|error| told(&error.error))
}

/// Lets others read the file as far as the user's mask allows: temporary files are private otherwise.
#[cfg(unix)]
fn readable<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'b>,
) -> &'a mut tempfile::Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'b>,
) -> &'a mut tempfile::Builder<'b, 'b> {
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = OutputFile {
            path: folder.path().join("report.html"),
            replaces: false,
        };
        let failed = file.write(|out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.unwrap_err().to_string().contains("report.html"));
        assert!(files(folder.path()).is_empty());
        file.write(|out| out.write_all(b"whole")).unwrap();
        assert!(file.is_in_the_way());
        assert!(file.write(|out| out.write_all(b"other")).is_err());
        assert_eq!(std::fs::read(&file.path).unwrap(), b"whole");
        let replacing = OutputFile {
            replaces: true,
            ..file
        };
        assert!(!replacing.is_in_the_way());
        replacing.write(|out| out.write_all(b"other")).unwrap();
        assert_eq!(std::fs::read(&replacing.path).unwrap(), b"other");
        assert_eq!(files(folder.path()), ["report.html"]);
    }
}
