//! Text of a page, written so that CommonMark reads it as itself.

/// Writes text so that it is read as itself.
pub(super) fn escape(text: &str, written: &mut String) {
    let mut characters = text.char_indices().peekable();
    let mut before = written.chars().next_back().unwrap_or('\n');
    if before == '\n' {
        let length = begins_line(text, written);
        for _ in text[..length].chars() {
            if let Some((_, character)) = characters.next() {
                before = character;
            }
        }
    }
    while let Some((_, character)) = characters.next() {
        let after = characters.peek().map_or('\0', |(_, next)| *next);
        let is_mark = match character {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?' | '\0'),
            '&' => after.is_ascii_alphanumeric() || matches!(after, '#' | '\0'),
            _ => false,
        };
        if is_mark {
            written.push('\\');
        }
        written.push(character);
        before = character;
    }
}

/// Escapes what would make something else of a line that begins with `text`; returns the bytes written.
fn begins_line(text: &str, written: &mut String) -> usize {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let rest = &text[digits..];
        let is_number = rest.starts_with(['.', ')']) && is_end(&rest[1..]);
        if is_number || rest.is_empty() {
            written.push_str(&text[..digits]);
            if is_number {
                written.push('\\');
                written.push_str(&rest[..1]);
                return digits + 1;
            }
            return digits;
        }
        return 0;
    }
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let is_mark = match text.as_bytes().first() {
        Some(b'#') => is_end(&text[hashes..]),
        Some(b'-' | b'+') => is_end(&text[1..]) || text.starts_with("--"),
        Some(b'>' | b'=') => true,
        Some(b':') => text[1..].is_empty() || text[1..].starts_with(['-', ' ']),
        _ => false,
    };
    if is_mark {
        written.push('\\');
        written.push_str(&text[..1]);
        return 1;
    }
    0
}
