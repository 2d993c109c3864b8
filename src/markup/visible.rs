//! The text of a page that a reader sees, run by run, without a tree.
//!
//! Owns how a run becomes UTF-8 without references. It is for what has to be cheap (how alike two pages are,
//! which language they are in); text to read is the extract room's.

use encoding_rs::{Encoding, UTF_8};

use super::references::{Place, decode};
use super::{Syntax, Token, Tokens};

/// The longest character reference that is decoded, `&CounterClockwiseContourIntegral;`.
const LONGEST_REFERENCE: usize = 33;

/// Calls `each` with every run of text of `markup`, which is UTF-8, until it says stop by returning false.
pub(crate) fn each_run(markup: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) {
    for token in Tokens::of(markup, Syntax::Html) {
        if let Token::Text(text) | Token::Title(text) = token
            && !decoded(text, UTF_8, each)
        {
            return;
        }
    }
}

/// Hands on the text of a token in UTF-8, its character references decoded, and returns what `each` says.
pub(crate) fn decoded(
    text: &[u8],
    encoding: &'static Encoding,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> bool {
    let has_references = memchr::memchr(b'&', text).is_some();
    if !has_references && (encoding == UTF_8 || text.is_ascii()) {
        return each(text);
    }
    let text = encoding.decode_without_bom_handling(text).0;
    if has_references && text.split('&').skip(1).any(is_reference) {
        each(decode(&text, Place::Text).as_bytes())
    } else {
        each(text.as_bytes())
    }
}

fn is_reference(rest: &str) -> bool {
    rest.bytes()
        .take(LONGEST_REFERENCE)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b';'))
        .any(|byte| byte == b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(markup: &str) -> String {
        let mut runs = Vec::new();
        each_run(markup.as_bytes(), &mut |run| {
            runs.push(String::from_utf8_lossy(run).into_owned());
            true
        });
        runs.join("|")
    }

    #[test]
    fn only_what_a_reader_sees_is_text() {
        for (markup, expected) in [
            ("a<b>c</b>d", "a|c|d"),
            ("<p title='a > b'>x</p>", "x"),
            (
                "<script>if (a < b) '</p>'</script>x<STYLE>p{}</style >y",
                "x|y",
            ),
            ("<scripts>x</scripts>", "x"),
            ("<template><p>no</p></template>x", "x"),
            ("a<!-- <p>no --> b", "a| b"),
            ("caf&eacute; &amp; &#x41;", "café & A"),
            ("a & b; c", "a & b; c"),
            ("1 < 2", "1 | 2"),
            ("a<", "a"),
            ("a<p", "a"),
            ("<script>open", ""),
            ("it's<br>", "it's"),
        ] {
            assert_eq!(text(markup), expected, "{markup}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(markup in "(<|>|/|!--|-->|script|template|&|#x41;|'|\"|=| |é|a){0,40}") {
            each_run(markup.as_bytes(), &mut |_| true);
        }
    }
}
