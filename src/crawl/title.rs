//! The title of a page, made fit to be shown.
//!
//! Owns its bound and its cleaning. Which element is the title is decided where the page is read.

use crate::markup::references::{Place, decode};
use crate::model::clean_text;

/// How much of a title is kept: an unclosed `<title>` takes the whole page in.
const KEPT_BYTES: usize = 4096;

/// Returns a title with its references decoded and its white space collapsed.
pub(super) fn cleaned(raw: &str) -> String {
    let raw = &raw[..raw.floor_char_boundary(KEPT_BYTES)];
    let text = decode(raw, Place::Text);
    let words: Vec<_> = text.split_whitespace().collect();
    clean_text(&words.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cleaned() {
        assert_eq!(cleaned("\n A &amp; B\t\0"), "A & B \u{fffd}");
        assert_eq!(cleaned(" \n"), "");
    }

    #[test]
    fn an_endless_title_is_bounded() {
        let title = cleaned(&"wörd ".repeat(10_000));
        assert!(
            (4_000..=KEPT_BYTES).contains(&title.len()),
            "{}",
            title.len()
        );
    }
}
