//! JSON: its texts and numbers, a line each, with the RFC 9535 path of each.
//!
//! Reads from the first byte to the last without a tree and without recursion, so that a broken document gives
//! what stands before the fault. Truth values, nulls and names are no text.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::passages::Passages;
use super::{cut, finished, invalid, json_feed, metadata};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{Gap, Reason};

/// Levels that are read; what is nested deeper is left out.
const DEPTH_LIMIT: usize = 200;

/// Broken lines of one document that are told one by one.
const FAULT_LIMIT: usize = 100;

/// Reads a document with one value.
pub(super) fn extract(input: &PageInput<'_>, text: &str) -> PageExtraction {
    if let Some(feed) = json_feed::extract(input, text) {
        return feed;
    }
    let mut scanner = Scanner::new(text, 0, "$".to_owned());
    let mut passages = Passages::default();
    let fault = scanner.read(&mut passages).err();
    let mut gaps = Vec::from_iter(fault.map(|fault| fault.gap(text.len())));
    gaps.extend(too_deep(&[&scanner]));
    let title = scanner.title.take();
    let mut items = Vec::from_iter(passages.content());
    items.push(metadata(&[("title", title.as_deref())]));
    finished(items, gaps)
}

/// Reads a document with one value a line; a line that is none costs itself alone.
pub(super) fn extract_lines(_input: &PageInput<'_>, text: &str) -> PageExtraction {
    let mut passages = Passages::default();
    let mut gaps = Vec::new();
    let mut faults = 0;
    let mut left_out = Scanner::new("", 0, String::new());
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let mut scanner = Scanner::new(line, start, format!("line {}: $", number + 1));
        let read = scanner.read(&mut passages);
        left_out.add_skipped(&scanner);
        match read {
            Ok(()) => {}
            Err(fault) if fault.is_limit => {
                gaps.push(fault.gap(text.len()));
                break;
            }
            Err(fault) => {
                faults += 1;
                if faults <= FAULT_LIMIT {
                    gaps.push(fault.gap(at));
                }
            }
        }
    }
    if faults > FAULT_LIMIT {
        let detail = format!("and {} further lines", faults - FAULT_LIMIT);
        gaps.push(Gap::at(Reason::DocumentInvalid, "more", detail));
    }
    gaps.extend(too_deep(&[&left_out]));
    let mut items = Vec::from_iter(passages.content());
    items.push(metadata(&[]));
    finished(items, gaps)
}

fn too_deep(scanners: &[&Scanner<'_>]) -> Option<Gap> {
    let skipped: usize = scanners.iter().map(|one| one.skipped).sum();
    let first = scanners.iter().find_map(|one| one.first_skipped)?;
    let detail =
        format!("{skipped} bytes not read: they are nested deeper than {DEPTH_LIMIT} levels");
    Some(Gap::at(Reason::DocumentCut, first.to_string(), detail))
}

/// Why the scan ended before the document.
struct Fault {
    at: usize,
    what: Cow<'static, str>,
    is_limit: bool,
}

impl Fault {
    fn gap(&self, length: usize) -> Gap {
        let told = if self.is_limit { cut } else { invalid };
        told(self.at, length, &self.what)
    }
}

/// One step of a path.
enum Step {
    /// Of an object; the name is empty until one is read.
    Name(String),
    Index(usize),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    /// A name, or the end of an object that has none.
    FirstName,
    Name,
    /// A value, or the end of an array that has none.
    FirstItem,
    /// A comma or the end of what is open.
    Next,
}

/// Reads the values of one JSON text.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Where `text` begins in the document.
    offset: usize,
    root: String,
    path: Vec<Step>,
    title: Option<String>,
    skipped: usize,
    first_skipped: Option<usize>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, offset: usize, root: String) -> Self {
        Self {
            text,
            at: 0,
            offset,
            root,
            path: Vec::new(),
            title: None,
            skipped: 0,
            first_skipped: None,
        }
    }

    fn add_skipped(&mut self, other: &Scanner<'_>) {
        self.skipped += other.skipped;
        self.first_skipped = self.first_skipped.or(other.first_skipped);
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault {
            at: self.offset + self.at,
            what: Cow::Borrowed(what),
            is_limit: false,
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn read(&mut self, passages: &mut Passages) -> Result<(), Fault> {
        let mut expected = Expected::Value;
        loop {
            self.skip_space();
            let Some(byte) = self.byte() else {
                let is_whole = self.path.is_empty() && expected == Expected::Next;
                return if is_whole {
                    Ok(())
                } else {
                    Err(self.fault("it ends within a value"))
                };
            };
            expected = match (expected, byte) {
                (Expected::FirstName, b'}')
                | (Expected::FirstItem, b']')
                | (Expected::Next, b'}' | b']') => self.close(byte)?,
                (Expected::FirstName | Expected::Name, b'"') => {
                    let name = self.string()?;
                    self.skip_space();
                    if self.byte() != Some(b':') {
                        return Err(self.fault("a name without a value"));
                    }
                    self.at += 1;
                    if let Some(step) = self.path.last_mut() {
                        *step = Step::Name(name);
                    }
                    Expected::Value
                }
                (Expected::Next, b',') => {
                    self.at += 1;
                    match self.path.last_mut() {
                        Some(Step::Name(_)) => Expected::Name,
                        Some(Step::Index(index)) => {
                            *index += 1;
                            Expected::Value
                        }
                        None => return Err(self.fault("something follows the value")),
                    }
                }
                (Expected::Next, _) if self.path.is_empty() => {
                    return Err(self.fault("something follows the value"));
                }
                (Expected::Value | Expected::FirstItem, _) => self.value(byte, passages)?,
                _ => return Err(self.fault("it is no JSON")),
            };
        }
    }

    fn close(&mut self, byte: u8) -> Result<Expected, Fault> {
        match (self.path.last(), byte) {
            (Some(Step::Name(_)), b'}') | (Some(Step::Index(_)), b']') => {
                self.path.pop();
                self.at += 1;
                Ok(Expected::Next)
            }
            _ => Err(self.fault("an end without a beginning")),
        }
    }

    fn value(&mut self, byte: u8, passages: &mut Passages) -> Result<Expected, Fault> {
        match byte {
            b'{' | b'[' if self.path.len() >= DEPTH_LIMIT => {
                self.skip_value()?;
                return Ok(Expected::Next);
            }
            b'{' => {
                self.at += 1;
                self.path.push(Step::Name(String::new()));
                return Ok(Expected::FirstName);
            }
            b'[' => {
                self.at += 1;
                self.path.push(Step::Index(0));
                return Ok(Expected::FirstItem);
            }
            _ => {}
        }
        if let Some(limit) = passages.limit("values") {
            return Err(Fault {
                at: self.offset + self.at,
                what: Cow::Owned(limit),
                is_limit: true,
            });
        }
        if byte == b'"' {
            let text = self.string()?;
            if let [Step::Name(name)] = self.path.as_slice()
                && name == "title"
            {
                self.title.get_or_insert_with(|| text.clone());
            }
            passages.add(|| self.place(), &text);
            return Ok(Expected::Next);
        }
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let is_number = word.parse::<f64>().is_ok()
            && word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        if is_number {
            passages.add(|| self.place(), word);
        } else if !matches!(word, "true" | "false" | "null") {
            return Err(self.fault("it is no JSON"));
        }
        self.at += word.len();
        Ok(Expected::Next)
    }

    /// Returns the string that begins here.
    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let end = self
            .string_end()
            .ok_or_else(|| self.fault("it ends within a string"))?;
        let raw = &self.text[start..end];
        let plain = &raw[1..raw.len() - 1];
        let text = if plain.contains('\\') {
            // A lone surrogate is no character of any text; the string stands as it is written.
            serde_json::from_str(raw).unwrap_or_else(|_| plain.to_owned())
        } else {
            plain.to_owned()
        };
        self.at = end;
        Ok(text)
    }

    /// Returns where the string that begins here ends, its last quote included.
    fn string_end(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    /// Goes behind the object or array that begins here, whatever it holds.
    fn skip_value(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    let end = self.string_end();
                    self.at = end.ok_or_else(|| self.fault("it ends within a string"))?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                self.first_skipped.get_or_insert(self.offset + start);
                self.skipped += self.at - start;
                return Ok(());
            }
        }
        self.at = start;
        Err(self.fault("it ends within a value"))
    }

    /// Returns the path of the value that is read now (RFC 9535, 2.7).
    fn place(&self) -> String {
        let mut place = self.root.clone();
        for step in &self.path {
            match step {
                Step::Index(index) => {
                    let _ = write!(place, "[{index}]");
                }
                Step::Name(name) if is_short(name) => {
                    place.push('.');
                    place.push_str(name);
                }
                Step::Name(name) => {
                    let name = name.replace('\\', "\\\\").replace('\'', "\\'");
                    let _ = write!(place, "['{name}']");
                }
            }
        }
        place
    }
}

/// Says whether a name may stand behind a dot.
fn is_short(name: &str) -> bool {
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
