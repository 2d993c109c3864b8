//! JSON that is sound, broken, deep and long.

use serde_json::Value;

use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
use crate::model::{Gap, Reason};

fn extract(media_type: &str, body: &str) -> PageExtraction {
    extract_page(
        &PageInput {
            uri: "https://example.com/data",
            media_type,
            charset: "UTF-8",
            body: body.as_bytes(),
        },
        &Profile::default_profile(),
    )
}

fn json(body: &str) -> PageExtraction {
    extract("application/json", body)
}

/// Returns each part of the content with its place.
fn places(found: &PageExtraction) -> Vec<(String, String)> {
    let content = &found.items[0];
    let places = content.data["blocks"].as_array().unwrap();
    let at = |value: &Value| value.as_u64().unwrap() as usize;
    let part = |place: &Value| content.text[at(&place["start"])..at(&place["end"])].to_owned();
    let named = |place: &Value| place["locator"].as_str().unwrap().to_owned();
    places.iter().map(|one| (named(one), part(one))).collect()
}

#[test]
fn each_value_has_its_path() {
    let found = json(
        r#"{"title": "Mill", "size": {"in metres": [1.5, -2e3]}, "it's": "a\u00e9\u0000b",
            "on": true, "none": null, "empty": [{}, []]}"#,
    );
    let shown = places(&found);
    let shown: Vec<_> = shown
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("$.title", "Mill"),
            ("$.size['in metres'][0]", "1.5"),
            ("$.size['in metres'][1]", "-2e3"),
            ("$['it\\'s']", "aé\u{fffd}b"),
        ]
    );
    assert_eq!(found.items[1].data["title"], "Mill");
    assert_eq!(found.gaps, []);
    assert_eq!(json("\u{feff}\"alone\"").items[0].text, "alone");
}

#[test]
fn what_stands_before_a_fault_is_read() {
    for (body, text, at, left) in [
        (r#"{"a": "one", "b": "tw"#, "one", 18, 3),
        (r#"["one", two]"#, "one", 8, 4),
        (r#"["one"} ]"#, "one", 6, 3),
        (r#"{"a": "one" "b"}"#, "one", 12, 4),
        (r#"["one"] more"#, "one", 8, 4),
        (r#"["one", {"a"}]"#, "one", 12, 2),
    ] {
        let found = json(body);
        assert_eq!(found.items[0].text, text, "{body}");
        let [gap] = found.gaps.as_slice() else {
            panic!("{body}: {:?}", found.gaps)
        };
        assert_eq!(gap.reason, Reason::DocumentInvalid, "{body}");
        assert_eq!(gap.position, at.to_string(), "{body}");
        let begin = format!("{left} bytes not read: ");
        assert!(gap.detail.starts_with(&begin), "{body}: {}", gap.detail);
    }
    assert_eq!(json("").gaps[0].reason, Reason::DocumentInvalid);
    assert_eq!(json("[]").gaps[0].reason, Reason::NoContent);
}

#[test]
fn what_is_too_deep_or_too_much_is_told_with_its_bytes() {
    let deep = format!(
        "[\"top\", {}\"x\"{}, \"end\"]",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let found = json(&deep);
    assert_eq!(found.items[0].text, "top\nend");
    let detail = "199605 bytes not read: they are nested deeper than 200 levels";
    assert_eq!(found.gaps, [Gap::at(Reason::DocumentCut, "207", detail)]);
    assert_eq!(
        json(&"[".repeat(100_000)).gaps[0].reason,
        Reason::DocumentInvalid
    );

    let many = format!("[{}\"last\"]", "1,".repeat(20_000));
    let found = json(&many);
    assert_eq!(places(&found).len(), 20_000);
    let detail = "7 bytes not read: the document holds more than 20000 values";
    assert_eq!(found.gaps, [Gap::at(Reason::DocumentCut, "40001", detail)]);
}

#[test]
fn a_broken_line_costs_itself() {
    let found = extract(
        "application/x-ndjson",
        "{\"a\": 1}\n\n{\"a\": \n{\"a\": \"x\"}\n",
    );
    let shown = places(&found);
    assert_eq!(shown[0], ("line 1: $.a".to_owned(), "1".to_owned()));
    assert_eq!(shown[1], ("line 4: $.a".to_owned(), "x".to_owned()));
    assert_eq!(found.gaps.len(), 1);
    assert_eq!(found.gaps[0].position, "17");
}
