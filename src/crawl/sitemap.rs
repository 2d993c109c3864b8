//! What a sitemap lists: XML of the protocol (sitemaps.org), feeds in their three dialects, and plain text.
//!
//! Owns the syntax alone. No entity but the five of XML and characters by number is ever replaced, and a
//! document that declares its own is not read. Times of change and priorities are left unread: a page's turn
//! is decided as for any other link, and whether it has changed by its own answer.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::Reader as XmlReader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::links::malformed;
use super::uri::{is_web, without_secrets};
use crate::model::{Gap, Reason, UrlKind, clean_text};

/// Bytes of a sitemap that are read, after every encoding is undone (sitemaps.org: 50 MB).
pub(super) const SIZE_LIMIT: u64 = 50 * 1024 * 1024;

/// Entries of one sitemap that are read (sitemaps.org).
const MOST_ENTRIES: usize = 50_000;

/// Distinct addresses that are taken from one sitemap, alternates in other languages included.
const MOST_LINKS: usize = 2 * MOST_ENTRIES;

/// Entries without an address that are told one by one; the others are counted.
const MOST_GAPS: usize = 100;

/// How much of a document is looked at for its root element.
pub(super) const PROLOGUE: usize = 4096;

/// What a sitemap lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Distinct absolute web addresses in the order of the document, further sitemaps among them.
    pub links: Vec<(Url, UrlKind)>,
    /// Entries that are no address, and limits that were met.
    pub gaps: Vec<Gap>,
    /// Why the document, or what follows in it, could not be read.
    pub fault: Option<String>,
    /// Whether it is a sitemap at all.
    pub recognized: bool,
}

/// Reads a sitemap that was found at `url`.
pub fn read_listing(text: &str, url: &Url) -> Listing {
    let mut builder = Builder {
        url,
        listing: Listing::default(),
        seen: HashSet::new(),
        entries: 0,
        malformed: 0,
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') {
        builder.read_xml(text);
    } else {
        builder.read_lines(text);
    }
    builder.finish()
}

/// Says whether an XML document is a sitemap or an index of them, by its root element.
pub(super) fn is_sitemap(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(PROLOGUE)]);
    let mut reader = XmlReader::from_str(head.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let root = Tag::of(&tag);
                return matches!(root, Tag::UrlSet | Tag::Index);
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The elements that mean something here, whatever namespace they are said to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    UrlSet,
    Index,
    /// The root of a feed: `rss`, `feed`, `RDF`.
    Feed,
    /// One entry of a sitemap.
    Entry,
    /// One entry of an index.
    Sitemap,
    Location,
    /// What holds a feed's links: `channel`, `item`, `entry`.
    Item,
    Link,
    Other,
}

impl Tag {
    fn of(tag: &BytesStart<'_>) -> Self {
        match tag.local_name().as_ref() {
            "urlset" => Self::UrlSet,
            "sitemapindex" => Self::Index,
            "rss" | "feed" | "RDF" => Self::Feed,
            "url" => Self::Entry,
            "sitemap" => Self::Sitemap,
            "loc" => Self::Location,
            "channel" | "item" | "entry" => Self::Item,
            "link" => Self::Link,
            _ => Self::Other,
        }
    }

    /// What an address that stands in `self` right below `parent` is an address of.
    fn leads_to(self, parent: Self) -> Option<UrlKind> {
        match (self, parent) {
            // The addresses of pictures and films (`image:loc`) stand one level deeper.
            (Self::Location, Self::Sitemap | Self::Index) => Some(UrlKind::Sitemap),
            (Self::Location, Self::Entry | Self::UrlSet)
            | (Self::Link, Self::Item | Self::Feed | Self::Entry) => Some(UrlKind::Page),
            _ => None,
        }
    }
}

struct Builder<'a> {
    url: &'a Url,
    listing: Listing,
    seen: HashSet<String>,
    entries: usize,
    malformed: usize,
}

impl Builder<'_> {
    fn read_xml(&mut self, text: &str) {
        let mut reader = XmlReader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        // The commonest fault of sitemaps: an `&` in an address that is not escaped.
        config.allow_dangling_amp = true;
        let mut open: Vec<Tag> = Vec::new();
        let mut written: Option<(UrlKind, String)> = None;
        loop {
            let at = reader.buffer_position();
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = reader.error_position();
                    self.listing.fault = Some(format!("at byte {at}: {error}"));
                    return;
                }
            };
            match event {
                Event::Start(start) => {
                    let Some(tag) = self.enter(at, &start, open.last().copied()) else {
                        return;
                    };
                    let parent = open.last().copied().unwrap_or(Tag::Other);
                    written = tag.leads_to(parent).map(|kind| (kind, String::new()));
                    open.push(tag);
                }
                Event::Empty(start) => {
                    if self.enter(at, &start, open.last().copied()).is_none() {
                        return;
                    }
                }
                Event::End(_) => {
                    open.pop();
                    if let Some((kind, raw)) = written.take()
                        && !self.add_entry(at, &raw, kind)
                    {
                        return;
                    }
                }
                Event::Text(text) => append(&mut written, &text),
                Event::CData(text) => append(&mut written, &text),
                Event::GeneralRef(reference) => {
                    append(&mut written, &replaced(&format!("&{};", &*reference)));
                }
                Event::DocType(declared) if declared.contains('[') => {
                    self.listing.fault = Some("it declares entities of its own".to_owned());
                    return;
                }
                Event::Eof => {
                    if let Some(fault) = self.left_open(&open) {
                        self.listing.fault = Some(fault);
                    }
                    return;
                }
                Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// Takes note of a tag and of the address in its attributes; `None` when the document ends here.
    fn enter(&mut self, at: u64, start: &BytesStart<'_>, parent: Option<Tag>) -> Option<Tag> {
        let tag = Tag::of(start);
        if parent.is_none() && !self.listing.recognized {
            if !matches!(tag, Tag::UrlSet | Tag::Index | Tag::Feed) {
                let name = start.local_name();
                let shown: String = clean_text(name.as_ref()).chars().take(40).collect();
                self.listing.fault = Some(format!("its root element is <{shown}>"));
                return None;
            }
            self.listing.recognized = true;
        }
        if tag == Tag::Link && tag.leads_to(parent.unwrap_or(Tag::Other)).is_some() {
            let attribute = |name: &str| {
                let mut all = start.attributes();
                let all = all.with_checks(false).flatten();
                let mut found = all.filter(|one| one.key.as_ref() == name);
                found.next().map(|one| replaced(&one.value).into_owned())
            };
            let is_page = attribute("rel").is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"));
            if let Some(raw) = attribute("href").filter(|_| is_page)
                && !self.add(at, &raw, UrlKind::Page)
            {
                return None;
            }
        }
        Some(tag)
    }

    fn left_open(&self, open: &[Tag]) -> Option<String> {
        if !self.listing.recognized {
            return Some("it has no root element".to_owned());
        }
        (!open.is_empty()).then(|| "it ends within an element".to_owned())
    }

    /// Reads one address a line; what begins with `#` is a comment.
    fn read_lines(&mut self, text: &str) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let raw = line.trim();
            let start = at;
            at += line.len() as u64;
            if raw.is_empty() || raw.starts_with('#') {
                continue;
            }
            // A list has whole addresses; the first line tells it from any other text.
            if !self.listing.recognized {
                if !Url::parse(raw).is_ok_and(|url| is_web(&url)) {
                    break;
                }
                self.listing.recognized = true;
            }
            if !self.add_entry(start, raw, UrlKind::Page) {
                return;
            }
        }
        if !self.listing.recognized {
            let fault = "it is neither XML nor a list of addresses";
            self.listing.fault = Some(fault.to_owned());
        }
    }

    /// Adds an entry; returns whether more may follow.
    fn add_entry(&mut self, at: u64, raw: &str, kind: UrlKind) -> bool {
        // A link that says its address in an attribute holds no text.
        if raw.trim().is_empty() {
            return true;
        }
        self.entries += 1;
        self.add(at, raw, kind)
    }

    /// Adds an address, an alternate's too; returns whether more may follow.
    fn add(&mut self, at: u64, raw: &str, kind: UrlKind) -> bool {
        let count = self.listing.links.len();
        if self.entries > MOST_ENTRIES || count == MOST_LINKS {
            let detail = format!("cut after {count} addresses");
            let gap = Gap::at(Reason::SitemapTruncated, at.to_string(), detail);
            self.listing.gaps.push(gap);
            return false;
        }
        match self.url.join(raw.trim()) {
            Ok(link) if is_web(&link) => {
                let bare = without_secrets(&link);
                if let Ok(link) = Url::parse(&bare)
                    && self.seen.insert(bare)
                {
                    self.listing.links.push((link, kind));
                }
            }
            Ok(link) => self.add_malformed(at, raw, &format!("scheme {:?}", link.scheme())),
            Err(error) => self.add_malformed(at, raw, &error.to_string()),
        }
        true
    }

    fn add_malformed(&mut self, at: u64, raw: &str, why: &str) {
        self.malformed += 1;
        if self.malformed <= MOST_GAPS {
            self.listing.gaps.push(malformed(at as usize, raw, why));
        }
    }

    fn finish(mut self) -> Listing {
        if let Some(more) = self
            .malformed
            .checked_sub(MOST_GAPS)
            .filter(|more| *more > 0)
        {
            let detail = format!("and {more} further entries that are no address");
            self.listing
                .gaps
                .push(Gap::at(Reason::MalformedUrl, "more", detail));
        }
        self.listing
    }
}

/// Replaces what every XML document may refer to; a text with any other reference stays as it is written.
fn replaced(raw: &str) -> Cow<'_, str> {
    unescape(raw).unwrap_or(Cow::Borrowed(raw))
}

fn append(written: &mut Option<(UrlKind, String)>, text: &str) {
    if let Some((_, raw)) = written {
        raw.push_str(text);
    }
}

#[cfg(test)]
#[path = "sitemap_tests.rs"]
mod tests;
