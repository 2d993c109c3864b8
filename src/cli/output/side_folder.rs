//! The folder beside a page that is too large to stand in one file: made whole under another name first.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::OutputFile;

/// A folder that is being filled.
pub struct SideFolder {
    filling: TempDir,
    path: PathBuf,
}

impl SideFolder {
    /// Begins the folder beside `file`; one that is there is refused unless the file may be replaced.
    pub fn beside(file: &OutputFile) -> io::Result<Self> {
        let path = Self::path_beside(&file.path);
        if !file.replaces && path.symlink_metadata().is_ok() {
            let message = format!(
                "{} is there already; --force replaces what it holds of a report",
                path.display()
            );
            return Err(io::Error::other(message));
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        let filling = opened(&mut builder)
            .prefix(".toolkit-")
            .tempdir_in(parent)
            .map_err(|error| told(&path, &error))?;
        Ok(Self { filling, path })
    }

    /// Returns the folder's path: that of the file, and `-files`.
    pub fn path_beside(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push("-files");
        PathBuf::from(name)
    }

    /// Writes one file of it.
    pub fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let write = || {
            let mut out = BufWriter::new(fs::File::create(self.filling.path().join(name))?);
            fill(&mut out)?;
            out.flush()
        };
        write().map_err(|error| told(&self.path.join(name), &error))
    }

    /// Puts the folder where it belongs. Of one that is there only the files of a report are replaced.
    pub fn keep(&self) -> io::Result<()> {
        self.put().map_err(|error| told(&self.path, &error))
    }

    fn put(&self) -> io::Result<()> {
        if !self.path.is_dir() {
            fs::create_dir(&self.path)?;
        }
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if is_of_a_report(&entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        for entry in fs::read_dir(self.filling.path())? {
            let entry = entry?;
            fs::rename(entry.path(), self.path.join(entry.file_name()))?;
        }
        Ok(())
    }
}

/// Says whether a file of this name is one that an overview writes.
fn is_of_a_report(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".html") else {
        return false;
    };
    let number = stem.strip_prefix("sources-");
    let is_list = number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let is_key = stem.len() == 16 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_list || is_key
}

fn told(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

/// Lets others enter the folder as far as the user's mask allows: temporary folders are private otherwise.
#[cfg(unix)]
fn opened<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o777))
}

#[cfg(not(unix))]
fn opened<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_a_report_stays() {
        let place = tempfile::tempdir().unwrap();
        let mut file = OutputFile {
            path: place.path().join("o.html"),
            replaces: false,
        };
        let fill = |file: &OutputFile, name: &str| {
            let folder = SideFolder::beside(file).unwrap();
            folder.write(name, |out| out.write_all(b"x")).unwrap();
            folder.keep().unwrap();
        };
        fill(&file, "0123456789abcdef.html");
        let path = place.path().join("o.html-files");
        fs::write(path.join("notes.html"), "mine").unwrap();
        assert!(SideFolder::beside(&file).is_err());
        file.replaces = true;
        fill(&file, "sources-2.html");
        let mut names: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["notes.html", "sources-2.html"]);
        assert_eq!(
            fs::read_dir(place.path()).unwrap().count(),
            1,
            "nothing is left behind"
        );
    }
}
