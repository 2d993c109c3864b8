//! A report as one HTML file that needs nothing else: no network, no script to be read, no other file.
//!
//! Owns the frame of every page (head, policy, heading, contents, what to type next). The style and the script are
//! constants without a value in them; the policy allows these two by their digests and nothing else, so that
//! even a value that was not escaped could neither run nor fetch.

mod figures;
mod highlight;
mod overview;
mod pages;
mod source;
mod table;
mod text;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::text::{attribute, text};
use crate::report::{Figure, SourceText, Table};

pub use self::overview::OverviewPage;
pub(super) use self::pages::{PageFacts, write_end, write_page, write_start};

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// What a page is about: the question that it answers, and the command that does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// The words of the command, without what depends on where it ran.
    pub command: String,
    /// The question in words, as help has it.
    pub text: String,
}

/// What a report is shown as.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub figures: &'a [Figure],
    pub tables: &'a [Table],
    pub texts: &'a [SourceText],
}

/// Writes a report: its pictures, its tables, its texts, each under its heading, and the notes.
pub(super) fn write<'a>(
    question: &Question,
    parts: &Parts<'_>,
    notes: impl Iterator<Item = Cow<'a, str>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tables = parts.tables;
    let name = tables.first().map_or("report", |table| table.name);
    begin(question, name, out)?;
    if tables.len() > 1 {
        out.write_all(b"<nav aria-label=\"Contents\"><ul>\n")?;
        for (number, table) in (1..).zip(tables) {
            let (name, count) = (heading(table.name), table.rows.len());
            writeln!(
                out,
                "<li><a href=\"#t{number}\">{}</a><span class=\"count\">{count}</span></li>",
                text(&name)
            )?;
        }
        if !parts.texts.is_empty() {
            out.write_all(b"<li><a href=\"#xt1\">Text</a></li>\n")?;
        }
        out.write_all(b"</ul></nav>\n")?;
    }
    out.write_all(b"</header>\n<main id=\"main\">\n")?;
    write_sections(parts, "", out)?;
    write_notes(notes, out)?;
    end(out)
}

/// Writes the sections of a report; `prefix` keeps their ids apart from others of the page.
fn write_sections(parts: &Parts<'_>, prefix: &str, out: &mut dyn Write) -> io::Result<()> {
    figures::write_all(parts.figures, prefix, out)?;
    for (number, table) in (1..).zip(parts.tables) {
        let label = format!("{prefix}t{number}");
        writeln!(out, "<section>")?;
        write_heading(&label, table, out)?;
        table::write(table, &label, out)?;
        writeln!(out, "</section>")?;
    }
    source::write_texts(parts.texts, &format!("{prefix}x"), out)
}

fn write_heading(label: &str, table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<h2 id=\"{label}\">{}<span class=\"count\">{}</span></h2>",
        text(&heading(table.name)),
        table::counted(table.rows.len())
    )?;
    if table.question.is_empty() {
        return Ok(());
    }
    writeln!(out, "<p class=\"muted\">{}</p>", text(table.question))
}

/// Writes a page up to the end of its heading; the header is left open for more.
fn begin(question: &Question, otherwise: &str, out: &mut dyn Write) -> io::Result<()> {
    let style = format!("{STYLE}{}", alignment());
    let (of_style, of_script) = (digest(&style), digest(SCRIPT));
    let title = if question.text.is_empty() {
        heading(otherwise)
    } else {
        question.text.clone()
    };
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{of_style}'; script-src '{of_script}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"toolkit {}\">\n<title>{}</title>\n<style>",
        env!("CARGO_PKG_VERSION"),
        attribute(&title)
    )?;
    out.write_all(style.as_bytes())?;
    out.write_all(
        b"</style></head>\n<body>\n<a class=\"skip\" href=\"#main\">To the contents</a>\n",
    )?;
    writeln!(out, "<header><h1>{}</h1>", text(&title))?;
    if !question.command.is_empty() {
        let command = text(&question.command);
        writeln!(out, "<p><code>{command}</code>. Times are in UTC.</p>")?;
    }
    Ok(())
}

/// Writes what to do next; commands stand out.
fn write_notes<'a>(
    notes: impl Iterator<Item = Cow<'a, str>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut notes = notes.peekable();
    if notes.peek().is_none() {
        return Ok(());
    }
    out.write_all(b"<section><h2 id=\"next\">What next?</h2>\n<ul class=\"next\">\n")?;
    for note in notes {
        writeln!(out, "<li>{}</li>", with_command(&note))?;
    }
    out.write_all(b"</ul></section>\n")
}

/// Spells a note with the command that it ends with, or names between backticks, as code.
fn with_command(note: &str) -> String {
    let ending = ["toolkit ", ": toolkit ", "; toolkit "]
        .iter()
        .find_map(|lead| {
            let at = if *lead == "toolkit " {
                note.starts_with(lead).then_some(0)
            } else {
                note.find(lead).map(|at| at + 2)
            };
            at.map(|at| note.split_at(at))
        });
    if let Some((before, command)) = ending {
        return format!("{}<code>{}</code>", text(before), text(command));
    }
    let mut shown = String::new();
    for (index, part) in note.split('`').enumerate() {
        let tag = if index % 2 == 1 {
            ("<code>", "</code>")
        } else {
            ("", "")
        };
        let _ = write!(shown, "{}{}{}", tag.0, text(part), tag.1);
    }
    shown
}

/// Ends a page. The script stands last, where the tables are.
fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"</main>\n<script>")?;
    out.write_all(SCRIPT.as_bytes())?;
    out.write_all(b"</script>\n</body></html>\n")
}

/// The rules that put numbers right by their column, which is shorter than a class in each cell.
fn alignment() -> String {
    let mut rules = String::new();
    for place in 1..=table::ALIGNED_COLUMNS {
        let comma = if place == 1 { "" } else { "," };
        let _ = write!(rules, "{comma}.n{place} tr>:nth-child({place})");
    }
    rules.push_str("{text-align:right}\n");
    rules
}

/// Spells a digest as a policy names what it allows (CSP 3, 2.3.1).
fn digest(text: &str) -> String {
    format!(
        "sha256-{}",
        STANDARD.encode(Sha256::digest(text.as_bytes()))
    )
}

/// Returns a name as a heading.
fn heading(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod palette;
#[cfg(test)]
mod tests;
