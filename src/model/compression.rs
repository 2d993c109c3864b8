//! Compression of what is stored: zstd (RFC 8878), with one encoder a thread.

use std::cell::RefCell;
use std::io;

use zstd::bulk::Compressor;

/// Fast, and on pages within a few per cent of the levels above it.
const LEVEL: i32 = 1;

thread_local! {
    /// Kept between bodies: to make one costs as much as to compress a small page.
    static ENCODER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses `bytes` into one frame that tells their number.
pub fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    ENCODER.with_borrow_mut(|encoder| {
        let encoder = match encoder {
            Some(encoder) => encoder,
            None => encoder.insert(Compressor::new(LEVEL)?),
        };
        encoder.compress(bytes)
    })
}

/// The links of a body as they are stored: packed where the body is read, because there may be thousands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedLinks {
    pub count: u64,
    /// One link a line, zstd-compressed: a URI holds no line break.
    pub packed: Vec<u8>,
}

impl PackedLinks {
    /// Packs links in their order.
    pub fn of<'a>(links: impl Iterator<Item = &'a str>) -> io::Result<Self> {
        let mut count = 0;
        let mut text = String::new();
        for link in links {
            if count > 0 {
                text.push('\n');
            }
            text.push_str(link);
            count += 1;
        }
        Ok(Self {
            count,
            packed: compressed(text.as_bytes())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_encoder_compresses_one_text_after_the_other() {
        for text in ["", "a", &"long ".repeat(10_000), "b"] {
            let packed = compressed(text.as_bytes()).unwrap();
            assert_eq!(
                zstd::decode_all(packed.as_slice()).unwrap(),
                text.as_bytes()
            );
            assert_eq!(
                zstd::bulk::decompress(&packed, text.len()).unwrap(),
                text.as_bytes()
            );
        }
    }
}
