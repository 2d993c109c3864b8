//! From one HTTP exchange to its records: the response, or a reference to an earlier one, and the request.
//!
//! Owns what of an exchange is written and what is withheld. Header names come in lower case and lines of
//! one name together, as the HTTP client hands them on; an exchange over HTTP/2 is written in the form of
//! HTTP/1.1, because readers know no other.

use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Response, StatusCode, Version};
use url::{Position, Url};

use super::index::{Capture, REVISIT};
use super::record::{Draft, Kind, RecordId, labelled};
use super::redact::without_users;
use super::{Record, Recorder};
use crate::crawl::fetch::BodyEnd;
use crate::crawl::uri::without_secrets;
use crate::model::{Digest, StoredVersion, Timestamp};

/// The only headers of a request whose values are written: this program sets them itself. All others may
/// be a user's secrets.
const WRITTEN_OF_REQUESTS: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "host",
    "if-modified-since",
    "if-none-match",
    "user-agent",
];

/// Headers of a response that carry a session, which whoever reads the archive must not take over.
const WITHHELD_OF_RESPONSES: &[&str] = &["set-cookie", "set-cookie2"];

const SAME_PAYLOAD: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// What went over the wire, besides the body that the crawl itself wants.
#[derive(Debug)]
pub(in crate::crawl) struct Wire {
    pub(super) url: Url,
    /// When the request was sent.
    pub(super) at: Timestamp,
    /// When the version was asked for that the server is asked about.
    pub(super) stored_at: Option<Timestamp>,
    began: Instant,
    took: Duration,
    pub(in crate::crawl) sent: HeaderMap,
    /// `None` when no answer came.
    pub(super) answer: Option<WireAnswer>,
    /// Whether a body broke off because its time was over.
    pub(in crate::crawl) is_late: bool,
    /// A body that the crawl does not want, of an error or a redirect.
    pub(in crate::crawl) unwanted: Option<(Vec<u8>, BodyEnd)>,
}

/// An answer's head as it came.
#[derive(Debug)]
pub(super) struct WireAnswer {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) address: Option<IpAddr>,
}

/// An exchange as records, and what is yet to be said of it.
#[derive(Debug)]
pub(in crate::crawl) struct Captured {
    pub(super) records: Vec<Record>,
    pub(super) response: RecordId,
    pub(super) uri: String,
    pub(super) at: Timestamp,
    pub(super) took: Duration,
    pub(super) left_out: LeftOut,
}

/// Names of the headers that are not written as they came.
#[derive(Debug, Default)]
pub(in crate::crawl) struct LeftOut {
    pub(super) withheld: Vec<String>,
    /// Written without the users and passwords of the URLs in them.
    pub(super) redacted: Vec<String>,
}

impl Wire {
    pub(super) fn new(url: &Url, at: Timestamp, stored: Option<&StoredVersion>) -> Self {
        Self {
            url: url.clone(),
            at,
            stored_at: stored.and_then(|version| version.fetched_at),
            began: Instant::now(),
            took: Duration::ZERO,
            sent: HeaderMap::new(),
            answer: None,
            is_late: false,
            unwanted: None,
        }
    }

    /// Notes that the exchange is over.
    pub(super) fn ended(&mut self) {
        self.took = self.began.elapsed();
    }

    /// Notes an answer's head; behind a proxy the address is not the server's.
    pub(in crate::crawl) fn answered(&mut self, response: &Response, is_proxied: bool) {
        self.answer = Some(WireAnswer {
            version: response.version(),
            status: response.status(),
            headers: response.headers().clone(),
            address: response
                .remote_addr()
                .filter(|_| !is_proxied)
                .map(|address| address.ip()),
        });
    }
}

impl Recorder {
    /// Writes an exchange as records; `body` is what came of the body and `end` how it ended. Without an
    /// answer there is nothing to write.
    pub(in crate::crawl) fn exchange(
        &self,
        wire: &Wire,
        body: &[u8],
        end: &BodyEnd,
    ) -> io::Result<Option<Captured>> {
        let Some(answer) = &wire.answer else {
            return Ok(None);
        };
        let (body, end) = wire
            .unwanted
            .as_ref()
            .map_or((body, end), |(body, end)| (body.as_slice(), end));
        let mut target = wire.url.clone();
        target.set_fragment(None);
        let uri = without_secrets(&target);
        let mut left_out = LeftOut::default();
        let head = response_head(answer, &wire.url, &mut left_out);
        let response = self.response(wire, answer, &uri, &head, body, end)?;
        let request_head = request_head(&target, &wire.sent, &mut left_out);
        let mut fields = self.common_fields(&uri, answer);
        fields.push(("WARC-Concurrent-To", response.0.to_string()));
        let request = Draft {
            id: RecordId::new(),
            kind: Kind::Request,
            at: wire.at,
            content_type: Some("application/http; msgtype=request"),
            fields,
            block: [&request_head, &[]],
        };
        let request = Record::bare(request.write(self.packing)?);
        Ok(Some(Captured {
            records: vec![response.1, request],
            response: response.0,
            uri,
            at: wire.at,
            took: wire.took,
            left_out,
        }))
    }

    fn response(
        &self,
        wire: &Wire,
        answer: &WireAnswer,
        uri: &str,
        head: &[u8],
        body: &[u8],
        end: &BodyEnd,
    ) -> io::Result<(RecordId, Record)> {
        let digest = Digest::of(body);
        let status = answer.status.as_u16();
        // RFC 9110, 6.4.1: these have no content, whether it was asked for or not.
        let is_bare = matches!(status, 204 | 304);
        let truncated = truncation(wire, end).filter(|_| !is_bare);
        let mut capture = Capture {
            uri: uri.to_owned(),
            at: wire.at,
            mime: essence(&answer.headers),
            status: Some(status),
            digest,
            truncated,
        };
        let mut fields = self.common_fields(uri, answer);
        let is_whole = truncated.is_none() && !body.is_empty();
        let origin = is_whole.then(|| self.written.origin(&digest)).flatten();
        let mut kind = Kind::Response;
        let mut block = [head, body];
        if let Some(origin) = &origin {
            fields.push(("WARC-Profile", SAME_PAYLOAD.to_owned()));
            fields.push(("WARC-Refers-To-Target-URI", origin.uri.clone()));
            fields.push(("WARC-Refers-To-Date", origin.date.clone()));
        } else if status == 304 {
            fields.push(("WARC-Profile", NOT_MODIFIED.to_owned()));
            fields.push(("WARC-Refers-To-Target-URI", uri.to_owned()));
            let date = wire.stored_at.map(|date| date.to_string());
            fields.extend(date.map(|date| ("WARC-Refers-To-Date", date)));
        }
        if origin.is_some() || status == 304 {
            kind = Kind::Revisit;
            block[1] = &[];
            REVISIT.clone_into(&mut capture.mime);
        }
        if status != 304 {
            fields.push(("WARC-Payload-Digest", labelled(&digest)));
        }
        fields.extend(truncated.map(|why| ("WARC-Truncated", why.to_owned())));
        let draft = Draft {
            id: RecordId::new(),
            kind,
            at: wire.at,
            content_type: Some("application/http; msgtype=response"),
            fields,
            block,
        };
        let record = Record {
            bytes: draft.write(self.packing)?,
            payload: (kind == Kind::Response && is_whole).then_some(digest),
            capture: Some(capture),
        };
        Ok((draft.id, record))
    }

    fn common_fields(&self, uri: &str, answer: &WireAnswer) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("WARC-Target-URI", uri.to_owned()),
            ("WARC-Warcinfo-ID", self.warcinfo.to_string()),
        ];
        fields.extend(
            answer
                .address
                .map(|address| ("WARC-IP-Address", address.to_canonical().to_string())),
        );
        fields.extend(protocol(answer.version).map(|name| ("WARC-Protocol", name.to_owned())));
        fields
    }
}

/// The names that `WARC-Protocol` takes, a field that several writers share and the standard has not yet.
fn protocol(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("http/1.0"),
        Version::HTTP_11 => Some("http/1.1"),
        Version::HTTP_2 => Some("h2"),
        _ => None,
    }
}

/// Returns the word of `WARC-Truncated` for a body that is not whole.
fn truncation(wire: &Wire, end: &BodyEnd) -> Option<&'static str> {
    match end {
        BodyEnd::Whole => None,
        BodyEnd::Capped => Some("length"),
        BodyEnd::Broken(_) if wire.is_late => Some("time"),
        BodyEnd::Broken(_) => Some("disconnect"),
        // Content that the crawl does not read, such as a film.
        BodyEnd::Unread => Some("unspecified"),
    }
}

/// Returns the media type without its parameters, in the word of the index for none.
fn essence(headers: &HeaderMap) -> String {
    let value = headers.get(reqwest::header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    essence
        .filter(|essence| !essence.is_empty())
        .map_or_else(|| "unk".to_owned(), str::to_ascii_lowercase)
}

fn response_head(answer: &WireAnswer, url: &Url, left_out: &mut LeftOut) -> Vec<u8> {
    let version = if answer.version == Version::HTTP_10 {
        "HTTP/1.0"
    } else {
        "HTTP/1.1"
    };
    let phrase = answer.status.canonical_reason().unwrap_or_default();
    let mut head = format!("{version} {} {phrase}\r\n", answer.status.as_u16()).into_bytes();
    for (name, value) in &answer.headers {
        if WITHHELD_OF_RESPONSES.contains(&name.as_str()) {
            note(name, &mut left_out.withheld);
            continue;
        }
        let written_as = match name.as_str() {
            // The body is written without its chunks, and a reader would look for them.
            "transfer-encoding" => "x-archive-orig-transfer-encoding",
            name => name,
        };
        match without_users(name.as_str(), value.as_bytes(), url) {
            Some(safe) => {
                note(name, &mut left_out.redacted);
                push_line(&mut head, written_as, &safe);
            }
            None => push_line(&mut head, written_as, value.as_bytes()),
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn request_head(url: &Url, sent: &HeaderMap, left_out: &mut LeftOut) -> Vec<u8> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut head = format!("GET {target} HTTP/1.1\r\n").into_bytes();
    let host = &url[Position::BeforeHost..Position::AfterPort];
    push_line(&mut head, "host", host.as_bytes());
    for (name, value) in sent {
        if name == "host" {
            continue;
        }
        if value.is_sensitive() || !WRITTEN_OF_REQUESTS.contains(&name.as_str()) {
            note(name, &mut left_out.withheld);
        } else {
            push_line(&mut head, name.as_str(), value.as_bytes());
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn note(name: &HeaderName, names: &mut Vec<String>) {
    if !names.iter().any(|known| known == name.as_str()) {
        names.push(name.as_str().to_owned());
    }
}

fn push_line(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}
