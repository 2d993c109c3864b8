//! Passages: a text cut into stretches of about one size that cover all of it, for a search or a model to take one by one.
//!
//! A passage begins where the one before ends, never reaches past a heading, and is cut between sentences. Only a
//! sentence that is longer than a passage may be is cut within, between words, and a word longer than that between
//! characters as a reader sees them. White space belongs to what stands before it.

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::sentences::sentence_ends;
use crate::model::{ExtractedItem, ExtractionType};

/// Characters that a passage is meant to have; one sentence may make it longer.
pub const TARGET: usize = 1000;

/// Characters that no passage has more of.
pub const LIMIT: usize = 2000;

/// A heading of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// From 1.
    pub level: u8,
}

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The headings that it stands under, from the outermost; its own, if it begins with one, is the last.
    pub headings: Vec<Heading>,
}

/// Cuts a text; `headings` are in the order of the text.
pub fn passages(text: &str, headings: &[Heading]) -> Vec<Passage> {
    let headings = &sound(text, headings)[..];
    let ends = sentence_ends(text);
    let (mut found, mut path) = (Vec::new(), Vec::<Heading>::new());
    let (mut ends, mut rest) = (ends.as_slice(), headings);
    let mut start = 0;
    for end in section_starts(text, headings)
        .into_iter()
        .skip(1)
        .chain([text.len()])
    {
        while let Some((heading, others)) = rest
            .split_first()
            .filter(|(heading, _)| heading.start < end)
        {
            path.retain(|above| above.level < heading.level);
            path.push(*heading);
            rest = others;
        }
        let within = ends.partition_point(|one| *one < end);
        cut(text, start..end, &ends[..within], &path, &mut found);
        ends = &ends[within..];
        start = end;
    }
    found
}

/// Leaves out headings that are none of this text.
fn sound(text: &str, headings: &[Heading]) -> Vec<Heading> {
    let mut above = 0;
    let mut sound = headings.to_vec();
    sound.retain(|heading| {
        let is_sound = heading.start >= above
            && text
                .get(heading.start..heading.end)
                .is_some_and(|own| !own.is_empty());
        if is_sound {
            above = heading.end;
        }
        is_sound
    });
    sound
}

/// Returns where what stands under one heading begins; headings that follow one another begin it together.
fn section_starts(text: &str, headings: &[Heading]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut above = 0;
    for heading in headings {
        let between = text.get(above..heading.start);
        if between.is_some_and(|between| !between.trim().is_empty()) {
            starts.push(heading.start);
        }
        above = above.max(heading.end);
    }
    starts
}

/// Cuts the stretch under one heading at the sentence ends within it.
fn cut(
    text: &str,
    whole: std::ops::Range<usize>,
    ends: &[usize],
    path: &[Heading],
    found: &mut Vec<Passage>,
) {
    let mut add = |start: usize, end: usize| {
        if start < end {
            let headings = path.to_vec();
            found.push(Passage {
                start,
                end,
                headings,
            });
        }
    };
    let (mut start, mut reached, mut count) = (whole.start, whole.start, 0);
    for end in ends.iter().copied().chain([whole.end]) {
        if end <= reached {
            continue;
        }
        let length = text[reached..end].chars().count();
        if count > 0 && count + length > TARGET {
            add(start, reached);
            (start, count) = (reached, 0);
        }
        if length > LIMIT {
            for part in within_sentence(&text[reached..end]) {
                add(reached + part.start, reached + part.end);
            }
            start = end;
        } else {
            count += length;
        }
        reached = end;
    }
    add(start, whole.end);
}

/// Cuts one sentence that is longer than a passage may be.
fn within_sentence(sentence: &str) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < sentence.len() {
        let rest = &sentence[start..];
        let longest = rest
            .char_indices()
            .nth(LIMIT)
            .map_or(rest.len(), |(at, _)| at);
        let mut length = longest;
        if longest < rest.len() {
            let head = &rest[..longest];
            // Behind the last space of the second half.
            let space = head.char_indices().rev().find(|(_, c)| c.is_whitespace());
            let space = space
                .map(|(at, c)| at + c.len_utf8())
                .filter(|at| *at > longest / 2);
            length = space.unwrap_or_else(|| last_character(rest, longest));
        }
        parts.push(start..start + length);
        start += length;
    }
    parts
}

/// Returns where the last character that a reader sees ends at or before `limit`; `limit` where none does.
fn last_character(text: &str, limit: usize) -> usize {
    // A little more than fits shows whether the last one goes on.
    let from = text.floor_char_boundary(limit.saturating_sub(256));
    let to = text.ceil_char_boundary((limit + 256).min(text.len()));
    let starts = text[from..to]
        .grapheme_indices(true)
        .map(|(at, _)| from + at);
    let last = starts.take_while(|at| *at <= limit).last();
    last.filter(|at| *at > limit / 2).unwrap_or(limit)
}

/// Adds its passages to a content, whatever format it is from: its blocks say which of them are headings.
pub(super) fn add(item: &mut ExtractedItem) {
    if item.extraction_type != ExtractionType::Content || item.text.is_empty() {
        return;
    }
    let number = |block: &Value, name: &str| Some(block.get(name)?.as_u64()? as usize);
    let blocks = item.data.get("blocks").and_then(Value::as_array);
    let headings: Vec<Heading> = blocks
        .into_iter()
        .flatten()
        .filter_map(|block| {
            Some(Heading {
                level: number(block, "heading")? as u8,
                start: number(block, "start")?,
                end: number(block, "end")?,
            })
        })
        .collect();
    let shown = passages(&item.text, &headings).into_iter().map(|passage| {
        let mut shown = json!({"start": passage.start, "end": passage.end});
        if !passage.headings.is_empty() {
            let spans = passage
                .headings
                .iter()
                .map(|heading| json!([heading.start, heading.end]));
            shown["headings"] = spans.collect();
        }
        shown
    });
    item.data["passages"] = shown.collect();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The headings of a text are its lines that begin with a number sign.
    fn headings(text: &str) -> Vec<Heading> {
        let mut start = 0;
        let lines = text.split_inclusive('\n').filter_map(|line| {
            start += line.len();
            let level = line.bytes().take_while(|byte| *byte == b'#').count();
            let heading = Heading {
                start: start - line.len(),
                end: start - line.len() + line.trim_end().len(),
                level: level as u8,
            };
            (level > 0).then_some(heading)
        });
        lines.collect()
    }

    /// Returns each passage after the headings that it stands under.
    fn shown(text: &str) -> Vec<(Vec<&str>, &str)> {
        let found = passages(text, &headings(text)).into_iter();
        let shown = found.map(|passage| {
            let path = passage
                .headings
                .iter()
                .map(|heading| &text[heading.start..heading.end]);
            (path.collect(), text[passage.start..passage.end].trim())
        });
        shown.collect()
    }

    #[test]
    fn passages_follow_headings() {
        let text = "Before.\n\n# A\n\n## B\n\nOne.\n\n## C\n\nTwo.\n\n# D";
        assert_eq!(
            shown(text),
            [
                (vec![], "Before."),
                (vec!["# A", "## B"], "# A\n\n## B\n\nOne."),
                (vec!["# A", "## C"], "## C\n\nTwo."),
                (vec!["# D"], "# D"),
            ]
        );
    }

    #[test]
    fn passages_are_cut_between_sentences_and_within_none_that_fits() {
        let sentence = format!("It {}ends.", "goes on and ".repeat(25));
        let text = [sentence.as_str(); 7].join(" ");
        let lengths: Vec<usize> = shown(&text).iter().map(|(_, text)| text.len()).collect();
        assert_eq!(lengths, [3 * 308 + 2, 3 * 308 + 2, 308]);
        let long = "Goes on and ".repeat(400);
        let text = format!("Short. {long}stops. Short.");
        let found = shown(&text);
        assert!(found.len() > 3 && found[0].1 == "Short." && found.last().unwrap().1 == "Short.");
        assert!(
            found
                .iter()
                .all(|(_, text)| text.ends_with(['.', 'd', 's', 'n'])),
            "{found:?}"
        );
    }

    #[test]
    fn scripts_without_spaces_are_cut_too() {
        let japanese = "雨が降ると水車は回らない。".repeat(200);
        let found = shown(&japanese);
        assert!(
            found
                .iter()
                .all(|(_, text)| text.ends_with('。') && text.chars().count() <= TARGET)
        );
        // No mark, no space: between characters as they are seen, never before what belongs to the last.
        let thai = "กำ".repeat(3000);
        for (_, text) in shown(&thai) {
            assert!(
                text.starts_with('ก') && text.chars().count() <= LIMIT,
                "{text}"
            );
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[A-Za-zé ]{1,80}[.!?] ",
            2 => "[ぁ-ん一-龠]{1,60}[。！？]?",
            1 => "#{1,3} [a-z]{0,20}\n",
            1 => "[ \n\t\u{a0}]{1,9}",
            1 => Just("x".repeat(2500)),
            1 => Just("e\u{301}".repeat(1300)),
            1 => Just("word ".repeat(700)),
            1 => "\\PC{1,40}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn passages_cover_the_text(parts in prop::collection::vec(piece(), 0..40)) {
            let text = parts.concat();
            let found = passages(&text, &headings(&text));
            prop_assert_eq!(found.first().map_or(0, |first| first.start), 0);
            prop_assert_eq!(found.last().map_or(0, |last| last.end), text.len());
            prop_assert!(found.windows(2).all(|two| two[0].end == two[1].start));
            for passage in &found {
                let own = text.get(passage.start..passage.end);
                prop_assert!(own.is_some_and(|own| !own.is_empty() && own.chars().count() <= LIMIT));
                let levels: Vec<u8> = passage.headings.iter().map(|heading| heading.level).collect();
                prop_assert!(levels.windows(2).all(|two| two[0] < two[1]), "{levels:?}");
            }
            // Nothing but other headings stands above a heading in its passage.
            for heading in headings(&text) {
                let of = found.iter().find(|one| (one.start..one.end).contains(&heading.start)).unwrap();
                let above = text[of.start..heading.start].lines();
                prop_assert!(above.into_iter().all(|line| line.starts_with('#') || line.trim().is_empty()));
            }
        }

        #[test]
        fn headings_that_are_none_do_no_harm(text in "\\PC{0,300}", places in prop::collection::vec((0..400_usize, 0..400_usize, 0..9_u8), 0..9)) {
            let wrong: Vec<Heading> = places.into_iter().map(|(start, end, level)| Heading { start, end, level }).collect();
            let found = passages(&text, &wrong);
            prop_assert_eq!(found.last().map_or(0, |last| last.end), text.len());
            prop_assert!(found.windows(2).all(|two| two[0].end == two[1].start));
        }
    }
}
