//! Digests: SHA-256 (FIPS 180-4), written as lower-case hexadecimal.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of nothing yet: the `previous` of a chain's first event.
    pub const ZERO: Self = Self([0; 32]);

    /// Digests `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes.as_ref()).into())
    }

    /// Digests what `parts` are when they are joined, without joining them.
    pub fn of_joined(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Returns the first 64 bits, for a key of which the whole is checked elsewhere.
    pub fn prefix(&self) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(head)
    }
}

/// Digests several parts so that no two different lists of parts give the same digest: each part is
/// preceded by its length.
#[derive(Default, Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds one part.
    #[must_use]
    pub fn part(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// Returns the digest of all parts.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// Digests bytes as they come, in any pieces.
#[derive(Default, Clone)]
pub struct StreamHasher(Sha256);

impl StreamHasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the digest of all bytes so far, the same as [`Digest::of`] them joined.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(hex(&self.0, &mut [0; 64]))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        parse_hex(text, &mut bytes).ok_or("a digest is 64 hexadecimal digits")?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What unique keys over a URI stand on: the first 128 bits of the SHA-256 of its normalized text.
///
/// A Postgres btree refuses entries over about 2,700 bytes, and a URI has no length limit; 32 hexadecimal
/// digits keep the frontier's key short at a million rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UriKey(u128);

impl UriKey {
    /// Returns the key under which a job holds the capture numbered `ordinal` of this key's URL: the same
    /// first 96 bits, so that all captures of a URL are found by them. The first is the URL itself.
    #[must_use]
    pub fn capture(self, ordinal: u32) -> Self {
        match ordinal {
            0 => self,
            _ => Self((self.0 & !u128::from(u32::MAX)) | u128::from(ordinal)),
        }
    }

    /// Returns the key of a normalized URI.
    pub fn of(normalized_uri: &str) -> Self {
        let mut head = [0; 16];
        head.copy_from_slice(&Digest::of(normalized_uri).0[..16]);
        Self(u128::from_be_bytes(head))
    }

    /// Returns the key as it stands in the digest.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for UriKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(hex(&self.to_bytes(), &mut [0; 32]))
    }
}

impl fmt::Debug for UriKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UriKey({self})")
    }
}

impl FromStr for UriKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        parse_hex(text, &mut bytes).ok_or("a URI key is 32 hexadecimal digits")?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

impl Serialize for UriKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Writes `bytes` into `text`, two digits each; by table, because a page has a hundred of these.
fn hex<'a>(bytes: &[u8], text: &'a mut [u8]) -> &'a str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(text).unwrap_or_default()
}

fn parse_hex(text: &str, bytes: &mut [u8]) -> Option<()> {
    if text.len() != bytes.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_vector_of_fips_180_4() {
        let digest = Digest::of("abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), digest);
        assert_eq!(Digest::of_joined(&[b"a", b"", b"bc"]), digest);
        assert_eq!(UriKey::of("abc").to_string(), text[..32]);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let joined = Hasher::default().part("ab").part("c").finish();
        assert_ne!(joined, Hasher::default().part("a").part("bc").finish());
    }
}
