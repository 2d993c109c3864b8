//! `toolkit cite`: a quote with its origin, to be handed on.

use std::io::{BufWriter, Write as _};

use clap::Args;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{CitationStyle, Format, is_broken_pipe, print, write_citations};
use super::{environment, session};
use crate::report;
use crate::store::{Access, CitedKind};

const EXAMPLES: &str = "\
Examples:
  toolkit cite https://example.com/prices
  toolkit cite jane@example.com --kind entity --style markdown
  toolkit cite last --style bibtex >> references.bib
  toolkit cite last --format json";

/// Print a quote with where it is from: link, fetch time, job and digest
///
/// Of an entity, one for each source that mentions it; of fields and facts, one for each value with a place; of a
/// source or a text, its beginning. The link leads a browser to the quote (#:~:text=…). It works from what is stored,
/// also when the job was deleted or the page has changed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A source, an extraction or an entity: an id, its unique ending, a source's URI, an entity's normal form, or
    /// `last`, which is a source unless --kind says otherwise
    #[arg(value_name = "WHAT")]
    given: String,

    /// What it is, where an ending fits several
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,

    /// How it is spelled, instead of --format
    #[arg(long, value_enum, value_name = "STYLE")]
    style: Option<Style>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    Source,
    Extraction,
    Entity,
}

/// How a citation is spelled.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Style {
    /// The quote, what it is from, and how it is known
    Text,
    /// The same as a quotation in Markdown
    Markdown,
    /// The same as --format json
    Json,
    /// An @online entry of BibTeX (biblatex)
    Bibtex,
    /// An array of items of CSL-JSON
    CslJson,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    if global.is_format_typed && arguments.style.is_some() {
        let message = "--style and --format both say how it is written";
        return Err(Failure::new(message, Exit::Usage)
            .hint("--style for a citation, --format for its data"));
    }
    let mut store = session::open(global, Access::Read)?;
    let kind = arguments.kind.map(|kind| match kind {
        Kind::Source => CitedKind::Source,
        Kind::Extraction => CitedKind::Extraction,
        Kind::Entity => CitedKind::Entity,
    });
    let given = environment::without_userinfo(&arguments.given);
    let cited = store.find_cited(&given, kind)?;
    let report = report::cite(&mut store, cited)?;
    let mut options = global.output_options();
    let style = match arguments.style {
        Some(Style::Json) => {
            options.format = Format::Json;
            None
        }
        None if global.is_format_typed => None,
        None | Some(Style::Text) => Some(CitationStyle::Text),
        Some(Style::Markdown) => Some(CitationStyle::Markdown),
        Some(Style::Bibtex) => Some(CitationStyle::Bibtex),
        Some(Style::CslJson) => Some(CitationStyle::CslJson),
    };
    let Some(style) = style else {
        print(&report, &options)?;
        return Ok(Exit::Done);
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = write_citations(&report.citations, style, global.stable, &mut out);
    match written.and_then(|()| out.flush()) {
        Err(error) if !is_broken_pipe(&error) => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}
