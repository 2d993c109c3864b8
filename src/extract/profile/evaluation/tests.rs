//! What profiles find on pages, and what they say is missing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::extract::{PageInput, Profile, extract_page};
use crate::model::{ExtractedItem, ExtractionType, Gap};

/// Evaluates a page by a profile.
fn evaluate(profile: &str, html: &str) -> (Vec<ExtractedItem>, Vec<Gap>) {
    let profile = Profile::parse("p", profile, &BTreeMap::new())
        .unwrap_or_else(|errors| panic!("{profile}\n{errors}"));
    let input = PageInput {
        uri: "https://example.com/a/b",
        media_type: "text/html",
        charset: "UTF-8",
        body: html.as_bytes(),
    };
    let found = extract_page(&input, &profile);
    let of_fields = found.items.into_iter();
    let items = of_fields.filter(|item| item.extraction_type == ExtractionType::Fields);
    let own = |gap: &Gap| {
        let reason = gap.reason.as_str();
        reason.starts_with("field") || reason.starts_with("profile") || reason == "no_model"
    };
    (
        items.collect(),
        found.gaps.into_iter().filter(own).collect(),
    )
}

/// A group of one field.
fn one(lines: &str) -> String {
    format!("[[group]]\nname = 'g'\nrecord = 'Product'\n[[group.field]]\nname = 'f'\n{lines}")
}

fn field(items: &[ExtractedItem], at: usize, name: &str) -> Value {
    let fields = items[at].data["fields"].as_array().unwrap();
    let found = fields.iter().find(|field| field["field"] == name);
    found.cloned().unwrap_or_default()
}

fn told(gaps: &[Gap]) -> Vec<String> {
    let gaps = gaps.iter();
    gaps.map(|gap| format!("{} {}", gap.reason, gap.position))
        .collect()
}

const PRODUCT: &str = "<title>Mill | Shop</title><script type=application/ld+json>{\"@context\": \"https://schema.org\", \
    \"@type\": \"Product\", \"name\": \"Mill\", \"sku\": \"M-1\", \"offers\": {\"price\": \"12.50\", \
    \"priceCurrency\": \"EUR\"}}</script><body><h1 id=h>Mill</h1><p>A mill that turns in every wind there is, and \
    grinds what it is given, slowly. Nobody has seen it rest.</p><p>Price: <b class=price>12,50 €</b></p>\
    <dl><dt>Weight<dd>2.5 kg<dt>Colour<dd>Red</dl>";

#[test]
fn each_kind_of_evidence_finds_a_value_and_its_place() {
    for (lines, value, evidence, locator, raw) in [
        (
            "json_ld = 'offers.price'\ntype = 'money'",
            json!(12.5),
            "json_ld",
            "script[type=\"application/ld+json\"]:nth(1) # -> offers.price",
            None,
        ),
        (
            "selector = '.price'\ntype = 'money'",
            json!(12.5),
            "selector",
            "html > body > p:nth-child(3) > b:nth-child(1)",
            Some("12,50 €"),
        ),
        (
            "labels = ['Mass', 'weight']\ntype = 'quantity'",
            json!(2.5),
            "fact",
            "definition_list Weight",
            Some("2.5 kg"),
        ),
        (
            "pattern = 'Price: (?<value>[0-9,]+)'\ntype = 'float'",
            json!(12.5),
            "pattern",
            "content 0",
            Some("12,50"),
        ),
        (
            "metadata = 'title'",
            json!("Mill"),
            "metadata",
            "title",
            Some("Mill"),
        ),
        (
            "selector = 'script'\nattribute = 'type'",
            json!("application/ld+json"),
            "selector",
            "html > head > script:nth-child(2)",
            None,
        ),
        (
            "selector = 'p'\npattern = 'that (\\w+)'",
            json!("that turns"),
            "selector",
            "html > body > p:nth-child(2)",
            Some("that turns"),
        ),
        (
            "type = 'summary'\nmax = 100\nmetadata = 'opening'",
            json!("A mill that turns in every wind there is, and grinds what it is given, slowly."),
            "content",
            "content 0",
            Some("A mill that turns in every wind there is, and grinds what it is given, slowly."),
        ),
    ] {
        let (items, gaps) = evaluate(&one(lines), PRODUCT);
        assert_eq!(told(&gaps), [""; 0], "{lines}");
        let found = field(&items, 0, "f");
        assert_eq!(found["value"], value, "{lines}");
        assert_eq!(found["evidence"], evidence, "{lines}");
        assert_eq!(found["locator"], locator, "{lines}");
        assert_eq!(found["start"].is_null(), raw.is_none(), "{lines}: {found}");
        if let Some(raw) = raw {
            assert_eq!(found["raw"], raw, "{lines}");
        }
    }
}

#[test]
fn a_span_is_of_the_stored_content() {
    let profile = Profile::parse(
        "p",
        &one("labels = 'Weight'\ntype = 'quantity'"),
        &BTreeMap::new(),
    )
    .unwrap();
    let input = PageInput {
        uri: "https://example.com/",
        media_type: "text/html",
        charset: "UTF-8",
        body: PRODUCT.as_bytes(),
    };
    let found = extract_page(&input, &profile);
    let content = &found.items[0];
    let fields = found.items.last().unwrap();
    let field = &fields.data["fields"][0];
    let end = |key: &str| field[key].as_u64().unwrap() as usize;
    assert_eq!(&content.text[end("start")..end("end")], "2.5 kg");
    assert_eq!(
        (&field["content"], &field["unit"]),
        (&json!(0), &json!("kg"))
    );
}

#[test]
fn agreement_makes_a_value_surer_and_a_conflict_less_sure() {
    let alone = evaluate(&one("json_ld = 'offers.price'\ntype = 'money'"), PRODUCT).0;
    let agreeing = "json_ld = 'offers.price'\nselector = '.price'\ntype = 'money'";
    let agreeing = evaluate(&one(agreeing), PRODUCT).0;
    let page = PRODUCT.replace("12,50 €", "13,50 €");
    let (disputed, gaps) = evaluate(
        &one("json_ld = 'offers.price'\nselector = '.price'\ntype = 'money'"),
        &page,
    );
    let confidence = |items: &[ExtractedItem]| field(items, 0, "f")["confidence"].as_f64().unwrap();
    assert!(confidence(&agreeing) > confidence(&alone));
    assert!(confidence(&disputed) < confidence(&alone));
    assert_eq!(
        told(&gaps),
        ["field_conflict g.f[0] script[type=\"application/ld+json\"]:nth(1) # -> offers.price"]
    );
    assert!(
        gaps[0].detail.contains("12.50") && gaps[0].detail.contains("13,50 €"),
        "{}",
        gaps[0].detail
    );

    // Two that agree outweigh one that does not, whichever is the better kind.
    let three = "json_ld = 'offers.price'\nselector = '.price'\nlabels = 'Price'\ntype = 'money'";
    let page = page.replace("<dl>", "<dl><dt>Price<dd>13,50 €");
    let (outweighed, _) = evaluate(&one(three), &page);
    assert_eq!(field(&outweighed, 0, "f")["value"], json!(13.5));
}

#[test]
fn what_is_missing_or_wrong_is_a_gap_with_its_place() {
    for (lines, gap) in [
        ("labels = 'Height'\nrequired = true", "field_missing g.f[0]"),
        (
            "labels = 'Colour'\ntype = 'integer'",
            "field_unparsable g.f[0] definition_list Colour",
        ),
        (
            "labels = 'Weight'\ntype = 'quantity'\nmax = 2",
            "field_invalid g.f[0] definition_list Weight",
        ),
        (
            "labels = 'Colour'\nallowed = ['Blue']",
            "field_invalid g.f[0] definition_list Colour",
        ),
        (
            "selector = '#h'\npattern = '[0-9]+'",
            "field_invalid g.f[0] #h",
        ),
        ("ask = 'Who made it?'", "no_model g.f[0]"),
        (
            "ask = 'How high?'\nlabels = 'Height'\nrequired = true",
            "no_model g.f[0]",
        ),
        (
            "selector = 'p'\ntype = 'list'\nmax = 1",
            "field_invalid g.f[0] html > body > p:nth-child(2)",
        ),
    ] {
        let (items, gaps) = evaluate(&one(lines), PRODUCT);
        assert_eq!(told(&gaps)[0], gap, "{lines}: {gaps:?}");
        assert_eq!(items.len(), 0, "{lines}");
    }
    assert_eq!(
        evaluate(&one("labels = 'Height'"), PRODUCT),
        (Vec::new(), Vec::new())
    );
}

#[test]
fn a_default_is_no_evidence() {
    let (items, gaps) = evaluate(
        &one("labels = 'Height'\ntype = 'quantity'\ndefault = 3"),
        PRODUCT,
    );
    let found = field(&items, 0, "f");
    assert_eq!(gaps, []);
    assert_eq!(
        (&found["value"], &found["evidence"]),
        (&json!(3), &json!("default"))
    );
    assert!(found["confidence"].is_null() && items[0].confidence.is_none());
}

#[test]
fn each_item_is_an_instance_with_its_own_values() {
    let profile = "[[group]]\nname = 'row'\nmany = true\nitem = 'li'\nkey = ['name', 'price']\nlimit = 2\n\
        [[group.field]]\nname = 'name'\nselector = 'b'\nrequired = true\n\
        [[group.field]]\nname = 'price'\ntype = 'money'\nselector = 'i'\n";
    let html =
        "<ul><li><b>One</b> <i>$1</i><li><b> Two  A</b> <i>$2</i><li><i>$3</i><li><b>Four</b></ul>";
    let (items, gaps) = evaluate(profile, html);
    let names: Vec<_> = (0..items.len())
        .map(|at| field(&items, at, "name")["value"].clone())
        .collect();
    assert_eq!(names, [json!("One"), json!("Two A")]);
    assert_eq!(items[1].data["key"], json!("two a 2.0"));
    assert_eq!((items[0].ordinal, items[1].ordinal), (0, 1));
    assert_eq!(told(&gaps), ["fields_cut row"]);
    let (items, gaps) = evaluate(&profile.replace("limit = 2", "limit = 9"), html);
    assert_eq!(
        (items.len(), told(&gaps)),
        (4, vec!["field_missing row.name[2]".to_owned()])
    );
    assert_eq!(items[2].data["key"], json!(null));
}

#[test]
fn each_record_is_an_instance_and_its_copy_in_another_syntax_is_not() {
    let profile = "[[group]]\nname = 'event'\nmany = true\nrecord = 'Event'\nrequired = true\n\
        [[group.field]]\nname = 'name'\njson_ld = 'name'\nselector = 'h1'\n\
        [[group.field]]\nname = 'place'\njson_ld = 'location'\n";
    let html = "<script type=application/ld+json>[{\"@context\": \"https://schema.org\", \"@type\": \"Event\", \
        \"name\": \"A\", \"location\": {\"@type\": \"Place\", \"name\": \"Hall\"}}, {\"@context\": \"https://schema.org\", \
        \"@type\": \"Event\", \"name\": \"B\"}]</script><h1>Events</h1>\
        <div itemscope itemtype=https://schema.org/Event><b itemprop=name>A</b></div>";
    let (items, gaps) = evaluate(profile, html);
    assert_eq!(items.len(), 2);
    assert_eq!(field(&items, 0, "place")["value"], json!("Hall"));
    assert_eq!(field(&items, 1, "name")["value"], json!("B"));
    assert_eq!(gaps, []);
    let (items, gaps) = evaluate(profile, "<p>nothing");
    assert_eq!(
        (items.len(), told(&gaps)),
        (0, vec!["field_missing event".to_owned()])
    );
}

#[test]
fn the_record_that_the_page_is_about_is_taken() {
    let profile = one("json_ld = 'sku'");
    let html = "<title>The mill</title><script type=application/ld+json>[{\"@context\": \"https://schema.org\", \
        \"@type\": \"Product\", \"name\": \"Other\", \"sku\": \"1\"}, {\"@context\": \"https://schema.org\", \
        \"@type\": \"Product\", \"name\": \"The mill\", \"sku\": \"2\"}]</script><h1>The mill</h1>";
    assert_eq!(
        field(&evaluate(&profile, html).0, 0, "f")["value"],
        json!("2")
    );
}

#[test]
fn lists_keep_the_place_of_each_value() {
    let (items, _) = evaluate(
        &one("selector = 'li'\ntype = 'list'"),
        "<ul><li>one egg<li>two eggs<li>one egg</ul>",
    );
    let found = field(&items, 0, "f");
    assert_eq!(found["value"], json!(["one egg", "two eggs"]));
    assert_eq!(found["items"][1]["raw"], json!("two eggs"));
    assert!(found["items"][1]["start"].is_u64());
    let (items, _) = evaluate(
        &one("selector = 'p'\ntype = 'list'\nseparator = ','\nallowed = ['a', 'b']"),
        "<p>A, b, c, d</p>",
    );
    assert_eq!(field(&items, 0, "f")["value"], json!(["a", "b"]));
}

#[test]
fn a_profile_leaves_pages_alone_that_it_is_not_for() {
    for (applies, is_for) in [
        ("urls = ['/a/']", true),
        ("urls = ['^/x/']", false),
        ("languages = ['de', 'en']", true),
        ("languages = ['de']", false),
        ("page_types = ['article']", true),
        ("page_types = ['forum']", false),
    ] {
        let profile = format!(
            "[applies]\n{applies}\n{}",
            one("metadata = 'title'\nrequired = true")
        );
        let html = "<html lang=en-GB><title>T</title><meta property=og:type content=article><p>x";
        let (items, gaps) = evaluate(&profile, html);
        assert_eq!(items.len(), usize::from(is_for), "{applies}");
        let expected: &[&str] = if is_for {
            &[]
        } else {
            &["profile_not_applied "]
        };
        assert_eq!(told(&gaps), expected, "{applies}");
    }
}

#[test]
fn documents_without_markup_are_evaluated_too() {
    let profile = Profile::parse(
        "p",
        &one("pattern = 'No\\. (?<value>\\d+)'"),
        &BTreeMap::new(),
    )
    .unwrap();
    let input = PageInput {
        uri: "file:///a.txt",
        media_type: "text/plain",
        charset: "UTF-8",
        body: b"Invoice No. 17",
    };
    let found = extract_page(&input, &profile);
    assert_eq!(
        found.items.last().unwrap().data["fields"][0]["value"],
        json!("17")
    );
}

#[test]
fn hostile_pages_cost_their_size() {
    let profile = "[[group]]\nname = 'g'\nmany = true\nitem = 'li'\nlimit = 100000\n[[group.field]]\nname = 'f'\n\
        selector = 'li .a b, li > b'\nrequired = true\n[[group.field]]\nname = 'h'\npattern = '(?<value>x+)y'\n\
        [[group.field]]\nname = 'i'\nlabels = 'n'\n";
    for page in [
        "<li><b>x</b>".repeat(20_000),
        "<li>".repeat(20_000),
        format!("<ul><li>{}</ul>", "x".repeat(1_000_000)),
        "<dl><dt>n<dd>1</dl>".repeat(5_000),
    ] {
        let start = std::time::Instant::now();
        evaluate(profile, &page);
        // A second or two; not the square of it.
        assert!(
            start.elapsed().as_secs() < 60,
            "{:?} {}",
            start.elapsed(),
            &page[..20]
        );
    }
}
