//! Links that are endless, odd, or lead round in circles.

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

#[rstest]
fn odd_schemes_and_long_urls(#[values(Sqlite, Postgres)] engine: Engine) {
    let long = format!("/long-{}", "x".repeat(10_000));
    let longer = format!("/longer?q={}", "y".repeat(100_000));
    let data = format!("data:text/html;base64,{}", "QUJD".repeat(50_000));
    let index = format!(
        "<!doctype html><title>Links</title><a href='{long}'>long</a><a href='{}'>less</a><a href='{longer}'>longer</a>\
         <a href='{data}'>data</a><a href='javascript:void(0)'>script</a><a href=mailto:a@example.com>mail</a>\
         <a href='ftp://example.com/a'>ftp</a><a href='blob:http://example.com/1'>blob</a>\
         <a href='tel:+1'>tel</a><a href='view-source:http://example.com/'>source</a>\
         <a href='/nul%00byte'>nul</a><a href='/nul\0raw'>raw</a><a href='http://name:low-tide@127.0.0.1:1/'>u</a>\
         <a href='http://[::1'>broken</a><a href='http://example.com:99999/'>port</a>\
         <a href='//'>empty</a><a href='http://a b/'>space</a><a href='\u{202e}gpj.exe'>turned</a>",
        &long[..7_000]
    );
    let page = Answer::page("<title>Page</title>");
    let server = Server::builder()
        .answer("/", Answer::page(index))
        .answer(&long[..7_000], page.clone())
        .answer("/longer", page.clone())
        .answer("/nul%00byte", page)
        .start();
    let met = met(engine, &[server.url("/")], &[]);
    // Longer than any server must take; the URLs are rows all the same.
    for path in [&long, &longer] {
        assert_eq!(met.outcome(&server.url(path)), "skipped trap");
        assert_eq!(server.count(path), 0);
    }
    assert_eq!(met.outcome(&server.url(&long[..7_000])), "new");
    assert_eq!(met.outcome(&server.url("/nul%00byte")), "new");
    // A raw one is what a browser makes of it.
    let raw = server.url("/nul%EF%BF%BDraw");
    assert_eq!(met.outcome(&raw), "failed http_not_found");
    // Those of other schemes are counted, those that are no URL are told, and none is asked for.
    let balance = met.place.json(&["report", "balance"]);
    assert_eq!(balance["jobs"][0]["other_scheme_links"], 7, "{balance}");
    let reasons = met.reasons(&server.url("/"));
    assert_eq!(reasons, ["malformed_url"; 4]);
    let told = met.report.to_string();
    assert!(!told.contains("low-tide"), "a password is told");
    assert!(
        met.place
            .count("frontier WHERE uri LIKE 'http://127.0.0.1:1/'")
            == 1
    );
}
