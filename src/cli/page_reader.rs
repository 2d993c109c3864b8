//! Pages that a command reads without a database, wherever they are: files, URLs, standard input.
//!
//! The one place where a page goes from the crawl's reading of it straight to the extractors: nothing is stored
//! that the one could leave to the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use clap::Args;

use super::arguments::{parse_duration, parse_size};
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::transport::{ACCESS, TransportFlags};
use crate::crawl::{CrawlSettings, Named, SinglePage, SingleVisitor};
use crate::extract::{PageExtraction, PageInput, Profile, extract_page};

const FETCHING: &str = "Fetching";

/// How pages are read.
#[derive(Debug, Args)]
pub struct ReaderFlags {
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

/// Reads pages, wherever they are.
pub struct PageReader<'a> {
    url: Option<&'a str>,
    profile: Profile,
    settings: CrawlSettings,
    /// Made for the first URL.
    visitor: Option<SingleVisitor>,
}

impl<'a> PageReader<'a> {
    /// Makes a reader of `pages`.
    pub fn new(
        flags: &'a ReaderFlags,
        pages: &[String],
        profile: Profile,
    ) -> Result<Self, Failure> {
        if flags.url.is_some() && pages.len() > 1 {
            let message = "--url is the address of one page, and there are several";
            return Err(Failure::new(message, Exit::Usage));
        }
        let defaults = CrawlSettings::default();
        let mut settings = CrawlSettings {
            allow_private: flags.allow_private,
            ignore_robots: flags.ignore_robots,
            max_body: flags.max_body,
            timeout: flags.timeout.as_secs_f64(),
            user_agent: flags
                .user_agent
                .clone()
                .unwrap_or(defaults.user_agent.clone()),
            ..defaults
        };
        flags.transport.apply(&mut settings)?;
        settings.check()?;
        Ok(Self {
            url: flags.url.as_deref(),
            profile,
            settings,
            visitor: None,
        })
    }

    /// Reads a page and what is extracted of it.
    pub fn read(&mut self, input: &str) -> Result<(SinglePage, PageExtraction), String> {
        let mut page = self.page(input)?;
        if let Some(url) = self.url {
            url.clone_into(&mut page.uri);
        }
        let extraction = catch_unwind(AssertUnwindSafe(|| {
            extract_page(
                &PageInput {
                    uri: &page.uri,
                    media_type: &page.media_type,
                    charset: &page.charset,
                    body: &page.bytes,
                },
                &self.profile,
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
