//! A row for each link of a source, for those who ask for them; a body's packed column is what is kept
//! otherwise.

use std::collections::HashSet;

use super::Store;
use super::bodies::unpack_links;
use super::error::Result;
use super::sources::{Fetched, PutSource};
use super::value::values;
use crate::model::{SourceChange, SourceId, UriKey};

struct LinkRow {
    source: SourceId,
    key: UriKey,
    uri: String,
    ordinal: i64,
}

impl Store {
    /// Replaces the link rows of sources whose content is another now, and with `keep` writes those of
    /// sources that have none. Rows of an older content go either way.
    pub(super) fn put_link_rows(
        &mut self,
        keep: bool,
        fetched: &[Fetched<'_>],
        stored: &[PutSource],
    ) -> Result<()> {
        let with = |change: SourceChange| {
            let ids = stored.iter().filter(move |put| put.change == change);
            ids.map(|put| put.id).collect::<Vec<SourceId>>()
        };
        self.execute_among(
            "DELETE FROM links WHERE source_id",
            "",
            &[],
            &with(SourceChange::Changed),
        )?;
        if !keep {
            return Ok(());
        }
        let mut have: HashSet<SourceId> = HashSet::new();
        self.query_among(
            "SELECT DISTINCT source_id FROM links WHERE source_id",
            "",
            &[],
            &with(SourceChange::Unchanged),
            &mut |row| {
                have.insert(row.get(0)?);
                Ok(())
            },
        )?;
        let without = fetched
            .iter()
            .zip(stored)
            .filter(|(_, put)| !have.contains(&put.id));
        let mut rows: Vec<LinkRow> = Vec::new();
        for (fetched, put) in without {
            let links = unpack_links(&fetched.links.packed)?;
            rows.extend((0..).zip(links).map(|(ordinal, uri)| LinkRow {
                source: put.id,
                key: UriKey::of(&uri),
                uri,
                ordinal,
            }));
        }
        // In the order of the unique key: two jobs that insert in different orders deadlock.
        rows.sort_by_key(|row| (row.source, row.key));
        self.insert_rows(
            "links (source_id, target_key, target_uri, ordinal)",
            "ON CONFLICT (source_id, target_key) DO NOTHING",
            &rows,
            |row| values![row.source, row.key, &row.uri, row.ordinal],
            &mut |_| Ok(()),
        )
    }
}
