//! Limits that the user sets: never one page more, and what is left out stands in the report with the limit
//! that left it out.

use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::wait_until;
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

/// A site of `count` pages of a thousand bytes each that answer after `delay`, under an index of as many.
fn star(count: usize, delay: Duration) -> Server {
    let page = |links: &str| {
        let text = format!("<title>Page</title>{links}");
        Answer::page(format!("{text:x<1000}")).delay(delay)
    };
    let links: Vec<String> = (0..count)
        .map(|number| format!("<a href=/{number}>{number}</a> "))
        .collect();
    let builder = Server::builder().answer("/", page(&links.concat()));
    let builder = (0..count).fold(builder, |builder, number| {
        builder.answer(&format!("/{number}"), page(""))
    });
    builder.start()
}

fn crawl<'a>(seeds: &[&'a str], further: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["--allow-private", "--delay", "0"];
    [&["crawl"], seeds, &fixed, further].concat()
}

/// Says that exactly what has no source is left out, for this reason, as a limit.
fn assert_left_out(place: &Workplace, reason: &str, count: usize) {
    let report = place.json(&["report", "incomplete", "--all"]);
    let left = lines_where(&report, "rows", |line| line["reason"] == reason);
    assert_eq!(left.len(), count, "{report:#}");
    assert!(fields(&left, "class").iter().all(|class| class == "limit"));
    assert_eq!(
        place.count(&format!("frontier WHERE reason = '{reason}'")),
        count
    );
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    place.check();
}

#[rstest]
fn no_more_pages_of_a_host_than_asked(#[values(Sqlite, Postgres)] engine: Engine) {
    for concurrency in ["1", "16"] {
        let place = Workplace::new(engine);
        let servers = [
            star(12, Duration::ZERO),
            star(12, Duration::ZERO),
            star(2, Duration::ZERO),
        ];
        let seeds = servers.each_ref().map(|server| server.url("/"));
        let seeds = seeds.each_ref().map(String::as_str);
        let limits = ["--max-pages-per-host", "5", "--concurrency", concurrency];
        place.succeed(&crawl(&seeds, &limits));
        let asked = servers.each_ref().map(|server| server.requests().len());
        // Two more requests than pages: robots.txt and llms.txt.
        assert_eq!(asked, [7, 7, 5]);
        assert_left_out(&place, "max_pages_per_host", 16);
    }
}

#[rstest]
fn a_quota_of_the_day_outlives_a_job(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), star(9, Duration::ZERO));
    let seed = server.url("/");
    place.succeed(&crawl(&[&seed], &["--daily-quota", "4"]));
    // robots.txt does not count; of the four one goes to see whether there is an llms.txt.
    assert_eq!(server.requests().len(), 1 + 4);
    assert_left_out(&place, "daily_quota", 7);
    // What another job has fetched counts, and a larger quota has room for the difference.
    place.succeed(&crawl(&[&seed], &["--daily-quota", "7"]));
    assert_eq!(server.requests().len(), 1 + 4 + 1 + 3);
    assert_eq!(place.value("SELECT SUM(fetches) FROM host_days"), "7");
    let spent = place.run(&crawl(&[&seed], &["--daily-quota", "7"]));
    assert_eq!(spent.code(), Some(1), "{}", spent.snapshot());
    assert_eq!(server.requests().len(), 1 + 4 + 1 + 3);
    // A new day.
    place
        .database
        .execute("UPDATE host_days SET day = '2026-01-02'");
    place.succeed(&crawl(&[&seed], &["--daily-quota", "7"]));
    assert_eq!(server.requests().len(), 1 + 4 + 1 + 3 + 1 + 7);
    assert_eq!(place.count("host_days"), 1, "days long past are dropped");
}

#[rstest]
fn bytes_are_counted_over_resumes(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), star(12, Duration::ZERO));
    let seed = server.url("/");
    let limits = [
        "--max-bytes",
        "6KB",
        "--concurrency",
        "1",
        "--delay",
        "150ms",
    ];
    let arguments = [&["crawl", &seed, "--allow-private"][..], &limits].concat();
    let running = place.command(&arguments).start();
    wait_until("it works", || server.requests().len() >= 4);
    running.signal("INT");
    assert_eq!(running.finish().code(), Some(1));
    let before = place.count("sources");
    assert!((1..6).contains(&before), "{before}");
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), 6);
    assert_left_out(&place, "max_bytes", 7);
}

#[rstest]
fn a_job_ends_when_its_time_is_over(#[values(Sqlite, Postgres)] engine: Engine) {
    const PAGES: usize = 400;
    const EACH: Duration = Duration::from_millis(400);
    let place = Workplace::new(engine);
    let server = star(PAGES, EACH);
    let seed = server.url("/");
    let begun = Instant::now();
    let limits = ["--max-duration", "2s", "--per-host", "2"];
    place.succeed(&crawl(&[&seed], &limits));
    // Half of what the pages take, two at a time, whatever the machine.
    let half = EACH * (PAGES as u32 / 2) / 2;
    assert!(begun.elapsed() < half, "{:?}", begun.elapsed());
    let stored = place.count("sources");
    assert!((1..PAGES / 2).contains(&stored), "{stored}");
    assert_left_out(&place, "max_duration", PAGES + 1 - stored);
}

/// What is tried again counts, and a quota that is spent ends the tries.
#[rstest]
fn a_quota_counts_what_is_tried_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/", Answer::status(503))
        .answer("/next", Answer::page("<title>Next</title>"))
        .start();
    let seeds = [server.url("/"), server.url("/next")];
    let seeds = seeds.each_ref().map(String::as_str);
    for (quota, tries) in [("2", 2), ("4", 2 + 2)] {
        let further = [
            "--daily-quota",
            quota,
            "--retries",
            "2",
            "--concurrency",
            "1",
        ];
        place.run(&crawl(&seeds, &further));
        assert_eq!(server.count("/"), tries, "a quota of {quota}");
        assert_eq!(server.count("/next"), 0);
        assert_eq!(
            place.count("frontier WHERE reason = 'daily_quota'"),
            tries / 2
        );
    }
    place.succeed(&crawl(&seeds, &["--daily-quota", "9", "--retries", "2"]));
    assert_eq!((server.count("/"), server.count("/next")), (4 + 3, 1));
}

/// Bytes of robots.txt, and of bodies that broke off, have come all the same.
#[rstest]
fn bytes_that_brought_no_page_are_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let text = "# free\n".repeat(1000);
    let with_robots = Server::builder()
        .answer("/robots.txt", Answer::status(200).body("text/plain", text))
        .answer("/", Answer::page("<a href=/next>next</a>"))
        .answer("/next", Answer::page("next"))
        .start();
    let broken = Answer::page("x".repeat(3000)).claims_length(9000);
    let with_tries = Server::builder()
        .answer("/", Answer::page("<a href=/next>next</a>"))
        .fail_first("/", 2, broken)
        .answer("/next", Answer::page("next"))
        .start();
    for server in [with_robots, with_tries] {
        let place = Workplace::new(engine);
        let seed = server.url("/");
        let limits = ["--max-bytes", "5000", "--concurrency", "1"];
        place.succeed(&crawl(&[&seed], &limits));
        assert_eq!((server.count("/next"), place.count("sources")), (0, 1));
        assert_left_out(&place, "max_bytes", 1);
        // A later run of the job finds them in the record.
        place.database.execute(
            "UPDATE frontier SET outcome = NULL, reason = NULL WHERE reason = 'max_bytes'; \
             UPDATE jobs SET state = 'cancelled'",
        );
        place.succeed(&["crawl", "--resume", "last"]);
        assert_eq!(server.count("/next"), 0);
        assert_left_out(&place, "max_bytes", 1);
    }
}
