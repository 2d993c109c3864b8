//! The words of a text, as they are indexed and looked for.
//!
//! One rule for texts and for queries, and none of a database's: so both engines find the same.

use unicode_segmentation::UnicodeSegmentation as _;

/// Bytes of a word that count; no word of a language is longer.
const MOST_BYTES: usize = 64;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In lower case.
    pub folded: String,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
}

/// Returns the words of a text: what Unicode takes for one, parted at punctuation, so that `example.com` is two.
pub fn words(text: &str) -> impl Iterator<Item = Word> {
    text.unicode_word_indices().flat_map(|(at, whole)| {
        let mut parts = Vec::new();
        let mut start = 0;
        for (end, separator) in whole.match_indices(is_separator) {
            parts.push((start, end));
            start = end + separator.len();
        }
        parts.push((start, whole.len()));
        parts
            .into_iter()
            .filter(|(start, end)| start < end)
            .map(move |(start, end)| Word {
                folded: folded(&whole[start..end]),
                start: at + start,
                end: at + end,
            })
    })
}

fn is_separator(letter: char) -> bool {
    letter.is_ascii_punctuation() || letter == '\u{2019}'
}

/// Letter by letter, so that a word is the same wherever in a text it stands.
fn folded(word: &str) -> String {
    let mut folded: String = word.chars().flat_map(char::to_lowercase).collect();
    if folded.len() > MOST_BYTES {
        folded.truncate(folded.floor_char_boundary(MOST_BYTES));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_alike_everywhere() {
        for (text, expected) in [
            ("The Harbour's LAMP", "the harbour s lamp"),
            ("the harbour\u{2019}s", "the harbour s"),
            ("see example.com/a_b", "see example com a b"),
            ("3.14, e-mail", "3 14 e mail"),
            ("Straße ΟΔΟΣ", "straße οδοσ"),
            ("東京 カタカナ", "東 京 カタカナ"),
            ("-- \"!\" \u{0}", ""),
            ("", ""),
        ] {
            let found: Vec<String> = words(text).map(|word| word.folded).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn places_are_bytes_of_the_text_and_long_words_are_cut() {
        let text = "Ünï b.c";
        let found: Vec<&str> = words(text)
            .map(|word| &text[word.start..word.end])
            .collect();
        assert_eq!(found, ["Ünï", "b", "c"]);
        let long = "ü".repeat(100);
        let found: Vec<Word> = words(&long).collect();
        assert_eq!((found[0].folded.len(), found[0].end), (64, 200));
    }
}
