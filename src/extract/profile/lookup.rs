//! Lookup tables: what a page writes, and the form that is kept of it; a CSV file beside the profile.
//!
//! Reads the text of such a file; the file itself is read by the caller.

use std::collections::HashMap;
use std::sync::Arc;

use crate::toml_keys::Fault;

/// Rows of one file.
const MOST_ROWS: usize = 200_000;

/// Kept forms by what is looked up, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lookup(Arc<HashMap<String, String>>);

impl Lookup {
    /// Makes a table of the rows of a file.
    pub fn new(file: &str, rows: Vec<Row>) -> Result<Self, Fault> {
        let mut forms: HashMap<String, (String, usize)> = HashMap::with_capacity(rows.len());
        for row in rows {
            let form = row.form.unwrap_or_else(|| row.term.clone());
            let folded = folded(&row.term);
            if let Some((known, line)) = forms.get(&folded)
                && *known != form
            {
                let message = format!(
                    "\"{}\" stands for \"{known}\" in line {line} and for \"{form}\" here",
                    row.term
                );
                let fix = "leave one of the two lines out";
                return Err(fault(file, row.line, message, fix));
            }
            forms.insert(folded, (form, row.line));
        }
        let forms = forms.into_iter().map(|(term, (form, _))| (term, form));
        Ok(Self(Arc::new(forms.collect())))
    }

    /// Returns the form that is kept of a text.
    pub fn get(&self, text: &str) -> Option<&str> {
        self.0.get(&folded(text)).map(String::as_str)
    }
}

/// One line of a file.
pub(super) struct Row {
    pub line: usize,
    pub term: String,
    pub form: Option<String>,
}

/// Reads the rows of a file: a term, and, behind a comma, the form that it stands for.
pub(super) fn rows(file: &str, text: &str) -> Result<Vec<Row>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            let fix = "write CSV as RFC 4180 has it";
            fault(file, line as usize, error.to_string(), fix)
        })?;
        let line = record.position().map_or(1, csv::Position::line) as usize;
        let mut cells = record.iter();
        let term = cells.next().unwrap_or_default();
        let form = cells.next().filter(|form| !form.is_empty());
        if term.is_empty() {
            let message = "the line has no term".to_owned();
            return Err(fault(
                file,
                line,
                message,
                "write a term, or leave the line out",
            ));
        }
        if cells.next().is_some() {
            let message = format!("the line has {} columns, not one or two", record.len());
            let fix = "put quotation marks around what holds a comma";
            return Err(fault(file, line, message, fix));
        }
        if rows.len() == MOST_ROWS {
            let message = format!("the file has more than {MOST_ROWS} lines");
            return Err(fault(file, line, message, "divide the file"));
        }
        rows.push(Row {
            line,
            term: term.to_owned(),
            form: form.map(str::to_owned),
        });
    }
    if rows.is_empty() {
        let message = "the file has no line".to_owned();
        return Err(fault(file, 1, message, "write one term a line"));
    }
    Ok(rows)
}

fn fault(file: &str, line: usize, message: String, fix: &str) -> Fault {
    Fault {
        file: Some(file.to_owned()),
        line,
        column: 1,
        message,
        fix: fix.to_owned(),
    }
}

/// Returns a text as texts are compared: in lower case, white space folded.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(text: &str) -> Result<Lookup, Fault> {
        Lookup::new("a.csv", rows("a.csv", text)?)
    }

    #[test]
    fn a_term_gives_its_form_whatever_its_case() {
        let table = lookup("\u{feff}Rot,red\nDunkel  Blau,\"navy, dark\"\ngreen\n").unwrap();
        assert_eq!(table.get(" ROT "), Some("red"));
        assert_eq!(table.get("dunkel blau"), Some("navy, dark"));
        assert_eq!(table.get("Green"), Some("green"));
        assert_eq!(table.get("yellow"), None);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line, message) in [
            ("a,b\nA,c", 2, "stands for \"b\" in line 1"),
            ("a\n,b", 2, "no term"),
            ("a\nb,c,d", 2, "3 columns"),
            ("", 1, "no line"),
        ] {
            let error = lookup(text).unwrap_err();
            assert_eq!((error.line, error.file.as_deref()), (line, Some("a.csv")));
            assert!(error.message.contains(message), "{}", error.message);
        }
        assert!(lookup("a,b\na,b").is_ok());
    }
}
