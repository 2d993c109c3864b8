//! Named fields, as the heads of WARC records and of HTTP responses have them.
//!
//! Lenient, because archives are what they are: lines may end in LF alone and be folded, bytes may be of
//! any charset. A line that is no field is passed over.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, Read as _};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::unpacked::RECORD;
use crate::model::{Timestamp, clean_text};

/// Most bytes of a head; what goes on behind that is no head.
const LONGEST_HEAD: u64 = 256 * 1024;

/// The fields of a head, in their order, with names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::crawl) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Returns a field's value; of several, the first.
    pub(in crate::crawl) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        values.next().map(|(_, value)| value.as_str())
    }

    /// Returns each value of a field.
    pub(in crate::crawl) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Puts the values that `other` has of a field in the place of one's own.
    pub(in crate::crawl) fn take_from(&mut self, other: &Self, name: &str) {
        self.0.retain(|(known, _)| known != name);
        let theirs = other.0.iter().filter(|(known, _)| known == name);
        self.0.extend(theirs.cloned());
    }

    /// Reads the fields up to an empty line.
    pub(super) fn parse(head: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in head.split(|&byte| byte == b'\n') {
            let text = if is_uri(line) {
                Cow::Owned(escaped(line))
            } else {
                String::from_utf8_lossy(line)
            };
            let text = clean_text(text.trim_end());
            if text.is_empty() {
                continue;
            }
            if text.starts_with([' ', '\t']) {
                // A folded line goes on with the value before it (RFC 9112, 5.2).
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim_start());
                }
            } else if let Some((name, value)) = text.split_once(':') {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }
}

/// Says whether a line holds a URI of a record, which names another resource with each of its bytes.
fn is_uri(line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    let ending = name.trim_ascii_end().last_chunk::<4>();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case(b"-uri"))
}

/// Returns a line as UTF-8, bytes that are none escaped as they are in a URL.
fn escaped(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\0', "%00"));
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// How the reading of a head ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// The lines before the empty one, which is consumed.
    Whole(Vec<u8>),
    /// It breaks off, or is too long to be one.
    Cut(Vec<u8>),
}

/// Reads lines up to and with an empty one.
pub(super) fn read_head(reader: &mut dyn BufRead) -> io::Result<Head> {
    let mut head = Vec::new();
    loop {
        let begun = head.len();
        let room = LONGEST_HEAD.saturating_sub(begun as u64);
        (&mut *reader).take(room).read_until(b'\n', &mut head)?;
        let line = &head[begun..];
        if !line.ends_with(b"\n") {
            return Ok(Head::Cut(head));
        }
        if matches!(line, b"\n" | b"\r\n") {
            head.truncate(begun);
            return Ok(Head::Whole(head));
        }
    }
}

/// The fields that every record has (WARC 1.1, 5).
const OF_EACH_RECORD: &[&str] = &["warc-record-id", "content-length", "warc-date", "warc-type"];

/// Returns where in a record's head another record begins, because the head breaks off there: a line is the
/// version of a record, or ends in one. A value may end so, too, and does where no field that each record has
/// once comes again behind it.
pub(super) fn next_record(head: &[u8]) -> Option<usize> {
    let lines = || head.split_inclusive(|&byte| byte == b'\n').enumerate();
    // Of each such field, the first line that has it and the last.
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    for (number, line) in lines() {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase();
        if OF_EACH_RECORD.contains(&name.as_str()) {
            seen.entry(name).or_insert((number, number)).1 = number;
        }
    }
    let mut begun = 0;
    for (number, line) in lines() {
        if let Some(at) = version_at(line) {
            let is_value = line[..at].contains(&b':');
            let mut repeated = seen.values();
            if !is_value || repeated.any(|(first, last)| *first <= number && number < *last) {
                return Some(begun + at);
            }
        }
        begun += line.len();
    }
    None
}

/// Returns where the version of a record stands that a line ends in.
fn version_at(line: &[u8]) -> Option<usize> {
    let line = line.trim_ascii_end();
    let at = line
        .windows(RECORD.len())
        .rposition(|word| word == RECORD)?;
    let number = std::str::from_utf8(&line[at + RECORD.len()..]).ok()?;
    let (major, minor) = number.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor)).then_some(at)
}

/// Reads the date of a record: RFC 3339, with as little of it as WARC/1.1 allows (`2016`, `2016-09`), without
/// a zone, or the fourteen digits of older tools.
pub(in crate::crawl) fn date_of(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let bare = text.trim_end_matches(['Z', 'z']);
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let known = bare
        .chars()
        .all(|c| c.is_ascii_digit() || "-:Tt .".contains(c));
    if !known || !(4..=14).contains(&digits.len()) || !digits.len().is_multiple_of(2) {
        return None;
    }
    let lowest = "00000101000000";
    let padded = format!("{digits}{}", &lowest[digits.len()..]);
    let date = DateTime::strptime("%Y%m%d%H%M%S", padded).ok()?;
    let time = TimeZone::UTC.to_timestamp(date).ok()?;
    Some(Timestamp::from_microseconds(time.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_leniently() {
        let head =
            b"Some-URI: http://a/\xc3\xa9\xe9\0\r\nName: one\r\nnAmE:two\nfolded: a\r\n\tb\r\n c\r\nno field\r\nbytes: \xff\0\r\n";
        let fields = Fields::parse(head);
        assert_eq!(fields.all("name").collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(fields.get("folded"), Some("a b c"));
        assert_eq!(fields.get("bytes"), Some("\u{fffd}\u{fffd}"));
        assert_eq!(fields.get("some-uri"), Some("http://a/\u{e9}%E9%00"));
        assert_eq!(fields.get("no field"), None);
    }

    #[test]
    fn a_head_ends_at_an_empty_line() {
        let read = |text: &str| read_head(&mut text.as_bytes()).unwrap();
        assert_eq!(read("a: b\r\n\r\nrest"), Head::Whole(b"a: b\r\n".to_vec()));
        assert_eq!(read("a: b\n\nrest"), Head::Whole(b"a: b\n".to_vec()));
        assert_eq!(read("\r\n"), Head::Whole(Vec::new()));
        assert_eq!(read("a: b\r\n"), Head::Cut(b"a: b\r\n".to_vec()));
        let endless = vec![b'x'; 2 * LONGEST_HEAD as usize];
        assert!(matches!(
            read_head(&mut endless.as_slice()).unwrap(),
            Head::Cut(_)
        ));
    }

    #[test]
    fn a_head_that_breaks_off_ends_where_the_next_record_begins() {
        let next = "WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 1\r\n";
        for cut in [
            "",
            "WARC-D",
            "WARC-Type: response\r\n",
            "WARC-Type: resp",
            "WARC-Type: response\r\nWARC-Target-URI: http://a/",
        ] {
            assert_eq!(
                next_record(format!("{cut}{next}").as_bytes()),
                Some(cut.len()),
                "{cut}"
            );
        }
        for whole in [
            "WARC-Target-URI: http://a/WARC/1.1\r\nWARC-Type: response\r\n",
            "WARC-Type: response\r\nWARC-Target-URI: http://a/WARC/1.1\r\n",
            "a: WARC/x.1\r\nWARC/1.1 is a standard\r\n",
        ] {
            assert_eq!(next_record(whole.as_bytes()), None, "{whole}");
        }
    }

    #[test]
    fn dates_come_in_many_widths() {
        for (text, expected) in [
            ("2016-09-19T17:20:24Z", Some("2016-09-19T17:20:24.000000Z")),
            (
                "2016-09-19T17:20:24.123456789Z",
                Some("2016-09-19T17:20:24.123456Z"),
            ),
            (
                "2016-09-19T17:20:24+02:00",
                Some("2016-09-19T15:20:24.000000Z"),
            ),
            ("2016-09-19T17:20:24", Some("2016-09-19T17:20:24.000000Z")),
            ("2016-09-19T17:20Z", Some("2016-09-19T17:20:00.000000Z")),
            ("2016-09", Some("2016-09-01T00:00:00.000000Z")),
            ("2016", Some("2016-01-01T00:00:00.000000Z")),
            ("20160919172024", Some("2016-09-19T17:20:24.000000Z")),
            ("20169919172024", None),
            ("yesterday", None),
            ("", None),
        ] {
            let seen = date_of(text).map(|time| time.to_string());
            assert_eq!(seen.as_deref(), expected, "{text}");
        }
    }
}
