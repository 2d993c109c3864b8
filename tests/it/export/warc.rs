//! Stored contents as an archive: others read it, and a crawl of it stores the same again.

use std::fs;

use rstest::rstest;

use super::{exported, with_site};
use crate::support::database::Engine;
use crate::support::readers::read_archive;
use crate::support::server::{Answer, Server};
use crate::support::site;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const CONTENTS: &str = "SELECT uri, body_digest FROM sources ORDER BY uri";

#[rstest]
fn others_read_it_and_a_crawl_of_it_stores_the_same(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("out.warc.gz", "out.warc")] name: &str,
) {
    let server = Server::builder()
        .answer(
            "/",
            Answer::page("<title>One</title><a href=/two>two</a> <a href=/three>three</a>"),
        )
        .answer(
            "/two",
            Answer::status(200).body("text/plain", "WARC/1.1\r\n\r\nno record"),
        )
        .answer("/three", Answer::page("x".repeat(9000)))
        .start();
    let place = Workplace::new(engine);
    place.succeed(&[
        "crawl",
        &server.url("/"),
        "--allow-private",
        "--max-body",
        "5000",
    ]);
    let contents = place.database.query_text(CONTENTS);
    assert_eq!(contents.len(), 3);

    let path = exported(&place, &["warc"], name);
    let read = read_archive(&path);
    assert_eq!(read.of_type("resource").len(), 3);
    assert_eq!(read.of_type("metadata").len(), 3);
    assert_eq!(read.lines.len(), 3);
    let cut = read.only("resource", "/three");
    assert_eq!(cut["fields"]["WARC-Truncated"], "length");
    assert_eq!(
        read.only("resource", "/two")["payload"],
        "WARC/1.1\r\n\r\nno record"
    );
    let known = read.only("metadata", "/two");
    let job = place.value("SELECT CAST(id AS TEXT) FROM jobs");
    let said = known["payload"].as_str().expect("a text");
    assert!(
        said.contains("status: 200\r\n") && said.contains(&format!("contentJobId: {job}\r\n")),
        "{said}"
    );

    let again = Workplace::new(engine);
    again.succeed(&["crawl", path.to_str().expect("a path")]);
    assert_eq!(again.database.query_text(CONTENTS), contents);
}

#[test]
fn both_engines_give_equal_archives() {
    let places = [Sqlite, Postgres].map(|engine| with_site(engine, &site("harbor")));
    let [one, other] = places.each_ref().map(|place| {
        let path = exported(place, &["warc", "--stable"], "out.warc.gz");
        let index = path.with_added_extension("cdxj");
        (
            fs::read(&path).expect("the archive"),
            fs::read_to_string(index).expect("its index"),
        )
    });
    assert!(one.0 == other.0);
    assert_eq!(one.1, other.1);
    assert!(one.1.lines().is_sorted());
    // Two files: a name is needed, and neither is replaced unasked.
    let refused = places[0].run(&["export", "warc"]);
    assert_eq!(refused.code(), Some(2), "{}", refused.stderr);
    fs::remove_file(places[0].user.folder().join("out.warc.gz")).expect("a file");
    let refused = places[0].run(&["export", "warc", "-o", "out.warc.gz"]);
    assert_eq!(refused.code(), Some(1), "{}", refused.stderr);
    let refused = places[0].run(&["export", "warc", "--as", "csv", "-o", "other.warc"]);
    assert_eq!(refused.code(), Some(2), "{}", refused.stderr);
}
