//! The name of a record: which file, which member of it, which byte.

use std::fmt;

use url::Url;

use crate::crawl::folder::file_url;
use crate::crawl::warc::{Name, Place};

/// Where a record is, and, when it repeats another's content, where that one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) struct Locator {
    pub(super) name: Name,
    pub(super) place: Place,
    /// The real length of the block, where its head is wrong about it.
    pub(super) length: Option<u64>,
    pub(super) payload: Option<Box<Self>>,
}

impl Locator {
    /// The place of a record whose head is right about its length.
    pub(super) fn at(name: &Name, place: Place) -> Self {
        Self {
            name: name.clone(),
            place,
            length: None,
            payload: None,
        }
    }

    /// Reads what `Display` wrote; `None` for the URL of a file that is no place in an archive.
    pub(in crate::crawl) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let path = url.to_file_path().ok()?;
        let mut locator = Self {
            name: Name { path, member: None },
            place: Place {
                offset: 0,
                inner: 0,
            },
            length: None,
            payload: None,
        };
        let mut has_offset = false;
        for (name, value) in url.query_pairs() {
            match &*name {
                "member" => locator.name.member = Some(value.into_owned()),
                "offset" => {
                    locator.place.offset = value.parse().ok()?;
                    has_offset = true;
                }
                "inner" => locator.place.inner = value.parse().ok()?,
                "length" => locator.length = Some(value.parse().ok()?),
                "payload" => locator.payload = Some(Box::new(Self::parse(&value)?)),
                _ => {}
            }
        }
        has_offset.then_some(locator)
    }

    /// Returns the file, the member and the offset in words.
    pub(in crate::crawl) fn words(&self) -> String {
        let file = self
            .name
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let member = self
            .name
            .member
            .as_deref()
            .map(|member| format!("/{member}"));
        let inner = Some(self.place.inner).filter(|inner| *inner > 0);
        let inner = inner.map(|inner| format!("+{inner}"));
        format!(
            "{file}{}, offset {}{}",
            member.unwrap_or_default(),
            self.place.offset,
            inner.unwrap_or_default()
        )
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = file_url(&self.name.path).map_err(|_| fmt::Error)?;
        {
            let mut query = url.query_pairs_mut();
            if let Some(member) = &self.name.member {
                query.append_pair("member", member);
            }
            query.append_pair("offset", &self.place.offset.to_string());
            if self.place.inner > 0 {
                query.append_pair("inner", &self.place.inner.to_string());
            }
            if let Some(length) = self.length {
                query.append_pair("length", &length.to_string());
            }
            if let Some(payload) = &self.payload {
                query.append_pair("payload", &payload.to_string());
            }
        }
        formatter.write_str(url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_reads_back() {
        let name = |member: Option<&str>| Name {
            path: "/a folder/x&y?.warc.gz".into(),
            member: member.map(str::to_owned),
        };
        let place = Place {
            offset: 12,
            inner: 0,
        };
        let plain = Locator {
            name: name(None),
            place,
            length: None,
            payload: None,
        };
        let full = Locator {
            name: name(Some("archive/d&a.warc.gz")),
            place: Place {
                offset: 12,
                inner: 5,
            },
            length: Some(7),
            payload: Some(Box::new(plain.clone())),
        };
        assert_eq!(
            plain.to_string(),
            "file:///a%20folder/x&y%3F.warc.gz?offset=12"
        );
        for locator in [plain, full] {
            assert_eq!(Locator::parse(&locator.to_string()), Some(locator));
        }
        assert_eq!(Locator::parse("file:///a/b.html"), None);
        assert_eq!(Locator::parse("http://a/?offset=1"), None);
    }
}
