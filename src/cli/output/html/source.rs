//! The texts of a source: each with its places marked, a legend, and the table of what each place stands for.

use std::io::{self, Write};

use super::text::text;
use super::{heading, highlight, table};
use crate::report::SourceText;

/// Writes the texts one after the other; `prefix` keeps their ids apart from others of the page.
pub(super) fn write_texts(
    texts: &[SourceText],
    prefix: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (number, one) in (1..).zip(texts) {
        let (label, evidence) = (format!("{prefix}t{number}"), format!("{prefix}e{number}"));
        writeln!(
            out,
            "<section><h2 id=\"{label}\">{}<span class=\"count\">{} bytes</span></h2>",
            text(&name(one, texts)),
            one.text.len()
        )?;
        highlight::write_legend(&one.spans, out)?;
        highlight::write(&one.text, &one.spans, &evidence, out)?;
        let found = one.table();
        writeln!(
            out,
            "<h3 id=\"{evidence}\">{}<span class=\"count\">{}</span></h3>",
            heading(found.name),
            table::counted(found.rows.len())
        )?;
        table::write_with_ids(&found, &evidence, out)?;
        out.write_all(b"</section>\n")?;
    }
    Ok(())
}

/// Names a text, by its profile where there are several and by its number where its type has several.
fn name(one: &SourceText, all: &[SourceText]) -> String {
    let mut name = heading(&one.extraction_type);
    let of_type = |other: &&SourceText| {
        other.extraction_type == one.extraction_type && other.profile == one.profile
    };
    if all.iter().filter(of_type).count() > 1 {
        name = format!("{name} {}", one.ordinal + 1);
    }
    if all.iter().any(|other| other.profile != one.profile) {
        name = format!("{name}, by profile {}", one.profile);
    }
    name
}
