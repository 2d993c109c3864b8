//! What a person took of each page, and how much of it a block holds.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use toolkit::model::Digest;

/// Blocks are compared by runs of so many words: single words are on every part of a page, and whole
/// blocks are cut otherwise by whoever took the text.
const RUN: usize = 4;

/// A block shorter than this in characters is in a snippet by chance.
const SHORTEST_WANTED: usize = 15;

/// The same of an unwanted snippet, which is a name or a label more often than a sentence.
const SHORTEST_UNWANTED: usize = 8;

/// A line of `truth.jsonl.gz`: the whole text, or snippets that must be there and such that must not.
#[derive(Debug, Deserialize)]
pub struct Truth {
    pub id: String,
    #[serde(default)]
    pub url: Option<String>,
    pub text: Option<String>,
    #[serde(default)]
    pub with: Vec<String>,
    #[serde(default)]
    pub without: Vec<String>,
}

/// Reads what a person said of every page.
pub fn read(folder: &Path) -> Result<Vec<Truth>> {
    let path = folder.join("truth.jsonl.gz");
    let file = File::open(&path).with_context(|| path.display().to_string())?;
    let lines = BufReader::new(MultiGzDecoder::new(file)).lines();
    lines
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect()
}

impl Truth {
    /// Says whether the page is kept aside: a third of them, by the digest of the id (modulo 3, to which each
    /// byte adds itself), so that a page stays on its side when others come and go.
    pub fn is_aside(&self) -> bool {
        let digest = Digest::of(&self.id).to_string();
        let digits = digest.chars().filter_map(|digit| digit.to_digit(16));
        digits.sum::<u32>() % 3 == 0
    }

    /// Makes what tells how much of a block was taken.
    pub fn labels(&self) -> Labels {
        let Some(text) = &self.text else {
            let folded = |all: &[String]| all.iter().map(|text| folded(text)).collect();
            return Labels::Snippets {
                wanted: folded(&self.with),
                unwanted: folded(&self.without),
            };
        };
        let words = words(text);
        Labels::Whole {
            runs: words.windows(RUN).map(<[String]>::to_vec).collect(),
            joined: spaced(&words),
        }
    }
}

/// The truth of a page, made ready to be compared with its blocks.
pub enum Labels {
    Whole {
        runs: HashSet<Vec<String>>,
        joined: String,
    },
    Snippets {
        wanted: Vec<String>,
        unwanted: Vec<String>,
    },
}

impl Labels {
    /// Returns how much of a block was taken, from 0 to 1; `None` where nothing says so.
    pub fn of(&self, block: &str) -> Option<f32> {
        match self {
            Self::Whole { runs, joined } => {
                let words = words(block);
                if words.is_empty() {
                    return None;
                }
                if words.len() < RUN {
                    return Some(f32::from(u8::from(joined.contains(&spaced(&words)))));
                }
                let hits = words.windows(RUN).filter(|run| runs.contains(*run));
                Some(hits.count() as f32 / (words.len() + 1 - RUN) as f32)
            }
            Self::Snippets { wanted, unwanted } => {
                let block = folded(block);
                let length = block.chars().count();
                let is_among = |snippets: &[String], shortest: usize| {
                    snippets.iter().any(|snippet| {
                        block.contains(snippet) || (length > shortest && snippet.contains(&block))
                    })
                };
                if block.is_empty() {
                    None
                } else if is_among(wanted, SHORTEST_WANTED) {
                    Some(1.0)
                } else {
                    is_among(unwanted, SHORTEST_UNWANTED).then_some(0.0)
                }
            }
        }
    }
}

/// Returns the words of a text in lower case, as scorers of such pages cut them.
pub fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn spaced(words: &[String]) -> String {
    format!(" {} ", words.join(" "))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
