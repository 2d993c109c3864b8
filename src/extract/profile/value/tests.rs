//! Values of each type, and what the rules of a field refuse.

use std::collections::BTreeMap;

use super::*;
use crate::extract::profile::parser;

/// Reads a value by a field that is written in TOML.
fn by(field: &str, text: &str) -> Result<Typed, Refusal> {
    let profile =
        format!("[[group]]\nname = 'g'\n[[group.field]]\nname = 'f'\nlabels = 'f'\n{field}");
    let files = BTreeMap::from([("c.csv".to_owned(), "rot,red\nblau,blue".to_owned())]);
    let definition = parser::definition(&profile, &files).unwrap();
    let base = Url::parse("https://example.com/a/b").unwrap();
    let surroundings = Surroundings {
        language: Some("en"),
        base: Some(&base),
    };
    let written = Written {
        text,
        ..Written::default()
    };
    read(&definition.groups[0].fields[0], written, surroundings)
}

#[test]
fn each_type_has_its_form() {
    for (field, text, value) in [
        ("type = 'text'", " a \n b ", json!("a b")),
        ("type = 'integer'", "1,234 pieces", json!(1234)),
        ("type = 'float'", "4.50", json!(4.5)),
        ("type = 'boolean'", "Yes", json!(true)),
        ("type = 'boolean'", "nein", json!(false)),
        (
            "type = 'enum'\nallowed = ['In Stock', 'Sold out']",
            "in  stock",
            json!("In Stock"),
        ),
        (
            "type = 'enum'\nallowed = ['InStock']",
            "https://schema.org/InStock",
            json!("InStock"),
        ),
        ("type = 'enum'\nlookup = 'c.csv'", "ROT", json!("red")),
        ("type = 'date'", "2024-03-12", json!("2024-03-12")),
        (
            "type = 'date'",
            "2024-03-12T10:00:00+01:00",
            json!("2024-03-12T10:00:00+01:00"),
        ),
        (
            "type = 'date'",
            "2024-03-12 10:00",
            json!("2024-03-12T10:00:00"),
        ),
        ("type = 'date'", "March 12, 2024", json!("2024-03-12")),
        ("type = 'date'", "2024", json!("2024")),
        (
            "type = 'url'",
            "../c?d#e",
            json!("https://example.com/c?d#e"),
        ),
        (
            "type = 'summary'\nmax = 10",
            "It is. It was.",
            json!("It is."),
        ),
    ] {
        assert_eq!(by(field, text).unwrap().value, value, "{field} {text}");
    }
    let price = by("type = 'money'", "now 1.299,00 €").unwrap();
    assert_eq!(
        (price.value, price.currency.as_deref()),
        (json!(1299.0), Some("EUR"))
    );
    let weight = by("type = 'quantity'", "about 2.5 kg").unwrap();
    assert_eq!(
        (weight.value, weight.unit.as_deref()),
        (json!(2.5), Some("kg"))
    );
}

#[test]
fn what_is_not_of_the_type_is_unparsable() {
    for (field, text) in [
        ("type = 'integer'", "4.5"),
        ("type = 'integer'", "three"),
        ("type = 'float'", "4 of 5"),
        ("type = 'boolean'", "perhaps"),
        ("type = 'date'", "03/04/2024"),
        ("type = 'date'", "2024-02-31"),
        ("type = 'url'", "javascript:void(0)"),
        ("type = 'money'", "was $20, now $15"),
        ("type = 'quantity'", "10–20 kg"),
    ] {
        let refusal = by(field, text).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Unparsable(_)),
            "{field} {text}: {refusal:?}"
        );
    }
}

#[test]
fn what_the_rules_exclude_is_invalid() {
    for (field, text) in [
        ("type = 'integer'\nmin = 1", "0"),
        ("type = 'float'\nmax = 5", "5.1"),
        ("type = 'text'\nmax = 3", "four"),
        ("type = 'text'\nmin = 3", "no"),
        ("type = 'text'\nallowed = ['a', 'b']", "c"),
        ("type = 'text'\nlookup = 'c.csv'", "green"),
        ("type = 'date'\nmin = 2024-01-01", "2023-12-31"),
        ("type = 'date'\nmax = '2024-01-01'", "2024-01-02"),
    ] {
        let refusal = by(field, text).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Invalid(_)),
            "{field} {text}: {refusal:?}"
        );
    }
    assert!(by("type = 'date'\nmax = 2024-01-01", "2024-01-01T23:00:00").is_ok());
}
