//! A server on loopback that keeps to no protocol: for each path it sends bytes as told, fast, slowly or
//! without end, or falls silent. Whether what it sends is HTTP is the test's business.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::http::Request;

/// The path that stands for a TLS greeting, which has none.
pub const TLS: &str = "tls";

/// One thing that the server does with a connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one at a time, so far apart.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes over and over until the client has gone.
    Endless(Vec<u8>),
    /// Sends nothing more, and waits until the client has gone.
    Silence,
}

/// The head of an answer with these header lines; it says that the connection closes unless they speak of it.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status}")];
    lines.extend(headers.iter().map(|&line| line.to_owned()));
    // The server closes after each answer: a client that is not told would ask again on the same connection.
    if !headers.iter().any(|line| line.starts_with("Connection:")) {
        lines.push("Connection: close".to_owned());
    }
    (lines.join("\r\n") + "\r\n\r\n").into_bytes()
}

type Script = HashMap<String, Vec<Act>>;

/// A running server; it stops when the value is dropped.
pub struct RawServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    script: Script,
    asked: Mutex<Vec<String>>,
    open: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
}

impl RawServer {
    /// Starts a server that does what is said for a path, then closes the connection. Other paths are not
    /// found; so is robots.txt unless something is said for it.
    pub fn start(script: impl IntoIterator<Item = (&'static str, Vec<Act>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("cannot listen on a loopback port");
        let address = listener.local_addr().expect("the port is bound");
        let script = script.into_iter();
        let shared = Arc::new(Shared {
            script: script.map(|(path, acts)| (path.to_owned(), acts)).collect(),
            asked: Mutex::default(),
            open: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    /// Returns the URL of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns how often `target` was asked for.
    pub fn count(&self, target: &str) -> usize {
        let asked = self.shared.asked.lock();
        let asked = asked.unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|one| *one == target).count()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // One more connection wakes the accepting thread, so that it sees that it is to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        let open = self.shared.open.lock();
        for stream in open.unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(copy) = stream.try_clone() {
            let open = shared.open.lock();
            open.unwrap_or_else(PoisonError::into_inner).push(copy);
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // An error is the client's going away, or the server's stopping.
            let _ = serve(&stream, &shared);
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}

fn serve(mut stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut first = [0];
    stream.peek(&mut first)?;
    let target = if first[0].is_ascii_uppercase() {
        Request::read(&mut BufReader::new(stream))?.map(|request| request.target)
    } else {
        Some(TLS.to_owned())
    };
    let Some(target) = target else { return Ok(()) };
    let asked = shared.asked.lock();
    let mut asked = asked.unwrap_or_else(PoisonError::into_inner);
    asked.push(target.clone());
    drop(asked);
    let not_found = [Act::Send(head("404 Not Found", &["Content-Length: 0"]))];
    let acts = shared.script.get(&target);
    for act in acts.map_or(&not_found[..], Vec::as_slice) {
        match act {
            Act::Send(bytes) => stream.write_all(bytes)?,
            Act::Drip(bytes, apart) => {
                for byte in bytes {
                    stream.write_all(&[*byte])?;
                    thread::sleep(*apart);
                }
            }
            Act::Endless(bytes) => loop {
                stream.write_all(bytes)?;
            },
            Act::Silence => {
                std::io::copy(&mut stream.take(u64::MAX), &mut std::io::sink())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn answer(server: &RawServer, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(request).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.take(1_000_000).read_to_end(&mut bytes);
        bytes
    }

    #[test]
    fn it_does_what_it_is_told() {
        let server = RawServer::start([
            ("/two", vec![Act::Send(b"a".into()), Act::Send(b"b".into())]),
            (
                "/slow",
                vec![Act::Drip(b"abc".into(), Duration::from_millis(20))],
            ),
            ("/endless", vec![Act::Endless(b"ab".into())]),
            (TLS, vec![Act::Send(b"no".into())]),
        ]);
        assert_eq!(answer(&server, b"GET /two HTTP/1.1\r\n\r\n"), b"ab");
        let begin = Instant::now();
        assert_eq!(answer(&server, b"GET /slow HTTP/1.1\r\n\r\n"), b"abc");
        assert!(begin.elapsed() >= Duration::from_millis(60));
        let endless = answer(&server, b"GET /endless HTTP/1.1\r\n\r\n");
        assert_eq!(endless.len(), 1_000_000);
        assert_eq!(answer(&server, b"\x16\x03\x01"), b"no");
        let missing = answer(&server, b"GET /else HTTP/1.1\r\n\r\n");
        assert!(missing.starts_with(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"));
        assert_eq!((server.count("/two"), server.count(TLS)), (1, 1));
        assert!(server.url("/two").starts_with("http://127.0.0.1:"));
    }
}
