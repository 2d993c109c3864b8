//! Stored sources as an archive: what is kept of each, when the exchange that brought it is not.
//!
//! Each content is a `resource`, the standard's record for a payload without the protocol's own words: no
//! response is made up that no server gave. A `metadata` record beside it says what is known of the fetch. Ids are
//! made of the content, so that the same sources give the same archive. Owns the records; where they are
//! written is told to it.

use std::io::{self, Write};

use uuid::Uuid;

use super::index::Capture;
use super::record::{Draft, Kind, Packing, RecordId, labelled, push_field};
use crate::model::{Digest, Hasher, Timestamp};

/// A source's content, as it is kept.
#[derive(Debug)]
pub struct StoredCopy<'a> {
    pub uri: &'a str,
    pub fetched_at: Timestamp,
    pub media_type: &'a str,
    pub digest: Digest,
    pub bytes: &'a [u8],
    /// Whether only the beginning was stored.
    pub is_cut: bool,
    /// What else is known of it, by name.
    pub notes: &'a [(&'static str, String)],
}

/// An archive of stored sources that is being written, and its index.
pub struct CopyWriter<W: Write, I: Write> {
    archive: W,
    index: I,
    /// The archive's name, as the index gives it.
    name: String,
    packing: Packing,
    warcinfo: RecordId,
    offset: u64,
}

impl<W: Write, I: Write> CopyWriter<W, I> {
    /// Begins an archive of this name, which says how it is packed, with the record that says what made it.
    pub fn new(name: &str, at: Timestamp, archive: W, index: I) -> io::Result<Self> {
        let mut writer = Self {
            archive,
            index,
            name: name.to_owned(),
            packing: Packing::of_name(name),
            warcinfo: id_of(&[name, &at.to_string(), "warcinfo"]),
            offset: 0,
        };
        let mut block = String::new();
        for (name, value) in [
            ("software", concat!("toolkit/", env!("CARGO_PKG_VERSION"))),
            ("format", "WARC File Format 1.1"),
            (
                "conformsTo",
                "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            ),
            (
                "description",
                "copies of stored contents, after content decoding; not the exchanges that brought them",
            ),
        ] {
            push_field(&mut block, name, value);
        }
        writer.write(&Draft {
            id: writer.warcinfo,
            kind: Kind::Warcinfo,
            at,
            content_type: Some("application/warc-fields"),
            fields: vec![("WARC-Filename", writer.name.clone())],
            block: [block.as_bytes(), &[]],
        })?;
        Ok(writer)
    }

    /// Writes one source: its content, its line of the index, and what is known of it.
    pub fn copy(&mut self, copy: &StoredCopy<'_>) -> io::Result<()> {
        let (digest, at) = (copy.digest.to_string(), copy.fetched_at.to_string());
        let resource = id_of(&[copy.uri, &digest, &at, "resource"]);
        let truncated = copy.is_cut.then_some("length");
        let mut fields = self.fields(copy);
        fields.push(("WARC-Payload-Digest", labelled(&copy.digest)));
        fields.extend(truncated.map(|why| ("WARC-Truncated", why.to_owned())));
        let offset = self.offset;
        self.write(&Draft {
            id: resource,
            kind: Kind::Resource,
            at: copy.fetched_at,
            content_type: Some(copy.media_type),
            fields,
            block: [copy.bytes, &[]],
        })?;
        let capture = Capture {
            uri: copy.uri.to_owned(),
            at: copy.fetched_at,
            mime: copy.media_type.to_owned(),
            status: None,
            digest: copy.digest,
            truncated,
        };
        let line = capture.line(offset, self.offset - offset, &self.name);
        self.index.write_all(line.as_bytes())?;
        let mut block = String::new();
        for (name, value) in copy.notes {
            push_field(&mut block, name, value);
        }
        let mut fields = self.fields(copy);
        fields.push(("WARC-Concurrent-To", resource.to_string()));
        self.write(&Draft {
            id: id_of(&[copy.uri, &digest, &at, "metadata"]),
            kind: Kind::Metadata,
            at: copy.fetched_at,
            content_type: Some("application/warc-fields"),
            fields,
            block: [block.as_bytes(), &[]],
        })
    }

    /// Ends the archive and returns what it and its index were written to; the lines of the index stand in the
    /// order of the records.
    pub fn finish(mut self) -> io::Result<(W, I)> {
        self.archive.flush()?;
        self.index.flush()?;
        Ok((self.archive, self.index))
    }

    fn fields(&self, copy: &StoredCopy<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("WARC-Target-URI", copy.uri.to_owned()),
            ("WARC-Warcinfo-ID", self.warcinfo.to_string()),
        ]
    }

    fn write(&mut self, draft: &Draft<'_>) -> io::Result<()> {
        let bytes = draft.write(self.packing)?;
        self.archive.write_all(&bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

/// The id of what these texts tell from all else.
fn id_of(parts: &[&str]) -> RecordId {
    let hasher = parts.iter().fold(Hasher::default(), Hasher::part);
    let digest = hasher.finish();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&digest.prefix().to_be_bytes());
    let rest = Digest::of(digest.to_string()).prefix();
    bytes[8..].copy_from_slice(&rest.to_be_bytes());
    RecordId::of(Uuid::new_v8(bytes))
}
