//! The second pass over a job's archives: a row of the frontier for each record.

use std::path::PathBuf;

use url::Url;

use super::Locator;
use super::repeats::{Meant, Repeats};
use super::survey::{Found, Look, Meaning, Survey, file_name, meaning, walk};
use crate::crawl::folder::file_url;
use crate::crawl::warc::{BlockEnd, Item, Library, Name, Place, Record};
use crate::crawl::{Scope, uri};
use crate::model::{DiscoveredLink, LinkDecision, Reason, UriKey};

/// Gives each record of the archives to `each` as a row of the frontier, revisits last of all when what
/// they repeat may stand behind them. `None` says that the reading goes on without a row.
pub(in crate::crawl) fn links<E>(
    archives: &[PathBuf],
    library: &Library,
    scope: &Scope,
    survey: &Survey,
    each: &mut dyn FnMut(Option<DiscoveredLink>) -> Result<(), E>,
) -> Result<(), E> {
    let mut repeats = Repeats::default();
    walk(archives, library, Look::All, &mut |name, number, found| {
        let mut row = |link| each(Some(link));
        let item = match found {
            Found::Item(item) => item,
            Found::Member => {
                return row(aside(name, Reason::ArchiveRecord, "no archive".to_owned()));
            }
            Found::Differs => {
                let detail = "not the digest that datapackage.json declares".to_owned();
                return row(aside(name, Reason::DigestMismatch, detail));
            }
            Found::Missing => {
                let detail = "datapackage.json declares it, and it is not there".to_owned();
                return row(aside(name, Reason::ArchiveDamaged, detail));
            }
            Found::Unreadable(error) => return row(aside(name, Reason::FileUnreadable, error)),
            Found::Excess(error) => {
                return row(besides(name, "excess", Reason::DecompressionRatio, error));
            }
            Found::Repeated => {
                let detail = "several members have this name, and one of them is read".to_owned();
                return row(besides(name, "repeated", Reason::ArchiveDamaged, detail));
            }
        };
        let record = match item {
            Item::Record(record) => record,
            Item::Damage { place, detail } => {
                let locator = Locator::at(name, place);
                return row(damage(&locator, detail));
            }
            Item::Excess { place, detail } => {
                let locator = Locator::at(name, place);
                return row(no_capture(&locator, Reason::DecompressionRatio, detail));
            }
        };
        let locator = locator_of(name, &record);
        let end = wrong_end(&record);
        let (url, revisit) = match meaning(&record) {
            Meaning::Capture { url, revisit } => (url, revisit),
            // A record has one row for all of its damage.
            Meaning::Damaged(head) => {
                let told = end.map_or_else(|| head.clone(), |end| format!("{head}; {end}"));
                return row(damage(&locator, told));
            }
            Meaning::Malformed(detail) => {
                end.map_or(Ok(()), |end| row(damage(&locator, end)))?;
                return row(no_capture(&locator, Reason::MalformedUrl, detail));
            }
            Meaning::Other(detail) => {
                end.map_or(Ok(()), |end| row(damage(&locator, end)))?;
                return row(no_capture(&locator, Reason::ArchiveRecord, detail));
            }
        };
        let link = link_of(&url, scope, survey.ordinal(number), &locator);
        // The visit of a page comes by a cut by itself.
        let is_met = matches!(record.end, BlockEnd::Cut(_)) && link.decision == LinkDecision::Fetch;
        if let Some(end) = end.filter(|_| !is_met) {
            row(damage(&locator, end))?;
        }
        if !revisit {
            repeats.learn(&record.fields, &link.uri, &locator, &survey.wanted);
            return row(link);
        }
        if link.decision != LinkDecision::Fetch {
            return row(link);
        }
        let meant = Meant::of(&record.fields, &link.uri, scope);
        let Some(original) = repeats.surest(&meant) else {
            repeats.waiting.push(number);
            return Ok(());
        };
        repeats.date(
            &record.fields,
            UriKey::of(&link.uri),
            original,
            &survey.wanted,
        );
        row(repeating(link, locator, repeats.locator(original)))
    })?;
    waiting_links(archives, library, scope, survey, repeats, each)
}

/// Gives the revisits that had to wait to `each`; the archives are read again for them, so that what waits
/// takes no room.
fn waiting_links<E>(
    archives: &[PathBuf],
    library: &Library,
    scope: &Scope,
    survey: &Survey,
    mut repeats: Repeats,
    each: &mut dyn FnMut(Option<DiscoveredLink>) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting = std::mem::take(&mut repeats.waiting).into_iter().peekable();
    if waiting.peek().is_none() {
        return Ok(());
    }
    walk(
        archives,
        library,
        Look::Records,
        &mut |name, number, found| {
            each(None)?;
            let Found::Item(Item::Record(record)) = found else {
                return Ok(());
            };
            let Some(_) = waiting.next_if_eq(&number) else {
                return Ok(());
            };
            let Meaning::Capture { url, .. } = meaning(&record) else {
                return Ok(());
            };
            let locator = locator_of(name, &record);
            let mut link = link_of(&url, scope, survey.ordinal(number), &locator);
            let meant = Meant::of(&record.fields, &link.uri, scope);
            let Some(original) = repeats.best(&meant, library) else {
                link.decision = LinkDecision::Skip(Reason::RevisitUnresolved);
                link.detail = locator.words();
                // No visit comes by its cut.
                if let (BlockEnd::Cut(_), Some(end)) = (&record.end, wrong_end(&record)) {
                    each(Some(damage(&locator, end)))?;
                }
                return each(Some(link));
            };
            repeats.date(
                &record.fields,
                UriKey::of(&link.uri),
                original,
                &survey.wanted,
            );
            each(Some(repeating(link, locator, repeats.locator(original))))
        },
    )
}

/// Returns what is wrong with a record's end, in words.
fn wrong_end(record: &Record) -> Option<String> {
    match &record.end {
        BlockEnd::Declared => None,
        BlockEnd::Other(length) => {
            let declared = record.fields.get("content-length").unwrap_or_default();
            Some(format!(
                "Content-Length is {declared}, the next record begins behind {length}"
            ))
        }
        BlockEnd::Cut(why) => Some(why.clone()),
    }
}

fn locator_of(name: &Name, record: &Record) -> Locator {
    let mut locator = Locator::at(name, record.place);
    if let BlockEnd::Other(length) = record.end {
        locator.length = Some(length);
    }
    locator
}

fn link_of(url: &Url, scope: &Scope, ordinal: u32, locator: &Locator) -> DiscoveredLink {
    let found = uri::without_secrets(url);
    scope.archived(url, &found, ordinal, locator.to_string())
}

fn repeating(mut link: DiscoveredLink, mut locator: Locator, original: Locator) -> DiscoveredLink {
    locator.payload = Some(Box::new(original));
    link.locator = Some(locator.to_string());
    link
}

/// The row of a damage, beside that of a record if there is one.
fn damage(locator: &Locator, detail: String) -> DiscoveredLink {
    row(locator, Reason::ArchiveDamaged, detail, "&damaged=")
}

/// The row of a record that is no capture.
fn no_capture(locator: &Locator, reason: Reason, detail: String) -> DiscoveredLink {
    row(locator, reason, detail, "")
}

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
    aside_at(name, whole(name), reason, detail)
}

/// The row of what is told of it besides.
fn besides(name: &Name, what: &str, reason: Reason, detail: String) -> DiscoveredLink {
    aside_at(name, format!("{}&{what}=1", whole(name)), reason, detail)
}

/// The URL of the row of an archive, or of a member, as a whole.
fn whole(name: &Name) -> String {
    if name.member.is_some() {
        let place = Place {
            offset: 0,
            inner: 0,
        };
        let first = Locator::at(name, place).to_string();
        first.replace("&offset=0", "")
    } else {
        // The archive's own URL is the row of its reading.
        let own = file_url(&name.path).map(String::from);
        format!("{}?unreadable=1", own.unwrap_or_default())
    }
}

fn aside_at(name: &Name, uri: String, reason: Reason, detail: String) -> DiscoveredLink {
    DiscoveredLink {
        source_group: file_name(&name.path).into(),
        decision: LinkDecision::Skip(reason),
        detail,
        ..DiscoveredLink::to(uri)
    }
}
