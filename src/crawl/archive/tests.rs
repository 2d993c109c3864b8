//! What of an exchange is written, and that the files hold what is committed and nothing else.

use std::path::Path;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{StatusCode, Version};
use tempfile::TempDir;

use super::exchange::WireAnswer;
use super::*;
use crate::crawl::fetch::BodyEnd;

struct Bench {
    folder: TempDir,
    writer: ArchiveWriter,
    recorder: Recorder,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let writer = ArchiveWriter::open(&folder.path().join("a.warc"), None).unwrap();
    let settings = CrawlSettings::default();
    let recorder = Recorder::new(&settings, JobId::new(), &writer).unwrap();
    Bench {
        folder,
        writer,
        recorder,
    }
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_static(value);
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn wire(url: &str, status: u16, lines: &[(&'static str, &'static str)]) -> Wire {
    let mut wire = Wire::new(
        &Url::parse(url).unwrap(),
        Timestamp::from_microseconds(0),
        None,
    );
    wire.sent = headers(&[("accept", "*/*"), ("cookie", "sid=canary")]);
    wire.answer = Some(WireAnswer {
        version: Version::HTTP_11,
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers(lines),
        address: "::ffff:127.0.0.1".parse().ok(),
    });
    wire
}

fn texts(recorder: &Recorder, wire: &Wire, body: &[u8], end: &BodyEnd) -> Vec<String> {
    let captured = recorder.exchange(wire, body, end).unwrap().unwrap();
    let records = captured.records.iter();
    records
        .map(|record| String::from_utf8(record.bytes.clone()).unwrap())
        .collect()
}

#[test]
fn an_exchange_is_a_response_and_a_request() {
    let bench = bench();
    let wire = wire(
        "http://u:p@e.com/a?b#c",
        200,
        &[
            ("content-type", "Text/HTML; charset=utf-8"),
            ("transfer-encoding", "chunked"),
            ("set-cookie", "sid=canary"),
            ("x-one", "1"),
            ("x-one", "2"),
        ],
    );
    let texts = texts(&bench.recorder, &wire, b"abc", &BodyEnd::Whole);
    let block = "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: Text/HTML; charset=utf-8\r\n\
                 x-archive-orig-transfer-encoding: chunked\r\nx-one: 1\r\nx-one: 2\r\n\r\nabc\r\n\r\n";
    assert!(texts[0].ends_with(block), "{}", texts[0]);
    for line in [
        "WARC-Type: response\r\n",
        "WARC-Target-URI: http://e.com/a?b\r\n",
        "WARC-IP-Address: 127.0.0.1\r\n",
        "WARC-Protocol: http/1.1\r\n",
        "Content-Type: application/http; msgtype=response\r\n",
    ] {
        assert!(texts[0].contains(line), "{}", texts[0]);
    }
    let block = "\r\n\r\nGET /a?b HTTP/1.1\r\nhost: e.com\r\naccept: */*\r\n\r\n\r\n\r\n";
    assert!(texts[1].ends_with(block), "{}", texts[1]);
    assert!(texts.iter().all(|text| !text.contains("canary")));
}

#[test]
fn an_exchange_over_http_2_has_the_form_of_http_1_1() {
    let bench = bench();
    let mut wire = wire("https://e.com/", 200, &[("content-length", "3")]);
    wire.answer.as_mut().unwrap().version = Version::HTTP_2;
    let text = texts(&bench.recorder, &wire, b"abc", &BodyEnd::Whole).remove(0);
    assert!(text.contains("WARC-Protocol: h2\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc\r\n\r\n"));
}

#[test]
fn no_value_that_may_be_a_secret_is_written() {
    let bench = bench();
    let mut wire = wire(
        "http://e.com/",
        302,
        &[
            ("location", "http://user:canary@e.com/b"),
            ("link", "<http://user:canary@e.com/c>; rel=next"),
            ("refresh", "1; url=http://user:canary@e.com/d"),
            ("content-location", "http://e.com/f@g"),
        ],
    );
    let names = [
        "authorization",
        "proxy-authorization",
        "x-key",
        "user-agent",
    ];
    for name in names {
        let mut value = HeaderValue::from_static("canary");
        value.set_sensitive(name == "user-agent");
        wire.sent.insert(HeaderName::from_static(name), value);
    }
    let captured = bench.recorder.exchange(&wire, b"", &BodyEnd::Whole);
    let captured = captured.unwrap().unwrap();
    let mut withheld = captured.left_out.withheld.clone();
    withheld.sort();
    assert_eq!(
        withheld,
        [
            "authorization",
            "cookie",
            "proxy-authorization",
            "user-agent",
            "x-key"
        ]
    );
    bench.recorder.hold_others(vec![captured]).unwrap();
    let records = bench.recorder.take_others().unwrap();
    for record in &records {
        let text = String::from_utf8_lossy(&record.bytes);
        assert!(!text.contains("canary"), "{text}");
    }
    let metadata = String::from_utf8_lossy(&records.last().unwrap().bytes).into_owned();
    assert!(metadata.contains("withheldHeaders: "), "{metadata}");
    let redacted = "redactedHeaders: location, link, refresh\r\n";
    assert!(metadata.contains(redacted), "{metadata}");
    let response = String::from_utf8_lossy(&records[1].bytes).into_owned();
    assert!(
        response.contains("\r\ncontent-location: http://e.com/f@g\r\n"),
        "{response}"
    );
}

#[test]
fn a_cut_body_says_why() {
    let bench = bench();
    let broken = || BodyEnd::Broken(String::new());
    for (end, is_late, expected) in [
        (BodyEnd::Whole, false, None),
        (BodyEnd::Capped, false, Some("length")),
        (broken(), false, Some("disconnect")),
        (broken(), true, Some("time")),
        (BodyEnd::Unread, false, Some("unspecified")),
    ] {
        let mut wire = wire("http://e.com/", 200, &[]);
        wire.is_late = is_late;
        let text = texts(&bench.recorder, &wire, b"abc", &end).remove(0);
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("WARC-Truncated: "));
        assert_eq!(line, expected, "{end:?}");
    }
    // A body that only the archive wants takes the place of the one that was not read.
    let mut wire = wire("http://e.com/", 404, &[]);
    wire.unwanted = Some((b"gone".to_vec(), BodyEnd::Whole));
    let text = texts(&bench.recorder, &wire, b"", &BodyEnd::Unread).remove(0);
    assert!(text.ends_with("\r\n\r\ngone\r\n\r\n") && !text.contains("WARC-Truncated"));
}

#[test]
fn a_payload_that_is_committed_is_referred_to() {
    let mut bench = bench();
    let add = |bench: &mut Bench, url: &str| {
        let captured = bench
            .recorder
            .exchange(&wire(url, 200, &[]), b"the same", &BodyEnd::Whole);
        let record = captured.unwrap().unwrap().records.remove(0);
        let text = String::from_utf8(record.bytes.clone()).unwrap();
        bench.writer.append([&record]).unwrap();
        text.contains("WARC-Type: revisit")
    };
    assert!(!add(&mut bench, "http://e.com/1"));
    assert!(
        !add(&mut bench, "http://e.com/2"),
        "the first is not committed"
    );
    bench.writer.roll_back().unwrap();
    assert!(!add(&mut bench, "http://e.com/3"));
    bench.writer.sync().unwrap();
    bench.writer.commit();
    assert!(add(&mut bench, "http://e.com/4"));
    let lengths = bench.writer.sync().unwrap();
    bench.writer.commit();
    let path = bench.writer.path().to_owned();
    drop(bench.writer);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("WARC-Refers-To-Target-URI: http://e.com/3\r\n"),
        "{text}"
    );
    assert!(text.contains("WARC-Refers-To-Date: 1970-01-01T00:00:00.000000Z\r\n"));
    // The next run reads it from the index.
    let writer = ArchiveWriter::open(&path, Some(lengths)).unwrap();
    let origin = writer.written().origin(&Digest::of("the same")).unwrap();
    assert_eq!(origin.uri, "http://e.com/3");
    assert_eq!(writer.written().origin(&Digest::of("another")), None);
}

#[test]
fn a_server_that_says_nothing_changed_is_a_revisit() {
    let bench = bench();
    let wire = wire("http://e.com/", 304, &[("etag", "\"1\"")]);
    let text = texts(&bench.recorder, &wire, b"", &BodyEnd::Unread).remove(0);
    assert!(text.contains("WARC-Type: revisit\r\n"), "{text}");
    assert!(text.contains("/revisit/server-not-modified\r\n"), "{text}");
    assert!(!text.contains("WARC-Payload-Digest") && !text.contains("WARC-Truncated"));
}

fn record(text: &str) -> Record {
    Record::bare(text.as_bytes().to_vec())
}

#[test]
fn what_is_not_committed_is_taken_back() {
    let Bench {
        folder, mut writer, ..
    } = bench();
    let path = folder.path().join("a.warc");
    let held = |expected: &str| assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    writer.append([&record("one")]).unwrap();
    let lengths = writer.sync().unwrap();
    assert!(writer.commit());
    assert!(!writer.commit());
    writer.append([&record("two")]).unwrap();
    held("onetwo");
    writer.roll_back().unwrap();
    held("one");
    writer.append([&record("three")]).unwrap();
    // A process that dies here leaves its tail to the next.
    drop(writer);
    held("onethree");
    let mut writer = ArchiveWriter::open(&path, Some(lengths)).unwrap();
    held("one");
    writer.append([&record("4")]).unwrap();
    writer.close().unwrap();
    held("one");
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let bench = bench();
    let folder = bench.folder.path();
    let refusal = |path: &Path, committed| {
        let refused = ArchiveWriter::open(path, committed).unwrap_err();
        refused
            .to_string()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let other = folder.join("b.warc");
    std::fs::write(&other, "x").unwrap();
    assert_eq!(refusal(&other, None), "b.warc holds something already");
    std::fs::write(folder.join("c.warc.cdxj"), "x").unwrap();
    let third = folder.join("c.warc");
    assert_eq!(refusal(&third, None), "c.warc.cdxj holds something already");
    assert!(!third.exists());
    let short = Lengths {
        archive: 2,
        index: 0,
    };
    assert_eq!(
        refusal(&other, Some(short)),
        "b.warc has 1 bytes, and 2 of the job were written"
    );
    assert!(refusal(folder, None).ends_with("is no regular file"));
    let first = bench.writer.path();
    assert_eq!(
        refusal(first, None),
        "a.warc is being written by another process"
    );
}
