//! A folder whose files have URLs below a base: from a file to its URL and back.
//!
//! For such a crawl the base is all that is in scope, and the disk is where it is read: a URL that has no file
//! is never asked of a server.

use std::path::Path;

use url::Url;

use super::Scope;
use crate::crawl::uri::{is_web, normalize, normalized_path, same_site};
use crate::crawl::{Error, folder};

/// A folder and the URL that it stands for.
#[derive(Debug)]
pub(in crate::crawl) struct Based {
    /// Normalized; it ends in a slash.
    base: Url,
    /// It ends in a slash, too.
    folder: Url,
}

/// Reads a base as a user names it; its last segment is a folder, with a slash or without.
pub(in crate::crawl) fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.query().is_none() && url.fragment().is_none();
    let is_open = url.username().is_empty() && url.password().is_none();
    if !(is_web(&url) && is_bare && is_open) {
        return None;
    }
    let mut base = Url::parse(&normalize(&url, true)).ok()?;
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Some(base)
}

impl Based {
    /// Makes the folder at `path`, a canonical one, stand for `base`.
    pub(in crate::crawl) fn new(base: Url, path: &Path) -> Result<Self, Error> {
        let folder = folder::folder_url(path)?;
        Ok(Self { base, folder })
    }

    /// Returns the URL of what is at `file`, a URL below the folder.
    fn url_of(&self, file: &Url) -> Option<Url> {
        let below = file.path().strip_prefix(self.folder.path())?;
        let mut url = self.base.clone();
        url.set_path(&format!("{}{below}", self.base.path()));
        Some(url)
    }

    /// Returns where the file of `url` is, whether there is one or not; none for what is not below the base.
    fn file_of(&self, url: &Url) -> Option<Url> {
        if !same_site(&self.base, url) {
            return None;
        }
        let path = normalized_path(url.path())?;
        let below = match path.strip_prefix(self.base.path()) {
            Some(below) => below,
            None if self.base.path().strip_suffix('/') == Some(&*path) => "",
            None => return None,
        };
        let mut file = self.folder.clone();
        file.set_path(&format!("{}{below}", self.folder.path()));
        Some(file)
    }
}

impl Scope {
    /// Makes the base of `based` all that is in scope. Files are as many as there are, so that no URL of
    /// theirs is a trap.
    pub(in crate::crawl) fn with_base(mut self, based: Based) -> Self {
        self.based = Some(based);
        self.trap_guard = false;
        self
    }

    /// Says whether the crawl reads a folder in place of a site.
    pub(in crate::crawl) fn is_based(&self) -> bool {
        self.based.is_some()
    }

    /// Returns the `file:` URL of what is read for `url`, where that is another one.
    pub(in crate::crawl) fn file_of(&self, url: &Url) -> Option<Url> {
        self.based.as_ref()?.file_of(url)
    }

    /// Returns the URL under which a file is known: its own, or one below the base.
    pub(in crate::crawl) fn known_as(&self, file: Url) -> Url {
        let based = self.based.as_ref();
        based.and_then(|based| based.url_of(&file)).unwrap_or(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn based(base: &str) -> Based {
        Based::new(base_url(base).unwrap(), Path::new("/srv/a b")).unwrap()
    }

    #[test]
    fn a_file_has_a_url_below_the_base_and_back() {
        for base in ["https://docs.test/v%c3%a9", "https://docs.test/v\u{e9}/"] {
            let based = based(base);
            let file = Url::from_file_path("/srv/a b/c d/50%?#1;x.html").unwrap();
            let url = based.url_of(&file).unwrap();
            let expected = "https://docs.test/v%C3%A9/c%20d/50%25%3F%231;x.html";
            assert_eq!(url.as_str(), expected, "{base}");
            assert_eq!(based.file_of(&url), Some(file));
        }
        let outside = Url::parse("file:///srv/other.html").unwrap();
        assert_eq!(based("https://docs.test/").url_of(&outside), None);
    }

    #[test]
    fn a_link_below_the_base_is_a_file() {
        let based = based("https://docs.test/v2/");
        for (url, file) in [
            ("https://docs.test/v2/x?y#z", Some("file:///srv/a%20b/x")),
            ("http://www.docs.test/v2/x", Some("file:///srv/a%20b/x")),
            ("https://docs.test/%76%32/x", Some("file:///srv/a%20b/x")),
            ("https://docs.test/v2", Some("file:///srv/a%20b/")),
            ("https://docs.test/v2/", Some("file:///srv/a%20b/")),
            ("https://docs.test/v2/../x", None),
            ("https://docs.test/v22/x", None),
            ("https://docs.test:8443/v2/x", None),
            ("https://other.test/v2/x", None),
            ("file:///srv/a%20b/x", None),
        ] {
            let found = based.file_of(&Url::parse(url).unwrap());
            assert_eq!(found.as_ref().map(Url::as_str), file, "{url}");
        }
    }

    #[test]
    fn a_base_is_a_plain_web_address() {
        for text in [
            "docs.test",
            "ftp://docs.test/",
            "file:///srv/",
            "https://user@docs.test/",
            "https://docs.test/?x",
            "https://docs.test/#x",
        ] {
            assert_eq!(base_url(text), None, "{text}");
        }
        let base = base_url("HTTPS://Docs.test").unwrap();
        assert_eq!(base.as_str(), "https://docs.test/");
    }
}
