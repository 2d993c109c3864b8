//! Seeds: from what a user typed to a scope and the first links.
//!
//! Owns the reading of seed texts. It looks at the disk, because a text that names an existing path is
//! one, and never at the network.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use url::Url;

use super::archived::is_archive;
use super::folder::{self, Found};
use super::scope::{Based, Root, base_url};
use super::site_files::as_sitemap;
use super::uri::{is_web, redacted, without_secrets};
use super::{CrawlSettings, Error, MalformedLine, Scope};
use crate::model::{DiscoveredLink, LinkDecision, Reason, UriKey};

enum Seed {
    Site(Url),
    Root(Root),
    Archive(PathBuf),
}

/// Turns the seeds of `settings` into the crawl's scope and its first links, at depth 0.
///
/// A seed is an `http(s)://` or `file://` URL, the path of a folder or a file, or a bare host
/// (`example.com`, `localhost:8080`), which gets `https://`; a text that names an existing path is always
/// that path. A folder gives one link for each file below it, in the order of their names. What the user
/// named is fetched whatever `include` and `exclude` say, also where it redirects to; files found below a folder are subject to them.
/// A sitemap is read for the URLs that it lists, and its site is in scope.
pub fn seeds(settings: &CrawlSettings) -> Result<(Scope, Vec<DiscoveredLink>), Error> {
    let seeds = parse_all(&settings.seeds)?;
    let sitemaps = parse_all(&settings.sitemap_seeds)?;
    if seeds.is_empty() && sitemaps.is_empty() {
        return Err(Error::NoSeeds);
    }
    let (mut sites, mut roots, mut archives) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = HashSet::new();
    for seed in seeds.iter().chain(&sitemaps) {
        match seed {
            Seed::Site(url) => sites.push(url.clone()),
            Seed::Root(root) => roots.push(root.clone()),
            Seed::Archive(path) if known.insert(path) => archives.push(path.clone()),
            Seed::Archive(_) => {}
        }
    }
    let mut scope = Scope::new(settings, &sites, roots)?.with_archives(archives);
    if let Some(base) = settings.base_url.as_deref().and_then(base_url) {
        scope = scope.with_base(Based::new(base, only_folder(&seeds, &sitemaps)?)?);
    }
    let mut links = Vec::new();
    for seed in &sitemaps {
        links.push(as_sitemap(match seed {
            Seed::Site(url) => named(&scope, url),
            Seed::Root(root) if root.is_folder => {
                let seed = root.path.display().to_string();
                return Err(Error::NotAFile { seed });
            }
            Seed::Root(root) => named(&scope, &folder::file_url(&root.path)?),
            Seed::Archive(path) => {
                let seed = path.display().to_string();
                return Err(Error::NotAFile { seed });
            }
        }));
    }
    for seed in &seeds {
        match seed {
            Seed::Site(url) => links.push(named(&scope, url)),
            Seed::Root(root) if root.is_folder => {
                for found in folder::walk(&root.path, settings.hidden) {
                    links.push(walked(&scope, &found)?);
                }
            }
            Seed::Root(root) => links.push(named(&scope, &folder::file_url(&root.path)?)),
            Seed::Archive(path) => links.push(named(&scope, &folder::file_url(path)?)),
        }
    }
    links.extend(MalformedLine::links(&settings.malformed));
    let mut seen = HashSet::new();
    links.retain(|link| seen.insert(link.key));
    Ok((scope, links))
}

/// Returns the settings of a job that is taken on again, without files among its seeds that are gone since:
/// such a file costs itself alone, and its row ends as not found.
///
/// A folder, an archive or the only seed may be on a disk that is not there at the moment: for these the job
/// waits, rather than to end all of it as lost.
pub(super) fn without_gone_files(settings: CrawlSettings) -> CrawlSettings {
    let there = |seeds: &[String]| -> Vec<String> {
        let there = seeds.iter().filter(|seed| !is_gone_file(seed));
        there.cloned().collect()
    };
    let (seeds, sitemap_seeds) = (there(&settings.seeds), there(&settings.sitemap_seeds));
    if seeds.is_empty() && sitemap_seeds.is_empty() {
        return settings;
    }
    CrawlSettings {
        seeds,
        sitemap_seeds,
        ..settings
    }
}

/// Says whether a seed, as a job keeps it, names a file that is not there; the URL of a folder ends in a slash.
fn is_gone_file(seed: &str) -> bool {
    let url = Url::parse(seed).ok().filter(|url| url.scheme() == "file");
    let path = url.filter(|url| !url.path().ends_with('/'));
    path.and_then(|url| url.to_file_path().ok())
        .is_some_and(|path| {
            let there = path.symlink_metadata();
            let is_gone = there.is_err_and(|error| error.kind() == ErrorKind::NotFound);
            is_gone && !is_archive(&path)
        })
}

/// Returns the folder that stands for a base: what else there is to begin with has a URL already.
fn only_folder<'a>(seeds: &'a [Seed], sitemaps: &[Seed]) -> Result<&'a Path, Error> {
    let given = match (seeds, sitemaps) {
        ([Seed::Root(root)], []) if root.is_folder => return Ok(&root.path),
        ([_], []) => "this one is none".to_owned(),
        _ => format!("there are {} seeds", seeds.len() + sitemaps.len()),
    };
    Err(Error::NotOneFolder { given })
}

/// Returns the keys of the web seeds: an archived capture of such a URL is not the job's only one.
pub(super) fn other_keys(
    settings: &CrawlSettings,
    scope: &Scope,
) -> Result<HashSet<UriKey>, Error> {
    let seeds = parse_all(&settings.seeds)?;
    let keys = seeds.iter().filter_map(|seed| match seed {
        Seed::Site(url) => Some(UriKey::of(&scope.normalize(url))),
        Seed::Root(_) | Seed::Archive(_) => None,
    });
    Ok(keys.collect())
}

/// Returns the seeds as absolute URLs without user names and passwords: the form to keep with a job, so
/// that a resume from another folder finds the same places.
pub fn absolute_seeds(seeds: &[String]) -> Result<Vec<String>, Error> {
    seeds.iter().map(|seed| absolute_seed(seed)).collect()
}

/// Does what [`absolute_seeds`] does with one of them.
pub(super) fn absolute_seed(seed: &str) -> Result<String, Error> {
    match parse(seed)? {
        Seed::Site(url) => Ok(without_secrets(&url)),
        Seed::Root(root) if root.is_folder => folder::folder_url(&root.path).map(String::from),
        Seed::Root(root) => folder::file_url(&root.path).map(String::from),
        Seed::Archive(path) => folder::file_url(&path).map(String::from),
    }
}

/// A file that is an archive is read as one.
fn on_disk(root: Root) -> Seed {
    if !root.is_folder && is_archive(&root.path) {
        Seed::Archive(root.path)
    } else {
        Seed::Root(root)
    }
}

fn parse_all(texts: &[String]) -> Result<Vec<Seed>, Error> {
    texts.iter().map(|text| parse(text)).collect()
}

fn parse(text: &str) -> Result<Seed, Error> {
    let malformed = |cause| Error::MalformedSeed {
        seed: redacted(text),
        cause,
    };
    if text.trim().is_empty() {
        return Err(malformed(url::ParseError::EmptyHost));
    }
    if ["http:", "https:", "file:"]
        .iter()
        .any(|scheme| begins_with(text, scheme))
    {
        let url = Url::parse(text).map_err(malformed)?;
        return if is_web(&url) {
            Ok(Seed::Site(url))
        } else {
            let path = url
                .to_file_path()
                .map_err(|()| Error::UnspeakablePath(redacted(text)))?;
            root(text, &path).map(on_disk)
        };
    }
    let path = Path::new(text);
    if path.symlink_metadata().is_ok() {
        return root(text, path).map(on_disk);
    }
    if let Some(url) = bare_host(text) {
        return Ok(Seed::Site(url));
    }
    match Url::parse(text) {
        Ok(url) => Err(Error::UnsupportedScheme {
            seed: redacted(text),
            scheme: url.scheme().to_owned(),
        }),
        Err(_) => root(text, path).map(Seed::Root),
    }
}

fn begins_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
}

/// Reads a text as a host name or address without a scheme.
///
/// A known public suffix, a port or an address makes it one; `notes.html` stays the path of a missing file.
fn bare_host(text: &str) -> Option<Url> {
    if text.starts_with(['/', '.', '~']) || text.contains("://") {
        return None;
    }
    let url = Url::parse(&format!("https://{text}")).ok()?;
    let typed = text.split(['/', '?', '#']).next().unwrap_or_default();
    let has_port = url.port().is_some() || typed.ends_with(":443");
    let known = match url.host()? {
        url::Host::Domain("localhost") | url::Host::Ipv6(_) => true,
        url::Host::Domain(name) => {
            let suffix = psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
            (suffix && name.contains('.')) || has_port
        }
        url::Host::Ipv4(_) => typed.contains('.'),
    };
    let plain = url.username().is_empty() && url.password().is_none();
    (known && plain).then_some(url)
}

fn root(text: &str, path: &Path) -> Result<Root, Error> {
    let unreadable = |cause| Error::UnreadableSeed {
        seed: shown_path(text),
        cause,
    };
    let path = path.canonicalize().map_err(unreadable)?;
    let kind = path.metadata().map_err(unreadable)?.file_type();
    if kind.is_dir() {
        std::fs::read_dir(&path).map_err(unreadable)?;
    } else if !kind.is_file() {
        return Err(Error::NotAFile {
            seed: shown_path(text),
        });
    }
    Ok(Root {
        path,
        is_folder: kind.is_dir(),
    })
}

/// A path as typed, unless it reads like a host with a password whose scheme was left out.
fn shown_path(text: &str) -> String {
    let as_host = Url::parse(&format!("https://{text}"));
    if as_host.is_ok_and(|url| url.password().is_some()) {
        redacted(text)
    } else {
        text.to_owned()
    }
}

fn named(scope: &Scope, url: &Url) -> DiscoveredLink {
    DiscoveredLink {
        decision: LinkDecision::Fetch,
        detail: String::new(),
        ..scope.discovered(url, &without_secrets(url), 0, 0)
    }
}

fn walked(scope: &Scope, found: &Found) -> Result<DiscoveredLink, Error> {
    let url = if found.is_folder {
        folder::folder_url(&found.path)?
    } else {
        folder::file_url(&found.path)?
    };
    let url = scope.known_as(url);
    let mut link = scope.discovered(&url, url.as_str(), 0, 0);
    // An archive that a pattern leaves out is not missed.
    let is_excluded = link.decision == LinkDecision::Skip(Reason::Excluded);
    if let Some((reason, detail)) = &found.skip
        && !(is_excluded && *reason == Reason::ArchiveInFolder)
    {
        link.decision = LinkDecision::Skip(*reason);
        link.detail.clone_from(detail);
    }
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(seeds: &[&str]) -> CrawlSettings {
        CrawlSettings {
            seeds: seeds.iter().map(|&seed| seed.to_owned()).collect(),
            ..CrawlSettings::default()
        }
    }

    fn first(seed: &str) -> Result<String, String> {
        seeds(&settings(&[seed]))
            .map(|(_, links)| links[0].uri.clone())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn web_seeds_are_read_as_typed() {
        for (typed, uri) in [
            ("HTTPS://Example.com", "https://example.com/"),
            ("http://example.com/a#b", "http://example.com/a"),
            ("example.com", "https://example.com/"),
            ("example.com/docs?x=1", "https://example.com/docs?x=1"),
            ("localhost:8080", "https://localhost:8080/"),
            ("wiki.corp:8443/x", "https://wiki.corp:8443/x"),
            ("127.0.0.1", "https://127.0.0.1/"),
            ("[::1]:80", "https://[::1]:80/"),
            ("https://name:secret@example.com/", "https://example.com/"),
            ("http:name:secret@example.com", "http://example.com/"),
            ("HTTP:///name:secret@example.com", "http://example.com/"),
            ("http:/name:secret@example.com", "http://example.com/"),
            (r"http:\\name:secret@example.com", "http://example.com/"),
        ] {
            assert_eq!(first(typed).as_deref(), Ok(uri), "{typed}");
            let kept = absolute_seeds(&[typed.to_owned()]).unwrap();
            assert!(!kept[0].contains("secret"), "{typed}: {kept:?}");
        }
    }

    #[test]
    fn seeds_that_cannot_be_read_are_named() {
        for (typed, beginning) in [
            ("http://", "seed \"http://\" is not a URL"),
            ("  ", "seed \"  \" is not a URL"),
            (
                "ftp://example.com/",
                "seed \"ftp://example.com/\" has scheme \"ftp\"",
            ),
            (
                "mailto:a@example.com",
                "seed \"…@example.com\" has scheme \"mailto\"",
            ),
            ("no/such/folder", "cannot read seed \"no/such/folder\""),
            ("missing.html", "cannot read seed \"missing.html\""),
            ("file:///no/such/file", "cannot read seed"),
            ("http://n:secret@:x/", "seed \"http://…@:x/\" is not a URL"),
            ("http:/n:secret@:x/", "seed \"http:/…@:x/\" is not a URL"),
            (r"HTTP:\\n:secret@:x/", "seed \"HTTP:"),
            ("ftp:n:secret@host", "seed \"ftp://host/\" has scheme"),
            ("n_x:secret@host", "cannot read seed \"…@host\""),
            (
                "./a:secret@folder",
                "cannot read seed \"./a:secret@folder\"",
            ),
        ] {
            let error = first(typed).unwrap_err();
            assert!(error.starts_with(beginning), "{typed}: {error}");
            let is_path = typed.starts_with('.');
            assert!(is_path || !error.contains("secret"), "{typed}: {error}");
        }
        assert!(matches!(seeds(&settings(&[])), Err(Error::NoSeeds)));
    }

    #[test]
    fn a_folder_gives_its_files_in_order_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("b/.git")).unwrap();
        for name in ["c.html", "a d.html", "b/x.html", "b/.git/config", ".env"] {
            std::fs::write(at(name), "x").unwrap();
        }
        let seed = folder.path().to_str().unwrap();
        let file = at("c.html");
        let (scope, links) = seeds(&settings(&[seed, file.to_str().unwrap()])).unwrap();
        let base = folder_base(folder.path());
        let seen: Vec<_> = links
            .iter()
            .map(|link| (link.uri.strip_prefix(&base).unwrap(), link.decision))
            .collect();
        let hidden = LinkDecision::Skip(Reason::HiddenFile);
        assert_eq!(
            seen,
            [
                (".env", hidden),
                ("a%20d.html", LinkDecision::Fetch),
                ("b/.git/", hidden),
                ("b/x.html", LinkDecision::Fetch),
                ("c.html", LinkDecision::Fetch),
            ]
        );
        let name = folder.path().canonicalize().unwrap();
        let name = name.file_name().unwrap().to_str().unwrap();
        assert_eq!(scope.group_of(&Url::parse(&links[0].uri).unwrap()), name);
        assert_eq!(absolute_seeds(&[seed.to_owned()]).unwrap(), [base]);
    }

    fn folder_base(path: &Path) -> String {
        folder::folder_url(&path.canonicalize().unwrap())
            .unwrap()
            .into()
    }
}
