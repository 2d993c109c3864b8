//! HTTP/1.1 (RFC 9112) as far as the tests' server speaks it: reading a request, and writing an answer
//! that may be wrong on purpose. Which answer belongs to which path is `server.rs`'s business.

use std::io::{self, BufRead, Write};
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Returns a header's value by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Says whether the client wants the connection closed after the answer.
    pub fn wants_close(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Reads one request; `None` when the client closed the connection or sent something else.
    pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut request = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
        };
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                let header = (name.to_owned(), value.trim().to_owned());
                request.headers.push(header);
            }
        }
        Ok(Some(request))
    }
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// `Content-Length`, true.
    Length,
    /// `Content-Length`, of this number whatever the body has.
    ClaimedLength(usize),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The connection's end.
    Close,
}

/// What the server answers to a request: a status, headers and a body, and what is to go wrong.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    pub(super) delay: Duration,
    /// Bytes of the body that are sent before the connection is closed.
    close_after: Option<usize>,
    hangs_up: bool,
    /// What a request with this cookie gets instead.
    with_cookie: Option<(String, Box<Answer>)>,
}

impl Answer {
    /// An answer with a status and no body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            delay: Duration::ZERO,
            close_after: None,
            hangs_up: false,
            with_cookie: None,
        }
    }

    /// A page of HTML with status 200.
    pub fn page(html: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body("text/html", html)
    }

    /// A redirect to `location`, written as given.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("Location", location)
    }

    /// No answer: the connection is closed after the request was read.
    pub fn hang_up() -> Self {
        Self {
            hangs_up: true,
            ..Self::status(200)
        }
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Adds a header, or replaces it.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives `answer` instead to a request with `cookie`, written as `name=value`.
    #[must_use]
    pub fn with_cookie(mut self, cookie: &str, answer: Self) -> Self {
        self.with_cookie = Some((cookie.to_owned(), Box::new(answer)));
        self
    }

    /// Waits before anything is sent.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Says that the body has `length` bytes, then sends what it has and closes the connection.
    #[must_use]
    pub fn claims_length(mut self, length: usize) -> Self {
        self.framing = Framing::ClaimedLength(length);
        self
    }

    /// Closes the connection after `bytes` of the body, whatever was announced.
    #[must_use]
    pub fn closes_after(mut self, bytes: usize) -> Self {
        self.close_after = Some(bytes);
        self
    }

    /// Sends the body in chunks.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    /// Sends the body without a length; the connection's end is the body's.
    #[must_use]
    pub fn without_length(mut self) -> Self {
        self.framing = Framing::Close;
        self
    }

    /// Writes the answer; returns whether the connection can be used again.
    pub fn write(&self, stream: &mut impl Write, request: &Request) -> io::Result<bool> {
        if let Some((cookie, answer)) = &self.with_cookie
            && let Some(sent) = request.header("cookie")
            && sent.split("; ").any(|one| one == cookie)
        {
            return answer.write(stream, request);
        }
        if self.hangs_up {
            return Ok(false);
        }
        if self.is_known_to(request) {
            let unmodified = Self {
                status: 304,
                body: Vec::new(),
                ..self.clone()
            };
            return unmodified.write_whole(stream, request);
        }
        self.write_whole(stream, request)
    }

    /// Says whether the client asks for a change and there is none (RFC 9110, 13.2.2).
    fn is_known_to(&self, request: &Request) -> bool {
        let same = |asked: &str, said: &str| {
            let asked = request.header(asked)?;
            let said = self
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(said))?;
            Some(asked == said.1)
        };
        self.status == 200
            && same("if-none-match", "etag")
                .or_else(|| same("if-modified-since", "last-modified"))
                .unwrap_or(false)
    }

    fn write_whole(&self, stream: &mut impl Write, request: &Request) -> io::Result<bool> {
        let keeps_open = matches!(self.framing, Framing::Length | Framing::Chunked)
            && self.close_after.is_none()
            && !request.wants_close();
        let mut message = self.head(keeps_open).into_bytes();
        // RFC 9110, 9.3.2 and 15: no body after HEAD, 204 and 304.
        if request.method != "HEAD" && !matches!(self.status, 204 | 304) {
            message.extend(self.framed_body());
        }
        stream.write_all(&message)?;
        stream.flush()?;
        Ok(keeps_open)
    }

    fn head(&self, keeps_open: bool) -> String {
        let status_line = format!("HTTP/1.1 {} {}", self.status, phrase(self.status));
        let mut lines = vec![status_line];
        lines.extend(
            self.headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}")),
        );
        lines.extend(match self.framing {
            // RFC 9110, 8.6: no length with 204.
            _ if self.status == 204 => None,
            Framing::Length => Some(format!("Content-Length: {}", self.body.len())),
            Framing::ClaimedLength(length) => Some(format!("Content-Length: {length}")),
            Framing::Chunked => Some("Transfer-Encoding: chunked".to_owned()),
            Framing::Close => None,
        });
        let connection = if keeps_open { "keep-alive" } else { "close" };
        lines.push(format!("Connection: {connection}\r\n\r\n"));
        lines.join("\r\n")
    }

    fn framed_body(&self) -> Vec<u8> {
        let sent = self.close_after.unwrap_or(self.body.len());
        let sent = &self.body[..sent.min(self.body.len())];
        if self.framing != Framing::Chunked {
            return sent.to_vec();
        }
        let mut message = Vec::new();
        for chunk in sent.chunks(1000) {
            message.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            message.extend(chunk);
            message.extend(b"\r\n");
        }
        if self.close_after.is_none() {
            message.extend(b"0\r\n\r\n");
        }
        message
    }
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(method: &str, answer: &Answer) -> (String, bool) {
        let text = format!("{method} /a?b HTTP/1.1\r\nHost: x\r\nX-One:  two \r\n\r\n");
        let request = Request::read(&mut text.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (request.path(), request.header("x-ONE")),
            ("/a", Some("two"))
        );
        let mut written = Vec::new();
        let keeps_open = answer.write(&mut written, &request).unwrap();
        (String::from_utf8(written).unwrap(), keeps_open)
    }

    #[test]
    fn answers_are_framed_as_told() {
        let page = Answer::page("tide");
        for (answer, framing, body, keeps_open) in [
            (page.clone(), "Content-Length: 4", "tide", true),
            (
                page.clone().claims_length(9),
                "Content-Length: 9",
                "tide",
                false,
            ),
            (
                page.clone().closes_after(2),
                "Content-Length: 4",
                "ti",
                false,
            ),
            (
                page.clone().chunked(),
                "chunked",
                "4\r\ntide\r\n0\r\n\r\n",
                true,
            ),
            (
                page.clone().chunked().closes_after(2),
                "chunked",
                "2\r\nti\r\n",
                false,
            ),
            (
                page.clone().without_length(),
                "Connection: close",
                "tide",
                false,
            ),
        ] {
            let (text, kept) = sent("GET", &answer);
            let (head, rest) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(framing), "{head}");
            assert_eq!((rest, kept), (body, keeps_open), "{head}");
        }
    }

    #[test]
    fn some_answers_have_no_body() {
        let (text, kept) = sent("HEAD", &Answer::page("tide"));
        assert!(text.contains("Content-Length: 4") && text.ends_with("\r\n\r\n") && kept);
        assert_eq!(sent("GET", &Answer::hang_up()), (String::new(), false));
        let (text, _) = sent("GET", &Answer::redirect(301, "/b"));
        assert!(text.contains("Location: /b") && text.contains("Content-Length: 0"));
    }

    #[test]
    fn what_is_no_request_is_none() {
        for text in ["", "\r\n", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            assert!(Request::read(&mut text.as_bytes()).unwrap().is_none());
        }
    }
}
