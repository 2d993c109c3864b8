//! Whether the chains of events hold, and whether a head that was noted elsewhere is in one of them.

use serde::Serialize;

use super::check::update;
use super::line::{Line as _, lines, table};
use super::{Report, Table};
use crate::model::{Digest, ProgressUpdate, RunId, Timestamp};
use crate::store::{ChainFault, ChainReading, ErasedPayloads, Result, Store};

lines! {
    /// A place where a chain does not hold.
    FaultLine {
        run_id: RunId => id;
        sequence: i64 => number;
        what: &'static str => text;
    }

    /// Payloads that were erased on request: their digests are in the chains still.
    ErasedLine {
        source_uri: String => text;
        payloads: u64 => number;
        erased_at: Timestamp => time;
        erased_by: String => text;
        run_id: RunId => id;
    }

    /// What was read, and what came of it.
    VerifyLine {
        runs: u64 => number;
        events: u64 => number;
        erased_payloads: u64 => number;
        faults: i64 => number;
        /// The digest that was asked for.
        head: Option<Digest> => id;
        /// Whether it is the digest of some event.
        head_found: Option<bool> => text;
    }
}

/// `db verify`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifyReport {
    pub summary: VerifyLine,
    pub faults: Vec<FaultLine>,
    pub erased: Vec<ErasedLine>,
}

/// Walks every chain; `head` is a digest that was noted elsewhere.
pub fn verify(
    store: &mut Store,
    head: Option<Digest>,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<VerifyReport> {
    store.snapshot(|store| {
        let ChainReading {
            faults,
            runs,
            events,
            erased,
            head_found,
        } = walked(store, head, progress)?;
        let faults: Vec<FaultLine> = faults.into_iter().map(FaultLine::from).collect();
        Ok(VerifyReport {
            summary: VerifyLine {
                runs,
                events,
                erased_payloads: erased.iter().map(|one| one.payloads).sum(),
                faults: faults.len() as i64,
                head,
                head_found,
            },
            faults,
            erased: erased.into_iter().map(ErasedLine::from).collect(),
        })
    })
}

/// Walks every chain, and tells how far it is.
pub(super) fn walked(
    store: &mut Store,
    head: Option<Digest>,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<ChainReading> {
    let rows = store.row_counts()?;
    let events = rows.iter().find(|(table, _)| *table == "events");
    let total = events.map(|(_, count)| count.unsigned_abs());
    progress(update("verifying events", 0, total));
    store.verify_chains(head, &mut |done| {
        progress(update("verifying events", done, total));
    })
}

impl VerifyReport {
    /// Says whether every chain holds and the head, if one was asked for, is there.
    pub fn holds(&self) -> bool {
        self.faults.is_empty() && self.summary.head_found != Some(false)
    }
}

impl From<ErasedPayloads> for ErasedLine {
    fn from(erased: ErasedPayloads) -> Self {
        Self {
            source_uri: erased.source_uri,
            payloads: erased.payloads,
            erased_at: erased.at,
            erased_by: erased.command_line,
            run_id: erased.run,
        }
    }
}

impl From<ChainFault> for FaultLine {
    fn from(fault: ChainFault) -> Self {
        Self {
            run_id: fault.run,
            sequence: fault.sequence,
            what: fault.what,
        }
    }
}

impl Report for VerifyReport {
    fn tables(&self) -> Vec<Table> {
        let mut summary = Table::new("chains", "", VerifyLine::columns());
        summary.push(self.summary.cells());
        let mut tables = vec![summary];
        if !self.faults.is_empty() {
            tables.push(table("faults", "", &self.faults));
        }
        if !self.erased.is_empty() {
            tables.push(table("erased", "", &self.erased));
        }
        tables
    }

    fn notes(&self) -> Vec<String> {
        if self.summary.head_found == Some(false) {
            let note =
                "No event has that digest: the record was cut or rebuilt since it was noted.";
            return vec![note.to_owned()];
        }
        Vec::new()
    }
}
