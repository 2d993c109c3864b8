//! What the names in a JSON-LD block stand for, as far as the block itself says: no context is fetched.
//!
//! schema.org's context is known by its address; any other remote one leaves names as they are written.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::extract::records::names::{is_schema_org, shortened};

/// The terms in force at one node: its own, then those around it.
///
/// A chain instead of a copy: a thousand nodes inside a thousand terms would be a million terms.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Context {
    vocabulary: Option<String>,
    terms: HashMap<String, String>,
    outer: Option<Rc<Context>>,
}

impl Context {
    /// Returns the context of a node inside `outer` that declares `declared`.
    pub fn within(outer: &Rc<Self>, declared: Option<&Value>) -> Rc<Self> {
        let Some(declared) = declared else {
            return outer.clone();
        };
        let mut context = Self {
            vocabulary: outer.vocabulary.clone(),
            terms: HashMap::new(),
            outer: Some(outer.clone()),
        };
        let mut left = vec![declared];
        while let Some(declared) = left.pop() {
            match declared {
                Value::Null => context = Self::default(),
                Value::Array(items) => left.extend(items.iter().rev()),
                Value::String(address) if is_schema_org(address) => context.vocabulary = None,
                Value::Object(terms) => context.define(terms),
                _ => {}
            }
        }
        let says_nothing = context.terms.is_empty()
            && context.outer.is_some()
            && context.vocabulary == outer.vocabulary;
        if says_nothing {
            return outer.clone();
        }
        Rc::new(context)
    }

    fn term(&self, name: &str) -> Option<&str> {
        let chain = std::iter::successors(Some(self), |context| context.outer.as_deref());
        chain
            .filter_map(|context| context.terms.get(name))
            .map(String::as_str)
            .next()
    }

    fn define(&mut self, terms: &Map<String, Value>) {
        match terms.get("@vocab") {
            Some(Value::String(address)) if !is_schema_org(address) => {
                self.vocabulary = Some(address.trim().to_owned());
            }
            Some(_) => self.vocabulary = None,
            None => {}
        }
        for (term, meaning) in terms {
            let meaning = match meaning {
                Value::String(meaning) => Some(meaning.as_str()),
                Value::Object(definition) => definition.get("@id").and_then(Value::as_str),
                _ => None,
            };
            if let Some(meaning) = meaning
                && !term.starts_with('@')
            {
                self.terms.insert(term.clone(), meaning.trim().to_owned());
            }
        }
    }

    /// Returns the keyword, the bare name of schema.org or the whole address that a name stands for.
    pub fn name(&self, name: &str) -> String {
        let name = name.trim();
        let meant = self.term(name).unwrap_or(name);
        if meant.starts_with('@') {
            return meant.to_owned();
        }
        match meant.split_once(':') {
            Some((prefix, rest)) if !rest.starts_with("//") => {
                let address = self.term(prefix);
                let whole = address.map(|address| format!("{address}{rest}"));
                shortened(whole.as_deref().unwrap_or(meant)).to_owned()
            }
            Some(_) => shortened(meant).to_owned(),
            None => {
                let vocabulary = self.vocabulary.as_deref().unwrap_or_default();
                format!("{vocabulary}{meant}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_read_by_the_contexts_around_them() {
        let outer = Rc::new(Context::default());
        let gr = "http://purl.org/goodrelations/v1#";
        let other = Context::within(
            &outer,
            Some(
                &json!(["https://schema.org", {"@vocab": "http://x.example/", "id": "@id",
                "s": "http://schema.org/", "named": {"@id": "s:name"}, "shop": gr}]),
            ),
        );
        for (name, meant) in [
            ("Thing", "http://x.example/Thing"),
            ("id", "@id"),
            ("s:Product", "Product"),
            ("named", "name"),
            ("shop:Offering", "http://purl.org/goodrelations/v1#Offering"),
            ("odd:name", "odd:name"),
            ("http://schema.org/url", "url"),
        ] {
            assert_eq!(other.name(name), meant);
        }
        let inner = Context::within(&other, Some(&json!("http://schema.org/")));
        assert_eq!(inner.name("Thing"), "Thing");
        assert_eq!(inner.name("id"), "@id");
        let none = Context::within(&inner, Some(&json!(null)));
        assert_eq!(none.name("id"), "id");
        assert!(Rc::ptr_eq(&outer, &Context::within(&outer, None)));
    }
}
