//! One capture, read as if a server had sent it.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use url::Url;

use super::Locator;
use super::content::Content;
use crate::crawl::encoding;
use crate::crawl::fetch::{BodyEnd, Head, kept_headers};
use crate::crawl::warc::{Fields, Library, date_of};
use crate::model::{Gap, Reason, Timestamp, clean_text};

/// By how many seconds the clock of who made an archive may be ahead of this one.
const CLOCKS_DIFFER: f64 = 86_400.0;

/// How much of a body is decoded to see whether its encoding is what its head says.
const PROBE: usize = 4096;

/// What a record holds of a URL.
#[derive(Debug)]
pub(in crate::crawl) struct Captured {
    pub(in crate::crawl) head: Head,
    /// Whether the head is a server's; a `resource` record has none.
    pub(in crate::crawl) has_status: bool,
    pub(in crate::crawl) body: Vec<u8>,
    pub(in crate::crawl) end: BodyEnd,
    pub(in crate::crawl) at: Timestamp,
    pub(in crate::crawl) gaps: Vec<Gap>,
}

/// Reads the capture of `url` at `locator`, at most `cap` bytes of its body. `Err` says why it cannot be
/// read: the disk, or that the archive is another one by now.
pub(in crate::crawl) fn read(
    library: &Library,
    locator: &Locator,
    url: &Url,
    cap: u64,
) -> io::Result<Captured> {
    let mut content = Content::read(library, locator, cap)?;
    let fields = content.fields.clone();
    let position = locator.place.offset.to_string();
    let damaged = |detail: &str| {
        let detail = format!("{} ({})", clean_text(detail), locator.words());
        Gap::at(Reason::ArchiveDamaged, position.clone(), detail)
    };
    let mut gaps = Vec::new();
    if let Some(payload) = &locator.payload {
        gaps.extend(content.damage.as_deref().map(damaged));
        if let BodyEnd::Broken(error) = &content.end {
            gaps.push(damaged(error));
        }
        content = repeating(content, Content::read(library, payload, cap)?);
    }
    gaps.extend(content.damage.as_deref().map(damaged));
    if let Some(which) = &content.mismatch {
        let detail = format!("{which} ({})", locator.words());
        gaps.push(Gap::at(Reason::DigestMismatch, position.clone(), detail));
    }
    let now = Timestamp::now();
    let dated = match fields.get("warc-date").and_then(date_of) {
        Some(date) if date <= now.plus_seconds(CLOCKS_DIFFER) => Ok(date),
        Some(date) => Err(format!("the record's date, {date}, is yet to come")),
        None => Err("the record has no date".to_owned()),
    };
    let at = match dated {
        Ok(date) => date,
        Err(wrong) => {
            let detail = format!("{wrong}; the file's stands in for it");
            gaps.push(Gap::at(Reason::ArchiveDamaged, position.clone(), detail));
            changed_at(&locator.name.path)?.min(now)
        }
    };
    Ok(captured(url, &fields, content, at, gaps))
}

/// Puts the content of `original` behind the head of the revisit that repeats it.
fn repeating(revisit: Content, original: Content) -> Content {
    // The answer that said "not modified" is about the request; what it is about is the first one.
    let own = revisit.response.filter(|own| own.status != 304);
    let Some(mut own) = own else {
        return original;
    };
    let described = original.response.as_ref();
    let described = described.map_or(&original.fields, |response| &response.fields);
    // The bytes are the original's, and so is what they are packed in, whatever the later head names.
    if described.get("content-encoding").is_some() {
        own.fields.take_from(described, "content-encoding");
    }
    if own.fields.get("content-type").is_none() {
        own.fields.take_from(described, "content-type");
    }
    Content {
        response: Some(own),
        ..original
    }
}

fn captured(
    url: &Url,
    fields: &Fields,
    content: Content,
    at: Timestamp,
    gaps: Vec<Gap>,
) -> Captured {
    let has_status = content.response.is_some();
    let address = fields.get("warc-ip-address");
    let address = address.and_then(|text| text.parse::<IpAddr>().ok());
    let mut head = match &content.response {
        Some(response) => head(url, response.status, &response.fields),
        None => head(url, 200, &content.fields),
    };
    head.remote_address = address.map(|address| address.to_string());
    let mut end = content.end;
    if end == BodyEnd::Whole {
        end = declared_end(&content.fields);
    }
    if !is_encoded(&content.body, head.header("content-encoding")) {
        head.headers.retain(|(name, _)| name != "content-encoding");
    }
    Captured {
        head,
        has_status,
        body: content.body,
        end,
        at,
        gaps,
    }
}

/// What the record itself says of its end.
fn declared_end(fields: &Fields) -> BodyEnd {
    if let Some(reason) = fields.get("warc-truncated") {
        return if reason.eq_ignore_ascii_case("length") {
            BodyEnd::Capped
        } else {
            BodyEnd::Broken(format!("WARC-Truncated: {reason}"))
        };
    }
    if fields.get("warc-segment-number").is_some() {
        return BodyEnd::Broken("the record is the first of several segments".to_owned());
    }
    BodyEnd::Whole
}

/// Keeps of a head what is kept of a server's.
fn head(url: &Url, status: u16, fields: &Fields) -> Head {
    let headers = kept_headers(url, |name| fields.all(name).map(str::to_owned).collect());
    Head {
        status,
        headers,
        ..Head::default()
    }
}

/// Says whether a body is encoded as its head says: some tools decode it and leave the head as it was.
fn is_encoded(body: &[u8], encoding: Option<&str>) -> bool {
    let Some(encoding) = encoding else {
        return false;
    };
    let probe = body[..body.len().min(PROBE)].to_vec();
    match encoding::decode(probe, encoding, PROBE as u64) {
        Ok(decoded) => !(decoded.bytes.is_empty() && decoded.error.is_some()),
        // What the list says cannot be undone; the reader tells.
        Err(_) => true,
    }
}

fn changed_at(path: &Path) -> io::Result<Timestamp> {
    let time = path.metadata()?.modified()?;
    let since = time
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Timestamp::from_microseconds(since.as_micros() as i64))
}
