//! `toolkit sources`: what is stored.

use std::io::Write as _;

use clap::Subcommand;

use super::arguments::{GlobalArguments, parse_moment};
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{Format, print, stdout_is_terminal, visible};
use super::{environment, session};
use crate::model::{SourceId, Timestamp, decode_text};
use crate::report::{self, FoundVersion, WantedVersion};
use crate::store::{Access, Store};

/// List sources, and show one with its text, its bytes and its trail.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every source, by group and URI
    List {
        /// Only those that this job created or changed last
        #[arg(long, value_name = "JOB")]
        job: Option<String>,
        /// Only this group
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    /// Show one source: its trail, its extractions and its gaps
    Show {
        /// `last`, an id, its unique ending, or a URI
        source: String,
        /// Print the content that has this digest, or the only one whose digest ends so: its bytes, or with
        /// --text its text
        #[arg(long, value_name = "DIGEST")]
        version: Option<String>,
        /// Print the content that was there at this time: its bytes, or with --text its text. A time as in
        /// 2026-01-31T12:00:00Z; a day as in 2026-01-31 is meant to its end (UTC)
        #[arg(long, value_name = "TIME", conflicts_with = "version", value_parser = parse_moment)]
        at: Option<Timestamp>,
        /// Print the extracted text, or a version's decoded text
        #[arg(long, conflicts_with = "raw")]
        text: bool,
        /// Print the bytes as they were stored
        #[arg(long)]
        raw: bool,
    },
}

/// Runs the command.
pub fn run(global: &GlobalArguments, command: &Command) -> Result<Exit, Failure> {
    let mut store = session::open(global, Access::Read)?;
    let options = global.output_options();
    match command {
        Command::List { job, group } => {
            let job = job
                .as_deref()
                .map(|given| store.find_job(given))
                .transpose()?;
            print(
                &report::sources(&mut store, job, group.as_deref())?,
                &options,
            )?;
        }
        Command::Show {
            source,
            version,
            at,
            text,
            raw,
        } => {
            // Sources are known without the password that a seed may have been given with.
            let source = store.find_source(&environment::without_userinfo(source))?;
            let wanted = match (version, at) {
                (Some(digest), _) => Some(WantedVersion::Digest(digest)),
                (None, Some(at)) => Some(WantedVersion::At(*at)),
                (None, None) => None,
            };
            if let Some(wanted) = wanted {
                let (bytes, charset) = old_body(&mut store, source, &wanted)?;
                write_body(&bytes, charset.as_deref().filter(|_| *text))?;
            } else if *raw {
                let body = store.stored_body(source)?;
                let Some(body) = body else {
                    return Err(nothing_kept("no content is kept of this source".to_owned()));
                };
                write_body(&body.bytes, None)?;
            } else if *text {
                print_text(&mut store, source)?;
            } else {
                let mut shown = report::source(&mut store, source)?;
                if options.format == Format::Html {
                    shown.texts = report::source_texts(&mut store, source)?;
                }
                print(&shown, &options)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn print_text(store: &mut Store, source: SourceId) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let texts: Vec<String> = store
        .extractions(source)?
        .into_iter()
        .map(|row| row.text)
        .filter(|text| !text.is_empty())
        .collect();
    if texts.is_empty() {
        return Err(
            Failure::new("no text was extracted from this source", Exit::CouldNot)
                .hint("toolkit extract, or --raw for what was fetched"),
        );
    }
    for text in texts {
        write_text(&mut out, &text)?;
    }
    Ok(())
}

/// Reads a content that the source had, and the charset that it was in.
fn old_body(
    store: &mut Store,
    source: SourceId,
    wanted: &WantedVersion<'_>,
) -> Result<(Vec<u8>, Option<String>), Failure> {
    let version = match report::version(store, source, wanted)? {
        FoundVersion::Known(version) => version,
        FoundVersion::Unknown => {
            let message = "this source never had a content whose digest ends so";
            return Err(nothing_kept(message.to_owned()));
        }
        FoundVersion::Ambiguous => {
            let message = "more than one content of this source has a digest that ends so";
            return Err(nothing_kept(message.to_owned()));
        }
        FoundVersion::NotYet(first) => {
            return Err(nothing_kept(format!(
                "at that time nothing of this source was stored: it was first fetched at {first}"
            )));
        }
        FoundVersion::NeverStored => {
            let message = "no content of this source was ever stored";
            return Err(nothing_kept(message.to_owned()));
        }
        FoundVersion::Erased(at) => {
            return Err(nothing_kept(format!(
                "what this source held at that time was erased at {at}"
            )));
        }
    };
    let digest = &version.body_digest;
    let bytes = match digest.parse() {
        Ok(digest) if version.kept => store.body(digest)?,
        _ => None,
    };
    bytes
        .map(|bytes| (bytes, version.charset.or(Some("utf-8".to_owned()))))
        .ok_or_else(|| {
            let by = version.dropped_by.as_deref();
            nothing_kept(match (version.dropped_at, by) {
                (Some(at), Some(by)) => {
                    format!("the content {digest} is not kept: dropped at {at} by `{by}`")
                }
                _ => format!("the content {digest} is not kept, and nothing says why"),
            })
        })
}

fn nothing_kept(message: String) -> Failure {
    Failure::new(message, Exit::CouldNot)
        .hint("`toolkit sources show SOURCE` lists its contents, and which are kept")
}

/// Writes bytes as they are, or as text of a charset.
fn write_body(bytes: &[u8], charset: Option<&str>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if let Some(charset) = charset {
        return write_text(&mut out, &decode_text(bytes, charset).text);
    }
    if stdout_is_terminal() && std::str::from_utf8(bytes).is_err() {
        return Err(Failure::new(
            "these bytes are no text, and this is a terminal",
            Exit::Usage,
        )
        .hint("redirect them: toolkit sources show ID --raw > FILE"));
    }
    if stdout_is_terminal() {
        return write_text(&mut out, &String::from_utf8_lossy(bytes));
    }
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Writes text, with what would steer a terminal made visible when it is one.
fn write_text(out: &mut impl std::io::Write, text: &str) -> Result<(), Failure> {
    for line in text.lines() {
        let line = if stdout_is_terminal() {
            visible(line)
        } else {
            line.into()
        };
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
