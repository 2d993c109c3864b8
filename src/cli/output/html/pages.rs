//! Pages that were read without a database, one section each in one document.

use std::io::{self, Write};

use super::source::write_texts;
use super::text::text;
use super::{Question, begin, end, table};
use crate::report::{Cell, Column, SourceText, Table};

/// What is told of a page beside its texts.
#[derive(Debug, Default)]
pub struct PageFacts<'a> {
    pub path: &'a str,
    /// What is known of it, by name.
    pub known: Vec<(&'static str, &'a str)>,
    /// Reason, class, position and detail of each gap.
    pub gaps: Vec<[&'a str; 4]>,
}

/// Begins the document.
pub(in crate::cli::output) fn write_start(
    question: &Question,
    out: &mut dyn Write,
) -> io::Result<()> {
    begin(question, "page", out)?;
    out.write_all(b"</header>\n<main id=\"main\">\n")
}

/// Writes one page, the `number`th.
pub(in crate::cli::output) fn write_page(
    number: usize,
    page: &PageFacts<'_>,
    texts: &[SourceText],
    out: &mut dyn Write,
) -> io::Result<()> {
    let label = format!("p{number}");
    writeln!(
        out,
        "<section aria-labelledby=\"{label}\"><h2 id=\"{label}\">{}</h2>",
        text(page.path)
    )?;
    if !page.known.is_empty() {
        out.write_all(b"<table><tbody>\n")?;
        for (name, value) in &page.known {
            writeln!(
                out,
                "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>",
                text(value)
            )?;
        }
        out.write_all(b"</tbody></table>\n")?;
    }
    let columns = ["reason", "class", "position", "detail"].map(Column::text);
    let mut gaps = Table::new("gaps", "Nothing is missing of it.", columns.into());
    for gap in &page.gaps {
        gaps.push(gap.map(Cell::from).into());
    }
    let gaps_label = format!("{label}-gaps");
    writeln!(out, "<h3 id=\"{gaps_label}\">What is missing?</h3>")?;
    table::write(&gaps, &gaps_label, out)?;
    write_texts(texts, &format!("{label}-"), out)?;
    out.write_all(b"</section>\n")
}

/// Ends the document.
pub(in crate::cli::output) fn write_end(written: usize, out: &mut dyn Write) -> io::Result<()> {
    if written == 0 {
        out.write_all(b"<p class=\"muted\">No page could be read.</p>\n")?;
    }
    end(out)
}
