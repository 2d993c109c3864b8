//! What learning the judge's weights asks of a page: its blocks with their measures, before any judgement.
//!
//! For `scripts/learn-content` alone. It measures by the very code that the judge stands on, so that what is
//! learned from is what is judged later; it learns nothing itself.

use super::features::Reading;
use super::{About, blocks, measure};
use crate::extract::tree::Tree;

/// A block as learning sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredBlock {
    /// As it is written, white space and all.
    pub text: String,
    /// In the order by which the weights name them.
    pub measures: Vec<f32>,
}

/// Returns the blocks that can be seen, in their order. For learning the judge's weights anew.
pub fn measured_blocks(tree: &Tree, about: About<'_>) -> Vec<MeasuredBlock> {
    let Some(measured) = measure(tree, about, Reading::Visible) else {
        return Vec::new();
    };
    let mut texts = blocks::texts(&measured.page, measured.blocks.len());
    let blocks = measured.blocks.iter();
    blocks
        .map(|block| MeasuredBlock {
            text: texts.remove(&block.node).unwrap_or_default(),
            measures: block.measures.to_vec(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree;

    #[test]
    fn each_block_comes_with_its_text_and_all_its_measures() {
        let tree = tree::parse("<body><h1>Tea</h1><p>Black <b>or</b> green.</p></body>");
        let blocks = measured_blocks(&tree, About::default());
        let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["Tea", "Black or green."]);
        assert!(
            blocks
                .iter()
                .all(|block| block.measures.len() == blocks::MEASURES)
        );
    }
}
