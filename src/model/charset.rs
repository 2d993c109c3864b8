//! Which charset a body is in, and its text.
//!
//! Order of evidence as in the WHATWG encoding-sniffing algorithm: byte order mark, the transport's
//! `charset`, the document's own declaration in its first 1,024 bytes, then a detector.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::job::words;

/// How far into a document its own declaration is looked for (HTML, 13.2.3.2).
const PRESCAN_BYTES: usize = 1024;

words! {
    /// What a charset was read from.
    CharsetSource {
        ByteOrderMark = "bom",
        Header = "header",
        Declaration = "meta",
        Detector = "detected",
    }
}

/// A charset and what says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    /// Name as in the WHATWG Encoding standard.
    pub name: &'static str,
    pub source: CharsetSource,
}

/// A body as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText {
    pub text: String,
    /// How many sequences were invalid and became U+FFFD.
    pub errors: usize,
    /// The first byte of the body, from 0, at which one begins.
    pub first_error: Option<usize>,
}

/// Finds the charset of `body`.
pub fn charset_of(body: &[u8], header_label: Option<&str>) -> Charset {
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        return Charset {
            name: encoding.name(),
            source: CharsetSource::ByteOrderMark,
        };
    }
    let of_label = |label: &str| Encoding::for_label(label.as_bytes());
    if let Some(encoding) = header_label.and_then(of_label) {
        return Charset {
            name: encoding.name(),
            source: CharsetSource::Header,
        };
    }
    // A declaration of XML that is not in bytes of their own (HTML, 13.2.3.2).
    let wide = [(&b"<\0?\0x\0"[..], UTF_16LE), (b"\0<\0?\0x", UTF_16BE)];
    if let Some((_, encoding)) = wide
        .iter()
        .find(|(beginning, _)| body.starts_with(beginning))
    {
        return Charset {
            name: encoding.name(),
            source: CharsetSource::Declaration,
        };
    }
    if let Some(encoding) = declared_label(body).as_deref().and_then(of_label) {
        // A document that could be read far enough to find the declaration is not UTF-16, whatever it says.
        let encoding = if encoding == UTF_16LE || encoding == UTF_16BE {
            UTF_8
        } else {
            encoding
        };
        return Charset {
            name: encoding.name(),
            source: CharsetSource::Declaration,
        };
    }
    // What is valid as UTF-8 is UTF-8 to the detector, too, which is far slower to say so.
    if std::str::from_utf8(body).is_ok() {
        return Charset {
            name: UTF_8.name(),
            source: CharsetSource::Detector,
        };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    Charset {
        name: detector.guess(None, Utf8Detection::Allow).name(),
        source: CharsetSource::Detector,
    }
}

/// Decodes `body` from the charset named `name` (UTF-8 when the name is unknown), without its byte order mark.
pub fn decode_text(body: &[u8], name: &str) -> DecodedText {
    let encoding = Encoding::for_label(name.as_bytes()).unwrap_or(UTF_8);
    let (body, skipped) = match Encoding::for_bom(body) {
        Some((of_mark, length)) if of_mark == encoding => (&body[length..], length),
        _ => (body, 0),
    };
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(body)
    {
        return DecodedText {
            text: text.to_owned(),
            errors: 0,
            first_error: None,
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(body.len() + body.len() / 8 + 16);
    let mut errors = 0;
    let mut first_error = None;
    let mut read = 0;
    loop {
        text.reserve((body.len() - read).max(16));
        let (result, consumed) =
            decoder.decode_to_string_without_replacement(&body[read..], &mut text, true);
        read += consumed;
        match result {
            encoding_rs::DecoderResult::InputEmpty => break,
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => {
                errors += 1;
                let start = read.saturating_sub(usize::from(length) + usize::from(after));
                first_error.get_or_insert(skipped + start);
                text.push('\u{fffd}');
            }
        }
    }
    DecodedText {
        text,
        errors,
        first_error,
    }
}

/// Reads the label out of `<meta charset=…>`, `<meta … content="…charset=…">` or an XML declaration.
fn declared_label(body: &[u8]) -> Option<String> {
    let head = &body[..body.len().min(PRESCAN_BYTES)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if let Some(declaration) = head.trim_start().strip_prefix("<?xml")
        && let Some(end) = declaration.find("?>")
        && let Some(label) = value_after(&declaration[..end], "encoding")
    {
        return Some(label);
    }
    let mut rest = head.as_str();
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if rest.starts_with("<meta") {
            let end = rest.find('>').unwrap_or(rest.len());
            if let Some(label) = value_after(&rest[..end], "charset") {
                return Some(label);
            }
            rest = &rest[end..];
        } else {
            rest = &rest[1..];
        }
    }
    None
}

/// Returns the value in `name = value`, with or without quotes.
fn value_after(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        rest = &rest[at + name.len()..];
        if let Some(value) = rest.trim_start().strip_prefix('=') {
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let end = value
                .find(|c: char| c.is_whitespace() || "\"';/>".contains(c))
                .unwrap_or(value.len());
            return Some(value[..end].to_owned()).filter(|label| !label.is_empty());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &[u8], header: Option<&str>) -> (&'static str, &'static str) {
        let charset = charset_of(body, header);
        (charset.name, charset.source.as_str())
    }

    #[test]
    fn evidence_is_taken_in_order() {
        let meta = b"<!-- <meta charset=koi8-r> --><meta charset='windows-1252'>caf\xe9";
        assert_eq!(found(b"\xef\xbb\xbfx", Some("latin1")), ("UTF-8", "bom"));
        assert_eq!(found(meta, Some("utf-8")), ("UTF-8", "header"));
        assert_eq!(
            found(meta, Some("no-such-charset")),
            ("windows-1252", "meta")
        );
        assert_eq!(
            found(
                b"<META http-equiv=content-type content=\"text/html; charset=Shift_JIS\">",
                None
            ),
            ("Shift_JIS", "meta")
        );
        assert_eq!(
            found(b"<?xml version='1.0' encoding='utf-16'?>", None),
            ("UTF-8", "meta")
        );
        assert_eq!(found("déjà vu".as_bytes(), None), ("UTF-8", "detected"));
        assert_eq!(found(b"<\0?\0x\0m\0l\0", None), ("UTF-16LE", "meta"));
        assert_eq!(found(b"\0<\0?\0x\0m\0l", None), ("UTF-16BE", "meta"));
    }

    #[test]
    fn what_is_valid_as_utf_8_is_utf_8_to_the_detector_too() {
        for text in [
            "",
            "plain",
            "déjà vu",
            "日本語",
            "\u{1b}$B",
            "a\u{80}\u{9f}",
            "\0",
        ] {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(text.as_bytes(), true);
            let detected = detector.guess(None, Utf8Detection::Allow);
            assert_eq!(found(text.as_bytes(), None), (detected.name(), "detected"));
        }
    }

    #[test]
    fn the_first_invalid_byte_is_named() {
        let decoded = decode_text(b"\xef\xbb\xbfab\xffcd\xfe", "UTF-8");
        assert_eq!(decoded.text, "ab\u{fffd}cd\u{fffd}");
        assert_eq!((decoded.errors, decoded.first_error), (2, Some(5)));
        assert_eq!(decode_text(b"caf\xe9", "windows-1252").text, "café");
        assert_eq!(decode_text("x".as_bytes(), "nonsense").text, "x");
    }

    #[test]
    fn long_text_is_decoded_whole() {
        let body = "äöü€".repeat(50_000);
        let decoded = decode_text(body.as_bytes(), "UTF-8");
        assert!(decoded.text == body && decoded.errors == 0);
    }
}
