//! A gap closes when what it speaks of is repaired, and not before.

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

fn open_reasons(place: &Workplace) -> Vec<String> {
    let report = place.json(&["report", "incomplete", "--stage", "crawl"]);
    fields(&lines_where(&report, "rows", |_| true), "reason")
}

fn crawl(place: &Workplace, url: &str, further: &[&str]) {
    let all = [
        "crawl",
        url,
        "--allow-private",
        "--delay",
        "0",
        "--retries",
        "0",
    ];
    place.run(&[&all[..], further].concat());
}

fn page(links: &str) -> Answer {
    let text =
        "<p>A page with a sentence that is long enough to be read, and with a second one.</p>";
    Answer::page(format!("<!doctype html><title>Page</title>{text}{links}"))
}

/// The body that is stored stays cut, whatever becomes of its URL, until a whole one is stored.
#[rstest]
fn a_cut_body_stays_a_gap_until_a_whole_one_comes(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let long = || page(&"<p>And more.</p>".repeat(100));
    let server = Server::builder().answer("/", long()).start();
    let url = server.url("/");
    crawl(&place, &url, &["--max-body", "500"]);
    assert_eq!(open_reasons(&place), ["body_truncated"]);
    server.set("/", Answer::status(404));
    crawl(&place, &url, &[]);
    assert_eq!(open_reasons(&place), ["body_truncated", "http_not_found"]);
    let of_source = "gaps WHERE reason = 'http_not_found' AND source_id IS NOT NULL";
    assert_eq!(place.count(of_source), 1, "the loss is the stored source's");
    server.set("/robots.txt", Answer::page("User-agent: *\nDisallow: /"));
    crawl(&place, &url, &[]);
    assert_eq!(open_reasons(&place), ["body_truncated", "nothing_stored"]);
    server.unset("/robots.txt");
    server.set("/", long());
    crawl(&place, &url, &[]);
    assert!(open_reasons(&place).is_empty());
    let by = "gaps WHERE resolved_by_job_id IS NOT NULL";
    assert_eq!(place.count(by), 3);
}

#[rstest]
fn a_dead_link_that_was_mended_is_no_gap_any_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/", page("<a href=gone.html>gone</a>"))
        .start();
    crawl(&place, &server.url("/"), &[]);
    assert_eq!(open_reasons(&place), ["http_not_found"]);
    crawl(&place, &server.url("/"), &[]);
    assert_eq!(open_reasons(&place), ["http_not_found"]);
    assert_eq!(place.value("SELECT attempts FROM gaps"), "2");
    server.set("/", page(""));
    crawl(&place, &server.url("/"), &[]);
    assert!(open_reasons(&place).is_empty());
}

#[rstest]
fn a_dead_link_that_is_excluded_is_no_gap_any_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/", page("<a href=gone.html>gone</a>"))
        .start();
    crawl(&place, &server.url("/"), &[]);
    assert_eq!(open_reasons(&place), ["http_not_found"]);
    crawl(&place, &server.url("/"), &["--exclude", "gone"]);
    assert!(open_reasons(&place).is_empty());
}

/// The same bytes under another type are another text.
#[rstest]
fn a_corrected_media_type_is_extracted_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let html = "<!doctype html><title>T</title><p>One sentence, and one more, to be read.</p><a href=b.html>b</a>";
    let server = Server::builder()
        .answer("/", Answer::status(200).body("text/plain", html))
        .answer("/b.html", page(""))
        .start();
    crawl(&place, &server.url("/"), &[]);
    place.succeed(&["extract"]);
    assert!(
        place
            .value("SELECT content FROM extractions WHERE extraction_type = 'content'")
            .contains("<p>")
    );
    server.set("/", Answer::status(200).body("text/html", html));
    crawl(&place, &server.url("/"), &[]);
    assert_eq!(place.count("frontier WHERE outcome = 'unchanged'"), 1);
    assert_eq!(
        place.count("sources WHERE unpassed_reason = 'content_changed'"),
        1
    );
    place.succeed(&["extract"]);
    let root = format!(
        "SELECT content FROM extractions JOIN sources ON sources.id = extractions.source_id \
         WHERE extraction_type = 'content' AND uri = '{}'",
        server.url("/")
    );
    assert!(!place.value(&root).contains("<p>"));
    place.check();
}

/// What a deleted job had not fetched is named in the record.
#[rstest]
fn what_a_deleted_job_never_reached_stands_in_the_record(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/", page("<a href=b.html>b</a>"))
        .start();
    crawl(&place, &server.url("/"), &[]);
    place.database.execute(
        "UPDATE frontier SET outcome = NULL, reason = NULL, detail = NULL WHERE outcome = 'failed'",
    );
    place.succeed(&["jobs", "delete", "last", "--yes"]);
    let refused = place.value("SELECT payload FROM events WHERE kind = 'job_refusals'");
    assert!(
        refused.contains("b.html") && refused.contains("pending"),
        "{refused}"
    );
}

/// What came of a broken transfer does not take the place of the whole page.
#[rstest]
fn a_fragment_does_not_replace_a_whole_page(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let long = || page(&"<p>And more.</p>".repeat(100));
    let server = Server::builder().answer("/", long()).start();
    crawl(&place, &server.url("/"), &[]);
    let size = place.value("SELECT body_size FROM sources");
    server.set("/", long().closes_after(300));
    crawl(&place, &server.url("/"), &[]);
    assert_eq!(open_reasons(&place), ["body_incomplete"]);
    assert_eq!(place.value("SELECT body_size FROM sources"), size);
    server.set("/", long());
    crawl(&place, &server.url("/"), &[]);
    assert!(open_reasons(&place).is_empty());
    place.check();
}
