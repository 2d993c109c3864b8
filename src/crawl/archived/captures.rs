//! The second pass over a job's archives: a row of the frontier for each record.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Locator;
use super::survey::{Found, Meaning, Survey, file_name, known_as, meaning, meant, walk};
use crate::crawl::folder::file_url;
use crate::crawl::warc::{BlockEnd, Item, Library, Name, Place, Record};
use crate::crawl::{Scope, uri};
use crate::model::{DiscoveredLink, LinkDecision, Reason, UriKey, UrlKind};

/// Revisits by what they mean, for as long as that was not come by.
#[derive(Debug, Default)]
struct Repeats {
    /// Where the records are that revisits mean.
    known: HashMap<UriKey, Locator>,
    waiting: Vec<(Vec<UriKey>, Locator, DiscoveredLink)>,
}

/// Gives each record of the archives to `each` as a row of the frontier, revisits last of all when what
/// they repeat stands behind them.
pub(in crate::crawl) fn links<E>(
    archives: &[PathBuf],
    library: &Library,
    scope: &Scope,
    survey: &Survey,
    each: &mut dyn FnMut(DiscoveredLink) -> Result<(), E>,
) -> Result<(), E> {
    let mut repeats = Repeats::default();
    walk(archives, library, &mut |name, number, found| {
        let item = match found {
            Found::Item(item) => item,
            Found::Member => {
                return each(aside(name, Reason::ArchiveRecord, "no archive".to_owned()));
            }
            Found::Differs => {
                let detail = "not the digest that datapackage.json declares".to_owned();
                return each(aside(name, Reason::DigestMismatch, detail));
            }
            Found::Missing => {
                let detail = "datapackage.json declares it, and it is not there".to_owned();
                return each(aside(name, Reason::ArchiveDamaged, detail));
            }
            Found::Unreadable(error) => return each(aside(name, Reason::FileUnreadable, error)),
        };
        let record = match item {
            Item::Record(record) => record,
            Item::Damage { place, detail } => {
                let locator = Locator {
                    name: name.clone(),
                    place,
                    length: None,
                    payload: None,
                };
                return each(row(&locator, Reason::ArchiveDamaged, detail, "&damaged="));
            }
        };
        let mut locator = Locator {
            name: name.clone(),
            place: record.place,
            length: None,
            payload: None,
        };
        if let BlockEnd::Other(length) = record.end {
            locator.length = Some(length);
            let declared = record.fields.get("content-length").unwrap_or_default();
            let detail =
                format!("Content-Length is {declared}, the next record begins behind {length}");
            each(row(&locator, Reason::ArchiveDamaged, detail, "&damaged="))?;
        }
        let (url, revisit) = match meaning(&record) {
            Meaning::Capture { url, revisit } => (url, revisit),
            Meaning::Malformed(detail) => {
                return each(row(&locator, Reason::MalformedUrl, detail, ""));
            }
            Meaning::Other(detail) => {
                if let BlockEnd::Cut(why) = &record.end {
                    each(row(
                        &locator,
                        Reason::ArchiveDamaged,
                        why.clone(),
                        "&damaged=",
                    ))?;
                }
                return each(row(&locator, Reason::ArchiveRecord, detail, ""));
            }
        };
        let ordinal = survey.ordinal(number);
        let found = uri::without_secrets(&url);
        let link = scope.archived(&url, &found, ordinal, locator.to_string());
        if revisit {
            repeats.add(&record, locator, link, each)
        } else {
            repeats.learn(&record, &locator, &link.uri, survey);
            each(link)
        }
    })?;
    repeats.end(each)
}

impl Repeats {
    fn learn(&mut self, record: &Record, locator: &Locator, uri: &str, survey: &Survey) {
        for key in known_as(&record.fields, uri) {
            if survey.wanted.contains(&key) {
                self.known.entry(key).or_insert_with(|| locator.clone());
            }
        }
    }

    fn add<E>(
        &mut self,
        record: &Record,
        locator: Locator,
        link: DiscoveredLink,
        each: &mut dyn FnMut(DiscoveredLink) -> Result<(), E>,
    ) -> Result<(), E> {
        let keys = meant(&record.fields, &link.uri);
        // The surest key may stand further on, so only that one is used before the end.
        if let Some(payload) = keys.first().and_then(|key| self.known.get(key)) {
            return each(resolved(locator, link, payload));
        }
        self.waiting.push((keys, locator, link));
        Ok(())
    }

    fn end<E>(self, each: &mut dyn FnMut(DiscoveredLink) -> Result<(), E>) -> Result<(), E> {
        for (keys, locator, mut link) in self.waiting {
            if let Some(payload) = keys.iter().find_map(|key| self.known.get(key)) {
                each(resolved(locator, link, payload))?;
                continue;
            }
            if link.decision == LinkDecision::Fetch {
                link.decision = LinkDecision::Skip(Reason::RevisitUnresolved);
                link.detail = locator.words();
            }
            each(link)?;
        }
        Ok(())
    }
}

fn resolved(mut locator: Locator, mut link: DiscoveredLink, payload: &Locator) -> DiscoveredLink {
    locator.payload = Some(Box::new(payload.clone()));
    link.locator = Some(locator.to_string());
    link
}

/// The row of something in an archive that is no capture, or of a damage beside one that is.
fn row(locator: &Locator, reason: Reason, detail: String, suffix: &str) -> DiscoveredLink {
    let place = Locator {
        length: None,
        ..locator.clone()
    };
    let mark = if suffix.is_empty() { "" } else { "1" };
    let uri = format!("{place}{suffix}{mark}");
    aside_at(&locator.name, uri, reason, detail)
}

/// The row of an archive, or of a member of it, as a whole.
fn aside(name: &Name, reason: Reason, detail: String) -> DiscoveredLink {
    let uri = match &name.member {
        // The archive's own URL is the row of its reading.
        None => format!(
            "{}?unreadable=1",
            file_url(&name.path).map(String::from).unwrap_or_default()
        ),
        Some(_) => Locator {
            name: name.clone(),
            place: Place {
                offset: 0,
                inner: 0,
            },
            length: None,
            payload: None,
        }
        .to_string()
        .replace("&offset=0", ""),
    };
    aside_at(name, uri, reason, detail)
}

fn aside_at(name: &Name, uri: String, reason: Reason, detail: String) -> DiscoveredLink {
    DiscoveredLink {
        key: UriKey::of(&uri),
        found: None,
        uri,
        kind: UrlKind::Page,
        locator: None,
        priority: 0,
        host: Arc::default(),
        source_group: file_name(&name.path).into(),
        depth: 0,
        redirects: 0,
        decision: LinkDecision::Skip(reason),
        detail,
    }
}
