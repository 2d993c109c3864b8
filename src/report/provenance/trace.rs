//! From a source, an extraction or an entity to the answer about where it came from.
//!
//! Reads rows and events and puts them together; what the answer is, and how it is shown, is `origin.rs`'s.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::UNKNOWN;
use super::fetches::{brings_content, number, origin_of};
use super::origin::{
    ChangeLine, ContentLine, EvidenceLine, FetchLine, MadeLine, OriginReport, StepLine,
    SubjectLine, TouchLine,
};
use super::record::{CommandOf, DeletionLine, Record};
use crate::model::{Digest, EntityId, JobId, canonical_json};
use crate::report::ledger::Ledger;
use crate::report::sources::{SourceGapLine, gap_line};
use crate::report::values::{Place, field_texts, superseded};
use crate::store::{
    EventRow, ExtractionOrigin, NamedExtraction, NamedSource, Result, SourceFacts, Store,
};

/// Sources of one entity that are traced; its mentions name all of them.
const SOURCES_TRACED: usize = 20;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Source(NamedSource),
    Extraction(NamedExtraction),
    Entity(EntityId),
}

/// Reads where one thing came from.
pub fn origin(
    store: &mut Store,
    subject: &Subject,
    command_of: &CommandOf,
) -> Result<OriginReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let mut trace = Trace {
            store,
            ledger: &ledger,
            only: None,
            answer: Answer::default(),
        };
        let (line, untraced) = match subject {
            Subject::Source(source) => (trace.source(source)?, 0),
            Subject::Extraction(extraction) => (trace.extraction(extraction)?, 0),
            Subject::Entity(entity) => trace.entity(*entity)?,
        };
        let answer = trace.answer;
        let mut makers: Vec<JobId> = answer.makers;
        makers.sort_by_key(|job| ledger.number(*job));
        makers.dedup();
        let mut record = Record::read(store, &ledger, &makers, command_of)?;
        record.deletions.extend(answer.erasures);
        Ok(OriginReport {
            subject: line,
            touches: answer.touches,
            path: answer.path,
            fetches: answer.fetches,
            contents: answer.contents,
            extractions: answer.extractions,
            evidence: answer.evidence,
            changes: answer.changes,
            gaps: answer.gaps,
            record,
            untraced_sources: untraced,
        })
    })
}

/// The parts of an answer as far as they are read.
#[derive(Default)]
pub(super) struct Answer {
    touches: Vec<TouchLine>,
    pub path: Vec<StepLine>,
    pub fetches: Vec<FetchLine>,
    pub contents: Vec<ContentLine>,
    extractions: Vec<MadeLine>,
    evidence: Vec<EvidenceLine>,
    changes: Vec<ChangeLine>,
    gaps: Vec<SourceGapLine>,
    erasures: Vec<DeletionLine>,
    /// The jobs that made it what it is.
    makers: Vec<JobId>,
}

/// An answer in the making.
pub(super) struct Trace<'a> {
    pub store: &'a mut Store,
    pub ledger: &'a Ledger,
    /// The one extraction that is asked about.
    only: Option<Place>,
    pub answer: Answer,
}

impl Trace<'_> {
    fn source(&mut self, named: &NamedSource) -> Result<SubjectLine> {
        let facts = named.id.map(|id| self.store.source_facts(id)).transpose()?;
        let events = self.store.events_of_uri(&named.uri)?;
        let recorded = events.iter().rev();
        let creator = recorded
            .clone()
            .find(|event| event.kind == "source_created")
            .and_then(|event| event.job);
        let creator = facts
            .as_ref()
            .and_then(|facts| facts.created_by_job)
            .or(creator);
        let content_job = facts.as_ref().and_then(|facts| facts.content_job);
        let content_job = content_job.or_else(|| {
            let mut brought = recorded.filter(|event| brings_content(&event.kind));
            brought.next().and_then(|event| event.job)
        });
        self.answer.makers.extend(creator);
        self.answer.makers.extend(content_job);
        self.touches(&named.uri, facts.as_ref(), &events);
        self.path(&named.uri, creator)?;
        self.fetches(&named.uri, facts.as_ref(), &events);
        self.contents(&named.uri, facts.as_ref(), &events)?;
        let made = match named.id {
            Some(id) => self.store.extraction_origins(id)?,
            None => Vec::new(),
        };
        self.changes(&named.uri, &events, &made);
        self.erasures(&events)?;
        for origin in made {
            if !self.wants(&origin) {
                continue;
            }
            self.answer.makers.extend(origin.job);
            let line = self.made_line(&named.uri, origin);
            self.answer.extractions.push(line);
        }
        if let Some(id) = named.id {
            let gaps = self.store.gaps_of_source(id, &named.uri)?;
            let lines = gaps.into_iter().map(|gap| gap_line(gap, self.ledger));
            self.answer.gaps.extend(lines);
        }
        Ok(SubjectLine {
            subject: "source",
            uri: Some(named.uri.clone()),
            name: facts.as_ref().and_then(|facts| facts.title.clone()),
            source_group: facts.as_ref().map(|facts| facts.source_group.clone()),
            is_stored: facts.is_some(),
            created_by_job: creator.and_then(|job| self.ledger.number(job)),
            created_by_job_id: creator,
            creator: self.creator(creator),
            source_id: named.id,
            extraction_id: None,
            entity_id: None,
        })
    }

    fn creator(&self, creator: Option<JobId>) -> &'static str {
        match creator.map(|job| self.ledger.entry(job)) {
            None => UNKNOWN,
            Some(Some(entry)) if !entry.is_deleted() => "present",
            Some(_) => "deleted",
        }
    }

    fn wants(&self, one: &ExtractionOrigin) -> bool {
        self.only.as_ref().is_none_or(|(profile, kind, ordinal)| {
            one.profile == *profile && one.extraction_type == *kind && one.ordinal == *ordinal
        })
    }

    fn extraction(&mut self, named: &NamedExtraction) -> Result<SubjectLine> {
        let place = (
            named.profile.clone(),
            named.extraction_type.clone(),
            named.ordinal,
        );
        self.only = Some(place);
        let source = match named.source {
            Some(_) => named.source,
            None => self.store.find_recorded_source(&named.uri)?.id,
        };
        let line = self.source(&NamedSource {
            uri: named.uri.clone(),
            id: source,
        })?;
        let is_stored = named.source.is_some();
        if is_stored {
            for mention in self.store.mentions_in(named.id)? {
                self.answer.evidence.push(EvidenceLine {
                    uri: named.uri.clone(),
                    profile: named.profile.clone(),
                    extraction_type: named.extraction_type.clone(),
                    ordinal: named.ordinal,
                    entity_type: mention.entity_type,
                    normalized_value: mention.normalized_value,
                    role: mention.role,
                    start: mention.start,
                    end: mention.end,
                    surface_digest: Digest::of(&mention.surface),
                    surface: mention.surface,
                    score: mention.score,
                    recognizer: mention.recognizer,
                    extraction_id: named.id,
                });
            }
        }
        let name = format!(
            "{}/{}/{}",
            named.profile, named.extraction_type, named.ordinal
        );
        Ok(SubjectLine {
            subject: "extraction",
            name: Some(name),
            is_stored,
            extraction_id: Some(named.id),
            ..line
        })
    }

    fn entity(&mut self, id: EntityId) -> Result<(SubjectLine, usize)> {
        let row = self.store.entity(id)?;
        let mentions = self.store.mentions_of(id)?;
        let mut uris: Vec<String> = mentions.iter().map(|one| one.uri.clone()).collect();
        uris.dedup();
        let untraced = uris.len().saturating_sub(SOURCES_TRACED);
        uris.truncate(SOURCES_TRACED);
        let mut first: Option<SubjectLine> = None;
        for uri in &uris {
            let named = self.store.find_recorded_source(uri)?;
            let line = self.source(&named)?;
            let earliest = first
                .as_ref()
                .is_none_or(|known| line.created_by_job < known.created_by_job);
            if earliest {
                first = Some(line);
            }
        }
        for mention in mentions {
            self.answer.evidence.push(EvidenceLine {
                uri: mention.uri,
                profile: mention.profile,
                extraction_type: mention.extraction_type,
                ordinal: mention.ordinal,
                entity_type: row.entity_type.clone(),
                normalized_value: row.normalized_value.clone(),
                role: mention.role,
                start: mention.start,
                end: mention.end,
                surface_digest: Digest::of(&mention.surface),
                surface: mention.surface,
                score: mention.score.unwrap_or_default(),
                recognizer: mention.recognizer,
                extraction_id: mention.extraction,
            });
        }
        for name in self.store.merged_names(&row)? {
            self.answer.changes.push(ChangeLine {
                uri: String::new(),
                at: name.merged_at,
                job: None,
                job_id: None,
                what: "merge",
                profile: None,
                extraction_type: None,
                ordinal: None,
                field: Some(name.entity_type),
                before_digest: None,
                before: Some(name.normalized_value),
                after_digest: None,
                after: Some(row.normalized_value.clone()),
            });
        }
        let creator = first.as_ref().and_then(|line| line.created_by_job_id);
        let line = SubjectLine {
            subject: "entity",
            uri: None,
            name: Some(format!("{} {}", row.entity_type, row.normalized_value)),
            source_group: Some(row.source_group),
            is_stored: true,
            created_by_job: creator.and_then(|job| self.ledger.number(job)),
            created_by_job_id: creator,
            creator: self.creator(creator),
            source_id: None,
            extraction_id: None,
            entity_id: Some(id),
        };
        Ok((line, untraced))
    }

    fn touches(&mut self, uri: &str, facts: Option<&SourceFacts>, events: &[EventRow]) {
        let is_created = |event: &EventRow| event.kind == "source_created";
        if let Some(facts) = facts
            && !events.iter().any(is_created)
        {
            self.answer.touches.push(TouchLine {
                uri: uri.to_owned(),
                at: facts.created_at,
                did: "created".to_owned(),
                job: facts.created_by_job.and_then(|job| self.ledger.number(job)),
                job_id: facts.created_by_job,
                job_kind: None,
                attempt: None,
                origin: UNKNOWN,
                run_id: None,
                sequence: None,
            });
        }
        let mut passed: Vec<Json> = Vec::new();
        for event in events {
            let profile = event
                .payload
                .as_ref()
                .map_or(Json::Null, |payload| payload["profile"].clone());
            let did = match event.kind.as_str() {
                "source_created" => "created",
                "source_changed" => "changed",
                "source_unchanged" => "unchanged",
                "source_aliased" | "url_aliased" => "aliased",
                "url_skipped" => "skipped",
                "url_failed" => "failed",
                "source_extracted" if passed.contains(&profile) => "extracted again",
                "source_extracted" => {
                    passed.push(profile);
                    "extracted"
                }
                other => other,
            };
            self.answer.touches.push(TouchLine {
                uri: uri.to_owned(),
                at: event.at,
                did: did.replace('_', " "),
                job: event.job.and_then(|job| self.ledger.number(job)),
                job_id: event.job,
                job_kind: event.job_kind.clone(),
                attempt: number(event, "attempt"),
                origin: origin_of(event),
                run_id: Some(event.run),
                sequence: Some(event.sequence),
            });
        }
    }

    /// Who took its content away, and with which command.
    fn erasures(&mut self, events: &[EventRow]) -> Result<()> {
        for event in events.iter().filter(|event| event.kind == "source_erased") {
            let by = self.store.command_of_run(event.run)?;
            let why = event.payload.as_ref().map(|payload| &payload["why"]);
            self.answer.erasures.push(DeletionLine {
                what: "its content".to_owned(),
                job: event.job.and_then(|job| self.ledger.number(job)),
                job_id: event.job,
                at: event.at,
                by: by.unwrap_or_else(|| UNKNOWN.to_owned()),
                why: why.and_then(Json::as_str).map(str::to_owned),
                sources_kept: None,
                host: None,
            });
        }
        Ok(())
    }

    fn made_line(&self, uri: &str, origin: ExtractionOrigin) -> MadeLine {
        MadeLine {
            uri: uri.to_owned(),
            entities_extracted: match origin.entities_extracted {
                Some(true) => "true",
                Some(false) => "false",
                None => UNKNOWN,
            },
            mentions: origin.mentions,
            text_size: origin.text.len() as i64,
            text_digest: Digest::of(&origin.text),
            data_digest: Digest::of(canonical_json(&origin.data)),
            body_digest: origin.body_digest,
            profile_digest: origin.profile_digest,
            recognizer_digest: origin.recognizer_digest,
            job: origin.job.and_then(|job| self.ledger.number(job)),
            job_id: origin.job,
            created_at: origin.created_at,
            origin: if origin.job.is_some() {
                "recorded"
            } else {
                UNKNOWN
            },
            extraction_id: origin.id,
            profile: origin.profile,
            extraction_type: origin.extraction_type,
            ordinal: origin.ordinal,
        }
    }

    fn changes(&mut self, uri: &str, events: &[EventRow], made: &[ExtractionOrigin]) {
        let mut now = HashMap::new();
        for origin in made {
            let place = (
                origin.profile.clone(),
                origin.extraction_type.clone(),
                origin.ordinal,
            );
            let fields: BTreeMap<String, String> =
                field_texts(&origin.text, &origin.data).collect();
            now.insert(place, fields);
        }
        for event in events {
            let empty = Json::Null;
            let payload = event.payload.as_ref().unwrap_or(&empty);
            let said = |key: &str| payload[key].as_str().map(str::to_owned);
            let what = match event.kind.as_str() {
                "source_changed" if self.only.is_none() => "content",
                "source_aliased" if self.only.is_none() => "alias",
                _ => continue,
            };
            self.answer.changes.push(ChangeLine {
                uri: uri.to_owned(),
                at: event.at,
                job: event.job.and_then(|job| self.ledger.number(job)),
                job_id: event.job,
                what,
                profile: None,
                extraction_type: None,
                ordinal: None,
                field: None,
                before_digest: said("previous_body_digest"),
                before: None,
                after_digest: said("body_digest"),
                after: said("target"),
            });
        }
        for change in superseded(events, &now) {
            let place = (
                change.profile.clone(),
                change.extraction_type.clone(),
                change.ordinal,
            );
            if self.only.as_ref().is_some_and(|only| *only != place) {
                continue;
            }
            self.answer.changes.push(ChangeLine {
                uri: uri.to_owned(),
                at: change.at,
                job: change.job.and_then(|job| self.ledger.number(job)),
                job_id: change.job,
                what: "value",
                profile: Some(change.profile),
                extraction_type: Some(change.extraction_type),
                ordinal: Some(change.ordinal),
                field: Some(change.field),
                before_digest: Some(change.before_digest),
                before: Some(change.before),
                after_digest: change.after_digest,
                after: change.after,
            });
        }
        let first = self.answer.changes.iter().position(|line| line.uri == uri);
        if let Some(first) = first {
            self.answer.changes[first..].sort_by_key(|line| line.at);
        }
    }
}
