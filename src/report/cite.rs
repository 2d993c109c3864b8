//! What is quoted where, and how it is known: the evidence for an entity, an extraction or a source, ready to be
//! handed on.
//!
//! Owns which words are quoted, and which fetch and which job they go back to, also when that job was deleted;
//! how a citation is spelled is `cli/output`'s.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value as Json;

use super::ledger::Ledger;
use super::line::{lines, table};
use super::text_fragment::text_directive;
use super::{Report, Table};
use crate::model::{
    Digest, EntityId, ExtractionId, ExtractionType, JobId, SourceId, Timestamp, blocks,
};
use crate::store::{Cited, EventRow, ExtractionRow, Result, SourceFacts, Store};

/// Most bytes of a quote to either side of what it is about.
const MOST_ASIDE: usize = 140;

/// Most bytes of a quote that is about nothing in particular.
const MOST_OF_TEXT: usize = 280;

/// A stretch of fewer bytes is a heading or a label, if another will do.
const LEAST_OF_TEXT: usize = 40;

lines! {
    /// One quote with its origin.
    Citation {
        /// The words as they stand in the stored text; none where the source holds no text.
        quote: Option<String> => text;
        title: Option<String> => text;
        author: Option<String> => text;
        /// When it was published, as the page says.
        published: Option<String> => text;
        site_name: Option<String> => text;
        uri: String => text;
        /// The URI with the place of the quote, for a page on the web.
        link: String => text;
        /// When the content that is quoted was last seen.
        fetched_at: Option<Timestamp> => time;
        body_digest: Option<Digest> => id.stable;
        /// Whether that content is still what the source holds.
        current: bool => text;
        /// The job that brought it.
        fetched_by_job: Option<i64> => number;
        fetched_by_job_id: Option<JobId> => id;
        extracted_by_job: Option<i64> => number;
        extracted_by_job_id: Option<JobId> => id;
        extraction_id: Option<ExtractionId> => id;
        /// First byte of the quote in the extraction's text.
        start: Option<i64> => number;
        end: Option<i64> => number;
    }
}

/// `cite`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CiteReport {
    pub citations: Vec<Citation>,
}

/// A stretch of a text that is quoted, and the part of it that a link leads to.
struct Quote {
    range: Range<usize>,
    anchor: Range<usize>,
}

/// What all citations of one source have in common.
struct Origin<'a> {
    ledger: &'a Ledger,
    facts: SourceFacts,
    events: Vec<EventRow>,
    rows: Vec<ExtractionRow>,
}

/// Reads the citations of what is meant: of an entity one for each source that mentions it, of facts one for each.
pub fn cite(store: &mut Store, cited: Cited) -> Result<CiteReport> {
    store.snapshot(|store| {
        let ledger = Ledger::read(store)?;
        let citations = match cited {
            Cited::Entity(entity) => of_entity(store, &ledger, entity)?,
            Cited::Extraction(extraction) => {
                let source = store.extraction(extraction)?.source;
                Origin::read(store, &ledger, source)?.of_extraction(store, extraction)?
            }
            Cited::Source(source) => Origin::read(store, &ledger, source)?.of_source(store)?,
        };
        Ok(CiteReport { citations })
    })
}

fn of_entity(store: &mut Store, ledger: &Ledger, entity: EntityId) -> Result<Vec<Citation>> {
    let mut citations: Vec<Citation> = Vec::new();
    for mention in store.mentions_of(entity)? {
        if citations.iter().any(|one| one.uri == mention.uri) {
            continue;
        }
        let source = store.extraction(mention.extraction)?.source;
        let origin = Origin::read(store, ledger, source)?;
        let row = origin.row(mention.extraction);
        let span = mention.start as usize..mention.end as usize;
        let quote = row.and_then(|row| around(&row.text, &span));
        citations.push(origin.citation(store, row, row, quote)?);
    }
    Ok(citations)
}

impl<'a> Origin<'a> {
    fn read(store: &mut Store, ledger: &'a Ledger, source: SourceId) -> Result<Self> {
        let facts = store.source_facts(source)?;
        Ok(Self {
            ledger,
            events: store.events_of_uri(&facts.uri)?,
            rows: store.extractions(source)?,
            facts,
        })
    }

    fn row(&self, extraction: ExtractionId) -> Option<&ExtractionRow> {
        self.rows.iter().find(|row| row.id == extraction)
    }

    /// The text that a profile has read, of its first content.
    fn content(&self, profile: Option<&str>) -> Option<&ExtractionRow> {
        self.rows.iter().find(|row| {
            row.extraction_type == ExtractionType::Content.as_str()
                && profile.is_none_or(|profile| row.profile == profile)
        })
    }

    fn of_source(&self, store: &mut Store) -> Result<Vec<Citation>> {
        let row = self.content(None);
        let quote = row.and_then(beginning);
        Ok(vec![self.citation(store, row, row, quote)?])
    }

    fn of_extraction(&self, store: &mut Store, extraction: ExtractionId) -> Result<Vec<Citation>> {
        let Some(row) = self.row(extraction) else {
            return Ok(Vec::new());
        };
        if !row.text.is_empty() {
            return Ok(vec![self.citation(
                store,
                Some(row),
                Some(row),
                beginning(row),
            )?]);
        }
        let content = self.content(Some(&row.profile));
        let mut spans = Vec::new();
        collect_spans(&row.data, &mut spans);
        let mut citations = Vec::new();
        for span in spans {
            let quote = content.and_then(|content| around(&content.text, &span));
            if quote.is_some() {
                citations.push(self.citation(store, Some(row), content, quote)?);
            }
        }
        if citations.is_empty() {
            citations.push(self.citation(store, Some(row), None, None)?);
        }
        Ok(citations)
    }

    /// Makes the citation of what `row` holds, with a quote out of the text of another or the same.
    fn citation(
        &self,
        store: &mut Store,
        row: Option<&ExtractionRow>,
        quoted: Option<&ExtractionRow>,
        quote: Option<Quote>,
    ) -> Result<Citation> {
        let digest = match row {
            Some(row) => store.body_of_extraction(row.id)?,
            None => None,
        };
        let digest = digest.or(self.facts.body_digest);
        let (fetched_at, fetched_by) = self.fetch(digest);
        let said = self.metadata(row.map(|row| row.profile.as_str()));
        let said = |name: &str| said.and_then(|data| data[name].as_str()).map(str::to_owned);
        let text = quoted.map_or("", |row| row.text.as_str());
        let range = quote.as_ref().map(|quote| quote.range.clone());
        let extracted_by = row.and_then(|row| row.job);
        Ok(Citation {
            quote: range
                .clone()
                .and_then(|range| text.get(range))
                .map(|quote| quote.split_whitespace().collect::<Vec<_>>().join(" ")),
            title: said("title").or_else(|| self.facts.title.clone()),
            author: said("author"),
            published: said("published"),
            site_name: said("site_name"),
            uri: self.facts.uri.clone(),
            link: self.link(text, quote.map(|quote| quote.anchor)),
            fetched_at,
            body_digest: digest,
            current: digest == self.facts.body_digest,
            fetched_by_job: fetched_by.and_then(|job| self.ledger.number(job)),
            fetched_by_job_id: fetched_by,
            extracted_by_job: extracted_by.and_then(|job| self.ledger.number(job)),
            extracted_by_job_id: extracted_by,
            extraction_id: row.map(|row| row.id),
            start: range.as_ref().map(|range| range.start as i64),
            end: range.map(|range| range.end as i64),
        })
    }

    fn metadata(&self, profile: Option<&str>) -> Option<&Json> {
        let row = self.rows.iter().find(|row| {
            row.extraction_type == ExtractionType::Metadata.as_str()
                && profile.is_none_or(|profile| row.profile == profile)
        });
        row.map(|row| &row.data)
    }

    /// When a content was last seen, and the job that brought it, by the record.
    fn fetch(&self, digest: Option<Digest>) -> (Option<Timestamp>, Option<JobId>) {
        let wanted = digest.map(|digest| digest.to_string());
        let fetches = || {
            self.events.iter().filter(|event| {
                let payload = event.payload.as_ref();
                let brought = payload.and_then(|payload| payload["body_digest"].as_str());
                brought.is_some()
                    && brought == wanted.as_deref()
                    && event.kind.starts_with("source_")
                    && event.kind != "source_extracted"
            })
        };
        let last = fetches().map(|event| event.at).max();
        let brought_by = fetches().next().and_then(|event| event.job);
        (
            last.or(self.facts.fetched_at),
            brought_by.or(self.facts.content_job),
        )
    }

    /// The URI, with the words that lead to the quote where a browser looks for them.
    fn link(&self, text: &str, anchor: Option<Range<usize>>) -> String {
        let uri = &self.facts.uri;
        let is_page = matches!(
            self.facts.media_type.as_deref(),
            Some("text/html" | "application/xhtml+xml" | "text/plain")
        ) && uri.starts_with("http");
        let directive = anchor
            .filter(|_| is_page)
            .and_then(|anchor| text_directive(text, anchor.start, anchor.end));
        directive.map_or_else(|| uri.clone(), |directive| format!("{uri}#{directive}"))
    }
}

/// The places that fields and facts say their values are at.
fn collect_spans(data: &Json, spans: &mut Vec<Range<usize>>) {
    match data {
        Json::Object(members) => {
            let end = |at: usize| {
                let end = members.get("span")?.get(at)?.as_u64()?;
                usize::try_from(end).ok()
            };
            if let (Some(start), Some(end)) = (end(0), end(1)) {
                let span = start..end;
                if !spans.contains(&span) {
                    spans.push(span);
                }
            }
            for value in members.values() {
                collect_spans(value, spans);
            }
        }
        Json::Array(values) => {
            for value in values {
                collect_spans(value, spans);
            }
        }
        _ => {}
    }
}

/// The line that a span stands in, shortened; of a table's row, the link leads to the cell.
fn around(text: &str, span: &Range<usize>) -> Option<Quote> {
    text.get(span.clone())
        .filter(|covered| !covered.is_empty())?;
    let bounds = |separator: &[char]| {
        let start = text[..span.start].rfind(separator).map_or(0, |at| at + 1);
        let end = text[span.end..]
            .find(separator)
            .map_or(text.len(), |at| span.end + at);
        shortened(text, &(start..end), span)
    };
    Some(Quote {
        range: bounds(&['\n']),
        anchor: bounds(&['\n', '\t']),
    })
}

/// Cuts a range down to whole words around a span.
fn shortened(text: &str, range: &Range<usize>, span: &Range<usize>) -> Range<usize> {
    let earliest = text.ceil_char_boundary(span.start.saturating_sub(MOST_ASIDE));
    let latest = text.floor_char_boundary((span.end + MOST_ASIDE).min(text.len()));
    let start = if range.start >= earliest {
        range.start
    } else {
        let space = text[earliest..span.start].find(char::is_whitespace);
        space.map_or(span.start, |at| earliest + at)
    };
    let end = if range.end <= latest {
        range.end
    } else {
        let space = text[span.end..latest].rfind(char::is_whitespace);
        space.map_or(span.end, |at| span.end + at)
    };
    trimmed(text, start..end)
}

/// The first stretch of a text that says something, shortened.
fn beginning(row: &ExtractionRow) -> Option<Quote> {
    let text = &row.text;
    let listed: Vec<Range<usize>> = blocks(&row.data, text)
        .map(|block| block.start..block.end)
        .collect();
    let long = |range: &&Range<usize>| range.len() >= LEAST_OF_TEXT;
    let range = listed.iter().find(long).or(listed.first()).cloned();
    let range = trimmed(text, range.unwrap_or(0..text.len()));
    // Cells of a table, and lines of what has no blocks, are no stretch of text together.
    let line = text[range.clone()].find(['\n', '\t']);
    let end = line.map_or(range.end, |at| range.start + at);
    let latest = text.floor_char_boundary((range.start + MOST_OF_TEXT).min(text.len()));
    let end = if end <= latest {
        end
    } else {
        let space = text[range.start..latest].rfind(char::is_whitespace);
        space.map_or(latest, |at| range.start + at)
    };
    let range = trimmed(text, range.start..end);
    (!range.is_empty()).then(|| Quote {
        anchor: range.clone(),
        range,
    })
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    start..end
}

impl Report for CiteReport {
    fn tables(&self) -> Vec<Table> {
        vec![table(
            "citations",
            "There is nothing to quote.",
            &self.citations,
        )]
    }
}
