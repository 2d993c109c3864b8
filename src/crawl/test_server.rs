//! A tiny HTTP server on loopback for tests: each request line is answered with prepared bytes.
//!
//! Owns nothing that ships. It answers one request a connection and counts what was asked for.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An answer's raw bytes, and how long the connection then stays open.
pub(super) struct Prepared {
    pub(super) bytes: Vec<u8>,
    pub(super) hold: Duration,
}

pub(super) struct TestServer {
    pub(super) base: String,
    asked: Arc<Mutex<HashMap<String, u32>>>,
}

impl TestServer {
    /// Starts a server that answers with what `respond` makes of a path and how often it was asked for.
    pub(super) fn start(respond: impl Fn(&str, u32) -> Prepared + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(HashMap::new()));
        let seen = Arc::clone(&asked);
        let respond = Arc::new(respond);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, respond) = (Arc::clone(&seen), Arc::clone(&respond));
                std::thread::spawn(move || answer(stream, &seen, respond.as_ref()));
            }
        });
        Self { base, asked }
    }

    /// Starts a server whose answers to `path`, with any query, wait until the gate beside it is dropped.
    pub(super) fn gated(
        path: &'static str,
        respond: impl Fn(&str, u32) -> Prepared + Send + Sync + 'static,
    ) -> (Self, Sender<()>) {
        let (gate, opened) = channel();
        let opened = Mutex::new(opened);
        let server = Self::start(move |target, count| {
            if target.split('?').next() == Some(path) {
                let _ = opened.lock().unwrap().recv();
            }
            respond(target, count)
        });
        (server, gate)
    }

    /// Returns how often `path` was asked for.
    pub(super) fn asked(&self, path: &str) -> u32 {
        self.asked.lock().unwrap().get(path).copied().unwrap_or(0)
    }
}

/// Makes a whole answer of a status line, headers and a body, with the body's length announced.
pub(super) fn whole(status: &str, headers: &[&str], body: &[u8]) -> Prepared {
    let length = format!("Content-Length: {}", body.len());
    raw(status, &[headers, &[length.as_str()]].concat(), body)
}

/// Makes an answer as given, without an announced length.
pub(super) fn raw(status: &str, headers: &[&str], body: &[u8]) -> Prepared {
    let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(format!("{header}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Prepared {
        bytes,
        hold: Duration::ZERO,
    }
}

fn answer(
    mut stream: TcpStream,
    asked: &Mutex<HashMap<String, u32>>,
    respond: &dyn Fn(&str, u32) -> Prepared,
) {
    // A TLS greeting has no lines to wait for; it is answered like an empty request.
    let mut first = [0];
    let is_text = stream.peek(&mut first).is_ok() && first[0].is_ascii_uppercase();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = if is_text { lines.next() } else { None };
    let request = request.and_then(Result::ok).unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let count = {
        let mut asked = asked.lock().unwrap();
        let count = asked.entry(path.clone()).or_insert(0);
        *count += 1;
        *count
    };
    let prepared = respond(&path, count);
    let _ = stream.write_all(&prepared.bytes);
    std::thread::sleep(prepared.hold);
}
