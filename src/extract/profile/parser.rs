//! A profile's text, read into its definition: which keys there are, what they take, what they exclude.
//!
//! Every fault is noted where it stands and the reading goes on, so that one check tells them all.

mod entities;
mod field;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use regex::RegexSetBuilder;
use toml::de::DeTable;

use super::definition::{Applies, Definition, Group, PageType};
use super::keys::{Keys, Placed, Reading, shown};
use super::lookup;
use super::selector::Selector;
use crate::extract::records::shortened;
use crate::toml_keys::{self, Faults};
use field::FieldReader;

/// Bytes of a profile's text.
const MOST_BYTES: usize = 1 << 20;

/// Groups of one profile.
const MOST_GROUPS: usize = 100;

/// Fields of one profile, and rules for entities.
const MOST_FIELDS: usize = 1_000;

/// Instances that a group may keep of one page.
const MOST_INSTANCES: usize = 100_000;

/// Instances kept where a group does not say.
const INSTANCES: usize = 1_000;

/// Bytes that a compiled pattern may take.
const PATTERN_SIZE: usize = 1 << 20;

/// Bytes of a pattern's text.
const PATTERN_BYTES: usize = 4_096;

/// The files that a profile names, by name.
pub(super) type Files = BTreeMap<String, String>;

/// Reads a profile, with the files it names.
pub(super) fn definition(text: &str, files: &Files) -> Result<Definition, Faults> {
    let table = document(text)?;
    let reading = Reading::new(text);
    let definition = Parser {
        reading: &reading,
        files,
        fields: 0,
        patterns: 0,
    }
    .definition(&table);
    reading.finish(definition)
}

/// Returns the names of the files that a profile names, each once.
pub(super) fn file_names(text: &str) -> Result<Vec<String>, Faults> {
    let table = document(text)?;
    let mut names = Vec::new();
    let mut left = vec![&table];
    while let Some(table) = left.pop() {
        for (key, value) in table {
            let key: &str = key.get_ref();
            match value.get_ref() {
                toml::de::DeValue::String(name)
                    if matches!(key, "lookup" | "file") && is_inside(name) =>
                {
                    names.push(name.clone().into_owned());
                }
                toml::de::DeValue::Table(table) => left.push(table),
                toml::de::DeValue::Array(values) => {
                    let tables = values.iter().filter_map(|value| value.get_ref().as_table());
                    left.extend(tables);
                }
                _ => {}
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Says whether a file's name stays in the folder that the profile is in: a profile may be somebody else's.
fn is_inside(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']);
    parts.all(|part| !matches!(part, "" | "." | "..") && !part.contains(':'))
}

/// Parses the TOML of a profile.
fn document(text: &str) -> Result<DeTable<'_>, Faults> {
    let shorter = "write several profiles, or lists of terms into files";
    toml_keys::document(text, "the profile", MOST_BYTES, shorter)
}

struct Parser<'r, 't> {
    reading: &'r Reading<'t>,
    files: &'r Files,
    fields: usize,
    patterns: usize,
}

impl<'r, 't> Parser<'r, 't> {
    fn definition(mut self, table: &'r DeTable<'t>) -> Definition {
        let known = ["description", "applies", "group", "entity"];
        let keys = Keys::new(self.reading, table, 0..0, "a profile", &known);
        let description = keys.text("description").map(|text| text.value);
        let applies = keys
            .table("applies")
            .map(|(table, span)| self.applies(table, span));
        let tables = keys.tables("group");
        if let Some((_, span)) = tables.get(MOST_GROUPS) {
            let message = format!("more than {MOST_GROUPS} groups");
            self.reading.fault(span, message, "write several profiles");
        }
        let mut groups: Vec<Group> = Vec::new();
        for (table, span) in tables.into_iter().take(MOST_GROUPS) {
            let Some(group) = self.group(table, span.clone()) else {
                continue;
            };
            if groups.iter().any(|other| other.name == group.name) {
                let message = format!("a second group `{}`", shown(&group.name));
                self.reading
                    .fault(&span, message, "give it a name of its own");
            }
            groups.push(group);
        }
        let entities = entities::rules(&mut self, &keys);
        Definition {
            description,
            applies: applies.unwrap_or_default(),
            groups,
            entities,
        }
    }

    fn applies(&self, table: &'r DeTable<'t>, span: Range<usize>) -> Applies {
        let known = ["urls", "page_types", "languages"];
        let keys = Keys::new(self.reading, table, span, "[applies]", &known);
        let urls = keys.texts("urls");
        for url in &urls {
            self.check_pattern("urls", url);
        }
        let set = (!urls.is_empty()).then(|| {
            let set = RegexSetBuilder::new(urls.iter().map(|url| &url.value))
                .size_limit(PATTERN_SIZE)
                .build();
            if set.is_err() && urls.len() > 1 {
                let fix = "write fewer, or shorter ones";
                self.reading
                    .fault(&keys.place("urls"), "`urls` are too large together", fix);
            }
            set.ok()
        });
        let languages = keys.texts("languages").into_iter().map(|text| {
            let tag = text.value.to_ascii_lowercase();
            let is_tag =
                (2..=3).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_lowercase());
            if !is_tag {
                let message = format!("\"{}\" is no language", shown(&text.value));
                self.reading.fault(
                    &text.span,
                    message,
                    "write its code in two or three letters, as \"en\"",
                );
            }
            tag
        });
        Applies {
            urls: set.flatten(),
            languages: languages.collect(),
            page_types: keys.words("page_types", &words_of(PageType::ALL, PageType::as_str)),
        }
    }

    fn group(&mut self, table: &'r DeTable<'t>, span: Range<usize>) -> Option<Group> {
        let known = [
            "name", "many", "required", "item", "record", "key", "limit", "field",
        ];
        let keys = Keys::new(self.reading, table, span.clone(), "[[group]]", &known);
        let name = self.name(&keys, "group")?;
        let many = keys.flag("many").unwrap_or(false);
        let item = keys.text("item").and_then(|text| self.selector(&text));
        let records: Vec<String> = keys
            .texts("record")
            .into_iter()
            .map(|text| shortened(&text.value).to_owned())
            .collect();
        if item.is_some() && !records.is_empty() {
            let fix = "keep the one that says where an instance is; write two groups where both are wanted";
            self.reading.fault(
                &keys.key_place("item"),
                "`item` and `record` exclude each other",
                fix,
            );
        }
        if many && item.is_none() && records.is_empty() {
            let fix = "write `item` with the selector of an instance, or `record` with its types";
            self.reading.fault(
                &keys.key_place("many"),
                "nothing says what an instance is",
                fix,
            );
        }
        let group_fields = keys.tables("field");
        let mut fields = Vec::new();
        let mut names = HashSet::new();
        for (table, span) in group_fields {
            self.fields += 1;
            if self.fields > MOST_FIELDS {
                let message = format!("more than {MOST_FIELDS} fields and entities");
                self.reading.fault(&span, message, "write several profiles");
                break;
            }
            if self.reading.is_hopeless() {
                break;
            }
            let reader = FieldReader {
                has_records: !records.is_empty(),
                has_item: item.is_some(),
            };
            let Some(field) = reader.field(self, table, span.clone()) else {
                continue;
            };
            if !names.insert(field.name.clone()) {
                let message = format!("a second field `{}` in group `{name}`", shown(&field.name));
                self.reading
                    .fault(&span, message, "give it a name of its own");
            }
            fields.push(field);
        }
        if fields.is_empty() && keys.get("field").is_none() {
            let message = format!("group `{name}` has no field");
            self.reading
                .fault(&span, message, "write [[group.field]] below it");
        }
        let key = keys.texts("key");
        for one in &key {
            if !names.contains(&one.value) {
                let near = super::keys::nearest(&one.value, names.iter().map(String::as_str));
                let fix = near.map_or("write the name of a field".to_owned(), |near| {
                    format!("write \"{near}\"")
                });
                let message = format!("group `{name}` has no field `{}`", shown(&one.value));
                self.reading.fault(&one.span, message, fix);
            }
        }
        Some(Group {
            name,
            many,
            required: keys.flag("required").unwrap_or(false),
            item,
            records,
            key: key.into_iter().map(|one| one.value).collect(),
            limit: keys.count("limit", MOST_INSTANCES).unwrap_or(INSTANCES),
            fields,
        })
    }

    /// Reads a name: letters, digits, `-` and `_`, because positions and reports are written with it.
    fn name(&self, keys: &Keys<'r, 't>, what: &str) -> Option<String> {
        if keys.get("name").is_none() {
            let message = format!("a {what} without a name");
            self.reading
                .fault(&keys.span, message, "write name = \"…\"");
        }
        let name = keys.text("name")?;
        let is_name = name.value.len() <= 64
            && name
                .value
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if !is_name {
            let message = format!("\"{}\" is no name", shown(&name.value));
            let fix = "write at most 64 bytes of letters, digits, - and _";
            self.reading.fault(&name.span, message, fix);
        }
        Some(name.value)
    }

    fn selector(&self, text: &Placed<String>) -> Option<Selector> {
        match Selector::parse(&text.value) {
            Ok(selector) => Some(selector),
            Err(error) => {
                let at = self.reading.inside(&text.span, error.at);
                self.reading.fault(&at, error.message, error.fix);
                None
            }
        }
    }

    /// Notes what is wrong with a regular expression; says whether it may be compiled.
    fn check_pattern(&self, key: &str, text: &Placed<String>) -> bool {
        let fault = |at: usize, message: String, fix: &str| {
            let at = self.reading.inside(&text.span, at);
            self.reading.fault(&at, message, fix);
        };
        if text.value.len() > PATTERN_BYTES {
            let message = format!("`{key}` has more than {PATTERN_BYTES} bytes");
            fault(0, message, "write a shorter pattern, or several");
            return false;
        }
        let (at, what) = match regex_syntax::Parser::new().parse(&text.value) {
            Ok(_) => return true,
            Err(regex_syntax::Error::Parse(error)) => {
                (error.span().start.offset, error.kind().to_string())
            }
            Err(regex_syntax::Error::Translate(error)) => {
                (error.span().start.offset, error.kind().to_string())
            }
            Err(other) => (0, other.to_string()),
        };
        let fix = "write a regular expression as https://docs.rs/regex has it, best in single quotation marks";
        fault(at, what, fix);
        false
    }

    /// Compiles a regular expression, in which upper and lower case differ where `case` says so.
    fn pattern(&mut self, key: &str, text: &Placed<String>, case: bool) -> Option<regex::Regex> {
        const MOST: usize = 200;
        if !self.check_pattern(key, text) {
            return None;
        }
        self.patterns += 1;
        if self.patterns > MOST {
            let message = format!("more than {MOST} patterns");
            self.reading
                .fault(&text.span, message, "write several profiles");
            return None;
        }
        let built = regex::RegexBuilder::new(&text.value)
            .case_insensitive(!case)
            .size_limit(PATTERN_SIZE)
            .dfa_size_limit(PATTERN_SIZE)
            .build();
        if built.is_err() {
            let fix = "write fewer or smaller repetitions";
            self.reading.fault(
                &text.span,
                format!("`{key}` is too large when compiled"),
                fix,
            );
        }
        built.ok()
    }

    /// Reads the rows of a file that the profile names.
    fn rows(&self, name: &Placed<String>) -> Option<Vec<lookup::Row>> {
        if !is_inside(&name.value) {
            let message = format!("file \"{}\" is not beside the profile", shown(&name.value));
            let fix = "put it into the profile's folder, and write its name alone";
            self.reading.fault(&name.span, message, fix);
            return None;
        }
        let Some(text) = self.files.get(&name.value) else {
            let message = format!("file \"{}\" was not read", shown(&name.value));
            self.reading
                .fault(&name.span, message, "put it beside the profile");
            return None;
        };
        match lookup::rows(&name.value, text) {
            Ok(rows) => Some(rows),
            Err(error) => {
                self.reading.fault_of_file(error);
                None
            }
        }
    }
}

/// Returns the words that a key may be.
fn words_of<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| as_str(*one)).collect()
}

#[cfg(test)]
mod tests;
