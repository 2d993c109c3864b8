//! A link to a quote on its page: `#:~:text=[prefix-,]start[,end][,-suffix]` (URL Fragment Text Directives,
//! WICG).
//!
//! Owns which words tell a quote from the rest of a text, and how they are escaped. A browser compares words
//! without regard to case and takes the first match, so that is what is made unique here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A hyphen, a comma and an ampersand are of the directive's own grammar; all else that is escaped is so in
/// any fragment.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'~');

/// Quotes of more characters are told by their first and last words.
const LONGEST_WHOLE: usize = 80;

/// Words that begin and end the range that a long quote is.
const FEWEST_WORDS: usize = 3;

/// Most words that are said of what stands before and after a quote.
const MOST_CONTEXT: usize = 8;

/// A text with its words apart by one space each, in small letters, and where a quote is in it.
struct Flat {
    text: String,
    start: usize,
    end: usize,
}

/// Returns the directive, from `:~:text=` on, that leads to `text[start..end]`; `None` where that is no quote.
pub(super) fn text_directive(text: &str, start: usize, end: usize) -> Option<String> {
    let flat = Flat::of(text, start, end)?;
    let words: Vec<&str> = text.get(start..end)?.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let directive = if words.join(" ").chars().count() > LONGEST_WHOLE {
        range(&flat, &words)
    } else {
        None
    };
    let directive = directive.unwrap_or_else(|| whole(&flat, text, start, end, &words));
    Some(format!(":~:text={directive}"))
}

/// The whole quote, with as much of its surroundings as tell it from its twins.
fn whole(flat: &Flat, text: &str, start: usize, end: usize, words: &[&str]) -> String {
    let quote = words.join(" ");
    let (before, after) = (text.get(..start), text.get(end..));
    let before: Vec<&str> = before.unwrap_or_default().split_whitespace().collect();
    let after: Vec<&str> = after.unwrap_or_default().split_whitespace().collect();
    let sides = |count: usize| {
        let prefix = before[before.len().saturating_sub(count)..].join(" ");
        let suffix = after[..count.min(after.len())].join(" ");
        (prefix, suffix)
    };
    let mut count = 0;
    let (prefix, suffix) = loop {
        let (prefix, suffix) = sides(count);
        let joined = [prefix.as_str(), quote.as_str(), suffix.as_str()];
        let joined: Vec<&str> = joined.into_iter().filter(|part| !part.is_empty()).collect();
        if count == MOST_CONTEXT || flat.count(&joined.join(" ")) <= 1 {
            break (prefix, suffix);
        }
        count += 1;
    };
    let mut directive = String::new();
    if !prefix.is_empty() {
        directive.push_str(&escaped(&prefix));
        directive.push_str("-,");
    }
    directive.push_str(&escaped(&quote));
    if !suffix.is_empty() {
        directive.push_str(",-");
        directive.push_str(&escaped(&suffix));
    }
    directive
}

/// The first and the last words of a quote, where a browser finds the quote by them and nothing else.
fn range(flat: &Flat, words: &[&str]) -> Option<String> {
    let most = words.len() / 2;
    let first = (FEWEST_WORDS..=most)
        .map(|count| words[..count].join(" "))
        .find(|first| flat.count(first) == 1)?;
    let rest = &flat.text[flat.start..];
    let quote = flat.end - flat.start;
    let begins_after = folded(&first).len();
    let last = (FEWEST_WORDS..=most)
        .map(|count| words[words.len() - count..].join(" "))
        .find(|last| {
            let last = folded(last);
            let found = rest.get(begins_after..).and_then(|rest| rest.find(&last));
            found.is_some_and(|at| begins_after + at + last.len() == quote)
        })?;
    Some(format!("{},{}", escaped(&first), escaped(&last)))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Letter by letter, so that a part of a text is folded as it is in the whole.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Flat {
    fn of(text: &str, start: usize, end: usize) -> Option<Self> {
        let part = |from: usize, to: usize| {
            let words: Vec<&str> = text.get(from..to)?.split_whitespace().collect();
            Some(folded(&words.join(" ")))
        };
        let (before, quote, after) = (part(0, start)?, part(start, end)?, part(end, text.len())?);
        // A quote may begin or end within a word, where there is no space.
        let is_space = |found: Option<char>| found.is_none_or(char::is_whitespace);
        let opens =
            is_space(text[..start].chars().next_back()) || is_space(text[start..].chars().next());
        let closes =
            is_space(text[end..].chars().next()) || is_space(text[..end].chars().next_back());
        let space = |wanted: bool, side: &str| {
            if wanted && !side.is_empty() { " " } else { "" }
        };
        let head = format!("{before}{}", space(opens, &before));
        let (start, end) = (head.len(), head.len() + quote.len());
        let text = format!("{head}{quote}{}{after}", space(closes, &after));
        Some(Self { text, start, end })
    }

    /// Counts where `phrase` stands, between the ends of words, up to two.
    fn count(&self, phrase: &str) -> usize {
        let phrase = folded(phrase);
        let is_letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
        self.text
            .match_indices(&phrase)
            .filter(|(at, found)| {
                let end = at + found.len();
                let begins = !is_letter(self.text[..*at].chars().next_back())
                    || !is_letter(phrase.chars().next());
                let ends = !is_letter(self.text[end..].chars().next())
                    || !is_letter(phrase.chars().next_back());
                begins && ends
            })
            .take(2)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, quote: &str) -> Option<String> {
        let start = text.find(quote).unwrap();
        text_directive(text, start, start + quote.len())
    }

    #[test]
    fn what_stands_once_needs_no_context() {
        let text = "Low tide is at noon.\nHigh tide is at six, or later.";
        for (quote, expected) in [
            ("at noon", ":~:text=at%20noon"),
            ("six, or later", ":~:text=six%2C%20or%20later"),
            ("Low", ":~:text=Low"),
        ] {
            assert_eq!(of(text, quote).as_deref(), Some(expected));
        }
        assert_eq!(
            of("well-kept & dry", "well-kept & dry").as_deref(),
            Some(":~:text=well%2Dkept%20%26%20dry")
        );
        assert_eq!(
            of("Grüße aus Köln", "Köln").as_deref(),
            Some(":~:text=K%C3%B6ln")
        );
        assert_eq!(of("a  b", "  "), None);
        assert_eq!(text_directive("ä", 1, 2), None);
    }

    #[test]
    fn twins_are_told_apart_by_what_stands_beside_them() {
        let text = "Low tide is at noon. High TIDE is at six.";
        // The first of two, by one word on each side.
        assert_eq!(of(text, "tide").as_deref(), Some(":~:text=Low-,tide,-is"));
        let at = text.find("TIDE").unwrap();
        let second = text_directive(text, at, at + 4);
        assert_eq!(second.as_deref(), Some(":~:text=High-,TIDE,-is"));
        // Within another word it is no match.
        assert_eq!(
            of("tide, tides and tidings", "tide").as_deref(),
            Some(":~:text=tide")
        );
        // Where nothing helps, the most that is said is bounded.
        let same = "so it goes on ".repeat(40);
        assert!(of(&same, "goes").unwrap().len() < 120);
    }

    #[test]
    fn a_long_quote_is_a_range() {
        let quote = "the harbor wall was built in the year of the flood, by people who had seen the \
                     water come over the fields and did not want to see it come again";
        let text = format!("Once the harbor was small.\n{quote}. And it did not come again.");
        assert_eq!(
            of(&text, quote).as_deref(),
            Some(":~:text=the%20harbor%20wall,it%20come%20again")
        );
        // Its last words stand within it as well, so that more of them are said.
        let quote = "one two three four five six seven eight nine ten eleven twelve and then \
                     five six seven once more five six seven";
        let text = format!("It says {quote}.");
        let directive = of(&text, quote).unwrap();
        assert_eq!(
            directive,
            ":~:text=one%20two%20three,more%20five%20six%20seven"
        );
    }
}
