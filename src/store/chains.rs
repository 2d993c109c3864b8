//! Whether the record still is what was written: every chain of digests walked from its first event.
//!
//! A payload may be gone when a later event says that it was erased; its digest is in the chain all the same.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::Store;
use super::engine::Engine;
use super::error::Result;
use super::value::Value;
use crate::model::{Digest, Event, JobId, RunId, Timestamp, UriKey};

/// A row of `events`.
struct StoredEvent {
    run: RunId,
    sequence: i64,
    kind: String,
    source_key: Option<UriKey>,
    source_uri: Option<String>,
    at: Timestamp,
    payload: Option<String>,
    payload_digest: Digest,
    previous: Digest,
    digest: Digest,
}

/// A place where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFault {
    pub run: RunId,
    pub sequence: i64,
    pub what: &'static str,
}

/// What walking every chain showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainReading {
    pub faults: Vec<ChainFault>,
    pub runs: u64,
    pub events: u64,
    /// What was erased on request, in the order of the record.
    pub erased: Vec<ErasedPayloads>,
    /// Whether the digest asked for is some event's; `None` when none was asked for.
    pub head_found: Option<bool>,
}

/// Payloads that one erasure took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedPayloads {
    pub run: RunId,
    pub at: Timestamp,
    pub command_line: String,
    pub source_uri: String,
    pub payloads: u64,
}

/// Events between two words on how far the walk is.
const TOLD_EVERY: u64 = 1_000;

/// The last event of a run that was read.
#[derive(Clone, Copy)]
struct End {
    run: RunId,
    sequence: i64,
    digest: Digest,
}

/// What the record says was erased on request.
#[derive(Default)]
struct Erasures {
    told: Vec<ErasedPayloads>,
    /// The events whose payloads are gone.
    named: HashSet<(RunId, i64)>,
}

struct Walk {
    reading: ChainReading,
    head: Option<Digest>,
    last: Option<End>,
    ends: Vec<End>,
    /// The events whose payloads an erasure names.
    named: HashSet<(RunId, i64)>,
}

/// What walking one run's chain showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunReading {
    pub faults: Vec<ChainFault>,
    pub events: u64,
    /// The digest of its last event.
    pub head: Option<Digest>,
    /// Its events whose payload was erased on request.
    pub erased: u64,
}

impl Store {
    /// Walks the chain of one run, and holds its row against it.
    pub fn verify_run(&mut self, run: RunId) -> Result<RunReading> {
        let erasures = erasures(self.engine.as_mut())?;
        let mut walk = Walk::new(None, erasures);
        let mut erased = 0;
        each_event(self.engine.as_mut(), Some(run), &mut |event| {
            erased += u64::from(event.payload.is_none());
            walk.step(&event);
            Ok(())
        })?;
        let (mut reading, ends) = walk.end();
        let engine = self.engine.as_mut();
        let mut faults = closed_run_faults(engine, &ends)?;
        faults.extend(run_row_faults(engine, &ends)?);
        let of_run = faults.into_iter().filter(|fault| fault.run == run);
        reading.faults.extend(of_run);
        Ok(RunReading {
            faults: reading.faults,
            events: reading.events,
            head: ends.first().map(|end| end.digest),
            erased,
        })
    }

    /// Walks every chain and says where one does not hold. `head` is a digest noted elsewhere, to look for; `walked`
    /// is told how many events were, now and then.
    pub fn verify_chains(
        &mut self,
        head: Option<Digest>,
        walked: &mut dyn FnMut(u64),
    ) -> Result<ChainReading> {
        let erasures = erasures(self.engine.as_mut())?;
        let mut walk = Walk::new(head, erasures);
        each_event(self.engine.as_mut(), None, &mut |event| {
            walk.step(&event);
            if walk.reading.events.is_multiple_of(TOLD_EVERY) {
                walked(walk.reading.events);
            }
            Ok(())
        })?;
        let (mut reading, ends) = walk.end();
        let engine = self.engine.as_mut();
        reading.faults.extend(closed_run_faults(engine, &ends)?);
        reading.faults.extend(run_row_faults(engine, &ends)?);
        Ok(reading)
    }
}

impl Walk {
    fn new(head: Option<Digest>, erasures: Erasures) -> Self {
        Self {
            reading: ChainReading {
                head_found: head.map(|_| false),
                erased: erasures.told,
                ..ChainReading::default()
            },
            head,
            last: None,
            ends: Vec::new(),
            named: erasures.named,
        }
    }

    /// Returns what was seen, and how each run ends.
    fn end(mut self) -> (ChainReading, Vec<End>) {
        self.ends.extend(self.last);
        (self.reading, self.ends)
    }

    fn step(&mut self, event: &StoredEvent) {
        let (before, previous) = match self.last {
            Some(last) if last.run == event.run => (last.sequence, last.digest),
            ended => {
                self.ends.extend(ended);
                self.reading.runs += 1;
                (0, Digest::ZERO)
            }
        };
        self.reading.events += 1;
        if event.sequence != before + 1 {
            self.fault(event, "an event before this one is missing");
        } else if event.previous != previous {
            self.fault(event, "it does not follow the event before it");
        }
        let payload = event.payload.as_ref();
        if payload.is_some_and(|text| Digest::of(text) != event.payload_digest) {
            self.fault(event, "its payload was edited");
        }
        if payload.is_none() && !self.named.contains(&(event.run, event.sequence)) {
            self.fault(event, "its payload is gone, and no erasure names it");
        }
        let key = event.source_uri.as_deref().map(UriKey::of);
        if event.expected_digest() != event.digest || key != event.source_key {
            self.fault(event, "it was edited");
        }
        if self.head == Some(event.digest) {
            self.reading.head_found = Some(true);
        }
        self.last = Some(End {
            run: event.run,
            sequence: event.sequence,
            digest: event.digest,
        });
    }

    fn fault(&mut self, event: &StoredEvent, what: &'static str) {
        self.reading.faults.push(ChainFault {
            run: event.run,
            sequence: event.sequence,
            what,
        });
    }
}

impl StoredEvent {
    fn expected_digest(&self) -> Digest {
        Event::chained(
            self.run,
            self.sequence,
            &self.kind,
            self.source_uri.as_deref(),
            self.at,
            self.payload_digest,
            self.previous,
        )
    }
}

/// Reads the events of one run, or of all, in the order of their chains.
fn each_event(
    engine: &mut dyn Engine,
    run: Option<RunId>,
    each: &mut dyn FnMut(StoredEvent) -> Result<()>,
) -> Result<()> {
    let of_run = if run.is_some() {
        "WHERE run_id = $1"
    } else {
        ""
    };
    let run = run.map(|run| [Value::from(run)]);
    engine.query(
        &format!(
            "SELECT run_id, sequence, kind, source_key, source_uri, at, payload, payload_digest, \
             previous_digest, digest FROM events {of_run} ORDER BY run_id, sequence"
        ),
        run.as_ref().map_or(&[], |run| run.as_slice()),
        &mut |row| {
            each(StoredEvent {
                run: row.get(0)?,
                sequence: row.get(1)?,
                kind: row.get(2)?,
                source_key: row.get(3)?,
                source_uri: row.get(4)?,
                at: row.get(5)?,
                payload: row.get(6)?,
                payload_digest: row.get(7)?,
                previous: row.get(8)?,
                digest: row.get(9)?,
            })
        },
    )
}

/// Reads what was erased on request, and the events whose payloads went with it.
fn erasures(engine: &mut dyn Engine) -> Result<Erasures> {
    let mut erasures = Erasures::default();
    engine.query(
        "SELECT events.run_id, events.at, runs.command_line, events.source_uri, events.payload \
         FROM runs JOIN events ON events.run_id = runs.id \
         WHERE runs.job_id IS NULL AND events.kind = 'source_erased' AND events.payload IS NOT NULL ORDER BY runs.started_at, runs.id, events.sequence",
        &[],
        &mut |row| {
            let payload: Json = row.get(4)?;
            let before = erasures.named.len();
            for one in payload["payloads"].as_array().into_iter().flatten() {
                let run: Option<RunId> = one["run_id"].as_str().and_then(|id| id.parse().ok());
                let sequences = one["sequences"].as_array().into_iter().flatten();
                let events = sequences.filter_map(|sequence| Some((run?, sequence.as_i64()?)));
                erasures.named.extend(events);
            }
            let payloads = (erasures.named.len() - before) as u64;
            erasures.told.push(ErasedPayloads {
                run: row.get(0)?,
                at: row.get(1)?,
                command_line: row.get(2)?,
                source_uri: row.get(3)?,
                payloads,
            });
            Ok(())
        },
    )?;
    Ok(erasures)
}

/// A run's row repeats what its opening event says, which the chain covers: a row that says otherwise was
/// edited. An open run without events has lost them: the first is written with its row.
fn run_row_faults(engine: &mut dyn Engine, ends: &[End]) -> Result<Vec<ChainFault>> {
    let mut faults = Vec::new();
    let known: HashSet<RunId> = ends.iter().map(|end| end.run).collect();
    engine.query(
        "SELECT runs.id, runs.job_id, runs.job_kind, runs.program_version, runs.command_line, \
         runs.configuration_digest, runs.started_at, events.at, events.payload, \
         runs.closed_at FROM runs \
         LEFT JOIN events ON events.run_id = runs.id AND events.sequence = 1 \
         ORDER BY runs.id",
        &[],
        &mut |row| {
            let run: RunId = row.get(0)?;
            let mut fault = |what| {
                faults.push(ChainFault {
                    run,
                    sequence: 1,
                    what,
                });
            };
            let Some(opened) = row.get::<Option<Timestamp>>(7)? else {
                let is_open = row.get::<Option<Timestamp>>(9)?.is_none();
                if is_open && !known.contains(&run) {
                    fault("its events are gone");
                }
                return Ok(());
            };
            let Some(payload) = row.get::<Option<Json>>(8)? else {
                return Ok(());
            };
            let job = row.get::<Option<JobId>>(1)?.map(|job| job.to_string());
            let kind: Option<String> = row.get(2)?;
            let (version, line): (String, String) = (row.get(3)?, row.get(4)?);
            let configuration: Digest = row.get(5)?;
            let says = |key: &str| payload[key].as_str().map(str::to_owned);
            let agrees = says("job_id") == job
                && says("job_kind") == kind
                && says("program_version") == Some(version)
                && says("command_line") == Some(line)
                && says("configuration_digest") == Some(configuration.to_string())
                && row.get::<Timestamp>(6)? == opened;
            if !agrees {
                fault("its row is not what its first event says");
            }
            Ok(())
        },
    )?;
    Ok(faults)
}

/// A closed run's row says how many events it has and how they end; and each later run's opening event
/// names that end again, so that a run cut at its tail is noticed.
fn closed_run_faults(engine: &mut dyn Engine, ends: &[End]) -> Result<Vec<ChainFault>> {
    let mut faults = Vec::new();
    let mut closed: Vec<(RunId, i64, Digest)> = Vec::new();
    engine.query(
        "SELECT id, event_count, head FROM runs WHERE closed_at IS NOT NULL ORDER BY id",
        &[],
        &mut |row| {
            closed.push((row.get(0)?, row.get(1)?, row.get(2)?));
            Ok(())
        },
    )?;
    let mut named: Vec<(RunId, Digest)> = Vec::new();
    engine.query(
        "SELECT events.payload FROM runs JOIN events ON events.run_id = runs.id \
         AND events.sequence = 1 WHERE events.kind = 'run_opened' AND events.payload IS NOT NULL \
         ORDER BY events.run_id",
        &[],
        &mut |row| {
            let payload: Json = row.get(0)?;
            for one in payload["closed_runs"].as_array().into_iter().flatten() {
                let run = one["run_id"].as_str().and_then(|text| text.parse().ok());
                let head = one["head"].as_str().and_then(|text| text.parse().ok());
                named.extend(run.zip(head));
            }
            Ok(())
        },
    )?;
    let by_run: HashMap<RunId, &End> = ends.iter().map(|end| (end.run, end)).collect();
    let end_of = |run: RunId| by_run.get(&run);
    for (run, count, head) in closed {
        match end_of(run) {
            Some(end) if end.sequence == count && end.digest == head => {}
            _ => faults.push(ChainFault {
                run,
                sequence: count,
                what: "the closed run's last event is not the one its row names",
            }),
        }
    }
    for (run, head) in named {
        if end_of(run).is_none_or(|end| end.digest != head) {
            let what = "its head is not the one that a later run names";
            faults.push(ChainFault {
                run,
                sequence: 0,
                what,
            });
        }
    }
    Ok(faults)
}
