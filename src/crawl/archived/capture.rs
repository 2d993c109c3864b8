//! One capture, read as if a server had sent it.

use std::io::{self, BufReader, Read};
use std::net::IpAddr;
use std::path::Path;

use url::Url;

use super::Locator;
use crate::crawl::encoding;
use crate::crawl::fetch::{BodyEnd, Head, kept_headers};
use crate::crawl::warc::{Checked, Fields, Joined, Library, Opened, Response, date_of, response};
use crate::model::{Gap, Reason, Timestamp, clean_text};

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

/// A block's content.
struct Content {
    response: Option<Response>,
    body: Vec<u8>,
    end: BodyEnd,
    mismatch: Option<String>,
}

/// Reads the capture of `url` at `locator`, at most `cap` bytes of its body. `Err` says why it cannot be
/// read: the disk, or that the archive is another one by now.
pub(in crate::crawl) fn read(
    library: &Library,
    locator: &Locator,
    url: &Url,
    cap: u64,
) -> io::Result<Captured> {
    let record = library.record(&locator.name, locator.place, locator.length)?;
    let fields = record.fields.clone();
    let mut content = content(record, cap)?;
    let mut content_fields = fields.clone();
    if let Some(payload) = &locator.payload {
        let original = library.record(&payload.name, payload.place, payload.length)?;
        content_fields = original.fields.clone();
        let repeated = self::content(original, cap)?;
        // The answer that said "not modified" is about the request; what it is about is the first one.
        let own = content.response.filter(|own| own.status != 304);
        content = Content {
            response: own.or(repeated.response),
            ..repeated
        };
    }
    let position = locator.place.offset.to_string();
    let mut gaps = Vec::new();
    if let Some(which) = &content.mismatch {
        let detail = format!("{which} ({})", locator.words());
        gaps.push(Gap::at(Reason::DigestMismatch, position.clone(), detail));
    }
    let at = if let Some(date) = fields.get("warc-date").and_then(date_of) {
        date
    } else {
        let detail = "the record has no date; the file's stands in for it";
        gaps.push(Gap::at(Reason::ArchiveDamaged, position, detail));
        changed_at(&locator.name.path)?
    };
    Ok(captured(url, &fields, &content_fields, content, at, gaps))
}

fn captured(
    url: &Url,
    fields: &Fields,
    content_fields: &Fields,
    content: Content,
    at: Timestamp,
    gaps: Vec<Gap>,
) -> Captured {
    let has_status = content.response.is_some();
    let address = fields.get("warc-ip-address");
    let address = address.and_then(|text| text.parse::<IpAddr>().ok());
    let mut head = match &content.response {
        Some(response) => head(url, response.status, &response.fields),
        None => head(url, 200, content_fields),
    };
    head.remote_address = address.map(|address| address.to_string());
    let mut end = content.end;
    if end == BodyEnd::Whole {
        end = declared_end(content_fields);
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

fn content(record: Opened, cap: u64) -> io::Result<Content> {
    let fields = record.fields;
    let is_http = fields.get("content-type").is_none_or(|media| {
        media
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("application/http")
    });
    let is_resource = fields
        .get("warc-type")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("resource"));
    let payload_digest = fields.get("warc-payload-digest");
    let is_revisit = fields
        .get("warc-type")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("revisit"));
    let mut block = BufReader::new(Checked::new(record.block, fields.get("warc-block-digest")));
    let response = if is_http && !is_resource {
        response(&mut block)?
    } else {
        None
    };
    if response.is_none() && is_http && !is_resource && !is_revisit {
        let error = "the record holds no HTTP response";
        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
    }
    let chunked = response.as_ref().is_some_and(Response::is_chunked);
    // A revisit declares the digest of what it repeats.
    let declared = payload_digest.filter(|_| !is_revisit);
    let mut raw = Checked::new(&mut block, declared);
    let mut body = Vec::new();
    let (read, joined_differs) = if chunked {
        let mut joined = Checked::new(Joined::new(BufReader::new(&mut raw)), declared);
        let read = read_capped(&mut joined, cap, &mut body);
        (read, joined.differs())
    } else {
        (read_capped(&mut raw, cap, &mut body), true)
    };
    let length = response
        .as_ref()
        .filter(|_| !chunked)
        .and_then(|response| response.fields.get("content-length")?.parse::<u64>().ok());
    let end = match read {
        Ok(true) => BodyEnd::Capped,
        Err(error) => BodyEnd::Broken(clean_text(&error.to_string()).into_owned()),
        Ok(false) => match length.filter(|length| *length > body.len() as u64 && !is_revisit) {
            Some(length) => BodyEnd::Broken(format!("{} of {length} bytes are there", body.len())),
            None => BodyEnd::Whole,
        },
    };
    let is_readable = !matches!(end, BodyEnd::Broken(_)) || length.is_some();
    // What follows the last chunk still belongs to the digests.
    let rest = io::copy(&mut raw, &mut io::sink());
    let payload_differs = raw.is_declared() && raw.differs() && joined_differs;
    let block_differs = block.get_ref().differs();
    let mismatch = match (rest.is_ok() && is_readable, block_differs, payload_differs) {
        (true, true, _) => Some("WARC-Block-Digest".to_owned()),
        (true, false, true) => Some("WARC-Payload-Digest".to_owned()),
        _ => None,
    };
    Ok(Content {
        response,
        body,
        end,
        mismatch,
    })
}

/// Reads to the end and keeps `cap` bytes; says whether there were more.
fn read_capped(reader: &mut dyn Read, cap: u64, body: &mut Vec<u8>) -> io::Result<bool> {
    reader.take(cap).read_to_end(body)?;
    let more = io::copy(reader, &mut io::sink())?;
    Ok(more > 0)
}

fn changed_at(path: &Path) -> io::Result<Timestamp> {
    let time = path.metadata()?.modified()?;
    let since = time
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Timestamp::from_microseconds(since.as_micros() as i64))
}
