//! Laws of a page's bytes: a charset is found for any, they decode as the Encoding Standard says, and
//! each link is absolute and without secrets.

use std::collections::HashSet;

use encoding_rs::Encoding;
use toolkit::crawl::{Syntax, find_links};
use toolkit::model::{charset_of, decode_text};
use url::Url;

/// What a server may say of a page's charset; the first byte chooses.
const LABELS: &[Option<&str>] = &[
    None,
    Some("utf-8"),
    Some("utf-16le"),
    Some("utf-16be"),
    Some("windows-1252"),
    Some("shift_jis"),
    Some("iso-2022-jp"),
    Some("gb18030"),
    Some("big5"),
    Some("euc-kr"),
    Some("x-user-defined"),
    Some("replacement"),
    Some("no such charset"),
];

/// The first byte chooses the label that the server gives; the rest is the page.
pub fn markup(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let label = LABELS[usize::from(choice) % LABELS.len()];
    let charset = charset_of(body, label).name;
    it_decodes_as_the_standard_says(body, charset);
    links_are_absolute_and_bare(body, charset);
}

fn it_decodes_as_the_standard_says(body: &[u8], charset: &str) {
    let decoded = decode_text(body, charset);
    let encoding = Encoding::for_label(charset.as_bytes());
    let encoding = encoding.unwrap_or_else(|| panic!("{charset} is no charset"));
    let (expected, had_errors) = encoding.decode_with_bom_removal(body);
    assert_eq!(decoded.text, expected);
    assert_eq!(decoded.errors > 0, had_errors);
    assert_eq!(decoded.first_error.is_some(), had_errors);
    assert!(decoded.first_error.is_none_or(|first| first < body.len()));
}

fn links_are_absolute_and_bare(body: &[u8], charset: &str) {
    let Ok(page) = Url::parse("https://example.com/a/b.html?q=1") else {
        unreachable!("a fixed URL");
    };
    find_links(body, charset, &page, Syntax::Xml);
    let found = find_links(body, charset, &page, Syntax::Html);
    let mut seen = HashSet::new();
    for link in found.links.iter().map(|link| &link.url) {
        assert!(matches!(link.scheme(), "http" | "https" | "file"), "{link}");
        assert_eq!((link.username(), link.password()), ("", None), "{link}");
        assert!(seen.insert(link.as_str()), "twice: {link}");
    }
    let title = found.title.unwrap_or_default();
    assert!(!title.contains('\0') && title.trim() == title, "{title:?}");
    for gap in &found.gaps {
        let at: Result<usize, _> = gap.position.parse();
        assert!(at.is_ok(), "{gap:?}");
        assert!(!gap.detail.contains('\0'), "{gap:?}");
    }
}
