//! Which of the links that are found belong to a crawl.
//!
//! Owns the early decision: scheme, site or folder, patterns, hidden names and depth. What robots.txt,
//! the media type or the disk say is decided when a URL's turn comes.

use std::path::{Component, Path, PathBuf};

use regex::RegexSet;
use url::Url;

use super::uri::{authority, is_web, normalize, same_site, source_group};
use super::{CrawlSettings, Error};
use crate::model::{DiscoveredLink, LinkDecision, Reason, UriKey, UrlKind};

/// The sites, folders and files of a job's seeds, with the patterns and limits that narrow them.
#[derive(Debug)]
pub struct Scope {
    sites: Vec<Url>,
    roots: Vec<Root>,
    include: Option<RegexSet>,
    exclude: RegexSet,
    max_depth: Option<i64>,
    hidden: bool,
    keep_tracking: bool,
}

/// A folder or a single file that is a seed; its path is canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
}

impl Root {
    fn holds(&self, path: &Path) -> bool {
        if self.is_folder {
            path.starts_with(&self.path)
        } else {
            path == self.path
        }
    }

    /// Returns the seed folder's name; a single file belongs to the folder it is in.
    fn group(&self) -> String {
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

impl Scope {
    pub(super) fn new(
        settings: &CrawlSettings,
        sites: Vec<Url>,
        roots: Vec<Root>,
    ) -> Result<Self, Error> {
        let include = (!settings.include.is_empty())
            .then(|| patterns(&settings.include))
            .transpose()?;
        Ok(Self {
            sites,
            roots,
            include,
            exclude: patterns(&settings.exclude)?,
            max_depth: settings.max_depth,
            hidden: settings.hidden,
            keep_tracking: settings.keep_tracking,
        })
    }

    /// Decides about a found URL, with a detail for a person.
    pub fn decide(&self, url: &Url, depth: i64) -> (LinkDecision, String) {
        self.judge(url, &self.normalize(url), depth)
    }

    fn judge(&self, url: &Url, uri: &str, depth: i64) -> (LinkDecision, String) {
        let skip = |reason, detail: String| (LinkDecision::Skip(reason), detail);
        if let Some((reason, detail)) = self.outside(url) {
            return skip(reason, detail);
        }
        if let Some(detail) = self.excluded(uri) {
            return skip(Reason::Excluded, detail);
        }
        if let Some(max) = self.max_depth
            && depth > max
        {
            return skip(Reason::MaxDepth, format!("depth {depth}, limit {max}"));
        }
        (LinkDecision::Fetch, String::new())
    }

    /// Makes the frontier's entry for a found URL, decision included.
    pub fn discovered(
        &self,
        url: &Url,
        found: String,
        depth: i64,
        redirects: i64,
    ) -> DiscoveredLink {
        let uri = self.normalize(url);
        let (decision, detail) = self.judge(url, &uri, depth);
        DiscoveredLink {
            key: UriKey::of(&uri),
            uri,
            found,
            kind: UrlKind::Page,
            locator: None,
            priority: 0,
            host: authority(url),
            source_group: self.group_of(url),
            depth,
            redirects,
            decision,
            detail,
        }
    }

    /// Makes the frontier's entry for the target of a redirect.
    ///
    /// Only a seed redirects at depth 0, and where it leads to is what the user named: it is fetched
    /// whatever the patterns say, as the seed is. That it leaves the scope still counts.
    pub(super) fn redirected(
        &self,
        url: &Url,
        found: String,
        depth: i64,
        redirects: i64,
    ) -> DiscoveredLink {
        let mut link = self.discovered(url, found, depth, redirects);
        if depth == 0 && link.decision == LinkDecision::Skip(Reason::Excluded) {
            link.decision = LinkDecision::Fetch;
            link.detail.clear();
        }
        link
    }

    /// Returns the group of a source at `url`.
    pub fn group_of(&self, url: &Url) -> String {
        let folder = url
            .to_file_path()
            .ok()
            .and_then(|path| self.root_of(&path).map(Root::group));
        source_group(url, folder.as_deref().unwrap_or("/"))
    }

    /// Returns the normalized text of `url` under this job's settings.
    pub fn normalize(&self, url: &Url) -> String {
        normalize(url, self.keep_tracking)
    }

    /// Returns the innermost seed that holds `path`.
    pub(super) fn root_of(&self, path: &Path) -> Option<&Root> {
        self.roots
            .iter()
            .filter(|root| root.holds(path))
            .max_by_key(|root| root.path.as_os_str().len())
    }

    fn outside(&self, url: &Url) -> Option<(Reason, String)> {
        if is_web(url) {
            let inside = self.sites.iter().any(|site| same_site(site, url));
            return (!inside).then(|| (Reason::OutOfScope, authority(url)));
        }
        let Ok(path) = url.to_file_path() else {
            return Some((Reason::OutOfScope, "not a path on this machine".to_owned()));
        };
        // An escaped slash (`..%2F`) hides a parent from the URL parser and not from the disk.
        let climbs = path.components().any(|part| part == Component::ParentDir);
        let Some(root) = self.root_of(&path).filter(|_| !climbs) else {
            return Some((Reason::OutOfScope, "outside the seeds' folders".to_owned()));
        };
        let below = path.strip_prefix(&root.path).unwrap_or(&path);
        let hidden = below
            .components()
            .find(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))?;
        (!self.hidden).then(|| {
            let name = hidden.as_os_str().to_string_lossy().into_owned();
            (Reason::HiddenFile, name)
        })
    }

    fn excluded(&self, uri: &str) -> Option<String> {
        if let Some(index) = self.exclude.matches(uri).iter().next() {
            return Some(format!(
                "matches --exclude {}",
                self.exclude.patterns()[index]
            ));
        }
        let include = self.include.as_ref()?;
        (!include.is_match(uri)).then(|| "matches no --include".to_owned())
    }
}

fn patterns(texts: &[String]) -> Result<RegexSet, Error> {
    for text in texts {
        regex::Regex::new(text).map_err(|cause| Error::Pattern {
            pattern: text.clone(),
            cause: Box::new(cause),
        })?;
    }
    RegexSet::new(texts).map_err(|cause| Error::Pattern {
        pattern: texts.join(" "),
        cause: Box::new(cause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(change: fn(&mut CrawlSettings)) -> Scope {
        let mut settings = CrawlSettings::default();
        change(&mut settings);
        let sites = vec![Url::parse("https://example.com/start").unwrap()];
        let root = |path: &str, is_folder| Root {
            path: path.into(),
            is_folder,
        };
        let roots = vec![root("/srv/docs", true), root("/srv/one.html", false)];
        Scope::new(&settings, sites, roots).unwrap()
    }

    fn reason(scope: &Scope, url: &str, depth: i64) -> &'static str {
        match scope.decide(&Url::parse(url).unwrap(), depth).0 {
            LinkDecision::Fetch => "fetch",
            LinkDecision::Skip(reason) => reason.as_str(),
        }
    }

    #[test]
    fn a_link_is_in_scope_when_any_seed_holds_it() {
        let scope = scope(|_| ());
        for (url, expected) in [
            ("http://www.example.com/a", "fetch"),
            ("https://other.example.com/", "out_of_scope"),
            ("https://example.com.evil.test/", "out_of_scope"),
            ("file:///srv/docs/a/b.html", "fetch"),
            ("file:///srv/docs/", "fetch"),
            ("file:///srv/docs2/a.html", "out_of_scope"),
            ("file:///srv/docs/../secret", "out_of_scope"),
            ("file:///srv/docs/%2e%2e/secret", "out_of_scope"),
            ("file:///srv/docs/..%2fsecret", "out_of_scope"),
            ("file:///srv/one.html", "fetch"),
            ("file:///srv/two.html", "out_of_scope"),
            ("file://server/share/a", "out_of_scope"),
            ("file:///srv/docs/.git/config", "hidden_file"),
        ] {
            assert_eq!(reason(&scope, url, 1), expected, "{url}");
        }
    }

    #[test]
    fn patterns_and_depth_narrow_the_scope() {
        let scope = scope(|settings| {
            settings.include = vec!["/docs/".into(), r"\.html$".into()];
            settings.exclude = vec!["private".into()];
            settings.max_depth = Some(2);
            settings.hidden = true;
        });
        for (url, depth, expected) in [
            ("https://example.com/docs/a", 2, "fetch"),
            ("https://example.com/docs/a", 3, "max_depth"),
            ("https://example.com/a", 1, "excluded"),
            ("https://example.com/docs/private", 1, "excluded"),
            ("https://elsewhere.test/docs/private", 9, "out_of_scope"),
            ("file:///srv/docs/.hidden/a.html", 0, "fetch"),
        ] {
            assert_eq!(reason(&scope, url, depth), expected, "{url}");
        }
    }

    #[test]
    fn patterns_do_not_keep_a_seed_from_where_it_redirects_to() {
        let scope = scope(|settings| settings.exclude = vec!["private".into()]);
        for (url, depth, expected) in [
            ("https://example.com/private", 0, LinkDecision::Fetch),
            (
                "https://example.com/private",
                1,
                LinkDecision::Skip(Reason::Excluded),
            ),
            (
                "https://elsewhere.test/private",
                0,
                LinkDecision::Skip(Reason::OutOfScope),
            ),
        ] {
            let target = Url::parse(url).unwrap();
            let link = scope.redirected(&target, url.to_owned(), depth, 1);
            assert_eq!(link.decision, expected, "{url} at {depth}");
            assert_eq!(link.detail.is_empty(), expected == LinkDecision::Fetch);
        }
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let settings = CrawlSettings {
            exclude: vec!["a".into(), "(".into()],
            ..CrawlSettings::default()
        };
        let error = Scope::new(&settings, vec![], vec![]).unwrap_err();
        assert!(error.to_string().starts_with("pattern \"(\" is not"));
    }

    #[test]
    fn a_file_belongs_to_its_seed_folder() {
        let scope = scope(|_| ());
        let group = |url: &str| scope.group_of(&Url::parse(url).unwrap());
        assert_eq!(group("file:///srv/docs/a/b.html"), "docs");
        assert_eq!(group("file:///srv/one.html"), "srv");
        assert_eq!(group("https://www.example.com/"), "example.com");
    }
}
