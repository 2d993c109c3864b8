//! Random kills (SIGKILL) on a served site: after the last resume nothing is lost, nothing is there twice,
//! and no kill made the server work again for more than was under way.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use rstest::rstest;
use toolkit::crawl::CrawlSettings;
use toolkit::crawl::job::PAGES_PER_TRANSACTION;
use toolkit::model::Digest;

use crate::support::database::Engine;
use crate::support::generated::GeneratedSite;
use crate::support::random::{Random, seed_or};
use crate::support::series_length;
use crate::support::server::Server;
use crate::support::toolkit::Running;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const SITE: GeneratedSite = GeneratedSite { pages: 2_000 };
/// In the whole series, per engine.
const KILLS: usize = 200;
const KILLS_PER_CRAWL: usize = 5;
/// What may be under way when the process dies: the connections to one host, and one batch of pages that
/// are fetched and not yet written.
fn most_fetched_twice() -> usize {
    CrawlSettings::default().per_host + PAGES_PER_TRANSACTION
}

/// Any number does; this one is the same in every run, so that a failure can be met again.
const SEED: u64 = 20_261_122;
/// Longer than any crawl of the site takes.
const LIMIT: Duration = Duration::from_mins(2);

/// What a user sees of a database, without ids, times and the server's port.
fn story(place: &Workplace, server: &Server) -> String {
    let address = server.url("").replace("http://", "");
    [
        &["sources", "list"][..],
        &["report", "incomplete", "--all"],
        &["report", "balance"],
    ]
    .map(|command| {
        let output = place.succeed(&[command, &["--stable", "--format", "json"]].concat());
        output.stdout.replace(&address, "HOST")
    })
    .join("\n")
}

/// Returns the state of the one crawl; `None` where it never began.
fn state(place: &Workplace) -> Option<String> {
    let is_there = place.run(&["db", "status"]).code() == Some(0);
    (is_there && place.count("jobs") > 0).then(|| place.value("SELECT state FROM jobs"))
}

/// Resumes the crawl, or begins it where it never began.
fn crawl(place: &Workplace, server: &Server) -> Running {
    if state(place).is_some() {
        return place.command(&["crawl", "--resume", "last"]).start();
    }
    let seed = server.url(&GeneratedSite::path(0));
    let arguments = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.command(&arguments).start()
}

/// Waits until the server has seen `count` requests, or the program has ended; returns whether it has.
fn ends_before(running: &mut Running, server: &Server, count: usize) -> bool {
    let end = Instant::now() + LIMIT;
    while server.request_count() < count {
        assert!(Instant::now() < end, "{count} requests never came");
        if running.wait_for(Duration::from_millis(1)) {
            return true;
        }
    }
    false
}

/// A crawl with its kills; `sessions` are how many requests had come when each process was gone.
struct Killed {
    place: Workplace,
    server: Server,
    sessions: Vec<usize>,
    kills: usize,
}

impl Killed {
    /// Kills the crawl when the server has seen so many requests and `after` has passed, once for each
    /// moment, and lets the last resume end.
    fn at(engine: Engine, moments: &[(usize, Duration)]) -> Self {
        let (place, server) = (Workplace::new(engine), SITE.serve());
        let (mut sessions, mut kills) = (Vec::new(), 0);
        for (requests, after) in moments {
            let mut running = crawl(&place, &server);
            if !ends_before(&mut running, &server, *requests) {
                running.wait_for(*after);
            }
            running.kill();
            let output = running.finish();
            server.wait_until_left();
            kills += usize::from(output.code().is_none());
            sessions.push(server.request_count());
            if output.code().is_some() {
                assert_eq!(output.code(), Some(0), "{}", output.stderr);
                break;
            }
        }
        if state(&place).as_deref() != Some("completed") {
            let output = crawl(&place, &server).finish();
            assert_eq!(output.code(), Some(0), "{}", output.stderr);
            sessions.push(server.request_count());
        }
        Self {
            place,
            server,
            sessions,
            kills,
        }
    }

    /// Returns for each session how many of its URLs a later one asked for again.
    fn fetched_again(&self) -> Vec<usize> {
        let requests = self.server.requests();
        let begins = std::iter::once(&0).chain(&self.sessions);
        let sessions = begins.zip(&self.sessions).map(|(begin, end)| {
            let targets = requests[*begin..*end].iter();
            let targets = targets.filter(|target| !is_about_the_host(target));
            targets.map(String::as_str).collect::<Vec<_>>()
        });
        let sessions: Vec<Vec<&str>> = sessions.collect();
        let mut later: HashSet<&str> = HashSet::new();
        let mut again = Vec::new();
        for targets in sessions.iter().rev() {
            let distinct: HashSet<&str> = targets.iter().copied().collect();
            assert_eq!(distinct.len(), targets.len(), "one process asked twice");
            again.push(distinct.intersection(&later).count());
            later.extend(distinct);
        }
        again.reverse();
        again
    }

    /// Stops the test where a page is missing, differs from what the server has, or is there twice.
    fn is_whole(&self, expected: &str) {
        let rows = self
            .place
            .database
            .query_text("SELECT uri, body_digest FROM sources");
        let stored = rows.len();
        let found: BTreeMap<_, _> = rows
            .into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect();
        assert_eq!(stored, found.len());
        let manifest = (0..SITE.pages).map(|number| {
            let uri = self.server.url(&GeneratedSite::path(number));
            let digest = Digest::of(SITE.page(number)).to_string();
            (Some(uri), Some(digest))
        });
        assert_eq!(found, manifest.collect());
        let twice = "SELECT COUNT(*) FROM (SELECT source_uri FROM events \
                     WHERE kind LIKE 'source_%' OR kind LIKE 'url_%' \
                     GROUP BY source_uri HAVING COUNT(*) > 1) AS doubled";
        assert_eq!(self.place.value(twice), "0");
        self.place.check();
        self.place.succeed(&["db", "verify"]);
        let told = story(&self.place, &self.server);
        for (line, expected) in told.lines().zip(expected.lines()) {
            assert_eq!(line, expected);
        }
        assert_eq!(told.len(), expected.len());
    }
}

/// Each process may ask for these once more: they are known to a process and not to the database.
fn is_about_the_host(target: &str) -> bool {
    target == "/robots.txt"
}

#[rstest]
fn nothing_is_lost_or_doubled_on_a_served_site(#[values(Sqlite, Postgres)] engine: Engine) {
    let alone = Killed::at(engine, &[]);
    let expected = story(&alone.place, &alone.server);
    alone.is_whole(&expected);
    let whole = alone.server.request_count() as u64;
    assert!(expected.contains("http_not_found") && expected.contains("robots_disallowed"));

    let seed = seed_or(SEED);
    let mut random = Random::new(seed);
    let (mut kills, mut most, mut crawls) = (0, 0, 0);
    while kills < series_length(KILLS) {
        let mut moments: Vec<_> = (0..KILLS_PER_CRAWL)
            .map(|_| {
                let after = Duration::from_micros(random.below(30_000));
                (random.below(whole + 1) as usize, after)
            })
            .collect();
        moments.sort();
        println!("{engine:?}, seed {seed}, crawl {crawls}, killed at {moments:?}");
        let killed = Killed::at(engine, &moments);
        let again = killed.fetched_again();
        killed.is_whole(&expected);
        for count in &again {
            assert!(*count <= most_fetched_twice(), "{again:?}");
        }
        most = most.max(again.into_iter().max().unwrap_or(0));
        kills += killed.kills;
        crawls += 1;
    }
    println!(
        "{engine:?}: {kills} kills in {crawls} crawls, at most {most} fetched twice after one"
    );
}
