//! The sites under `fixtures/sites` hold what `fixtures/README.md` promises: other tests count on these
//! numbers, so an edit to a page that changes one fails here first and by its name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;
use rstest::rstest;

use crate::support::site;

/// Returns the site's files by their path below it.
fn files(name: &str) -> BTreeMap<String, Vec<u8>> {
    let root = site(name);
    walkdir::WalkDir::new(&root)
        .into_iter()
        .map(|entry| entry.expect("cannot walk the site"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("below the site");
            let bytes = std::fs::read(entry.path()).expect("cannot read a page");
            (path.to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

fn pages(name: &str) -> BTreeMap<String, String> {
    files(name)
        .into_iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "html"))
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect()
}

/// Returns the links of every page as absolute URLs, resolved against `http://site/`.
fn links(name: &str) -> BTreeSet<(String, String)> {
    let link = Regex::new(r#"(?i)<a\s[^>]*href="([^"]*)""#).expect("a fixed pattern");
    let mut found = BTreeSet::new();
    for (path, html) in pages(name) {
        let base = url::Url::parse(&format!("http://site/{path}")).expect("a path of the site");
        for href in link.captures_iter(&html) {
            let href = href[1].replace("&amp;", "&");
            let url = base.join(&href).expect("a link of the site");
            found.insert((path.clone(), url.to_string()));
        }
    }
    found
}

/// Returns the paths that are linked inside the site and that no file, folder or redirect answers.
fn dead(name: &str) -> BTreeSet<String> {
    let files = files(name);
    let redirects = files.get("_redirects").cloned().unwrap_or_default();
    let redirects = String::from_utf8_lossy(&redirects).into_owned();
    links(name)
        .into_iter()
        .filter_map(|(_, url)| Some(url.strip_prefix("http://site/")?.to_owned()))
        .map(|path| path.split('?').next().unwrap_or_default().to_owned())
        .filter(|path| {
            let file = if path.is_empty() || path.ends_with('/') {
                format!("{path}index.html")
            } else {
                path.clone()
            };
            let redirected = redirects
                .lines()
                .any(|line| line.starts_with(&format!("/{path} ")));
            !files.contains_key(&file) && !redirected
        })
        .collect()
}

/// Returns the distinct matches over the site's pages and text files.
fn distinct(name: &str, pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a fixed pattern");
    let mut found = BTreeSet::new();
    for bytes in files(name).into_values() {
        let text = String::from_utf8_lossy(&bytes);
        found.extend(pattern.find_iter(&text).map(|one| one.as_str().to_owned()));
    }
    found
}

fn is_json_ld_valid(block: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(block).is_ok()
}

fn json_ld(name: &str) -> Vec<(String, bool)> {
    let block = Regex::new(r#"(?s)<script type="application/ld\+json">(.*?)</script>"#);
    let block = block.expect("a fixed pattern");
    let mut found = Vec::new();
    for (path, html) in pages(name) {
        let blocks = block.captures_iter(&html);
        found.extend(blocks.map(|one| (path.clone(), is_json_ld_valid(&one[1]))));
    }
    found
}

#[rstest]
#[case::harbor("harbor", 19, 15)]
#[case::seeds("seeds", 7, 7)]
#[case::club("club", 9, 9)]
fn sites_have_their_files(#[case] name: &str, #[case] all: usize, #[case] html: usize) {
    assert_eq!((files(name).len(), pages(name).len()), (all, html));
}

#[test]
fn harbor_has_two_dead_links_and_two_redirects() {
    let expected = ["collection/sextant.html", "season-2025.html"];
    assert!(
        dead("harbor").iter().eq(expected.iter()),
        "{:?}",
        dead("harbor")
    );
    assert!(pages("harbor")["old.html"].contains(r#"http-equiv="refresh""#));
    let redirects = String::from_utf8_lossy(&files("harbor")["_redirects"]).into_owned();
    assert_eq!(redirects, "/boats.html /collection/ 301\n");
    let linked = links("harbor");
    let to = |url: &str| linked.iter().any(|(_, to)| to == url);
    assert!(to("http://site/boats.html") && to("http://site/old.html"));
    assert!(to("http://site/private/berths.html") && to("https://tides.example/skerry-sound"));
    assert!(to("http://site/events.html?year=2026&month=may"));
    assert!(pages("harbor")["index.html"].contains("<A HREF="));
}

#[test]
fn harbor_has_one_page_in_a_wrong_charset_and_one_in_another() {
    let files = files("harbor");
    let not_utf8: Vec<_> = files
        .iter()
        .filter(|(path, bytes)| *path != "images/quay.png" && std::str::from_utf8(bytes).is_err())
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(not_utf8, ["havn.html", "history.html"]);
    let pages = pages("harbor");
    assert!(pages["history.html"].contains(r#"<meta charset="utf-8">"#));
    assert!(pages["havn.html"].contains(r#"<meta charset="windows-1252">"#));
    assert_eq!(pages["history.html"].matches('\u{fffd}').count(), 5);
    assert!(
        files["havn.html"].contains(&0x80),
        "the euro sign of windows-1252"
    );
}

#[test]
fn harbor_has_an_oversized_page_and_an_empty_one() {
    let files = files("harbor");
    let sizes: Vec<_> = files
        .values()
        .map(Vec::len)
        .filter(|size| *size > 3000)
        .collect();
    assert_eq!(sizes, [300_483]);
    assert!(pages("harbor")["empty.html"].contains("<body>\n</body>"));
}

#[test]
fn harbor_has_one_broken_json_ld_block_of_five() {
    let blocks = json_ld("harbor");
    let broken: Vec<_> = blocks.iter().filter(|(_, valid)| !valid).collect();
    assert_eq!(blocks.len(), 5);
    assert_eq!(broken, [&("contact.html".to_owned(), false)]);
}

#[test]
fn harbor_names_its_people_and_prices() {
    let mails = distinct("harbor", r"[a-z]+@[a-z]+\.example");
    assert_eq!(mails.len(), 7, "{mails:?}");
    let phones = distinct("harbor", r"\+\d{2}(?: \d+)+");
    assert_eq!(phones.len(), 3, "{phones:?}");
    // The Danish price is written 19,90 and in windows-1252.
    let prices = distinct("harbor", r"[£€]\d+\.\d\d");
    assert_eq!(prices.len(), 6, "{prices:?}");
}

#[test]
fn seeds_is_whole() {
    assert!(dead("seeds").is_empty());
    let blocks = json_ld("seeds");
    assert_eq!(
        (blocks.len(), blocks.iter().all(|(_, valid)| *valid)),
        (5, true)
    );
    for (path, html) in pages("seeds") {
        assert!(html.matches("<p>").count() >= 3, "{path}");
        assert!(
            std::str::from_utf8(&files("seeds")[&path]).is_ok(),
            "{path}"
        );
    }
    assert!(
        links("seeds")
            .iter()
            .all(|(_, url)| url.starts_with("http://site/"))
    );
}

#[test]
fn club_has_a_chain_a_cycle_a_twin_and_a_listing() {
    assert!(dead("club").is_empty());
    let linked = links("club");
    let to = |from: &str, url: &str| linked.contains(&(from.into(), format!("http://site/{url}")));
    assert!(to("index.html", "stage-1.html"));
    for stage in 1..5 {
        let next = format!("stage-{}.html", stage + 1);
        assert!(to(&format!("stage-{stage}.html"), &next));
        let others = linked.iter().filter(|(_, url)| url.ends_with(&next));
        assert_eq!(others.count(), 1, "only the stage before leads to {next}");
    }
    assert!(to("stage-5.html", "stage-1.html"));
    assert_eq!(
        files("club")["rules.html"],
        files("club")["rules-print.html"]
    );
    let listing: BTreeSet<_> = linked
        .iter()
        .filter(|(_, url)| url.contains('?'))
        .map(|(_, url)| url)
        .collect();
    assert_eq!(listing.len(), 4);
}

#[test]
fn harbor_asks_robots_to_stay_out_of_one_folder() {
    let robots = String::from_utf8_lossy(&files("harbor")["robots.txt"]).into_owned();
    assert_eq!(robots, "User-agent: *\nDisallow: /private/\n");
}
