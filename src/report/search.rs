//! Which sources have what is looked for, best first, and in how much was looked.

use serde::Serialize;
use serde_json::json;

use super::line::{Line as _, lines, table};
use super::{Report, Table};
use crate::model::{ExtractionId, SourceId};
use crate::search::{self, Query};
use crate::store::{Result, Store};

lines! {
    /// A source that has what is looked for, by its best text.
    FoundLine {
        rank: i64 => number;
        score: f64 => number;
        uri: String => text;
        title: Option<String> => text;
        /// The stretch of the text that shows best why.
        snippet: String => text;
        /// Of several texts of one source (the pages of a PDF), which one; counts from 0.
        ordinal: i64 => number.verbose;
        /// The stretch, as bytes of the text.
        start: i64 => number.verbose;
        end: i64 => number.verbose;
        /// What is looked for, as bytes of the text: `[[start, end], …]`.
        spans: serde_json::Value => text.verbose;
        source_id: SourceId => id;
        extraction_id: ExtractionId => id.verbose;
    }

    /// In how much was looked.
    SearchScopeLine {
        /// Sources that have what is looked for.
        found: u64 => number;
        /// Texts that were searched.
        searched: u64 => number;
        /// Texts that were not, because they are not indexed and are too many for now.
        not_searched: u64 => number;
        /// Sources of which there is no text, or not that of their current content.
        not_extracted: u64 => number;
    }
}

/// `search`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchReport {
    pub rows: Vec<FoundLine>,
    pub summary: SearchScopeLine,
}

/// Answers a query with the `limit` best sources.
pub fn search(store: &mut Store, query: &Query, limit: usize) -> Result<SearchReport> {
    let answer = search::answer(store, query, limit)?;
    let not_extracted: i64 = store
        .unpassed_counts()?
        .iter()
        .map(|(_, count)| count)
        .sum();
    let rows = (1..).zip(answer.matches).map(|(rank, found)| {
        let spans = found.snippet.spans.iter();
        FoundLine {
            rank,
            score: (found.score * 10_000.0).round() / 10_000.0,
            uri: found.text.uri,
            title: found.text.title,
            snippet: found.snippet.shown,
            ordinal: found.text.ordinal,
            start: found.snippet.start as i64,
            end: found.snippet.end as i64,
            spans: spans.map(|(start, end)| json!([start, end])).collect(),
            source_id: found.text.source,
            extraction_id: found.text.extraction,
        }
    });
    Ok(SearchReport {
        rows: rows.collect(),
        summary: SearchScopeLine {
            found: answer.found,
            searched: answer.searched,
            not_searched: answer.unsearched,
            not_extracted: not_extracted.unsigned_abs(),
        },
    })
}

impl Report for SearchReport {
    fn tables(&self) -> Vec<Table> {
        let mut searched = Table::new("searched", "", SearchScopeLine::columns());
        searched.push(self.summary.cells());
        vec![
            table("found", "No source has all of that.", &self.rows),
            searched,
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.summary.not_searched > 0 {
            let count = self.summary.not_searched;
            notes.push(format!(
                "{count} texts are not indexed and were not searched: search where the database may be written"
            ));
        }
        if self.summary.not_extracted > 0 {
            let count = self.summary.not_extracted;
            notes.push(format!(
                "{count} sources are not extracted: `toolkit extract`"
            ));
        }
        notes
    }
}
