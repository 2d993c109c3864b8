//! The folders and single files among a crawl's seeds: which of them holds a path.
//!
//! A list of seeds may name a hundred thousand files, so a path is looked up by its own parents.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A folder or a single file that is a seed; its path is canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) struct Root {
    pub(in crate::crawl) path: PathBuf,
    pub(in crate::crawl) is_folder: bool,
}

/// The seeds on disk, by their paths.
#[derive(Debug, Default)]
pub(super) struct Roots(HashMap<PathBuf, Root>);

impl Root {
    /// Returns the seed folder's name; a single file belongs to the folder it is in.
    pub(super) fn group(&self) -> String {
        let folder = if self.is_folder {
            Some(self.path.as_path())
        } else {
            self.path.parent()
        };
        folder.and_then(Path::file_name).map_or_else(
            || "/".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

impl Roots {
    pub(super) fn new(roots: Vec<Root>) -> Self {
        let by_path = roots.into_iter().map(|root| (root.path.clone(), root));
        Self(by_path.collect())
    }

    /// Returns the innermost one that holds `path`.
    pub(super) fn of(&self, path: &Path) -> Option<&Root> {
        if self.0.is_empty() {
            return None;
        }
        path.ancestors().find_map(|above| {
            let root = self.0.get(above)?;
            (root.is_folder || above == path).then_some(root)
        })
    }
}
