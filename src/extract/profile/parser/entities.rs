//! `[[entity]]`, read: terms or a pattern, and how they are compared. What they find is the entities' room.

use super::{MOST_FIELDS, Parser};
use crate::extract::profile::definition::EntityRule;
use crate::extract::profile::keys::{Keys, shown};

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
    let is_word = entity_type.value.len() <= 64
        && entity_type
            .value
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_');
    if !is_word {
        let message = format!("\"{}\" is no type", shown(&entity_type.value));
        let fix = "write at most 64 bytes of letters, digits and _";
        reading.fault(&entity_type.span, message, fix);
    }
    let mut terms: Vec<_> = keys
        .texts("terms")
        .into_iter()
        .map(|term| (term.value, None))
        .collect();
    if let Some(file) = keys.text("file")
        && let Some(rows) = parser.rows(&file)
    {
        terms.extend(rows.into_iter().map(|row| (row.term, row.form)));
    }
    let pattern = keys
        .text("pattern")
        .filter(|text| parser.pattern("pattern", text).is_some());
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
    Some(EntityRule {
        entity_type: entity_type.value,
        terms,
        pattern: pattern.map(|text| text.value),
        case: keys.flag("case").unwrap_or(false),
        whole_words: keys.flag("whole_words").unwrap_or(true),
        normalize: normalize.map(|text| text.value),
    })
}
