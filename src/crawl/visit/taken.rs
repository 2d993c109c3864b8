//! What was found like any page and is read as a sitemap, because its host or its name says that it is one.
//!
//! Owns the first look at such a body, which may say otherwise.

use std::io::Read as _;

use flate2::bufread::GzDecoder;
use url::Url;

use crate::crawl::fetch::Answer;
use crate::crawl::media::Media;
use crate::crawl::robots::Known;
use crate::crawl::site_files;
use crate::crawl::sitemap::{self, PROLOGUE};
use crate::crawl::sitemap_page::GZIP;

/// What says of a page that it is a sitemap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// The robots.txt of its host: nothing else tells a packed one or a plain list.
    Named,
    /// Its own name, as that of a packed document. Another host may have called it a sitemap, before or after.
    Packed,
}

impl Taken {
    /// Returns what says of `url` that it is a sitemap.
    pub(super) fn of(url: &Url, known: Option<&Known>) -> Option<Self> {
        if known.is_some_and(|known| site_files::names(known, url)) {
            return Some(Self::Named);
        }
        let name = url.path().to_ascii_lowercase();
        name.ends_with(".xml.gz").then_some(Self::Packed)
    }

    /// Says whether an answer is none after all.
    pub(super) fn is_refuted_by(self, answer: &Answer) -> bool {
        match self {
            Self::Named => is_page(answer),
            Self::Packed => !sitemap::is_sitemap(&beginning(&answer.body)),
        }
    }
}

/// Says whether what a site calls a sitemap is a page of HTML, as many that are made for readers are.
fn is_page(answer: &Answer) -> bool {
    let (media, _) = Media::of_header(answer.head.header("content-type").unwrap_or_default());
    let media = media.unwrap_or_else(|| Media::of_content(&answer.body));
    media.is_html() && !sitemap::is_sitemap(&answer.body)
}

/// Returns the beginning of a body without gzip, which may be its own, the transport's, or both.
fn beginning(body: &[u8]) -> Vec<u8> {
    let unpacked = |bytes: &[u8]| {
        let mut beginning = Vec::new();
        // A broken one begins as far as it goes.
        let _ = GzDecoder::new(bytes)
            .take(PROLOGUE as u64)
            .read_to_end(&mut beginning);
        beginning
    };
    let mut bytes = body[..body.len().min(PROLOGUE)].to_vec();
    for _ in 0..2 {
        if bytes.starts_with(GZIP) {
            bytes = unpacked(&bytes);
        }
    }
    bytes
}
