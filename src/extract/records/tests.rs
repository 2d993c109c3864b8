//! Each syntax by small pages of its own, then what no page may do.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::extract::tree::parse;
use crate::model::Reason;

const URI: &str = "https://example.com/shop/page";

fn read_page(html: &str) -> Records {
    let tree = parse(html);
    read(&tree, &Locators::new(&tree), URI)
}

/// Types and properties of the records of one syntax, as one value.
fn found(html: &str, syntax: Syntax) -> Value {
    let read = read_page(html);
    assert_eq!(read.gaps, [], "{html}");
    let records = read.records.iter().filter(|one| one.syntax == syntax);
    records
        .map(|record| {
            let mut value = json!({"types": record.types, "properties": record.properties});
            if let Some(id) = &record.id {
                value["id"] = json!(id);
            }
            if !record.reverse.is_empty() {
                value["reverse"] = json!(record.reverse);
            }
            value
        })
        .collect()
}

fn json_ld(block: &str) -> Value {
    let html = format!("<script type=application/ld+json>{block}</script>");
    found(&html, Syntax::JsonLd)
}

#[test]
fn json_ld_has_lists_literals_and_references_in_one_form() {
    assert_eq!(
        json_ld(
            r#"{"@context": "https://schema.org", "@type": ["Product", "schema:Thing"], "name": "Mill",
            "weight": 12.5, "isNew": true, "gone": null, "image": ["a.png", ["b.png"]],
            "title": {"@value": "Mühle", "@language": "de"}, "plain": {"@value": 3},
            "tags": {"@list": ["x", "y"]}, "brand": {"@id": "/brand"},
            "offers": [{"@type": "Offer", "price": "10", "seller": {"@type": "Person", "name": "Jo"}}]}"#
        ),
        json!([{"types": ["Product", "Thing"], "properties": {
            "name": ["Mill"], "weight": [12.5], "isNew": [true], "image": ["a.png", "b.png"],
            "title": [{"value": "Mühle", "language": "de"}], "plain": [3], "tags": ["x", "y"],
            "brand": [{"id": "https://example.com/brand"}],
            "offers": [{"types": ["Offer"], "properties": {"price": ["10"], "seller": [
                {"types": ["Person"], "properties": {"name": ["Jo"]}}]}}]}}])
    );
}

#[test]
fn json_ld_joins_what_is_said_of_one_id_and_keeps_what_points_back() {
    assert_eq!(
        json_ld(
            r##"{"@graph": [{"@id": "#jo", "@type": "Person", "name": "Jo"},
            {"@id": "#jo", "@type": "Author", "name": "Jo", "email": "jo@example.com"},
            {"@id": "_:b", "name": "Book", "@reverse": {"author": {"@id": "#jo"}}}]}"##
        ),
        json!([
            {"types": ["Person", "Author"], "id": "https://example.com/shop/page#jo",
             "properties": {"name": ["Jo"], "email": ["jo@example.com"]}},
            {"types": [], "id": "_:b", "properties": {"name": ["Book"]},
             "reverse": {"author": [{"id": "https://example.com/shop/page#jo"}]}},
        ])
    );
}

#[test]
fn microdata_nests_items_and_follows_references() {
    let html = "<div itemscope itemtype='http://schema.org/Product http://x.example/T' itemid=/p itemref='more none'>\
        <h1 itemprop=name>The <b>mill</b></h1><div itemprop=offers itemscope itemtype=https://schema.org/Offer>\
        <span itemprop='price lowPrice' content=12.50>12,50 €</span></div></div>\
        <p id=more><a itemprop=url href=/p2>x</a><span itemprop=http://schema.org/color>red</span></p>";
    assert_eq!(
        found(html, Syntax::Microdata),
        json!([{"types": ["Product", "http://x.example/T"], "id": "https://example.com/p", "properties": {
            "name": ["The mill"], "url": ["https://example.com/p2"], "color": ["red"],
            "offers": [{"types": ["Offer"], "properties": {"price": ["12.50"], "lowPrice": ["12.50"]}}]}}])
    );
}

#[test]
fn microdata_values_follow_the_rule_of_their_element() {
    for (element, value) in [
        ("<meta itemprop=v content=' a '>", "a"),
        (
            "<img itemprop=v src=i.png>",
            "https://example.com/shop/i.png",
        ),
        (
            "<object itemprop=v data=/o></object>",
            "https://example.com/o",
        ),
        (
            "<link itemprop=v href=//x.example/l>",
            "https://x.example/l",
        ),
        ("<data itemprop=v value=7>seven</data>", "7"),
        ("<meter itemprop=v value=0.5>half</meter>", "0.5"),
        (
            "<time itemprop=v datetime=2024-03-12>March</time>",
            "2024-03-12",
        ),
        ("<time itemprop=v>2024</time>", "2024"),
        ("<p itemprop=v>two<br>lines</p>", "two lines"),
        ("<a itemprop=v>no address</a>", ""),
    ] {
        let records = found(
            &format!("<div itemscope>{element}</div>"),
            Syntax::Microdata,
        );
        assert_eq!(records[0]["properties"]["v"], json!([value]), "{element}");
    }
}

#[test]
fn microdata_items_that_belong_to_none_are_records_all_the_same() {
    let records = found(
        "<div itemprop=offers itemscope><b itemprop=price>1</b></div>",
        Syntax::Microdata,
    );
    assert_eq!(records[0]["properties"]["price"], json!(["1"]));
}

#[test]
fn what_is_kept_for_readers_without_scripts_is_read() {
    let read = read_page(
        "<noscript><p>no record</p></noscript><noscript id=n><div itemscope><b itemprop=a>1</b></div></noscript>",
    );
    assert_eq!(read.records[0].properties["a"], json!(["1"]));
    assert_eq!(read.records[0].locators, ["#n div:nth-child(1)"]);
}

#[test]
fn microdata_that_holds_itself_is_cut_where_it_does() {
    let read = read_page(
        "<div itemscope itemref=a><p itemprop=own>x</div>\
         <div id=a><div itemprop=inner itemscope itemref=a id=b><p itemprop=own>y</div></div>",
    );
    let reasons: Vec<_> = read.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [Reason::RecordCycle]);
    assert_eq!(read.records.len(), 1);
    let inner = &read.records[0].properties["inner"][0]["properties"];
    assert_eq!(inner["own"], json!(["y"]));
}

#[test]
fn rdfa_reads_types_properties_and_prefixes() {
    let html = "<div vocab='http://schema.org/' typeof=Recipe resource='#r'>\
        <h1 property=name>Bread</h1><img property=image src=/b.png>\
        <p property=author typeof=Person><span property='name'>Jo</span></p>\
        <time property=datePublished datetime=2024-03-12>March</time><meta property=cookTime content=PT1H>\
        <span property='http://x.example/odd'>1</span><a property=url href=/r><b>link</b></a></div>\
        <div prefix='ex: http://x.example/' typeof=ex:Thing><i property='ex:name foaf:nick'>n</i><b property=bare>-</b></div>";
    assert_eq!(
        found(html, Syntax::Rdfa),
        json!([
            {"types": ["Recipe"], "id": "https://example.com/shop/page#r", "properties": {
                "name": ["Bread"], "image": ["https://example.com/b.png"],
                "author": [{"types": ["Person"], "properties": {"name": ["Jo"]}}],
                "datePublished": ["2024-03-12"], "cookTime": ["PT1H"], "http://x.example/odd": ["1"],
                "url": ["https://example.com/r"]}},
            {"types": ["http://x.example/Thing"], "properties": {
                "http://x.example/name": ["n"], "http://xmlns.com/foaf/0.1/nick": ["n"]}},
        ])
    );
}

#[test]
fn rdfa_says_of_one_subject_in_one_record() {
    let html = "<p about=/x property=dc:title>One</p><p property=dcterms:creator>Page</p>\
        <p about=/x><b property=dc:date>2024</b></p>";
    let title = "http://purl.org/dc/terms/title";
    let date = "http://purl.org/dc/terms/date";
    let creator = "http://purl.org/dc/terms/creator";
    assert_eq!(
        found(html, Syntax::Rdfa),
        json!([
            {"types": [], "id": "https://example.com/x", "properties": {title: ["One"], date: ["2024"]}},
            {"types": [], "properties": {creator: ["Page"]}},
        ])
    );
}

#[test]
fn the_head_gives_one_record_for_each_of_its_vocabularies() {
    let html = "<meta property=og:title content=Mill><meta property=og:type content=article>\
        <meta property=og:image content=/a.png><meta property=og:image:width content=100>\
        <meta property=og:image content=/b.png><meta name=article:tag content=x><meta property=article:tag content=y>\
        <meta name=twitter:card content=summary><meta property=twitter:site content=@m>\
        <meta name=DC.Title content=Mill><meta name=dcterms.dateAccepted scheme=W3CDTF content=2024>\
        <link rel=DC.relation href=/r><link rel=schema.DC href=http://purl.org/dc/elements/1.1/>";
    assert_eq!(
        found(html, Syntax::OpenGraph),
        json!([{"types": ["article"], "properties": {
            "og:title": ["Mill"], "og:type": ["article"], "article:tag": ["x", "y"],
            "og:image": [{"properties": {"url": ["/a.png"], "width": ["100"]}},
                         {"properties": {"url": ["/b.png"]}}]}}])
    );
    assert_eq!(
        found(html, Syntax::Twitter),
        json!([{"types": ["summary"], "properties": {"twitter:card": ["summary"], "twitter:site": ["@m"]}}])
    );
    assert_eq!(
        found(html, Syntax::DublinCore),
        json!([{"types": [], "properties": {"dc:title": ["Mill"], "dc:relation": ["https://example.com/r"],
            "dcterms:dateAccepted": [{"value": "2024", "datatype": "W3CDTF"}]}}])
    );
    assert_eq!(found(html, Syntax::Rdfa), json!([]));
}

#[test]
fn microformats_are_read_with_what_they_imply() {
    let html = "<div class='h-feed x'><h1 class=p-name>Blog</h1><article class=h-entry><a class='u-url p-name' href=/1>One</a>\
        <time class=dt-published datetime=2024-03-12>March</time><div class=e-content><p>Text<p>more</div>\
        <a class='p-author h-card' href=/jo><img src=/jo.png alt=''>Jo Doe</a></article></div>\
        <div class='h-product'><span class=p-price><b class=value>12</b> or <b class=value>.50</b></span></div>";
    assert_eq!(
        found(html, Syntax::Microformats),
        json!([
            {"types": ["h-feed"], "properties": {"name": ["Blog"], "children": [{"types": ["h-entry"], "properties": {
                "url": ["https://example.com/1"], "name": ["One"], "published": ["2024-03-12"], "content": ["Text more"],
                "author": [{"types": ["h-card"], "properties": {"name": ["Jo Doe"], "url": ["https://example.com/jo"],
                    "photo": ["https://example.com/jo.png"]}}]}}]}},
            {"types": ["h-product"], "properties": {"price": ["12.50"]}},
        ])
    );
}

#[test]
fn older_class_names_are_read_as_what_they_are_called_today() {
    let html = "<div class='post hentry'><h2 class=entry-title>T</h2><a rel=bookmark href=/t>#</a>\
        <span class='author vcard'><a class='url fn' href=/jo>Jo</a></span>\
        <abbr class=published title=2024-03-12>March</abbr><span class='author vcard'><a href=/ida>Ida</a></span><p class=p-4>no property</p></div>\
        <div class='h-full p-name'>no record</div>";
    assert_eq!(
        found(html, Syntax::Microformats),
        json!([{"types": ["h-entry"], "properties": {"name": ["T"], "url": ["https://example.com/t"],
            "published": ["2024-03-12"],
            "author": [{"types": ["h-card"], "properties": {"name": ["Jo"], "url": ["https://example.com/jo"]}},
                       {"types": ["h-card"], "properties": {"name": ["Ida"], "url": ["https://example.com/ida"]}}]}}])
    );
}

#[test]
fn each_bound_is_a_gap_with_its_place() {
    let nested = "<div itemscope itemprop=a>".repeat(200);
    let many = "<div itemscope itemtype=http://schema.org/Thing></div>".repeat(2_100);
    let values = format!(
        "<script type=application/ld+json>{{\"a\": [{}0]}}</script>",
        "0,".repeat(200_000)
    );
    let text = format!(
        "<body>{}{}",
        "<div itemscope><div itemprop=a>".repeat(100),
        "word ".repeat(60_000)
    );
    let shared = format!(
        "<div id=x>{}</div>{}",
        "<i itemprop=a>v</i>".repeat(1_000),
        "<div itemscope itemref=x></div>".repeat(1_000)
    );
    // What is deep has long places, and many of one id have many.
    let deep = format!(
        "{}{}",
        "<span>".repeat(300),
        "<div itemscope><div>".repeat(20_000)
    );
    let one_id = format!(
        "<script type=application/ld+json>[{}{{\"a\": 1}}]</script>",
        "{\"@id\": \"#x\", \"a\": 1},".repeat(150_000)
    );
    for (html, position) in [
        (deep, "microdata "),
        (one_id, "json-ld 1 "),
        (nested, "microdata 1 nesting"),
        (many, "microdata 2000 records"),
        (values, "json-ld 1 values"),
        (text, "microdata 14 bytes"),
        (shared, "microdata 101 values"),
    ] {
        let read = read_page(&html);
        assert_eq!(read.gaps[0].reason, Reason::RecordsCut, "{position}");
        let found = &read.gaps[0].position;
        assert!(found.starts_with(position), "{position}: {found}");
        assert!(!read.records.is_empty());
    }
}

#[test]
fn a_record_s_place_finds_it() {
    let read = read_page(
        "<div id=shop><p>x</p><div itemscope><b itemprop=a>1</b></div></div>\
         <script type=application/ld+json>[{\"name\": \"x\"}, {\"@id\": \"#1\", \"a\": 1}, {\"@id\": \"#1\", \"b\": 2}]</script>",
    );
    let places: Vec<_> = read
        .records
        .iter()
        .map(|one| one.locators.clone())
        .collect();
    let block = "script[type=\"application/ld+json\"]:nth(1) #";
    assert_eq!(
        places,
        [
            vec![format!("{block}/0")],
            vec![format!("{block}/1"), format!("{block}/2")],
            vec!["#shop > div:nth-child(2)".to_owned()]
        ]
    );
    assert_eq!(
        read.records[1].data()["also_at"],
        json!([format!("{block}/2")])
    );
}

/// Pieces of which pages with structured data are made, and of which broken ones are.
const PIECES: &[&str] = &[
    "<div itemscope itemtype='http://schema.org/A'>",
    "<p itemprop='a b' itemscope itemref='x y'>",
    "<b id=x itemprop=c>",
    "<i id=y itemscope itemprop=d itemref=x>",
    "<div vocab=http://schema.org/ typeof=T>",
    "<span property=name resource='#r'>",
    "<a property=url typeof=U href='//'>",
    "<div prefix='e: http://e.example/ f:'>",
    "<div class='h-feed p-a'>",
    "<div class='hentry vcard author'>",
    "<span class='u-url dt-x e-content h-card'>",
    "<b class=value title>",
    "<meta property=og:image:width content=1>",
    "<meta property=og:image content='é'>",
    "<meta name=DC.é content=x scheme>",
    "<script type=application/ld+json>{\"@id\":\"#a\",\"@graph\":[{\"@type\":[1,\"é\"],\"a\":{\"@list\":[[]]}}",
    "{\"@context\":[null,{\"a\":\"@id\",\"b\":\"a:c\"}],\"@reverse\":1}",
    "</script>",
    "</div>",
    "</p>",
    "</b></i>",
    "text é ",
    "<table><tr><td>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_tag_soup_gives_records(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let read = read_page(&pieces.concat());
        for record in &read.records {
            prop_assert!(!record.locators.is_empty());
            for values in record.properties.values() {
                prop_assert!(values.is_array());
            }
        }
    }
}
