//! Where sentences end, in any script.
//!
//! A pure function of the text: rules for marks, abbreviations and line ends, and no model. Where a mark may end a
//! sentence or may not, the longer sentence is kept.

/// Words that a full stop belongs to, and that no sentence ends with; in lower case.
const ABBREVIATIONS: &[&str] = &[
    "abb", "abs", "adj", "al", "approx", "art", "asst", "bd", "bzw", "ca", "capt", "cf", "ch",
    "chap", "cmdr", "col", "dept", "dr", "ed", "eds", "eq", "eqs", "est", "evtl", "ex", "fig",
    "figs", "gem", "gen", "ggf", "gov", "hon", "hr", "hrsg", "lt", "maj", "max", "min", "mme",
    "mr", "mrs", "ms", "mt", "mtl", "nr", "op", "pp", "prof", "ref", "refs", "rep", "resp", "rev",
    "sec", "sen", "sgt", "sog", "sr", "sra", "st", "ste", "str", "tab", "tel", "usf", "vgl", "viz",
    "vol", "vols", "vs",
];

/// Words that a full stop belongs to when a number follows.
const BEFORE_NUMBERS: &[&str] = &[
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "no",
    "nos", "p", "n", "para", "cap", "c", "v", "s", "§",
];

/// Words that begin a sentence and are seldom part of a name: `the U.S. It …`.
const STARTERS: &[&str] = &[
    "A", "After", "All", "Although", "An", "And", "As", "At", "Before", "But", "By", "For", "He",
    "However", "I", "If", "In", "It", "Its", "On", "Our", "She", "Since", "So", "That", "The",
    "Their", "There", "These", "They", "This", "Those", "To", "We", "What", "When", "Where",
    "While", "With", "You", "Das", "Der", "Die", "Ein", "Eine", "Er", "Es", "Ich", "Sie", "Wir",
    "Le", "La", "Les", "Il", "Elle", "El", "Los", "Las",
];

/// Names of months behind the number of a day, as German and its neighbours write it.
const MONTHS: &[&str] = &[
    "Januar",
    "Jänner",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// Returns where the sentences of `text` end: each end is where the next begins, behind the space between them. The
/// last is the end of the text; an empty text has none.
pub fn sentence_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut line_start = 0;
    // What is behind an end that was found already, its space and its quotes, is looked at no more.
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !may_end(byte) || at < done {
            continue;
        }
        let Some(c) = text[at..].chars().next() else {
            break;
        };
        let after = at + c.len_utf8();
        let end = match c {
            '\n' => {
                let end = ends_line(text, line_start, at).then(|| space_end(text, after));
                line_start = after;
                end
            }
            // These end a sentence whatever follows.
            '。' | '！' | '？' | '｡' | '．' | '।' | '॥' | '۔' | '።' | '។' | '။' => {
                Some(space_end(text, closed(text, after)))
            }
            '.' | '!' | '?' | '…' | '؟' => {
                let closed = closed(text, after);
                let next = space_end(text, closed);
                let is_end = next == text.len()
                    || (next > closed && ends_here(text, at, c, line_start, next));
                done = closed;
                is_end.then_some(next)
            }
            _ => None,
        };
        if let Some(end) = end {
            done = end;
            // A line that begins within the space is the next sentence's.
            line_start = end.max(line_start);
            ends.push(end);
        }
    }
    if ends.last() != Some(&text.len()) && !text.is_empty() {
        ends.push(text.len());
    }
    ends
}

/// Says whether a mark begins with this byte; nearly all of a text is passed by it.
fn may_end(byte: u8) -> bool {
    matches!(
        byte,
        b'\n' | b'.' | b'!' | b'?' | 0xd8 | 0xdb | 0xe0..=0xe3 | 0xef
    )
}

/// Returns where the marks end that close what an end mark is in: further marks, quotes and brackets.
fn closed(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let is_closing = |c: char| {
        matches!(
            c,
            '.' | '!'
                | '?'
                | '…'
                | '。'
                | '！'
                | '？'
                | '"'
                | '\''
                | '”'
                | '’'
                | '»'
                | '›'
                | ')'
                | ']'
                | '}'
                | '」'
                | '』'
                | '）'
                | '】'
                | '》'
                | '〉'
                | '〕'
        )
    };
    from + rest.find(|c| !is_closing(c)).unwrap_or(rest.len())
}

fn space_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    from + rest
        .find(|c: char| !c.is_whitespace())
        .unwrap_or(rest.len())
}

/// Says whether a line end is the end of what stands in the line: it is not where a text was merely broken to fit.
fn ends_line(text: &str, start: usize, at: usize) -> bool {
    let line = text.get(start..at).unwrap_or_default().trim_end();
    let rest = &text[at + 1..];
    let goes_on = rest.starts_with(|c: char| c.is_lowercase() || is_unspaced(c));
    let is_broken =
        line.chars().nth(40).is_some() && !line.ends_with(['.', '!', '?', ':', '。', '！', '？']);
    !(goes_on && is_broken)
}

/// Says whether a script puts no spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// Says whether the mark at `at`, with space behind it, ends a sentence when the next would begin at `next`.
fn ends_here(text: &str, at: usize, mark: char, line_start: usize, next: usize) -> bool {
    let follows = &text[next..];
    let first = follows.chars().next();
    // An opening quote or bracket says nothing of what it opens.
    let opened = follows.trim_start_matches([
        '"', '\'', '“', '‘', '„', '«', '(', '[', '¿', '¡', '-', '–', '—', '*', '_',
    ]);
    // Dots that lead to a page's number are no ends.
    if opened.starts_with(char::is_lowercase) || opened.starts_with('.') {
        return false;
    }
    if mark != '.' {
        return true;
    }
    let before = &text[line_start.min(at)..at];
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '„' | '«' | '/'))
        .next();
    let word = word.unwrap_or_default();
    let next_word: &str = opened
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) {
        return false;
    }
    let is_number_next = first.is_some_and(char::is_numeric);
    if is_number_next && BEFORE_NUMBERS.contains(&lower.as_str()) {
        return false;
    }
    let mut letters = word.chars();
    let is_initial =
        matches!((letters.next(), letters.next()), (Some(only), None) if only.is_alphabetic());
    // `J. Doe`, and `U.S.` or `e.g.`, whose last letter stands behind another full stop.
    let is_dotted = word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() <= 2 && part.chars().all(char::is_alphabetic));
    if is_initial || is_dotted {
        return STARTERS.contains(&next_word) && word != "J";
    }
    // The number of an item of a list, or of a day.
    let is_short_number =
        (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let begins_line = before.trim_start().len() == word.len();
    !(is_short_number && (begins_line || MONTHS.contains(&next_word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(text: &str) -> Vec<&str> {
        let mut start = 0;
        let ends = sentence_ends(text);
        let cut = ends.into_iter().map(|end| {
            let sentence = text[start..end].trim();
            start = end;
            sentence
        });
        cut.collect()
    }

    #[test]
    fn marks_end_sentences() {
        for text in [
            "Dr. J. Doe met Mrs. Roe at 3.5 km. | It was late!",
            "“Who is it?” she asked. | “Nobody.” | He left.",
            "The U.S. Navy paid $1.5 million (see fig. 3). | It was no. 5 of 7.",
            "We saw the U.S. | It was big.",
            "Wait... | What? | No!!! | Yes.",
            "So … he went on. | Then it stopped.",
            "1. First item. | 2. Second item.",
            "Am 3. März kam er. | Das war z. B. gestern, vgl. S. 4.",
            "See example.com/a.b?c=d. | It works.",
            "今日は雨です。 | 明日は「晴れ。」 | です！ | 本当？ | はい",
            "यह है। | वह था।",
            "C'est vrai ? | Oui ! | Non.",
            "¿Qué? | ¡No! | Sí.",
        ] {
            let expected: Vec<&str> = text.split(" | ").collect();
            let joined = if text.contains('。') {
                expected.concat()
            } else {
                expected.join(" ")
            };
            assert_eq!(sentences(&joined), expected, "{joined}");
        }
    }

    #[test]
    fn lines_end_sentences_unless_a_text_was_broken_to_fit() {
        let broken = "This line of a plain text was broken at a width\nof seventy characters. And\nThat is that";
        assert_eq!(
            sentences(broken),
            [
                "This line of a plain text was broken at a width\nof seventy characters.",
                "And",
                "That is that"
            ]
        );
        assert_eq!(
            sentences("A title\n\na list\nof things\n"),
            ["A title", "a list", "of things"]
        );
    }

    proptest! {
        #[test]
        fn ends_rise_to_the_end_of_the_text(text in "[a-cA-C .!?。\n\"”…\u{301}ไ1]{0,200}") {
            let ends = sentence_ends(&text);
            prop_assert!(ends.windows(2).all(|two| two[0] < two[1]), "{ends:?}");
            prop_assert_eq!(ends.last().copied().unwrap_or(0), text.len());
            prop_assert!(ends.iter().all(|end| text.is_char_boundary(*end)));
        }
    }
}
