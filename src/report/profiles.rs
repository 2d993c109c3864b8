//! Profiles: which there are, what is wrong with one, and what one finds on pages.
//!
//! Stands on no row: what is shown is handed in.

use serde::Serialize;
use serde_json::Value;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{Class, Digest, Gap};

lines! {
    /// One profile.
    ProfileLine {
        profile: String => text;
        /// Each group with the number of its fields.
        groups: String => text;
        description: Option<String> => text;
        digest: Digest => id.stable.verbose;
    }

    /// One fault of a profile.
    ProfileFaultLine {
        /// As it was typed, or the file beside it that has the fault.
        file: String => text;
        line: i64 => number;
        column: i64 => number;
        message: String => text;
        /// What to write instead.
        fix: String => text;
    }

    /// One field of one instance on one page.
    FoundFieldLine {
        /// As it was typed.
        page: String => text;
        group: String => text;
        /// Counts the instances of the page, from 0.
        instance: i64 => number;
        field: String => text;
        value: Value => text;
        unit: Option<String> => text;
        evidence: String => text;
        /// `None` for a default.
        confidence: Option<f64> => number;
        locator: Option<String> => text;
    }

    /// What is missing of a page.
    FieldGapLine {
        page: String => text;
        reason: &'static str => text;
        class: &'static str => text;
        position: String => text;
        detail: String => text;
    }
}

/// `profile list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfilesReport {
    pub rows: Vec<ProfileLine>,
}

/// `profile check`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileCheckReport {
    pub faults: Vec<ProfileFaultLine>,
    pub profiles: Vec<ProfileLine>,
}

/// `profile test`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileTestReport {
    pub fields: Vec<FoundFieldLine>,
    pub gaps: Vec<FieldGapLine>,
}

impl ProfileTestReport {
    /// Adds what a profile found on a page: the stored form of its fields, and its gaps.
    pub fn add<'a>(
        &mut self,
        page: &str,
        instances: impl Iterator<Item = &'a Value>,
        gaps: impl Iterator<Item = &'a Gap>,
    ) {
        let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
        for (instance, data) in instances.enumerate() {
            for field in data["fields"].as_array().into_iter().flatten() {
                self.fields.push(FoundFieldLine {
                    page: page.to_owned(),
                    group: text(data, "group").unwrap_or_default(),
                    instance: instance as i64,
                    field: text(field, "field").unwrap_or_default(),
                    value: field["value"].clone(),
                    unit: text(field, "currency").or_else(|| text(field, "unit")),
                    evidence: text(field, "evidence").unwrap_or_default(),
                    confidence: field["confidence"].as_f64(),
                    locator: text(field, "locator"),
                });
            }
        }
        self.gaps.extend(gaps.map(|gap| FieldGapLine {
            page: page.to_owned(),
            reason: gap.reason.as_str(),
            class: gap.reason.class().as_str(),
            position: gap.position.clone(),
            detail: gap.detail.clone(),
        }));
    }

    /// Says whether something is missing that should be there.
    pub fn has_losses(&self) -> bool {
        self.gaps
            .iter()
            .any(|gap| gap.class == Class::Loss.as_str())
    }
}

impl Report for ProfilesReport {
    fn tables(&self) -> Vec<Table> {
        vec![table("profiles", "There is no profile.", &self.rows)]
    }

    fn notes(&self) -> Vec<String> {
        vec!["one of your own: `toolkit profile new NAME`".to_owned()]
    }
}

impl Report for ProfileCheckReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("faults", "Nothing is wrong.", &self.faults),
            table("profiles", "No profile can be used.", &self.profiles),
        ]
    }
}

impl Report for ProfileTestReport {
    fn tables(&self) -> Vec<Table> {
        vec![
            table("fields", "No field was found.", &self.fields),
            table("gaps", "Nothing is missing.", &self.gaps),
        ]
    }
}
