//! One record of a WARC file as bytes: its named fields, its block, its digests and its packing.
//!
//! The format is WARC 1.1 (ISO 28500:2017). Owns the spelling of a record and nothing of what goes into
//! one; it touches no file.

use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use uuid::Uuid;

use crate::model::{Digest, Timestamp};

/// How records lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::crawl) enum Packing {
    Plain,
    /// A gzip member for each record (WARC 1.1, annex D), so that one can be read without the others.
    Gzip,
}

impl Packing {
    /// Returns how the records of an archive of this name lie.
    pub(super) fn of_name(name: &str) -> Self {
        let extension = Path::new(name).extension();
        if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("gz")) {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

/// The `WARC-Type` of the records that this program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Warcinfo,
    Request,
    Response,
    Resource,
    Revisit,
    Metadata,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Warcinfo => "warcinfo",
            Self::Request => "request",
            Self::Response => "response",
            Self::Resource => "resource",
            Self::Revisit => "revisit",
            Self::Metadata => "metadata",
        }
    }
}

/// The id of a record, as its header writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordId(Uuid);

impl RecordId {
    pub(super) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    pub(super) fn of(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "<{}>", self.0.urn())
    }
}

/// What a record is made of.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) id: RecordId,
    pub(super) kind: Kind,
    pub(super) at: Timestamp,
    /// The type of the block.
    pub(super) content_type: Option<&'a str>,
    /// The named fields besides those above and those that the block determines.
    pub(super) fields: Vec<(&'static str, String)>,
    /// The block, in parts that follow each other.
    pub(super) block: [&'a [u8]; 2],
}

impl Draft<'_> {
    /// Writes the record out.
    pub(super) fn write(&self, packing: Packing) -> io::Result<Vec<u8>> {
        let head = self.head();
        let block = self.block.iter().map(|part| part.len()).sum::<usize>();
        let parts = [head.as_bytes(), self.block[0], self.block[1], b"\r\n\r\n"];
        match packing {
            Packing::Plain => {
                let mut bytes = Vec::with_capacity(head.len() + block + 4);
                for part in parts {
                    bytes.extend_from_slice(part);
                }
                Ok(bytes)
            }
            Packing::Gzip => {
                let packed = Vec::with_capacity(head.len() + block / 3);
                let mut encoder = GzEncoder::new(packed, Compression::default());
                for part in parts {
                    encoder.write_all(part)?;
                }
                encoder.finish()
            }
        }
    }

    fn head(&self) -> String {
        let mut text = String::from("WARC/1.1\r\n");
        push_field(&mut text, "WARC-Type", self.kind.as_str());
        push_field(&mut text, "WARC-Record-ID", &self.id.to_string());
        push_field(&mut text, "WARC-Date", &self.at.to_string());
        for (name, value) in &self.fields {
            push_field(&mut text, name, value);
        }
        push_field(
            &mut text,
            "WARC-Block-Digest",
            &labelled(&Digest::of_joined(&self.block)),
        );
        if let Some(content_type) = self.content_type {
            push_field(&mut text, "Content-Type", content_type);
        }
        let length: usize = self.block.iter().map(|part| part.len()).sum();
        push_field(&mut text, "Content-Length", &length.to_string());
        text.push_str("\r\n");
        text
    }
}

/// Appends `name: value`; what would end the line early becomes a space.
pub(super) fn push_field(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str(": ");
    text.extend(
        value
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter }),
    );
    text.push_str("\r\n");
}

/// Writes a digest as WARC fields do: algorithm, colon, value. Hexadecimal, because the padding of base 32
/// is no token, and readers take both.
pub(super) fn labelled(digest: &Digest) -> String {
    format!("sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn draft(block: [&[u8]; 2]) -> Draft<'_> {
        Draft {
            id: RecordId(Uuid::nil()),
            kind: Kind::Resource,
            at: Timestamp::from_microseconds(1_767_312_000_120_000),
            content_type: Some("text/plain"),
            fields: vec![("WARC-Target-URI", "file:///a\r\nb".to_owned())],
            block,
        }
    }

    #[test]
    fn a_record_has_the_form_of_the_standard() {
        let bytes = draft([b"ab", b"c"]).write(Packing::Plain).unwrap();
        let expected = "WARC/1.1\r\nWARC-Type: resource\r\n\
            WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n\
            WARC-Date: 2026-01-02T00:00:00.120000Z\r\nWARC-Target-URI: file:///a  b\r\n\
            WARC-Block-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n\
            Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn each_packed_record_is_one_member() {
        let plain = draft([b"abc", b""]).write(Packing::Plain).unwrap();
        let packed = draft([b"abc", b""]).write(Packing::Gzip).unwrap();
        let twice = [packed.clone(), packed].concat();
        let mut one = Vec::new();
        GzDecoder::new(twice.as_slice())
            .read_to_end(&mut one)
            .unwrap();
        assert_eq!(one, plain);
    }
}
