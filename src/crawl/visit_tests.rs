//! The visitor against a real server on loopback.
//!
//! Owns the cases that need a connection: statuses, redirects, broken and encoded bodies, retries,
//! robots.txt and stopping. What needs none is tested beside its code.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::crawl::test_server::{Prepared, TestServer, raw, whole};
use crate::crawl::{Attempt, CrawlSettings, Secrets, Visitor, seeds};
use crate::model::{
    Claim, FrontierEntry, JobId, LinkDecision, PageOutcome, PageResult, UriKey, UrlKind, WorkerId,
};

pub(super) const HTML: &[&str] = &["Content-Type: text/html; charset=utf-8"];
const PAGE: &[u8] = b"<title>Hello</title><a href=/next>n</a><a href=//elsewhere.test/>e</a>";

pub(super) fn visitor(seed: &str, change: impl FnOnce(&mut CrawlSettings)) -> Arc<Visitor> {
    let mut settings = CrawlSettings {
        seeds: vec![seed.to_owned()],
        allow_private: true,
        // Longer than a busy machine holds an answer up, and waited for in full four times.
        timeout: 1.5,
        retries: 1,
        ..CrawlSettings::default()
    };
    change(&mut settings);
    let (scope, _) = seeds(&settings).unwrap();
    Arc::new(Visitor::new(settings, scope, &Secrets::default()).unwrap())
}

pub(super) fn entry(uri: &str, redirects: i64) -> FrontierEntry {
    FrontierEntry {
        claim: Claim {
            job: JobId::new(),
            worker: WorkerId::new(),
            attempt: 1,
        },
        key: UriKey::of(uri),
        uri: uri.to_owned(),
        kind: UrlKind::Page,
        locator: None,
        host: String::new(),
        depth: 2,
        redirects,
        stored: None,
        referrer: None,
        found: None,
        put_off: 0,
        most_fetches: None,
    }
}

impl Visitor {
    /// The result of an attempt; `None` when there is none yet.
    pub(super) async fn visit(&self, entry: FrontierEntry) -> Option<PageResult> {
        match self.attempt(entry).await {
            Attempt::Ended { page, .. } => Some(*page),
            Attempt::Postponed { .. } | Attempt::Stopped => None,
        }
    }
}

pub(super) fn ended(result: &PageResult) -> String {
    match &result.outcome {
        PageOutcome::Stored { .. } => "stored".to_owned(),
        PageOutcome::Alias { target_uri, .. } => format!("alias {target_uri}"),
        PageOutcome::Unmodified => "unmodified".to_owned(),
        PageOutcome::Skipped { reason, .. } => format!("skipped {reason}"),
        PageOutcome::Failed { reason, .. } => format!("failed {reason}"),
    }
}

pub(super) fn gaps(result: &PageResult) -> Vec<(&str, &str)> {
    let gaps = result.gaps.iter();
    gaps.map(|gap| (gap.reason.as_str(), gap.position.as_str()))
        .collect()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A site without a robots.txt.
fn site(path: &str, count: u32) -> Prepared {
    match path {
        "/moved" => whole("301 Moved", &["Location: /page#x"], b""),
        "/away" => whole("302 Found", &["Location: http://elsewhere.test/"], b""),
        "/self" => whole("307 Again", &["Location: ./self?utm_source=x"], b""),
        "/nowhere" => whole("303 See", &[], b""),
        "/mail" => whole("308 Moved", &["Location: mailto:a@example.com"], b""),
        "/to-file" => whole("301 Moved", &["Location: file:///etc/passwd"], b""),
        "/gone" => whole("410 Gone", HTML, PAGE),
        "/secret" => whole("401 Unauthorized", HTML, PAGE),
        "/broken" => whole("500 Oh", HTML, PAGE),
        "/empty" => whole("204 None", &[], b""),
        "/picture" => whole("200 OK", &["Content-Type: image/png"], b"\x89PNG"),
        "/flaky" if count == 1 => whole("503 Busy", &["Retry-After: 0"], b""),
        "/page" | "/flaky" => whole("200 OK", HTML, PAGE),
        "/busy" => whole("503 Busy", &["Retry-After: 0"], b""),
        "/later" => whole("503 Busy", &["Retry-After: 3600"], b""),
        "/cut" if count > 1 => whole("503 Busy", &["Retry-After: 3600"], b""),
        "/cut-short" if count > 1 => whole("503 Busy", &["Retry-After: 60"], b""),
        "/mended" if count > 1 => whole("200 OK", HTML, PAGE),
        "/lost" if count > 1 => Prepared {
            bytes: Vec::new(),
            hold: Duration::ZERO,
        },
        "/short" | "/mended" | "/lost" | "/cut" | "/cut-short" => {
            raw("200 OK", &[HTML[0], "Content-Length: 1000"], PAGE)
        }
        "/chunked" => raw(
            "200 OK",
            &[HTML[0], "Transfer-Encoding: chunked"],
            b"5\r\n<p>ab\r\n5\r\n<",
        ),
        "/stalled" => Prepared {
            hold: Duration::from_secs(30),
            ..raw("200 OK", &[HTML[0], "Content-Length: 1000"], PAGE)
        },
        "/silent" => Prepared {
            bytes: Vec::new(),
            hold: Duration::from_secs(30),
        },
        "/reset" => Prepared {
            bytes: Vec::new(),
            hold: Duration::ZERO,
        },
        "/gzip" => whole("200 OK", &[HTML[0], "Content-Encoding: gzip"], &gzip(PAGE)),
        "/not-gzip" => whole("200 OK", &[HTML[0], "Content-Encoding: gzip"], PAGE),
        "/bomb" => whole(
            "200 OK",
            &["Content-Type: text/plain", "Content-Encoding: gzip"],
            &gzip(&vec![b'x'; 1 << 20]),
        ),
        "/large" => whole("200 OK", &["Content-Type: text/plain"], &[b'x'; 5000]),
        _ => whole("404 Not Found", HTML, b"no"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_outcome() {
    let server = TestServer::start(site);
    let visitor = visitor(&server.base, |settings| settings.max_body = 4000);
    let base = &server.base;
    for (path, outcome, gap, fetches) in [
        ("/page", "stored".to_owned(), None, 1),
        ("/moved", format!("alias {base}/page"), None, 1),
        ("/away", "alias http://elsewhere.test/".to_owned(), None, 1),
        ("/self", "failed redirect_loop".to_owned(), None, 1),
        ("/nowhere", "failed malformed_redirect".to_owned(), None, 1),
        ("/mail", "failed malformed_redirect".to_owned(), None, 1),
        ("/to-file", "failed malformed_redirect".to_owned(), None, 1),
        ("/missing", "failed http_not_found".to_owned(), None, 1),
        ("/gone", "failed http_not_found".to_owned(), None, 1),
        ("/secret", "failed http_denied".to_owned(), None, 1),
        ("/broken", "failed http_server_error".to_owned(), None, 1),
        (
            "/empty",
            "failed http_unexpected_status".to_owned(),
            None,
            1,
        ),
        ("/picture", "skipped media_type".to_owned(), None, 1),
        ("/flaky", "stored".to_owned(), None, 2),
        ("/busy", "failed http_server_error".to_owned(), None, 2),
        (
            "/short",
            "stored".to_owned(),
            Some(("body_incomplete", "70")),
            2,
        ),
        (
            "/chunked",
            "stored".to_owned(),
            Some(("body_incomplete", "6")),
            2,
        ),
        (
            "/stalled",
            "stored".to_owned(),
            Some(("body_incomplete", "70")),
            2,
        ),
        ("/mended", "stored".to_owned(), None, 2),
        (
            "/lost",
            "stored".to_owned(),
            Some(("body_incomplete", "70")),
            2,
        ),
        ("/silent", "failed timeout".to_owned(), None, 2),
        ("/reset", "failed connection_failed".to_owned(), None, 2),
        ("/gzip", "stored".to_owned(), None, 1),
        ("/not-gzip", "failed content_encoding".to_owned(), None, 1),
        (
            "/bomb",
            "stored".to_owned(),
            Some(("body_truncated", "4000")),
            1,
        ),
        (
            "/large",
            "stored".to_owned(),
            Some(("body_truncated", "4000")),
            1,
        ),
    ] {
        let result = visitor
            .visit(entry(&format!("{base}{path}"), 0))
            .await
            .unwrap();
        assert_eq!(ended(&result), outcome, "{path}: {:?}", result.outcome);
        assert_eq!(gaps(&result), Vec::from_iter(gap), "{path}");
        assert_eq!(result.facts.fetches, fetches, "{path}");
        assert_eq!(server.asked(path), fetches, "{path}");
    }
    assert_eq!(server.asked("/robots.txt"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_comes_with_its_facts_and_links() {
    let server = TestServer::start(site);
    let visitor = visitor(&server.base, |_| ());
    let result = visitor
        .visit(entry(&format!("{}/gzip", server.base), 0))
        .await
        .unwrap();
    let PageOutcome::Stored {
        body,
        title,
        media_type,
        charset_source,
        ..
    } = &result.outcome
    else {
        panic!("{:?}", result.outcome);
    };
    assert_eq!(zstd::decode_all(body.compressed.as_slice()).unwrap(), PAGE);
    assert_eq!(title.as_deref(), Some("Hello"));
    assert_eq!(
        (media_type.as_str(), charset_source.as_deref()),
        ("text/html", Some("header"))
    );
    let facts = &result.facts;
    assert_eq!(facts.status, Some(200));
    assert_eq!(facts.transferred_size, Some(gzip(PAGE).len() as u64));
    assert_eq!(
        facts.remote_address.as_deref(),
        server.base.strip_prefix("http://")
    );
    let robots = facts.robots.as_ref().unwrap();
    assert_eq!(
        (robots.allowed, robots.fetch_status.as_str()),
        (true, "404 Not Found")
    );
    let names: Vec<_> = facts
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        ["content-encoding", "content-length", "content-type"]
    );
    let seen: Vec<_> = result
        .discovered
        .iter()
        .map(|link| {
            (
                link.uri.as_str(),
                link.decision == LinkDecision::Fetch,
                link.depth,
            )
        })
        .collect();
    let next = format!("{}/next", server.base);
    assert_eq!(
        seen,
        [
            (next.as_str(), true, 3),
            ("http://elsewhere.test/", false, 3)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_a_pause_is_kept_until_the_url_is_given_up() {
    for path in ["/cut", "/cut-short"] {
        let server = TestServer::start(site);
        let visitor = visitor(&server.base, |_| ());
        let mut entry = entry(&format!("{}{path}", server.base), 0);
        // More than --max-wait is not waited for.
        if path == "/cut-short" {
            let first = visitor.attempt(entry.clone()).await;
            assert!(matches!(first, Attempt::Postponed { .. }), "{first:?}");
            entry.put_off = 1;
        }
        let Attempt::Ended { page, pause } = visitor.attempt(entry).await else {
            panic!("{path} is put off");
        };
        assert_eq!(ended(&page), "stored", "{path}");
        assert_eq!(gaps(&page), [("body_incomplete", "70")], "{path}");
        assert!(pause > Some(Duration::from_secs(50)), "{path}: {pause:?}");
        assert_eq!(server.asked(path), 2, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_counted() {
    let server = TestServer::start(site);
    let visitor = visitor(&server.base, |_| ());
    let moved = format!("{}/moved", server.base);
    let result = visitor.visit(entry(&moved, 9)).await.unwrap();
    let [link] = &result.discovered[..] else {
        panic!("{:?}", result.discovered);
    };
    assert_eq!((link.redirects, link.depth), (10, 2));
    assert_eq!(link.found, Some(format!("{}/page#x", server.base)));
    let result = visitor.visit(entry(&moved, 10)).await.unwrap();
    assert_eq!(ended(&result), "failed too_many_redirects");
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_is_obeyed_unless_told_otherwise() {
    for (status, rules, ignore, outcome) in [
        (
            "200 OK",
            "user-agent: *\ndisallow: /p",
            false,
            "skipped robots_disallowed",
        ),
        ("200 OK", "user-agent: *\ndisallow: /p", true, "stored"),
        (
            "200 OK",
            "user-agent: toolkit\nallow: /p\nuser-agent: *\ndisallow: /",
            false,
            "stored",
        ),
        ("403 No", "user-agent: *\ndisallow: /p", false, "stored"),
        ("500 Oh", "", false, "failed robots_unreachable"),
    ] {
        let server = TestServer::start(move |path, count| match path {
            "/robots.txt" => whole(status, &["Content-Type: text/plain"], rules.as_bytes()),
            _ => site(path, count),
        });
        let visitor = visitor(&server.base, |settings| {
            settings.ignore_robots = ignore;
            settings.retries = 0;
        });
        let result = visitor
            .visit(entry(&format!("{}/page", server.base), 0))
            .await
            .unwrap();
        assert_eq!(ended(&result), outcome, "{status} {rules}");
        let robots = result.facts.robots.as_ref().unwrap();
        assert_eq!(robots.allowed, outcome == "stored");
        assert_eq!(server.asked("/page"), u32::from(outcome == "stored"));
        if outcome == "skipped robots_disallowed" {
            assert_eq!(
                (robots.line, robots.rule.as_deref()),
                (Some(2), Some("disallow: /p"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_unless_allowed() {
    let server = TestServer::start(site);
    let port = server.base.rsplit(':').next().unwrap();
    let visitor = visitor(&server.base, |settings| settings.allow_private = false);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"] {
        let uri = format!("http://{host}:{port}/page");
        let result = visitor.visit(entry(&uri, 0)).await.unwrap();
        assert_eq!(ended(&result), "failed address_refused", "{host}");
    }
    assert_eq!(server.asked("/page") + server.asked("/robots.txt"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_there_is_a_loss() {
    let visitor = visitor("http://nowhere.invalid/", |settings| {
        settings.ignore_robots = true;
    });
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (uri, outcome) in [
        ("http://nowhere.invalid/".to_owned(), "failed dns_failed"),
        (format!("http://{closed}/"), "failed connection_failed"),
    ] {
        let result = visitor.visit(entry(&uri, 0)).await.unwrap();
        assert_eq!(ended(&result), outcome, "{:?}", result.outcome);
    }
    let server = TestServer::start(site);
    let tls = server.base.replace("http:", "https:");
    let result = visitor
        .visit(entry(&format!("{tls}/page"), 0))
        .await
        .unwrap();
    assert_eq!(ended(&result), "failed tls_failed", "{:?}", result.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_returns_what_waits_and_finishes_what_is_in_flight() {
    let (server, gate) = TestServer::gated("/page", site);
    let visitor = visitor(&server.base, |settings| {
        settings.per_host = 1;
        settings.timeout = 60.0;
    });
    let start = |path: &str| {
        let (visitor, uri) = (Arc::clone(&visitor), format!("{}{path}", server.base));
        tokio::spawn(async move { visitor.visit(entry(&uri, 0)).await })
    };
    let in_flight = start("/page");
    while server.asked("/page") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waiting = start("/moved");
    tokio::time::sleep(Duration::from_millis(50)).await;
    visitor.stop();
    assert!(waiting.await.unwrap().is_none());
    drop(gate);
    assert_eq!(ended(&in_flight.await.unwrap().unwrap()), "stored");
    assert!(start("/gone").await.unwrap().is_none());
    assert_eq!(server.asked("/moved") + server.asked("/gone"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_host_does_not_hold_up_another() {
    let (slow, gate) = TestServer::gated("/page", site);
    let quick = TestServer::start(site);
    let visitor = visitor(&slow.base, |settings| {
        settings.concurrency = 2;
        settings.per_host = 1;
        settings.ignore_robots = true;
        settings.timeout = 60.0;
    });
    let mut waiting = Vec::new();
    for number in 0..5 {
        let (visitor, uri) = (Arc::clone(&visitor), format!("{}/page?{number}", slow.base));
        waiting.push(tokio::spawn(
            async move { visitor.visit(entry(&uri, 0)).await },
        ));
    }
    while !(0..5).any(|number| slow.asked(&format!("/page?{number}")) > 0) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let result = visitor
        .visit(entry(&format!("{}/page", quick.base), 0))
        .await;
    assert_eq!(ended(&result.unwrap()), "stored");
    assert!(waiting.iter().all(|task| !task.is_finished()));
    drop(gate);
    for task in waiting {
        assert!(task.await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_visited_like_a_site() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("sub/index.html"), "<a href=../a.md>").unwrap();
    std::fs::write(folder.path().join("a.md"), "# A").unwrap();
    let visitor = visitor(folder.path().to_str().unwrap(), |_| ());
    let base = crate::crawl::absolute_seeds(&[folder.path().to_str().unwrap().to_owned()]).unwrap();
    for (path, outcome) in [
        ("sub/index.html", "stored".to_owned()),
        ("sub/", format!("alias {}sub/index.html", base[0])),
        ("a.md", "stored".to_owned()),
        ("b.md", "failed file_not_found".to_owned()),
    ] {
        let result = visitor
            .visit(entry(&format!("{}{path}", base[0]), 0))
            .await
            .unwrap();
        assert_eq!(ended(&result), outcome, "{path}");
        if path == "sub/index.html" {
            assert_eq!(result.discovered[0].uri, format!("{}a.md", base[0]));
        }
    }
    let result = visitor.visit(entry("ftp://example.com/", 0)).await.unwrap();
    assert_eq!(ended(&result), "failed malformed_url");
}
