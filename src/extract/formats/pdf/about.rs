//! What a PDF says about itself: its information dictionary, then its XMP (ISO 32000-2, 14.3).

use super::encoding::text_string;
use super::file::File;
use crate::extract::formats::properties::Properties;
use crate::extract::formats::xml;
use crate::model::{charset_of, clean_text, decode_text};

/// Fields of the information dictionary, by what other documents call them.
const FIELDS: &[(&str, &str)] = &[
    ("Title", "title"),
    ("Author", "creator"),
    ("Subject", "description"),
    ("CreationDate", "created"),
    ("ModDate", "modified"),
];

/// Properties of the XMP.
const PROPERTIES: &[(&str, &str)] = &[
    ("dc:title", "title"),
    ("dc:creator", "creator"),
    ("dc:description", "description"),
    ("dc:language", "language"),
    ("xmp:CreateDate", "created"),
    ("xmp:ModifyDate", "modified"),
];

/// Reads what there is.
pub(super) fn read(file: &File<'_>) -> Properties {
    let mut found = Properties::default();
    if let Some(fields) = file.dictionary(file.trailer(), "Info") {
        for (field, name) in FIELDS {
            let value = file.get(&fields, field);
            let Some(value) = value.text() else { continue };
            let value = clean_text(&text_string(value)).trim().to_owned();
            match *name {
                "created" | "modified" => found.take(name, &date(&value).unwrap_or_default()),
                "title" => found.take(name, &title(&value)),
                _ => found.take(name, &value),
            }
        }
    }
    let Some(catalogue) = file.catalogue() else {
        return found;
    };
    let stream = catalogue
        .get("Metadata")
        .and_then(|value| file.stream(value));
    if let Some(stream) = stream {
        let bytes = file.content(&stream).bytes;
        let text = decode_text(&bytes, charset_of(&bytes, None).name);
        read_xmp(&clean_text(&text.text), &mut found);
    }
    if let Some(language) = file.get(&catalogue, "Lang").text() {
        found.take("language", text_string(language).trim());
    }
    found
}

fn read_xmp(text: &str, found: &mut Properties) {
    let known = |name: &str| {
        PROPERTIES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, name)| *name)
    };
    let mut property = None;
    let mut value = String::new();
    xml::walk(text, "metadata", |step| {
        match step {
            xml::Step::Start(tag) => {
                let name = tag.name();
                property = known(name.as_ref()).or(property);
                value.clear();
                if tag.local_name().as_ref() == "Description" {
                    for (name, kept) in PROPERTIES {
                        if let Some(value) = xml::attribute(tag, name) {
                            found.take(kept, value.trim());
                        }
                    }
                }
            }
            xml::Step::Text(part) => value.push_str(part),
            xml::Step::End(name) => {
                if let Some(kept) = property {
                    found.take(kept, value.trim());
                    value.clear();
                }
                if known(name).is_some() {
                    property = None;
                }
            }
        }
        xml::Next::On
    });
}

/// Returns what is left of a title without what word processors put in it; nothing when it is the name of a file.
fn title(text: &str) -> String {
    let text = text
        .strip_prefix("Microsoft Word - ")
        .unwrap_or(text)
        .trim();
    let is_file = [
        ".doc", ".docx", ".dvi", ".tex", ".indd", ".qxd", ".rtf", ".odt", ".pdf",
    ]
    .iter()
    .any(|ending| text.to_ascii_lowercase().ends_with(ending));
    if is_file || text.eq_ignore_ascii_case("untitled") {
        return String::new();
    }
    text.to_owned()
}

/// Writes `D:20240312080000+01'00'` as ISO 8601, as far as it goes.
fn date(text: &str) -> Option<String> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take(14).take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at(digits);
    let part = |from: usize| digits.get(from..from + 2);
    let mut date = digits.get(..4)?.to_owned();
    for from in [4, 6] {
        let Some(part) = part(from) else {
            return Some(date);
        };
        date.push('-');
        date.push_str(part);
    }
    let (Some(hour), Some(minute)) = (part(8), part(10)) else {
        return Some(date);
    };
    let second = part(12).unwrap_or("00");
    let zone: Vec<&str> = zone.split('\'').collect();
    let zone = match zone.as_slice() {
        [hours, minutes, ..]
            if hours.len() == 3 && hours.starts_with(['+', '-']) && minutes.len() == 2 =>
        {
            format!("{hours}:{minutes}")
        }
        [zero, ..] if zero.starts_with('Z') => "Z".to_owned(),
        _ => String::new(),
    };
    Some(format!("{date}T{hour}:{minute}:{second}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_written_as_elsewhere() {
        for (text, expected) in [
            ("D:20240312080910+01'00'", Some("2024-03-12T08:09:10+01:00")),
            ("D:20240312080910Z00'00'", Some("2024-03-12T08:09:10Z")),
            ("D:202403120809", Some("2024-03-12T08:09:00")),
            ("D:202403", Some("2024-03")),
            ("2024", Some("2024")),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn xmp_is_read() {
        let mut found = Properties::default();
        read_xmp(
            "<x:xmpmeta><rdf:RDF><rdf:Description xmp:CreateDate='2024-03-12'>\
             <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Tide &amp; mill</rdf:li></rdf:Alt></dc:title>\
             <dc:creator><rdf:Seq><rdf:li>Jo</rdf:li><rdf:li>Al</rdf:li></rdf:Seq></dc:creator>\
             <pdf:Producer>A program</pdf:Producer><xmp:ModifyDate>2024-03-13</xmp:ModifyDate>\
             </rdf:Description></rdf:RDF></x:xmpmeta>",
            &mut found,
        );
        assert_eq!(
            found.metadata().data,
            json!({"title": "Tide & mill", "author": "Jo; Al", "published": "2024-03-12", "modified": "2024-03-13"})
        );
    }

    #[test]
    fn names_of_files_are_no_titles() {
        assert_eq!(title("Microsoft Word - report.doc"), "");
        assert_eq!(title("Microsoft Word - Tide mills"), "Tide mills");
        assert_eq!(title("untitled"), "");
    }
}
