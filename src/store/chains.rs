//! Whether the record still is what was written: every chain of digests walked from its first event.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Store;
use super::engine::Engine;
use super::error::Result;
use crate::model::{Digest, Event, RunId, Timestamp, UriKey};

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
    /// Whether the digest asked for is some event's; `None` when none was asked for.
    pub head_found: Option<bool>,
}

/// The last event of a run that was read.
#[derive(Clone, Copy)]
struct End {
    run: RunId,
    sequence: i64,
    digest: Digest,
}

struct Walk {
    reading: ChainReading,
    head: Option<Digest>,
    last: Option<End>,
    ends: Vec<End>,
}

impl Store {
    /// Walks every chain and says where one does not hold. `head` is a digest noted elsewhere, to look for.
    pub fn verify_chains(&mut self, head: Option<Digest>) -> Result<ChainReading> {
        let reading = ChainReading {
            head_found: head.map(|_| false),
            ..ChainReading::default()
        };
        let mut walk = Walk {
            reading,
            head,
            last: None,
            ends: Vec::new(),
        };
        each_event(self.engine.as_mut(), &mut |event| {
            walk.step(&event);
            Ok(())
        })?;
        walk.ends.extend(walk.last);
        let Walk {
            mut reading, ends, ..
        } = walk;
        reading
            .faults
            .extend(closed_run_faults(self.engine.as_mut(), &ends)?);
        Ok(reading)
    }
}

impl Walk {
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

fn each_event(
    engine: &mut dyn Engine,
    each: &mut dyn FnMut(StoredEvent) -> Result<()>,
) -> Result<()> {
    engine.query(
        "SELECT run_id, sequence, kind, source_key, source_uri, at, payload, payload_digest, \
         previous_digest, digest FROM events ORDER BY run_id, sequence",
        &[],
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
        "SELECT payload FROM events WHERE kind = 'run_opened' AND payload IS NOT NULL \
         ORDER BY run_id, sequence",
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
