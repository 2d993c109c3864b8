//! Blocks of a text: the stretches that a page lays out as one, by which what repeats from page to page is told.

use serde_json::Value;

use super::digest::Digest;

/// Tells one block's words from another's: the first 64 bits of the SHA-256 of the text with each run of white
/// space as one space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockKey(u64);

impl BlockKey {
    /// Returns the key of a block's text; `None` where it holds no letter and no digit.
    pub fn of(text: &str) -> Option<Self> {
        if !text.chars().any(char::is_alphanumeric) {
            return None;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(Self(Digest::of(words.join(" ")).prefix()))
    }

    /// Writes keys one after the other.
    pub fn pack(keys: &[Self]) -> Vec<u8> {
        keys.iter().flat_map(|key| key.0.to_be_bytes()).collect()
    }

    /// Reads keys that were packed; bytes after the last whole one are none.
    pub fn unpack(packed: &[u8]) -> impl Iterator<Item = Self> {
        let keys = packed.chunks_exact(8);
        keys.map(|bytes| {
            Self(
                bytes
                    .iter()
                    .fold(0, |key, byte| key << 8 | u64::from(*byte)),
            )
        })
    }
}

/// One block of a text with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    pub key: BlockKey,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The locator in the page; empty where there is none.
    pub locator: &'a str,
}

/// Returns the blocks of a text that hold words, as the data of its extraction name them.
pub fn blocks<'a>(data: &'a Value, text: &'a str) -> impl Iterator<Item = Block<'a>> {
    let listed = data["blocks"].as_array().into_iter().flatten();
    listed.filter_map(move |block| {
        let place = |name: &str| usize::try_from(block[name].as_u64()?).ok();
        let (start, end) = (place("start")?, place("end")?);
        Some(Block {
            key: BlockKey::of(text.get(start..end)?)?,
            start,
            end,
            locator: block["locator"].as_str().unwrap_or_default(),
        })
    })
}

/// Returns the keys of a text's blocks, each once.
pub fn block_keys(data: &Value, text: &str) -> Vec<BlockKey> {
    let mut keys: Vec<BlockKey> = blocks(data, text).map(|block| block.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_is_known_by_its_words() {
        assert_eq!(BlockKey::of(" Read\n more "), BlockKey::of("Read more"));
        assert_ne!(BlockKey::of("Read more"), BlockKey::of("read more"));
        assert_eq!(BlockKey::of("* * *"), None);
        let keys: Vec<_> = ["a", "b"].into_iter().filter_map(BlockKey::of).collect();
        let packed = BlockKey::pack(&keys);
        assert_eq!(packed.len(), 16);
        assert_eq!(BlockKey::unpack(&packed).collect::<Vec<_>>(), keys);
    }

    #[test]
    fn blocks_without_a_place_in_the_text_are_none() {
        let text = "One. ä Two.";
        let data = json!({"blocks": [
            {"start": 0, "end": 4, "locator": "p"}, {"start": 0, "end": 6}, {"start": 8, "end": 12},
            {"start": 8, "end": 99}, {"end": 4}, 7,
        ]});
        let found: Vec<_> = blocks(&data, text)
            .map(|block| (block.start, block.locator))
            .collect();
        assert_eq!(found, [(0, "p"), (8, "")]);
        assert_eq!(blocks(&json!({}), text).count(), 0);
        assert_eq!(
            block_keys(
                &json!({"blocks": [{"start": 0, "end": 4}, {"start": 0, "end": 4}]}),
                text
            )
            .len(),
            1
        );
    }
}
