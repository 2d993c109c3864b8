//! `toolkit page`: what would be extracted from files, URLs and standard input. Touches no database.
//!
//! The one place where a page goes from the crawl's reading of it straight to the extractors: nothing is stored
//! that the one could leave to the other.

use std::io::BufWriter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use clap::Args;

use super::arguments::{GlobalArguments, parse_duration, parse_size};
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{Format, PageWriter, ShownPage, stdout_is_terminal};
use super::stderr::tell;
use super::transport::{ACCESS, TransportFlags};
use crate::crawl::{CrawlSettings, Named, SinglePage, SingleVisitor};
use crate::extract::{PageExtraction, PageInput, Profile, extract_page};

const EXAMPLES: &str = "\
Examples:
  toolkit page article.html                        one line of JSON
  toolkit page article.html --format markdown
  toolkit page https://example.com/ --format json
  toolkit page - --url https://example.com/news/1 < article.html";

const FETCHING: &str = "Fetching";

/// Print what would be extracted from each page, with no database
///
/// Without --format, one JSON object a line for each page that can be read: path, title, author, date, language, text,
/// markdown, confidence, gaps, records and facts. A page that cannot is told on standard error, and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files, http(s) URLs, and - for standard input
    #[arg(value_name = "FILE|URL|-", required = true)]
    inputs: Vec<String>,

    /// The address that the one page is from; its links are relative to it
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Most bytes read of a page; what is cut is a gap
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = parse_size)]
    max_body: u64,

    /// Longest wait for an answer
    #[arg(long, help_heading = FETCHING, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    timeout: Duration,

    /// Sent with each request; its first word is matched with robots.txt [default: toolkit/VERSION]
    #[arg(long, help_heading = FETCHING, value_name = "TEXT")]
    user_agent: Option<String>,

    /// Do not ask robots.txt
    #[arg(long, help_heading = FETCHING)]
    ignore_robots: bool,

    /// Allow a host at a private or loopback address
    #[arg(long, help_heading = ACCESS)]
    allow_private: bool,

    #[command(flatten)]
    transport: TransportFlags,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    let format = format(global)?;
    if arguments.url.is_some() && arguments.inputs.len() > 1 {
        let message = "--url is the address of one page, and there are several";
        return Err(Failure::new(message, Exit::Usage));
    }
    let mut pages = Pages::new(arguments)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let several = arguments.inputs.len() > 1;
    let mut writer = PageWriter::new(format, several, stdout_is_terminal(), &mut out);
    let mut exit = Exit::Done;
    for input in &arguments.inputs {
        // A URL is typed with a password in it now and then.
        let name = environment::without_userinfo(input);
        match pages.read(input) {
            Ok((page, extraction)) => {
                let gaps = page.gaps.iter().chain(&extraction.gaps);
                writer.write(&ShownPage::of(&name, &extraction.items, gaps))?;
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

fn format(global: &GlobalArguments) -> Result<Format, Failure> {
    match global.format {
        _ if !global.is_format_typed => Ok(Format::Jsonl),
        Format::Csv => Err(Failure::new("a page is no table of values", Exit::Usage)
            .hint("--format takes jsonl, json, markdown or text here")),
        other => Ok(other),
    }
}

/// Reads pages, wherever they are.
struct Pages<'a> {
    url: Option<&'a str>,
    settings: CrawlSettings,
    /// Made for the first URL.
    visitor: Option<SingleVisitor>,
}

impl<'a> Pages<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let defaults = CrawlSettings::default();
        let mut settings = CrawlSettings {
            allow_private: arguments.allow_private,
            ignore_robots: arguments.ignore_robots,
            max_body: arguments.max_body,
            timeout: arguments.timeout.as_secs_f64(),
            user_agent: arguments
                .user_agent
                .clone()
                .unwrap_or(defaults.user_agent.clone()),
            ..defaults
        };
        arguments.transport.apply(&mut settings)?;
        settings.check()?;
        Ok(Self {
            url: arguments.url.as_deref(),
            settings,
            visitor: None,
        })
    }

    fn read(&mut self, input: &str) -> Result<(SinglePage, PageExtraction), String> {
        let mut page = self.page(input)?;
        if let Some(url) = self.url {
            url.clone_into(&mut page.uri);
        }
        let profile = Profile::default_profile();
        let extraction = catch_unwind(AssertUnwindSafe(|| {
            extract_page(
                &PageInput {
                    uri: &page.uri,
                    media_type: &page.media_type,
                    charset: &page.charset,
                    body: &page.bytes,
                },
                &profile,
            )
        }));
        let extraction = extraction.map_err(|_| "an extractor failed on it".to_owned())?;
        page.bytes = Vec::new();
        Ok((page, extraction))
    }

    fn page(&mut self, input: &str) -> Result<SinglePage, String> {
        let most = self.settings.max_body;
        if input == "-" {
            let mut stdin = std::io::stdin().lock();
            return SinglePage::of_stream(&mut stdin, most).map_err(|why| why.to_string());
        }
        match Named::parse(input).map_err(|why| why.to_string())? {
            Named::File(path) => SinglePage::of_file(&path, most).map_err(|why| why.to_string()),
            Named::Url(url) => {
                let visitor = self.visitor()?;
                visitor.read(&url).map_err(|why| why.to_string())
            }
        }
    }

    fn visitor(&mut self) -> Result<&SingleVisitor, String> {
        if self.visitor.is_none() {
            let made = environment::secrets(&self.settings)
                .and_then(|secrets| SingleVisitor::new(&self.settings, &secrets))
                .map_err(|error| crate::model::chain_text(&error))?;
            self.visitor = Some(made);
        }
        self.visitor.as_ref().ok_or_else(String::new)
    }
}
