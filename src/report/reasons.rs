//! The registry of reasons as a reader sees it: what each means, and what can be done about it.
//!
//! Stands on no row: `model` holds the registry.

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Class, Reason, Stage};

lines! {
    /// One reason.
    ReasonLine {
        stage: &'static str => text;
        class: &'static str => text;
        reason: &'static str => text;
        /// Whether trying again, with nothing else changed, can help.
        retry_can_help: bool => text;
        meaning: &'static str => text;
        remedy: &'static str => text;
    }
}

/// `report reasons`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonsReport {
    pub rows: Vec<ReasonLine>,
}

/// Lists the reasons of a stage and a class, if asked, in the order of the stages.
pub fn reasons(stage: Option<Stage>, class: Option<Class>) -> ReasonsReport {
    let mut wanted: Vec<Reason> = Reason::ALL
        .iter()
        .copied()
        .filter(|reason| stage.is_none_or(|stage| reason.stage() == stage))
        .filter(|reason| class.is_none_or(|class| reason.class() == class))
        .collect();
    wanted.sort_by_key(|reason| (reason.stage(), reason.class(), reason.as_str()));
    ReasonsReport {
        rows: wanted.into_iter().map(ReasonLine::of).collect(),
    }
}

impl ReasonLine {
    fn of(reason: Reason) -> Self {
        Self {
            stage: reason.stage().as_str(),
            class: reason.class().as_str(),
            reason: reason.as_str(),
            retry_can_help: reason.retry_can_help(),
            meaning: reason.meaning(),
            remedy: reason.remedy(),
        }
    }
}

impl Report for ReasonsReport {
    fn tables(&self) -> Vec<Table> {
        let empty = "No reason is of this stage and class.";
        vec![table("reasons", empty, &self.rows)]
    }

    fn notes(&self) -> Vec<String> {
        vec!["Next: toolkit report incomplete --by reason".to_owned()]
    }
}
