//! `toolkit page`: what would be extracted from files, URLs and standard input. Touches no database.

use std::io::BufWriter;

use clap::Args;

use super::arguments::GlobalArguments;
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{Format, PageWriter, ShownPage, stdout_is_terminal};
use super::page_reader::{PageReader, ReaderFlags};
use super::profile_flag::ProfileFlag;
use super::stderr::tell;
use crate::extract::PageExtraction;
use crate::extract::entities::{Recognizer, of_rules, recognize, recognizers};
use crate::extract::job::context_of;
use crate::model::{Gap, Reason};
use crate::report;

const EXAMPLES: &str = "\
Examples:
  toolkit page article.html                        one line of JSON
  toolkit page article.html --format markdown
  toolkit page article.html --format html          its text, every mention marked
  toolkit page https://example.com/ --format json
  toolkit page item.html --profile product         with the fields of a profile
  toolkit page - --url https://example.com/news/1 < article.html";

/// Print what would be extracted from each page, with no database
///
/// Without --format, one JSON object a line for each page that can be read: path, title, author, date, language, text,
/// markdown, confidence, gaps, records, facts and the fields of the profile. A page that cannot is told on standard error, and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files, http(s) URLs, and - for standard input
    #[arg(value_name = "FILE|URL|-", required = true)]
    inputs: Vec<String>,

    #[command(flatten)]
    profile: ProfileFlag,

    #[command(flatten)]
    reader: ReaderFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = format(global)?;
    let profile = arguments.profile.load()?;
    let mut recognizers = recognizers();
    recognizers.extend(of_rules(profile.entities()));
    let mut pages = PageReader::new(&arguments.reader, &arguments.inputs, profile)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let several = arguments.inputs.len() > 1;
    let mut writer = PageWriter::new(format, several, stdout_is_terminal(), &mut out)
        .answering(&global.question);
    let mut exit = Exit::Done;
    for input in &arguments.inputs {
        // A URL is typed with a password in it now and then.
        let name = environment::without_userinfo(input);
        match pages.read(input) {
            Ok((page, mut extraction)) => {
                let mut texts = Vec::new();
                if format == Format::Html {
                    texts = marked(&recognizers, &mut extraction);
                }
                let gaps = page.gaps.iter().chain(&extraction.gaps);
                let shown = ShownPage::of(&name, &extraction.items, gaps);
                writer.write(&shown.with_texts(texts))?;
            }
            Err(why) => {
                tell(&format!("error: cannot read {name}: {why}"));
                exit = Exit::CouldNot;
            }
        }
    }
    writer.finish()?;
    Ok(exit)
}

/// Finds the mentions in the page's texts as `extract` does; what could not be read is one of its gaps.
fn marked(
    recognizers: &[Box<dyn Recognizer>],
    extraction: &mut PageExtraction,
) -> Vec<report::SourceText> {
    let items = &extraction.items;
    let context = context_of(items);
    let mut gaps = Vec::new();
    let parts = items
        .iter()
        .map(|item| {
            let windows = recognize(recognizers, item.extraction_type, &item.text, &context);
            for window in &windows {
                gaps.extend(window.error.as_ref().map(|error| Gap {
                    reason: Reason::WindowFailed,
                    position: format!("{}..{}", window.start, window.end),
                    detail: format!("{}: {error}", window.recognizer),
                }));
            }
            let mentions = windows.iter().flat_map(|window| &window.mentions);
            report::ExtractedPart {
                profile: String::new(),
                extraction_type: item.extraction_type.as_str().to_owned(),
                ordinal: item.ordinal,
                text: item.text.clone(),
                data: item.data.clone(),
                mentions: mentions.map(report::SpanLine::from).collect(),
            }
        })
        .collect();
    extraction.gaps.extend(gaps);
    report::texts(parts)
}

fn format(global: &GlobalArguments) -> Result<Format, Failure> {
    match global.format {
        _ if !global.is_format_typed => Ok(Format::Jsonl),
        Format::Csv => Err(Failure::new("a page is no table of values", Exit::Usage)
            .hint("--format takes jsonl, json, markdown, html or text here")),
        other => Ok(other),
    }
}
