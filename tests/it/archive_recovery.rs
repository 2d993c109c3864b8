//! What is in an archive after a crash, a kill, an interrupt or a full device: no torn record, none twice, and
//! as many bytes as the database says.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::archive::{assert_committed, crawl};
use crate::support::database::Engine;
use crate::support::readers::{Reading, read_archive};
use crate::support::server::Server;
use crate::support::toolkit::Running;
use crate::support::workplace::{Workplace, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Each page's response or revisit, sorted, with how often it is there; what a site is asked for besides its
/// pages is none.
fn pages(read: &Reading) -> Vec<&str> {
    let kinds = ["response", "revisit"];
    let records = kinds.iter().flat_map(|kind| read.of_type(kind));
    let mut uris: Vec<_> = records
        .map(|record| record["uri"].as_str().expect("a URL"))
        .filter(|uri| !uri.ends_with("/robots.txt") && !uri.ends_with("/llms.txt"))
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

/// Crawls with an archive until the process dies at `point`; returns where the archive is.
fn crashes_at(
    place: &Workplace,
    server: &Server,
    archive: &str,
    further: [&str; 2],
    point: &str,
) -> PathBuf {
    let url = server.url("/index.html");
    let crawl = ["crawl", &url, "--allow-private", "--warc", archive];
    let output = place
        .command(&[&crawl[..], &further].concat())
        .environment("TOOLKIT_CRASH_AT", point)
        .run();
    assert!(output.status.signal().is_some(), "{}", output.snapshot());
    place.user.folder().join(archive)
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
    let archive = crashes_at(
        &place,
        &server,
        "out.warc.gz",
        ["--concurrency", "2"],
        point,
    );
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

/// A crawl that writes an archive and has asked for some of the pages.
fn in_the_middle(place: &Workplace, server: &Server, archive: &str) -> Running {
    let mut running = place.start_crawl(
        &server.url("/index.html"),
        &["--warc", archive, "--delay", "50ms"],
    );
    while server.requests().len() < 8 {
        assert!(
            !running.wait_for(Duration::from_millis(2)),
            "it ended too early"
        );
    }
    running
}

#[rstest]
fn a_kill_leaves_no_torn_record_and_none_twice(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let mut running = in_the_middle(&place, &server, "out.warc");
    running.kill();
    running.finish();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_every_page_once(&place, &place.user.folder().join("out.warc"));
}

#[rstest]
fn an_interrupted_archive_is_whole_and_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let running = in_the_middle(&place, &server, "out.warc.gz");
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
    let point = "store_pages.after_commit:3";
    let archive = crashes_at(&place, &server, "out.warc", ["--concurrency", "1"], point);
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

/// Crawls with a limit on the size of files, which stands for a device that is full, and returns what the
/// failure is told as.
fn fails_of_room(place: &Workplace, arguments: &[&str]) -> String {
    let address = place.database.address();
    // Ignored, the signal becomes an error of the write.
    let script = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\"";
    let output = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_toolkit"), "crawl"])
        .args(arguments)
        .args(["--database", &address])
        .current_dir(place.user.folder())
        .env_clear()
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("hint: "), "{told}");
    assert_eq!(place.value("SELECT state FROM jobs"), "failed");
    told
}

#[rstest]
fn a_full_device_ends_the_job_and_it_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    // Packed well in the database, and not at all in the archive.
    for number in 0..20 {
        let page = format!("<title>{number}</title>{}", "the same word ".repeat(20_000));
        std::fs::write(folder.path().join(format!("{number}.html")), page).expect("a page");
    }
    place.succeed(&["db", "migrate"]);
    let writing = ["--warc", "out.warc", "--concurrency", "1"];
    let told = fails_of_room(&place, &[&[text_of(folder.path())], &writing[..]].concat());
    assert!(told.contains("out.warc"), "{told}");
    place.succeed(&["crawl", "--resume", "last"]);
    let archive = place.user.folder().join("out.warc");
    assert_committed(&place, &archive);
    assert_eq!(read_archive(&archive).of_type("resource").len(), 20);
    place.check();
}

/// What an archive holds packed needs room elsewhere. That there is none says nothing about the archive.
#[rstest]
fn an_archive_is_unpacked_once_there_is_room(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("pages.warc.gz", "pages.wacz")] name: &str,
) {
    let place = Workplace::new(engine);
    let text = (0..20).map(|number| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
        let body = format!("<title>{number}</title>{}", "the same word ".repeat(20_000));
        let length = head.len() + body.len();
        format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/{number}\r\n\
             WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
             Content-Length: {length}\r\n\r\n{head}{body}\r\n\r\n"
        )
    });
    let text = text.collect::<String>();
    let path = place.user.folder().join(name);
    let file = File::create(&path).expect("a file");
    if name == "pages.wacz" {
        let mut wacz = ZipWriter::new(file);
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        wacz.start_file("archive/pages.warc", packed)
            .expect("a member");
        wacz.write_all(text.as_bytes()).expect("a member");
        wacz.finish().expect("an archive");
    } else {
        let mut whole = GzEncoder::new(file, Compression::default());
        whole.write_all(text.as_bytes()).expect("to write");
        whole.finish().expect("an archive");
    }
    place.succeed(&["db", "migrate"]);
    let told = fails_of_room(&place, &[text_of(&path)]);
    assert!(told.contains("temporary folder"), "{told}");
    let lost = "frontier WHERE outcome = 'failed' OR reason = 'file_unreadable'";
    assert_eq!(place.count(lost), 0);
    place.check();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), 20);
    place.check();
}
