//! The records of an archive, one after the other, with what is damaged between them.
//!
//! Owns where a record begins and ends, also where its Content-Length lies about it. Blocks are passed
//! over, not kept: memory stays the same whatever the size of the file.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, Read as _};

use super::fields::{Fields, Head, next_record, read_head};
use super::measure::is_excess;
use super::search::Search;
use super::unpacked::{Next, Unpacked};
use super::{Place, Section};

/// How far into a packed member the scan goes back to look again: it has to be unpacked anew up to there.
const FARTHEST_RETURN: u64 = 64 << 20;

/// Most bytes of an archive that are unpacked anew for all returns together, so that an archive of nothing but
/// wrong lengths costs no more than a few times its size.
const MOST_RETURNED: u64 = 1 << 30;

/// How a record begins, `0` standing for any digit.
pub(super) const BEGINNING: &[u8] = b"WARC/0.0";

/// Most bytes that may stand between a version's first digits and the end of its line.
const LONGEST_VERSION: u64 = 80;

/// A record's head, and where its block ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) struct Record {
    pub(in crate::crawl) place: Place,
    pub(in crate::crawl) fields: Fields,
    pub(in crate::crawl) end: BlockEnd,
}

/// Whether a record's block is as long as its head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) enum BlockEnd {
    Declared,
    /// The next record begins where this one's block would have this length.
    Other(u64),
    /// The archive, or the member, ends or breaks off before.
    Cut(String),
}

/// What a scan comes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) enum Item {
    Record(Record),
    /// Bytes that are no record, or no sound one.
    Damage {
        place: Place,
        detail: String,
    },
    /// A member that is not unpacked any further.
    Excess {
        place: Place,
        detail: String,
    },
}

/// Reads an archive from its first byte to its last.
#[derive(Debug)]
pub(in crate::crawl) struct Scanner {
    text: Unpacked,
    packed: bool,
    /// Found, and not yet given out.
    held: VecDeque<Item>,
    /// What broke a member right behind a block.
    broken: Option<io::Error>,
    /// Bytes that were unpacked anew.
    returned: u64,
    /// Whether the archive ends where line ends have to follow a record.
    lacks_end: bool,
    ended: bool,
}

impl Scanner {
    /// Opens an archive; `packed` when its name says so, which its first bytes may say too.
    pub(in crate::crawl) fn new(section: Section, named_packed: bool) -> io::Result<Self> {
        let packed = Unpacked::is_packed(&section, named_packed)?;
        Ok(Self {
            text: Unpacked::open(section, packed, 0)?,
            packed,
            held: VecDeque::new(),
            broken: None,
            returned: 0,
            lacks_end: false,
            ended: false,
        })
    }

    /// Returns what comes next; `None` at the archive's end. An error is the disk's.
    pub(in crate::crawl) fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.held.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            if let Err(error) = self.step() {
                if !self.packed {
                    return Err(error);
                }
                self.leave_member(&error, true)?;
            }
        }
    }

    /// Goes on by a record, or by a stretch that is none.
    fn step(&mut self) -> io::Result<()> {
        while matches!(self.text.fill_buf()?.first(), Some(b'\r' | b'\n')) {
            self.text.consume(1);
        }
        let garbage_at = self.text.place(0);
        let found = self.find_record()?;
        let garbage = found.unwrap_or_else(|skipped| skipped);
        if garbage > 0 {
            self.damage(garbage_at, format!("{garbage} bytes that are no record"));
        }
        if found.is_err() {
            return self.go_on();
        }
        let place = self.text.place(BEGINNING.len() as u64);
        let fields = match self.read_fields()? {
            Ok(fields) => fields,
            Err(detail) => {
                self.damage(place, detail);
                return Ok(());
            }
        };
        let declared = fields.get("content-length").map(str::parse::<u64>);
        let Some(Ok(declared)) = declared else {
            self.damage(
                place,
                "the record names no length that can be read".to_owned(),
            );
            return Ok(());
        };
        // Given out even if the member breaks below: what there is of the block can be read.
        let block_at = self.text.place(0);
        let mut broken = None;
        let end = match self.pass_block(block_at, declared) {
            Ok(end) => end,
            Err(error) if self.packed => {
                let end = BlockEnd::Cut(error.to_string());
                broken = Some(error);
                end
            }
            Err(error) => return Err(error),
        };
        let is_cut = matches!(end, BlockEnd::Cut(_));
        self.held
            .push_back(Item::Record(Record { place, fields, end }));
        if std::mem::take(&mut self.lacks_end) {
            let at = self.text.place(0);
            let detail = "the archive breaks off right behind a record's block";
            self.damage(at, detail.to_owned());
        }
        if let Some(error) = broken.or_else(|| self.broken.take()) {
            // Where the member breaks off within the block, the record says so.
            let told = !is_cut || error.kind() != io::ErrorKind::UnexpectedEof;
            self.leave_member(&error, told)?;
        }
        Ok(())
    }

    /// Reads the head behind its first word.
    fn read_fields(&mut self) -> io::Result<Result<Fields, String>> {
        // The rest of the version, which is not looked at: all versions read alike.
        let mut version = Vec::new();
        (&mut self.text)
            .take(LONGEST_VERSION)
            .read_until(b'\n', &mut version)?;
        let head_at = self.text.place(0);
        let read = read_head(&mut self.text)?;
        let (Head::Whole(head) | Head::Cut(head)) = &read;
        let mut length = head.len();
        if let Some(at) = next_record(head) {
            length = at;
            if self.may_return(head_at) {
                self.text.return_to(head_at)?;
                self.text.skip(at as u64)?;
            }
        } else if let Head::Whole(head) = read {
            return Ok(Ok(Fields::parse(&head)));
        }
        length += BEGINNING.len() + version.len();
        Ok(Err(format!(
            "the record's head breaks off after {length} bytes"
        )))
    }

    /// Passes over a block and finds out whether it ends where its length says.
    fn pass_block(&mut self, block_at: Place, declared: u64) -> io::Result<BlockEnd> {
        let passed = self.text.skip(declared)?;
        let cut = passed < declared;
        if !cut {
            match self.is_followed_soundly() {
                Ok(true) => return Ok(BlockEnd::Declared),
                Ok(false) => {}
                Err(error) if self.packed => {
                    self.broken = Some(error);
                    return Ok(BlockEnd::Declared);
                }
                Err(error) => return Err(error),
            }
        }
        // The length is wrong, or what follows is garbage: where the next record begins tells.
        if self.may_return(block_at) {
            self.text.return_to(block_at)?;
            let found = match self.find_next() {
                Err(error) if self.packed && !cut => {
                    self.broken = Some(error);
                    return Ok(BlockEnd::Declared);
                }
                found => found?,
            };
            if let Some((length, behind)) = found {
                self.text.return_to(self.text.place(behind))?;
                return Ok(BlockEnd::Other(length));
            }
            if !cut {
                self.text.return_to(block_at)?;
                self.text.skip(declared)?;
            }
        }
        if cut {
            return Ok(BlockEnd::Cut(format!(
                "{passed} of {declared} bytes are there"
            )));
        }
        Ok(BlockEnd::Declared)
    }

    /// Says whether the text is to be read again from `place` on; in a plain archive that costs nothing.
    fn may_return(&mut self, place: Place) -> bool {
        self.returned = self.returned.saturating_add(place.inner);
        place.inner <= FARTHEST_RETURN && self.returned <= MOST_RETURNED
    }

    /// Says whether a block ends here: an empty line, another record or nothing follows. Line ends are
    /// passed over.
    fn is_followed_soundly(&mut self) -> io::Result<bool> {
        // Two line ends follow a record; some tools leave them out at a member's end. A single one may stand
        // in the head of a record into which the length reaches.
        let mut line_ends = 0;
        while line_ends < 2 {
            match self.text.fill_buf()?.first() {
                None => {
                    self.lacks_end = !self.packed;
                    return Ok(true);
                }
                Some(b'\n') => line_ends += 1,
                Some(b'\r') => {}
                Some(_) => break,
            }
            self.text.consume(1);
        }
        if line_ends == 2 {
            return Ok(true);
        }
        self.at_record()
    }

    fn at_record(&mut self) -> io::Result<bool> {
        let mut first = Vec::new();
        (&mut self.text)
            .take(BEGINNING.len() as u64)
            .read_to_end(&mut first)?;
        let fits = first.iter().enumerate().all(|(at, &byte)| begins(byte, at));
        let is_record = fits && first.len() == BEGINNING.len();
        self.text.unread(first);
        Ok(is_record)
    }

    /// Looks for where this member has a record next, and stops behind [`BEGINNING`]. Returns how many bytes
    /// stand before it, or as `Err` how many there were without one.
    fn find_record(&mut self) -> io::Result<Result<u64, u64>> {
        let mut passed = 0_u64;
        let mut matched = 0;
        loop {
            let bytes = self.text.fill_buf()?;
            if bytes.is_empty() {
                return Ok(Err(passed));
            }
            let mut used = 0;
            for &byte in bytes {
                used += 1;
                if !begins(byte, matched) {
                    matched = 0;
                }
                if begins(byte, matched) {
                    matched += 1;
                    if matched == BEGINNING.len() {
                        break;
                    }
                }
            }
            self.text.consume(used);
            passed += used as u64;
            if matched == BEGINNING.len() {
                return Ok(Ok(passed - BEGINNING.len() as u64));
            }
        }
    }

    /// Looks for where this member has a record next, for a block whose length is wrong. Returns the block's
    /// length, and how many bytes ago that record began.
    fn find_next(&mut self) -> io::Result<Option<(u64, u64)>> {
        let mut search = Search::default();
        loop {
            let bytes = self.text.fill_buf()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let read = bytes.len();
            let found = bytes.iter().position(|&byte| search.read(byte));
            self.text.consume(found.map_or(read, |at| at + 1));
            if found.is_some() {
                return Ok(Some((search.length, search.passed - search.begun)));
            }
        }
    }

    /// At the end of a member: goes on with the next.
    fn go_on(&mut self) -> io::Result<()> {
        match self.text.next_member()? {
            Next::Member => Ok(()),
            Next::End => {
                self.ended = true;
                Ok(())
            }
            Next::Garbage(at) => self.find_member(at, at, "no gzip member begins here"),
        }
    }

    /// Leaves a member that cannot be unpacked; `told` says whether that is to be recorded here.
    fn leave_member(&mut self, error: &io::Error, told: bool) -> io::Result<()> {
        let place = self.text.place(0);
        let at = place.offset;
        if is_excess(error) {
            let detail = format!("the gzip member is not unpacked any further: {error}");
            self.held.push_back(Item::Excess { place, detail });
        } else if told {
            self.damage(
                place,
                format!("the gzip member cannot be unpacked: {error}"),
            );
        }
        self.find_member(at, at + 1, "")
    }

    fn find_member(&mut self, at: u64, from: u64, why: &str) -> io::Result<()> {
        let found = self.text.find_member(from)?;
        self.ended = found.is_none();
        if !why.is_empty() {
            let place = Place {
                offset: at,
                inner: 0,
            };
            let detail = match found {
                Some(next) => format!("{why}; the next is {} bytes on", next - at),
                None => format!("{why}, nor further on"),
            };
            self.damage(place, detail);
        }
        Ok(())
    }

    fn damage(&mut self, place: Place, detail: String) {
        self.held.push_back(Item::Damage { place, detail });
    }
}

/// Says whether `byte` may be the one numbered `at` of [`BEGINNING`].
pub(super) fn begins(byte: u8, at: usize) -> bool {
    match BEGINNING[at] {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    }
}
