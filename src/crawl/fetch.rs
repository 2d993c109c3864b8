//! One HTTP exchange: a request, the answer's head, and as much of the body as is wanted.
//!
//! Owns the time limits and caps of an exchange, and the sorting of errors into reasons. It follows no
//! redirect, retries nothing and decodes nothing; those are the visit's decisions. How a server is reached
//! is `transport`'s.

use std::error::Error as StdError;
use std::time::Duration;

use reqwest::header::{HeaderName, SET_COOKIE};
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::address::RefusedAddress;
use super::archive::Wire;
use super::cookies::SentCookies;
use super::directives::canonical_of_header;
use super::transport::Transport;
use super::uri::{redacted, without_secrets};
use super::{CrawlSettings, Error, Secrets};
use crate::model::{Reason, StoredVersion, clean_text};

/// The headers that are kept with a fetch's facts. Cookies are not among them.
const KEPT_HEADERS: &[&str] = &[
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "server",
    "x-robots-tag",
];

/// Headers of which each value counts by itself: an agent's name in one is not for the next.
const SEVERAL: &[&str] = &["link", "x-robots-tag"];

/// Most values kept of one header.
const MOST_VALUES: usize = 16;

/// Makes HTTP exchanges under one job's settings.
#[derive(Debug)]
pub(super) struct Fetcher {
    transport: Transport,
    idle_timeout: Duration,
    total_timeout: Duration,
}

/// An answer's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) remote_address: Option<String>,
    /// Those of the request that it answers.
    pub(super) cookies: SentCookies,
    /// Whether it sets some, whatever becomes of them.
    pub(super) sets_cookies: bool,
}

/// How the reading of a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BodyEnd {
    Whole,
    /// The cap was reached with more to come.
    Capped,
    /// The connection or the time ended before the body did.
    Broken(String),
    /// It was not wanted.
    Unread,
}

/// An answer, with the body as transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
    pub(super) end: BodyEnd,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

impl Head {
    /// Returns a kept header's value; of several, the first.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(kept, _)| kept == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the status with its usual words.
    pub(super) fn status_text(&self) -> String {
        StatusCode::from_u16(self.status)
            .map_or_else(|_| self.status.to_string(), |status| status.to_string())
    }
}

impl Fetcher {
    pub(super) fn new(settings: &CrawlSettings, secrets: &Secrets) -> Result<Self, Error> {
        Ok(Self {
            transport: Transport::new(settings, secrets)?,
            idle_timeout: settings.idle_timeout(),
            total_timeout: settings.total_timeout(),
        })
    }

    /// Returns what tells the cookies apart that a request for `url` would carry now.
    pub(super) fn cookies_now(&self, url: &Url) -> SentCookies {
        self.transport.cookies_now(url)
    }

    /// Asks for `url`, or for what differs there from the version that is `stored`, and reads at most `cap`
    /// bytes of the body if `wanted` says so of the head.
    ///
    /// A body of which nothing came is a failure, as if the connection had broken before the head. `wire`
    /// notes what an archive is to hold, and the bodies of errors and redirects are read for it alone.
    pub(super) async fn fetch(
        &self,
        url: &Url,
        stored: Option<&StoredVersion>,
        cap: u64,
        wanted: impl Fn(&Head) -> bool + Sync,
        mut wire: Option<&mut Wire>,
    ) -> Result<Answer, Failure> {
        let deadline = Instant::now() + self.total_timeout;
        let until = deadline.min(Instant::now() + self.idle_timeout);
        let send = self.transport.send(url, stored, wire.as_deref_mut());
        let (response, cookies) = timeout_at(until, send)
            .await
            .map_err(|_| self.late("no answer"))??;
        let head = Head {
            cookies,
            ..head_of(&response, url, self.transport.address_of(&response))
        };
        if !wanted(&head) {
            if let Some(wire) = wire
                && !response.status().is_success()
            {
                let read = self
                    .read_body(response, head.clone(), cap, deadline, Some(wire))
                    .await;
                wire.unwanted = Some(match read {
                    Ok(answer) => (answer.body, answer.end),
                    Err(failure) => (Vec::new(), BodyEnd::Broken(failure.detail)),
                });
            }
            return Ok(Answer {
                head,
                body: Vec::new(),
                end: BodyEnd::Unread,
            });
        }
        self.read_body(response, head, cap, deadline, wire).await
    }

    async fn read_body(
        &self,
        mut response: Response,
        head: Head,
        cap: u64,
        deadline: Instant,
        wire: Option<&mut Wire>,
    ) -> Result<Answer, Failure> {
        let announced = response.content_length().unwrap_or(0).min(cap);
        let mut body = Vec::with_capacity(announced.min(1 << 20) as usize);
        let broken = loop {
            let until = deadline.min(Instant::now() + self.idle_timeout);
            match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    let room = cap.saturating_sub(body.len() as u64) as usize;
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        let end = BodyEnd::Capped;
                        return Ok(Answer { head, body, end });
                    }
                }
                Ok(Ok(None)) => {
                    let end = BodyEnd::Whole;
                    return Ok(Answer { head, body, end });
                }
                Ok(Err(error)) => break failure(error),
                Err(_) if until == deadline => break self.too_long(),
                Err(_) => break self.late("the body did not go on"),
            }
        };
        if let Some(wire) = wire {
            wire.is_late = broken.reason == Reason::Timeout;
        }
        if body.is_empty() {
            return Err(broken);
        }
        let end = BodyEnd::Broken(broken.detail);
        Ok(Answer { head, body, end })
    }

    fn too_long(&self) -> Failure {
        Failure {
            reason: Reason::Timeout,
            detail: format!("no end within {} s", self.total_timeout.as_secs_f64()),
        }
    }

    fn late(&self, what: &str) -> Failure {
        Failure {
            reason: Reason::Timeout,
            detail: format!("{what} within {} s", self.idle_timeout.as_secs_f64()),
        }
    }
}

fn head_of(response: &Response, url: &Url, remote_address: Option<String>) -> Head {
    let all = |name| {
        let values = response.headers().get_all(HeaderName::from_static(name));
        let texts = values
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        texts.collect()
    };
    Head {
        status: response.status().as_u16(),
        headers: kept_headers(url, all),
        remote_address,
        sets_cookies: response.headers().contains_key(SET_COOKIE),
        ..Head::default()
    }
}

/// Returns what is kept of a head of `url`, with names in lower case; `all` gives a header's values in their
/// order.
pub(super) fn kept_headers(
    url: &Url,
    all: impl Fn(&'static str) -> Vec<String>,
) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for &name in KEPT_HEADERS {
        let mut values = all(name);
        if name == "content-encoding" && !values.is_empty() {
            // Encodings may come as one list or as several headers (RFC 9110, 5.3).
            values = vec![values.join(", ")];
        }
        let most = if SEVERAL.contains(&name) {
            MOST_VALUES
        } else {
            1
        };
        let kept = values
            .iter()
            .take(most)
            .filter_map(|value| kept_value(name, value, url));
        headers.extend(kept.map(|value| (name.to_owned(), value)));
    }
    headers
}

/// Returns what is kept of a header's value: of links the canonical one alone, of URLs no user and no password.
fn kept_value(name: &str, value: &str, url: &Url) -> Option<String> {
    let kept = match name {
        // The other links are for browsers, and long.
        "link" => {
            let target = url.join(canonical_of_header(value)?).ok()?;
            format!("<{}>; rel=\"canonical\"", without_secrets(&target))
        }
        "location" => url
            .join(value)
            .map_or_else(|_| redacted(value), |target| without_secrets(&target)),
        _ => value.to_owned(),
    };
    Some(clean_text(&kept).into_owned())
}

pub(super) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let reason = if error.is_builder() {
        Reason::MalformedUrl
    } else if causes(&error).any(<dyn StdError>::is::<RefusedAddress>) {
        Reason::AddressRefused
    } else if error.is_dns() {
        Reason::DnsFailed
    } else if error.is_timeout() {
        Reason::Timeout
    } else if causes(&error).any(is_too_large) {
        Reason::HeadersTooLarge
    } else if causes(&error).any(is_tls) {
        Reason::TlsFailed
    } else {
        Reason::ConnectionFailed
    };
    let mut messages: Vec<_> = causes(&error).skip(1).map(ToString::to_string).collect();
    messages.dedup();
    let detail = if messages.is_empty() {
        error.to_string()
    } else {
        messages.join(": ")
    };
    Failure {
        reason,
        detail: clean_text(&detail).into_owned(),
    }
}

/// Walks an error and its causes. An I/O error does not name what it wraps as its cause, so it is opened.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        wrapped.or_else(|| error.source())
    })
}

/// The client takes at most 100 headers and about 400 KiB of them over HTTP/1, and so many frames of them, or
/// four times the bytes that it is to read, over HTTP/2. Only its words tell; tests hold them.
fn is_too_large(error: &(dyn StdError + 'static)) -> bool {
    let words = error.to_string();
    let told = ["too_many_continuations", "header_list_way_too_large"];
    words == "message head is too large" || told.iter().any(|one| words.contains(one))
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    error.is::<rustls::Error>()
}
