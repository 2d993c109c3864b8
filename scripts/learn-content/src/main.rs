//! Learns the weights by which `toolkit` judges whether a block of a page is content; see README.md.
//!
//! Opens files and prints. What is learned from is in `pages`, what a person would have said in `truth`, the
//! learning in `boosting`.

mod boosting;
mod pages;
mod truth;

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use pages::{Blocks, Page};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["learn", folder, weights] => learn(Path::new(folder), Path::new(weights)),
        ["extract", folder, predictions] => extract(Path::new(folder), Path::new(predictions)),
        _ => bail!("usage: learn FOLDER WEIGHTS, or: extract FOLDER PREDICTIONS; see README.md"),
    }
}

/// Learns from the pages of `folder` that are not kept aside, and writes the trees.
fn learn(folder: &Path, weights: &Path) -> Result<()> {
    let blocks = Blocks::read(folder)?;
    let trees = boosting::learn(&blocks);
    fs::write(weights, boosting::written(&trees))?;
    let of = |is_aside: bool| {
        let wanted = move |page: &&Page| page.is_aside == is_aside;
        let pages = blocks.pages.iter().filter(wanted).count();
        (pages, boosting::loss(&blocks, &trees, is_aside))
    };
    let ((learned, loss), (aside, loss_aside)) = (of(false), of(true));
    println!(
        "{learned} pages learned from: loss {loss:.4}; {aside} kept aside: loss {loss_aside:.4}"
    );
    Ok(())
}

/// Writes what the program as it was built extracts of each page, for a scorer: text, title, author and date
/// by id, and whether the page was kept aside.
fn extract(folder: &Path, predictions: &Path) -> Result<()> {
    let mut found = serde_json::Map::new();
    for truth in truth::read(folder)? {
        found.insert(truth.id.clone(), pages::extracted(folder, &truth)?);
    }
    fs::write(predictions, serde_json::to_vec(&found)?)?;
    Ok(())
}
