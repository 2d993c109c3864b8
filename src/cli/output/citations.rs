//! Citations as they are written into a text, or into a list of references.
//!
//! Nothing that a page says of itself may become markup, a command or another entry: each style escapes for itself.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::EscapingWriter;
use super::markdown::{escaped as in_markdown, linked as link_in_markdown};
use super::text::visible;
use crate::report::Citation;

/// How a citation is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CitationStyle {
    /// The quote, what it is from, and how it is known
    Text,
    /// The same as a quotation in Markdown
    Markdown,
    /// An @online entry of BibTeX (biblatex)
    Bibtex,
    /// An array of items of CSL-JSON
    CslJson,
}

/// Writes citations in a style; with `stable` without times and jobs.
pub fn write_citations(
    citations: &[Citation],
    style: CitationStyle,
    stable: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if style == CitationStyle::CslJson {
        let items: Vec<Value> = citations.iter().map(|one| csl_item(one, stable)).collect();
        serde_json::to_writer_pretty(EscapingWriter(&mut *out), &items)?;
        return writeln!(out);
    }
    for (index, one) in citations.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let spelled = match style {
            CitationStyle::Text => text(one, stable),
            CitationStyle::Markdown => markdown(one, stable),
            CitationStyle::Bibtex | CitationStyle::CslJson => bibtex(one, stable),
        };
        out.write_all(spelled.as_bytes())?;
    }
    Ok(())
}

/// Title, author, site and day, as far as the page says them.
fn heads(one: &Citation) -> Vec<&str> {
    let named = [&one.author, &one.title, &one.site_name, &one.published];
    let named = named.into_iter().filter_map(Option::as_deref);
    named.filter(|text| !text.trim().is_empty()).collect()
}

/// How it is known: when, by which job, under which digest.
fn evidence(one: &Citation, stable: bool) -> String {
    let mut said: Vec<String> = Vec::new();
    if !stable {
        said.extend(one.fetched_at.map(|at| format!("fetched {at}")));
        if let Some(id) = one.fetched_by_job_id {
            let number = one.fetched_by_job.map(|number| format!(" {number}"));
            said.push(format!("by job{} ({id})", number.unwrap_or_default()));
        }
    }
    said.extend(one.body_digest.map(|digest| format!("SHA-256 {digest}")));
    if !one.current {
        said.push("the source has changed since".to_owned());
    }
    said.join(", ")
}

fn text(one: &Citation, stable: bool) -> String {
    let mut spelled = String::new();
    if let Some(quote) = &one.quote {
        let _ = writeln!(spelled, "“{}”", visible(quote));
    }
    let heads: Vec<_> = heads(one).into_iter().map(visible).collect();
    if !heads.is_empty() {
        let _ = writeln!(spelled, "{}", heads.join(", "));
    }
    let _ = writeln!(spelled, "{}", visible(&one.link));
    let _ = writeln!(spelled, "{}", evidence(one, stable));
    spelled
}

fn markdown(one: &Citation, stable: bool) -> String {
    let mut spelled = String::new();
    if let Some(quote) = &one.quote {
        let _ = write!(spelled, "> {}\n>\n", in_markdown(quote));
    }
    let heads: Vec<String> = heads(one).into_iter().map(in_markdown).collect();
    let mut parts = heads;
    parts.push(link_in_markdown(&one.link));
    parts.push(evidence(one, stable));
    let mark = if one.quote.is_some() { "> — " } else { "" };
    let _ = writeln!(spelled, "{mark}{}", parts.join(", "));
    spelled
}

fn bibtex(one: &Citation, stable: bool) -> String {
    let mut spelled = format!("@online{{{},\n", key(one));
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(spelled, "  {name} = {{{value}}},");
    };
    let title = one.title.as_deref().unwrap_or(&one.uri);
    field("title", &in_bibtex(title));
    if let Some(author) = &one.author {
        // In braces of their own: it is one name, whatever stands in it.
        field("author", &format!("{{{}}}", in_bibtex(author)));
    }
    if let Some(site) = &one.site_name {
        field("organization", &in_bibtex(site));
    }
    if let Some([year, month, day]) = one.published.as_deref().and_then(day_of) {
        field("date", &format!("{year:04}-{month:02}-{day:02}"));
    }
    field("url", &url_in_bibtex(&one.link));
    if let Some(at) = one.fetched_at.filter(|_| !stable) {
        let (year, month, day) = at.date();
        field("urldate", &format!("{year:04}-{month:02}-{day:02}"));
    }
    if let Some(quote) = &one.quote {
        field("abstract", &in_bibtex(quote));
    }
    field("note", &in_bibtex(&evidence(one, stable)));
    spelled.push_str("}\n");
    spelled
}

fn csl_item(one: &Citation, stable: bool) -> Value {
    let mut item = json!({
        "id": key(one),
        "type": "webpage",
        "title": one.title.as_deref().unwrap_or(&one.uri),
        "URL": one.link,
        "note": evidence(one, stable),
    });
    if let Some(author) = &one.author {
        item["author"] = json!([{"literal": author}]);
    }
    if let Some(site) = &one.site_name {
        item["container-title"] = json!(site);
    }
    if let Some(day) = one.published.as_deref().and_then(day_of) {
        item["issued"] = json!({"date-parts": [day]});
    }
    if let Some(at) = one.fetched_at.filter(|_| !stable) {
        let (year, month, day) = at.date();
        item["accessed"] = json!({"date-parts": [[year, month, day]]});
    }
    if let Some(quote) = &one.quote {
        item["abstract"] = json!(quote);
    }
    item
}

/// A key of letters, digits and hyphens: the host or file that it is from, the digest, and where the quote is.
fn key(one: &Citation) -> String {
    let (_, rest) = one.uri.split_once("://").unwrap_or(("", &one.uri));
    let host = rest
        .split('/')
        .find(|part| !part.is_empty())
        .unwrap_or("source");
    let host: String = host
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    let digest = one.body_digest.map(|digest| digest.to_string());
    let digest = digest.as_deref().map_or("none", |digest| &digest[..8]);
    let start = one
        .start
        .map_or_else(String::new, |start| format!("-{start}"));
    format!("{host}-{digest}{start}")
}

/// Reads the day that a date begins with.
fn day_of(date: &str) -> Option<[i64; 3]> {
    let mut parts = date.get(..10)?.split('-').map(str::parse);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => Some([year, month, day]),
        _ => None,
    }
}

/// Braces are counted even when they are escaped, so they are named; what is left has one meaning for TeX.
fn in_bibtex(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '{' => spelled.push_str("\\textbraceleft "),
            '}' => spelled.push_str("\\textbraceright "),
            '\\' => spelled.push_str("\\textbackslash "),
            '~' => spelled.push_str("\\textasciitilde "),
            '^' => spelled.push_str("\\textasciicircum "),
            '$' | '&' | '#' | '%' | '_' => {
                spelled.push('\\');
                spelled.push(letter);
            }
            _ => spelled.push(letter),
        }
    }
    spelled
}

/// The field is taken as it stands; a brace or a backslash would end it or begin a command.
fn url_in_bibtex(url: &str) -> String {
    url.replace('{', "%7B")
        .replace('}', "%7D")
        .replace('\\', "%5C")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str =
        "}, url = {x} \\input{/etc/passwd} <b>*a*</b>\u{1b}[0m\n# [l](javascript:x)";

    fn hostile() -> Citation {
        Citation {
            quote: Some(HOSTILE.to_owned()),
            title: Some(HOSTILE.to_owned()),
            author: Some(HOSTILE.to_owned()),
            published: Some("2026-03-05T10:00:00Z".to_owned()),
            site_name: None,
            uri: "https://e.org/{a}".to_owned(),
            link: "https://e.org/{a}#:~:text=b".to_owned(),
            fetched_at: None,
            body_digest: None,
            current: true,
            fetched_by_job: None,
            fetched_by_job_id: None,
            extracted_by_job: None,
            extracted_by_job_id: None,
            extraction_id: None,
            start: None,
            end: None,
        }
    }

    fn spelled(style: CitationStyle) -> String {
        let mut out = Vec::new();
        write_citations(&[hostile()], style, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_hostile_title_ends_no_entry_of_bibtex() {
        let entry = spelled(CitationStyle::Bibtex);
        let mut depth = 0_i32;
        for (at, letter) in entry.char_indices() {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            assert!(depth > 0 || at + 2 >= entry.len() || at < 8, "{entry}");
        }
        assert_eq!(depth, 0, "{entry}");
        assert_eq!(entry.matches("\n  url = ").count(), 1);
        assert!(entry.contains("\\textbackslash input"), "{entry}");
        assert!(
            entry.contains("  url = {https://e.org/%7Ba%7D#:~:text=b},\n"),
            "{entry}"
        );
        assert!(entry.contains("  date = {2026-03-05},\n"), "{entry}");
    }

    #[test]
    fn a_hostile_title_is_no_markup_and_steers_no_terminal() {
        let markdown = spelled(CitationStyle::Markdown);
        assert!(
            markdown.lines().all(|line| line.starts_with('>')),
            "{markdown}"
        );
        for wanted in ["&lt;b&gt;", "\\[l\\]", "\\*a\\*"] {
            assert!(markdown.contains(wanted), "{markdown}");
        }
        for style in [
            CitationStyle::Text,
            CitationStyle::Markdown,
            CitationStyle::Bibtex,
            CitationStyle::CslJson,
        ] {
            assert!(!spelled(style).contains('\u{1b}'), "{style:?}");
        }
        assert_eq!(spelled(CitationStyle::Text).lines().count(), 4);
        let items: Value = serde_json::from_str(&spelled(CitationStyle::CslJson)).unwrap();
        assert_eq!(items[0]["title"], HOSTILE);
        assert_eq!(items[0]["issued"], json!({"date-parts": [[2026, 3, 5]]}));
    }
}
