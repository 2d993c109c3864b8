//! The record as W3C PROV statements: one bundle a job, of what it used and what it made.
//!
//! Read from the events, which outlive jobs, sources and extractions. A crawl generates versions of sources, or
//! uses the version it finds unchanged; a change is a revision of the version before. An extraction uses a
//! version and a profile and generates a reading. Statements are handed on one at a time: how a document of them
//! is spelled is the business of whoever takes them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde_json::{Map, Value as Json, json};

use crate::model::{Digest, JobId, UriKey};
use crate::report::ledger::{Entry, Ledger};
use crate::store::{Error, EventOrder, ExportedEvent, Result, Store};

/// The attributes of a statement, by qualified name.
pub type Attributes = Map<String, Json>;

/// The prefixes of the names in the statements, and what they stand for.
pub const PREFIXES: [(&str, &str); 7] = [
    ("toolkit", "urn:toolkit:terms:"),
    ("software", "urn:toolkit:software:"),
    ("job", "urn:toolkit:job:"),
    ("plan", "urn:toolkit:configuration:"),
    ("profile", "urn:toolkit:profile:"),
    ("version", "urn:toolkit:version:"),
    ("reading", "urn:toolkit:reading:"),
];

/// Takes the statements of a document: its own, then those of each bundle, by kind.
pub trait StatementSink {
    /// Begins; also anew, when the connection was lost on the way: what came before counts no more.
    fn begin(&mut self) -> io::Result<()>;

    /// Begins the bundle of this name; what follows is said in it.
    fn bundle(&mut self, name: &str) -> io::Result<()>;

    /// Begins the statements of a kind, which may be none.
    fn kind(&mut self, kind: &'static str) -> io::Result<()>;

    /// Takes a statement; `None` gives a relation a name of its own.
    fn statement(&mut self, name: Option<&str>, attributes: Attributes) -> io::Result<()>;
}

/// What a bundle says, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Entity,
    Generation,
    Usage,
    Derivation,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Entity,
        Self::Generation,
        Self::Usage,
        Self::Derivation,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Generation => "wasGeneratedBy",
            Self::Usage => "used",
            Self::Derivation => "wasDerivedFrom",
        }
    }
}

/// Hands on what is recorded of every job, or of one. With `stable`, without ids, times and what was typed.
pub fn prov(
    store: &mut Store,
    job: Option<JobId>,
    stable: bool,
    sink: &mut dyn StatementSink,
) -> Result<()> {
    store.snapshot(|store| prov_within(store, job, stable, sink))
}

/// As [`prov`], within what is read together already.
pub(super) fn prov_within(
    store: &mut Store,
    job: Option<JobId>,
    stable: bool,
    sink: &mut dyn StatementSink,
) -> Result<()> {
    let ledger = Ledger::read(store)?;
    let entries: Vec<&Entry> = ledger.wanted(job).collect();
    document(&entries, stable, sink).map_err(Error::Output)?;
    for entry in entries {
        Bundle { entry, stable }.hand_on(store, sink)?;
    }
    Ok(())
}

/// The document's own statements: the bundles, and the program that says them.
fn document(entries: &[&Entry], stable: bool, sink: &mut dyn StatementSink) -> io::Result<()> {
    sink.begin()?;
    sink.kind("entity")?;
    for entry in entries {
        let told = attributes([("prov:type", qualified("prov:Bundle"))]);
        sink.statement(Some(&bundle_name(entry, stable)), told)?;
    }
    sink.kind("agent")?;
    let versions: BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| version_of(entry))
        .collect();
    for version in versions {
        sink.statement(Some(&software(version)), software_attributes(version))?;
    }
    sink.kind("wasAttributedTo")?;
    for entry in entries {
        if let Some(version) = version_of(entry) {
            let told = attributes([
                ("prov:entity", json!(bundle_name(entry, stable))),
                ("prov:agent", json!(software(version))),
            ]);
            sink.statement(None, told)?;
        }
    }
    Ok(())
}

/// One job and what it says.
struct Bundle<'a> {
    entry: &'a Entry,
    stable: bool,
}

impl Bundle<'_> {
    fn hand_on(&self, store: &mut Store, sink: &mut dyn StatementSink) -> Result<()> {
        self.about_the_job(sink).map_err(Error::Output)?;
        for kind in Kind::ALL {
            sink.kind(kind.word()).map_err(Error::Output)?;
            if kind == Kind::Entity {
                self.plan(sink).map_err(Error::Output)?;
            }
            // A bundle names each entity once; those of one URI lie side by side.
            let mut uri: Option<String> = None;
            let mut said: BTreeSet<String> = BTreeSet::new();
            let mut profiles: BTreeSet<String> = BTreeSet::new();
            store.export_events(Some(self.entry.id), EventOrder::Uri, &mut |event| {
                let Some(about) = event.source_uri.clone() else {
                    return Ok(());
                };
                if uri.as_ref() != Some(&about) {
                    said.clear();
                    uri = Some(about.clone());
                }
                for (name, attributes) in self.statements(kind, &event, &about) {
                    // A profile is named once as well, whatever it reads.
                    let is_new = match &name {
                        Some(name) if name.contains("profile") => profiles.insert(name.clone()),
                        Some(name) => said.insert(name.clone()),
                        None => said.insert(Json::Object(attributes.clone()).to_string()),
                    };
                    if is_new {
                        let taken = sink.statement(name.as_deref(), attributes);
                        taken.map_err(Error::Output)?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn about_the_job(&self, sink: &mut dyn StatementSink) -> io::Result<()> {
        let entry = self.entry;
        sink.bundle(&bundle_name(entry, self.stable))?;
        sink.kind("activity")?;
        let mut told = attributes([
            ("prov:type", qualified(&format!("toolkit:{}", entry.kind))),
            ("toolkit:number", json!(entry.number)),
            ("toolkit:state", json!(entry.state)),
            ("toolkit:attempts", json!(entry.runs.len())),
        ]);
        if !self.stable {
            let first = entry.runs.first();
            for (name, value) in [
                ("prov:startTime", entry.started_at().map(|at| json!(at))),
                ("prov:endTime", entry.finished_at().map(|at| json!(at))),
                ("toolkit:job_id", Some(json!(entry.id))),
                (
                    "toolkit:command_line",
                    first.map(|run| json!(run.command_line)),
                ),
            ] {
                if let Some(value) = value {
                    told.insert(name.to_owned(), value);
                }
            }
        }
        sink.statement(Some(&self.activity()), told)?;
        sink.kind("agent")?;
        if let Some(version) = version_of(entry) {
            sink.statement(Some(&software(version)), software_attributes(version))?;
        }
        sink.kind("wasAssociatedWith")?;
        let mut told = attributes([("prov:activity", json!(self.activity()))]);
        if let Some(version) = version_of(entry) {
            told.insert("prov:agent".to_owned(), json!(software(version)));
        }
        if let Some(plan) = plan_of(entry) {
            told.insert("prov:plan".to_owned(), json!(plan));
        }
        sink.statement(None, told)
    }

    /// The configuration that the job ran with.
    fn plan(&self, sink: &mut dyn StatementSink) -> io::Result<()> {
        match plan_of(self.entry) {
            None => Ok(()),
            Some(plan) => {
                let told = attributes([("prov:type", qualified("prov:Plan"))]);
                sink.statement(Some(&plan), told)
            }
        }
    }

    fn activity(&self) -> String {
        if self.stable {
            format!("job:{}", self.entry.number)
        } else {
            format!("job:{}", self.entry.id)
        }
    }

    /// Returns what an event says of a kind.
    fn statements(
        &self,
        kind: Kind,
        event: &ExportedEvent,
        uri: &str,
    ) -> Vec<(Option<String>, Attributes)> {
        let Some(payload) = event.payload.as_deref() else {
            // An erased payload says nothing more.
            return Vec::new();
        };
        let Ok(payload) = serde_json::from_str::<Json>(payload) else {
            return Vec::new();
        };
        let digest = |key: &str| payload[key].as_str().map(str::to_owned);
        let version = digest("body_digest").map(|digest| version_name(uri, &digest));
        let mut said = Vec::new();
        match event.kind.as_str() {
            "source_created" | "source_changed" => {
                let before =
                    digest("previous_body_digest").map(|digest| version_name(uri, &digest));
                let Some(version) = version else {
                    return said;
                };
                match kind {
                    Kind::Entity => {
                        said.extend(
                            before.map(|name| (Some(name), version_attributes(uri, &Json::Null))),
                        );
                        said.push((Some(version), version_attributes(uri, &payload)));
                    }
                    Kind::Generation => {
                        said.push((None, self.relation("prov:entity", &version, event)));
                    }
                    Kind::Usage => {}
                    Kind::Derivation => said.extend(before.map(|before| {
                        let mut told = self.derivation(&version, &before);
                        told.insert("prov:type".to_owned(), qualified("prov:Revision"));
                        (None, told)
                    })),
                }
            }
            "source_unchanged" => match (kind, version) {
                (Kind::Entity, Some(version)) => {
                    said.push((Some(version), version_attributes(uri, &payload)));
                }
                (Kind::Usage, Some(version)) => {
                    said.push((None, self.relation("prov:entity", &version, event)));
                }
                _ => {}
            },
            "source_extracted" | "extraction_failed" => {
                let Some(version) = version else {
                    return said;
                };
                let profile = digest("profile_digest").map(|digest| format!("profile:{digest}"));
                let reading =
                    (event.kind == "source_extracted").then(|| self.reading(uri, &payload));
                match kind {
                    Kind::Entity => {
                        said.push((Some(version), version_attributes(uri, &Json::Null)));
                        let told = attributes([
                            ("prov:type", qualified("prov:Plan")),
                            ("toolkit:profile", payload["profile"].clone()),
                        ]);
                        said.extend(profile.map(|name| (Some(name), told)));
                        said.extend(
                            reading.map(|name| (Some(name), reading_attributes(uri, &payload))),
                        );
                    }
                    Kind::Generation => said.extend(
                        reading.map(|name| (None, self.relation("prov:entity", &name, event))),
                    ),
                    Kind::Usage => {
                        said.push((None, self.relation("prov:entity", &version, event)));
                        // When a job used a profile is told by what it read with it.
                        said.extend(profile.map(|name| {
                            let told = attributes([
                                ("prov:activity", json!(self.activity())),
                                ("prov:entity", json!(name)),
                            ]);
                            (Some(format!("_:{}", name.replace(':', "-"))), told)
                        }));
                    }
                    Kind::Derivation => {
                        said.extend(reading.map(|name| (None, self.derivation(&name, &version))));
                    }
                }
            }
            _ => {}
        }
        said
    }

    /// A thing that the job made or used, and when.
    fn relation(&self, role: &str, name: &str, event: &ExportedEvent) -> Attributes {
        let mut told = attributes([
            ("prov:activity", json!(self.activity())),
            (role, json!(name)),
        ]);
        if !self.stable {
            told.insert("prov:time".to_owned(), json!(event.at));
        }
        told
    }

    fn derivation(&self, made: &str, from: &str) -> Attributes {
        attributes([
            ("prov:generatedEntity", json!(made)),
            ("prov:usedEntity", json!(from)),
            ("prov:activity", json!(self.activity())),
        ])
    }

    /// The name of what this job read out of a source by a profile.
    fn reading(&self, uri: &str, payload: &Json) -> String {
        let by = Digest::of(payload["profile"].as_str().unwrap_or_default()).to_string();
        let job = self.activity();
        format!(
            "reading:{}.{}.{}",
            &job["job:".len()..],
            UriKey::of(uri),
            &by[..16]
        )
    }
}

fn bundle_name(entry: &Entry, stable: bool) -> String {
    if stable {
        format!("job:{}.record", entry.number)
    } else {
        format!("job:{}.record", entry.id)
    }
}

fn version_of(entry: &Entry) -> Option<&str> {
    entry.runs.last().map(|run| run.program_version.as_str())
}

fn plan_of(entry: &Entry) -> Option<String> {
    let first = entry.runs.first()?;
    Some(format!("plan:{}", first.configuration_digest))
}

fn software(version: &str) -> String {
    format!("software:toolkit-{version}")
}

fn software_attributes(version: &str) -> Attributes {
    attributes([
        ("prov:type", qualified("prov:SoftwareAgent")),
        ("toolkit:version", json!(version)),
    ])
}

/// The version of a source is its URI with the digest of the content.
fn version_name(uri: &str, digest: &str) -> String {
    format!("version:{}.{digest}", UriKey::of(uri))
}

fn version_attributes(uri: &str, payload: &Json) -> Attributes {
    let mut told = attributes([
        ("prov:type", qualified("toolkit:SourceVersion")),
        ("prov:location", json!(uri)),
    ]);
    copy(
        &mut told,
        payload,
        &["body_digest", "body_size", "media_type", "charset"],
    );
    copy(&mut told, &payload["fetch"], &["status", "locator"]);
    told
}

fn reading_attributes(uri: &str, payload: &Json) -> Attributes {
    let mut told = attributes([
        ("prov:type", qualified("toolkit:Reading")),
        ("prov:location", json!(uri)),
    ]);
    let keys = [
        "profile",
        "profile_digest",
        "recognizer_digest",
        "state",
        "extractions",
        "mentions",
    ];
    copy(&mut told, payload, &keys);
    let gaps = payload["gaps"].as_array().map_or(0, Vec::len);
    told.insert("toolkit:gaps".to_owned(), json!(gaps));
    told
}

/// Copies what is there: a statement has no empty attributes.
fn copy(told: &mut Attributes, payload: &Json, keys: &[&str]) {
    for key in keys {
        let value = &payload[*key];
        if value.is_string() || value.is_number() || value.is_boolean() {
            told.insert(format!("toolkit:{key}"), value.clone());
        }
    }
}

fn attributes<const N: usize>(pairs: [(&str, Json); N]) -> Attributes {
    let pairs: BTreeMap<String, Json> = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    pairs.into_iter().collect()
}

/// A value that is a name.
fn qualified(name: &str) -> Json {
    json!({"$": name, "type": "prov:QUALIFIED_NAME"})
}
