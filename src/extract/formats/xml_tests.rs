//! XML that is sound, broken, deep and full of entities.

use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
use crate::model::{Gap, Reason};

fn extract(body: &str) -> PageExtraction {
    extract_page(
        &PageInput {
            uri: "https://example.com/data.xml",
            media_type: "application/xml",
            charset: "UTF-8",
            body: body.as_bytes(),
        },
        &Profile::default_profile(),
    )
}

#[test]
fn each_text_has_its_path() {
    let found = extract(
        "<?xml version='1.0'?><!-- no text --><mills at='here'>\n <mill><name>Tide &amp; wind</name>\
         <note>It <b>turns</b>\n twice<x/>.</note></mill><mill><name><![CDATA[<b>]]>&#228;</name></mill></mills>",
    );
    let content = &found.items[0];
    assert_eq!(content.text, "Tide & wind\nIt turns twice.\n<b>ä");
    let places: Vec<_> = content.data["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| &place["locator"])
        .collect();
    assert_eq!(
        places,
        [
            "/mills/mill[1]/name[1]",
            "/mills/mill[1]/note[1]",
            "/mills/mill[2]/name[1]"
        ]
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn no_entity_is_expanded() {
    let bomb = "<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'><!ENTITY y '&x;&x;'>]><a>see &y;, &nbsp;</a>";
    let found = extract(bomb);
    assert_eq!(found.items[0].text, "see &y;, &nbsp;");
    let at = bomb.find("&y;,").unwrap();
    assert_eq!(
        found.gaps,
        [Gap::at(
            Reason::EntityReference,
            at.to_string(),
            "2 references"
        )]
    );
}

#[test]
fn what_stands_before_a_fault_is_read() {
    for (body, text) in [
        ("<a><b>one</b><c>two", "one\ntwo"),
        ("<a><b>one</b><!-- ", "one"),
    ] {
        let found = extract(body);
        assert_eq!(found.items[0].text, text, "{body}");
        assert_eq!(found.gaps[0].reason, Reason::DocumentInvalid, "{body}");
    }
    assert_eq!(extract("<a/>").gaps[0].reason, Reason::NoContent);
    assert_eq!(extract("").gaps[0].reason, Reason::DocumentInvalid);
}

#[test]
fn limits_are_told() {
    let deep = format!("{}x{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let found = extract(&deep);
    assert_eq!(found.items[0].text, "x");
    assert_eq!(
        found.gaps,
        [Gap::whole(
            Reason::TreeTooDeep,
            "99800 elements beyond 200 levels"
        )]
    );

    let many = format!("<a>{}<b>last</b></a>", "<b>1</b>".repeat(20_000));
    let found = extract(&many);
    let detail = "12 bytes not read: the document holds more than 20000 texts";
    assert_eq!(found.gaps, [Gap::at(Reason::DocumentCut, "160006", detail)]);
}

#[test]
fn a_page_is_read_as_one() {
    let found = extract(
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title></head><body><p>Text.</p></body></html>",
    );
    assert_eq!(found.items[0].text, "Text.");
    assert_eq!(found.items[1].data["title"], "T");
}
