//! One page by itself, for someone who stores nothing: a file, bytes at hand, or a URL.
//!
//! Owns the way from what was named to bytes with a type and a charset, by the rules of a crawl: the same
//! evidence of the type, the same robots.txt, private addresses refused, redirects followed. Nothing but the
//! page is asked for, and what its text is, is not said here.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::folder::file_url;
use super::media::Media;
use super::uri::{is_web, redacted, without_secrets};
use super::{Attempt, CrawlSettings, Error, Scope, Secrets, Visitor};
use crate::model::{
    Claim, DiscoveredLink, FrontierEntry, Gap, JobId, PageOutcome, PageResult, Reason, WorkerId,
    charset_of,
};

/// A page's bytes and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinglePage {
    /// Where it is, which links on it are relative to; empty when nothing tells.
    pub uri: String,
    /// Without parameters.
    pub media_type: String,
    /// Empty for what is no text.
    pub charset: String,
    pub bytes: Vec<u8>,
    /// What of it did not come.
    pub gaps: Vec<Gap>,
}

/// Why there is no page to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Unread {
    pub reason: Reason,
    pub detail: String,
}

impl Unread {
    fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }

    fn of(error: &io::Error) -> Self {
        let missing = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
        let reason = if missing.contains(&error.kind()) {
            Reason::FileNotFound
        } else {
            Reason::FileUnreadable
        };
        Self::new(reason, error.to_string())
    }
}

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    File(PathBuf),
    Url(Url),
}

impl Named {
    /// Reads a text as a crawl reads a seed, but for bare hosts: `http:`, `https:` and `file:` begin a URL,
    /// anything else is a path.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        let begins = |scheme: &str| {
            text.get(..scheme.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        };
        if !["http:", "https:", "file:"].into_iter().any(begins) {
            return Ok(Self::File(text.into()));
        }
        let url = Url::parse(text)
            .map_err(|error| Unread::new(Reason::MalformedUrl, error.to_string()))?;
        if is_web(&url) {
            return Ok(Self::Url(url));
        }
        url.to_file_path()
            .map(Self::File)
            .map_err(|()| Unread::new(Reason::MalformedUrl, redacted(text)))
    }
}

impl SinglePage {
    /// Reads a file, at most `max_body` bytes of it.
    pub fn of_file(path: &Path, max_body: u64) -> Result<Self, Unread> {
        let unread = |error: io::Error| Unread::of(&error);
        let target = path.canonicalize().map_err(unread)?;
        let metadata = target.metadata().map_err(unread)?;
        if metadata.is_dir() {
            return Err(Unread::new(Reason::Directory, "it is a folder"));
        }
        // Neither a device nor a pipe has an end that can be waited for.
        if !metadata.is_file() {
            return Err(Unread::new(Reason::NotRegularFile, "it is no regular file"));
        }
        let uri = file_url(&target).map_or_else(|_| String::new(), String::from);
        let media = Media::of_extension(path);
        if let Some(media) = &media
            && !media.is_stored()
        {
            return Err(other_type(media));
        }
        let mut file = File::open(&target).map_err(unread)?;
        Self::of_reader(&mut file, media, uri, max_body)
    }

    /// Reads a stream whose bytes alone tell its type, at most `max_body` of them.
    pub fn of_stream(stream: &mut impl Read, max_body: u64) -> Result<Self, Unread> {
        Self::of_reader(stream, None, String::new(), max_body)
    }

    fn of_reader(
        reader: &mut impl Read,
        media: Option<Media>,
        uri: String,
        max_body: u64,
    ) -> Result<Self, Unread> {
        let mut bytes = Vec::new();
        reader
            .take(max_body.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| Unread::of(&error))?;
        let mut gaps = Vec::new();
        if bytes.len() as u64 > max_body {
            bytes.pop();
            let detail = format!("cut after {max_body} bytes");
            gaps.push(Gap::at(Reason::BodyTruncated, max_body.to_string(), detail));
        }
        let media = media.unwrap_or_else(|| Media::of_content(&bytes));
        if !media.is_stored() {
            return Err(other_type(&media));
        }
        let charset = if media.is_text() {
            charset_of(&bytes, None).name
        } else {
            ""
        };
        Ok(Self {
            uri,
            charset: charset.to_owned(),
            media_type: media.essence,
            bytes,
            gaps,
        })
    }
}

fn other_type(media: &Media) -> Unread {
    Unread::new(
        Reason::MediaType,
        format!("no text is read from {}", media.essence),
    )
}

/// Fetches pages by themselves, each host in its turns.
#[derive(Debug)]
pub struct SingleVisitor {
    visitor: Visitor,
    runtime: Runtime,
}

impl SingleVisitor {
    /// Makes a visitor that goes by the manners of `settings`, and looks for nothing beside the pages.
    pub fn new(settings: &CrawlSettings, secrets: &Secrets) -> Result<Self, Error> {
        let settings = CrawlSettings {
            sitemaps: false,
            llms_txt: false,
            keep_tracking: true,
            ..settings.clone()
        };
        let scope = Scope::new(&settings, &[], Vec::new())?;
        Ok(Self {
            visitor: Visitor::new(settings, scope, secrets)?,
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Error::Runtime)?,
        })
    }

    /// Fetches `url` and where it redirects to.
    pub fn read(&self, url: &Url) -> Result<SinglePage, Unread> {
        let found = without_secrets(url);
        let scope = self.visitor.scope();
        let mut link = scope.discovered(url, &found, 0, 0);
        loop {
            let attempt = self.visitor.attempt(entry(link));
            // Nothing stops this visitor, and nothing is put off that was put off for good.
            let Attempt::Ended { page, .. } = self.runtime.block_on(attempt) else {
                return Err(Unread::new(Reason::NotFetched, "it was put off"));
            };
            self.visitor.taken(&page);
            match ended(*page)? {
                Ended::Read(page) => return Ok(page),
                // The visit bounds how many there may be in a row.
                Ended::Redirected(target) => link = target,
            }
        }
    }
}

enum Ended {
    Read(SinglePage),
    Redirected(DiscoveredLink),
}

fn ended(mut page: PageResult) -> Result<Ended, Unread> {
    match page.outcome {
        PageOutcome::Stored {
            body,
            media_type,
            charset,
            ..
        } => {
            let bytes = zstd::bulk::decompress(&body.compressed, body.size as usize)
                .map_err(|error| Unread::new(Reason::BodyUnreadable, error.to_string()))?;
            Ok(Ended::Read(SinglePage {
                uri: page.entry.uri,
                media_type,
                charset: charset.unwrap_or_default(),
                bytes,
                gaps: page.gaps,
            }))
        }
        PageOutcome::Alias { .. } if !page.discovered.is_empty() => {
            Ok(Ended::Redirected(page.discovered.swap_remove(0)))
        }
        PageOutcome::Skipped { reason, detail } | PageOutcome::Failed { reason, detail } => {
            Err(Unread { reason, detail })
        }
        _ => Err(Unread::new(Reason::NotFetched, "nothing came")),
    }
}

/// Makes the entry of a link that no job has found.
fn entry(link: DiscoveredLink) -> FrontierEntry {
    FrontierEntry {
        claim: Claim {
            job: JobId::new(),
            worker: WorkerId::new(),
            attempt: 1,
        },
        key: link.key,
        uri: link.uri,
        kind: link.kind,
        locator: link.locator,
        host: link.host.to_string(),
        depth: 0,
        redirects: link.redirects,
        stored: None,
        referrer: None,
        found: None,
        // A host that asks for patience is not waited for longer than a visit waits.
        put_off: u32::MAX,
        most_fetches: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_a_url_or_a_path() {
        for (text, expected) in [
            ("a/b.html", Ok("a/b.html")),
            ("example.com", Ok("example.com")),
            ("file:///a%20b", Ok("/a b")),
            ("HTTPS://Example.com", Ok("https://example.com/")),
            ("http://", Err(Reason::MalformedUrl)),
        ] {
            let named = Named::parse(text).map(|named| match named {
                Named::File(path) => path.to_string_lossy().into_owned(),
                Named::Url(url) => url.to_string(),
            });
            let named = named.as_deref().map_err(|unread| unread.reason);
            assert_eq!(named, expected, "{text}");
        }
    }

    #[test]
    fn bytes_tell_their_type_and_charset_and_are_cut_at_the_cap() {
        let read = |bytes: &[u8], cap| SinglePage::of_stream(&mut &*bytes, cap);
        let page = read(b"<html><meta charset=koi8-r>", 100).unwrap();
        assert_eq!(
            (page.media_type.as_str(), page.charset.as_str()),
            ("text/html", "KOI8-R")
        );
        assert_eq!(page.gaps, []);
        let cut = read(b"0123456789", 4).unwrap();
        assert_eq!(cut.bytes, b"0123");
        assert_eq!(cut.gaps[0].reason, Reason::BodyTruncated);
        let binary = read(b"\x89PNG\0\0", 100).unwrap_err();
        assert_eq!(binary.reason, Reason::MediaType);
    }
}
