//! The HTTP response in a record's block: its head, and its body without chunks.

use std::io::{self, BufRead, Read};

use super::fields::{Fields, Head, read_head};

/// The longest line that may name a chunk's size, extensions included.
const LONGEST_SIZE: u64 = 1024;

/// From this size on a chunk is one: lines of small numbers read like a sequence of short ones.
const SURE_SIZE: u64 = 32;

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
/// Some archives hold bodies that are joined already under a head that still says `chunked`. One that does not
/// begin with a chunk's size is passed on as it is; of one that begins like a sequence of chunks, and is none,
/// [`Joined::is_none`] tells once it is read.
#[derive(Debug)]
pub(in crate::crawl) struct Joined<R> {
    inner: R,
    state: State,
    /// The size of the chunk that is read.
    size: u64,
    /// Whether what came is chunks that no text looks like by chance: one came whole, with the line end
    /// behind it, or the first one breaks off behind a line that is a size and nothing else.
    is_sure: bool,
    /// Whether the chunk that is read is the first, behind such a line.
    is_plainly_first: bool,
    fault: Option<Fault>,
    /// Bytes behind the last chunk and its trailers.
    behind: u64,
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

/// What keeps a body from being a whole sequence of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It ends before its last chunk.
    Cut,
    /// Something stands where a chunk, or its end, has to be.
    Foreign,
}

impl<R: BufRead> Joined<R> {
    pub(in crate::crawl) fn new(inner: R) -> Self {
        Self {
            inner,
            state: State::Begin,
            size: 0,
            is_sure: false,
            is_plainly_first: false,
            fault: None,
            behind: 0,
        }
    }

    /// Says of a body that was read to its end, or to an error, whether it was no sequence of chunks after
    /// all; `is_cut` when it is known to be cut, as a sequence may be.
    pub(in crate::crawl) fn is_none(&self, is_cut: bool) -> bool {
        match self.fault {
            None => false,
            Some(Fault::Foreign) => !self.is_sure,
            Some(Fault::Cut) => !self.is_sure && !is_cut,
        }
    }

    /// Returns how many bytes follow the last chunk, if any do.
    pub(in crate::crawl) fn behind(&self) -> Option<u64> {
        Some(self.behind).filter(|count| *count > 0)
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        (&mut self.inner)
            .take(LONGEST_SIZE)
            .read_until(b'\n', &mut line)?;
        Ok(line)
    }

    /// Reads the line with a chunk's size; `Err` gives back a line that names none.
    fn size(&mut self) -> io::Result<Result<u64, Vec<u8>>> {
        let line = self.line()?;
        let digits = line
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let rest_is_fit = matches!(line.get(digits), Some(b'\r' | b'\n' | b';' | b' ' | b'\t'));
        self.is_plainly_first =
            matches!(self.state, State::Begin) && is_size_alone(&line[digits..]);
        let size = std::str::from_utf8(&line[..digits])
            .ok()
            .and_then(|text| u64::from_str_radix(text, 16).ok())
            .filter(|_| rest_is_fit && line.ends_with(b"\n"));
        Ok(size.ok_or(line))
    }

    fn chunk(&mut self, size: u64) -> State {
        self.size = size;
        State::Chunk(size)
    }

    fn begin(&mut self) -> io::Result<()> {
        self.state = match self.size()? {
            Ok(0) => self.last()?,
            Ok(size) => self.chunk(size),
            Err(line) => State::Plain(line, 0),
        };
        Ok(())
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let mut line_end = Vec::new();
        (&mut self.inner).take(2).read_until(b'\n', &mut line_end)?;
        if line_end.is_empty() {
            // To end where the size says is as good as a line end.
            self.is_sure |= self.size >= SURE_SIZE;
            return Err(self.cut("the last chunk is missing".to_owned()));
        }
        if !matches!(line_end.as_slice(), b"\n" | b"\r\n") {
            return Err(self.foreign("a chunk goes on behind its end"));
        }
        self.is_sure |= self.size >= SURE_SIZE;
        self.state = match self.size()? {
            Ok(0) => self.last()?,
            Ok(size) => self.chunk(size),
            // A size may be cut, too.
            Err(line) if line.iter().all(u8::is_ascii_hexdigit) => {
                return Err(self.cut("the last chunk is missing".to_owned()));
            }
            Err(_) => return Err(self.foreign("a chunk names no size")),
        };
        Ok(())
    }

    /// Behind the last chunk: passes its trailers over, and what else there is. A body whose chunks may be
    /// chance has a last one only if no more follows.
    fn last(&mut self) -> io::Result<State> {
        let mut line = self.line()?;
        while is_field(&line) {
            line = self.line()?;
        }
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        if !line.iter().all(is_end) {
            self.behind = line.len() as u64;
        }
        // An archive that breaks off here is told by who reads it on.
        while let Ok(rest) = self.inner.fill_buf() {
            let count = rest.len();
            if count == 0 {
                break;
            }
            if self.behind > 0 || !rest.iter().all(is_end) {
                self.behind += count as u64;
            }
            self.inner.consume(count);
        }
        if self.behind > 0 && !self.is_sure {
            return Err(self.foreign("more follows the last chunk"));
        }
        Ok(State::End)
    }

    fn cut(&mut self, what: String) -> io::Error {
        self.fault = Some(Fault::Cut);
        io::Error::new(io::ErrorKind::UnexpectedEof, what)
    }

    fn foreign(&mut self, what: &str) -> io::Error {
        self.fault = Some(Fault::Foreign);
        io::Error::new(io::ErrorKind::InvalidData, what)
    }
}

/// Says whether what follows a size on its line is as RFC 9112, 7.1 has it: white space, extensions, and the
/// line end of a server.
fn is_size_alone(rest: &[u8]) -> bool {
    let behind = rest.trim_ascii_start();
    rest.ends_with(b"\r\n") && (behind.is_empty() || behind.starts_with(b";"))
}

/// Says whether a line may be a trailer.
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    let is_name = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.len() < line.len() && name.iter().all(is_name)
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
                    let left = *left;
                    let wanted = buffer
                        .len()
                        .min(usize::try_from(left).unwrap_or(usize::MAX));
                    let count = self.inner.read(&mut buffer[..wanted])?;
                    if count == 0 {
                        let is_begun = left < self.size && self.size >= SURE_SIZE;
                        self.is_sure |= self.is_plainly_first && is_begun;
                        let what = format!("a chunk breaks off {left} bytes before its end");
                        return Err(self.cut(what));
                    }
                    self.state = State::Chunk(left - count as u64);
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
            ("3\r\nabc\r\n0\r\nExpires: 0\r\n\r\n", "abc", None),
            ("3\r\nabc\r\n0", "abc", Some("the last chunk is missing")),
            ("3\r\nabc\r\n0\r\n", "abc", None),
            ("0\r\n\r\n", "", None),
            ("", "", None),
            ("<p>joined already", "<p>joined already", None),
            ("3\r\nabc\r\n", "abc", Some("the last chunk is missing")),
            ("3\r\nabc", "abc", Some("the last chunk is missing")),
            (
                "5\r\nabc",
                "abc",
                Some("a chunk breaks off 2 bytes before its end"),
            ),
            ("3\r\nabc\r\nzz\r\n", "abc", Some("a chunk names no size")),
            ("3\r\nabcde", "abc", Some("a chunk goes on behind its end")),
            ("0\r\n<p>none", "", Some("more follows the last chunk")),
        ] {
            let mut seen = Vec::new();
            let end = Joined::new(text.as_bytes()).read_to_end(&mut seen);
            let error_seen = end.err().map(|error| error.to_string());
            assert_eq!(String::from_utf8(seen).unwrap(), joined, "{text:?}");
            assert_eq!(error_seen.as_deref(), error, "{text:?}");
        }
    }

    /// What is told of a body once it was read: whether it was no sequence, if it may be cut and if not, and
    /// how many bytes are too many.
    fn told(text: &str) -> (bool, bool, Option<u64>) {
        let mut joined = Joined::new(text.as_bytes());
        let _ = io::copy(&mut joined, &mut io::sink());
        (joined.is_none(false), joined.is_none(true), joined.behind())
    }

    #[test]
    fn what_only_begins_like_chunks_is_none() {
        let whole = (false, false, None);
        for (text, expected) in [
            ("<p>joined already", whole),
            ("3\r\nabc\r\n0\r\n\r\n", whole),
            ("3\r\nabc\r\n0\r\n\r\n\r\n", whole),
            ("3\r\nabc\r\n0\r\n\r\nmore", (true, true, Some(4))),
            ("1\r\n5\r\n7\r\n9\r\n", (true, false, None)),
            ("10 green bottles\r\n", (true, false, None)),
            ("abc <p>as well\r\nmore", (true, false, None)),
            ("3 times\r\nit rained", (true, true, None)),
            ("0\r\nnothing", (true, true, Some(7))),
            ("3\r\nabc\r\nzz\r\n", (true, true, None)),
        ] {
            assert_eq!(told(text), expected, "{text:?}");
        }
        // Nor is the first one, where the line before it is a size alone.
        let cut = (false, false, None);
        for (text, expected) in [
            ("1f40\r\n<!doctype html><p>cut", cut),
            ("1f40;a=b\r\n<p>cut", cut),
            ("001000  \r\n<p>cut", cut),
            ("1f40\n<p>cut", (true, false, None)),
            ("1f40 b\r\n<p>cut", (true, false, None)),
            ("1f40\r\n", (true, false, None)),
            ("1f\r\n<p>cut", (true, false, None)),
            ("5\r\nhello\r\n1000\r\n2000\r\n", (true, false, None)),
        ] {
            assert_eq!(told(text), expected, "{text:?}");
        }
        // A chunk of many bytes is no chance.
        let sure = format!("20\r\n{}", "x".repeat(32));
        for (rest, behind) in [
            ("", None),
            ("\r\n", None),
            ("\r\n1", None),
            ("\r\n5\r\nd", None),
            ("\r\nzz\r\n", None),
            ("\r\n0\r\n\r\nmore", Some(4)),
        ] {
            let expected = (false, false, behind);
            assert_eq!(told(&format!("{sure}{rest}")), expected, "{rest:?}");
        }
    }
}
