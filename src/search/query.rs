//! What is looked for: words, "phrases", and -what must not be there. Nothing else has a meaning, so nothing is wrong.

use super::words::words;

/// Words and phrases of one query.
const MOST_PHRASES: usize = 32;

/// Words of one phrase.
const MOST_WORDS: usize = 64;

/// Words that stand one after the other; a single word is a phrase of one.
pub type Phrase = Vec<String>;

/// A query as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Every one must be there.
    pub wanted: Vec<Phrase>,
    /// None may be.
    pub unwanted: Vec<Phrase>,
}

/// Why nothing can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("there is no word in the query")]
    NoWord,
    #[error("the query only says what must not be there")]
    OnlyUnwanted,
    #[error(
        "the query has more than {MOST_PHRASES} words and phrases, or a phrase of more than {MOST_WORDS}"
    )]
    TooLong,
}

impl Query {
    /// Reads a query. What is written in one piece (`example.com`, `e-mail`) is looked for in one piece.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let minus = first == '-';
            if minus {
                rest = &rest[1..];
            }
            let is_quote =
                |letter: char| matches!(letter, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}');
            let piece = if let Some(inside) = rest.strip_prefix(is_quote) {
                let end = inside.find(is_quote).unwrap_or(inside.len());
                rest = inside[end..].strip_prefix(is_quote).unwrap_or("");
                &inside[..end]
            } else {
                let end = rest
                    .find(|letter: char| letter.is_whitespace() || is_quote(letter))
                    .unwrap_or(rest.len());
                let piece = &rest[..end];
                rest = &rest[end..];
                piece
            };
            rest = rest.trim_start();
            let phrase: Phrase = words(piece).map(|word| word.folded).collect();
            let into = if minus {
                &mut query.unwanted
            } else {
                &mut query.wanted
            };
            if !phrase.is_empty() && !into.contains(&phrase) {
                into.push(phrase);
            }
        }
        let all = || query.wanted.iter().chain(&query.unwanted);
        if all().count() > MOST_PHRASES || all().any(|phrase| phrase.len() > MOST_WORDS) {
            return Err(QueryError::TooLong);
        }
        match (query.wanted.is_empty(), query.unwanted.is_empty()) {
            (false, _) => Ok(query),
            (true, true) => Err(QueryError::NoWord),
            (true, false) => Err(QueryError::OnlyUnwanted),
        }
    }

    /// Returns every word that the answer depends on, each once.
    pub fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self
            .wanted
            .iter()
            .chain(&self.unwanted)
            .flatten()
            .map(String::as_str)
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Query::parse(text) {
            Ok(query) => {
                let phrases = |all: &[Phrase]| {
                    let all: Vec<String> = all.iter().map(|phrase| phrase.join("_")).collect();
                    all.join(" ")
                };
                format!("{} | {}", phrases(&query.wanted), phrases(&query.unwanted))
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn words_phrases_and_what_must_not_be_there() {
        for (text, expected) in [
            ("Harbour lamp", "harbour lamp | "),
            ("\"harbour lamp\" -tide", "harbour_lamp | tide"),
            ("-\"low tide\" lamp lamp", "lamp | low_tide"),
            ("lamp-post example.com", "lamp_post example_com | "),
            ("\u{201c}harbour lamp\u{201d}", "harbour_lamp | "),
            ("\"open phrase", "open_phrase | "),
            ("a\"b c\"d", "a b_c d | "),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_syntax_is_no_syntax() {
        for text in [
            "lamp OR (tide",
            "lamp* AND NEAR(x, 3)",
            "title:lamp ^2",
            "lamp & !tide | <->",
            "'; -- lamp",
            "lamp\0tide",
            "%_\\",
            "\"\" lamp",
            "- lamp",
            "--lamp x",
        ] {
            let _ = Query::parse(text);
        }
        assert_eq!(shown("lamp OR tide"), "lamp or tide | ");
        assert_eq!(shown("- lamp"), "lamp | ");
        assert_eq!(shown("  \"\" -- !!"), "there is no word in the query");
        assert_eq!(shown("-lamp"), "the query only says what must not be there");
        let many: Vec<String> = (0..40).map(|number| format!("w{number}")).collect();
        assert!(shown(&many.join(" ")).contains("more than 32"));
    }
}
