//! `--warc`: what a crawl writes can be read by others and holds every exchange as it was.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::Value;

use crate::support::database::Engine;
use crate::support::readers::read_archive;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, text_of};
use crate::support::{copied_site, site};

use Engine::{Postgres, Sqlite};

pub fn crawl(place: &Workplace, seed: &str, name: &str, further: &[&str]) -> PathBuf {
    let arguments = ["crawl", seed, "--allow-private", "--warc", name];
    place.succeed(&[&arguments[..], further].concat());
    place.user.folder().join(name)
}

/// The two lengths that the database holds, and those of the files.
pub fn assert_committed(place: &Workplace, archive: &Path) {
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

#[rstest]
fn no_secret_of_a_request_or_a_session_is_archived(
    #[values("out.warc.gz", "out.warc")] name: &str,
) {
    let (place, server) = (Workplace::new(Sqlite), small_server());
    let host = server.url("/").replace("http://", "").replace('/', "");
    let header = format!("{host}=X-Key:env:KEY");
    let agent = format!("{host}=User-Agent:env:AGENT");
    let auth = format!("{host}=env:LOGIN");
    let arguments = ["crawl", &server.url("/"), "--allow-private", "--warc", name];
    let secret = ["--header", &header, "--header", &agent, "--auth", &auth];
    let output = place
        .command(&[&arguments[..], &secret, &["--retries", "0"]].concat())
        .environment("KEY", "high-tide-key")
        .environment("AGENT", "high-tide-agent")
        .environment("LOGIN", "someone:high-tide-login")
        .run();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    let asked = server.last_request("/a.html").expect("it was asked for");
    assert_eq!(asked.header("x-key"), Some("high-tide-key"));
    assert!(asked.header("authorization").is_some() && asked.header("cookie").is_some());
    let login = asked
        .header("authorization")
        .and_then(|text| text.strip_prefix("Basic "));
    let login = login.expect("a log-in").to_owned();
    let archive = place.user.folder().join(name);
    let read = read_archive(&archive);
    for record in &read.records {
        let text = record.to_string();
        for canary in ["high-tide", "low-tide-canary", &login] {
            assert!(!text.contains(canary), "{text}");
        }
    }
    let note = read.only("metadata", "/a.html")["payload"]
        .as_str()
        .expect("text");
    for withheld in ["authorization", "cookie", "user-agent", "x-key"] {
        assert!(note.contains(withheld), "{note}");
    }
}

/// What an archive gives back when it is a seed: the same content of the same URL at the same time.
#[rstest]
fn an_archive_crawled_again_gives_the_same_sources(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("out.warc.gz", "out.warc")] name: &str,
) {
    let (first, second) = (Workplace::new(engine), Workplace::new(engine));
    let server = Server::of(site("harbor"));
    let archive = crawl(&first, &server.url("/index.html"), name, &[]);
    second.succeed(&["crawl", text_of(&archive)]);
    let sql = "SELECT uri, body_digest, CAST(fetched_at AS TEXT) FROM sources ORDER BY uri_key";
    let stored = first.database.query_text(sql);
    assert_eq!(stored.len(), 17);
    assert_eq!(second.database.query_text(sql), stored);
    second.check();
}

/// A page that was shown on the way back from a log-in is captured twice: as a redirect, and as what it is.
#[rstest]
fn an_archive_of_ways_back_gives_the_same_sources(#[values(Sqlite, Postgres)] engine: Engine) {
    let (first, second) = (Workplace::new(engine), Workplace::new(engine));
    let page = |name: &str| Answer::page(format!("<title>{name}</title>"));
    let server = Server::builder()
        .answer(
            "/",
            page("Home</title><a href=/own><a href=/two><a href=/never>"),
        )
        .answer(
            "/own",
            Answer::redirect(302, "/own")
                .header("Set-Cookie", "own=1; Path=/")
                .with_cookie("own=1", page("Own")),
        )
        .answer(
            "/two",
            Answer::redirect(302, "/ask").with_cookie("two=1", page("Two")),
        )
        .answer(
            "/ask",
            Answer::redirect(303, "/two").header("Set-Cookie", "two=1; Path=/"),
        )
        .answer(
            "/never",
            Answer::redirect(302, "/never").header("Set-Cookie", "never=1; Path=/"),
        )
        .start();
    let archive = crawl(&first, &server.url("/"), "out.warc.gz", &[]);
    second.succeed(&["crawl", text_of(&archive)]);
    let sql = "SELECT uri, body_digest, title FROM sources ORDER BY uri_key";
    let stored = first.database.query_text(sql);
    assert_eq!(stored.len(), 3);
    assert_eq!(second.database.query_text(sql), stored);
    for place in [&first, &second] {
        let lost = place
            .database
            .query_text("SELECT uri FROM frontier WHERE reason = 'redirect_loop'");
        assert_eq!(lost, [[Some(server.url("/never"))]]);
        place.check();
    }
}

#[rstest]
fn an_archive_of_a_folder_gives_the_same_sources(#[values(Sqlite, Postgres)] engine: Engine) {
    let (first, second) = (Workplace::new(engine), Workplace::new(engine));
    let folder = copied_site("club");
    let secret = folder.path().with_extension("secret.html");
    std::fs::write(&secret, "<title>low-tide-canary").expect("a file");
    let link = format!(
        "<a href='file://{}'>a file</a><a href='gone.html'>",
        text_of(&secret)
    );
    std::fs::write(folder.path().join("link.html"), link).expect("a file");
    let archive = crawl(&first, text_of(folder.path()), "out.warc.gz", &[]);
    let sql = "SELECT uri, body_digest, media_type, title, CAST(fetched_at AS TEXT) FROM sources \
               ORDER BY uri_key";
    let stored = first.database.query_text(sql);
    assert_eq!(stored.len(), 10);
    // With the folder beside it in one job, each page has both: the file, and what the archive holds of it.
    let both = Workplace::new(engine);
    both.succeed(&["crawl", text_of(folder.path()), text_of(&archive)]);
    both.check();
    assert_eq!(both.count("sources"), 10);
    let captured = "frontier WHERE locator LIKE '%offset=%' AND outcome";
    assert_eq!(both.count(&format!("{captured} = 'unchanged'")), 10);
    // Whatever is read now comes out of the archive.
    let base = folder.path().canonicalize().expect("a folder");
    drop(folder);
    std::fs::create_dir_all(&base).expect("a folder");
    // An archived page makes nobody look for a file, not even below a seed.
    let beside = Workplace::new(engine);
    std::fs::write(base.join("other.html"), "<p>other").expect("a file");
    beside.succeed(&["crawl", text_of(&base), text_of(&archive)]);
    beside.check();
    assert_eq!(beside.count("sources"), 11);
    assert_eq!(beside.count("frontier WHERE reason = 'file_not_found'"), 0);
    std::fs::remove_file(base.join("other.html")).expect("it is there");
    std::fs::write(base.join("gone.html"), "<title>low-tide-canary").expect("a file");
    second.succeed(&["crawl", text_of(&archive)]);
    second.check();
    assert_eq!(second.database.query_text(sql), stored);
    assert_eq!(second.count("frontier WHERE reason = 'not_archived'"), 2);
    for path in [&secret, &base.join("gone.html")] {
        std::fs::remove_file(path).expect("it is there");
    }
    std::fs::remove_dir(base).expect("it is empty");
}
