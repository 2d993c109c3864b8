//! Structured records and facts of a page, from the server to the rows that hold them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

const MILL: &str = "<!doctype html><title>Mill</title><meta property=og:title content=Mill>\
    <script type=application/ld+json>{\"@type\": \"Product\", \"@id\": \"#mill\", \"name\": \"Mill\", /* tolerant */}</script>\
    <script type=application/ld+json>{\"@id\": \"#mill\", \"brand\": {\"@type\": \"Brand\", \"name\": \"Größe\"}}</script>\
    <h1>The tide mill</h1><p>Twice a day the sea fills the pond behind the mill — and twice a day it runs out again.</p>\
    <div itemscope itemtype=http://schema.org/Offer><span itemprop=price content=12.50>12,50 €</span></div>\
    <table><tr><th>Weight<td>1,200.5 kg<tr><th>Wheel<td>7.5 m</table>";

/// Returns the stored data of one type, by its order.
fn stored(place: &Workplace, of_type: &str) -> Vec<Value> {
    let sql = format!(
        "SELECT data FROM extractions WHERE extraction_type = '{of_type}' ORDER BY ordinal"
    );
    let rows = place.database.query_text(&sql);
    rows.iter()
        .map(|row| serde_json::from_str(row[0].as_deref().expect("data")).expect("JSON"))
        .collect()
}

#[rstest]
fn records_and_facts_of_a_page_are_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let server = Server::builder().answer("/", Answer::page(MILL)).start();
    place.succeed(&["run", &server.url("/"), "--allow-private"]);

    let records = stored(&place, "record");
    let syntaxes: Vec<_> = records.iter().map(|one| &one["syntax"]).collect();
    assert_eq!(syntaxes, ["json-ld", "microdata", "opengraph"]);
    let block = |n| format!("script[type=\"application/ld+json\"]:nth({n}) #");
    assert_eq!(
        records[0],
        json!({"syntax": "json-ld", "types": ["Product"], "id": server.url("/#mill"), "locator": block(1),
            "also_at": [block(2)], "properties": {"name": ["Mill"],
            "brand": [{"types": ["Brand"], "properties": {"name": ["Größe"]}}]}})
    );
    assert_eq!(records[1]["properties"], json!({"price": ["12.50"]}));

    let text = place.value("SELECT content FROM extractions WHERE extraction_type = 'content'");
    let facts = stored(&place, "facts");
    let facts = facts[0]["facts"].as_array().unwrap();
    let shown: Vec<_> = facts
        .iter()
        .map(|fact| {
            let at = |end: usize| fact["span"][end].as_u64().unwrap() as usize;
            assert_eq!(text.get(at(0)..at(1)), fact["text"].as_str());
            [
                &fact["subject"],
                &fact["attribute"],
                &fact["value"],
                &fact["unit"],
            ]
        })
        .collect();
    assert_eq!(
        shown,
        [
            ["The tide mill", "Weight", "1,200.5", "kg"],
            ["The tide mill", "Wheel", "7.5", "m"],
        ]
    );
    place.check();
}

/// What the head says of the page is stored, and is not what the page is about.
#[rstest]
fn a_page_with_nothing_but_a_head_is_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let page = "<!doctype html><title>T</title><meta property=og:title content=T>";
    let server = Server::builder().answer("/", Answer::page(page)).start();
    place.succeed(&["run", &server.url("/"), "--allow-private"]);
    assert_eq!(stored(&place, "record").len(), 1);
    assert_eq!(place.value("SELECT state FROM passes"), "empty");
}

#[rstest]
fn what_is_not_kept_is_told_with_its_place(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let page = format!(
        "<!doctype html><title>Trap</title><p>A text of its own.</p>{}",
        "<div itemscope itemprop=a>".repeat(100)
    );
    let server = Server::builder().answer("/", Answer::page(page)).start();
    place.succeed(&["run", &server.url("/"), "--allow-private"]);
    let report = place.json(&["report", "incomplete"]);
    let rows = lines_where(&report, "rows", |row| row["reason"] == "records_cut");
    assert_eq!(fields(&rows, "position"), ["microdata 1 nesting"]);
}
