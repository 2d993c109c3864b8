//! Where comments, declarations and the content of raw-text elements end.
//!
//! Owns no state: each function looks at the bytes from where something begins.

use memchr::{memchr, memchr2, memmem};

/// Returns the length of what begins with `<!`; `None` when nothing ends it.
pub(super) fn end_of_declaration(rest: &[u8], is_foreign: bool) -> Option<usize> {
    if let Some(comment) = rest.strip_prefix(b"<!--") {
        // `<!-->` and `<!--->` are whole comments.
        if comment.starts_with(b">") {
            return Some(5);
        }
        if comment.starts_with(b"->") {
            return Some(6);
        }
        return end_of_comment(comment).map(|end| 4 + end);
    }
    if is_foreign && rest.starts_with(b"<![CDATA[") {
        // Its text is a picture's.
        return memmem::find(rest, b"]]>").map(|end| end + 3);
    }
    find(rest, 2, b'>').map(|end| end + 1)
}

/// Returns the byte behind the `-->` or `--!>` of a comment.
fn end_of_comment(comment: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at = find(comment, at, b'>')?;
        let before = &comment[..at];
        at += 1;
        if before.ends_with(b"--") || before.ends_with(b"--!") {
            return Some(at);
        }
    }
}

/// Returns the length of the text before the end tag of `name`.
pub(super) fn end_of_raw_text(text: &[u8], name: &[u8]) -> usize {
    let mut from = 0;
    while let Some(found) = find(text, from, b'<') {
        if is_end_tag(&text[found..], name) {
            return found;
        }
        from = found + 1;
    }
    text.len()
}

/// Returns the length of a script. Its end tag does not count between `<!--` with a `<script` behind it and
/// the next `-->` or end tag (HTML, 13.2.5.17 to 13.2.5.31).
pub(super) fn end_of_script(text: &[u8]) -> usize {
    #[derive(PartialEq)]
    enum State {
        Plain,
        Escaped,
        DoubleEscaped,
    }
    let (mut from, mut state) = (0, State::Plain);
    loop {
        let rest = &text[from..];
        let next = match state {
            State::Plain => memchr(b'<', rest),
            // A `>` may end what is escaped.
            _ => memchr2(b'<', b'>', rest),
        };
        let Some(found) = next.map(|next| from + next) else {
            return text.len();
        };
        let here = &text[found..];
        from = found + 1;
        if here[0] == b'>' {
            if text[..found].ends_with(b"--") {
                state = State::Plain;
            }
        } else if is_end_tag(here, b"script") {
            if state != State::DoubleEscaped {
                return found;
            }
            state = State::Escaped;
        } else if state == State::Plain && here.starts_with(b"<!--") {
            state = State::Escaped;
            // The dashes of `<!-->` end it as well.
            from = found + 2;
        } else if state == State::Escaped && is_named(&here[1..], b"script") {
            state = State::DoubleEscaped;
        }
    }
}

/// Says whether `text` begins with the end tag of `name`.
fn is_end_tag(text: &[u8], name: &[u8]) -> bool {
    text.strip_prefix(b"</")
        .is_some_and(|rest| is_named(rest, name))
}

/// Says whether a tag's name is `name`, and ends there.
fn is_named(tag: &[u8], name: &[u8]) -> bool {
    let ends = tag
        .get(name.len())
        .is_some_and(|byte| is_space(*byte) || matches!(byte, b'>' | b'/'));
    ends && tag[..name.len()].eq_ignore_ascii_case(name)
}

/// White space as HTML knows it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0c)
}

pub(super) fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr(wanted, rest).map(|found| from + found)
}
