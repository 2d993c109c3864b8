//! What `report duplicates` reads: the contents that sources have, and the sources of some of them.

use super::Store;
use super::error::Result;
use crate::model::{Digest, Simhash, SourceId};

/// A content, with how many sources have it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredContent {
    pub digest: Digest,
    /// None of what is no text, and of a text that is too short to be compared.
    pub simhash: Option<Simhash>,
    pub sources: i64,
}

/// A source with the content that it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentOwner {
    pub id: SourceId,
    pub uri: String,
    pub source_group: String,
    pub canonical_uri: Option<String>,
    pub extractable: bool,
    /// Bytes after content decoding.
    pub size: i64,
    pub digest: Digest,
}

impl Store {
    /// Reads every content that a source has now.
    pub fn contents(&mut self) -> Result<Vec<StoredContent>> {
        let mut contents = Vec::new();
        self.engine.query(
            "SELECT bodies.digest, bodies.simhash, COUNT(*) FROM bodies \
             JOIN sources ON sources.body_digest = bodies.digest \
             GROUP BY bodies.digest, bodies.simhash ORDER BY bodies.digest",
            &[],
            &mut |row| {
                contents.push(StoredContent {
                    digest: row.get(0)?,
                    simhash: row.get::<Option<i64>>(1)?.map(Simhash::of_signed),
                    sources: row.get(2)?,
                });
                Ok(())
            },
        )?;
        Ok(contents)
    }

    /// Reads every source that has a content, by URI.
    pub fn content_owners(
        &mut self,
        each: &mut dyn FnMut(ContentOwner) -> Result<()>,
    ) -> Result<()> {
        self.engine.query(
            "SELECT sources.id, sources.uri, sources.source_group, sources.canonical_uri, \
             sources.extractable, bodies.size, bodies.digest FROM sources \
             JOIN bodies ON bodies.digest = sources.body_digest ORDER BY sources.uri COLLATE \"C\"",
            &[],
            &mut |row| {
                each(ContentOwner {
                    id: row.get(0)?,
                    uri: row.get(1)?,
                    source_group: row.get(2)?,
                    canonical_uri: row.get(3)?,
                    extractable: row.get(4)?,
                    size: row.get(5)?,
                    digest: row.get(6)?,
                })
            },
        )
    }
}
