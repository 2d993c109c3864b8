//! Words in, the sources that have them out, best first, each with the stretch that shows why.
//!
//! Words are split, counted and ranked here, and the store keeps what is packed: neither engine's own full-text search
//! is used, because no two of them split or rank alike, and an answer is to be the same on both. What is not in the
//! index is searched all the same as far as memory allows, and what is not is counted: no answer is silently short.

mod postings;
mod query;
mod rank;
mod snippet;
mod words;

use std::collections::HashMap;

use postings::{Builder, Length, MOST_TEXTS, Posting, postings};
use rank::Index;
use snippet::snippet;

use crate::model::{ExtractionId, ProgressUpdate, SearchSegmentId, SourceId};
use crate::store::{FoundText, Result, SearchText, Store, UnsearchedText};

pub use query::{Query, QueryError};
pub use snippet::Snippet;

/// Texts that are read at once.
const AT_ONCE: usize = 64;

/// Bytes of text in one segment, about, and of texts that are searched without an index.
const MOST_BYTES: usize = 32 << 20;

/// Segments that another changed under this one's hands, before it is left to the other.
const MOST_COLLISIONS: u32 = 5;

/// A source that has what is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub text: FoundText,
    pub score: f64,
    pub snippet: Snippet,
}

/// What was found, and in how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The best, as many as were asked for.
    pub matches: Vec<Match>,
    /// All sources that have what is looked for.
    pub found: u64,
    /// Texts that were searched.
    pub searched: u64,
    /// Texts that were not: they are not in the index, and too many for now.
    pub unsearched: u64,
}

/// Brings the index up to date; returns how many texts came into it.
pub fn index(store: &mut Store, progress: &mut dyn FnMut(ProgressUpdate)) -> Result<u64> {
    let total = store.count_unsearched()?.unsigned_abs();
    let (mut done, mut collisions) = (0, 0);
    while collisions < MOST_COLLISIONS {
        progress(ProgressUpdate {
            done,
            failed: 0,
            total: Some(total),
            label: "indexing",
            job: None,
        });
        let batch = Batch::read(store, MOST_TEXTS)?;
        if batch.texts.is_empty() {
            break;
        }
        let texts = batch.texts.len() as u64;
        if store.put_search_segment(&batch.texts, &batch.builder.finish())? {
            done += texts;
        } else {
            collisions += 1;
        }
    }
    Ok(done)
}

/// Texts that are not in the index, taken up together.
struct Batch {
    texts: Vec<(SearchText, crate::model::Timestamp)>,
    builder: Builder,
}

impl Batch {
    fn read(store: &mut Store, most: usize) -> Result<Self> {
        let mut batch = Self {
            texts: Vec::new(),
            builder: Builder::default(),
        };
        let (segment, mut bytes) = (SearchSegmentId::new(), 0);
        while batch.texts.len() < most && bytes < MOST_BYTES {
            let after = batch.texts.last().map(|(text, _)| text.extraction);
            let read = store.unsearched_texts(after, AT_ONCE.min(most - batch.texts.len()))?;
            if read.is_empty() {
                break;
            }
            for one in read {
                bytes += one.text.len();
                let length = batch.builder.add(title_of(&one), &one.text);
                let text = SearchText {
                    extraction: one.extraction,
                    source: one.source,
                    segment,
                    number: batch.texts.len() as i64,
                    words: i64::from(length.words),
                    title_words: i64::from(length.title_words),
                };
                batch.texts.push((text, one.written_at));
            }
        }
        Ok(batch)
    }
}

/// The title belongs to the first text of its source, and to no other.
fn title_of(text: &UnsearchedText) -> &str {
    let title = text.title.as_deref().filter(|_| text.ordinal == 0);
    title.unwrap_or_default()
}

/// Answers a query with the `limit` best sources.
pub fn answer(store: &mut Store, query: &Query, limit: usize) -> Result<Answer> {
    store.snapshot(|store| {
        let (index, texts, unsearched) = load(store, query)?;
        let hits = index.hits(query);
        let mut best: HashMap<SourceId, (f64, Vec<ExtractionId>)> = HashMap::new();
        for hit in &hits {
            let (extraction, source) = texts[hit.number as usize];
            let entry = best.entry(source).or_insert((hit.score, Vec::new()));
            if hit.score > entry.0 {
                *entry = (hit.score, Vec::new());
            }
            if hit.score >= entry.0 {
                entry.1.push(extraction);
            }
        }
        let mut scores: Vec<f64> = best.values().map(|(score, _)| *score).collect();
        scores.sort_by(|one, other| other.total_cmp(one));
        // All that are as good as the last one are looked at: among equals the URI decides.
        let least = scores.get(limit.saturating_sub(1)).copied();
        best.retain(|_, (score, _)| least.is_none_or(|least| *score >= least));
        let ids: Vec<ExtractionId> = best.values().flat_map(|(_, ids)| ids).copied().collect();
        let mut shown: HashMap<SourceId, FoundText> = HashMap::new();
        for text in store.found_texts(&ids)? {
            let earlier = shown.get(&text.source);
            let place = |text: &FoundText| (text.profile.clone(), text.ordinal);
            if earlier.is_none_or(|earlier| place(&text) < place(earlier)) {
                shown.insert(text.source, text);
            }
        }
        let mut matches: Vec<(FoundText, f64)> = shown
            .into_values()
            .filter_map(|text| best.get(&text.source).map(|(score, _)| (text, *score)))
            .collect();
        matches.sort_by(|(one, score), (other, other_score)| {
            other_score
                .total_cmp(score)
                .then_with(|| one.uri.cmp(&other.uri))
        });
        matches.truncate(limit);
        let mut answered = Vec::with_capacity(matches.len());
        for (text, score) in matches {
            let content = store.text_of(text.extraction)?.unwrap_or_default();
            answered.push(Match {
                snippet: snippet(&content, query),
                text,
                score,
            });
        }
        Ok(Answer {
            matches: answered,
            found: scores.len() as u64,
            searched: texts.len() as u64,
            unsearched,
        })
    })
}

/// Reads what the index has of the words of a query, and adds the texts that are not in it.
#[expect(
    clippy::type_complexity,
    reason = "three values that only the caller puts together"
)]
fn load(store: &mut Store, query: &Query) -> Result<(Index, Vec<(ExtractionId, SourceId)>, u64)> {
    let mut index = Index::default();
    let mut texts = Vec::new();
    let mut numbers: HashMap<SearchSegmentId, HashMap<u32, u32>> = HashMap::new();
    for text in store.search_texts()? {
        let of_segment = numbers.entry(text.segment).or_default();
        of_segment.insert(text.number as u32, texts.len() as u32);
        texts.push((text.extraction, text.source));
        index.lengths.push(Length {
            words: text.words as u32,
            title_words: text.title_words as u32,
        });
    }
    for word in query.words() {
        let list = index.postings.entry(word.to_owned()).or_default();
        for (segment, bytes) in store.search_postings(word)? {
            let Some(of_segment) = numbers.get(&segment) else {
                continue;
            };
            list.extend(postings(&bytes).into_iter().filter_map(|posting| {
                let number = *of_segment.get(&posting.number)?;
                Some(Posting { number, ..posting })
            }));
        }
    }
    let unindexed = store.count_unsearched()?.unsigned_abs();
    if unindexed == 0 {
        return Ok((index, texts, 0));
    }
    let batch = Batch::read(store, MOST_TEXTS)?;
    let first = texts.len() as u32;
    for (text, _) in &batch.texts {
        texts.push((text.extraction, text.source));
        index.lengths.push(Length {
            words: text.words as u32,
            title_words: text.title_words as u32,
        });
    }
    for (word, bytes) in batch.builder.finish() {
        if let Some(list) = index.postings.get_mut(&word) {
            list.extend(postings(&bytes).into_iter().map(|posting| Posting {
                number: posting.number + first,
                ..posting
            }));
        }
    }
    Ok((
        index,
        texts,
        unindexed.saturating_sub(batch.texts.len() as u64),
    ))
}
