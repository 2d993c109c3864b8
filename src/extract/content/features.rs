//! What is known of each node after one pass down and one pass up the tree.
//!
//! Counts are visible characters without white space, so indentation weighs nothing. Nothing here judges;
//! the candidates do.

use super::PageKind;
use super::hints::{self, Hints};
use crate::extract::tree::{NodeIndex, NodeKind, Tag, Tree};

/// Counts over some text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Characters that are no white space.
    pub text: u32,
    /// Those of them inside links.
    pub link: u32,
    /// Commas and other marks inside sentences.
    pub commas: u32,
    /// Marks that end sentences.
    pub stops: u32,
}

impl Counts {
    pub fn add(&mut self, other: Self) {
        self.text += other.text;
        self.link += other.link;
        self.commas += other.commas;
        self.stops += other.stops;
    }

    /// Returns the share of the text that is links, from 0 to 1.
    pub fn link_density(self) -> f64 {
        f64::from(self.link) / f64::from(self.text.max(1))
    }
}

/// The features of one node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Features {
    pub hints: Hints,
    /// Over the whole subtree, without what is never shown.
    pub all: Counts,
    /// Over the whole subtree, without noise.
    pub clean: Counts,
    /// Over the text of a block that is in no block inside it, without noise.
    pub own: Counts,
    /// The same with noise.
    pub seen: Counts,
    /// The nearest block: the node itself or an ancestor.
    pub block: u32,
    /// Not part of any candidate.
    pub noise: bool,
    /// Noise because it is never shown as text.
    pub unseen: bool,
}

/// What of a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// What a reader sees, without what is around the content.
    Visible,
    /// Also what waits for a script to be shown.
    Hidden,
}

/// A tree with the features of its nodes.
pub(super) struct Page<'a> {
    pub tree: &'a Tree,
    pub features: Vec<Features>,
    pub body: NodeIndex,
    /// How many blocks each element of the body holds.
    pub blocks_in: Vec<u32>,
    pub kind: PageKind,
    reading: Reading,
}

impl<'a> Page<'a> {
    /// Computes all features.
    pub fn of(tree: &'a Tree, kind: PageKind, reading: Reading) -> Self {
        let mut page = Self {
            tree,
            features: vec![Features::default(); tree.len()],
            blocks_in: Vec::new(),
            body: tree.elements(0, Tag::Body).next().unwrap_or(0),
            kind,
            reading,
        };
        let texts = page.read();
        page.sum_all(&texts);
        page.mark_noise();
        page.sum_clean(&texts);
        page.count_blocks(&texts);
        page
    }

    /// Reads hints and blocks on the way down and counts each text node.
    fn read(&mut self) -> Vec<(NodeIndex, Counts)> {
        let tree = self.tree;
        let mut texts = Vec::new();
        let mut link_end = 0;
        let mut node = 0;
        while node < tree.len() {
            let inherited = self.features[tree.parent(node)].block;
            self.features[node].block = inherited;
            match tree.kind(node) {
                NodeKind::Document => {}
                NodeKind::Text => {
                    let counts = count(tree.text(node), node < link_end);
                    if counts.text > 0 {
                        texts.push((node, counts));
                    }
                }
                NodeKind::Element => {
                    let tag = tree.tag(node);
                    let hints = hints::of(tree, node);
                    self.features[node].hints = hints;
                    if self.is_unseen(node) || is_never_text(tree, node) {
                        self.discard(node);
                        for features in &mut self.features[node..tree.end(node)] {
                            features.unseen = true;
                        }
                        node = tree.end(node);
                        continue;
                    }
                    if tag.is_block() {
                        self.features[node].block = node as u32;
                    }
                    if tag == Tag::A && tree.attribute(node, "href").is_some() {
                        link_end = link_end.max(tree.end(node));
                    }
                }
            }
            node += 1;
        }
        texts
    }

    fn is_unseen(&self, node: NodeIndex) -> bool {
        self.reading == Reading::Visible && self.features[node].hints.hidden && node > self.body
    }

    fn discard(&mut self, node: NodeIndex) {
        for features in &mut self.features[node..self.tree.end(node)] {
            features.noise = true;
        }
    }

    fn sum_all(&mut self, texts: &[(NodeIndex, Counts)]) {
        for (node, counts) in texts {
            self.features[*node].all = *counts;
        }
        for node in (1..self.tree.len()).rev() {
            let counts = self.features[node].all;
            self.features[self.tree.parent(node)].all.add(counts);
        }
    }

    fn sum_clean(&mut self, texts: &[(NodeIndex, Counts)]) {
        for (node, counts) in texts {
            if !self.features[*node].noise {
                self.features[*node].clean = *counts;
                let block = self.features[*node].block as usize;
                self.features[block].own.add(*counts);
            }
        }
        for node in (1..self.tree.len()).rev() {
            let counts = self.features[node].clean;
            self.features[self.tree.parent(node)].clean.add(counts);
        }
    }

    fn count_blocks(&mut self, texts: &[(NodeIndex, Counts)]) {
        let body = self.body;
        self.blocks_in = vec![0; self.tree.end(body) - body];
        for (node, counts) in texts {
            self.features[*node].seen = *counts;
            let block = self.features[*node].block as usize;
            if block >= body && block != *node {
                self.features[block].seen.add(*counts);
            }
        }
        for node in (body..self.tree.end(body)).rev() {
            let is_block =
                self.features[node].block as usize == node && self.features[node].seen.text > 0;
            self.blocks_in[node - body] += u32::from(is_block);
            if node > body {
                let count = self.blocks_in[node - body];
                self.blocks_in[self.tree.parent(node) - body] += count;
            }
        }
    }

    fn mark_noise(&mut self) {
        let total = self.features[self.body].all;
        let mut inside_content = 0;
        let mut node = self.body + 1;
        while node < self.tree.end(self.body) {
            let features = &self.features[node];
            if self.tree.kind(node) == NodeKind::Element && !features.noise {
                if self.is_noise(node, total, node < inside_content) {
                    self.discard(node);
                    node = self.tree.end(node);
                    continue;
                }
                if matches!(self.tree.tag(node), Tag::Article | Tag::Main) || features.hints.body {
                    inside_content = inside_content.max(self.tree.end(node));
                }
            }
            node += 1;
        }
    }

    /// Says whether an element is around the content rather than in it. An element that holds a large
    /// part of the page is not, whatever it is called.
    fn is_noise(&self, node: NodeIndex, total: Counts, inside_content: bool) -> bool {
        let Features { hints, all, .. } = self.features[node];
        let of = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        // Menus can outweigh a short article, but hardly outside links.
        let running = all.text - all.link;
        let mut share = of(all.text, total.text);
        if running >= 600 {
            share = share.max(of(running, total.text - total.link));
        }
        let tag = self.tree.tag(node);
        match tag {
            Tag::Nav | Tag::Search => return share < 0.7,
            Tag::Footer => return share < 0.5,
            Tag::Aside if share < 0.4 => {
                return !(inside_content && self.is_note(node));
            }
            Tag::Header if !inside_content && share < 0.3 => return true,
            Tag::Form if share < 0.4 => return !self.kind.forum,
            Tag::Fieldset if share < 0.2 => return true,
            _ => {}
        }
        if matches!(tag, Tag::Main | Tag::Article | Tag::Body) || tag.is_heading() {
            return false;
        }
        if hints.remarks && !self.kind.forum && share < 0.8 {
            return true;
        }
        let boilerplate = hints.boilerplate || (self.kind.article && hints.article_boilerplate);
        boilerplate && !hints.body && share < 0.4
    }

    /// Says whether an aside is a remark of the text's own, as manuals use them.
    fn is_note(&self, node: NodeIndex) -> bool {
        let Features { hints, all, .. } = self.features[node];
        !hints.boilerplate && all.link_density() < 0.25 && all.stops > 0
    }
}

/// Says whether an element's text is never part of what a reader sees as text.
fn is_never_text(tree: &Tree, node: NodeIndex) -> bool {
    match tree.tag(node) {
        Tag::Head
        | Tag::Script
        | Tag::Style
        | Tag::Noscript
        | Tag::Noframes
        | Tag::Template
        | Tag::Svg
        | Tag::Iframe
        | Tag::Object
        | Tag::Embed
        | Tag::Canvas
        | Tag::Video
        | Tag::Audio
        | Tag::Map
        | Tag::Select
        | Tag::Datalist
        | Tag::Input
        | Tag::Textarea
        | Tag::Meter
        | Tag::Progress
        | Tag::Title
        | Tag::Rp => true,
        // A heading that folds its section is written as a button inside the heading.
        Tag::Button => !tree.tag(tree.parent(node)).is_heading(),
        _ => false,
    }
}

fn count(text: &str, in_link: bool) -> Counts {
    let mut counts = Counts::default();
    for character in text.chars().filter(|c| !c.is_whitespace()) {
        counts.text += 1;
        match character {
            ',' | ';' | '、' | '，' | '،' => counts.commas += 1,
            '.' | '!' | '?' | '。' | '！' | '？' | '।' | '؟' => counts.stops += 1,
            _ => {}
        }
    }
    if in_link {
        counts.link = counts.text;
    }
    counts
}
