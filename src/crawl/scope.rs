//! Which of the links that are found belong to a crawl.
//!
//! Owns the early decision: scheme, site or folder, patterns, hidden names, language, traps, nofollow and
//! depth. What robots.txt, the media type or the disk say is decided when a URL's turn comes.
//!
//! Of several links to one URL each is decided by itself. Depth, nofollow and a trap hang on the page that
//! links, so a URL left out for one of them is taken up by a link that may be followed.

mod based;
mod captured;
mod place;
mod roots;
mod sites;

pub(super) use based::{Based, base_url};
pub(super) use roots::Root;

use std::path::{Component, Path, PathBuf};

use regex::RegexSet;
use url::Url;

use roots::Roots;
use sites::Sites;

use super::traps::trap;
use super::uri::{authority, host_url, is_web, normalize, normalized_path, source_group};
use super::{CrawlSettings, Error, language};
use crate::model::{DiscoveredLink, LinkDecision, Reason, Timestamp, UriKey, UrlKind};

/// The sites, folders and files of a job's seeds, with the patterns and limits that narrow them.
#[derive(Debug)]
pub struct Scope {
    sites: Sites,
    roots: Roots,
    subdomains: bool,
    /// Normalized; none means all.
    path_prefixes: Vec<String>,
    /// Primary tags in lower case; none means all.
    languages: Vec<String>,
    archives: Vec<PathBuf>,
    based: Option<Based>,
    include: Option<RegexSet>,
    exclude: RegexSet,
    max_depth: Option<i64>,
    hidden: bool,
    keep_tracking: bool,
    trap_guard: bool,
    /// This year, from which a calendar's future is counted.
    year: i32,
}

/// Where a link stands, as far as that decides about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Origin<'a> {
    /// The page that holds the link; none for seeds and redirects.
    pub(super) page: Option<&'a Url>,
    /// The page or the link asks not to follow it.
    pub(super) nofollow: bool,
}

impl Scope {
    pub(super) fn new(
        settings: &CrawlSettings,
        seeds: &[Url],
        roots: Vec<Root>,
    ) -> Result<Self, Error> {
        let mut sites = Sites::default();
        for url in seeds {
            sites.add(url);
        }
        for url in settings.hosts.iter().filter_map(|host| host_url(host)) {
            sites.add(&url);
        }
        let prefixes = settings.path_prefix.iter();
        let tags = settings.language.iter();
        let include = (!settings.include.is_empty())
            .then(|| patterns(&settings.include))
            .transpose()?;
        Ok(Self {
            sites,
            roots: Roots::new(roots),
            subdomains: settings.subdomains,
            path_prefixes: prefixes.filter_map(|path| normalized_path(path)).collect(),
            languages: tags.filter_map(|tag| language::primary(tag)).collect(),
            archives: Vec::new(),
            based: None,
            include,
            exclude: patterns(&settings.exclude)?,
            max_depth: settings.max_depth,
            hidden: settings.hidden,
            keep_tracking: settings.keep_tracking,
            trap_guard: settings.trap_guard,
            year: i32::from(Timestamp::now().date().0),
        })
    }

    /// Decides about a found URL, with a detail for a person.
    pub fn decide(&self, url: &Url, depth: i64) -> (LinkDecision, String) {
        self.judge(url, &self.normalize(url), depth, Origin::default())
    }

    fn judge(
        &self,
        url: &Url,
        uri: &str,
        depth: i64,
        origin: Origin<'_>,
    ) -> (LinkDecision, String) {
        let skip = |reason, detail: String| (LinkDecision::Skip(reason), detail);
        if let Some((reason, detail)) = self.outside(url) {
            return skip(reason, detail);
        }
        if let Some(detail) = self.excluded(uri) {
            return skip(Reason::Excluded, detail);
        }
        if let Some(language) = self.other_language(url) {
            return skip(Reason::Language, language);
        }
        if let Some(detail) = self.trapped(url, origin.page) {
            return skip(Reason::Trap, detail);
        }
        if origin.nofollow {
            return skip(Reason::Nofollow, String::new());
        }
        if let Some(max) = self.max_depth
            && depth > max
        {
            return skip(Reason::MaxDepth, format!("depth {depth}, limit {max}"));
        }
        (LinkDecision::Fetch, String::new())
    }

    /// Makes the frontier's entry for a found URL, decision included.
    pub fn discovered(&self, url: &Url, found: &str, depth: i64, redirects: i64) -> DiscoveredLink {
        let mut link = self.linked(Origin::default(), url, found, depth);
        link.redirects = redirects;
        link
    }

    /// Makes the frontier's entry for a link that stands at `origin`, decision included.
    pub(super) fn linked(
        &self,
        origin: Origin<'_>,
        url: &Url,
        found: &str,
        depth: i64,
    ) -> DiscoveredLink {
        let uri = self.normalize(url);
        let (decision, detail) = self.judge(url, &uri, depth, origin);
        let file = self.file_of(url);
        let place = self.place_of(url);
        DiscoveredLink {
            key: UriKey::of(&uri),
            found: DiscoveredLink::found(found, &uri),
            uri,
            kind: UrlKind::Page,
            priority: 0,
            // No host is asked for a file, so none is to be waited for.
            host: match &file {
                Some(_) => "".into(),
                None => place.host,
            },
            locator: file.map(String::from),
            source_group: place.group,
            depth,
            redirects: 0,
            decision,
            detail,
        }
    }

    /// Says whether pages in `languages`, of which a page may have several, are wanted.
    pub(super) fn wants_language(&self, languages: &[String]) -> bool {
        self.languages.is_empty() || languages.iter().any(|one| self.languages.contains(one))
    }

    /// Says whether only pages in some languages are wanted.
    pub(super) fn asks_language(&self) -> bool {
        !self.languages.is_empty()
    }

    /// Makes the frontier's entry for the target of a redirect.
    ///
    /// Only a seed redirects at depth 0, and where it leads to is what the user named: it is fetched
    /// whatever the patterns say, as the seed is. That it leaves the scope still counts.
    pub(super) fn redirected(
        &self,
        url: &Url,
        found: &str,
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
        self.roots.of(path)
    }

    fn outside(&self, url: &Url) -> Option<(Reason, String)> {
        if self.is_based() {
            return match self.file_of(url) {
                Some(file) => self
                    .outside_folders(&file)
                    .or_else(|| self.outside_paths(url)),
                None => Some((Reason::OutOfScope, authority(url))),
            };
        }
        if is_web(url) {
            let inside = self.sites.hold(url) || (self.subdomains && self.sites.are_above(url));
            if !inside {
                return Some((Reason::OutOfScope, authority(url)));
            }
            return self.outside_paths(url);
        }
        self.outside_folders(url)
    }

    fn outside_folders(&self, url: &Url) -> Option<(Reason, String)> {
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

    fn outside_paths(&self, url: &Url) -> Option<(Reason, String)> {
        if self.path_prefixes.is_empty() {
            return None;
        }
        let normalized = self.normalize(url);
        let path = Url::parse(&normalized).ok()?.path().to_owned();
        let inside = self.path_prefixes.iter().any(|prefix| {
            path.strip_prefix(prefix.as_str()).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/')
            })
        });
        (!inside).then(|| (Reason::OutOfScope, "below no --path-prefix".to_owned()))
    }

    /// Returns the language that a URL names, when it is none of those that are wanted.
    fn other_language(&self, url: &Url) -> Option<String> {
        if self.languages.is_empty() || !is_web(url) {
            return None;
        }
        language::of_url(url).filter(|found| !self.languages.contains(found))
    }

    fn trapped(&self, url: &Url, page: Option<&Url>) -> Option<String> {
        (self.trap_guard && is_web(url))
            .then(|| trap(url, page, self.year))
            .flatten()
    }

    fn excluded(&self, uri: &str) -> Option<String> {
        if !self.exclude.is_empty()
            && let Some(index) = self.exclude.matches(uri).iter().next()
        {
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
        Scope::new(&settings, &sites, roots).unwrap()
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
    fn hosts_paths_and_languages_widen_and_narrow_the_scope() {
        let scope = scope(|settings| {
            settings.subdomains = true;
            settings.hosts = vec!["other.test:8080".into(), "github.io".into()];
            settings.path_prefix = vec!["/docs".into(), "/caf%c3%a9/".into()];
            settings.language = vec!["de-AT".into()];
        });
        for (url, expected) in [
            ("https://a.b.example.com/docs", "fetch"),
            ("https://www.example.com/docs/x", "fetch"),
            ("https://notexample.com/docs", "out_of_scope"),
            ("https://a.example.com:8443/docs", "out_of_scope"),
            ("http://other.test:8080/docs", "fetch"),
            ("http://other.test/docs", "out_of_scope"),
            ("https://someone.github.io/docs", "out_of_scope"),
            ("https://example.com/docs2", "out_of_scope"),
            ("https://example.com/caf%C3%A9/x", "fetch"),
            ("https://example.com/docs/?lang=de", "fetch"),
            ("https://example.com/docs/?lang=fr", "language"),
            ("https://en.example.com/docs/", "language"),
            // A folder has no host, and its paths are the disk's.
            ("file:///srv/docs/en/b.html", "fetch"),
        ] {
            assert_eq!(reason(&scope, url, 1), expected, "{url}");
        }
    }

    #[test]
    fn a_link_is_judged_where_it_stands() {
        let scope = scope(|settings| settings.max_depth = Some(1));
        let page = Url::parse("https://example.com/cal/2037/12").unwrap();
        let judged = |url: &str, nofollow, depth| {
            let page = Some(&page);
            let url = Url::parse(url).unwrap();
            match scope
                .linked(Origin { page, nofollow }, &url, "", depth)
                .decision
            {
                LinkDecision::Fetch => "fetch",
                LinkDecision::Skip(reason) => reason.as_str(),
            }
        };
        assert_eq!(judged("https://example.com/a", false, 1), "fetch");
        assert_eq!(judged("https://example.com/a", true, 1), "nofollow");
        // Who asks not to be followed is not one link nearer to being fetched.
        assert_eq!(judged("https://example.com/a", true, 2), "nofollow");
        assert_eq!(judged("https://other.test/a", true, 1), "out_of_scope");
        assert_eq!(judged("https://example.com/cal/2038/01", false, 1), "trap");
        assert_eq!(
            reason(&scope, "https://example.com/cal/2038/01", 1),
            "fetch"
        );
        assert_eq!(reason(&scope, "https://example.com/a/a/a/", 1), "trap");
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
            let link = scope.redirected(&target, url, depth, 1);
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
        let error = Scope::new(&settings, &[], vec![]).unwrap_err();
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
