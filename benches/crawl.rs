//! Crawls a generated site from loopback into each engine, beside a plain download of the same pages.
//!
//! `TOOLKIT_BENCH_LARGE=1` adds a site ten times as large and says how the cost of a page grows. The CPU
//! time is the crawler's alone: neither the web server's, which is this process, nor the database server's.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and ends where it cannot go on"
)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use support::place::{Engine, Place, engines};
use support::rounds::{Taken, Variant, run, show};
use support::site::Site;

/// As many as the crawler opens to one host.
const CONNECTIONS: usize = 4;
/// Clock ticks in a second, as `/proc` counts them on every Linux there is.
const TICKS: f64 = 100.0;

fn main() {
    let engines = engines();
    let small = crawl(&engines, 1_000);
    if std::env::var_os("TOOLKIT_BENCH_LARGE").is_none() {
        println!("\nTOOLKIT_BENCH_LARGE=1 measures 10,000 pages as well.");
        return;
    }
    let large = crawl(&engines, 10_000);
    println!("\nGrowth from 1,000 to 10,000 pages, of one page's cost");
    for ((engine, before), (_, after)) in small.iter().zip(&large) {
        println!(
            "{engine:?}: time {:.2}x, CPU time {:.2}x",
            after.seconds / before.seconds / 10.0,
            after.cpu_seconds.unwrap_or(f64::NAN) / before.cpu_seconds.unwrap_or(f64::NAN) / 10.0
        );
    }
}

/// Crawls a site of so many pages into each engine; returns the medians.
fn crawl(engines: &[Engine], pages: usize) -> Vec<(Engine, Taken)> {
    let site = Arc::new(Site::new(pages));
    let address = serve(Arc::clone(&site));
    let mut variants = vec![Variant::new("plain download, nothing stored", || {
        download(address, &site)
    })];
    for engine in engines {
        let name = format!("toolkit crawl into {engine:?}");
        variants.push(Variant::new(name, move || into(*engine, address, pages)));
    }
    run(&mut variants);
    let title = format!("Crawl of {pages} pages of 27 KB with 40 links");
    show(&title, pages, 1, &variants);
    let medians = variants[1..].iter().map(|variant| Taken {
        seconds: variant.seconds(),
        cpu_seconds: variant.cpu_seconds(),
    });
    engines.iter().copied().zip(medians).collect()
}

/// Runs the real program, and checks that nothing was left out.
fn into(engine: Engine, address: SocketAddr, pages: usize) -> Taken {
    let place = Place::new(engine);
    let cpu = children_cpu_seconds();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_toolkit"))
        .args(["crawl", "--allow-private", "--quiet", "--format", "json"])
        .args(["--database", &place.address()])
        .arg(format!("http://{address}{}", Site::path(0)))
        .stderr(Stdio::inherit())
        .output()
        .expect("cannot start the program");
    let seconds = begun.elapsed().as_secs_f64();
    let summary: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("the program's summary");
    assert_eq!(summary["crawl"]["new"], pages, "{summary}");
    Taken {
        seconds,
        cpu_seconds: children_cpu_seconds()
            .zip(cpu)
            .map(|(end, begin)| end - begin),
    }
}

/// Returns the CPU time of the children that have ended: fields 16 and 17 of proc_pid_stat(5).
fn children_cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in brackets, which may hold spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at - 3)?.parse::<f64>().ok();
    Some((ticks(16)? + ticks(17)?) / TICKS)
}

/// Downloads every page over a few connections: what the server and the loopback allow.
fn download(address: SocketAddr, site: &Site) -> Taken {
    let begun = Instant::now();
    thread::scope(|scope| {
        for first in 0..CONNECTIONS {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).expect("cannot connect");
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                let mut body = Vec::new();
                for number in (first..site.len()).step_by(CONNECTIONS) {
                    let path = Site::path(number);
                    // In one piece: a second one waits for the acknowledgement of the first.
                    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
                    stream.write_all(request.as_bytes()).expect("cannot ask");
                    read_body(&mut reader, &mut body);
                }
            });
        }
    });
    Taken {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: None,
    }
}

fn read_body(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) {
    let mut length = 0;
    for line in head(reader) {
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().expect("a length");
        }
    }
    body.resize(length, 0);
    reader.read_exact(body).expect("a whole body");
}

/// Reads the lines before an empty one.
fn head(reader: &mut BufReader<TcpStream>) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).unwrap_or(0);
        if read == 0 || line.trim_end().is_empty() {
            return lines;
        }
        lines.push(line.trim_end().to_owned());
    }
}

/// Serves the site on a port of its own until the process ends, with a thread for each connection.
fn serve(site: Arc<Site>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("cannot listen");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = Arc::clone(&site);
            thread::spawn(move || answer(&stream, &site));
        }
    });
    address
}

fn answer(stream: &TcpStream, site: &Site) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    // A reader that sends nothing more has gone away.
    while let Some(request) = head(&mut reader).first() {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let number = path
            .strip_prefix("/page-")
            .and_then(|rest| rest.strip_suffix(".html")?.parse().ok())
            .filter(|number| *number < site.len());
        let (status, body) = match number {
            Some(number) => ("200 OK", site.page(number)),
            None => ("404 Not Found", Vec::new()),
        };
        let mut answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend(body);
        if writer.write_all(&answer).is_err() {
            return;
        }
    }
}
