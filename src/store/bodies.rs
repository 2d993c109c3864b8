//! Bodies: each distinct content once, with the links that were found in it.
//!
//! Owns how they are put there and read; which go again stands in `dropping.rs`.

use std::collections::HashSet;

use super::Store;
use super::error::{Error, Result};
use super::sources::Fetched;
use super::value::{Row, values};
use crate::model::{Digest, Simhash};

impl Store {
    /// Keeps bodies, unless their content is there already. A body's links are those resolved at the first
    /// URI that had it; a twin's may differ, and stand in that job's frontier.
    pub(super) fn keep_bodies(&mut self, fetched: &[Fetched<'_>]) -> Result<()> {
        let mut bodies: Vec<&Fetched<'_>> = fetched.iter().collect();
        // Two jobs that upsert the same bodies in different orders deadlock.
        bodies.sort_by_key(|one| one.body.digest);
        bodies.dedup_by_key(|one| one.body.digest);
        // One that was there is held until the sources that name it are committed: another process may be
        // dropping it. When it has, there is nothing to hold and the body is put there again.
        let hold = format!(" ORDER BY digest{}", self.engine.row_lock_suffix());
        while !bodies.is_empty() {
            let mut kept: HashSet<Digest> = HashSet::with_capacity(bodies.len());
            let mut keep = |row: &dyn Row| {
                kept.insert(row.get(0)?);
                Ok(())
            };
            self.insert_rows(
                "bodies (digest, content, size, links, link_count, other_link_count, created_at, \
                 simhash)",
                "ON CONFLICT (digest) DO NOTHING RETURNING digest",
                &bodies,
                |one| {
                    values![
                        one.body.digest,
                        one.body.compressed.as_slice(),
                        one.body.size as i64,
                        one.links.packed.as_slice(),
                        one.links.count as i64,
                        one.other_links as i64,
                        one.at,
                        one.body.simhash.map(Simhash::to_signed),
                    ]
                },
                &mut keep,
            )?;
            let there: Vec<Digest> = bodies
                .iter()
                .map(|one| one.body.digest)
                .filter(|digest| !kept.contains(digest))
                .collect();
            let mut keep = |row: &dyn Row| {
                kept.insert(row.get(0)?);
                Ok(())
            };
            self.query_among(
                "SELECT digest FROM bodies WHERE digest",
                &hold,
                &[],
                &there,
                &mut keep,
            )?;
            bodies.retain(|one| !kept.contains(&one.body.digest));
        }
        Ok(())
    }

    /// Returns the bytes under `digest`, if they are kept.
    pub fn body(&mut self, digest: Digest) -> Result<Option<Vec<u8>>> {
        let mut found: Option<(Vec<u8>, i64)> = None;
        self.engine.query(
            "SELECT content, size FROM bodies WHERE digest = $1",
            &values![digest],
            &mut |row| {
                found = Some((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        found
            .map(|(content, size)| decompressed(&content, size))
            .transpose()
    }
}

pub(super) fn decompressed(content: &[u8], size: i64) -> Result<Vec<u8>> {
    let size = usize::try_from(size).map_err(|error| Error::Decode(error.to_string()))?;
    zstd::bulk::decompress(content, size).map_err(|error| Error::Decode(format!("a body: {error}")))
}

/// Reads what a body's `links` column holds.
pub fn unpack_links(packed: &[u8]) -> Result<Vec<String>> {
    let bytes = zstd::stream::decode_all(packed)
        .map_err(|error| Error::Decode(format!("a list of links: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| Error::Decode(error.to_string()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PackedLinks;

    #[test]
    fn links_come_back_as_they_were_packed() {
        for links in [
            vec![],
            vec![
                "https://a.example/".to_owned(),
                "https://b.example/ä".to_owned(),
            ],
        ] {
            let packed = PackedLinks::of(links.iter().map(String::as_str)).unwrap();
            assert_eq!(packed.count, links.len() as u64);
            assert_eq!(unpack_links(&packed.packed).unwrap(), links);
        }
    }
}
