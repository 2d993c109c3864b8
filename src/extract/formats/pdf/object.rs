//! PDF objects and how they are written (ISO 32000-2, 7.2 and 7.3).
//!
//! Reads what stands at one place of some bytes and follows no reference. Nesting and number are bounded: a file
//! cannot make this recurse deeper, or keep more, than the constants here say.

use std::collections::BTreeMap;

/// Levels of arrays and dictionaries in one object.
const DEPTH_LIMIT: usize = 60;

/// Objects inside one object.
const PART_LIMIT: usize = 400_000;

/// Names and their values.
pub(super) type Dictionary = BTreeMap<String, Object>;

/// One object, or one word of a content stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Vec<u8>),
    Name(String),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    /// Another object, by its number.
    Reference(u32),
    /// A word that is none of these: an operator, `endobj`, `stream`.
    Word(String),
}

impl Object {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn index(&self) -> Option<usize> {
        let number = self.number()?;
        (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as usize)
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found == word)
    }
}

/// Reads one object after the other.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    parts: usize,
    /// A content stream has no references; `1 0 R` is two numbers and an operator there.
    has_references: bool,
}

impl<'a> Lexer<'a> {
    /// Reads a file's objects from `at` on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            parts: 0,
            has_references: true,
        }
    }

    /// Reads the words of a content stream or of a CMap.
    pub(super) fn of_content(bytes: &'a [u8], at: usize) -> Self {
        Self {
            has_references: false,
            ..Self::new(bytes, at)
        }
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.byte() {
            if byte == b'%' {
                let rest = &self.bytes[self.at..];
                let end = memchr::memchr2(b'\n', b'\r', rest);
                self.at += end.unwrap_or(rest.len());
            } else if is_space(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Returns the next object; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Object> {
        self.parts = 0;
        self.read(0)
    }

    /// Returns what is not yet read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn read(&mut self, depth: usize) -> Option<Object> {
        self.skip_space();
        self.parts += 1;
        let byte = self.byte()?;
        Some(match byte {
            b'/' => {
                self.at += 1;
                Object::Name(self.name())
            }
            b'(' => Object::Text(self.literal()),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                Object::Dictionary(self.dictionary(depth))
            }
            b'<' => Object::Text(self.hexadecimal()),
            b'[' => {
                self.at += 1;
                Object::Array(self.array(depth))
            }
            b'>' if self.bytes.get(self.at + 1) == Some(&b'>') => {
                self.at += 2;
                Object::Word(">>".to_owned())
            }
            b']' | b'>' | b')' | b'{' | b'}' => {
                self.at += 1;
                Object::Word(char::from(byte).to_string())
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference(),
            _ => self.word(),
        })
    }

    /// Says whether another part may be read; what cannot be is left where it stands.
    fn has_room(&self, depth: usize) -> bool {
        depth < DEPTH_LIMIT && self.parts < PART_LIMIT
    }

    fn array(&mut self, depth: usize) -> Vec<Object> {
        let mut items = Vec::new();
        while self.has_room(depth) {
            match self.read(depth + 1) {
                None => break,
                Some(item) if item.is_word("]") => break,
                // The array was not closed before its object was.
                Some(item) if item.is_word("endobj") || item.is_word(">>") => break,
                Some(Object::Word(_)) => {}
                Some(item) => items.push(item),
            }
        }
        items
    }

    fn dictionary(&mut self, depth: usize) -> Dictionary {
        let mut found = Dictionary::new();
        while self.has_room(depth) {
            let name = match self.read(depth + 1) {
                None => break,
                Some(end) if end.is_word(">>") || end.is_word("endobj") => break,
                Some(Object::Name(name)) => name,
                Some(_) => continue,
            };
            match self.read(depth + 1) {
                None => break,
                Some(end) if end.is_word(">>") || end.is_word("endobj") => break,
                Some(value) => {
                    found.entry(name).or_insert(value);
                }
            }
        }
        found
    }

    /// A name; its bytes are characters of the same number.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(byte) = self.byte().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            let escaped = (byte == b'#').then(|| {
                let digits = self.bytes.get(self.at..self.at + 2)?;
                Some(hexadecimal(digits[0])? << 4 | hexadecimal(digits[1])?)
            });
            if let Some(byte) = escaped.flatten() {
                self.at += 2;
                name.push(char::from(byte));
            } else {
                name.push(char::from(byte));
            }
        }
        name
    }

    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1_usize;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        text
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.byte() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            // A line that goes on.
            b'\r' => self.at += usize::from(self.byte() == Some(b'\n')),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.byte() {
                        Some(digit @ b'0'..=b'7') => {
                            code = code * 8 + u32::from(digit - b'0');
                            self.at += 1;
                        }
                        _ => break,
                    }
                }
                text.push(code as u8);
            }
            other => text.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut text = Vec::new();
        let mut high = None;
        while let Some(byte) = self.byte() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = hexadecimal(byte) else {
                continue;
            };
            match high.take() {
                None => high = Some(digit),
                Some(first) => text.push(first << 4 | digit),
            }
        }
        text.extend(high.map(|digit| digit << 4));
        text
    }

    fn number_or_reference(&mut self) -> Object {
        let Some((number, is_whole)) = self.number() else {
            return self.word();
        };
        if self.has_references && is_whole && number >= 0.0 && number <= f64::from(u32::MAX) {
            let mut ahead = self.clone();
            ahead.skip_space();
            let generation = ahead.number().filter(|(_, is_whole)| *is_whole);
            ahead.skip_space();
            let ends = |at: usize| ahead.bytes.get(at).is_none_or(|byte| !is_regular(*byte));
            if generation.is_some() && ahead.byte() == Some(b'R') && ends(ahead.at + 1) {
                self.at = ahead.at + 1;
                return Object::Reference(number as u32);
            }
        }
        Object::Number(number)
    }

    /// Returns a number and whether it is written as a whole one.
    fn number(&mut self) -> Option<(f64, bool)> {
        let start = self.at;
        let (mut number, mut scale, mut digits) = (0.0_f64, 0.0_f64, 0);
        let mut is_negative = false;
        while let Some(byte) = self.byte() {
            match byte {
                b'0'..=b'9' => {
                    digits += 1;
                    number = number * 10.0 + f64::from(byte - b'0');
                    scale *= 10.0;
                }
                b'.' if scale == 0.0 => scale = 1.0,
                // Some programs write two signs, or one within a number.
                b'-' if digits == 0 => is_negative = true,
                b'+' if digits == 0 => {}
                b'-' => {
                    while self
                        .byte()
                        .is_some_and(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'.'))
                    {
                        self.at += 1;
                    }
                    break;
                }
                _ => break,
            }
            self.at += 1;
        }
        if digits == 0 {
            // A sign alone stands for nothing; a word may begin with one.
            let ends = self.byte().is_none_or(|byte| !is_regular(byte));
            if !ends || self.at == start {
                self.at = start;
                return None;
            }
        }
        if scale > 1.0 {
            number /= scale;
        }
        let number = if is_negative { -number } else { number };
        Some((number, scale == 0.0 && digits > 0))
    }

    fn word(&mut self) -> Object {
        let start = self.at;
        while self.byte().is_some_and(is_regular) {
            self.at += 1;
        }
        self.at = self.at.max(start + 1);
        let word = &self.bytes[start..self.at.min(self.bytes.len())];
        match word {
            b"true" => Object::Boolean(true),
            b"false" => Object::Boolean(false),
            b"null" => Object::Null,
            _ => Object::Word(word.iter().map(|byte| char::from(*byte)).collect()),
        }
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}

fn hexadecimal(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Object {
        Lexer::new(text.as_bytes(), 0).next().unwrap()
    }

    #[test]
    fn objects_are_read_as_they_are_written() {
        for (text, expected) in [
            ("12", Object::Number(12.0)),
            ("-.5", Object::Number(-0.5)),
            ("--3.25", Object::Number(-3.25)),
            ("12 0 R", Object::Reference(12)),
            ("/A#20b%c", Object::Name("A b".to_owned())),
            ("(a(b)\\)\\101\\\nc)", Object::Text(b"a(b))Ac".to_vec())),
            ("<41 4>", Object::Text(b"A@".to_vec())),
            ("true", Object::Boolean(true)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let dictionary = read("% a comment\n<</A[1 2 0 R/B]/C<</D null>>>>");
        let dictionary = dictionary.dictionary().unwrap();
        assert_eq!(dictionary["A"].array().unwrap().len(), 3);
        assert_eq!(dictionary["C"].dictionary().unwrap()["D"], Object::Null);
    }

    #[test]
    fn nesting_and_numbers_are_bounded() {
        for text in ["[".repeat(1 << 20), "<</A".repeat(1 << 18), "[0 ".repeat(9)] {
            read(&text);
        }
        let many = format!("[{}]", "0 ".repeat(1 << 20));
        assert!(read(&many).array().unwrap().len() <= PART_LIMIT);
    }

    #[test]
    fn anything_is_read_to_its_end() {
        for text in [
            "-", "+x", ")", "}", ">", "(", "<", "/", "1 0", "\u{0}", "<<", "<</A",
        ] {
            let mut lexer = Lexer::new(text.as_bytes(), 0);
            let mut count = 0;
            while lexer.next().is_some() {
                count += 1;
                assert!(count < 10, "{text}");
            }
        }
    }
}
