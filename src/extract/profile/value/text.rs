//! Texts as values: white space, sentences, words for yes and no, addresses.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::extract::profile::sources::MOST_TEXT;
use crate::extract::{inner_text, tree};
use crate::markup::references::{Place, decode};

/// Characters of a summary where the field does not say.
pub(super) const SUMMARY_CHARACTERS: usize = 500;

/// Folds white space.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

/// Undoes what values in scripts and attributes are escaped and marked up with for the page they stand on, though
/// nothing there does.
pub(super) fn without_markup(text: &str) -> Cow<'_, str> {
    let decoded = decode(text, Place::Text);
    let is_tag = |(at, _): (usize, &str)| {
        let name = decoded[at + 1..].trim_start_matches('/');
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && decoded[at..].contains('>')
    };
    if decoded.len() > MOST_TEXT || !decoded.match_indices('<').take(20).any(is_tag) {
        return decoded;
    }
    let page = tree::parse(&decoded);
    inner_text::of(&page, 0, MOST_TEXT).map_or(decoded, Cow::Owned)
}

/// Returns the sentences that a text begins with, as many as fit.
pub(super) fn summary(text: &str, most: usize) -> String {
    let text = spaced(text);
    opening(&text, most).to_owned()
}

/// Returns the sentences that a text begins with, at most `most` characters; words where no sentence fits.
pub(in crate::extract::profile) fn opening(text: &str, most: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    // The character behind says whether a point ends a sentence.
    let within = &text[..end];
    let sentence = within
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？'))
        .map(|(at, c)| (at + c.len_utf8(), c))
        .rfind(|(after, c)| !c.is_ascii() || text[*after..].starts_with(char::is_whitespace));
    if let Some((after, _)) = sentence {
        return &text[..after];
    }
    let word = within.rfind(char::is_whitespace);
    word.map_or(within, |at| within[..at].trim_end())
}

/// Reads a word for yes or no.
pub(super) fn boolean(text: &str) -> Option<bool> {
    const YES: &[&str] = &[
        "true", "yes", "y", "1", "on", "ja", "oui", "sí", "si", "sì", "sim", "tak", "ano", "да",
        "はい", "是", "✓", "✔", "☑", "✅",
    ];
    const NO: &[&str] = &[
        "false",
        "no",
        "n",
        "0",
        "off",
        "nein",
        "non",
        "não",
        "nie",
        "ne",
        "nee",
        "нет",
        "いいえ",
        "否",
        "✗",
        "✘",
        "❌",
        "☐",
    ];
    let text = text.trim().to_lowercase();
    match text.as_str() {
        word if YES.contains(&word) => Some(true),
        word if NO.contains(&word) => Some(false),
        _ => None,
    }
}

/// Returns the letters and digits of a text in lower case: `in stock` is `InStock`.
pub(super) fn essence(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    let essence: String = letters.flat_map(char::to_lowercase).collect();
    if essence.is_empty() {
        text.trim().to_owned()
    } else {
        essence
    }
}

/// Says whether one of two texts says all that the other says: its letters, or each of its words.
pub(super) fn says_the_same(one: &str, other: &str) -> bool {
    let (short, long) = (essence(one), essence(other));
    if short.contains(&long) || long.contains(&short) {
        return true;
    }
    let words = |text: &str| -> HashSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (one, other) = (words(one), words(other));
    !one.is_empty() && !other.is_empty() && (one.is_subset(&other) || other.is_subset(&one))
}

/// Says whether two addresses lead to one page, as far as their spelling tells.
pub(super) fn same_address(one: &str, other: &str) -> bool {
    fn bare(address: &str) -> &str {
        let address = address.split('#').next().unwrap_or(address);
        let address = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"))
            .unwrap_or(address);
        address.trim_end_matches('/')
    }
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_without_the_markup_they_are_written_in() {
        for (text, plain) in [
            ("plain", "plain"),
            ("Rock &amp; Roll &#8211; live", "Rock & Roll \u{2013} live"),
            ("<p>One<br>two</p><p>three", "One two three"),
            ("&lt;p&gt;One&lt;/p&gt;", "One"),
            ("a < b and b > c", "a < b and b > c"),
            ("1 <3", "1 <3"),
        ] {
            assert_eq!(without_markup(text), plain, "{text}");
        }
    }

    #[test]
    fn two_texts_agree_when_one_says_all_that_the_other_says() {
        for (one, other, agree) in [
            ("The Hill", "TheHill", true),
            ("Mill \u{2013} Shop", "mill", true),
            (
                "LCD-2 Classic Headphones",
                "LCD-2 Classic Planar Headphones",
                true,
            ),
            ("Mill", "Wheel", false),
            ("\u{2713}", "\u{2717}", false),
        ] {
            assert_eq!(says_the_same(one, other), agree, "{one} {other}");
        }
    }

    #[test]
    fn an_opening_ends_with_a_sentence() {
        for (text, most, found) in [
            ("One. Two.", 20, "One. Two."),
            ("One. Two. Three.", 12, "One. Two."),
            ("Version 1.5 is out. It works.", 24, "Version 1.5 is out."),
            ("One two three", 9, "One two"),
            ("一。二。三", 4, "一。二。"),
            ("Onetwothree", 4, "Onet"),
        ] {
            assert_eq!(opening(text, most), found, "{text}");
        }
    }
}
