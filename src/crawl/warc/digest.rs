//! The digests that a record declares of itself, computed again while it is read.

use std::io::{self, Read};

use data_encoding::{BASE32, BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Passes bytes on and digests them, if `declared` names an algorithm that is known.
#[derive(Debug)]
pub(in crate::crawl) struct Checked<R> {
    inner: R,
    declared: Option<Declared>,
}

#[derive(Debug)]
struct Declared {
    digest: Vec<u8>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl<R> Checked<R> {
    pub(in crate::crawl) fn new(inner: R, declared: Option<&str>) -> Self {
        Self {
            inner,
            declared: declared.and_then(Declared::parse),
        }
    }

    /// Says whether the bytes so far have another digest than was declared.
    pub(in crate::crawl) fn differs(&self) -> bool {
        self.declared.as_ref().is_some_and(Declared::differs)
    }

    /// Says whether there is a digest to compare with.
    pub(in crate::crawl) fn is_declared(&self) -> bool {
        self.declared.is_some()
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.declared.as_mut().map(|declared| &mut declared.running) {
            Some(Running::Sha1(running)) => running.update(&buffer[..count]),
            Some(Running::Sha256(running)) => running.update(&buffer[..count]),
            None => {}
        }
        Ok(count)
    }
}

impl Declared {
    /// Reads `sha1:` or `sha256:` with base32, as most tools write it, or hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        let (running, size) = match name.trim().to_ascii_lowercase().as_str() {
            "sha1" | "sha-1" => (Running::Sha1(Sha1::new()), 20),
            "sha256" | "sha-256" => (Running::Sha256(Sha256::new()), 32),
            _ => return None,
        };
        let value = value.trim();
        let upper = value.to_ascii_uppercase();
        let digest = if value.len() == 2 * size {
            HEXLOWER_PERMISSIVE.decode(value.as_bytes()).ok()?
        } else {
            let whole = BASE32.decode(upper.as_bytes());
            whole
                .or_else(|_| BASE32_NOPAD.decode(upper.as_bytes()))
                .ok()?
        };
        (digest.len() == size).then_some(Self { digest, running })
    }

    fn differs(&self) -> bool {
        match &self.running {
            Running::Sha1(running) => running.clone().finalize()[..] != self.digest,
            Running::Sha256(running) => running.clone().finalize()[..] != self.digest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(declared: &str) -> Option<bool> {
        let mut checked = Checked::new(&b"abc"[..], Some(declared));
        io::copy(&mut checked, &mut io::sink()).unwrap();
        checked.is_declared().then(|| checked.differs())
    }

    #[test]
    fn digests_are_read_in_the_spellings_of_the_tools() {
        // FIPS 180-4's example message, "abc".
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (declared, expected) in [
            ("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", Some(false)),
            ("SHA1:vgmt4nsha2awvor6evyxqugcnsonbwe5", Some(false)),
            (
                "sha-1:a9993e364706816aba3e25717850c26c9cd0d89d",
                Some(false),
            ),
            ("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE4", Some(true)),
            (&format!("sha256:{sha256}"), Some(false)),
            (&format!("sha-256:{}", sha256.replace('b', "c")), Some(true)),
            ("sha1:short", None),
            ("md5:900150983cd24fb0d6963f7d28e17f72", None),
            ("", None),
        ] {
            assert_eq!(differs(declared), expected, "{declared}");
        }
    }
}
