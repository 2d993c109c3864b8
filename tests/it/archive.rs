//! `--warc`: what a crawl writes can be read by others, holds every exchange once, and is as long as the
//! database says, wherever the process died.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::readers::{Reading, read_archive};
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, text_of};
use crate::support::{copied_site, site, temporary_folder};

use Engine::{Postgres, Sqlite};

fn crawl(place: &Workplace, seed: &str, name: &str, further: &[&str]) -> PathBuf {
    let arguments = ["crawl", seed, "--allow-private", "--warc", name];
    place.succeed(&[&arguments[..], further].concat());
    place.user.folder().join(name)
}

/// The two lengths that the database holds, and those of the files.
fn assert_committed(place: &Workplace, archive: &Path) {
    let rows = place
        .database
        .query_text("SELECT length, index_length FROM archives");
    let length = |path: &Path| Some(path.metadata().expect("a file").len().to_string());
    let index = archive.with_added_extension("cdxj");
    assert_eq!(rows, [[length(archive), length(&index)]]);
}

fn field<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record["fields"][name].as_str()
}

fn header<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    let lines = record["http_headers"].as_array().expect("headers");
    let line = lines.iter().find(|line| line[0] == name)?;
    line[1].as_str()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("to memory");
    encoder.finish().expect("to memory")
}

fn small_server() -> Server {
    let links = [
        "a.html", "b.html", "moved", "gone", "chunked", "packed", "short", "long", "no/1",
    ];
    let links = links
        .map(|path| format!("<a href=\"/{path}\">{path}</a> "))
        .concat();
    let same = Answer::page("<p>The same words.</p>");
    Server::builder()
        .answer(
            "/robots.txt",
            Answer::status(200).body("text/plain", "User-agent: *\nDisallow: /no/\n"),
        )
        .answer(
            "/",
            Answer::page(links).header("Set-Cookie", "sid=low-tide-canary; Path=/"),
        )
        .answer("/a.html", same.clone())
        .answer("/b.html", same)
        .answer(
            "/moved",
            Answer::redirect(301, "/a.html").body("text/html", "it has moved"),
        )
        .answer(
            "/gone",
            Answer::status(404).body("text/plain", "nothing here"),
        )
        .answer("/chunked", Answer::page("word ".repeat(900)).chunked())
        .answer(
            "/packed",
            Answer::status(200)
                .body("text/html", gzipped("<p>packed</p>"))
                .header("Content-Encoding", "gzip"),
        )
        .answer("/short", Answer::page("half of it").claims_length(20))
        .answer("/long", Answer::page("x".repeat(9000)))
        .start()
}

#[rstest]
fn an_archive_holds_every_exchange(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("out.warc.gz", "out.warc")] name: &str,
) {
    let (place, server) = (Workplace::new(engine), small_server());
    let limits = ["--concurrency", "1", "--max-body", "5000", "--retries", "1"];
    let archive = crawl(&place, &server.url("/"), name, &limits);
    assert_committed(&place, &archive);

    let read = read_archive(&archive);
    let asked = server.requests().len();
    assert_eq!(read.of_type("warcinfo").len(), 1);
    assert_eq!(read.of_type("request").len(), asked);
    assert_eq!(read.of_type("metadata").len(), asked);
    assert_eq!(
        read.of_type("response").len() + read.of_type("revisit").len(),
        asked
    );
    assert_eq!(read.lines.len(), asked);
    assert_eq!(read.records.len(), 1 + 3 * asked);
    let paths = read.of_type("request");
    let mut paths: Vec<_> = paths
        .iter()
        .map(|one| one["http_line"].as_str().expect("a line"))
        .collect();
    let mut expected: Vec<_> = server
        .requests()
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1"))
        .collect();
    paths.sort_unstable();
    expected.sort_unstable();
    assert_eq!(paths, expected);

    assert_eq!(
        read.only("response", "/robots.txt")["payload"],
        "User-agent: *\nDisallow: /no/\n"
    );
    assert_eq!(read.only("response", "/moved")["payload"], "it has moved");
    assert_eq!(read.only("response", "/moved")["status"], "301");
    assert_eq!(read.only("response", "/gone")["payload"], "nothing here");
    let chunked = read.only("response", "/chunked");
    assert_eq!(chunked["payload"], "word ".repeat(900));
    assert_eq!(header(chunked, "transfer-encoding"), None);
    assert_eq!(
        header(chunked, "x-archive-orig-transfer-encoding"),
        Some("chunked")
    );
    let packed = read.only("response", "/packed");
    assert_eq!(header(packed, "content-encoding"), Some("gzip"));
    assert!(
        packed["payload"]
            .as_str()
            .is_some_and(|text| text.starts_with("\u{1f}\u{8b}"))
    );
    let long = read.only("response", "/long");
    assert_eq!(
        (
            field(long, "WARC-Truncated"),
            long["payload"].as_str().map(str::len)
        ),
        (Some("length"), Some(5000))
    );
    // Both tries are there.
    let short: Vec<_> = read
        .of_type("response")
        .into_iter()
        .filter(|one| one["uri"] == server.url("/short"))
        .collect();
    assert_eq!(short.len(), 2);
    for one in short {
        assert_eq!(
            (field(one, "WARC-Truncated"), one["payload"].as_str()),
            (Some("disconnect"), Some("half of it"))
        );
    }

    let again = read.only("revisit", "/b.html");
    let first = read.only("response", "/a.html");
    assert_eq!(
        field(again, "WARC-Refers-To-Target-URI"),
        first["uri"].as_str()
    );
    assert_eq!(
        field(again, "WARC-Refers-To-Date"),
        field(first, "WARC-Date")
    );
    assert_eq!(
        field(again, "WARC-Payload-Digest"),
        field(first, "WARC-Payload-Digest")
    );
    assert!(
        field(again, "WARC-Profile")
            .is_some_and(|text| text.ends_with("/identical-payload-digest"))
    );
    assert_eq!(again["payload"], "");

    let request = read.only("request", "/a.html");
    assert_eq!(
        header(request, "user-agent"),
        server
            .last_request("/a.html")
            .expect("it")
            .header("user-agent")
    );
    assert_eq!(
        field(request, "WARC-Concurrent-To"),
        field(first, "WARC-Record-ID")
    );
    assert_eq!(field(first, "WARC-IP-Address"), Some("127.0.0.1"));
    let note = read.only("metadata", "/a.html")["payload"]
        .as_str()
        .expect("text");
    for line in [
        &format!("via: {}\r\n", server.url("/")),
        "hopsFromSeed: L\r\n",
        "charset: UTF-8\r\n",
        "robots: allowed (200 OK)\r\n",
        "fetchTimeMs: ",
        &format!(
            "jobId: {}\r\n",
            place.value("SELECT CAST(id AS TEXT) FROM jobs")
        ),
    ] {
        assert!(note.contains(line), "{note}");
    }
    let info = read.of_type("warcinfo")[0]["payload"]
        .as_str()
        .expect("text");
    assert!(info.contains("robots: obey\r\n"), "{info}");
    for record in &read.records {
        assert!(!record.to_string().contains("low-tide-canary"), "{record}");
    }
    // What is stored and what is archived bear one time.
    let stored = place.value("SELECT fetched_at FROM sources WHERE uri LIKE '%/a.html'");
    let stored = stored.replace(' ', "T").replace("+00", "Z");
    let date = field(first, "WARC-Date").expect("a date");
    assert_eq!(
        date.trim_end_matches(['Z', '0']),
        stored.trim_end_matches(['Z', '0'])
    );
    place.check();
}

#[test]
fn nothing_is_written_without_the_flag() {
    let (place, server) = (Workplace::new(Sqlite), small_server());
    place.succeed(&[
        "crawl",
        &server.url("/"),
        "--allow-private",
        "--retries",
        "0",
    ]);
    let files = std::fs::read_dir(place.user.folder()).expect("a folder");
    let names: Vec<_> = files
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().contains("warc")),
        "{names:?}"
    );
    assert_eq!(place.count("archives"), 0);
}

#[rstest]
fn files_are_resources(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = copied_site("club");
    std::fs::write(folder.path().join("notes.txt"), "caf\u{e9}\n").expect("a file");
    let archive = crawl(&place, text_of(folder.path()), "out.warc.gz", &[]);
    assert_committed(&place, &archive);
    let read = read_archive(&archive);
    let stored = place.count("sources");
    assert_eq!(read.of_type("resource").len(), stored);
    assert_eq!(read.lines.len(), stored);
    assert_eq!(read.of_type("request").len(), 0);
    let notes = read.only("resource", "/notes.txt");
    assert_eq!(notes["payload"], "caf\u{c3}\u{a9}\n");
    assert_eq!(field(notes, "Content-Type"), Some("text/plain"));
}

/// Each page's response or revisit, sorted, with how often it is there.
fn pages(read: &Reading) -> Vec<&str> {
    let kinds = ["response", "revisit"];
    let records = kinds.iter().flat_map(|kind| read.of_type(kind));
    let mut uris: Vec<_> = records
        .map(|record| record["uri"].as_str().expect("a URL"))
        .filter(|uri| !uri.ends_with("/robots.txt"))
        .collect();
    uris.sort_unstable();
    uris
}

fn assert_every_page_once(place: &Workplace, archive: &Path) {
    assert_committed(place, archive);
    let read = read_archive(archive);
    let ended = "SELECT uri FROM frontier WHERE outcome IN ('new', 'alias', 'failed')";
    let rows = place.database.query_text(ended);
    let mut expected: Vec<_> = rows.iter().filter_map(|row| row[0].as_deref()).collect();
    expected.sort_unstable();
    assert_eq!(pages(&read), expected);
    place.check();
}

#[rstest]
fn a_crash_leaves_no_torn_record_and_none_twice(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(
        "store_pages.begun:1",
        "store_pages.before_commit:1",
        "store_pages.before_commit:3",
        "store_pages.after_commit:2",
        "store_archive.begun:1",
        "store_archive.before_commit:1",
        "store_archive.after_commit:1",
        "end_job.before_commit:1"
    )]
    point: &str,
) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let url = server.url("/index.html");
    let output = place
        .command(&[
            "crawl",
            &url,
            "--allow-private",
            "--warc",
            "out.warc.gz",
            "--concurrency",
            "2",
        ])
        .environment("TOOLKIT_CRASH_AT", point)
        .run();
    assert!(output.status.signal().is_some(), "{}", output.snapshot());
    let archive = place.user.folder().join("out.warc.gz");
    // A write that was cut short leaves more than whole records.
    for path in [archive.clone(), archive.with_added_extension("cdxj")] {
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .open(path)
            .expect("a file");
        file.write_all(b"\x1f\x8b torn").expect("to write");
    }
    place.succeed(&["crawl", "--resume", "last"]);
    assert_every_page_once(&place, &archive);
}

#[rstest]
fn a_kill_leaves_no_torn_record_and_none_twice(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let url = server.url("/index.html");
    let mut running = place
        .command(&[
            "crawl",
            &url,
            "--allow-private",
            "--warc",
            "out.warc",
            "--delay",
            "50ms",
        ])
        .start();
    while server.requests().len() < 8 {
        assert!(
            !running.wait_for(Duration::from_millis(2)),
            "it ended too early"
        );
    }
    running.kill();
    running.finish();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_every_page_once(&place, &place.user.folder().join("out.warc"));
}

#[rstest]
fn an_interrupted_archive_is_whole_and_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let url = server.url("/index.html");
    let mut running = place
        .command(&[
            "crawl",
            &url,
            "--allow-private",
            "--warc",
            "out.warc.gz",
            "--delay",
            "50ms",
        ])
        .start();
    while server.requests().len() < 8 {
        assert!(
            !running.wait_for(Duration::from_millis(2)),
            "it ended too early"
        );
    }
    // Another process keeps away while this one writes.
    let refused = place.run(&["crawl", "--resume", "last"]);
    assert_eq!(refused.code(), Some(1), "{}", refused.snapshot());
    assert!(
        refused
            .stderr
            .contains("is being written by another process"),
        "{}",
        refused.stderr
    );
    running.signal("INT");
    let output = running.finish();
    assert_eq!(output.code(), Some(1), "{}", output.snapshot());
    let archive = place.user.folder().join("out.warc.gz");
    assert_every_page_once(&place, &archive);
    place.succeed(&["crawl", "--resume", "last"]);
    assert_every_page_once(&place, &archive);
    assert_eq!(read_archive(&archive).of_type("warcinfo").len(), 2);
}

#[rstest]
fn a_refused_page_leaves_no_records(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    place.succeed(&["db", "migrate"]);
    place.database.execute(match engine {
        Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON sources WHEN NEW.uri LIKE '%/stage-3.html' \
             BEGIN SELECT RAISE(ABORT, 'a poisoned row'); END"
        }
        Postgres => {
            "ALTER TABLE sources ADD CONSTRAINT poison CHECK (uri NOT LIKE '%/stage-3.html')"
        }
    });
    let archive = crawl(&place, &server.url("/index.html"), "out.warc.gz", &[]);
    assert_committed(&place, &archive);
    let read = read_archive(&archive);
    let rows = place
        .database
        .query_text("SELECT uri FROM frontier WHERE outcome = 'new'");
    let mut stored: Vec<_> = rows.iter().filter_map(|row| row[0].as_deref()).collect();
    stored.sort_unstable();
    assert_eq!(pages(&read), stored);
    assert!(
        read.records
            .iter()
            .all(|one| !one.to_string().contains("stage-3.html\""))
    );
}

#[test]
fn an_archive_takes_no_other_files_place() {
    let (place, server) = (Workplace::new(Sqlite), Server::of(site("club")));
    let url = server.url("/index.html");
    let folder = place.user.folder();
    std::fs::write(folder.join("letter.txt"), "dear").expect("a file");
    let taken = place.run(&["crawl", &url, "--allow-private", "--warc", "letter.txt"]);
    assert_eq!(taken.code(), Some(1));
    assert!(
        taken.stderr.contains("letter.txt holds something already"),
        "{}",
        taken.stderr
    );
    assert!(taken.stderr.contains("hint: "), "{}", taken.stderr);
    assert_eq!(
        std::fs::read(folder.join("letter.txt")).expect("it"),
        b"dear"
    );
    assert_eq!(server.requests().len(), 0);
    let archive = crawl(&place, &url, "out.warc", &["--max-pages", "3"]);
    let before = std::fs::read(&archive).expect("it");
    let again = place.run(&["crawl", &url, "--allow-private", "--warc", "out.warc"]);
    assert_eq!(again.code(), Some(1));
    assert_eq!(std::fs::read(&archive).expect("it"), before);
}

#[test]
fn a_lost_archive_stops_the_resume() {
    let (place, server) = (Workplace::new(Sqlite), Server::of(site("club")));
    let url = server.url("/index.html");
    let output = place
        .command(&[
            "crawl",
            &url,
            "--allow-private",
            "--warc",
            "out.warc",
            "--concurrency",
            "1",
        ])
        .environment("TOOLKIT_CRASH_AT", "store_pages.after_commit:3")
        .run();
    assert!(output.status.signal().is_some());
    let archive = place.user.folder().join("out.warc");
    let elsewhere = place.user.folder().join("elsewhere");
    std::fs::rename(&archive, &elsewhere).expect("to move");
    let refused = place.run(&["crawl", "--resume", "last"]);
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused.stderr.contains("out.warc has 0 bytes"),
        "{}",
        refused.stderr
    );
    std::fs::rename(&elsewhere, &archive).expect("to move");
    place.succeed(&["crawl", "--resume", "last"]);
    assert_every_page_once(&place, &archive);
}

/// A limit on the size of files stands for a device that is full.
#[rstest]
fn a_full_device_ends_the_job_and_it_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    // Packed well in the database, and not at all in the archive.
    for number in 0..20 {
        let page = format!("<title>{number}</title>{}", "the same word ".repeat(20_000));
        std::fs::write(folder.path().join(format!("{number}.html")), page).expect("a page");
    }
    place.succeed(&["db", "migrate"]);
    let address = place.database.address();
    // Ignored, the signal becomes an error of the write.
    let script = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\"";
    let output = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_toolkit"), "crawl"])
        .args([
            text_of(folder.path()),
            "--warc",
            "out.warc",
            "--concurrency",
            "1",
        ])
        .args(["--database", &address])
        .current_dir(place.user.folder())
        .env_clear()
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("out.warc"), "{told}");
    assert!(told.contains("hint: "), "{told}");
    assert_eq!(place.value("SELECT state FROM jobs"), "failed");
    place.succeed(&["crawl", "--resume", "last"]);
    let archive = place.user.folder().join("out.warc");
    assert_committed(&place, &archive);
    assert_eq!(read_archive(&archive).of_type("resource").len(), 20);
    place.check();
}
