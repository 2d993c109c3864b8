//! Gradient boosting: trees learned one after the other, each from what those before it still get wrong.
//!
//! The loss is the logarithmic one of the share of a block that was taken: the judge wants probabilities to
//! add up to the words it may expect, and a block of which half was taken is half likely. Draws come from a
//! generator of fixed seed, so that the same pages give the same trees.

use std::fmt::Write as _;

use crate::pages::{Blocks, Page};

const TREES: usize = 150;

/// Levels of questions; the judge reads trees of this depth.
const DEPTH: usize = 4;
const QUESTIONS: usize = (1 << DEPTH) - 1;
const ENDS: usize = 1 << DEPTH;

/// How much of what it found a tree adds: many small steps err less on other pages than few large ones.
const RATE: f32 = 0.05;

/// Added to the curvature of every end, so that few blocks say little.
const RESTRAINT: f64 = 50.0;

/// A question must leave at least so much curvature on either side.
const LEAST_CURVATURE: f64 = 20.0;

/// How a block weighs by its words: a little less than they do, so that titles and items are learned, too.
const POWER_OF_WORDS: f32 = 0.8;

/// What a page weighs, however long it is: scores are means over pages.
const PAGE_WEIGHT: f32 = 100.0;

/// What a page weighs beside others when only snippets of it are known, which leave most blocks unlabelled.
const SNIPPETS_WEIGHT: f32 = 0.7;

/// A measure is asked about at so many places at most, as many blocks between any two.
const BINS: usize = 64;

/// Every so manieth block is looked at to find these places.
const SAMPLED: usize = 3;

/// The shares of measures and pages that each tree may use, so that no tree leans on one of them.
const MEASURES_USED: f32 = 0.6;
const PAGES_USED: f32 = 0.8;

pub struct Tree {
    /// A measure, and what it must exceed for the second branch; level by level.
    questions: [(usize, f32); QUESTIONS],
    /// What each end adds to the score.
    ends: [f32; ENDS],
}

impl Tree {
    fn next(&self, at: usize, blocks: &Blocks, block: usize) -> usize {
        let (measure, threshold) = self.questions[at];
        2 * at + 1 + usize::from(blocks.measures[measure][block] > threshold)
    }

    fn score(&self, blocks: &Blocks, block: usize) -> f32 {
        let end = (0..DEPTH).fold(0, |at, _| self.next(at, blocks, block));
        self.ends[end - QUESTIONS]
    }
}

/// The generator of all draws: xorshift64 by Marsaglia.
struct Draws(u64);

impl Draws {
    /// Returns a number from 0 to 1.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// The first and the second derivative of the loss, added up over some blocks.
#[derive(Clone, Copy, Default)]
struct Slope {
    gradient: f64,
    curvature: f64,
}

impl Slope {
    fn add(&mut self, gradient: f32, curvature: f32) {
        self.gradient += f64::from(gradient);
        self.curvature += f64::from(curvature);
    }

    /// Returns how far the loss falls when these blocks get an end of their own.
    fn gain(self) -> f64 {
        self.gradient * self.gradient / (self.curvature + RESTRAINT)
    }
}

fn likelihood(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// Returns what each block weighs; nothing where it is not labelled or its page not among the wanted.
fn weights(blocks: &Blocks, is_wanted: impl Fn(&Page) -> bool) -> Vec<f32> {
    let mut weights = vec![0.0; blocks.labels.len()];
    for page in blocks.pages.iter().filter(|page| is_wanted(page)) {
        let labelled = || {
            page.blocks
                .clone()
                .filter(|block| blocks.labels[*block].is_some())
        };
        let size = |block: usize| (blocks.words[block] as f32).max(1.0).powf(POWER_OF_WORDS);
        let all: f32 = labelled().map(size).sum();
        let scale = if page.is_whole { 1.0 } else { SNIPPETS_WEIGHT };
        for block in labelled() {
            weights[block] = scale * PAGE_WEIGHT * size(block) / all.max(1.0);
        }
    }
    weights
}

/// A measure cut into bins: the places of the cuts, and in which bin each block is.
struct Binned {
    cuts: Vec<f32>,
    bins: Vec<usize>,
}

impl Binned {
    fn of(measure: &[f32], learned: &[usize]) -> Self {
        let mut values: Vec<f32> = learned
            .iter()
            .step_by(SAMPLED)
            .map(|block| measure[*block])
            .collect();
        values.sort_by(f32::total_cmp);
        let last = values.len().saturating_sub(1);
        let mut cuts: Vec<f32> = (1..BINS)
            .filter_map(|bin| values.get(bin * last / BINS))
            .copied()
            .collect();
        cuts.dedup();
        let bin_of = |value: &f32| cuts.partition_point(|cut| cut < value);
        let bins = measure.iter().map(bin_of).collect();
        Self { cuts, bins }
    }
}

/// Learns the trees from the pages that are not kept aside.
pub fn learn(blocks: &Blocks) -> Vec<Tree> {
    let weights = weights(blocks, |page| !page.is_aside);
    let learned: Vec<usize> = (0..weights.len())
        .filter(|block| weights[*block] > 0.0)
        .collect();
    let measures = blocks.measures.iter();
    let binned: Vec<Binned> = measures
        .map(|measure| Binned::of(measure, &learned))
        .collect();
    let mut scores = vec![0.0; weights.len()];
    let mut draws = Draws(88_172_645_463_325_252);
    let mut trees = Vec::with_capacity(TREES);
    for _ in 0..TREES {
        let used: Vec<usize> = (0..binned.len())
            .filter(|_| draws.next() < MEASURES_USED)
            .collect();
        let mut slopes = vec![(0.0, 0.0); weights.len()];
        for page in &blocks.pages {
            if draws.next() >= PAGES_USED {
                continue;
            }
            for block in page.blocks.clone() {
                if let Some(label) = blocks.labels[block] {
                    let (weight, likelihood) = (weights[block], likelihood(scores[block]));
                    slopes[block] = (
                        weight * (label - likelihood),
                        weight * likelihood * (1.0 - likelihood),
                    );
                }
            }
        }
        let tree = grow(blocks, &binned, &used, &learned, &slopes);
        for block in &learned {
            scores[*block] += tree.score(blocks, *block);
        }
        trees.push(tree);
    }
    trees
}

/// Grows one tree level by level: at each place the question that gains most.
fn grow(
    blocks: &Blocks,
    binned: &[Binned],
    used: &[usize],
    learned: &[usize],
    slopes: &[(f32, f32)],
) -> Tree {
    let mut tree = Tree {
        questions: [(0, f32::INFINITY); QUESTIONS],
        ends: [0.0; ENDS],
    };
    let mut places = vec![0; slopes.len()];
    for level in 0..DEPTH {
        let (first, count) = ((1 << level) - 1, 1 << level);
        let mut best = vec![0.0; count];
        for measure in used {
            let Binned { cuts, bins } = &binned[*measure];
            let mut sums = vec![[Slope::default(); BINS]; count];
            for block in learned {
                let (gradient, curvature) = slopes[*block];
                if curvature > 0.0 {
                    sums[places[*block] - first][bins[*block]].add(gradient, curvature);
                }
            }
            for (place, sums) in sums.iter().enumerate() {
                for (gain, cut) in gains(sums, cuts) {
                    if gain > best[place] {
                        best[place] = gain;
                        tree.questions[first + place] = (*measure, cut);
                    }
                }
            }
        }
        for block in learned {
            places[*block] = tree.next(places[*block], blocks, *block);
        }
    }
    let mut sums = [Slope::default(); ENDS];
    for block in learned {
        let (gradient, curvature) = slopes[*block];
        sums[places[*block] - QUESTIONS].add(gradient, curvature);
    }
    for (end, sum) in tree.ends.iter_mut().zip(sums) {
        *end = RATE * (sum.gradient / (sum.curvature + RESTRAINT)) as f32;
    }
    tree
}

/// Returns what each cut gains that leaves enough on both sides.
fn gains(sums: &[Slope; BINS], cuts: &[f32]) -> Vec<(f32, f32)> {
    let mut all = Slope::default();
    for sum in sums {
        all.gradient += sum.gradient;
        all.curvature += sum.curvature;
    }
    let mut below = Slope::default();
    let mut gains = Vec::with_capacity(cuts.len());
    for (sum, cut) in sums.iter().zip(cuts) {
        below.gradient += sum.gradient;
        below.curvature += sum.curvature;
        let above = Slope {
            gradient: all.gradient - below.gradient,
            curvature: all.curvature - below.curvature,
        };
        if below.curvature >= LEAST_CURVATURE && above.curvature >= LEAST_CURVATURE {
            gains.push(((below.gain() + above.gain() - all.gain()) as f32, *cut));
        }
    }
    gains
}

/// Returns the mean logarithmic loss over the pages kept aside, or over the others.
pub fn loss(blocks: &Blocks, trees: &[Tree], is_aside: bool) -> f32 {
    let weights = weights(blocks, |page| page.is_aside == is_aside);
    let (mut lost, mut weighed) = (0.0, 0.0);
    for (block, weight) in weights.iter().enumerate() {
        if let Some(label) = blocks.labels[block] {
            let likelihood = likelihood(trees.iter().map(|tree| tree.score(blocks, block)).sum());
            lost -= weight * (label * likelihood.ln() + (1.0 - label) * (1.0 - likelihood).ln());
            weighed += weight;
        }
    }
    lost / weighed
}

/// Writes the trees as the judge reads them: short, for a digit more changes no choice.
pub fn written(trees: &[Tree]) -> String {
    let mut text = String::new();
    for tree in trees {
        for (measure, threshold) in tree.questions {
            let _ = write!(text, "{measure}:{} ", threshold_written(threshold));
        }
        text.push('|');
        for end in tree.ends {
            let _ = write!(text, " {:.3}", four_digits(end));
        }
        text.push('\n');
    }
    text
}

/// Rounds to four digits, from which three are made: the weights that are there were rounded so, and the same
/// pages are to give them again to the letter.
fn four_digits(end: f32) -> f64 {
    format!("{end:.4}").parse().unwrap_or_default()
}

fn threshold_written(threshold: f32) -> String {
    let written = format!("{threshold:.4}");
    if written.contains('.') {
        let shorter = written.trim_end_matches('0');
        return shorter.trim_end_matches('.').to_owned();
    }
    written
}
