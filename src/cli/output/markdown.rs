//! Every table as a GitHub Flavored Markdown table under a heading.
//!
//! Nothing in a value may become markup: no cell ends early, and no HTML, emphasis, image, code or link under
//! other words comes from a page.

use std::borrow::Cow;
use std::io::{self, Write};

use super::text::{is_obeyed, plain};
use crate::report::{Cell, ColumnKind, Table};

/// Writes all tables, each under its heading, with a blank line between them.
pub(super) fn write(tables: &[Table], out: &mut dyn Write) -> io::Result<()> {
    for (index, table) in tables.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "## {}\n", escaped(table.name))?;
        if table.rows.is_empty() || table.columns.is_empty() {
            writeln!(out, "{}", escaped(table.empty))?;
        } else {
            write_table(table, out)?;
        }
    }
    Ok(())
}

fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for column in &table.columns {
        write!(out, "| {} ", escaped(&column.title()))?;
    }
    writeln!(out, "|")?;
    for column in &table.columns {
        let rule = match column.kind {
            ColumnKind::Number | ColumnKind::Seconds => "--:",
            ColumnKind::Text | ColumnKind::Time | ColumnKind::Id => "---",
        };
        write!(out, "| {rule} ")?;
    }
    writeln!(out, "|")?;
    for row in &table.rows {
        let cells = row.iter().chain(std::iter::repeat(&Cell::Empty));
        for (_, cell) in table.columns.iter().zip(cells) {
            write!(out, "| {} ", spelled(cell))?;
        }
        writeln!(out, "|")?;
    }
    Ok(())
}

fn spelled(cell: &Cell) -> Cow<'_, str> {
    let value = plain(cell);
    match cell {
        Cell::Text(text) if is_plain_url(text) => {
            // The pipe's escape is the table's and is taken first.
            Cow::Owned(linked(text).replace('|', "\\|"))
        }
        Cell::Text(text) => Cow::Owned(escaped(text)),
        _ => value,
    }
}

/// A URL as a link; one that cannot be one stays text.
pub(super) fn linked(url: &str) -> String {
    if is_plain_url(url) {
        // Backslash escapes would become part of a link.
        format!("<{}>", url.replace('&', "&amp;"))
    } else {
        escaped(url)
    }
}

/// Says whether a text can stand between angle brackets as a link (CommonMark 6.5) and nothing else.
fn is_plain_url(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://"))
        && text
            .chars()
            .all(|character| character.is_ascii_graphic() && !"<>\"`\\".contains(character))
}

/// Text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    let text = text.replace("\r\n", "\n");
    let mut previous = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match character {
            '\n' => shown.push_str("<br>"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // Between letters it is no emphasis (CommonMark 6.2), and reason codes stay readable.
            '_' if previous.is_alphanumeric() && next.is_alphanumeric() => shown.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' | '|' | '$' => {
                shown.push('\\');
                shown.push(character);
            }
            // Links are guessed from bare text (GFM 6.9) before escapes are read, and would show them.
            ':' if next == '/' => shown.push_str("\\:"),
            '.' if shown.ends_with("www") => shown.push_str("\\."),
            _ if is_obeyed(character) => {
                shown.push('\\');
                shown.extend(character.escape_unicode());
            }
            _ => shown.push(character),
        }
        previous = character;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_becomes_markup() {
        for (text, spelling) in [
            ("a|b", "a\\|b"),
            ("a\\|b", "a\\\\\\|b"),
            ("`code`", "\\`code\\`"),
            ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("![x](y)", "\\!\\[x\\](y)"),
            ("*a* ~~b~~", "\\*a\\* \\~\\~b\\~\\~"),
            ("http_not_found _b_", "http_not_found \\_b\\_"),
            ("one\r\ntwo\nthree", "one<br>two<br>three"),
            ("\u{1b}[0m", "\\\\u{1b}\\[0m"),
            (
                "https://e.org/a_b?x=1&y=|",
                "<https://e.org/a_b?x=1&amp;y=\\|>",
            ),
            ("https://e.org/ <b>", "https\\://e.org/ &lt;b&gt;"),
            ("see www.e.org", "see www\\.e.org"),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ] {
            assert_eq!(spelled(&Cell::from(text)), spelling);
        }
    }
}
