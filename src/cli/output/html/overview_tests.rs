//! Overviews of many sources: what stands where, and how large the page may be.

use super::*;
use crate::cli::output::{Format, OutputFile};
use crate::model::{SourceId, Timestamp, UriKey};
use crate::report::{OverviewSource, SourceLine, SourceState, SourceText};

/// The most that a page of ten thousand sources may take.
const MOST: u64 = 5_000_000;

fn uri(number: usize) -> String {
    format!(
        "https://example.org/a/{}/page-{number}.html?<b>&x",
        "folder/".repeat(number % 20)
    )
}

fn overview(count: usize) -> OverviewReport {
    let sources = (0..count).map(|number| OverviewSource {
        uri: uri(number),
        source_id: SourceId::new(),
        source_group: "example.org".to_owned(),
        title: Some(format!(
            "Page {number} <script> of a site with titles of a usual length"
        )),
        status: Some(200),
        extractions: 3,
        complete: 3,
        mentions: 12,
        gaps: 0,
        waits: Some("content_changed".to_owned()),
    });
    OverviewReport {
        jobs: Vec::new(),
        outcomes: Vec::new(),
        incomplete: Vec::new(),
        history: Vec::new(),
        sources: sources.collect(),
        keys: (0..count).map(|number| UriKey::of(&uri(number))).collect(),
    }
}

/// The details of a source whose text has this many bytes.
fn details(number: usize, size: usize) -> SourceReport {
    let at = Timestamp::from_microseconds(0);
    SourceReport {
        source: SourceLine {
            uri: uri(number),
            id: SourceId::new(),
            source_group: "example.org".to_owned(),
            title: None,
            media_type: None,
            status: None,
            body_size: None,
            body_digest: None,
            language: None,
            pending: None,
        },
        state: SourceState {
            created_at: at,
            created_by_job: Some(1),
            created_by_job_id: None,
            fetched_at: None,
            content_job: None,
            content_job_id: None,
            charset: None,
            charset_source: None,
            canonical_uri: None,
            extractable: true,
        },
        versions: Vec::new(),
        extractions: Vec::new(),
        boilerplate: Vec::new(),
        gaps: Vec::new(),
        trail: Vec::new(),
        texts: vec![SourceText {
            profile: "default".to_owned(),
            extraction_type: "content".to_owned(),
            ordinal: 0,
            text: format!("text {number} {}", "x".repeat(size)),
            spans: Vec::new(),
        }],
    }
}

/// Writes an overview with the details of some of its sources into a folder of its own.
fn written(report: &OverviewReport, detailed: usize, size: usize) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let options = OutputOptions {
        format: Format::Html,
        file: Some(OutputFile {
            path: place.path().join("o.html"),
            replaces: false,
        }),
        ..OutputOptions::default()
    };
    let mut page = OverviewPage::new(report, &options);
    for number in 0..detailed {
        page.add(&details(number, size)).unwrap();
    }
    page.finish().unwrap();
    place
}

fn links(html: &str, start: &str) -> Vec<String> {
    let lead = format!("href=\"{start}");
    let found = html.split(&lead).skip(1);
    found
        .filter_map(|rest| rest.split('"').next().map(|end| format!("{start}{end}")))
        .collect()
}

#[test]
fn few_sources_stand_in_the_page_itself() {
    let place = written(&overview(3), 3, 100);
    assert!(!place.path().join("o.html-files").exists());
    let html = std::fs::read_to_string(place.path().join("o.html")).unwrap();
    for number in 0..3 {
        assert!(html.contains(&format!("text {number} xxx")));
        let id = format!("s{}-", number + 1);
        assert!(links(&html, "#s").contains(&format!("#{id}")), "{id}");
        assert!(html.contains(&format!("<div id=\"{id}\">")), "{id}");
    }
}

#[test]
fn ten_thousand_sources_keep_the_page_small_and_every_link_leads_somewhere() {
    let place = written(&overview(10_000), 500, 10_000);
    let page = place.path().join("o.html");
    assert!(std::fs::metadata(&page).unwrap().len() <= MOST);
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("in the folder <code>o.html-files</code>"));
    let folder = place.path().join("o.html-files");
    let mut listed = links(&html, "o.html-files/");
    let lists: Vec<String> = listed
        .iter()
        .filter(|one| one.contains("sources-"))
        .cloned()
        .collect();
    assert!(!lists.is_empty(), "more than one list");
    for list in lists {
        let list = place.path().join(list);
        assert!(std::fs::metadata(&list).unwrap().len() <= MOST);
        let html = std::fs::read_to_string(&list).unwrap();
        assert_eq!(links(&html, "../"), ["../o.html"]);
        let beside = html.split("<td class=\"w\"><a href=\"").skip(1);
        listed.extend(beside.filter_map(|rest| rest.split('"').next().map(str::to_owned)));
    }
    listed.retain(|one| !one.contains("sources-"));
    assert_eq!(listed.len(), 10_000, "each source is listed once");
    let first = std::fs::read_to_string(folder.join(&listed[0]["o.html-files/".len()..])).unwrap();
    assert!(first.contains("text 0 xxx") && !first.contains("<b>&x"));
}

#[test]
fn without_a_file_what_is_left_out_is_told() {
    let report = overview(200);
    let options = OutputOptions {
        format: Format::Html,
        ..OutputOptions::default()
    };
    let mut page = OverviewPage::new(&report, &options);
    for number in 0..200 {
        page.add(&details(number, 10_000)).unwrap();
    }
    assert!(!page.takes_details());
    let mut out = Vec::new();
    page.write_page(200, 0, &mut out).unwrap();
    let html = String::from_utf8(out).unwrap();
    assert!(
        html.contains("toolkit report overview --format html -o FILE"),
        "{html}"
    );
    assert!(!html.contains("text 0 xxx"));
}
