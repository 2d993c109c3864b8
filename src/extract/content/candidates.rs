//! Several cheap answers to "which element is the main content?", each from different evidence.

use super::features::Page;
use crate::extract::tree::{NodeIndex, Tag};

/// Which evidence a candidate stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The element is marked as the content by its tag, role or names.
    Container,
    /// Its paragraphs earn it the highest score.
    Paragraphs,
    /// No other element has as much running text over as little else.
    TextRun,
    /// The page without what is around its content.
    Remainder,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub evidence: Evidence,
    pub root: NodeIndex,
}

/// Returns every candidate that the page offers.
pub(super) fn all(page: &Page<'_>) -> Vec<Candidate> {
    let found = [
        (Evidence::Container, container(page)),
        (Evidence::Paragraphs, by_paragraphs(page)),
        (Evidence::TextRun, by_text_run(page)),
        (Evidence::Remainder, Some(page.body)),
    ];
    found
        .into_iter()
        .filter_map(|(evidence, root)| {
            let root = root?;
            (page.features[root].clean.text > 0).then_some(Candidate { evidence, root })
        })
        .collect()
}

/// Returns the element that is marked as the content and holds most of the text outside links.
fn container(page: &Page<'_>) -> Option<NodeIndex> {
    let strength = |node: NodeIndex| {
        let features = &page.features[node];
        let rank = match page.tree.tag(node) {
            _ if features.noise => return None,
            _ if features.hints.body => 1.0,
            Tag::Article => 0.95,
            Tag::Main => 0.7,
            _ => return None,
        };
        let clean = features.clean;
        Some(rank * f64::from(clean.text - clean.link))
    };
    best(page, strength)
}

/// Scores paragraphs by length and commas and gives the score to the elements around them.
fn by_paragraphs(page: &Page<'_>) -> Option<NodeIndex> {
    let mut scores = vec![0.0; page.tree.len()];
    for node in page.body..page.tree.end(page.body) {
        let own = page.features[node].own;
        if page.features[node].block as usize != node || own.text < 25 || own.link_density() > 0.5 {
            continue;
        }
        let score = 1.0 + f64::from(own.commas) + f64::from(own.text.min(300)) / 100.0;
        let mut holder = node;
        for share in [1.0, 0.5, 0.25] {
            if holder <= page.body {
                break;
            }
            holder = page.tree.parent(holder);
            scores[holder] += score * share;
        }
    }
    best(page, |node| {
        let features = &page.features[node];
        let weight = if features.hints.body { 1.25 } else { 1.0 };
        (scores[node] > 0.0).then(|| scores[node] * weight * (1.0 - features.clean.link_density()))
    })
}

/// Returns the subtree whose blocks of running text outweigh its links and scraps most.
fn by_text_run(page: &Page<'_>) -> Option<NodeIndex> {
    let mut sums = vec![0.0; page.tree.len()];
    for node in (page.body..page.tree.end(page.body)).rev() {
        let features = &page.features[node];
        if features.block as usize == node && features.own.text > 0 {
            let own = features.own;
            let (text, density) = (f64::from(own.text), own.link_density());
            sums[node] += match page.tree.tag(node) {
                tag if tag.is_heading() => 0.0,
                _ if density > 0.5 => -text - 15.0,
                _ if own.text < 25 => -10.0,
                _ => text * (1.0 - 1.5 * density),
            };
        }
        if node > page.body {
            sums[page.tree.parent(node)] += sums[node];
        }
    }
    best(page, |node| (sums[node] > 0.0).then_some(sums[node]))
}

/// Returns the element with the highest value, the innermost where several share it.
fn best(page: &Page<'_>, value: impl Fn(NodeIndex) -> Option<f64>) -> Option<NodeIndex> {
    let mut winner: Option<(NodeIndex, f64)> = None;
    for node in page.body..page.tree.end(page.body) {
        if page.features[node].noise {
            continue;
        }
        if let Some(value) = value(node)
            && winner.is_none_or(|(leader, most)| {
                value > most || (value >= most && page.tree.contains(leader, node))
            })
        {
            winner = Some((node, value));
        }
    }
    winner.map(|(node, _)| node)
}
