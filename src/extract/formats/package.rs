//! A zipped document: its members as text, never more of them than a limit allows.
//!
//! Owns the limits of unpacking; what a member means is its format's to say.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::invalid;
use crate::model::{Gap, Reason, charset_of, clean_text, decode_text};

/// Bytes that all members together unpack to, at most.
const UNPACKED_LIMIT: u64 = 64 << 20;

/// How much larger a member may become than it is packed; markup is seldom packed to a fiftieth.
const RATIO_LIMIT: u64 = 200;

/// Members are unpacked to this size whatever their ratio is.
const SMALL: u64 = 1 << 20;

/// How an encrypted office document begins: it is no zip but a compound file (MS-OFFCRYPTO, 1.3.2).
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// An open document, with what could not be read of it so far.
pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
    pub(super) gaps: Vec<Gap>,
}

impl<'a> Package<'a> {
    /// Opens a document; the gap says why it cannot be.
    pub(super) fn open(body: &'a [u8]) -> Result<Self, Gap> {
        let encrypted: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        if body.starts_with(COMPOUND_FILE) && memchr::memmem::find(body, &encrypted).is_some() {
            return Err(Gap::whole(
                Reason::DocumentEncrypted,
                "it opens with a password",
            ));
        }
        match ZipArchive::new(Cursor::new(body)) {
            Ok(zip) => Ok(Self {
                zip,
                left: UNPACKED_LIMIT,
                gaps: Vec::new(),
            }),
            Err(error) => Err(invalid(0, body.len(), &error.to_string())),
        }
    }

    /// Returns the text of a member, as far as it can be read; `None` where there is none of that name.
    pub(super) fn optional(&mut self, name: &str) -> Option<String> {
        let bytes = self.bytes(name)?;
        let text = decode_text(&bytes, charset_of(&bytes, None).name);
        Some(
            clean_text(&text.text)
                .trim_start_matches('\u{feff}')
                .to_owned(),
        )
    }

    /// The same of a member that the document cannot be without.
    pub(super) fn required(&mut self, name: &str) -> Option<String> {
        let before = self.gaps.len();
        let text = self.optional(name);
        if text.is_none() && self.gaps.len() == before {
            let gap = Gap::at(
                Reason::DocumentInvalid,
                name,
                "the document has no such part",
            );
            self.gaps.push(gap);
        }
        text
    }

    fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return None,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                let gap = Gap::at(Reason::DocumentEncrypted, name, "it opens with a password");
                self.gaps.push(gap);
                return None;
            }
            Err(error) => {
                let gap = Gap::at(Reason::DocumentInvalid, name, error.to_string());
                self.gaps.push(gap);
                return None;
            }
        };
        let declared = file.size();
        let by_ratio = file
            .compressed_size()
            .saturating_mul(RATIO_LIMIT)
            .max(SMALL);
        let limit = self.left.min(by_ratio);
        let mut bytes = Vec::new();
        // One byte more shows that the limit was met, whatever size the member declares.
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            bytes.truncate(limit as usize);
            let left = declared.saturating_sub(limit);
            let why = if by_ratio < self.left {
                format!("it is packed to less than 1 in {RATIO_LIMIT}")
            } else {
                format!("the document unpacks to more than {UNPACKED_LIMIT} bytes")
            };
            let detail = format!("{left} bytes not read: {why}");
            self.gaps.push(Gap::at(Reason::DocumentCut, name, detail));
        } else if let Err(error) = read {
            let left = declared.saturating_sub(bytes.len() as u64);
            let detail = format!("{left} bytes not read: {error}");
            self.gaps
                .push(Gap::at(Reason::DocumentInvalid, name, detail));
        }
        self.left -= bytes.len() as u64;
        Some(bytes)
    }
}
