//! `toolkit annotate`: the mentions in texts from files and standard input. Touches no database.
//!
//! Owns how texts come in, one a line, and that none of them goes without a line of its own; what a mention is is
//! for the recognizers to say, and how it is spelled for the output.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil;
use serde::Deserialize;
use serde_json::Value;

use super::arguments::GlobalArguments;
use super::exit_code::Exit;
use super::failure::Failure;
use super::output::{Annotated, Format};
use super::profile_flag;
use super::stderr::tell;
use crate::extract::entities::{Context, Recognizer, of_rules, recognize_types, text_recognizers};
use crate::model::{EntityType, ExtractionType};

const EXAMPLES: &str = "\
Examples:
  toolkit annotate notes.txt                       one line of JSON for each line of the file
  toolkit annotate --jsonl texts.jsonl             lines of {\"id\", \"text\", \"reference\"?}
  toolkit annotate --types money,quantity < offers.txt
  toolkit annotate --profile parts.toml mail.txt   also what the profile's [[entity]] rules find
  toolkit annotate --reference 2024-03-12T09:00 mail.txt";

/// Print the mentions in each line of text, with no database
///
/// One JSON object a line for each line, also for one that names nothing: id, and entities with start, end (code
/// points), start_byte, end_byte, type, text, normalized, attributes, score and recognizer. A line that cannot be
/// read has an error beside no entities, is told on standard error, and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files, and - for standard input [default: -]
    #[arg(value_name = "FILE|-")]
    files: Vec<PathBuf>,

    /// Each line is {"id", "text"}, with the "reference" time that relative dates count from where there is one
    #[arg(long)]
    jsonl: bool,

    /// Only mentions of these types; nothing else makes one of them redundant
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',', value_parser = parse_type)]
    types: Vec<EntityType>,

    /// Only these recognizers
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    recognizers: Vec<String>,

    /// What relative dates count from in texts that name no reference time themselves
    #[arg(long, value_name = "TIME", value_parser = parse_reference)]
    reference: Option<civil::DateTime>,

    /// Also what the [[entity]] rules of this profile find: the name of a built-in profile, or a file
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,

    /// ISO 3166 code of the country whose way of writing telephone numbers and dates the texts follow
    #[arg(long, value_name = "CODE", value_parser = parse_region)]
    region: Option<String>,
}

/// Runs the command.
pub fn run(global: &GlobalArguments, arguments: &Arguments) -> Result<Exit, Failure> {
    if global.is_format_typed && global.format != Format::Jsonl {
        let message = "mentions are printed as one JSON object a line";
        return Err(Failure::new(message, Exit::Usage).hint("--format takes jsonl here"));
    }
    let annotator = Annotator::new(arguments)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let standard_input = [PathBuf::from("-")];
    let files = match arguments.files.as_slice() {
        [] => &standard_input,
        files => files,
    };
    let mut exit = Exit::Done;
    for file in files {
        let name = file.display().to_string();
        let ended = match open(file) {
            Ok(input) => annotator.annotate(&name, input, &mut out)?,
            Err(error) => Err(error),
        };
        match ended {
            Ok(true) => {}
            Ok(false) => exit = Exit::CouldNot,
            Err(error) => {
                tell(&format!("error: cannot read {name}: {error}"));
                exit = Exit::CouldNot;
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

fn parse_type(text: &str) -> Result<EntityType, String> {
    text.parse()
}

fn parse_region(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code
        .then(|| text.to_ascii_uppercase())
        .ok_or_else(|| format!("{text:?} is no code of two letters, such as GB"))
}

/// Reads a time of some place's own clock; its offset from UTC, if it has one, says nothing more of it.
fn parse_reference(text: &str) -> Result<civil::DateTime, String> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text)
        .map_err(|_| format!("{text:?} is no time, such as 2024-03-12T09:00"))?;
    let time = pieces.time().unwrap_or(civil::Time::midnight());
    Ok(pieces.date().to_datetime(time))
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(file)?))
}

/// A line of `--jsonl`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    text: String,
    #[serde(default)]
    reference: Option<String>,
}

/// A text and what is known about it.
struct Given {
    id: Value,
    text: String,
    context: Context,
}

/// Why a line is no text, and its id where that much could be read.
struct Unreadable {
    id: Value,
    why: String,
}

struct Annotator {
    recognizers: Vec<Box<dyn Recognizer>>,
    types: Vec<EntityType>,
    context: Context,
    jsonl: bool,
}

impl Annotator {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let mut all = text_recognizers();
        if let Some(profile) = &arguments.profile {
            all.extend(of_rules(profile_flag::load(profile)?.entities()));
        }
        let usage = |message: String| Err(Failure::new(message, Exit::Usage));
        let names: Vec<_> = all.iter().map(|recognizer| recognizer.name()).collect();
        let asked = &arguments.recognizers;
        if let Some(unknown) = asked.iter().find(|name| !names.contains(&name.as_str())) {
            let known = names.join(", ");
            return usage(format!(
                "no recognizer is called {unknown}; there are {known}"
            ));
        }
        let is_asked = |name: &str| asked.is_empty() || asked.iter().any(|one| one == name);
        all.retain(|recognizer| is_asked(recognizer.name()));
        let gives = |wanted: &EntityType| all.iter().any(|one| one.types().contains(wanted));
        if let Some(unknown) = arguments.types.iter().find(|wanted| !gives(wanted)) {
            return usage(format!(
                "no recognizer that is asked gives {}",
                unknown.label()
            ));
        }
        let types = arguments.types.clone();
        let gives_some = |one: &dyn Recognizer| one.types().iter().any(|one| types.contains(one));
        all.retain(|recognizer| types.is_empty() || gives_some(recognizer.as_ref()));
        Ok(Self {
            recognizers: all,
            types,
            context: Context {
                region: arguments.region.clone(),
                reference: arguments.reference,
                ..Context::default()
            },
            jsonl: arguments.jsonl,
        })
    }

    /// Annotates every line, and says whether all of them could be read to their end.
    fn annotate(
        &self,
        name: &str,
        input: Box<dyn Read>,
        out: &mut impl Write,
    ) -> Result<io::Result<bool>, Failure> {
        let mut input = BufReader::with_capacity(64 * 1024, input);
        let mut bytes = Vec::new();
        let mut whole = true;
        for number in 1_u64.. {
            bytes.clear();
            match input.read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return Ok(Err(error)),
            }
            let place = format!("{name}:{number}");
            let line = trimmed(&bytes, number == 1);
            let faults = match self.text(line, &place) {
                Ok(given) => self.write(&given, out)?,
                Err(Unreadable { id, why }) => {
                    Annotated::unreadable(&id, &why).write(out)?;
                    vec![why]
                }
            };
            for why in &faults {
                tell(&format!("error: {place}: {why}"));
                whole = false;
            }
            // Who writes line by line and waits for the answer gets it.
            if input.buffer().is_empty() {
                out.flush()?;
            }
        }
        Ok(Ok(whole))
    }

    fn text(&self, line: &[u8], place: &str) -> Result<Given, Unreadable> {
        let here = || Value::String(place.to_owned());
        let unreadable = |id, why| Unreadable { id, why };
        if !self.jsonl {
            let text = std::str::from_utf8(line).map_err(|error| {
                let column = error.valid_up_to() + 1;
                unreadable(here(), format!("not UTF-8 at byte {column}"))
            })?;
            return Ok(Given {
                id: here(),
                text: text.to_owned(),
                context: self.context.clone(),
            });
        }
        let read: Line = serde_json::from_slice(line).map_err(|error| {
            let id = serde_json::from_slice::<Value>(line)
                .ok()
                .and_then(|found| found.get("id").cloned())
                .unwrap_or_else(here);
            let whole = error.to_string();
            let what = whole.split(" at line ").next().unwrap_or_default();
            unreadable(id, format!("{what} at column {}", error.column()))
        })?;
        let id = if read.id.is_null() { here() } else { read.id };
        let mut context = self.context.clone();
        if let Some(reference) = &read.reference {
            match parse_reference(reference) {
                Ok(time) => context.reference = Some(time),
                Err(why) => return Err(unreadable(id, format!("reference: {why}"))),
            }
        }
        Ok(Given {
            id,
            text: read.text,
            context,
        })
    }

    /// Writes the line of a text, and says what of it could not be read.
    fn write(&self, given: &Given, out: &mut impl Write) -> Result<Vec<String>, Failure> {
        let results = recognize_types(
            &self.recognizers,
            ExtractionType::Content,
            &given.text,
            &given.context,
            &self.types,
        );
        let annotated = Annotated::of(&given.id, &given.text, &results);
        annotated.write(out)?;
        Ok(annotated.faults())
    }
}

/// Takes off the line's end, and a byte order mark at the start of a file.
fn trimmed(line: &[u8], is_first: bool) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.strip_prefix("\u{feff}".as_bytes()) {
        Some(rest) if is_first => rest,
        _ => line,
    }
}
