//! `[[entity]]`, read: terms or a pattern, and how they are compared. What they find is the entities' room.

use regex::Regex;

use super::{MOST_FIELDS, Parser};
use crate::extract::entities::MOST_RULE_BYTES as MOST_BYTES;
use crate::extract::profile::definition::EntityRule;
use crate::extract::profile::keys::{Keys, shown};
use crate::model::EntityType;
use crate::toml_keys::Fault;

/// Reads every rule of a profile.
pub(super) fn rules<'r, 't>(parser: &mut Parser<'r, 't>, keys: &Keys<'r, 't>) -> Vec<EntityRule> {
    let mut rules = Vec::new();
    for (table, span) in keys.tables("entity") {
        parser.fields += 1;
        if parser.fields > MOST_FIELDS {
            let message = format!("more than {MOST_FIELDS} fields and entities");
            parser.reading.fault(
                &span,
                message,
                "write several profiles, or terms into a file",
            );
            break;
        }
        let known = [
            "type",
            "terms",
            "file",
            "case",
            "whole_words",
            "pattern",
            "normalize",
        ];
        let keys = Keys::new(parser.reading, table, span, "[[entity]]", &known);
        rules.extend(rule(parser, &keys));
    }
    rules
}

fn rule<'r, 't>(parser: &mut Parser<'r, 't>, keys: &Keys<'r, 't>) -> Option<EntityRule> {
    let reading = parser.reading;
    if keys.get("type").is_none() {
        reading.fault(&keys.span, "an entity without a type", "write type = \"…\"");
    }
    let entity_type = keys.text("type")?;
    let known_type = entity_type.value.parse::<EntityType>();
    if known_type.is_err() {
        let message = format!("\"{}\" is no type", shown(&entity_type.value));
        let fix = "write at most 64 bytes of letters, digits and _";
        reading.fault(&entity_type.span, message, fix);
    }
    let mut terms = Vec::new();
    for term in keys.texts("terms") {
        let text = folded(&term.value);
        if text.len() > MOST_BYTES {
            let message = format!("a term has more than {MOST_BYTES} bytes");
            reading.fault(&term.span, message, "write a shorter one");
        }
        terms.push((text, None));
    }
    if let Some(file) = keys.text("file")
        && let Some(rows) = parser.rows(&file)
    {
        for row in rows {
            let text = folded(&row.term);
            if text.len() > MOST_BYTES {
                reading.fault_of_file(Fault {
                    file: Some(file.value.clone()),
                    line: row.line,
                    column: 1,
                    message: format!("the term has more than {MOST_BYTES} bytes"),
                    fix: "write a shorter one".to_owned(),
                });
            }
            terms.push((text, row.form.as_deref().map(folded)));
        }
    }
    let case = keys.flag("case").unwrap_or(false);
    let pattern = keys
        .text("pattern")
        .and_then(|text| parser.pattern("pattern", &text, case));
    let has_terms = keys.get("terms").is_some() || keys.get("file").is_some();
    match (has_terms, keys.get("pattern").is_some()) {
        (false, false) => {
            let message = "nothing says what the entity is called";
            reading.fault(&keys.span, message, "write terms, file or pattern");
        }
        (true, true) => {
            let message = "`pattern` goes without `terms` and `file`";
            reading.fault(&keys.key_place("pattern"), message, "write two [[entity]]");
        }
        _ => {}
    }
    let normalize = keys.text("normalize");
    if let Some(normalize) = &normalize
        && has_terms
    {
        let message = "`normalize` goes with `pattern`";
        let fix = "write the form of a term behind a comma in the file";
        reading.fault(&normalize.span, message, fix);
    }
    if let (Some(normalize), Some(pattern)) = (&normalize, &pattern)
        && let Some(unknown) = unknown_group(&normalize.value, pattern)
    {
        let message = format!("`pattern` has no group \"{}\"", shown(&unknown));
        let fix = "write ${name} for a group (?<name>…), and $$ for a dollar sign";
        reading.fault(&normalize.span, message, fix);
    }
    Some(EntityRule {
        entity_type: known_type.ok()?,
        terms,
        pattern,
        case,
        whole_words: keys.flag("whole_words").unwrap_or(true),
        normalize: normalize.map(|text| text.value),
    })
}

/// Folds white space: texts hold single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the first group that a template names and a pattern does not have.
fn unknown_group(template: &str, pattern: &Regex) -> Option<String> {
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            rest = behind;
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = rest.strip_prefix('{').map_or_else(
            || &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())],
            |braced| braced.split('}').next().unwrap_or_default(),
        );
        let is_known = match name.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => pattern.capture_names().flatten().any(|known| known == name),
        };
        if !is_known {
            return Some(name.to_owned());
        }
    }
    None
}
