//! What `db vacuum` drops, or would drop.

use serde::Serialize;

use super::line::{Line as _, lines, table};
use super::{Report, Table};
use crate::model::Digest;
use crate::store::{Result, Store, UnusedBody};

lines! {
    /// A body that no source has as its current content.
    DroppedBodyLine {
        body_digest: Digest => id.stable;
        /// Bytes as they were fetched, after content decoding.
        body_size: i64 => number;
        /// Bytes that it takes in the database.
        stored_size: i64 => number;
    }

    /// What they come to.
    VacuumLine {
        bodies: i64 => number;
        body_size: i64 => number;
        stored_size: i64 => number;
        /// Whether they are gone, and not only named.
        dropped: bool => text;
    }
}

/// `db vacuum --bodies`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VacuumReport {
    pub summary: VacuumLine,
    pub bodies: Vec<DroppedBodyLine>,
}

/// Reads which bodies would be dropped.
pub fn unused_bodies(store: &mut Store) -> Result<VacuumReport> {
    Ok(VacuumReport::of(&store.unused_bodies()?, false))
}

impl VacuumReport {
    /// Describes bodies that are dropped, or would be.
    pub fn of(bodies: &[UnusedBody], dropped: bool) -> Self {
        Self {
            summary: VacuumLine {
                bodies: bodies.len() as i64,
                body_size: bodies.iter().map(|body| body.size).sum(),
                stored_size: bodies.iter().map(|body| body.stored_size).sum(),
                dropped,
            },
            bodies: bodies
                .iter()
                .map(|body| DroppedBodyLine {
                    body_digest: body.digest,
                    body_size: body.size,
                    stored_size: body.stored_size,
                })
                .collect(),
        }
    }
}

impl Report for VacuumReport {
    fn tables(&self) -> Vec<Table> {
        let mut summary = Table::new("summary", "", VacuumLine::columns());
        summary.push(self.summary.cells());
        let empty = "Every body is the current content of a source.";
        vec![summary, table("bodies", empty, &self.bodies)]
    }

    fn notes(&self) -> Vec<String> {
        if self.summary.dropped || self.bodies.is_empty() {
            return Vec::new();
        }
        vec!["drop them: toolkit db vacuum --bodies".to_owned()]
    }
}
