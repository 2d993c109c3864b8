//! What a server may cost: time, memory and headers each end in their own reason.
//!
//! Owns the cases of servers that never finish, on a loopback port. Ordinary answers are next door in
//! `visit_tests`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::crawl::test_server::{TestServer, raw, whole};
use crate::crawl::visit_tests::{HTML, ended, entry, gaps, gzip, visitor};

/// Starts a server that hands each connection to `serve`, and returns its address.
fn serve(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Sends `head`, then a byte at a time for as long as the other side listens.
fn drip(mut stream: TcpStream, head: &str) {
    let _ = stream.read(&mut [0; 1024]);
    let mut sent = stream.write_all(head.as_bytes());
    while sent.is_ok() {
        std::thread::sleep(Duration::from_millis(20));
        sent = stream.write_all(b"x");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_ends_is_left() {
    let body = serve(|stream| {
        drip(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
        );
    });
    let head = serve(|stream| drip(stream, "HTTP/1.1 200 OK\r\nX: "));
    // Neither greets nor closes: a handshake that stalls.
    let silent = serve(|stream| {
        std::thread::sleep(Duration::from_mins(5));
        drop(stream);
    });
    let visitor = visitor(&format!("http://{body}/"), |settings| {
        settings.ignore_robots = true;
        settings.retries = 0;
        // Longer than a busy machine lets a byte wait: it is the whole that takes too long.
        settings.timeout = 30.0;
        settings.total_timeout = Some(1.0);
    });
    let start = Instant::now();
    for (uri, outcome, gap) in [
        (format!("http://{body}/"), "stored", Some("body_incomplete")),
        (format!("http://{head}/"), "failed timeout", None),
        (format!("https://{silent}/"), "failed timeout", None),
    ] {
        let result = visitor.visit(entry(&uri, 0)).await.unwrap();
        assert_eq!(ended(&result), outcome, "{uri} {:?}", result.outcome);
        let reasons: Vec<_> = gaps(&result).into_iter().map(|gap| gap.0).collect();
        assert_eq!(reasons, Vec::from_iter(gap), "{uri}");
        if let Some(gap) = result.gaps.first() {
            assert!(gap.detail.contains("no end within 1 s"), "{}", gap.detail);
        }
    }
    // Three seconds; without the limit each goes on for minutes.
    assert!(start.elapsed() < Duration::from_secs(25));
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_are_a_reason_of_their_own() {
    let server = TestServer::start(|path, _| match path {
        "/many" => {
            let headers: Vec<String> = (0..200).map(|number| format!("X-{number}: 1")).collect();
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            whole("200 OK", &headers, b"x")
        }
        "/long" => {
            let header = format!("X: {}", "x".repeat(1 << 20));
            raw("200 OK", &[HTML[0], &header], b"x")
        }
        _ => whole("404 Not Found", &[], b""),
    });
    let visitor = visitor(&server.base, |_| ());
    for path in ["/many", "/long"] {
        let uri = format!("{}{path}", server.base);
        let result = visitor.visit(entry(&uri, 0)).await.unwrap();
        assert_eq!(
            ended(&result),
            "failed headers_too_large",
            "{:?}",
            result.outcome
        );
        assert_eq!(result.facts.fetches, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_grows_a_thousandfold_is_cut() {
    const MIB: usize = 1 << 20;
    let server = TestServer::start(|path, _| {
        let text = &["Content-Type: text/plain"][..];
        let zeros = vec![b'0'; 8 * MIB];
        match path {
            "/zstd" => {
                let body = zstd::encode_all(zeros.as_slice(), 1).unwrap();
                whole(
                    "200 OK",
                    &[text, &["Content-Encoding: zstd"]].concat(),
                    &body,
                )
            }
            "/nested" => {
                let body = gzip(&gzip(&zeros));
                whole(
                    "200 OK",
                    &[text, &["Content-Encoding: gzip, gzip"]].concat(),
                    &body,
                )
            }
            "/honest" => {
                let rows = (0..200_000).map(|row| format!("<td>row {row}</td>"));
                let body = gzip(rows.collect::<String>().as_bytes());
                whole(
                    "200 OK",
                    &[text, &["Content-Encoding: gzip"]].concat(),
                    &body,
                )
            }
            _ => whole("404 Not Found", &[], b""),
        }
    });
    let visitor = visitor(&server.base, |_| ());
    for (path, cut) in [("/zstd", true), ("/nested", true), ("/honest", false)] {
        let uri = format!("{}{path}", server.base);
        let result = visitor.visit(entry(&uri, 0)).await.unwrap();
        assert_eq!(ended(&result), "stored", "{path}");
        let position = MIB.to_string();
        let expected = cut.then_some(("decompression_ratio", position.as_str()));
        assert_eq!(gaps(&result), Vec::from_iter(expected), "{path}");
    }
}
