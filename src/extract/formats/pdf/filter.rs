//! How streams are packed (ISO 32000-2, 7.4): what a filter makes of bytes, never more of them than it is given room for.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};

use super::object::is_space;

/// How the rows of a table were changed before they were packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Predictor {
    pub(super) kind: usize,
    pub(super) colours: usize,
    pub(super) bits: usize,
    pub(super) columns: usize,
}

/// What became of packed bytes.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// They go on behind the room that there was.
    pub(super) is_cut: bool,
    /// They break off, or are no bytes of this filter.
    pub(super) is_broken: bool,
}

/// Undoes `filter`; `None` for one that packs pictures, or that is unknown.
pub(super) fn unpack(filter: &str, bytes: &[u8], early: bool, room: usize) -> Option<Unpacked> {
    let mut found = match filter {
        "FlateDecode" | "Fl" => flate(bytes, room),
        "LZWDecode" | "LZW" => lzw(bytes, early, room),
        "ASCII85Decode" | "A85" => ascii_85(bytes),
        "ASCIIHexDecode" | "AHx" => ascii_hex(bytes),
        "RunLengthDecode" | "RL" => run_length(bytes, room),
        _ => return None,
    };
    if found.bytes.len() > room {
        found.bytes.truncate(room);
        found.is_cut = true;
    }
    Some(found)
}

fn flate(bytes: &[u8], room: usize) -> Unpacked {
    let most = room as u64 + 1;
    let mut found = Unpacked::default();
    let read = ZlibDecoder::new(bytes)
        .take(most)
        .read_to_end(&mut found.bytes);
    if read.is_err() {
        found.is_broken = true;
        // A wrong head before sound data; what is read more of counts.
        let mut bare = Vec::new();
        let inner = bytes.get(2..).unwrap_or_default();
        let _ = DeflateDecoder::new(inner).take(most).read_to_end(&mut bare);
        if bare.len() > found.bytes.len() {
            found.bytes = bare;
        }
    }
    found
}

fn ascii_hex(bytes: &[u8]) -> Unpacked {
    let mut found = Unpacked::default();
    let mut high = None;
    for byte in bytes {
        if *byte == b'>' {
            break;
        }
        let Some(digit) = char::from(*byte).to_digit(16) else {
            found.is_broken |= !is_space(*byte);
            continue;
        };
        match high.take() {
            None => high = Some(digit),
            Some(first) => found.bytes.push((first << 4 | digit) as u8),
        }
    }
    found.bytes.extend(high.map(|digit| (digit << 4) as u8));
    found
}

fn ascii_85(bytes: &[u8]) -> Unpacked {
    let mut found = Unpacked::default();
    let (mut group, mut count) = (0_u32, 0);
    for byte in bytes {
        match byte {
            b'~' => break,
            b'z' if count == 0 => found.bytes.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    found.bytes.extend(group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            _ => found.is_broken |= !is_space(*byte),
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        found.bytes.extend(&group.to_be_bytes()[..count - 1]);
    }
    found
}

fn run_length(bytes: &[u8], room: usize) -> Unpacked {
    let mut found = Unpacked::default();
    let mut rest = bytes;
    while let [length, tail @ ..] = rest {
        let length = usize::from(*length);
        if length == 128 || found.bytes.len() > room {
            break;
        }
        if length < 128 {
            let end = (length + 1).min(tail.len());
            found.is_broken |= end <= length;
            found.bytes.extend(&tail[..end]);
            rest = &tail[end..];
        } else {
            let Some(byte) = tail.first() else {
                found.is_broken = true;
                break;
            };
            found.bytes.extend(std::iter::repeat_n(*byte, 257 - length));
            rest = &tail[1..];
        }
    }
    found
}

/// Codes of 9 to 12 bits; with `early`, they widen one code before they have to.
fn lzw(bytes: &[u8], early: bool, room: usize) -> Unpacked {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut found = Unpacked::default();
    // Each code of the table stands for a stretch of what came out already.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let (mut width, mut held, mut bits) = (9, 0_u32, 0);
    let mut last: Option<(usize, usize)> = None;
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        if bits < width {
            continue;
        }
        bits -= width;
        let code = (held >> bits) as usize & ((1 << width) - 1);
        held &= (1 << bits) - 1;
        if code == CLEAR {
            table.clear();
            (width, last) = (9, None);
            continue;
        }
        if code == END || found.bytes.len() > room {
            return found;
        }
        let start = found.bytes.len();
        let entry = if code < CLEAR {
            None
        } else {
            table.get(code - 258)
        };
        match (entry, last) {
            (Some(&(from, length)), _) => found.bytes.extend_from_within(from..from + length),
            (None, _) if code < CLEAR => found.bytes.push(code as u8),
            (None, Some((from, length))) if code - 258 == table.len() => {
                found.bytes.extend_from_within(from..from + length);
                found.bytes.extend_from_within(from..=from);
            }
            _ => {
                found.is_broken = true;
                return found;
            }
        }
        // The new code is the one before with the first byte of this one, which stands right behind it.
        if let Some((from, length)) = last
            && table.len() < 4096 - 258
        {
            table.push((from, length + 1));
        }
        last = Some((start, found.bytes.len() - start));
        width = match table.len() + 258 + usize::from(early) {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    found
}

/// Puts rows back as they were before they were packed.
pub(super) fn unpredict(bytes: Vec<u8>, predictor: Predictor) -> Vec<u8> {
    let Predictor {
        kind,
        colours,
        bits,
        columns,
    } = predictor;
    let pixel = (colours.clamp(1, 32) * bits.clamp(1, 32)).div_ceil(8);
    let row = (colours.clamp(1, 32) * bits.clamp(1, 32))
        .saturating_mul(columns.clamp(1, 1 << 20))
        .div_ceil(8);
    match kind {
        2 if bits == 8 => {
            let mut bytes = bytes;
            for row in bytes.chunks_mut(row) {
                for at in pixel..row.len() {
                    row[at] = row[at].wrapping_add(row[at - pixel]);
                }
            }
            bytes
        }
        10.. => {
            let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
            let mut above = vec![0; row];
            for line in bytes.chunks(row + 1) {
                let mut current = line[1..].to_vec();
                for at in 0..current.len() {
                    let left = at.checked_sub(pixel).map_or(0, |at| current[at]);
                    let up_left = at.checked_sub(pixel).map_or(0, |at| above[at]);
                    let up = above[at];
                    let added = match line[0] {
                        1 => left,
                        2 => up,
                        3 => u16::midpoint(left.into(), up.into()) as u8,
                        4 => paeth(left, up, up_left),
                        _ => 0,
                    };
                    current[at] = current[at].wrapping_add(added);
                }
                plain.extend(&current);
                current.resize(row, 0);
                above = current;
            }
            plain
        }
        _ => bytes,
    }
}

/// PNG 9.4.
fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(up_left));
    let (to_left, to_up, to_both) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_left <= to_up && to_left <= to_both {
        left
    } else if to_up <= to_both {
        up
    } else {
        up_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text(filter: &str, bytes: &[u8]) -> String {
        let found = unpack(filter, bytes, true, 1 << 20).unwrap();
        assert!(!found.is_broken && !found.is_cut, "{filter}");
        String::from_utf8(found.bytes).unwrap()
    }

    #[test]
    fn each_filter_is_undone() {
        assert_eq!(text("AHx", b"48 65 6C6c 6F>x"), "Hello");
        assert_eq!(text("A85", b"87cUR\nD]j7BEbo80~>"), "Hello world!");
        assert_eq!(text("RL", b"\x02abc\xfed\x80z"), "abcddd");
        // The example of 7.4.4.2.
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(text("LZW", &packed), "-----A---B");
        assert!(unpack("DCTDecode", b"", true, 9).is_none());
    }

    #[test]
    fn what_unpacks_to_too_much_is_cut() {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; 1 << 22]).unwrap();
        let bomb = packer.finish().unwrap();
        let found = unpack("FlateDecode", &bomb, true, 1000).unwrap();
        assert_eq!((found.bytes.len(), found.is_cut), (1000, true));
        let half = unpack("FlateDecode", &bomb[..bomb.len() / 2], true, 1 << 23).unwrap();
        assert!(half.is_broken && half.bytes.len() > 1 << 20);
        let found = unpack("RL", &b"\x81a".repeat(1000), true, 1000).unwrap();
        assert!(found.is_cut && found.bytes.len() == 1000);
    }

    #[test]
    fn rows_are_put_back() {
        let predictor = |kind| Predictor {
            kind,
            colours: 1,
            bits: 8,
            columns: 3,
        };
        let rows = b"\x02\x01\x02\x03\x02\x01\x01\x01\x01\x05\x01\x01";
        assert_eq!(
            unpredict(rows.to_vec(), predictor(12)),
            [1, 2, 3, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(
            unpredict(vec![1, 1, 1, 2, 2], predictor(2)),
            [1, 2, 3, 2, 4]
        );
    }
}
