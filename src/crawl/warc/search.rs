//! Where the next record begins behind a block whose length is wrong, byte by byte.

use super::scan::{BEGINNING, begins};

/// Most bytes of a field's name for a line to pass as one of a record's head.
const LONGEST_NAME: u32 = 64;

/// A search for a record. An empty line before a version is proof enough; where the block before was cut
/// there is none, and then a named field on the next line is asked for.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The bytes that were read.
    pub(super) passed: u64,
    /// Where the record that was found begins.
    pub(super) begun: u64,
    /// How long the block before it is, without the two line ends that are not its own.
    pub(super) length: u64,
    matched: usize,
    ends: LineEnds,
    behind: Behind,
}

/// The line ends right before a place: the last two.
#[derive(Debug, Default)]
struct LineEnds {
    count: u32,
    /// The bytes of the last one, and of the one before.
    last: u64,
    former: u64,
    /// Whether the byte before is a carriage return that no line feed has followed yet.
    returned: bool,
}

/// How far the line of a version, and the field behind it, was read.
#[derive(Debug, Default, Clone, Copy)]
enum Behind {
    #[default]
    Nothing,
    Version,
    Name(u32),
}

impl Search {
    /// Reads a byte; says whether a record was found.
    pub(super) fn read(&mut self, byte: u8) -> bool {
        self.passed += 1;
        if self.confirms(byte) {
            return true;
        }
        if self.matched > 0 && !begins(byte, self.matched) {
            self.matched = 0;
            self.ends = LineEnds::default();
        }
        if !begins(byte, self.matched) {
            self.ends.read(byte);
            return false;
        }
        self.matched += 1;
        if self.matched < BEGINNING.len() {
            return false;
        }
        self.begun = self.passed - BEGINNING.len() as u64;
        self.length = self.begun - self.ends.bytes();
        let is_proven = self.ends.count >= 2;
        self.behind = Behind::Version;
        self.matched = 0;
        self.ends = LineEnds::default();
        is_proven
    }

    /// Reads a byte behind a version; says whether it ends the name of a field.
    fn confirms(&mut self, byte: u8) -> bool {
        self.behind = match (self.behind, byte) {
            (Behind::Version, b'0'..=b'9' | b'\r') => Behind::Version,
            (Behind::Version, b'\n') => Behind::Name(0),
            (Behind::Name(length), b':') if length > 0 => return true,
            (Behind::Name(length), b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')
                if length < LONGEST_NAME =>
            {
                Behind::Name(length + 1)
            }
            _ => Behind::Nothing,
        };
        false
    }
}

impl LineEnds {
    fn read(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.former = self.last;
                self.last = 1 + u64::from(self.returned);
                self.count += 1;
                self.returned = false;
            }
            b'\r' => self.returned = true,
            _ => *self = Self::default(),
        }
    }

    /// The bytes of the two line ends behind a block; none where the two are not there.
    fn bytes(&self) -> u64 {
        if self.count < 2 {
            return 0;
        }
        self.last + self.former
    }
}
