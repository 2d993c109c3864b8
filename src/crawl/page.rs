//! From a fetched body to what is stored of it: the work of a visit that needs a processor and no network.
//!
//! Owns decoding, the type, the digest, compression and the links of one page, with a gap for each thing
//! that is missing. It runs on a thread where it may take its time, and waits for nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::about::Page;
use super::directives::Directives;
use super::encoding::{self, Decoded};
use super::fetch::BodyEnd;
use super::folder::{self, FileVisit};
use super::links::{FoundLink, FoundLinks, find_links};
use super::media::Media;
use super::scope::Origin;
use super::sitemap_page::is_unannounced;
use super::uri::is_web;
use super::{CrawlSettings, Scope};
use crate::model::{
    Body, Declared, Digest, DiscoveredLink, Gap, LinkDecision, PackedLinks, PageOutcome, Reason,
    UriKey, charset_of, clean_text, compressed,
};

/// Reads bodies under one job's settings.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) settings: CrawlSettings,
    pub(super) scope: Arc<Scope>,
}

/// A body as it came, with what its transport said about it.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) end: BodyEnd,
    pub(super) encoding: String,
    pub(super) media: Option<Media>,
    pub(super) charset_label: Option<String>,
    /// The headers that are kept, by lower-case name; a file has none.
    pub(super) headers: Vec<(String, String)>,
}

impl Content {
    /// The content of a file, which only its name and its bytes say anything about; `cut` tells whether the
    /// file goes on behind `bytes`.
    pub(super) fn of_file(bytes: Vec<u8>, cut: bool, media: Option<Media>) -> Self {
        Self {
            bytes,
            end: if cut { BodyEnd::Capped } else { BodyEnd::Whole },
            encoding: String::new(),
            media,
            charset_label: None,
            headers: Vec::new(),
        }
    }
}

/// What a visit came to.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) outcome: PageOutcome,
    pub(super) discovered: Vec<DiscoveredLink>,
    pub(super) gaps: Vec<Gap>,
}

impl Reading {
    pub(super) fn failed(reason: Reason, detail: impl Into<String>) -> Self {
        Self::of(PageOutcome::Failed {
            reason,
            detail: detail.into(),
        })
    }

    pub(super) fn skipped(reason: Reason, detail: impl Into<String>) -> Self {
        Self::of(PageOutcome::Skipped {
            reason,
            detail: detail.into(),
        })
    }

    /// What is stored still holds.
    pub(super) fn unmodified() -> Self {
        Self::of(PageOutcome::Unmodified)
    }

    /// Another name of a URL; the one link found is that URL.
    pub(super) fn alias(link: DiscoveredLink) -> Self {
        Self {
            outcome: PageOutcome::Alias {
                target: link.key,
                target_uri: link.uri.clone(),
            },
            discovered: vec![link],
            gaps: Vec::new(),
        }
    }

    fn of(outcome: PageOutcome) -> Self {
        Self {
            outcome,
            discovered: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

impl Reader {
    /// Reads `url` from `file`, and says how many bytes of it. `seen` is shown the bytes, and whether the
    /// file goes on behind them.
    pub(super) fn read_file(
        &self,
        url: &Url,
        file: &Url,
        depth: i64,
        redirects: i64,
        seen: impl FnOnce(&[u8], bool),
    ) -> (Reading, Option<u64>) {
        let own = self.scope.known_as(file.clone());
        if self.scope.normalize(&own) != self.scope.normalize(url) {
            // A query means nothing to the disk, and `www.` no other site.
            return (self.other_name(&own, depth, redirects), None);
        }
        let reading = match folder::visit(file, &self.scope, self.settings.max_body) {
            FileVisit::Read { bytes, cut, media } => {
                let size = bytes.len() as u64;
                seen(&bytes, cut);
                let content = Content::of_file(bytes, cut, media);
                return (self.read_body(url, depth, content), Some(size));
            }
            FileVisit::Alias(target) => {
                self.other_name(&self.scope.known_as(target), depth, redirects)
            }
            FileVisit::Skipped(reason, detail) => Reading::skipped(reason, clean_text(&detail)),
            FileVisit::Failed(reason, detail) => Reading::failed(reason, clean_text(&detail)),
        };
        (reading, None)
    }

    fn other_name(&self, target: &Url, depth: i64, redirects: i64) -> Reading {
        Reading::alias(
            self.scope
                .discovered(target, target.as_str(), depth, redirects + 1),
        )
    }

    /// Reads the body that came from `url`.
    pub(super) fn read_body(&self, url: &Url, depth: i64, content: Content) -> Reading {
        let transferred = content.bytes.len();
        let cap = self.settings.max_body;
        let decoded = match encoding::decode(content.bytes, &content.encoding, cap) {
            Ok(decoded) => decoded,
            Err(detail) => return Reading::failed(Reason::ContentEncoding, detail),
        };
        let missing = what_is_missing(&decoded, &content.end, transferred);
        if let Some(gap) = &missing
            && decoded.bytes.is_empty()
        {
            return Reading::failed(gap.reason, gap.detail.clone());
        }
        let media = content
            .media
            .or_else(|| Media::of_extension(Path::new(url.path())))
            .unwrap_or_else(|| Media::of_content(&decoded.bytes));
        if !media.is_stored() {
            return Reading::skipped(Reason::MediaType, media.essence);
        }
        if self.settings.sitemaps && is_unannounced(url, &media, &decoded.bytes) {
            let charset = charset_of(&decoded.bytes, content.charset_label.as_deref());
            let mut reading = self.store_listing(url, depth, 0, &decoded.bytes, media, charset);
            reading.gaps.extend(missing);
            return reading;
        }
        let page = Page {
            url,
            depth,
            bytes: &decoded.bytes,
            media: &media,
            charset: media
                .is_text()
                .then(|| charset_of(&decoded.bytes, content.charset_label.as_deref())),
            headers: &content.headers,
        };
        let mut reading = self.store(&page);
        if matches!(reading.outcome, PageOutcome::Stored { .. }) {
            reading.gaps.extend(missing);
        }
        reading
    }

    fn store(&self, page: &Page<'_>) -> Reading {
        let found = match page.charset {
            Some(charset) if page.media.is_html() => {
                find_links(page.bytes, charset.name, page.url, page.media.syntax())
            }
            _ => FoundLinks::default(),
        };
        let directives = self.directives(page, &found);
        let canonical = self.canonical(page, &found);
        let mut discovered = self.discover(page, &found.links, directives.nofollow);
        self.discover_canonical(page, canonical.as_ref(), directives, &mut discovered);
        let language = match self.language(page, &found) {
            Ok(language) => language,
            Err(other) => {
                // What it links to may be in the language that is wanted: its front page often is not.
                return Reading {
                    discovered,
                    ..Reading::skipped(Reason::Language, other)
                };
            }
        };
        let packed =
            compressed(page.bytes).and_then(|compressed| Ok((compressed, pack(&discovered)?)));
        let (compressed, links) = match packed {
            Ok(packed) => packed,
            Err(error) => return Reading::failed(Reason::CrawlPanicked, error.to_string()),
        };
        Reading {
            outcome: PageOutcome::Stored {
                body: Body {
                    digest: Digest::of(page.bytes),
                    size: page.bytes.len() as u64,
                    compressed,
                    simhash: page.simhash(&found),
                },
                title: found.title,
                media_type: page.media.essence.clone(),
                charset: page.charset.map(|charset| charset.name.to_owned()),
                charset_source: page.charset.map(|charset| charset.source.to_string()),
                // The extract room records a gap for a stored type that it cannot read.
                extractable: true,
                declared: Box::new(Declared {
                    canonical_uri: canonical.map(|canonical| self.scope.normalize(&canonical)),
                    language,
                    noindex: directives.noindex,
                }),
                links,
                other_links: found.other_schemes.values().sum(),
            },
            discovered,
            gaps: found.gaps,
        }
    }

    /// Adds the canonical URL to the links, as deep as the page that it stands for; one that is out of
    /// scope is nobody's link.
    fn discover_canonical(
        &self,
        page: &Page<'_>,
        canonical: Option<&Url>,
        directives: Directives,
        discovered: &mut Vec<DiscoveredLink>,
    ) {
        let Some(url) = canonical else { return };
        let origin = Origin {
            page: Some(page.url),
            nofollow: directives.nofollow,
        };
        let link = self.scope.linked(origin, url, url.as_str(), page.depth);
        if link.decision == LinkDecision::Skip(Reason::OutOfScope) {
            return;
        }
        match discovered.iter_mut().find(|known| known.key == link.key) {
            Some(known) if link.rank() < known.rank() => *known = link,
            Some(_) => {}
            None => discovered.push(link),
        }
    }

    /// Decides about each distinct page that is linked to.
    fn discover(
        &self,
        page: &Page<'_>,
        links: &[FoundLink],
        nofollow: bool,
    ) -> Vec<DiscoveredLink> {
        let mut places: HashMap<UriKey, usize> = HashMap::with_capacity(links.len());
        let mut discovered: Vec<DiscoveredLink> = Vec::with_capacity(links.len());
        for FoundLink { url, nofollow: one } in links {
            let origin = Origin {
                page: Some(page.url),
                nofollow: nofollow || (*one && !self.settings.ignore_nofollow),
            };
            let mut link = self.scope.linked(origin, url, url.as_str(), page.depth + 1);
            if url.scheme() == "file" && is_web(page.url) {
                // Browsers refuse this, too: the author of a page must not reach the reader's disk.
                link.decision = LinkDecision::Skip(Reason::OutOfScope);
                "a web page's link to a file".clone_into(&mut link.detail);
            }
            match places.entry(link.key) {
                Entry::Vacant(place) => {
                    place.insert(discovered.len());
                    discovered.push(link);
                }
                Entry::Occupied(place) => {
                    let known = &mut discovered[*place.get()];
                    if link.rank() < known.rank() {
                        *known = link;
                    }
                }
            }
        }
        discovered
    }
}

/// Packs the links of a body as they are stored.
pub(super) fn pack(discovered: &[DiscoveredLink]) -> io::Result<PackedLinks> {
    PackedLinks::of(discovered.iter().map(|link| link.uri.as_str()))
}

/// Returns the one gap for a body that is not whole; a stream that breaks off because its bytes did is
/// the transport's loss, not its encoding's.
pub(super) fn what_is_missing(decoded: &Decoded, end: &BodyEnd, transferred: usize) -> Option<Gap> {
    let kept = decoded.bytes.len();
    let position = kept.to_string();
    if decoded.inflated {
        let detail = format!("stopped after {kept} bytes ({transferred} transferred)");
        return Some(Gap::at(Reason::DecompressionRatio, position, detail));
    }
    if decoded.cut || *end == BodyEnd::Capped {
        let detail = format!("cut after {kept} bytes ({transferred} transferred)");
        return Some(Gap::at(Reason::BodyTruncated, position, detail));
    }
    if let BodyEnd::Broken(error) = end {
        let detail = format!("{transferred} bytes came: {error}");
        return Some(Gap::at(Reason::BodyIncomplete, position, detail));
    }
    let error = decoded.error.as_deref()?;
    Some(Gap::at(Reason::ContentEncoding, position, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::seeds;

    fn reader(change: fn(&mut CrawlSettings)) -> Reader {
        let mut settings = CrawlSettings {
            seeds: vec!["https://example.com/".into()],
            ..CrawlSettings::default()
        };
        change(&mut settings);
        let (scope, _) = seeds(&settings).unwrap();
        Reader {
            settings,
            scope: Arc::new(scope),
        }
    }

    fn content(bytes: &[u8], media: Option<&str>) -> Content {
        let media = media.and_then(|header| Media::of_header(header).0);
        Content::of_file(bytes.to_vec(), false, media)
    }

    fn page() -> Url {
        Url::parse("https://example.com/dir/page").unwrap()
    }

    #[test]
    fn a_page_is_stored_with_its_links_decided() {
        let html = "<title>T</title><a href=a><a href=./a?utm_source=x><a href=//other.test/>\
                    <a href=file:///etc/passwd><a href=mailto:x@y.z><a href='http://'><a href='#top'>";
        let reading =
            reader(|_| ()).read_body(&page(), 3, content(html.as_bytes(), Some("text/html")));
        let PageOutcome::Stored {
            body,
            title,
            links,
            other_links,
            charset,
            ..
        } = reading.outcome
        else {
            panic!("{:?}", reading.outcome);
        };
        assert_eq!(
            zstd::decode_all(body.compressed.as_slice()).unwrap(),
            html.as_bytes()
        );
        assert_eq!(
            (body.digest, body.size),
            (Digest::of(html), html.len() as u64)
        );
        assert_eq!(
            (title.as_deref(), charset.as_deref(), other_links),
            (Some("T"), Some("UTF-8"), 1)
        );
        let expected = [
            ("https://example.com/dir/a", "fetch"),
            ("https://other.test/", "out_of_scope"),
            ("file:///etc/passwd", "out_of_scope"),
            ("https://example.com/dir/page", "fetch"),
        ];
        let links = String::from_utf8(zstd::decode_all(links.packed.as_slice()).unwrap()).unwrap();
        assert_eq!(links, expected.map(|(uri, _)| uri).join("\n"));
        for (link, (uri, decision)) in reading.discovered.iter().zip(expected) {
            let seen = match link.decision {
                LinkDecision::Fetch => "fetch",
                LinkDecision::Skip(reason) => reason.as_str(),
            };
            assert_eq!((link.uri.as_str(), seen, link.depth), (uri, decision, 4));
        }
        assert_eq!(reading.gaps.len(), 1);
    }

    #[test]
    fn what_is_missing_from_a_body_is_one_gap() {
        let reader = reader(|settings| settings.max_body = 20);
        let text = b"0123456789";
        let long = [&text[..], text, text].concat();
        let gzipped = {
            use std::io::Write as _;
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        let broken = || BodyEnd::Broken("reset".into());
        for (bytes, encoding, end, expected) in [
            (&text[..], "", BodyEnd::Whole, None),
            (text, "", BodyEnd::Capped, Some(("body_truncated", "10"))),
            (text, "", broken(), Some(("body_incomplete", "10"))),
            (&long, "", BodyEnd::Whole, Some(("body_truncated", "20"))),
            (&gzipped, "gzip", BodyEnd::Whole, None),
            (
                &gzipped[..gzipped.len() - 2],
                "gzip",
                BodyEnd::Whole,
                Some(("content_encoding", "10")),
            ),
            (
                &gzipped[..gzipped.len() - 2],
                "gzip",
                broken(),
                Some(("body_incomplete", "10")),
            ),
            (
                &gzipped[..gzipped.len() - 2],
                "gzip",
                BodyEnd::Capped,
                Some(("body_truncated", "10")),
            ),
        ] {
            let mut content = content(bytes, Some("text/plain"));
            content.encoding = encoding.to_owned();
            content.end = end;
            let gaps = reader.read_body(&page(), 0, content).gaps;
            let seen: Vec<_> = gaps
                .iter()
                .map(|gap| (gap.reason.as_str(), gap.position.as_str()))
                .collect();
            assert_eq!(seen, Vec::from_iter(expected));
        }
    }

    #[test]
    fn a_body_of_which_nothing_can_be_read_fails() {
        let reader = reader(|_| ());
        for (encoding, reason) in [("gzip", "content_encoding"), ("lzma", "content_encoding")] {
            let mut content = content(b"not packed", Some("text/html"));
            encoding.clone_into(&mut content.encoding);
            match reader.read_body(&page(), 0, content).outcome {
                PageOutcome::Failed { reason: seen, .. } => assert_eq!(seen.as_str(), reason),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn the_type_is_declared_named_or_found() {
        let reader = reader(|_| ());
        let kind = |url: &str, header: Option<&str>, bytes: &[u8]| {
            let url = Url::parse(url).unwrap();
            match reader.read_body(&url, 0, content(bytes, header)).outcome {
                PageOutcome::Stored { media_type, .. } => media_type,
                PageOutcome::Skipped { detail, .. } => format!("skipped {detail}"),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(kind("http://e.com/a", Some("text/html"), b"x"), "text/html");
        assert_eq!(
            kind("http://e.com/a.pdf", Some("application/octet-stream"), b"x"),
            "application/pdf"
        );
        assert_eq!(kind("http://e.com/a", None, b"<html>"), "text/html");
        assert_eq!(
            kind("http://e.com/a", None, b"a\0b"),
            "skipped application/octet-stream"
        );
        assert_eq!(kind("http://e.com/a.png", None, b"x"), "skipped image/png");
    }
}
