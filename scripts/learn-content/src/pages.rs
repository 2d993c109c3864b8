//! The pages as `toolkit` reads them: their blocks with measures to learn from, and what it extracts of them.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use toolkit::extract::content::{self, MeasuredBlock};
use toolkit::extract::locator::Locators;
use toolkit::extract::{PageInput, Profile, extract_page, metadata, records, tree};
use toolkit::model::{ExtractionType, charset_of, clean_text, decode_text};

use crate::truth::{self, Truth};

/// A page and where its blocks are.
pub struct Page {
    /// Kept aside: not learned from.
    pub is_aside: bool,
    /// All of its text is known, not only snippets.
    pub is_whole: bool,
    pub blocks: Range<usize>,
}

/// The blocks of all pages.
#[derive(Default)]
pub struct Blocks {
    pub pages: Vec<Page>,
    /// How much of a block was taken; `None` where nobody said so.
    pub labels: Vec<Option<f32>>,
    pub words: Vec<usize>,
    /// By measure and then by block: learning looks at one measure of all blocks at a time.
    pub measures: Vec<Vec<f32>>,
}

impl Blocks {
    /// Measures and labels the blocks of every page.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut all = Self::default();
        for truth in truth::read(folder)? {
            let labels = truth.labels();
            let start = all.labels.len();
            for block in measured(folder, &truth)? {
                all.labels.push(labels.of(&block.text).map(shortened_label));
                all.words.push(truth::words(&block.text).len());
                all.measures.resize_with(block.measures.len(), Vec::new);
                for (column, measure) in all.measures.iter_mut().zip(block.measures) {
                    column.push(shortened(measure));
                }
            }
            all.pages.push(Page {
                is_aside: truth.is_aside(),
                is_whole: truth.text.is_some(),
                blocks: start..all.labels.len(),
            });
        }
        Ok(all)
    }
}

/// Returns the measure in four digits: what is asked of it later is written short, too.
fn shortened(measure: f32) -> f32 {
    format!("{measure:.3e}").parse().unwrap_or(measure)
}

/// Returns the share in thousandths, which is more than it is worth.
fn shortened_label(share: f32) -> f32 {
    format!("{share:.3}").parse().unwrap_or(share)
}

fn body(folder: &Path, truth: &Truth) -> Result<Vec<u8>> {
    let path = folder.join("html").join(format!("{}.html.gz", truth.id));
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| MultiGzDecoder::new(file).read_to_end(&mut bytes))
        .with_context(|| path.display().to_string())?;
    Ok(bytes)
}

fn measured(folder: &Path, truth: &Truth) -> Result<Vec<MeasuredBlock>> {
    let bytes = body(folder, truth)?;
    let uri = truth.url.as_deref().unwrap_or_default();
    let decoded = decode_text(&bytes, charset_of(&bytes, None).name);
    let tree = tree::parse(&clean_text(&decoded.text));
    let records = records::read(&tree, &Locators::new(&tree), uri);
    let title = metadata::read(&tree, &records.json_ld, uri).title;
    let about = content::About {
        kind: metadata::page_kind(&tree, &records.json_ld, uri),
        title: title.as_deref(),
        ..content::About::default()
    };
    Ok(content::measured_blocks(&tree, about))
}

/// Returns what the program extracts of the page.
pub fn extracted(folder: &Path, truth: &Truth) -> Result<Value> {
    let bytes = body(folder, truth)?;
    let extraction = extract_page(
        &PageInput {
            uri: truth.url.as_deref().unwrap_or_default(),
            media_type: "text/html",
            charset: charset_of(&bytes, None).name,
            body: &bytes,
        },
        &Profile::default_profile(),
    );
    let item = |wanted| {
        let mut items = extraction.items.iter();
        items.find(|item| item.extraction_type == wanted)
    };
    let content = item(ExtractionType::Content);
    let metadata = item(ExtractionType::Metadata);
    let field = |name: &str| metadata.and_then(|item| item.data.get(name));
    Ok(json!({
        "text": content.map_or("", |item| item.text.as_str()),
        "title": field("title"),
        "author": field("author"),
        "date": field("published"),
        "aside": truth.is_aside(),
    }))
}
