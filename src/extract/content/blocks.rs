//! The blocks of a page in their order, each with what is measured of it and around it.
//!
//! Measures only; what they are worth is in `judge`.

use std::collections::{HashMap, HashSet};

use super::candidates::Candidate;
use super::features::{Counts, Page};
use super::selection::Selection;
use crate::extract::tree::{NodeIndex, Tag};

/// How many measures there are of a block.
pub(super) const MEASURES: usize = 54;

/// A block: an element with text of its own, in no block inside it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub node: NodeIndex,
    pub words: u32,
    /// It stands below a picture.
    pub is_caption: bool,
    /// It begins as lines do that lead away from a text.
    pub leads_away: bool,
    /// A heading or an item, which is part of what is around it.
    pub is_part: bool,
    pub measures: [f32; MEASURES],
}

/// What ancestors say, handed down.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    boilerplate: u8,
    body: u8,
    article: bool,
    main: bool,
    part: u8,
    remarks: bool,
    article_boilerplate: bool,
    like_siblings: u16,
}

/// The part of a page that a picture with its caption is.
const FIGURE: u8 = 6;

/// Distances to ancestors are told apart up to this.
const FAR: u8 = 12;

/// Words that sites use around their text, in the languages that most pages are in.
const SERVICE_WORDS: &str = "\
    share tweet subscribe newsletter login sign register cookie cookies privacy terms rights reserved copyright \
    follow related advertisement sponsored comments comment reply wishlist cart checkout password email sitemap \
    impressum datenschutz teilen kommentare kommentar antworten weiterlesen anzeige anmelden previous next menu \
    search home skip loading javascript browser facebook twitter instagram pinterest linkedin youtube whatsapp";

/// How lines begin that lead away from a text, or stand below its pictures.
const BEGINNINGS: &[&str] = &[
    "read more",
    "read also",
    "also read",
    "see also",
    "see more",
    "related",
    "more on",
    "more from",
    "you may",
    "you might",
    "don t miss",
    "recommended",
    "subscribe",
    "sign up",
    "follow us",
    "share this",
    "click here",
    "photo",
    "image",
    "picture",
    "source",
    "advertisement",
    "watch",
    "download the",
    "for more",
    "for the latest",
    "join",
    "lesen sie",
    "lies auch",
    "mehr zum",
    "mehr themen",
    "auch interessant",
    "das könnte",
    "das thema könnte",
    "weitere",
    "foto",
    "bild",
    "quelle",
    "anzeige",
    "lire aussi",
    "à lire",
    "lee también",
    "leggi anche",
    "want more",
];

fn starts_with_words(text: &str, words: &str) -> bool {
    text.strip_prefix(words)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Words of a title that are looked for.
const TITLE_WORDS: usize = 40;

/// Measures every block that can be seen.
pub(super) fn measure(
    page: &Page<'_>,
    candidates: &[Candidate],
    kept: &Selection,
    title: &str,
) -> Vec<Block> {
    let tree = page.tree;
    let end = tree.end(page.body);
    let around = surroundings(page);
    let order: Vec<NodeIndex> = (page.body..end)
        .filter(|node| {
            page.features[*node].block as usize == *node && page.features[*node].seen.text > 0
        })
        .collect();
    let total = page.features[page.body].all;
    let texts = Texts::read(page, &order, title);
    let first_heading = order.iter().position(|node| tree.tag(*node) == Tag::H1);
    let share = order
        .iter()
        .filter(|node| kept.takes(**node))
        .map(|node| page.features[*node].seen.text)
        .sum::<u32>();
    let kept_share = share as f32 / total.text.max(1) as f32;
    let mut before = 0;
    let mut blocks = Vec::with_capacity(order.len());
    for (index, node) in order.iter().enumerate() {
        let own = page.features[*node].seen;
        let near = |offset: isize| {
            let place = index.checked_add_signed(offset)?;
            order
                .get(place)
                .map(|node| (*node, page.features[*node].seen))
        };
        let neighbour = |offset| {
            near(offset).map_or((0.0, 0.0, 0.0), |(node, counts): (NodeIndex, Counts)| {
                (
                    log(counts.text),
                    counts.link_density() as f32,
                    flag(tree.tag(node).is_heading()),
                )
            })
        };
        let (before_text, before_links, before_heading) = neighbour(-1);
        let (after_text, after_links, after_heading) = neighbour(1);
        let mut window = Counts::default();
        for offset in -3..=3 {
            if let Some((_, counts)) = near(offset) {
                window.add(counts);
            }
        }
        let parent = tree.parent(*node).max(page.body);
        let above = tree.parent(parent).max(page.body);
        let (inner, outer) = (page.features[parent].all, page.features[above].all);
        let around = around[*node - page.body];
        let is_in = |place: usize| {
            candidates
                .iter()
                .find(|one| one.evidence as usize == place)
                .map_or(0.5, |one| flag(tree.contains(one.root, *node)))
        };
        let text = &texts.of[index];
        let characters = own.text.max(1) as f32;
        blocks.push(Block {
            node: *node,
            words: text.count,
            is_caption: around.part == FIGURE,
            leads_away: text.leads_away,
            is_part: own.link_density() < 0.5 && is_part(tree.tag(*node)),
            measures: [
                log(own.text),
                own.link_density() as f32,
                own.commas as f32 * 100.0 / characters,
                own.stops as f32 * 100.0 / characters,
                heading_level(tree.tag(*node)),
                kind(tree.tag(*node)),
                flag(page.features[*node].noise),
                f32::from(around.boilerplate),
                f32::from(around.body),
                flag(around.article),
                flag(around.main),
                f32::from(around.part),
                flag(around.remarks),
                flag(around.article_boilerplate),
                tree.depth(*node) as f32,
                before as f32 / total.text.max(1) as f32,
                index as f32 / order.len() as f32,
                before_text,
                before_links,
                after_text,
                after_links,
                before_heading,
                after_heading,
                log(window.text),
                window.link_density() as f32,
                log(inner.text),
                inner.link_density() as f32,
                inner.stops as f32 * 100.0 / inner.text.max(1) as f32,
                inner.text as f32 / total.text.max(1) as f32,
                outer.link_density() as f32,
                outer.text as f32 / total.text.max(1) as f32,
                log(page.blocks_in[parent - page.body]),
                inner.text as f32 / page.blocks_in[parent - page.body].max(1) as f32,
                f32::from(around.like_siblings),
                is_in(0),
                is_in(1),
                is_in(2),
                flag(page.kind.article),
                flag(page.kind.forum),
                flag(page.kind.product),
                total.link_density() as f32,
                log(total.text),
                log(order.len() as u32),
                text.digits,
                text.capitals,
                text.title,
                first_heading.map_or(0.0, |first| {
                    (index as f32 - first as f32) / order.len() as f32
                }),
                text.repeats,
                text.service,
                flag(text.is_sentence),
                text.word_length,
                flag(kept.takes(*node)),
                kept_share,
                flag(text.leads_away),
            ],
        });
        before += own.text;
    }
    blocks
}

fn log(count: u32) -> f32 {
    (1.0 + count as f32).ln()
}

fn flag(is_so: bool) -> f32 {
    f32::from(u8::from(is_so))
}

fn is_part(tag: Tag) -> bool {
    tag.is_heading() || matches!(tag, Tag::Li | Tag::Dt | Tag::Dd | Tag::Td | Tag::Th)
}

fn heading_level(tag: Tag) -> f32 {
    if tag.is_heading() {
        f32::from(tag as u8 - Tag::H1 as u8 + 1)
    } else {
        0.0
    }
}

fn kind(tag: Tag) -> f32 {
    match tag {
        Tag::P => 1.0,
        Tag::Li => 2.0,
        Tag::Td | Tag::Th | Tag::Tr => 3.0,
        Tag::Pre => 4.0,
        Tag::Blockquote => 5.0,
        Tag::Dt | Tag::Dd => 6.0,
        Tag::Figcaption | Tag::Caption => 7.0,
        _ => 0.0,
    }
}

/// Hands down what each element's names and tags say to what is in it.
fn surroundings(page: &Page<'_>) -> Vec<Around> {
    let tree = page.tree;
    let body = page.body;
    let mut all = vec![
        Around {
            boilerplate: FAR,
            body: FAR,
            ..Around::default()
        };
        tree.end(body) - body
    ];
    let mut siblings: HashMap<(NodeIndex, Tag, &str), u16> = HashMap::new();
    let name = |node: NodeIndex| tree.attribute(node, "class").unwrap_or_default();
    for node in body + 1..tree.end(body) {
        if tree.tag(node) != Tag::Other || tree.attributes(node).next().is_some() {
            let count = siblings
                .entry((tree.parent(node), tree.tag(node), name(node)))
                .or_default();
            *count = count.saturating_add(1);
        }
    }
    for node in body..tree.end(body) {
        let above = if node == body {
            all[0]
        } else {
            all[tree.parent(node) - body]
        };
        let hints = page.features[node].hints;
        let tag = tree.tag(node);
        let farther = |distance: u8| (distance + 1).min(FAR);
        let like = siblings
            .get(&(tree.parent(node), tag, name(node)))
            .copied()
            .unwrap_or(1);
        all[node - body] = Around {
            boilerplate: if hints.boilerplate {
                0
            } else {
                farther(above.boilerplate)
            },
            body: if hints.body { 0 } else { farther(above.body) },
            article: above.article || tag == Tag::Article,
            main: above.main || tag == Tag::Main,
            part: match tag {
                Tag::Nav => 1,
                Tag::Footer => 2,
                Tag::Header => 3,
                Tag::Aside => 4,
                Tag::Form => 5,
                Tag::Figure | Tag::Figcaption => FIGURE,
                _ => above.part,
            },
            remarks: above.remarks || hints.remarks,
            article_boilerplate: above.article_boilerplate || hints.article_boilerplate,
            like_siblings: if like > 2 { like } else { above.like_siblings },
        };
    }
    all
}

/// Returns the text of each block, as it is written, for about so many blocks.
pub(super) fn texts(page: &Page<'_>, blocks: usize) -> HashMap<NodeIndex, String> {
    let tree = page.tree;
    let mut texts: HashMap<NodeIndex, String> = HashMap::with_capacity(blocks);
    for node in page.body..tree.end(page.body) {
        let text = tree.text(node);
        if !text.is_empty() && page.features[node].seen.text > 0 {
            let block = page.features[node].block as usize;
            texts.entry(block).or_default().push_str(text);
        }
    }
    texts
}

/// What the words of a block say.
#[derive(Debug, Clone, Copy, Default)]
struct Words {
    digits: f32,
    capitals: f32,
    title: f32,
    repeats: f32,
    service: f32,
    is_sentence: bool,
    leads_away: bool,
    word_length: f32,
    count: u32,
}

struct Texts {
    of: Vec<Words>,
}

impl Texts {
    fn read(page: &Page<'_>, order: &[NodeIndex], title: &str) -> Self {
        let strings = texts(page, order.len());
        let title: HashSet<String> = words_of(title).take(TITLE_WORDS).collect();
        let service: HashSet<&str> = SERVICE_WORDS.split_whitespace().collect();
        let mut seen: HashMap<String, u32> = HashMap::new();
        let folded: Vec<String> = order
            .iter()
            .map(|node| {
                strings
                    .get(node)
                    .map(|text| words_of(text).collect::<Vec<_>>().join(" "))
                    .unwrap_or_default()
            })
            .collect();
        for text in &folded {
            *seen.entry(text.clone()).or_default() += 1;
        }
        let of = order
            .iter()
            .zip(&folded)
            .map(|(node, folded)| {
                let text = strings.get(node).map(String::as_str).unwrap_or_default();
                let (mut digits, mut capitals, mut letters) = (0, 0, 0);
                for character in text.chars() {
                    digits += u32::from(character.is_numeric());
                    capitals += u32::from(character.is_uppercase());
                    letters += u32::from(!character.is_whitespace());
                }
                let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
                let share = |count: usize| count as f32 / words.len().max(1) as f32;
                Words {
                    digits: digits as f32 / letters.max(1) as f32,
                    capitals: capitals as f32 / letters.max(1) as f32,
                    title: share(
                        words
                            .iter()
                            .filter(|word| title.contains::<str>(word))
                            .count(),
                    ),
                    repeats: (*seen.get(folded).unwrap_or(&1)).min(9) as f32,
                    service: share(
                        words
                            .iter()
                            .filter(|word| service.contains::<str>(word))
                            .count(),
                    ),
                    is_sentence: text
                        .trim_end()
                        .ends_with(['.', '!', '?', '…', '。', '”', '"', ':']),
                    leads_away: BEGINNINGS
                        .iter()
                        .any(|begin| starts_with_words(folded, begin)),
                    word_length: letters as f32 / words.len().max(1) as f32,
                    count: words.len() as u32,
                }
            })
            .collect();
        Self { of }
    }
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
