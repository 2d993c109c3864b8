//! The text of an archive without its gzip, with the place of each byte.
//!
//! Owns members: one a record, one for all, or anything between, and the search for the next sound one
//! behind a broken one. It does not know what a record is, but for the word that each begins with.

use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};

use flate2::bufread::GzDecoder;

use super::measure::Measure;
use super::{Place, Section};

/// What is read and unpacked at a time.
const STEP: usize = 64 * 1024;

/// How a gzip member begins (RFC 1952, 2.3.1), deflate being the only method there is.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 0x08];

/// What each record begins with.
pub(super) const RECORD: &[u8] = b"WARC/";

/// An archive's text, member after member; a plain file is a single one.
#[derive(Debug)]
pub(super) struct Unpacked {
    section: Section,
    packed: bool,
    state: State,
    member: u64,
    consumed: u64,
    /// How far the member has grown.
    measure: Measure,
    /// What was given back, and how much of it is read again.
    unread: (Vec<u8>, usize),
}

#[derive(Debug)]
enum State {
    Plain(BufReader<Section>),
    Member(Box<BufReader<GzDecoder<BufReader<Section>>>>),
    /// At the end of the file.
    Ended,
}

/// What follows a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Member,
    End,
    /// No member begins here.
    Garbage(u64),
}

impl Unpacked {
    /// Says whether an archive is packed: its name says so, or its first bytes.
    pub(super) fn is_packed(section: &Section, named_so: bool) -> io::Result<bool> {
        let mut first = Vec::new();
        section
            .part(0, MEMBER.len() as u64)
            .read_to_end(&mut first)?;
        Ok(first == MEMBER || (named_so && !first.starts_with(&RECORD[..3])))
    }

    /// Opens an archive at a member's beginning; a plain one at any byte.
    pub(super) fn open(section: Section, packed: bool, offset: u64) -> io::Result<Self> {
        let mut unpacked = Self {
            measure: Measure::new(section.spare()),
            section,
            packed,
            state: State::Ended,
            member: 0,
            consumed: 0,
            unread: Default::default(),
        };
        unpacked.go_to(offset)?;
        Ok(unpacked)
    }

    /// The place of what was consumed `back` bytes ago, in this member.
    pub(super) fn place(&self, back: u64) -> Place {
        let at = self.consumed - back;
        if self.packed {
            Place {
                offset: self.member,
                inner: at,
            }
        } else {
            Place {
                offset: at,
                inner: 0,
            }
        }
    }

    /// Gives back the bytes that were consumed last. Unlike a return that costs nothing, however far into a
    /// member they are.
    pub(super) fn unread(&mut self, bytes: Vec<u8>) {
        self.consumed -= bytes.len() as u64;
        let rest = self.unread.0.split_off(self.unread.1);
        self.unread = ([bytes, rest].concat(), 0);
    }

    /// Goes back, or on, to a place that was seen.
    pub(super) fn return_to(&mut self, place: Place) -> io::Result<()> {
        self.go_to(place.offset)?;
        self.skip(place.inner)?;
        Ok(())
    }

    /// Skips up to `count` bytes of this member; returns how many there were.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<u64> {
        if let State::Plain(reader) = &mut self.state
            && self.unread.0.is_empty()
        {
            let left = self.section.length().saturating_sub(self.consumed);
            let skipped = count.min(left);
            reader.seek_relative(i64::try_from(skipped).map_err(io::Error::other)?)?;
            self.consumed += skipped;
            return Ok(skipped);
        }
        let mut skipped = 0;
        while skipped < count {
            let available = self.fill_buf()?.len() as u64;
            if available == 0 {
                break;
            }
            let step = available.min(count - skipped);
            self.consume(step as usize);
            skipped += step;
        }
        Ok(skipped)
    }

    /// At the end of a member: opens the next.
    pub(super) fn next_member(&mut self) -> io::Result<Next> {
        self.unread = Default::default();
        let State::Member(member) = std::mem::replace(&mut self.state, State::Ended) else {
            return Ok(Next::End);
        };
        let mut raw = member.into_inner().into_inner();
        let at = raw.stream_position()?;
        let head = raw.fill_buf()?;
        if head.is_empty() {
            return Ok(Next::End);
        }
        // The buffer may end within the three bytes; what is wrong with the third shows when it is read.
        let seen = head.len().min(MEMBER.len());
        if head[..seen] != MEMBER[..seen] {
            return Ok(Next::Garbage(at));
        }
        self.begin(raw, at);
        Ok(Next::Member)
    }

    /// Behind damage: opens the first member from `offset` on that begins with a record, or the member of
    /// which `offset` is the first byte whatever it begins with. Returns where it begins.
    pub(super) fn find_member(&mut self, offset: u64) -> io::Result<Option<u64>> {
        self.state = State::Ended;
        self.unread = Default::default();
        let mut from = offset;
        while let Some(at) = self.find_magic(from)? {
            let mut raw = BufReader::with_capacity(STEP, self.section.clone());
            raw.seek(SeekFrom::Start(at))?;
            let mut first = Vec::new();
            let read = GzDecoder::new(&mut raw)
                .take(RECORD.len() as u64)
                .read_to_end(&mut first);
            if read.is_ok() && first == RECORD {
                raw.seek(SeekFrom::Start(at))?;
                self.begin(raw, at);
                return Ok(Some(at));
            }
            from = at + 1;
        }
        Ok(None)
    }

    fn find_magic(&self, from: u64) -> io::Result<Option<u64>> {
        let mut raw = BufReader::with_capacity(STEP, self.section.clone());
        let mut at = raw.seek(SeekFrom::Start(from))?;
        let mut matched = 0;
        loop {
            let bytes = raw.fill_buf()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            for &byte in bytes {
                at += 1;
                matched = if byte == MEMBER[matched] {
                    matched + 1
                } else {
                    usize::from(byte == MEMBER[0])
                };
                if matched == MEMBER.len() {
                    return Ok(Some(at - MEMBER.len() as u64));
                }
            }
            let count = bytes.len();
            raw.consume(count);
        }
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.unread = Default::default();
        let mut raw = BufReader::with_capacity(STEP, self.section.clone());
        raw.seek(SeekFrom::Start(offset))?;
        if self.packed {
            self.begin(raw, offset);
        } else {
            self.consumed = offset;
            self.state = State::Plain(raw);
        }
        Ok(())
    }

    fn begin(&mut self, raw: BufReader<Section>, at: u64) {
        let member = BufReader::with_capacity(STEP, GzDecoder::new(raw));
        self.state = State::Member(Box::new(member));
        (self.member, self.consumed) = (at, 0);
        self.measure = Measure::new(self.section.spare());
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Unpacked {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.unread.0.is_empty() {
            return Ok(&self.unread.0[self.unread.1..]);
        }
        match &mut self.state {
            State::Plain(reader) => reader.fill_buf(),
            State::Member(reader) => {
                if reader.buffer().is_empty() {
                    let count = reader.fill_buf()?.len();
                    let read = reader.get_ref().get_ref().get_ref().position();
                    self.measure.add(count, read.saturating_sub(self.member));
                }
                self.measure.result()?;
                reader.fill_buf()
            }
            State::Ended => Ok(&[]),
        }
    }

    fn consume(&mut self, count: usize) {
        self.consumed += count as u64;
        if !self.unread.0.is_empty() {
            self.unread.1 += count;
            if self.unread.1 == self.unread.0.len() {
                self.unread = Default::default();
            }
            return;
        }
        match &mut self.state {
            State::Plain(reader) => reader.consume(count),
            State::Member(reader) => reader.consume(count),
            State::Ended => {}
        }
    }
}
