//! Web archives as seeds: every record an outcome with its place, whatever the layout and the damage, and
//! nothing fetched.

use std::io::Write as _;

use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{archive, site, temporary_folder};

use Engine::{Postgres, Sqlite};

fn crawl(place: &Workplace, name: &str) {
    let path = archive(name);
    place.succeed(&["run", text_of(&path), "--max-body", "200KB"]);
    assert_eq!(
        place.value("SELECT state FROM jobs WHERE kind = 'crawl'"),
        "completed"
    );
    place.check();
}

fn count(place: &Workplace, reason: &str) -> usize {
    place.count(&format!("frontier WHERE reason = '{reason}'"))
}

fn lines(place: &Workplace, reason: &str) -> Vec<Value> {
    let report = place.json(&["report", "incomplete", "--all"]);
    let lines = lines_where(&report, "rows", |line| line["reason"] == reason);
    lines.into_iter().cloned().collect()
}

#[rstest]
fn every_layout_holds_the_same_site(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("harbor.warc.gz", "harbor-whole.warc.gz", "harbor.wacz")] name: &str,
) {
    let place = Workplace::new(engine);
    crawl(&place, name);
    // 17 files but the picture and robots.txt, and /collection/ which is a resource record.
    assert_eq!(place.count("sources"), 17);
    assert_eq!(count(&place, "archived_robots"), 1);
    assert_eq!(place.count("frontier WHERE outcome = 'changed'"), 1);
    assert_eq!(place.count("frontier WHERE outcome = 'unchanged'"), 1);
    assert_eq!(count(&place, "media_type"), 1);
    // warcinfo, two requests, the metadata; in a WACZ its pages and its package besides.
    let aside = if name.ends_with("wacz") { 6 } else { 4 };
    assert_eq!(count(&place, "archive_record"), aside);
    assert_eq!(count(&place, "archive"), 1);
    assert_eq!(count(&place, "redirect_alias"), 1);
    let dead = lines(&place, "http_not_found");
    assert_eq!(dead.len(), 1);
    let detail = dead[0]["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("404 Not Found (harbor"), "{detail}");
    assert!(detail.contains(", offset "), "{detail}");
    assert!(count(&place, "not_archived") >= 2);
    assert_eq!(count(&place, "digest_mismatch"), 0);
    // The newest capture stands, with its time; all three are in the trail.
    let newest = "sources WHERE uri = 'http://harbor.example/index.html'";
    let at = place.value(&format!("SELECT CAST(fetched_at AS TEXT) FROM {newest}"));
    assert!(at.starts_with("2026-05-03"), "{at}");
    let show = place.json(&["sources", "show", "http://harbor.example/index.html"]);
    let trail = lines_where(&show, "trail", |step| {
        !step["payload"]["fetch"]["locator"].is_null()
    });
    assert_eq!(
        fields(&trail, "event"),
        ["source_created", "source_unchanged", "source_changed"]
    );
    let locator = trail[0]["payload"]["fetch"]["locator"]
        .as_str()
        .expect("a text");
    assert!(
        locator.contains(name) && locator.contains("offset="),
        "{locator}"
    );
    assert_eq!(trail[0]["payload"]["fetch"]["remote_address"], "192.0.2.7");
}

#[rstest]
fn what_is_damaged_is_told_and_the_rest_is_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    crawl(&place, "damaged.warc.gz");
    let stored = place.json(&["sources", "list"]);
    let stored = fields(&lines_where(&stored, "rows", |_| true), "uri");
    for name in ["first", "wrong", "digest", "last"] {
        let uri = format!("http://damaged.example/{name}");
        assert!(stored.contains(&uri), "{name}: {stored:?}");
    }
    let mismatches = lines(&place, "digest_mismatch");
    let mismatches: Vec<&Value> = mismatches.iter().collect();
    assert_eq!(
        fields(&mismatches, "uri"),
        ["http://damaged.example/digest"]
    );
    let damages = lines(&place, "archive_damaged");
    assert!(damages.len() >= 2, "{damages:?}");
    assert!(damages.iter().all(|line| line["class"] == "loss"));
    assert!(damages.iter().any(|line| {
        line["detail"]
            .as_str()
            .is_some_and(|text| text.starts_with("Content-Length is 9"))
    }));
}

/// Crawled twice, an archive brings nothing new; and a live page is not replaced from one.
#[rstest]
fn an_archive_crawled_again_changes_nothing_but_its_history(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    crawl(&place, "harbor.warc.gz");
    let before = place.count("sources");
    let path = archive("harbor.warc.gz");
    place.succeed(&["crawl", text_of(&path), "--max-body", "200KB"]);
    assert_eq!(place.count("sources"), before);
    assert_eq!(place.count("frontier WHERE outcome = 'new'"), before);
    place.check();
}

#[rstest]
fn several_seeds_of_different_kinds_are_one_job(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("seeds")));
    let (one, two) = (archive("harbor.warc.gz"), archive("damaged.warc.gz"));
    place.succeed(&[
        "crawl",
        &server.url("/index.html"),
        text_of(&one),
        text_of(&two),
        text_of(&site("club")),
        "--allow-private",
        "--delay",
        "0",
    ]);
    place.check();
    let count = |pattern: &str| place.count(&format!("sources WHERE uri LIKE '{pattern}'"));
    assert_eq!(count("http://harbor.example/%"), 17);
    assert_eq!(count("http://damaged.example/%"), 4);
    assert_eq!(count("file://%/club/%"), 9);
    assert_eq!(count(&server.url("/%")), 7);
}

#[rstest]
fn a_file_that_is_no_archive_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    for (name, content) in [
        ("empty.warc", ""),
        ("words.warc.gz", "words"),
        ("no.wacz", "zip"),
    ] {
        std::fs::write(folder.path().join(name), content).expect("cannot write");
    }
    for (name, reason) in [
        ("words.warc.gz", "archive_damaged"),
        ("no.wacz", "file_unreadable"),
    ] {
        let path = folder.path().join(name);
        let output = place.run(&["crawl", text_of(&path)]);
        assert_eq!(output.code(), Some(1), "{name}");
        assert_eq!(lines(&place, reason).len(), 1, "{name}");
    }
    let path = folder.path().join("empty.warc");
    assert_eq!(place.run(&["crawl", text_of(&path)]).code(), Some(1));
    place.check();
}

#[test]
fn both_engines_tell_the_same_story() {
    let path = archive("harbor.warc.gz");
    let [sqlite, postgres] = [Sqlite, Postgres].map(|engine| {
        let place = Workplace::new(engine);
        let run = ["run", text_of(&path), "--max-body", "200KB", "--stable"];
        let mut told = vec![place.succeed(&run).stdout];
        for report in [
            &["report", "incomplete", "--all"][..],
            &["report", "balance", "--by", "group"],
            &["report", "provenance"],
            &["sources", "list"],
            &["entities", "list"],
        ] {
            told.push(place.succeed(&[report, &["--stable"]].concat()).stdout);
        }
        told
    });
    for (one, other) in sqlite.iter().zip(&postgres) {
        assert_eq!(one, other);
    }
}

/// A crash while the rows of an archive are written, or behind them all: the reading begins again.
#[rstest]
fn a_crash_while_an_archive_is_read_loses_no_record(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("begun", "before_commit", "after_commit")] place: &str,
) {
    let expected = Workplace::new(engine);
    crawl(&expected, "harbor.warc.gz");
    let restarted = Workplace::new(engine);
    let path = archive("harbor.warc.gz");
    let crash = restarted
        .command(&["crawl", text_of(&path), "--max-body", "200KB"])
        .environment("TOOLKIT_CRASH_AT", format!("read_archive.{place}:1"))
        .run();
    assert_eq!(crash.code(), None, "{}", crash.snapshot());
    restarted.succeed(&["crawl", "--resume", "last"]);
    restarted.succeed(&["extract"]);
    restarted.check();
    for report in [["sources", "list"], ["report", "incomplete"]] {
        let [one, other] = [&expected, &restarted].map(|place| {
            let all: &[&str] = if report[0] == "report" {
                &["--all"]
            } else {
                &[]
            };
            place
                .succeed(&[&report[..], all, &["--stable"]].concat())
                .stdout
        });
        assert_eq!(one, other);
    }
}

/// As with a live page, an agent's name in one header is not for the next.
#[rstest]
fn each_of_several_headers_of_a_capture_counts(#[values(Sqlite, Postgres)] engine: Engine) {
    let block = "HTTP/1.1 200 OK\r\nX-Robots-Tag: otherbot: none\r\nX-Robots-Tag: noindex\r\n\
                 Link: </style.css>; rel=preload\r\nLink: </other>; rel=canonical\r\n\
                 Content-Type: text/html\r\n\r\n<p>one";
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("several.warc");
    std::fs::write(&path, record("http://a.example/page", block)).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    assert_eq!(count(&place, "noindex"), 1);
    assert_eq!(
        place.value("SELECT canonical_uri FROM sources"),
        "http://a.example/other"
    );
}

#[rstest]
fn an_archive_that_a_package_declares_and_lacks_is_a_loss(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("short.wacz");
    let mut wacz = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let package = r#"{"resources": [{"path": "archive/there.warc"}, {"path": "archive/lost.warc.gz"},
                                    {"path": "pages/pages.jsonl"}]}"#;
    for (name, content) in [
        (
            "archive/there.warc",
            record("http://a.example/", "HTTP/1.1 200 OK\r\n\r\n<p>one").as_str(),
        ),
        ("datapackage.json", package),
    ] {
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        wacz.start_file(name, stored).expect("a member");
        wacz.write_all(content.as_bytes()).expect("a member");
    }
    wacz.finish().expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    assert_eq!(place.count("sources"), 1);
    let damages = lines(&place, "archive_damaged");
    assert_eq!(damages.len(), 1, "{damages:?}");
    let uri = damages[0]["uri"].as_str().expect("a text");
    assert!(uri.contains("lost.warc.gz"), "{uri}");
}

/// A zip that was written as a stream has the sizes of its members behind them, and once more in its directory.
#[rstest]
fn the_members_of_a_streamed_wacz_are_read_without_its_directory(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("streamed.wacz");
    let mut wacz = zip::ZipWriter::new_stream(Vec::new());
    for (name, method) in [
        ("archive/one.warc", zip::CompressionMethod::Deflated),
        ("archive/other.warc", zip::CompressionMethod::Stored),
    ] {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        wacz.start_file(name, options).expect("a member");
        let uri = format!("http://a.example/{name}");
        let block = format!("HTTP/1.1 200 OK\r\n\r\n<p>{name}");
        wacz.write_all(record(&uri, &block).as_bytes())
            .expect("a member");
    }
    let whole = wacz.finish().expect("an archive").into_inner();
    let directory = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02");
    std::fs::write(&path, &whole[..directory.expect("a directory")]).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    assert_eq!(place.count("sources"), 2);
    assert_eq!(count(&place, "file_unreadable"), 1);
    assert_eq!(count(&place, "archive_damaged"), 0);
    place.check();
}

/// An archive may be made to fill the disk that it is unpacked to.
#[rstest]
fn an_archive_that_grows_beyond_measure_is_unpacked_up_to_there(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("growing.warc.gz", "growing.wacz")] name: &str,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join(name);
    let sound = |uri| record(uri, "HTTP/1.1 200 OK\r\n\r\n<p>a page");
    let zeros = format!("HTTP/1.1 200 OK\r\n\r\n{}", "0".repeat(20_000_000));
    let growing = [
        sound("http://a.example/before"),
        record("http://a.example/zeros", &zeros),
        sound("http://a.example/lost"),
    ];
    if name.ends_with("wacz") {
        let mut wacz = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
        let packed = zip::write::SimpleFileOptions::default();
        for (name, text) in [
            ("archive/a.warc", growing.concat()),
            ("archive/b.warc", sound("http://a.example/behind")),
        ] {
            wacz.start_file(name, packed).expect("a member");
            wacz.write_all(text.as_bytes()).expect("a member");
        }
        wacz.finish().expect("an archive");
    } else {
        let members = [growing.concat(), sound("http://a.example/behind")].map(|text| {
            let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            member.write_all(text.as_bytes()).expect("to memory");
            member.finish().expect("to memory")
        });
        std::fs::write(&path, members.concat()).expect("an archive");
    }
    place.succeed(&["crawl", text_of(&path), "--max-body", "1KB"]);
    let excess = lines(&place, "decompression_ratio");
    assert_eq!(excess.len(), 1, "{excess:?}");
    let detail = excess[0]["detail"].as_str().expect("a text");
    assert!(detail.contains("stopped after"), "{detail}");
    let uris = "SELECT uri FROM sources ORDER BY uri";
    let pages = place.value(&format!(
        "SELECT string_agg(uri, ' ') FROM ({uris}) AS pages"
    ));
    assert_eq!(
        pages,
        "http://a.example/before http://a.example/behind http://a.example/zeros"
    );
    place.check();
    place.succeed(&["crawl", text_of(&path), "--max-body", "1MB"]);
    assert_eq!(place.count("sources WHERE uri LIKE '%lost'"), 1);
}

/// A record of a response, two line ends behind it included.
fn record(uri: &str, block: &str) -> String {
    let length = block.len();
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {uri}\r\n\
         WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
         Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
}

#[rstest]
fn what_an_archive_holds_of_the_files_for_crawlers_is_no_loss(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("robots.warc");
    let answer = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\r\n{body}")
    };
    let records = [
        record(
            "http://a.example/robots.txt",
            &answer("200 OK", "User-agent: *\nDisallow: /\n"),
        ),
        record("https://b.example/robots.txt", &answer("404 Not Found", "")),
        record("http://c.example/%72obots.txt", &answer("200 OK", "")),
        record("http://a.example/llms.txt", &answer("404 Not Found", "")),
        record("http://a.example/", &answer("200 OK", "one")),
        record("http://a.example/robots.txt?page", &answer("200 OK", "two")),
        record(
            "http://a.example/sub/robots.txt",
            &answer("200 OK", "three"),
        ),
    ];
    std::fs::write(&path, records.concat()).expect("an archive");
    place.succeed(&["run", text_of(&path)]);
    place.check();
    assert_eq!(count(&place, "archived_robots"), 3);
    assert_eq!(count(&place, "llms_txt_absent"), 1);
    assert_eq!(place.count("sources"), 3);
    let decisions = lines(&place, "archived_robots");
    assert!(decisions.iter().all(|line| line["class"] == "decision"));
    place.succeed(&["report", "incomplete", "--check"]);
}

#[rstest]
fn a_record_with_several_damages_tells_of_each(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("damaged.warc");
    let text = "HTTP/1.1 200 OK\r\n\r\n<p>one";
    let typeless = record("http://a.example/1", text).replace("WARC-Type: response\r\n", "");
    let length = |of: &str, to: &str| {
        let declared = format!("Content-Length: {}\r\n", text.len());
        of.replace(&declared, &format!("Content-Length: {to}\r\n"))
    };
    let records = [
        length(&typeless, "7"),
        record("http://a.example/2", text),
        length(&record("http://[/3", text), "7777"),
    ];
    std::fs::write(&path, records.concat()).expect("an archive");
    place.run(&["crawl", text_of(&path)]);
    place.check();
    assert_eq!(place.count("sources"), 1);
    assert_eq!(count(&place, "malformed_url"), 1);
    let told = lines(&place, "archive_damaged");
    let told = told.iter().map(|line| line["detail"].to_string());
    let told: Vec<_> = told.collect();
    let says = |word: &str| told.iter().filter(|line| line.contains(word)).count();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(says("names no type"), 1, "{told:?}");
    assert_eq!(says("Content-Length is 7, the next record"), 1, "{told:?}");
    assert_eq!(says("of 7777 bytes are there"), 1, "{told:?}");
}

/// A revisit that is cut and repeats what no archive holds is both.
#[rstest]
fn a_cut_revisit_that_is_not_resolved_tells_of_its_cut(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("cut.warc");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let digest = "WARC-Type: revisit\r\nWARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ";
    let revisit = record("http://a.example/", head).replace("WARC-Type: response", digest);
    let whole = record("http://b.example/", &format!("{head}<title>B</title>"));
    let cut = revisit.trim_end().len() - 10;
    std::fs::write(&path, whole + &revisit[..cut]).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    place.check();
    assert_eq!(lines(&place, "revisit_unresolved").len(), 1);
    let damages = lines(&place, "archive_damaged");
    assert_eq!(damages.len(), 1, "{damages:?}");
}

/// A capture of a time to come is stored as of when its file was written, and says so.
#[rstest]
fn a_date_that_is_yet_to_come_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let path = folder.path().join("future.warc");
    let block = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Then</title>";
    let records = record("http://a.example/", block).replace("2026-05-01", "2999-05-01");
    std::fs::write(&path, records).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    place.check();
    let stored = "sources WHERE title = 'Then' AND fetched_at < '2999-01-01T00:00:00.000000Z'";
    assert_eq!(place.count(stored), 1);
    let damages = lines(&place, "archive_damaged");
    assert_eq!(damages.len(), 1, "{damages:?}");
    let detail = damages[0]["detail"].as_str().expect("a detail");
    assert!(
        detail.contains("2999-05-01") && detail.contains("yet to come"),
        "{detail}"
    );
}
