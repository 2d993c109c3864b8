//! WACZ files: a zip with archives in it, its members read in place.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use serde::Deserialize;
use zip::{CompressionMethod, ZipArchive};

use super::section::Scratch;
use super::{Checked, Section};

/// Most bytes of a `datapackage.json`: it names each member once.
const LARGEST_PACKAGE: u64 = 64 << 20;

/// A member of a WACZ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) struct Member {
    pub(in crate::crawl) name: String,
    pub(in crate::crawl) is_archive: bool,
}

/// Where a WACZ is not what its `datapackage.json` declares.
#[derive(Debug, Default)]
pub(in crate::crawl) struct Departures {
    /// The members with another digest, in the order of their names.
    pub(in crate::crawl) differing: Vec<String>,
    /// The archives that are declared and are not there, in the order of their names.
    pub(in crate::crawl) missing: Vec<String>,
}

/// What a member holds.
#[derive(Debug)]
pub(super) enum Contents {
    Stored(Section),
    /// Unpacked, with what broke that off, if anything did.
    Packed(Section, Option<io::Error>),
}

/// An open WACZ.
pub(in crate::crawl) struct Wacz {
    zip: ZipArchive<Section>,
    whole: Section,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    path: String,
    #[serde(default)]
    hash: String,
}

impl Wacz {
    pub(in crate::crawl) fn open(section: Section) -> io::Result<Self> {
        Ok(Self {
            zip: ZipArchive::new(section.clone()).map_err(io::Error::other)?,
            whole: section,
        })
    }

    /// Returns the members in the order of their names; folders are none.
    pub(in crate::crawl) fn members(&self) -> io::Result<Vec<Member>> {
        let mut members = Vec::new();
        for name in self.zip.file_names() {
            let name = name.map_err(io::Error::other)?.into_owned();
            let is_archive = is_archive(&name);
            if !name.ends_with('/') {
                members.push(Member { name, is_archive });
            }
        }
        members.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(members)
    }

    /// Opens a member: in place when it is stored as it is, unpacked into `scratch` when it is not, because
    /// records are read at their places.
    pub(super) fn member(&mut self, name: &str, scratch: &Scratch) -> io::Result<Contents> {
        let mut member = self.zip.by_name(name).map_err(io::Error::other)?;
        if member.compression() == CompressionMethod::Stored && !member.encrypted() {
            let start = member.data_start().ok_or(io::ErrorKind::InvalidData)?;
            return Ok(Contents::Stored(self.whole.part(start, member.size())));
        }
        let (text, broken) = scratch.keep(&mut member)?;
        Ok(Contents::Packed(text, broken))
    }

    /// Holds the members against what `datapackage.json` declares.
    pub(in crate::crawl) fn departures(&mut self) -> io::Result<Departures> {
        let mut text = Vec::new();
        match self.zip.by_name("datapackage.json") {
            Ok(member) => member.take(LARGEST_PACKAGE).read_to_end(&mut text)?,
            Err(_) => return Ok(Departures::default()),
        };
        let Ok(package) = serde_json::from_slice::<Package>(&text) else {
            return Ok(Departures {
                differing: vec!["datapackage.json".to_owned()],
                missing: Vec::new(),
            });
        };
        let declared: HashMap<String, String> = package
            .resources
            .into_iter()
            .map(|resource| (resource.path, resource.hash))
            .collect();
        let members = self.members()?;
        let present: HashSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let mut missing: Vec<_> = declared
            .keys()
            .filter(|path| is_archive(path) && !present.contains(path.as_str()))
            .cloned()
            .collect();
        missing.sort_unstable();
        let mut differing = Vec::new();
        for member in members {
            let Some(hash) = declared.get(&member.name) else {
                continue;
            };
            let differs = match self.zip.by_name(&member.name) {
                Ok(bytes) => {
                    let mut checked = Checked::new(bytes, Some(hash));
                    // Broken content differs, too.
                    io::copy(&mut checked, &mut io::sink()).is_err() || checked.differs()
                }
                Err(_) => true,
            };
            if differs {
                differing.push(member.name);
            }
        }
        Ok(Departures { differing, missing })
    }
}

/// Says whether a member of this name holds records. They are to be in `archive/` (WACZ 1.1.1, 3); one that
/// lies elsewhere holds pages all the same.
fn is_archive(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    [".warc", ".warc.gz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}
