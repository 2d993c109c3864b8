//! Which blocks are content: boosted decision trees over their measures, and the choice that they lead to.
//!
//! The trees stand in `weights.txt`, one a line: the questions of its levels as `measure:threshold`, then what
//! each of its ends adds to the score. They were learned by gradient boosting on the blocks of 500 real pages of
//! many kinds, each with the share of its runs of four words that a person had taken; every page weighed the
//! same. A measure that changes its meaning needs them learned anew (`scripts/learn-content`).

use std::sync::OnceLock;

use super::blocks::{Block, MEASURES};

/// Levels of questions in each tree.
const DEPTH: usize = 4;
const QUESTIONS: usize = (1 << DEPTH) - 1;
const ENDS: usize = 1 << DEPTH;

/// How likely a block of an article must be content: an article's text is of one piece, and a block that may
/// be anything is beside it.
const ARTICLE_LEAST: f32 = 0.75;

/// The same of one that begins as lines do that lead away, or stands below a picture.
const ASIDE_LEAST: f32 = 0.95;

/// A line that leads away has fewer words than this.
const ASIDE_WORDS: u32 = 30;

#[derive(Debug, Clone, Copy)]
struct Tree {
    questions: [(u8, f32); QUESTIONS],
    ends: [f32; ENDS],
}

impl Tree {
    fn parse(line: &str) -> Option<Self> {
        let (questions, ends) = line.split_once('|')?;
        let mut tree = Self {
            questions: [(0, f32::INFINITY); QUESTIONS],
            ends: [0.0; ENDS],
        };
        let mut written = questions.split_whitespace();
        for question in &mut tree.questions {
            let (measure, threshold) = written.next()?.split_once(':')?;
            let measure: u8 = measure.parse().ok()?;
            if usize::from(measure) >= MEASURES {
                return None;
            }
            *question = (measure, threshold.parse().ok()?);
        }
        let mut written = ends.split_whitespace();
        for end in &mut tree.ends {
            *end = written.next()?.parse().ok()?;
        }
        Some(tree)
    }

    fn score(&self, measures: &[f32; MEASURES]) -> f32 {
        let mut at = 0;
        for _ in 0..DEPTH {
            let (measure, threshold) = self.questions[at];
            at = 2 * at + 1 + usize::from(measures[usize::from(measure)] > threshold);
        }
        self.ends[at - QUESTIONS]
    }
}

fn trees() -> &'static [Tree] {
    static TREES: OnceLock<Vec<Tree>> = OnceLock::new();
    TREES.get_or_init(|| {
        include_str!("weights.txt")
            .lines()
            .filter_map(Tree::parse)
            .collect()
    })
}

/// Returns how likely the block is content, from 0 to 1.
fn likelihood(block: &Block) -> f32 {
    let score: f32 = trees().iter().map(|tree| tree.score(&block.measures)).sum();
    1.0 / (1.0 + (-score).exp())
}

/// Says of each block whether it is content.
///
/// The likeliest blocks are taken as long as each makes it likelier that what is taken is what a person would
/// have taken: as long as the expected F1 grows.
pub(super) fn judge(blocks: &[Block], is_article: bool) -> Vec<bool> {
    let likelihoods: Vec<f32> = blocks.iter().map(likelihood).collect();
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by(|one, other| likelihoods[*other].total_cmp(&likelihoods[*one]));
    let expected = |index: usize| likelihoods[index] * blocks[index].words as f32;
    let all: f32 = (0..blocks.len()).map(expected).sum();
    let (mut hit, mut taken, mut best, mut least) = (0.0, 0.0, 0.0, f32::INFINITY);
    for index in order {
        hit += expected(index);
        taken += blocks[index].words as f32;
        let value = 2.0 * hit / (all + taken).max(1.0);
        if value > best {
            best = value;
            least = likelihoods[index];
        }
    }
    let least_of = |block: &Block| {
        if !is_article {
            return least;
        }
        let is_aside = block.is_caption || (block.leads_away && block.words < ASIDE_WORDS);
        least.max(if is_aside { ASIDE_LEAST } else { ARTICLE_LEAST })
    };
    let judged = blocks.iter().zip(likelihoods);
    judged
        .map(|(block, likelihood)| likelihood >= least_of(block))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_weights_is_a_tree() {
        assert_eq!(trees().len(), include_str!("weights.txt").lines().count());
        assert!(trees().len() > 100);
        assert!(Tree::parse("0:1 | 2").is_none());
    }
}
