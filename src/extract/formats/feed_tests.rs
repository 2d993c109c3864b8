//! Feeds in each of their dialects, and broken ones.

use serde_json::{Value, json};

use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
use crate::model::{ExtractionType, Reason};

fn extract(media_type: &str, body: &str) -> PageExtraction {
    extract_page(
        &PageInput {
            uri: "https://example.com/feed",
            media_type,
            charset: "UTF-8",
            body: body.as_bytes(),
        },
        &Profile::default_profile(),
    )
}

/// Returns what is kept of each entry, its text last.
fn entries(found: &PageExtraction) -> Vec<Value> {
    let contents = found
        .items
        .iter()
        .filter(|item| item.extraction_type == ExtractionType::Content);
    contents
        .map(|item| {
            let of = |name: &str| &item.data[name];
            json!([
                of("locator"),
                of("title"),
                of("link"),
                of("published"),
                item.text
            ])
        })
        .collect()
}

fn about(found: &PageExtraction) -> &Value {
    let item = found
        .items
        .iter()
        .find(|item| item.extraction_type == ExtractionType::Metadata);
    &item.unwrap().data
}

#[test]
fn rss_is_read() {
    let found = extract(
        "application/rss+xml",
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Tides</title>\
         <link>https://example.com/</link><description>High &amp; low</description><language>en-gb</language>\
         <image><title>Logo</title><url>x.png</url></image>\
         <item><title>Ebb &amp;amp; flow</title><link>https://example.com/1</link>\
         <pubDate>Tue, 12 Mar 2024 08:00:00 +0100</pubDate><description>Short.</description>\
         <media:group><media:title>No title</media:title></media:group>\
         <content:encoded><![CDATA[<p>It <b>ebbs</b>.</p><p>It flows.</p>]]></content:encoded></item>\
         <item><title>Second</title><description>&lt;p&gt;One&amp;nbsp;line.&lt;/p&gt;</description></item></channel></rss>",
    );
    assert_eq!(
        entries(&found),
        [
            json!([
                "entry 1",
                "Ebb & flow",
                "https://example.com/1",
                "2024-03-12",
                "Ebb & flow\n\nIt ebbs.\n\nIt flows."
            ]),
            json!(["entry 2", "Second", null, null, "Second\n\nOne line."]),
        ]
    );
    assert_eq!(
        *about(&found),
        json!({"title": "Tides", "description": "High & low", "language": "en-gb"})
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn atom_is_read() {
    let found = extract(
        "application/xml",
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Tides</title><link rel='self' href='self'/>\
         <updated>2024-03-12T08:00:00Z</updated><author><name>Jo Doe</name></author>\
         <entry><title type='text'>a &lt; b</title><link rel='edit' href='no'/><link href='https://example.com/1?a=1&amp;b=2'/>\
         <published>2024-03-11T08:00:00Z</published><updated>2024-03-12T08:00:00Z</updated>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It ebbs.</p><title>kept</title></div></content></entry>\
         <entry><title>Plain</title><summary type='text'>1 &lt; 2</summary></entry><entry><id>none</id></entry></feed>",
    );
    let all = entries(&found);
    assert_eq!(all[0][1], "a < b");
    assert_eq!(all[0][2], "https://example.com/1?a=1&b=2");
    assert_eq!(all[0][3], "2024-03-11T08:00:00Z");
    assert!(
        all[0][4].as_str().unwrap().starts_with("a < b\n\nIt ebbs."),
        "{}",
        all[0]
    );
    assert_eq!(
        all[1],
        json!(["entry 2", "Plain", null, null, "Plain\n\n1 < 2"])
    );
    assert_eq!(all[2], json!(["entry 3", null, null, null, ""]));
    assert_eq!(
        *about(&found),
        json!({"title": "Tides", "author": "Jo Doe", "modified": "2024-03-12T08:00:00Z"})
    );
}

#[test]
fn json_feed_is_read() {
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Tides", "language": "en",
        "items": [
            {"id": 1, "url": "https://example.com/1", "title": "Ebb", "content_html": "<p>It <b>ebbs</b>.</p>",
             "date_published": "2024-03-12T08:00:00Z", "authors": [{"name": "Jo"}, {"name": "Al"}]},
            {"id": 2, "content_text": "1 < 2\n\nthen"},
        ],
    });
    let found = extract("application/feed+json", &feed.to_string());
    assert_eq!(
        entries(&found),
        [
            json!([
                "entry 1",
                "Ebb",
                "https://example.com/1",
                "2024-03-12T08:00:00Z",
                "Ebb\n\nIt ebbs."
            ]),
            json!(["entry 2", null, null, null, "1 < 2\n\nthen"]),
        ]
    );
    assert_eq!(found.items[0].data["author"], "Jo; Al");
    assert_eq!(*about(&found), json!({"title": "Tides", "language": "en"}));
}

#[test]
fn what_stands_before_a_fault_or_a_limit_is_read() {
    let broken =
        "<rss><channel><item><title>One</title></item><item><title>Two</title><description>cut";
    let found = extract("application/rss+xml", broken);
    assert_eq!(entries(&found).len(), 2);
    assert_eq!(found.gaps[0].reason, Reason::DocumentInvalid);

    let many = format!(
        "<rss><channel>{}</channel></rss>",
        "<item><title>T</title></item>".repeat(5_001)
    );
    let found = extract("application/rss+xml", &many);
    assert_eq!(entries(&found).len(), 5_000);
    assert_eq!(found.gaps[0].reason, Reason::DocumentCut);
    assert_eq!(
        found.gaps[0].detail,
        "45 bytes not read: the feed holds more than 5000 entries"
    );
}
