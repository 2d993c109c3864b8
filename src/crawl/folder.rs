//! Files as sources: the walk below a folder, paths as URLs, and the visit of a `file:` URL.
//!
//! Owns what is read from disk, and that nothing outside the seeds' folders is. It knows nothing of
//! media types beyond asking, and of links nothing at all.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use url::Url;
use walkdir::{DirEntry, WalkDir};

use super::archived::{begins_archive, is_named_archive};
use super::media::Media;
use super::{Error, Scope};
use crate::model::Reason;

/// The pages that stand for their folder, the first one that exists.
const INDEX_PAGES: [&str; 2] = ["index.html", "index.htm"];

/// What is said of an archive in a folder.
const READ_ALONE: &str = "crawl it as a seed of its own to read it";

/// A file below a folder, or a folder that is not walked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
    /// Why it is not to be visited.
    pub(super) skip: Option<(Reason, String)>,
}

/// What the visit of a `file:` URL showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileVisit {
    Read {
        bytes: Vec<u8>,
        /// Whether the file goes on behind `bytes`.
        cut: bool,
        /// `None` when only the content can tell.
        media: Option<Media>,
    },
    Alias(Url),
    Skipped(Reason, String),
    Failed(Reason, String),
}

/// Walks every file below `root`, a canonical path, in the order of names.
///
/// A hidden folder is one entry and is not entered; neither is a symbolic link to a folder.
pub(super) fn walk(root: &Path, hidden: bool) -> impl Iterator<Item = Found> {
    let mut entries = WalkDir::new(root)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    std::iter::from_fn(move || {
        loop {
            let entry = match entries.next()? {
                Ok(entry) => entry,
                // Visiting the folder that could not be listed records the loss.
                Err(error) => match error.path() {
                    Some(path) => return Some(found(path, true, None)),
                    None => continue,
                },
            };
            let is_folder = entry.file_type().is_dir();
            if !hidden && is_hidden(&entry) {
                if is_folder {
                    entries.skip_current_dir();
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                return Some(found(
                    entry.path(),
                    is_folder,
                    Some((Reason::HiddenFile, name)),
                ));
            }
            if !is_folder {
                return Some(found(entry.path(), false, refusal(root, &entry)));
            }
        }
    })
}

/// Returns the URL of a file at an absolute path.
pub(super) fn file_url(path: &Path) -> Result<Url, Error> {
    Url::from_file_path(path).map_err(|()| Error::UnspeakablePath(path.display().to_string()))
}

/// Returns the URL of a folder at an absolute path; it ends in a slash.
pub(super) fn folder_url(path: &Path) -> Result<Url, Error> {
    Url::from_directory_path(path).map_err(|()| Error::UnspeakablePath(path.display().to_string()))
}

/// Reads the file at `url`, at most `max_body` bytes of it, if its name says a type that is stored.
pub(super) fn visit(url: &Url, scope: &Scope, max_body: u64) -> FileVisit {
    visit_if(url, scope, max_body, Media::is_stored)
}

/// Does what [`visit`] does, with the types that are `wanted`.
pub(super) fn visit_if(
    url: &Url,
    scope: &Scope,
    max_body: u64,
    wanted: impl Fn(&Media) -> bool,
) -> FileVisit {
    let Ok(path) = url.to_file_path() else {
        return FileVisit::Failed(
            Reason::FileNotFound,
            "not a path on this machine".to_owned(),
        );
    };
    visit_path(url, &path, scope, max_body, wanted).unwrap_or_else(|error| {
        // A file where the path has a folder (NotADirectory) means that the named one does not exist.
        let missing = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
        let reason = if missing.contains(&error.kind()) {
            Reason::FileNotFound
        } else {
            Reason::FileUnreadable
        };
        FileVisit::Failed(reason, error.to_string())
    })
}

fn found(path: &Path, is_folder: bool, skip: Option<(Reason, String)>) -> Found {
    Found {
        path: path.to_owned(),
        is_folder,
        skip,
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Says why an entry that is no folder is not to be visited.
fn refusal(root: &Path, entry: &DirEntry) -> Option<(Reason, String)> {
    if entry.path_is_symlink() {
        // A link to nowhere is left to the visit, which records the loss.
        let target = entry.path().canonicalize().ok()?;
        return (!target.starts_with(root))
            .then(|| (Reason::SymbolicLink, target.display().to_string()));
    }
    if !entry.file_type().is_file() {
        return Some((Reason::NotRegularFile, String::new()));
    }
    is_named_archive(entry.path()).then(|| (Reason::ArchiveInFolder, READ_ALONE.to_owned()))
}

fn visit_path(
    url: &Url,
    path: &Path,
    scope: &Scope,
    max_body: u64,
    wanted: impl Fn(&Media) -> bool,
) -> io::Result<FileVisit> {
    let target = path.canonicalize()?;
    if scope.root_of(&target).is_none() {
        let detail = target.display().to_string();
        return Ok(FileVisit::Skipped(Reason::SymbolicLink, detail));
    }
    let metadata = target.metadata()?;
    if metadata.is_dir() {
        return visit_folder(path, &target);
    }
    if !metadata.is_file() {
        return Ok(FileVisit::Skipped(Reason::NotRegularFile, String::new()));
    }
    // A link inside the folder is another name of the file it points to, and so is another spelling of
    // its path: an escaped slash (`sub%2Fp.html`) or a doubled one means the same to the disk, and URLs
    // are what sources are told apart by.
    let own = file_url(&target).map_err(io::Error::other)?;
    if scope.normalize(&own) != scope.normalize(url) {
        return Ok(FileVisit::Alias(own));
    }
    let is_archive = || FileVisit::Failed(Reason::ArchiveInFolder, READ_ALONE.to_owned());
    if is_named_archive(&target) {
        return Ok(is_archive());
    }
    let media = Media::of_extension(path);
    if let Some(media) = &media
        && !wanted(media)
    {
        return Ok(FileVisit::Skipped(Reason::MediaType, media.essence.clone()));
    }
    let (bytes, cut) = read(&target, &metadata, max_body)?;
    if begins_archive(&bytes) {
        return Ok(is_archive());
    }
    Ok(FileVisit::Read { bytes, cut, media })
}

fn visit_folder(path: &Path, target: &Path) -> io::Result<FileVisit> {
    let _listable = std::fs::read_dir(target)?;
    for name in INDEX_PAGES {
        // Of the path as linked, so that links inside the page keep their base.
        if target.join(name).is_file() {
            return alias(&path.join(name));
        }
    }
    Ok(FileVisit::Skipped(Reason::Directory, String::new()))
}

fn alias(path: &Path) -> io::Result<FileVisit> {
    file_url(path)
        .map(FileVisit::Alias)
        .map_err(io::Error::other)
}

fn read(path: &Path, metadata: &Metadata, max_body: u64) -> io::Result<(Vec<u8>, bool)> {
    let expected = metadata.len().min(max_body) as usize;
    let mut bytes = Vec::with_capacity(expected + 1);
    File::open(path)?
        .take(max_body.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let cut = bytes.len() as u64 > max_body;
    if cut {
        bytes.pop();
    }
    Ok((bytes, cut))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::crawl::{CrawlSettings, seeds};

    struct Fixture {
        _outer: tempfile::TempDir,
        root: PathBuf,
        scope: Scope,
    }

    fn fixture() -> Fixture {
        let outer = tempfile::tempdir().unwrap();
        let base = outer.path().canonicalize().unwrap();
        let root = base.join("root");
        std::fs::create_dir_all(root.join("with")).unwrap();
        std::fs::create_dir_all(root.join("without")).unwrap();
        std::fs::write(base.join("secret.html"), "secret").unwrap();
        std::fs::write(root.join("with/index.htm"), "<p>index").unwrap();
        std::fs::write(root.join("a.html"), "0123456789").unwrap();
        std::fs::write(root.join("picture.png"), "x").unwrap();
        symlink(base.join("secret.html"), root.join("out.html")).unwrap();
        symlink(root.join("a.html"), root.join("in.html")).unwrap();
        symlink("nowhere", root.join("dangling.html")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let settings = CrawlSettings {
            seeds: vec![root.to_str().unwrap().to_owned()],
            ..CrawlSettings::default()
        };
        let (scope, _) = seeds(&settings).unwrap();
        Fixture {
            _outer: outer,
            root,
            scope,
        }
    }

    #[test]
    fn a_visit_reads_what_is_below_the_root_and_nothing_else() {
        let fixture = fixture();
        let (root, scope) = (&fixture.root, &fixture.scope);
        let visit = |name: &str| visit(&file_url(&root.join(name)).unwrap(), scope, 100);
        let reason = |name: &str| match visit(name) {
            FileVisit::Skipped(reason, _) | FileVisit::Failed(reason, _) => reason.as_str(),
            FileVisit::Alias(_) => "alias",
            FileVisit::Read { .. } => "read",
        };
        for (name, expected) in [
            ("a.html", "read"),
            ("in.html", "alias"),
            ("out.html", "symbolic_link"),
            ("dangling.html", "file_not_found"),
            ("missing.html", "file_not_found"),
            ("a.html/below", "file_not_found"),
            ("socket", "not_regular_file"),
            ("picture.png", "media_type"),
            ("without", "directory"),
        ] {
            assert_eq!(reason(name), expected, "{name}");
        }
        let index = file_url(&root.join("with/index.htm")).unwrap();
        assert_eq!(visit("with/"), FileVisit::Alias(index.clone()));
        assert_eq!(visit("with"), FileVisit::Alias(index));
        assert_eq!(
            visit("in.html"),
            FileVisit::Alias(file_url(&root.join("a.html")).unwrap())
        );
    }

    #[test]
    fn a_file_has_one_url_however_its_path_is_spelled() {
        let fixture = fixture();
        let (root, scope) = (&fixture.root, &fixture.scope);
        std::fs::create_dir(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/p(1)~.html"), "x").unwrap();
        let own = file_url(&root.join("sub/p(1)~.html")).unwrap();
        let base = folder_url(root).unwrap();
        for (spelled, is_alias) in [
            ("sub/p(1)~.html", false),
            ("sub/p(1)%7e.html", false),
            ("./sub/p(1)~.html?x#y", false),
            ("sub%2Fp(1)~.html", true),
            ("sub//p(1)~.html", true),
            ("sub/p%281%29~.html", true),
        ] {
            // As the frontier holds it.
            let uri = scope.normalize(&base.join(spelled).unwrap());
            let seen = visit(&Url::parse(&uri).unwrap(), scope, 100);
            if is_alias {
                assert_eq!(seen, FileVisit::Alias(own.clone()), "{spelled}");
            } else {
                assert!(matches!(seen, FileVisit::Read { .. }), "{spelled}");
            }
        }
    }

    #[test]
    fn a_large_file_is_cut_at_the_cap() {
        let fixture = fixture();
        let (root, scope) = (&fixture.root, &fixture.scope);
        let url = file_url(&root.join("a.html")).unwrap();
        for (cap, length, expected) in [(4, 4, true), (10, 10, false), (11, 10, false)] {
            let FileVisit::Read { bytes, cut, .. } = visit(&url, scope, cap) else {
                panic!("not read");
            };
            assert_eq!((bytes.len(), cut), (length, expected), "cap {cap}");
        }
    }

    #[test]
    fn the_walk_names_what_it_leaves_out() {
        let fixture = fixture();
        let root = &fixture.root;
        let seen: Vec<_> = walk(root, false)
            .map(|found| {
                let name = found.path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, found.skip.map(|(reason, _)| reason.as_str()))
            })
            .collect();
        let expected = [
            ("a.html", None),
            ("dangling.html", None),
            ("in.html", None),
            ("out.html", Some("symbolic_link")),
            ("picture.png", None),
            ("socket", Some("not_regular_file")),
            ("index.htm", None),
        ];
        assert_eq!(seen, expected.map(|(name, skip)| (name.to_owned(), skip)));
    }

    #[test]
    fn a_name_that_is_not_utf_8_survives_as_a_url() {
        let fixture = fixture();
        let (root, scope) = (&fixture.root, &fixture.scope);
        let path = root.join(std::ffi::OsStr::from_bytes(b"caf\xe9 #1?.html"));
        std::fs::write(&path, "x").unwrap();
        let url = file_url(&path).unwrap();
        let uri = scope.normalize(&url);
        assert!(uri.ends_with("/caf%E9%20%231%3F.html"), "{uri}");
        let read = visit(&Url::parse(&uri).unwrap(), scope, 100);
        assert!(matches!(read, FileVisit::Read { bytes, .. } if bytes == b"x"));
    }
}
