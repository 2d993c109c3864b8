//! Character maps (CMap; ISO 32000-2, 9.7.5 and 9.10.3): how long the codes of a font are, which glyph each is, and
//! which text.

use std::collections::HashMap;

use super::object::{Lexer, Object};

/// Entries that are kept of one map.
const ENTRY_LIMIT: usize = 200_000;

/// Characters that one code stands for.
const TEXT_LIMIT: usize = 64;

/// One map.
#[derive(Debug, Default)]
pub(super) struct CharacterMap {
    /// How many bytes a code has, and between which codes.
    spaces: Vec<(usize, u32, u32)>,
    single: HashMap<u32, String>,
    /// From, to, and the text of the first; the last character of it is counted up.
    ranges: Vec<(u32, u32, String)>,
    /// From, to, and the glyph of the first.
    glyphs: Vec<(u32, u32, u32)>,
}

impl CharacterMap {
    /// Reads a map, as far as it is one.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::of_content(bytes, 0);
        let mut values: Vec<Object> = Vec::new();
        let mut entries = 0;
        while let Some(object) = lexer.next() {
            let Object::Word(word) = object else {
                values.push(object);
                if values.len() > ENTRY_LIMIT {
                    break;
                }
                continue;
            };
            entries += values.len();
            match word.as_str() {
                "endcodespacerange" => map.add_spaces(&values),
                "endbfchar" => map.add_single(&values),
                "endbfrange" => map.add_ranges(&values),
                "endcidrange" => map.add_glyphs(&values, 3),
                "endcidchar" => map.add_glyphs(&values, 2),
                _ => {}
            }
            values.clear();
            if entries > ENTRY_LIMIT {
                break;
            }
        }
        map.ranges.sort_by_key(|range| range.0);
        map.glyphs.sort_unstable();
        map
    }

    fn add_spaces(&mut self, values: &[Object]) {
        for pair in values.chunks_exact(2) {
            if let (Some(low), Some(high)) = (pair[0].text(), pair[1].text())
                && (1..=4).contains(&low.len())
            {
                self.spaces.push((low.len(), code_of(low), code_of(high)));
            }
        }
    }

    fn add_single(&mut self, values: &[Object]) {
        for pair in values.chunks_exact(2) {
            if let (Some(code), Some(text)) = (pair[0].text(), pair[1].text()) {
                self.single.insert(code_of(code), text_of(text));
            }
        }
    }

    fn add_ranges(&mut self, values: &[Object]) {
        for three in values.chunks_exact(3) {
            let (Some(low), Some(high)) = (three[0].text(), three[1].text()) else {
                continue;
            };
            let (low, high) = (code_of(low), code_of(high));
            match &three[2] {
                Object::Text(text) => self.ranges.push((low, high, text_of(text))),
                Object::Array(items) => {
                    for (code, item) in (low..=high).zip(items) {
                        if let Some(text) = item.text() {
                            self.single.insert(code, text_of(text));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn add_glyphs(&mut self, values: &[Object], length: usize) {
        for entry in values.chunks_exact(length) {
            let (Some(low), Some(high)) = (entry[0].text(), entry[length - 2].text()) else {
                continue;
            };
            if let Some(glyph) = entry[length - 1].index() {
                self.glyphs
                    .push((code_of(low), code_of(high), glyph as u32));
            }
        }
    }

    /// Returns the code that `bytes` begin with, and how many of them it has.
    pub(super) fn code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        for length in 1..=bytes.len().min(4) {
            let code = code_of(&bytes[..length]);
            let is_one = |space: &&(usize, u32, u32)| {
                space.0 == length && (space.1..=space.2).contains(&code)
            };
            if self.spaces.iter().any(|space| is_one(&space)) {
                return Some((code, length));
            }
        }
        None
    }

    /// Returns how much it holds.
    pub(super) fn entries(&self) -> usize {
        self.single.len() + self.ranges.len() + self.glyphs.len()
    }

    /// Says whether the map tells how long codes are.
    pub(super) fn has_spaces(&self) -> bool {
        !self.spaces.is_empty()
    }

    /// Returns the text of a code.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.single.get(&code) {
            return Some(text.clone());
        }
        let after = self.ranges.partition_point(|range| range.0 <= code);
        let (low, high, text) = self.ranges.get(after.checked_sub(1)?)?;
        if code > *high {
            return None;
        }
        let mut text = text.clone();
        let last = text.pop()?;
        text.push(char::from_u32(u32::from(last).checked_add(code - low)?)?);
        Some(text)
    }

    /// Returns the glyph of a code; itself when the map has none.
    pub(super) fn glyph(&self, code: u32) -> u32 {
        let after = self.glyphs.partition_point(|range| range.0 <= code);
        let range = after.checked_sub(1).and_then(|at| self.glyphs.get(at));
        range
            .filter(|range| code <= range.1)
            .map_or(code, |range| range.2.saturating_add(code - range.0))
    }
}

fn code_of(bytes: &[u8]) -> u32 {
    let bytes = bytes.iter().take(4);
    bytes.fold(0, |code, byte| code << 8 | u32::from(*byte))
}

fn text_of(bytes: &[u8]) -> String {
    if let [byte] = bytes {
        return char::from(*byte).to_string();
    }
    let (text, _) = encoding_rs::UTF_16BE.decode_without_bom_handling(bytes);
    text.chars().take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_lengths_glyphs_and_texts() {
        let map = CharacterMap::read(
            b"1 begincodespacerange <00> <7f> <8000> <ffff> endcodespacerange\n\
              2 beginbfchar <01> <0041> <8001> <D83DDE00> endbfchar\n\
              2 beginbfrange <10> <12> <0061> <20> <21> [<00660069> <0078>] endbfrange\n\
              1 begincidrange <8000> <80ff> 100 endcidrange",
        );
        assert_eq!(map.code(b"\x01\x02"), Some((1, 1)));
        assert_eq!(map.code(b"\x80\x02z"), Some((0x8002, 2)));
        assert_eq!(map.code(b"\x80"), None);
        for (code, text) in [
            (1, Some("A")),
            (0x8001, Some("😀")),
            (0x12, Some("c")),
            (0x13, None),
            (0x20, Some("fi")),
            (0x21, Some("x")),
        ] {
            assert_eq!(map.text(code).as_deref(), text, "{code:x}");
        }
        assert_eq!((map.glyph(0x8002), map.glyph(5)), (102, 5));
    }

    #[test]
    fn hostile_maps_are_read() {
        for map in [
            "beginbfrange <00> <ffffffff> [<41>] endbfrange",
            "beginbfrange <00> <ffffffff> <dbffdfff> endbfrange begincidrange <00> <ffffffff> 4294967295 endcidrange",
            "beginbfrange <05> <01> <41> endbfrange endbfchar <41>",
        ] {
            let map = CharacterMap::read(map.as_bytes());
            for code in [0, 1, 5, u32::MAX] {
                map.text(code);
                map.glyph(code);
            }
        }
    }
}
