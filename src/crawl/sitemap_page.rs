//! From a sitemap's body to a stored source and the addresses it lists.
//!
//! Owns the decoding of a sitemap (gzip is known by its first bytes, whatever the server says), what is kept
//! of it, and the depth of what it lists. A sitemap is a source that nothing is extracted from.

use std::borrow::Cow;
use std::collections::HashSet;

use url::Url;

use super::encoding::{self, Decoded};
use super::fetch::BodyEnd;
use super::folder::{self, FileVisit};
use super::media::Media;
use super::page::{Content, Reader, Reading, pack, what_is_missing};
use super::site_files::nested_sitemap;
use super::sitemap::{Listing, SIZE_LIMIT, is_sitemap, read_listing};
use super::uri::is_web;
use crate::model::{
    Body, Charset, Digest, DiscoveredLink, Gap, PageOutcome, Reason, UriKey, UrlKind, charset_of,
    compressed, decode_text,
};

/// RFC 1952, 2.3.1.
pub(super) const GZIP: &[u8] = b"\x1f\x8b";

impl Reader {
    /// Reads the sitemap that came from `url`, after `steps` redirects and indexes.
    pub(super) fn read_sitemap(
        &self,
        url: &Url,
        depth: i64,
        steps: i64,
        content: Content,
    ) -> Reading {
        let transferred = content.bytes.len();
        let decoded = match decoded(content.bytes, &content.encoding) {
            Ok(decoded) => decoded,
            Err(detail) => return Reading::failed(Reason::ContentEncoding, detail),
        };
        let missing = missing(&decoded, &content.end, transferred);
        if let Some(gap) = &missing
            && decoded.bytes.is_empty()
        {
            return Reading::failed(gap.reason, gap.detail.clone());
        }
        let bytes = &decoded.bytes;
        let media = content
            .media
            .filter(|media| media.is_stored() && media.is_text());
        let media = media.unwrap_or_else(|| Media::of_content(bytes));
        let charset = charset_of(bytes, content.charset_label.as_deref());
        let mut reading = self.store_listing(url, depth, steps, bytes, media, charset);
        if let Some(missing) = missing {
            // What is missing is why the document ends where it does.
            reading
                .gaps
                .retain(|gap| gap.reason != Reason::SitemapInvalid);
            reading.gaps.push(missing);
        }
        reading
    }

    /// Reads the sitemap `url` from `file`, and says how many bytes of it; `seen` gets these as they are,
    /// and whether the file goes on.
    pub(super) fn read_sitemap_file(
        &self,
        url: &Url,
        file: &Url,
        depth: i64,
        steps: i64,
        seen: impl FnOnce(&[u8], bool),
    ) -> (Reading, Option<u64>) {
        // The content tells whether it is one, in whatever it is packed.
        match folder::visit_if(file, &self.scope, SIZE_LIMIT, |_| true) {
            FileVisit::Read { bytes, cut, media } => {
                let size = bytes.len() as u64;
                seen(&bytes, cut);
                let content = Content::of_file(bytes, cut, media);
                (self.read_sitemap(url, depth, steps, content), Some(size))
            }
            // A link ends as it does for any file.
            _ => self.read_file(url, file, depth, steps, seen),
        }
    }

    /// Stores the sitemap `bytes`, with what it lists as its links.
    pub(super) fn store_listing(
        &self,
        url: &Url,
        depth: i64,
        steps: i64,
        bytes: &[u8],
        media: Media,
        charset: Charset,
    ) -> Reading {
        let listing = list(bytes, charset.name, url);
        if !listing.recognized {
            let detail = listing.fault.unwrap_or_default();
            return Reading::failed(Reason::SitemapInvalid, detail);
        }
        let compressed = match compressed(bytes) {
            Ok(compressed) => compressed,
            Err(error) => return Reading::failed(Reason::CrawlPanicked, error.to_string()),
        };
        let discovered = self.listed(url, depth, steps, &listing.links);
        let links = match pack(&discovered) {
            Ok(links) => links,
            Err(error) => return Reading::failed(Reason::CrawlPanicked, error.to_string()),
        };
        let fault = listing
            .fault
            .map(|fault| Gap::whole(Reason::SitemapInvalid, fault));
        Reading {
            outcome: PageOutcome::Stored {
                body: Body {
                    digest: Digest::of(bytes),
                    size: bytes.len() as u64,
                    compressed,
                    simhash: None,
                },
                title: None,
                media_type: media.essence,
                charset: Some(charset.name.to_owned()),
                charset_source: Some(charset.source.to_string()),
                extractable: false,
                declared: Box::default(),
                links,
                other_links: 0,
            },
            discovered,
            gaps: listing.gaps.into_iter().chain(fault).collect(),
        }
    }

    /// Decides about each address of a sitemap: a page is a step away from it, another sitemap is not.
    fn listed(
        &self,
        url: &Url,
        depth: i64,
        steps: i64,
        links: &[(Url, UrlKind)],
    ) -> Vec<DiscoveredLink> {
        let mut seen: HashSet<UriKey> = HashSet::with_capacity(links.len());
        let decided = links.iter().map(|(link, kind)| match kind {
            UrlKind::Sitemap => nested_sitemap(&self.scope, url, link, depth, steps + 1),
            _ => self.scope.discovered(link, link.as_str(), depth + 1, 0),
        });
        decided.filter(|link| seen.insert(link.key)).collect()
    }
}

/// Finds what the sitemap `body` lists, fetched from `url` and written in the charset named `charset`.
pub(super) fn list(body: &[u8], charset: &str, url: &Url) -> Listing {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = match std::str::from_utf8(body) {
        Ok(text) if charset == "UTF-8" => Cow::Borrowed(text),
        _ => Cow::Owned(decode_text(body, charset).text),
    };
    read_listing(&text, url)
}

/// Says whether a page that was linked like any other is a sitemap, by its root element.
pub(super) fn is_unannounced(url: &Url, media: &Media, body: &[u8]) -> bool {
    is_web(url) && media.is_xml() && is_sitemap(body)
}

fn decoded(bytes: Vec<u8>, header: &str) -> Result<Decoded, String> {
    let decoded = encoding::decode(bytes, header, SIZE_LIMIT)?;
    if decoded.error.is_some() || !decoded.bytes.starts_with(GZIP) {
        return Ok(decoded);
    }
    let is_cut = decoded.cut;
    let mut inner = encoding::decode(decoded.bytes, "gzip", SIZE_LIMIT)?;
    inner.cut |= is_cut;
    Ok(inner)
}

/// Returns the gap for a sitemap that is not whole; the cap is the protocol's.
fn missing(decoded: &Decoded, end: &BodyEnd, transferred: usize) -> Option<Gap> {
    let mut gap = what_is_missing(decoded, end, transferred)?;
    if gap.reason == Reason::BodyTruncated {
        gap.reason = Reason::SitemapTruncated;
    }
    Some(gap)
}
