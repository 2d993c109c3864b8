//! WACZ files: a zip with archives in it, its members read in place.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;
use serde::Deserialize;
use zip::{CompressionMethod, ZipArchive};

use super::measure::Measured;
use super::repeated::repeated;
use super::salvage::{Salvaged, salvaged};
use super::section::Scratch;
use super::{Checked, Section};

/// Most bytes of a `datapackage.json`: it names each member once.
const LARGEST_PACKAGE: u64 = 64 << 20;

/// The methods of members that are salvaged.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

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
    /// The names that several members have, of which one is read.
    pub(in crate::crawl) repeated: BTreeSet<String>,
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
    zip: Zip,
    whole: Section,
}

enum Zip {
    Whole(ZipArchive<Section>),
    /// Its directory cannot be read, for this reason; the members are known by their own heads.
    Broken(Vec<Salvaged>, String),
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
        let zip = match ZipArchive::new(section.clone()) {
            Ok(zip) => Zip::Whole(zip),
            Err(error) => {
                let members = salvaged(&section)?;
                if members.is_empty() {
                    return Err(io::Error::other(error));
                }
                Zip::Broken(members, error.to_string())
            }
        };
        Ok(Self {
            zip,
            whole: section,
        })
    }

    /// Says why members may be missing, where they are known by their own heads alone.
    pub(in crate::crawl) fn broken(&self) -> Option<&str> {
        match &self.zip {
            Zip::Whole(_) => None,
            Zip::Broken(_, error) => Some(error),
        }
    }

    /// Returns the members in the order of their names; folders are none.
    pub(in crate::crawl) fn members(&self) -> io::Result<Vec<Member>> {
        let names: Vec<String> = match &self.zip {
            Zip::Whole(zip) => zip
                .file_names()
                .map(|name| Ok(name.map_err(io::Error::other)?.into_owned()))
                .collect::<io::Result<_>>()?,
            Zip::Broken(members, _) => members.iter().map(|one| one.name.clone()).collect(),
        };
        let mut members = Vec::new();
        for name in names {
            let is_archive = is_archive(&name);
            if !name.ends_with('/') {
                members.push(Member { name, is_archive });
            }
        }
        members.sort_by(|one, other| one.name.cmp(&other.name));
        members.dedup();
        Ok(members)
    }

    /// Opens a member: in place when it is stored as it is, unpacked into `scratch` when it is not, because
    /// records are read at their places.
    pub(super) fn member(&mut self, name: &str, scratch: &Scratch) -> io::Result<Contents> {
        let zip = match &mut self.zip {
            Zip::Whole(zip) => zip,
            Zip::Broken(members, _) => return contents(members, name, scratch),
        };
        let mut member = zip.by_name(name).map_err(io::Error::other)?;
        if member.compression() == CompressionMethod::Stored && !member.encrypted() {
            let start = member.data_start().ok_or(io::ErrorKind::InvalidData)?;
            return Ok(Contents::Stored(self.whole.part(start, member.size())));
        }
        let packed = member.compressed_size();
        let mut text = Measured::new(&mut member, packed, self.whole.spare());
        let (text, broken) = scratch.keep(&mut text)?;
        Ok(Contents::Packed(text, broken))
    }

    /// Holds the members against what `datapackage.json` declares.
    pub(in crate::crawl) fn departures(&mut self) -> io::Result<Departures> {
        let members = self.members()?;
        // What is cut off is told already.
        let Zip::Whole(zip) = &mut self.zip else {
            return Ok(Departures::default());
        };
        let mut departures = Departures {
            repeated: repeated(&self.whole, zip.central_directory_start())?,
            ..Departures::default()
        };
        let mut text = Vec::new();
        match zip.by_name("datapackage.json") {
            Ok(member) => member.take(LARGEST_PACKAGE).read_to_end(&mut text)?,
            Err(_) => return Ok(departures),
        };
        let Ok(package) = serde_json::from_slice::<Package>(&text) else {
            departures.differing.push("datapackage.json".to_owned());
            return Ok(departures);
        };
        let declared: HashMap<String, String> = package
            .resources
            .into_iter()
            .map(|resource| (resource.path, resource.hash))
            .collect();
        let present: HashSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let missing = declared
            .keys()
            .filter(|path| is_archive(path) && !present.contains(path.as_str()));
        departures.missing.extend(missing.cloned());
        departures.missing.sort_unstable();
        for member in members {
            let Some(hash) = declared.get(&member.name) else {
                continue;
            };
            let differs = match zip.by_name(&member.name) {
                Ok(bytes) => {
                    let mut checked = Checked::new(bytes, Some(hash));
                    // Broken content differs, too.
                    io::copy(&mut checked, &mut io::sink()).is_err() || checked.differs()
                }
                Err(_) => true,
            };
            if differs {
                departures.differing.push(member.name);
            }
        }
        Ok(departures)
    }
}

/// Opens a member that is known by its head.
fn contents(members: &[Salvaged], name: &str, scratch: &Scratch) -> io::Result<Contents> {
    let member = members.iter().find(|member| member.name == name);
    let member = member.ok_or(io::ErrorKind::NotFound)?;
    match member.method {
        STORED => Ok(Contents::Stored(member.bytes.clone())),
        DEFLATED => {
            let packed = BufReader::new(member.bytes.clone());
            let text = DeflateDecoder::new(packed);
            let (length, spare) = (member.bytes.length(), member.bytes.spare());
            let (text, broken) = scratch.keep(&mut Measured::new(text, length, spare))?;
            Ok(Contents::Packed(text, broken))
        }
        other => Err(io::Error::other(format!(
            "compression method {other} is unknown"
        ))),
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
