//! One `[[group.field]]`, read: its keys, and which of them do not go together.

use std::ops::Range;

use regex::Regex;
use serde_json::Value;
use toml::de::DeTable;

use super::{Parser, words_of};
use crate::extract::profile::definition::{Bound, Field, FieldType, Merge, MetadataKey};
use crate::extract::profile::keys::{Keys, Placed, nearest, shown};
use crate::extract::profile::lookup::{Lookup, folded};
use crate::extract::profile::path::Path;

const KEYS: &[&str] = &[
    "name",
    "type",
    "selector",
    "attribute",
    "pattern",
    "json_ld",
    "labels",
    "metadata",
    "ask",
    "required",
    "default",
    "min",
    "max",
    "allowed",
    "lookup",
    "separator",
    "merge",
];

/// Names that a pattern's groups may have.
const PATTERN_GROUPS: &[&str] = &["value", "unit", "currency"];

/// What the group says that a field stands in.
pub(super) struct FieldReader {
    pub has_records: bool,
    pub has_item: bool,
}

impl FieldReader {
    pub fn field<'r, 't>(
        &self,
        parser: &mut Parser<'r, 't>,
        table: &'r DeTable<'t>,
        span: Range<usize>,
    ) -> Option<Field> {
        let reading = parser.reading;
        let keys = Keys::new(reading, table, span, "[[group.field]]", KEYS);
        let name = parser.name(&keys, "field")?;
        let types = words_of(FieldType::ALL, FieldType::as_str);
        let kind = keys.word("type", &types).unwrap_or(FieldType::Text);
        let selectors = keys.texts("selector");
        let pattern = keys.text("pattern");
        let pattern =
            pattern.and_then(|text| Some((parser.pattern("pattern", &text, true)?, text)));
        if let Some((pattern, text)) = &pattern {
            check_groups(&keys, pattern, text);
        }
        let lookup = keys.text("lookup");
        let field = Field {
            name,
            kind,
            selectors: selectors
                .iter()
                .filter_map(|text| parser.selector(text))
                .collect(),
            attribute: keys
                .text("attribute")
                .map(|text| text.value.to_ascii_lowercase()),
            pattern: pattern.map(|(pattern, _)| pattern),
            paths: self.paths(&keys),
            labels: labels(&keys),
            metadata: keys.words("metadata", &words_of(MetadataKey::ALL, MetadataKey::as_str)),
            ask: keys.text("ask").map(|text| text.value),
            required: keys.flag("required").unwrap_or(false),
            default: default(&keys, kind),
            min: bound(&keys, "min", kind),
            max: bound(&keys, "max", kind),
            allowed: keys
                .texts("allowed")
                .into_iter()
                .map(|text| text.value)
                .collect(),
            lookup: lookup.as_ref().and_then(|name| lookup_of(parser, name)),
            separator: keys.text("separator").map(|text| text.value),
            merge: merge(&keys, kind),
        };
        check(&keys, &field);
        Some(field)
    }

    fn paths(&self, keys: &Keys<'_, '_>) -> Vec<Path> {
        let texts = keys.texts("json_ld");
        let paths = texts
            .iter()
            .filter_map(|text| match Path::parse(&text.value) {
                Ok(path) => {
                    if self.has_item {
                        let fix =
                            "use `record` in place of `item`, or a selector in place of the path";
                        let message = "`json_ld` does not go with the group's `item`";
                        keys.reading.fault(&text.span, message, fix);
                    } else if !self.has_records && !path.is_of_head() {
                        let fix =
                            "write record = [\"…\"] in the group, with the types of the records";
                        let message = "`json_ld` needs to know which records are meant";
                        keys.reading.fault(&text.span, message, fix);
                    }
                    Some(path)
                }
                Err((at, message)) => {
                    let at = keys.reading.inside(&text.span, at);
                    let fix = "write names of properties with points between, as \"offers.price\"";
                    keys.reading.fault(&at, message, fix);
                    None
                }
            });
        paths.collect()
    }
}

fn labels(keys: &Keys<'_, '_>) -> Vec<String> {
    let labels = keys.texts("labels").into_iter();
    labels
        .map(|label| folded(label.value.trim_end_matches([':', '：'])))
        .collect()
}

fn check_groups(keys: &Keys<'_, '_>, pattern: &Regex, text: &Placed<String>) {
    for name in pattern.capture_names().flatten() {
        if !PATTERN_GROUPS.contains(&name) {
            let near = nearest(name, PATTERN_GROUPS.iter().copied()).unwrap_or("value");
            let message = format!("unknown group `{}` in the pattern", shown(name));
            let fix = format!(
                "name it `{near}`; a pattern has (?<value>…), (?<unit>…) and (?<currency>…)"
            );
            keys.reading.fault(&text.span, message, fix);
        }
    }
}

fn lookup_of(parser: &Parser<'_, '_>, name: &Placed<String>) -> Option<Lookup> {
    match Lookup::new(&name.value, parser.rows(name)?) {
        Ok(lookup) => Some(lookup),
        Err(error) => {
            parser.reading.fault_of_file(error);
            None
        }
    }
}

fn merge(keys: &Keys<'_, '_>, kind: FieldType) -> Merge {
    let given = keys.word("merge", &words_of(Merge::ALL, Merge::as_str));
    let is_ordered = matches!(
        kind,
        FieldType::Integer
            | FieldType::Float
            | FieldType::Money
            | FieldType::Quantity
            | FieldType::Date
    );
    if matches!(given, Some(Merge::Min | Merge::Max)) && !is_ordered {
        let message = format!("a {kind} has neither a least nor a greatest");
        let fix = "write merge = \"best\", or another type";
        keys.reading.fault(&keys.place("merge"), message, fix);
    }
    given.unwrap_or(match kind {
        FieldType::List => Merge::All,
        _ => Merge::Best,
    })
}

fn bound(keys: &Keys<'_, '_>, key: &str, kind: FieldType) -> Option<Bound> {
    let given = keys.any(key)?;
    let bound = match (&given.value, kind) {
        (Value::String(text), FieldType::Date) => {
            jiff::civil::Date::strptime("%Y-%m-%d", text.get(..10).unwrap_or(text))
                .ok()
                .map(|_| Bound::Date(text.clone()))
        }
        (_, FieldType::Date | FieldType::Boolean | FieldType::Enum | FieldType::Url) => None,
        (Value::Number(number), _) => number.as_f64().map(Bound::Number),
        _ => None,
    };
    if bound.is_none() {
        let (message, fix) = match kind {
            FieldType::Date => (
                format!("`{key}` of a date is a date"),
                "write it as 2024-12-31",
            ),
            FieldType::Boolean | FieldType::Enum | FieldType::Url => {
                (format!("a {kind} has no `{key}`"), "take it away")
            }
            _ => (format!("`{key}` must be a number"), "write a number"),
        };
        keys.reading.fault(&given.span, message, fix);
    }
    bound
}

fn default(keys: &Keys<'_, '_>, kind: FieldType) -> Option<Value> {
    let given = keys.any("default")?;
    let fits = match kind {
        FieldType::Integer => given.value.is_i64(),
        FieldType::Float | FieldType::Money | FieldType::Quantity => given.value.is_number(),
        FieldType::Boolean => given.value.is_boolean(),
        FieldType::List => given
            .value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
        _ => given.value.is_string(),
    };
    if !fits {
        let wanted = match kind {
            FieldType::Integer => "a whole number",
            FieldType::Float | FieldType::Money | FieldType::Quantity => "a number",
            FieldType::Boolean => "true or false",
            FieldType::List => "a list of strings",
            _ => "a string",
        };
        let message = format!("the default of a {kind} is {wanted}");
        keys.reading
            .fault(&given.span, message, format!("write {wanted}"));
    }
    Some(given.value)
}

/// Notes which keys do not go together.
fn check(keys: &Keys<'_, '_>, field: &Field) {
    let fault = |key: &str, message: &str, fix: &str| {
        keys.reading.fault(&keys.key_place(key), message, fix);
    };
    let has = |key: &str| keys.get(key).is_some();
    let has_source = field.has_evidence() || field.ask.is_some() || field.default.is_some();
    let names_source = ["selector", "pattern", "json_ld", "labels", "metadata"];
    if !has_source && !names_source.iter().any(|key| has(key)) {
        let message = format!("nothing says where field `{}` is", field.name);
        let fix = "write selector, json_ld, labels, pattern, metadata or ask";
        keys.reading.fault(&keys.span, message, fix);
    }
    if has("attribute") && !has("selector") {
        fault(
            "attribute",
            "`attribute` goes with `selector`",
            "write the selector of the element that has it",
        );
    }
    if has("default") && field.required {
        let fix = "keep one: what is required is a gap where it is missing, a default hides that";
        fault(
            "default",
            "`default` and `required` exclude each other",
            fix,
        );
    }
    if field.kind == FieldType::Enum && !has("allowed") && !has("lookup") {
        fault(
            "type",
            "an enum needs to know its words",
            "write allowed = [\"…\", \"…\"] or lookup = \"….csv\"",
        );
    }
    if has("allowed")
        && !matches!(
            field.kind,
            FieldType::Enum | FieldType::Text | FieldType::List
        )
    {
        fault(
            "allowed",
            "`allowed` goes with text, enum and list",
            "write min and max, or another type",
        );
    }
    if has("separator") && field.kind != FieldType::List {
        fault(
            "separator",
            "`separator` goes with lists",
            "write type = \"list\"",
        );
    }
    match (&field.min, &field.max) {
        (Some(Bound::Number(min)), Some(Bound::Number(max))) if min > max => {
            fault("min", "`min` is greater than `max`", "exchange them");
        }
        (Some(Bound::Date(min)), Some(Bound::Date(max))) if min > max => {
            fault("min", "`min` is later than `max`", "exchange them");
        }
        _ => {}
    }
}
