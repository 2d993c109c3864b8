//! Paths into records: names of properties joined by points, as in `offers.price`.
//!
//! Walks the stored form of records, whatever syntax they were written in. A name with a colon, as in
//! `og:price:amount`, is one that a page's head uses, and is looked for there.

use serde_json::{Map, Value};

/// Steps of one path.
const MOST_STEPS: usize = 16;

/// Values that one path may find in one record.
const MOST_VALUES: usize = 1_000;

/// The way to a value in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    steps: Vec<String>,
    written: String,
}

/// A value, and the properties that stand beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AtPath<'v> {
    pub value: String,
    /// Of the record that holds it.
    pub beside: &'v Map<String, Value>,
}

impl Path {
    /// Reads a path; the fault is told with the byte it is at.
    pub fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut at = 0;
        for step in text.split('.') {
            if step.is_empty() {
                return Err((at, "a name of a property is missing"));
            }
            if let Some(bad) =
                step.find(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '/' | '*' | '$'))
            {
                return Err((
                    at + bad,
                    "only names of properties and points can stand in a path",
                ));
            }
            at += step.len() + 1;
        }
        let steps: Vec<_> = text.split('.').map(str::to_owned).collect();
        if steps.len() > MOST_STEPS {
            return Err((0, "the path has more than 16 steps"));
        }
        Ok(Self {
            steps,
            written: text.to_owned(),
        })
    }

    /// Returns the path as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Says whether it begins with a name that a page's head uses.
    pub fn is_of_head(&self) -> bool {
        self.steps.first().is_some_and(|step| step.contains(':'))
    }

    /// Returns the values below `properties`, in order; of a record what it is called, or where it is.
    pub fn values<'v>(
        &self,
        properties: &'v Map<String, Value>,
        wants_address: bool,
    ) -> Vec<AtPath<'v>> {
        let mut found = Vec::new();
        let mut level = vec![properties];
        let Some((last, before)) = self.steps.split_last() else {
            return found;
        };
        for step in before {
            let mut next = Vec::new();
            for properties in level {
                let values = properties.get(step).and_then(Value::as_array);
                let records = values.into_iter().flatten();
                next.extend(records.filter_map(|value| value.get("properties")?.as_object()));
                if next.len() > MOST_VALUES {
                    break;
                }
            }
            level = next;
        }
        for beside in level {
            let values = beside.get(last).and_then(Value::as_array);
            for value in values.into_iter().flatten() {
                if found.len() == MOST_VALUES {
                    return found;
                }
                if let Some(value) = text_of(value, wants_address) {
                    found.push(AtPath { value, beside });
                }
            }
        }
        found
    }
}

/// Returns a value as a text; of a record what it is called or says, or where it is.
fn text_of(value: &Value, wants_address: bool) -> Option<String> {
    const NAMES: &[&str] = &["name", "headline", "text", "value"];
    const ADDRESSES: &[&str] = &["url", "contentUrl", "item"];
    let Some(object) = value
        .as_object()
        .filter(|object| !object.contains_key("value"))
    else {
        return scalar(value);
    };
    let names = if wants_address { ADDRESSES } else { NAMES };
    let properties = object.get("properties").and_then(Value::as_object);
    let named = properties.and_then(|properties| {
        names.iter().find_map(|name| {
            let values = properties.get(*name)?.as_array()?;
            values.iter().find_map(scalar)
        })
    });
    named.or_else(|| scalar(object.get("id").filter(|_| wants_address)?))
}

fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Object(object) => return scalar(object.get("value")?),
        Value::Null | Value::Array(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_goes_through_every_record_on_its_way() {
        let record = json!({
            "name": ["Mill"],
            "brand": [{"types": ["Brand"], "properties": {"name": ["Ax"], "url": ["https://ax.example/"]}}],
            "offers": [
                {"types": ["Offer"], "properties": {"price": [12.5], "priceCurrency": ["EUR"]}},
                {"types": ["Offer"], "properties": {"price": ["13"]}},
                "no record"
            ],
            "weight": [{"value": "3", "datatype": "x"}],
        });
        let properties = record.as_object().unwrap();
        let of = |path: &str| {
            let values = Path::parse(path).unwrap().values(properties, false);
            values.into_iter().map(|at| at.value).collect::<Vec<_>>()
        };
        assert_eq!(of("name"), ["Mill"]);
        assert_eq!(of("brand"), ["Ax"]);
        assert_eq!(of("brand.url"), ["https://ax.example/"]);
        assert_eq!(of("offers.price"), ["12.5", "13"]);
        assert_eq!(of("weight"), ["3"]);
        assert!(of("none.price").is_empty());
        let path = Path::parse("offers.price").unwrap();
        assert_eq!(
            path.values(properties, false)[0].beside["priceCurrency"],
            json!(["EUR"])
        );
    }

    #[test]
    fn a_fault_has_its_place() {
        assert_eq!(Path::parse("offers..price").unwrap_err().0, 7);
        assert_eq!(Path::parse("offers[0].price").unwrap_err().0, 6);
        assert!(Path::parse("og:price:amount").unwrap().is_of_head());
    }
}
