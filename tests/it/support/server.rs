//! A web server on a loopback port: it serves a folder as a plain host would, and answers single paths
//! otherwise where a test says so. Every request is written down, so that a test can tell what was asked.

use std::collections::HashMap;
use std::io::BufReader;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use super::http::{Answer, Request};

/// A running server; it stops when the value is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// Answers a path, or says nothing of it.
type Generator = Box<dyn Fn(&str) -> Option<Answer> + Send + Sync>;

#[derive(Default)]
struct Shared {
    folder: Option<PathBuf>,
    generator: Option<Generator>,
    routes: Mutex<Routes>,
    requests: Mutex<Vec<Request>>,
    /// Open connections by their number, to end them when the server stops.
    connections: Mutex<HashMap<usize, TcpStream>>,
    opened: AtomicUsize,
    stopping: AtomicBool,
}

#[derive(Default)]
struct Routes {
    answers: HashMap<String, Answer>,
    failures: HashMap<String, (usize, Answer)>,
}

/// What a server is to answer, before it starts.
#[derive(Default)]
pub struct Builder {
    folder: Option<PathBuf>,
    generator: Option<Generator>,
    routes: Routes,
}

impl Builder {
    /// Serves the files of `folder`.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Answers a target (path and query) with what `generator` makes of it, where it makes anything.
    #[must_use]
    pub fn generated(
        mut self,
        generator: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        self.generator = Some(Box::new(generator));
        self
    }

    /// Answers `path` with `answer` instead. A path with a query matches that query alone, one without
    /// matches every query.
    #[must_use]
    pub fn answer(mut self, path: &str, answer: Answer) -> Self {
        self.routes.answers.insert(path.to_owned(), answer);
        self
    }

    /// Answers the first `times` requests for `path` with `answer`, and later ones as if this was not said.
    #[must_use]
    pub fn fail_first(mut self, path: &str, times: usize, answer: Answer) -> Self {
        let failure = (times, answer);
        self.routes.failures.insert(path.to_owned(), failure);
        self
    }

    /// Starts the server on a free port.
    pub fn start(self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("cannot listen on a loopback port");
        let address = listener.local_addr().expect("the port is bound");
        let shared = Arc::new(Shared {
            folder: self.folder,
            generator: self.generator,
            routes: Mutex::new(self.routes),
            ..Shared::default()
        });
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Server {
            address,
            shared,
            accepting: Some(accepting),
        }
    }
}

impl Server {
    /// Begins to describe a server.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a server of the files of `folder`.
    pub fn of(folder: impl AsRef<Path>) -> Self {
        Self::builder().folder(folder).start()
    }

    /// Returns the URL of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the target (path and query) of each request, in the order of arrival.
    pub fn requests(&self) -> Vec<String> {
        let requests = hold(&self.shared.requests);
        requests.iter().map(|one| one.target.clone()).collect()
    }

    /// Returns how many requests came.
    pub fn request_count(&self) -> usize {
        hold(&self.shared.requests).len()
    }

    /// Returns how often `target` was asked for.
    pub fn count(&self, target: &str) -> usize {
        let requests = hold(&self.shared.requests);
        requests.iter().filter(|one| one.target == target).count()
    }

    /// Returns the last request for `target`, with its headers.
    pub fn last_request(&self, target: &str) -> Option<Request> {
        let requests = hold(&self.shared.requests);
        requests.iter().rfind(|one| one.target == target).cloned()
    }

    /// Returns how many connections were opened.
    pub fn connection_count(&self) -> usize {
        self.shared.opened.load(Ordering::SeqCst)
    }

    /// Waits until every connection is closed. After a client that was killed, what it had sent is in the
    /// list of requests only then.
    pub fn wait_until_left(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        while !hold(&self.shared.connections).is_empty() {
            assert!(Instant::now() < end, "a connection stays open");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Changes the answer to `path` from now on.
    pub fn set(&self, path: &str, answer: Answer) {
        let mut routes = hold(&self.shared.routes);
        routes.answers.insert(path.to_owned(), answer);
    }

    /// Forgets what was said of `path`: the folder answers again.
    pub fn unset(&self, path: &str) {
        let mut routes = hold(&self.shared.routes);
        routes.answers.remove(path);
        routes.failures.remove(path);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // One more connection wakes the accepting thread, so that it sees that it is to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for connection in hold(&self.shared.connections).values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// Locks, also after a test thread panicked while it held the lock: the lists are whole at any time.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let number = shared.opened.fetch_add(1, Ordering::SeqCst);
        if let Ok(copy) = stream.try_clone() {
            hold(&shared.connections).insert(number, copy);
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // An error is the client's going away, or the server's stopping.
            let _ = converse(&stream, &shared);
            // The copy must go as well, or the connection stays open.
            hold(&shared.connections).remove(&number);
        });
    }
}

fn converse(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Request::read(&mut reader)? {
        let answer = shared.answer(&request);
        hold(&shared.requests).push(request.clone());
        shared.wait(answer.delay);
        if !answer.write(&mut writer, &request)? {
            break;
        }
    }
    Ok(())
}

impl Shared {
    /// Waits, but no longer than the server lives.
    fn wait(&self, delay: Duration) {
        let end = Instant::now() + delay;
        while Instant::now() < end && !self.stopping.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5).min(delay));
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Answer::status(405);
        }
        let said = hold(&self.routes).take(request);
        let generate = || self.generator.as_ref()?(&request.target);
        said.or_else(generate).unwrap_or_else(|| {
            self.folder.as_ref().map_or_else(
                || Answer::status(404),
                |folder| of_folder(folder, request.path()),
            )
        })
    }
}

impl Routes {
    /// Returns what was said of the request's target, or of its path; counts a failure down.
    fn take(&mut self, request: &Request) -> Option<Answer> {
        for key in [request.target.as_str(), request.path()] {
            if let Some((left, answer)) = self.failures.get_mut(key)
                && *left > 0
            {
                *left -= 1;
                return Some(answer.clone());
            }
        }
        let exact = self.answers.get(&request.target);
        exact.or_else(|| self.answers.get(request.path())).cloned()
    }
}

fn of_folder(folder: &Path, path: &str) -> Answer {
    if let Some((to, status)) = redirect_of(folder, path) {
        return Answer::redirect(status, &to);
    }
    let Some(decoded) = percent_decoded(path) else {
        return Answer::status(404);
    };
    let outside = decoded.split('/').any(|segment| segment == "..");
    if outside || decoded == "/_redirects" {
        return Answer::status(404);
    }
    let mut file = folder.join(decoded.trim_start_matches('/'));
    if file.is_dir() {
        if !path.ends_with('/') {
            return Answer::redirect(301, &format!("{path}/"));
        }
        file.push("index.html");
    }
    // Read again for each request: a test may change the folder while the server runs.
    std::fs::read(&file).map_or_else(
        |_| Answer::status(404),
        |bytes| Answer::status(200).body(content_type(&file), bytes),
    )
}

/// Looks `path` up in the folder's `_redirects`: lines of `/from /to status`.
fn redirect_of(folder: &Path, path: &str) -> Option<(String, u16)> {
    let lines = std::fs::read_to_string(folder.join("_redirects")).ok()?;
    lines.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (from, to, status) = (words.next()?, words.next()?, words.next()?);
        (from == path).then_some((to.to_owned(), status.parse().ok()?))
    })
}

fn percent_decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
}

/// The type by extension, without a charset: what a page declares about itself must count.
fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => "text/html",
        Some("txt") => "text/plain",
        Some("md") => "text/markdown",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::support::{site, temporary_folder};

    /// Sends requests for `targets` over one connection and reads until the server closes it.
    fn exchange(server: &Server, targets: &[&str]) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        for (number, target) in targets.iter().enumerate() {
            let last = number + 1 == targets.len();
            let connection = if last { "close" } else { "keep-alive" };
            let request =
                format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
        }
        let mut bytes = Vec::new();
        // A connection that the server closes with a request unread ends in a reset.
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn status(server: &Server, target: &str) -> String {
        let answer = exchange(server, &[target]);
        answer.split(' ').nth(1).unwrap_or("none").to_owned()
    }

    #[test]
    fn a_folder_is_served_as_a_plain_host_would() {
        let server = Server::of(site("harbor"));
        for (target, expected) in [
            ("/", "200"),
            ("/index.html", "200"),
            ("/collection", "301"),
            ("/collection/", "200"),
            ("/collection/anchor%2ehtml?from=here", "200"),
            ("/boats.html", "301"),
            ("/_redirects", "404"),
            ("/missing.html", "404"),
            ("/../seeds/index.html", "404"),
            ("/%2e%2e/seeds/index.html", "404"),
            ("/%zz", "404"),
        ] {
            assert_eq!(status(&server, target), expected, "{target}");
        }
        assert_eq!(server.url("/a"), format!("http://{}/a", server.address));
        assert_eq!(server.count("/"), 1);
        assert_eq!(server.requests()[1..3], ["/index.html", "/collection"]);
        assert!(exchange(&server, &["/boats.html"]).contains("Location: /collection/"));
        assert!(exchange(&server, &["/notes.txt"]).contains("Content-Type: text/plain\r\n"));
    }

    #[test]
    fn one_connection_carries_many_requests() {
        let server = Server::of(site("seeds"));
        let answers = exchange(&server, &["/", "/missing", "/index.html"]);
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2);
        assert_eq!(answers.matches("HTTP/1.1 404 ").count(), 1);
        server.wait_until_left();
        assert_eq!(server.connection_count(), 1);
    }

    #[test]
    fn what_a_test_says_of_a_path_comes_first() {
        let server = Server::builder()
            .folder(site("seeds"))
            .answer("/index.html", Answer::page("every query"))
            .answer("/index.html?page=2", Answer::page("the second"))
            .start();
        assert!(exchange(&server, &["/index.html?page=1"]).ends_with("every query"));
        assert!(exchange(&server, &["/index.html?page=2"]).ends_with("the second"));
        server.set("/index.html", Answer::status(410));
        assert_eq!(status(&server, "/index.html"), "410");
        server.unset("/index.html");
        assert_eq!(status(&server, "/index.html"), "200");
        assert!(server.last_request("/index.html").unwrap().wants_close());
    }

    #[test]
    fn answers_can_be_made_up_on_request() {
        let server = Server::builder()
            .generated(|target| Some(Answer::page(target.strip_prefix("/made/")?)))
            .answer("/made/known", Answer::status(410))
            .start();
        assert!(exchange(&server, &["/made/a?b"]).ends_with("\r\n\r\na?b"));
        assert_eq!(status(&server, "/made/known"), "410");
        assert_eq!(status(&server, "/else"), "404");
        assert_eq!(server.request_count(), 3);
    }

    #[test]
    fn a_path_fails_as_often_as_told() {
        let server = Server::builder()
            .folder(site("seeds"))
            .fail_first("/index.html", 2, Answer::status(503))
            .start();
        let statuses = [(); 3].map(|()| status(&server, "/index.html"));
        assert_eq!(statuses, ["503", "503", "200"]);
    }

    #[test]
    fn a_connection_ends_early_or_late() {
        let server = Server::builder()
            .answer("/short", Answer::page("whole page").closes_after(5))
            .answer("/gone", Answer::hang_up())
            .answer(
                "/slow",
                Answer::page("at last").delay(Duration::from_millis(80)),
            )
            .start();
        assert!(exchange(&server, &["/short"]).ends_with("\r\n\r\nwhole"));
        assert_eq!(exchange(&server, &["/gone"]), "");
        let start = Instant::now();
        assert!(exchange(&server, &["/slow"]).ends_with("at last"));
        assert!(start.elapsed() >= Duration::from_millis(80));
    }

    #[test]
    fn stopping_frees_the_port_and_waits_for_nobody() {
        let folder = temporary_folder();
        let answer = Answer::page("never").delay(Duration::from_mins(1));
        let server = Server::builder()
            .folder(folder.path())
            .answer("/slow", answer)
            .start();
        let address = server.address;
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\n\r\n").unwrap();
        let start = Instant::now();
        drop(server);
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(TcpStream::connect(address).is_err());
    }
}
