//! Content encodings undone, as a stream under a cap.
//!
//! Owns gzip, deflate, brotli and zstd and chains of them. A body that would grow without end costs no
//! more memory than the cap; a broken one gives what could be read up to the break.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// Encodings one body may have on top of each other; more have no honest use.
const LONGEST_CHAIN: usize = 3;

/// How many times its transferred size a body may grow to; deflate ends at about 1,032.
const MOST_GROWTH: u64 = 1000;

/// Below this size growth says nothing: a page of one repeated row is small.
const GROWTH_COUNTS_FROM: u64 = 1024 * 1024;

/// What the decoders read at a time.
const STEP: usize = 32 * 1024;

/// RFC 9659 bounds the window of zstd as a content encoding to 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// A body without its content encodings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    pub bytes: Vec<u8>,
    /// Whether the cap was reached with more to come.
    pub cut: bool,
    /// Whether the reading stopped because the body grew beyond all measure.
    pub inflated: bool,
    /// What broke the stream behind `bytes`.
    pub error: Option<String>,
}

/// Undoes the content encodings that `header` lists, keeping at most `cap` bytes.
///
/// `Err` names what is wrong with the list itself.
pub fn decode(body: Vec<u8>, header: &str, cap: u64) -> Result<Decoded, String> {
    let names = header
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity");
    let names: Vec<_> = names.collect();
    if names.len() > LONGEST_CHAIN {
        return Err(format!(
            "{} content encodings on top of each other",
            names.len()
        ));
    }
    if names.is_empty() || body.is_empty() {
        return Ok(capped(body, cap));
    }
    let mut reader: Box<dyn Read + '_> = Box::new(body.as_slice());
    let most = GROWTH_COUNTS_FROM.max((body.len() as u64).saturating_mul(MOST_GROWTH));
    // The list is in the order of encoding, so the last is undone first (RFC 9110, 8.4).
    for name in names.iter().rev() {
        reader = decoder(name, reader)?;
    }
    Ok(read_capped(reader, cap, most))
}

fn capped(mut body: Vec<u8>, cap: u64) -> Decoded {
    let cut = body.len() as u64 > cap;
    if cut {
        body.truncate(cap as usize);
    }
    Decoded {
        bytes: body,
        cut,
        inflated: false,
        error: None,
    }
}

fn decoder<'a>(name: &str, inner: Box<dyn Read + 'a>) -> Result<Box<dyn Read + 'a>, String> {
    let inner = BufReader::with_capacity(STEP, inner);
    let failed = |error: io::Error| format!("{name}: {error}");
    Ok(match name {
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(inner)),
        "deflate" => Box::new(Inflate::new(inner)),
        "br" => Box::new(brotli_decompressor::Decompressor::new(inner, STEP)),
        "zstd" => {
            let mut decoder = zstd::Decoder::with_buffer(inner).map_err(failed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(failed)?;
            Box::new(decoder)
        }
        _ => return Err(format!("content encoding {name:?} is unknown")),
    })
}

fn read_capped(mut reader: impl Read, cap: u64, most: u64) -> Decoded {
    let mut decoded = Decoded::default();
    let mut step = vec![0; STEP];
    loop {
        match reader.read(&mut step) {
            Ok(0) => return decoded,
            Ok(count) => {
                let room = cap.min(most).saturating_sub(decoded.bytes.len() as u64) as usize;
                decoded.bytes.extend_from_slice(&step[..count.min(room)]);
                if count > room {
                    decoded.inflated = most < cap;
                    decoded.cut = !decoded.inflated;
                    return decoded;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                decoded.error = Some(error.to_string());
                return decoded;
            }
        }
    }
}

/// Reads `deflate` in both forms that servers send: with the zlib header that RFC 9110 asks for, and
/// without.
///
/// flate2's own readers end a stream that breaks off as if it were complete; this one tells.
struct Inflate<R> {
    inner: R,
    /// `None` until the first bytes show the form.
    state: Option<Decompress>,
    done: bool,
}

impl<R: BufRead> Inflate<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            state: None,
            done: false,
        }
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        while !self.done && !output.is_empty() {
            let input = self.inner.fill_buf()?;
            let ended = input.is_empty();
            let state = self
                .state
                .get_or_insert_with(|| Decompress::new(has_zlib_header(input)));
            let (read_before, written_before) = (state.total_in(), state.total_out());
            let status = state.decompress(input, output, FlushDecompress::None)?;
            let read = (state.total_in() - read_before) as usize;
            let written = (state.total_out() - written_before) as usize;
            self.inner.consume(read);
            self.done = status == Status::StreamEnd;
            if written > 0 {
                return Ok(written);
            }
            if !self.done && ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !self.done && read == 0 {
                return Err(io::Error::other("deflate stream does not advance"));
            }
        }
        Ok(0)
    }
}

/// RFC 1950, 2.2: method 8, a window of at most 32 KiB, and a check sum that 31 divides.
///
/// A single byte in the buffer is judged by its method alone.
fn has_zlib_header(input: &[u8]) -> bool {
    let Some(&method) = input.first() else {
        return true;
    };
    let flags = input.get(1);
    let sum = flags.map_or(0, |&flags| u16::from(method) * 256 + u16::from(flags));
    method & 0x0f == 8 && method >> 4 <= 7 && sum.is_multiple_of(31)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const CAP: u64 = 1 << 20;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd_frame(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    /// A brotli stream of two uncompressed meta-blocks (RFC 7932, 9.2): `hello ` and `world`.
    const BROTLI: &[u8] = b"\x50\x00\x10hello \x20\x00\x08world\x03";

    fn text() -> Vec<u8> {
        (0..20_000)
            .flat_map(|n: u32| format!("line {}\n", n * 7919 % 10_007).into_bytes())
            .collect()
    }

    #[test]
    fn each_encoding_and_chains_of_them_are_undone() {
        let text = text();
        let two_members = [gzip(&text[..100]), gzip(&text[100..])].concat();
        for (header, body) in [
            ("gzip", gzip(&text)),
            ("X-GZIP", two_members),
            ("deflate", zlib(&text)),
            ("deflate", deflate(&text)),
            ("zstd", zstd_frame(&text)),
            ("deflate, identity,gzip", gzip(&zlib(&text))),
            ("zstd, deflate, gzip", gzip(&deflate(&zstd_frame(&text)))),
            (" identity ", text.clone()),
        ] {
            let decoded = decode(body, header, CAP).unwrap();
            assert_eq!((decoded.cut, decoded.error), (false, None), "{header}");
            assert!(decoded.bytes == text, "{header}");
        }
    }

    #[test]
    fn a_stream_that_breaks_off_keeps_what_came_and_says_so() {
        let text = text();
        for (header, body) in [
            ("gzip", gzip(&text)),
            ("deflate", zlib(&text)),
            ("deflate", deflate(&text)),
            ("zstd", zstd_frame(&text)),
        ] {
            let cut = body[..body.len() - 5].to_vec();
            let decoded = decode(cut, header, CAP).unwrap();
            assert!(decoded.error.is_some(), "{header} ended as if complete");
            assert!(text.starts_with(&decoded.bytes), "{header}");
        }
        let half = gzip(&text);
        let half = decode(half[..half.len() / 2].to_vec(), "gzip", CAP).unwrap();
        assert!(!half.bytes.is_empty() && half.error.is_some());
    }

    #[test]
    fn brotli_is_undone_and_its_end_is_looked_for() {
        let whole = decode(BROTLI.to_vec(), "br", CAP).unwrap();
        assert_eq!(
            (whole.bytes.as_slice(), whole.error),
            (&b"hello world"[..], None)
        );
        let cut = decode(BROTLI[..BROTLI.len() - 3].to_vec(), "br", CAP).unwrap();
        assert!(cut.error.is_some());
    }

    #[test]
    fn a_bomb_stays_under_the_cap() {
        let zeros = vec![0; 64 << 20];
        let bombs = [
            ("gzip", gzip(&zeros)),
            ("deflate", zlib(&zeros)),
            ("zstd", zstd_frame(&zeros)),
            ("gzip, gzip", gzip(&gzip(&zeros))),
        ];
        drop(zeros);
        for (header, body) in bombs {
            assert!(body.len() < 1 << 20);
            let decoded = decode(body, header, 1000).unwrap();
            assert_eq!((decoded.bytes.len(), decoded.cut), (1000, true), "{header}");
            assert!(decoded.bytes.capacity() < 4 * STEP);
        }
    }

    #[test]
    fn the_cap_itself_is_not_a_cut() {
        for (length, cut) in [(9, false), (10, false), (11, true)] {
            let text = vec![b'x'; length];
            assert_eq!(decode(gzip(&text), "gzip", 10).unwrap().cut, cut);
            assert_eq!(decode(text, "", 10).unwrap().cut, cut);
        }
    }

    #[test]
    fn what_is_no_encoding_is_named() {
        let error = |header: &str| decode(b"x".to_vec(), header, CAP).unwrap_err();
        assert_eq!(
            error("compress"),
            "content encoding \"compress\" is unknown"
        );
        assert_eq!(
            error("gzip,gzip,gzip,gzip"),
            "4 content encodings on top of each other"
        );
        for header in ["gzip", "deflate", "zstd", "br"] {
            let decoded = decode(b"<html>plain text".to_vec(), header, CAP).unwrap();
            assert!(
                decoded.bytes.is_empty() && decoded.error.is_some(),
                "{header}"
            );
        }
        assert_eq!(decode(vec![], "gzip", CAP).unwrap(), Decoded::default());
    }
}
