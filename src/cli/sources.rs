//! `toolkit sources`: what is stored.

use std::io::Write as _;

use clap::Subcommand;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{print, stdout_is_terminal, visible};
use super::{environment, session};
use crate::model::{Digest, SourceId, decode_text};
use crate::report;
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
        /// Print the content that had this digest: its bytes, or with --text its text
        #[arg(long, value_name = "DIGEST")]
        version: Option<Digest>,
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
            text,
            raw,
        } => {
            // Sources are known without the password that a seed may have been given with.
            let source = store.find_source(&environment::without_userinfo(source))?;
            if *raw || version.is_some() {
                print_body(&mut store, source, *version, *text)?;
            } else if *text {
                print_text(&mut store, source)?;
            } else {
                print(&report::source(&mut store, source)?, &options)?;
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

fn print_body(
    store: &mut Store,
    source: SourceId,
    version: Option<Digest>,
    decoded: bool,
) -> Result<(), Failure> {
    let current = store.stored_body(source)?;
    let charset = current.as_ref().and_then(|body| body.charset.clone());
    let bytes = match version {
        None => current.map(|body| body.bytes),
        Some(digest) => {
            let known = report::source(store, source)?.versions;
            let is_known = known
                .iter()
                .any(|version| version.body_digest == digest.to_string());
            if is_known { store.body(digest)? } else { None }
        }
    };
    let Some(bytes) = bytes else {
        return Err(
            Failure::new("no such content is kept of this source", Exit::CouldNot)
                .hint("toolkit sources show ID lists the versions"),
        );
    };
    let mut out = std::io::stdout().lock();
    if decoded {
        return write_text(
            &mut out,
            &decode_text(&bytes, charset.as_deref().unwrap_or("utf-8")).text,
        );
    }
    if stdout_is_terminal() && std::str::from_utf8(&bytes).is_err() {
        return Err(Failure::new(
            "these bytes are no text, and this is a terminal",
            Exit::Usage,
        )
        .hint("redirect them: toolkit sources show ID --raw > FILE"));
    }
    if stdout_is_terminal() {
        return write_text(&mut out, &String::from_utf8_lossy(&bytes));
    }
    out.write_all(&bytes)?;
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
