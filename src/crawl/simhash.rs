//! The simhash of a page's visible text.
//!
//! Owns what counts as a word, the hash of three words in a row, and the vote of their bits. What two
//! simhashes mean for each other is told by `model::Simhash`.

use crate::markup::visible::each_run;
use crate::model::Simhash;

/// Words that are hashed together: enough that a common phrase does not make two pages alike.
const WINDOW: usize = 3;

/// A text of fewer windows has none: one word more would turn many of its bits.
const FEWEST_WINDOWS: u32 = 24;

/// Makes the simhash of `text`, which is UTF-8; of its visible text when it is markup. `None` for a text
/// that is too short to be compared.
///
/// Letters count without their case, punctuation not at all; a tag ends a word.
pub(super) fn simhash(text: &[u8], is_markup: bool) -> Option<Simhash> {
    let mut shingles = Shingles::default();
    if is_markup {
        each_run(text, &mut |run| {
            shingles.read(run);
            true
        });
    } else {
        shingles.read(text);
    }
    shingles.finish()
}

/// The votes of the windows read so far.
pub(super) struct Shingles {
    /// The hashes of the last two words.
    before: [u64; WINDOW - 1],
    words: u32,
    votes: Votes,
}

impl Default for Shingles {
    fn default() -> Self {
        Self {
            before: [0; WINDOW - 1],
            words: 0,
            votes: Votes::default(),
        }
    }
}

impl Shingles {
    /// Reads a run of text; a word ends with it.
    pub(super) fn read(&mut self, run: &[u8]) {
        // What may be a dash or a quote of several bytes is looked at more closely.
        if memchr::memchr3(0xc2, 0xe2, 0xe3, run).is_some() {
            return self.read_slowly(run);
        }
        let (mut rest, mut hash, mut is_open) = (run, 0, false);
        while !rest.is_empty() {
            let bytes = next_bytes(rest);
            let letters = letters(bytes);
            // Most words and the gap behind them are within these eight bytes, so that no byte of theirs is
            // looked at by itself.
            let length = (!letters & HIGHEST_BITS).trailing_zeros() as usize / 8;
            let read = if length == 8 {
                hash = hashed(hash, bytes);
                is_open = true;
                8
            } else if length > 0 || is_open {
                self.add(hashed(hash, bytes & ((1 << (length * 8)) - 1)));
                (hash, is_open) = (0, false);
                length + 1
            } else {
                letters.trailing_zeros() as usize / 8
            };
            rest = rest.get(read..).unwrap_or_default();
        }
        if is_open {
            self.add(hashed(hash, 0));
        }
    }

    /// Reads a run byte by byte.
    fn read_slowly(&mut self, run: &[u8]) {
        let mut start = None;
        let mut at = 0;
        while at < run.len() {
            let gap = match KIND[usize::from(run[at])] {
                Kind::Word => 0,
                Kind::Gap => 1,
                Kind::Lead => gap_length(&run[at..]),
            };
            if gap == 0 {
                start.get_or_insert(at);
                at += 1;
            } else {
                if let Some(start) = start.take() {
                    self.add(word_hash(&run[start..at]));
                }
                at += gap;
            }
        }
        if let Some(start) = start {
            self.add(word_hash(&run[start..]));
        }
    }

    fn add(&mut self, word: u64) {
        let [first, second] = self.before;
        self.before = [second, word];
        self.words += 1;
        if self.words as usize >= WINDOW {
            // Turned by their place: the same words in another order are another window.
            let window = first.rotate_left(42) ^ second.rotate_left(21) ^ word;
            self.votes.add(finalized(window));
        }
    }

    /// Returns the simhash of what was read.
    pub(super) fn finish(self) -> Option<Simhash> {
        let windows = self.votes.count;
        (windows >= FEWEST_WINDOWS).then(|| Simhash(self.votes.majority()))
    }
}

/// What a byte is to a word.
#[derive(Clone, Copy)]
enum Kind {
    Word,
    Gap,
    /// It may begin a character outside of ASCII that is no letter.
    Lead,
}

const KIND: [Kind; 256] = {
    let mut table = [Kind::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte >= 0x80 || (byte as u8).is_ascii_alphanumeric() {
            table[byte] = Kind::Word;
        }
        byte += 1;
    }
    table[0xc2] = Kind::Lead;
    table[0xe2] = Kind::Lead;
    table[0xe3] = Kind::Lead;
    table
};

/// Returns how many bytes of spaces, quotes or dashes a text begins with: one character of Latin-1's signs,
/// of the general punctuation (U+2000 to U+207F) or of that of East Asia; 0 when it begins with none.
fn gap_length(text: &[u8]) -> usize {
    match text {
        [0xc2, ..] => 2,
        [0xe2, 0x80 | 0x81, ..] | [0xe3, 0x80, 0x80..=0x83 | 0x88..=0x91, ..] => 3,
        _ => 0,
    }
}

/// The highest bit of each of eight bytes.
const HIGHEST_BITS: u64 = 0x8080_8080_8080_8080;

/// Says by the highest bit of each of eight bytes whether it is a digit, an ASCII letter or no ASCII.
fn letters(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = bytes & !HIGHEST_BITS;
    let folded = low | (ONES * 0x20);
    // No sum is larger than a byte, so that none is carried into the next one.
    let at_least = |bytes: u64, least: u8| bytes + ONES * u64::from(0x80 - least);
    let in_range =
        |bytes: u64, first: u8, last: u8| at_least(bytes, first) & !at_least(bytes, last + 1);
    (in_range(folded, b'a', b'z') | in_range(low, b'0', b'9') | bytes) & HIGHEST_BITS
}

/// Returns the first eight bytes of a text, with zeros, which are gaps, behind one that is shorter.
fn next_bytes(text: &[u8]) -> u64 {
    let bytes = text.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        bytes
    });
    u64::from_le_bytes(bytes)
}

/// Hashes a word eight bytes at a time; the last time there are fewer, or none.
fn word_hash(word: &[u8]) -> u64 {
    let (chunks, rest) = word.as_chunks::<8>();
    let whole = chunks
        .iter()
        .fold(0, |hash, chunk| hashed(hash, u64::from_le_bytes(*chunk)));
    hashed(whole, next_bytes(rest))
}

/// Takes eight more bytes of a word into its hash. The bit that tells ASCII's cases apart is set in every
/// byte, which folds Latin-1's as well.
fn hashed(hash: u64, bytes: u64) -> u64 {
    let folded = bytes | 0x2020_2020_2020_2020;
    let hash = (hash ^ folded).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 32)
}

/// The finalizer of splitmix64, by which every bit of the result hangs on every bit of the window.
fn finalized(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Counts, for each of 64 bits, how many hashes have it set.
///
/// Bit-sliced: plane `n` holds bit `n` of all 64 counters, so that a hash is added by a few operations on
/// words instead of 64 additions. Four hashes are summed before the planes are touched.
#[derive(Default)]
struct Votes {
    planes: [u64; 32],
    ones: u64,
    twos: u64,
    /// The half of a pair that has come: of ones, and of twos.
    odd: u64,
    odd_twos: u64,
    count: u32,
}

impl Votes {
    fn add(&mut self, hash: u64) {
        self.count += 1;
        if self.count % 2 == 1 {
            self.odd = hash;
            return;
        }
        let (ones, carry) = added(self.ones, self.odd, hash);
        self.ones = ones;
        if !self.count.is_multiple_of(4) {
            self.odd_twos = carry;
            return;
        }
        let (twos, carry) = added(self.twos, self.odd_twos, carry);
        self.twos = twos;
        self.carry_to(2, carry);
    }

    fn carry_to(&mut self, plane: usize, mut carry: u64) {
        for plane in &mut self.planes[plane..] {
            let next = *plane & carry;
            *plane ^= carry;
            carry = next;
            if carry == 0 {
                return;
            }
        }
    }

    /// Returns a bit for each position that most hashes have set.
    fn majority(mut self) -> u64 {
        let (ones, twos) = (self.ones, self.twos);
        self.carry_to(0, ones);
        self.carry_to(1, twos);
        // What the last full group of four left over.
        if self.count % 4 >= 2 {
            let left = self.odd_twos;
            self.carry_to(1, left);
        }
        if self.count % 2 == 1 {
            let left = self.odd;
            self.carry_to(0, left);
        }
        (0..64)
            .filter(|bit| {
                let planes = self.planes.iter().enumerate();
                let votes: u64 = planes.map(|(n, plane)| (plane >> bit & 1) << n).sum();
                votes * 2 > u64::from(self.count)
            })
            .fold(0, |majority, bit| majority | 1 << bit)
    }
}

/// Adds three bits in each of 64 places: the sums, and what is carried.
fn added(one: u64, two: u64, three: u64) -> (u64, u64) {
    let half = one ^ two;
    (half ^ three, (one & two) | (half & three))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as different as a text's are.
    fn words(count: usize) -> Vec<String> {
        (0..count as u64)
            .map(|number| format!("w{:x}", finalized(number + 1) >> 44))
            .collect()
    }

    #[test]
    fn bits_are_counted_as_one_by_one() {
        for count in [1_u64, 2, 3, 4, 5, 6, 7, 64, 1_000, 1_003] {
            let mut votes = Votes::default();
            let mut plain = [0_u64; 64];
            for number in 0..count {
                let hash = finalized(number * 3 + 1);
                votes.add(hash);
                for (bit, counter) in plain.iter_mut().enumerate() {
                    *counter += hash >> bit & 1;
                }
            }
            let expected = (0..64)
                .filter(|&bit| plain[bit] * 2 > count)
                .fold(0_u64, |all, bit| all | 1 << bit);
            assert_eq!(votes.majority(), expected, "{count}");
        }
    }

    #[test]
    fn markup_case_and_punctuation_make_no_difference() {
        let words = words(200);
        let plain = simhash(words.join(" ").as_bytes(), false).unwrap();
        let html = format!(
            "<script>var unseen = 1;</script><p class=\"a b\">{}</p><!-- no -->",
            words.join(",&nbsp;<b>\u{2014}</b>\n").replace('w', "W")
        );
        assert_eq!(simhash(html.as_bytes(), true), Some(plain));
    }

    #[test]
    fn what_changes_little_is_near_and_what_differs_is_not() {
        let words = words(2_000);
        let text = |words: &[String]| simhash(words.join(" ").as_bytes(), false).unwrap();
        let whole = text(&words);
        let mut edited = words.clone();
        edited[700] = "else".to_owned();
        assert!(
            whole.is_near(text(&edited)),
            "{}",
            whole.distance(text(&edited))
        );
        assert!(!text(&words[..1_000]).is_near(text(&words[1_000..])));
    }

    proptest::proptest! {
        #[test]
        fn eight_bytes_at_a_time_are_the_words_byte_by_byte(
            text in "([a-zA-Z0-9@`{/:\\[é]{1,20}|[ .,;\\n-]{1,10}|Ünwörd|[\\x00-\\x7f]{0,9}){0,60}",
        ) {
            let text = format!("one two three {text}");
            let (mut quickly, mut slowly) = (Shingles::default(), Shingles::default());
            quickly.read(text.as_bytes());
            slowly.read_slowly(text.as_bytes());
            let read = |shingles: Shingles| (shingles.words, shingles.before, shingles.votes.majority());
            assert_eq!(read(quickly), read(slowly));
        }
    }

    #[test]
    fn a_short_text_has_none() {
        let words = words(FEWEST_WINDOWS as usize + WINDOW - 1);
        assert!(simhash(words.join(" ").as_bytes(), false).is_some());
        assert_eq!(simhash(words[1..].join(" ").as_bytes(), false), None);
        assert_eq!(simhash(b"", true), None);
    }
}
