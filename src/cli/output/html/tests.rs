//! Pages read back by the parser of pages: what they hold, and what no value can add to them.

use super::*;
use crate::extract::tree::{NodeIndex, Tag, Tree, parse};
use crate::model::Timestamp;
use crate::report::{Cell, Column};

/// What a page can put into a value.
const HOSTILE: &[&str] = &[
    "</td></tr></table><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "https://e.org/\"onclick=\"alert(1)",
    "https://e.org/<b>",
    "<!-- <style>*{display:none}</style>",
    "&lt;b&gt; &amp;",
    "</script></style></title><svg/onload=alert(1)>",
    "]]><![CDATA[",
    "\u{0}\u{1b}[2J\u{202e}",
    "one\ntwo",
];

fn columns() -> Vec<Column> {
    vec![
        Column::text("uri"),
        Column::id("source_id"),
        Column::time("seen"),
        Column::number("count"),
        Column::text("never"),
    ]
}

fn table(values: &[&str]) -> Table {
    let mut table = Table::new("lines", "Nothing is incomplete.", columns());
    for value in values {
        table.push(vec![
            Cell::from(*value),
            Cell::Id((*value).to_owned()),
            Timestamp::from_microseconds(1_767_312_000_120_000).into(),
            12_i64.into(),
            Cell::Empty,
        ]);
    }
    table
}

fn question() -> Question {
    Question {
        command: "toolkit report incomplete".to_owned(),
        text: "What is incomplete, and why?".to_owned(),
    }
}

fn page(tables: &[Table], notes: &[&str]) -> String {
    let mut out = Vec::new();
    let notes = notes.iter().map(|note| (*note).into());
    let parts = Parts {
        tables,
        ..Parts::default()
    };
    write(&question(), &parts, notes, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn nodes(tree: &Tree) -> impl Iterator<Item = NodeIndex> {
    0..tree.len()
}

fn texts(tree: &Tree, tag: Tag) -> Vec<String> {
    nodes(tree)
        .filter(|node| tree.tag(*node) == tag)
        .map(|node| tree.raw_text(node))
        .collect()
}

#[test]
fn values_are_whole_and_stay_where_they_belong() {
    let html = page(&[table(HOSTILE)], HOSTILE);
    let tree = parse(&html);
    let cells = texts(&tree, Tag::Td);
    assert_eq!(
        cells.len(),
        HOSTILE.len() * 4,
        "a column without values is not shown"
    );
    for (row, value) in cells.chunks(4).zip(HOSTILE) {
        let visible = crate::cli::output::text::visible_lines(value);
        assert_eq!(row[0], visible);
        assert_eq!(row[2], "2026-01-02 00:00:00Z");
        assert_eq!(row[3], "12");
    }
    // The script and the style are ours, and nothing else has come to be one of these.
    for (tag, count) in [
        (Tag::Script, 1),
        (Tag::Style, 1),
        (Tag::Img, 0),
        (Tag::B, 0),
        (Tag::Svg, 0),
        (Tag::Table, 1),
    ] {
        assert_eq!(texts(&tree, tag).len(), count, "{tag:?}");
    }
    for node in nodes(&tree) {
        for (name, value) in tree.attributes(node) {
            assert!(
                !name.starts_with("on") && name != "style" && name != "src",
                "{name}={value}"
            );
            if name == "href" {
                assert!(
                    value.starts_with('#') || value.starts_with("https://e.org/"),
                    "{value}"
                );
            }
        }
    }
    assert!(!html.contains(|one| one != '\n' && crate::cli::output::text::is_obeyed(one)));
}

#[test]
fn nothing_is_fetched_and_only_what_is_ours_may_run() {
    let html = page(&[table(&["x", "y"])], &[]);
    let tree = parse(&html);
    let policy = nodes(&tree)
        .find(|node| tree.attribute(*node, "http-equiv") == Some("Content-Security-Policy"))
        .and_then(|node| tree.attribute(node, "content"))
        .unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for tag in [Tag::Script, Tag::Style] {
        let node = nodes(&tree).find(|node| tree.tag(*node) == tag).unwrap();
        let start = html
            .find(if tag == Tag::Script {
                "<script>"
            } else {
                "<style>"
            })
            .unwrap();
        let inner = &html[start..];
        let inner = &inner[inner.find('>').unwrap() + 1..inner.find("</").unwrap()];
        assert!(policy.contains(&digest(inner)), "{node} {policy}");
    }
    for outside in [
        "url(",
        "@import",
        "<link",
        "<iframe",
        "<img",
        "fetch(",
        "XMLHttpRequest",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn empty_states_and_absent_columns_are_told_in_words() {
    let html = page(
        &[table(&[]), table(&["x", "y"])],
        &["http_not_found (1): toolkit retry"],
    );
    assert!(
        html.contains("<p class=\"muted\">Nothing is incomplete.</p>"),
        "{html}"
    );
    assert!(
        html.contains("Without a value in any row: never."),
        "{html}"
    );
    assert!(
        html.contains("<li>http_not_found (1): <code>toolkit retry</code></li>"),
        "{html}"
    );
    let tree = parse(&html);
    assert_eq!(texts(&tree, Tag::H1), ["What is incomplete, and why?"]);
    assert_eq!(
        texts(&tree, Tag::H2),
        ["Linesnone", "Lines2 rows", "What next?"]
    );
}

#[test]
fn one_row_with_many_columns_stands_upright() {
    let mut one = Table::new("state", "", (0..6).map(|_| Column::text("key")).collect());
    one.push(vec![Cell::from("value"); 6]);
    let tree = parse(&page(&[one], &[]));
    assert_eq!(texts(&tree, Tag::Tr).len(), 6);
}

#[test]
fn commands_in_notes_are_code() {
    for (note, spelled) in [
        ("toolkit run SEED", "<code>toolkit run SEED</code>"),
        (
            "none yet: toolkit run <SEED>",
            "none yet: <code>toolkit run &lt;SEED&gt;</code>",
        ),
        ("`toolkit a` & more", "<code>toolkit a</code> &amp; more"),
        ("the toolkit's notes", "the toolkit&#39;s notes"),
    ] {
        assert_eq!(with_command(note), spelled);
    }
}
