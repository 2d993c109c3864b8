//! What is said to the user beside the data: lines on standard error, as text or as one JSON object each.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

use super::arguments::GlobalArguments;
use super::output::visible;
use crate::model::Timestamp;

/// How notes, progress and errors are written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for reading, and on a terminal a line of progress that is redrawn
    #[default]
    Text,
    /// One JSON object a line, with time, level, event and job_id; progress every few seconds, on no terminal as well
    Json,
}

/// Whether lines are JSON: there is one standard error, and some that write to it know no argument.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Chooses how lines are written from now on.
pub fn choose(format: LogFormat) {
    IS_JSON.store(format == LogFormat::Json, Ordering::Relaxed);
}

/// Says whether lines are JSON.
pub fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Tells the user something on standard error, unless asked to be quiet.
pub fn note(global: &GlobalArguments, text: &str) {
    if !global.quiet {
        tell(text);
    }
}

/// Writes a line to standard error; a closed one is no failure. One that begins with `error: ` tells of an error that
/// ends nothing.
pub fn tell(text: &str) {
    if !is_json() {
        line(&visible(text));
    } else if let Some(error) = text.strip_prefix("error: ") {
        event("error", "error", json!({ "message": error }));
    } else {
        event("info", "note", json!({ "message": text }));
    }
}

/// Writes an event as JSON; `fields` is an object.
pub fn event(level: &str, name: &str, fields: Value) {
    line(&object(Timestamp::now(), level, name, fields));
}

/// Spells an event: what every one has comes first.
fn object(at: Timestamp, level: &str, name: &str, fields: Value) -> String {
    let mut members = Map::new();
    members.insert("time".to_owned(), json!(at));
    members.insert("level".to_owned(), json!(level));
    members.insert("event".to_owned(), json!(name));
    if let Value::Object(fields) = fields {
        members.extend(fields);
    }
    Value::Object(members).to_string()
}

fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let at = Timestamp::from_microseconds(0);
        let text = object(at, "info", "note", json!({ "message": "a\nb\u{1b}[1m" }));
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains('\u{1b}'));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["message"], "a\nb\u{1b}[1m");
        assert_eq!(read["time"], "1970-01-01T00:00:00.000000Z");
    }
}
