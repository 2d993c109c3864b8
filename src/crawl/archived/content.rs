//! What the block of a record holds: the head of an answer, and its body as the server meant it.
//!
//! Owns chunks, the record's digests and where a body breaks off. What the body means for a URL is said
//! beside it.

use std::io::{self, BufRead, BufReader, Read};

use super::Locator;
use crate::crawl::fetch::BodyEnd;
use crate::crawl::warc::{Checked, Fields, Joined, Library, Opened, Response, response};
use crate::model::clean_text;

/// A block's content.
pub(super) struct Content {
    /// The record's own.
    pub(super) fields: Fields,
    pub(super) response: Option<Response>,
    pub(super) body: Vec<u8>,
    pub(super) end: BodyEnd,
    /// The digest that is another one than was declared.
    pub(super) mismatch: Option<String>,
    /// What is not sound about the record besides.
    pub(super) damage: Option<String>,
}

/// A record's type, as far as its content hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Response,
    Resource,
    Revisit,
}

/// What is done about chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunks {
    /// Joined, if the head says that the body comes in some.
    Join,
    /// Left, because what looked like chunks is none.
    Leave,
}

impl Content {
    /// Reads the record at `locator`, and keeps at most `cap` bytes of its body.
    pub(super) fn read(library: &Library, locator: &Locator, cap: u64) -> io::Result<Self> {
        let record = || library.record(&locator.name, locator.place, locator.length);
        if let Some(content) = Self::of(record()?, cap, Chunks::Join)? {
            return Ok(content);
        }
        let content = Self::of(record()?, cap, Chunks::Leave)?;
        content.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Reads a record; `None` when its body begins like chunks and is no sequence of them.
    fn of(record: Opened, cap: u64, chunks: Chunks) -> io::Result<Option<Self>> {
        let fields = record.fields;
        let kind = Kind::of(&fields);
        let block_digest = fields.get("warc-block-digest");
        let mut block = BufReader::new(Checked::new(record.block, block_digest));
        // The block of a response says what it is, whatever its head does.
        let is_http = match kind {
            Kind::Resource => false,
            Kind::Revisit => is_http(&fields),
            Kind::Response => is_http(&fields) || begins_http(&mut block),
        };
        let response = if is_http { response(&mut block)? } else { None };
        if response.is_none() && is_http && kind == Kind::Response {
            let error = "the record holds no HTTP response";
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        let chunked = response.as_ref().is_some_and(Response::is_chunked);
        // A revisit declares the digest of what it repeats.
        let declared = fields
            .get("warc-payload-digest")
            .filter(|_| kind != Kind::Revisit);
        let mut raw = Checked::new(&mut block, declared);
        let (mut body, mut damage) = (Vec::new(), None);
        let (read, joined_differs) = if chunked && chunks == Chunks::Join {
            let mut joined = Joined::new(BufReader::new(&mut raw));
            let mut checked = Checked::new(&mut joined, declared);
            let read = read_capped(&mut checked, cap, &mut body);
            let differs = checked.differs();
            if joined.is_none(fields.get("warc-truncated").is_some()) {
                return Ok(None);
            }
            damage = joined
                .behind()
                .map(|count| format!("{count} bytes follow the last chunk"));
            (read, differs)
        } else {
            (read_capped(&mut raw, cap, &mut body), true)
        };
        if chunks == Chunks::Leave {
            let told = "the head says that the body comes in chunks, and it is no sequence of them: \
                        it is kept as it stands";
            damage = Some(told.to_owned());
        }
        let length = response
            .as_ref()
            .filter(|_| !chunked && kind != Kind::Revisit)
            .and_then(|response| response.fields.get("content-length")?.parse::<u64>().ok());
        let end = end_of(read, body.len() as u64, length);
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
        if let Err(error) = rest
            && !matches!(end, BodyEnd::Broken(_))
        {
            damage = Some(error.to_string());
        }
        Ok(Some(Self {
            fields,
            response,
            body,
            end,
            mismatch,
            damage,
        }))
    }
}

impl Kind {
    fn of(fields: &Fields) -> Self {
        let name = fields.get("warc-type").unwrap_or_default();
        if name.eq_ignore_ascii_case("resource") {
            Self::Resource
        } else if name.eq_ignore_ascii_case("revisit") {
            Self::Revisit
        } else {
            Self::Response
        }
    }
}

/// Says whether a block begins with the head of an answer.
fn is_http(fields: &Fields) -> bool {
    fields.get("content-type").is_none_or(|media| {
        media
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("application/http")
    })
}

/// Says whether a block begins with a status line; what cannot be read shows when it is.
fn begins_http(block: &mut dyn BufRead) -> bool {
    block
        .fill_buf()
        .is_ok_and(|bytes| bytes.starts_with(b"HTTP/"))
}

/// Says how a body ended of which `kept` bytes are kept and whose head announces `length`.
fn end_of(read: io::Result<bool>, kept: u64, length: Option<u64>) -> BodyEnd {
    match read {
        Ok(true) => BodyEnd::Capped,
        Err(error) => BodyEnd::Broken(clean_text(&error.to_string()).into_owned()),
        Ok(false) => match length.filter(|length| *length > kept) {
            Some(length) => BodyEnd::Broken(format!("{kept} of {length} bytes are there")),
            None => BodyEnd::Whole,
        },
    }
}

/// Reads to the end and keeps `cap` bytes; says whether there were more.
fn read_capped(reader: &mut dyn Read, cap: u64, body: &mut Vec<u8>) -> io::Result<bool> {
    reader.take(cap).read_to_end(body)?;
    let more = io::copy(reader, &mut io::sink())?;
    Ok(more > 0)
}
