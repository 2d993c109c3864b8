//! What `erase` took away, and what it left.

use serde::Serialize;

use super::line::{Line as _, lines};
use super::{Report, Table};
use crate::store::Erasure;

lines! {
    /// What went with one source's content.
    EraseLine {
        uri: String => text;
        /// Contents that were dropped, earlier ones included.
        bodies: i64 => number;
        /// Contents that stay because other sources have them.
        shared_bodies: i64 => number;
        extractions: i64 => number;
        mentions: i64 => number;
        entities: i64 => number;
        gaps: i64 => number;
        /// Events whose payloads are gone.
        payloads: i64 => number;
    }
}

/// `erase`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EraseReport {
    pub erased: EraseLine,
    /// Files that jobs wrote and that may hold the content still.
    pub archives: Vec<String>,
}

impl From<Erasure> for EraseReport {
    fn from(erasure: Erasure) -> Self {
        Self {
            erased: EraseLine {
                bodies: erasure.bodies.len() as i64,
                shared_bodies: erasure.shared.len() as i64,
                extractions: erasure.extractions,
                mentions: erasure.mentions,
                entities: erasure.entities,
                gaps: erasure.gaps,
                payloads: erasure.payloads,
                uri: erasure.uri,
            },
            archives: erasure.archives,
        }
    }
}

impl Report for EraseReport {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new("erased", "", EraseLine::columns());
        table.push(self.erased.cells());
        vec![table]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.erased.shared_bodies {
            0 => {}
            1 => notes.push("One content stays, because another source has the same.".to_owned()),
            count => notes.push(format!(
                "{count} contents stay, because other sources have the same."
            )),
        }
        for archive in &self.archives {
            notes.push(format!("The archive {archive} may hold it still."));
        }
        notes.push(
            "A later crawl that finds the page stores it again: leave it out with --exclude."
                .to_owned(),
        );
        notes.push(format!(
            "what stays: toolkit sources show {}",
            self.erased.uri
        ));
        notes
    }
}
