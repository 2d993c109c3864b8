//! Stopping soon, whoever asks and whatever the server does: a signal, `jobs cancel` from another process, a
//! server that never answers and one that drips.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::workplace::Workplace;
use crate::support::{SOON, site, wait_until};

use Engine::{Postgres, Sqlite};

#[rstest]
fn a_job_is_cancelled_from_elsewhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let mut running = place.start_crawl(&server.url("/index.html"), &["--delay", "300ms"]);
    wait_until("it works", || server.requests().len() >= 3);
    let told = place.succeed(&["jobs", "cancel", "last"]);
    assert!(told.stderr.contains("asked to stop"), "{}", told.stderr);
    assert!(running.wait_for(SOON));
    let ended = running.finish();
    assert_eq!(ended.code(), Some(1), "{}", ended.snapshot());
    assert!(ended.stderr.contains("toolkit crawl --resume "));
    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    assert!(place.count("frontier WHERE outcome IS NULL") > 0);
    assert_eq!(place.count("frontier WHERE worker_id IS NOT NULL"), 0);
    place.check();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), 12);
    place.check();

    let refused = place.run(&["jobs", "cancel", "last"]);
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused.stderr.contains("is completed"),
        "{}",
        refused.stderr
    );
}

#[rstest]
fn a_job_that_nobody_is_on_is_cancelled_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let mut running = place.start_crawl(&server.url("/index.html"), &["--delay", "300ms"]);
    wait_until("it works", || server.requests().len() >= 3);
    running.kill();
    running.finish();
    assert_eq!(place.value("SELECT state FROM jobs"), "running");
    let told = place.succeed(&["jobs", "cancel", "last"]);
    assert!(told.stderr.contains("is cancelled"), "{}", told.stderr);
    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    place.check();
    place.succeed(&["db", "verify"]);
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), 12);
    place.check();
}

/// A server that answers robots.txt, and sends the head of every other answer and then a byte now and then,
/// or nothing at all; beside its address how often it was asked for one.
fn stubborn(drips: bool) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                if request[..read].starts_with(b"GET /robots.txt") {
                    let _ = stream.write_all(
                        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    );
                    return;
                }
                count.fetch_add(1, Ordering::SeqCst);
                if drips {
                    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n";
                    let _ = stream.write_all(head);
                }
                // Until the client is gone.
                while !drips || stream.write_all(b"x").is_ok() {
                    std::thread::sleep(Duration::from_millis(100));
                    if !drips && stream.read(&mut request).unwrap_or(0) == 0 {
                        return;
                    }
                }
            });
        }
    });
    (format!("http://{address}/"), asked)
}

#[rstest]
fn a_server_that_does_not_let_go_is_left(#[values(Sqlite, Postgres)] engine: Engine) {
    for (drips, signal) in [(true, "INT"), (false, "TERM")] {
        let place = Workplace::new(engine);
        let (url, asked) = stubborn(drips);
        place.succeed(&["db", "migrate"]);
        let asked = || asked.load(Ordering::SeqCst);
        // The whole answer, and all tries together, take much longer than a test waits.
        let patience = ["--timeout", "2s", "--total-timeout", "10m"];
        let retries = ["--retries", "20", "--no-llms-txt"];
        let mut running = place.start_crawl(&url, &[&patience[..], &retries].concat());
        wait_until("the page is asked for", || asked() > 0);
        let before = asked();
        running.signal(signal);
        assert!(running.wait_for(SOON), "one timeout is enough");
        // One may be under way when the signal comes.
        assert!(asked() <= before + 1, "{before}, then {}", asked());
        let ended = running.finish();
        assert_eq!(ended.code(), Some(1), "{}", ended.snapshot());
        assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
        assert_eq!(
            place.count("frontier WHERE outcome IS NULL AND worker_id IS NULL"),
            1
        );
        place.check();
    }
}
