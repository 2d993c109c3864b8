//! Pages as they are read, one after the other, so that no more than one is held.
//!
//! Owns what of a page is shown and how the formats spell it; what a page holds is extraction's to say.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::html::{self, PageFacts};
use super::json::EscapingWriter;
use super::text::{visible, visible_lines};
use super::{Format, Question};
use crate::model::{Class, ExtractedItem, ExtractionType, Gap, Reason};
use crate::report::SourceText;

/// A gap as it is shown.
#[derive(Debug, Serialize)]
struct ShownGap<'a> {
    reason: Reason,
    class: Class,
    position: &'a str,
    detail: &'a str,
}

/// What is shown of a page.
#[derive(Debug, Serialize)]
pub struct ShownPage<'a> {
    path: &'a str,
    title: Option<&'a str>,
    author: Option<&'a str>,
    date: Option<&'a str>,
    language: Option<&'a str>,
    text: Cow<'a, str>,
    markdown: Cow<'a, str>,
    confidence: Option<f64>,
    gaps: Vec<ShownGap<'a>>,
    records: Vec<&'a Value>,
    facts: Vec<&'a Value>,
    /// Each instance of a group of the profile.
    fields: Vec<&'a Value>,
    /// For the format that marks what was found in them.
    #[serde(skip)]
    texts: Vec<SourceText>,
}

impl<'a> ShownPage<'a> {
    /// Picks what is shown out of what was read from `path`.
    pub fn of(
        path: &'a str,
        items: &'a [ExtractedItem],
        gaps: impl IntoIterator<Item = &'a Gap>,
    ) -> Self {
        let first = |wanted| items.iter().find(|item| item.extraction_type == wanted);
        let data = |wanted| {
            let found = items
                .iter()
                .filter(move |item| item.extraction_type == wanted);
            found.map(|item| &item.data).collect()
        };
        let metadata = first(ExtractionType::Metadata);
        let field = |name: &str| metadata?.data.get(name)?.as_str();
        let content = first(ExtractionType::Content);
        let facts = first(ExtractionType::Facts);
        let facts = facts.and_then(|item| item.data.get("facts")?.as_array());
        // The entries, sheets or pages of a document are a content each.
        let joined = |of: fn(&ExtractedItem) -> &str| {
            let contents = items
                .iter()
                .filter(|item| item.extraction_type == ExtractionType::Content);
            let mut parts = contents.map(of).filter(|part| !part.is_empty());
            match (parts.next(), parts.next()) {
                (first, None) => Cow::Borrowed(first.unwrap_or_default()),
                (first, second) => {
                    let all: Vec<_> = first.into_iter().chain(second).chain(parts).collect();
                    Cow::Owned(all.join("\n\n"))
                }
            }
        };
        Self {
            path,
            title: field("title"),
            author: field("author"),
            date: field("published"),
            language: field("language"),
            text: joined(|item| &item.text),
            // A format without one is written as Markdown as it stands.
            markdown: joined(|item| {
                let markdown = item.data.get("markdown");
                markdown.and_then(Value::as_str).unwrap_or(&item.text)
            }),
            confidence: content.and_then(|item| item.confidence),
            gaps: gaps.into_iter().map(ShownGap::of).collect(),
            records: data(ExtractionType::Record),
            facts: facts.into_iter().flatten().collect(),
            fields: data(ExtractionType::Fields),
            texts: Vec::new(),
        }
    }

    /// Adds the texts with what was found in them.
    #[must_use]
    pub fn with_texts(mut self, texts: Vec<SourceText>) -> Self {
        self.texts = texts;
        self
    }

    /// Returns what is told of it beside its texts.
    fn page_facts(&self) -> PageFacts<'_> {
        let known = [
            ("title", self.title),
            ("author", self.author),
            ("date", self.date),
            ("language", self.language),
        ];
        let known = known.into_iter();
        let gaps = self.gaps.iter();
        PageFacts {
            path: self.path,
            known: known
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            gaps: gaps
                .map(|gap| {
                    [
                        gap.reason.as_str(),
                        gap.class.as_str(),
                        gap.position,
                        gap.detail,
                    ]
                })
                .collect(),
        }
    }
}

impl<'a> ShownGap<'a> {
    fn of(gap: &'a Gap) -> Self {
        Self {
            reason: gap.reason,
            class: gap.reason.class(),
            position: &gap.position,
            detail: &gap.detail,
        }
    }
}

/// Writes pages in one format.
pub struct PageWriter<'a> {
    format: Format,
    /// Whether there may be more than one, so that a reader has to be told which is which.
    several: bool,
    is_terminal: bool,
    written: usize,
    question: Question,
    out: &'a mut dyn Write,
}

impl<'a> PageWriter<'a> {
    /// Makes a writer of one page or of `several`.
    pub fn new(format: Format, several: bool, is_terminal: bool, out: &'a mut dyn Write) -> Self {
        Self {
            format,
            several,
            is_terminal,
            written: 0,
            question: Question::default(),
            out,
        }
    }

    /// Says what the pages answer.
    #[must_use]
    pub fn answering(mut self, question: &Question) -> Self {
        self.question = question.clone();
        self
    }

    /// Writes a page and hands it on at once: who reads along need not wait for the last.
    pub fn write(&mut self, page: &ShownPage<'_>) -> io::Result<()> {
        let first = self.written == 0;
        self.written += 1;
        match self.format {
            Format::Json => {
                self.out.write_all(if first { b"[\n" } else { b",\n" })?;
                serde_json::to_writer_pretty(EscapingWriter(&mut *self.out), page)?;
            }
            Format::Markdown => {
                let heading = format!("<!-- {} -->", page.path.replace("--", "- -"));
                self.write_text(first, &heading, &page.markdown)?;
            }
            Format::Table => {
                let heading = format!("==> {} <==", page.path);
                self.write_text(first, &heading, &page.text)?;
            }
            Format::Html => {
                if first {
                    html::write_start(&self.question, self.out)?;
                }
                html::write_page(self.written, &page.page_facts(), &page.texts, self.out)?;
            }
            Format::Jsonl | Format::Csv => {
                serde_json::to_writer(EscapingWriter(&mut *self.out), page)?;
                self.out.write_all(b"\n")?;
            }
        }
        self.out.flush()
    }

    fn write_text(&mut self, first: bool, heading: &str, text: &str) -> io::Result<()> {
        if self.several {
            let space = if first { "" } else { "\n" };
            write!(self.out, "{space}{}\n\n", visible(heading))?;
        }
        if text.is_empty() {
            return Ok(());
        }
        if self.is_terminal {
            self.out.write_all(visible_lines(text).as_bytes())?;
        } else {
            self.out.write_all(text.as_bytes())?;
        }
        self.out.write_all(b"\n")
    }

    /// Ends what the format has to end.
    pub fn finish(self) -> io::Result<()> {
        if self.format == Format::Json {
            let end: &[u8] = if self.written == 0 { b"[]\n" } else { b"\n]\n" };
            self.out.write_all(end)?;
        }
        if self.format == Format::Html {
            if self.written == 0 {
                html::write_start(&self.question, self.out)?;
            }
            html::write_end(self.written, self.out)?;
        }
        self.out.flush()
    }
}
