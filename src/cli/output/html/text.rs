//! The spelling of values in HTML: in text, in attributes and as links.
//!
//! Values are hostile. All that HTML could read as markup is escaped, what reorders or steers the text around
//! it is made visible, and only http and https become links.

use std::borrow::Cow;

use url::Url;

use crate::cli::output::text::{visible, visible_lines};

/// Returns `text` as it stands between tags, its line ends kept.
pub(in crate::cli::output) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        let text = text.replace("\r\n", "\n");
        return Cow::Owned(escaped(visible_lines(&text)).into_owned());
    }
    escaped(visible_lines(text))
}

/// Returns `text` as it stands between the quotes of an attribute, on one line.
pub(in crate::cli::output) fn attribute(text: &str) -> Cow<'_, str> {
    escaped(visible(text))
}

/// Returns the address to link to, when `text` is nothing but a web address.
pub(in crate::cli::output) fn link(text: &str) -> Option<&str> {
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    let is_plain = |character: char| character.is_ascii_graphic() || !character.is_ascii();
    // The browser is to see what was checked: nothing that it would trim, and nothing it would not parse.
    (is_web && text.chars().all(is_plain) && visible(text) == text && Url::parse(text).is_ok())
        .then_some(text)
}

fn escaped(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_markup = |character| matches!(character, '&' | '<' | '>' | '"' | '\'');
    if !text.contains(is_markup) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_steers_text_is_visible() {
        for (given, spelled) in [
            ("a & b", "a &amp; b"),
            ("</td><script>", "&lt;/td&gt;&lt;script&gt;"),
            ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("one\r\ntwo", "one\ntwo"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            ("\u{1b}[0m", "\\u{1b}[0m"),
        ] {
            assert_eq!(text(given), spelled);
        }
        assert_eq!(attribute("a\nb\"c"), "a⏎b&quot;c");
    }

    #[test]
    fn only_web_addresses_are_links() {
        for (given, is_link) in [
            ("https://e.org/a?b=1&c=2", true),
            ("http://e.org/é", true),
            ("javascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,x", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("https://e.org/ and more", false),
            (" https://e.org/", false),
            ("https://e.org/\u{202e}", false),
            ("HTTPS://e.org/", false),
        ] {
            assert_eq!(link(given).is_some(), is_link, "{given:?}");
        }
    }
}
