//! Which blocks most pages of a group repeat, and how many do. The pages keep them.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};
use crate::model::{BlockKey, ExtractionId};
use crate::store::{GroupBlocks, Result, Store};

lines! {
    /// One repeated block of a group.
    BoilerplateLine {
        source_group: String => text;
        profile: String => text;
        /// How many pages of the group have it.
        pages: i64 => number;
        /// How many pages of the group have a text at all.
        group_pages: i64 => number;
        text: String => text;
        /// Where one of the pages has it.
        locator: String => text.volatile;
        /// The text that it was read from.
        extraction_id: ExtractionId => id;
    }
}

/// `report boilerplate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoilerplateReport {
    pub rows: Vec<BoilerplateLine>,
}

/// Reads the blocks that most pages of a group repeat, by group, profile, and how many do; of one group, if asked.
pub fn boilerplate(store: &mut Store, group: Option<&str>) -> Result<BoilerplateReport> {
    let mut rows = Vec::new();
    for group in store.repeated_blocks(group)? {
        let mut lines = group_lines(store, &group)?;
        lines.sort_by(|one, other| (-one.pages, &one.text).cmp(&(-other.pages, &other.text)));
        rows.extend(lines);
    }
    Ok(BoilerplateReport { rows })
}

fn group_lines(store: &mut Store, group: &GroupBlocks) -> Result<Vec<BoilerplateLine>> {
    let mut by_text: BTreeMap<ExtractionId, Vec<BlockKey>> = BTreeMap::new();
    for (key, (_, extraction)) in &group.repeated {
        by_text.entry(*extraction).or_default().push(*key);
    }
    let mut lines = Vec::with_capacity(group.repeated.len());
    for (extraction, keys) in by_text {
        let mut found: HashMap<_, _> = store.blocks_of(extraction, &keys)?;
        for key in keys {
            let (Some(block), Some((pages, _))) = (found.remove(&key), group.repeated.get(&key))
            else {
                continue;
            };
            lines.push(BoilerplateLine {
                source_group: group.source_group.clone(),
                profile: group.profile.clone(),
                pages: *pages,
                group_pages: group.pages,
                text: block.text,
                locator: block.locator,
                extraction_id: extraction,
            });
        }
    }
    Ok(lines)
}

impl Report for BoilerplateReport {
    fn tables(&self) -> Vec<Table> {
        let empty = "No block is repeated by most pages of its group.";
        vec![table("boilerplate", empty, &self.rows)]
    }
}
