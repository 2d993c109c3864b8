//! Fonts: which text the codes of a string show, and how far each of them moves on (ISO 32000-2, 9.5 to 9.10).

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::character_map::CharacterMap;
use super::encoding::{self, Base};
use super::file::File;
use super::glyphs::GlyphNames;
use super::object::{Dictionary, Lexer, Object};
use super::widths;

/// Widths that are kept of one font.
const WIDTH_LIMIT: usize = 100_000;

/// What one code shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    /// `None` when nothing says which text it is.
    pub(super) text: Option<String>,
    /// In units of the font's size.
    pub(super) width: f64,
    /// It is the space of one byte, which a string may be justified by.
    pub(super) is_space: bool,
    /// The bytes of its code.
    pub(super) length: usize,
}

/// How the bytes of a string are codes.
#[derive(Debug)]
enum Codes {
    /// One byte each; the texts are those that the font's encoding gives.
    Single(Vec<Option<String>>),
    /// Two bytes each, or as the map says.
    Mapped(CharacterMap),
    /// A way of writing text.
    Text(&'static Encoding),
}

/// A font as far as its text goes.
#[derive(Debug)]
pub(super) struct Font {
    codes: Codes,
    texts: Option<CharacterMap>,
    widths: HashMap<u32, f64>,
    usual_width: f64,
    /// The name of its face, when it says nothing of widths.
    face: Option<String>,
    pub(super) is_vertical: bool,
}

impl Font {
    /// Reads a font.
    pub(super) fn read(file: &File<'_>, font: &Dictionary, names: &GlyphNames) -> Self {
        let map = |name: &str| {
            let stream = file.stream(font.get(name)?)?;
            Some(CharacterMap::read(&file.content(&stream).bytes))
        };
        let texts = map("ToUnicode");
        let kind = file.get(font, "Subtype");
        if kind.name() == Some("Type0") {
            let encoding = file.get(font, "Encoding");
            let name = encoding.name().unwrap_or_default();
            let codes = match (encoding::of_character_map(name), map("Encoding")) {
                (Some(encoding), _) => Codes::Text(encoding),
                (None, Some(map)) => Codes::Mapped(map),
                (None, None) => Codes::Mapped(CharacterMap::default()),
            };
            let below = file.get(font, "DescendantFonts");
            let below = below
                .array()
                .and_then(|all| all.first())
                .map(|one| file.resolved(one));
            let below = below.as_ref().and_then(Object::dictionary);
            return Self {
                codes,
                texts,
                widths: below
                    .map(|font| composite_widths(file, font))
                    .unwrap_or_default(),
                usual_width: below
                    .and_then(|font| file.number(font, "DW"))
                    .unwrap_or(1000.0)
                    / 1000.0,
                face: None,
                is_vertical: name.ends_with("-V"),
            };
        }
        let (widths, usual_width) = simple_widths(file, font);
        let face = file.get(font, "BaseFont").name().map(str::to_owned);
        let face = face.filter(|_| widths.is_empty());
        Self {
            codes: Codes::Single(simple_texts(file, font, names)),
            texts,
            widths,
            usual_width,
            face,
            is_vertical: false,
        }
    }

    /// Returns the glyph that `bytes` begin with; `bytes` is not empty.
    pub(super) fn first(&self, bytes: &[u8]) -> Glyph {
        let (code, length) = self.code(bytes);
        let known = self.texts.as_ref().and_then(|map| map.text(code));
        let text = known
            .filter(|text| is_text(text))
            .or_else(|| match &self.codes {
                Codes::Single(texts) => texts.get(code as usize).cloned().flatten(),
                Codes::Text(encoding) => {
                    let (text, had_errors) = encoding.decode_without_bom_handling(&bytes[..length]);
                    (!had_errors).then(|| text.into_owned())
                }
                Codes::Mapped(_) => None,
            });
        let listed = match &self.codes {
            Codes::Single(_) => self.widths.get(&code),
            Codes::Mapped(map) => self.widths.get(&map.glyph(code)),
            // The list counts glyphs, which no map here tells from the text.
            Codes::Text(_) => (length == 1).then_some(&0.5),
        };
        let width = listed.copied().unwrap_or_else(|| {
            let shown = text.as_ref().and_then(|text| text.chars().next());
            let face = self.face.as_ref();
            face.map_or(self.usual_width, |face| widths::usual(face, shown))
        });
        Glyph {
            is_space: length == 1 && code == 32,
            text,
            width,
            length,
        }
    }

    /// Returns how much it holds.
    pub(super) fn entries(&self) -> usize {
        let of_codes = match &self.codes {
            Codes::Single(texts) => texts.len(),
            Codes::Mapped(map) => map.entries(),
            Codes::Text(_) => 0,
        };
        let of_texts = self.texts.as_ref().map_or(0, CharacterMap::entries);
        of_codes + of_texts + self.widths.len()
    }

    fn code(&self, bytes: &[u8]) -> (u32, usize) {
        let of = |length: usize| {
            let bytes = &bytes[..length.min(bytes.len())];
            let code = bytes
                .iter()
                .fold(0_u32, |code, byte| code << 8 | u32::from(*byte));
            (code, bytes.len())
        };
        match &self.codes {
            Codes::Single(_) => of(1),
            Codes::Mapped(map) if map.has_spaces() => map.code(bytes).unwrap_or_else(|| of(2)),
            Codes::Mapped(_) => of(2),
            Codes::Text(encoding) if *encoding == encoding_rs::UTF_16BE => {
                of(if matches!(bytes[0], 0xd8..=0xdb) {
                    4
                } else {
                    2
                })
            }
            // The shortest stretch that is a character.
            Codes::Text(encoding) => {
                let is_whole = |length: &usize| {
                    let part = bytes.get(..*length);
                    part.is_some_and(|part| !encoding.decode_without_bom_handling(part).1)
                };
                of((1..=4).find(is_whole).unwrap_or(1))
            }
        }
    }
}

/// Says whether a map says anything by this: some write nothing, or what is no character, for what they do not know.
fn is_text(text: &str) -> bool {
    text.chars()
        .any(|c| !matches!(c, '\0' | '\u{fffd}' | '\u{f000}'..='\u{f0ff}'))
}

/// Returns the text of each code of a simple font.
fn simple_texts(file: &File<'_>, font: &Dictionary, names: &GlyphNames) -> Vec<Option<String>> {
    let family = file.get(font, "BaseFont");
    let family = family.name().unwrap_or_default();
    let encoding = file.get(font, "Encoding");
    let described = encoding.dictionary();
    let base = match described {
        Some(described) => file.get(described, "BaseEncoding"),
        None => encoding.clone(),
    };
    let base = base.name().and_then(Base::named);
    let descriptor = file.dictionary(font, "FontDescriptor");
    let own = match (base, &descriptor) {
        (None, Some(descriptor)) => own_encoding(file, descriptor),
        _ => None,
    };
    let usual = if family.contains("Symbol") {
        Base::Symbol
    } else if file.get(font, "Subtype").name() == Some("TrueType") {
        Base::Windows
    } else {
        Base::Standard
    };
    let base = base.unwrap_or(usual);
    let mut texts: Vec<Option<String>> = (0..=255)
        .map(|code: u8| {
            let named = own.as_ref().and_then(|own| own.get(&code));
            match named {
                Some(name) => names.text(name),
                None if own.is_some() => None,
                None => base.character(code).map(String::from),
            }
        })
        .collect();
    let differences = described.map(|described| file.get(described, "Differences"));
    let mut code = 0_usize;
    for item in differences
        .as_ref()
        .and_then(Object::array)
        .unwrap_or_default()
    {
        match file.resolved(item) {
            Object::Number(number) => code = number.max(0.0) as usize,
            Object::Name(name) => {
                if let Some(slot) = texts.get_mut(code) {
                    *slot = names.text(&name);
                }
                code += 1;
            }
            _ => {}
        }
    }
    texts
}

/// Returns the names of the codes that a Type 1 font program gives; what is encrypted in it comes behind them.
fn own_encoding(file: &File<'_>, descriptor: &Dictionary) -> Option<HashMap<u8, String>> {
    let stream = file.stream(descriptor.get("FontFile")?)?;
    let program = file.content(&stream).bytes;
    let end = memchr::memmem::find(&program, b"eexec").unwrap_or(program.len());
    let start = memchr::memmem::find(&program[..end], b"/Encoding")?;
    let mut lexer = Lexer::of_content(&program[start..end], 0);
    lexer.next();
    let mut found = HashMap::new();
    let mut last = [Object::Null, Object::Null];
    while let Some(object) = lexer.next() {
        match &object {
            Object::Word(word) if word == "StandardEncoding" => return None,
            Object::Word(word) if word == "put" => {
                if let [Object::Number(code), Object::Name(name)] = &last
                    && (0.0..256.0).contains(code)
                {
                    found.insert(*code as u8, name.clone());
                }
            }
            Object::Word(word) if matches!(word.as_str(), "def" | "readonly") => break,
            _ => {}
        }
        let [_, newer] = last;
        last = [newer, object];
    }
    Some(found)
}

/// Returns the widths of a simple font's codes and of any other.
fn simple_widths(file: &File<'_>, font: &Dictionary) -> (HashMap<u32, f64>, f64) {
    let unit = if file.get(font, "Subtype").name() == Some("Type3") {
        file.numbers(font, "FontMatrix")
            .first()
            .copied()
            .unwrap_or(0.001)
    } else {
        0.001
    };
    let first = file.number(font, "FirstChar").unwrap_or(0.0).max(0.0) as u32;
    let widths = file.numbers(font, "Widths");
    let missing = file
        .dictionary(font, "FontDescriptor")
        .and_then(|descriptor| file.number(&descriptor, "MissingWidth"));
    let usual = missing.unwrap_or(0.0) * unit;
    let widths = widths.iter().take(256).enumerate();
    let widths =
        widths.map(|(ordinal, width)| (first.saturating_add(ordinal as u32), width * unit));
    (widths.collect(), usual)
}

/// Reads the widths of a composite font's glyphs: `first [w …]` and `first last w` (9.7.4.3).
fn composite_widths(file: &File<'_>, font: &Dictionary) -> HashMap<u32, f64> {
    let listed = file.get(font, "W");
    let mut items = listed
        .array()
        .unwrap_or_default()
        .iter()
        .map(|item| file.resolved(item));
    let mut widths = HashMap::new();
    while let Some(first) = items.next().and_then(|first| first.index()) {
        let first = first as u32;
        match items.next() {
            Some(Object::Array(list)) => {
                for (glyph, width) in (first..).zip(&list) {
                    widths.insert(glyph, file.resolved(width).number().unwrap_or(0.0) / 1000.0);
                }
            }
            Some(Object::Number(last)) => {
                let width = items.next().and_then(|width| width.number()).unwrap_or(0.0);
                for glyph in first..=(last.max(0.0) as u32).min(first.saturating_add(0xffff)) {
                    widths.insert(glyph, width / 1000.0);
                }
            }
            _ => break,
        }
        if widths.len() > WIDTH_LIMIT {
            break;
        }
    }
    widths
}
