//! What servers ask for: to be left alone for a time, and to be asked again about what they allow.

use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::Workplace;
use crate::support::{site, wait_until};

use Engine::{Postgres, Sqlite};

#[rstest]
fn a_host_that_asks_for_an_hour_holds_up_no_other(#[values(Sqlite, Postgres)] engine: Engine) {
    // With a depth limit URLs are taken level by level, and the next level waits for no host that is paused.
    let deep = "--max-depth=20";
    for (status, options) in [
        (503, ["--retries=2", "--quiet"]),
        (429, ["--retries=0", "--quiet"]),
        (429, ["--retries=0", deep]),
    ] {
        let place = Workplace::new(engine);
        let busy = Server::builder()
            .folder(site("club"))
            .answer(
                "/stage-1.html",
                Answer::status(status).header("Retry-After", "3600"),
            )
            .start();
        let other = Server::of(site("harbor"));
        let seeds = [busy.url("/index.html"), other.url("/index.html")];
        let crawl = [
            "crawl",
            &seeds[0],
            &seeds[1],
            "--allow-private",
            "--delay",
            "0",
        ];
        let begun = Instant::now();
        place.succeed(&[&crawl[..], &options].concat());
        // Not the hour that was asked for.
        assert!(begun.elapsed() < Duration::from_mins(1));
        assert_eq!(busy.count("/stage-1.html"), 1, "not asked before its time");
        let of = |server: &Server| format!("uri LIKE '{}'", server.url("/%"));
        assert_eq!(place.count(&format!("sources WHERE {}", of(&other))), 17);
        let limited = "outcome = 'failed' AND reason = 'rate_limited'";
        assert_eq!(
            place.count(&format!(
                "frontier WHERE uri LIKE '%/stage-1.html' AND {limited}"
            )),
            1
        );
        assert_eq!(
            place.count(&format!("frontier WHERE {} AND {limited}", of(&other))),
            0
        );
        assert_eq!(place.value("SELECT state FROM jobs"), "completed");
        let told = place.succeed(&["report", "incomplete"]).stdout;
        assert!(told.contains("rate_limited"), "{told}");
        place.check();
    }
}

/// A process that takes a job on knows what the one before was told.
#[rstest]
fn a_resume_leaves_alone_what_asked_for_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let url = server.url("/index.html");
    let crawl = ["crawl", &url, "--allow-private", "--delay", "200ms"];
    let running = place.command(&crawl).start();
    wait_until("it works", || server.requests().len() >= 5);
    running.signal("INT");
    running.finish();
    let asked = server.requests().len();
    place.database.execute(
        "UPDATE frontier SET not_before = '2999-01-02T03:04:05.000000Z' WHERE outcome IS NULL \
         AND uri_key = (SELECT MIN(uri_key) FROM frontier WHERE outcome IS NULL)",
    );
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(server.requests().len(), asked);
    assert!(place.count("frontier WHERE reason = 'rate_limited'") > 0);
    assert_eq!(place.count("frontier WHERE outcome IS NULL"), 0);
    place.check();
}

/// What came of a body before its host asked for patience is stored, also when nothing waits for the rest.
#[rstest]
fn what_came_before_a_long_pause_is_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let busy = |seconds: &str| Answer::status(503).header("Retry-After", seconds);
    let server = Server::builder()
        .answer("/part", busy("40"))
        .fail_first(
            "/part",
            1,
            Answer::page("<title>Part</title>").claims_length(9_000),
        )
        .answer("/busy", busy("99999").delay(Duration::from_secs(4)))
        .start();
    let place = Workplace::new(engine);
    let seeds = [server.url("/part"), server.url("/busy")];
    let crawl = ["crawl", &seeds[0], &seeds[1], "--allow-private"];
    place.succeed(&[&crawl[..], &["--delay", "0", "--max-wait", "60"]].concat());
    assert_eq!(place.value("SELECT title FROM sources"), "Part");
    assert_eq!(place.count("gaps WHERE reason = 'body_incomplete'"), 1);
    assert_eq!(place.count("frontier WHERE reason = 'rate_limited'"), 1);
    place.check();
}

#[rstest]
fn robots_that_cannot_be_had_are_asked_for_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .folder(site("club"))
        .fail_first("/robots.txt", 1, Answer::status(500))
        .start();
    let place = Workplace::new(engine);
    let seed = server.url("/index.html");
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.succeed(&crawl);
    assert_eq!(server.count("/robots.txt"), 2);
    assert_eq!(place.count("sources"), 12);
    assert_eq!(place.value("SELECT MAX(attempt) FROM frontier"), "2");
    place.check();

    let place = Workplace::new(engine);
    server.set("/robots.txt", Answer::status(500));
    let refused = place.run(&[&crawl[..], &["--retries", "0"]].concat());
    assert_eq!(refused.code(), Some(1), "{}", refused.snapshot());
    assert_eq!(
        place.value("SELECT reason FROM frontier"),
        "robots_unreachable"
    );
    assert_eq!(server.count("/robots.txt"), 3);
    place.check();
}

/// A URL that was claimed by workers that are no more was not put off by them.
#[rstest]
fn patience_is_not_used_up_by_claims(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .folder(site("club"))
        .fail_first("/robots.txt", 2, Answer::status(500))
        .start();
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let mut running = place.start_crawl(
        &server.url("/index.html"),
        &["--delay", "0", "--retries", "1"],
    );
    wait_until("its page waits", || {
        place.count("frontier WHERE not_before IS NOT NULL") == 1
    });
    running.kill();
    running.finish();
    assert_eq!(server.count("/robots.txt"), 1);
    place
        .database
        .execute("UPDATE frontier SET attempt = attempt + 9");
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(server.count("/robots.txt"), 3);
    assert_eq!(place.count("sources"), 12);
    place.check();
}

/// Also where it was another process that waited.
#[rstest]
fn a_resume_knows_what_is_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .folder(site("club"))
        .answer("/robots.txt", Answer::status(500))
        .start();
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let mut running = place.start_crawl(&server.url("/index.html"), &[]);
    wait_until("its page waits", || {
        place.count("frontier WHERE not_before IS NOT NULL") == 1
    });
    running.kill();
    running.finish();
    let later = "UPDATE frontier SET not_before = '2999-01-02T03:04:05.000000Z'";
    place.database.execute(later);
    place.run(&["crawl", "--resume", "last"]);
    let told = place.value("SELECT reason || ', ' || detail FROM frontier");
    assert!(
        told.starts_with("robots_unreachable, http_server_error"),
        "{told}"
    );
}

/// What is not waited for any longer ends for what it was waited for.
#[rstest]
fn robots_that_are_not_waited_for_are_unreachable(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder()
        .folder(site("club"))
        .answer("/robots.txt", Answer::status(500))
        .start();
    let place = Workplace::new(engine);
    let seed = server.url("/index.html");
    let refused = place.run(&["crawl", &seed, "--allow-private", "--max-wait", "0"]);
    assert_eq!(refused.code(), Some(1), "{}", refused.snapshot());
    assert_eq!(server.count("/robots.txt"), 1);
    let ended = "SELECT reason || ', ' || detail FROM frontier";
    let told = place.value(ended);
    assert!(
        told.starts_with("robots_unreachable, http_server_error"),
        "{told}"
    );
    place.check();
}
