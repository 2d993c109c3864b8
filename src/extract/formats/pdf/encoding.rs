//! What the codes of a simple font are when it does not say: the encodings that a PDF may name (ISO 32000-2, annex D).

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// Standard encoding from 0xA0 on; below that it is ASCII but for two quotes.
const STANDARD: &str = "\
�¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ�–†‡·�¶•‚„”»…‰�¿�`´ˆ˜¯˘˙¨�˚¸�˝˛ˇ—����������������Æ�ª����ŁØŒº�����æ���ı��łøœß����";

/// The encoding of the font Symbol, from 0x20.
const SYMBOL: &str = "\
\u{20}!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼�\
��������������������������������€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪�〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭�";

/// An encoding that is known by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    Windows,
    Macintosh,
    Symbol,
}

impl Base {
    /// Returns the encoding of this name in a PDF.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "StandardEncoding" => Some(Self::Standard),
            "WinAnsiEncoding" => Some(Self::Windows),
            "MacRomanEncoding" => Some(Self::Macintosh),
            _ => None,
        }
    }

    /// Returns the character of a code.
    pub(super) fn character(self, code: u8) -> Option<char> {
        let found = match self {
            Self::Standard => match code {
                b'\'' => Some('’'),
                b'`' => Some('‘'),
                0x20..=0x7e => Some(char::from(code)),
                0xa0.. => STANDARD.chars().nth(usize::from(code - 0xa0)),
                _ => None,
            },
            // Codes that the code page leaves open are bullets, and its soft hyphen is always seen (table D.2).
            Self::Windows => match code {
                0x7f | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d => Some('•'),
                0xad => Some('-'),
                _ => single(WINDOWS_1252, code),
            },
            Self::Macintosh => single(MACINTOSH, code),
            Self::Symbol => SYMBOL.chars().nth(usize::from(code.checked_sub(0x20)?)),
        };
        found.filter(|found| *found != '\u{fffd}' && !found.is_control())
    }
}

fn single(encoding: &'static Encoding, code: u8) -> Option<char> {
    let bytes = [code];
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    text.chars().next()
}

/// Reads a text of the file that is not shown on a page: its title, an address (7.9.2.2).
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE
            .decode_without_bom_handling(rest)
            .0
            .into_owned(),
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE
            .decode_without_bom_handling(rest)
            .0
            .into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| document_character(*byte)).collect(),
    }
}

/// PDFDocEncoding (D.2): Latin-1 but for two stretches.
fn document_character(byte: u8) -> char {
    const LOW: &str = "˘ˇˆ˙˝˛˚˜";
    const HIGH: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž";
    let nth = |text: &str, first: u8| text.chars().nth(usize::from(byte - first));
    let found = match byte {
        0x18..=0x1f => nth(LOW, 0x18),
        0x80..=0x9e => nth(HIGH, 0x80),
        0xa0 => Some('€'),
        _ => Some(char::from(byte)),
    };
    found.unwrap_or('\u{fffd}')
}

/// Returns the encoding of the codes of a composite font whose character map is one that every reader has, where
/// that map is a way of writing text that is used elsewhere, too.
pub(super) fn of_character_map(name: &str) -> Option<&'static Encoding> {
    let name = name
        .strip_suffix("-H")
        .or_else(|| name.strip_suffix("-V"))
        .unwrap_or(name);
    let starts = |beginning: &str| name.starts_with(beginning);
    if starts("Uni") && name.contains("UTF8") {
        Some(encoding_rs::UTF_8)
    } else if starts("Uni") && !name.contains("UTF32") {
        Some(encoding_rs::UTF_16BE)
    } else if name.contains("RKSJ") {
        Some(encoding_rs::SHIFT_JIS)
    } else if name == "EUC" {
        Some(encoding_rs::EUC_JP)
    } else if starts("GBK") || starts("GB-") || starts("GBpc") {
        Some(encoding_rs::GB18030)
    } else if name.contains("B5") {
        Some(encoding_rs::BIG5)
    } else if starts("KSC") {
        Some(encoding_rs::EUC_KR)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_characters() {
        for (base, code, character) in [
            (Base::Standard, 0x27, Some('’')),
            (Base::Standard, 0xae, Some('ﬁ')),
            (Base::Standard, 0xfb, Some('ß')),
            (Base::Standard, 0xff, None),
            (Base::Windows, 0x80, Some('€')),
            (Base::Windows, 0x7f, Some('•')),
            (Base::Macintosh, 0x8a, Some('ä')),
            (Base::Symbol, 0x61, Some('α')),
            (Base::Symbol, 0xa0, Some('€')),
            (Base::Symbol, 0xe5, Some('∑')),
            (Base::Symbol, 0xfe, Some('⎭')),
        ] {
            assert_eq!(base.character(code), character, "{base:?} {code:x}");
        }
    }

    #[test]
    fn texts_beside_the_pages_are_read() {
        assert_eq!(text_string(b"\xfe\xff\x00G\x00r\x00\xfc"), "Grü");
        assert_eq!(text_string(b"Gr\xfc \x8d\x80\xa0"), "Grü “•€");
        assert_eq!(text_string(b"\xef\xbb\xbf\xc3\xbc"), "ü");
    }
}
