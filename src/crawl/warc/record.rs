//! One record, read at its place.

use std::io::{self, BufRead as _, Read};

use super::fields::{Fields, Head, next_record, read_head};
use super::unpacked::{RECORD, Unpacked};

/// A record whose head is read.
#[derive(Debug)]
pub(in crate::crawl) struct Opened {
    pub(in crate::crawl) fields: Fields,
    pub(in crate::crawl) block: Block,
}

/// The bytes of a record behind its head.
#[derive(Debug)]
pub(in crate::crawl) struct Block {
    text: Unpacked,
    left: u64,
    /// How many bytes more the head declares than there are before the next record.
    short: u64,
}

impl Opened {
    /// Reads the head of the record at which `text` stands; `length` replaces what the head says of the
    /// block's length.
    pub(super) fn read(mut text: Unpacked, length: Option<u64>) -> io::Result<Self> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
        // Blank lines may stand before a record that is not the first of its member.
        while matches!(text.fill_buf()?.first(), Some(b'\r' | b'\n')) {
            text.consume(1);
        }
        let Head::Whole(head) = read_head(&mut text)? else {
            return Err(invalid("the record's head breaks off"));
        };
        if !head.starts_with(RECORD) {
            return Err(invalid("no record begins here; the archive has changed"));
        }
        let line = head.iter().position(|&byte| byte == b'\n').unwrap_or(0);
        if next_record(&head[line..]).is_some() {
            return Err(invalid("the record's head breaks off"));
        }
        let fields = Fields::parse(&head[line..]);
        let declared = fields
            .get("content-length")
            .and_then(|text| text.parse().ok());
        let left = length
            .or(declared)
            .ok_or_else(|| invalid("the record names no length that can be read"))?;
        let short = declared.unwrap_or(left).saturating_sub(left);
        Ok(Self {
            fields,
            block: Block { text, left, short },
        })
    }
}

impl Block {
    /// Ends a block. One that is shorter than its head says, and that no empty line ends, was cut.
    fn end(&mut self, wanted: usize) -> io::Result<usize> {
        let is_cut =
            wanted > 0 && self.short > 0 && self.text.fill_buf()?.first() == Some(&RECORD[0]);
        if is_cut {
            let error = format!(
                "the next record begins {} bytes before this one's end",
                self.short
            );
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        Ok(0)
    }
}

impl Read for Block {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return self.end(buffer.len());
        }
        let count = self.text.read(&mut buffer[..wanted])?;
        if count == 0 {
            let error = format!("the record breaks off {} bytes before its end", self.left);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        self.left -= count as u64;
        Ok(count)
    }
}
