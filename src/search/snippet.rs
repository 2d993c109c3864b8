//! The stretch of a text that shows best why it was found.

use super::query::{Phrase, Query};
use super::words::{Word, words};

/// Bytes of a stretch, about.
const BYTES: usize = 200;

/// A stretch of a text, and where what is looked for stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// As it is shown: white space of any length is one space, and `…` stands where the text goes on.
    pub shown: String,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// What is looked for, as bytes of the text; all within `start..end`.
    pub spans: Vec<(usize, usize)>,
}

/// Finds the stretch with most of what is wanted; the first of several, and the beginning where there is none.
pub fn snippet(text: &str, query: &Query) -> Snippet {
    let all: Vec<Word> = words(text).collect();
    let mut matches: Vec<(usize, usize, usize)> = Vec::new();
    for (which, phrase) in query.wanted.iter().enumerate() {
        matches.extend(places(&all, phrase).map(|(start, end)| (start, end, which)));
    }
    matches.sort_unstable();
    let (mut best, mut best_value) = (0..0, (0, 0));
    let mut first = 0;
    for last in 0..matches.len() {
        while first < last && matches[last].1.saturating_sub(matches[first].0) > BYTES {
            first += 1;
        }
        let inside = &matches[first..=last];
        let mut kinds: Vec<usize> = inside.iter().map(|one| one.2).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let value = (kinds.len(), inside.len());
        if value > best_value {
            (best, best_value) = (first..last + 1, value);
        }
    }
    let chosen = &matches[best];
    let (from, to) = match (chosen.first(), chosen.iter().map(|one| one.1).max()) {
        (Some(first), Some(last)) => (first.0, last),
        _ => (0, 0),
    };
    let around = BYTES.saturating_sub(to - from) / 2;
    // A third before and the rest after: a match is read with what follows it.
    let start = word_start(&all, from.saturating_sub(around * 2 / 3), from);
    let end = word_end(&all, to + around * 4 / 3, to, text.len());
    let mut shown: String = text[start..end]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if text[..start].chars().any(|letter| !letter.is_whitespace()) {
        shown.insert_str(0, "… ");
    }
    if text[end..].chars().any(|letter| !letter.is_whitespace()) {
        shown.push_str(" …");
    }
    let mut spans: Vec<(usize, usize)> = matches
        .iter()
        .filter(|(from, to, _)| *from >= start && *to <= end)
        .map(|(from, to, _)| (*from, *to))
        .collect();
    spans.dedup();
    Snippet {
        shown,
        start,
        end,
        spans,
    }
}

/// Returns where a phrase stands, as bytes.
fn places<'w>(all: &'w [Word], phrase: &'w Phrase) -> impl Iterator<Item = (usize, usize)> + 'w {
    let length = phrase.len().max(1);
    all.windows(length)
        .filter(move |window| {
            window
                .iter()
                .zip(phrase)
                .all(|(word, wanted)| word.folded == *wanted)
        })
        .filter_map(|window| Some((window.first()?.start, window.last()?.end)))
}

/// Returns the beginning of the first word at or after `wanted`, and no later than `latest`.
fn word_start(all: &[Word], wanted: usize, latest: usize) -> usize {
    if wanted == 0 {
        return 0;
    }
    let at = all.partition_point(|word| word.start < wanted);
    all.get(at).map_or(latest, |word| word.start.min(latest))
}

/// Returns the end of the last word that ends at or before `wanted`, and no earlier than `earliest`.
fn word_end(all: &[Word], wanted: usize, earliest: usize, length: usize) -> usize {
    if wanted >= length {
        return length;
    }
    let at = all.partition_point(|word| word.end <= wanted);
    let end = at
        .checked_sub(1)
        .and_then(|at| all.get(at))
        .map_or(0, |word| word.end);
    end.max(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, query: &str) -> Snippet {
        snippet(text, &Query::parse(query).unwrap())
    }

    #[test]
    fn the_stretch_with_most_is_shown() {
        let filler = "nothing of interest is said here at all. ".repeat(20);
        let text = format!("A lamp. {filler}The\nlamp  at the harbour. {filler}Ünd lamp");
        let found = of(&text, "lamp harbour");
        assert!(
            found.shown.contains("The lamp at the harbour."),
            "{}",
            found.shown
        );
        assert!(found.shown.starts_with("… ") && found.shown.ends_with(" …"));
        let words: Vec<&str> = found
            .spans
            .iter()
            .map(|(start, end)| &text[*start..*end])
            .collect();
        assert_eq!(words, ["lamp", "harbour"]);
        assert!(found.end - found.start <= BYTES + 20);
        let found = of(&text, "\"the lamp at\"");
        assert_eq!(&text[found.spans[0].0..found.spans[0].1], "The\nlamp  at");
    }

    #[test]
    fn without_a_match_it_is_the_beginning() {
        let found = of("Short text.", "missing");
        assert_eq!(
            (found.shown.as_str(), found.spans.len()),
            ("Short text.", 0)
        );
        assert_eq!(of("", "missing").shown, "");
        let long = "ü".repeat(10_000);
        let _ = of(&long, "missing");
        let _ = of(&format!("{long} lamp {long}"), "lamp");
    }
}
