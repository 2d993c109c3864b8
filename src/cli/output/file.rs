//! A report that goes to a file: whole or not at all, and over another only when that was asked for.

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
    let written = || {
        let mut out = BufWriter::new(unnamed(path)?);
        fill(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        give_name(file, path, replaces)
    };
    written().map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}

/// Makes a file beside `path` that goes again unless it is given that name.
pub fn unnamed(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    readable(&mut builder).tempfile_in(folder)
}

/// Gives a file that is whole its name, once all of it is on the disk.
pub fn give_name(file: NamedTempFile, path: &Path, replaces: bool) -> io::Result<()> {
    file.as_file().sync_all()?;
    let named = if replaces {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    named.map(drop).map_err(|error| error.error)
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
