//! Windows: a text cut so that a recognizer's failure costs a part, and no mention is lost at a cut.
//!
//! A cut at a line break needs no overlap, because no mention holds one. Where a line is longer than a
//! window, neighbours overlap, each owns the mentions that begin on its side of the middle, and no word is
//! ever cut: a word longer than a window makes a longer window.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Context, Recognizer, fault, overlaps};
use crate::model::{EntityType, ExtractionType, Mention, WindowResult, WindowState};

const WINDOW_BYTES: usize = 16 * 1024;

/// How much two windows share where a line is cut; more than twice what a mention can hold.
const OVERLAP_BYTES: usize = 1024;

/// A part of a text: what is read, and of which beginnings it is the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    start: usize,
    end: usize,
    owned_from: usize,
    owned_to: usize,
}

/// Runs every recognizer that reads the type over the whole text, and keeps no mention that another makes
/// redundant.
///
/// Spans are bytes of `text`; an empty text has no windows.
pub fn recognize(
    recognizers: &[Box<dyn Recognizer>],
    extraction_type: ExtractionType,
    text: &str,
    context: &Context,
) -> Vec<WindowResult> {
    recognize_types(recognizers, extraction_type, text, context, &[])
}

/// Does the same for mentions of some types alone, or of all where none is named: no other makes them redundant.
pub fn recognize_types(
    recognizers: &[Box<dyn Recognizer>],
    extraction_type: ExtractionType,
    text: &str,
    context: &Context,
    types: &[EntityType],
) -> Vec<WindowResult> {
    let mut results = read_windows(recognizers, extraction_type, text, context);
    let is_wanted = |mention: &Mention| types.is_empty() || types.contains(&mention.entity_type);
    for result in &mut results {
        result.mentions.retain(is_wanted);
    }
    overlaps::resolve(&mut results);
    results
}

fn read_windows(
    recognizers: &[Box<dyn Recognizer>],
    extraction_type: ExtractionType,
    text: &str,
    context: &Context,
) -> Vec<WindowResult> {
    let windows = split(text);
    recognizers
        .iter()
        .filter(|recognizer| recognizer.reads(extraction_type))
        .flat_map(|recognizer| {
            windows.iter().enumerate().map(move |(ordinal, window)| {
                read_window(recognizer.as_ref(), ordinal as i64, window, text, context)
            })
        })
        .collect()
}

fn read_window(
    recognizer: &dyn Recognizer,
    ordinal: i64,
    window: &Window,
    text: &str,
    context: &Context,
) -> WindowResult {
    let slice = &text[window.start..window.end];
    // A recognizer keeps no state between calls, so nothing half-changed survives its panic.
    let found = catch_unwind(AssertUnwindSafe(|| {
        fault::meet(recognizer.name(), ordinal)?;
        recognizer.find(slice, context)
    }));
    let checked = match found {
        Ok(Ok(mentions)) => owned(mentions, window, text),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("panicked: {}", panic_message(panic.as_ref()))),
    };
    let (state, error, mentions) = match checked {
        Ok(mentions) => (WindowState::Done, None, mentions),
        Err(error) => (WindowState::Failed, Some(error), Vec::new()),
    };
    WindowResult {
        recognizer: recognizer.name(),
        ordinal,
        start: window.start,
        end: window.end,
        state,
        error,
        mentions,
    }
}

/// Shifts spans into the text, checks them and keeps those that begin where the window is the owner.
fn owned(mentions: Vec<Mention>, window: &Window, text: &str) -> Result<Vec<Mention>, String> {
    let mut kept: Vec<Mention> = Vec::with_capacity(mentions.len());
    for mut mention in mentions {
        mention.start += window.start;
        mention.end += window.start;
        let kept_of = |text| mention.entity_type.surface_of(text);
        let kept_text = text.get(mention.start..mention.end).map(kept_of);
        if kept_text.as_deref() != Some(mention.surface.as_str()) {
            return Err(format!(
                "span {}..{} does not hold {:?}",
                mention.start, mention.end, mention.surface
            ));
        }
        if (window.owned_from..window.owned_to).contains(&mention.start) {
            kept.push(mention);
        }
    }
    Ok(kept)
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Cuts the whole text.
fn split(text: &str) -> Vec<Window> {
    let mut windows = Vec::new();
    let (mut start, mut owned_from) = (0, 0);
    while owned_from < text.len() {
        let (end, at_line) = cut_after(text, owned_from);
        let (next_start, owned_to) = if at_line || end == text.len() {
            (end, end)
        } else {
            (
                word_start_before(text, end - OVERLAP_BYTES, owned_from),
                word_start_before(text, end - OVERLAP_BYTES / 2, owned_from),
            )
        };
        windows.push(Window {
            start,
            end,
            owned_from,
            owned_to,
        });
        (start, owned_from) = (next_start, owned_to);
    }
    windows
}

/// Returns where a window that begins to own at `from` ends, and whether that is after a line break.
fn cut_after(text: &str, from: usize) -> (usize, bool) {
    let limit = text.floor_char_boundary(from + WINDOW_BYTES);
    if limit == text.len() {
        return (limit, true);
    }
    let half = text.ceil_char_boundary(from + WINDOW_BYTES / 2);
    let tail = &text[half..limit];
    if let Some(at) = tail.rfind('\n') {
        return (half + at + 1, true);
    }
    let sentence = [". ", "! ", "? ", "。"]
        .iter()
        .filter_map(|mark| tail.rfind(mark).map(|at| half + at + mark.len()))
        .max();
    let end = sentence.or_else(|| Some(half + end_of_last_space(tail)?));
    end.map_or_else(|| first_space_from(text, limit), |end| (end, false))
}

fn end_of_last_space(text: &str) -> Option<usize> {
    let (at, space) = text.char_indices().rfind(|(_, c)| c.is_whitespace())?;
    Some(at + space.len_utf8())
}

/// A word that fills more than half a window is read to its end.
fn first_space_from(text: &str, limit: usize) -> (usize, bool) {
    match text[limit..]
        .char_indices()
        .find(|(_, c)| c.is_whitespace())
    {
        Some((at, space)) => (limit + at + space.len_utf8(), space == '\n'),
        None => (text.len(), true),
    }
}

/// Returns the start of the word at `at`, never before `least`.
fn word_start_before(text: &str, at: usize, least: usize) -> usize {
    let at = text.floor_char_boundary(at.max(least));
    text[least..at]
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace())
        .map_or(at, |(found, space)| least + found + space.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::entities::{RecognizerError, recognizers};
    use proptest::prelude::*;

    struct Broken;

    impl Recognizer for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }
        fn version(&self) -> &'static str {
            "1"
        }
        fn types(&self) -> &'static [EntityType] {
            &[]
        }
        fn reads(&self, _: ExtractionType) -> bool {
            true
        }
        fn find(&self, text: &str, _: &Context) -> Result<Vec<Mention>, RecognizerError> {
            assert!(!text.contains("poison"), "met poison");
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_panic_costs_one_window() {
        let text = format!("{}\npoison\n{}", "a ".repeat(12_000), "b ".repeat(12_000));
        let broken: Vec<Box<dyn Recognizer>> = vec![Box::new(Broken)];
        let results = recognize(&broken, ExtractionType::Content, &text, &Context::default());
        let failed: Vec<_> = results
            .iter()
            .filter(|result| result.state == WindowState::Failed)
            .collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].error.as_deref(), Some("panicked: met poison"));
        assert!(results.len() > 2);
    }

    #[test]
    fn an_empty_text_and_an_unread_type_have_no_windows() {
        let all = recognizers();
        assert_eq!(
            recognize(&all, ExtractionType::Content, "", &Context::default()),
            []
        );
        assert_eq!(
            recognize(&all, ExtractionType::Record, "x", &Context::default()),
            []
        );
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("12 March 2024".to_owned()),
            Just("from next Friday at 5 pm until the end of May".to_owned()),
            Just("every other Monday, three weeks ago".to_owned()),
            Just("in the 1990s and 2024".to_owned()),
            Just("$5 million".to_owned()),
            Just("jo@example.com".to_owned()),
            Just("https://example.com/a?b=c".to_owned()),
            Just("(212) 555-0142".to_owned()),
            Just("two hundred and five".to_owned()),
            Just("US$ 3 per user per month".to_owned()),
            Just("4111 1111 1111 1111".to_owned()),
            Just("192.0.2.7/24".to_owned()),
            Just("#tag @jo_doe v1.2.3-rc.1".to_owned()),
            Just("minus 12.5 degrees celsius".to_owned()),
            Just("tel 0176 12345678 ext 9".to_owned()),
            Just(format!("https://example.com/{}", "x".repeat(3_000))),
            Just("y".repeat(20_000)),
            "[a-zä€ ]{1,300}",
            "(word |word\u{a0}|it is\\. ){50,400}",
        ]
    }

    /// What numbers, units and identifiers are made of, in any order.
    fn word() -> impl Strategy<Value = String> {
        let words = "one|two|nine|twenty|ninety|hundred|thousand|million|and|a|an|half|quarter|point|minus|over|out of|third|fifths|dozen|\
            dollars|cents|percent|degrees|celsius|miles|per|hour|years|old|requests|every|next|to|last|aged|phone|ext|USD|$|€|£|(|)|[|]|+|-|–|\
            .|,|:|::|/|#|@|%|°|²|½|̈|ß|0|00|1|12|345|6789|2024|1e9|^|x10^|v|CVE|DE89|ISBN|10.1000/|http://|www.|example.com|\u{a0}|\n";
        let words: Vec<&str> = words.split('|').collect();
        let joint = prop_oneof![3 => Just(" "), 2 => Just(""), 1 => Just("-")];
        (prop::sample::select(words), joint).prop_map(|(word, joint)| format!("{word}{joint}"))
    }

    fn text() -> impl Strategy<Value = String> {
        let separator =
            prop_oneof![6 => Just(" "), 3 => Just(", "), 2 => Just(". "), 1 => Just("\n")];
        prop::collection::vec((piece(), separator), 1..150).prop_map(|parts| {
            parts
                .into_iter()
                .fold(String::new(), |text, (piece, separator)| {
                    text + &piece + separator
                })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn windows_cover_the_text_and_lose_no_mention(text in text()) {
            let windows = split(&text);
            prop_assert_eq!(windows[0].start, 0);
            prop_assert_eq!(windows[windows.len() - 1].end, text.len());
            for pair in windows.windows(2) {
                prop_assert!(pair[1].start <= pair[0].end && pair[1].owned_from == pair[0].owned_to);
            }
            let all = recognizers();
            let results =
                read_windows(&all, ExtractionType::Content, &text, &Context::default());
            for recognizer in &all {
                let whole = recognizer.find(&text, &Context::default()).unwrap();
                let parts: Vec<_> = results
                    .iter()
                    .filter(|result| result.recognizer == recognizer.name())
                    .flat_map(|result| result.mentions.clone())
                    .collect();
                prop_assert_eq!(whole, parts);
            }
        }

        #[test]
        fn mentions_hold_what_windows_can_bear(words in prop::collection::vec(word(), 0..400)) {
            let text = words.concat();
            for recognizer in recognizers() {
                for mention in recognizer.find(&text, &Context::default()).unwrap() {
                    let covered = &text[mention.start..mention.end];
                    prop_assert!(!covered.contains('\n'), "{covered:?}");
                    let reach = covered.rfind(char::is_whitespace).unwrap_or(0);
                    prop_assert!(reach <= 400, "{covered:?}");
                    prop_assert_eq!(mention.entity_type.surface_of(covered), mention.surface);
                    prop_assert!(mention.attributes.is_object() && !mention.normalized.is_empty());
                    prop_assert!((0.0..=1.0).contains(&mention.score));
                }
            }
        }
    }
}
