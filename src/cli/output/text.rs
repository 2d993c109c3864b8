//! The spelling of single values that several formats share.
//!
//! Values come from crawled pages and are hostile until shown otherwise: what a terminal would obey, or what
//! reorders the text around it, is made visible before it is printed.

use std::borrow::Cow;

use serde_json::Number;

use crate::report::Cell;

/// Says whether a character acts on a terminal or on its neighbours instead of being shown.
///
/// Controls (C0, DEL and C1, which hold ESC and the one-byte CSI), the separators that count as a line's
/// end, and the explicit directional formatting characters of Unicode UAX #9.
pub(super) fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns `text` on one line with nothing in it that a terminal obeys.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\n' => shown.push('⏎'),
            _ if is_obeyed(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Returns `text` with nothing in it that a terminal obeys but the line ends and tabs that data may hold.
pub(super) fn visible_lines(text: &str) -> Cow<'_, str> {
    let is_kept = |character| matches!(character, '\n' | '\t') || !is_obeyed(character);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_kept(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    Cow::Owned(shown)
}

/// Returns a cell's value whole, as CSV and Markdown hold it before they escape it.
pub(super) fn plain(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) | Cell::Id(text) => Cow::Borrowed(text),
        Cell::Integer(integer) => Cow::Owned(integer.to_string()),
        Cell::Real(real) => Cow::Owned(real_text(*real)),
        Cell::Boolean(true) => Cow::Borrowed("true"),
        Cell::Boolean(false) => Cow::Borrowed("false"),
        Cell::Time(time) => Cow::Owned(time.to_string()),
    }
}

/// Spells a number as JSON does, so that the formats agree; infinities and NaN, JSON's null, are empty.
pub(super) fn real_text(real: f64) -> String {
    Number::from_f64(real).map_or_else(String::new, |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_becomes_visible_and_the_rest_stays() {
        for (text, shown) in [
            ("plain é 漢 👩‍💻", "plain é 漢 👩‍💻"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\nb\r\nc\rd", "a⏎b⏎c\\u{d}d"),
            ("a\tb\0", "a\\u{9}b\\u{0}"),
            ("\u{202e}gpj.exe\u{2066}", "\\u{202e}gpj.exe\\u{2066}"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert!(matches!(visible("as it is"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_and_tabs_survive_where_they_are_wanted() {
        assert_eq!(visible_lines("a\tb\nc"), "a\tb\nc");
        assert_eq!(visible_lines("a\t\u{1b}b\nc\r"), "a\t\\u{1b}b\nc\\u{d}");
    }

    #[test]
    fn reals_are_spelled_as_in_json() {
        for (real, text) in [(1.0, "1.0"), (0.1, "0.1"), (1e300, "1e+300")] {
            assert_eq!(real_text(real), text);
            assert_eq!(serde_json::to_string(&real).unwrap(), text);
        }
        assert_eq!(real_text(f64::INFINITY), "");
    }
}
