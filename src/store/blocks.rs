//! The blocks of texts, and how many pages of a group have each: what most of them have is boilerplate.
//!
//! Owns the counting alone. Nothing is written when a block becomes boilerplate, and no text is changed: how many
//! pages repeat it is counted when it is asked for, and so is right whatever was extracted since.

use std::collections::HashMap;

use super::Store;
use super::error::Result;
use super::results::StoredText;
use super::value::values;
use crate::model::{Block, BlockKey, ExtractionId, ExtractionType, SourceId, block_keys, blocks};

/// What fewer pages have in common may be chance.
const LEAST_PAGES: i64 = 3;

/// The repeated blocks of one group, as one profile reads its pages.
#[derive(Debug, Clone, Default)]
pub struct GroupBlocks {
    pub source_group: String,
    pub profile: String,
    /// How many pages have a text.
    pub pages: i64,
    /// The blocks that more than half of the pages have, and at least three, with how many have it and a text
    /// that does.
    pub repeated: HashMap<BlockKey, (i64, ExtractionId)>,
}

/// A block where a text has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    pub text: String,
    pub locator: String,
}

impl GroupBlocks {
    fn keep_repeated(&mut self) {
        let pages = self.pages;
        self.repeated
            .retain(|_, (count, _)| *count >= LEAST_PAGES && *count * 2 > pages);
    }
}

impl Store {
    /// Keeps the blocks of texts in the place of those that the texts had.
    pub(super) fn put_blocks(&mut self, texts: &[StoredText<'_>], profile: &str) -> Result<()> {
        let mut rows: Vec<(&StoredText<'_>, Vec<u8>)> = Vec::new();
        let mut without: Vec<ExtractionId> = Vec::new();
        for stored in texts {
            let item = &stored.text.item;
            if item.extraction_type != ExtractionType::Content {
                continue;
            }
            let keys = block_keys(&item.data, &item.text);
            if !keys.is_empty() {
                rows.push((stored, BlockKey::pack(&keys)));
            } else if !stored.is_new {
                without.push(stored.id);
            }
        }
        self.execute_among("DELETE FROM blocks WHERE extraction_id", "", &[], &without)?;
        self.insert_rows(
            "blocks (extraction_id, source_id, source_group, profile, keys)",
            "ON CONFLICT (extraction_id) DO UPDATE SET keys = excluded.keys",
            &rows,
            |(stored, keys)| {
                values![
                    stored.id,
                    stored.source,
                    stored.source_group,
                    profile,
                    keys.as_slice(),
                ]
            },
            &mut |_| Ok(()),
        )
    }

    /// Counts the blocks that most pages have, group by group and profile by profile; of one group, if asked.
    pub fn repeated_blocks(&mut self, group: Option<&str>) -> Result<Vec<GroupBlocks>> {
        let mut groups: Vec<GroupBlocks> = Vec::new();
        let mut seen: HashMap<BlockKey, SourceId> = HashMap::new();
        let mut last: Option<SourceId> = None;
        self.engine.query(
            "SELECT source_group, profile, source_id, extraction_id, keys FROM blocks \
             WHERE source_group = $1 OR $2 ORDER BY source_group COLLATE \"C\", profile COLLATE \"C\", source_id",
            &values![group, group.is_none()],
            &mut |row| {
                let (source_group, profile): (String, String) = (row.get(0)?, row.get(1)?);
                let (source, extraction): (SourceId, ExtractionId) = (row.get(2)?, row.get(3)?);
                let is_of = |one: &&mut GroupBlocks| {
                    one.source_group == source_group && one.profile == profile
                };
                if groups.last_mut().as_ref().is_none_or(|one| !is_of(one)) {
                    if let Some(ended) = groups.last_mut() {
                        ended.keep_repeated();
                    }
                    groups.push(GroupBlocks {
                        source_group,
                        profile,
                        ..GroupBlocks::default()
                    });
                    seen.clear();
                    last = None;
                }
                let Some(current) = groups.last_mut() else {
                    return Ok(());
                };
                if last.replace(source) != Some(source) {
                    current.pages += 1;
                }
                let keys: Vec<u8> = row.get(4)?;
                for key in BlockKey::unpack(&keys) {
                    // The sheets of one document are one page.
                    if seen.insert(key, source) != Some(source) {
                        let counted = current.repeated.entry(key).or_insert((0, extraction));
                        counted.0 += 1;
                        counted.1 = counted.1.min(extraction);
                    }
                }
                Ok(())
            },
        )?;
        if let Some(ended) = groups.last_mut() {
            ended.keep_repeated();
        }
        Ok(groups)
    }

    /// Reads the blocks of one text that are among `keys`, each where it stands first.
    pub fn blocks_of(
        &mut self,
        extraction: ExtractionId,
        keys: &[BlockKey],
    ) -> Result<HashMap<BlockKey, StoredBlock>> {
        let mut found = HashMap::new();
        self.engine.query(
            "SELECT data, content FROM extractions WHERE id = $1",
            &values![extraction],
            &mut |row| {
                let (data, text): (serde_json::Value, String) = (row.get(0)?, row.get(1)?);
                let among = |block: &Block<'_>| keys.contains(&block.key);
                for block in blocks(&data, &text).filter(among) {
                    found.entry(block.key).or_insert_with(|| StoredBlock {
                        text: text[block.start..block.end].to_owned(),
                        locator: block.locator.to_owned(),
                    });
                }
                Ok(())
            },
        )?;
        Ok(found)
    }
}
