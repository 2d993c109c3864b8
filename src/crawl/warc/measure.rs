//! How far what is packed may grow when it is unpacked.
//!
//! Owns the measure alone, for gzip members and for members of a WACZ. Archives of pages grow some tenfold; what
//! grows on and on is made to fill a disk.

use std::io::{self, Read};

/// How many times its packed size a text may grow to.
const MOST_GROWTH: u64 = 100;

/// How many bodies of the longest that a job keeps a text may have the size of, however small it is packed.
const SPARE_BODIES: u64 = 64;

/// Returns below which size growth says nothing, for a job that keeps `max_body` bytes of a body.
pub(super) fn spare(max_body: u64) -> u64 {
    max_body.saturating_mul(SPARE_BODIES)
}

/// What was unpacked, measured by what that was packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    spare: u64,
    unpacked: u64,
    /// What was read, packed, when it became too much.
    exceeded: Option<u64>,
}

impl Measure {
    pub(super) fn new(spare: u64) -> Self {
        Self {
            spare,
            unpacked: 0,
            exceeded: None,
        }
    }

    /// Counts bytes of which the first was unpacked from the first of `packed` bytes, as all before were.
    pub(super) fn add(&mut self, count: usize, packed: u64) {
        self.unpacked = self.unpacked.saturating_add(count as u64);
        let most = packed.saturating_mul(MOST_GROWTH).max(self.spare);
        if self.unpacked > most {
            self.exceeded = self.exceeded.or(Some(packed));
        }
    }

    /// Says whether there was too much, by an error that [`is_excess`] knows.
    pub(super) fn result(&self) -> io::Result<()> {
        let Some(packed) = self.exceeded else {
            return Ok(());
        };
        let text = format!(
            "it grows more than a hundredfold: stopped after {} bytes ({packed} packed)",
            self.unpacked
        );
        Err(io::Error::new(io::ErrorKind::FileTooLarge, text))
    }
}

/// Says whether an error tells that a text was not unpacked any further.
pub(super) fn is_excess(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

/// A text that ends in an error where it grows beyond measure.
pub(super) struct Measured<R> {
    text: R,
    packed: u64,
    measure: Measure,
}

impl<R: Read> Measured<R> {
    /// Measures `text`, which is `packed` bytes long before it is unpacked.
    pub(super) fn new(text: R, packed: u64, spare: u64) -> Self {
        Self {
            text,
            packed,
            measure: Measure::new(spare),
        }
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.measure.add(count, self.packed);
        self.measure.result()?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_grow_a_hundredfold_or_to_what_is_spare() {
        for (length, packed, spare, is_read) in [
            (1000, 10, 0, true),
            (1001, 10, 0, false),
            (1001, 10, 1001, true),
            (1001, 0, 1000, false),
            (0, 0, 0, true),
        ] {
            let text = io::repeat(b'x').take(length);
            let read = io::copy(&mut Measured::new(text, packed, spare), &mut io::sink());
            assert_eq!(read.is_ok(), is_read, "{length} {packed} {spare}");
            assert!(read.is_ok_and(|count| count == length) || !is_read);
        }
    }
}
