//! The contents that a source had: which, since when, whether their bytes are still here, and who took them
//! away.
//!
//! Owns which of them is meant by a digest or by a time; it prints none.

use super::ledger::Ledger;
use super::line::lines;
use crate::model::{Digest, JobId, SourceId, Timestamp};
use crate::store::{EventRow, Result, SourceFacts, Store};

lines! {
    /// One content that a source had.
    VersionLine {
        body_digest: String => id.stable;
        body_size: Option<i64> => number;
        first_seen: Timestamp => time;
        brought_by_job: Option<i64> => number;
        brought_by_job_id: Option<JobId> => id;
        current: bool => text;
        /// Whether its bytes are still here, as this source's.
        kept: bool => text;
        dropped_at: Option<Timestamp> => time;
        /// The command that dropped or erased it.
        dropped_by: Option<String> => text;
        charset: Option<String> => text;
    }
}

/// Which of a source's contents is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedVersion<'a> {
    /// A digest, or its unique ending.
    Digest(&'a str),
    /// What was there at this time.
    At(Timestamp),
}

/// What is known of the content that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundVersion {
    Known(VersionLine),
    /// No content of the source has a digest that ends so.
    Unknown,
    /// Several have.
    Ambiguous,
    /// The source was fetched first at this time, and that is later.
    NotYet(Timestamp),
    /// Nothing was ever stored of it.
    NeverStored,
    /// What the record said of that time was erased, at this one.
    Erased(Timestamp),
}

/// Finds the content that is meant.
pub fn version(
    store: &mut Store,
    source: SourceId,
    wanted: &WantedVersion<'_>,
) -> Result<FoundVersion> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let facts = store.source_facts(source)?;
        let events = store.events_of_uri(&facts.uri)?;
        let versions = versions(store, &facts, &events, &ledger)?;
        Ok(match wanted {
            WantedVersion::Digest(given) => by_digest(versions, given),
            WantedVersion::At(at) => by_time(versions, &events, *at),
        })
    })
}

fn by_digest(versions: Vec<VersionLine>, given: &str) -> FoundVersion {
    let given = given.to_ascii_lowercase();
    let mut found = versions
        .into_iter()
        .filter(|version| !given.is_empty() && version.body_digest.ends_with(&given));
    match (found.next(), found.next()) {
        (None, _) => FoundVersion::Unknown,
        (Some(version), None) => FoundVersion::Known(version),
        (Some(_), Some(_)) => FoundVersion::Ambiguous,
    }
}

fn by_time(versions: Vec<VersionLine>, events: &[EventRow], at: Timestamp) -> FoundVersion {
    let fetches = || events.iter().filter(|event| may_bring(event));
    let first = fetches().map(|event| event.at).min();
    // Of two of one time the later one of the record holds.
    let last = fetches()
        .filter(|event| event.at <= at)
        .max_by_key(|event| event.at);
    let Some(last) = last else {
        // A row from before there were events says itself when it was fetched.
        let told = versions.iter().map(|version| version.first_seen).min();
        return match (first.or(told), versions.into_iter().next()) {
            (None, _) => FoundVersion::NeverStored,
            (Some(first), Some(version)) if first <= at => FoundVersion::Known(version),
            (Some(first), _) => FoundVersion::NotYet(first),
        };
    };
    let Some(digest) = brought(last) else {
        let erased = events.iter().rfind(|event| event.kind == "source_erased");
        return erased.map_or(FoundVersion::NeverStored, |event| {
            FoundVersion::Erased(event.at)
        });
    };
    let mut versions = versions.into_iter();
    versions
        .find(|version| version.body_digest == digest)
        .map_or(FoundVersion::Unknown, FoundVersion::Known)
}

/// Says whether an event is of a fetch that brought content, also where what it brought was erased.
fn may_bring(event: &EventRow) -> bool {
    match event.kind.as_str() {
        "source_created" | "source_changed" | "source_unchanged" => true,
        // A capture of an archive that is older than what is stored: its body is kept as well.
        "url_skipped" => brought(event).is_some(),
        _ => false,
    }
}

fn brought(event: &EventRow) -> Option<&str> {
    event.payload.as_ref()?["body_digest"].as_str()
}

/// Every content that the events name, and the current one, by when it was first seen.
pub(super) fn versions(
    store: &mut Store,
    facts: &SourceFacts,
    events: &[EventRow],
    ledger: &Ledger,
) -> Result<Vec<VersionLine>> {
    let current = facts.body_digest.map(|digest| digest.to_string());
    let mut versions: Vec<VersionLine> = Vec::new();
    for event in events {
        let Some(payload) = &event.payload else {
            continue;
        };
        if event.kind == "source_erased" {
            let command = store.command_of_run(event.run)?;
            for erased in payload["versions"].as_array().into_iter().flatten() {
                let Some(digest) = erased["body_digest"].as_str() else {
                    continue;
                };
                let line = of_digest(&mut versions, digest, event, ledger);
                line.body_size = line.body_size.or(erased["body_size"].as_i64());
                let first = erased["first_seen"].as_str();
                line.first_seen = first
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(line.first_seen);
                let job: Option<JobId> = erased["job_id"].as_str().and_then(|id| id.parse().ok());
                line.brought_by_job_id = job;
                line.brought_by_job = job.and_then(|job| ledger.number(job));
                line.dropped_at = Some(event.at);
                line.dropped_by.clone_from(&command);
            }
        } else if may_bring(event)
            && let Some(digest) = brought(event)
        {
            let line = of_digest(&mut versions, digest, event, ledger);
            line.body_size = payload["body_size"].as_i64();
            line.charset = payload["charset"].as_str().map(str::to_owned);
            // What was erased and is fetched again is there again.
            line.dropped_at = None;
            line.dropped_by = None;
        }
    }
    if let Some(digest) = &current
        && versions
            .iter()
            .all(|version| version.body_digest != *digest)
    {
        versions.push(VersionLine {
            body_digest: digest.clone(),
            body_size: facts.body_size,
            first_seen: facts.fetched_at.unwrap_or(facts.created_at),
            brought_by_job: facts.content_job.and_then(|job| ledger.number(job)),
            brought_by_job_id: facts.content_job,
            current: true,
            kept: false,
            dropped_at: None,
            dropped_by: None,
            charset: facts.charset.clone(),
        });
    }
    tell_which_are_kept(store, current.as_deref(), &mut versions)?;
    Ok(versions)
}

/// The line of a digest, made by the event that names it first.
fn of_digest<'a>(
    versions: &'a mut Vec<VersionLine>,
    digest: &str,
    event: &EventRow,
    ledger: &Ledger,
) -> &'a mut VersionLine {
    let place = versions
        .iter()
        .position(|version| version.body_digest == digest)
        .unwrap_or_else(|| {
            versions.push(VersionLine {
                body_digest: digest.to_owned(),
                body_size: None,
                first_seen: event.at,
                brought_by_job: event.job.and_then(|job| ledger.number(job)),
                brought_by_job_id: event.job,
                current: false,
                kept: false,
                dropped_at: None,
                dropped_by: None,
                charset: None,
            });
            versions.len() - 1
        });
    &mut versions[place]
}

fn tell_which_are_kept(
    store: &mut Store,
    current: Option<&str>,
    versions: &mut [VersionLine],
) -> Result<()> {
    let mut gone: Vec<Digest> = Vec::new();
    for version in &mut *versions {
        version.current = current == Some(version.body_digest.as_str());
        if let Ok(digest) = version.body_digest.parse()
            && version.dropped_at.is_none()
        {
            version.kept = store.keeps_body(digest)?;
            if !version.kept {
                gone.push(digest);
            }
        }
    }
    let drops = store.body_drops(&gone)?;
    for version in versions {
        let digest = version.body_digest.parse().ok();
        if let Some(drop) = digest.and_then(|digest: Digest| drops.get(&digest))
            && !version.kept
            && version.dropped_at.is_none()
        {
            version.dropped_at = Some(drop.at);
            version.dropped_by = Some(drop.command_line.clone());
        }
    }
    Ok(())
}
