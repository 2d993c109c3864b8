//! What a page says of itself, in its markup and in its server's headers: how robots are to take it, which
//! URL is its canonical one, and in which language it is.
//!
//! Owns which statement counts when there are several. The syntax of each stands in `directives` and
//! `language`; what follows from it for storing and following is decided in `page`.

use std::borrow::Cow;

use url::Url;

use super::directives::{Directives, canonical_of_header};
use super::language;
use super::links::FoundLinks;
use super::media::Media;
use super::page::Reader;
use super::simhash::simhash;
use super::uri::is_web;
use crate::model::{Charset, Simhash, Timestamp, decode_text};

/// A body that is to be stored, with what is known of it.
pub(super) struct Page<'a> {
    pub(super) url: &'a Url,
    pub(super) depth: i64,
    pub(super) bytes: &'a [u8],
    pub(super) media: &'a Media,
    /// None of what is no text.
    pub(super) charset: Option<Charset>,
    pub(super) headers: &'a [(String, String)],
}

impl<'a> Page<'a> {
    fn headers(&self, name: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.headers
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn is_markup(&self) -> bool {
        self.media.is_html() || self.media.essence.ends_with("xml")
    }

    /// Returns the simhash of its text, which the pass over HTML has made on its way.
    pub(super) fn simhash(&self, found: &FoundLinks) -> Option<Simhash> {
        if self.media.is_html() {
            found.simhash
        } else {
            simhash(&self.text()?, self.is_markup())
        }
    }

    /// Returns the bytes in UTF-8, without a byte order mark.
    fn text(&self) -> Option<Cow<'a, [u8]>> {
        let charset = self.charset?;
        if charset.name == "UTF-8" {
            let mark = "\u{feff}".as_bytes();
            let text = self.bytes.strip_prefix(mark).unwrap_or(self.bytes);
            return Some(Cow::Borrowed(text));
        }
        let decoded = decode_text(self.bytes, charset.name).text;
        Some(Cow::Owned(decoded.into_bytes()))
    }
}

impl Reader {
    /// Returns what the page asks for, as far as the settings let it be heard.
    pub(super) fn directives(&self, page: &Page<'_>, found: &FoundLinks) -> Directives {
        let agent = &self.settings.user_agent;
        let now = Timestamp::now();
        let mut directives = Directives::default();
        for value in page.headers("x-robots-tag") {
            directives.read_header(value, agent, now);
        }
        for (name, content) in &found.robots {
            directives.read_meta(name, content, agent, now);
        }
        directives.nofollow &= !self.settings.ignore_nofollow;
        directives.noindex &= !self.settings.ignore_noindex;
        directives
    }

    /// Returns the URL that the page calls its canonical one, in its markup or else in a header, when that
    /// is another than its own.
    pub(super) fn canonical(&self, page: &Page<'_>, found: &FoundLinks) -> Option<Url> {
        let of_header = || {
            let target = page.headers("link").find_map(canonical_of_header)?;
            page.url.join(target).ok()
        };
        let canonical = found.canonical.clone().or_else(of_header)?;
        let is_other = self.scope.normalize(&canonical) != self.scope.normalize(page.url);
        // A web page says nothing about the reader's disk.
        let is_sound = is_web(&canonical) || (canonical.scheme() == "file" && !is_web(page.url));
        (is_other && is_sound).then_some(canonical)
    }

    /// Returns the language to store with the page, or the one that it is in and that is not wanted. Words
    /// are looked at only when languages are asked for and neither server nor markup names one.
    pub(super) fn language(
        &self,
        page: &Page<'_>,
        found: &FoundLinks,
    ) -> Result<Option<String>, String> {
        let header = page.headers("content-language").next();
        let mut languages = language::declared(header, found.language.as_deref());
        if !self.scope.asks_language() {
            return Ok(languages.into_iter().next());
        }
        if languages.is_empty() {
            let text = page.text();
            languages.extend(text.and_then(|text| language::detected(&text, page.is_markup())));
        }
        if languages.is_empty() {
            return Ok(Some(language::UNKNOWN.to_owned()));
        }
        if self.scope.wants_language(&languages) {
            Ok(languages.into_iter().next())
        } else {
            Err(languages.join(", "))
        }
    }
}
