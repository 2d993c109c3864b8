//! Web archives that merely lie in a folder: none is read, and each is told.

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// An archive of one page.
const RECORD: &str = "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n\
                      WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
                      Content-Length: 26\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<p>one!\r\n\r\n";

/// Returns the report's lines of such archives.
fn told(report: &Value) -> Vec<&Value> {
    lines_where(report, "rows", |line| line["reason"] == "archive_in_folder")
}

#[rstest]
fn an_archive_in_a_folder_is_left_and_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();

    let at = |name: &str| folder.path().join(name);
    for name in ["a.warc", "b.WARC.gz", "c.wacz", "d.txt", "e"] {
        std::fs::write(at(name), RECORD).expect("a file");
    }
    std::fs::write(at("page.html"), "<a href='a.warc'>an archive</a>").expect("a file");
    std::fs::write(at("words.txt"), "WARC is a format").expect("a file");
    place.succeed(&["run", text_of(folder.path())]);
    place.check();
    assert_eq!(place.count("sources"), 2);
    let report = place.json(&["report", "incomplete", "--all"]);
    let lines = told(&report);
    let hint = "crawl it as a seed of its own to read it";
    assert_eq!(fields(&lines, "detail"), [hint; 5]);
    place.succeed(&["crawl", text_of(&at("d.txt"))]);
    assert_eq!(place.count("sources"), 3);
    // What was read as a seed of its own is missing no more.
    let report = place.json(&["report", "incomplete", "--all"]);
    assert_eq!(told(&report).len(), 4);
}

/// Where nothing else is in a folder, the exit code and the report tell the same.
#[rstest]
fn a_folder_of_archives_alone_is_no_whole_crawl(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();

    std::fs::write(folder.path().join("a.warc"), RECORD).expect("a file");
    let crawled = place.run(&["crawl", text_of(folder.path())]);
    assert_eq!(crawled.code(), Some(1), "{}", crawled.snapshot());
    let checked = place.run(&["report", "incomplete", "--check"]);
    assert_eq!(checked.code(), Some(3), "{}", checked.snapshot());
    place.check();
    // Whoever does not want it says so, and gets what else there is.
    std::fs::write(folder.path().join("page.html"), "<p>a page").expect("a file");
    let place = Workplace::new(engine);
    place.succeed(&["run", text_of(folder.path()), "--exclude", r"\.warc$"]);
    place.succeed(&["report", "incomplete", "--check"]);
}
