//! Which parts of a page are taken: a mark for each node, by rules or by the judgement of blocks.

use super::blocks::Block;
use super::features::Page;
use super::judge::judge;
use crate::extract::tree::{NodeIndex, NodeKind};

/// A page of fewer blocks than this has nothing around its text that would have to be told apart.
const FEWEST_BLOCKS: usize = 24;

/// Blocks between two that are taken, at most, that are taken with them.
const LONGEST_GAP: usize = 4;

/// What is taken of a page.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    body: NodeIndex,
    /// For each node of the body, whether it is taken with the text right below it.
    is_taken: Vec<bool>,
    /// For each node of the body, whether it or anything in it is taken.
    holds: Vec<bool>,
}

impl Selection {
    /// Takes an element without noise and without the nodes that `skipped` names.
    pub fn of(page: &Page<'_>, root: NodeIndex, skipped: impl Fn(NodeIndex) -> bool) -> Self {
        let mut is_taken = vec![false; page.tree.end(page.body) - page.body];
        let mut node = root;
        while node < page.tree.end(root) {
            if page.features[node].noise || skipped(node) {
                node = page.tree.end(node);
            } else {
                is_taken[node - page.body] = true;
                node += 1;
            }
        }
        Self::holding(page, is_taken)
    }

    /// Takes the blocks that are judged to be content; `None` where there is too little to judge by.
    pub fn judged(&self, page: &Page<'_>, blocks: &[Block]) -> Option<Self> {
        if blocks.len() < FEWEST_BLOCKS {
            return None;
        }
        let mut judged = judge(blocks, page.kind.article);
        if !judged.iter().any(|is_content| *is_content) {
            return None;
        }
        self.close_gaps(blocks, &mut judged);
        let body = page.body;
        let mut is_taken = vec![false; page.tree.end(body) - body];
        for (block, is_content) in blocks.iter().zip(judged) {
            is_taken[block.node - body] = is_content;
        }
        for node in body + 1..page.tree.end(body) {
            let features = &page.features[node];
            let block = features.block as usize;
            if block != node && !features.unseen {
                is_taken[node - body] = is_taken[block - body];
            }
        }
        let mut selection = Self::holding(page, is_taken);
        selection.add_pictures(page);
        Some(selection)
    }

    /// Takes the few blocks between two that are taken, where the rules take them, too: subheadings and short
    /// items are hard to judge by themselves.
    fn close_gaps(&self, blocks: &[Block], judged: &mut [bool]) {
        let mut last: Option<usize> = None;
        for index in 0..blocks.len() {
            if !judged[index] {
                continue;
            }
            if let Some(last) = last
                && index - last - 1 <= LONGEST_GAP
                && blocks[last + 1..index]
                    .iter()
                    .all(|block| self.is_between(block))
            {
                judged[last + 1..index].fill(true);
            }
            last = Some(index);
        }
    }

    fn is_between(&self, block: &Block) -> bool {
        self.takes(block.node) && block.is_part && !block.is_caption && !block.leads_away
    }

    fn holding(page: &Page<'_>, is_taken: Vec<bool>) -> Self {
        let mut holds = is_taken.clone();
        for node in (page.body + 1..page.tree.end(page.body)).rev() {
            if holds[node - page.body] {
                holds[page.tree.parent(node) - page.body] = true;
            }
        }
        Self {
            body: page.body,
            is_taken,
            holds,
        }
    }

    /// Takes what shows no text where it stands beside what is taken: pictures are not judged.
    fn add_pictures(&mut self, page: &Page<'_>) {
        let mut node = self.body + 1;
        while node < page.tree.end(self.body) {
            let features = &page.features[node];
            let is_beside = self.holds[page.tree.parent(node) - self.body];
            let is_wordless = page.tree.kind(node) == NodeKind::Element
                && features.all.text == 0
                && !features.noise
                && !self.holds[node - self.body];
            if is_wordless && is_beside {
                for inner in node..page.tree.end(node) {
                    let is_seen = !page.features[inner].unseen;
                    self.is_taken[inner - self.body] = is_seen;
                    self.holds[inner - self.body] = is_seen;
                }
                node = page.tree.end(node);
            } else {
                node += 1;
            }
        }
    }

    /// Says whether a node is taken itself.
    pub fn takes(&self, node: NodeIndex) -> bool {
        self.is_taken[node - self.body]
    }

    /// Says whether a node or anything in it is taken.
    pub fn holds(&self, node: NodeIndex) -> bool {
        self.holds[node - self.body]
    }

    /// Returns how much of the text of two selections is the same, from 0 to 1.
    pub fn overlap(&self, other: &Self, page: &Page<'_>, blocks: &[Block]) -> f64 {
        let (mut both, mut sum) = (0, 0);
        for block in blocks {
            let text = page.features[block.node].seen.text;
            let taken = (self.takes(block.node), other.takes(block.node));
            sum += text * (u32::from(taken.0) + u32::from(taken.1));
            both += text * u32::from(taken.0 && taken.1);
        }
        f64::from(2 * both) / f64::from(sum.max(1))
    }
}
