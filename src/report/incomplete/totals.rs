//! Counts of what is incomplete, by class and by reason.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Class;
use crate::report::line::lines;

lines! {
    /// How many lines there are for one reason.
    ReasonTotal {
        stage: String => text;
        reason: String => text;
        class: String => text;
        count: i64 => number;
    }
}

/// How many lines there are of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    pub loss: i64,
    pub pending: i64,
    pub limit: i64,
    pub decision: i64,
}

impl ClassCounts {
    /// Counts one line.
    pub(super) fn add(&mut self, class: &str) {
        match class.parse() {
            Ok(Class::Pending) => self.pending += 1,
            Ok(Class::Limit) => self.limit += 1,
            Ok(Class::Decision) => self.decision += 1,
            // A class that a newer version made up is no reason to call anything complete.
            Ok(Class::Loss) | Err(_) => self.loss += 1,
        }
    }
}

/// Counts lines by stage, reason and class.
#[derive(Debug, Default)]
pub(in crate::report) struct Totals(BTreeMap<(String, String, String), i64>);

impl Totals {
    /// Counts lines of one reason.
    pub fn add(&mut self, stage: &str, reason: &str, class: &str, count: i64) {
        let place = (stage.to_owned(), reason.to_owned(), class.to_owned());
        *self.0.entry(place).or_default() += count;
    }

    /// Returns a line for each reason.
    pub fn into_lines(self) -> Vec<ReasonTotal> {
        self.0
            .into_iter()
            .map(|((stage, reason, class), count)| ReasonTotal {
                stage,
                reason,
                class,
                count,
            })
            .collect()
    }
}
