//! The index of words: which texts are in it, and where each word stands.
//!
//! Owns the rows alone; what is packed in them, and what it is worth, is the search's to say. Whoever writes a text marks
//! it as waiting in the same transaction, so no answer is silently old.

use std::collections::{HashMap, HashSet};

use super::Store;
use super::error::Result;
use super::value::values;
use crate::model::{ExtractionId, SearchSegmentId, SourceId, Timestamp};

/// A text that is not in the index.
#[derive(Debug, Clone, PartialEq)]
pub struct UnsearchedText {
    pub extraction: ExtractionId,
    pub source: SourceId,
    pub ordinal: i64,
    pub title: Option<String>,
    pub text: String,
    /// When the text was written: one that was written since is another.
    pub written_at: Timestamp,
}

/// A text in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchText {
    pub extraction: ExtractionId,
    pub source: SourceId,
    pub segment: SearchSegmentId,
    /// In its segment.
    pub number: i64,
    pub words: i64,
    pub title_words: i64,
}

/// What is shown of a text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundText {
    pub extraction: ExtractionId,
    pub source: SourceId,
    pub profile: String,
    pub ordinal: i64,
    pub uri: String,
    pub title: Option<String>,
}

impl Store {
    /// Counts the texts that are not in the index.
    pub fn count_unsearched(&mut self) -> Result<i64> {
        let mut count = 0;
        self.engine
            .query("SELECT COUNT(*) FROM search_pending", &[], &mut |row| {
                count = row.get(0)?;
                Ok(())
            })?;
        Ok(count)
    }

    /// Reads up to `limit` texts that are not in the index, by id, from behind `after`.
    pub fn unsearched_texts(
        &mut self,
        after: Option<ExtractionId>,
        limit: usize,
    ) -> Result<Vec<UnsearchedText>> {
        let mut texts = Vec::new();
        self.engine.query(
            "SELECT extractions.id, extractions.source_id, extractions.ordinal, sources.title, \
             extractions.content, search_pending.written_at \
             FROM search_pending JOIN extractions ON extractions.id = search_pending.extraction_id \
             JOIN sources ON sources.id = extractions.source_id \
             WHERE search_pending.extraction_id > $1 OR $2 \
             ORDER BY search_pending.extraction_id LIMIT $3",
            &values![after, after.is_none(), limit as i64],
            &mut |row| {
                texts.push(UnsearchedText {
                    extraction: row.get(0)?,
                    source: row.get(1)?,
                    ordinal: row.get(2)?,
                    title: row.get(3)?,
                    text: row.get(4)?,
                    written_at: row.get(5)?,
                });
                Ok(())
            },
        )?;
        Ok(texts)
    }

    /// Puts a segment into the index: its texts, each with when it was written, and the list of each word.
    ///
    /// Returns whether it is there: where a text was written anew or indexed by another since it was read, nothing is.
    pub fn put_search_segment(
        &mut self,
        texts: &[(SearchText, Timestamp)],
        words: &[(String, Vec<u8>)],
    ) -> Result<bool> {
        let Some((first, _)) = texts.first() else {
            return Ok(true);
        };
        let segment = first.segment;
        let written: HashMap<ExtractionId, Timestamp> = texts
            .iter()
            .map(|(text, at)| (text.extraction, *at))
            .collect();
        let ids: Vec<ExtractionId> = texts.iter().map(|(text, _)| text.extraction).collect();
        self.transaction("index_texts", |store| {
            let mut waiting: HashMap<ExtractionId, Timestamp> = HashMap::new();
            store.query_among(
                "DELETE FROM search_pending WHERE extraction_id",
                " RETURNING extraction_id, written_at",
                &[],
                &ids,
                &mut |row| {
                    waiting.insert(row.get(0)?, row.get(1)?);
                    Ok(())
                },
            )?;
            if waiting != written {
                let rows: Vec<(ExtractionId, Timestamp)> = waiting.into_iter().collect();
                store.put_pending(&rows)?;
                return Ok(false);
            }
            store.insert_rows(
                "search_texts (extraction_id, source_id, segment, number, words, title_words)",
                "ON CONFLICT (extraction_id) DO UPDATE SET segment = excluded.segment, \
                 number = excluded.number, words = excluded.words, title_words = excluded.title_words",
                texts,
                |(text, _)| {
                    values![
                        text.extraction,
                        text.source,
                        segment,
                        text.number,
                        text.words,
                        text.title_words,
                    ]
                },
                &mut |_| Ok(()),
            )?;
            store.insert_rows(
                "search_words (word, segment, postings)",
                "",
                words,
                |(word, postings)| values![word.as_str(), segment, postings.as_slice()],
                &mut |_| Ok(()),
            )?;
            Ok(true)
        })
    }

    /// Marks texts as waiting for the index, each with when it was written.
    pub(super) fn put_pending(&mut self, texts: &[(ExtractionId, Timestamp)]) -> Result<()> {
        self.insert_rows(
            "search_pending (extraction_id, written_at)",
            "ON CONFLICT (extraction_id) DO UPDATE SET written_at = excluded.written_at",
            texts,
            |(id, at)| values![*id, *at],
            &mut |_| Ok(()),
        )
    }

    /// Empties the index.
    pub fn drop_search_index(&mut self) -> Result<()> {
        self.transaction("index_texts", Self::empty_search_index)
    }

    /// Takes every word out of the index; all texts wait for it again.
    pub(super) fn empty_search_index(&mut self) -> Result<()> {
        self.engine.execute(
            "INSERT INTO search_pending (extraction_id, written_at) \
                 SELECT id, created_at FROM extractions WHERE extraction_type = 'content' \
                 ON CONFLICT (extraction_id) DO NOTHING",
            &[],
        )?;
        self.engine.execute("DELETE FROM search_texts", &[])?;
        self.engine.execute("DELETE FROM search_words", &[])?;
        Ok(())
    }

    /// Reads the texts in the index, by segment and number, without those that were written anew since.
    pub fn search_texts(&mut self) -> Result<Vec<SearchText>> {
        let mut waiting: HashSet<ExtractionId> = HashSet::new();
        self.engine.query(
            "SELECT extraction_id FROM search_pending",
            &[],
            &mut |row| {
                waiting.insert(row.get(0)?);
                Ok(())
            },
        )?;
        let mut texts = Vec::new();
        self.engine.query(
            "SELECT extraction_id, source_id, segment, number, words, title_words FROM search_texts \
             ORDER BY segment, number",
            &[],
            &mut |row| {
                let text = SearchText {
                    extraction: row.get(0)?,
                    source: row.get(1)?,
                    segment: row.get(2)?,
                    number: row.get(3)?,
                    words: row.get(4)?,
                    title_words: row.get(5)?,
                };
                if !waiting.contains(&text.extraction) {
                    texts.push(text);
                }
                Ok(())
            },
        )?;
        Ok(texts)
    }

    /// Reads where a word stands, segment by segment.
    pub fn search_postings(&mut self, word: &str) -> Result<Vec<(SearchSegmentId, Vec<u8>)>> {
        let mut lists = Vec::new();
        self.engine.query(
            "SELECT segment, postings FROM search_words WHERE word = $1 ORDER BY segment",
            &values![word],
            &mut |row| {
                lists.push((row.get(0)?, row.get(1)?));
                Ok(())
            },
        )?;
        Ok(lists)
    }

    /// Reads what is shown of texts.
    pub fn found_texts(&mut self, ids: &[ExtractionId]) -> Result<Vec<FoundText>> {
        let mut found = Vec::with_capacity(ids.len());
        self.query_among(
            "SELECT extractions.id, extractions.source_id, extractions.profile, extractions.ordinal, \
             sources.uri, sources.title \
             FROM extractions JOIN sources ON sources.id = extractions.source_id WHERE extractions.id",
            "",
            &[],
            ids,
            &mut |row| {
                found.push(FoundText {
                    extraction: row.get(0)?,
                    source: row.get(1)?,
                    profile: row.get(2)?,
                    ordinal: row.get(3)?,
                    uri: row.get(4)?,
                    title: row.get(5)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Reads the text of an extraction.
    pub fn text_of(&mut self, id: ExtractionId) -> Result<Option<String>> {
        let mut text = None;
        self.engine.query(
            "SELECT content FROM extractions WHERE id = $1",
            &values![id],
            &mut |row| {
                text = Some(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(text)
    }
}
