//! The text of a page that a reader sees, run by run, in one pass over its bytes without a tree.
//!
//! Owns what is passed over: tags, comments and the content of elements that show nothing. It is for what
//! has to be cheap (how alike two pages are, which language they are in); text to read is the extract room's.

use super::references::{Place, decode};

/// Elements whose content is no text of the page.
const UNSEEN: [&[u8]; 3] = [b"script", b"style", b"template"];

/// The longest character reference that is decoded, `&CounterClockwiseContourIntegral;`.
const LONGEST_REFERENCE: usize = 33;

/// Calls `each` with every run of text between two tags of `markup`, which is UTF-8, until it says stop by
/// returning false.
pub(super) fn each_run(markup: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) {
    let mut at = 0;
    while at < markup.len() {
        let end = find(markup, at, b'<').unwrap_or(markup.len());
        if end > at && !each_part(&markup[at..end], each) {
            return;
        }
        at = after_tag(markup, end);
    }
}

/// Hands on the text between two tags, its character references decoded.
fn each_part(text: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    if find(text, 0, b'&').is_none() {
        return each(text);
    }
    match std::str::from_utf8(text) {
        Ok(text) if text.split('&').skip(1).any(is_reference) => {
            each(decode(text, Place::Text).as_bytes())
        }
        _ => each(text),
    }
}

fn is_reference(rest: &str) -> bool {
    rest.bytes()
        .take(LONGEST_REFERENCE)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b';'))
        .any(|byte| byte == b';')
}

/// Returns where the text goes on after what begins with the `<` at `start`.
fn after_tag(markup: &[u8], start: usize) -> usize {
    let rest = &markup[start.min(markup.len())..];
    match rest.get(1) {
        None => markup.len(),
        Some(b'!') if rest.starts_with(b"<!--") => {
            find_text(rest, 4, b"-->").map_or(markup.len(), |end| start + end + 3)
        }
        Some(b'!' | b'?' | b'/') => end_of_tag(markup, start),
        Some(first) if first.is_ascii_alphabetic() => {
            let end = end_of_tag(markup, start);
            match UNSEEN.iter().find(|name| is_named(&rest[1..], name)) {
                // `<style/>` is open all the same in HTML.
                Some(name) => after_element(markup, end, name),
                None => end,
            }
        }
        // A bare `<` is text that ends a word.
        Some(_) => start + 1,
    }
}

fn is_named(tag: &[u8], name: &[u8]) -> bool {
    let ends = tag
        .get(name.len())
        .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    ends && tag
        .get(..name.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(name))
}

/// Returns the byte behind the `>` that ends a tag; one in a quoted value ends none.
fn end_of_tag(markup: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < markup.len() {
        match markup[at] {
            b'>' => return at + 1,
            quote @ (b'"' | b'\'')
                if markup[at - 1] == b'=' || markup[at - 1].is_ascii_whitespace() =>
            {
                match find(markup, at + 1, quote) {
                    Some(end) => at = end + 1,
                    None => return markup.len(),
                }
            }
            _ => at += 1,
        }
    }
    markup.len()
}

/// Returns the byte behind the end tag of the element `name` that is open at `at`.
fn after_element(markup: &[u8], mut at: usize, name: &[u8]) -> usize {
    while let Some(found) = find_text(markup, at, b"</") {
        if is_named(&markup[found + 2..], name) {
            return end_of_tag(markup, found);
        }
        at = found + 2;
    }
    markup.len()
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr::memchr(wanted, rest).map(|found| from + found)
}

fn find_text(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr::memmem::find(rest, wanted).map(|found| from + found)
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
