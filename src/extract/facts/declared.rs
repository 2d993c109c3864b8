//! Facts that records declare as such: schema.org's `additionalProperty`, wherever in a record it stands.

use serde_json::{Map, Value};

use super::{ATTRIBUTE_BYTES, Fact, Origin, VALUE_BYTES};
use crate::extract::records::Record;

/// Returns the facts of all records, in their order.
pub(super) fn facts(records: &[Record]) -> impl Iterator<Item = Fact> {
    records.iter().flat_map(|record| {
        let mut facts = Vec::new();
        let mut left = vec![&record.properties];
        while let Some(properties) = left.pop() {
            let subject = text_of(properties, "name");
            for (name, values) in properties {
                let inner = values.as_array().into_iter().flatten();
                let inner = inner.filter_map(|value| value.get("properties")?.as_object());
                if name == "additionalProperty" {
                    let locator = record.locators.first();
                    facts.extend(inner.filter_map(|one| fact(one, subject.as_ref(), locator)));
                } else {
                    left.extend(inner);
                }
            }
        }
        facts
    })
}

/// Reads one `PropertyValue`; the unit is the record's own word, or its UN/CEFACT code.
fn fact(
    properties: &Map<String, Value>,
    subject: Option<&String>,
    locator: Option<&String>,
) -> Option<Fact> {
    let attribute = text_of(properties, "name").or_else(|| text_of(properties, "propertyID"))?;
    let range = || {
        let least = text_of(properties, "minValue")?;
        Some(format!("{least}–{}", text_of(properties, "maxValue")?))
    };
    let value = text_of(properties, "value").or_else(range)?;
    if attribute.len() > ATTRIBUTE_BYTES || value.len() > VALUE_BYTES {
        return None;
    }
    let declared = text_of(properties, "unitText").or_else(|| text_of(properties, "unitCode"));
    let quantity = super::quantity(&value);
    let (bare, unit) = match declared {
        Some(unit) => (value.clone(), Some(unit)),
        None => (quantity.value.to_owned(), quantity.unit.map(str::to_owned)),
    };
    Some(Fact {
        origin: Origin::Record,
        subject: subject.cloned(),
        attribute,
        text: value,
        value: bare,
        unit,
        span: None,
        locator: locator.cloned(),
    })
}

/// Returns the first value of a property, if it is a text, a number or a boolean.
fn text_of(properties: &Map<String, Value>, name: &str) -> Option<String> {
    let value = properties.get(name)?.as_array()?.first()?;
    let value = value.get("value").unwrap_or(value);
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
