//! The first pass over a job's archives: in which order each URL's captures were made, and which records
//! are repeated by others.
//!
//! What is kept is 32 bytes a capture, and half a key for each record that a revisit may mean.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use url::Url;

use super::is_wacz;
use super::repeats::{Meant, Wanted};
use crate::crawl::warc::{
    Departures, Item, Library, Name, Place, Record, Scanner, Section, Wacz, date_of,
};
use crate::crawl::{Scope, uri};
use crate::model::{Timestamp, UriKey};

/// What a walk over archives comes by.
#[derive(Debug)]
pub(super) enum Found {
    Item(Item),
    /// A member of a WACZ that holds no records.
    Member,
    /// A member of a WACZ with another digest than the package declares.
    Differs,
    /// Several members of a WACZ have this name.
    Repeated,
    /// An archive that the package of a WACZ declares is not in it.
    Missing,
    /// The archive, or a member of it, cannot be read.
    Unreadable(String),
    /// A member of a WACZ is not unpacked any further.
    Excess(String),
}

/// What a record is to a crawl.
#[derive(Debug)]
pub(super) enum Meaning {
    /// What a URL held at a time; `revisit` when the content stands in another record.
    Capture { url: Url, revisit: bool },
    /// No capture, in words.
    Other(String),
    /// No sound record, because of what its head lacks.
    Damaged(String),
    /// A capture of what is no URL.
    Malformed(String),
}

/// What the first pass found out.
#[derive(Debug, Default)]
pub(in crate::crawl) struct Survey {
    /// Of each capture that is not its URL's first, by the number of its record, its place among them.
    later: HashMap<u64, u32>,
    /// The records that revisits mean.
    pub(super) wanted: Wanted,
}

/// Why a walk ended before its end.
pub(super) type Stopped<E> = Result<(), E>;

impl Survey {
    /// Reads the archives; `taken` says whether a URL is a seed of another kind, which has its key already.
    pub(in crate::crawl) fn of<E>(
        archives: &[PathBuf],
        library: &Library,
        scope: &Scope,
        taken: &dyn Fn(&UriKey) -> bool,
        keep_on: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut captures: Vec<(UriKey, i64, u64)> = Vec::new();
        // Of files that the job may read from the disk as well.
        let mut on_disk: HashSet<UriKey> = HashSet::new();
        let mut survey = Self::default();
        walk(archives, library, Look::Records, &mut |_, number, found| {
            keep_on()?;
            if let Found::Item(Item::Record(record)) = found
                && let Meaning::Capture { url, revisit } = meaning(&record)
            {
                let uri = scope.normalize(&url);
                let key = UriKey::of(&uri);
                let date = record.fields.get("warc-date").and_then(date_of);
                captures.push((key, date.map_or(0, Timestamp::microseconds), number));
                if scope.is_on_disk(&url) {
                    on_disk.insert(key);
                }
                if revisit {
                    survey.wanted.add(&Meant::of(&record.fields, &uri, scope));
                }
            }
            Ok(())
        })?;
        captures.sort_unstable();
        let mut before: Option<UriKey> = None;
        let mut ordinal = 0;
        for (key, _, number) in captures {
            ordinal = if before == Some(key) {
                ordinal + 1
            } else {
                u32::from(taken(&key) || on_disk.contains(&key))
            };
            before = Some(key);
            if ordinal > 0 {
                survey.later.insert(number, ordinal);
            }
        }
        Ok(survey)
    }

    /// Returns a capture's place among those of its URL, by the number of its record.
    pub(super) fn ordinal(&self, number: u64) -> u32 {
        self.later.get(&number).copied().unwrap_or(0)
    }
}

/// What a walk looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The members of a WACZ and their digests, too.
    All,
    Records,
}

/// Reads the archives in their order, each record and each damage with its running number.
pub(super) fn walk<E>(
    archives: &[PathBuf],
    library: &Library,
    look: Look,
    each: &mut dyn FnMut(&Name, u64, Found) -> Stopped<E>,
) -> Stopped<E> {
    let mut number = 0;
    for path in archives {
        let name = Name {
            path: path.clone(),
            member: None,
        };
        if !is_wacz(path) {
            scan(&name, library, &mut number, each)?;
            continue;
        }
        let opened = std::fs::File::open(path)
            .and_then(Section::whole)
            .and_then(Wacz::open);
        let listed = opened.and_then(|mut wacz| {
            let departures = match look {
                Look::All => wacz.departures()?,
                Look::Records => Departures::default(),
            };
            let broken = wacz.broken().map(str::to_owned);
            Ok((wacz.members()?, departures, broken))
        });
        let (members, departures, broken) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                each(&name, number, Found::Unreadable(error.to_string()))?;
                continue;
            }
        };
        if let Some(error) = broken {
            each(&name, number, Found::Unreadable(error))?;
        }
        let Departures {
            differing,
            missing,
            repeated,
        } = departures;
        for member in repeated {
            let name = Name {
                path: path.clone(),
                member: Some(member),
            };
            each(&name, number, Found::Repeated)?;
        }
        for member in missing {
            let name = Name {
                path: path.clone(),
                member: Some(member),
            };
            each(&name, number, Found::Missing)?;
        }
        for member in members {
            let name = Name {
                path: path.clone(),
                member: Some(member.name.clone()),
            };
            if differing.contains(&member.name) {
                each(&name, number, Found::Differs)?;
            }
            if member.is_archive {
                scan(&name, library, &mut number, each)?;
            } else if !differing.contains(&member.name) {
                each(&name, number, Found::Member)?;
            }
        }
    }
    Ok(())
}

fn scan<E>(
    name: &Name,
    library: &Library,
    number: &mut u64,
    each: &mut dyn FnMut(&Name, u64, Found) -> Stopped<E>,
) -> Stopped<E> {
    let opened = library
        .section(name)
        .and_then(|section| Scanner::new(section, name.is_packed()));
    let mut scanner = match opened {
        Ok(scanner) => scanner,
        Err(error) => return each(name, *number, Found::Unreadable(words(&error))),
    };
    let first = *number;
    loop {
        match scanner.next() {
            // An archive has at least the record that says what it is.
            Ok(None) if *number == first => {
                let place = Place {
                    offset: 0,
                    inner: 0,
                };
                let detail = "the archive is empty".to_owned();
                each(name, *number, Found::Item(Item::Damage { place, detail }))?;
            }
            Ok(Some(item)) => each(name, *number, Found::Item(item))?,
            Ok(None) => {
                let broken = library.broken(name);
                return broken.map_or(Ok(()), |broken| {
                    let found = if broken.is_excess {
                        Found::Excess(broken.error)
                    } else {
                        Found::Unreadable(broken.error)
                    };
                    each(name, *number, found)
                });
            }
            Err(error) => return each(name, *number, Found::Unreadable(words(&error))),
        }
        *number += 1;
    }
}

fn words(error: &io::Error) -> String {
    error.to_string()
}

/// Says what a record is to a crawl.
pub(super) fn meaning(record: &Record) -> Meaning {
    let field = |name| record.fields.get(name).unwrap_or_default();
    let kind = field("warc-type").to_ascii_lowercase();
    // Some tools put the URI in angle brackets, as the grammar of WARC/1.0 has it.
    let target = field("warc-target-uri")
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim();
    let segment = field("warc-segment-number");
    let is_capture = matches!(kind.as_str(), "response" | "resource" | "revisit");
    let begins_with = |scheme: &str| {
        target
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    if kind.is_empty() {
        return Meaning::Damaged("the record names no type".to_owned());
    }
    if is_capture && target.is_empty() {
        return Meaning::Damaged(format!("the {kind} names no URL"));
    }
    // A crawl of a folder writes each file as a resource.
    let is_page = begins_with("http:")
        || begins_with("https:")
        || (kind == "resource" && begins_with("file:"));
    if !is_capture || !is_page || !matches!(segment, "" | "1") {
        let target = uri::redacted(target);
        return Meaning::Other(format!("{kind} {target}").trim_end().to_owned());
    }
    match Url::parse(target) {
        Ok(url) => Meaning::Capture {
            url,
            revisit: kind == "revisit",
        },
        Err(error) => Meaning::Malformed(format!("{}: {error}", uri::redacted(target))),
    }
}

/// The archive's own name, for a row about all of it.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
